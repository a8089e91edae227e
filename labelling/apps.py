"""The application, as Django registers it."""

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_migrate


class LabellingConfig(AppConfig):
    name = "labelling"
    verbose_name = "Réseau PIMMS"

    def ready(self) -> None:
        from labelling import roles
        from labelling.access import noting, sessions

        post_migrate.connect(roles.create_roles, sender=self)
        user_logged_in.connect(sessions.open_session)
        noting.listen()

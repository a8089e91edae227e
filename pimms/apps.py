"""The admin application, with our own site in place of Django's, and what every process does."""

from django.conf import settings
from django.contrib.admin.apps import AdminConfig
from django.core.signals import request_finished, request_started
from django.db.backends.signals import connection_created

from pimms import logs, private_files


class BackOfficeConfig(AdminConfig):
    default_site = "pimms.admin.BackOfficeSite"

    def ready(self) -> None:
        super().ready()
        request_started.connect(logs.begin_request)
        request_finished.connect(logs.end_request)
        connection_created.connect(private_files.tighten_database)
        for path in (settings.LOCAL_DIR, settings.LOCAL_DIR / "secret"):
            private_files.tighten(path)

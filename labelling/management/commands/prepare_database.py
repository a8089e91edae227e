"""Bring the database to where people can work: tables, first records, an administrator."""

from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from labelling import upgrading
from labelling.management.commands.renew_password import ADMINISTRATOR, draw_password

FIXTURES = ("geography", "release_2020_10_14")


def holds_no_record() -> bool:
    """Tell whether no table of ours has a row, the histories included.

    A base that somebody emptied keeps its histories, and is left empty.
    """
    models = apps.get_app_config("labelling").get_models()
    return not any(model._base_manager.exists() for model in models)


class Command(BaseCommand):
    help = "Prépare la base : tables, premières fiches, administrateur. Relancée, garde tout."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--address",
            default="http://127.0.0.1:8000/",
            metavar="ADRESSE",
            help="l’adresse à ouvrir dans le navigateur (affichée à la fin)",
        )

    def handle(self, *args: Any, address: str, **options: Any) -> None:
        if refusal := upgrading.find_obstacle(connection):
            raise CommandError(refusal)
        call_command("migrate", interactive=False, verbosity=0)
        if holds_no_record():
            call_command("loaddata", *FIXTURES, verbosity=0)

        self.stdout.write(f"\nRéseau PIMMS\n\n  Ouvrez {address}\n")
        for line in self.prepare_sign_in():
            self.stdout.write(f"  {line}\n")
        self.stdout.write("\nPour arrêter : Ctrl+C.\n\n")

    def prepare_sign_in(self) -> list[str]:
        """Return what to tell, having created the administrator if there was no account."""
        users = get_user_model().objects
        if not users.exists():
            password = draw_password()
            users.create_superuser(ADMINISTRATOR, ADMINISTRATOR, password)
            return [
                f"Adresse électronique : {ADMINISTRATOR}",
                f"Mot de passe : {password}",
                "Notez ce mot de passe : il ne sera plus affiché.",
            ]
        if users.filter(username=ADMINISTRATOR, is_active=True).exists():
            return [
                f"Adresse électronique : {ADMINISTRATOR}",
                "Mot de passe : celui que le premier lancement a affiché.",
                "Il est perdu ? « make password » en crée un autre.",
            ]
        return ["Connectez-vous avec votre compte."]

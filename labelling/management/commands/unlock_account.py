"""Let somebody who typed too many wrong passwords try again at once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from labelling.access.tries import unlock
from labelling.models.account import find_account


class Command(BaseCommand):
    help = "Débloque un accès après trop d’essais, sans attendre un quart d’heure."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "address", metavar="ADRESSE", help="l’adresse électronique avec laquelle on se connecte"
        )

    def handle(self, *args: Any, address: str, **options: Any) -> None:
        person = find_account(address)
        if person is None:
            raise CommandError(f"Aucun compte « {address} ». Vérifiez l’adresse.")
        if unlock(person, author=None):
            self.stdout.write(f"{person.get_username()} : accès débloqué.\n")
        else:
            self.stdout.write(f"{person.get_username()} : cet accès n’était pas bloqué.\n")

"""Take away the second factor of somebody who has lost it, where nobody else can."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from labelling.access.second_factor import reset_second_factor
from labelling.models.account import find_account


class Command(BaseCommand):
    help = "Remet à zéro la seconde étape d’une personne : son mot de passe seul la connecte."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "address", metavar="ADRESSE", help="l’adresse électronique avec laquelle on se connecte"
        )

    def handle(self, *args: Any, address: str, **options: Any) -> None:
        person = find_account(address)
        if person is None:
            raise CommandError(f"Aucun compte « {address} ». Vérifiez l’adresse.")
        if reset_second_factor(person, author=None):
            said = "seconde étape remise à zéro, sessions fermées."
        else:
            said = "pas de seconde étape, rien n’a changé."
        self.stdout.write(f"{person.get_username()} : {said}\n")

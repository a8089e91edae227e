"""Give an account a new password, made here and shown once."""

import secrets
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from labelling.access.new_password import write_password
from labelling.access.passwords import explain_refusal
from labelling.models.account import find_account

# The account that the first start creates. The screen says “Adresse électronique”.
ADMINISTRATOR = "admin@localhost"

# Without the characters that are mistaken for each other on paper: 0 o, 1 l i.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def draw_password() -> str:
    """Return a password nobody knows, easy to copy by hand: k7mw-3hdp-x9rt-v4qe (79 bits)."""
    # One in fifty thousand is almost all digits, and people could not choose it.
    return next(drawn for drawn in iter(_draw, None) if not explain_refusal(drawn))


def _draw() -> str:
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4))


class Command(BaseCommand):
    help = "Donne à un compte un nouveau mot de passe, et l’affiche une fois."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "username",
            nargs="?",
            default=ADMINISTRATOR,
            metavar="ADRESSE",
            help=f"l’adresse électronique du compte (sans elle : {ADMINISTRATOR})",
        )

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        user = find_account(username)
        if user is None:
            raise CommandError(
                f"Aucun compte « {username} ». Vérifiez l’adresse ; "
                "si rien n’a encore été lancé ici, commencez par « make start »."
            )
        password = draw_password()
        write_password(user, password, author=None, way="command")
        self.stdout.write(f"Adresse électronique : {user.get_username()}\n")
        self.stdout.write(f"Nouveau mot de passe : {password}\n")
        self.stdout.write("Notez-le : il ne sera plus affiché.\n")

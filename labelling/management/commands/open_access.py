"""Open an access where nobody can by the pages yet: the first one of a team's base."""

from typing import Any
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction

from labelling import roles, text
from labelling.access.backend import Backend
from labelling.access.links import is_invited, make_link
from labelling.models.account import LONGEST_ADDRESS, find_account
from labelling.upkeep.saving import can_note

# Whoever holds it has every right.
_ADMINISTRATOR = "administrateur"


class Command(BaseCommand):
    help = "Ouvre un accès, et affiche une fois le lien par lequel on choisit son mot de passe."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "person", metavar="ADRESSE", help="l’adresse électronique avec laquelle on se connecte"
        )
        parser.add_argument(
            "--role",
            choices=[*roles.ROLES, _ADMINISTRATOR],
            default=roles.MANAGER,
            help=f"ce que la personne peut faire (sans choix : {roles.MANAGER})",
        )
        parser.add_argument(
            "--address",
            metavar="SITE",
            help="par où le lien commence, comme https://pimms.example.org (sans elle : le premier "
            "nom d’ALLOWED_HOSTS)",
        )

    def handle(
        self, *args: Any, person: str, role: str, address: str | None, **options: Any
    ) -> None:
        start = _find_start(address)
        # To open a base that was lost would make an empty one.
        if not can_note():
            raise CommandError(
                text.typeset(
                    "La base ne répond pas, n’existe pas ou n’est pas à jour : vérifiez "
                    "DATABASE_URL, lancez « manage.py migrate », puis relancez."
                )
            )
        with transaction.atomic():
            invited = find_account(person)
            if invited:
                _refuse_known(invited)
                said = "le lien remplace le précédent, le rôle ne change pas"
            else:
                invited, said = _invite(person, role), role
            link = make_link(lambda path: urljoin(start, path), invited, author=None)
        self.say(f"Accès ouvert : {invited.get_username()} ({said}).")
        self.say(
            "Lien pour choisir un mot de passe. Il sert une fois, jusqu’au "
            f"{text.moment(link.until)}, et ne sera plus affiché : transmettez-le à cette personne "
            "seule."
        )
        self.stdout.write(link.address)

    def say(self, sentence: str) -> None:
        self.stdout.write(text.typeset(sentence))


def _find_start(address: str | None) -> str:
    """Where the link leads: what is given, else the first name that the server answers to."""
    host = settings.ALLOWED_HOSTS[0]
    if address is None and host not in {"*", *settings.LOOPBACK}:
        address = f"https://{host.lstrip('.')}"
    try:
        start = urlsplit(address or "")
        is_understood = start.scheme in {"http", "https"} and start.hostname and start.port != 0
    except ValueError:
        is_understood = False
    if not is_understood:
        raise CommandError(
            text.typeset(
                "Le lien doit dire où mène le site : ajoutez son adresse, comme --address "
                "https://pimms.example.org."
            )
        )
    return f"{start.scheme}://{start.netloc}/"


def _refuse_known(person: User) -> None:
    """Raise CommandError unless the person was invited, and has chosen no password yet."""
    name = person.get_username()
    if not Backend().user_can_authenticate(person):
        raise CommandError(
            text.typeset(
                f"L’accès de {name} est fermé : un responsable le rouvre dans « Personnes et "
                "accès ». Rien n’a changé."
            )
        )
    if not is_invited(person):
        raise CommandError(
            text.typeset(
                f"{name} a déjà un accès ouvert. Mot de passe perdu : « manage.py renew_password "
                f"{name} » ; téléphone perdu : « manage.py reset_second_factor {name} » ; trop "
                f"d’essais : « manage.py unlock_account {name} »."
            )
        )


def _invite(address: str, role: str) -> User:
    """Make the account of somebody who will choose a password by a link."""
    try:
        validate_email(address)
    except ValidationError:
        is_address = False
    else:
        is_address = len(address) <= LONGEST_ADDRESS
    if not is_address:
        raise CommandError(
            text.typeset(
                f"« {address} » n’est pas une adresse électronique : écrivez par exemple "
                "prenom.nom@example.org."
            )
        )
    username = address.lower()
    is_administrator = role == _ADMINISTRATOR
    person = User(username=username, email=username, is_staff=True, is_superuser=is_administrator)
    person.set_unusable_password()
    person.save()
    if not is_administrator:
        person.groups.set(Group.objects.filter(name=role))
    return person

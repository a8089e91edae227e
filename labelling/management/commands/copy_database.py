"""Copy the base into an empty one, of the same kind or of the other."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from labelling import text
from labelling.management.progress import show_progress
from labelling.upkeep.copying import copy_base
from labelling.upkeep.opening import read_address
from labelling.upkeep.workspace import Refusal

_LEFT_TO_DO = """\
Il reste à faire :
1. mettez l’adresse de la nouvelle base dans DATABASE_URL, puis lancez l’application ;
2. sur une autre machine, emportez aussi le secret (SECRET_KEY, ou son fichier) : sans lui, les \
secondes étapes sont à refaire (« manage.py reset_second_factor ADRESSE ») ;
3. gardez la base d’ici, sans plus y travailler, jusqu’à la première sauvegarde de la nouvelle."""


class Command(BaseCommand):
    help = "Copie la base dans une base vide, SQLite ou PostgreSQL, et vérifie qu’elle est égale."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "address",
            metavar="ADRESSE",
            help="celle de la base vide : postgres://personne@machine:5432/nom, ou "
            "sqlite:////dossier/nom.sqlite3 (sans mot de passe : PostgreSQL lit ~/.pgpass)",
        )
        parser.add_argument(
            "--with-faults",
            action="store_true",
            help="copie aussi ce qui a été altéré depuis sa validation ou son envoi, et le dit",
        )

    def handle(self, *args: Any, address: str, with_faults: bool, **options: Any) -> None:
        try:
            target = read_address(address)
            if target["PASSWORD"]:
                self.warn(
                    "L’adresse contient un mot de passe, que d’autres lisent dans la liste des "
                    "programmes et que l’historique du terminal garde : changez-le, et donnez-le "
                    "plutôt par ~/.pgpass, ou passez-vous-en (authentification « peer »)."
                )
            with show_progress(self.stdout) as report:
                copied = copy_base(target, report, with_faults=with_faults)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        rows, tables = text.counted(copied.rows, "ligne"), text.counted(copied.tables, "table")
        self.say(f"Base copiée, relue et égale : {rows} dans {tables}.")
        self.say("Les sessions ouvertes ne sont pas copiées : chaque personne se reconnecte.")
        for alteration in copied.alterations:
            self.warn(f"Copié avec un défaut : {alteration}")
        if copied.unknown:
            self.warn(
                "Ne sont pas copiées non plus, faute d’appartenir à cette version, les tables "
                f"{text.enumeration(copied.unknown)}."
            )
        if copied.is_outdated:
            self.warn(
                "Quelqu’un a travaillé dans la base d’ici pendant la copie, qui n’a pas ces "
                "changements : arrêtez l’application, videz la base d’arrivée, puis relancez."
            )
        self.say(_LEFT_TO_DO)

    def say(self, sentence: str) -> None:
        self.stdout.write(text.typeset(sentence))

    def warn(self, sentence: str) -> None:
        self.stderr.write(text.typeset(sentence))

"""Restore a backup into a base that is empty, checked whole before it says yes."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from labelling import text
from labelling.management.progress import show_progress
from labelling.upkeep.restoring import restore
from labelling.upkeep.workspace import Refusal


class Command(BaseCommand):
    help = "Restaure une sauvegarde dans une base vide, après l’avoir contrôlée."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, metavar="FICHIER", help="la sauvegarde à restaurer")
        parser.add_argument(
            "--with-faults",
            action="store_true",
            help="restaure aussi ce qui a été altéré depuis sa validation ou son envoi, et le dit",
        )

    def handle(self, *args: Any, path: Path, with_faults: bool, **options: Any) -> None:
        try:
            with show_progress(self.stdout) as report:
                restored = restore(path, report, with_faults=with_faults)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        manifest = restored.manifest
        self.say(
            f"Base restaurée et contrôlée, telle qu’elle était le {manifest.moment} : "
            f"{manifest.holds}."
        )
        for alteration in restored.alterations:
            self.stderr.write(text.typeset(f"Restauré avec un défaut : {alteration}"))
        if restored.is_upgraded:
            self.say("Elle venait d’une version antérieure : ses tables ont été mises à jour.")
        if restored.sessions:
            closed = text.counted(
                restored.sessions,
                "session qui y était ouverte est fermée",
                "sessions qui y étaient ouvertes sont fermées",
            )
            self.say(f"{closed} : chaque personne se reconnecte.")
        self.say(
            "Si le secret (SECRET_KEY, ou son fichier) n’est plus celui d’alors, les secondes "
            "étapes sont à refaire : « manage.py reset_second_factor ADRESSE »."
        )

    def say(self, sentence: str) -> None:
        self.stdout.write(text.typeset(sentence))

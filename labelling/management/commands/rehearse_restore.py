"""Restore the newest backup into a scratch base, to know that it can be. For a timer."""

from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from labelling import text
from labelling.choices import TimedTask
from labelling.management.progress import show_progress
from labelling.upkeep import archive, standing
from labelling.upkeep.rehearsing import rehearse
from labelling.upkeep.saving import can_note
from labelling.upkeep.workspace import Refusal, explain_base, explain_faults


class Command(BaseCommand):
    help = "Restaure la dernière sauvegarde dans une base d’essai, la contrôle, puis l’efface."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "path",
            nargs="?",
            metavar="CHEMIN",
            help="une sauvegarde, ou leur dossier ; sans lui, BACKUP_FOLDER",
        )

    def handle(self, *args: Any, path: str | None, **options: Any) -> None:
        is_timed = not path and can_note()
        with standing.watched(TimedTask.REHEARSE_RESTORE) if is_timed else nullcontext():
            try:
                self.rehearse(_find_backup(path or settings.BACKUP_FOLDER))
            except Refusal as refusal:
                raise CommandError(str(refusal)) from refusal

    def rehearse(self, backup: Path) -> None:
        with show_progress(self.stdout) as report:
            restored = rehearse(backup, report)
        manifest = restored.manifest
        if can_note():
            with explain_base():
                standing.note_rehearsal(backup, sum(manifest.counts.values()))
        self.stdout.write(
            text.typeset(
                f"La sauvegarde du {manifest.moment} se restaure : {manifest.holds}, contrôlés "
                "dans une base d’essai, qui est effacée."
            )
        )


def _find_backup(path: str) -> Path:
    if not path:
        raise Refusal(
            "Dites laquelle : « manage.py rehearse_restore CHEMIN », ou nommez leur dossier dans "
            "BACKUP_FOLDER."
        )
    named = Path(path)
    with explain_faults(named):
        is_file = named.exists() and not named.is_dir()
    if is_file:
        return named
    backups = archive.list_backups(named)
    if not backups:
        raise Refusal(
            f"Il n’y a aucune sauvegarde dans le dossier {named} : lancez « manage.py back_up »."
        )
    return backups[0]

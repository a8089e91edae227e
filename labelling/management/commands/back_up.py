"""Make a backup of the base, in a second place too; forget the old ones. For a timer, every night.

What a person names by hand is done as said, and nothing more: no copy, nothing forgotten.
"""

from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from labelling import text
from labelling.choices import TimedTask
from labelling.management.progress import show_progress
from labelling.upkeep import archive, saving, standing
from labelling.upkeep.workspace import Refusal, explain_base, explain_faults

_KEEP_ELSEWHERE = (
    "Gardez ailleurs aussi le secret (SECRET_KEY, ou son fichier) : sans lui, les secondes étapes "
    "sont à refaire (« manage.py reset_second_factor ADRESSE »)."
)


class Command(BaseCommand):
    help = "Sauvegarde la base dans un fichier, qui est relu ; en efface les anciens."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "path",
            nargs="?",
            metavar="CHEMIN",
            help="un dossier, ou un fichier à faire ; sans lui, ce que disent les réglages",
        )
        parser.add_argument(
            "--keep-days",
            type=int,
            metavar="JOURS",
            help="efface les sauvegardes plus anciennes, sauf la dernière",
        )
        parser.add_argument("--copy-to", metavar="DOSSIER", help="le second endroit où la copier")

    def handle(self, *args: Any, path: str | None, **options: Any) -> None:
        is_timed = not path and saving.can_note()
        with standing.watched(TimedTask.BACK_UP) if is_timed else nullcontext():
            try:
                self.back_up(path, options["keep_days"], options["copy_to"])
            except Refusal as refusal:
                raise CommandError(str(refusal)) from refusal

    def back_up(self, path: str | None, days: int | None, copy_to: str | None) -> None:
        if not path:
            days = settings.BACKUP_DAYS if days is None else days
            copy_to = settings.BACKUP_COPY_FOLDER if copy_to is None else copy_to
        if days is not None and days < 1:
            raise Refusal("Le nombre de jours à garder est 1 ou plus.")
        now = timezone.now()
        destination = _find_destination(path or settings.BACKUP_FOLDER, archive.make_name(now))
        with show_progress(self.stdout) as report:
            saved = saving.save(destination, now, report)
        size, holds = text.weight(saved.size), saved.manifest.holds
        self.say(f"Sauvegarde faite et relue : {saved.path} ({size}, {holds}).")
        faults = [f"La base est sauvegardée, mais elle a un défaut : {f}" for f in saved.faults]
        copied = self.copy(saved.path, copy_to, faults) if copy_to else None
        if days is not None and not saved.faults:
            for folder in [saved.path.parent, *([copied.parent] if copied else [])]:
                self.delete_old(folder, days, faults)
        self.say(_KEEP_ELSEWHERE)
        try:
            if saving.can_note():
                with explain_base():
                    standing.note_backup(saved.path, saved.size, is_copied=bool(copied))
        except Refusal as refusal:
            faults.append(f"La sauvegarde est faite, mais le journal ne le dit pas. {refusal}")
        if faults:
            raise CommandError("\n".join(map(text.typeset, faults)))

    def copy(self, saved: Path, folder: str, faults: list[str]) -> Path | None:
        """Copy into the second place; what it says against it joins the faults."""
        try:
            with show_progress(self.stdout) as report:
                copied = saving.copy(saved, Path(folder), report)
        except Refusal as refusal:
            faults.append(f"La sauvegarde est faite, mais pas copiée. {refusal}")
            return None
        self.say(f"Copiée et relue : {copied}.")
        return copied

    def delete_old(self, folder: Path, days: int, faults: list[str]) -> None:
        try:
            count = archive.delete_old(folder, timezone.now(), days)
        except Refusal as refusal:
            faults.append(f"La sauvegarde est faite, mais les anciennes restent. {refusal}")
            return
        if count:
            old = text.counted(count, "sauvegarde ancienne", "sauvegardes anciennes")
            self.say(f"{old} {text.plural(count, 'effacée')} du dossier {folder}.")

    def say(self, sentence: str) -> None:
        self.stdout.write(text.typeset(sentence))


def _find_destination(path: str, name: str) -> Path:
    """The file to make: the one that is named, or one of our names in the folder that is."""
    if not path:
        raise Refusal(
            "Dites où sauvegarder : « manage.py back_up DOSSIER », ou nommez le dossier dans "
            "BACKUP_FOLDER."
        )
    if not path.isprintable():
        raise Refusal("Ce nom contient un caractère qui ne se lit pas : donnez-en un autre.")
    named = Path(path)
    with explain_faults(named):
        is_folder = named.is_dir() or path.endswith("/") or path == settings.BACKUP_FOLDER
    return named / name if is_folder else named

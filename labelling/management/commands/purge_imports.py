"""Forget abandoned imports, and the bytes of files applied long ago. For cron, every night."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from labelling import text
from labelling.spreadsheets.runs.purge import purge


class Command(BaseCommand):
    help = "Efface les imports abandonnés et les fichiers des imports anciens."

    def handle(self, *args: Any, **options: Any) -> None:
        days = settings.IMPORT_FILE_DAYS
        deleted, forgotten = purge(timezone.now(), timedelta(days=days))
        self.stdout.write(
            f"{text.counted(deleted, 'import abandonné', 'imports abandonnés')} "
            f"{text.plural(deleted, 'effacé')}, {text.counted(forgotten, 'fichier')} "
            f"{text.plural(forgotten, 'oublié')}."
        )

"""Forget what is kept for a time: abandoned imports, bytes of old files, old lines of the journal.

For cron, every night.
"""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from labelling import text
from labelling.choices import TimedTask
from labelling.days import make_span
from labelling.models import JournalEntry
from labelling.spreadsheets.runs.purge import purge
from labelling.upkeep.standing import watched


class Command(BaseCommand):
    help = (
        "Efface les imports abandonnés, les fichiers des imports anciens "
        "et les lignes anciennes du journal."
    )

    @watched(TimedTask.PURGE_IMPORTS)
    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        deleted, forgotten = purge(now, make_span(settings.IMPORT_FILE_DAYS))
        old = JournalEntry.objects.forget_before(now - make_span(settings.JOURNAL_DAYS))
        self.stdout.write(
            f"{text.counted(deleted, 'import abandonné', 'imports abandonnés')} "
            f"{text.plural(deleted, 'effacé')}, {text.counted(forgotten, 'fichier')} "
            f"{text.plural(forgotten, 'oublié')}, "
            f"{text.counted(old, 'ligne du journal effacée', 'lignes du journal effacées')}."
        )

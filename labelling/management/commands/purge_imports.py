"""Forget what is kept for a time: abandoned imports, bytes of old files, old lines of the journal.

For cron, every night.
"""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from labelling import text
from labelling.choices import TimedTask
from labelling.models import JournalEntry
from labelling.spreadsheets.runs.purge import purge
from labelling.upkeep.standing import watched

# In days: a century ago is before everything, and calendars begin in the year 1.
_CENTURY = 36_500


class Command(BaseCommand):
    help = (
        "Efface les imports abandonnés, les fichiers des imports anciens "
        "et les lignes anciennes du journal."
    )

    @watched(TimedTask.PURGE_IMPORTS)
    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        bytes_kept, journal_kept = (
            timedelta(days=min(days, _CENTURY))
            for days in (settings.IMPORT_FILE_DAYS, settings.JOURNAL_DAYS)
        )
        deleted, forgotten = purge(now, bytes_kept)
        old = JournalEntry.objects.forget_before(now - journal_kept)
        self.stdout.write(
            f"{text.counted(deleted, 'import abandonné', 'imports abandonnés')} "
            f"{text.plural(deleted, 'effacé')}, {text.counted(forgotten, 'fichier')} "
            f"{text.plural(forgotten, 'oublié')}, "
            f"{text.counted(old, 'ligne du journal effacée', 'lignes du journal effacées')}."
        )

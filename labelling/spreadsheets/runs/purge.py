"""What is forgotten of imports, and when [S19]."""

from datetime import datetime, timedelta

from django.db.models import Q

from labelling.models import ImportRun

# How long a preparation waits for whoever began it: untouched, or repaired.
UNTOUCHED, REPAIRED = timedelta(days=1), timedelta(days=30)


def purge(now: datetime, keep_bytes: timedelta) -> tuple[int, int]:
    """Delete abandoned preparations, and forget the bytes of files applied long ago.

    Return how many preparations were deleted and how many files were forgotten.
    """
    abandoned = ImportRun.objects.in_preparation().filter(
        Q(is_repaired=False, touched_at__lt=now - UNTOUCHED)
        | Q(is_repaired=True, touched_at__lt=now - REPAIRED)
    )
    deleted = abandoned.delete()[1].get(ImportRun._meta.label, 0)
    old = ImportRun.objects.filter(applied_at__lt=now - keep_bytes, content__isnull=False)
    return deleted, old.update(content=None)

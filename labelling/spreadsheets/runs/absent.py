"""« Absents du fichier »: a line that is missing is no withdrawal, and nothing is done for it."""

from django.db.models import QuerySet

from labelling.models import ImportRun, MergedSite, Site
from labelling.spreadsheets.resources import RESOURCES


def find_absent(run: ImportRun) -> QuerySet:
    """Our records that no line of the import speaks of."""
    model = RESOURCES[run.model_key]._meta.model
    spoken_of = run.rows.filter(record_id__isnull=False).values("record_id")
    records = model._default_manager.exclude(pk__in=spoken_of)
    if model is not Site:
        return records
    merged = MergedSite.objects.filter(pk__in=spoken_of)
    return records.filter(withdrawn_on=None).exclude(pk__in=merged.values("into"))

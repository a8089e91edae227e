"""The files that were really sent: which may be kept, and the one way to remove one."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from labelling import text
from labelling.choices import Event, RemovalReason
from labelling.models import JournalEntry, LabellingWave, PressRelease, SentFile
from labelling.models.record_sets import unguarded
from labelling.press_release import publishing


def remove(file: SentFile, *, by: Any, reason: RemovalReason, details: str) -> None:
    """Remove a file that was attached; the journal keeps that it was there, and why it is not.

    Raise ValidationError if it is gone already.
    """
    with transaction.atomic():
        owner = publishing.lock(file.owner)
        rows = unguarded(SentFile).filter(pk=file.pk)
        if not rows.exists():
            raise ValidationError(text.typeset(f"« {file} » a déjà été retiré."))
        JournalEntry.objects.note(
            Event.FILE_REMOVED,
            author=by,
            model_key=owner._meta.model_name or "",
            record_id=owner.pk,
            name=file.name,
            size=file.size,
            digest=file.digest,
            release=text.wave_title(owner.name) if isinstance(owner, LabellingWave) else str(owner),
            reason=f"{reason.label} – {details}",
        )
        # The one row that goes: round the refusals of what is written once.
        rows._raw_delete(rows.db)


def list_removed(owner: PressRelease | LabellingWave) -> list[str]:
    """A sentence for each file that was removed from a release or a wave, the first one first."""
    entries = JournalEntry.objects.filter(
        event=Event.FILE_REMOVED, model_key=owner._meta.model_name or "", record_id=owner.pk
    )
    return [
        text.typeset(
            f"« {entry.details['name']} » retiré le {text.moment(entry.at)}"
            f"{f' par {entry.author_name}' if entry.author_name else ''} : "
            f"{entry.details['reason']}"
        )
        for entry in entries.order_by("at", "pk")
    ]

"""The readings: what this person is asked to read, and what they asked that is to be reviewed."""

from typing import Any

from django.http import HttpRequest
from django.utils.text import Truncator

from labelling import text
from labelling.admin.addresses import locate_page
from labelling.admin.badges import make_status_badge, make_warning
from labelling.admin.home.menu import may_see
from labelling.admin.home.tasks.task import Task
from labelling.admin.releases.readings import ANSWER
from labelling.choices import ReadingAnswer
from labelling.models import PressRelease, Proofreading
from labelling.models.base import name_user
from labelling.press_release import proofreading

# Of a note, in characters.
_LONGEST = 160


def list_reading_tasks(request: HttpRequest) -> list[Task]:
    if not may_see(request, PressRelease):
        return []
    rows: Any = Proofreading.objects.select_related("release", "reader", "asked_by")
    rows = list(rows.defer("release__content").of_unsent())
    user = request.user
    asked = [row for row in rows if not row.answer and row.reader_id == user.pk]
    return [
        *map(_make_reading_task, asked),
        *map(_make_review_task, _list_to_review(rows, user)),
    ]


def _list_to_review(rows: list[Any], user: Any) -> list[Any]:
    """The last word of each reader, where it is « À revoir »: of those whom this person asked, and
    of those whose answer this person noted and nobody had asked for."""
    readers = proofreading.identify_readers(rows)
    last: dict[tuple[int, Any], Any] = {}
    for row in rows:
        last.setdefault(readers[row.pk], row)
    return [
        row
        for row in last.values()
        if row.answer == ReadingAnswer.REVIEW
        and user.pk == (row.asked_by_id if row.asked_at else row.noted_by_id)
    ]


def _make_reading_task(row: Any) -> Task:
    by = f" par {name_user(row.asked_by)}" if row.asked_by else ""
    note = f" {_shorten(row.note)}" if row.note else ""
    late = " Ce communiqué est validé, mais pas encore envoyé." if row.release.is_frozen else ""
    return Task(
        name=str(row.release),
        badge=make_warning("Relecture demandée"),
        sentence=f"Demandée{by} le {text.moment(row.asked_at)}.{note}{late}",
        label="Relire et répondre",
        address=f"{locate_page(row.release, 'document', row.release_id)}#{ANSWER}",
    )


def _make_review_task(row: Any) -> Task:
    return Task(
        name=str(row.release),
        badge=make_status_badge(row),
        sentence=f"{row.name}, le {text.long_date(row.answered_on)}. {_shorten(row.answer_note)}",
        label="Voir la relecture",
        address=locate_page(row.release, "proofreading", row.release_id, row.pk),
    )


def _shorten(note: str) -> str:
    """A note as it fits one line of the home page."""
    return text.typeset(text.quoted(Truncator(" ".join(note.split())).chars(_LONGEST)))

"""Badges: the status of a record in its word, its colour and its shape."""

from functools import lru_cache

from django.db.models import TextChoices
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from labelling.choices import (
    ImportStatus,
    LabelStatus,
    ReadingAnswer,
    ReleaseStatus,
    Seriousness,
)
from labelling.models import ImportRun, PressRelease, Proofreading
from labelling.press_release.proofreading import takes_answers

# What is not named is neutral: a ring.
_KINDS: dict[TextChoices, str] = {
    LabelStatus.LABELLED: "ok",
    ReleaseStatus.FINAL: "info",
    ReleaseStatus.SENT: "ok",
    ImportStatus.PREPARING: "info",
    ImportStatus.APPLIED: "ok",
    ReadingAnswer.READ: "ok",
    ReadingAnswer.REVIEW: "warn",
    Seriousness.WRONG: "bad",
    Seriousness.DOUBTFUL: "warn",
}

_AWAITED = mark_safe('<span class="badge">Demandée</span>')
_UNANSWERED = mark_safe('<span class="badge">Restée sans réponse</span>')
BADGE_TO_CHECK = mark_safe('<span class="badge warn">À vérifier</span>')


def make_status_badge(record: ImportRun | PressRelease | Proofreading) -> SafeString:
    """The badge of what a record says of itself."""
    if isinstance(record, Proofreading):
        if record.answer:
            return make_badge(ReadingAnswer(record.answer))
        return _AWAITED if takes_answers(record.release) else _UNANSWERED
    if isinstance(record, PressRelease):
        return make_badge(ReleaseStatus(record.status), record.word_status(timezone.now()))
    return make_badge(ImportStatus(record.status))


# Lists have one in each line. Two kinds of status may be stored as the same word.
@lru_cache(maxsize=256, typed=True)
def make_badge(status: TextChoices, words: str = "") -> SafeString:
    """The badge of `status`; `words` say more than its label: « Envoyé le 14 octobre 2020 »."""
    kind = f"badge {_KINDS.get(status, '')}".strip()
    return format_html('<span class="{}">{}</span>', kind, words or status.label)


def make_warning(words: str) -> SafeString:
    return format_html('<span class="badge warn">{}</span>', words)


def make_error(words: str) -> SafeString:
    return format_html('<span class="badge bad">{}</span>', words)

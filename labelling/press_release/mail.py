"""The mail that a release leaves by."""

from datetime import datetime

from django.utils import timezone

from labelling.choices import ReleaseKind
from labelling.models import PressRelease
from labelling.press_release import sentences
from labelling.press_release.content import Content

_SUBJECTS = {
    ReleaseKind.ORIGINAL: "Communiqué de presse",
    ReleaseKind.ERRATUM: "",  # Its title says so.
    ReleaseKind.REPLACEMENT: "Communiqué de presse qui annule et remplace",
}


def write_subject(release: PressRelease, content: Content, at: datetime) -> str:
    """The subject of the mail: what it is and its title, after what must not be missed then."""
    parts = [_SUBJECTS[ReleaseKind(release.kind)], content.title]
    if release.embargo_until and release.is_under_embargo(at):
        parts.insert(0, sentences.embargo(timezone.localtime(release.embargo_until)).upper())
    if not release.is_frozen:
        parts.insert(0, sentences.DRAFT_NOTICE)
    return " – ".join(filter(None, parts))

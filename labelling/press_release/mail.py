"""The mail that a release leaves by."""

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


def write_subject(release: PressRelease, content: Content) -> str:
    """The subject of the mail: what it is and its title, after what must not be missed."""
    parts = [_SUBJECTS[ReleaseKind(release.kind)], content.title]
    if release.embargo_until:
        parts.insert(0, sentences.embargo(timezone.localtime(release.embargo_until)).upper())
    if not release.is_frozen:
        parts.insert(0, sentences.DRAFT_NOTICE)
    return " – ".join(filter(None, parts))

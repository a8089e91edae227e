"""What the files of a release are called, and the archive of them all."""

from datetime import datetime

from django.utils import timezone

from labelling import sheets
from labelling.choices import ReleaseKind, ReleaseStatus
from labelling.models import LabellingWave, PressRelease
from labelling.press_release.composition import Source
from labelling.press_release.content import Content, Properties
from labelling.press_release.formats import FORMATS

# What people send first; the others stand under « Autres formats ».
MAIN_FORMATS = ("pdf", "docx", "xlsx")
ARCHIVE = "zip"
_PREFIXES = {ReleaseKind.ERRATUM: "rectificatif", ReleaseKind.REPLACEMENT: "annule-et-remplace"}


def name_file(
    wave: LabellingWave,
    release: PressRelease | None,
    extension: str,
    at: datetime,
    source: str = Source.PUBLISHED,
    region: str = "",
) -> str:
    """« communique-automne-2020.pdf »; what is not to be sent yet is said in the name itself.

    `region` is what the edition of a region has in its name: « pays-de-la-loire ». What the records
    say otherwise than a frozen release is called « recalcule ». `at` is the moment when the file is
    made: an embargo that has passed by then is no longer in its name.
    """
    kind = ReleaseKind(release.kind) if release else ReleaseKind.ORIGINAL
    parts = [_PREFIXES.get(kind, "communique"), wave.slug]
    if release and kind != ReleaseKind.ORIGINAL and (rank := _compute_rank(release)) > 1:
        parts.append(str(rank))
    is_past = release is None and wave.past_release != ""
    if region:
        parts.append(region)
    if not is_past and (release is None or not release.is_frozen):
        parts.insert(0, "PROJET")
    elif is_past or source == Source.RECORDS:
        parts.append("recalcule")
    if release and release.status == ReleaseStatus.REPLACED:
        parts.append("remplace")
    if release and release.embargo_until and release.is_under_embargo(at):
        until = timezone.localtime(release.embargo_until)
        minutes = f"{until.minute:02}" if until.minute else ""
        parts.append(f"SOUS-EMBARGO-{until:%Y-%m-%d}-{until.hour}h{minutes}")
    return f"{'-'.join(parts)}.{extension}"


def _compute_rank(release: PressRelease) -> int:
    """Its place among the releases of its kind, of which a corrected version is the same one."""
    while release.replaces:
        release = release.replaces
    alike = release.wave.releases.filter(kind=release.kind, replaces=None)
    return alike.filter(number__lte=release.number).count()


def archive(content: Content, properties: Properties, name: str) -> bytes:
    """Return a ZIP of the release in every format; `name` is the archive's, and theirs."""
    stem = name.removesuffix(f".{ARCHIVE}")
    return sheets.archive(
        (f"{stem}.{extension}", format.render(content, properties))
        for extension, format in FORMATS.items()
    )

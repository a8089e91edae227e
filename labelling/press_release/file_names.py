"""What the files of a release are called, and the archive of them all."""

from django.utils import timezone

from labelling import sheets
from labelling.choices import ReleaseKind, ReleaseStatus
from labelling.models import LabellingWave, PressRelease
from labelling.press_release.composition import Source
from labelling.press_release.content import Content
from labelling.press_release.formats import FORMATS

# What people send first; the others stand under « Autres formats ».
MAIN_FORMATS = ("pdf", "docx", "xlsx")
ARCHIVE = "zip"
_PREFIXES = {ReleaseKind.ERRATUM: "rectificatif", ReleaseKind.REPLACEMENT: "annule-et-remplace"}


def name_file(
    wave: LabellingWave,
    release: PressRelease | None,
    extension: str,
    source: str = Source.PUBLISHED,
) -> str:
    """« communique-automne-2020.pdf »; a draft and an embargo are said in the name itself.

    Without a frozen release, or from another source than it, the name says « recalcule ».
    """
    kind = ReleaseKind(release.kind) if release else ReleaseKind.ORIGINAL
    parts = [_PREFIXES.get(kind, "communique"), wave.slug]
    if release and kind != ReleaseKind.ORIGINAL and (rank := _compute_rank(release)) > 1:
        parts.append(str(rank))
    if release is None or (release.is_frozen and source == Source.RECORDS):
        parts.append("recalcule")
    if release and not release.is_frozen:
        parts.insert(0, "PROJET")
    elif release and release.status == ReleaseStatus.REPLACED:
        parts.append("remplace")
    if release and release.embargo_until:
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


def archive(content: Content, name: str) -> bytes:
    """Return a ZIP of the release in every format; `name` is the archive's, and theirs."""
    stem = name.removesuffix(f".{ARCHIVE}")
    return sheets.archive(
        (f"{stem}.{extension}", format.render(content)) for extension, format in FORMATS.items()
    )

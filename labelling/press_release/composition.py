"""Records -> Content. The only part of a release that reads the records."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from django.db.models import TextChoices
from django.utils import timezone

from labelling import text
from labelling.choices import ReleaseKind, ReleaseStatus
from labelling.models import LabellingWave, Letterhead, PressContact, PressRelease, Site
from labelling.press_release import sentences
from labelling.press_release.content import Content, Head, ReleaseLine

# The network's name where no release says it.
DEFAULT_BRAND: str = PressRelease._meta.get_field("brand").default
_PLAIN_COLOUR: str = Letterhead._meta.get_field("colour").default
_BLANK_LINES = re.compile(r"\n[ \t]*\n")
# Not those that do not break.
_BLANKS = re.compile(r"[ \t\n]+")


class Source(TextChoices):
    """Where the content of a wave's release is taken from."""

    PUBLISHED = "published", "Tel qu’envoyé"
    RECORDS = "records", "Recalculé d’après les fiches"


def find_release(wave: LabellingWave) -> PressRelease | None:
    """The release that speaks for `wave` now, with its contact."""
    return wave.releases.standing().select_related("contact").last()


def list_sources(release: PressRelease | None) -> tuple[Source, ...]:
    """What can be shown of a wave with this release, the one to show first at the head."""
    if release and release.is_frozen:
        return (Source.PUBLISHED, Source.RECORDS)
    return (Source.RECORDS,)


def compose_content(
    wave: LabellingWave, release: PressRelease | None, source: str, at: datetime
) -> Content:
    """The release of `wave` from one of those that `list_sources` gives, as it reads `at` a moment.

    What the records say otherwise than a frozen release says that it is not that release, and
    what no release says yet that it is not to be sent. A wave of the past waits for none.
    """
    if release and source == Source.PUBLISHED:
        return leave_past_embargo_out(read_published(release), release, at)
    content = from_records(wave, release)
    if release is None:
        notice = sentences.PAST_NOTICES.get(wave.past_release, sentences.DRAFT_NOTICE)
        return replace(content, notices=(notice,))
    content = leave_past_embargo_out(content, release, at)
    if not release.is_frozen:
        return content
    notice = sentences.recalculated(is_sent=release.status == ReleaseStatus.SENT)
    return replace(content, notices=(notice, *content.notices))


def read_published(release: PressRelease) -> Content:
    """The frozen content of a final or sent release, word for word."""
    return Content.from_json(release.content)


def leave_past_embargo_out(content: Content, release: PressRelease, at: datetime) -> Content:
    """`content` as a door gives it: what is under embargo no longer is not said to be."""
    if release.embargo_until is None or release.is_under_embargo(at):
        return content
    passed = sentences.embargo(timezone.localtime(release.embargo_until))
    return replace(content, notices=tuple(n for n in content.notices if n != passed))


def from_records(
    wave: LabellingWave,
    release: PressRelease | None = None,
    lines: tuple[ReleaseLine, ...] | None = None,
) -> Content:
    """The release of `wave` as the records give it now, with another list if it is given.

    Without `release` it has the list and the derived sentences alone.
    """
    brand = release.brand if release else DEFAULT_BRAND
    if lines is None:
        lines = list_lines(wave)
    derived = derive_sentences(wave, release, lines)
    wording = derived | read_own_sentences(release) if release else derived
    content = Content(
        title=wording["title"],
        lead=wording["lead"],
        paragraphs=tuple(filter(None, [wording["figures"], wording["network"]])),
        list_title=wording["list_title"],
        legend=sentences.legend(sum(line.is_new for line in lines)),
        columns=name_columns(brand),
        lines=lines,
        situation=word_situation(wave.situation_on),
    )
    if release is None:
        return content
    return add_standing_parts(
        replace(content, paragraphs=(*split_paragraphs(release.attendance), *content.paragraphs)),
        release,
    )


def list_lines(wave: LabellingWave) -> tuple[ReleaseLine, ...]:
    """The list of `wave` from the records, the new sites marked."""
    sites = Site.objects.labelled_as_of(wave).with_place().in_printed_order()
    return tuple(_make_line(site, is_new=site.wave_id == wave.pk) for site in sites)


def derive_sentences(
    wave: LabellingWave, release: PressRelease | None, lines: Iterable[ReleaseLine]
) -> dict[str, str]:
    """What the records make a release say, by the names of `PressRelease.OWN_SENTENCES`."""
    brand = release.brand if release else DEFAULT_BRAND
    marks = [line.is_new for line in lines]
    new, total = sum(marks), len(marks)
    detail = release.network_detail if release else ""
    return {
        "title": sentences.title(brand, new),
        "lead": sentences.lead(wave, brand, new, total),
        "figures": sentences.figures(wave),
        "network": sentences.network(brand, new, total, detail),
        "list_title": sentences.list_title(brand, wave),
    }


def word_title(release: PressRelease, new: int) -> str:
    """The title of a draft as a list shows it; `new` is the number of its new sites."""
    own = read_own_sentences(release).get("title")
    if not own and release.is_erratum and release.corrects:
        return sentences.erratum_title(release.corrects.issued_on)
    return own or sentences.title(release.brand, new)


def read_own_sentences(release: PressRelease) -> dict[str, str]:
    """The sentences that a person wrote in the place of the derived ones."""
    written = {
        name: " ".join(split_paragraphs(getattr(release, field_name)))
        for name, field_name in PressRelease.OWN_SENTENCES.items()
    }
    return {name: sentence for name, sentence in written.items() if sentence}


def compose_list_of_the_day(
    sites: Iterable[Site],
    day: date,
    *,
    total: int,
    place: str = "",
    details: str = "",
    contact: PressContact | None = None,
    brand: str = DEFAULT_BRAND,
) -> Content:
    """The sites given, as the dated list that a journalist is sent: none is new.

    `total` is how many are labelled in France, `place` « en Occitanie » and `details` what else was
    chosen.
    """
    lines = tuple(_make_line(site, is_new=False) for site in sites)
    what = (brand, len(lines), total, place, details)
    signature = _make_signature(contact)
    return Content(
        letterhead=_read_letterhead() or _make_plain_head(brand),
        title=sentences.listed_title(*what),
        lead=sentences.listed_lead(*what, day=day),
        list_title=sentences.listed_heading(brand, place),
        columns=(*name_columns(brand), "Commune", "Adresse"),
        lines=lines,
        situation=word_situation(day),
        contact_heading="Contact presse" if signature else "",
        contact=signature,
    )


def find_only_contact(day: date) -> PressContact | None:
    """The contact that is proposed on `day`; None if there is none, or a choice."""
    proposed = PressContact.objects.proposed_on(day)[:2]
    return proposed[0] if len(proposed) == 1 else None


def word_situation(day: date) -> str:
    """What dates a list: every list, count and file bears it."""
    return f"Situation arrêtée au {text.long_date(day)}"


def _make_line(site: Site, *, is_new: bool) -> ReleaseLine:
    department = site.department
    return ReleaseLine(
        region=department.region.name,
        department=department.name,
        name=site.name,
        is_new=is_new,
        site=site.pk,
        commune=site.commune,
        address=", ".join(filter(None, [site.address, site.postcode])),
    )


def name_columns(brand: str) -> tuple[str, str, str]:
    return ("Région", "Département", f"Nom du {brand} labellisé France Services")


def add_standing_parts(content: Content, release: PressRelease) -> Content:
    """`content` with what every release of a person's has: its head, its date, its end."""
    about, signature = split_paragraphs(release.about), _make_signature(release.contact)
    return replace(
        content,
        letterhead=_read_letterhead(),
        notices=list_notices(release),
        place_and_date=f"{release.place}, {text.weekday_date(release.issued_on)}",
        kind=content.kind or "COMMUNIQUÉ DE PRESSE",
        paragraphs=(*content.paragraphs, *split_paragraphs(release.closing)),
        about_heading=f"À propos de l’Union nationale des {release.brand}" if about else "",
        about=about,
        contact_heading="Contact presse" if signature else "",
        contact=signature,
    )


def list_notices(release: PressRelease) -> tuple[str, ...]:
    """What must be read before anything else, the gravest first."""
    notices = []
    if not release.is_frozen:
        notices.append(sentences.DRAFT_NOTICE)
    if release.embargo_until:
        notices.append(sentences.embargo(timezone.localtime(release.embargo_until)))
    if release.kind == ReleaseKind.REPLACEMENT and release.corrects:
        errata = [erratum.issued_on for erratum in release.corrects.list_sent_errata()]
        notices.append(sentences.replaces(release.corrects.issued_on, errata))
    return tuple(notices)


def _read_letterhead() -> Head | None:
    stored = Letterhead.objects.first()
    return make_head(stored) if stored else None


def _make_plain_head(brand: str) -> Head:
    """The Union's name, where nobody has set its letterhead."""
    return Head(name=f"Union nationale des {brand}", colour=_PLAIN_COLOUR)


def make_head(letterhead: Letterhead) -> Head:
    """The letterhead as it is printed."""
    return Head(
        name=letterhead.name,
        colour=letterhead.colour,
        second_colour=letterhead.second_colour,
        logo=letterhead.logo,
        logo_type=letterhead.logo_type,
        logo_text=text.typeset(f"Logo : {letterhead.name}") if letterhead.logo else "",
    )


def _make_signature(contact: PressContact | None) -> tuple[str, ...]:
    if contact is None:
        return ()
    lines = (contact.name, contact.role, contact.organisation, contact.phone, contact.email)
    return tuple(filter(None, lines))


def split_paragraphs(written: str) -> tuple[str, ...]:
    """The paragraphs of a text in which blank lines part them. No-break spaces are kept."""
    blocks = _BLANK_LINES.split(written.replace("\r\n", "\n"))
    joined = (_BLANKS.sub(" ", block).strip(" ") for block in blocks)
    return tuple(filter(None, joined))

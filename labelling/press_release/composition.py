"""Records -> Content. The only part of a release that reads the records."""

import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db.models import TextChoices
from django.utils import timezone

from labelling import text
from labelling.choices import ReleaseKind, WithdrawalReason
from labelling.models import (
    LabellingWave,
    Letterhead,
    MergedSite,
    PressContact,
    PressRelease,
    Site,
)
from labelling.models.site import SiteQuerySet
from labelling.press_release import sentences
from labelling.press_release.applying import apply_sent_errata
from labelling.press_release.content import Content, Head, ReleaseLine
from labelling.press_release.sentences import Manner
from labelling.press_release.typesetting import typeset_typed

# The network's name where no release says it.
DEFAULT_BRAND: str = PressRelease._meta.get_field("brand").default
_PLAIN_COLOUR: str = Letterhead._meta.get_field("colour").default
# What is derived and typeset has been worded as it is now since then.
_SCHEMA_OF_THESE_WORDS = 3
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


def read_published(release: PressRelease) -> Content:
    """The frozen content of a final or sent release, word for word."""
    return Content.from_json(release.content)


def read_followed(release: PressRelease) -> Content:
    """The frozen content to compare: each line is of the record that its own went into, if any."""
    content, successors = read_published(release), MergedSite.objects.read_successors()
    if not successors:
        return content
    lines = (
        replace(line, site=successors[line.site]) if line.site in successors else line
        for line in content.lines
    )
    return replace(content, lines=tuple(lines))


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
    unasked = list_unasked(release)
    wording = derive_sentences(wave, release, lines, without=unasked)
    attendance: tuple[str, ...] = ()
    if release:
        wording |= read_own_sentences(release)
        attendance = read_paragraphs(release, "attendance")
    wording |= dict.fromkeys(unasked, "")
    paragraphs = (
        wording["newcomers"],
        *attendance,
        wording["figures"],
        wording["network"],
        wording["ends"],
    )
    content = Content(
        title=wording["title"],
        lead=wording["lead"],
        paragraphs=tuple(filter(None, paragraphs)),
        list_title=wording["list_title"],
        legend=sentences.legend(sum(line.is_new for line in lines)),
        columns=name_columns(brand),
        lines=lines,
        situation=word_situation(wave.situation_on),
    )
    if release is None:
        return content
    return add_standing_parts(replace(content, quote=_compose_quote(release)), release)


def list_unasked(release: PressRelease | None) -> list[str]:
    """The names of the sentences that are not printed, because nobody ticked them."""
    ticks = PressRelease.ASKED_SENTENCES.items()
    return [name for name, tick in ticks if release is None or not getattr(release, tick)]


def _compose_quote(release: PressRelease) -> tuple[str, ...]:
    """The words between quotes, then « name, role »; nothing of whom no words are known."""
    words = " ".join(read_paragraphs(release, "quote"))
    opening, closing = f"«{text.NO_BREAK_SPACE}", f"{text.NO_BREAK_SPACE}»"
    if words.startswith(opening) and words.find(closing) == len(words) - len(closing):
        words = words.removeprefix(opening).removesuffix(closing)
    if not words:
        return ()
    within = words.replace(opening, "“").replace(closing, "”")
    role = " ".join(read_paragraphs(release, "quote_role"))
    who = ", ".join(filter(None, [release.quote_name, role]))
    return tuple(filter(None, [f"{opening}{within}{closing}", who]))


def list_lines(wave: LabellingWave) -> tuple[ReleaseLine, ...]:
    """The list of `wave` from the records, the new sites marked."""
    return _read_lines(Site.objects.labelled_as_of(wave).in_printed_order(), wave)


def derive_sentences(
    wave: LabellingWave,
    release: PressRelease | None,
    lines: Sequence[ReleaseLine],
    *,
    without: Container[str] = (),
) -> dict[str, str]:
    """What the records make a release say, by the names of `PressRelease.OWN_SENTENCES`.

    The ends of label are another list to read: not if `without` names them.
    """
    brand = release.brand if release else DEFAULT_BRAND
    marks = [line.is_new for line in lines]
    new, total = sum(marks), len(marks)
    detail = " ".join(read_paragraphs(release, "network_detail")) if release else ""
    manner = _choose_manner(wave, release)
    return {
        "title": sentences.title(brand, new, manner),
        "lead": sentences.lead(wave, brand, new, total, manner),
        "newcomers": sentences.newcomers(brand, lines, manner),
        "figures": sentences.figures(wave),
        "network": sentences.network(brand, new, total, detail, manner),
        "ends": "" if "ends" in without else sentences.ends(brand, *_find_ended(wave, lines)),
        "list_title": sentences.list_title(brand, wave),
    }


def word_title(release: PressRelease) -> str:
    """The title of a draft as a list shows it; its wave is one `with_counts`."""
    own = read_own_sentences(release).get("title")
    if not own and release.is_erratum and release.corrects:
        return sentences.erratum_title(release.corrects.issued_on)
    wave: Any = release.wave
    manner = Manner.FIRST if wave.is_first else Manner.LATER
    return own or sentences.title(release.brand, wave.new_count, manner)


def _choose_manner(wave: LabellingWave, release: PressRelease | None) -> Manner:
    if release and is_worded_as_before(release):
        return Manner.BEFORE_SCHEMA_3
    return Manner.LATER if LabellingWave.objects.before(wave).exists() else Manner.FIRST


def is_worded_as_before(release: PressRelease) -> bool:
    """Whether a release was frozen with the sentences, and what was typed, as they were before.

    The records are compared with it in the same words: what is only worded otherwise since is no
    difference.
    """
    if not release.is_frozen:  # Of a draft the content is not read, where it was left out.
        return False
    frozen: Any = release.content
    return frozen.get("schema", 0) < _SCHEMA_OF_THESE_WORDS


def _find_ended(
    wave: LabellingWave, lines: Iterable[ReleaseLine]
) -> tuple[str, tuple[ReleaseLine, ...]]:
    """What last listed the sites before `wave`, and those of them whose label has ended since.

    « Inscrit par erreur » is a correction, and a label granted again has not ended.
    """
    since, listed = _find_last_list(wave)
    kept = {(line.department, line.name) for line in lines}
    ended = listed.withdrawn_by(wave.situation_on).exclude(
        withdrawal_reason=WithdrawalReason.MISTAKE
    )
    found = _read_lines(ended.in_printed_order())
    return since, tuple(line for line in found if (line.department, line.name) not in kept)


def _find_last_list(wave: LabellingWave) -> tuple[str, SiteQuerySet]:
    """The last list before that of `wave`: how a sentence names it, and its sites.

    That of the last release, else, if there is none, that of the wave before.
    """
    releases = PressRelease.objects.standing().in_force().with_lines()
    earlier = releases.filter(wave__effective_on__lt=wave.effective_on)
    release: Any = earlier.order_by("wave__effective_on", "issued_on", "pk").last()
    if release:
        since = f"le communiqué du {text.long_date(release.issued_on)}"
        return since, Site.objects.filter(pk__among=_list_sites(release))
    before = LabellingWave.objects.before(wave).in_order().last()
    if before is None:
        return "", Site.objects.none()
    since = f"la liste arrêtée au {text.long_date(before.situation_on)}"
    return since, Site.objects.labelled_as_of(before)


def _list_sites(release: Any) -> list[int]:
    """The keys of the sites in the list of a release, as its sent rectificatifs corrected it."""
    if not release.list_sent_errata():  # Most of what was frozen need not be read then.
        successors = MergedSite.objects.read_successors()
        return [successors.get(key, key) for line in release.lines if (key := line.get("site"))]
    published = read_followed(release)
    beside = replace(published, lines=list_lines(release.wave))
    corrected = apply_sent_errata(release, published, beside).content
    return [line.site for line in corrected.lines if line.site]


def read_own_sentences(release: PressRelease) -> dict[str, str]:
    """The sentences that a person wrote in the place of the derived ones."""
    written = {
        name: " ".join(read_paragraphs(release, field_name))
        for name, field_name in PressRelease.OWN_SENTENCES.items()
    }
    return {name: sentence for name, sentence in written.items() if sentence}


def read_paragraphs(release: PressRelease, field_name: str) -> tuple[str, ...]:
    """The paragraphs of what a person typed in a release, set as the rest is."""
    paragraphs = split_paragraphs(getattr(release, field_name))
    return paragraphs if is_worded_as_before(release) else (*map(typeset_typed, paragraphs),)


def compose_list_of_the_day(
    sites: SiteQuerySet,
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
    lines = _read_lines(sites)
    what = (brand, len(lines), total, place, details)
    signature = _make_signature(contact)
    return Content(
        letterhead=read_head(brand),
        title=sentences.listed_title(*what),
        lead=sentences.listed_lead(*what, day=day),
        list_title=sentences.listed_heading(brand, place),
        columns=(*name_columns(brand), *name_places(lines)),
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


def _read_lines(sites: SiteQuerySet, wave: LabellingWave | None = None) -> tuple[ReleaseLine, ...]:
    """The lines of `sites`, in their order, those of `wave` marked as new."""
    place = ("department__region__name", "department__name")
    rows = sites.values_list("pk", "wave_id", "name", *place, "commune", "address", "postcode")
    return tuple(
        ReleaseLine(
            region=region,
            department=department,
            name=name,
            is_new=wave is not None and wave_id == wave.pk,
            site=pk,
            commune=commune,
            address=", ".join(filter(None, address)),
        )
        for pk, wave_id, name, region, department, commune, *address in rows
    )


def name_columns(brand: str) -> tuple[str, str, str]:
    return ("Région", "Département", f"Nom du {brand} labellisé France Services")


def name_places(lines: Iterable[ReleaseLine]) -> tuple[str, ...]:
    """The columns that say where the sites of a list are: those of which anything is known."""
    lines = [*lines]
    if any(line.address for line in lines):
        return ("Commune", "Adresse")
    return ("Commune",) if any(line.commune for line in lines) else ()


def add_standing_parts(content: Content, release: PressRelease) -> Content:
    """`content` with what every release of a person's has: its head, its date, its end."""
    about, signature = read_paragraphs(release, "about"), _make_signature(release.contact)
    return replace(
        content,
        letterhead=_read_letterhead(),
        notices=list_notices(release),
        place_and_date=f"{release.place}, {text.weekday_date(release.issued_on)}",
        kind=content.kind or "COMMUNIQUÉ DE PRESSE",
        paragraphs=(*content.paragraphs, *read_paragraphs(release, "closing")),
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


def read_head(brand: str) -> Head:
    """The letterhead; where nobody has set it, the Union's name."""
    plain = Head(name=f"Union nationale des {brand}", colour=_PLAIN_COLOUR)
    return _read_letterhead() or plain


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

"""One release, an edition for each region of its list: what its newsrooms print.

An edition is made of the content of the release alone. What it says otherwise is frozen with it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import chain
from typing import Any

from django.utils.text import slugify

from labelling import text
from labelling.models import PressRelease
from labelling.press_release import sentences
from labelling.press_release.composition import DEFAULT_BRAND, name_places, split_paragraphs
from labelling.press_release.content import Content, Edition, ReleaseLine
from labelling.press_release.places import in_region
from labelling.press_release.sentences import Manner
from labelling.press_release.typesetting import typeset_typed

# What newsrooms are sent; the command writes every other format too.
FORMATS = ("pdf", "docx")


@dataclass(frozen=True, kw_only=True)
class Wording:
    """What a person wrote for the edition of a region, chosen or not; what is empty is derived."""

    region: str
    is_chosen: bool = True
    title: str = ""
    lead: str = ""
    contact: str = ""  # « Contact local », in one line.


@dataclass(frozen=True, kw_only=True)
class Region:
    """A region of a list, with its lines."""

    name: str
    lines: list[ReleaseLine]

    @property
    def slug(self) -> str:
        """« provence-alpes-cote-dazur »: what its addresses and its files are called."""
        return slugify(self.name)

    @property
    def new_count(self) -> int:
        return sum(line.is_new for line in self.lines)


def list_regions(content: Content) -> list[Region]:
    """The regions of a list, in its order; none of a « rectificatif », which has no list."""
    if content.is_correction:
        return []
    return [Region(name=name, lines=lines) for name, lines in content.by_region()]


def read_wordings(release: PressRelease, content: Content) -> list[Wording]:
    """What was chosen and written for each region of a list, in its order.

    Of the regions that nobody has decided about, those with a new site are chosen: one that comes
    into the list later too. None is, if `editions` is an empty list.
    """
    stored = {one["region"]: Wording(**one) for one in release.editions or ()}
    return [
        stored.get(region.name)
        or Wording(
            region=region.name,
            is_chosen=release.editions != [] and region.new_count > 0,
        )
        for region in list_regions(content)
    ]


def word_editions(stored: Iterable[dict[str, Any]]) -> str:
    """What `editions` holds, as the history says it: a line for each region that says something."""
    lines = []
    for one in (Wording(**each) for each in stored):
        said = (("titre", one.title), ("chapô", one.lead), ("contact local", one.contact))
        words = [f"{label} {text.quoted(typed)}" for label, typed in said if typed]
        if one.is_chosen or words:
            state = "préparée" if one.is_chosen else "non préparée"
            lines.append(f"{one.region} : {', '.join([state, *words])}")
    return text.typeset("\n".join(lines)) or "Aucune"


def store_wordings(release: PressRelease, wordings: Sequence[Wording]) -> None:
    """Keep this for a draft, and save it. Raise StaleRecord as saving does.

    What was written stays, of a region that is not chosen or has left the list too.
    """
    told = {wording.region for wording in wordings}
    others = [one for one in release.editions or () if one["region"] not in told]
    release.editions = [*others, *map(asdict, wordings)]
    release._change_reason = "Éditions régionales"
    release.save()


def attach_editions(content: Content, release: PressRelease) -> Content:
    """`content` with the editions that were chosen, as they are frozen with it."""
    told = zip(list_regions(content), read_wordings(release, content), strict=True)
    made = (
        make_edition(content, release.brand, region, wording)
        for region, wording in told
        if wording.is_chosen
    )
    return replace(content, editions=tuple(made))


def make_edition(
    content: Content, brand: str, region: Region, wording: Wording | None = None
) -> Edition:
    """What the edition of a region says: in a person's words, or else in those of its lines."""
    wording = wording or Wording(region=region.name)
    manner = Manner.FIRST if content.new_count == len(content.lines) else Manner.LATER
    told = (brand, region.name, region.lines, len(content.lines), manner)
    contact = _set(wording.contact)
    return Edition(
        region=region.name,
        title=_set(wording.title) or sentences.regional_title(*told),
        lead=_set(wording.lead) or sentences.regional_lead(*told),
        list_title=sentences.listed_heading(brand, in_region(region.name)),
        legend=sentences.legend(region.new_count),
        columns=(*content.columns[:3], *name_places(region.lines)),
        national_heading="Dans toute la France",
        contact_heading=content.contact_heading or "Contact presse",
        contact=text.typeset(f"Contact local : {contact}") if contact else "",
    )


def read_edition(content: Content, release: PressRelease | None, region: Region) -> Edition:
    """What the edition of a region says: as it is part of the document, or else, not chosen, in the
    words that its draft has for it, in those of its lines where there are none."""
    chosen = (edition for edition in content.editions if edition.region == region.name)
    brand = release.brand if release else DEFAULT_BRAND
    wordings = read_wordings(release, content) if release and not release.is_frozen else []
    wording = next((one for one in wordings if one.region == region.name), None)
    return next(chosen, None) or make_edition(content, brand, region, wording)


def find_region(content: Content, name: str) -> Region | None:
    """The region of a list that bears this name, in words or in an address."""
    regions = list_regions(content)
    return next((region for region in regions if name in (region.name, region.slug)), None)


def compose(content: Content, edition: Edition) -> Content:
    """The document of a region: its lines with their places, then what is true of all France."""
    contact = (*content.contact, *filter(None, [edition.contact]))
    return replace(
        content,
        title=edition.title,
        lead=edition.lead,
        paragraphs=(),
        list_title=edition.list_title,
        legend=edition.legend,
        columns=edition.columns,
        lines=tuple(line for line in content.lines if line.region == edition.region),
        national_heading=edition.national_heading,
        national=tuple(filter(None, [content.lead, *content.paragraphs])),
        contact_heading=edition.contact_heading if contact else "",
        contact=contact,
        editions=(),
    )


def cut(content: Content, release: PressRelease, name: str) -> Content:
    """The document of a region; `content` as it is, if its list has none of that name."""
    region = find_region(content, name)
    return compose(content, read_edition(content, release, region)) if region else content


def list_words(content: Content) -> list[str]:
    """What the editions say that the release itself does not print."""
    said = ((edition.title, edition.lead, edition.contact) for edition in content.editions)
    return [words for words in chain.from_iterable(said) if words]


def _set(typed: str) -> str:
    """What a person typed as one paragraph, set as the rest is."""
    return " ".join(map(typeset_typed, split_paragraphs(typed)))

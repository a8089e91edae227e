"""Where the texts of a draft come from: what its document prints, and which field says it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from django.utils.text import capfirst

from labelling.models import PressRelease
from labelling.press_release import drafting
from labelling.press_release.blocks import Block
from labelling.press_release.composition import (
    list_unasked,
    read_own_sentences,
    read_paragraphs,
)
from labelling.press_release.content import Content
from labelling.press_release.marks import name_place
from labelling.press_release.renderers import paper
from labelling.press_release.returned.aligning import fold

# Of several paragraphs; each other one is one sentence, or one line.
PARAGRAPHS = ("attendance", "closing", "about")
# What two fields say together: the place and the day, the name and the role.
DATELINE, SPEAKER = "dateline", "speaker"
_LABELS = {
    Block.NOTICES: "Mentions en tête",
    Block.LETTERHEAD: "En-tête",
    Block.PLACE_AND_DATE: "Lieu et date",
    Block.KIND: "Nature du document",
    Block.TITLE: "Titre",
    Block.LEAD: "Chapô",
    Block.PARAGRAPHS: "Texte",
    Block.QUOTE: "Citation",
    Block.LIST: "Titre et légende de la liste",
    Block.SITUATION: "Date de la situation",
    Block.ABOUT: "À propos de l’Union",
    Block.CONTACT: "Contact presse",
}
_NAMES = {DATELINE: "Lieu et date", SPEAKER: "Auteur de la citation"}


@dataclass(frozen=True, kw_only=True)
class Printed:
    """A text of a document: its place, as marks name it, and its block."""

    place: str
    block: Block
    words: str


@dataclass(frozen=True, kw_only=True)
class Spot:
    """What says a text of a draft: a field, and which of its paragraphs; `now` is what it says.

    An `index` of None in a field of several paragraphs: the one that was there is there no longer.
    """

    field: str
    index: int | None = None
    now: str = ""

    @property
    def is_gone(self) -> bool:
        return self.field in PARAGRAPHS and self.index is None

    @property
    def label(self) -> str:
        if self.field in _NAMES:
            return _NAMES[self.field]
        field: Any = PressRelease._meta.get_field(self.field)
        return capfirst(str(field.verbose_name))


def list_printed(content: Content) -> list[Printed]:
    """The texts outside the list that a file made of `content` has, in their order."""
    return [
        Printed(place=name_place(block, number), block=block, words=paragraph.text)
        for block, paragraphs in paper.lay_out(content)
        for number, paragraph in enumerate(paragraphs)
        if paragraph.text
    ]


def name_block(block: Block) -> str:
    return _LABELS.get(block, "Texte")


def find_spots(release: PressRelease, now: Content, sent: Content) -> dict[str, Spot]:
    """What says each text of `sent` in the draft, which prints `now`; by the text's place.

    Not of what no field of the draft says.
    """
    spots = {}
    if sent.title:
        spots[name_place(Block.TITLE, 0)] = Spot(field="own_title", now=now.title)
    if sent.lead:
        spots[name_place(Block.LEAD, 0)] = Spot(field="own_lead", now=now.lead)
    if sent.list_title:
        spots[name_place(Block.LIST, 0)] = Spot(field="own_list_title", now=now.list_title)
    if sent.place_and_date:
        spots[name_place(Block.PLACE_AND_DATE, 0)] = Spot(field=DATELINE, now=now.place_and_date)
    for number, field in enumerate(("quote", SPEAKER)):
        if len(sent.quote) > number:
            said = now.quote[number] if len(now.quote) > number else ""
            spots[name_place(Block.QUOTE, number)] = Spot(field=field, now=said)
    sources = [*_list_sources(release, now)]
    for number, spot in enumerate(_follow(sent.paragraphs, sources, "closing")):
        if spot:
            spots[name_place(Block.PARAGRAPHS, number)] = spot
    about = [Spot(field="about", index=n, now=words) for n, words in enumerate(now.about)]
    first = 1 if sent.about_heading else 0
    for number, spot in enumerate(_follow(sent.about, [*about], "about"), start=first):
        if spot:
            spots[name_place(Block.ABOUT, number)] = spot
    return spots


def _list_sources(release: PressRelease, now: Content) -> Iterator[Spot | None]:
    """What says each paragraph of the draft; None where that is no field of the form."""
    closing = read_paragraphs(release, "closing")
    if release.is_erratum:
        yield from [None] * (len(now.paragraphs) - len(closing))
    else:
        wording = _read_wording(release, now)
        if wording.get("newcomers"):
            yield Spot(field="own_newcomers", now=wording["newcomers"])
        for index, words in enumerate(read_paragraphs(release, "attendance")):
            yield Spot(field="attendance", index=index, now=words)
        for name in ("figures", "network", "ends"):
            if words := wording.get(name, ""):
                yield Spot(field=PressRelease.OWN_SENTENCES[name], now=words)
    for index, words in enumerate(closing):
        yield Spot(field="closing", index=index, now=words)


def _read_wording(release: PressRelease, now: Content) -> dict[str, str]:
    derived = drafting.compute_sentences(release, now)
    wording = {name: derived[field] for name, field in PressRelease.OWN_SENTENCES.items()}
    return wording | read_own_sentences(release) | dict.fromkeys(list_unasked(release), "")


def _follow(
    sent: Sequence[str], sources: Sequence[Spot | None], otherwise: str
) -> Iterator[Spot | None]:
    """What says each text now: the one that has the same words, else that in its place.

    Of one that is gone, `otherwise` is the field that may have it again.
    """
    words = [fold(source.now) if source else "" for source in sources]
    matcher = SequenceMatcher(None, [*map(fold, sent)], words, autojunk=False)
    for tag, i, i_end, j, j_end in matcher.get_opcodes():
        if tag in ("equal", "replace") and i_end - i == j_end - j:
            yield from sources[j:j_end]
        elif tag != "insert":
            # An erratum's own lines are of no field.
            gone = Spot(field=otherwise) if None not in sources else None
            yield from [gone] * (i_end - i)

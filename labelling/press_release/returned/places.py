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
from labelling.press_release.returned.aligning import Side, align, fold

# Of several paragraphs; each other one is one sentence, or one line.
PARAGRAPHS = ("attendance", "closing", "about")
# What two fields say together: the place and the day, the name and the role.
DATELINE, SPEAKER = "dateline", "speaker"
# Of the edition of a region: what a person may write there, by what a spot calls it.
OF_EDITION = {"edition_title": "title", "edition_lead": "lead"}
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
    Block.NATIONAL: "Dans toute la France",
    Block.ABOUT: "À propos de l’Union",
    Block.CONTACT: "Contact presse",
}
_NAMES = {
    DATELINE: "Lieu et date",
    SPEAKER: "Auteur de la citation",
    "edition_title": "Titre de l’édition",
    "edition_lead": "Chapô de l’édition",
}


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


@dataclass(frozen=True)
class _Source:
    """What may have said a text: the words that it is known by; no spot if no field says it."""

    words: str
    spot: Spot | None

    @property
    def is_printed(self) -> bool:
        return self.spot is None or bool(self.spot.now)


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
    about = [
        _Source(words, Spot(field="about", index=n, now=words)) for n, words in enumerate(now.about)
    ]
    first = 1 if sent.about_heading else 0
    for number, spot in enumerate(_follow(sent.about, about, "about"), start=first):
        if spot:
            spots[name_place(Block.ABOUT, number)] = spot
    return spots


def find_edition_spots(now: Content, region: str) -> dict[str, Spot]:
    """What says the texts of a region's edition: those of its own; all else is the release's.

    Nothing does, once the region has left the list.
    """
    if not any(line.region == region for line in now.lines):
        return {}
    return {
        name_place(block, 0): Spot(field=f"edition_{block}", now=getattr(now, block))
        for block in (Block.TITLE, Block.LEAD)
    }


def _list_sources(release: PressRelease, now: Content) -> Iterator[_Source]:
    """What says each paragraph of the draft, and the sentences that it leaves out."""
    closing = read_paragraphs(release, "closing")
    if release.is_erratum:
        yield from [_Source("", None)] * (len(now.paragraphs) - len(closing))
    else:
        derived = drafting.compute_sentences(release, now)
        wording = {name: derived[field] for name, field in PressRelease.OWN_SENTENCES.items()}
        said = wording | read_own_sentences(release) | dict.fromkeys(list_unasked(release), "")

        def make(name: str) -> _Source:
            spot = Spot(field=PressRelease.OWN_SENTENCES[name], now=said.get(name, ""))
            return _Source(spot.now or wording.get(name, ""), spot)

        yield make("newcomers")
        for index, words in enumerate(read_paragraphs(release, "attendance")):
            yield _Source(words, Spot(field="attendance", index=index, now=words))
        yield from map(make, ("figures", "network", "ends"))
    for index, words in enumerate(closing):
        yield _Source(words, Spot(field="closing", index=index, now=words))


def _follow(
    sent: Sequence[str], sources: Sequence[_Source], otherwise: str
) -> Iterator[Spot | None]:
    """What says each text now: the one that has the same words, the likest, that in its place.

    Of one that is gone, `otherwise` is the field that may have it again.
    """
    # An erratum's own lines are of no field.
    is_ours = all(source.spot for source in sources)
    gone = Spot(field=otherwise) if is_ours else None
    words = [fold(source.words) for source in sources]
    matcher = SequenceMatcher(None, [*map(fold, sent)], words, autojunk=False)
    for tag, i, i_end, j, j_end in matcher.get_opcodes():
        if tag == "equal" or (not is_ours and i_end - i == j_end - j):
            yield from (source.spot for source in sources[j:j_end])
        elif tag != "insert":
            found = _pair(sent[i:i_end], sources[j:j_end])
            yield from (found.get(n, gone) for n in range(i_end - i))


def _pair(sent: Sequence[str], sources: Sequence[_Source]) -> dict[int, Spot | None]:
    """What says each of the texts that changed between two that did not; not of what is gone."""
    partners = align(
        [Side(words=source.words, places=(str(n),)) for n, source in enumerate(sources)],
        [Side(words=words) for words in sent],
        guesses=False,
    )
    found = {n: sources[partner].spot for n, (partner, _) in partners.items()}
    taken = {partner for partner, _ in partners.values()}
    left = [n for n in range(len(sent)) if n not in found]
    free = [each.spot for n, each in enumerate(sources) if n not in taken and each.is_printed]
    if len(left) != len(free):
        # Paragraphs come and go; a sentence that has a field of its own is written anew.
        free = [spot for spot in free if spot and spot.field not in PARAGRAPHS]
    return found | dict(zip(left, free, strict=False))

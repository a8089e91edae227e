"""The page of Word and OpenDocument: its paragraphs, how they look, what stays together.

It is the page of `pdf.typ`, in the terms of word processors.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

from labelling.press_release.blocks import Block
from labelling.press_release.content import Content, ReleaseLine
from labelling.press_release.renderers import links, logo, paging

# In millimetres: A4, its margins, and where its header and its footer begin.
WIDTH, HEIGHT, MARGIN, EDGE = 210, 297, 20, 10
# Those of the list, in millimetres: official names of regions fit on one line. Then what parts a
# cell from its text, in points.
INSET = 5
COLUMNS = {3: (50, 36, 84), 4: (38, 32, 62, 38), 5: (31, 29, 46, 28, 36)}  # By their number.
MAP_WIDTH = 120
_POINT = 25.4 / 72  # In millimetres.
# Of Arial, from one line to the next one, in its size.
_LINE = 1.15
_BORDER = 0.5
RED, YELLOW, GREY, SHADE = "C00000", "FFFF00", "767676", "E9EEF5"


class Rule(NamedTuple):
    """A line along a paragraph, its thickness and its distance from the text in points."""

    sides: tuple[str, ...]
    thickness: float
    distance: float
    colour: str


@dataclass(frozen=True, kw_only=True)
class Look:
    """How paragraphs of one kind look. Sizes and spaces are in points; `line` is in the font's own.

    Between two paragraphs there is the larger of what the first has `after` it and of what the
    second has `before` it, as in Word.

    `word` and `writer` are the names by which Word and LibreOffice know it: their own, or French.
    """

    word: str
    writer: str
    size: float = 10
    before: float = 0
    after: float = 5
    line: float = 1.16
    is_bold: bool = False
    is_italic: bool = False
    spacing: float = 0  # Between letters.
    indent: float = 0
    align: str = ""
    colour: str = ""
    rule: Rule | None = None
    keeps: bool = False  # With what follows, wherever it stands.
    level: int = 0  # Of a heading.


_FRAME = Rule(("top", "left", "bottom", "right"), 1.5, 8, RED)

TEXT = Look(word="Normal", writer="Standard")
NOTICE = Look(
    word="Mention", writer="Mention", is_bold=True, colour=RED, indent=9.5, rule=_FRAME, keeps=True
)
LAST_NOTICE = replace(
    NOTICE, word="Dernière mention", writer="Dernière mention", after=18, keeps=False
)
LOGO = Look(word="Logo", writer="Logo", line=1, after=4, keeps=True)
# Their rules have the colours of the letterhead.
SENDER = Look(
    word="Expéditeur",
    writer="Expéditeur",
    size=12,
    after=0,
    line=1,
    is_bold=True,
    rule=Rule(("bottom",), 1.5, 2, ""),
    keeps=True,
)
SECOND_RULE = Look(
    word="Second filet",
    writer="Second filet",
    size=1,
    before=2,
    after=0,
    line=1,
    rule=Rule(("top",), 0.5, 0, ""),
    keeps=True,
)
DATE = Look(word="Date", writer="Date", before=13, align="right")
KIND = Look(
    word="Subtitle", writer="Subtitle", before=16, after=14, is_bold=True, spacing=0.6, keeps=True
)
TITLE = Look(
    word="Title", writer="Title", size=18, after=12, line=1.06, is_bold=True, keeps=True, level=1
)
LEAD = Look(word="Chapô", writer="Chapô", is_bold=True)
QUOTE = Look(word="Quote", writer="Quotations", indent=20, is_italic=True, keeps=True)
SPEAKER = Look(word="Auteur de la citation", writer="Auteur de la citation", indent=20)
HEADING = Look(
    word="Heading 1",
    writer="Heading 1",
    size=12,
    before=17,
    after=4.5,
    line=1,
    is_bold=True,
    keeps=True,
    level=2,
)
LEGEND = Look(
    word="Légende de la liste", writer="Légende de la liste", after=7, is_italic=True, keeps=True
)
CELL = Look(word="No Spacing", writer="Table Contents", size=9.5, before=0.9, after=0.9, line=1)
# How high a line of the list is that is one line of text.
ROW = CELL.before + _LINE * CELL.size + CELL.after + _BORDER
CELL_HEADING = replace(CELL, word="Titre de la liste", writer="Table Heading", is_bold=True)
SITUATION = Look(word="Situation", writer="Situation", before=7, is_italic=True)
CONTACT = Look(word="Contact", writer="Contact", after=0)
HEADER = Look(
    word="Header",
    writer="Header",
    size=8.5,
    after=0,
    line=1,
    is_bold=True,
    align="right",
    colour=RED,
)
FOOTER = Look(
    word="Footer", writer="Footer", size=8.5, after=0, line=1, align="center", colour="595959"
)

LOOKS = tuple(look for look in globals().values() if isinstance(look, Look))


@dataclass(frozen=True, kw_only=True)
class Paragraph:
    """A paragraph of the release. One that `keeps` is on the page of what follows it."""

    text: str
    look: Look = TEXT
    keeps: bool = False
    link: str = ""


# The blocks whose every text is a paragraph of one look.
_LOOKS = {
    Block.PLACE_AND_DATE: DATE,
    Block.KIND: KIND,
    Block.TITLE: TITLE,
    Block.LEAD: LEAD,
    Block.PARAGRAPHS: TEXT,
    Block.SITUATION: SITUATION,
}


def lay_out(content: Content) -> Iterator[tuple[Block, list[Paragraph]]]:
    """The blocks of the release, each with its paragraphs; those of the list stand above it.

    The contact stays with what stands before it: « À propos » as a whole, or else the last lines.
    """
    blocks = [*content.blocks()]
    for block, following in zip(blocks, [*blocks[1:], None], strict=True):
        paragraphs = [*_list_paragraphs(content, block)]
        if following == Block.CONTACT:
            first = 0 if block == Block.ABOUT else len(paragraphs) - 1
            paragraphs[first:] = [replace(each, keeps=True) for each in paragraphs[first:]]
        yield block, paragraphs


def keeps_list_with_contact(content: Content) -> bool:
    """Whether the contact follows the list itself."""
    blocks = [*content.blocks()]
    return (Block.LIST, Block.CONTACT) in pairwise(blocks)


def _list_paragraphs(content: Content, block: Block) -> Iterator[Paragraph]:
    texts = content.list_texts(block) if block in _LOOKS else ()
    match block:
        case Block.NOTICES:
            for notice in content.notices[:-1]:
                yield Paragraph(text=notice, look=NOTICE)
            yield Paragraph(text=content.notices[-1], look=LAST_NOTICE)
        case Block.LETTERHEAD if content.letterhead:
            yield Paragraph(text=content.letterhead.name, look=SENDER)
            if content.letterhead.second_colour:
                yield Paragraph(text="", look=SECOND_RULE)
        case Block.LIST:
            for text, look in ((content.list_title, HEADING), (content.legend, LEGEND)):
                if text:
                    yield Paragraph(text=text, look=look)
        case Block.QUOTE:
            words, *who = content.quote
            yield Paragraph(text=words, look=QUOTE, keeps=bool(who))
            yield from (Paragraph(text=name, look=SPEAKER) for name in who)
        case Block.NATIONAL | Block.ABOUT:
            if heading := getattr(content, f"{block}_heading"):
                yield Paragraph(text=heading, look=HEADING)
            yield from (Paragraph(text=text) for text in content.list_texts(block))
        case Block.CONTACT:
            if content.contact_heading:
                yield Paragraph(text=content.contact_heading, look=HEADING)
            for text in content.contact:
                keeps = text is not content.contact[-1]
                yield Paragraph(text=text, look=CONTACT, keeps=keeps, link=links.find_link(text))
        case _:
            yield from (Paragraph(text=text, look=_LOOKS[block]) for text in texts)


# Below what is estimated, so that pages end before their room does.
_SPARE = 8


def list_columns(content: Content) -> tuple[int, ...]:
    """How wide the columns of the list are, in millimetres."""
    return COLUMNS[len(content.columns)]


def cut_list(content: Content) -> Iterator[paging.Run]:
    """The lines as they stand on pages, under headings that each page repeats."""
    page = (HEIGHT - 2 * MARGIN) / _POINT - _SPARE
    columns = list_columns(content)
    headings = _measure_row(columns, content.columns, is_bold=True)
    used = title = 0.0
    last = TEXT
    for block, paragraphs in lay_out(content):
        title = 0.0
        for paragraph in paragraphs:
            title += _measure_paragraph(paragraph, after=last)
            last = paragraph.look
        if block == Block.LIST:
            break
        used += title
        if block == Block.LETTERHEAD and content.letterhead and content.letterhead.logo:
            used += logo.measure(content.letterhead)[1] / _POINT + LOGO.after
        used %= page  # A long text goes on.

    def measure(line: ReleaseLine) -> float:
        name = f"{line.name} {content.mark}" if line.is_new else line.name
        return _measure_row(columns, ("", line.department, name, *content.list_places(line)))

    return paging.cut(
        content,
        left=page - used - title - headings,
        title=title,
        page=page - headings,
        doubt=2 * _SPARE,
        measure=measure,
        measure_label=lambda label: _measure_row(columns[:1], (label,), is_bold=True),
    )


def _measure_paragraph(paragraph: Paragraph, *, after: Look) -> float:
    """How much it takes, with what is below it, below a paragraph that looks so."""
    look = paragraph.look
    room = (WIDTH - 2 * MARGIN) / _POINT - 2 * look.indent
    lines = paging.count_lines(paragraph.text, room, look.size, is_bold=look.is_bold)
    # One frame holds all the notices.
    sides = {"top", "bottom"} & {*look.rule.sides} if look.rule and look is not NOTICE else ()
    edges = sum(look.rule.distance + look.rule.thickness for _ in sides) if look.rule else 0
    above = max(0, look.before - after.after)
    return above + lines * look.line * _LINE * look.size + look.after + edges


def _measure_row(
    columns: tuple[int, ...], cells: tuple[str, ...], *, is_bold: bool = False
) -> float:
    lines = max(
        paging.count_lines(text, width / _POINT - 2 * INSET, CELL.size, is_bold=is_bold)
        for width, text in zip(columns, cells, strict=True)
    )
    return ROW + (lines - 1) * _LINE * CELL.size

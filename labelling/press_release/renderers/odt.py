"""The release as an OpenDocument text: the same document as Word's, for LibreOffice."""

import io
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import cast
from xml.sax.saxutils import escape

from odfdo import Document, Element
from odfdo.style_base import StyleBase

from labelling.press_release.blocks import Block
from labelling.press_release.content import Content, Head, ReleaseLine
from labelling.press_release.renderers import logo
from labelling.press_release.renderers.characters import refuse_what_xml_forbids
from labelling.sheets import reproducible

_COUNTRIES = {"fr": "FR"}
_STYLES = Path(__file__).with_suffix(".xml")
_FIELDS = {
    "{page}": '<text:page-number text:select-page="current">1</text:page-number>',
    "{pages}": "<text:page-count>1</text:page-count>",
}
# Styles of one table alone, which belong to the text and not to its styles.
_TABLE_STYLES = (
    (
        '<style:style style:name="List" style:family="table">'
        '<style:table-properties style:width="170mm" table:align="left" '
        'table:border-model="collapsing"/></style:style>'
    ),
    *(
        f'<style:style style:name="List.{name}" style:family="table-column">'
        f'<style:table-column-properties style:column-width="{width}"/></style:style>'
        for name, width in (("A", "50mm"), ("B", "36mm"), ("C", "84mm"))
    ),
    (
        '<style:style style:name="List.row" style:family="table-row">'
        '<style:table-row-properties fo:keep-together="always"/></style:style>'
    ),
    *(
        f'<style:style style:name="List.{name}" style:family="table-cell">'
        '<style:table-cell-properties fo:padding-left="5pt" fo:padding-right="5pt" '
        f'fo:padding-top="0pt" fo:padding-bottom="0pt" fo:border="0.5pt solid #767676"{more}/>'
        "</style:style>"
        for name, more in (("cell", ""), ("heading", ' fo:background-color="#e9eef5"'))
    ),
)


def render(content: Content) -> bytes:
    """Return the document. Raise UnprintableCharacterError for what no XML file can hold."""
    refuse_what_xml_forbids(content)
    document = Document("text")
    for style in Element.from_tag(_styles(content)).children:
        is_default = style.tag == "style:default-style"
        document.insert_style(cast("StyleBase", style), default=is_default)
    for table_style in _TABLE_STYLES:
        document.insert_style(table_style, automatic=True)
    body = "".join(xml for block in content.blocks() for xml in _xml(content, block))
    _describe(document, content)
    # The body as a string: appended as elements, thousands of lines take seconds.
    document.body.clear()
    before, after = document.content.serialize().split(b"<office:text/>")
    whole = f"<office:text>{body}</office:text>".encode()
    document.set_part("content", before + whole + after)
    stream = io.BytesIO()
    document.save(stream)
    return reproducible(stream.getvalue())


# The blocks that are texts of one style.
_TEXTS = {
    Block.NOTICES: "Notice",
    Block.PLACE_AND_DATE: "Date",
    Block.KIND: "Subtitle",
    Block.TITLE: "Title",
    Block.LEAD: "Lead",
    Block.PARAGRAPHS: "Standard",
    Block.SITUATION: "Situation",
    Block.IMPRINT: "Imprint",
}


def _xml(content: Content, block: Block) -> Iterator[str]:
    match block:
        case Block.LETTERHEAD if content.letterhead:
            yield from _letterhead(content.letterhead)
        case Block.LIST:
            yield from _list(content)
        case Block.ABOUT:
            yield from _section(content.about_heading, content.about, "Standard", "Standard")
        case Block.CONTACT:
            yield from _section(
                content.contact_heading, content.contact, "Contact", "Last_20_contact"
            )
        case _:
            for text in content.texts_of(block):
                yield _paragraph(_TEXTS[block], text)


def _section(heading: str, texts: tuple[str, ...], style: str, last: str) -> Iterator[str]:
    if heading:
        yield _heading(heading)
    for text in texts[:-1]:
        yield _paragraph(style, text)
    for text in texts[-1:]:
        yield _paragraph(last, text)


def _letterhead(head: Head) -> Iterator[str]:
    if head.logo:
        width, height = logo.size(head)
        yield (
            '<text:p text:style-name="Standard"><draw:frame draw:name="Logo" '
            f'text:anchor-type="as-char" svg:width="{width}mm" svg:height="{height}mm">'
            f"<draw:image><office:binary-data>{head.logo}</office:binary-data></draw:image>"
            f"<svg:desc>{escape(head.logo_text)}</svg:desc></draw:frame></text:p>"
        )
    yield _paragraph("Letterhead", head.name)
    if head.second_colour:
        yield _paragraph("Letterhead_20_rule", "")


def _list(content: Content) -> Iterator[str]:
    if content.list_title:
        yield _heading(content.list_title)
    if content.legend:
        yield _paragraph("Legend", content.legend)
    columns = "".join(f'<table:table-column table:style-name="List.{name}"/>' for name in "ABC")
    headings = "".join(
        _cell(_paragraph("Table_20_Heading", column), "heading") for column in content.columns
    )
    rows = []
    for region, lines in content.by_region():
        merged = f' table:number-rows-spanned="{len(lines)}"' if len(lines) > 1 else ""
        first = _cell(_paragraph("Table_20_Heading", region), more=merged)
        for line in lines:
            department = _cell(_paragraph("Table_20_Contents", line.department))
            rows.append(_row(f"{first}{department}{_cell(_name(line, content.mark))}"))
            first = '<table:covered-table-cell table:style-name="List.cell"/>'
    yield (
        f'<table:table table:name="List" table:style-name="List">{columns}'
        f"<table:table-header-rows>{_row(headings)}</table:table-header-rows>"
        f"{''.join(rows)}</table:table>"
    )


def _name(line: ReleaseLine, mark: str) -> str:
    if not line.is_new:
        return _paragraph("Table_20_Contents", line.name)
    return (
        '<text:p text:style-name="Table_20_Contents">'
        f'<text:span text:style-name="New">{_text(line.name)}\u00a0</text:span>'
        f'<text:span text:style-name="Mark">{_text(mark)}</text:span></text:p>'
    )


def _row(cells: str) -> str:
    return f'<table:table-row table:style-name="List.row">{cells}</table:table-row>'


def _cell(paragraph: str, style: str = "cell", more: str = "") -> str:
    return (
        f'<table:table-cell table:style-name="List.{style}" office:value-type="string"{more}>'
        f"{paragraph}</table:table-cell>"
    )


def _paragraph(style: str, text: str) -> str:
    return f'<text:p text:style-name="{style}">{_text(text)}</text:p>'


def _heading(text: str) -> str:
    return f'<text:h text:style-name="Heading_20_1" text:outline-level="1">{_text(text)}</text:h>'


def _text(text: str) -> str:
    """The text as XML. A space at an end or after another one is dropped unless an element."""
    return re.sub(r"^ | $|(?<= ) +|\t|\r?\n", _spaced, escape(text))


def _spaced(match: re.Match[str]) -> str:
    if match[0] == "\t":
        return "<text:tab/>"
    if match[0].endswith("\n"):
        return "<text:line-break/>"
    return f'<text:s text:c="{len(match[0])}"/>'


def _describe(document: Document, content: Content) -> None:
    """Title and language; the dates are those of whoever made odfdo's template, and go."""
    meta = document.meta
    for element in meta.meta_body.children:
        meta.meta_body.delete(element)
    country = _COUNTRIES.get(content.language)
    meta.title = content.title
    meta.language = f"{content.language}-{country}" if country else content.language


def _styles(content: Content) -> str:
    head = content.letterhead
    footer = "".join(
        _FIELDS.get(part) or _text(part) for part in re.split(r"(\{pages?\})", content.words.page)
    )
    return (
        _stylesheet()
        .replace("{language}", escape(content.language))
        .replace("{country}", _COUNTRIES.get(content.language, "none"))
        .replace("{footer}", footer)
        .replace("{colour}", head.colour.lower() if head else "#000000")
        .replace("{second colour}", (head and head.second_colour.lower()) or "#000000")
        .replace("{header}", _text(" – ".join(content.notices)))
    )


@cache
def _stylesheet() -> str:
    """The styles without the blanks that only make them readable."""
    source = _STYLES.read_text(encoding="utf-8")
    return re.sub(r">\s+<", "><", re.sub(r"<!--.*?-->", "", source, flags=re.DOTALL)).strip()

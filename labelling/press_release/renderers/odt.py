"""The release as an OpenDocument text: the same document as Word's, for LibreOffice."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

from labelling.press_release.blocks import Block
from labelling.press_release.content import NO_PROPERTIES, Content, Head, Properties, ReleaseLine
from labelling.press_release.renderers import logo
from labelling.press_release.renderers.characters import refuse_what_xml_forbids
from labelling.sheets import pack

_MEDIA_TYPE = "application/vnd.oasis.opendocument.text"
_COUNTRIES = {"fr": "FR"}
_STYLES = Path(__file__).with_suffix(".xml")
_PAGE_NUMBERS = re.compile(r"(\{pages?\})")
_BETWEEN_TAGS = re.compile(r">\s+<")
# What is lost of a text, or read as a space, unless it is written as an element.
_LOST = re.compile(r"^ | \Z|(?<= ) +|\t|\r?\n")
_FIELDS = {
    "{page}": '<text:page-number text:select-page="current">1</text:page-number>',
    "{pages}": "<text:page-count>1</text:page-count>",
}
# Of the columns of the list, then of one that has the commune and the address.
_WIDTHS = {
    "A": "50mm",
    "B": "36mm",
    "C": "84mm",
    "D": "31mm",
    "E": "29mm",
    "F": "46mm",
    "G": "28mm",
    "H": "36mm",
}
# Styles of one table alone, which belong to the text and not to its styles.
_TABLE_STYLES = "".join(
    (
        (
            '<style:style style:name="List" style:family="table">'
            '<style:table-properties style:width="170mm" table:align="left" '
            'table:border-model="collapsing"/></style:style>'
        ),
        *(
            f'<style:style style:name="List.{name}" style:family="table-column">'
            f'<style:table-column-properties style:column-width="{width}"/></style:style>'
            for name, width in _WIDTHS.items()
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
)
# How LibreOffice lays out today. Without them it lays out as its first versions did.
_LAYOUT = (
    '<office:settings><config:config-item-set config:name="ooo:configuration-settings">'
    '<config:config-item config:name="PrinterIndependentLayout" config:type="string">'
    "high-resolution</config:config-item>"
    + "".join(
        f'<config:config-item config:name="{name}" config:type="boolean">{value}'
        "</config:config-item>"
        for value, names in (
            (
                "true",
                (
                    "AddExternalLeading",
                    "AddParaSpacingToTableCells",
                    "AddParaTableSpacing",
                    "AddParaTableSpacingAtStart",
                    "AlignTabStopPosition",
                    "CollapseEmptyCellPara",
                    "TabsRelativeToIndent",
                ),
            ),
            (
                "false",
                (
                    "ConsiderTextWrapOnObjPos",
                    "DoNotResetParaAttrsForNumFont",
                    "IgnoreFirstLineIndentInNumbering",
                    "IgnoreTabsAndBlanksForLineCalculation",
                    "UseFormerLineSpacing",
                    "UseFormerObjectPositioning",
                    "UseFormerTextWrapping",
                    "UseOldNumbering",
                    "UseOldPrinterMetrics",
                ),
            ),
        )
        for name in names
    )
    + "</config:config-item-set></office:settings>"
)


def render(content: Content, properties: Properties = NO_PROPERTIES) -> bytes:
    """Return the document. Raise UnprintableCharacterError for what no XML file can hold."""
    refuse_what_xml_forbids(content)
    body = "".join(xml for block in content.blocks() for xml in _write_block(content, block))
    parts = {
        "content": (
            f"<office:automatic-styles>{_TABLE_STYLES}</office:automatic-styles>"
            f"<office:body><office:text>{body}</office:text></office:body>"
        ),
        "styles": _write_styles(content),
        "settings": _LAYOUT,
        "meta": _describe(content),
    }
    return pack(_MEDIA_TYPE, parts)


# The blocks that are texts of one style.
_TEXTS = {
    Block.NOTICES: "Notice",
    Block.PLACE_AND_DATE: "Date",
    Block.KIND: "Subtitle",
    Block.TITLE: "Title",
    Block.LEAD: "Lead",
    Block.PARAGRAPHS: "Standard",
    Block.QUOTE: "Standard",
    Block.SITUATION: "Situation",
}


def _write_block(content: Content, block: Block) -> Iterator[str]:
    match block:
        case Block.LETTERHEAD if content.letterhead:
            yield from _write_letterhead(content.letterhead)
        case Block.LIST:
            yield from _write_list(content)
        case Block.ABOUT:
            yield from _write_section(content.about_heading, content.about, "Standard", "Standard")
        case Block.CONTACT:
            yield from _write_section(
                content.contact_heading, content.contact, "Contact", "Last_20_contact"
            )
        case _:
            for text in content.list_texts(block):
                yield _write_paragraph(_TEXTS[block], text)


def _write_section(heading: str, texts: tuple[str, ...], style: str, last: str) -> Iterator[str]:
    if heading:
        yield _write_heading(heading)
    for text in texts[:-1]:
        yield _write_paragraph(style, text)
    for text in texts[-1:]:
        yield _write_paragraph(last, text)


def _write_letterhead(head: Head) -> Iterator[str]:
    if head.logo:
        width, height = logo.measure(head)
        yield (
            '<text:p text:style-name="Standard"><draw:frame draw:name="Logo" '
            f'text:anchor-type="as-char" svg:width="{width}mm" svg:height="{height}mm">'
            f"<draw:image><office:binary-data>{head.logo}</office:binary-data></draw:image>"
            f"<svg:desc>{escape(head.logo_text)}</svg:desc></draw:frame></text:p>"
        )
    yield _write_paragraph("Letterhead", head.name)
    if head.second_colour:
        yield _write_paragraph("Letterhead_20_rule", "")


def _write_list(content: Content) -> Iterator[str]:
    if content.list_title:
        yield _write_heading(content.list_title)
    if content.legend:
        yield _write_paragraph("Legend", content.legend)
    names = "DEFGH" if content.has_places else "ABC"
    columns = "".join(f'<table:table-column table:style-name="List.{name}"/>' for name in names)
    headings = "".join(
        _write_cell(_write_paragraph("Table_20_Heading", column), "heading")
        for column in content.columns
    )
    rows = []
    for region, lines in content.by_region():
        merged = f' table:number-rows-spanned="{len(lines)}"' if len(lines) > 1 else ""
        first = _write_cell(_write_paragraph("Table_20_Heading", region), more=merged)
        for line in lines:
            department = _write_cell(_write_paragraph("Table_20_Contents", line.department))
            name = _write_cell(_write_name(line, content.mark))
            places = "".join(
                _write_cell(_write_paragraph("Table_20_Contents", place))
                for place in content.list_places(line)
            )
            rows.append(_write_row(f"{first}{department}{name}{places}"))
            first = '<table:covered-table-cell table:style-name="List.cell"/>'
    yield (
        f'<table:table table:name="List" table:style-name="List">{columns}'
        f"<table:table-header-rows>{_write_row(headings)}</table:table-header-rows>"
        f"{''.join(rows)}</table:table>"
    )


def _write_name(line: ReleaseLine, mark: str) -> str:
    if not line.is_new:
        return _write_paragraph("Table_20_Contents", line.name)
    return (
        '<text:p text:style-name="Table_20_Contents">'
        f'<text:span text:style-name="New">{_write_text(line.name)}\u00a0</text:span>'
        f'<text:span text:style-name="Mark">{_write_text(mark)}</text:span></text:p>'
    )


def _write_row(cells: str) -> str:
    return f'<table:table-row table:style-name="List.row">{cells}</table:table-row>'


def _write_cell(paragraph: str, style: str = "cell", more: str = "") -> str:
    return (
        f'<table:table-cell table:style-name="List.{style}" office:value-type="string"{more}>'
        f"{paragraph}</table:table-cell>"
    )


def _write_paragraph(style: str, text: str) -> str:
    return f'<text:p text:style-name="{style}">{_write_text(text)}</text:p>'


def _write_heading(text: str) -> str:
    words = _write_text(text)
    return f'<text:h text:style-name="Heading_20_1" text:outline-level="1">{words}</text:h>'


def _write_text(text: str) -> str:
    """The text as XML. A space at an end or after another one is dropped unless an element."""
    return _LOST.sub(_write_space, escape(text))


def _write_space(match: re.Match[str]) -> str:
    if match[0] == "\t":
        return "<text:tab/>"
    if match[0].endswith("\n"):
        return "<text:line-break/>"
    return f'<text:s text:c="{len(match[0])}"/>'


def _describe(content: Content) -> str:
    country = _COUNTRIES.get(content.language)
    language = f"{content.language}-{country}" if country else content.language
    return (
        f"<office:meta><dc:title>{escape(content.title)}</dc:title>"
        f"<dc:language>{escape(language)}</dc:language></office:meta>"
    )


def _write_styles(content: Content) -> str:
    head = content.letterhead
    footer = "".join(
        _FIELDS.get(part) or _write_text(part) for part in _PAGE_NUMBERS.split(content.words.page)
    )
    return (
        _read_stylesheet()
        .replace("{language}", escape(content.language))
        .replace("{country}", _COUNTRIES.get(content.language, "none"))
        .replace("{footer}", footer)
        .replace("{colour}", head.colour.lower() if head else "#000000")
        .replace("{second colour}", (head and head.second_colour.lower()) or "#000000")
        .replace("{header}", _write_text(" – ".join(content.notices)))
    )


@cache
def _read_stylesheet() -> str:
    """The styles without the blanks that only make them readable."""
    source = _STYLES.read_text(encoding="utf-8")
    first, *others = source.split("<!--")
    source = first + "".join(after.partition("-->")[2] for after in others)
    return _BETWEEN_TAGS.sub("><", source).strip()

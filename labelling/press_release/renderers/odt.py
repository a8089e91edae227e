"""The release as an OpenDocument text: the same document as Word's, for LibreOffice."""

import base64
import re
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from labelling.press_release.blocks import Block
from labelling.press_release.content import NO_PROPERTIES, Content, Head, Picture, Properties
from labelling.press_release.renderers import logo, opendocument, paper
from labelling.press_release.renderers.characters import refuse_what_xml_forbids
from labelling.press_release.renderers.paging import Run
from labelling.press_release.renderers.paper import Look, Paragraph
from labelling.press_release.renderers.rasterising import measure_height, rasterise
from labelling.sheets import pack

_MEDIA_TYPE = "application/vnd.oasis.opendocument.text"
_STYLES = Path(__file__).with_suffix(".xml")
_PAGE_NUMBERS = re.compile(r"(\{pages?\})")
_BETWEEN_TAGS = re.compile(r">\s+<")
# What is lost of a text, or read as a space, unless it is written as an element.
_LOST = re.compile(r"^ | \Z|(?<= ) +|\t|\r?\n")
_FIELDS = {
    "{page}": '<text:page-number text:select-page="current">1</text:page-number>',
    "{pages}": "<text:page-count>1</text:page-count>",
}
# LibreOffice counts lines in the height of the letters, without what the font leaves between them.
_LEADING = 1.03
# What a paragraph that keeps what follows is called after, and what it does.
_KEPT = "kept."
_KEEPS = {"fo:keep-with-next": "always", "fo:keep-together": "always"}
# No line parts the cells below the name of a region. They are not merged: LibreOffice loses what it
# reads in a merged cell, that it keeps the next row above all.
_NO_TOP, _NO_BOTTOM = (f' fo:border-{side}="none"' for side in ("top", "bottom"))
# The names of its columns, by their number.
_COLUMNS = {3: "ABC", 4: "IJKL", 5: "DEFGH"}
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
            f'<style:table-column-properties style:column-width="{width}mm"/></style:style>'
            for name, width in zip(
                chain.from_iterable(_COLUMNS.values()),
                chain.from_iterable(paper.COLUMNS.values()),
                strict=True,
            )
        ),
        (
            '<style:style style:name="List.row" style:family="table-row">'
            f'<style:table-row-properties style:min-row-height="{paper.ROW:.2f}pt" '
            'fo:keep-together="always"/></style:style>'
        ),
        *(
            f'<style:style style:name="List.{name}" style:family="table-cell">'
            f'<style:table-cell-properties fo:padding="0pt" fo:padding-left="{paper.INSET}pt" '
            f'fo:padding-right="{paper.INSET}pt" fo:border="0.5pt solid #{paper.GREY}"'
            f"{more}/></style:style>"
            for name, more in (
                ("cell", ""),
                ("heading", f' fo:background-color="#{paper.SHADE.lower()}"'),
                ("new", f' fo:background-color="#{paper.YELLOW.lower()}"'),
                # The cells below the name of a region, by whether they are its first and last ones.
                ("region11", ""),
                ("region10", _NO_BOTTOM),
                ("region01", _NO_TOP),
                ("region00", _NO_TOP + _NO_BOTTOM),
            )
        ),
    )
)
# Of each style of paragraphs, the one of those that keep what follows.
_KEPT_STYLES = "".join(
    f'<style:style style:name="{_KEPT}{name}" style:family="paragraph" '
    f'style:parent-style-name="{name}"><style:paragraph-properties '
    'fo:keep-with-next="always" fo:keep-together="always"/></style:style>'
    for name in (look.writer.replace(" ", "_20_") for look in paper.LOOKS)
)
# How LibreOffice lays out today, rows that keep the next one included. Without them it lays out as
# its first versions did.
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
                    "AddParaTableSpacingAtStart",
                    "AlignTabStopPosition",
                    "CollapseEmptyCellPara",
                    "TableRowKeep",
                    "TabsRelativeToIndent",
                ),
            ),
            (
                "false",
                (
                    "AddParaTableSpacing",
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
    body = []
    for block, paragraphs in paper.lay_out(content):
        if block == Block.LETTERHEAD and content.letterhead and content.letterhead.logo:
            body.append(_write_logo(content.letterhead))
        body += map(_write_paragraph, paragraphs)
        if block == Block.LIST:
            body.append(_write_table(content))
        if block == Block.MAP and content.map:
            body.append(_write_map(content.map))
    parts = {
        "content": (
            f"<office:automatic-styles>{_TABLE_STYLES}{_KEPT_STYLES}</office:automatic-styles>"
            f"<office:body><office:text>{''.join(body)}</office:text></office:body>"
        ),
        "styles": _write_styles(content),
        "settings": _LAYOUT,
        "meta": opendocument.describe(content, properties),
    }
    return pack(_MEDIA_TYPE, parts)


def _write_paragraph(paragraph: Paragraph) -> str:
    look, words = paragraph.look, _write_text(paragraph.text)
    if paragraph.link:
        words = (
            f'<text:a xlink:type="simple" xlink:href={quoteattr(paragraph.link)} '
            f'text:style-name="Link" text:visited-style-name="Link">{words}</text:a>'
        )
    return _write_words(look, words, keeps=paragraph.keeps)


def _write_words(look: Look, words: str, *, keeps: bool = False) -> str:
    style = f"{_KEPT if keeps else ''}{_name_style(look)}"
    if look.level:
        return (
            f'<text:h text:style-name="{style}" text:outline-level="{look.level}">{words}</text:h>'
        )
    return f'<text:p text:style-name="{style}">{words}</text:p>'


def _write_logo(head: Head) -> str:
    frame = _write_picture("Logo", head.logo, logo.measure(head), head.logo_text)
    return _write_words(paper.LOGO, frame)


def _write_map(drawn: Picture) -> str:
    picture = rasterise(drawn.svg)
    size = paper.MAP_WIDTH, measure_height(picture, paper.MAP_WIDTH)
    frame = _write_picture("Carte", base64.b64encode(picture).decode(), size, drawn.text)
    return _write_words(paper.TEXT, frame)


def _write_picture(name: str, picture: str, size: tuple[float, float], text: str) -> str:
    """A frame with a picture, which is base64."""
    width, height = size
    return (
        f'<draw:frame draw:name="{name}" text:anchor-type="as-char" svg:width="{width}mm" '
        f'svg:height="{height}mm"><draw:image><office:binary-data>{picture}'
        f"</office:binary-data></draw:image><svg:desc>{escape(text)}</svg:desc>"
        "</draw:frame>"
    )


def _write_table(content: Content) -> str:
    names = _COLUMNS[len(content.columns)]
    columns = "".join(f'<table:table-column table:style-name="List.{name}"/>' for name in names)
    headings = "".join(
        _write_cell(paper.CELL_HEADING, _write_text(column), "heading", keeps=True)
        for column in content.columns
    )
    *before, last = paper.cut_list(content)
    rows = [row for run in before for row in _write_rows(content, run, keeps_last=False)]
    rows += _write_rows(content, last, keeps_last=paper.keeps_list_with_contact(content))
    return (
        f'<table:table table:name="List" table:style-name="List">'
        f"<table:title>{escape(content.list_title)}</table:title>"
        f"<table:desc>{escape(content.legend)}</table:desc>{columns}"
        f"<table:table-header-rows>{_write_row(headings)}</table:table-header-rows>"
        f"{''.join(rows)}</table:table>"
    )


def _write_rows(content: Content, run: Run, *, keeps_last: bool) -> Iterator[str]:
    """The lines of a run, which stay together: each row keeps the next one."""
    count = len(run.lines)
    for number, line in enumerate(run.lines, start=1):
        keeps = keeps_last or number < count
        place = f"region{number == 1:d}{number == count:d}"
        words = _write_text(run.label) if number == 1 else ""
        first = _write_cell(paper.CELL_HEADING, words, place, keeps=keeps)
        department = _write_cell(paper.CELL, _write_text(line.department), keeps=keeps)
        name, style = _write_text(line.name), "cell"
        if line.is_new:
            mark = f'<text:span text:style-name="Mark">{_write_text(content.mark)}</text:span>'
            name, style = f"{name}\u00a0{mark}", "new"
        places = (
            _write_cell(paper.CELL, _write_text(place), keeps=keeps)
            for place in content.list_places(line)
        )
        named = _write_cell(paper.CELL, name, style, keeps=keeps)
        yield _write_row(f"{first}{department}{named}{''.join(places)}")


def _write_row(cells: str) -> str:
    return f'<table:table-row table:style-name="List.row">{cells}</table:table-row>'


def _write_cell(look: Look, words: str, style: str = "cell", more: str = "", *, keeps: bool) -> str:
    return (
        f'<table:table-cell table:style-name="List.{style}" office:value-type="string">'
        f"{_write_words(look, words, keeps=keeps)}</table:table-cell>"
    )


def _write_text(text: str) -> str:
    """The text as XML. A space at an end or after another one is dropped unless an element."""
    return _LOST.sub(_write_space, escape(text))


def _write_space(match: re.Match[str]) -> str:
    if match[0] == "\t":
        return "<text:tab/>"
    if match[0].endswith("\n"):
        return "<text:line-break/>"
    return f'<text:s text:c="{len(match[0])}"/>'


def _write_styles(content: Content) -> str:
    footer = "".join(
        _FIELDS.get(part) or _write_text(part) for part in _PAGE_NUMBERS.split(content.words.page)
    )
    styles = "".join(_write_style(look, content.letterhead) for look in paper.LOOKS)
    return (
        _read_stylesheet()
        .replace("{language}", escape(content.language))
        .replace("{country}", opendocument.COUNTRIES.get(content.language, "none"))
        .replace("{styles}", styles)
        .replace("{footer}", footer)
        .replace("{header}", _write_text(" – ".join(content.notices)))
    )


def _name_style(look: Look) -> str:
    return look.writer.replace(" ", "_20_")


def _write_style(look: Look, head: Head | None) -> str:
    """A style of paragraphs, and the one of those among them that keep what follows."""
    colour, rule_colour = look.colour, look.rule.colour if look.rule else ""
    if head and look is paper.SENDER:
        colour = rule_colour = head.colour[1:].lower()
    elif head and look is paper.SECOND_RULE:
        rule_colour = head.second_colour[1:].lower()
    paragraph = {
        "fo:margin-top": f"{look.before}pt",
        "fo:margin-bottom": f"{look.after}pt",
        "fo:line-height": f"{look.line * _LEADING:.0%}",
        "fo:orphans": "2",
        "fo:widows": "2",
    }
    if look.rule and rule_colour:
        whole = len(look.rule.sides) == 4
        for side in [""] if whole else [f"-{side}" for side in look.rule.sides]:
            paragraph[f"fo:padding{side}"] = f"{look.rule.distance}pt"
            paragraph[f"fo:border{side}"] = f"{look.rule.thickness}pt solid #{rule_colour.lower()}"
    elif look.indent:
        paragraph["fo:margin-left"] = paragraph["fo:margin-right"] = f"{look.indent}pt"
    if look.align:
        paragraph["fo:text-align"] = {"right": "end"}.get(look.align, look.align)
    if look.keeps:
        paragraph |= _KEEPS
    words = {
        "fo:font-size": f"{look.size}pt",
        "fo:font-weight": "bold" if look.is_bold else "normal",
        "fo:font-style": "italic" if look.is_italic else "normal",
    }
    if colour:
        words["fo:color"] = f"#{colour.lower()}"
    if look.spacing:
        words["fo:letter-spacing"] = f"{look.spacing}pt"
    name = _name_style(look)
    level = f' style:default-outline-level="{look.level}" style:list-style-name=""'
    return (
        f'<style:style style:name="{name}" style:display-name="{look.writer}" '
        f'style:family="paragraph"{level if look.level else ""}>'
        f"<style:paragraph-properties {_write_attributes(paragraph)}/>"
        f"<style:text-properties {_write_attributes(words)}/></style:style>"
    )


def _write_attributes(values: dict[str, str]) -> str:
    return " ".join(f'{name}="{value}"' for name, value in values.items())


@cache
def _read_stylesheet() -> str:
    """The styles without the blanks that only make them readable."""
    source = _STYLES.read_text(encoding="utf-8")
    first, *others = source.split("<!--")
    source = first + "".join(after.partition("-->")[2] for after in others)
    return _BETWEEN_TAGS.sub("><", source).strip()

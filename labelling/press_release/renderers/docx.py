"""The release as a Word document, to proofread and adapt."""

import io
import re
from collections.abc import Iterator
from datetime import UTC
from itertools import count
from operator import itemgetter
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from docx import Document
from docx.document import Document as DocumentType
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm

from labelling.press_release.blocks import Block
from labelling.press_release.content import NO_PROPERTIES, Content, Head, Picture, Properties
from labelling.press_release.marks import DIGEST, REGION, RELEASE, Marker, name_place, name_row
from labelling.press_release.renderers import logo, paper
from labelling.press_release.renderers.characters import refuse_what_xml_forbids
from labelling.press_release.renderers.paging import Run
from labelling.press_release.renderers.paper import Look, Paragraph
from labelling.press_release.renderers.rasterising import measure_height, rasterise
from labelling.sheets import make_reproducible

_FONT = "Arial"
_TWIPS = 1440 / 25.4  # In a millimetre; there are 20 in a point.
_LOCALES = {"fr": "fr-FR"}
_PAGE_NUMBERS = re.compile(r"(\{pages?\})")
_FIELDS = {"{page}": "PAGE", "{pages}": "NUMPAGES"}
_NAMESPACES = nsdecls("w", "r")
# Of the properties that are not Word's own.
_CUSTOM = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"
_CUSTOM_NAMESPACE = "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"
_VALUES = "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"
# The cells below the name of a region: no line parts them, by whether they are the first and last
# ones. They are not merged: LibreOffice, which moves lines about, forgets how high those are.
_OPEN = {
    (first, last): f"<w:tcBorders>{'' if first else top}{'' if last else bottom}</w:tcBorders>"
    for top, bottom in [('<w:top w:val="nil"/>', '<w:bottom w:val="nil"/>')]
    for first in (True, False)
    for last in (True, False)
}


def render(content: Content, properties: Properties = NO_PROPERTIES) -> bytes:
    """Return the document. Raise UnprintableCharacterError for what no XML file can hold."""
    refuse_what_xml_forbids(content)
    document = Document()
    _set_page(document, content)
    _set_styles(document, content)
    _describe(document, content, properties)
    marker = Marker(properties)
    for block, paragraphs in paper.lay_out(content):
        if block == Block.LETTERHEAD and content.letterhead and content.letterhead.logo:
            _add(document, _make_logo(document, content.letterhead))
        for number, paragraph in enumerate(paragraphs):
            mark = marker.mark(name_place(block, number)) if paragraph.text else ""
            written = _write_paragraph(document, paragraph, content.letterhead, mark)
            _add(document, parse_xml(written))
        if block == Block.LIST:
            _add(document, parse_xml(_write_table(content, marker)))
        if block == Block.MAP and content.map:
            _add(document, _make_map(document, content.map))
    stream = io.BytesIO()
    document.save(stream)
    return make_reproducible(stream.getvalue())


def _add(document: DocumentType, element: Any) -> None:
    document.element.body.insert_element_before(element, "w:sectPr")


def _write_paragraph(
    document: DocumentType, paragraph: Paragraph, head: Head | None, mark: str
) -> str:
    look, more = paragraph.look, ""
    if paragraph.keeps:
        more += "<w:keepNext/><w:keepLines/>"
    colour = ""
    if head and look is paper.SENDER:
        more += _write_rule(look, head.colour[1:])
        colour = f'<w:color w:val="{head.colour[1:].upper()}"/>'
    elif head and look is paper.SECOND_RULE:
        more += _write_rule(look, head.second_colour[1:])
    runs = _write_run(paragraph.text, colour)
    if paragraph.link:
        target = document.part.relate_to(
            paragraph.link, RELATIONSHIP_TYPE.HYPERLINK, is_external=True
        )
        runs = f'<w:hyperlink r:id="{target}" w:history="1">{runs}</w:hyperlink>'
    return _write_words(look, mark + runs, more, _NAMESPACES)


def _write_words(look: Look, runs: str, more: str = "", namespaces: str = "") -> str:
    style = f'<w:pStyle w:val="{_name_style(look)}"/>'
    return f"<w:p {namespaces}><w:pPr>{style}{more}</w:pPr>{runs}</w:p>"


def _write_run(text: str, properties: str = "") -> str:
    text = f'<w:t xml:space="preserve">{escape(text)}</w:t>'
    return f"<w:r><w:rPr>{properties}</w:rPr>{text}</w:r>"


def _make_logo(document: DocumentType, head: Head) -> Any:
    picture, size = logo.read_picture(head), logo.measure(head)
    return _make_picture(document, paper.LOGO, picture, size, head.logo_text)


def _make_map(document: DocumentType, drawn: Picture) -> Any:
    picture = rasterise(drawn.svg)
    size = paper.MAP_WIDTH, measure_height(picture, paper.MAP_WIDTH)
    return _make_picture(document, paper.TEXT, picture, size, drawn.text)


def _make_picture(
    document: DocumentType, look: Look, picture: bytes, size: tuple[float, float], text: str
) -> Any:
    inline = document.part.new_pic_inline(io.BytesIO(picture), *map(Mm, size))
    inline.docPr.set("descr", text)
    # Unless they are said, LibreOffice leaves some millimetres at the left of the picture.
    for side in ("distT", "distB", "distL", "distR"):
        inline.set(side, "0")
    paragraph = parse_xml(_write_words(look, "<w:r><w:drawing/></w:r>", "", _NAMESPACES))
    paragraph.find(f".//{qn('w:drawing')}").append(inline)
    return paragraph


def _write_table(content: Content, marker: Marker) -> str:
    """The list, as XML: row by row, python-docx takes minutes for thousands of lines."""
    widths = [round(width * _TWIPS) for width in paper.list_columns(content)]
    shade = f'<w:shd w:val="clear" w:color="auto" w:fill="{paper.SHADE}"/>'
    headings = "".join(
        _write_cell(width, paper.CELL_HEADING, _write_run(column), shade, keeps=True)
        for width, column in zip(widths, content.columns, strict=True)
    )
    rows = [_write_row(headings, "<w:tblHeader/>")]
    *before, last = paper.cut_list(content)
    marks = (marker.mark(name_row(number)) for number in count())
    for run in before:
        rows += _write_rows(content, widths, run, marks, keeps_last=False)
    keeps_last = paper.keeps_list_with_contact(content)
    rows += _write_rows(content, widths, last, marks, keeps_last=keeps_last)
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    border = f'w:val="single" w:sz="4" w:space="0" w:color="{paper.GREY}"'
    sides = ("top", "left", "bottom", "right", "insideH", "insideV")
    borders = "".join(f"<w:{side} {border}/>" for side in sides)
    inset = f'w:w="{20 * paper.INSET}" w:type="dxa"'
    return (
        f'<w:tbl {_NAMESPACES}><w:tblPr><w:tblStyle w:val="TableGrid"/>'
        f'<w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblBorders>{borders}</w:tblBorders>'
        f'<w:tblLayout w:type="fixed"/><w:tblCellMar><w:left {inset}/><w:right {inset}/>'
        '</w:tblCellMar><w:tblLook w:firstRow="1" w:lastRow="0" w:firstColumn="1" '
        'w:lastColumn="0" w:noHBand="1" w:noVBand="1" w:val="06A0"/>'
        f"<w:tblCaption w:val={quoteattr(content.list_title)}/>"
        f"<w:tblDescription w:val={quoteattr(content.legend)}/></w:tblPr>"
        f"<w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )


def _write_rows(
    content: Content, widths: list[int], run: Run, marks: Iterator[str], *, keeps_last: bool
) -> Iterator[str]:
    """The lines of a run, which stay together: each row keeps the next one."""
    region, last = _write_run(run.label), len(run.lines)
    for number, line in enumerate(run.lines, start=1):
        keeps = keeps_last or number < last
        sides = _OPEN[number == 1, number == last]
        yellow, name = "", _write_run(line.name)
        if line.is_new:
            yellow = f'<w:shd w:val="clear" w:color="auto" w:fill="{paper.YELLOW}"/>'
            name = _write_run(f"{line.name}\u00a0") + _write_run(
                content.mark, f'<w:b/><w:color w:val="{paper.RED}"/>'
            )
        yield _write_row(
            _write_cell(widths[0], paper.CELL_HEADING, region, sides, keeps=keeps)
            + _write_cell(widths[1], paper.CELL, _write_run(line.department), keeps=keeps)
            + _write_cell(widths[2], paper.CELL, next(marks) + name, yellow, keeps=keeps)
            + "".join(
                _write_cell(width, paper.CELL, _write_run(place), keeps=keeps)
                for width, place in zip(widths[3:], content.list_places(line), strict=True)
            )
        )
        region = ""


def _write_row(cells: str, more: str = "") -> str:
    return f"<w:tr><w:trPr><w:cantSplit/>{more}</w:trPr>{cells}</w:tr>"


def _write_cell(width: int, look: Look, runs: str, more: str = "", *, keeps: bool) -> str:
    words = _write_words(look, runs, "<w:keepNext/>" if keeps else "")
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{more}</w:tcPr>{words}</w:tc>'


def _set_page(document: DocumentType, content: Content) -> None:
    """Set the page: what must not be missed at the head of each but the first, which says it."""
    section = document.sections[0]
    section.page_width, section.page_height = Mm(paper.WIDTH), Mm(paper.HEIGHT)
    section.top_margin = section.bottom_margin = Mm(paper.MARGIN)
    section.left_margin = section.right_margin = Mm(paper.MARGIN)
    section.header_distance = section.footer_distance = Mm(paper.EDGE)
    section.different_first_page_header_footer = True
    notices = _write_run(" – ".join(content.notices)) if content.notices else ""
    number = "".join(map(_write_page_number, _PAGE_NUMBERS.split(content.words.page)))
    for part, look, runs in (
        (section.first_page_header, paper.HEADER, ""),
        (section.header, paper.HEADER, notices),
        (section.first_page_footer, paper.FOOTER, number),
        (section.footer, paper.FOOTER, number),
    ):
        part.is_linked_to_previous = False
        old = part.paragraphs[0]._p
        old.getparent().replace(old, parse_xml(_write_words(look, runs, "", _NAMESPACES)))


def _write_page_number(part: str) -> str:
    """A part of « Page {page} sur {pages} », with the fields that count them."""
    if part not in _FIELDS:
        return _write_run(part)
    return f'<w:fldSimple w:instr="{_FIELDS[part]}">{_write_run("1")}</w:fldSimple>'


def _set_styles(document: DocumentType, content: Content) -> None:
    styles = document.styles.element
    known = {style.get(qn("w:styleId")): style for style in styles.iter(qn("w:style"))}
    for look in paper.LOOKS:
        name = _name_style(look)
        style = known.get(name)
        if style is None:
            style = parse_xml(
                f'<w:style {_NAMESPACES} w:type="paragraph" w:customStyle="1" w:styleId="{name}">'
                f'<w:name w:val="{look.word}"/><w:basedOn w:val="Normal"/><w:qFormat/></w:style>'
            )
            styles.append(style)
        # Word's own come with a theme's fonts, colours and rules.
        for old in style.xpath("w:pPr | w:rPr"):
            style.remove(old)
        style.extend(parse_xml(f"<w:style {_NAMESPACES}>{_write_look(look)}</w:style>"))
    language = _LOCALES.get(content.language, content.language)
    for element in styles.iter(qn("w:lang")):
        element.set(qn("w:val"), language)
    for setting in document.settings.element.iter(qn("w:compatSetting")):
        if setting.get(qn("w:name")) == "compatibilityMode":
            # That of Word since 2013: no “Compatibility Mode” in the title bar.
            setting.set(qn("w:val"), "15")


def _name_style(look: Look) -> str:
    """Word's identifier of a style, which has no blank."""
    return look.word.replace(" ", "")


def _write_look(look: Look) -> str:
    indent = round(20 * look.indent)
    paragraph = (
        "<w:keepNext/>" * look.keeps
        + "<w:keepLines/>" * look.keeps
        + "<w:widowControl/>"
        + (_write_rule(look) if look.rule and look.rule.colour else "")
        + f'<w:spacing w:before="{look.before * 20:.0f}" w:after="{look.after * 20:.0f}" '
        f'w:line="{look.line * 240:.0f}" w:lineRule="auto"/>'
        + (f'<w:ind w:left="{indent}" w:right="{indent}"/>' if indent else "")
        + (f'<w:jc w:val="{look.align}"/>' if look.align else "")
        + (f'<w:outlineLvl w:val="{look.level - 1}"/>' if look.level else "")
    )
    fonts = " ".join(f'w:{script}="{_FONT}"' for script in ("ascii", "hAnsi", "eastAsia", "cs"))
    words = (
        f"<w:rFonts {fonts}/>"
        + "<w:b/>" * look.is_bold
        + "<w:i/>" * look.is_italic
        + f'<w:color w:val="{look.colour or "000000"}"/>'
        + (f'<w:spacing w:val="{look.spacing * 20:.0f}"/>' if look.spacing else "")
        + f'<w:sz w:val="{look.size * 2:.0f}"/><w:szCs w:val="{look.size * 2:.0f}"/>'
    )
    return f"<w:pPr>{paragraph}</w:pPr><w:rPr>{words}</w:rPr>"


def _write_rule(look: Look, colour: str = "") -> str:
    rule = look.rule
    if rule is None:
        return ""
    return (
        "<w:pBdr>"
        + "".join(
            f'<w:{side} w:val="single" w:sz="{rule.thickness * 8:.0f}" '
            f'w:space="{rule.distance:.0f}" w:color="{(colour or rule.colour).upper()}"/>'
            for side in rule.sides
        )
        + "</w:pBdr>"
    )


def _describe(document: DocumentType, content: Content, properties: Properties) -> None:
    """Say in the file what nobody reads on paper. Without a date, the template's is taken out."""
    if properties.draft is not None:
        _name_draft(document, properties)
    core = document.core_properties
    core.title, core.language = content.title, _LOCALES.get(content.language, content.language)
    core.author = core.last_modified_by = properties.author
    core.subject, core.comments = properties.subject, ""
    core.keywords = f"sha256:{properties.digest}" if properties.digest else ""
    if properties.made_at:
        core.created = core.modified = properties.made_at.astimezone(UTC).replace(tzinfo=None)
    else:
        for date in ("created", "modified"):
            for element in core._element.findall(qn(f"dcterms:{date}")):
                core._element.remove(element)


def _name_draft(document: DocumentType, properties: Properties) -> None:
    """Say which release the file was made from, and of which of its texts, or which edition."""
    said = (
        (RELEASE, str(properties.draft)),
        (DIGEST, properties.draft_digest),
        (REGION, escape(properties.region)),
    )
    rows = "".join(
        f'<property fmtid="{_CUSTOM}" pid="{number}" name="{name}"><vt:lpwstr>{value}</vt:lpwstr>'
        "</property>"
        for number, (name, value) in enumerate(filter(itemgetter(1), said), start=2)
    )
    written = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        f'<Properties xmlns="{_CUSTOM_NAMESPACE}" xmlns:vt="{_VALUES}">{rows}</Properties>'
    )
    package = document.part.package
    part = Part(
        PackURI("/docProps/custom.xml"),
        CONTENT_TYPE.OFC_CUSTOM_PROPERTIES,
        written.encode(),
        package,
    )
    package.relate_to(part, RELATIONSHIP_TYPE.CUSTOM_PROPERTIES)

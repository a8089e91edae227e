"""The release as a Word document, to proofread and adapt."""

import io
import re
from collections.abc import Callable
from xml.sax.saxutils import escape

from docx import Document
from docx.document import Document as DocumentType
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph

from labelling.press_release.blocks import Block
from labelling.press_release.content import NO_PROPERTIES, Content, Properties, ReleaseLine
from labelling.press_release.renderers import logo
from labelling.press_release.renderers.characters import refuse_what_xml_forbids
from labelling.sheets import make_reproducible

_FONT = "Arial"
_BLACK = RGBColor(0, 0, 0)
_RED = RGBColor(0xC0, 0, 0)
_MARGIN = Mm(20)
# In twentieths of a point: 50, 36 and 84 mm, so that official names of regions fit on one line.
_WIDTHS = (2835, 2041, 4762)
# The same 170 mm, with the commune and the address.
_WIDTHS_WITH_PLACES = (1757, 1644, 2608, 1588, 2041)
_LOCALES = {"fr": "fr-FR"}
_YELLOW = '<w:highlight w:val="yellow"/>'
_PAGE_NUMBERS = re.compile(r"(\{pages?\})")
_FIELDS = {"{page}": "PAGE", "{pages}": "NUMPAGES"}


def render(content: Content, properties: Properties = NO_PROPERTIES) -> bytes:
    """Return the document. Raise UnprintableCharacterError for what no XML file can hold."""
    refuse_what_xml_forbids(content)
    document = Document()
    _lay_out(document, content)
    for block in content.blocks():
        _WRITERS[block](document, content)
    stream = io.BytesIO()
    document.save(stream)
    return make_reproducible(stream.getvalue())


def _write_notices(document: DocumentType, content: Content) -> None:
    for notice in content.notices:
        paragraph = document.add_paragraph()
        _frame(paragraph)
        run = paragraph.add_run(notice)
        run.bold, run.font.color.rgb = True, _RED


def _write_place_and_date(document: DocumentType, content: Content) -> None:
    paragraph = document.add_paragraph(content.place_and_date)
    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _write_kind(document: DocumentType, content: Content) -> None:
    document.add_paragraph(content.kind, style="Subtitle")


def _write_title(document: DocumentType, content: Content) -> None:
    document.add_paragraph(content.title, style="Title")


def _write_lead(document: DocumentType, content: Content) -> None:
    document.add_paragraph().add_run(content.lead).bold = True


def _write_paragraphs(document: DocumentType, content: Content) -> None:
    for text in content.paragraphs:
        document.add_paragraph(text)


def _write_quote(document: DocumentType, content: Content) -> None:
    for text in content.quote:
        document.add_paragraph(text)


def _write_letterhead(document: DocumentType, content: Content) -> None:
    head = content.letterhead
    if head is None:
        return
    if head.logo:
        width, height = logo.measure(head)
        run = document.add_paragraph().add_run()
        shape = run.add_picture(io.BytesIO(logo.read_picture(head)), Mm(width), Mm(height))
        shape._inline.docPr.set("descr", head.logo_text)
    paragraph = document.add_paragraph()
    run = paragraph.add_run(head.name)
    run.bold, run.font.color.rgb = True, RGBColor.from_string(head.colour[1:].upper())
    _underline(paragraph, head.colour, eighths=12)
    if head.second_colour:
        paragraph.paragraph_format.space_after = Pt(0)
        rule = document.add_paragraph()
        rule.paragraph_format.line_spacing = Pt(3)
        _underline(rule, head.second_colour, eighths=4)


def _write_list(document: DocumentType, content: Content) -> None:
    if content.list_title:
        document.add_paragraph(content.list_title, style="Heading 1")
    if content.legend:
        paragraph = document.add_paragraph()
        paragraph.add_run(content.legend).italic = True
        paragraph.paragraph_format.keep_with_next = True
    document.element.body.insert_element_before(_make_table(content), "w:sectPr")


def _write_situation(document: DocumentType, content: Content) -> None:
    paragraph = document.add_paragraph()
    paragraph.add_run(content.situation).italic = True
    paragraph.paragraph_format.space_before = Pt(6)


def _write_about(document: DocumentType, content: Content) -> None:
    if content.about_heading:
        document.add_paragraph(content.about_heading, style="Heading 1")
    for text in content.about:
        document.add_paragraph(text)


def _write_contact(document: DocumentType, content: Content) -> None:
    if content.contact_heading:
        document.add_paragraph(content.contact_heading, style="Heading 1")
    for text in content.contact:
        paragraph = document.add_paragraph(text)
        paragraph.paragraph_format.space_after = Pt(0)
        paragraph.paragraph_format.keep_with_next = text is not content.contact[-1]


_WRITERS: dict[Block, Callable[[DocumentType, Content], None]] = {
    Block.NOTICES: _write_notices,
    Block.LETTERHEAD: _write_letterhead,
    Block.PLACE_AND_DATE: _write_place_and_date,
    Block.KIND: _write_kind,
    Block.TITLE: _write_title,
    Block.LEAD: _write_lead,
    Block.PARAGRAPHS: _write_paragraphs,
    Block.QUOTE: _write_quote,
    Block.LIST: _write_list,
    Block.SITUATION: _write_situation,
    Block.ABOUT: _write_about,
    Block.CONTACT: _write_contact,
}


def _make_table(content: Content):  # type: ignore[no-untyped-def]
    """The list, as XML: row by row, python-docx takes minutes for thousands of lines."""
    widths = _WIDTHS_WITH_PLACES if content.has_places else _WIDTHS
    shading = '<w:shd w:val="clear" w:color="auto" w:fill="E9EEF5"/>'
    headings = "".join(
        _write_cell(width, _write_run(column, "<w:b/>"), shading)
        for width, column in zip(widths, content.columns, strict=True)
    )
    rows = [f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{headings}</w:tr>"]
    for region, lines in content.by_region():
        first = _write_cell(widths[0], _write_run(region, "<w:b/>"), '<w:vMerge w:val="restart"/>')
        for line in lines:
            places = zip(widths[3:], content.list_places(line), strict=True)
            rows.append(
                f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{first}"
                f"{_write_cell(widths[1], _write_run(line.department))}"
                f"{_write_cell(widths[2], _write_name(line, content.mark))}"
                f"{''.join(_write_cell(width, _write_run(place)) for width, place in places)}"
                "</w:tr>"
            )
            first = _write_cell(widths[0], "", "<w:vMerge/>")
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return parse_xml(
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblStyle w:val="TableGrid"/>'
        f'<w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblLayout w:type="fixed"/>'
        '<w:tblLook w:firstRow="1" w:lastRow="0" w:firstColumn="1" w:lastColumn="0" '
        'w:noHBand="1" w:noVBand="1" w:val="06A0"/></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )


def _write_name(line: ReleaseLine, mark: str) -> str:
    if not line.is_new:
        return _write_run(line.name)
    red = f'<w:b/><w:color w:val="C00000"/>{_YELLOW}'
    return _write_run(f"{line.name}\u00a0", _YELLOW) + _write_run(mark, red)


def _write_cell(width: int, runs: str, properties: str = "") -> str:
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{properties}</w:tcPr>'
        f'<w:p><w:pPr><w:pStyle w:val="NoSpacing"/></w:pPr>{runs}</w:p></w:tc>'
    )


def _write_run(text: str, properties: str = "") -> str:
    text = f'<w:t xml:space="preserve">{escape(text)}</w:t>'
    return f"<w:r><w:rPr>{properties}</w:rPr>{text}</w:r>"


def _lay_out(document: DocumentType, content: Content) -> None:
    """Set the page, the styles, the language and what the file says about itself."""
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin = section.bottom_margin = _MARGIN
    section.left_margin = section.right_margin = _MARGIN
    section.header_distance = section.footer_distance = Mm(10)
    if content.notices:
        _repeat(section.header.paragraphs[0], content.notices)
    _number_pages(section.footer.paragraphs[0], content.words.page)

    _set_style(document, "Normal", size=10, after=6, line=1.1)
    _set_style(document, "Subtitle", size=10, before=12, after=12, bold=True)
    _set_style(document, "Title", size=18, after=14, bold=True)
    _set_style(document, "Heading 1", size=12, before=14, after=6, bold=True)
    _set_style(document, "No Spacing", size=9.5, before=1, after=1)
    language = _LOCALES.get(content.language, content.language)
    for element in document.styles.element.iter(qn("w:lang")):
        element.set(qn("w:val"), language)
    settings = document.settings.element
    for setting in settings.iter(qn("w:compatSetting")):
        if setting.get(qn("w:name")) == "compatibilityMode":
            # That of Word since 2013: no “Compatibility Mode” in the title bar.
            setting.set(qn("w:val"), "15")

    properties = document.core_properties
    properties.title, properties.language = content.title, language
    properties.author = properties.comments = ""
    # The template's; the release has no other.
    for date in ("created", "modified"):
        for element in properties._element.findall(qn(f"dcterms:{date}")):
            properties._element.remove(element)


def _set_style(
    document: DocumentType,
    name: str,
    *,
    size: float,
    before: float = 0,
    after: float = 0,
    line: float = 1.0,
    bold: bool = False,
) -> None:
    """Set one of Word's own styles; they come with a theme's fonts, colours and rules."""
    style: ParagraphStyle = document.styles[name]
    for decoration in ("w:rPr", "w:pPr/w:pBdr", "w:pPr/w:numPr"):
        for element in style.element.xpath(decoration):
            element.getparent().remove(element)
    font, paragraph = style.font, style.paragraph_format
    font.name, font.size, font.bold, font.color.rgb = _FONT, Pt(size), bold, _BLACK
    paragraph.space_before, paragraph.space_after = Pt(before), Pt(after)
    paragraph.line_spacing = line


def _repeat(header: Paragraph, notices: tuple[str, ...]) -> None:
    """Write on each page what must not be missed on any."""
    header.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    run = header.add_run(" – ".join(notices))
    run.bold, run.font.color.rgb, run.font.size = True, _RED, Pt(8.5)


def _number_pages(paragraph: Paragraph, words: str) -> None:
    """Write « Page {page} sur {pages} » with the fields that count them."""
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for part in _PAGE_NUMBERS.split(words):
        if part in _FIELDS:
            run = _write_run("1")
            field = f'<w:fldSimple {nsdecls("w")} w:instr="{_FIELDS[part]}">{run}</w:fldSimple>'
            paragraph._p.append(parse_xml(field))
        else:
            paragraph.add_run(part)


def _frame(paragraph: Paragraph) -> None:
    sides = "".join(
        f'<w:{side} w:val="single" w:sz="12" w:space="4" w:color="C00000"/>'
        for side in ("top", "left", "bottom", "right")
    )
    _set_borders(paragraph, sides)


def _underline(paragraph: Paragraph, colour: str, *, eighths: int) -> None:
    """Draw a rule below, as wide as the page; its thickness is in eighths of a point."""
    rule = f'<w:bottom w:val="single" w:sz="{eighths}" w:space="2" w:color="{colour[1:]}"/>'
    _set_borders(paragraph, rule)


def _set_borders(paragraph: Paragraph, sides: str) -> None:
    border = parse_xml(f"<w:pBdr {nsdecls('w')}>{sides}</w:pBdr>")
    properties = paragraph._p.get_or_add_pPr()
    # Word wants it before the spacing and the alignment.
    properties.insert_element_before(border, "w:shd", "w:spacing", "w:ind", "w:jc", "w:rPr")

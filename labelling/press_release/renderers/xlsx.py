"""The release as an Excel file: one sheet to print, one to filter."""

import io
import re
from datetime import datetime

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.image import Image
from xlsxwriter.worksheet import Worksheet

from labelling.press_release.blocks import Block
from labelling.press_release.content import NO_PROPERTIES, Content, Head, Properties, ReleaseLine
from labelling.press_release.renderers import flat, logo
from labelling.press_release.renderers.characters import refuse_what_xml_forbids
from labelling.sheets.excel import INERT, write_text

_FONT = {"font_name": "Arial", "font_size": 10}
_TOP = {"valign": "top"}
_BORDER = {"border": 1, "border_color": "#767676", "text_wrap": True}
_HEADING = {"bold": True, "bg_color": "#E9EEF5"}
_RED = "#C00000"
# In characters: official names of regions fit on one line, and the page is A4.
_WIDTHS = (26, 22, 52)
# Of the commune and the address, in the lists that have them.
_PLACES = (26, 36)
_A4 = 9
_INCH = 25.4  # In millimetres.
# Excel's escape for a character. XlsxWriter escapes it twice in a text of two colours.
_ESCAPE = re.compile("_x[0-9A-Fa-f]{4}_")
# Excel wants a date of creation; a constant one keeps the bytes the same each time.
_CREATED = datetime(1980, 1, 1)  # noqa: DTZ001 (Excel's dates have no time zone)


def render(content: Content, properties: Properties = NO_PROPERTIES) -> bytes:
    """Return the file. Raise UnprintableCharacterError for what no XML file can hold."""
    refuse_what_xml_forbids(content)
    stream = io.BytesIO()
    with Workbook(
        stream,
        {
            **INERT,
            "default_format_properties": dict(_FONT),  # XlsxWriter writes into it.
        },
    ) as book:
        book.set_properties({"title": content.title, "created": _CREATED})
        _write_press_sheet(book, content)
        _write_flat_sheet(book, content)
    return stream.getvalue()


def _write_press_sheet(book: Workbook, content: Content) -> None:
    sheet = book.add_worksheet(content.words.press_sheet)
    _set_up_page(sheet, content)
    for column, width in enumerate(_list_widths(content)):
        sheet.set_column(column, column, width)

    notice = book.add_format(_TOP | {"bold": True, "font_color": _RED, "text_wrap": True})
    title = book.add_format(_TOP | {"bold": True, "font_size": 14, "text_wrap": True})
    bold = book.add_format(_TOP | {"bold": True, "text_wrap": True})
    italic = book.add_format(_TOP | {"italic": True, "text_wrap": True})
    plain = book.add_format(_TOP | {"text_wrap": True})
    styles = {
        Block.NOTICES: notice,
        Block.KIND: bold,
        Block.TITLE: title,
        Block.LEAD: bold,
        Block.SITUATION: italic,
    }
    row = 0
    # All of them: below the list a block keeps its row when it has no text.
    for block in Block:
        texts: list[tuple[str, Format]]
        match block:
            case Block.LETTERHEAD:
                if content.letterhead:
                    row = _write_letterhead(book, sheet, row, content.letterhead)
            case Block.LIST if not content.lines:
                pass
            case Block.LIST:
                texts = [(content.list_title, bold), (content.legend, italic)]
                row = _write_texts(sheet, row, texts, gap=4)
                sheet.repeat_rows(row)
                row = _write_table(book, sheet, row, content)
            case Block.ABOUT | Block.CONTACT:
                heading = getattr(content, f"{block}_heading")
                texts = [(heading, bold), *((text, plain) for text in getattr(content, block))]
                row = _write_texts(sheet, row + 1, texts)
            case Block.SITUATION:
                row = _write_texts(sheet, row + 1, [(getattr(content, block), styles[block])])
            case _:
                style = styles.get(block, plain)
                texts = [(text, style) for text in content.list_texts(block)]
                row = _write_texts(sheet, row, texts, gap=4)


def _write_letterhead(book: Workbook, sheet: Worksheet, row: int, head: Head) -> int:
    """Write the sender's picture and name over a rule; return the row that follows."""
    if head.logo:
        width, height = logo.measure(head)
        image = Image(io.BytesIO(logo.read_picture(head)))
        scale = {
            "x_scale": width / _INCH * image.x_dpi / image.width,
            "y_scale": height / _INCH * image.y_dpi / image.height,
        }
        sheet.set_row(row, height / _INCH * 72 + 4)
        sheet.insert_image(row, 0, image, {"description": head.logo_text, **scale})
        row += 1
    rules = {"bottom": 2, "bottom_color": head.colour, "font_color": head.colour, "bold": True}
    row = _write_texts(sheet, row, [(head.name, book.add_format(_TOP | rules))])
    if head.second_colour:
        thin = book.add_format({"bottom": 1, "bottom_color": head.second_colour})
        sheet.merge_range(row, 0, row, len(_WIDTHS) - 1, "", thin)
        sheet.set_row(row, 3)
        row += 1
    return row


def _write_texts(
    sheet: Worksheet, row: int, texts: list[tuple[str, Format]], gap: float = 0
) -> int:
    """Write each text over the width of the list; return the row that follows."""
    for text, style in texts:
        if text:
            sheet.merge_range(row, 0, row, len(_WIDTHS) - 1, "", style)
            write_text(sheet, row, 0, text, style)
            # No program fits the height of merged cells by itself.
            size = style.font_size
            _set_height(sheet, row, _count_lines(text, sum(_WIDTHS), size), size, gap)
            row += 1
    return row


def _write_table(book: Workbook, sheet: Worksheet, row: int, content: Content) -> int:
    cell = book.add_format(_TOP | _BORDER)
    heading = book.add_format(_TOP | _BORDER | _HEADING)
    bold = book.add_format(_TOP | _BORDER | {"bold": True})
    yellow = book.add_format(_TOP | _BORDER | {"bg_color": "#FFFF00"})
    red = book.add_format({"bold": True, "color": _RED})

    def write_name(row: int, line: ReleaseLine) -> None:
        if not line.is_new:
            write_text(sheet, row, 2, line.name, cell)
        elif content.mark and not _ESCAPE.search(line.name):
            sheet.write_rich_string(row, 2, f"{line.name}\u00a0", red, content.mark, yellow)
        else:
            write_text(sheet, row, 2, f"{line.name}\u00a0{content.mark}".rstrip(), yellow)

    for column, text in enumerate(content.columns):
        write_text(sheet, row, column, text, heading)
    for region, lines in content.by_region():
        if len(lines) > 1:
            sheet.merge_range(row + 1, 0, row + len(lines), 0, "", bold)
        write_text(sheet, row + 1, 0, region, bold)
        for line in lines:
            row += 1
            write_text(sheet, row, 1, line.department, cell)
            write_name(row, line)
            places = content.list_places(line)
            for column, place in enumerate(places, start=len(_WIDTHS)):
                write_text(sheet, row, column, place, cell)
            texts = (line.department, line.name, *places)
            lines_of_text = max(map(_count_lines, texts, _list_widths(content)[1:]))
            if lines_of_text > 1:
                # LibreOffice would cut what Excel fits.
                _set_height(sheet, row, lines_of_text)
    return row + 1


def _list_widths(content: Content) -> tuple[int, ...]:
    return (*_WIDTHS, *_PLACES) if content.has_places else _WIDTHS


def _count_lines(text: str, width: int, size: float = 10) -> int:
    """How many lines the text takes in a cell: an estimate, no program is there to ask."""
    return -int(-len(text) * size // (12 * width))


def _set_height(sheet: Worksheet, row: int, lines: int, size: float = 10, gap: float = 0) -> None:
    sheet.set_row(row, 1.3 * size * lines + gap)


def _write_flat_sheet(book: Workbook, content: Content) -> None:
    sheet = book.add_worksheet(content.words.flat_sheet)
    _set_up_page(sheet, content)
    heading = book.add_format(_HEADING)
    for column, width in enumerate((*_list_widths(content), 10)):
        sheet.set_column(column, column, width)
    # They must not be missed.
    for row, notice in enumerate(content.notices):
        write_text(sheet, row, 0, notice, book.add_format({"bold": True}))
    top = len(content.notices)
    for row, texts in enumerate([flat.list_headings(content), *flat.list_rows(content)], start=top):
        for column, text in enumerate(texts):
            write_text(sheet, row, column, text, heading if row == top else None)
    sheet.autofilter(top, 0, top + len(content.lines), len(flat.list_headings(content)) - 1)
    sheet.freeze_panes(top + 1, 0)
    sheet.repeat_rows(top)


def _set_up_page(sheet: Worksheet, content: Content) -> None:
    sheet.set_paper(_A4)
    if content.has_places:
        sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.6, right=0.6, top=0.8, bottom=0.8)
    # “&” begins a code in what Excel prints around a page.
    page = content.words.page.replace("&", "&&").replace("{page}", "&P").replace("{pages}", "&N")
    sheet.set_footer(f"&C{page}")
    if content.notices:
        sheet.set_header("&C" + " – ".join(content.notices).replace("&", "&&")[:250])

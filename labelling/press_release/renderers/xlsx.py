"""The release as an Excel file: one sheet to print, one to filter."""

import io
import re
from datetime import UTC, datetime
from itertools import repeat
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.image import Image
from xlsxwriter.worksheet import Worksheet

from labelling import memory
from labelling.press_release.blocks import Block
from labelling.press_release.content import NO_PROPERTIES, Content, Head, Properties, ReleaseLine
from labelling.press_release.renderers import flat, logo, paging
from labelling.press_release.renderers.characters import refuse_what_xml_forbids
from labelling.sheets.excel import INERT, write_text

_FONT = {"font_name": "Arial", "font_size": 10}
_TOP = {"valign": "top"}
_WRAPPED = _TOP | {"text_wrap": True}
_BORDER = {"border": 1, "border_color": "#767676", "text_wrap": True}
_HEADING = {"bold": True, "bg_color": "#E9EEF5"}
_RED = "#C00000"
# In characters: official names of regions fit on one line, and the page is A4.
_WIDTHS = (26, 22, 52)
# Of the commune and the address, in the lists that have them.
_PLACES = (26, 36)
_CHARACTER = 5.25  # In points.
_A4 = 9
_INCH = 25.4  # In millimetres.
# The margins, in inches.
_SIDES, _ENDS = 0.6, 0.8
# How high the paper is, in millimetres, and in hundredths how large the sheet is printed, so that
# it is as wide as the page.
_PORTRAIT, _LANDSCAPE = (297, 88), (210, 80)
# In points.
_ROW = 14.25
_GAP = 6
# Excel's escape for a character. XlsxWriter escapes it twice in a text of two colours.
_ESCAPE = re.compile("_x[0-9A-Fa-f]{4}_")
# Excel wants a date of creation; a constant one keeps the bytes the same each time.
_CREATED = datetime(1980, 1, 1)  # noqa: DTZ001 (Excel's dates have no time zone)


@memory.uncollected()
def render(content: Content, properties: Properties = NO_PROPERTIES) -> bytes:
    """Return the file. Raise UnprintableCharacterError for what no XML file can hold."""
    refuse_what_xml_forbids(content)
    stream = io.BytesIO()
    made_at = properties.made_at
    with Workbook(
        stream,
        {
            **INERT,
            "default_format_properties": dict(_FONT),  # XlsxWriter writes into it.
        },
    ) as book:
        book.set_properties(
            {
                "title": content.title,
                "subject": properties.subject,
                "author": properties.author,
                "keywords": f"sha256:{properties.digest}" if properties.digest else "",
                "created": made_at.astimezone(UTC).replace(tzinfo=None) if made_at else _CREATED,
            }
        )
        _PressSheet(book, content).write()
        _write_flat_sheet(book, content)
    return stream.getvalue()


class _PressSheet:
    """The sheet to print, filled from top to bottom: it knows how much is left of the page."""

    def __init__(self, book: Workbook, content: Content) -> None:
        self.book, self.content = book, content
        self.sheet: Worksheet = book.add_worksheet(content.words.press_sheet)
        self.widths = _list_widths(content)
        self.rooms = [width * _CHARACTER for width in self.widths]
        self.rooms_beside = self.rooms[1:]
        high, self.scale = _LANDSCAPE if content.has_places else _PORTRAIT
        self.page = (high / _INCH - 2 * _ENDS) * 72 * 100 / self.scale - 4
        self.row, self.left, self.top = 0, self.page, self.page
        self.breaks: list[int] = []
        styles: dict[str, dict[str, Any]] = {
            "plain": {},
            "bold": {"bold": True},
            "italic": {"italic": True},
            "title": {"bold": True, "font_size": 14},
            "notice": {"bold": True, "font_color": _RED},
            "date": {"align": "right"},
            "quote": {"italic": True, "indent": 2},
            "speaker": {"indent": 2},
        }
        self.styles = {name: book.add_format(_WRAPPED | more) for name, more in styles.items()}

    def write(self) -> None:
        _set_up_page(self.sheet, self.content)
        self.sheet.set_print_scale(self.scale)
        self.sheet.set_default_row(_ROW)
        for column, width in enumerate(self.widths):
            self.sheet.set_column(column, column, width)
        blocks = [*self.content.blocks()]
        for block in blocks:
            match block:
                case Block.LETTERHEAD if self.content.letterhead:
                    self._write_letterhead(self.content.letterhead)
                case Block.LIST:
                    self._write_list()
                case Block.NATIONAL:
                    heading = (self.content.national_heading, self.styles["bold"])
                    self._write_texts([heading, *self._style(block)], gap=4)
                case Block.ABOUT | Block.CONTACT:
                    pass
                case _:
                    self._write_texts(self._style(block), gap=4)
        self._write_end([block for block in (Block.ABOUT, Block.CONTACT) if block in blocks])
        self.sheet.set_h_pagebreaks(self.breaks)

    def _style(self, block: Block) -> list[tuple[str, Format]]:
        """The texts of a block, each with its style."""
        styles = {
            Block.NOTICES: "notice",
            Block.PLACE_AND_DATE: "date",
            Block.KIND: "bold",
            Block.TITLE: "title",
            Block.LEAD: "bold",
            Block.SITUATION: "italic",
        }
        names = [styles.get(block, "plain")] * len(self.content.list_texts(block))
        if block == Block.QUOTE:
            names = ["quote", *["speaker"] * (len(names) - 1)]
        texts = zip(self.content.list_texts(block), names, strict=True)
        return [(text, self.styles[name]) for text, name in texts]

    def _write_end(self, blocks: list[Block]) -> None:
        """« À propos » and the contact, each below its heading, on one page."""
        parts = []
        for block in blocks:
            heading = getattr(self.content, f"{block}_heading")
            texts = [(heading, self.styles["bold"])] if heading else []
            parts.append(
                [*texts, *((t, self.styles["plain"]) for t in getattr(self.content, block))]
            )
        height = sum(_ROW + sum(self._measure(*text) for text in texts) for texts in parts)
        if self.left < height <= self.top:
            self._begin_page()
        for texts in parts:
            self._add_row(_ROW)
            self._write_texts(texts)

    def _write_letterhead(self, head: Head) -> None:
        """The sender's picture and name over a rule."""
        if head.logo:
            width, height = logo.measure(head)
            image = Image(io.BytesIO(logo.read_picture(head)))
            scale = {
                "x_scale": width / _INCH * image.x_dpi / image.width,
                "y_scale": height / _INCH * image.y_dpi / image.height,
            }
            self.sheet.insert_image(self.row, 0, image, {"description": head.logo_text, **scale})
            self._add_row(height / _INCH * 72 + 4)
        rules = {"bottom": 2, "bottom_color": head.colour, "font_color": head.colour, "bold": True}
        self._write_texts([(head.name, self.book.add_format(_TOP | rules))])
        if head.second_colour:
            thin = self.book.add_format({"bottom": 1, "bottom_color": head.second_colour})
            self.sheet.merge_range(self.row, 0, self.row, len(self.widths) - 1, "", thin)
            self._add_row(3)
        self._add_row(_GAP)

    def _write_texts(self, texts: list[tuple[str, Format]], gap: float = 0) -> None:
        """Write each text over the width of the list."""
        for text, style in texts:
            if text:
                self.sheet.merge_range(self.row, 0, self.row, len(self.widths) - 1, "", style)
                write_text(self.sheet, self.row, 0, text, style)
                # No program fits the height of merged cells by itself.
                self._add_row(self._measure(text, style) + gap)

    def _write_list(self) -> None:
        content = self.content
        texts = [(content.list_title, self.styles["bold"]), (content.legend, self.styles["italic"])]
        title = sum(self._measure(text, style) + 4 for text, style in texts if text) + _ROW
        headings = self._measure_row(*content.columns)
        runs = [
            *paging.cut(
                content,
                left=self.left - title - headings,
                title=title,
                page=self.page - headings,
                doubt=0,
                measure=self._measure_line,
                measure_label=self._measure_row,
            )
        ]
        if runs[0].begins_page:
            self._begin_page()
        else:
            self._add_row(_ROW)
        self._write_texts(texts, gap=4)
        self.sheet.repeat_rows(self.row)
        self.top -= headings
        self._write_table(runs, headings)

    def _write_table(self, runs: list[paging.Run], headings: float) -> None:
        cell = self.book.add_format(_TOP | _BORDER)
        heading = self.book.add_format(_TOP | _BORDER | _HEADING)
        bold = self.book.add_format(_TOP | _BORDER | {"bold": True})
        yellow = self.book.add_format(_TOP | _BORDER | {"bg_color": "#FFFF00"})
        red = self.book.add_format({"bold": True, "color": _RED})
        content, sheet, mark = self.content, self.sheet, self.content.mark

        def write_name(row: int, line: ReleaseLine) -> None:
            if not line.is_new:
                write_text(sheet, row, 2, line.name, cell)
            elif mark and not _ESCAPE.search(line.name):
                sheet.write_rich_string(row, 2, f"{line.name}\u00a0", red, mark, yellow)
            else:
                write_text(sheet, row, 2, f"{line.name}\u00a0{mark}".rstrip(), yellow)

        for column, text in enumerate(self.content.columns):
            write_text(sheet, self.row, column, text, heading)
        self._add_row(headings)
        for number, run in enumerate(runs):
            if run.begins_page and number:
                self._begin_page()
            if len(run.lines) > 1:
                sheet.merge_range(self.row, 0, self.row + len(run.lines) - 1, 0, "", bold)
            write_text(sheet, self.row, 0, run.label, bold)
            for line, height in zip(run.lines, run.heights, strict=True):
                write_text(sheet, self.row, 1, line.department, cell)
                write_name(self.row, line)
                if content.has_places:
                    for column, place in enumerate(content.list_places(line), start=len(_WIDTHS)):
                        write_text(sheet, self.row, column, place, cell)
                # LibreOffice would cut what Excel fits.
                self._add_row(height)
        self._add_row(_GAP)

    def _measure(self, text: str, style: Format) -> float:
        """How high a text is over the width of the list."""
        room = (sum(self.widths) - 4 * style.indent) * _CHARACTER
        lines = paging.count_lines(text, room, style.font_size, is_bold=style.bold)
        return 1.3 * style.font_size * lines

    def _measure_row(self, *cells: str) -> float:
        """How high a row is with these texts in its first columns."""
        return self._measure_cells(cells, self.rooms)

    def _measure_line(self, line: ReleaseLine) -> float:
        """How high a line is: its region stands beside several."""
        cells = (line.department, f"{line.name} *", *self.content.list_places(line))
        return self._measure_cells(cells, self.rooms_beside)

    def _measure_cells(self, cells: tuple[str, ...], rooms: list[float]) -> float:
        return _ROW + 13 * (max(map(paging.count_lines, cells, rooms, repeat(10))) - 1)

    def _add_row(self, height: float) -> None:
        if height != _ROW:
            self.sheet.set_row(self.row, height)
        self.row += 1
        self.left -= height
        if self.left < 0:  # A long text goes on.
            self.left %= self.top

    def _begin_page(self) -> None:
        self.breaks.append(self.row)
        self.left = self.top


def _list_widths(content: Content) -> tuple[int, ...]:
    return (*_WIDTHS, *_PLACES)[: len(content.columns)]


def _write_flat_sheet(book: Workbook, content: Content) -> None:
    sheet = book.add_worksheet(content.words.flat_sheet)
    _set_up_page(sheet, content)
    sheet.fit_to_pages(1, 0)
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
    sheet.set_margins(left=_SIDES, right=_SIDES, top=_ENDS, bottom=_ENDS)
    # “&” begins a code in what Excel prints around a page.
    page = content.words.page.replace("&", "&&").replace("{page}", "&P").replace("{pages}", "&N")
    sheet.set_footer(f"&C{page}")
    if content.notices:
        sheet.set_header("&C" + " – ".join(content.notices).replace("&", "&&")[:250])

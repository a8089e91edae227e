"""Reads the content.xml of an ODS workbook.

calamine is not used here: it drops tabs and line breaks inside a cell, gluing the words around
them, and knows neither merged cells nor errors.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

from labelling.sandbox.limits import RefusedError

from .grid import (
    FIRST_COMMENTS,
    NO_RESULT,
    NOT_A_DATE,
    NOT_A_NUMBER,
    Budget,
    Cell,
    Grid,
    SheetFacts,
    check_extent,
    tidy_duration,
    word_error,
)
from .kinds import DAMAGED
from .limits import TOO_HEAVY, TooLargeError, format_address

OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
CALC = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"

SPREADSHEET = f"{OFFICE}body/{OFFICE}spreadsheet"
ROW = f"{TABLE}table-row"
ROW_GROUPS = (f"{TABLE}table-row-group", f"{TABLE}table-header-rows", f"{TABLE}table-rows")
COLUMN = f"{TABLE}table-column"
COLUMN_GROUPS = (
    f"{TABLE}table-column-group",
    f"{TABLE}table-header-columns",
    f"{TABLE}table-columns",
)
CELLS = (f"{TABLE}table-cell", f"{TABLE}covered-table-cell")
COMMENT = f"{OFFICE}annotation"
PARAGRAPHS = (f"{TEXT}p", f"{TEXT}h")

TYPE = f"{OFFICE}value-type"
VALUE = f"{OFFICE}value"
STRING_VALUE = f"{OFFICE}string-value"
ERROR_TYPE = f"{CALC}value-type"
FORMULA = f"{TABLE}formula"
ROWS_REPEATED = f"{TABLE}number-rows-repeated"
COLUMNS_REPEATED = f"{TABLE}number-columns-repeated"
ROWS_SPANNED = f"{TABLE}number-rows-spanned"
COLUMNS_SPANNED = f"{TABLE}number-columns-spanned"
STYLE_NAME = f"{TABLE}style-name"
CELL_STYLE = f"{TABLE}default-cell-style-name"
VISIBILITY = f"{TABLE}visibility"
# By hand, or by a filter.
HIDDEN = ("collapse", "filter")
LINE_THROUGH = f"{STYLE}text-line-through-style"

NUMBERS = ("float", "percentage", "currency")

# White space counts for one space in a paragraph, unless written as an element. Those are kept
# apart, until the paragraph is read, as control characters, which XML cannot contain.
HARD_SPACE, HARD_TAB, HARD_BREAK = "\x01", "\x02", "\x03"
HARD = str.maketrans({HARD_SPACE: " ", HARD_TAB: "\t", HARD_BREAK: "\n"})
SOFT_SPACES = re.compile(r"[ \t\r\n]+")
REPEATS = re.compile("[0-9]{1,9}")
DURATION = re.compile(
    r"^(-?)P(?:([0-9]{1,7})D)?T(?:([0-9]{1,7})H)?(?:([0-9]{1,7})M)?"
    r"(?:([0-9]{1,7})(?:[.,]([0-9]+))?S)?$"
)

# A tag costs 100 bytes and half a microsecond. Four make a cell with text, one a blank cell.
TAGS_PER_CELL = 3
TABLE_TAG = re.compile(rb"<table:table (?=([^<>]*))|</table:table>")
MOST_TABLE_TAGS = 10_000
DEEPEST_STYLE = 20


def read_ods(parts: Mapping[str, bytes], budget: Budget, only: str = "") -> Iterator[Grid]:
    """Yield the sheets of an unpacked ODS workbook, in the order of their tabs.

    One that is too large comes without its rows, as do all others than `only`.
    """
    content, refused = _drop_large_tables(parts["content.xml"], budget)
    document = _parse(content, budget)
    hidden_styles = {
        style.get(f"{STYLE}name")
        for style in document.iterfind(f"{OFFICE}automatic-styles/{STYLE}style")
        for properties in style.iterfind(f"{STYLE}table-properties")
        if properties.get(f"{TABLE}display") == "false"
    }
    struck_styles = _find_struck_styles(document, parts.get("styles.xml", b""), budget)
    for number, table in enumerate(document.iterfind(f"{SPREADSHEET}/{TABLE}table")):
        is_hidden = table.get(STYLE_NAME) in hidden_styles
        grid = Grid(table.get(f"{TABLE}name", ""), is_hidden, unread=refused.get(number, ""))
        spent = budget.cells
        try:
            if not grid.unread and only in ("", grid.name):
                grid.fill(_Table(table, budget, struck_styles).read_rows(grid), budget)
        except TooLargeError as refusal:
            budget.cells = spent
            grid = Grid(grid.name, is_hidden, unread=str(refusal))
        yield grid


def _parse(content: bytes, budget: Budget) -> Element:
    if content.count(b"<") > budget.limits.cells * TAGS_PER_CELL:
        raise RefusedError(TOO_HEAVY)
    try:
        # Parts with a DTD were refused before: nothing here can expand or open anything.
        return ET.fromstring(content)  # noqa: S314
    except ET.ParseError as error:
        raise RefusedError(DAMAGED) from error


def _drop_large_tables(content: bytes, budget: Budget) -> tuple[bytes, dict[int, str]]:
    """Empty the tables that are too large to be parsed; return why, by their number, with the rest.

    Where tables stand in one another, as no spreadsheet writes them, all is left as it is.
    """
    most = budget.limits.cells * TAGS_PER_CELL
    if content.count(b"<") <= most:
        return content, {}
    tags = list(islice(TABLE_TAG.finditer(content), MOST_TABLE_TAGS))
    begins, ends = tags[::2], tags[1::2]
    if (
        len(begins) != len(ends)
        or any(tag[1] is None for tag in begins)
        or any(tag[1] for tag in ends)
    ):
        return content, {}
    kept, refused, place = [], {}, 0
    for number, (begin, end) in enumerate(zip(begins, ends, strict=True)):
        if content.count(b"<", begin.end(), end.start()) > most:
            after = begin.end(1) + 1
            kept.append(content[place:after])
            place = end.start()
            refused[number] = TOO_HEAVY
    return b"".join([*kept, content[place:]]), refused


def _find_struck_styles(document: Element, common: bytes, budget: Budget) -> set[str]:
    """Return the names of the styles whose text is struck through, or which stand on one that is.

    `common` is the part of the styles that have a name in the spreadsheet.
    """
    styles = list(document.iterfind(f"{OFFICE}automatic-styles/{STYLE}style"))
    if b"text-line-through-style" in common:
        styles += _parse(common, budget).iterfind(f"{OFFICE}styles/{STYLE}style")
    struck: dict[str, bool] = {}
    parents: dict[str, str] = {}
    for style in styles:
        name = style.get(f"{STYLE}name", "")
        parents[name] = style.get(f"{STYLE}parent-style-name", "")
        for properties in style.iterfind(f"{STYLE}text-properties"):
            if LINE_THROUGH in properties.attrib:
                struck[name] = properties.get(LINE_THROUGH) != "none"

    def is_struck(name: str) -> bool:
        for _ in range(DEEPEST_STYLE):
            if name in struck or not name:
                break
            name = parents.get(name, "")
        return struck.get(name, False)

    return {name for name in parents if is_struck(name)}


@dataclass
class _Row:
    """A row: its cells, its problems (column, reason), its merged cells, where comments stand."""

    cells: list[Cell] = field(default_factory=list)
    problems: list[tuple[int, str]] = field(default_factory=list)
    spans: list[tuple[int, int, int]] = field(default_factory=list)
    comments: list[int] = field(default_factory=list)
    # None while it has no value.
    is_struck: bool | None = None


class _Table:
    """Follows the rows of one table; repeats are expanded, unless blank and last."""

    def __init__(self, table: Element, budget: Budget, struck_styles: set[str]) -> None:
        self.table = table
        self.budget = budget
        self.struck_styles = struck_styles
        # Whether the text is struck through where neither a cell nor its row says so.
        self.struck_columns: list[bool] = []
        self.hidden_columns: list[int] = []
        self._read_columns()

    def _read_columns(self) -> None:
        most = self.budget.limits.columns
        for column in _find_all(self.table, COLUMN, COLUMN_GROUPS):
            first = len(self.struck_columns)
            last = min(first + _count(column, COLUMNS_REPEATED), most)
            is_struck = column.get(CELL_STYLE) in self.struck_styles
            self.struck_columns += [is_struck] * (last - first)
            if column.get(VISIBILITY) in HIDDEN:
                self.hidden_columns += range(first, last)

    def read_rows(self, grid: Grid) -> list[list[Cell]]:
        """Return the rows; problems, merged cells and facts go to the grid."""
        rows: list[list[Cell]] = []
        hidden: list[int] = []
        struck: list[int] = []
        commented: list[str] = []
        next_row = 0
        for element in _find_all(self.table, ROW, ROW_GROUPS):
            first = next_row
            next_row += _count(element, ROWS_REPEATED)
            row = self._read_row(element, grid.name)
            commented += [format_address(first, column) for column in row.comments]
            if not row.cells:
                continue
            check_extent(grid.name, next_row - 1, 0, self.budget.limits)
            self.budget.spend_cells(len(row.cells) * (next_row - first), grid.name)
            rows.extend([] for _ in range(first - len(rows)))
            rows.extend([row.cells] * (next_row - first))
            for number in range(first, next_row):
                grid.problems.update(((number, column), why) for column, why in row.problems)
                grid.spans.extend(
                    (number, left, number + down, right) for left, down, right in row.spans
                )
            if element.get(VISIBILITY) in HIDDEN:
                hidden += range(first + 1, next_row + 1)
            if row.is_struck:
                struck += range(first + 1, next_row + 1)
        grid.facts = SheetFacts(
            hidden, struck, self.hidden_columns, len(commented), commented[:FIRST_COMMENTS]
        )
        return rows

    def _read_row(self, element: Element, name: str) -> "_Row":
        read = _Row()
        row = read.cells
        blanks = 0
        row_style = element.get(CELL_STYLE)
        for cell in element:
            if cell.tag not in CELLS:
                continue
            if not cell.attrib and not len(cell):
                blanks += 1
                continue
            repeats = _count(cell, COLUMNS_REPEATED)
            if len(cell) and cell.find(COMMENT) is not None:
                read.comments.append(len(row) + blanks)
            value, problem = self._read_value(cell)
            if value is None and problem is None:
                blanks += repeats
                continue
            column = len(row) + blanks
            check_extent(name, 0, column + repeats - 1, self.budget.limits)
            row += [None] * blanks
            row += [value] * repeats
            blanks = 0
            if self.struck_styles and read.is_struck is not False:
                read.is_struck = self._is_struck(cell.get(STYLE_NAME, row_style), column)
            if problem is not None:
                read.problems.extend((column + repeat, problem) for repeat in range(repeats))
            if ROWS_SPANNED in cell.attrib or COLUMNS_SPANNED in cell.attrib:
                down, right = _count(cell, ROWS_SPANNED) - 1, _count(cell, COLUMNS_SPANNED) - 1
                if down or right:
                    read.spans.append((column, down, column + right))
        return read

    def _is_struck(self, style: str | None, column: int) -> bool:
        if style is not None:
            return style in self.struck_styles
        return column < len(self.struck_columns) and self.struck_columns[column]

    def _read_value(self, cell: Element) -> tuple[Cell, str | None]:
        """Return the value of a cell and what is wrong with it."""
        kind = cell.get(TYPE)
        try:
            if kind in NUMBERS:
                return float(cell.attrib[VALUE]), None
            if kind == "date":
                moment = datetime.fromisoformat(cell.attrib[f"{OFFICE}date-value"])
                return moment.replace(tzinfo=None), None
            if kind == "time":
                return tidy_duration(_read_duration(cell.attrib[f"{OFFICE}time-value"])), None
            if kind == "boolean":
                return cell.attrib[f"{OFFICE}boolean-value"] == "true", None
        except (KeyError, ValueError):
            return None, NOT_A_DATE if kind in ("date", "time") else NOT_A_NUMBER
        paragraphs = list(self._read_paragraphs(cell))
        text = "\n".join(paragraphs)
        if cell.get(ERROR_TYPE) == "error":
            return None, word_error(text)
        # LibreOffice writes the empty text that a formula gives as a paragraph without a type.
        if kind is None and not paragraphs and FORMULA in cell.attrib:
            return None, NO_RESULT
        return cell.get(STRING_VALUE, text) or None, None

    def _read_paragraphs(self, element: Element) -> Iterator[str]:
        """Yield the text of each paragraph, but not of comments, drawings and inner tables."""
        for child in element:
            if child.tag in PARAGRAPHS:
                pieces = [child.text or ""]
                if len(child):
                    self._collect(child, pieces)
                text = SOFT_SPACES.sub(" ", "".join(pieces)).removeprefix(" ")
                yield text.translate(HARD) if len(child) else text
            elif child.tag.startswith(TEXT):  # a list
                yield from self._read_paragraphs(child)

    def _collect(self, element: Element, pieces: list[str]) -> None:
        for child in element:
            match child.tag.removeprefix(TEXT):
                case "s":
                    count = _count(child, f"{TEXT}c")
                    self.budget.spend_characters(count)
                    pieces.append(HARD_SPACE * count)
                case "tab":
                    pieces.append(HARD_TAB)
                case "line-break":
                    pieces.append(HARD_BREAK)
                case "ruby-text" | "note":
                    pass
                case _ if child.tag.startswith(TEXT):
                    pieces.append(child.text or "")
                    self._collect(child, pieces)
            pieces.append(child.tail or "")


def _find_all(element: Element, tag: str, groups: tuple[str, ...]) -> Iterator[Element]:
    """Yield the rows of a table, or its columns, those in groups included."""
    for child in element:
        if child.tag == tag:
            yield child
        elif child.tag in groups:
            yield from _find_all(child, tag, groups)


def _count(element: Element, name: str) -> int:
    """Return a number of repeats or of merged cells; 1 when there is none."""
    value = element.get(name)
    if value is None:
        return 1
    if not REPEATS.fullmatch(value):
        raise RefusedError(DAMAGED)
    return max(1, int(value))


def _read_duration(value: str) -> timedelta:
    match = DURATION.match(value)
    if match is None:
        raise ValueError(value)
    sign, days, hours, minutes, seconds, fraction = match.groups(default="")
    duration = timedelta(
        days=int(days or 0),
        hours=int(hours or 0),
        minutes=int(minutes or 0),
        seconds=int(seconds or 0),
        microseconds=int(f"{fraction:0<6.6}") if fraction else 0,
    )
    return -duration if sign else duration

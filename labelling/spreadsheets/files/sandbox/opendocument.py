"""Reads the content.xml of an ODS workbook.

calamine is not used here: it drops tabs and line breaks inside a cell, gluing the words around
them, and knows neither merged cells nor errors.
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

from .archive import DAMAGED
from .grid import (
    NO_RESULT,
    NOT_A_DATE,
    NOT_A_NUMBER,
    Budget,
    Cell,
    Grid,
    check_extent,
    tidy_duration,
    word_error,
)
from .limits import TOO_HEAVY, RefusedError

OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
CALC = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"

SPREADSHEET = f"{OFFICE}body/{OFFICE}spreadsheet"
ROW = f"{TABLE}table-row"
ROW_GROUPS = (f"{TABLE}table-row-group", f"{TABLE}table-header-rows", f"{TABLE}table-rows")
CELLS = (f"{TABLE}table-cell", f"{TABLE}covered-table-cell")
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

NUMBERS = ("float", "percentage", "currency")

# White space counts for one space in a paragraph, unless written as an element. Those are kept
# apart, until the paragraph is read, as control characters, which XML cannot contain.
HARD_SPACE, HARD_TAB, HARD_BREAK = "\x01", "\x02", "\x03"
HARD = str.maketrans({HARD_SPACE: " ", HARD_TAB: "\t", HARD_BREAK: "\n"})
SOFT_SPACES = re.compile(r"[ \t\r\n]+")
DURATION = re.compile(
    r"^(-?)P(?:([0-9]{1,7})D)?T(?:([0-9]{1,7})H)?(?:([0-9]{1,7})M)?"
    r"(?:([0-9]{1,7})(?:[.,]([0-9]+))?S)?$"
)

# A tag costs 100 bytes and half a microsecond. Four make a cell with text, one a blank cell.
TAGS_PER_CELL = 3


def read_ods(content: bytes, budget: Budget) -> Iterator[Grid]:
    """Yield the sheets of an ODS workbook, in the order of their tabs."""
    if content.count(b"<") > budget.limits.cells * TAGS_PER_CELL:
        raise RefusedError(TOO_HEAVY)
    try:
        # Parts with a DTD were refused before: nothing here can expand or open anything.
        document = ET.fromstring(content)  # noqa: S314
    except ET.ParseError as error:
        raise RefusedError(DAMAGED) from error
    hidden_styles = {
        style.get(f"{STYLE}name")
        for style in document.iterfind(f"{OFFICE}automatic-styles/{STYLE}style")
        for properties in style.iterfind(f"{STYLE}table-properties")
        if properties.get(f"{TABLE}display") == "false"
    }
    for table in document.iterfind(f"{SPREADSHEET}/{TABLE}table"):
        is_hidden = table.get(f"{TABLE}style-name") in hidden_styles
        grid = Grid(table.get(f"{TABLE}name", ""), is_hidden)
        grid.fill(_Table(table, budget).read_rows(grid), budget)
        yield grid


class _Table:
    """Follows the rows of one table; repeats are expanded, unless blank and last."""

    def __init__(self, table: Element, budget: Budget) -> None:
        self.table = table
        self.budget = budget

    def read_rows(self, grid: Grid) -> list[list[Cell]]:
        """Return the rows; problems and merged cells go to the grid."""
        rows: list[list[Cell]] = []
        next_row = 0
        for element in _find_rows(self.table):
            first = next_row
            next_row += _count(element, ROWS_REPEATED)
            row, problems, spans = self._read_row(element, grid.name)
            if not row:
                continue
            check_extent(grid.name, next_row - 1, 0, self.budget.limits)
            self.budget.spend_cells(len(row) * (next_row - first))
            rows.extend([] for _ in range(first - len(rows)))
            rows.extend([row] * (next_row - first))
            for number in range(first, next_row):
                grid.problems.update(((number, column), why) for column, why in problems)
                grid.spans.extend(
                    (number, left, number + down, right) for left, down, right in spans
                )
        return rows

    def _read_row(
        self, element: Element, name: str
    ) -> tuple[list[Cell], list[tuple[int, str]], list[tuple[int, int, int]]]:
        """Return the cells, the problems (column, reason) and the merged cells of a row."""
        row: list[Cell] = []
        problems: list[tuple[int, str]] = []
        spans: list[tuple[int, int, int]] = []
        blanks = 0
        for cell in element:
            if cell.tag not in CELLS:
                continue
            if not cell.attrib and not len(cell):
                blanks += 1
                continue
            repeats = _count(cell, COLUMNS_REPEATED)
            value, problem = self._read_value(cell)
            if value is None and problem is None:
                blanks += repeats
                continue
            column = len(row) + blanks
            check_extent(name, 0, column + repeats - 1, self.budget.limits)
            row += [None] * blanks
            row += [value] * repeats
            blanks = 0
            if problem is not None:
                problems.extend((column + repeat, problem) for repeat in range(repeats))
            if ROWS_SPANNED in cell.attrib or COLUMNS_SPANNED in cell.attrib:
                down, right = _count(cell, ROWS_SPANNED) - 1, _count(cell, COLUMNS_SPANNED) - 1
                if down or right:
                    spans.append((column, down, column + right))
        return row, problems, spans

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


def _find_rows(element: Element) -> Iterator[Element]:
    """Yield the rows of a table, those of groups and of repeated headings included."""
    for child in element:
        if child.tag == ROW:
            yield child
        elif child.tag in ROW_GROUPS:
            yield from _find_rows(child)


def _count(element: Element, name: str) -> int:
    """Return a number of repeats or of merged cells; 1 when there is none."""
    value = element.get(name)
    if value is None:
        return 1
    if not re.fullmatch("[0-9]{1,9}", value):
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

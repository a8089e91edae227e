"""Reads Excel workbooks: calamine gives the values, a scan of the XML what calamine drops."""

import io
import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from html import unescape
from itertools import chain, islice
from xml.etree import ElementTree as ET

import python_calamine as calamine

from labelling.sandbox.archive import pack
from labelling.sandbox.limits import RefusedError, format_number

from .compound import check_xls
from .grid import (
    FIRST_COMMENTS,
    NO_RESULT,
    Budget,
    Grid,
    SheetFacts,
    check_extent,
    check_sheets,
    check_total,
    word_error,
)
from .kinds import DAMAGED, PROTECTED, UNUSUAL
from .limits import TOO_HEAVY, Limits, TooLargeError

RELATIONSHIP = "/relationships}id"
# <c>, <f>, </f>, <v>, </v>, </c>.
TAGS_PER_CELL = 6

# A sheet may have a million cells: these run in C, and Python sees only the cells in trouble.
# Inside a cell of a worksheet neither text nor attributes contain a bare "<" or ">".
ERROR = re.compile(
    rb"""<(?:\w+:)?c(\s[^<>]*?\bt\s*=\s*["']e["'][^<>]*)>"""
    rb"(?:\s*<(?:\w+:)?f\b[^<>]*(?:(?<=/)>|>[^<]*</(?:\w+:)?f>))?"
    rb"(?:\s*<(?:\w+:)?v>([^<]*))?"
)
NO_VALUE = re.compile(
    rb"<(?:\w+:)?c(\s[^<>]*)?>\s*<(?:\w+:)?f\b[^<>]*(?:(?<=/)>|>[^<]*</(?:\w+:)?f>)"
    rb"\s*(?:<(?:\w+:)?v\s*(?:/>|>\s*</(?:\w+:)?v>)\s*)?</(?:\w+:)?c>"
)
TEXT = re.compile(rb"""\bt\s*=\s*["']str["']""")
REFERENCE = re.compile(rb"""\br\s*=\s*["']([A-Z]{1,3})([0-9]{1,7})["']""")

ROW = re.compile(rb"<(?:\w+:)?row\b([^<>]*)>")
ROW_NUMBER = re.compile(rb"""\sr\s*=\s*["']([0-9]{1,7})["']""")
COLUMN = re.compile(rb"<(?:\w+:)?col\b([^<>]*)>")
COLUMN_FIRST = re.compile(rb"""\smin\s*=\s*["']([0-9]{1,5})["']""")
COLUMN_LAST = re.compile(rb"""\smax\s*=\s*["']([0-9]{1,5})["']""")
HIDDEN = re.compile(rb"""\shidden\s*=\s*["'](?:1|true)["']""")
# The attributes of a cell that holds something.
FILLED = re.compile(rb"<(?:\w+:)?c\b([^<>]*)(?<!/)>\s*<(?:\w+:)?(?:v|is|f)\b")
CELL_STYLE = re.compile(rb"""\ss\s*=\s*["']([0-9]{1,6})["']""")
COMMENT = re.compile(rb"""<(?:\w+:)?comment\b([^<>]*)>""")
COMMENTED = re.compile(rb"""\sref\s*=\s*["']([A-Z]{1,3}[0-9]{1,7})["']""")
MOST_COLUMNS = 16_384
MOST_STYLE_TAGS = 500_000
# calamine holds a sheet as a whole: one with a value in these columns may be too much of it.
FAR_COLUMN = re.compile(rb"""<(?:\w+:)?c\s[^<>]*\br\s*=\s*["'][A-Z]{3}[0-9]""")


def read_xlsx(parts: Mapping[str, bytes], budget: Budget, only: str = "") -> Iterator[Grid]:
    """Yield the worksheets of an unpacked XLSX workbook, in the order of their tabs.

    calamine shows an error cell, or a formula without a result, as an empty cell: both are
    looked for in the XML, and become problems of the sheet. What it does not tell at all, the
    facts of a sheet, is found there too.
    """
    xml = {name: part for name, part in parts.items() if name.lower().endswith((".xml", ".rels"))}
    book = _Book(xml)
    check_sheets(len(book.sheets), budget.limits)

    def look(number: int, grid: Grid) -> None:
        path = book.sheets.get(grid.name)
        if path is None:
            raise RefusedError(DAMAGED)  # rather than lose its errors in silence
        sheet = xml[path]
        # Before calamine, which holds every cell in memory, the blank but coloured ones too.
        budget.spend_cells(_count_cells(grid.name, sheet, budget.limits), grid.name)
        _check_corner(grid.name, sheet, budget.limits)
        grid.problems.update(_find_problems(grid.name, sheet, budget.limits))
        book.find_facts(sheet, path, grid.facts, budget.limits)

    return _read(pack(xml), budget, look, only)


def read_xls(data: bytes, budget: Budget, only: str = "") -> Iterator[Grid]:
    """Yield the worksheets of a workbook of Excel 97 to 2003."""
    sheets = check_xls(data)

    def look(number: int, grid: Grid) -> None:
        grid.problems.update(sheets[number].problems)
        facts = sheets[number].facts
        grid.facts = replace(facts, is_very_hidden=grid.facts.is_very_hidden)

    return _read(data, budget, look, only)


def _read(
    data: bytes, budget: Budget, look: Callable[[int, Grid], None], only: str
) -> Iterator[Grid]:
    """Yield each worksheet, after a `look` at its place among all sheets and its empty grid.

    One that is too large comes without its rows, as do all others than `only`.
    """
    try:
        workbook = calamine.load_workbook(io.BytesIO(data))
        for number, metadata in enumerate(workbook.sheets_metadata):
            if metadata.typ != calamine.SheetTypeEnum.WorkSheet:
                continue
            is_hidden = metadata.visible != calamine.SheetVisibleEnum.Visible
            is_very_hidden = metadata.visible == calamine.SheetVisibleEnum.VeryHidden
            grid = Grid(metadata.name, is_hidden, SheetFacts(is_very_hidden=is_very_hidden))
            spent = budget.cells
            try:
                if not only or grid.name == only:
                    look(number, grid)
                    _fill(grid, workbook.get_sheet_by_index(number), budget)
            except TooLargeError as refusal:
                budget.cells = spent
                facts = SheetFacts(is_very_hidden=is_very_hidden)
                grid = Grid(metadata.name, is_hidden, facts, unread=str(refusal))
            yield grid
    except calamine.PasswordError as error:
        raise RefusedError(PROTECTED) from error
    except calamine.CalamineError as error:
        raise RefusedError(DAMAGED) from error


def _fill(grid: Grid, sheet: calamine.CalamineSheet, budget: Budget) -> None:
    check_extent(grid.name, *(sheet.end or (0, 0)), budget.limits)
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        grid.spans.append((top, left, bottom, right))
    # calamine gives the blank rows above a table, but not the blank columns before it.
    blanks = [""] * (sheet.start or (0, 0))[1]
    grid.fill((blanks + row for row in sheet.iter_rows()), budget)


class _Book:
    """Where the parts of a workbook are, and what they say that calamine does not."""

    def __init__(self, parts: Mapping[str, bytes]) -> None:
        self.parts = parts
        try:
            # Parts with a DTD were refused before: nothing here can expand or open anything.
            workbook = ET.fromstring(parts["xl/workbook.xml"])  # noqa: S314
        except (KeyError, ET.ParseError) as error:
            raise RefusedError(DAMAGED) from error
        relations = self._read_relations("xl/workbook.xml")
        # By name, the part that holds each sheet.
        self.sheets: dict[str, str] = {}
        for element in workbook.iter():
            if _name(element) == "sheet":
                key = next((v for k, v in element.items() if k.endswith(RELATIONSHIP)), "")
                _, path = relations.get(key, ("", ""))
                if path in parts:
                    self.sheets[element.get("name", "")] = path
        self.styles = next((path for kind, path in relations.values() if kind == "styles"), "")

    def find_facts(self, sheet: bytes, path: str, facts: SheetFacts, limits: Limits) -> None:
        """Fill in the facts of the sheet that stands at `path`."""
        if self.struck_styles or b"hidden" in sheet:
            facts.hidden_lines, facts.struck_lines = self._find_lines(sheet, limits)
            facts.hidden_columns = _find_hidden_columns(sheet, limits)
        if _locate_relations(path) not in self.parts:
            return
        for kind, target in self._read_relations(path).values():
            if kind == "comments":
                matches = COMMENT.finditer(self.parts.get(target, b""))
                places = [COMMENTED.search(match[1]) for match in islice(matches, limits.cells)]
                found = [place[1].decode() for place in places if place]
                facts.comments, facts.commented = len(found), found[:FIRST_COMMENTS]

    @cached_property
    def struck_styles(self) -> set[bytes]:
        """The styles of cells whose text is struck through, as cells name them."""
        part = self.parts.get(self.styles, b"")
        if b"strike" not in part:
            return set()
        if part.count(b"<") > MOST_STYLE_TAGS:
            raise RefusedError(TOO_HEAVY)
        try:
            styles = ET.fromstring(part)  # noqa: S314
        except ET.ParseError as error:
            raise RefusedError(DAMAGED) from error
        lists = {_name(element): element for element in styles}
        fonts = {
            str(number)
            for number, font in enumerate(lists.get("fonts", ()))
            for trait in font
            if _name(trait) == "strike" and trait.get("val", "1") not in ("0", "false")
        }
        formats = enumerate(lists.get("cellXfs", ()))
        return {b"%d" % number for number, style in formats if style.get("fontId") in fonts}

    def _find_lines(self, sheet: bytes, limits: Limits) -> tuple[list[int], list[int]]:
        """Return the lines that are hidden, and those struck through."""
        hidden, struck = [], []
        number = 0
        rows = list(islice(ROW.finditer(sheet), limits.rows + 1))
        ends = [*(row.start() for row in rows[1:]), len(sheet)]
        for row, end in zip(rows, ends, strict=False):
            written = ROW_NUMBER.search(row[1])
            number = int(written[1]) if written else number + 1
            if HIDDEN.search(row[1]):
                hidden.append(number)
            if self.struck_styles:
                cells = FILLED.findall(sheet, row.end(), end)
                styles = {(s[1] if (s := CELL_STYLE.search(cell)) else b"0") for cell in cells}
                if styles and styles <= self.struck_styles:
                    struck.append(number)
        return hidden, struck

    def _read_relations(self, path: str) -> dict[str, tuple[str, str]]:
        """Return, by key, the kind and the path of each part that the one at `path` refers to."""
        try:
            relations = ET.fromstring(self.parts[_locate_relations(path)])  # noqa: S314
        except (KeyError, ET.ParseError) as error:
            raise RefusedError(DAMAGED) from error
        folder = "/" + posixpath.dirname(path)
        read = {}
        for relation in relations:
            target = posixpath.normpath(posixpath.join(folder, relation.get("Target", "")))
            kind = relation.get("Type", "").rpartition("/")[2]
            read[relation.get("Id", "")] = kind, target.lstrip("/")
        return read


def _locate_relations(path: str) -> str:
    folder, name = posixpath.split(path)
    return f"{folder}/_rels/{name}.rels"


def _find_hidden_columns(sheet: bytes, limits: Limits) -> list[int]:
    head = sheet[: max(0, sheet.find(b"sheetData"))]
    hidden: set[int] = set()
    for match in islice(COLUMN.finditer(head), MOST_COLUMNS):
        first, last = COLUMN_FIRST.search(match[1]), COLUMN_LAST.search(match[1])
        if first and last and HIDDEN.search(match[1]):
            hidden.update(range(int(first[1]) - 1, min(int(last[1]), limits.columns)))
    return sorted(hidden)


def _name(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _check_corner(name: str, sheet: bytes, limits: Limits) -> None:
    """Raise TooLargeError where a far cell makes the sheet larger than calamine can hold."""
    last = ROW.match(sheet, max(0, sheet.rfind(b"<row ")))
    number = ROW_NUMBER.search(last[1]) if last else None
    is_far = number is not None and int(number[1]) > limits.rows + 1
    if not is_far and not FAR_COLUMN.search(sheet):
        return
    row = column = 0
    for cell in FILLED.finditer(sheet):
        if reference := REFERENCE.search(cell[1]):
            place = _read_reference(reference)
            row, column = max(row, place[0]), max(column, place[1])
    check_extent(name, row, column, limits)


def _count_cells(name: str, sheet: bytes, limits: Limits) -> int:
    if sheet.count(b"mergeCell ") > limits.rows:
        raise RefusedError(UNUSUAL.format("trop de cellules fusionnées"))
    cells = sheet.count(b"<c ") + sheet.count(b"<c>")
    check_total(cells, limits, name)
    if sheet.count(b"<") > limits.cells * TAGS_PER_CELL:
        raise TooLargeError(TOO_HEAVY)
    return cells


def _find_problems(
    name: str, sheet: bytes, limits: Limits
) -> Iterator[tuple[tuple[int, int], str]]:
    """Yield the place and the fault of each cell that calamine would show as empty."""
    if not (b'"e"' in sheet or b"'e'" in sheet or b"<f" in sheet or b":f" in sheet):
        return
    errors = (
        (match, word_error(unescape((match[2] or b"").decode()))) for match in ERROR.finditer(sheet)
    )
    # The result of a formula may be an empty text; a number always has digits.
    without_value = (
        (match, NO_RESULT) for match in NO_VALUE.finditer(sheet) if not TEXT.search(match[1] or b"")
    )
    for count, (match, reason) in enumerate(chain(errors, without_value), 1):
        if count > limits.rows:
            raise TooLargeError(
                f"La feuille « {name} » contient plus de {format_number(limits.rows)} cellules en"
                " erreur ou formules sans résultat. Ouvrez-la dans Excel ou LibreOffice,"
                " corrigez-la, enregistrez, puis déposez le fichier à nouveau."
            )
        reference = REFERENCE.search(match[1] or b"")
        if reference is None:
            raise RefusedError(UNUSUAL.format("cellules sans adresse"))
        row, column = _read_reference(reference)
        check_extent(name, row, column, limits)
        yield (row, column), reason


def _read_reference(reference: re.Match[bytes]) -> tuple[int, int]:
    column = 0
    for letter in reference[1]:
        column = column * 26 + letter - ord("A") + 1
    return int(reference[2]) - 1, column - 1

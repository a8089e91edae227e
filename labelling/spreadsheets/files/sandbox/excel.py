"""Reads Excel workbooks: calamine gives the values, a scan of the XML what calamine drops."""

import io
import posixpath
import re
from collections.abc import Iterator, Mapping
from html import unescape
from itertools import chain
from typing import Any
from xml.etree import ElementTree as ET

import python_calamine as calamine

from .archive import DAMAGED, PROTECTED, UNUSUAL, pack
from .compound import check_xls
from .grid import NO_RESULT, Budget, Grid, check_extent, check_total, word_error
from .limits import TOO_HEAVY, Limits, RefusedError, format_number

RELATIONSHIP = re.compile(r"\{[^}]*/relationships\}id$")
# <c>, <f>, </f>, <v>, </v>, </c>.
TAGS_PER_CELL = 6

# A sheet may have a million cells: these run in C, and Python sees only the cells in trouble.
# Inside a cell of a worksheet neither text nor attributes contain a bare "<" or ">".
ERROR = re.compile(
    rb"""<(?:\w+:)?c(\s[^>]*?\bt\s*=\s*["']e["'][^>]*)>"""
    rb"(?:\s*<(?:\w+:)?f\b[^>]*(?:(?<=/)>|>[^<]*</(?:\w+:)?f>))?"
    rb"(?:\s*<(?:\w+:)?v>([^<]*))?"
)
NO_VALUE = re.compile(
    rb"<(?:\w+:)?c(\s[^>]*)?>\s*<(?:\w+:)?f\b[^>]*(?:(?<=/)>|>[^<]*</(?:\w+:)?f>)"
    rb"\s*(?:<(?:\w+:)?v\s*(?:/>|>\s*</(?:\w+:)?v>)\s*)?</(?:\w+:)?c>"
)
TEXT = re.compile(rb"""\bt\s*=\s*["']str["']""")
REFERENCE = re.compile(rb"""\br\s*=\s*["']([A-Z]{1,3})([0-9]{1,7})["']""")


def read_xlsx(parts: Mapping[str, bytes], budget: Budget) -> Iterator[Grid]:
    """Yield the worksheets of an unpacked XLSX workbook, in the order of their tabs.

    calamine shows an error cell, or a formula without a result, as an empty cell: both are
    looked for in the XML, and become problems of the sheet.
    """
    xml = {name: part for name, part in parts.items() if name.lower().endswith((".xml", ".rels"))}
    paths = _find_sheet_paths(xml)
    sheets = [xml[path] for path in paths.values()]
    # Counted before calamine, which holds every cell in memory, the blank but coloured ones too.
    check_total(sum(_count_cells(sheet, budget.limits) for sheet in sheets), budget.limits)
    for _, grid, rows in _read(pack(xml), budget.limits):
        if grid.name not in paths:
            raise RefusedError(DAMAGED)  # rather than lose its errors in silence
        part = xml[paths[grid.name]]
        grid.problems.update(_find_problems(grid.name, part, budget.limits))
        grid.fill(rows, budget)
        yield grid


def read_xls(data: bytes, budget: Budget) -> Iterator[Grid]:
    """Yield the worksheets of a workbook of Excel 97 to 2003."""
    problems = check_xls(data)
    for number, grid, rows in _read(data, budget.limits):
        grid.problems.update(problems[number])
        grid.fill(rows, budget)
        yield grid


def _read(data: bytes, limits: Limits) -> Iterator[tuple[int, Grid, Iterator[list[Any]]]]:
    """Yield each worksheet: its place among all sheets, an empty grid, and rows to fill it."""
    try:
        workbook = calamine.load_workbook(io.BytesIO(data))
        for number, metadata in enumerate(workbook.sheets_metadata):
            if metadata.typ != calamine.SheetTypeEnum.WorkSheet:
                continue
            sheet = workbook.get_sheet_by_index(number)
            check_extent(metadata.name, *(sheet.end or (0, 0)), limits)
            is_hidden = metadata.visible != calamine.SheetVisibleEnum.Visible
            grid = Grid(metadata.name, is_hidden)
            for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
                grid.spans.append((top, left, bottom, right))
            # calamine gives the blank rows above a table, but not the blank columns before it.
            blanks = [""] * (sheet.start or (0, 0))[1]
            yield number, grid, (blanks + row for row in sheet.iter_rows())
    except calamine.PasswordError as error:
        raise RefusedError(PROTECTED) from error
    except calamine.CalamineError as error:
        raise RefusedError(DAMAGED) from error


def _find_sheet_paths(parts: Mapping[str, bytes]) -> dict[str, str]:
    """Return the part that holds each sheet, by the sheet's name."""
    try:
        # Parts with a DTD were refused before: nothing here can expand or open anything.
        workbook = ET.fromstring(parts["xl/workbook.xml"])  # noqa: S314
        relations = ET.fromstring(parts["xl/_rels/workbook.xml.rels"])  # noqa: S314
    except (KeyError, ET.ParseError) as error:
        raise RefusedError(DAMAGED) from error
    targets = {
        relation.get("Id"): posixpath.normpath(posixpath.join("/xl", relation.get("Target", "")))
        for relation in relations
    }
    paths = {}
    for element in workbook.iter():
        if element.tag.rpartition("}")[2] == "sheet":
            key = next((v for k, v in element.items() if RELATIONSHIP.search(k)), None)
            path = targets.get(key, "").lstrip("/")
            if path in parts:
                paths[element.get("name", "")] = path
    return paths


def _count_cells(sheet: bytes, limits: Limits) -> int:
    if sheet.count(b"mergeCell ") > limits.rows:
        raise RefusedError(UNUSUAL.format("trop de cellules fusionnées"))
    cells = sheet.count(b"<c ") + sheet.count(b"<c>")
    check_total(cells, limits)
    if sheet.count(b"<") > limits.cells * TAGS_PER_CELL:
        raise RefusedError(TOO_HEAVY)
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
            raise RefusedError(
                f"La feuille « {name} » contient plus de {format_number(limits.rows)} cellules en"
                " erreur ou formules sans résultat. Ouvrez-la dans Excel ou LibreOffice,"
                " corrigez-la, enregistrez, puis déposez le fichier à nouveau."
            )
        reference = REFERENCE.search(match[1] or b"")
        if reference is None:
            raise RefusedError(UNUSUAL.format("cellules sans adresse"))
        column = 0
        for letter in reference[1]:
            column = column * 26 + letter - ord("A") + 1
        row, column = int(reference[2]) - 1, column - 1
        check_extent(name, row, column, limits)
        yield (row, column), reason

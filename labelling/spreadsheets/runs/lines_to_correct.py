"""Lines to correct: what goes into their file, and what comes back with it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db import models

from labelling import text
from labelling.choices import RowState
from labelling.models import ImportRow, ImportRun
from labelling.models.stored import CellFault
from labelling.spreadsheets.judging.cells import cells_of
from labelling.spreadsheets.resources import RESOURCES, Role
from labelling.spreadsheets.tables.columns import heading_key
from labelling.spreadsheets.tables.headings import FileTable
from labelling.spreadsheets.widgets import Cell, one_line, shown

_MARK = re.compile(r"import-([0-9]{1,18})-([0-9]{1,9})")


def candidates_of(run: ImportRun, rows: Iterable[ImportRow]) -> dict[int, models.Model]:
    """The records between which « Quel site ? » asks to choose, by key."""
    keys = {key for row in rows for key in row.candidates or ()}
    model = RESOURCES[run.model_key]._meta.model
    return {record.pk: record for record in model._base_manager.filter(pk__in=keys)}


def wrong_lines(run: ImportRun) -> tuple[list[str], list[tuple[list[Cell], str, str]]]:
    """The headings, and the lines to correct in the original columns and order.

    Each comes with why, and with its mark, by which it is known when it comes back.
    They are what `exporting.lines_to_correct` writes.
    """
    columns = [
        column
        for column in run.columns
        if column.field is None or _role(run.model_key, column.field) not in (Role.WHY, Role.ORIGIN)
    ]
    lines = []
    rows = list(run.rows.to_settle().order_by("number"))
    found = candidates_of(run, rows)
    for row in rows:
        cells = cells_of(row)
        line: list[Cell] = [cells[c.position] if c.position < len(cells) else None for c in columns]
        lines.append(([_writable(cell) for cell in line], why(row, found), mark_of(row)))
    return [column.heading for column in columns], lines


def why(row: ImportRow, found: dict[int, models.Model]) -> str:
    """What is wrong with a line, in sentences."""
    said = []
    for problem in row.problems:
        if problem.letter:
            place = f"colonne «\u00a0{problem.heading}\u00a0»"
            if value := one_line(problem.value):
                place = f"«\u00a0{value}\u00a0» ({place})"
            said.append(f"{place[0].upper()}{place[1:]}\u00a0: {problem.reason}")
        else:
            said.append(problem.reason)
    if not said and row.state == RowState.WHICH:
        names = [str(found[key]) for key in row.candidates or () if key in found]
        known = f"{text.enumeration(names)}, ou un nouveau" if names else "Un nouveau"
        said.append(f"Quel site\u202f? {known}.")
    return " ".join(said)


def _writable(cell: Any) -> Cell:
    return None if isinstance(cell, CellFault) else cell


def _role(model_key: str, field: str) -> str:
    return str(RESOURCES[model_key]().column(field).role)


def mark_of(row: ImportRow) -> str:
    """What a line to correct carries home: « import-3-12 »."""
    return f"import-{row.run_id}-{row.number}"


@dataclass(frozen=True)
class Origin:
    """The import that a file of corrections goes on from."""

    run: ImportRun
    # Of each line of the file, the number that it had there.
    numbers: Mapping[int, int]

    def chosen(self, table: FileTable) -> dict[int, str]:
        """The fields that a person gave there to the columns of `table`, by position."""
        theirs = {
            heading_key(column.heading): column.field or ""
            for column in self.run.columns
            if column.how == "person"
        }
        keys = {column.position: heading_key(column.heading) for column in table.columns}
        return {position: theirs[key] for position, key in keys.items() if key and key in theirs}

    def hand_over(self, run: ImportRun) -> None:
        """Give `run`, whose columns are known, the wave and the emptying columns of this one."""
        run.wave = run.wave or self.run.wave
        emptying = {c.field for c in self.run.columns if c.empties and c.field}
        run.columns = [replace(column, empties=column.field in emptying) for column in run.columns]

    def lines(self) -> dict[int, ImportRow]:
        """What was answered of each line of the file, as the line that it was.

        What was typed over its cells is not of it: the cells bring it back.
        """
        rows = self.run.rows.filter(number__in=set(self.numbers.values()), answers__isnull=False)
        theirs = {row.number: row for row in rows}
        for row in theirs.values():
            row.answers = row.answers.without("cells")
        return {number: theirs[old] for number, old in self.numbers.items() if old in theirs}


def origin_of(table: FileTable, model_key: str) -> Origin | None:
    """The import of records of this kind that the lines of `table` say they come from."""
    position = table.positions.get("origin")
    if position is None:
        return None
    marks = {line.number: _MARK.fullmatch(shown(line.cell(position))) for line in table.lines}
    found = {number: (int(mark[1]), int(mark[2])) for number, mark in marks.items() if mark}
    runs = ImportRun.objects.filter(model_key=model_key).defer("content").select_related("wave")
    run = runs.filter(pk__in={key for key, _ in found.values()}).first()
    if run is None:
        return None
    return Origin(run, {number: old for number, (key, old) in found.items() if key == run.pk})

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
from labelling.spreadsheets.judging.cells import read_cells
from labelling.spreadsheets.resources import RESOURCES, Role
from labelling.spreadsheets.tables.headings import FileTable
from labelling.spreadsheets.tables.known_headings import fold_heading
from labelling.spreadsheets.widgets import Cell, show, to_one_line

_TO_CORRECT = "-a-corriger"
_GOES_ON = "Suite de l’import n°\u00a0"
_MARK = re.compile(r"import-([0-9]{1,18})-([0-9]{1,9})")


def find_candidates(run: ImportRun, rows: Iterable[ImportRow]) -> dict[int, models.Model]:
    """The records between which « Quel site ? » asks to choose, by key.

    None of which another line speaks: the two would be twins.
    """
    keys = {key for row in rows for key in row.candidates or ()}
    taken = run.rows.filter(record_id__in=keys, is_aside=False).values("record_id")
    records = RESOURCES[run.model_key]._meta.model._base_manager.filter(pk__in=keys)
    return {record.pk: record for record in records.exclude(pk__in=taken)}


def list_wrong_lines(run: ImportRun) -> tuple[list[str], list[tuple[list[Cell], str, str]]]:
    """The headings, and the lines to correct in the original columns and order.

    Each comes with why, and with its mark, by which it is known when it comes back.
    They are what `exporting.write_lines_to_correct` writes.
    """
    columns = [
        column
        for column in run.columns
        if column.field is None
        or _find_role(run.model_key, column.field) not in (Role.WHY, Role.ORIGIN)
    ]
    lines = []
    rows = list(run.rows.to_settle().order_by("number"))
    candidates = find_candidates(run, rows)
    for row in rows:
        cells = read_cells(row)
        line: list[Cell] = [cells[c.position] if c.position < len(cells) else None for c in columns]
        lines.append(
            ([_drop_fault(cell) for cell in line], explain_line(row, candidates), make_mark(row))
        )
    return [column.heading for column in columns], lines


def explain_line(row: ImportRow, candidates: dict[int, models.Model]) -> str:
    """What is wrong with a line, in sentences."""
    sentences = []
    for problem in row.problems:
        if problem.is_proposal:
            continue
        if problem.letter:
            place = f"colonne «\u00a0{problem.heading}\u00a0»"
            if value := to_one_line(problem.value):
                place = f"«\u00a0{value}\u00a0» ({place})"
            sentences.append(f"{place[0].upper()}{place[1:]}\u00a0: {problem.reason}")
        else:
            sentences.append(problem.reason)
    if not sentences and row.state == RowState.WHICH:
        names = [str(candidates[key]) for key in row.candidates or () if key in candidates]
        known = f"{text.enumeration(names)}, ou un nouveau" if names else "Un nouveau"
        sentences.append(f"Quel site\u202f? {known}.")
    return " ".join(sentences)


def _drop_fault(cell: Any) -> Cell:
    return None if isinstance(cell, CellFault) else cell


def _find_role(model_key: str, field: str) -> str:
    return str(RESOURCES[model_key]().find_column(field).role)


def make_mark(row: ImportRow) -> str:
    """What a line to correct carries home: « import-3-12 »."""
    return f"import-{row.run_id}-{row.number}"


def name_file(run: ImportRun, extension: str) -> str:
    """« liste-a-corriger-import-12.csv »: by the import it comes from, of its last round."""
    stem = run.file_name.rpartition(".")[0].partition(_TO_CORRECT)[0]
    return f"{stem or 'lignes'}{_TO_CORRECT}-import-{run.pk}.{extension}"


def find_origin_remark(run: ImportRun) -> str:
    """« Suite de l’import n° 12 », where its lines said so; empty if they said nothing."""
    said = (remark for remark in run.remarks if remark.startswith(_GOES_ON))
    return next(said, "").removesuffix(".")


@dataclass(frozen=True)
class Origin:
    """The import that a file of corrections goes on from."""

    run: ImportRun
    # Of each line of the file, the number that it had there.
    numbers: Mapping[int, int]

    def find_chosen(self, table: FileTable) -> dict[int, str]:
        """The fields that a person gave there to the columns of `table`, by position."""
        theirs = {
            fold_heading(column.heading): column.field or ""
            for column in self.run.columns
            if column.how == "person"
        }
        keys = {column.position: fold_heading(column.heading) for column in table.columns}
        return {position: theirs[key] for position, key in keys.items() if key and key in theirs}

    def hand_over(self, run: ImportRun) -> None:
        """Give `run`, whose columns are known, what was said of the file of this one."""
        run.wave = run.wave or self.run.wave
        run.association = run.association or self.run.association
        takes_all = run.answers.takes_all or self.run.answers.takes_all
        completes_wave = run.answers.completes_wave or self.run.answers.completes_wave
        run.answers = replace(run.answers, takes_all=takes_all, completes_wave=completes_wave)
        emptying = {c.field for c in self.run.columns if c.empties and c.field}
        run.columns = [replace(column, empties=column.field in emptying) for column in run.columns]
        run.remarks.append(f"{_GOES_ON}{self.run.pk}.")

    def read_lines(self) -> dict[int, ImportRow]:
        """What was answered of each line of the file, as the line that it was.

        What was typed over its cells is not of it: the cells bring it back.
        """
        rows = self.run.rows.filter(number__in=set(self.numbers.values()), answers__isnull=False)
        theirs = {row.number: row for row in rows}
        for row in theirs.values():
            row.answers, row.is_aside = row.answers.without("cells"), False
        return {number: theirs[old] for number, old in self.numbers.items() if old in theirs}


def find_origin(table: FileTable, model_key: str) -> Origin | None:
    """The import of records of this kind that the lines of `table` say they come from."""
    position = table.positions.get("origin")
    if position is None:
        return None
    marks = {line.number: _MARK.fullmatch(show(line.read_cell(position))) for line in table.lines}
    origins = {number: (int(mark[1]), int(mark[2])) for number, mark in marks.items() if mark}
    runs = ImportRun.objects.filter(model_key=model_key).defer("content")
    runs = runs.select_related("wave", "association")
    run = runs.filter(pk__in={key for key, _ in origins.values()}).first()
    if run is None:
        return None
    return Origin(run, {number: old for number, (key, old) in origins.items() if key == run.pk})

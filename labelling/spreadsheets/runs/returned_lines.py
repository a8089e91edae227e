"""Lines to correct that come back: from which import, and what people had answered there."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from labelling.models import ImportRow, ImportRun
from labelling.spreadsheets.resources import ORIGIN
from labelling.spreadsheets.tables.columns import heading_key
from labelling.spreadsheets.tables.headings import Table
from labelling.spreadsheets.widgets import shown

_MARK = re.compile(r"import-([0-9]{1,18})-([0-9]{1,9})")


def mark_of(row: ImportRow) -> str:
    """What a line to correct carries home: « import-3-12 »."""
    return f"import-{row.run_id}-{row.number}"


@dataclass(frozen=True)
class Origin:
    """The import that a file of corrections goes on from."""

    run: ImportRun
    # Of each line of the file, the number that it had there.
    numbers: Mapping[int, int]

    def chosen(self, table: Table) -> dict[int, str]:
        """The fields that a person gave there to the columns of `table`, by position."""
        theirs = {
            heading_key(column["heading"]): column["field"] or ""
            for column in self.run.columns
            if column["how"] == "person"
        }
        keys = {column.position: heading_key(column.heading) for column in table.columns}
        return {position: theirs[key] for position, key in keys.items() if key and key in theirs}

    def hand_over(self, run: ImportRun) -> None:
        """Give `run`, whose columns are known, the wave and the emptying columns of this one."""
        run.wave = run.wave or self.run.wave
        emptying = {c["field"] for c in self.run.columns if c["empties"] and c["field"]}
        for column in run.columns:
            column["empties"] = column["field"] in emptying

    def lines(self) -> dict[int, ImportRow]:
        """What was answered of each line of the file, as the line that it was.

        What was typed over its cells is not of it: the cells bring it back.
        """
        rows = self.run.rows.filter(number__in=set(self.numbers.values()), answers__isnull=False)
        theirs = {row.number: row for row in rows}
        for row in theirs.values():
            row.answers = {
                kind: said for kind, said in (row.answers or {}).items() if kind != "cells"
            }
        return {number: theirs[old] for number, old in self.numbers.items() if old in theirs}


def origin_of(table: Table, model_key: str) -> Origin | None:
    """The import of records of this kind that the lines of `table` say they come from."""
    position = table.positions.get(ORIGIN)
    if position is None:
        return None
    marks = {line.number: _MARK.fullmatch(shown(line.cell(position))) for line in table.lines}
    found = {number: (int(mark[1]), int(mark[2])) for number, mark in marks.items() if mark}
    runs = ImportRun.objects.filter(model_key=model_key).defer("content").select_related("wave")
    run = runs.filter(pk__in={key for key, _ in found.values()}).first()
    if run is None:
        return None
    return Origin(run, {number: old for number, (key, old) in found.items() if key == run.pk})

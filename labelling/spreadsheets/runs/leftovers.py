"""What an import leaves to people: lines to correct, questions, records it does not mention."""

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import QuerySet

from labelling import text
from labelling.choices import RowState
from labelling.models import CellFault, ImportRow, ImportRun, Site
from labelling.spreadsheets.judging.cells import cells_of
from labelling.spreadsheets.resources import ORIGIN, RESOURCES, WHY
from labelling.spreadsheets.runs.returned_lines import mark_of
from labelling.spreadsheets.widgets import Cell, one_line


def candidates(run: ImportRun, rows: Iterable[ImportRow]) -> dict[int, models.Model]:
    """The records between which « Quel site ? » asks to choose, by key."""
    keys = {key for row in rows for key in row.candidates or ()}
    model = RESOURCES[run.model_key]._meta.model
    return {record.pk: record for record in model._base_manager.filter(pk__in=keys)}


def absent(run: ImportRun) -> QuerySet:
    """« Absents du fichier »: our records that no line speaks of. Nothing is done to them."""
    model = RESOURCES[run.model_key]._meta.model
    spoken_of = run.rows.filter(record_id__isnull=False).values("record_id")
    records = model._default_manager.exclude(pk__in=spoken_of)
    return records.filter(withdrawn_on=None) if model is Site else records


def wrong_lines(run: ImportRun) -> tuple[list[str], list[tuple[list[Cell], str, str]]]:
    """The headings, and the lines to correct in the original columns and order.

    Each comes with why, and with its mark, by which it is known when it comes back.
    They are what `exporting.lines_to_correct` writes.
    """
    columns = [
        column
        for column in run.columns
        if column["field"] is None or _role(run.model_key, column["field"]) not in (WHY, ORIGIN)
    ]
    lines = []
    rows = list(run.rows.to_settle().order_by("number"))
    found = candidates(run, rows)
    for row in rows:
        cells = cells_of(row)
        line: list[Cell] = [
            cells[c["position"]] if c["position"] < len(cells) else None for c in columns
        ]
        lines.append(([_writable(cell) for cell in line], why(row, found), mark_of(row)))
    return [column["heading"] for column in columns], lines


def why(row: ImportRow, found: dict[int, models.Model]) -> str:
    """What is wrong with a line, in sentences."""
    said = []
    for problem in row.problems or ():
        if problem["letter"]:
            place = f"colonne «\u00a0{problem['heading']}\u00a0»"
            if value := one_line(problem["value"]):
                place = f"«\u00a0{value}\u00a0» ({place})"
            said.append(f"{place[0].upper()}{place[1:]}\u00a0: {problem['reason']}")
        else:
            said.append(problem["reason"])
    if not said and row.state == RowState.WHICH:
        names = [str(found[key]) for key in row.candidates or () if key in found]
        known = f"{text.enumeration(names)}, ou un nouveau" if names else "Un nouveau"
        said.append(f"Quel site\u202f? {known}.")
    return " ".join(said)


def _writable(cell: Any) -> Cell:
    return None if isinstance(cell, CellFault) else cell


def _role(model_key: str, field: str) -> str:
    return str(RESOURCES[model_key]().column(field).role)

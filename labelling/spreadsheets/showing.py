"""An import as people read it: what changes cell by cell, what is absent, which lines go home."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.models import User
from django.db import models
from django.db.models import QuerySet
from django.utils.text import capfirst

from labelling import text
from labelling.models import CellFault, ImportRow, ImportRun, Match, RowState, Site
from labelling.spreadsheets import rights
from labelling.spreadsheets.resources import RESOURCES, WHY, SheetResource
from labelling.spreadsheets.taking import edited
from labelling.spreadsheets.widgets import Cell, Lookups, shown


@dataclass(frozen=True)
class CellChange:
    """A cell of a line, old → new. `field` is what `repairs.decide` takes."""

    field: str
    label: str
    before: str
    after: str
    is_kept: bool = False


class Shower:
    """Shows the lines of a run; the records that values name are read once."""

    def __init__(self, run: ImportRun) -> None:
        self.run = run
        self.lookups = Lookups()
        self.resource: SheetResource = RESOURCES[run.model_key](self.lookups)
        self.model = self.resource._meta.model
        self.fields = {f.attname: f for f in self.model._meta.concrete_fields}
        self.columns = {
            self.model._meta.get_field(column.attribute).attname: column
            for column in self.resource.columns()
            if column.is_settable
        }

    def changes(self, row: ImportRow) -> list[CellChange]:
        """What the line writes, then what it would write and was refused."""
        found = [
            CellChange(name, self.label(name), self.value(name, row.before.get(name)), after)
            for name, stored in self._in_order(row.after)
            if (after := self.value(name, stored)) or row.before
        ]
        found += [
            CellChange(name, self.label(name), "", self.value(name, stored), is_kept=True)
            for name, stored in self._in_order(row.kept or {})
        ]
        return found

    def why_this_record(self, row: ImportRow) -> str:
        """How the record was recognised: « Numéro France Services 873 »."""
        label = str(Match(row.matched_by).label)
        if row.matched_by != Match.STATE_ID:
            return label if row.matched_by else ""
        position = next(
            (c["position"] for c in self.run.columns if c["field"] == "france_services_id"), None
        )
        cells = cells_of(row)
        number = shown(cells[position]) if position is not None else ""
        return f"{label} {number}".strip()

    def label(self, name: str) -> str:
        column = self.columns.get(name)
        if column is not None:
            return str(column.column_name)
        return capfirst(str(self.fields[name].verbose_name)) if name in self.fields else name

    def value(self, name: str, stored: Any) -> str:
        """A value of the ledger as people read it."""
        if stored is None or stored == "":
            return ""
        if isinstance(stored, dict):
            return str(stored["cell"])
        field = self.fields.get(name)
        match name:
            case "wave_id":
                return self._wave(stored)
            case "department_id":
                return next((d.name for d in self.lookups.departments if d.pk == stored), "")
            case "association_id":
                return next((a.name for a in self.lookups.associations if a.pk == stored), "")
        value = stored
        if isinstance(field, models.DateField) and isinstance(stored, str):
            value = date.fromisoformat(stored)
        column = self.columns.get(name)
        return shown(column.widget.render(value) if column else value)

    def _wave(self, stored: Any) -> str:
        if isinstance(stored, int):
            return next((wave.name for wave in self.lookups.waves if wave.pk == stored), "")
        day = date.fromisoformat(stored)
        if wave := self.lookups.waves_by_date.get(day):
            return wave.name
        proposed = (w["name"] for w in self.run.new_waves if w["effective_on"] == stored)
        return next(proposed, text.long_date(day))

    def _in_order(self, values: dict[str, Any]) -> list[tuple[str, Any]]:
        """In the order of the columns of our own downloads."""
        order = list(self.columns)
        last = len(order)
        return sorted(
            values.items(), key=lambda item: order.index(item[0]) if item[0] in order else last
        )


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


def wrong_lines(
    run: ImportRun, user: User | None
) -> tuple[list[str], list[tuple[list[Cell], str]]]:
    """The headings, and the lines to correct in the original columns and order, each with why.

    They are what `exporting.lines_to_correct` writes.
    """
    rights.check_may_prepare(user, run.model_key)
    columns = [
        column
        for column in run.columns
        if column["field"] is None or _role(run.model_key, column["field"]) != WHY
    ]
    lines = []
    rows = list(run.rows.to_settle().order_by("number"))
    found = candidates(run, rows)
    for row in rows:
        cells = cells_of(row)
        line: list[Cell] = [
            cells[c["position"]] if c["position"] < len(cells) else None for c in columns
        ]
        lines.append(([_writable(cell) for cell in line], why(row, found)))
    return [column["heading"] for column in columns], lines


def why(row: ImportRow, found: dict[int, models.Model]) -> str:
    """What is wrong with a line, in sentences."""
    said = []
    for problem in row.problems or ():
        value = f"«\u00a0{problem['value']}\u00a0» " if problem["value"] else ""
        if problem["letter"]:
            place = f"(colonne «\u00a0{problem['heading']}\u00a0»)\u00a0: "
            said.append(f"{value}{place}{problem['reason']}")
        else:
            said.append(problem["reason"])
    if not said and row.state == RowState.WHICH:
        names = [str(found[key]) for key in row.candidates or () if key in found]
        said.append(f"Quel site\u202f? {text.enumeration(names)}, ou un nouveau.")
    return " ".join(said)


def cells_of(row: ImportRow) -> Sequence[Any]:
    """The cells of a line, with what people wrote over them."""
    edits = (row.answers or {}).get("cells")
    return edited(row.cells, edits) if edits else row.cells


def _writable(cell: Any) -> Cell:
    return None if isinstance(cell, CellFault) else cell


def _role(model_key: str, field: str) -> str:
    return str(RESOURCES[model_key]().column(field).role)

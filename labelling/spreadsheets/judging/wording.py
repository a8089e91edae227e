"""The values of the ledger as people read them, and the changes of a line cell by cell."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.db import models
from django.utils.text import capfirst

from labelling import text
from labelling.choices import Match
from labelling.models import ImportRow, ImportRun
from labelling.models.stored import read_unread
from labelling.spreadsheets.judging.cells import read_cells
from labelling.spreadsheets.resources import RESOURCES, SheetResource
from labelling.spreadsheets.widgets import show


class Wording:
    """Says fields and values in French; the records that values name are read once.

    `new_waves` are the names of the waves to be created, by their date.
    """

    def __init__(
        self, resource: SheetResource, new_waves: Mapping[date, str] | None = None
    ) -> None:
        self.lookups = resource.lookups
        self.new_waves = new_waves or {}
        self.model = resource._meta.model
        self.fields = {f.attname: f for f in self.model._meta.concrete_fields}
        # In the order of our own downloads.
        self.columns = {
            self.model._meta.get_field(column.attribute).attname: column
            for column in resource.list_columns()
            if column.is_settable
        }

    def word_label(self, name: str) -> str:
        column = self.columns.get(name)
        if column is not None:
            return str(column.column_name)
        return capfirst(str(self.fields[name].verbose_name)) if name in self.fields else name

    def word_value(self, name: str, stored: Any) -> str:
        """A value of the ledger as people read it; empty if it is none."""
        if stored is None or stored == "":
            return ""
        if (unread := read_unread(stored)) is not None:
            return unread
        field = self.fields.get(name)
        if isinstance(field, models.ForeignKey):
            return (
                self._word_wave(stored)
                if isinstance(stored, str)
                else self._word_record(name, stored)
            )
        value = stored
        if isinstance(field, models.DateField) and isinstance(stored, str):
            value = date.fromisoformat(stored)
        column = self.columns.get(name)
        return show(column.widget.render(value) if column else value)

    def _word_record(self, name: str, key: int) -> str:
        return self._names.get(name, {}).get(key, "")

    @cached_property
    def _names(self) -> dict[str, dict[int, str]]:
        return {
            name: {
                record.pk: str(record) for record in self.lookups.list_records(field.related_model)
            }
            for name, field in self.fields.items()
            if isinstance(field, models.ForeignKey)
        }

    def _word_wave(self, stored: str) -> str:
        """A wave by its day: it may have been created since."""
        day = date.fromisoformat(stored)
        wave = self.lookups.waves_by_date.get(day)
        return wave.name if wave else self.new_waves.get(day, text.long_date(day))


@dataclass(frozen=True)
class CellChange:
    """A cell of a line, old → new. `field` is what `repairs.decide` takes."""

    field: str
    label: str
    before: str
    after: str
    is_kept: bool = False


class RunWording(Wording):
    """Says the lines of an import."""

    def __init__(self, run: ImportRun) -> None:
        names = {wave.effective_on: wave.name for wave in run.new_waves}
        super().__init__(RESOURCES[run.model_key](), names)
        self.run = run

    def list_changes(self, row: ImportRow) -> list[CellChange]:
        """What the line writes, then what it would write and was refused."""
        changes = [
            CellChange(
                name, self.word_label(name), self.word_value(name, row.before.get(name)), after
            )
            for name, stored in self._sort_values(row.after)
            if (after := self.word_value(name, stored)) or row.before
        ]
        changes += [
            CellChange(name, self.word_label(name), "", self.word_value(name, stored), is_kept=True)
            for name, stored in self._sort_values(row.kept or {})
        ]
        return changes

    def explain_record(self, row: ImportRow) -> str:
        """How the record was recognised: « Reconnu par son numéro France Services (873) »."""
        agree = self.model.noun.agree
        match row.matched_by:
            case Match.KEY:
                return f"{agree('Reconnu')} par la clé de notre tableur"
            case Match.STATE_ID:
                number = self._read_state_number(row)
                return "Reconnu par son numéro France Services" + (f" ({number})" if number else "")
            case Match.NAME:
                return f"{agree('Reconnu')} {RESOURCES[self.run.model_key].known_by}"
            case Match.PERSON:
                return f"{agree('Choisi')} par une personne"
        return ""

    def _read_state_number(self, row: ImportRow) -> str:
        position = next(
            (c.position for c in self.run.columns if c.field == "france_services_id"), None
        )
        cells = read_cells(row)
        return show(cells[position]).strip() if position is not None else ""

    def _sort_values(self, values: dict[str, Any]) -> list[tuple[str, Any]]:
        """In the order of the columns of our own downloads."""
        order = list(self.columns)
        last = len(order)
        return sorted(
            values.items(), key=lambda item: order.index(item[0]) if item[0] in order else last
        )

"""The cells of a line: what people wrote over them, and what each is found to say."""

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.db import models

from labelling import text
from labelling.models import ImportRow
from labelling.models.stored import CellFault, CellProblem
from labelling.spreadsheets.resources import checks
from labelling.spreadsheets.widgets import CellError, UnknownWave, is_blank, show
from labelling.spreadsheets.widgets.texts import read_code

# Beyond so many distinct values, a column hardly repeats itself.
_MEMORY = 1000
# What a line says besides the values of its record: which one and which version of it, by our own
# downloads; its region, only checked; that it is new in the wave.
RECORD_KEY, RECORD_VERSION, REGION, NEW_MARK = "pk", "version", "region", "new"


@dataclass(frozen=True)
class ProposedWave:
    """A wave that the base lacks, by the day its label takes effect."""

    effective_on: date


@dataclass
class TakenColumn:
    """A column that goes into a field, and what its cells were found to say.

    Without a position and a letter, the file has none for the field: people may fill it in.
    """

    position: int | None
    letter: str
    heading: str
    field: str  # Of the record: « department_id »; or RECORD_KEY, RECORD_VERSION.
    widget: Any
    model_field: Any
    empties: bool = False
    memory: dict[tuple[type, Any], Any] = dataclasses.field(default_factory=dict)

    def read(self, cell: Any) -> Any:
        """The value that a record holds, or the CellProblem of the cell. Each is read once."""
        # The type too: 1, 1.0 and True are equal.
        key = (cell.__class__, cell)
        memory = self.memory
        if key in memory:
            return memory[key]
        if len(memory) > _MEMORY:
            memory.clear()
        memory[key] = outcome = self._read(cell)
        return outcome

    def make_problem(
        self,
        reason: str,
        value: Any = "",
        suggestions: Iterable[Any] = (),
        *,
        is_common: bool = False,
    ) -> CellProblem:
        return CellProblem(
            reason,
            tuple(suggestions),
            str(value),
            self.letter,
            self.heading,
            self.field,
            is_common=is_common,
        )

    @cached_property
    def is_shared(self) -> bool:
        """Whether many records may hold one value: a department, not a name."""
        return bool(getattr(self.widget, "choices", ()))

    def _read(self, cell: Any) -> Any:
        if isinstance(cell, CellFault):
            reason = f"La cellule {cell.reason}. Ressaisissez sa valeur."
            return self.make_problem(reason, is_common=self.is_shared)
        try:
            value = self.widget.clean(cell)
        except UnknownWave as unknown:
            return ProposedWave(unknown.effective_on)
        except CellError as error:
            return self.make_problem(
                error.reason, show(cell), error.suggestions, is_common=not error.is_of_line
            )
        if isinstance(value, models.Model):
            return value.pk
        if self.model_field is not None and (fault := checks.find_fault(self.model_field, value)):
            return self.make_problem(fault, show(cell), is_common=True)
        return value


def to_ledger(value: Any) -> Any:
    """A value as the ledger holds it. A wave to be created is the text of its date."""
    if isinstance(value, ProposedWave):
        return value.effective_on.isoformat()
    return value.isoformat() if isinstance(value, date) else value


def show_value(cell: Any) -> str:
    """A cell as a problem tells its value: empty if it gives none."""
    return "" if isinstance(cell, CellFault) or is_blank(cell) else show(cell)


def read_figures(row: ImportRow, column: TakenColumn) -> str:
    """The figures that a line, or a person, writes of a column."""
    position, cells = column.position, read_cells(row)
    written = row.answers.values.get(column.field) if position is None else cells[position]
    return "".join(filter(text.is_number, read_code(written)))


def read_cells(row: ImportRow) -> Sequence[Any]:
    """The cells of a line, with what people wrote over them."""
    edits = row.answers.cells
    if not edits:
        return row.cells
    width = max([len(row.cells), *(position + 1 for position in edits)])
    result = [*row.cells, *[None] * (width - len(row.cells))]
    for position, value in edits.items():
        result[position] = value
    return result

"""A line of a file -> the values that it gives and the problems of its cells."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from labelling import text
from labelling.choices import Match
from labelling.models import ImportRow
from labelling.models.stored import CellProblem, FileColumn
from labelling.spreadsheets.judging.cells import NEW_MARK, TakenColumn, read_cells
from labelling.spreadsheets.resources.matching import NO_RECORD, Recognition
from labelling.spreadsheets.widgets import NameWidget, is_blank, quote, says_itinerant

# How the remarks on values end, by which they are told from the others.
_AS_BLANK, _PROPOSED = "une cellule vide.", "est proposé sur sa ligne."
_NAMES = frozenset(("name", "state_name", "commune", "france_services_id"))
REMARK_ENDINGS = (_AS_BLANK, _PROPOSED)


@dataclass
class JudgedLine:
    """What the cells of a line were found to say, and the record that it speaks of."""

    row: ImportRow
    # By the column of the record; and what a line says besides, by KEY, VERSION and REGION.
    values: dict[str, Any]
    problems: list[CellProblem]
    # The record of the line when it was last judged: decisions are about that one.
    former: int | None
    recognition: Recognition = NO_RECORD
    version: int | None = None
    region: int | None = None
    # That a code of the line begins with, where the file has no column of departments.
    department: int | None = None
    # The column and the cell by which the file says that the site moves.
    itinerant: tuple[FileColumn, str] | None = None


class LineReader:
    """Reads lines by `columns`: those of the file, and those that it lacks and people fill.

    `itinerant` are columns that give no field, and say of a site that it moves. `find_shift` says
    what is wrong with cells that stand beside their columns.
    """

    def __init__(
        self,
        columns: Sequence[TakenColumn],
        itinerant: Sequence[FileColumn] = (),
        find_shift: Callable[[Sequence[Any]], CellProblem | None] = lambda cells: None,
    ) -> None:
        self.itinerant = itinerant
        self.find_shift = find_shift
        self.proposed = 0
        self.of_file = [(c.position, c) for c in columns if c.position is not None]
        self.missing = {c.field: c for c in columns if c.position is None}
        # The numbers that the State will replace.
        self.provisional: list[str] = []

    def read(self, row: ImportRow, *, names_only: bool = False) -> JudgedLine:
        """Read the cells and answers of `row`, and forget what it was last judged to be.

        `names_only`: the line is left out, and what it is called and found by is enough.
        """
        values: dict[str, Any] = {}
        shift = self.find_shift(row.cells)
        problems: list[CellProblem] = [shift] if shift else []
        is_marked = False
        for column, cell in self._pair_cells(row):
            if names_only and column.field not in _NAMES:
                continue
            if is_blank(cell):
                if column.empties and column.model_field is not None:
                    values[column.field] = column.widget.blank
                continue
            outcome = column.read(cell)
            if isinstance(outcome, CellProblem):
                problems.append(outcome)
            elif outcome != "":
                values[column.field] = outcome
            elif names_only:
                continue
            elif column.field == "france_services_id" and column.position is not None:
                # A cell whose text comes to nothing says nothing: « temp_41 », « * ».
                self.provisional.append(str(cell))
            if column.field == "name" and NameWidget.is_marked_new(cell):
                is_marked = True
        former = row.record_id
        row.state, row.problems, row.candidates, row.kept = "", [], None, None
        row.before, row.after, row.is_to_name = {}, {}, False
        row.record_id, row.version, row.matched_by = None, None, Match.NONE
        row.first_key = row.second_key = ""
        row.is_marked = bool(values.pop(NEW_MARK, is_marked))
        name = values.get("name") or values.get("state_name") or _find_first_words(row.cells)
        row.label = name[:250]
        about = (name, values.get("state_name"), values.get("commune"))
        number = values.get("france_services_id")
        row.search_key = text.search_key(*(str(t) for t in (*about, number) if t))[:2000]
        itinerant = self._find_itinerant(row) if self.itinerant and not names_only else None
        return JudgedLine(row, values, problems, former, itinerant=itinerant)

    def word_remarks(self) -> list[str]:
        """What to know of the values of the lines that were read, once a column: sentences."""
        remarks = []
        if self.provisional:
            remarks.append(self._word_provisional())
        if self.proposed:
            sites = text.counted(self.proposed, "ligne dit", "lignes disent")
            remarks.append(
                f"{sites} un site itinérant, dont nous ne savons pas l’accueil du public : il "
                f"{_PROPOSED}"
            )
        return [text.typeset(remark) for remark in remarks]

    def _word_provisional(self) -> str:
        count = len(self.provisional)
        column = next(c for _, c in self.of_file if c.field == "france_services_id")
        numbers = text.counted(count, "numéro provisoire", "numéros provisoires")
        verb = text.plural(count, "il vaut", "ils valent")
        return (
            f"La colonne {column.letter}, « {column.heading} », porte {numbers} de l’État, comme "
            f"{quote(self.provisional[0])} : {verb} {_AS_BLANK}"
        )

    def _find_itinerant(self, row: ImportRow) -> tuple[FileColumn, str] | None:
        cells = read_cells(row)
        said = ((c, cells[c.position]) for c in self.itinerant if c.position < len(cells))
        return next(((column, cell) for column, cell in said if says_itinerant(cell)), None)

    def _pair_cells(self, row: ImportRow) -> Iterator[tuple[TakenColumn, Any]]:
        cells = read_cells(row)
        width = len(cells)
        for position, column in self.of_file:
            yield column, cells[position] if position < width else None
        for name, words in row.answers.values.items():
            # A column of the file may have been given to the field since.
            if name in self.missing:
                yield self.missing[name], words


def _find_first_words(cells: Iterable[Any]) -> str:
    return next((cell for cell in cells if isinstance(cell, str) and cell), "")

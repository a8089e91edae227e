"""The values of a line against those of its record: what is written, refused, or asked."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils import timezone

from labelling.choices import Decision, Match
from labelling.days import find_day
from labelling.models import ImportRow, ImportRun
from labelling.models.stored import CellProblem, store_unread
from labelling.spreadsheets.judging.cells import (
    RECORD_KEY,
    TakenColumn,
    read_figures,
    to_ledger,
)
from labelling.spreadsheets.judging.lines import JudgedLine
from labelling.spreadsheets.judging.problems import SHORT, Inspector
from labelling.spreadsheets.resources import SheetResource

# The values of files that were refused for good, by record and field.
Refused = Mapping[tuple[int, str], Sequence[Any]]

_KEEPS = (Decision.OURS, Decision.ALWAYS)


def keeps(row: ImportRow, name: str) -> bool:
    """Whether a person keeps the record's value of a field, for this line or for good."""
    return row.answers.decisions.get(name) in _KEEPS


class Chooser:
    """Chooses between the file and the record, by what people decided and refused for good."""

    def __init__(self, run: ImportRun, resource: SheetResource, inspector: Inspector) -> None:
        self.run, self.resource = run, resource
        self.inspector = inspector
        self.by_column = inspector.by_column
        # A list of the State's names, and no download of ours.
        given = {column.field for column in inspector.by_column.values() if column.letter}
        self.is_download = RECORD_KEY in given
        self.is_of_state = "state_name" in given and not self.is_download
        # Whoever took the column for the postcodes answers for them.
        self.is_vouched = any(c.field == "postcode" and c.how == "person" for c in run.columns)
        self.wave_days = {wave.pk: wave.effective_on for wave in resource.lookups.waves}
        # The day of the file, if its name says it; else it was not written after it came.
        self.dated_on = find_day(run.file_name)
        self.listed_on = self.dated_on or timezone.localdate(run.prepared_at)

    def choose(
        self,
        line: JudgedLine,
        old: Mapping[str, Any],
        base: Mapping[str, Any] | None,
        refused: Refused,
    ) -> dict[str, Any]:
        """The values of the file that are written; those refused are noted on the line.

        `base` is the record as our download gave it, None if its history no longer says.
        """
        if self.run.is_older and not self.run.answers.takes_older:
            line.problems = []
            return {}
        if self._names_an_ended_label(line, old):
            self._ask_ended(line, old, refused)
            return {}
        taken: dict[str, Any] = {}
        kept: dict[str, Any] = {}
        decisions = line.row.answers.decisions

        def refuses(name: str, refusal: Any) -> bool:
            if name in decisions:
                return keeps(line.row, name)
            return refusal in refused.get((old["id"], name), ())

        problems, line.problems = line.problems, []
        for problem in problems:
            name, refusal = problem.field, store_unread(problem)
            column = self.by_column.get(name)
            if column is None:
                line.problems.append(problem)
            elif column.model_field is not None and refuses(name, refusal):
                kept[name] = refusal
            elif not self._came_as_it_went(column, problem, (old, base or old)):
                line.problems.append(problem)
        for name, value in line.values.items():
            mine, column = old[name], self.by_column[name]
            if self._says_the_same(column, value, mine):
                continue
            if self._spells_no_better(line, column, value, mine):
                continue
            decision, refusal = decisions.get(name), self._make_refusal(name, value)
            if refuses(name, refusal):
                kept[name] = refusal
            elif decision is None and (far := self._find_far_postcode(line, name, old)):
                line.problems.append(far)
            elif decision == Decision.FILE or (base is None and mine in (None, "")):
                taken[name] = value
            elif base is None:
                line.problems.append(self.inspector.ask_two_values(name, value, mine))
            elif self._says_the_same(column, value, base[name]):
                continue  # Not touched since our download: somebody else's value stands.
            elif base[name] != mine:
                line.problems.append(self.inspector.ask_three_values(name, value, mine, base[name]))
            elif self._moves_wave(name, mine):
                line.problems.append(self.inspector.ask_moved_wave(value, mine))
            else:
                taken[name] = value
        line.row.kept = kept or None
        return taken

    def _find_far_postcode(
        self, line: JudgedLine, name: str, old: Mapping[str, Any]
    ) -> CellProblem | None:
        column = self.by_column[name]
        if name != "postcode" or self.is_vouched or not line.values[name]:
            return None
        if len(read_figures(line.row, column)) == SHORT:
            # A lost zero is told as such.
            return None
        differing = [
            other
            for other, value in line.values.items()
            if not self._says_the_same(self.by_column[other], value, old[other])
        ]
        return self.inspector.ask_far_postcode(line.values, old, differing)

    def _names_an_ended_label(self, line: JudgedLine, old: Mapping[str, Any]) -> bool:
        """Whether a list later than the end of a label names the site all the same."""
        ended_on = old.get("withdrawn_on")
        if ended_on is None or line.row.matched_by == Match.KEY:
            return False
        said = {*line.values, *(problem.field for problem in line.problems)}
        return "withdrawn_on" not in said and ended_on <= self.listed_on

    def _ask_ended(self, line: JudgedLine, old: Mapping[str, Any], refused: Refused) -> None:
        """Nothing is written on such a site: our end of its label stands, or it is another one.

        What is refused, for good, is that its label has no end.
        """
        decision = line.row.answers.decisions.get("withdrawn_on")
        known = None in refused.get((old["id"], "withdrawn_on"), ())
        if decision in _KEEPS or (known and decision is None):
            line.row.kept, line.problems = {"withdrawn_on": None}, []
        else:
            wave = line.values.get("wave_id")
            ended_on = old["withdrawn_on"]
            line.problems = [self.inspector.ask_ended(ended_on, wave, self.dated_on)]

    def _make_refusal(self, name: str, value: Any) -> Any:
        """What is remembered of a value that is refused: a wave by its day, created or not."""
        if name == "wave_id" and value in self.wave_days:
            return to_ledger(self.wave_days[value])
        return to_ledger(value)

    def _says_the_same(self, column: TakenColumn, value: Any, stored: Any) -> bool:
        if value == stored:
            return True
        if column.model_field.is_relation:
            return False
        return isinstance(value, str) and bool(column.widget.is_same(value, stored))

    def _spells_no_better(
        self, line: JudgedLine, column: TakenColumn, value: Any, mine: Any
    ) -> bool:
        """Whether a list says nothing new by another spelling.

        What a person typed over, or wrote in our own download, is meant as it is written.
        """
        answers = line.row.answers
        is_typed = column.position in answers.cells or column.field in answers.values
        if self.is_download or is_typed:
            return False
        declared = self.resource.fields.get(column.field)
        return declared is not None and declared.spells_no_better(value, mine)

    def _came_as_it_went(
        self, column: TakenColumn, problem: CellProblem, records: Iterable[Mapping[str, Any]]
    ) -> bool:
        """Whether a cell that gives no value is what our download wrote: forms let more in."""
        if column.model_field is None or column.model_field.is_relation or not problem.value:
            return False
        return any(
            column.widget.is_untouched(problem.value, record[problem.field]) for record in records
        )

    def _moves_wave(self, name: str, mine: Any) -> bool:
        return name == "wave_id" and mine is not None and self.is_of_state

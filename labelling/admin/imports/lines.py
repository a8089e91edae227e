"""The lines of an import as its page shows them: old → new, what is wrong, what may be answered."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Model
from django.urls import NoReverseMatch, reverse

from labelling import text
from labelling.admin.addresses import locate_page
from labelling.admin.imports.filters import Asked
from labelling.choices import Decision, ImportStatus, RowState
from labelling.models import ImportRow, ImportRun, MergedSite, Site
from labelling.models.imports import REDACTED
from labelling.models.stored import CellFault, CellProblem
from labelling.spreadsheets.judging.cells import read_cells, to_ledger
from labelling.spreadsheets.judging.wording import CellChange, RunWording
from labelling.spreadsheets.resources import RESOURCES
from labelling.spreadsheets.runs import ledger, repairs
from labelling.spreadsheets.runs.lines_to_correct import find_candidates
from labelling.spreadsheets.widgets import is_blank, to_one_line

_MOST_SAMPLE = 300
_END_STANDS = "Notre fin de label fait foi"


@dataclass(frozen=True, kw_only=True)
class ShownCell:
    """A cell that differs from the record's, and which of the two values was chosen."""

    field: str
    label: str
    before: str
    after: str
    choice: Decision

    @property
    def is_filled(self) -> bool:
        """Whether the file fills what is empty with us: nothing of ours is lost."""
        return self.choice == Decision.FILE and not self.before

    @property
    def is_end_of_label(self) -> bool:
        """Whether our end of a label stands against a file that names the site all the same."""
        is_kept = self.choice != Decision.FILE
        return is_kept and self.field == "withdrawn_on" and not self.after

    @property
    def others(self) -> list[Decision]:
        """What may be chosen instead: ours, where there is one to keep."""
        if self.is_end_of_label:
            return []
        others = [decision for decision in Decision if decision != self.choice]
        return [decision for decision in others if self.before or decision == Decision.FILE]


@dataclass(frozen=True, kw_only=True)
class Input:
    """What is typed over: a cell by its position, or by its name a field that has no column."""

    key: str
    label: str
    value: str


@dataclass(frozen=True, kw_only=True)
class Unfilled:
    """A field that has no column and would mend a problem: its input, and the words it may take."""

    key: str
    label: str
    input: Input | None
    choices: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class ShownProblem:
    """What is wrong with a line, and what would mend it."""

    reason: str
    value: str
    heading: str
    letter: str
    # None if it is edited elsewhere: a cell has one input, however much is wrong with it.
    input: Input | None
    # Of the record that stands in the way, if one does.
    address: str
    # What a suggestion is written to; empty: nothing.
    key: str
    suggestions: Sequence[tuple[str, str]]
    unfilled: Sequence[Unfilled]
    # Nothing is lost if the cell is emptied.
    may_be_left_empty: bool
    # Which value stands, where the record has one too.
    field: str
    decisions: Sequence[tuple[Decision, str]]
    # It may be the new label of a site whose label ended.
    may_be_new: bool
    # The cell is empty, or says that it is.
    is_empty: bool
    # Its sentence and its buttons stand once for all lines, in the block above them.
    is_above: bool

    @property
    def place(self) -> str:
        """Where it stands: « colonne B, « Département » »."""
        heading = f", «\u00a0{self.heading}\u00a0»" if self.heading else ""
        return f"colonne {self.letter}{heading}"


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A record that a line may speak of."""

    key: int
    name: str
    about: str
    address: str


@dataclass(frozen=True, kw_only=True)
class ShownLine:
    """A line of the file, ready to be shown."""

    row: ImportRow
    # Of its record, and of the page where all its cells are shown.
    address: str
    open_address: str
    why: str
    cells: Sequence[ShownCell]
    problems: Sequence[ShownProblem]
    # The name made from the State's, which a person looks at.
    name: Input | None
    candidates: Sequence[Candidate]
    # Every cell, and what was filled in.
    whole: Sequence[Input]
    is_done: bool
    # Once applied: « Non appliquée »; once taken back: what became of the record.
    fate: str
    # What tells the record from its namesakes.
    about: str = ""
    # Where a page shows a line in several tables, the first has its form and its address.
    is_first: bool = True
    # Of a table with a column for each field: the cell of each, if the line has it.
    columns: Sequence[ShownCell | None] = ()

    @property
    def is_typed(self) -> bool:
        """Whether something may be typed over it: Enter then sends that."""
        return bool(self.name or self.whole or self.problems)

    @property
    def answered_record(self) -> Any:
        """What a person said of its record: a key, « new », or nothing."""
        return self.row.answers.record

    @property
    def may_be_put_aside(self) -> bool:
        kept_out = (RowState.MAYBE, RowState.OUTSIDE)
        return self.row.state not in (*kept_out, RowState.UNCHANGED)

    @property
    def kind(self) -> str:
        """What becomes of the line, in one word."""
        if self.row.is_aside:
            return "Mise de côté"
        return _KINDS.get(self.row.state, "")

    @property
    def tone(self) -> str:
        """The kind of badge that says so."""
        return "" if self.row.is_aside else _TONES.get(self.row.state, "")


_TONES = {
    str(RowState.NEW): "ok",
    str(RowState.CHANGED): "info",
    str(RowState.WRONG): "bad",
    str(RowState.WHICH): "warn",
    str(RowState.MAYBE): "warn",
}
_KINDS = {
    str(RowState.NEW): "Nouvelle",
    str(RowState.CHANGED): "Modifiée",
    str(RowState.UNCHANGED): "Inchangée",
    str(RowState.WRONG): "À corriger",
    str(RowState.WHICH): "Quel site\u202f?",
    str(RowState.MAYBE): "Du réseau\u202f?",
    str(RowState.OUTSIDE): "Hors réseau",
}


_WRITE_NOTHING = (RowState.UNCHANGED, RowState.MAYBE, RowState.OUTSIDE)


class Lines:
    """Makes the lines of a page ready to be shown, in a number of queries that does not grow."""

    def __init__(
        self, run: ImportRun, asked: Asked, above: Iterable[repairs.BadValue] = ()
    ) -> None:
        self.run, self.asked = run, asked
        self.above = {(bad.letter, bad.value, bad.reason) for bad in above}
        self.wording = RunWording(run)
        self.letters = {column.letter: str(column.position) for column in run.columns}
        merged = MergedSite.objects.filter(pk__in=run.rows.values("record_id"))
        self.merged = {*merged.values_list("pk", flat=True)} if run.model_key == "site" else set()
        self.missing = ledger.make_missing_columns(run)
        # By record and label: a wave that stayed may have the key of a site.
        self.left: defaultdict[tuple[int, str], set[str]] = defaultdict(set)
        for left in run.left:
            self.left[left.record, left.label].add(left.field)

    def show(self, keys: Iterable[int]) -> list[ShownLine]:
        """The lines of these keys, in their order; the line just answered comes with them."""
        keys = list(keys)
        done = self.asked.done or self.asked.line
        if done and done not in keys:
            keys.insert(0, done)
        by_key = {row.pk: row for row in self.run.rows.filter(pk__in=keys)}
        rows = [by_key[key] for key in keys if key in by_key]
        records = self._find_records(rows)
        candidates = find_candidates(self.run, rows) if _asks(rows) else {}
        return [self._show_line(row, records, candidates) for row in rows]

    def _find_records(self, rows: Sequence[ImportRow]) -> dict[int, Model]:
        keys = {row.record_id for row in rows if row.record_id}
        if not keys:
            return {}
        records = RESOURCES[self.run.model_key]._meta.model._base_manager.filter(pk__in=keys)
        return {record.pk: record for record in records}

    def _show_line(
        self, row: ImportRow, records: dict[int, Model], candidates: dict[int, Any]
    ) -> ShownLine:
        record = records.get(row.record_id or 0)
        # The page of a record that went into another leads to that one.
        is_there = record is not None or row.record_id in self.merged
        model = self.wording.model
        whole = self._show_whole(row) if row.pk == self.asked.line else ()
        # A line that is shown whole has an input for every cell already.
        edited = {cell.key for cell in whole}
        return ShownLine(
            row=row,
            address=_locate_record(model, row.record_id) if is_there else "",
            open_address=f"{self.asked.make_address(line=row.pk)}#line-{row.number}",
            why=self.wording.explain_record(row) if row.matched_by else "",
            cells=[
                self._show_cell(row, change, record) for change in self.wording.list_changes(row)
            ],
            problems=[self._show_problem(row, problem, record, edited) for problem in row.problems],
            name=self._show_name(row, edited),
            candidates=[
                Candidate(
                    key=key,
                    name=str(candidates[key]),
                    about=self._describe(candidates[key]),
                    address=_locate_record(model, key),
                )
                for key in row.candidates or ()
                if key in candidates
            ],
            whole=whole,
            is_done=row.pk in (self.asked.done, self.asked.line),
            fate=self._word_fate(row, record),
            about=self._describe_place(row, record),
        )

    def _word_fate(self, row: ImportRow, record: Model | None) -> str:
        """What became of a line that its import had to write; empty before, or if not known."""
        if self.run.status == ImportStatus.PREPARING or row.state in _WRITE_NOTHING:
            return ""
        if row.is_aside or row.state in (RowState.WRONG, RowState.WHICH):
            return "Non appliquée"
        if self.run.status != ImportStatus.UNDONE or row.label == REDACTED:
            return ""
        if record is None:
            return "Fiche fusionnée" if row.record_id in self.merged else "Fiche supprimée"
        left = self.left.get((row.record_id or 0, row.label), set())
        if "" in left or (left and left >= row.after.keys()):
            return "Restée"
        if row.state == RowState.NEW:
            # It went, and another record has come under its key.
            return ""
        return "Remise en partie" if left else "Remise comme avant"

    def _show_cell(self, row: ImportRow, change: CellChange, record: Any) -> ShownCell:
        answered = row.answers.decisions.get(change.field)
        before = change.before
        if change.is_kept and record is not None:
            before = self.wording.word_value(change.field, to_ledger(getattr(record, change.field)))
        # Refused without an answer here: it was, for all files, by an answer given before.
        choice = Decision(answered or Decision.ALWAYS) if change.is_kept else Decision.FILE
        return ShownCell(
            field=change.field,
            label=change.label,
            before=before,
            after=change.after,
            choice=choice,
        )

    def _show_problem(
        self, row: ImportRow, problem: CellProblem, record: Any, edited: set[str]
    ) -> ShownProblem:
        field = problem.field
        position = self.letters.get(problem.letter)
        key = position or (field if field in self.missing else "")
        if problem.is_ended:
            key = ""
        is_empty = position is not None and is_blank(_read_cell(row, int(position)))
        has_ours = _holds(record, field)
        decisions: Sequence[tuple[Decision, str]] = ()
        if problem.is_ended:
            decisions = [(Decision.ALWAYS, _END_STANDS)]
        elif field in self.wording.columns and (has_ours or problem.is_choice):
            # A value that is wrong cannot be taken; ours can stay.
            decisions = [
                (decision, str(decision.label))
                for decision in Decision
                if decision != Decision.FILE or problem.is_choice
            ]
        may_be_blank = field in self.wording.columns and self.wording.fields[field].blank
        identity = (problem.letter, problem.value, problem.reason)
        is_above = identity in self.above and not decisions
        return ShownProblem(
            reason=problem.reason,
            value=to_one_line(problem.value)[:_MOST_SAMPLE],
            heading=problem.heading,
            letter=problem.letter,
            is_empty=is_empty,
            # Its cell is free for what else is wrong with it.
            input=None if is_above or problem.is_proposal else self._make_input(row, key, edited),
            key=key,
            address=_locate_record(self.wording.model, problem.record) if problem.record else "",
            suggestions=problem.suggestions,
            unfilled=[
                self._show_unfilled(row, name, edited)
                for name in problem.unfilled
                if name in self.missing
            ],
            may_be_left_empty=may_be_blank
            and not (is_empty or has_ours or is_above or problem.is_proposal),
            field=field,
            decisions=decisions,
            may_be_new=problem.is_ended,
            is_above=is_above,
        )

    def _show_unfilled(self, row: ImportRow, name: str, edited: set[str]) -> Unfilled:
        column = self.missing[name]
        return Unfilled(
            key=name,
            label=column.heading,
            input=self._make_input(row, name, edited),
            choices=[str(label) for _, label in column.model_field.flatchoices],
        )

    def _show_name(self, row: ImportRow, edited: set[str]) -> Input | None:
        if not row.is_to_name or row.state == RowState.WHICH:
            return None
        key = next((str(c.position) for c in self.run.columns if c.field == "name"), "name")
        shown = self._make_input(row, key, edited)
        return replace(shown, value=row.after["name"]) if shown else None

    def _make_input(self, row: ImportRow, key: str, edited: set[str]) -> Input | None:
        """The input of `key`, noted in `edited`; None if the line has it already."""
        if not key or key in edited:
            return None
        edited.add(key)
        if key in self.missing:
            filled = row.answers.values.get(key)
            value = (
                filled if filled is not None else self.wording.word_value(key, row.after.get(key))
            )
            return Input(key=key, label=self.missing[key].heading, value=value)
        column = next(c for c in self.run.columns if str(c.position) == key)
        heading = column.heading or f"Colonne {column.letter}"
        return Input(key=key, label=heading, value=self._read_file_value(row, column.position))

    def _read_file_value(self, row: ImportRow, position: int) -> str:
        cell = _read_cell(row, position)
        return to_one_line(cell) if not isinstance(cell, CellFault) else ""

    def _show_whole(self, row: ImportRow) -> list[Input]:
        """Every cell of the file, and what was filled in."""
        filled = [name for name in row.answers.values if name in self.missing]
        inputs = (self._make_input(row, key, set()) for key in (*self.letters.values(), *filled))
        return [cell for cell in inputs if cell is not None]

    def _describe_place(self, row: ImportRow, record: Any) -> str:
        """Where the file says that a site is, else where it is with us."""
        if not isinstance(record, Site):
            return ""
        ours = {name: getattr(record, name) for name in ("address", "postcode", "commune")}
        address, postcode, commune = ({**ours, **row.after}[name] for name in ours)
        return ", ".join(filter(None, [address, " ".join(filter(None, [postcode, commune]))]))

    def _describe(self, record: Any) -> str:
        """What tells a site from its namesakes: its place, its wave, its number."""
        if not isinstance(record, Site):
            return ""
        parts = [
            record.commune,
            self.wording.word_value("department_id", record.department_id),
            self.wording.word_value("wave_id", record.wave_id),
            f"n°\u00a0{record.france_services_id}" if record.france_services_id else "",
        ]
        return ", ".join(part for part in parts if part)


def _read_cell(row: ImportRow, position: int) -> Any:
    cells = read_cells(row)
    return cells[position] if position < len(cells) else None


def _holds(record: Any, name: str) -> bool:
    """Whether a record, if there is one, has a value for the field."""
    return record is not None and getattr(record, name, None) not in (None, "")


def _asks(rows: Iterable[ImportRow]) -> bool:
    return any(row.candidates for row in rows)


def _locate_record(model: type[Model], key: int | None) -> str:
    try:
        return locate_page(model, "change", key)
    except NoReverseMatch:
        return ""


def locate_line(run: ImportRun, row: ImportRow, asked: Asked) -> str:
    """Where the page of `run` shows a line that was just answered."""
    page = reverse("admin:labelling_importrun_change", args=[run.pk])
    return f"{page}{asked.make_address(done=row.pk)}#line-{row.number}"


def word_answer(run: ImportRun, row: ImportRow) -> str:
    """What an answer did to a line, in a sentence."""
    subject = f"Ligne {text.number(row.number)}\u00a0: "
    if row.is_aside:
        return subject + "mise de côté. Elle ne sera pas appliquée."
    match row.state:
        case RowState.NEW:
            ending = "e" if run.model_key in ("association", "labellingwave") else ""
            return subject + f"«\u00a0{row.label}\u00a0» sera ajouté{ending}."
        case RowState.CHANGED:
            return subject + f"la fiche «\u00a0{row.label}\u00a0» sera modifiée."
        case RowState.UNCHANGED:
            return subject + "rien ne changera."
        case RowState.WRONG:
            return subject + "il reste quelque chose à corriger."
        case RowState.WHICH:
            return subject + "dites de quel site elle parle."
        case RowState.MAYBE:
            return subject + "dites si elle est du réseau."
    return subject + "hors réseau."

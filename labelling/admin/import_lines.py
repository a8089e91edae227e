"""The lines of an import as its page shows them: old → new, what is wrong, what may be answered."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, IntegerField, Model, Q, QuerySet, Value, When
from django.http import QueryDict
from django.urls import NoReverseMatch, reverse
from django.utils.http import urlencode

from labelling import text
from labelling.admin.addresses import admin_url
from labelling.models import CellFault, ImportRow, ImportRun, RowState, Site
from labelling.spreadsheets import repairs, showing
from labelling.spreadsheets.resources import RESOURCES
from labelling.spreadsheets.taking import plain
from labelling.spreadsheets.widgets import one_line

PER_PAGE = 50
# Nineteen figures are more than a database counts.
_MOST_FIGURES = 18
_MOST_SAMPLE = 300

ASIDE, TO_NAME = "aside", "to_name"
# Of the filters, those that are no state of a line.
_OTHERS = {ASIDE: "Mises de côté", TO_NAME: "À nommer"}


def whole_number(written: str | None) -> int | None:
    """The number that an address or a form holds; None if it is none."""
    if written and written.isascii() and written.isdecimal() and len(written) <= _MOST_FIGURES:
        return int(written)
    return None


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What an address asks to see of an import: a state, words, a page, a line to open."""

    state: str = ""
    query: str = ""
    page: int = 1
    # The line that was just answered, and the one whose every cell is shown.
    done: int | None = None
    line: int | None = None

    @classmethod
    def read(cls, given: QueryDict) -> "Asked":
        state = given.get("state", "")
        return cls(
            state=state if state in (*RowState.values, *_OTHERS) else "",
            query=" ".join(given.get("q", "").replace("\0", "").split())[:200],
            page=whole_number(given.get("p")) or 1,
            done=whole_number(given.get("done")),
            line=whole_number(given.get("line")),
        )

    def address(self, **changes: Any) -> str:
        """Return the same question with some answers changed, as « ?state=wrong&p=2 »."""
        parts = {
            "state": self.state,
            "q": self.query,
            "p": self.page if self.page > 1 else "",
            **changes,
        }
        return "?" + urlencode({name: part for name, part in parts.items() if part})

    @property
    def plain_address(self) -> str:
        return self.address()

    def rows(self, run: ImportRun) -> QuerySet[ImportRow]:
        """The lines asked for: those to settle, those that change something, then the others."""
        rows = run.rows.all()
        if self.state == ASIDE:
            rows = rows.filter(is_aside=True)
        elif self.state == TO_NAME:
            rows = rows.filter(is_to_name=True, is_aside=False)
        elif self.state:
            rows = rows.in_state(self.state).filter(is_aside=False)
        elif not self.query:
            rows = rows.exclude(state=RowState.OUTSIDE)
        to_settle = Q(state__in=(RowState.WRONG, RowState.WHICH), is_aside=False)
        changing = Q(state__in=(RowState.NEW, RowState.CHANGED), is_aside=False)
        rank = Case(
            When(to_settle, then=Value(0)),
            When(changing, then=Value(1)),
            default=Value(2),
            output_field=IntegerField(),
        )
        return rows.matching(self.query).order_by(rank, "number")


@dataclass(frozen=True, kw_only=True)
class Filter:
    """A counter, and the address of the lines that it counts."""

    label: str
    count: int
    address: str
    is_current: bool


@dataclass(frozen=True, kw_only=True)
class ShownCell:
    """A cell that differs from the record's, and which of the two values was chosen."""

    field: str
    label: str
    before: str
    after: str
    choice: str


@dataclass(frozen=True, kw_only=True)
class ShownProblem:
    """What is wrong with a line, and what would mend it. No position: no cell of the file."""

    reason: str
    value: str
    heading: str
    letter: str
    position: int | None
    cell: str
    suggestions: Sequence[tuple[str, str]]
    # The field, where both values are good or ours can stay.
    field: str
    may_keep: bool
    may_take: bool

    @property
    def keeps_by_emptying(self) -> bool:
        """Whether the file's value is no value: an empty cell leaves ours as it is."""
        return not self.may_take


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A record that a line may speak of."""

    key: int
    name: str
    about: str
    address: str


@dataclass(frozen=True, kw_only=True)
class FileCell:
    """A cell of the file, under its heading."""

    position: int
    heading: str
    value: str


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
    candidates: Sequence[Candidate]
    file_cells: Sequence[FileCell]
    is_done: bool

    @property
    def is_to_settle(self) -> bool:
        return self.row.state in (RowState.WRONG, RowState.WHICH) and not self.row.is_aside

    @property
    def may_be_put_aside(self) -> bool:
        return self.row.state not in (RowState.OUTSIDE, RowState.UNCHANGED)

    @property
    def kind(self) -> str:
        """What becomes of the line, in one word."""
        if self.row.is_aside:
            return "Mise de côté"
        return _KINDS.get(self.row.state, "")


_KINDS = {
    str(RowState.NEW): "Nouvelle",
    str(RowState.CHANGED): "Modifiée",
    str(RowState.UNCHANGED): "Inchangée",
    str(RowState.WRONG): "À corriger",
    str(RowState.WHICH): "Quel site\u202f?",
    str(RowState.OUTSIDE): "Hors réseau",
}


def filters(run: ImportRun, counts: dict[str, int], asked: Asked) -> list[Filter]:
    """The six counters, and those of the lines put aside or to name if there are any."""
    shown = [(state.value, str(state.label), counts[state.value]) for state in RowState]
    if run.model_key != "site":
        # The questions and the network are of sites alone.
        shown = [one for one in shown if one[0] not in (RowState.WHICH, RowState.OUTSIDE)]
    to_name = run.rows.filter(is_to_name=True, is_aside=False).count()
    shown += [
        (name, _OTHERS[name], count)
        for name, count in ((TO_NAME, to_name), (ASIDE, counts["aside"]))
        if count or asked.state == name
    ]
    every = sum(counts.values()) - counts[RowState.OUTSIDE]
    found = [("", "Toutes", every), *shown]
    return [
        Filter(
            label=label,
            count=count,
            address=asked.address(state=state, p="") or "?",
            is_current=state == asked.state,
        )
        for state, label, count in found
    ]


class Lines:
    """Makes the lines of a page ready to be shown, in a number of queries that does not grow."""

    def __init__(self, run: ImportRun, asked: Asked) -> None:
        self.run, self.asked = run, asked
        self.shower = showing.Shower(run)
        self.letters = {c["letter"]: c["position"] for c in run.columns}

    def of(self, keys: Iterable[int]) -> list[ShownLine]:
        """The lines of these keys, in their order; the line just answered comes with them."""
        keys = list(keys)
        done = self.asked.done or self.asked.line
        if done and done not in keys:
            keys.insert(0, done)
        found = {row.pk: row for row in self.run.rows.filter(pk__in=keys)}
        rows = [found[key] for key in keys if key in found]
        records = self._records(rows)
        candidates = showing.candidates(self.run, rows) if _asks(rows) else {}
        return [self._line(row, records, candidates) for row in rows]

    def _records(self, rows: Sequence[ImportRow]) -> dict[int, Model]:
        keys = {row.record_id for row in rows if row.record_id}
        if not keys:
            return {}
        records = RESOURCES[self.run.model_key]._meta.model._base_manager.filter(pk__in=keys)
        return {record.pk: record for record in records}

    def _line(
        self, row: ImportRow, records: dict[int, Model], candidates: dict[int, Any]
    ) -> ShownLine:
        record = records.get(row.record_id or 0)
        model = self.shower.model
        return ShownLine(
            row=row,
            address=_address(model, row.record_id) if record is not None else "",
            open_address=f"{self.asked.address(line=row.pk)}#line-{row.number}",
            why=self.shower.why_this_record(row) if row.matched_by else "",
            cells=[self._cell(row, change, record) for change in self.shower.changes(row)],
            problems=[self._problem(row, problem) for problem in row.problems or ()],
            candidates=[
                Candidate(
                    key=key,
                    name=str(candidates[key]),
                    about=self._about(candidates[key]),
                    address=_address(model, key),
                )
                for key in row.candidates or ()
                if key in candidates
            ],
            file_cells=self._file_cells(row) if row.pk == self.asked.line else (),
            is_done=row.pk in (self.asked.done, self.asked.line),
        )

    def _cell(self, row: ImportRow, change: showing.CellChange, record: Any) -> ShownCell:
        answered = ((row.answers or {}).get("fields") or {}).get(change.field)
        before = change.before
        if change.is_kept and record is not None:
            before = self.shower.value(change.field, plain(getattr(record, change.field)))
        # Refused without an answer here: it was, for all files, by an answer given before.
        choice = (answered or repairs.ALWAYS) if change.is_kept else repairs.FILE
        return ShownCell(
            field=change.field,
            label=change.label,
            before=before,
            after=change.after,
            choice=choice,
        )

    def _problem(self, row: ImportRow, problem: dict[str, Any]) -> ShownProblem:
        position = self.letters.get(problem["letter"])
        is_choice = bool(problem.get("is_choice"))
        return ShownProblem(
            reason=problem["reason"],
            value=problem["value"][:_MOST_SAMPLE],
            heading=problem["heading"],
            letter=problem["letter"],
            position=position,
            cell=self._file_value(row, position) if position is not None else "",
            suggestions=[(label, value) for label, value in problem["suggestions"]],
            field=problem["field"],
            may_keep=is_choice or (row.record_id is not None and position is not None),
            may_take=is_choice,
        )

    def _file_value(self, row: ImportRow, position: int) -> str:
        cells = showing.cells_of(row)
        cell = cells[position] if position < len(cells) else None
        return one_line(cell) if not isinstance(cell, CellFault) else ""

    def _file_cells(self, row: ImportRow) -> list[FileCell]:
        return [
            FileCell(
                position=column["position"],
                heading=column["heading"] or f"Colonne {column['letter']}",
                value=self._file_value(row, column["position"]),
            )
            for column in self.run.columns
        ]

    def _about(self, record: Any) -> str:
        """What tells a site from its namesakes: its place, its wave, its number."""
        if not isinstance(record, Site):
            return ""
        parts = [
            record.commune,
            self.shower.value("department_id", record.department_id),
            self.shower.value("wave_id", record.wave_id),
            f"n°\u00a0{record.france_services_id}" if record.france_services_id else "",
        ]
        return ", ".join(part for part in parts if part)


def _asks(rows: Iterable[ImportRow]) -> bool:
    return any(row.candidates for row in rows)


def _address(model: type[Model], key: int | None) -> str:
    try:
        return admin_url(model, "change", key)
    except NoReverseMatch:
        return ""


def line_address(run: ImportRun, row: ImportRow, asked: Asked) -> str:
    """Where the page of `run` shows a line that was just answered."""
    page = reverse("admin:labelling_importrun_change", args=[run.pk])
    return f"{page}{asked.address(done=row.pk)}#line-{row.number}"


def said_of(row: ImportRow) -> str:
    """What an answer did to a line, in a sentence."""
    subject = f"Ligne {text.number(row.number)}\u00a0: "
    if row.is_aside:
        return subject + "mise de côté. Elle ne sera pas appliquée."
    match row.state:
        case RowState.NEW:
            return subject + f"«\u00a0{row.label}\u00a0» sera ajouté."
        case RowState.CHANGED:
            return subject + f"la fiche «\u00a0{row.label}\u00a0» sera modifiée."
        case RowState.UNCHANGED:
            return subject + "rien ne changera."
        case RowState.WRONG:
            return subject + "il reste quelque chose à corriger."
        case RowState.WHICH:
            return subject + "dites de quel site elle parle."
    return subject + "hors réseau."


__all__ = [
    "PER_PAGE",
    "Asked",
    "Filter",
    "Lines",
    "ShownLine",
    "filters",
    "line_address",
    "said_of",
    "whole_number",
]

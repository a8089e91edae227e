"""Which lines of an import its page is asked for, and the counters that lead to them."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When
from django.http import QueryDict
from django.utils.http import urlencode

from labelling import text
from labelling.admin.doors import read_number
from labelling.choices import RowState
from labelling.models import ImportRow, ImportRun
from labelling.models.base import LONGEST_SEARCH
from labelling.models.imports import ImportRowQuerySet
from labelling.spreadsheets.judging.wording import Wording
from labelling.spreadsheets.resources import RESOURCES
from labelling.spreadsheets.runs import changes

PER_PAGE = 50
ALL, ASIDE, TO_NAME = "all", "aside", "to_name"
# Of the filters, those that are no state of a line.
_OTHERS = {ASIDE: "Mises de côté", TO_NAME: "Noms à relire"}
# Kinds of changes, whose counter is there while their lines are.
_KINDS = {
    changes.COMPLETED: "Complétées",
    changes.MODIFIED: "Valeurs remplacées",
    changes.KEPT: "Valeurs gardées",
    changes.PROPOSED: "Valeurs proposées",
}
_KNOWN = {ALL, *RowState.values, *_OTHERS, *changes.KINDS}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What an address asks to see of an import: a state, words, a page, a line to open.

    Nothing asked: what the import does, in short.
    """

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
            state=state if state in _KNOWN else "",
            query=" ".join(text.legible(given.get("q", "")).split())[:LONGEST_SEARCH],
            page=read_number(given.get("p")) or 1,
            done=read_number(given.get("done")),
            line=read_number(given.get("line")),
        )

    def make_address(self, **changes: Any) -> str:
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
        return self.make_address()

    @property
    def is_short(self) -> bool:
        """Whether the page says in short what the import does, and lists no lines."""
        return not self.state and not self.query and self.page == 1

    def list_rows(self, run: ImportRun) -> QuerySet[ImportRow]:
        """The lines asked for: those to settle, those that change something, then the others."""
        rows = run.rows.all()
        if self.state == ASIDE:
            rows = rows.filter(is_aside=True)
        elif self.state == TO_NAME:
            rows = _filter_to_name(rows)
        elif self.state in changes.KINDS:
            rows = changes.list_lines(run, self.state)
        elif self.state and self.state != ALL:
            rows = rows.in_state(self.state).filter(is_aside=False)
        elif not self.query:
            rows = rows.exclude(state__in=(RowState.OUTSIDE, RowState.MAYBE))
        to_settle = Q(state__in=(RowState.WRONG, RowState.WHICH), is_aside=False)
        changing = Q(state__in=(RowState.NEW, RowState.CHANGED), is_aside=False)
        rank = Case(
            When(to_settle, then=Value(0)),
            When(changing, then=Value(1)),
            default=Value(2),
            output_field=IntegerField(),
        )
        if not (numbers := self._read_numbers()):
            return rows.matching(self.query).order_by(rank, "number")
        # The lines of these numbers first, then those in which they are found.
        named = Q(number__in=numbers)
        lines = rows.filter(named | Q(pk__in=run.rows.matching(self.query).values("pk")))
        is_named = Case(When(named, then=Value(0)), default=Value(1), output_field=IntegerField())
        return lines.order_by(is_named, rank, "number")

    def _read_numbers(self) -> list[int]:
        """The numbers of lines that are searched, « 166 » or « 12 166 »; none if it has words."""
        values = [read_number(word) for word in self.query.split()]
        numbers = [number for number in values if number is not None]
        return numbers if len(numbers) == len(values) else []


def _filter_to_name(rows: ImportRowQuerySet) -> ImportRowQuerySet:
    """Those whose name is to be read: not where a question may give them that of a site."""
    return rows.filter(is_to_name=True, is_aside=False).exclude(state=RowState.WHICH)


def list_belongings(run: ImportRun, rows: QuerySet[ImportRow]) -> dict[str, bool]:
    """What may be said of all of these lines together: that they are taken, or are not ours."""
    if run.model_key != "site":
        return {"may_take": False, "may_leave": False}
    left_out = Q(state__in=(RowState.OUTSIDE, RowState.MAYBE)) | Q(is_aside=True)
    counts = rows.order_by().aggregate(
        left_out=Count("pk", filter=left_out), ours=Count("pk", filter=~Q(state=RowState.OUTSIDE))
    )
    return {"may_take": bool(counts["left_out"]), "may_leave": bool(counts["ours"])}


@dataclass(frozen=True, kw_only=True)
class Filter:
    """A counter, and the address of the lines that it counts."""

    label: str
    count: int
    address: str
    is_current: bool


def list_filters(
    run: ImportRun, counts: dict[str, int], done: changes.Changes, asked: Asked
) -> list[Filter]:
    """The counters of the states, and those of the lines put aside or with a name to read, if any.

    That of a kind of changes stands while it is asked for.
    """
    shown = [(state.value, str(state.label), counts[state.value]) for state in RowState]
    # The questions and the network are of sites alone, and lines in doubt are rare.
    is_doubtful = counts[RowState.MAYBE] or asked.state == RowState.MAYBE
    kept_out = set() if is_doubtful else {RowState.MAYBE}
    if run.model_key != "site":
        kept_out = {RowState.WHICH, RowState.MAYBE, RowState.OUTSIDE}
    shown = [counter for counter in shown if counter[0] not in kept_out]
    to_name = _filter_to_name(run.rows.all()).count()
    shown += [
        (name, _OTHERS[name], count)
        for name, count in ((TO_NAME, to_name), (ASIDE, counts["aside"]))
        if count or asked.state == name
    ]
    every = sum(counts.values()) - counts[RowState.OUTSIDE] - counts[RowState.MAYBE]
    counters = [(ALL, "Toutes", every), *shown]
    if asked.state in changes.KINDS:
        label = _KINDS.get(asked.state) or Wording(RESOURCES[run.model_key]()).word_label(
            asked.state
        )
        counters.append((asked.state, label, len(done.kinds.get(asked.state, ()))))
    current = asked.state or ("" if asked.is_short else ALL)
    return [
        Filter(
            label=label,
            count=count,
            address=asked.make_address(state=state, p="") or "?",
            is_current=state == current,
        )
        for state, label, count in counters
    ]

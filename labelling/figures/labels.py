"""The labels that were ever granted, read once for all that is counted of them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import chain
from operator import itemgetter
from typing import Any, NamedTuple

from django.db.models import CharField, Value
from django.db.models.functions import Cast, Coalesce

from labelling.figures.situations import Between, Situation
from labelling.models import LabellingWave, Site
from labelling.models.site import DISTRICT_KEY

# The wave that granted a label, by its key, and the day that it ended on.
Span = tuple[int, date | None]


class Counts(NamedTuple):
    """How many labels, by the key of their department, of their association, and so on."""

    departments: Counter[int]
    associations: Counter[int | None]
    formats: Counter[str]
    districts: Counter[str]


@dataclass(frozen=True)
class Labels:
    """All of them by their spans: of each, its wave, then what it is counted by (`Counts`).

    Tens of thousands are counted faster here than by a query for each part.
    """

    by_span: dict[Span, list[tuple[Any, ...]]]
    starts: dict[int, date]

    @cached_property
    def _dated(self) -> list[tuple[Span, date, date]]:
        """The spans, and the days that their labels began and end on."""
        return [
            (span, self.starts[span[0]], span[1] or date.max)
            for span in self.by_span
            # A wave may go while this is read.
            if span[0] in self.starts
        ]

    def choose(self, situation: Situation) -> set[Span]:
        """The spans of the labels that hold: what `Situation.has` asks the database."""
        granted_by, standing_on = situation.granted_by, situation.standing_on
        return {
            span for span, start, end in self._dated if start <= granted_by and end > standing_on
        }

    def choose_passed(self, between: Between) -> set[Span]:
        """The spans of the labels that came and went: what `Between.passed` asks."""
        then, now = between.then, between.now
        return {
            span
            for span, start, end in self._dated
            if then.granted_by < start <= now.granted_by and end <= now.standing_on
        }

    def add_up(self, spans: Iterable[Span]) -> int:
        """How many labels are of these spans."""
        return sum(len(self.by_span[span]) for span in spans)

    def count(self, spans: Iterable[Span]) -> Counts:
        """How many labels are of these spans, by each value of each part."""
        held = [*self._list(spans)]
        return Counts(
            *(Counter(map(itemgetter(at), held)) for at, _ in enumerate(Counts._fields, 1))
        )

    def count_departments(self, spans: Iterable[Span]) -> Counter[int]:
        return Counter(map(itemgetter(1), self._list(spans)))

    def _list(self, spans: Iterable[Span]) -> Iterator[tuple[Any, ...]]:
        return chain.from_iterable(map(self.by_span.__getitem__, spans))


def read_labels() -> Labels:
    starts = dict(LabellingWave.objects.order_by().values_list("pk", "effective_on"))
    # As a text: nothing converts the days, of which there are few, row by row.
    ended = Coalesce(Cast("withdrawn_on", CharField()), Value(""))
    values = ("department_id", "association_id", "format", DISTRICT_KEY, ended)
    by_day: dict[tuple[int, str], list[tuple[Any, ...]]] = defaultdict(list)
    for row in Site.objects.exclude(wave=None).order_by().values_list("wave_id", *values):
        by_day[row[0], row[-1]].append(row)
    by_span = {
        (wave, date.fromisoformat(day) if day else None): rows
        for (wave, day), rows in by_day.items()
    }
    return Labels(by_span, starts)

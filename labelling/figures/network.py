"""The labelled network counted, in a number of queries that does not grow with it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from labelling.choices import SiteFormat
from labelling.figures.situations import Between, Moment, Situation, make_situation
from labelling.models import Site

UNKNOWN = "none"  # In addresses: what no record says.
_DISTRICTS = ((True, "yes", "Oui"), (False, "no", "Non"), (None, UNKNOWN, "Non renseigné"))


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A number of sites, and the choice of the list of sites that shows them."""

    count: int
    query: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Row:
    """The sites of a region, a department, an association, a kind of place, in district or not.

    `key` is what addresses call it by. Without another situation to compare with, nothing is
    gained or ended.
    """

    key: str
    name: str
    sites: Figure
    gained: Figure | None = None
    ended: Figure | None = None


@dataclass(frozen=True, kw_only=True)
class Network:
    """The sites whose label holds; the rows of each part in French order.

    A row without a site is one that lost its last since the other situation.
    """

    situation: Situation
    sites: Figure
    regions: tuple[Row, ...]
    departments: tuple[Row, ...]
    associations: tuple[Row, ...]
    formats: tuple[Row, ...]
    districts: tuple[Row, ...]

    @property
    def region_count(self) -> int:
        return _count_standing(self.regions)

    @property
    def department_count(self) -> int:
        return _count_standing(self.departments)

    @property
    def association_count(self) -> int:
        return _count_standing(row for row in self.associations if row.key != UNKNOWN)

    @property
    def in_districts(self) -> Figure:
        """The sites in a priority district."""
        return next(
            (row.sites for row in self.districts if row.key == "yes"),
            Figure(count=0, query={**self.sites.query, "district": "yes"}),
        )


@dataclass(frozen=True, kw_only=True)
class Change:
    """The network now and then, and what came and went; rows hold those of either."""

    now: Network
    then: Network
    gained: Figure
    ended: Figure

    @property
    def between(self) -> Between:
        return Between(then=self.then.situation, now=self.now.situation)


def count_network(moment: Moment) -> Network:
    return _count(make_situation(moment))


def compare(now: Moment, then: Moment) -> Change:
    """The network now, each row with what it gained and lost since then."""
    between = Between(then=make_situation(then), now=make_situation(now))
    counted = _count(between.now, between)
    totals = Site.objects.order_by().aggregate(
        gained=Count("pk", between.gained), ended=Count("pk", between.ended)
    )
    return Change(
        now=counted,
        then=_count(between.then),
        gained=Figure(count=totals["gained"], query={"gained": between.key}),
        ended=Figure(count=totals["ended"], query={"ended": between.key}),
    )


def _count(situation: Situation, between: Between | None = None) -> Network:
    count = _Counter(situation, between)
    region, association = "department__region__", "association__"
    kinds = {str(kind.value): (str(kind.value), str(kind.label)) for kind in SiteFormat}
    kinds[""] = (UNKNOWN, "Non renseigné")
    districts = {stored: (key, label) for stored, key, label in _DISTRICTS}
    counts = count.list_counts("in_priority_district")
    return Network(
        situation=situation,
        sites=Figure(count=sum(row[1] for row in counts), query={"as_of": situation.key}),
        regions=count.list_records("region", region, "code"),
        departments=count.list_records("department", "department__", "code"),
        associations=count.list_records("association", association, "id"),
        formats=count.list_words("format", kinds, count.list_counts("format")),
        districts=count.list_words("district", districts, counts),
    )


def _count_standing(rows: Iterable[Row]) -> int:
    return sum(row.sites.count > 0 for row in rows)


class _Counter:
    """Counts the sites by what they share, one query for each part."""

    def __init__(self, situation: Situation, between: Between | None) -> None:
        self.situation = situation
        self.between = between

    def list_counts(self, *fields: str) -> list[Any]:
        """The values of the fields, then how many sites, how many gained, how many ended."""
        held = self.situation.has()
        none = Q(pk__in=[])
        gained, ended = (self.between.gained, self.between.ended) if self.between else (none, none)
        wanted = held | ended if self.between else held
        sites = Site.objects.filter(wanted).order_by().values_list(*fields)
        return list(
            sites.annotate(
                held=Count("pk", filter=held),
                gained=Count("pk", filter=gained),
                ended=Count("pk", filter=ended),
            )
        )

    def list_records(self, parameter: str, path: str, key: str) -> tuple[Row, ...]:
        rows = self.list_counts(f"{path}{key}", f"{path}name", f"{path}sort_key")
        # What no record is known of comes last.
        rows.sort(key=lambda row: (row[0] is None, row[2], str(row[0])))
        return tuple(
            self._make_row(parameter, UNKNOWN, "Non renseignée", counts)
            if value is None
            else self._make_row(parameter, str(value), name, counts)
            for value, name, _order, *counts in rows
        )

    def list_words(
        self, parameter: str, words: Mapping[Any, tuple[str, str]], rows: list[Any]
    ) -> tuple[Row, ...]:
        counted = {value: counts for value, *counts in rows}
        return tuple(
            self._make_row(parameter, key, label, counted[value])
            for value, (key, label) in words.items()
            if value in counted
        )

    def _make_row(self, parameter: str, key: str, name: str, counts: list[int]) -> Row:
        held, gained, ended = counts
        own = {parameter: key}
        sites = Figure(count=held, query={"as_of": self.situation.key, **own})
        if self.between is None:
            return Row(key=key, name=name, sites=sites)
        return Row(
            key=key,
            name=name,
            sites=sites,
            gained=Figure(count=gained, query={"gained": self.between.key, **own}),
            ended=Figure(count=ended, query={"ended": self.between.key, **own}),
        )

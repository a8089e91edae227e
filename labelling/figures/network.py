"""The labelled network counted, in a number of queries that does not grow with it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from labelling.choices import SiteFormat, WithdrawalReason
from labelling.figures.labels import Labels, read_labels
from labelling.figures.situations import Between, Moment, Situation, make_situation
from labelling.models import Association, Department, Region, Site

UNKNOWN = "none"  # In addresses: what no record says.
# What is said of the labels that came and went between two situations.
PASSED = (
    "site a eu et perdu le label entre-temps : il n’est compté ni en nouveau, ni en fin de label.",
    (
        "sites ont eu et perdu le label entre-temps : ils ne sont comptés ni en nouveaux, ni en "
        "fins de label."
    ),
)
# By what is stored: what addresses call it, and what people do.
_FORMATS = {kind.value: (str(kind.value), str(kind.label)) for kind in SiteFormat} | {
    "": (UNKNOWN, "Non renseigné")
}
_DISTRICTS = {1: ("yes", "Oui"), 0: ("no", "Non"), None: (UNKNOWN, "Non renseigné")}


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

    @property
    def unknown_district_count(self) -> int:
        """The sites of which no record says whether they are in a priority district."""
        return sum(row.sites.count for row in self.districts if row.key == UNKNOWN)


@dataclass(frozen=True, kw_only=True)
class Change:
    """The network now and then, and what came and went; rows hold those of either."""

    now: Network
    then: Network
    gained: Figure
    ended: Figure
    # What came and went in between: no part of either.
    passed: Figure
    # Why labels ended: each reason in words, the most frequent first.
    reasons: tuple[tuple[str, Figure], ...]

    @property
    def between(self) -> Between:
        return Between(then=self.then.situation, now=self.now.situation)


def count_network(moment: Moment, labels: Labels | None = None) -> Network:
    return _count(make_situation(moment), labels or read_labels(), _read_names())


def compare(now: Moment, then: Moment, labels: Labels | None = None) -> Change:
    """The network now, each row with what it gained and lost since then."""
    between = Between(then=make_situation(then), now=make_situation(now))
    labels, names = labels or read_labels(), _read_names()
    held, before = labels.choose(between.now), labels.choose(between.then)
    passed = labels.choose_passed(between)
    return Change(
        now=_count(between.now, labels, names, between),
        then=_count(between.then, labels, names),
        gained=Figure(count=labels.add_up(held - before), query={"gained": between.key}),
        ended=Figure(count=labels.add_up(before - held), query={"ended": between.key}),
        passed=Figure(count=labels.add_up(passed), query={"passed": between.key}),
        reasons=_count_reasons(between),
    )


def _count_reasons(between: Between) -> tuple[tuple[str, Figure], ...]:
    ended = Site.objects.filter(between.ended).order_by().values_list("withdrawal_reason")
    counts = dict(ended.annotate(count=Count("pk")))
    reasons = sorted(WithdrawalReason, key=lambda reason: -counts.get(reason.value, 0))
    return tuple(
        (
            str(reason.label),
            Figure(
                count=counts[reason.value],
                query={"ended": between.key, "reason": str(reason.value)},
            ),
        )
        for reason in reasons
        if counts.get(reason.value)
    )


def _count_standing(rows: Iterable[Row]) -> int:
    return sum(row.sites.count > 0 for row in rows)


@dataclass(frozen=True, kw_only=True)
class _Names:
    """What addresses call the values of each part, and what people do, in French order.

    What no record is known of comes last.
    """

    regions: dict[str, tuple[str, str]]
    departments: dict[int, tuple[str, str]]
    associations: dict[int | None, tuple[str, str]]
    region_of: dict[int, str]

    def count_regions(self, departments: Counter[int]) -> Counter[str]:
        regions = Counter[str]()
        for department, count in departments.items():
            regions[self.region_of[department]] += count
        return regions


def _read_names() -> _Names:
    regions = Region.objects.values_list("code", "name")
    departments = [*Department.objects.values_list("pk", "code", "name", "region__code")]
    associations = Association.objects.order_by("sort_key", "pk").values_list("pk", "name")
    return _Names(
        regions={code: (code, name) for code, name in regions},
        departments={pk: (code, name) for pk, code, name, _ in departments},
        associations={pk: (str(pk), name) for pk, name in associations}
        | {None: (UNKNOWN, "Non renseignée")},
        region_of={pk: region for pk, _, _, region in departments},
    )


def _count(
    situation: Situation, labels: Labels, names: _Names, between: Between | None = None
) -> Network:
    held = labels.choose(situation)
    before = labels.choose(between.then) if between else held
    moments = (held, held - before, before - held) if between else (held,)
    counts = [labels.count(one) for one in moments]

    def list_rows(
        parameter: str, words: Mapping[Any, tuple[str, str]], parts: list[Any]
    ) -> tuple[Row, ...]:
        counted = {value: [part[value] for part in parts] for value in words}
        return tuple(
            _make_row(situation, between, parameter, *words[value], numbers)
            for value, numbers in counted.items()
            if any(numbers)
        )

    return Network(
        situation=situation,
        sites=Figure(count=labels.add_up(held), query={"as_of": situation.key}),
        regions=list_rows(
            "region", names.regions, [names.count_regions(one.departments) for one in counts]
        ),
        departments=list_rows("department", names.departments, [one.departments for one in counts]),
        associations=list_rows(
            "association", names.associations, [one.associations for one in counts]
        ),
        formats=list_rows("format", _FORMATS, [one.formats for one in counts]),
        districts=list_rows("district", _DISTRICTS, [one.districts for one in counts]),
    )


def _make_row(
    situation: Situation,
    between: Between | None,
    parameter: str,
    key: str,
    name: str,
    counts: list[int],
) -> Row:
    own = {parameter: key}
    sites = Figure(count=counts[0], query={"as_of": situation.key, **own})
    if between is None:
        return Row(key=key, name=name, sites=sites)
    _, gained, ended = counts
    return Row(
        key=key,
        name=name,
        sites=sites,
        gained=Figure(count=gained, query={"gained": between.key, **own}),
        ended=Figure(count=ended, query={"ended": between.key, **own}),
    )

"""The labelled network counted, in a number of queries that does not grow with it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from operator import add
from typing import Any

from django.db.models import Count, Exists, OuterRef

from labelling.choices import SiteFormat, WithdrawalReason
from labelling.figures.situations import Between, Moment, Situation, make_situation
from labelling.models import Association, Department, LabellingWave, Region, Site
from labelling.models.site import DISTRICT_KEY

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
_DISTRICTS = {"yes": ("yes", "Oui"), "no": ("no", "Non"), UNKNOWN: (UNKNOWN, "Non renseigné")}


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

    A row without a site is one that lost its last since the other situation. The associations,
    of which there may be very many, are counted when they are asked for.
    """

    situation: Situation
    # What rows were gained and ended in; None without another situation.
    between: Between | None
    sites: Figure
    regions: tuple[Row, ...]
    departments: tuple[Row, ...]
    formats: tuple[Row, ...]
    districts: tuple[Row, ...]

    @cached_property
    def associations(self) -> tuple[Row, ...]:
        labels, numbers = _choose(self.situation, self.between)
        counted = labels.values_list("association_id").annotate(**numbers)
        counts = {association: counts for association, *counts in counted}
        names: dict[int | None, tuple[str, str]] = {
            pk: (str(pk), name)
            for pk, name in Association.objects.order_by("sort_key", "pk").values_list("pk", "name")
        }
        names[None] = (UNKNOWN, "Non renseignée")
        return _list_rows(self.situation, self.between, "association", names, counts)

    @property
    def region_count(self) -> int:
        return _count_standing(self.regions)

    @property
    def department_count(self) -> int:
        return _count_standing(self.departments)

    @cached_property
    def association_count(self) -> int:
        held = Site.objects.filter(self.situation.has(), association=OuterRef("pk"))
        return Association.objects.filter(Exists(held)).count()

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


def count_network(moment: Moment) -> Network:
    situation = make_situation(moment)
    return _make_network(situation, None, _read_places())


def compare(now: Moment, then: Moment) -> Change:
    """The network now, each row with what it gained and lost since then."""
    between = Between(then=make_situation(then), now=make_situation(now))
    places = _read_places()
    network = _make_network(between.now, between, places)
    gained, ended = (
        sum(getattr(row, name).count for row in network.departments) for name in ("gained", "ended")
    )
    passed = Site.objects.filter(between.passed).count()
    return Change(
        now=network,
        then=_make_network(between.then, None, places),
        gained=Figure(count=gained, query={"gained": between.key}),
        ended=Figure(count=ended, query={"ended": between.key}),
        passed=Figure(count=passed, query={"passed": between.key}),
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


def _choose(now: Situation, between: Between | None) -> tuple[Any, dict[str, Count]]:
    """The labels, and what is counted of them: how many hold, or were gained, or ended.

    The index `site_labels` answers alone: by the waves, which come first, and rows are not named.
    """
    if between is None:
        return Site.objects.filter(now.has()).order_by(), {"held": Count("*")}
    granted_by = max(now.granted_by, between.then.granted_by)
    labels = Site.objects.filter(wave__in=LabellingWave.objects.effective_by(granted_by))
    chosen = {"held": now.has(), "gained": between.gained, "ended": between.ended}
    return labels.order_by(), {name: Count("wave", filter=one) for name, one in chosen.items()}


@dataclass(frozen=True, kw_only=True)
class _Places:
    """What addresses call the regions and the departments, and what people do, in French order."""

    regions: dict[str, tuple[str, str]]
    departments: dict[int, tuple[str, str]]
    region_of: dict[int, str]


def _read_places() -> _Places:
    regions = Region.objects.values_list("code", "name")
    departments = [*Department.objects.values_list("pk", "code", "name", "region__code")]
    return _Places(
        regions={code: (code, name) for code, name in regions},
        departments={pk: (code, name) for pk, code, name, _ in departments},
        region_of={pk: region for pk, _, _, region in departments},
    )


def _make_network(situation: Situation, between: Between | None, places: _Places) -> Network:
    labels, numbers = _choose(situation, between)
    regions, departments, formats, districts = (
        defaultdict[Any, list[int]](lambda: [0] * len(numbers)) for _ in range(4)
    )
    counted = labels.values_list("department_id", "format", DISTRICT_KEY).annotate(**numbers)
    for department, kind, district, *counts in counted:
        region = places.region_of[department]
        for part, value in (
            (regions, region),
            (departments, department),
            (formats, kind),
            (districts, district),
        ):
            part[value] = [*map(add, part[value], counts)]
    list_rows = partial(_list_rows, situation, between)
    return Network(
        situation=situation,
        between=between,
        sites=Figure(
            count=sum(count for count, *_ in districts.values()), query={"as_of": situation.key}
        ),
        regions=list_rows("region", places.regions, regions),
        departments=list_rows("department", places.departments, departments),
        formats=list_rows("format", _FORMATS, formats),
        districts=list_rows("district", _DISTRICTS, districts),
    )


def _list_rows(
    situation: Situation,
    between: Between | None,
    parameter: str,
    names: Mapping[Any, tuple[str, str]],
    counts: Mapping[Any, list[int]],
) -> tuple[Row, ...]:
    """The rows of the values that have any label, in the order of their names."""
    return tuple(
        _make_row(situation, between, parameter, *names[value], counts[value])
        for value in names
        if any(counts.get(value, ()))
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

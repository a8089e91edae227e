"""What a page of the list of sites asks of them once, whatever its filters count."""

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from labelling import quality
from labelling.admin.doors import FilteredList
from labelling.models import Department, LabellingWave, Site
from labelling.models.many_values import MOST_LOOKED_UP, Gathered

# Of more sites than that, those to check are counted on demand.
MOST_JUDGED = 1_000
# What the filters ask of a site, by the name of the question.
COLUMNS = {
    "pk": "pk",
    "department": "department_id",
    "association": "association_id",
    "wave": "wave_id",
    "format": "format",
    "reason": "withdrawal_reason",
    "district": "in_priority_district",
    "end": "withdrawn_on",
}


def read_columns(sites: QuerySet[Site], names: Iterable[str]) -> dict[str, list[Any]]:
    """What each of `sites` answers: tens of thousands are counted faster so than by queries."""
    gathered = {f"all_{name}": Gathered(COLUMNS[name]) for name in names}
    columns = sites.order_by().aggregate(**gathered)
    return {name: columns[f"all_{name}"] for name in names}


class SiteList(FilteredList):
    """The list of sites, narrowed once whatever it is asked."""

    @cached_property
    def columns(self) -> dict[str, list[Any]]:
        """What the filters in which nothing is chosen ask of all its sites; the keys of these, if
        no filter knows them."""
        specs: list[Any] = self.filter_specs
        names = {name for one in specs if one.value is None for name in one.columns}
        if self._known_keys is None:
            names.add("pk")
        return read_columns(self.queryset, names)

    @cached_property
    def keys(self) -> set[int]:
        """The keys of its sites."""
        return {*self.columns["pk"]} if self._known_keys is None else self._known_keys

    @cached_property
    def _known_keys(self) -> set[int] | None:
        """The keys of its sites where they are all those of one choice, which knows them."""
        specs: list[Any] = self.filter_specs
        chosen = [one for one in specs if one.value is not None]
        return chosen[0].find_keys() if len(chosen) == 1 and not self.query else None

    @cached_property
    def waves(self) -> list[Any]:
        """What the filters say of the waves, the last one first."""
        waves = LabellingWave.objects.order_by("-effective_on")
        return [*waves.values_list("pk", "slug", "name", "effective_on", named=True)]

    @cached_property
    def departments(self) -> list[Any]:
        """What they say of the departments, and of their regions."""
        said = ("pk", "code", "name", "region__code", "region__name", "region__sort_key")
        return [*Department.objects.order_by("sort_key").values_list(*said, named=True)]

    def find_others(self, spec: Any) -> QuerySet[Site]:
        """The sites of the list, whatever is chosen in a filter."""
        shown = self.filter_specs
        others = self.get_queryset(spec.request, spec.expected_parameters())
        self.filter_specs = shown
        return others.order_by()

    def read_others(self, spec: Any) -> dict[str, list[Any]]:
        """What a filter asks of them."""
        chosen = spec.value is not None
        return read_columns(self.find_others(spec), spec.columns) if chosen else self.columns

    def list_other_keys(self, spec: Any) -> set[int]:
        """The keys of the sites of the list, whatever is chosen in a filter."""
        if spec.value is None:
            return self.keys
        return {*self.find_others(spec).values_list("pk", flat=True)}

    def count_records(self) -> int:
        return len(self.keys)

    def put_in_order(self) -> QuerySet[Any]:
        return self.choose(self.keys) if len(self.keys) <= MOST_LOOKED_UP else self.queryset


def list_told_by_rule(sites: QuerySet[Site]) -> dict[str, set[int]]:
    """The keys of those of `sites` of which each rule tells something."""
    found = quality.find_told(sites.order_by(), timezone.localdate())
    return {rule: {*findings.keys} for rule, findings in found.items()}


def find_told(request: HttpRequest) -> dict[str, set[int]]:
    """What is told of any site, rule by rule: asked once for a page."""
    return _find_once(request).by_rule


def list_told(request: HttpRequest) -> set[int]:
    """The keys of the sites of which anything is told."""
    return _find_once(request).keys


class _Told:
    """What is told of all the sites, and the keys of those of which anything is."""

    def __init__(self) -> None:
        self.by_rule = list_told_by_rule(Site.objects.order_by())
        self.keys = set[int]().union(*self.by_rule.values())


def _find_once(request: Any) -> _Told:
    if not hasattr(request, "told_of_sites"):
        request.told_of_sites = _Told()
    told: _Told = request.told_of_sites
    return told

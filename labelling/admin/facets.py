"""What a page of the list of sites asks of them once, whatever its filters count."""

from collections.abc import Iterable
from functools import cached_property
from itertools import compress
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from labelling import quality
from labelling.admin.doors import FilteredList
from labelling.models import Site
from labelling.models.many_values import Gathered

# Of more sites than that, those to check are counted on demand.
MOST_JUDGED = 1_000
# Of fewer, to look keys up takes less time than to narrow the list again.
_MOST_LOOKED_UP = 5_000
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
        """What the filters that are shown ask of all its sites: those of a tab are among others."""
        (tabs,) = (spec for spec in self._filters if spec.is_tabs)
        if tabs.value is None:
            return read_columns(self.queryset, self._list_asked())
        others = self.read_others(tabs)
        kept = [*tabs.keep(others)]
        return {name: [*compress(column, kept)] for name, column in others.items()}

    @cached_property
    def _others(self) -> dict[str, dict[str, list[Any]]]:
        return {}

    def read_others(self, spec: Any) -> dict[str, list[Any]]:
        """What a filter asks of the sites of the list, whatever is chosen there."""
        if spec.value is None:
            return self.columns
        if spec.parameter_name not in self._others:
            shown = self.filter_specs
            others = self.get_queryset(spec.request, spec.expected_parameters())
            self.filter_specs = shown
            asked = self._list_asked() if spec.is_tabs else spec.columns
            self._others[spec.parameter_name] = read_columns(others, asked)
        return self._others[spec.parameter_name]

    @property
    def _filters(self) -> list[Any]:
        return self.filter_specs

    def _list_asked(self) -> set[str]:
        return {name for spec in self._filters for name in spec.columns}

    def count_records(self) -> int:
        return len(self.columns["pk"])

    def put_in_order(self) -> QuerySet[Any]:
        keys = self.columns["pk"]
        return self.choose(keys) if len(keys) <= _MOST_LOOKED_UP else self.queryset


def list_told_by_rule(sites: QuerySet[Site]) -> dict[str, set[int]]:
    """The keys of those of `sites` of which each rule tells something."""
    found = quality.find_told(sites.order_by(), timezone.localdate())
    return {rule: {*findings.keys} for rule, findings in found.items()}


def find_told(request: HttpRequest) -> dict[str, set[int]]:
    """What is told of any site, rule by rule: asked once for a page."""
    if not hasattr(request, "told_of_sites"):
        told = list_told_by_rule(Site.objects.order_by())
        request.told_of_sites = told  # type: ignore[attr-defined]
    return request.told_of_sites  # type: ignore[attr-defined]


def list_told(request: HttpRequest) -> set[int]:
    """The keys of the sites of which anything is told."""
    return set[int]().union(*find_told(request).values())

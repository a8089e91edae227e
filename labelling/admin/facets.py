"""What a page of the list of sites asks of them once, whatever its filters count."""

from collections.abc import Sequence
from datetime import date
from functools import cached_property
from typing import NamedTuple

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from labelling import quality
from labelling.admin.doors import FilteredList
from labelling.models import Site


class Facets(NamedTuple):
    """What the filters ask of some sites, a column for each question."""

    pk: Sequence[int]
    department: Sequence[int]
    association: Sequence[int | None]
    wave: Sequence[int | None]
    format: Sequence[str]
    in_priority_district: Sequence[bool | None]
    withdrawn_on: Sequence[date | None]
    withdrawal_reason: Sequence[str]


def read_facets(sites: QuerySet[Site]) -> Facets:
    """Those of `sites`: tens of thousands are counted faster here than by a query a filter."""
    owners = ("department_id", "association_id", "wave_id")
    rows = [*sites.order_by().values_list("pk", *owners, *Facets._fields[4:])]
    return Facets(*(zip(*rows, strict=True) if rows else [()] * len(Facets._fields)))


class SiteList(FilteredList):
    """The list of sites, of which several filters count the same."""

    @cached_property
    def facets(self) -> Facets:
        return read_facets(self.queryset)


def list_told_by_rule(sites: QuerySet[Site]) -> dict[str, set[int]]:
    """The keys of those of `sites` of which each rule tells something."""
    found = quality.find_told(sites, timezone.localdate())
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

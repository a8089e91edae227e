"""What a page of the list of sites asks of them once, whatever its filters count."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from django.db.models import Case, CharField, F, QuerySet, Value, When
from django.http import HttpRequest
from django.utils import timezone

from labelling import quality
from labelling.admin.doors import FilteredList
from labelling.models import Site

# Of more sites than that, those to check are counted on demand.
MOST_JUDGED = 5_000
ENDED = "ended"
# What the filters ask of a site. Nothing here is converted row by row on its way from the database.
_COLUMNS: Mapping[str, Any] = {
    "pk": F("pk"),
    "department": F("department_id"),
    "association": F("association_id"),
    "wave": F("wave_id"),
    "format": F("format"),
    "reason": F("withdrawal_reason"),
    "district": Case(
        When(in_priority_district=True, then=Value("yes")),
        When(in_priority_district=False, then=Value("no")),
        default=Value("none"),
        output_field=CharField(),
    ),
}


def read_columns(sites: QuerySet[Site], *names: str) -> list[Sequence[Any]]:
    """What each of `sites` answers: tens of thousands are counted faster so than by queries.

    Beside `_COLUMNS`, `status` is `ENDED` of a label that has ended by today, else empty.
    """
    ended = When(withdrawn_on__lte=timezone.localdate(), then=Value(ENDED))
    status = Case(ended, default=Value(""), output_field=CharField())
    expressions = (status if name == "status" else _COLUMNS[name] for name in names)
    rows = [*sites.order_by().values_list(*expressions)]
    return [*zip(*rows, strict=True)] if rows else [()] * len(names)


class SiteList(FilteredList):
    """The list of sites, of which several filters count the same."""

    @cached_property
    def columns(self) -> dict[str, Sequence[Any]]:
        names = (*_COLUMNS, "status")
        return dict(zip(names, read_columns(self.queryset, *names), strict=True))


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

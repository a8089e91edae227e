"""Two records that may be of one site."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from math import cos, hypot, radians
from typing import Any

from django.db.models import Count, Exists, OuterRef

from labelling import text
from labelling.models import Site
from labelling.models.site import SiteQuerySet
from labelling.quality.findings import Finding, Findings

# Of records that share a name, how many of the first each of the others is compared with.
_MOST_COMPARED = 50
_NEAR = 0.2  # Kilometres.
_KILOMETRES = 40_000 / 360  # A degree to the north.


def find_doubles(sites: SiteQuerySet, day: date) -> Findings:
    """Q013: another site of the department has the same name, but for its small words, or the same
    of the State's, and no other place. Of the two, the record that was made last.

    OK =>  « PIMMS Nîmes » and « PIMMS Nîmes - Bus »; the same name in two communes; a label that
           ended, and was granted again; a fixed place and a bus
    NOK => « PIMMS Nîmes » and « PIMMS de Nîmes », both in Nîmes
    """
    others = _find_others(sites, Site.objects.not_withdrawn_by(day).order_by())
    if not others:
        return Findings.worded(())
    advice = (
        "Si c’est le même, un responsable fusionne les deux fiches ; sinon, donnez un nom qui les "
        "distingue."
    )
    return Findings.among(
        sites.filter(pk__in=others).select_related(None),
        lambda alike: (
            Finding(
                rule="Q013",
                record=site,
                facts=(other.pk, other.name, site.name),
                field="name",
                title="Ce site est peut-être déjà enregistré.",
                evidence=text.typeset(f"« {other.name} »{_word_place(other)} lui ressemble."),
                advice=text.typeset(advice),
                double=other,
            )
            for site in alike
            for other in (others[site.pk],)
        ),
    )


def _find_others(sites: SiteQuerySet, standing: SiteQuerySet) -> dict[int, Site]:
    """By the keys of the sites that are of one with a record made before: the first such."""
    others: dict[int, Site] = {}
    for field in ("telling_key", "state_name"):
        for group in _list_alike(standing, field, _list_shared(standing, field, sites)):
            for number, last in enumerate(group):
                alike = (one for one in group[: min(number, _MOST_COMPARED)] if _is_one(one, last))
                if (first := next(alike, None)) and _is_before(first, others.get(last.pk)):
                    others[last.pk] = first
    return others


def _list_shared(standing: SiteQuerySet, field: str, sites: SiteQuerySet) -> set[tuple[int, str]]:
    """The texts that one of `sites` may share with another of its department."""
    if sites.query.has_filters():
        named = standing.exclude(**{field: ""})
        own = {"department": OuterRef("department"), field: OuterRef(field)}
        alike = Exists(named.filter(**own).exclude(pk=OuterRef("pk")))
        shared: Any = named.filter(pk__in=sites.order_by().values("pk")).filter(alike)
    # Of all sites, to look for another one of each costs more than to count them all: in the order
    # of the index, which is all that is read then, and those that ended with the others.
    else:
        counted = Site.objects.values("department_id", field).annotate(count=Count("*"))
        shared = counted.filter(count__gt=1).order_by("department_id", field)
    found = shared.values_list("department_id", field)
    return {(department, name) for department, name in found if name}


def _list_alike(
    sites: SiteQuerySet, field: str, names: set[tuple[int, str]]
) -> Iterable[list[Site]]:
    """The sites of a department that share one of these, those made first before the others."""
    if not names:
        return ()
    groups = defaultdict(list)
    texts = {name for _, name in names}
    for site in sites.filter(**{f"{field}__among": texts}).order_by("pk"):
        groups[site.department_id, getattr(site, field)].append(site)
    return [group for name, group in groups.items() if name in names]


def _is_before(one: Site, other: Site | None) -> bool:
    return other is None or one.pk < other.pk


def _is_one(one: Site, other: Site) -> bool:
    """Whether nothing says that the two are not one site."""
    if one.format and other.format and one.format != other.format:
        return False
    if one.commune_code and other.commune_code:
        return one.commune_code == other.commune_code
    if one.commune and other.commune:
        return text.sort_key(one.commune) == text.sort_key(other.commune)
    if None in (one.latitude, one.longitude, other.latitude, other.longitude):
        return True
    return _measure(one, other) <= _NEAR


def _measure(one: Site, other: Site) -> float:
    """How many kilometres are between two sites that have a position."""
    latitude, longitude = one.latitude or 0, one.longitude or 0
    north = (other.latitude or 0) - latitude
    east = ((other.longitude or 0) - longitude) * cos(radians(latitude))
    return _KILOMETRES * hypot(north, east)


def _word_place(site: Site) -> str:
    return f", à {site.commune}," if site.commune else ""

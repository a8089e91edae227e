"""Two records that may be of one site."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from itertools import combinations
from math import cos, hypot, radians
from typing import Any

from labelling import text
from labelling.models import Site
from labelling.models.site import SiteQuerySet
from labelling.quality.findings import Finding, Findings

# Words that tell no site from another.
_NETWORK_WORDS = {"pimms", "mediation", "france", "service", "services", "espace", "point"}
_SMALL_WORDS = {"de", "du", "des", "d", "la", "le", "les", "l", "a", "au", "aux", "en", "et"}
_FILLING = _NETWORK_WORDS | _SMALL_WORDS
_SIGNS = str.maketrans(dict.fromkeys('().,;:/&+«»"', " "))
_NEAR = 0.2  # Kilometres.
_KILOMETRES = 40_000 / 360  # A degree to the north.


def find_doubles(sites: SiteQuerySet, day: date) -> Findings:
    """Q013: another site of the department has the same name, but for its small words, or the same
    of the State's, and no other place. Of the two, the record that was made last.

    OK =>  « PIMMS Nîmes » and « PIMMS Nîmes - Bus »; the same name in two communes; a label that
           ended, and was granted again; a fixed place and a bus
    NOK => « PIMMS Nîmes » and « PIMMS de Nîmes », both in Nîmes
    """
    standing = Site.objects.not_withdrawn_by(day)
    # Of all sites, to look departments up costs more than to read them all.
    if sites.query.has_filters():
        standing = standing.filter(department__in=sites.order_by().values("department"))
    others = {last.pk: first for first, last in reversed([*_pair(standing)])}
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


def _pair(sites: Any) -> Iterator[tuple[Site, Site]]:
    """The pairs that are alike, the record that was made first before the other."""
    rows = sites.order_by().values_list("pk", "department_id", "sort_key", "state_name")
    # Most are alone: to count is cheaper than to gather.
    twice = {
        *_list_repeated((department, _read_words(key)) for _, department, key, _ in rows),
        *_list_repeated((department, name) for _, department, _, name in rows),
    }
    if not twice:
        return
    same: defaultdict[tuple[int, Any], list[int]] = defaultdict(list)
    for pk, department, key, state_name in sorted(rows):
        for name in ((department, _read_words(key)), (department, state_name)):
            if name in twice:
                same[name].append(pk)
    groups = same.values()
    alike = sites.in_bulk({pk for group in groups for pk in group})
    for group in groups:
        for first, last in combinations((alike[pk] for pk in group), 2):
            if not _are_apart(first, last):
                yield first, last


def _list_repeated(names: Iterable[tuple[int, Any]]) -> list[tuple[int, Any]]:
    """The names of a department that are not empty, and of several sites."""
    return [name for name, count in Counter(names).items() if count > 1 and name[1]]


@lru_cache(maxsize=32_768)
def _read_words(name: str) -> frozenset[str]:
    """The words of a name, by its sort key, that tell a site from another."""
    return frozenset(name.translate(_SIGNS).split()) - _FILLING


def _are_apart(one: Site, other: Site) -> bool:
    """Whether something says that two sites are not one."""
    if one.format and other.format and one.format != other.format:
        return True
    if one.commune_code and other.commune_code:
        return one.commune_code != other.commune_code
    if one.commune and other.commune:
        return text.sort_key(one.commune) != text.sort_key(other.commune)
    if None in (one.latitude, one.longitude, other.latitude, other.longitude):
        return False
    return _measure(one, other) > _NEAR


def _measure(one: Site, other: Site) -> float:
    """How many kilometres are between two sites that have a position."""
    latitude, longitude = one.latitude or 0, one.longitude or 0
    north = (other.latitude or 0) - latitude
    east = ((other.longitude or 0) - longitude) * cos(radians(latitude))
    return _KILOMETRES * hypot(north, east)


def _word_place(site: Site) -> str:
    return f", à {site.commune}," if site.commune else ""

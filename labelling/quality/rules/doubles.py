"""Two records that may be of one site."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from itertools import combinations
from math import cos, hypot, radians
from typing import Any

from labelling import text
from labelling.models import Site
from labelling.models.site import SiteQuerySet
from labelling.quality.findings import Finding

# Words that tell no site from another.
_NETWORK_WORDS = {"pimms", "mediation", "france", "service", "services", "espace", "point"}
_SMALL_WORDS = {"de", "du", "des", "d", "la", "le", "les", "l", "a", "au", "aux", "en", "et"}
_FILLING = _NETWORK_WORDS | _SMALL_WORDS
_SIGNS = str.maketrans(dict.fromkeys('().,;:/&+«»"', " "))
_NEAR = 0.2  # Kilometres.
_KILOMETRES = 40_000 / 360  # A degree to the north.


def find_doubles(sites: SiteQuerySet, day: date) -> list[Finding]:
    """Q013: another site of the department has the same name, but for its small words, or the same
    of the State's, and no other place. Of the two, the record that was made last.

    OK =>  « PIMMS Nîmes » and « PIMMS Nîmes - Bus »; the same name in two communes; a label that
           ended, and was granted again; a fixed place and a bus
    NOK => « PIMMS Nîmes » and « PIMMS de Nîmes », both in Nîmes
    """
    departments = sites.order_by().values("department")
    standing = Site.objects.not_withdrawn_by(day).filter(department__in=departments)
    pairs = [*_pair(standing)]
    if not pairs:
        return []
    others = {last.pk: first for first, last in reversed(pairs)}
    return [
        Finding(
            rule="Q013",
            record=site,
            facts=(other.pk, other.name, site.name),
            field="name",
            title="Ce site est peut-être déjà enregistré.",
            evidence=text.typeset(f"« {other.name} »{_word_place(other)} lui ressemble."),
            advice=text.typeset(
                "Si c’est le même, gardez une seule fiche ; sinon, donnez un nom qui les distingue."
            ),
        )
        for site in sites.filter(pk__in=others).select_related(None)
        for other in (others[site.pk],)
    ]


def _pair(sites: Any) -> Iterator[tuple[Site, Site]]:
    """The pairs that are alike, the record that was made first before the other."""
    same: defaultdict[tuple[int, Any], list[int]] = defaultdict(list)
    names = sites.order_by("pk").values_list("pk", "department_id", "sort_key", "state_name")
    for pk, department, name, state_name in names:
        if words := _read_words(name):
            same[department, words].append(pk)
        if state_name:
            same[department, state_name].append(pk)
    groups = [group for group in same.values() if len(group) > 1]
    if not groups:
        return
    alike = sites.in_bulk({pk for group in groups for pk in group})
    for group in groups:
        for first, last in combinations((alike[pk] for pk in group), 2):
            if not _are_apart(first, last):
                yield first, last


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

"""Where a site is: its department against its commune, its postcode and its position."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from django.db.models import BigIntegerField, BooleanField, Func, Q
from django.db.models.functions import Left

from labelling import text
from labelling.models import Department, PressRelease, Site
from labelling.models.site import SiteQuerySet, find_commune_department
from labelling.quality.contours import (
    MOST_SQUARES,
    MOST_SQUARES_AROUND,
    SQUARE_AT_ZERO,
    SQUARES_OF_A_DEGREE,
    TOLERANCE,
    find_department,
    is_known_inside,
    is_outside,
    measure_outside,
)
from labelling.quality.findings import Finding, Findings, Mending

# Where France is, its islands too: south, north, west, east. Departments are judged by contours.
_FRANCE = (
    (41.2, 51.2, -5.3, 9.7),  # The mainland and Corsica.
    (15.7, 16.6, -61.9, -60.9),  # Guadeloupe.
    (14.3, 15.0, -61.3, -60.7),  # Martinique.
    (2.0, 5.9, -54.7, -51.5),  # Guyane.
    (-21.5, -20.8, 55.1, 55.9),  # La Réunion.
    (-13.1, -12.5, 44.9, 45.4),  # Mayotte.
)
# Communes that the post serves from another department: its code and theirs, as one. From the
# postcodes of the « Base officielle des codes postaux » (La Poste, Licence Ouverte 2.0).
_SERVED_FROM_ELSEWHERE = frozenset(
    {
        "0120074",  # Éloise
        "0141039",  # Lajoux
        "0159039",  # Chancia, Lavancia-Epercy
        "0511004",  # Claret, Curbans
        "0513004",  # Piégut, Venterol
        "0516004",  # Pontis
        "0570026",  # Villebois-les-Pins
        "0626004",  # La Rochette, Saint-Pierre
        "1221015",  # La Trinitat
        "1378083",  # Riboux
        "1523012",  # Thérondels
        "2134071",  # Change
        "2737076",  # Elbeuf
        "3075012",  # Nant, Saint-Jean-du-Bruel
        "3322024",  # Fougueyrolles, Port-Sainte-Foy-et-Ponchapt
        "3426012",  # Le Clapier
        "3712086",  # Pouant
        "3716086",  # Buxeuil
        "4262003",  # Saint-Pierre-Laval
        "4330015",  # Clavières
        "4345015",  # Leyvaux
        "4825007",  # Laveyrune
        "4850012",  # Saint-Laurent-d’Olt
        "5210051",  # Saint-Eulien, Sapignicourt
        "5512051",  # Florent-en-Argonne, Sainte-Menehould
        "5741067",  # Dehlingen
        "5741267",  # Dehlingen
        "6276080",  # Thièvres
        "8216012",  # Najac
        "8233012",  # Najac
        "9439091",  # Paray-Vieille-Poste
    }
)


class _IsInFrance(Func):
    """Whether a position is in one of these parts."""

    output_field = BooleanField()

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **__: Any) -> Any:
        north, east = (compiler.compile(one)[0] for one in self.get_source_expressions())
        parts = (
            f"({north} BETWEEN {low} AND {high} AND {east} BETWEEN {west} AND {most})"
            for low, high, west, most in _FRANCE
        )
        return f"({' OR '.join(parts)})", ()


_IS_IN_FRANCE = Q(_IsInFrance("latitude", "longitude"))


# More than keys of departments there are; so many squares times it are a whole number everywhere.
_MOST_KEYS = 2**20


class _PlaceOf(Func):
    """The square that a site stands in, as `contours.number_square` numbers it, and the key of its
    department, as one number: a base gathers one sooner than two."""

    # All that is a position is positive: what is cast is cut, as is what has a floor.
    function = f"CAST({{}} * {SQUARES_OF_A_DEGREE} + {SQUARE_AT_ZERO} AS INTEGER)"
    output_field = BigIntegerField()

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **context: Any) -> Any:
        number = context.get("function", self.function)
        *position, key = (compiler.compile(one)[0] for one in self.get_source_expressions())
        column, row = map(number.format, position)
        return f"(({column} * {MOST_SQUARES_AROUND} + {row}) * {_MOST_KEYS} + {key})", ()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        # It refuses numbers that are too great, which no position is.
        degrees = "LEAST(GREATEST({}, -1000), 1000)"
        number = f"FLOOR({degrees} * {SQUARES_OF_A_DEGREE} + {SQUARE_AT_ZERO})"
        return self.as_sql(compiler, connection, function=number, **context)


def read_codes() -> dict[float, str]:
    """The code of each department, by its key."""
    return dict(Department.objects.order_by().values_list("pk", "code"))


def _begins_unlike(field: str) -> Q:
    """A code that does not begin with that of the department: most do."""
    is_like = Q(department__code=Left(field, 2)) | Q(department__code=Left(field, 3))
    return ~Q(**{field: ""}) & ~is_like


def _keep_wrong(
    keys: list[int], codes: Mapping[float, str], is_wrong: Callable[..., bool], *fields: str
) -> list[int]:
    """The keys of the sites of which something is wrong: `is_wrong` is told the code of the
    department of each, whether the commune's code is of another one, and these fields."""
    if not keys:
        return []
    known = {*codes.values()}
    said = ("pk", "department__code", "commune_code", *fields)
    wrong = set()
    for row in Site.objects.order_by().filter(pk__among=keys).values_list(*said):
        key, department, commune_code, *others = row
        named = find_commune_department(commune_code)
        if is_wrong(department, named != department and named in known, *others):
            wrong.add(key)
    return [key for key in keys if key in wrong]


def find_contradicted_departments(sites: SiteQuerySet, codes: Mapping[float, str]) -> Findings:
    """Q002: the commune's INSEE code is of another department than the record's.

    OK =>  42218 and Loire; 2A004 and Corse-du-Sud; 97105 and Guadeloupe; no code
    NOK => 42218 and Isère
    """
    return Findings.sought(
        sites,
        _begins_unlike("commune_code"),
        _word_contradicted,
        lambda keys: _keep_wrong(keys, codes, lambda _department, is_contradicted: is_contradicted),
    )


def _word_contradicted(sites: Any) -> Iterator[Finding]:
    contradicted = list(sites.select_related("department"))
    codes = {find_commune_department(site.commune_code) for site in contradicted}
    departments = Department.objects.in_bulk(codes, field_name="code")
    printed = PressRelease.objects.find_printed_departments(site.pk for site in contradicted)
    for site in contradicted:
        named = departments[find_commune_department(site.commune_code)]
        commune = f" ({site.commune})" if site.commune else ""
        evidence = (
            f"{site.commune_code}{commune} est une commune du département {named.name} "
            f"({named.code}) ; la fiche dit {site.department.name} ({site.department.code})."
        )
        outside = _measure(site.department.code, site)
        if outside and outside > TOLERANCE:
            evidence += f" Sa position est à {_word_distance(outside)} de ce département."
        if site.pk in printed:
            day, department = printed[site.pk]
            evidence += f" Le communiqué du {text.long_date(day)} l’imprime sous {department}."
        yield Finding(
            rule="Q002",
            record=site,
            facts=(site.commune_code, site.department.code),
            field="department",
            title=f"Le code commune dit {named.name}.",
            evidence=text.typeset(evidence),
            advice="Vérifiez l’adresse, puis corrigez l’un des deux.",
            mending=Mending(value=str(named.pk), label=f"Mettre {named.name} et enregistrer"),
        )


def find_positions_outside(sites: SiteQuerySet, codes: Mapping[float, str]) -> Findings:
    """Q006: the position is more than 1 km outside the recorded department.

    Where the commune's code contradicts the department too, Q002 says it all.

    OK =>  Saint-Étienne in Loire; 600 m out at sea; no position
    NOK => Rouen (Seine-Maritime) in Eure, 11 km away
    """
    return Findings.sought(
        sites,
        Q(latitude__isnull=False),
        lambda outside: _word_outside(outside.select_related("department")),
        # Most stand in squares that are known; the positions of the others are read.
        lambda keys, places: _keep_wrong(
            _list_unknown(keys, places, codes), codes, _is_position_wrong, "longitude", "latitude"
        ),
        [_PlaceOf("longitude", "latitude", "department_id")],
    )


def _is_position_wrong(
    department: str, is_contradicted: bool, longitude: float, latitude: float
) -> bool:
    if is_contradicted or not _is_in_france(latitude, longitude):
        return False
    return is_outside(department, longitude, latitude)


def _list_unknown(keys: list[int], places: list[float], codes: Mapping[float, str]) -> list[int]:
    """The keys of those whose square is not known to be inside their department."""
    known = _recall_known(frozenset(codes.items()))
    unknown = [(key, place) for key, place in zip(keys, places, strict=True) if place not in known]
    found = {
        place
        for place in {place for _, place in unknown}
        if is_known_inside(codes.get(place % _MOST_KEYS, ""), place // _MOST_KEYS)
    }
    if len(known) + len(found) > MOST_SQUARES:
        known.clear()
    known |= found
    return [key for key, place in unknown if place not in found]


@lru_cache(maxsize=1)
def _recall_known(codes: frozenset[tuple[float, str]]) -> set[float]:
    """The places that were known when they were last asked about, by these codes."""
    return set()


def _is_in_france(latitude: float, longitude: float) -> bool:
    return any(
        south <= latitude <= north and west <= longitude <= east
        for south, north, west, east in _FRANCE
    )


def _word_outside(sites: Iterable[Any]) -> Iterator[Finding]:
    names = dict(Department.objects.values_list("code", "name"))
    for site in sites:
        place = names.get(find_department(site.longitude, site.latitude), "")
        where = f"dans le département {place}" if place else "dans aucun département"
        distance = _measure(site.department.code, site) or 0
        yield Finding(
            rule="Q006",
            record=site,
            facts=(site.department.code, site.latitude, site.longitude),
            field="latitude",
            title="La position est hors du département.",
            evidence=text.typeset(
                f"{_word_position(site)} : {where}, à {_word_distance(distance)} "
                f"du département {site.department.name} ({site.department.code})."
            ),
            advice="Vérifiez l’adresse, puis corrigez la position ou le département.",
        )


def find_positions_abroad(sites: SiteQuerySet) -> Findings:
    """Q007: the position is nowhere in France: swapped, null or foreign.

    OK =>  48,85 ; 2,35 (Paris); -21,1 ; 55,5 (La Réunion); no position
    NOK => 2,35 ; 48,85; 0 ; 0; 40,4 ; -3,7 (Madrid)
    """
    return Findings.sought(sites, Q(latitude__isnull=False) & ~_IS_IN_FRANCE, _word_abroad)


def _word_abroad(sites: Any) -> Iterator[Finding]:
    for site in sites.select_related("department"):
        swapped = measure_outside(site.department.code, site.latitude, site.longitude)
        advice = "Corrigez-la, ou effacez les deux nombres."
        if not (site.latitude and site.longitude):
            title = "La position a un zéro."
        elif swapped is not None and swapped <= TOLERANCE:
            title = "La latitude et la longitude sont inversées."
            advice = "Écrivez l’une à la place de l’autre."
        else:
            title = "La position n’est pas en France."
        yield Finding(
            rule="Q007",
            record=site,
            facts=(site.latitude, site.longitude),
            field="latitude",
            title=title,
            evidence=text.typeset(f"La fiche dit {_word_position(site)}."),
            advice=advice,
        )


def find_contradicted_postcodes(sites: SiteQuerySet, codes: Mapping[float, str]) -> Findings:
    """Q008: the postcode is of another department than the record's.

    Where the commune's code contradicts the department too, Q002 says it all.

    OK =>  42000 and Loire; 20090 and Corse-du-Sud; 97400 and La Réunion; no postcode;
           01200 and Haute-Savoie, for Éloise is served from Bellegarde
    NOK => 88230 and Var
    """
    return Findings.sought(
        sites,
        _begins_unlike("postcode"),
        _word_postcodes,
        lambda keys: _keep_wrong(keys, codes, _is_postcode_wrong, "postcode"),
    )


def _is_postcode_wrong(department: str, is_contradicted: bool, postcode: str) -> bool:
    if is_contradicted or f"{postcode}{department}" in _SERVED_FROM_ELSEWHERE:
        return False
    return _find_post_department(postcode, department) != department


def _find_post_department(postcode: str, department: str) -> str:
    """The department that a postcode begins with; that of the site where it may be."""
    if postcode.startswith("97"):
        return postcode[:3]
    if postcode.startswith("20"):
        corsican = {"0": "2A", "1": "2A", "2": "2B", "6": "2B"}
        # The others are of sorting centres of the island.
        elsewhere = department if department in ("2A", "2B") else "20"
        return corsican.get(postcode[2], elsewhere)
    return postcode[:2]


def _word_postcodes(sites: Any) -> Iterator[Finding]:
    names = dict(Department.objects.values_list("code", "name"))
    for site in sites.select_related("department"):
        code = _find_post_department(site.postcode, site.department.code)
        name = names.get(code, "")
        of = f"du département {name} ({code})" if name else "d’aucun département"
        yield Finding(
            rule="Q008",
            record=site,
            facts=(site.postcode, site.department.code),
            field="postcode",
            title="Le code postal n’est pas du département.",
            evidence=text.typeset(
                f"{site.postcode} est {of} ; la fiche dit {site.department.name} "
                f"({site.department.code})."
            ),
            advice="Vérifiez l’adresse, puis corrigez l’un des deux.",
        )


def _measure(department: str, site: Any) -> float | None:
    if site.latitude is None or site.longitude is None:
        return None
    return measure_outside(department, site.longitude, site.latitude)


def _word_position(site: Any) -> str:
    """« 49,435 ; 1,098 »."""
    figures = (f"{figure:.3f}".replace(".", ",") for figure in (site.latitude, site.longitude))
    return " ; ".join(figures)


def _word_distance(kilometres: float) -> str:
    return f"{text.number(round(kilometres))}{text.NO_BREAK_SPACE}km"

"""What stands in the cells of made tables: how one person writes, and what a column may hold."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from random import Random
from typing import Any, Literal

from labelling.choices import SiteFormat
from labelling.text import MONTHS
from tests.spreadsheets.made_world import STATE_FORMATS, Place, Town, make_address


@dataclass(frozen=True)
class Line:
    """What a cell is written from."""

    place: Place
    index: int
    style: "Style"
    random: Random
    towns: Sequence[Town]


@dataclass(frozen=True)
class Style:
    """How one person writes: each of these in one way throughout a table."""

    department: Literal["code", "bare", "name", "code and name"] = "name"
    wave: Literal["name", "day", "short month", "state day", "state month", "state mixed"] = "name"
    format: Literal["ours", "state"] = "ours"
    number: Literal["plain", "padded"] = "plain"
    # Whether some lines have none of the State's numbers, but a provisional one.
    has_temporary: bool = False

    @classmethod
    def draw(cls, random: Random) -> "Style":
        return cls(
            department=random.choice(("code", "bare", "name", "name", "code and name")),
            wave=random.choice(("name", "name", "day", "short month", "state day", "state month")),
            format=random.choice(("ours", "state")),
            number=random.choice(("plain", "plain", "plain", "padded")),
        )


# How the State wrote, by the date of the list.
STATE_STYLES = {
    "2020-01": Style("code and name", "state day", "state"),
    "2020-10": Style("bare", "state mixed", "state"),
    "2022-12": Style("code", "state day", "state", has_temporary=True),
    "2024-08": Style("code", "state day", "state"),
}


def _write_department(line: Line) -> Any:
    town = line.place.town
    match line.style.department:
        case "code":
            return town.department
        case "bare":
            return int(town.department) if town.department.isdigit() else town.department
        case "name":
            return town.department_name
    return f"{town.department} - {town.department_name}"


def _write_wave(line: Line) -> Any:
    day, style = line.place.wave, line.style.wave
    if style == "state mixed":
        style = line.random.choice(("state day", "state month"))
    if style.endswith("month") and day.day != 1:
        style = "state day" if style.startswith("state") else "day"
    match style:
        case "day":
            return day
        case "short month":
            return f"{SHORT_MONTHS[day.month - 1]}-{day:%y}"
        case "state day":
            return f"Espace labellisé {day:%d/%m/%Y}"
        case "state month":
            return f"Espace labellisé {day:%m/%Y}"
    return line.place.wave_name or f"{MONTHS[day.month - 1].capitalize()} {day.year}"


def _write_number(line: Line) -> Any:
    if line.style.has_temporary and not line.place.is_ours and line.random.random() < 0.06:
        return f"temp_{line.index}"
    number = line.place.number
    return number.zfill(4) if number and line.style.number == "padded" else number


def _write_format(line: Line) -> str:
    chosen = SiteFormat(line.place.format)
    return STATE_FORMATS[chosen] if line.style.format == "state" else str(chosen.label)


def _write_carrier(line: Line) -> str:
    """Who runs the place; of a place beside ours, the network itself."""
    if line.place.association:
        return f"PIMMS Médiation {line.place.association}"
    return line.random.choice(("La Poste", "MSA", "Commune", "CCAS", "Association Relais"))


def _write_complement(line: Line) -> str | None:
    if line.place.association and not line.place.is_ours:
        return "Dans les locaux du PIMMS"
    return line.random.choice((None, None, None, "BP 34", "Rez-de-chaussée", "Bâtiment B"))


def _write_sentence(line: Line) -> str | None:
    return line.random.choice(
        (None, "À rappeler en mai", "Fermé l’été", "Visite prévue avec la préfecture", "RAS", "ok")
    )


def _write_phone(line: Line) -> str:
    return f"0{line.random.randint(1, 5)} " + " ".join(
        f"{line.random.randint(0, 99):02}" for _ in range(4)
    )


def _write_hours(line: Line) -> str | None:
    return line.random.choice((None, "09:00 - 12:00 / 14:00 - 17:00", "09:30 - 16:30", "9h-12h"))


def _write_day(line: Line) -> date:
    return date(
        line.random.randint(2018, 2023),
        line.random.randint(1, 12),
        line.random.choice((2, 3, 7, 9, 11, 14, 17, 18, 22, 25, 28)),
    )


def _pick(*values: Any) -> Callable[[Line], Any]:
    return lambda line: line.random.choice(values)


SHORT_MONTHS = (
    *("janv", "févr", "mars", "avr", "mai", "juin"),
    *("juil", "août", "sept", "oct", "nov", "déc"),
)
SURNAMES = ("Dumarne", "Valsac", "Orbier", "Kerdun", "Tréville", "Montferrat", "Noirval", "Auzet")
FIRST_NAMES = ("Alix", "Camille", "Dominique", "Claude", "Sacha", "Maxime", "Andrea", "Noa")

# What a column may hold: a field of ours, by its name, or something to be left.
FIELDS: dict[str, Callable[[Line], Any]] = {
    "name": lambda line: line.place.name,
    "state_name": lambda line: line.place.state_name,
    "association": lambda line: line.place.association or None,
    "region": lambda line: line.place.town.region,
    "department": _write_department,
    "wave": _write_wave,
    "france_services_id": _write_number,
    "format": _write_format,
    "address": lambda line: line.place.address,
    "postcode": lambda line: line.place.town.postcode,
    "commune": lambda line: line.place.town.name,
    "commune_code": lambda line: line.place.town.code,
    "latitude": lambda line: line.place.town.latitude,
    "longitude": lambda line: line.place.town.longitude,
    "key": lambda line: None if line.place.key is None else f"site-{line.place.key}",
    "version": lambda line: None if line.place.key is None else 1,
    "rank": lambda line: line.index + 1,
    "note": _write_sentence,
    "in_priority_district": _pick("Oui", "Non", None),
}
BESIDES: dict[str, Callable[[Line], Any]] = {
    "nothing": lambda line: None,
    "amount": lambda line: line.random.randrange(10_000, 95_000, 500),
    "carrier": _write_carrier,
    "category": _pick("FS", "FS", "FS", "FS itinerante", "Antenne", "Antenne itinerante"),
    "comment": _write_sentence,
    "complement": _write_complement,
    "first name": _pick(*FIRST_NAMES),
    "group": _pick(None, None, None, None, "PI14", "Pays du Nord"),
    "hours": _write_hours,
    "labelled or antenna": _pick("Espace labellisé", "Espace labellisé", "Antenne"),
    "last name": _pick(*SURNAMES),
    "legal form": _pick("Association", "Commune", "GIP", "EPCI", "Régie"),
    "library code": lambda line: f"BIB-{line.index:04}",
    "link": lambda line: f"https://lieu{line.index}.exemple.test/",
    "mail": lambda line: f"accueil{line.index}@exemple.test",
    "main or antenna": _pick("Site principal", "Site principal", "Antenne"),
    "moment": lambda line: datetime.combine(_write_day(line), datetime.min.time()).replace(
        hour=line.random.randint(8, 19), minute=line.random.randint(0, 59)
    ),
    "number": lambda line: line.random.randint(100, 30_000),
    "person": lambda line: f"{_pick(*FIRST_NAMES)(line)} {_pick(*SURNAMES)(line)}",
    "phone": _write_phone,
    "picture": lambda line: f"logo_{line.index}.png",
    "principal or antenna": _pick("Principal", "Principal", "Principal", "Antenne"),
    "row number": lambda line: line.index + 1,
    "score": lambda line: round(line.random.uniform(0.4, 1), 3),
    "siret": lambda line: f"{line.random.randrange(10**8, 10**9)}{line.random.randrange(100):05}",
    "small number": lambda line: line.random.randint(1, 6),
    "some address": lambda line: make_address(line.random),
    "some commune": lambda line: line.random.choice(line.towns).name,
    "some date": _write_day,
    "some postcode": lambda line: line.random.choice(line.towns).postcode,
    "some wave": _pick("Janvier 2020", "Automne 2020", "Février 2020"),
    "status": _pick("Actif", "Ouvert", "En projet"),
    # A number as the State's are, and one that no number of the State's is.
    "their number": lambda line: str(line.index + 1),
    "their code": lambda line: f"ETAB {line.index:04}",
    "yes or no": _pick("Oui", "Non"),
    "yes, no or nothing": _pick("Oui", "Non", None, None),
}
WRITERS = FIELDS | BESIDES

"""Makes tables of many kinds, each with what a careful person would say of its columns and lines.

`make_tables(world, seed, count)` yields them; `make_table(world, seed, number)` makes one of them
again. Everything comes from a `Random` of the seed and the number.
"""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from random import Random
from typing import Any, Literal

import xlsxwriter

from tests.spreadsheets.made_cells import FIELDS, STATE_STYLES, WRITERS, Line, Style
from tests.spreadsheets.made_headings import (
    EXCHANGED,
    FOREIGN,
    HEADINGS,
    LEFT,
    MISLEADING,
    STATE_LISTS,
)
from tests.spreadsheets.made_world import (
    Place,
    World,
    make_other,
    make_site,
)

Verdict = Literal["ours", "maybe", "outside"]
# What may be said of a line.
OURS = frozenset[Verdict]({"ours"})
MAYBE = frozenset[Verdict]({"maybe"})
DOUBTFUL = frozenset[Verdict]({"ours", "maybe"})
OUTSIDE = frozenset[Verdict]({"outside"})

Family = Literal["ours", "state", "mixed", "foreign"]
PAIR = ("latitude", "longitude")


@dataclass(frozen=True)
class Column:
    """A column and the field that a careful person would give it; None: to be left.

    It `is_clear` if heading, values and base tell the field without a question. Of the others the
    right field may be taken, proposed or missed; a wrong one may not be taken.
    """

    heading: str
    cells: tuple[Any, ...]
    field: str | None
    is_clear: bool = True


@dataclass(frozen=True)
class Table:
    """A table and the truth about it. `verdicts` are what may be said of each line."""

    kind: str
    family: Family
    columns: tuple[Column, ...]
    verdicts: tuple[frozenset[Verdict], ...]
    file_name: str = "liste.csv"
    separator: str = ";"
    has_headings: bool = True
    above: tuple[tuple[Any, ...], ...] = ()
    foot: tuple[tuple[Any, ...], ...] = ()
    # After so many lines, a blank row.
    gaps: frozenset[int] = field(default_factory=frozenset)
    number: int = 0

    @property
    def rows(self) -> list[list[Any]]:
        return [row for _, row in self._number_rows()]

    @property
    def verdict_of_line(self) -> dict[int, frozenset[Verdict]]:
        """What may be said of each line, by its number in the file."""
        return {
            row + 1: self.verdicts[line]
            for row, (line, _) in enumerate(self._number_rows())
            if line is not None
        }

    def _number_rows(self) -> Iterator[tuple[int | None, list[Any]]]:
        """Every row, with the place of its line; None for what is no line."""
        for row in self.above:
            yield None, list(row)
        if self.has_headings:
            yield None, [column.heading for column in self.columns]
        for line in range(len(self.verdicts)):
            if line in self.gaps:
                yield None, []
            yield line, [column.cells[line] for column in self.columns]
        for row in self.foot:
            yield None, list(row)

    def write(self) -> bytes:
        """The file: a workbook or CSV, by its name."""
        if self.file_name.endswith(".xlsx"):
            return _write_workbook(self.rows)
        text = io.StringIO()
        writer = csv.writer(text, delimiter=self.separator, lineterminator="\n")
        decimal = "." if self.separator == "," else ","
        writer.writerows([[_write_text(cell, decimal) for cell in row] for row in self.rows])
        return text.getvalue().encode()


def _write_workbook(rows: Sequence[Sequence[Any]]) -> bytes:
    file = io.BytesIO()
    options = {"in_memory": True, "default_date_format": "dd/mm/yyyy", "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as workbook:
        sheet = workbook.add_worksheet("Liste")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return file.getvalue()


def _write_text(cell: Any, decimal: str) -> str:
    match cell:
        case None:
            return ""
        case float():
            return str(cell).replace(".", decimal)
        case datetime():
            return f"{cell:%d/%m/%Y %H:%M}"
        case date():
            return f"{cell:%d/%m/%Y}"
    return str(cell)


OUR_COLUMNS = (
    ("Nom", "name"),
    ("Nom selon l’État", "state_name"),
    ("Association membre", "association"),
    ("Région", "region"),
    ("Département", "department"),
    ("Labellisé avec la vague", "wave"),
    ("Place dans la liste imprimée", "rank"),
    ("Numéro France Services", "france_services_id"),
    ("Accueil du public", "format"),
    ("Adresse", "address"),
    ("Code postal", "postcode"),
    ("Commune", "commune"),
    ("Code commune (INSEE)", "commune_code"),
    ("Latitude", "latitude"),
    ("Longitude", "longitude"),
    ("En quartier prioritaire (QPV)", "in_priority_district"),
    ("Note interne", "note"),
    ("Clé (ne pas modifier)", "key"),
    ("Version (ne pas modifier)", "version"),
)


class Maker:
    """Makes one table: what every kind needs."""

    def __init__(self, world: World, random: Random) -> None:
        self.world, self.random = world, random
        self.style = Style.draw(random)
        self.known = frozenset(site.number for site in world.sites)

    def write(
        self, heading: str, holds: str, places: Sequence[Place], *, is_clear: bool = True
    ) -> Column:
        lines = (
            Line(place, index, self.style, self.random, self.world.towns)
            for index, place in enumerate(places)
        )
        cells = tuple(WRITERS[holds](line) for line in lines)
        return Column(heading, cells, holds if holds in FIELDS else None, is_clear)

    def draw_size(self) -> int:
        """Most tables are short; one of a hundred is as long as the State's."""
        low, high = self.random.choices(
            ((1, 2), (3, 10), (11, 60), (61, 300), (301, 3000)), (15, 40, 37, 7, 1)
        )[0]
        return self.random.randint(low, high)

    def draw_ours(self, count: int) -> list[Place]:
        """So many places of the network: some that the base has, some that it lacks."""
        share = self.random.choice((0, 0.3, 0.7, 1, 1))
        known = self.random.sample(self.world.sites, min(round(count * share), 90))
        return self.mix([*known, *self.draw_new(count - len(known))])

    def draw_new(self, count: int) -> list[Place]:
        taken = {site.name for site in self.world.sites}
        places = []
        for number in range(count):
            town = self.random.choice(self.world.towns)
            site = make_site(self.random, town, number=str(3100 + number), taken=taken)
            taken.add(site.name)
            places.append(site)
        return places

    def draw_others(self, count: int) -> list[Place]:
        """So many France Services of others, under numbers that are not ours."""
        numbers = (str(n) for n in range(1, 10_000) if str(n) not in self.known)
        towns = self.random.choices(self.world.towns, k=count)
        return [
            make_other(self.random, town, number)
            for town, number in zip(towns, numbers, strict=False)
        ]

    def mix(self, places: Sequence[Place]) -> list[Place]:
        return self.random.sample(places, len(places))

    def draw_fields(self) -> list[str]:
        """The fields of a hand-made sheet: always a name, mostly a department."""
        fields = ["name"]
        if self.random.random() < 0.9:
            fields.append("department")
        fields += [
            name
            for name, share in (
                *(("region", 0.3), ("wave", 0.4), ("france_services_id", 0.35), ("format", 0.2)),
                *(("address", 0.5), ("postcode", 0.5), ("commune", 0.6), ("commune_code", 0.3)),
                *(("latitude", 0.25), ("association", 0.1)),
            )
            if self.random.random() < share
        ]
        if "latitude" in fields:
            fields.append("longitude")
        return fields

    def draw_left(self, most: int = 4) -> list[tuple[str, str]]:
        return self.random.sample(LEFT, self.random.randint(0, most))

    def mix_columns(self, columns: Sequence[Column]) -> tuple[Column, ...]:
        """In any order, the latitude before the longitude, as everybody writes them."""
        mixed = self.random.sample(columns, len(columns))
        places = [place for place, column in enumerate(mixed) if column.field in PAIR]
        pair = sorted((mixed[place] for place in places), key=lambda c: PAIR.index(str(c.field)))
        for place, column in zip(places, pair, strict=True):
            mixed[place] = column
        return tuple(mixed)

    def dress(self, table: Table) -> Table:
        """Put the table in a file: a title, a total at the foot, blank rows, a kind of file."""
        lines = len(table.verdicts)
        above: list[tuple[Any, ...]] = []
        if table.has_headings and self.random.random() < 0.2:
            above = [("Sites du réseau, situation au 12/03/2021",), ()]
        foot: list[tuple[Any, ...]] = []
        if lines > 3 and self.random.random() < 0.15:
            foot = [("Total", lines)]
        gaps = set()
        if lines > 4 and self.random.random() < 0.15:
            gaps = {self.random.randint(1, lines - 1)}
        name, separator = self.random.choice(
            (
                *(("liste.csv", ";"), ("liste.csv", ";"), ("export.csv", ",")),
                *(("copie.txt", "\t"), ("classeur.xlsx", "")),
            )
        )
        return replace(
            table,
            above=tuple(above),
            foot=tuple(foot),
            gaps=frozenset(gaps),
            file_name=name,
            separator=separator,
        )

    # What can be known

    def tells(self, name: str, places: Sequence[Place], fields: Sequence[str]) -> bool:
        """Whether the values of a column, the base at hand, tell its field by themselves."""
        count = len(places)
        known = sum(place.key is not None for place in places)
        match name:
            case "france_services_id":
                return known >= 3
            case "name":
                return count >= 2 and "state_name" not in fields
            case "region":
                return count >= 3
            case "department":
                if self.style.department in ("name", "code and name"):
                    return count >= 3
                return count >= 5 and bool({"commune_code", "postcode"} & set(fields))
            case "postcode" | "commune_code":
                return len({place.town.code for place in places}) >= 12
            case "latitude" | "longitude":
                return count >= 5
            case "wave":
                return count >= 5 and self.style.wave.startswith("state")
        return False

    def tells_with_word(self, name: str, places: Sequence[Place]) -> bool:
        """Whether they tell it under a heading that a reader takes for the same thing."""
        count = len(places)
        known = sum(place.key is not None for place in places)
        match name:
            case "commune" | "association":
                return known >= 3 and known * 10 >= count * 7
            case "address" | "format":
                return count >= 5
            case "wave":
                return count >= 3 and self.style.wave in ("name", "state day", "state month")
            case "state_name":
                return False
        return True


# The kinds


def make_own_sheet(maker: Maker) -> Table:
    """A download of ours, some columns thrown away, the others moved."""
    random = maker.random
    maker.style = Style(department="name", wave="name", format="ours")
    kept = [
        column
        for column in OUR_COLUMNS
        if column[1] in ("name", "department") or random.random() < 0.75
    ]
    places = maker.random.sample(maker.world.sites, random.randint(1, len(maker.world.sites)))
    columns = [maker.write(heading, holds, places) for heading, holds in kept]
    return Table("own sheet", "ours", maker.mix_columns(columns), (OURS,) * len(places))


def make_ours(maker: Maker, kind: str, weights: tuple[int, int, int]) -> Table:
    """A list that people of the network made; how often a heading is known, like, or silent."""
    places = maker.draw_ours(maker.draw_size())
    fields = maker.draw_fields()
    manners = {name: maker.random.choices((0, 1, 2), weights)[0] for name in fields}
    if "longitude" in fields:
        # Who writes one in a manner writes the other in it.
        manners["longitude"] = manners["latitude"]
    columns = []
    for name, manner in manners.items():
        heading = maker.random.choice(HEADINGS[name][manner])
        is_clear = (
            (manner == 0 and name != "association")
            or (manner < 2 and maker.tells_with_word(name, places))
            or maker.tells(name, places, fields)
        )
        columns.append(maker.write(heading, name, places, is_clear=is_clear))
    columns += [maker.write(heading, holds, places) for heading, holds in maker.draw_left()]
    return Table(kind, "ours", maker.mix_columns(columns), _judge_ours(columns, places))


def _judge_ours(columns: Sequence[Column], places: Sequence[Place]) -> tuple[Any, ...]:
    """Under a heading that says nothing, PIMMS is a name or no name."""
    name = next(column for column in columns if column.field == "name")
    is_named = name.is_clear and name.heading in HEADINGS["name"][0]
    return ((OURS if is_named else DOUBTFUL),) * len(places)


def make_right(maker: Maker) -> Table:
    return make_ours(maker, "right headings", (85, 15, 0))


def make_loose(maker: Maker) -> Table:
    return make_ours(maker, "loose headings", (55, 35, 10))


def make_silent(maker: Maker) -> Table:
    return make_ours(maker, "silent headings", (15, 15, 70))


def make_wrong(maker: Maker) -> Table:
    """Headings exchanged between two columns, or one that says something else than the values."""
    places = maker.draw_ours(max(3, maker.draw_size()))
    fields = maker.draw_fields()
    columns = {name: maker.write(HEADINGS[name][0][0], name, places) for name in fields}
    if maker.random.random() < 0.5:
        one, other, _ = maker.random.choice([pair for pair in EXCHANGED if len(places) >= pair[2]])
        if {one, other} == {"region", "department"}:
            maker.style = replace(maker.style, department="name")
        for name, heading in ((one, other), (other, one)):
            columns[name] = maker.write(HEADINGS[heading][0][0], name, places, is_clear=False)
        several = list(columns.values())
    else:
        heading, holds = maker.random.choice(MISLEADING)
        if holds == "commune_code" and len(places) < 8:
            heading, holds = "Adresse", "mail"
        several = [column for column in columns.values() if column.heading != heading]
        if heading == "Nom":
            several.append(maker.write("Structure", "name", places, is_clear=False))
        several = [column for column in several if column.field != holds]
        misled = maker.write(heading, holds, places, is_clear=False)
        # One value contradicts nothing.
        if sum(cell is not None for cell in misled.cells) > 2:
            several.append(misled)
    several += [maker.write(heading, holds, places) for heading, holds in maker.draw_left(2)]
    return Table("wrong headings", "ours", maker.mix_columns(several), (DOUBTFUL,) * len(places))


def make_headless(maker: Maker) -> Table:
    places = maker.draw_ours(maker.draw_size())
    fields = maker.draw_fields()
    if len(fields) == 1:
        fields.append("department")
    columns = [
        maker.write("", name, places, is_clear=maker.tells(name, places, fields)) for name in fields
    ]
    columns += [maker.write("", holds, places) for _, holds in maker.draw_left(2)]
    verdicts = (DOUBTFUL,) * len(places)
    return Table("no headings", "ours", maker.mix_columns(columns), verdicts, has_headings=False)


def make_state(maker: Maker, year: str = "") -> Table:
    """A list shaped like the State's of some year, or mixed of several."""
    random = maker.random
    year = year or random.choice(list(STATE_LISTS))
    maker.style = STATE_STYLES[year]
    low, high = random.choices(((20, 120), (121, 600), (601, 2900)), (80, 17, 3))[0]
    others = maker.draw_others(random.randint(low, high))
    beside = {random.randrange(len(others)) for _ in range(random.choice((0, 0, 1, 2)))}
    others = [
        replace(place, association="Nord") if index in beside else place
        for index, place in enumerate(others)
    ]
    ours = random.sample(maker.world.sites, random.randint(2, min(len(others) - 1, 90)))
    has_number = year != "2020-01"
    if has_number and random.random() < 0.5:
        # One of ours that only its number tells.
        ours[0] = replace(ours[0], state_name=f"France services de {ours[0].town.name}")
    places = maker.mix([*ours, *maker.draw_new(random.randint(0, 3))[: len(others) - len(ours)]])
    places = maker.mix([*places, *others])
    kept = [
        column
        for column in STATE_LISTS[year]
        if column[1] in ("france_services_id", "state_name", "department", "commune", "complement")
        or random.random() < 0.93
    ]
    kept = _mix_years(kept, random) if random.random() < 0.3 else kept
    columns = tuple(maker.write(heading, holds, places) for heading, holds in kept)
    if random.random() < 0.5:
        columns = maker.mix_columns(columns)
    says_beside = any("PIMMS" in str(cell) for c in columns if c.field is None for cell in c.cells)
    verdicts = tuple(
        OURS if place.is_ours else MAYBE if place.association and says_beside else OUTSIDE
        for place in places
    )
    return Table(f"State’s list, {year}", "state", columns, verdicts)


def _mix_years(columns: list[tuple[str, str]], random: Random) -> list[tuple[str, str]]:
    """The same columns under the headings of any year."""
    headings: dict[str, list[str]] = {}
    for year in STATE_LISTS.values():
        for heading, holds in year:
            headings.setdefault(holds, []).append(heading)
    return [(random.choice(headings[holds]), holds) for _, holds in columns]


def make_mixed(maker: Maker) -> Table:
    """Ours, under right headings, among more lines of others."""
    random = maker.random
    others = maker.draw_others(random.randint(8, 300))
    ours = maker.draw_ours(random.randint(1, max(1, len(others) * 2 // 5)))
    places = maker.mix([*ours, *others])
    fields = [name for name in maker.draw_fields() if name not in ("association", "wave")]
    columns = [maker.write(HEADINGS[name][0][0], name, places) for name in fields]
    columns += [maker.write(heading, holds, places) for heading, holds in maker.draw_left(2)]
    verdicts = tuple(OURS if place.is_ours else OUTSIDE for place in places)
    return Table("ours among others", "mixed", maker.mix_columns(columns), verdicts)


def make_foreign(maker: Maker) -> Table:
    """A list of another network, with nothing of ours or with a few PIMMS."""
    random = maker.random
    words, shape = random.choice(FOREIGN)
    count = max(6, maker.draw_size())
    places = [
        replace(place, name=f"{random.choice(words)} {place.town.name}")
        for place in maker.draw_others(count)
    ]
    for index in random.sample(range(count), random.choice((0, 0, 1, 2))):
        places[index] = random.choice(maker.world.sites)
    if any(holds == "carrier" for _, holds in shape) and random.random() < 0.5:
        index = random.randrange(count)
        places[index] = replace(places[index], association="Nord")
    columns = []
    for heading, holds in shape:
        if holds == "their number" and count < 1500:
            # So few numbers are nobody’s in particular.
            holds = "their code"  # noqa: PLW2901
        is_clear = holds != "name" or heading == "Nom"
        if heading.startswith("Coord."):
            is_clear = count >= 12
        columns.append(maker.write(heading, holds, places, is_clear=is_clear))
    has_carrier = any(holds == "carrier" for _, holds in shape)
    verdicts = tuple(
        DOUBTFUL if place.is_ours else MAYBE if place.association and has_carrier else OUTSIDE
        for place in places
    )
    table = Table("foreign list", "foreign", maker.mix_columns(columns), verdicts)
    if random.random() < 0.1:
        bare = [replace(column, heading="", is_clear=False) for column in table.columns]
        return replace(
            table, kind="foreign list, no headings", columns=tuple(bare), has_headings=False
        )
    return table


# Each kind, with how many of a hundred tables are of it.
KINDS: tuple[tuple[Callable[[Maker], Table], int], ...] = (
    (make_own_sheet, 10),
    (make_right, 18),
    (make_loose, 17),
    (make_silent, 7),
    (make_wrong, 11),
    (make_headless, 8),
    (make_state, 14),
    (make_mixed, 5),
    (make_foreign, 10),
)


def make_table(world: World, seed: int, number: int) -> Table:
    random = Random(f"{seed}/{number}")  # noqa: S311
    make = random.choices([kind for kind, _ in KINDS], [weight for _, weight in KINDS])[0]
    maker = Maker(world, random)
    return replace(maker.dress(make(maker)), number=number)


def make_tables(world: World, seed: int, count: int) -> Iterator[Table]:
    for number in range(count):
        yield make_table(world, seed, number)

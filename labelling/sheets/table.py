"""Tables of cells, and what every format must know of a value."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from zoneinfo import ZoneInfo

from labelling.characters import UNWRITABLE

Value = str | int | float | bool | date | None  # a datetime is a date

PARIS = ZoneInfo("Europe/Paris")

# A spreadsheet's numbers are doubles: beyond, an integer is written as text, or loses digits.
LARGEST_INTEGER = 2**53

FORBIDDEN_IN_TITLE = re.compile(r"[\[\]:*?/\\]")
LONGEST_TITLE = 31

NARROWEST, WIDEST = 10, 50


@dataclass(frozen=True)
class Column:
    """A column; `choices` become a drop-down list in XLSX, which warns but does not forbid."""

    heading: str
    choices: Sequence[str] = ()
    is_hidden: bool = False


@dataclass(frozen=True)
class Table:
    """A sheet: its tab, lines said above the headings (the date of the figures), its cells."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Value]]
    notes: Sequence[str] = ()

    def list_lines(self) -> Iterator[Sequence[Value]]:
        """Yield every line of the sheet: notes, headings, rows."""
        yield from ([note] for note in self.notes)
        yield [column.heading for column in self.columns]
        yield from self.rows

    def measure_widths(self) -> list[int]:
        """Return how many characters wide each column wants to be."""
        wanted = [len(column.heading) + 3 for column in self.columns]
        for row in self.rows:
            for number, value in enumerate(row):
                longest = max(map(len, value.splitlines() or [""])) if type(value) is str else 10
                wanted[number] = max(wanted[number], longest + 1)
        return [min(max(width, NARROWEST), WIDEST) for width in wanted]


def make_storable(value: Value, zone: tzinfo) -> Value:
    """Return what a sheet can hold of a value, whatever the format."""
    if isinstance(value, str):
        return UNWRITABLE.sub("\ufffd", value) or None
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(zone).replace(tzinfo=None)
    if type(value) is int and abs(value) > LARGEST_INTEGER:
        return str(value)
    return value


def name_tabs(wanted: Sequence[str]) -> list[str]:
    """Return tab names that Excel accepts: short, different from one another, never empty."""
    names: list[str] = []
    taken = {"history"}  # Excel keeps this one for itself
    for title in wanted:
        base = FORBIDDEN_IN_TITLE.sub(" ", UNWRITABLE.sub("", title)).strip(" '") or "Feuille"
        candidate, number = base[:LONGEST_TITLE].rstrip(" '"), 1
        while candidate.lower() in taken:
            number += 1
            candidate = f"{base[: LONGEST_TITLE - 4].rstrip()} {number}"
        taken.add(candidate.lower())
        names.append(candidate)
    return names


def to_french_text(value: Value) -> str:
    """Return what a French Excel would show of a storable value, None as the empty text."""
    # bool before int, datetime before date: the former is one of the latter.
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "VRAI" if value else "FAUX"
        case int():
            return str(value)
        case float():
            return repr(value).replace(".", ",")
        case datetime():
            return f"{_to_french_day(value)} {value:%H:%M:%S}"
        case date():
            return _to_french_day(value)


def to_plain_text(value: Value) -> str:
    """Return what a program would write of a storable value, None as the empty text."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case date():
            return value.isoformat()
    return str(value)


def _to_french_day(value: date) -> str:
    return f"{value.day:02}/{value.month:02}/{value.year:04}"

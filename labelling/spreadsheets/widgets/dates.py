"""Dates, as French people and the State write them. The day comes before the month, always."""

import math
import re
from calendar import monthrange
from datetime import date, datetime, time, timedelta
from typing import Any

from labelling import text
from labelling.spreadsheets.widgets.base import (
    DATE,
    Cell,
    CellError,
    CellWidget,
    Suggestion,
    fold,
    to_one_line,
    word_alternatives,
)

HOW = "Écrivez la date ainsi : 30/09/2020."

_YEARS = range(1900, 2101)
# Excel counts days from here, for every day after February 1900.
_EXCEL_ORIGIN = date(1899, 12, 30)
# From 1954 to 2119: below, a number is a year or a rank rather than a day.
_SERIALS = range(20_000, 80_001)

_TIME = re.compile(
    r"(?:T|,? (?:à )?)[0-9]{1,2}[:h][0-9]{0,2}(?::[0-9]{2}(?:\.[0-9]+)?)?"
    r"(?:Z|[+-][0-9]{2}:?[0-9]{2})?$"
)
_WEEKDAYS = "|".join([*text.WEEKDAYS, *(day[:3] for day in text.WEEKDAYS)])
_WEEKDAY = re.compile(rf"^(?:le )?(?:(?:{_WEEKDAYS})\b\.?,? )?")
_IN_DIGITS = re.compile(r"([0-9]{1,4})[/.\- ]+([0-9]{1,2})[/.\- ]+([0-9]{1,4})")
_IN_WORDS = re.compile(r"([0-9]{1,2})(?: ?er)?[ \-]*([a-z]{3,9})[ .\-]*([0-9]{4}|[0-9]{2})")
_MONTH_ALONE = re.compile(r"([a-z]{3,9})[ ./\-]*([0-9]{4}|[0-9]{2})")
_MONTH_IN_DIGITS = re.compile(r"(?:([0-9]{1,2})[/.\-]([0-9]{4})|([0-9]{4})[/.\-]([0-9]{1,2}))")
# « liste-fs-20240801.csv », « FS 2020-10-12.xlsx », « liste_12-10-2020.ods »
_YEAR_FIRST = re.compile(r"(?<![0-9])(20[0-9]{2})[-_. ]?([0-9]{2})[-_. ]?([0-9]{2})(?![0-9])")
_DAY_FIRST = re.compile(r"(?<![0-9])([0-9]{2})[-_. ]?([0-9]{2})[-_. ]?(20[0-9]{2})(?![0-9])")
_MONTHS = tuple(fold(month) for month in text.MONTHS)


class DateWidget(CellWidget):
    """A day."""

    kinds = frozenset({DATE})

    def read(self, value: Cell) -> date:
        return read_date(value)

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        if value is None or kwargs.get("force_native_type"):
            return value
        return text.short_date(value)


def read_date(value: Cell) -> date:
    """Return the day that a cell says; raise CellError if it says none, or two."""
    match value:
        case datetime():
            return value.date()
        case date():
            return value
        case bool() | time() | None:
            raise CellError(value, f"ce n’est pas une date. {HOW}")
        case int() | float():
            return _from_number(value)
    words = _TIME.sub("", to_one_line(value)).strip()
    if text.is_number(words):
        return _from_digits(value, words)
    # The accents of février and août, and the weekday that some put before.
    words = _WEEKDAY.sub("", text.sort_key(words.replace("-", "/")))
    if match := _IN_DIGITS.fullmatch(words):
        return _from_parts(value, *match.groups())
    if match := _IN_WORDS.fullmatch(words.replace("/", " ")):
        month = _read_month(value, match[2])
        return _make_day(value, _complete_year(int(match[3])), month, int(match[1]))
    if match := _MONTH_ALONE.fullmatch(words.replace("/", " ")):
        _read_month(value, match[1])
    if month_read := read_month(value):
        year, month = month_read
        first = date(year, month, 1)
        raise CellError(value, f"il manque le jour. {HOW}", [suggest(first)])
    raise CellError(value, f"ce n’est pas une date. {HOW}")


def read_month(value: Cell) -> tuple[int, int] | None:
    """Return the year and the month that a text names without a day: 01/2020, octobre 2020.

    « févr-20 » too, as Excel writes it.
    """
    words = text.sort_key(to_one_line(value).replace("-", "/"))
    if match := _MONTH_IN_DIGITS.fullmatch(words):
        year, month = int(match[2] or match[3]), int(match[1] or match[4])
    elif match := _MONTH_ALONE.fullmatch(words):
        months = _find_months(match[1])
        if len(months) != 1:
            return None
        year, month = _complete_year(int(match[2])), months[0]
    else:
        return None
    return (year, month) if year in _YEARS and 1 <= month <= 12 else None


def list_short_days(value: Cell) -> list[date]:
    """Return the days that a date with a short year may say: some programs put the year first."""
    match = _IN_DIGITS.fullmatch(to_one_line(value))
    if not match or max(map(len, match.groups())) > 2:
        return []
    first, middle, last = map(int, match.groups())
    return _list_existing((last, middle, first), (first, middle, last))


def find_day(name: str) -> date | None:
    """Return the day that the name of a file bears, if it bears one."""
    parts = [match.groups() for match in _YEAR_FIRST.finditer(name)]
    parts += [match.groups()[::-1] for match in _DAY_FIRST.finditer(name)]
    days = {date(*map(int, part)) for part in parts if _is_day(*map(int, part))}
    return days.pop() if len(days) == 1 else None


def suggest(day: date) -> Suggestion:
    return text.long_date(day), text.short_date(day)


def _from_number(value: int | float) -> date:
    if math.isnan(value) or abs(value) > 99_999_999:
        raise CellError(value, f"ce n’est pas une date. {HOW}")
    if float(value).is_integer() and (int(value) in _YEARS or value > 9_999_999):
        return _from_digits(value, str(int(value)))
    if int(value) in _SERIALS:
        return _EXCEL_ORIGIN + timedelta(days=int(value))
    raise CellError(value, f"ce n’est pas une date. {HOW}")


def _from_digits(value: Cell, digits: str) -> date:
    if len(digits) == 4 and int(digits) in _YEARS:
        raise CellError(value, f"il manque le jour et le mois. {HOW}")
    if len(digits) == 5 and int(digits) in _SERIALS:
        return _EXCEL_ORIGIN + timedelta(days=int(digits))
    if len(digits) == 8:
        # No month is 19 or 20, so that one reading at most holds.
        if int(digits[:4]) in _YEARS and 1 <= int(digits[4:6]) <= 12:
            return _make_day(value, int(digits[:4]), int(digits[4:6]), int(digits[6:]))
        if int(digits[4:]) in _YEARS:
            return _make_day(value, int(digits[4:]), int(digits[2:4]), int(digits[:2]))
    raise CellError(value, f"ce n’est pas une date. {HOW}")


def _from_parts(value: Cell, first: str, middle: str, last: str) -> date:
    if len(first) == 4:
        return _make_day(value, int(first), int(middle), int(last))
    if len(last) == 4:
        return _make_day(value, int(last), int(middle), int(first))
    if len(first) > 2 or len(last) > 2:
        raise CellError(value, f"l’année doit avoir quatre chiffres. {HOW}")
    readings = list_short_days(f"{first}/{middle}/{last}")
    if len(readings) > 1:
        raise CellError(
            value,
            f"{word_alternatives([text.long_date(day) for day in readings])} ? "
            "Écrivez l’année avec ses quatre chiffres.",
            map(suggest, readings),
        )
    if readings:
        return readings[0]
    return _make_day(value, _complete_year(int(last)), int(middle), int(first))


def _list_existing(*parts: tuple[int, int, int]) -> list[date]:
    """Return the distinct days among these short years, months and days."""
    days: dict[date, None] = {}
    for year, month, day in parts:
        full = _complete_year(year)
        if _is_day(full, month, day):
            days[date(full, month, day)] = None
    return list(days)


def _make_day(value: Cell, year: int, month: int, day: int) -> date:
    if year not in _YEARS:
        raise CellError(value, f"l’année {year} est hors du calendrier attendu. {HOW}")
    if not 1 <= month <= 12:
        readings = [date(year, day, month)] if 1 <= day <= 12 and _fits(year, day, month) else []
        raise CellError(
            value,
            f"il n’y a pas de mois {month}. Le jour s’écrit avant le mois : 30/09/2020.",
            map(suggest, readings),
        )
    if not _fits(year, month, day):
        last = date(year, month, monthrange(year, month)[1])
        raise CellError(
            value,
            f"ce jour n’existe pas. Le mois finit le {text.long_date(last)}.",
            [suggest(last)],
        )
    return date(year, month, day)


def _is_day(year: int, month: int, day: int) -> bool:
    return 1 <= month <= 12 and _fits(year, month, day)


def _fits(year: int, month: int, day: int) -> bool:
    return 1 <= day <= monthrange(year, month)[1]


def _complete_year(year: int) -> int:
    """Return the year that two digits abbreviate: the network was born in 1995."""
    if year > 99:
        return year
    return 2000 + year if year < 70 else 1900 + year


def _read_month(value: Cell, name: str) -> int:
    months = _find_months(name)
    if len(months) > 1:
        names = [text.MONTHS[month - 1] for month in months]
        raise CellError(value, f"{word_alternatives(names)} ? {HOW}")
    if not months:
        raise CellError(value, f"« {name} » n’est pas un mois. {HOW}")
    return months[0]


def _find_months(name: str) -> list[int]:
    return [number for number, month in enumerate(_MONTHS, 1) if month.startswith(name)]

"""Days and hours, as French people and the State write them. The day comes before the month."""

import math
import re
from calendar import monthrange
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from labelling import text

EXAMPLE = "14/10/2020"
HOW = f"Écrivez la date ainsi : {EXAMPLE}."
# What is longer says no day, nor any hour.
LONGEST = 60

# The Union was born in 1998: before, and in a century, nothing happens.
FIRST_YEAR, LAST_YEAR = 1998, 2099
_YEARS = range(FIRST_YEAR, LAST_YEAR + 1)
# No month is 19, 20 or 21: eight digits have one reading at most.
_YEARS_AMONG_DIGITS = range(1900, 2200)
# A spreadsheet counts days from here, for every day after February 1900.
_ORIGIN = date(1899, 12, 30)
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
# « 10 », « 10 h », « 10h30 », « 10:30 », « 10 heures 30 »
_HOUR = re.compile(r"([0-9]{1,2})(?: ?(?:heures?|[h:.]) ?([0-9]{2})?(?: ?mi?n)?)?", re.IGNORECASE)
_MONTHS = tuple(text.sort_key(month) for month in text.MONTHS)


class DayError(ValueError):
    """What was typed says no day, or no hour, or two: a sentence with the reason and the remedy.

    `days` are those that it may have meant, the nearest first.
    """

    def __init__(self, reason: str, days: Iterable[date] = ()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.days = tuple(days)


def read_day(typed: str) -> date:
    """Return the day that a text says; raise DayError if it says none, or two."""
    words = _TIME.sub("", _flatten(typed)).strip()
    if text.is_number(words):
        return _from_digits(words)
    # The accents of février and août, and the weekday that some put before.
    words = _WEEKDAY.sub("", text.sort_key(words.replace("-", "/")))
    if match := _IN_DIGITS.fullmatch(words):
        return _from_parts(*match.groups())
    if match := _IN_WORDS.fullmatch(words.replace("/", " ")):
        return _make_day(_complete_year(int(match[3])), _read_month_name(match[2]), int(match[1]))
    if match := _MONTH_ALONE.fullmatch(words.replace("/", " ")):
        _read_month_name(match[1])
    if month_read := read_month(typed):
        raise DayError(f"il manque le jour. {HOW}", [date(*month_read, 1)])
    raise DayError(f"ce n’est pas une date. {HOW}")


def read_number(value: int | float) -> date:
    """Return the day that a number says: its digits, or what a spreadsheet counts."""
    if math.isnan(value) or abs(value) > 99_999_999:
        raise DayError(f"ce n’est pas une date. {HOW}")
    is_whole = float(value).is_integer()
    if is_whole and (int(value) in _YEARS_AMONG_DIGITS or value > 9_999_999):
        return _from_digits(str(int(value)))
    if int(value) in _SERIALS:
        return _from_serial(int(value))
    raise DayError(f"ce n’est pas une date. {HOW}")


def check(day: date) -> date:
    """Return `day`; raise DayError if its year is none of ours."""
    if day.year not in _YEARS:
        raise DayError(_word_year(day.year))
    return day


def read_month(typed: str) -> tuple[int, int] | None:
    """Return the year and the month that a text names without a day: 01/2020, octobre 2020.

    « févr-20 » too, as Excel writes it.
    """
    words = text.sort_key(_flatten(typed).replace("-", "/"))
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


def list_short_days(typed: str) -> list[date]:
    """Return the days that a date with a short year may say: some programs put the year first."""
    match = _IN_DIGITS.fullmatch(_flatten(typed))
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


def read_hour(typed: str) -> time:
    """Return the hour of a day that a text says; raise DayError if it says none."""
    words = _flatten(typed).lower().removeprefix("à ")
    match = _HOUR.fullmatch("12 h" if words == "midi" else words)
    if not match:
        raise DayError("ce n’est pas une heure. Écrivez-la ainsi : 10 h, ou 10 h 30.")
    hour, minute = int(match[1]), int(match[2] or 0)
    if hour > 23 or minute > 59:
        raise DayError(
            "cette heure n’existe pas : un jour va de 0 h à 23 h 59. Écrivez-la ainsi : 10 h 30."
        )
    return time(hour, minute)


def make_span(days: int) -> timedelta:
    """So many days, or a century: that is before everything, and calendars begin in the year 1."""
    return timedelta(days=min(days, 36_500))


def make_moment(day: date, hour: time, zone: tzinfo) -> datetime:
    """Return the moment of `day` when clocks say `hour`.

    Raise DayError where a change of clock skips that hour, or has it twice.
    """
    local = datetime.combine(day, hour)
    earlier, later = (local.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    change = abs((later.utcoffset() or timedelta()) - (earlier.utcoffset() or timedelta()))
    if not change:
        return earlier
    is_skipped = earlier.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local
    why = (
        "on passe ce jour-là à l’heure d’été, cette heure n’existe pas"
        if is_skipped
        else "on passe ce jour-là à l’heure d’hiver, cette heure a lieu deux fois"
    )
    others = [text.clock_time(at.hour, at.minute) for at in (local - change, local + change)]
    raise DayError(f"{why}. Écrivez par exemple {' ou '.join(others)}.")


def _flatten(typed: str) -> str:
    return " ".join(text.legible(typed).split())


def _from_serial(number: int) -> date:
    return check(_ORIGIN + timedelta(days=number))


def _from_digits(digits: str) -> date:
    if len(digits) == 4 and int(digits) in _YEARS_AMONG_DIGITS:
        raise DayError(f"il manque le jour et le mois. {HOW}")
    if len(digits) == 5 and int(digits) in _SERIALS:
        return _from_serial(int(digits))
    if len(digits) == 8:
        if int(digits[:4]) in _YEARS_AMONG_DIGITS and 1 <= int(digits[4:6]) <= 12:
            return _make_day(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
        if int(digits[4:]) in _YEARS_AMONG_DIGITS:
            return _make_day(int(digits[4:]), int(digits[2:4]), int(digits[:2]))
    raise DayError(f"ce n’est pas une date. {HOW}")


def _from_parts(first: str, middle: str, last: str) -> date:
    if len(first) == 4:
        return _make_day(int(first), int(middle), int(last))
    if len(last) == 4:
        return _make_day(int(last), int(middle), int(first))
    if len(first) > 2 or len(last) > 2:
        raise DayError(f"l’année doit avoir quatre chiffres. {HOW}")
    readings = list_short_days(f"{first}/{middle}/{last}")
    if len(readings) > 1:
        raise DayError(
            f"{' ou '.join(text.long_date(day) for day in readings)} ? "
            "Écrivez l’année avec ses quatre chiffres.",
            readings,
        )
    if readings:
        return check(readings[0])
    return _make_day(_complete_year(int(last)), int(middle), int(first))


def _list_existing(*parts: tuple[int, int, int]) -> list[date]:
    """Return the distinct days among these short years, months and days."""
    days: dict[date, None] = {}
    for year, month, day in parts:
        full = _complete_year(year)
        if _is_day(full, month, day):
            days[date(full, month, day)] = None
    return list(days)


def _make_day(year: int, month: int, day: int) -> date:
    if year not in _YEARS:
        raise DayError(_word_year(year))
    if not 1 <= month <= 12:
        readings = [date(year, day, month)] if 1 <= day <= 12 and _fits(year, day, month) else []
        raise DayError(
            f"il n’y a pas de mois {month}. Le jour s’écrit avant le mois : {EXAMPLE}.", readings
        )
    if not _fits(year, month, day):
        last = date(year, month, monthrange(year, month)[1])
        raise DayError(
            f"ce jour n’existe pas. Le mois finit le {text.long_date(last)} : écrivez par exemple "
            f"{text.short_date(last)}.",
            [last],
        )
    return date(year, month, day)


def _word_year(year: int) -> str:
    return f"l’année {year} n’est pas entre {FIRST_YEAR} et {LAST_YEAR}. {HOW}"


def _is_day(year: int, month: int, day: int) -> bool:
    return 1 <= month <= 12 and _fits(year, month, day)


def _fits(year: int, month: int, day: int) -> bool:
    return 1 <= day <= monthrange(year, month)[1]


def _complete_year(year: int) -> int:
    """Return the year that two digits abbreviate."""
    if year > 99:
        return year
    return 2000 + year if year < 70 else 1900 + year


def _read_month_name(name: str) -> int:
    months = _find_months(name)
    if len(months) > 1:
        raise DayError(f"{' ou '.join(text.MONTHS[month - 1] for month in months)} ? {HOW}")
    if not months:
        raise DayError(f"« {name} » n’est pas un mois. {HOW}")
    return months[0]


def _find_months(name: str) -> list[int]:
    return [number for number, month in enumerate(_MONTHS, 1) if month.startswith(name)]

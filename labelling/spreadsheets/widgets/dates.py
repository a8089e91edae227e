"""Days in cells: as a text says them, as a spreadsheet counts them, as they are."""

from datetime import date, datetime, time
from typing import Any

from labelling import days, text
from labelling.spreadsheets.widgets.base import (
    DATE,
    Cell,
    CellError,
    CellWidget,
    Suggestion,
    to_one_line,
)


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
    try:
        return _read(value)
    except days.DayError as refusal:
        raise CellError(value, refusal.reason, map(_suggest, refusal.days)) from None


def read_month(value: Cell) -> tuple[int, int] | None:
    """Return the year and the month that a cell names without a day."""
    return days.read_month(to_one_line(value))


def _read(value: Cell) -> date:
    match value:
        case datetime():
            return days.check(value.date())
        case date():
            return days.check(value)
        case bool() | time() | None:
            raise days.DayError(f"ce n’est pas une date. {days.HOW}")
        case int() | float():
            return days.read_number(value)
    return days.read_day(value)


def _suggest(day: date) -> Suggestion:
    return text.long_date(day), text.short_date(day)

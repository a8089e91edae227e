"""The drawings of the figures: bars, and the growth as steps. A table beside says the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from labelling import text
from labelling.figures import Row, Step

# Bars are this long at most; a drawing keeps whole numbers, which no language writes otherwise.
BAR = 1000

_WIDTH, _HEIGHT = 480, 180
_LEFT, _RIGHT, _TOP, _BOTTOM = 32, 40, 16, 24
_MOST_LINES, _MOST_YEARS = 4, 8


@dataclass(frozen=True, kw_only=True)
class Bar:
    """How long the bar of a row is, of which the new sites are the end."""

    known: int
    new: int


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A number or a year, and where it stands along its axis."""

    at: int
    label: str


@dataclass(frozen=True, kw_only=True)
class Steps:
    """The total, day by day: the line, the ground below it, the marks of both axes, its end."""

    width: int
    height: int
    left: int
    right: int
    foot: int
    line: str
    ground: str
    totals: tuple[Mark, ...]
    years: tuple[Mark, ...]
    last: Mark


def draw_bars(rows: Sequence[Row]) -> list[Bar]:
    longest = max((row.sites.count for row in rows), default=0) or 1
    bars = []
    for row in rows:
        new = row.gained.count if row.gained else 0
        whole, new_part = (BAR * count // longest for count in (row.sites.count, new))
        bars.append(Bar(known=whole - new_part, new=new_part))
    return bars


def draw_steps(steps: Sequence[Step], until: date) -> Steps | None:
    """Draw how the total went, from the first wave to `until`; None if there is nothing yet."""
    if not steps:
        return None
    first, foot, right = steps[0].day, _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
    days = max((until - first).days, 1)
    lines = _list_lines(max(step.total.count for step in steps))

    def place(day: date) -> int:
        return _LEFT + (right - _LEFT) * (day - first).days // days

    def raise_(total: int) -> int:
        return foot - (foot - _TOP) * total // lines[-1]

    line = f"M{place(first)} {foot}"
    for step in steps:
        line += f"H{place(step.day)}V{raise_(step.total.count)}"
    line += f"H{right}"
    last = steps[-1].total.count
    return Steps(
        width=_WIDTH,
        height=_HEIGHT,
        left=_LEFT,
        right=right,
        foot=foot,
        line=line,
        ground=f"{line}V{foot}Z",
        totals=tuple(Mark(at=raise_(total), label=text.number(total)) for total in lines),
        years=tuple(
            Mark(at=place(max(first, date(year, 1, 1))), label=str(year))
            for year in _list_years(first.year, max(until, first).year)
        ),
        last=Mark(at=raise_(last), label=text.number(last)),
    )


def _list_lines(most: int) -> list[int]:
    """The round numbers from nothing to `most` or above, few enough to be read."""
    space = 1
    while space * _MOST_LINES < most:
        # 1, 2, 5, 10, 20, 50…
        space = space * 5 // 2 if str(space)[0] == "2" else space * 2
    return list(range(0, max(most, 1) + space, space))


def _list_years(first: int, last: int) -> range:
    return range(first, last + 1, (last - first) // _MOST_YEARS + 1)

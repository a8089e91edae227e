"""The drawings of the figures: bars, and the growth as steps. A table beside says the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from labelling import text
from labelling.figures.growth import Step
from labelling.figures.network import Row
from labelling.pictures.map import PALETTE

# Bars are this long at most; a drawing keeps whole numbers, which no language writes otherwise.
BAR = 1000

_WIDTH, _HEIGHT = 480, 180
_LEFT, _RIGHT, _TOP, _BOTTOM = 32, 40, 16, 24
_MOST_LINES, _MOST_YEARS = 4, 8
_YEAR = 32  # What a year takes, written.
_TEXT, _LETTER = 11, 6  # On paper.


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


def draw_steps(
    steps: Sequence[Step], until: date, width: int = _WIDTH, height: int = _HEIGHT
) -> Steps | None:
    """Draw how the total went, from the first wave to `until`; None if there is nothing yet."""
    if not steps:
        return None
    first, foot, right = steps[0].day, height - _BOTTOM, width - _RIGHT
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
    years = [
        Mark(at=place(max(first, date(year, 1, 1))), label=str(year))
        for year in _list_years(first.year, max(until, first).year)
    ]
    if len(years) > 1 and years[1].at - years[0].at < _YEAR:
        del years[0]  # Of which only the end is drawn.
    return Steps(
        width=width,
        height=height,
        left=_LEFT,
        right=right,
        foot=foot,
        line=line,
        ground=f"{line}V{foot}Z",
        totals=tuple(Mark(at=raise_(total), label=text.number(total)) for total in lines),
        years=tuple(years),
        last=Mark(at=raise_(last), label=text.number(last)),
    )


def write_steps(steps: Steps) -> str:
    """The SVG of the growth, for paper."""
    ink, grid, line = PALETTE["text"], PALETTE["land"], PALETTE["known"]
    left, right, foot = steps.left, steps.right, steps.foot
    # Of large numbers, what stands left of the drawing.
    more = max(0, max(len(mark.label) for mark in steps.totals) * _LETTER + 6 - left)
    start = (
        f'<svg xmlns="http://www.w3.org/2000/svg"'
        f' viewBox="{-more} 0 {steps.width + more} {steps.height}"'
        f' font-family="Liberation Sans" font-size="{_TEXT}" fill="{ink}">'
    )
    parts = [start]
    for mark in steps.totals:
        parts.append(f'<path stroke="{grid}" d="M{left} {mark.at}H{right}"/>')
        parts.append(_write(mark.label, left - 6, mark.at + 4, ' text-anchor="end"'))
    parts.append(f'<path fill="{PALETTE["step-1"]}" d="{steps.ground}"/>')
    parts.append(f'<path fill="none" stroke="{line}" stroke-width="2" d="{steps.line}"/>')
    parts += [_write(mark.label, mark.at, foot + 16) for mark in steps.years]
    parts.append(_write(steps.last.label, right + 6, steps.last.at + 4, ' font-weight="bold"'))
    return "".join([*parts, "</svg>"])


def _write(words: str, x: int, y: int, more: str = "") -> str:
    return f'<text x="{x}" y="{y}"{more}>{words}</text>'


def _list_lines(most: int) -> list[int]:
    """The round numbers from nothing to `most` or above, few enough to be read."""
    space = 1
    while space * _MOST_LINES < most:
        # 1, 2, 5, 10, 20, 50…
        space = space * 5 // 2 if str(space)[0] == "2" else space * 2
    return list(range(0, max(most, 1) + space, space))


def _list_years(first: int, last: int) -> range:
    return range(first, last + 1, (last - first) // _MOST_YEARS + 1)

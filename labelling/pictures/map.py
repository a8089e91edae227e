"""The map of the sites, as one SVG: a mark for each, or departments tinted by number.

Attributes carry the light palette, and classes the dark one, which the pages' own sheet gives: the
same bytes serve a page, a document and a newspaper.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from textwrap import wrap

from labelling.pictures.contours import QUARTERS, load_contours
from labelling.pictures.frames import (
    CROWDED,
    FRAMES,
    HEIGHT,
    MAINLAND,
    OVERSEAS,
    OVERSEAS_HEIGHT,
    WIDTH,
    Frame,
)
from labelling.pictures.marks import Mark, Placed, place_marks

__all__ = ["MOST_MARKS", "Map", "Mark", "count_unplaced", "draw_map"]

# Of more sites than that, marks would hide the country: departments are tinted by their number.
MOST_MARKS = 400
# Of the light palette, by the class that each is painted with.
PALETTE = {
    "ground": "#ffffff",
    "land": "#e3e8ed",
    "tint": "#c3d7ea",
    "border": "#ffffff",
    "frame": "#77828e",
    "text": "#1c232b",
    "known": "#1f4e79",
    "new": "#b34a00",
    "rim": "#ffffff",
    "step-1": "#c9dcee",
    "step-2": "#93b9dc",
    "step-3": "#4f86b9",
    "step-4": "#1f4e79",
}
_STEPS = 4
_TEXT, _SMALL_TEXT = 14, 11
_HALF_BADGE, _ROUND_MARK = 12, 6
_LONGEST_FOOT_LINE = 84
_ABOVE = 32  # What a heading takes.


@dataclass(frozen=True, kw_only=True)
class Map:
    """What is drawn. `counts` are the sites of each department, by its code.

    `known` and `new` explain the marks, in 28 characters at most; an empty one is a mark that the
    map has not. `foot` stands below a map that goes alone, `heading` above it. `prefix` keeps the
    ids of two drawings on one page apart.
    """

    marks: tuple[Mark, ...]
    counts: Mapping[str, int]
    title: str
    description: str
    known: str = ""
    new: str = ""
    foot: tuple[str, ...] = ()
    heading: str = ""
    prefix: str = "map"

    @property
    def is_tinted_by_number(self) -> bool:
        return sum(self.counts.values()) > MOST_MARKS


def count_unplaced(marks: tuple[Mark, ...]) -> int:
    """How many sites no map can show: without coordinates, or with those of no place in France."""
    return len(marks) - len(place_marks(marks))


def draw_map(drawn: Map) -> str:
    """Return the SVG."""
    foot = [line for text in drawn.foot for line in wrap(text, _LONGEST_FOOT_LINE)]
    height = HEIGHT + (len(foot) * 16 + 8 if foot else 0)
    above = _ABOVE if drawn.heading else 0
    title, words = f"{drawn.prefix}-title", f"{drawn.prefix}-words"
    start = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img"'
        f' viewBox="0 {-above} {WIDTH} {height + above}"'
        f' aria-labelledby="{title}" aria-describedby="{words}"'
        f' font-family="Liberation Sans, Arial, sans-serif" font-size="{_TEXT}">'
        f'<title id="{title}">{escape(drawn.title)}</title>'
        f'<desc id="{words}">{escape(drawn.description)}</desc>'
    )
    parts = [start]
    if foot:
        parts.append(f'<path {_fill("ground")} d="M0 {-above}h{WIDTH}v{height + above}H0z"/>')
    if drawn.heading:
        parts.append(_write(drawn.heading, 4, -10, ' font-size="18" font-weight="bold"'))
    parts += _draw_numbers(drawn) if drawn.is_tinted_by_number else _draw_sites(drawn)
    return "".join([*parts, *_draw_foot(foot), "</svg>\n"])


def _draw_sites(drawn: Map) -> Iterator[str]:
    placed = place_marks(drawn.marks)
    shown = {one.mark for one in placed}
    with_site = {one.department for one in placed}
    with_site |= {mark.department for mark in drawn.marks if mark not in shown}
    yield from _draw_land(dict.fromkeys(with_site, "tint"))
    for box in CROWDED:
        yield from _draw_way_to(box, placed)
    yield from _draw_marks(placed)
    y = 20
    if drawn.known:
        yield f"<g {_mark('known')}>{_circle(12, y - 5)}</g>{_write(drawn.known, 26, y)}"
        y += 26
    if drawn.new:
        yield f"<g {_mark('new')}>{_diamond(12, y - 5)}</g>{_write(drawn.new, 26, y)}"


def _draw_numbers(drawn: Map) -> Iterator[str]:
    limits = _find_limits(drawn.counts.values())
    steps = {
        code: f"step-{next(at for at, limit in enumerate(limits, start=1) if count <= limit)}"
        for code, count in drawn.counts.items()
        if count
    }
    yield from _draw_land(steps)
    if drawn.known:
        yield _write(drawn.known, 4, 20)
    least = min(filter(None, drawn.counts.values()))
    for at, limit in enumerate(limits):
        label = f"{least}" if least == limit else f"{least}–{limit}"
        yield f'<path {_fill(f"step-{at + 1}")} d="M{4 + at * 118} 34h14v14h-14z"/>'
        yield _write(label, 22 + at * 118, 46)
        least = limit + 1


def _find_limits(counts: Iterable[int]) -> list[int]:
    """The most sites that a department of each tint has: as many departments in each as can be."""
    ordered = sorted(filter(None, counts))
    return sorted({ordered[-(-len(ordered) * step // _STEPS) - 1] for step in range(1, _STEPS + 1)})


def _draw_land(tints: Mapping[str, str]) -> Iterator[str]:
    """The departments, those that have one in their tint, the borders of regions, the boxes."""
    for frame in FRAMES:
        contours = load_contours()[frame.name]
        groups: dict[str, str] = {}
        for code, path in contours["departments"].items():
            tint = tints.get(code, "land")
            groups[tint] = groups.get(tint, "") + f'<path d="{path}"/>'
        rim = f'class="map-land-rim" stroke="{PALETTE["border"]}" stroke-linejoin="round"'
        yield f'<g transform="scale({1 / QUARTERS})" {rim} stroke-width="{_px(0.8)}">'
        for tint, paths in sorted(groups.items()):
            yield f"<g {_fill(tint)}>{paths}</g>"
        if contours["regions"]:
            yield f'<path fill="none" stroke-width="{_px(2.2)}" d="{contours["regions"]}"/>'
        yield "</g>"
    for box in (*CROWDED, *OVERSEAS):
        yield _draw_box(box)
    for at, box in enumerate(OVERSEAS):
        lower = " map-lower" if at % 2 else ""
        below = box.top + OVERSEAS_HEIGHT + 16
        yield f'<text {_fill("text", lower)} x="{box.left:g}" y="{below:g}">{box.label}</text>'
    for box in CROWDED:
        around = '<tspan class="map-aside">\u00a0et environs</tspan>'
        yield (
            f'<text {_fill("text")} x="{box.left:g}" y="{box.top - 7:g}">{box.label}{around}</text>'
        )


def _draw_box(box: Frame) -> str:
    return (
        f'<rect class="map-frame" fill="none" stroke="{PALETTE["frame"]}" x="{box.left:g}"'
        f' y="{box.top:g}" width="{box.width:g}" height="{box.height:.2f}" rx="3"/>'
    )


def _draw_way_to(box: Frame, placed: Sequence[Placed]) -> Iterator[str]:
    """On the main map, the ground of a box, a line to it, and on the line how many sites it has.

    The number stands where it hides no mark, as near the ground as can be.
    """
    count = sum(one.frame is box for one in placed)
    if not count:
        return
    left, top = MAINLAND.place(box.west, box.north)
    right, bottom = MAINLAND.place(box.east, box.south)
    start, end = ((left + right) / 2, (top + bottom) / 2), (box.left, box.top + box.height / 2)
    half = 5 + 5 * len(str(count))
    around = [(one.x, one.y) for one in placed if one.frame is MAINLAND]
    x, y = _find_free_place(start, end, half + _ROUND_MARK, _HALF_BADGE + _ROUND_MARK, around)
    edge, ground = f'stroke="{PALETTE["frame"]}"', f'fill="{PALETTE["ground"]}"'
    yield (
        f'<path class="map-frame" fill="none" {edge} d="M{left:.1f} {top:.1f}H{right:.1f}'
        f'V{bottom:.1f}H{left:.1f}zM{right:.1f} {start[1]:.1f}L{end[0]:g} {end[1]:.1f}"/>'
        f'<rect class="map-badge" {ground} {edge} x="{x - half:.1f}" y="{y - _HALF_BADGE:.1f}"'
        f' width="{half * 2}" height="{_HALF_BADGE * 2}" rx="4"/>'
        f'<text {_fill("text")} x="{x:.1f}" y="{y + 5:.1f}" text-anchor="middle"'
        f' font-weight="bold">{count}</text>'
    )


def _find_free_place(
    start: tuple[float, float],
    end: tuple[float, float],
    wide: float,
    high: float,
    marks: Sequence[tuple[float, float]],
) -> tuple[float, float]:
    """The middle of a badge on the line, from its start on."""
    for hundredth in range(10, 80):
        x = start[0] + (end[0] - start[0]) * hundredth / 100
        y = start[1] + (end[1] - start[1]) * hundredth / 100
        if all(abs(x - mark[0]) > wide or abs(y - mark[1]) > high for mark in marks):
            return x, y
    return (start[0] + end[0]) / 2, (start[1] + end[1]) / 2


def _draw_marks(placed: Iterable[Placed]) -> Iterator[str]:
    for is_new, name, draw in ((False, "known", _circle), (True, "new", _diamond)):
        drawn = [draw(one.x, one.y, one.mark.name) for one in placed if one.mark.is_new == is_new]
        if drawn:
            yield f"<g {_mark(name)}>{''.join(drawn)}</g>"


def _circle(x: float, y: float, name: str = "") -> str:
    return _close(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4"', "circle", name)


def _diamond(x: float, y: float, name: str = "") -> str:
    return _close(f'<path d="M{x:.1f} {y - 5.5:.1f}l5.5 5.5-5.5 5.5-5.5-5.5z"', "path", name)


def _close(opened: str, tag: str, name: str) -> str:
    return f"{opened}><title>{escape(name)}</title></{tag}>" if name else f"{opened}/>"


def _draw_foot(lines: Iterable[str]) -> Iterator[str]:
    for at, line in enumerate(lines):
        yield _write(line, 4, HEIGHT + 12 + at * 16, f' font-size="{_SMALL_TEXT}"')


def _write(words: str, x: float, y: float, more: str = "") -> str:
    return f'<text {_fill("text")} x="{x:g}" y="{y:g}"{more}>{escape(words)}</text>'


def _fill(name: str, more: str = "") -> str:
    return f'class="map-{name}{more}" fill="{PALETTE[name]}"'


def _mark(name: str) -> str:
    return f'{_fill(name)} stroke="{PALETTE["rim"]}" stroke-width="1.2"'


def _px(width: float) -> str:
    return f"{width * QUARTERS:g}"

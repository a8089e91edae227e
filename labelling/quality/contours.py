"""How far a position is from a department: contours of some 800 m, every island kept."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from itertools import accumulate, pairwise
from math import cos, floor, hypot, inf, radians
from pathlib import Path
from typing import NamedTuple

_FILE = Path(__file__).parents[2] / "fixtures" / "check_contours.json"
_THOUSANDTHS = 1000  # Of a degree: the unit of the contours.
_KILOMETRES = 40_000 / 360 / _THOUSANDTHS  # A step of one unit to the north.
# The height of a band, in the same unit: a line from a point to the east crosses no other.
_BAND = 20
# What is looked at first, to the north and to the south: 1 km.
_NEAR = 9
# The squares of a grid as high as the bands: so many fit a degree.
SQUARES_OF_A_DEGREE = _THOUSANDTHS // _BAND
# More than an import has sites; each is asked about again and again.
MOST_SQUARES = 65_536

Edge = tuple[int, int, int, int]


class Square(NamedTuple):
    """A square of the grid, for a department: counted to the east and to the north."""

    department: str
    column: int
    row: int


# Those that were asked about, and whether each is all within its department.
_squares: dict[Square, bool] = {}


def measure_outside(department: str, longitude: float, latitude: float) -> float | None:
    """How many kilometres a position is outside a department: 0 within it.

    None if the contour of the department is not known.
    """
    x, y = longitude * _THOUSANDTHS, latitude * _THOUSANDTHS
    if is_all_within(Square(department, floor(x / _BAND), floor(y / _BAND))):
        return 0.0
    return _measure_outside(department, x, y)


def list_squares_within() -> list[Square]:
    """The squares that are known to be all within their department: positions were asked there."""
    return [square for square, is_within in _squares.copy().items() if is_within]


def is_all_within(square: Square) -> bool:
    """Whether a square is in the department to its last corner."""
    is_within = _squares.get(square)
    if is_within is None:
        if len(_squares) >= MOST_SQUARES:
            _squares.clear()
        is_within = _squares[square] = _judge(square)
    return is_within


def _judge(square: Square) -> bool:
    bands = _load_bands(square.department)
    west, south = square.column * _BAND, square.row * _BAND
    is_crossed = any(
        min(x1, x2) <= west + _BAND and max(x1, x2) >= west
        for x1, _, x2, _ in bands.get(square.row, ())
    )
    return not is_crossed and _is_within(bands, west + _BAND / 2, south + _BAND / 2)


@lru_cache(maxsize=16_384)
def _measure_outside(department: str, x: float, y: float) -> float | None:
    bands = _load_bands(department)
    if not bands:
        return None
    if _is_within(bands, x, y):
        return 0.0
    near = {edge for band in _list_bands_around(y) for edge in bands.get(band, ())}
    nearest = _measure_to_edges(near, x, y)
    # What is nearer than the edges that were left out could be is the nearest of all.
    if nearest <= _NEAR * _KILOMETRES:
        return nearest
    return _measure_to_edges({edge for band in bands.values() for edge in band}, x, y)


def find_department(longitude: float, latitude: float) -> str:
    """The code of the department that a position is in; empty if it is in none."""
    x, y = longitude * _THOUSANDTHS, latitude * _THOUSANDTHS
    return next((code for code in _load_rings() if _is_within(_load_bands(code), x, y)), "")


def _is_within(bands: dict[int, list[Edge]], x: float, y: float) -> bool:
    """Whether an odd number of edges stands to the east of the point."""
    is_within = False
    for x1, y1, x2, y2 in bands.get(floor(y / _BAND), ()):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
            is_within = not is_within
    return is_within


def _list_bands_around(y: float) -> range:
    return range(floor((y - _NEAR) / _BAND), floor((y + _NEAR) / _BAND) + 1)


def _measure_to_edges(edges: Iterable[Edge], x: float, y: float) -> float:
    """The kilometres to the nearest edge; without any, infinitely many."""
    narrowing = cos(radians(y / _THOUSANDTHS))
    nearest = inf
    for x1, y1, x2, y2 in edges:
        dx, dy = (x2 - x1) * narrowing, y2 - y1
        px, py = (x - x1) * narrowing, y - y1
        part = min(1, max(0, (px * dx + py * dy) / ((dx * dx + dy * dy) or 1)))
        nearest = min(nearest, hypot(px - part * dx, py - part * dy))
    return nearest * _KILOMETRES


@cache
def _load_rings() -> dict[str, list[list[int]]]:
    """Of each department, by its code: its rings, as `make_check_contours.py` writes them."""
    rings: dict[str, list[list[int]]] = json.loads(_FILE.read_text("utf-8"))
    return rings


@lru_cache(maxsize=128)
def _load_bands(department: str) -> dict[int, list[Edge]]:
    """The edges of a department by the bands of latitude that they cross."""
    bands: dict[int, list[Edge]] = defaultdict(list)
    for edge in _list_edges(_load_rings().get(department, ())):
        low, high = sorted((edge[1], edge[3]))
        for band in range(low // _BAND, high // _BAND + 1):
            bands[band].append(edge)
    return dict(bands)


def _list_edges(rings: Iterable[list[int]]) -> Iterator[Edge]:
    for numbers in rings:
        points = zip(accumulate(numbers[::2]), accumulate(numbers[1::2]), strict=True)
        for (x1, y1), (x2, y2) in pairwise(points):
            yield x1, y1, x2, y2

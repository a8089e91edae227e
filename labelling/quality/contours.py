"""How far a position is from a department: contours of some 800 m, every island kept."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from itertools import accumulate, pairwise
from math import cos, floor, hypot, inf, radians
from pathlib import Path

_FILE = Path(__file__).parents[2] / "fixtures" / "check_contours.json"
_THOUSANDTHS = 1000  # Of a degree: the unit of the contours.
_KILOMETRES = 40_000 / 360 / _THOUSANDTHS  # A step of one unit to the north.
# The height of a band, in the same unit: a line from a point to the east crosses no other.
_BAND = 20
# What is looked at first, to the north and to the south: 1 km.
_NEAR = 9
# What is no position may be any number: all are as far as once around the earth.
_FARTHEST = 360.0 * _THOUSANDTHS
# Contours are drawn to some 800 m: what is no farther out may be within.
TOLERANCE = 1.0  # Kilometres.
# A grid, whose squares are smaller than that. They are counted from further west and south than
# anything is: of numbers above zero, whole parts are the same in Python and in any database.
SQUARES_OF_A_DEGREE = 100
SQUARE_AT_ZERO, MOST_SQUARES_AROUND = 200 * SQUARES_OF_A_DEGREE, 400 * SQUARES_OF_A_DEGREE
# More than an import has sites; each is asked about again and again.
MOST_SQUARES = 65_536

Edge = tuple[int, int, int, int]


# By a department and the number of a square that was asked about: whether all of it is in the
# department or next to it.
_squares: dict[tuple[str, float], bool] = {}


def is_outside(department: str, longitude: float, latitude: float) -> bool:
    """Whether a position is farther from a department than a contour may be wrong."""
    if is_all_inside(department, number_square(longitude, latitude)):
        return False
    return (measure_outside(department, longitude, latitude) or 0) > TOLERANCE


def number_square(longitude: float, latitude: float) -> int:
    """The number of the square that a position is in."""
    column, row = (floor(at * SQUARES_OF_A_DEGREE) + SQUARE_AT_ZERO for at in (longitude, latitude))
    return column * MOST_SQUARES_AROUND + row


def is_known_inside(department: str, square: float) -> bool:
    """Whether it is known of a square that no point there is outside the department."""
    return _squares.get((department, square), False)


def is_all_inside(department: str, square: int) -> bool:
    """Whether no point of a square is outside the department."""
    is_inside = _squares.get((department, square))
    if is_inside is None:
        if len(_squares) >= MOST_SQUARES:
            _squares.clear()
        is_inside = _squares[department, square] = _judge(department, square)
    return is_inside


def _judge(department: str, square: int) -> bool:
    longitude, latitude = (
        (at - SQUARE_AT_ZERO + 0.5) / SQUARES_OF_A_DEGREE
        for at in divmod(square, MOST_SQUARES_AROUND)
    )
    from_the_middle = measure_outside(department, longitude, latitude)
    side = _KILOMETRES * _THOUSANDTHS / SQUARES_OF_A_DEGREE
    to_a_corner = side / 2 * hypot(1, cos(radians(latitude)))
    return from_the_middle is not None and from_the_middle + to_a_corner <= TOLERANCE


def measure_outside(department: str, longitude: float, latitude: float) -> float | None:
    """How many kilometres a position is outside a department: 0 within it.

    None if the contour of the department is not known.
    """
    x, y = (max(-_FARTHEST, min(_FARTHEST, at * _THOUSANDTHS)) for at in (longitude, latitude))
    return _measure_outside(department, x, y)


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

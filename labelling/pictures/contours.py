"""The contours of the departments as they are drawn, and which of them a point is in."""

import json
import re
from functools import cache, lru_cache
from itertools import accumulate, pairwise
from math import hypot
from pathlib import Path
from typing import Any

_FILE = Path(__file__).parents[2] / "fixtures" / "contours.json"
# Whole numbers in the paths are quarters of a unit of the drawing.
QUARTERS = 4
# A coarse contour leaves out some of its own ground: in units of the drawing, 6 km.
_TOLERANCE = 2.0
_NUMBER = re.compile(r"-?[0-9]+")

Ring = tuple[tuple[float, float], ...]


@cache
def load_contours() -> dict[str, Any]:
    """Of each frame, by its name: the path of each department, and the borders of regions."""
    contours: dict[str, Any] = json.loads(_FILE.read_text("utf-8"))
    return contours


@lru_cache(maxsize=1000)
def list_rings(frame: str, department: str) -> tuple[Ring, ...]:
    """The rings of a department, by its code, in a frame; none if it is not seen there."""
    path = load_contours()[frame]["departments"].get(department, "")
    return tuple(map(_read_ring, path.split("z")[:-1]))


def _read_ring(path: str) -> Ring:
    numbers = [int(number) / QUARTERS for number in _NUMBER.findall(path)]
    steps = zip(numbers[::2], numbers[1::2], strict=True)
    points = [*accumulate(steps, lambda at, step: (at[0] + step[0], at[1] + step[1]))]
    return (*points, points[0])


def find_department(frame: str, x: float, y: float, recorded: str) -> str:
    """The code of the department that a point is in: the recorded one unless it is elsewhere."""
    if _is_near(list_rings(frame, recorded), x, y):
        return recorded
    for code in load_contours()[frame]["departments"]:
        left, top, right, bottom = _measure_box(frame, code)
        is_in_box = left <= x <= right and top <= y <= bottom
        if is_in_box and is_within(list_rings(frame, code), x, y):
            return code
    return recorded


@lru_cache(maxsize=1000)
def _measure_box(frame: str, department: str) -> tuple[float, float, float, float]:
    """The sides of what a department is in: left, top, right, bottom."""
    points = [point for ring in list_rings(frame, department) for point in ring]
    across, down = zip(*points, strict=True)
    return min(across), min(down), max(across), max(down)


def is_within(rings: tuple[Ring, ...], x: float, y: float) -> bool:
    """Whether an odd number of borders stands to the right of the point."""
    crossed = False
    for ring in rings:
        for (x1, y1), (x2, y2) in pairwise(ring):
            if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
                crossed = not crossed
    return crossed


def _is_near(rings: tuple[Ring, ...], x: float, y: float) -> bool:
    return is_within(rings, x, y) or any(
        _measure_to_line(x, y, *a, *b) <= _TOLERANCE for ring in rings for a, b in pairwise(ring)
    )


def _measure_to_line(x: float, y: float, x1: float, y1: float, x2: float, y2: float) -> float:
    dx, dy = x2 - x1, y2 - y1
    part = ((x - x1) * dx + (y - y1) * dy) / ((dx * dx + dy * dy) or 1)
    part = min(1, max(0, part))
    return hypot(x - x1 - part * dx, y - y1 - part * dy)

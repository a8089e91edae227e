"""Where the mark of each site stands: in which frame, and apart from its neighbours."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import cos, hypot, sin

from labelling.pictures.contours import find_department
from labelling.pictures.frames import CROWDED, MAINLAND, OVERSEAS, Frame

# In units of the drawing: between two marks, and how far one is moved from where it is.
_APART = 9.0
FARTHEST = 10.0
_EDGE = 7.0  # From a mark to the line around its frame.
_ROUNDS = 40
# Sites at one place leave it in directions that do not meet.
_GOLDEN_ANGLE = 2.4


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A site to mark. Without coordinates it is not marked; `department` is a code."""

    name: str
    longitude: float | None
    latitude: float | None
    department: str
    is_new: bool = False


@dataclass(frozen=True, kw_only=True)
class Placed:
    """A mark where it is drawn, in the frame that shows it, and the department that it is in."""

    mark: Mark
    frame: Frame
    department: str
    x: float
    y: float


# The same sites are shown again and again: to place hundreds of them takes a tenth of a second.
@lru_cache(maxsize=16)
def place_marks(marks: tuple[Mark, ...]) -> tuple[Placed, ...]:
    """The marks that can be drawn, those of a frame apart, in an order that is always the same."""
    found = (placed for mark in marks if (placed := place(mark)))
    frames: dict[str, list[Placed]] = defaultdict(list)
    for placed in sorted(found, key=lambda p: (p.mark.is_new, p.y, p.x, p.mark.name)):
        frames[placed.frame.name].append(placed)
    return tuple(placed for group in frames.values() for placed in _push_apart(group))


def place(mark: Mark) -> Placed | None:
    """Where a mark is; None without coordinates, or with those of no place of the map."""
    if mark.longitude is None or mark.latitude is None or abs(mark.latitude) >= 90:
        return None
    for frame in (*CROWDED, *OVERSEAS, MAINLAND):
        metres = frame.project(mark.longitude, mark.latitude)
        if not frame.shows(*metres):
            continue
        x, y = frame.place(*metres)
        where = frame.department or find_department(
            MAINLAND.name, *MAINLAND.place(*metres), mark.department
        )
        return Placed(mark=mark, frame=frame, department=where, x=x, y=y)
    return None


def _push_apart(group: Sequence[Placed]) -> list[Placed]:
    """Move each mark away from those that it would hide, and never farther than `FARTHEST`.

    One at the edge of its frame is moved inside: it would stand across the line.
    """
    points = [_keep_inside(placed.frame, placed.x, placed.y) for placed in group]
    for _ in range(_ROUNDS):
        moves = _list_moves(points)
        if not moves:
            break
        for at, (dx, dy) in moves.items():
            home = group[at]
            x, y = points[at][0] + dx - home.x, points[at][1] + dy - home.y
            part = min(1, FARTHEST / (hypot(x, y) or 1))
            points[at] = _keep_inside(home.frame, home.x + x * part, home.y + y * part)
    return [
        Placed(mark=old.mark, frame=old.frame, department=old.department, x=x, y=y)
        for old, (x, y) in zip(group, points, strict=True)
    ]


def _keep_inside(frame: Frame, x: float, y: float) -> tuple[float, float]:
    right, bottom = frame.left + frame.width - _EDGE, frame.top + frame.height - _EDGE
    return min(max(x, frame.left + _EDGE), right), min(max(y, frame.top + _EDGE), bottom)


def _list_moves(points: Sequence[tuple[float, float]]) -> dict[int, tuple[float, float]]:
    """How each mark that stands too close to another one is moved, by its place."""
    cells: dict[tuple[int, int], list[int]] = defaultdict(list)
    moves: dict[int, tuple[float, float]] = {}
    for at, (x, y) in enumerate(points):
        column, row = int(x // _APART), int(y // _APART)
        for near in (
            other
            for dx in (-1, 0, 1)
            for dy in (-1, 0, 1)
            for other in cells[column + dx, row + dy]
        ):
            away_x, away_y = x - points[near][0], y - points[near][1]
            distance = hypot(away_x, away_y)
            if distance >= _APART - 0.01:
                continue
            if distance < 0.01:
                away_x, away_y, distance = cos(at * _GOLDEN_ANGLE), sin(at * _GOLDEN_ANGLE), 1
                part = _APART / 2
            else:
                part = (_APART - distance) / 2 / distance
            for moved, sign in ((at, 1), (near, -1)):
                before = moves.get(moved, (0.0, 0.0))
                moves[moved] = (
                    before[0] + sign * away_x * part,
                    before[1] + sign * away_y * part,
                )
        cells[column, row].append(at)
    return moves

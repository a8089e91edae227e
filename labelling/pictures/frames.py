"""Where a position of the earth stands on the map: France, its boxes, and their projections."""

from dataclasses import dataclass
from math import asinh, cos, exp, log, radians, sin, tan

# Lambert-93, the projection of the State's maps of the mainland, on GRS 1980.
_ECCENTRICITY = 0.0818191910428158
_N, _C = 0.725607765053267, 11754255.426096
_X, _Y = 700000.0, 12655612.049876
_METRES_A_DEGREE = 111195.0


@dataclass(frozen=True, kw_only=True)
class Frame:
    """A part of the map: the ground that it shows, in metres, and where it stands in the drawing.

    `cosine` is of its latitude, for a box overseas; 0 for Lambert-93. `interval` is how finely its
    contours were drawn, in metres.
    """

    name: str
    west: float
    south: float
    east: float
    north: float
    left: float
    top: float
    width: float
    interval: float
    cosine: float = 0
    department: str = ""
    label: str = ""
    smallest_island: float = 15e6
    is_clipped: bool = False
    has_regions: bool = False

    @property
    def scale(self) -> float:
        return self.width / (self.east - self.west)

    @property
    def height(self) -> float:
        return (self.north - self.south) * self.scale

    def project(self, longitude: float, latitude: float) -> tuple[float, float]:
        """Return metres to the east and to the north."""
        if self.cosine:
            return longitude * self.cosine * _METRES_A_DEGREE, latitude * _METRES_A_DEGREE
        return project_to_lambert(longitude, latitude)

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Return where metres are in the drawing."""
        return self.left + (x - self.west) * self.scale, self.top + (self.north - y) * self.scale

    def shows(self, x: float, y: float) -> bool:
        return self.west <= x <= self.east and self.south <= y <= self.north


def project_to_lambert(longitude: float, latitude: float) -> tuple[float, float]:
    """Lambert-93: metres to the east and to the north."""
    sine = sin(radians(latitude))
    isometric = asinh(tan(radians(latitude))) - _ECCENTRICITY / 2 * log(
        (1 + _ECCENTRICITY * sine) / (1 - _ECCENTRICITY * sine)
    )
    radius, angle = _C * exp(-_N * isometric), _N * radians(longitude - 3)
    return _X + radius * sin(angle), _Y - radius * cos(angle)


def _make_overseas(
    department: str, label: str, place: int, middle: tuple[float, float], interval: float, km: float
) -> Frame:
    """A box overseas, the `place`th of their row: `middle` in degrees, `km` from top to bottom."""
    cosine = cos(radians(middle[1]))
    x, y = middle[0] * cosine * _METRES_A_DEGREE, middle[1] * _METRES_A_DEGREE
    high, wide = km * 500, km * 500 * OVERSEAS_WIDTH / OVERSEAS_HEIGHT
    return Frame(
        name=label,
        label=label,
        department=department,
        cosine=cosine,
        west=x - wide,
        east=x + wide,
        south=y - high,
        north=y + high,
        left=4 + place * 96,
        top=446,
        width=OVERSEAS_WIDTH,
        interval=interval,
        smallest_island=1e6,
        is_clipped=True,
    )


WIDTH, HEIGHT = 480, 552
OVERSEAS_WIDTH, OVERSEAS_HEIGHT = 88, 62
_MAIN_SCALE = 0.355e-3

MAINLAND = Frame(
    name="France",
    west=95000,
    south=6040000,
    east=1255000,
    north=7115000,
    left=4,
    top=56,
    width=1160000 * _MAIN_SCALE,
    interval=3600,
    has_regions=True,
)
# What is too crowded for the main map, each with its own box.
CROWDED = (
    Frame(
        name="Paris",
        label="Paris",
        west=636000,
        south=6844000,
        east=670000,
        north=6879000,
        left=362,
        top=84,
        width=114,
        interval=450,
        is_clipped=True,
    ),
    Frame(
        name="Lyon",
        label="Lyon",
        west=831000,
        south=6507000,
        east=859000,
        north=6536000,
        left=362,
        top=232,
        width=114,
        interval=450,
        is_clipped=True,
    ),
)
OVERSEAS = (
    _make_overseas("971", "Guadeloupe", 0, (-61.41, 16.17), 300, 84),
    _make_overseas("972", "Martinique", 1, (-61.02, 14.63), 300, 61),
    _make_overseas("973", "Guyane", 2, (-53.11, 3.93), 3500, 450),
    _make_overseas("974", "La Réunion", 3, (55.53, -21.13), 400, 66),
    _make_overseas("976", "Mayotte", 4, (45.16, -12.82), 300, 46),
)
FRAMES = (MAINLAND, *CROWDED, *OVERSEAS)

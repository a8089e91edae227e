"""How far a position is from a department, and in which one it is."""

from math import floor
from random import Random

import pytest

from labelling.quality import contours
from labelling.quality.contours import (
    MOST_SQUARES,
    find_department,
    is_all_inside,
    is_known_inside,
    is_outside,
    measure_outside,
    number_square,
)
from labelling.spreadsheets.files.sandbox.limits import Limits

ROUEN = (1.0984, 49.4351)


def test_is_nothing_within():
    assert measure_outside("76", *ROUEN) == 0


def test_is_in_kilometres_whatever_the_distance():
    assert measure_outside("27", *ROUEN) == pytest.approx(11.5, abs=1)
    assert measure_outside("13", *ROUEN) == pytest.approx(680, abs=15)


@pytest.mark.parametrize(
    ("department", "longitude", "latitude"),
    [("92", 2.3017, 48.7533), ("17", -1.096, 45.99), ("29", -3.91, 48.67)],
    ids=["Antony", "Fouras", "Carantec"],
)
def test_is_less_than_a_kilometre_where_the_contour_is_drawn_too_straight(
    department, longitude, latitude
):
    assert measure_outside(department, longitude, latitude) < 1


def test_is_remembered_of_as_many_sites_as_an_import_has():
    """R2: the list of sites asks it of each, every time."""
    assert Limits().rows < MOST_SQUARES


def test_is_remembered_of_so_many_squares_and_no_more(monkeypatch):
    monkeypatch.setattr(contours, "MOST_SQUARES", 2)
    monkeypatch.setattr(contours, "_squares", {})
    squares = [number_square(4.305 + east / 100, 45.505) for east in range(5)]

    assert [is_all_inside("42", square) for square in squares] == [True] * 5

    assert [is_known_inside("42", square) for square in squares] == [False] * 4 + [True]
    assert not is_known_inside("43", squares[4])


def test_of_a_square_holds_for_each_of_its_points():
    places = Random(42)  # noqa: S311
    around = [(places.uniform(3.6, 4.8), places.uniform(45.2, 46.3)) for _ in range(2_000)]

    outside = {at for at in around if is_outside("42", *at)}

    assert outside == {at for at in around if (measure_outside("42", *at) or 0) > 1}
    inside = [at for at in around if is_known_inside("42", number_square(*at))]
    for at in inside:
        east, north = (floor(100 * one) for one in at)
        for corner in ((east, north), (east + 1, north), (east, north + 1), (east + 1, north + 1)):
            assert (measure_outside("42", *(one / 100 for one in corner)) or 0) <= 1.001
    # Most of what is not outside is known to be so.
    assert 0.9 < len(inside) / (len(around) - len(outside)) < 1


def test_of_a_department_without_a_contour_is_not_known():
    assert measure_outside("978", -63.05, 18.07) is None


def test_every_department_has_its_contour():
    codes = [f"{number:02}" for number in range(1, 96) if number != 20]
    for code in [*codes, "2A", "2B", "971", "972", "973", "974", "976"]:
        assert measure_outside(code, *ROUEN) is not None, code


@pytest.mark.parametrize(
    ("longitude", "latitude", "department"),
    [(*ROUEN, "76"), (8.7369, 41.9267, "2A"), (55.45, -20.88, "974"), (-3.7, 40.4, "")],
)
def test_finds_which_department_a_position_is_in(longitude, latitude, department):
    assert find_department(longitude, latitude) == department

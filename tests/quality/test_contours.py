"""How far a position is from a department, and in which one it is."""

from math import floor
from random import Random

import pytest

from labelling.quality import contours
from labelling.quality.contours import (
    MOST_SQUARES,
    SQUARES_OF_A_DEGREE,
    Square,
    find_department,
    is_all_within,
    list_squares_within,
    measure_outside,
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

    assert [is_all_within(Square("42", 200 + east, 2280)) for east in range(5)] == [True] * 5

    assert list_squares_within() == [Square("42", 204, 2280)]


def test_is_nothing_of_a_square_that_is_all_within_and_of_no_other():
    places = Random(42)  # noqa: S311
    around = [(places.uniform(3.6, 4.8), places.uniform(45.2, 46.3)) for _ in range(2_000)]

    within = {at for at in around if find_department(*at) == "42"}

    assert {at for at in around if measure_outside("42", *at) == 0} == within
    squares = {
        Square("42", floor(longitude * SQUARES_OF_A_DEGREE), floor(latitude * SQUARES_OF_A_DEGREE))
        for longitude, latitude in within
    }
    known = {square for square in squares if is_all_within(square)}
    assert 0 < len(known) < len(squares)
    assert known <= {*list_squares_within()}


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

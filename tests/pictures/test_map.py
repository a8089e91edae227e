"""The map: where sites stand on it, what is drawn of them, and in which colours."""

import re
from collections import Counter
from itertools import combinations, pairwise
from math import hypot
from xml.etree import ElementTree as ET

import pytest

from labelling.pictures import map as maps
from labelling.pictures.contours import is_within, list_rings, load_contours
from labelling.pictures.frames import CROWDED, FRAMES, MAINLAND, project_to_lambert
from labelling.pictures.map import Map, Mark, count_unplaced, draw_map
from labelling.pictures.marks import FARTHEST, place, place_marks
from tests.patterns import ROOT

SVG = "{http://www.w3.org/2000/svg}"
PARIS, LYON, AJACCIO = (2.3522, 48.8566), (4.8357, 45.764), (8.7386, 41.9192)
CAYENNE, SAINT_ETIENNE, NIMES = (-52.3135, 4.9224), (4.3872, 45.4397), (4.36, 43.8367)


def mark(where=NIMES, department="30", **fields) -> Mark:
    longitude, latitude = where or (None, None)
    values = {"name": "PIMMS", "longitude": longitude, "latitude": latitude}
    return Mark(**values | {"department": department} | fields)


def make(*marks: Mark, **fields) -> Map:
    counts = Counter(one.department for one in marks)
    return Map(**{"marks": marks, "counts": counts, "title": "T", "description": "D"} | fields)


def draw(*marks: Mark, **fields) -> ET.Element:
    return ET.fromstring(draw_map(make(*marks, **fields)))  # noqa: S314


def list_marks(svg: ET.Element, name: str) -> list[ET.Element]:
    """The marks of sites: the one of the legend has no name of its own."""
    groups = svg.findall(f".//{SVG}g[@class='map-{name}']")
    return [one for group in groups for one in group if one.find(f"{SVG}title") is not None]


def list_tinted(svg: ET.Element, name: str = "tint") -> set[str]:
    paths = {p.get("d") for g in svg.iterfind(f".//{SVG}g[@class='map-{name}']") for p in g}
    return {
        code
        for contours in load_contours().values()
        for code, path in contours["departments"].items()
        if path in paths
    }


class TestContours:
    def test_every_department_is_drawn(self):
        drawn = {code for frame in load_contours().values() for code in frame["departments"]}

        assert len(drawn) == 101

    def test_borders_do_not_open(self):
        """Two departments that touch share whole lines, point by point."""
        sides = Counter(
            frozenset(side)
            for code in load_contours()["France"]["departments"]
            for ring in list_rings("France", code)
            for side in pairwise(ring)
        )

        inside = [side for side, count in sides.items() if count == 2]
        assert len(inside) > 600
        assert max(sides.values()) == 2

    @pytest.mark.parametrize("where", [(2.35, 46.6), (5.2, 47.3), (-1.7, 48.1), (0.6, 44.2)])
    def test_no_ground_is_bare_or_of_two_departments(self, where):
        x, y = MAINLAND.place(*project_to_lambert(*where))

        departments = load_contours()["France"]["departments"]
        assert sum(is_within(list_rings("France", code), x, y) for code in departments) == 1

    def test_lambert_93_is_the_states(self):
        """The origin of the projection, and Paris as the IGN places it."""
        assert project_to_lambert(3, 46.5) == pytest.approx((700000, 6600000), abs=0.001)
        assert project_to_lambert(2.3522, 48.8566) == pytest.approx((652469, 6862035), abs=1)


class TestPlaces:
    @pytest.mark.parametrize(
        ("where", "frame", "department"),
        [
            (PARIS, "Paris", "75"),
            (LYON, "Lyon", "69"),
            (AJACCIO, "France", "2A"),
            (NIMES, "France", "30"),
            (CAYENNE, "Guyane", "973"),
            ((-61.73, 16.0), "Guadeloupe", "971"),
            ((-61.06, 14.61), "Martinique", "972"),
            ((55.45, -20.9), "La Réunion", "974"),
            ((45.2, -12.8), "Mayotte", "976"),
        ],
    )
    def test_a_site_lands_in_its_department(self, where, frame, department):
        found = place(mark(where, department))

        assert (found.frame.name, found.department) == (frame, department)
        assert is_within(list_rings(frame, department), found.x, found.y)

    def test_coordinates_are_believed_before_the_record(self):
        assert place(mark(SAINT_ETIENNE, "38")).department == "42"

    @pytest.mark.parametrize("where", [None, (0, 0), (48.8566, 2.3522), (-73.6, 45.5), (2, 91)])
    def test_a_place_out_of_the_map_is_not_drawn(self, where):
        assert place(mark(where)) is None
        assert count_unplaced((mark(where), mark())) == 1

    def test_sites_too_close_are_pushed_apart_and_not_far(self):
        marks = (mark((4.36 + step / 1000, 43.8), name=f"{step}") for step in range(6))
        placed = place_marks((*marks,))

        for one, other in combinations(placed, 2):
            assert hypot(one.x - other.x, one.y - other.y) > 8
        for one in placed:
            home = place(one.mark)
            assert hypot(one.x - home.x, one.y - home.y) <= FARTHEST + 0.01

    def test_many_at_one_place_stay_near_it(self):
        home = place(mark())

        for one in place_marks((*(mark(name=str(n)) for n in range(60)),)):
            assert hypot(one.x - home.x, one.y - home.y) <= FARTHEST + 0.01

    def test_their_order_does_not_matter(self):
        marks = [mark((4.36, 43.8), name=name) for name in "abcd"] + [mark(PARIS, "75")]

        assert draw_map(make(*marks)) == draw_map(make(*reversed(marks)))


class TestDrawing:
    def test_each_site_is_one_mark_and_new_ones_have_their_shape(self):
        marks = [mark(PARIS, "75"), mark(LYON, "69", is_new=True), mark(), mark(CAYENNE, "973")]
        svg = draw(*marks, known="3 sites déjà labellisés", new="1 nouveau site")

        assert [one.tag for one in list_marks(svg, "known")] == [f"{SVG}circle"] * 3
        assert [one.tag for one in list_marks(svg, "new")] == [f"{SVG}path"]
        assert {"3 sites déjà labellisés", "1 nouveau site"} <= {*svg.itertext()}

    def test_a_box_says_on_the_main_map_how_many_it_has(self):
        svg = draw(mark(PARIS, "75"), mark((2.36, 48.85), "75"), mark())

        badges = svg.findall(f".//{SVG}text[@font-weight='bold']")
        assert [badge.text for badge in badges] == ["2"]

    def test_departments_with_a_site_are_tinted(self):
        svg = draw(mark(SAINT_ETIENNE, "38"), mark(), mark(CAYENNE, "973"), mark(None, "13"))

        assert list_tinted(svg) == {"42", "30", "973", "13"}

    def test_thousands_are_told_by_the_tint_of_departments(self):
        counts = {"13": 400, "30": 1, "973": 100, "42": 0, "38": 90}
        svg = draw(counts=counts, known="591 sites labellisés")

        assert not list_marks(svg, "known")
        tints = [list_tinted(svg, f"step-{step}") for step in range(1, 5)]
        assert tints == [{"30"}, {"38"}, {"973"}, {"13"}]
        assert {"1", "2–90", "91–100", "101–400"} <= {*svg.itertext()}

    def test_departments_that_are_nearly_alike_are_told_apart_too(self):
        counts = dict(zip(("13", "30", "42", "38"), (196, 198, 201, 204), strict=True))
        svg = draw(counts=counts)

        tints = [list_tinted(svg, f"step-{step}") for step in range(1, 5)]
        assert tints == [{"13"}, {"30"}, {"42"}, {"38"}]
        assert {"196", "197–198", "199–201", "202–204"} <= {*svg.itertext()}
        assert not list_tinted(draw(counts=dict.fromkeys(counts, 200)), "step-2")

    def test_a_mark_at_the_edge_of_a_box_stands_inside(self):
        box = CROWDED[0]
        at_edges = [
            one
            for longitude in (2.0, 2.1, 2.2, 2.3, 2.4, 2.5, 2.6, 2.7)
            for latitude in (48.7, 48.75, 48.8, 48.85, 48.9, 48.95, 49.0)
            if (one := place(mark((longitude, latitude), "75"))).frame is box
        ]

        placed = place_marks(tuple(one.mark for one in at_edges))

        assert len(placed) == len(at_edges) > 8
        for one in placed:
            assert box.left + 6 < one.x < box.left + box.width - 6
            assert box.top + 6 < one.y < box.top + box.height - 6

    def test_it_is_read_aloud(self):
        svg = draw(mark(), title="Les sites", description="1 site", prefix="home")

        title, words = svg.find(f"{SVG}title"), svg.find(f"{SVG}desc")
        assert svg.get("role") == "img"
        assert (title.text, svg.get("aria-labelledby")) == ("Les sites", title.get("id"))
        assert (words.text, svg.get("aria-describedby")) == ("1 site", words.get("id"))
        ids = {one.get("id") for one in svg.iter()}
        assert ids == {None, "home-title", "home-words"}

    def test_nothing_in_a_name_is_markup(self):
        svg = draw(mark(name="<script>&\"'"), title="<b>", description="&")

        assert list_marks(svg, "known")[0][0].text == "<script>&\"'"
        assert svg.find(f".//{SVG}script") is None

    def test_our_policy_lets_it_through(self):
        drawn = draw_map(make(mark(), mark(PARIS, "75"), foot=("Crédit",)))

        assert not re.search(r"style=|<style|<script|href|url\(|\son\w+=", drawn)

    def test_what_goes_alone_has_its_ground_and_its_credit(self):
        svg = draw(mark(), foot=("Contours : IGN",))

        assert "Contours : IGN" in {*svg.itertext()}
        assert svg.find(f"{SVG}path[@class='map-ground']") is not None


class TestColours:
    CSS = ROOT / "labelling/static/labelling"
    SHEET = (CSS / "map.css").read_text("utf-8")
    TOKENS = (CSS / "tokens.css").read_text("utf-8")

    def test_every_class_has_its_dark_rule(self):
        tinted = {code: step**2 for step, code in enumerate(("13", "30", "42", "69"), start=18)}
        drawn = draw_map(
            make(mark(), mark(PARIS, "75", is_new=True), known="k", new="n", foot=("f",))
        ) + draw_map(make(counts=tinted | {"75": 1, "92": 200, "93": 90}))
        classes = {*" ".join(re.findall(r'class="([^"]+)"', drawn)).split()}

        for name in classes:
            assert f".{name}" in self.SHEET
        painted = re.findall(r"<(?:g|path|rect|text|circle)\b[^>]*(?:fill|stroke)=\"#[^>]*>", drawn)
        assert painted
        assert all("class=" in tag for tag in painted)

    @pytest.mark.parametrize("name", maps.PALETTE)
    def test_the_sheet_says_the_light_colour_of_the_attribute(self, name):
        assert f"--map-{name}: light-dark({maps.PALETTE[name]}," in self.TOKENS
        assert f"var(--map-{name})" in self.SHEET

    def test_no_frame_leaves_the_drawing(self):
        for frame in FRAMES:
            assert frame.left >= 0
            assert frame.left + frame.width <= maps.WIDTH
            assert frame.top + frame.height <= maps.HEIGHT

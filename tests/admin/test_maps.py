"""The map on the home page and on that of a wave, and its files for the press."""

import re
from datetime import date
from html import unescape
from xml.etree import ElementTree as ET

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from labelling.models import LabellingWave, Site
from labelling.pictures.map import MOST_MARKS
from labelling.press_release.renderers.rasterising import rasterise
from tests.conftest import signed_in
from tests.factories import SiteFactory, UserFactory, WaveFactory

SVG = "{http://www.w3.org/2000/svg}"
PIXELS = slice(16, 24)  # Of a PNG: its width and its height.


def locate(name: str, *args: object) -> str:
    return reverse(f"admin:labelling_{name}", args=args)


@pytest.fixture
def autumn(network):
    return LabellingWave.objects.get(slug="automne-2020")


def find_drawing(page: str) -> str:
    return re.search(r'<svg[^>]*role="img".*?</svg>', page, re.DOTALL)[0]


def count_marks(page: str) -> dict[str, int]:
    """How many sites are marked as known and as new: each has its name as its title."""
    svg = ET.fromstring(find_drawing(page))  # noqa: S314
    return {
        kind: len(svg.findall(f".//{SVG}g[@class='map-{kind}']/*/{SVG}title"))
        for kind in ("known", "new")
    }


def read_words(svg: str) -> set[str]:
    return {*ET.fromstring(svg).itertext()}  # noqa: S314


class TestOnAPage:
    def test_the_home_page_marks_each_labelled_site(self, network, as_reader):
        SiteFactory(name="PIMMS candidat", longitude=2, latitude=47)

        page = as_reader.get("/").text

        assert count_marks(page) == {"known": 40, "new": 13}
        assert "<title>PIMMS Nîmes</title>" in page
        assert "PIMMS candidat" not in find_drawing(page)
        assert "<p>Contours\u00a0: IGN, Admin Express 2018, Licence Ouverte.</p>" in page

    def test_that_of_a_wave_marks_its_own_sites_as_new(self, network, as_reader):
        wave = LabellingWave.objects.get(slug="fevrier-2020")

        page = as_reader.get(locate("labellingwave_sites", wave.pk)).text

        assert count_marks(page) == {"known": 33, "new": 7}
        assert "Situation arrêtée au 1er\u00a0février 2020." in page

    def test_it_is_one_picture_that_is_read_aloud(self, network, as_reader):
        page = as_reader.get("/").text

        assert page.count('role="img"') == 1
        assert 'aria-labelledby="map-title" aria-describedby="map-words"' in page
        assert '<title id="map-title">Carte des PIMMS labellisés France Services</title>' in page
        assert "53\u00a0sites labellisés dont 13\u00a0nouveaux\u00a0: Auvergne-Rhône-Alpes" in page

    def test_it_leads_to_its_files(self, autumn, as_reader):
        for page, name, args in (
            ("/", "site_map", ()),
            (locate("labellingwave_sites", autumn.pk), "labellingwave_map", (autumn.pk,)),
        ):
            shown = as_reader.get(page).text
            for picture, kind in (("svg", "image/svg+xml"), ("png", "image/png")):
                address = re.escape(locate(name, *args, picture))
                [found] = re.findall(rf'href="({address}[^"]*)"', shown)
                assert as_reader.get(unescape(found))["Content-Type"] == kind

    def test_as_a_file_has_its_title_above_and_says_whose_it_is(self, autumn, as_reader):
        for page in ("/", locate("labellingwave_sites", autumn.pk)):
            [file] = re.findall(r'href="([^"]*/map/svg/[^"]*)"', as_reader.get(page).text)

            svg = ET.fromstring(as_reader.get(unescape(file)).text)  # noqa: S314

            words = [text.text for text in svg.findall(f"{SVG}text")]
            assert words[0] == "Carte des PIMMS labellisés France Services"
            assert "Source\u00a0: Union nationale des PIMMS." in words
            assert sum("Carte des PIMMS" in (said or "") for said in words) == 1
            assert svg.get("viewBox").startswith("0 -32 480 ")

    def test_of_another_moment_marks_what_came_since(self, network, as_reader):
        page = as_reader.get("/?at_wave=fevrier-2020&since_wave=janvier-2020").text

        assert count_marks(page) == {"known": 33, "new": 7}
        [file] = re.findall(r'href="([^"]*/map/svg/[^"]*)"', page)
        assert count_marks(as_reader.get(unescape(file)).text) == {"known": 33, "new": 7}

    @pytest.mark.parametrize("query", ["at=nonsense", "since=2020-02-30", "at=1871-05-28"])
    def test_of_no_moment_is_none(self, query, network, as_reader):
        assert as_reader.get(f"{locate('site_map', 'svg')}?{query}").status_code == 404

    def test_there_is_none_where_there_is_nothing_to_mark(self, db, as_reader):
        wave = WaveFactory()

        assert 'class="map"' not in as_reader.get("/").text
        assert 'class="map"' not in as_reader.get(locate("labellingwave_sites", wave.pk)).text

    def test_it_is_not_shown_without_the_right_to_see_sites(self, network):
        user = UserFactory()
        user.user_permissions.add(Permission.objects.get(codename="view_labellingwave"))

        assert 'class="map"' not in signed_in(user).get("/").text

    def test_a_name_is_no_markup(self, db, as_reader):
        SiteFactory(labelled=True, name="<b>PIMMS</b>", longitude=4.36, latitude=43.84)

        page = as_reader.get("/").text

        assert "<title>&lt;b&gt;PIMMS&lt;/b&gt;</title>" in page
        assert "<b>PIMMS" not in page

    def test_of_many_sites_departments_are_tinted(self, network, as_reader):
        gard, wave = Site.objects.get(name="PIMMS Nîmes").department, WaveFactory()
        Site.objects.bulk_create(
            Site(name=f"Site {number}", department=gard, wave=wave, longitude=4.4, latitude=43.8)
            for number in range(MOST_MARKS)
        )

        page = as_reader.get("/").text

        assert count_marks(page) == {"known": 0, "new": 0}
        assert "453\u00a0sites par département" in page

    def test_the_page_of_a_wave_asks_no_more_for_more_sites(self, autumn, as_reader):
        address = locate("labellingwave_sites", autumn.pk)
        as_reader.get(address)
        with CaptureQueriesContext(connection) as few:
            as_reader.get(address)
        for _ in range(20):
            SiteFactory(wave=autumn, longitude=4.4, latitude=43.8)

        with CaptureQueriesContext(connection) as many:
            page = as_reader.get(address).text

        assert count_marks(page)["new"] == 33
        assert len(many) == len(few)


class TestFiles:
    def test_the_drawing_of_today_bears_its_date_and_its_credit(self, network, as_reader):
        answer = as_reader.get(locate("site_map", "svg"))

        today = timezone.localdate()
        assert answer["Content-Type"] == "image/svg+xml"
        assert answer["Content-Disposition"] == (
            f'attachment; filename="carte-pimms-labellises-{today}.svg"'
        )
        assert count_marks(answer.text) == {"known": 40, "new": 13}
        assert "Contours\u00a0: IGN, Admin Express 2018, Licence Ouverte." in read_words(
            answer.text
        )

    def test_that_of_a_wave_says_which_one_and_stands_at_its_day(self, autumn, as_reader):
        site = Site.objects.get(name="PIMMS Nîmes")
        site.withdrawn_on, site.withdrawal_reason = date(2021, 3, 1), "closed"
        site.save()

        answer = as_reader.get(locate("labellingwave_map", autumn.pk, "svg"))

        assert answer["Content-Disposition"] == (
            'attachment; filename="carte-pimms-automne-2020.svg"'
        )
        assert count_marks(answer.text) == {"known": 40, "new": 13}
        new = "Nouveaux\u00a0: ceux de la vague Automne 2020."
        words = read_words(answer.text)
        assert f"Situation arrêtée au 14\u00a0octobre 2020. {new}" in words
        assert count_marks(as_reader.get(locate("site_map", "svg")).text)["known"] == 39

    @pytest.mark.parametrize("name", ["site_map", "labellingwave_map"])
    def test_in_points_it_is_2000_pixels_wide(self, name, autumn, as_reader):
        args = (autumn.pk,) if name == "labellingwave_map" else ()

        answer = as_reader.get(locate(name, *args, "png"))

        width, height = (
            int.from_bytes(part)
            for part in (answer.content[PIXELS][:4], answer.content[PIXELS][4:])
        )
        assert answer["Content-Type"] == "image/png"
        assert answer["Content-Disposition"].endswith('.png"')
        assert answer.content.startswith(b"\x89PNG")
        assert width == 2000
        assert 2000 < height < 3000

    def test_its_words_are_in_the_points(self, network, as_reader):
        """Of a font that is not found, nothing is drawn."""
        svg = as_reader.get(locate("site_map", "svg")).text

        made = rasterise(svg)
        rasterise.cache_clear()
        assert rasterise(svg) == made
        assert rasterise(svg) != rasterise(svg.replace("Contours", ""))

    def test_there_is_no_other_format(self, autumn, as_reader):
        assert as_reader.get(locate("site_map", "gif")).status_code == 404
        assert as_reader.get(locate("labellingwave_map", autumn.pk, "gif")).status_code == 404

    def test_who_may_not_see_sites_gets_none(self, autumn):
        user = UserFactory()
        user.user_permissions.add(Permission.objects.get(codename="view_labellingwave"))
        client = signed_in(user)

        assert client.get(locate("site_map", "svg")).status_code == 403
        assert client.get(locate("labellingwave_map", autumn.pk, "svg")).status_code == 403

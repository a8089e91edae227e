"""The map of a day and of a wave: which sites it has, which of them are new, and what it says."""

from datetime import date
from xml.etree import ElementTree as ET

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from labelling.figures import make_situation
from labelling.models import LabellingWave, Site
from labelling.pictures.contours import load_contours
from labelling.pictures.map import MOST_MARKS, draw_map
from labelling.press_release import network_map
from labelling.press_release.network_map import compose_map
from tests.factories import DepartmentFactory, RegionFactory, SiteFactory, WaveFactory

OCTOBER = date(2020, 10, 14)
NIMES = {"longitude": 4.36, "latitude": 43.84}


def list_new(drawn) -> set[str]:
    return {mark.name for mark in drawn.marks if mark.is_new}


def count_drawn(drawn) -> tuple[int, int]:
    """How many marks of sites the SVG has: known ones, and new ones."""
    svg = ET.fromstring(draw_map(drawn))  # noqa: S314
    tags = [child.tag for child in svg.iter() if child.find("{*}title") is not None]
    return tags.count("{http://www.w3.org/2000/svg}circle"), tags.count(
        "{http://www.w3.org/2000/svg}path"
    )


class TestMapOfDay:
    def test_of_october_2020_marks_the_53_sites_the_13_of_autumn_as_new(self, network):
        drawn = compose_map(make_situation(OCTOBER))

        assert count_drawn(drawn) == (40, 13)
        assert (drawn.known, drawn.new) == (
            "40\u00a0sites déjà labellisés",
            "13\u00a0nouveaux sites",
        )
        assert drawn.title == "Carte des PIMMS labellisés France Services"
        new = "Nouveaux\u00a0: ceux de la vague Automne 2020."
        assert drawn.foot == (
            f"{drawn.title}. Situation arrêtée au 14\u00a0octobre 2020. {new}",
            "Un point par site\u202f; les points trop proches sont écartés.",
            "Contours\u00a0: IGN, Admin Express 2018, Licence Ouverte.",
        )

    def test_is_read_aloud_with_its_numbers_by_region(self, network):
        spoken = compose_map(make_situation(OCTOBER)).description.replace("\u00a0", " ")

        assert spoken == (
            "Situation arrêtée au 14 octobre 2020. 53 sites labellisés dont 13 nouveaux : "
            "Auvergne-Rhône-Alpes, 16 sites dont 8 nouveaux\u202f; "
            "Bourgogne-Franche-Comté, 4 sites dont 1 nouveau\u202f; Bretagne, 5 sites\u202f; "
            "Centre-Val de Loire, 2 sites\u202f; Grand Est, 2 sites dont 1 nouveau\u202f; "
            "Hauts-de-France, 4 sites\u202f; Île-de-France, 14 sites dont 2 nouveaux\u202f; "
            "Nouvelle-Aquitaine, 2 sites\u202f; Occitanie, 4 sites dont 1 nouveau."
        )

    def test_new_is_what_was_not_labelled_on_the_day_compared(self, network):
        drawn = compose_map(make_situation(OCTOBER), make_situation(date(2020, 1, 31)))

        assert count_drawn(drawn) == (33, 20)
        assert drawn.new == "20\u00a0nouveaux sites"
        assert drawn.foot[0].endswith(" Nouveaux\u00a0: depuis le 31\u00a0janvier 2020.")

    def test_a_label_that_ended_or_is_still_to_come_is_not_on_it(self, network):
        site = Site.objects.get(name="PIMMS Nîmes")
        site.withdrawn_on, site.withdrawal_reason = date(2021, 3, 1), "closed"
        site.save()

        assert len(compose_map(make_situation(date(2021, 2, 28))).marks) == 53
        assert len(compose_map(make_situation(date(2021, 3, 1))).marks) == 52
        assert len(compose_map(make_situation(date(2020, 8, 31))).marks) == 40

    def test_says_how_many_have_no_position(self, db):
        SiteFactory(labelled=True, **NIMES)
        SiteFactory(labelled=True)
        assert (
            "1\u00a0site n’y est pas, faute de position dans sa fiche."
            in compose_map(make_situation(OCTOBER)).foot
        )

        SiteFactory(labelled=True)
        drawn = compose_map(make_situation(OCTOBER))
        assert "2\u00a0sites n’y sont pas, faute de position dans leur fiche." in drawn.foot
        assert drawn.new == "3\u00a0nouveaux sites"
        assert drawn.known == ""

    def test_of_an_empty_base_says_so(self, db):
        drawn = compose_map(make_situation(OCTOBER))

        assert (
            drawn.description == "Situation arrêtée au 14\u00a0octobre 2020. 0\u00a0site labellisé."
        )
        assert count_drawn(drawn) == (0, 0)

    def test_of_more_sites_than_it_can_mark_is_tinted_by_their_number(self, db):
        wave, gard = WaveFactory(), DepartmentFactory()
        paris = DepartmentFactory(
            code="75", name="Paris", region=RegionFactory(code="11", name="Île-de-France")
        )
        sites = [
            Site(name=f"PIMMS {number}", department=paris if number % 4 else gard, wave=wave)
            for number in range(MOST_MARKS + 4)
        ]
        Site.objects.bulk_create(sites)

        drawn = compose_map(make_situation(OCTOBER))

        assert drawn.counts == {"75": 303, "30": 101}
        assert (drawn.known, drawn.new) == ("404\u00a0sites par département", "")
        assert count_drawn(drawn) == (0, 0)
        assert drawn.foot[1] == "Plus un département a de sites, plus il est foncé."

    @pytest.mark.parametrize("count", [53, 20_000])
    def test_its_legend_leaves_the_drawing_its_place(self, count):
        """Of the longest words that it may have."""
        for words in network_map._word_legend(count, 0) + network_map._word_legend(count, 13):
            assert len(words) <= 28

    def test_its_queries_do_not_grow_with_its_sites(self, network):
        with CaptureQueriesContext(connection) as few:
            compose_map(make_situation(OCTOBER))
        for _ in range(20):
            SiteFactory(labelled=True, **NIMES)

        with CaptureQueriesContext(connection) as many:
            compose_map(make_situation(OCTOBER))

        assert len(many) == len(few)


class TestMapOfWave:
    @pytest.mark.parametrize(
        ("slug", "drawn", "day"),
        [
            ("automne-2020", (40, 13), "14\u00a0octobre 2020"),
            ("fevrier-2020", (33, 7), "1er\u00a0février 2020"),
            ("janvier-2020", (0, 33), "1er\u00a0janvier 2020"),
        ],
    )
    def test_has_the_sites_of_its_list_its_own_new(self, network, slug, drawn, day):
        wave = LabellingWave.objects.get(slug=slug)

        made = compose_map(make_situation(wave))

        assert count_drawn(made) == drawn
        assert list_new(made) == {site.name for site in Site.objects.new_in(wave)}
        assert f"Situation arrêtée au {day}. Nouveaux" in made.foot[0]
        assert made.foot[0].endswith(f"\u00a0: ceux de la vague {wave.name}.")

    def test_its_departments_are_tinted_where_the_sites_stand(self, network):
        """The three of Saint-Étienne are in Loire, under Isère in the records."""
        drawn = compose_map(make_situation(LabellingWave.objects.get(slug="automne-2020")))

        assert drawn.counts["38"] == 6
        assert "42" not in drawn.counts
        svg = ET.fromstring(draw_map(drawn))  # noqa: S314
        tinted = {path.get("d") for path in svg.iterfind(".//{*}g[@class='map-tint']/{*}path")}
        assert load_contours()["France"]["departments"]["42"] in tinted

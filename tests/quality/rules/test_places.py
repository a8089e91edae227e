"""The rules of where a site is: its department against its commune, postcode and position."""

from datetime import date

import pytest

from labelling.models import Department, Site
from labelling.quality.contours import is_known_inside, number_square
from labelling.quality.rules import find_all, places
from labelling.quality.rules.places import find_positions_abroad
from tests.factories import DepartmentFactory, RegionFactory, SiteFactory

pytestmark = pytest.mark.django_db

NAMES = {
    "13": "Bouches-du-Rhône",
    "17": "Charente-Maritime",
    "27": "Eure",
    "29": "Finistère",
    "30": "Gard",
    "34": "Hérault",
    "38": "Isère",
    "42": "Loire",
    "74": "Haute-Savoie",
    "75": "Paris",
    "76": "Seine-Maritime",
    "83": "Var",
    "88": "Vosges",
    "92": "Hauts-de-Seine",
    "2A": "Corse-du-Sud",
    "2B": "Haute-Corse",
    "971": "Guadeloupe",
    "974": "La Réunion",
}


def find(rule, sites):
    return find_all(sites, date(2026, 11, 1), rule)[rule]


@pytest.fixture(autouse=True)
def departments(db):
    region = RegionFactory()
    for code, name in NAMES.items():
        DepartmentFactory(code=code, name=name, region=region)


class TestContradictedDepartments:
    def test_finds_saint_etienne_in_isere(self):
        site = SiteFactory(department__code="38", commune="Saint-Étienne", commune_code="42218")

        (finding,) = find("Q002", Site.objects.all())

        assert (finding.rule, finding.record, finding.field) == ("Q002", site, "department")
        assert finding.sentence == (
            "Le code commune dit Loire. 42218 (Saint-Étienne) est une commune du département Loire "
            "(42)\u202f; la fiche dit Isère (38). Vérifiez l’adresse, puis corrigez l’un des deux."
        )

    def test_says_how_far_its_position_is(self):
        position = {"latitude": 45.439, "longitude": 4.387}
        SiteFactory(department__code="38", commune_code="42218", **position)

        (finding,) = find("Q002", Site.objects.all())

        assert finding.evidence.endswith("Sa position est à 28\u00a0km de ce département.")

    @pytest.mark.parametrize(
        ("code", "commune", "named"),
        [
            ("2A", "2B033", "Haute-Corse (2B)"),
            ("38", "97105", "Guadeloupe (971)"),
            ("971", "2A004", "Corse-du-Sud (2A)"),
        ],
    )
    def test_knows_corsica_and_overseas(self, code, commune, named):
        SiteFactory(department__code=code, commune_code=commune)

        (finding,) = find("Q002", Site.objects.all())

        assert f"du département {named}\u202f; la fiche dit" in finding.sentence

    @pytest.mark.parametrize(
        ("code", "commune"),
        [("42", "42218"), ("2A", "2A004"), ("971", "97105"), ("38", ""), ("38", "98735")],
    )
    def test_finds_nothing_where_they_agree_or_the_code_is_of_no_department(self, code, commune):
        SiteFactory(department__code=code, commune_code=commune)

        assert not find("Q002", Site.objects.all())

    def test_counts_and_words_all_sites_in_four_queries(self, django_assert_num_queries):
        SiteFactory.create_batch(20, department__code="38", commune_code="42218")

        with django_assert_num_queries(4):
            found = find("Q002", Site.objects.all())
            assert len(found) == 20
        with django_assert_num_queries(4):
            worded = [*found[:9]]

        assert len({finding.record.pk for finding in worded}) == 9


def place(code, latitude, longitude, **values):
    position = {"latitude": latitude, "longitude": longitude}
    return SiteFactory(department__code=code, **position, **values)


class TestPositionsOutside:
    def test_finds_the_bus_of_eure_that_stands_in_rouen(self):
        site = place("27", 49.4351, 1.0984)

        (finding,) = find("Q006", Site.objects.all())

        assert (finding.rule, finding.record, finding.field) == ("Q006", site, "latitude")
        assert finding.sentence == (
            "La position est hors du département. 49,435\u202f; 1,098\u00a0: dans le département "
            "Seine-Maritime, à 11\u00a0km du département Eure (27). Vérifiez l’adresse, puis "
            "corrigez la position ou le département."
        )

    def test_says_that_it_is_in_none(self):
        place("17", 46.0, -2.0)

        (finding,) = find("Q006", Site.objects.all())

        assert "\u00a0: dans aucun département, à " in finding.evidence

    @pytest.mark.parametrize(
        ("code", "latitude", "longitude"),
        [
            ("42", 45.4397, 4.3872),
            ("2A", 41.9267, 8.7369),
            ("971", 16.2333, -61.5267),
            ("971", 15.8669, -61.585),
            ("29", 48.4589, -5.0961),
            ("17", 45.99, -1.096),
        ],
        ids=["Saint-Étienne", "Ajaccio", "Pointe-à-Pitre", "Les Saintes", "Ouessant", "Fouras"],
    )
    def test_finds_nothing_within_nor_by_the_sea(self, code, latitude, longitude):
        place(code, latitude, longitude)

        assert not find("Q006", Site.objects.all())

    def test_leaves_to_the_commune_what_it_says_already(self):
        place("38", 45.4397, 4.3872, commune_code="42218")

        assert not find("Q006", Site.objects.all())

    def test_counts_all_sites_in_four_queries_and_words_them_in_two(
        self, django_assert_num_queries
    ):
        for number in range(20):
            place("27", 49.4351, 1.0984, name=f"PIMMS {number}")

        with django_assert_num_queries(4):
            found = find("Q006", Site.objects.all())
            assert len(found) == 20
        with django_assert_num_queries(2):
            worded = [*found[:9]]

        assert len({finding.record.pk for finding in worded}) == 9

    def test_finds_what_moves_out_of_a_place_that_is_known(self):
        """Squares that are all within a department are read no more: of that department."""
        site = place("42", 45.4397, 4.3872)
        assert not find("Q006", Site.objects.all())
        assert is_known_inside("42", number_square(4.3872, 45.4397))

        site.department = Department.objects.get(code="38")
        site.save()
        (of_another,) = find("Q006", Site.objects.all())
        site.department, site.longitude = Department.objects.get(code="42"), 5.7
        site.save()
        (elsewhere,) = find("Q006", Site.objects.all())

        assert of_another.evidence.endswith("du département Isère (38).")
        assert "4,387" in of_another.evidence
        assert "5,700" in elsewhere.evidence

    def test_forgets_what_it_knew_where_a_code_is_of_another_department(self):
        place("42", 45.4397, 4.3872)
        for _ in range(2):
            assert not find("Q006", Site.objects.all())

        for code, other in (("42", "-"), ("38", "42"), ("-", "38")):
            Department.objects.filter(code=code).update(code=other)

        (found,) = find("Q006", Site.objects.all())
        assert found.evidence.endswith("du département Loire (38).")

    def test_finds_no_other_where_few_places_are_remembered(self, monkeypatch):
        monkeypatch.setattr(places, "MOST_SQUARES", 2)
        for number in range(4):
            place("42", 45.4397 + number / 50, 4.3872, name=f"PIMMS {number}")
        outside = place("38", 45.4397, 4.3872)

        for _ in range(3):
            assert [*find("Q006", Site.objects.all()).keys] == [outside.pk]

    @pytest.mark.parametrize(
        ("latitude", "longitude"),
        [
            (45.4397 + 180, 4.3872),
            (45.4397, 4.3872 + 360),
            (-1e300, 1e300),
            (1.7e308, -1.7e308),
            (90, 180),
            (-90, -180),
        ],
    )
    def test_of_no_place_at_all_is_of_no_department(self, latitude, longitude):
        place("42", 45.4397, 4.3872)
        assert not find("Q006", Site.objects.all())
        nowhere = place("42", latitude, longitude)

        assert not find("Q006", Site.objects.all())
        assert not find("Q006", Site.objects.filter(pk=nowhere.pk))
        (finding,) = find_positions_abroad(Site.objects.all())

        assert finding.record == nowhere


class TestPositionsAbroad:
    @pytest.mark.parametrize(
        ("latitude", "longitude", "sentence"),
        [
            (
                4.3872,
                45.4397,
                (
                    "La latitude et la longitude sont inversées. La fiche dit 4,387\u202f; 45,440. "
                    "Écrivez l’une à la place de l’autre."
                ),
            ),
            (
                0,
                0,
                (
                    "La position a un zéro. La fiche dit 0,000\u202f; 0,000. Corrigez-la, ou "
                    "effacez les deux nombres."
                ),
            ),
            (
                40.4168,
                -3.7038,
                (
                    "La position n’est pas en France. La fiche dit 40,417\u202f; -3,704. "
                    "Corrigez-la, ou effacez les deux nombres."
                ),
            ),
        ],
        ids=["swapped", "null", "Madrid"],
    )
    def test_finds_one_that_is_not_in_france(self, latitude, longitude, sentence):
        site = place("42", latitude, longitude)

        (finding,) = find_positions_abroad(Site.objects.all())

        assert (finding.rule, finding.record, finding.field) == ("Q007", site, "latitude")
        assert finding.sentence == sentence
        assert not find("Q006", Site.objects.all())

    @pytest.mark.parametrize(
        ("code", "latitude", "longitude"),
        [("75", 48.85, 2.35), ("974", -21.1, 55.5), ("42", None, None)],
    )
    def test_finds_nothing_in_france_nor_without_a_position(self, code, latitude, longitude):
        place(code, latitude, longitude)

        assert not find_positions_abroad(Site.objects.all())


class TestContradictedPostcodes:
    def test_finds_one_of_the_vosges_in_var(self):
        site = SiteFactory(department__code="83", postcode="88230")

        (finding,) = find("Q008", Site.objects.all())

        assert (finding.rule, finding.record, finding.field) == ("Q008", site, "postcode")
        assert finding.sentence == (
            "Le code postal n’est pas du département. 88230 est du département Vosges "
            "(88)\u202f; la fiche dit Var (83). Vérifiez l’adresse, puis corrigez l’un des deux."
        )

    @pytest.mark.parametrize(
        ("code", "postcode", "where"),
        [
            ("2A", "20200", "est du département Haute-Corse (2B)"),
            ("2B", "20167", "est du département Corse-du-Sud (2A)"),
            ("974", "97110", "est du département Guadeloupe (971)"),
            ("42", "00100", "est d’aucun département"),
            ("42", "01200", "est d’aucun département"),
        ],
    )
    def test_knows_corsica_overseas_and_what_is_none(self, code, postcode, where):
        SiteFactory(department__code=code, postcode=postcode)

        (finding,) = find("Q008", Site.objects.all())

        assert f"{postcode} {where}" in finding.evidence

    @pytest.mark.parametrize(
        ("code", "postcode"),
        [
            ("42", "42000"),
            ("2A", "20090"),
            ("2B", "20600"),
            ("2A", "20970"),
            ("974", "97400"),
            ("42", ""),
            ("74", "01200"),
            ("83", "13780"),
        ],
    )
    def test_finds_nothing_where_they_agree_or_the_post_comes_from_elsewhere(self, code, postcode):
        SiteFactory(department__code=code, postcode=postcode)

        assert not find("Q008", Site.objects.all())

    def test_leaves_to_the_commune_what_it_says_already(self):
        SiteFactory(department__code="38", commune_code="42218", postcode="42000")

        assert not find("Q008", Site.objects.all())

"""Which record a line speaks of: the State's number, the name in the department, or a question."""

import pytest

from labelling.choices import Match
from labelling.spreadsheets.runs import repairs
from labelling.spreadsheets.runs.rights import ImportRefused
from tests.factories import DepartmentFactory, RegionFactory, SiteFactory
from tests.spreadsheets.prepared import prepared, row

pytestmark = pytest.mark.django_db

HEADINGS = "Numéro France Services;Nom;Département"


@pytest.fixture
def loire(db):
    region = RegionFactory(code="84", name="Auvergne-Rhône-Alpes")
    return DepartmentFactory(code="42", name="Loire", region=region)


class TestTheStatesNumber:
    def test_finds_the_site_whatever_its_name_and_department(self, loire):
        site = SiteFactory(name="PIMMS Saint-Chamond", france_services_id="875")

        run = prepared(HEADINGS, "875;PIMMS Gier;Loire")

        found = row(run, 2)
        assert (found.record_id, found.matched_by) == (site.pk, Match.STATE_ID)
        assert found.after == {"name": "PIMMS Gier", "department_id": loire.pk}

    def test_comes_before_the_name(self, loire):
        SiteFactory(name="PIMMS Ouest", france_services_id="1", department=loire)
        other = SiteFactory(name="PIMMS Est", france_services_id="2", department=loire)

        run = prepared(HEADINGS, "2;PIMMS Ouest;Loire")

        assert row(run, 2).record_id == other.pk
        assert row(run, 2).state == "wrong"

    def test_with_the_name_of_a_site_elsewhere_is_a_question(self, loire):
        other = SiteFactory(name="PIMMS Ouest", france_services_id="1")
        site = SiteFactory(name="PIMMS Est", france_services_id="2", department=loire)

        run = prepared(HEADINGS, "2;PIMMS Ouest;Loire")

        assert (row(run, 2).state, row(run, 2).candidates) == ("which", [site.pk, other.pk])

    def test_with_nothing_else_of_its_site_is_a_question(self, loire):
        site = SiteFactory(
            name="PIMMS Nîmes", france_services_id="2", commune="Nîmes", commune_code="30189"
        )
        headings = "Numéro France Services;Nom;Département;Commune"

        run = prepared(headings, "2;PIMMS Gier;Loire;Rive-de-Gier", "2;PIMMS Gier;Loire;Nîmes")

        assert (row(run, 2).state, row(run, 2).candidates) == ("which", [site.pk])
        assert row(run, 3).record_id == site.pk

    def test_of_a_label_that_ended_is_a_question(self, db):
        ended = SiteFactory(name="PIMMS Nîmes", france_services_id="180", ended=True)

        run = prepared(HEADINGS, "180;PIMMS Nîmes;30")

        assert (row(run, 2).state, row(run, 2).record_id) == ("wrong", ended.pk)

    @pytest.mark.parametrize("number", ["temp_41", "TEMP_41"])
    def test_that_is_temporary_recognises_nothing_and_is_not_kept(self, number):
        DepartmentFactory()

        run = prepared(HEADINGS, f"{number};PIMMS Nîmes;30")

        assert row(run, 2).state == "new"
        assert "france_services_id" not in row(run, 2).after

    def test_that_is_temporary_takes_no_number_away(self, db):
        site = SiteFactory(name="PIMMS Nîmes", france_services_id="180")

        run = prepared(HEADINGS, "temp_41;PIMMS Nîmes;30")

        assert (row(run, 2).state, row(run, 2).record_id) == ("unchanged", site.pk)


class TestAName:
    @pytest.mark.parametrize(
        "name",
        ["PIMMS Nîmes - Ouest", "pimms  NIMES ouest", "PIMMS Nîmes–Ouest", "Pimms Nîmes, Ouest"],
    )
    def test_is_found_whatever_its_spelling(self, name):
        site = SiteFactory(name="PIMMS Nîmes - Ouest")

        run = prepared("Nom;Département", f'"{name}";30')

        assert (row(run, 2).record_id, row(run, 2).matched_by) == (site.pk, Match.NAME)

    def test_may_be_the_states(self, db):
        site = SiteFactory(name="PIMMS Nîmes", state_name="France services Pimms Nîmes")

        run = prepared("Nom selon l’État;Département", "FRANCE SERVICES Pimms Nimes;30")

        assert row(run, 2).record_id == site.pk

    def test_of_a_site_without_number_receives_the_files(self, db):
        SiteFactory(name="PIMMS Nîmes")

        run = prepared(HEADINGS, "180;PIMMS Nîmes;30")

        assert row(run, 2).after == {"france_services_id": "180"}

    def test_of_another_department_is_a_question(self, loire):
        elsewhere = SiteFactory(name="PIMMS La Cotonne")

        run = prepared("Nom;Département", "PIMMS La Cotonne;Loire")

        assert (row(run, 2).state, row(run, 2).candidates) == ("which", [elsewhere.pk])

    def test_of_two_sites_of_the_department_is_a_question(self, db):
        one = SiteFactory(name="PIMMS Nîmes")
        two = SiteFactory(name="PIMMS Nîmes Est", state_name="PIMMS Nîmes")

        run = prepared("Nom;Département", "PIMMS Nîmes;30")

        assert row(run, 2).state == "which"
        assert sorted(row(run, 2).candidates or ()) == [one.pk, two.pk]

    def test_of_a_label_that_ended_is_a_question(self, db):
        ended = SiteFactory(name="PIMMS Nîmes", ended=True)

        run = prepared("Nom;Département", "PIMMS Nîmes;30")

        assert (row(run, 2).state, row(run, 2).record_id) == ("wrong", ended.pk)

    def test_of_a_label_that_ended_with_another_number_is_a_new_site(self, db):
        SiteFactory(name="PIMMS Nîmes", france_services_id="180", ended=True)

        run = prepared(HEADINGS, "181;PIMMS Nîmes;30")

        assert row(run, 2).state == "new"


class TestAnUnknownNumber:
    def test_is_a_new_site(self, db):
        SiteFactory(name="PIMMS Nîmes", france_services_id="180")

        run = prepared(HEADINGS, "999;PIMMS Nîmes Est;30")

        assert row(run, 2).state == "new"

    def test_is_a_question_where_a_similar_site_has_no_number(self, db):
        similar = SiteFactory(name="PIMMS Nîmes")
        SiteFactory(name="PIMMS Uzès")

        run = prepared(HEADINGS, "999;Pimms Médiation de Nîmes;30")

        assert (row(run, 2).state, row(run, 2).candidates) == ("which", [similar.pk])

    @pytest.mark.parametrize(
        ("ours", "theirs", "state"),
        # Three letters of four are alike enough; four of five and six are not.
        [("PIMMS Alès", "PIMMS Alos", "which"), ("PIMMS Nîmes", "PIMMS Nîmois", "new")],
    )
    def test_is_a_question_where_the_names_are_alike_enough(self, ours, theirs, state):
        SiteFactory(name=ours)

        run = prepared(HEADINGS, f"999;{theirs};30")

        assert row(run, 2).state == state

    @pytest.mark.parametrize(
        ("name", "commune"), [("PIMMS itinérant", "VAUVERT"), ("PIMMS de Vauvert", "")]
    )
    def test_is_a_question_where_a_site_of_that_commune_has_no_number(self, name, commune):
        there = SiteFactory(name="PIMMS mobile", commune="Vauvert")
        SiteFactory(name="PIMMS Est", commune="Uzès")

        run = prepared(f"{HEADINGS};Commune", f"999;{name};30;{commune}")

        assert (row(run, 2).state, row(run, 2).candidates) == ("which", [there.pk])

    def test_once_answered_is_that_site(self, db):
        similar = SiteFactory(name="PIMMS Nîmes")
        run = prepared(HEADINGS, "999;PIMMS Nîmes Centre;30")

        answered = repairs.choose_record(run, None, row(run, 2).pk, similar.pk)

        assert (answered.state, answered.matched_by) == ("changed", Match.PERSON)
        assert answered.after == {"name": "PIMMS Nîmes Centre", "france_services_id": "999"}

    def test_once_answered_is_a_new_site(self, db):
        SiteFactory(name="PIMMS Nîmes")
        run = prepared(HEADINGS, "999;PIMMS Nîmes Centre;30")

        answered = repairs.choose_record(run, None, row(run, 2).pk, None)

        assert (answered.state, answered.record_id) == ("new", None)

    def test_is_not_answered_with_a_record_that_is_gone(self, db):
        SiteFactory(name="PIMMS Nîmes")
        run = prepared(HEADINGS, "999;PIMMS Nîmes Centre;30")

        with pytest.raises(ImportRefused) as refused:
            repairs.choose_record(run, None, row(run, 2).pk, 404)

        assert str(refused.value) == "Cette fiche n’existe plus. Choisissez-en une autre."


class TestNamesThatAreAkin:
    @pytest.mark.parametrize(
        ("headings", "line"),
        [
            ("Nom;Département", "PIMMS Médiation Lyon - Bron;69"),
            ("Nom;Département;Commune", "PIMMS Bron;69;Bron"),
            ("Nom;Département", "France services Pimms de Lyon Bron;69"),
        ],
    )
    def test_are_a_question_and_no_second_site(self, headings, line):
        rhone = DepartmentFactory(code="69", name="Rhône")
        site = SiteFactory(name="PIMMS Lyon - Bron", department=rhone, commune="Bron")
        site.france_services_id = "12"
        site.save()

        run = prepared(headings, line)

        assert (row(run, 2).state, row(run, 2).candidates) == ("which", [site.pk])

    def test_are_none_where_a_word_differs(self):
        rhone = DepartmentFactory(code="69", name="Rhône")
        SiteFactory(name="PIMMS Lyon - Bron", department=rhone, commune="Bron")

        run = prepared("Nom;Département;Commune", "PIMMS Lyon - Duchère;69;Lyon")

        assert row(run, 2).state == "new"

    def test_in_full_need_no_department_where_one_site_has_them(self):
        site = SiteFactory(name="PIMMS Nîmes")

        run = prepared("Nom;Commune", "PIMMS Nîmes;Nîmes")

        assert row(run, 2).record_id == site.pk

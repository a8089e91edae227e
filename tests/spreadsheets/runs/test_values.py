"""What the cells of real lists say, and what of ours they may overwrite [issue 13]."""

from datetime import date

import pytest

from labelling.spreadsheets.runs import repairs
from tests.factories import DepartmentFactory, SiteFactory, WaveFactory
from tests.spreadsheets.prepared import prepared, problems, row, states

pytestmark = pytest.mark.django_db


@pytest.fixture
def gard():
    return DepartmentFactory()


@pytest.fixture
def february():
    return WaveFactory(name="Février 2020", slug="fevrier-2020", effective_on=date(2020, 2, 1))


class TestTheNumbersOfTheState:
    @pytest.mark.parametrize(("written", "stored"), [("0660", "660"), ("660", "0660")])
    def test_are_the_same_with_or_without_zeros_before_them(self, gard, written, stored):
        site = SiteFactory(name="PIMMS Nîmes", france_services_id=stored)

        run = prepared("Numéro France Services;Commune", f"{written};Nîmes")

        assert row(run, 2).record_id == site.pk
        assert row(run, 2).after == {"commune": "Nîmes"}

    def test_that_are_provisional_are_none_and_are_counted_once(self, gard):
        site = SiteFactory(name="PIMMS Nîmes", france_services_id="660")

        run = prepared(
            "id_fs;Nom;Département",
            "temp_41;PIMMS Nîmes;Gard",
            "temp_42;PIMMS Alès;Gard",
            "661;PIMMS Uzès;Gard",
        )

        assert (row(run, 2).record_id, row(run, 2).after) == (site.pk, {})
        assert states(run) == {2: "unchanged", 3: "new", 4: "new"}
        (remark,) = run.remarks
        assert remark == (
            "La colonne A, «\u00a0id_fs\u00a0», porte 2\u00a0numéros provisoires de l’État, comme "
            "«\u00a0temp_41\u00a0»\u00a0: ils valent une cellule vide."
        )

    def test_that_are_provisional_are_said_no_more_once_their_column_is_left_out(self, gard):
        run = prepared("id_fs;Nom;Département", "temp_41;PIMMS Nîmes;Gard")
        assert "1\u00a0numéro provisoire" in run.remarks[0]

        repairs.change_columns(run, None, {0: ("", False)})

        run.refresh_from_db()
        assert run.remarks == []


class TestWaves:
    @pytest.mark.parametrize(
        "written", ["févr-20", "févr. 2020", "01/02/20", "01/02/2020", "02/2020"]
    )
    def test_are_those_that_exist_however_they_are_written(self, gard, february, written):
        run = prepared("Nom;Département;Vague", f"PIMMS Nîmes;Gard;{written}")

        assert row(run, 2).after["wave_id"] == february.pk
        assert run.new_waves == []


class TestMarksOfNothing:
    @pytest.mark.parametrize("mark", ["-", "–", "NA", "nan", "NC", "N/C", "?", "@"])
    def test_change_nothing(self, gard, february, mark):
        SiteFactory(name="PIMMS Nîmes", commune="Nîmes", wave=february, postcode="30000")

        run = prepared(
            "Nom;Département;Commune;Vague;Code postal", f"PIMMS Nîmes;Gard;{mark};{mark};{mark}"
        )

        assert states(run) == {2: "unchanged"}

    def test_are_empty_where_a_value_is_needed(self, gard):
        run = prepared("Nom;Département", "PIMMS Nîmes;NC", "PIMMS Alès;-")

        assert [(p.value, p.reason) for p in problems(run, 2)] == [
            ("", "«\u00a0Département\u00a0» est à remplir pour une nouvelle fiche.")
        ]
        assert repairs.replace_value(run, None, 1, "", "Gard") == 2
        assert states(run) == {2: "new", 3: "new"}

    def test_empty_ours_where_empty_cells_do(self, gard):
        SiteFactory(name="PIMMS Nîmes", commune="Nîmes")
        run = prepared("Nom;Département;Commune", "PIMMS Nîmes;Gard;NC")

        repairs.change_columns(run, None, {2: ("commune", True)})

        assert row(run, 2).after == {"commune": ""}


class TestASiteThatMoves:
    """The State says so beside the format: a kind of place is proposed, and never taken."""

    HEADINGS = "Nom;Département;ITINERANCE;categorie;Code postal"

    @pytest.mark.parametrize(
        ("said", "is_proposed"),
        [
            ("Oui;", True),
            (";FS itinerante", True),
            ("Oui;Antenne itinerante", True),
            ("Non;FS", False),
            (";Antenne", False),
            (";", False),
        ],
    )
    def test_is_offered_a_kind_of_place(self, gard, said, is_proposed):
        run = prepared(self.HEADINGS, f"PIMMS Nîmes;Gard;{said};30000")

        found = row(run, 2)
        assert (found.state, found.after.get("format")) == ("new", None)
        offered = [value for p in found.problems for _, value in p.suggestions]
        assert offered == (["Bus ou équivalent", "Itinérant"] if is_proposed else [])

    def test_takes_it_in_one_answer(self, gard):
        run = prepared(self.HEADINGS, "PIMMS Nîmes;Gard;Oui;;30000")
        (remark,) = [remark for remark in run.remarks if "itinérant" in remark]
        assert remark == (
            "1\u00a0ligne dit un site itinérant, dont nous ne savons pas l’accueil du "
            "public\u00a0: il est proposé sur sa ligne."
        )

        repairs.edit_cells(run, None, row(run, 2).pk, {"format": "Itinérant"})

        assert row(run, 2).after["format"] == "itinerant"
        assert row(run, 2).problems == []

    def test_is_offered_nothing_where_ours_or_the_file_says_more(self, gard):
        SiteFactory(name="PIMMS Nîmes", format="bus")
        run = prepared(
            f"{self.HEADINGS};format_fs",
            "PIMMS Nîmes;Gard;Oui;;30000;",
            "PIMMS Alès;Gard;Oui;;30100;Bus_équivalent",
            "PIMMS Uzès;Gard;Oui;;30700;Multisite",
        )

        assert [row(run, number).problems for number in (2, 3, 4)] == [[], [], []]

    def test_is_no_line_to_correct(self, gard):
        run = prepared(self.HEADINGS, "PIMMS Nîmes;Gard;Oui;;300")

        assert [bad.value for bad in repairs.list_bad_values(run)] == ["300"]
        assert len(problems(run, 2)) == 2

"""The names to print that are made from the State's: in order, and spelled as we know places."""

import pytest

from labelling.spreadsheets.judging.printed_names import (
    is_put_in_order,
    list_spellings,
    make_printed_name,
)
from labelling.spreadsheets.runs import repairs
from tests.factories import DepartmentFactory, SiteFactory
from tests.spreadsheets.prepared import prepared, row, states

PLACES = ("Isère", "Haute-Vienne", "Seine-Saint-Denis", "Rillieux-la-Pape")
ISERE = "Numéro France Services;Nom selon l’État;Département;Commune"


class TestANameMadeFromTheStates:
    @pytest.mark.parametrize(
        ("state_name", "commune", "printed"),
        [
            # What every site has goes; what kind of place it is comes last.
            ("France services Pimms Médiation de Lens", "Lens", "PIMMS de Lens"),
            ("France services Pimms Médiation Arras", "Arras", "PIMMS Arras"),
            ("Bus France services Pimms Médiation Ambazac", "Ambazac", "PIMMS Ambazac - Bus"),
            ("Bus France services Pimms Médiation du Béthunois", "", "PIMMS du Béthunois - Bus"),
            ("Espace France Service PIMMS Nîmes", "", "PIMMS Nîmes"),
            ("Bus France services Pimms Médiation", "", "PIMMS - Bus"),
            # Accents and hyphens.
            (
                "Bus France services Pimms Médiation - Noisy Le Grand",
                "Noisy-le-Grand",
                "PIMMS Noisy-le-Grand - Bus",
            ),
            (
                "Bus France services Pimms Médiation de Saint Denis",
                "Saint-Denis",
                "PIMMS Saint-Denis - Bus",
            ),
            (
                "France services Pimms Médiation Mediation Isere - Vizille",
                "Vizille",
                "PIMMS Isère - Vizille",
            ),
            (
                "France services Pimms Médiation Lyon Métropole - Rillieux la Pape",
                "RILLIEUX LA PAPE",
                "PIMMS Lyon Métropole - Rillieux-la-Pape",
            ),
            (
                "France services Pimms Médiation Issy-l'Eveque",
                "Issy-l’Évêque",
                "PIMMS Issy-l’Évêque",
            ),
            (
                "France services Pimms Médiation Evry Cœur d'Essonne",
                "Évry-Courcouronnes",
                "PIMMS Évry Cœur d'Essonne",
            ),
            ("FRANCE SERVICES PIMMS MEDIATION NIMES", "Nîmes", "PIMMS Nîmes"),
            # A place does not go over a dash, nor from another place's spelling.
            ("France services Pimms Haute - Vienne", "", "PIMMS Haute - Vienne"),
            ("France services Pimms Montigny-les-Cormeiles", "", "PIMMS Montigny-les-Cormeiles"),
            # Codes.
            (
                "Bus France services Pimms Médiation Grenoble - QPV",
                "Grenoble",
                "PIMMS Grenoble - Bus",
            ),
            ("Bus France services Pimms Médiation ZR Grenoble", "Grenoble", "PIMMS Grenoble - Bus"),
            # Adjectives.
            (
                "France services Pimms Médiation itinérante Brest",
                "Brest",
                "PIMMS Brest - PIMMS itinérant",
            ),
            (
                "France services itinérante Pimms Médiation Rennes",
                "Rennes",
                "PIMMS Rennes - PIMMS itinérant",
            ),
            (
                "France services Pimms Médiation itinérante Sud de Morlaix",
                "Brest",
                "PIMMS Sud de Morlaix - PIMMS itinérant",
            ),
            (
                "France services multisites Pimms Médiation Melun",
                "Melun",
                "PIMMS Melun - PIMMS multisites",
            ),
            (
                "Bus itinérant France services Pimms Médiation Lorient",
                "Lorient",
                "PIMMS Lorient - Bus itinérant",
            ),
            # Of a place that is followed by another one.
            ("France services Pimms Médiation de Nice - Ariane", "Nice", "PIMMS Nice - Ariane"),
            ("Bus France services Pimms de La Clayette", "", "PIMMS de La Clayette - Bus"),
            # No brand is added.
            ("France services de Montargis", "Montargis", "Montargis"),
            ("France services", "", "France services"),
        ],
    )
    def test_reads_well(self, state_name, commune, printed):
        spellings = list_spellings(PLACES, commune)

        assert make_printed_name(state_name, spellings) == printed

    def test_says_its_code_in_words_in_full(self):
        state_name = "Bus France services Pimms Médiation Grenoble - ZR"

        made = make_printed_name(state_name, in_full=True)

        assert made == "PIMMS Grenoble - Bus (zones rurales)"

    @pytest.mark.parametrize(
        ("state_name", "is_so"),
        [
            ("France services Pimms Médiation de Bordeaux", False),
            ("Bus France services Pimms Médiation Sevran", False),
            ("Bus France services Pimms Médiation - Noisy Le Grand", True),
            ("Bus France services Pimms Médiation Grenoble - QPV", True),
            ("France services Pimms Médiation itinérante Brest", True),
        ],
    )
    def test_is_put_in_order_where_its_words_are_others(self, state_name, is_so):
        name = make_printed_name(state_name, list_spellings((), "Noisy-le-Grand"))

        assert is_put_in_order(state_name, name) is is_so


class TestTwoSitesThatACodeAloneTellsApart:
    LINES = (
        "1917;Bus France services Pimms Médiation Grenoble - QPV;38;Grenoble",
        "2057;Bus France services Pimms Médiation Grenoble - ZR;38;Grenoble",
    )

    @pytest.fixture
    def run(self, db):
        DepartmentFactory(code="38", name="Isère")
        return prepared(ISERE, *self.LINES)

    def test_have_two_names(self, run):
        assert states(run) == {2: "new", 3: "new"}
        assert row(run, 2).label == "PIMMS Grenoble - Bus"
        assert row(run, 3).label == "PIMMS Grenoble - Bus (zones rurales)"

    @pytest.mark.parametrize("number", [2, 3])
    def test_keep_them_when_one_is_judged_again(self, run, number):
        labels = [row(run, n).label for n in (2, 3)]

        repairs.edit_cells(run, None, row(run, number).pk, {3: "GRENOBLE"})

        assert [row(run, n).label for n in (2, 3)] == labels

    def test_have_none_that_a_site_of_ours_has(self, db):
        isere = DepartmentFactory(code="38", name="Isère")
        SiteFactory(name="PIMMS Grenoble - Bus", department=isere, france_services_id="12")

        run = prepared(ISERE, self.LINES[0])

        assert row(run, 2).label == "PIMMS Grenoble - Bus (quartiers prioritaires)"


class TestPlacesOfOurRecords:
    def test_are_spelled_as_there(self, db):
        rhone = DepartmentFactory(code="69", name="Rhône")
        SiteFactory(name="PIMMS Pape", department=rhone, commune="Rillieux-la-Pape")

        run = prepared(
            ISERE, "9;Bus France services Pimms Rillieux la pape;69;RILLIEUX", name="l.csv"
        )

        assert row(run, 2).after.get("name", row(run, 2).label) == "PIMMS Rillieux-la-Pape - Bus"

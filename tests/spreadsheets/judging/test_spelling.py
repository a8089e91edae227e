"""The spelling of a list beside ours: what only lacks our capitals, accents, hyphens is no news."""

import pytest

from labelling.choices import Match
from labelling.spreadsheets.runs import repairs
from tests.factories import SiteFactory
from tests.spreadsheets.prepared import prepared, row

pytestmark = pytest.mark.django_db

HEADINGS = "Numéro France Services;Nom;Adresse;Commune"


@pytest.fixture
def site():
    return SiteFactory(
        name="PIMMS Saint-Étienne",
        france_services_id="42",
        address="3, allée de l’Étang",
        commune="Saint-Étienne",
    )


class TestASpellingOfOthers:
    @pytest.mark.parametrize(
        "line",
        [
            "42;PIMMS SAINT ETIENNE;3 ALLEE DE L ETANG;SAINT ETIENNE",
            "42;Pimms Saint-Étienne;3 allée de l'étang;Saint Étienne",
            "42;PIMMS saint-etienne;3, Allée de l’Etang;saint-étienne",
        ],
    )
    def test_that_lacks_something_of_ours_changes_nothing(self, site, line):
        run = prepared(HEADINGS, line)

        assert (row(run, 2).state, row(run, 2).after) == ("unchanged", {})
        assert row(run, 2).matched_by == Match.STATE_ID
        assert run.remarks == []

    def test_that_has_other_words_is_a_change(self, site):
        run = prepared(HEADINGS, "42;PIMMS SAINT ETIENNE CENTRE;3 allée des Étangs;Saint-Étienne")

        assert row(run, 2).after == {
            "name": "PIMMS SAINT ETIENNE CENTRE",
            "address": "3 allée des Étangs",
        }

    @pytest.mark.parametrize(
        ("ours", "theirs"),
        [
            ("PIMMS SAINT ETIENNE", "PIMMS Saint Etienne"),
            ("PIMMS Saint-Etienne", "PIMMS Saint-Étienne"),
        ],
    )
    def test_that_is_richer_than_ours_is_a_change(self, ours, theirs):
        SiteFactory(name=ours, france_services_id="42")

        run = prepared(HEADINGS, f"42;{theirs};;")

        assert row(run, 2).after == {"name": theirs}

    def test_that_a_person_typed_over_is_meant(self, site):
        run = prepared(HEADINGS, "42;PIMMS SAINT ETIENNE;;")

        repairs.edit_cells(run, None, row(run, 2).pk, {1: "Pimms Saint Étienne"})

        assert row(run, 2).after == {"name": "Pimms Saint Étienne"}

    def test_in_our_own_download_is_meant(self, site):
        headings = "Nom;Clé (ne pas modifier);Version (ne pas modifier)"

        run = prepared(headings, f"PIMMS Saint Étienne;site-{site.pk};{site.version}")

        assert row(run, 2).after == {"name": "PIMMS Saint Étienne"}

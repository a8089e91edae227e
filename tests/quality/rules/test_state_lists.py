"""The rules of the last list of the State, taken in as people do."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from labelling.models import Site
from labelling.quality.rules.state_lists import (
    find_last_list,
    find_sites_no_longer_listed,
    find_sites_still_listed,
)
from labelling.spreadsheets.runs.apply import apply
from labelling.spreadsheets.runs.undo import undo
from tests.factories import DepartmentFactory, SiteFactory, WaveFactory
from tests.spreadsheets.prepared import prepared

pytestmark = pytest.mark.django_db

HEADINGS = "id_fs;insee_dep;lib_fs;insee_com;lib_com;format_fs;labellisation_fs"
OURS = {"873": "Nîmes", "874": "Alès", "875": "Uzès"}


def line(number, name, kind="Fixe"):
    return f"{number};30;{name};30189;Nîmes;{kind};Espace labellisé 01/09/2020"


def take(*numbers, name="liste.csv", kind="Bus"):
    """Apply a list of the State with these sites of ours, and as many others."""
    ours = [line(n, f"France services Pimms Médiation {OURS[n]}", kind) for n in numbers]
    others = [line(n, f"France services La Poste {n}") for n in range(1, 8)]
    run = prepared(HEADINGS, *ours, *others, name=name)
    assert run.is_mostly_foreign
    apply(run, None)
    return run


@pytest.fixture(autouse=True)
def sites(db):
    DepartmentFactory()
    for number, commune in OURS.items():
        name = f"France services Pimms Médiation {commune}"
        SiteFactory(
            labelled=True, name=f"PIMMS {commune}", state_name=name, france_services_id=number
        )


def today():
    return timezone.localdate()


def end(number, day):
    site = Site.objects.get(france_services_id=number)
    site.withdrawn_on, site.withdrawal_reason = day, "closed"
    site.save()
    return site


def found_listed(day=None):
    return find_sites_still_listed(Site.objects.all(), day or today(), find_last_list())


def found_absent(day=None):
    return find_sites_no_longer_listed(Site.objects.all(), day or today(), find_last_list())


class TestSitesStillListed:
    def test_are_those_whose_label_had_ended_by_the_last_list(self):
        run = take("873", "874", "875")
        site = end("873", date(2021, 3, 1))

        (finding,) = found_listed()

        assert (finding.rule, finding.record, finding.field) == ("Q005", site, "withdrawn_on")
        assert finding.title == "L’État liste encore ce site, dont le label a pris fin."
        assert finding.evidence.startswith(
            "Fin du label le 1er\u00a0mars 2021\u202f; «\u00a0liste.csv\u00a0», "
            f"import n°\u00a0{run.pk} du "
        )

    def test_are_none_where_the_label_ends_after_the_list(self):
        take("873", "874", "875")
        end("873", today() + timedelta(days=1))

        assert not found_listed(today() + timedelta(days=9))

    def test_are_none_where_the_label_ended_after_the_day_of_the_file(self):
        take("873", "874", "875", name="liste-fs-20210801.csv")
        end("873", date(2021, 8, 2))
        end("874", date(2021, 8, 1))

        (finding,) = found_listed()

        assert finding.record.france_services_id == "874"
        assert finding.evidence.endswith(" du 1er\u00a0août 2021.")

    def test_are_none_where_a_later_list_has_it_no_more(self):
        take("873", "874", "875")
        end("873", date(2021, 3, 1))
        take("874", "875", name="suivante.csv", kind="Fixe")

        assert not found_listed()

    def test_are_none_without_a_list(self):
        end("873", date(2021, 3, 1))

        assert not found_listed()


class TestSitesNoLongerListed:
    def test_are_those_that_the_last_list_lacks(self):
        run = take("873", "874")

        (finding,) = found_absent()

        assert finding.record == Site.objects.get(france_services_id="875")
        assert (finding.rule, finding.field) == ("Q014", "france_services_id")
        assert finding.title == "La dernière liste de l’État n’a plus ce site."
        assert finding.evidence.startswith(
            f"Le numéro 875 n’y est pas\u00a0: «\u00a0liste.csv\u00a0», import n°\u00a0{run.pk} du "
        )

    def test_are_those_that_a_list_lacks_which_changes_nothing(self):
        take("873", "874", "875")
        take("873", "874", name="suivante.csv")

        (finding,) = found_absent()

        assert finding.record == Site.objects.get(france_services_id="875")
        assert "suivante.csv" in finding.evidence

    def test_are_none_where_all_are_there_nor_without_a_list(self):
        assert not found_absent()

        take("873", "874", "875")

        assert not found_absent()

    def test_are_none_without_a_number_nor_of_a_later_wave_nor_once_the_label_ended(self):
        take("873", "874")
        end("875", date(2021, 3, 1))
        SiteFactory(labelled=True)
        later = WaveFactory(name="Hiver", effective_on=today() + timedelta(days=1))
        SiteFactory(wave=later, france_services_id="999")

        assert not found_absent(today() + timedelta(days=9))

    def test_are_none_where_the_list_lacks_most_of_ours(self):
        take("873")

        assert not found_absent()

    def test_are_none_once_the_import_was_taken_back(self):
        run = take("873", "874")
        undo(run, None)

        assert not found_absent()

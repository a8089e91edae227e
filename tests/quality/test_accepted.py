"""What people accept of what is found, and what comes back."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from labelling.models import AcceptedFinding, Site
from labelling.quality import accept, find_finding, list_accepted, list_findings, list_keys
from labelling.quality.rules.labels import find_names_to_read
from labelling.spreadsheets.runs.apply import apply
from labelling.spreadsheets.runs.undo import undo
from tests.factories import DepartmentFactory, SiteFactory, UserFactory
from tests.spreadsheets.prepared import prepared

pytestmark = pytest.mark.django_db

DAY = date(2020, 10, 14)


def contradicted(**values):
    """A site that Q002 finds, once there is Loire."""
    DepartmentFactory(code="42", name="Loire")
    return SiteFactory(department__code="38", commune_code="42218", **values)


def told(day=DAY):
    return [(f.rule, f.record) for f in list_findings(Site.objects.all(), day)]


class TestWhatIsAccepted:
    @pytest.fixture
    def site(self):
        return contradicted()

    @pytest.fixture
    def ana(self):
        return UserFactory()

    def accepted(self, site, ana, **values):
        finding = find_finding("Q002", site.pk, DAY)
        accept([finding], ana, **{"motive": "Vu avec la mairie", **values})

    def test_is_told_no_longer(self, site, ana):
        other = SiteFactory(department=site.department, commune_code="42187")
        assert told() == [("Q002", site), ("Q002", other)]

        self.accepted(site, ana)

        assert told() == [("Q002", other)]
        assert list_keys(Site.objects.all(), DAY) == {other.pk}
        (one,) = list_accepted(site, DAY)
        assert (one.title, one.stored.motive) == (
            "Le code commune dit Loire.",
            "Vu avec la mairie",
        )
        assert (one.stored.accepted_by, one.stored.until) == (ana, None)

    def test_comes_back_when_what_was_compared_changes(self, site, ana):
        self.accepted(site, ana)

        site.commune_code = "42187"
        site.save()

        assert told() == [("Q002", site)]
        assert list_accepted(site, DAY) == []

    def test_does_not_come_back_with_the_wording(self, site, ana):
        self.accepted(site, ana)

        site.commune = "Saint-Étienne"
        site.save()

        assert told() == []

    def test_comes_back_once_its_last_day_is_over(self, site, ana):
        self.accepted(site, ana, until=DAY)

        assert told(DAY) == []
        assert told(date(2020, 10, 15)) == [("Q002", site)]

    def test_is_accepted_anew_over_what_was_accepted(self, site, ana):
        self.accepted(site, ana, until=date(2020, 10, 1))

        self.accepted(site, UserFactory(), motive="Toujours vrai")

        assert AcceptedFinding.objects.get().motive == "Toujours vrai"
        assert told() == []

    def test_goes_with_its_record(self, site, ana):
        self.accepted(site, ana)

        site.delete()

        assert not AcceptedFinding.objects.exists()

    def test_goes_with_a_record_that_an_undone_import_takes_back(self, ana):
        DepartmentFactory(code="30", name="Gard")
        run = prepared("Nom selon l’État;Département", "France services Pimms Nîmes;30")
        apply(run, None)
        accept(find_names_to_read(Site.objects.all()), ana, "Nom relu")

        undo(run, None)

        assert not Site.objects.exists()
        assert not AcceptedFinding.objects.exists()

    def test_is_read_in_as_many_queries_whatever_the_sites(self, site, ana):
        self.accepted(site, ana)
        SiteFactory(made_name="PIMMS Nîmes", name="PIMMS Nîmes")
        accept(find_names_to_read(Site.objects.all()), ana, "Nom relu")
        SiteFactory(made_name="PIMMS Alès", name="PIMMS Alès")
        SiteFactory(department=site.department, commune_code="42218")

        def count() -> int:
            with CaptureQueriesContext(connection) as captured:
                list_findings(Site.objects.all(), DAY)
            return len(captured)

        few = count()
        for number in range(20):
            name = f"PIMMS {number} bis"
            made = {"name": name, "made_name": name, "commune_code": "42218"}
            SiteFactory(department=site.department, **made)
        accept(find_names_to_read(Site.objects.all())[:10], ana, "Nom relu")

        assert count() == few == 19

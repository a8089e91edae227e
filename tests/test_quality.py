"""Each rule of quality: a faulty example, and sound ones."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from labelling.choices import ReleaseStatus
from labelling.models import AcceptedFinding, LabellingWave, PressRelease, Site
from labelling.models.frozen import compute_content_digest
from labelling.quality import (
    RULES,
    accept,
    find_altered_releases,
    find_carriers_that_differ,
    find_contradicted_departments,
    find_names_to_read,
    list_accepted,
    list_findings,
    list_keys,
)
from labelling.spreadsheets.runs.apply import apply
from labelling.spreadsheets.runs.undo import undo
from tests.factories import (
    DepartmentFactory,
    RegionFactory,
    ReleaseFactory,
    SiteFactory,
    UserFactory,
    WaveFactory,
    tamper,
)
from tests.spreadsheets.prepared import prepared

pytestmark = pytest.mark.django_db

CARRIERS = {
    "state_sites": 11,
    "association_sites": 154,
    "post_sites": 131,
    "msa_sites": 19,
    "local_authority_sites": 544,
}


class TestCarriersThatDiffer:
    def test_finds_that_those_of_october_2020_make_859(self):
        wave = WaveFactory(national_sites=856, **CARRIERS)

        (finding,) = find_carriers_that_differ(LabellingWave.objects.all())

        assert (finding.rule, finding.record) == ("Q001", wave)
        assert finding.sentence == (
            "Les chiffres par porteur font 859, le total annoncé est 856. Vérifiez auprès de "
            "l’État\u202f; vous pouvez enregistrer quand même."
        )

    @pytest.mark.parametrize(
        "figures",
        [
            {"national_sites": 859, **CARRIERS},
            {"national_sites": 856, **CARRIERS, "msa_sites": None},
            CARRIERS,
            {"national_sites": 856},
            {},
        ],
    )
    def test_finds_nothing_where_they_agree_or_one_is_not_known(self, figures):
        WaveFactory(**figures)

        assert find_carriers_that_differ(LabellingWave.objects.all()) == []


class TestContradictedDepartments:
    @pytest.fixture(autouse=True)
    def departments(self):
        corse = RegionFactory(code="94", name="Corse")
        DepartmentFactory(code="38", name="Isère")
        DepartmentFactory(code="42", name="Loire")
        DepartmentFactory(code="2A", name="Corse-du-Sud", region=corse)
        DepartmentFactory(code="2B", name="Haute-Corse", region=corse)
        DepartmentFactory(
            code="971", name="Guadeloupe", region=RegionFactory(code="01", name="Guadeloupe")
        )

    def test_finds_saint_etienne_in_isere(self):
        site = SiteFactory(department__code="38", commune="Saint-Étienne", commune_code="42218")

        (finding,) = find_contradicted_departments(Site.objects.all())

        assert (finding.rule, finding.record) == ("Q002", site)
        assert finding.sentence == (
            "Le code commune dit Loire. 42218 (Saint-Étienne) est une commune du département Loire "
            "(42)\u202f; la fiche dit Isère (38). Vérifiez l’adresse, puis corrigez l’un des deux."
        )

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

        (finding,) = find_contradicted_departments(Site.objects.all())

        assert f"du département {named}\u202f; la fiche dit" in finding.sentence

    @pytest.mark.parametrize(
        ("code", "commune"),
        [("42", "42218"), ("2A", "2A004"), ("971", "97105"), ("38", ""), ("38", "98735")],
    )
    def test_finds_nothing_where_they_agree_or_the_code_is_of_no_department(self, code, commune):
        SiteFactory(department__code=code, commune_code=commune)

        assert find_contradicted_departments(Site.objects.all()) == []

    def test_reads_all_sites_in_two_queries(self, django_assert_num_queries):
        SiteFactory.create_batch(20, department__code="38", commune_code="42218")

        with django_assert_num_queries(2):
            found = find_contradicted_departments(Site.objects.all())

        assert len(found) == 20


@pytest.mark.usefixtures("network")
class TestContradictedDepartmentsOfTheNetwork:
    def test_are_the_three_sites_of_the_metropole_stephanoise(self):
        found = find_contradicted_departments(Site.objects.order_by("rank"))

        assert [str(f.record) for f in found] == [
            "PIMMS Métropole Stéphanoise - La Cotonne",
            "PIMMS Métropole Stéphanoise - Saint-Chamond",
            "PIMMS Métropole Stéphanoise - Montreynaud",
        ]


class TestAlteredReleases:
    def frozen(self):
        content = {"schema": 1, "title": "13 PIMMS"}
        return ReleaseFactory(
            issued_on=date(2020, 10, 14),
            status=ReleaseStatus.SENT,
            sent_on=date(2020, 10, 14),
            content=content,
            digest=compute_content_digest(content),
        )

    def test_finds_a_word_that_was_changed_in_the_database(self):
        release = self.frozen()
        tamper(release, content={"schema": 1, "title": "14 PIMMS"})

        (finding,) = find_altered_releases(PressRelease.objects.all())

        assert (finding.rule, finding.record) == ("Q003", release)
        assert finding.sentence == (
            "Le texte figé du communiqué du 14\u00a0octobre 2020 n’est plus celui qui a été "
            "validé\u00a0: son empreinte a changé. Ne le diffusez pas\u202f; comparez-le à "
            "l’exemplaire envoyé."
        )

    def test_finds_nothing_in_an_untouched_one_nor_in_a_draft(self):
        self.frozen()
        ReleaseFactory(wave=WaveFactory(name="Pilote", effective_on=date(2019, 1, 1)))

        assert find_altered_releases(PressRelease.objects.all()) == []

    @pytest.mark.usefixtures("network")
    def test_finds_nothing_in_that_of_october_2020(self):
        assert find_altered_releases(PressRelease.objects.all()) == []


class TestNamesToRead:
    def test_are_those_that_an_import_made_and_nobody_wrote_over(self):
        site = SiteFactory(
            name="PIMMS Ambazac - Bus",
            made_name="PIMMS Ambazac - Bus",
            state_name="Bus France services Pimms Médiation Ambazac",
        )
        SiteFactory(name="PIMMS Nîmes", state_name="France services Pimms Nîmes")
        SiteFactory(name="PIMMS Alès", made_name="PIMMS de l’Alésien")

        (finding,) = find_names_to_read(Site.objects.all())

        assert (finding.rule, finding.record) == ("Q004", site)
        assert finding.sentence == (
            "Nom fait d’après celui de l’État, à relire. L’État écrit "
            "«\u00a0Bus France services Pimms Médiation Ambazac\u00a0». Acceptez-le, ou écrivez "
            "celui que la presse lira."
        )


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
        (finding,) = find_contradicted_departments(Site.objects.filter(pk=site.pk))
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

    def test_is_read_in_one_query_more_whatever_the_sites(self, site, ana):
        self.accepted(site, ana)
        SiteFactory(made_name="PIMMS Nîmes", name="PIMMS Nîmes")
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

        assert count() == few == 4


def test_each_rule_keeps_its_id():
    assert {
        "Q001": find_carriers_that_differ,
        "Q002": find_contradicted_departments,
        "Q003": find_altered_releases,
        "Q004": find_names_to_read,
    } == {rule: find for rule, (_, find) in RULES.items()}

"""All rules together: their ids, what they find of the seeded network, in how many queries."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from labelling import quality
from labelling.choices import Seriousness
from labelling.models import LabellingWave, Site
from labelling.quality.rules import RULES, find_all
from tests.factories import (
    AssociationFactory,
    ContactFactory,
    DepartmentFactory,
    ReleaseFactory,
    SiteFactory,
    WaveFactory,
)

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 1)


def test_each_rule_keeps_its_id():
    assert {key: rule.find.__name__ for key, rule in RULES.items()} == {
        "Q001": "find_carriers_that_differ",
        "Q002": "find_contradicted_departments",
        "Q003": "find_altered_releases",
        "Q004": "find_names_to_read",
        "Q005": "find_sites_still_listed",
        "Q006": "find_positions_outside",
        "Q007": "find_positions_abroad",
        "Q008": "find_contradicted_postcodes",
        "Q009": "find_sites_without_association",
        "Q010": "find_sites_without_commune",
        "Q011": "find_sites_without_format",
        "Q012": "find_sites_without_number",
        "Q013": "find_doubles",
        "Q014": "find_sites_no_longer_listed",
        "Q015": "find_ranks_given_twice",
        "Q016": "find_undated_drafts",
        "Q017": "find_waves_without_release",
        "Q018": "find_past_contacts",
        "Q019": "find_associations_without_sites",
        "Q020": "find_outdated_years",
        "Q021": "find_misplaced_lines",
    }


@pytest.mark.parametrize("rule", RULES)
def test_each_says_what_it_is_what_is_sound_and_what_is_faulty(rule):
    said = RULES[rule].find.__doc__ or ""

    assert said.startswith(f"{rule}: ")
    assert "OK => " in said
    assert "NOK => " in said


def test_the_name_of_each_is_its_own():
    names = [rule.name for rule in RULES.values()]

    assert len({*names}) == len(names)


class TestWhatIsSoughtOfAll:
    """It is put in SQL once: what that says depends on the day alone."""

    def find(self, day):
        found = find_all(Site.objects.order_by(), day)
        return {rule: {*findings.keys} for rule, findings in found.items()}

    def test_is_the_same_whatever_the_base_held_when_it_was_first_asked(self):
        self.find(DAY)
        faulty = {"postcode": "42000", "latitude": 2.35, "longitude": 48.85, "rank": 1}
        department = DepartmentFactory(code="38", name="Isère")
        for number in range(2):
            SiteFactory(
                department=department, labelled=True, commune_code="42218", format="", **faulty
            )
            SiteFactory(department=department, postcode="42000", name=f"PIMMS {number}")
        SiteFactory(made_name="PIMMS Alès", name="PIMMS Alès")
        DepartmentFactory(code="42", name="Loire")

        found = self.find(DAY)

        rules = [key for key, rule in RULES.items() if rule.model is Site]
        assert found == {
            rule: {*find_all(Site.objects.all(), DAY, rule)[rule].keys} for rule in rules
        }
        assert sum(map(bool, found.values())) >= 8

    def test_is_asked_anew_of_some(self):
        one, other = SiteFactory.create_batch(2, labelled=True)

        for some in ({one.pk}, {other.pk}, {one.pk, other.pk}):
            all_found = self.find(DAY)
            found = find_all(Site.objects.filter(pk__in=some).order_by(), DAY)

            assert {key for findings in found.values() for key in findings.keys} == some
            assert all_found["Q010"] == {one.pk, other.pk}

    def test_is_of_the_day_that_is_asked(self):
        SiteFactory(wave=WaveFactory(effective_on=DAY), commune="")

        before, at = self.find(DAY - timedelta(days=1)), self.find(DAY)

        assert (len(before["Q010"]), len(at["Q010"])) == (0, 1)


class TestTheNetwork:
    @pytest.mark.usefixtures("network")
    def test_has_its_known_errors_and_nothing_else(self):
        groups = quality.group_findings(DAY)

        assert [(g.rule, [str(f.record) for f in g.findings]) for g in groups] == [
            ("Q001", ["Automne 2020"]),
            (
                "Q002",
                [
                    "PIMMS Métropole Stéphanoise - La Cotonne",
                    "PIMMS Métropole Stéphanoise - Montreynaud",
                    "PIMMS Métropole Stéphanoise - Saint-Chamond",
                ],
            ),
            ("Q021", ["Communiqué du 14\u00a0octobre 2020"]),
        ]

    @pytest.mark.usefixtures("network")
    def test_has_for_each_its_evidence_from_the_release(self):
        for group in quality.group_findings(DAY):
            for finding in group.findings:
                assert finding.evidence
        sites = quality.list_findings(Site.objects.all(), DAY, "Q002")
        assert all(
            f.evidence.endswith("Le communiqué du 14\u00a0octobre 2020 l’imprime sous Isère.")
            for f in sites
        )


class TestGroups:
    def test_come_the_most_serious_first_and_are_of_the_models_asked_for(self):
        DepartmentFactory(code="42", name="Loire")
        site = SiteFactory(labelled=True, commune_code="42218", made_name="PIMMS", name="PIMMS")
        WaveFactory(name="Hiver", effective_on=date(2020, 12, 1), announced_on=date(2020, 12, 1))
        AssociationFactory()

        groups = quality.group_findings(DAY, {Site, LabellingWave})

        assert [(g.rule, g.seriousness) for g in groups] == [
            ("Q002", Seriousness.WRONG),
            ("Q004", Seriousness.DOUBTFUL),
            ("Q009", Seriousness.LACKING),
            ("Q010", Seriousness.LACKING),
            ("Q011", Seriousness.LACKING),
            ("Q012", Seriousness.LACKING),
            ("Q017", Seriousness.LACKING),
        ]
        assert groups[0].name == "Département et code commune"
        assert [finding.record for finding in groups[0].findings] == [site]

    def test_leave_out_what_was_accepted(self):
        AssociationFactory()
        (group,) = quality.group_findings(DAY)
        quality.accept(group.findings, None, "Elle aura un site en mai")

        assert quality.group_findings(DAY) == []

    def test_ask_as_many_questions_for_many_records_as_for_few(self):
        loire = DepartmentFactory(code="42", name="Loire")

        def grow(number):
            day = date(1990 + number, 1, 1)
            figures = {**dict.fromkeys(LabellingWave.CARRIERS, 1), "national_sites": 9}
            wave = WaveFactory(name=f"Vague {number}", effective_on=day, **figures)
            late = WaveFactory(
                name=f"Hiver {number}", effective_on=date(1990 + number, 6, 1), announced_on=day
            )
            contact = ContactFactory(proposed_until=day)
            ReleaseFactory(wave=wave, contact=contact, about="En 1985, rien.")
            AssociationFactory()
            name = f"PIMMS {number} bis"
            SiteFactory(wave=wave, commune_code="42218", made_name=name, name=name, rank=1)
            SiteFactory(wave=late, latitude=0, longitude=0, postcode="88000", rank=1)
            SiteFactory(name=f"PIMMS de {number} bis", latitude=49.4, longitude=1.1)
            SiteFactory(department=loire)

        def count():
            with CaptureQueriesContext(connection) as captured:
                found = quality.group_findings(DAY)
            return len(captured), {group.rule for group in found}

        grow(1)
        grow(2)
        few, rules = count()
        for number in range(3, 20):
            grow(number)

        assert count() == (few, rules)
        assert {*RULES} - rules == {"Q003", "Q005", "Q014", "Q021"}

"""The rules of releases: those that are frozen, and drafts."""

from datetime import date

import pytest

from labelling.choices import ReleaseStatus
from labelling.models import PressRelease
from labelling.models.frozen import compute_content_digest
from labelling.quality.rules.releases import (
    find_altered_releases,
    find_misplaced_lines,
    find_outdated_years,
    find_past_contacts,
)
from tests.factories import (
    ContactFactory,
    DepartmentFactory,
    ReleaseFactory,
    SiteFactory,
    WaveFactory,
    final,
    sent,
    tamper,
)

pytestmark = pytest.mark.django_db

DAY = date(2020, 10, 14)


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


class TestPastContacts:
    def test_finds_a_draft_signed_by_who_is_no_longer_to_be_proposed(self):
        contact = ContactFactory(proposed_until=date(2020, 10, 13))
        release = ReleaseFactory(contact=contact)

        (finding,) = find_past_contacts(PressRelease.objects.all(), DAY)

        assert (finding.rule, finding.record, finding.field) == ("Q018", release, "contact")
        assert finding.sentence == (
            "Le contact presse n’est plus à proposer depuis le 13\u00a0octobre 2020. Choisissez un "
            "autre contact presse\u202f; les anciens communiqués ne changent pas."
        )

    @pytest.mark.parametrize("until", [date(2020, 10, 14), None])
    def test_finds_nothing_on_the_last_day_nor_without_one(self, until):
        ReleaseFactory(contact=ContactFactory(proposed_until=until))

        assert find_past_contacts(PressRelease.objects.all(), DAY) == []

    def test_finds_nothing_in_one_that_is_final_nor_that_nobody_signs(self):
        contact = ContactFactory(proposed_until=date(2020, 10, 13))
        final(ReleaseFactory(contact=contact))
        ReleaseFactory(wave=WaveFactory(name="Pilote", effective_on=date(2019, 1, 1)))

        assert find_past_contacts(PressRelease.objects.all(), DAY) == []


class TestOutdatedYears:
    SAID = "Créée en 1998, l’Union a une marque. En 2019, les 68 PIMMS accueillaient."

    def found(self, year, **values):
        return find_outdated_years([ReleaseFactory(issued_on=date(year, 10, 14), **values)])

    @pytest.mark.parametrize("field", ["about", "closing", "network_detail", "attendance"])
    def test_finds_one_of_more_than_two_years_before_a_draft(self, field):
        (finding,) = self.found(2022, **{field: self.SAID})

        assert (finding.rule, finding.field) == ("Q020", field)
        assert finding.sentence == (
            "«\u00a0En 2019\u00a0»\u00a0: c’est plus de deux ans avant le communiqué. Donnez des "
            "chiffres plus récents, ou vérifiez que la phrase dit encore vrai."
        )

    def test_names_each_year_once(self):
        (finding,) = self.found(2022, about=f"{self.SAID} En 2018, moins.", closing="En 2019.")

        assert finding.title.startswith("«\u00a0En 2019\u00a0» et «\u00a0En 2018\u00a0»\u00a0:")

    @pytest.mark.parametrize("year", [2020, 2021])
    def test_finds_nothing_within_two_years(self, year):
        assert self.found(year, about=self.SAID) == []

    def test_never_finds_that_something_was_created_in_a_year(self):
        assert self.found(2030, about="Créée en 1998, l’Union a une marque.") == []

    def test_finds_nothing_in_one_that_is_final(self):
        final(ReleaseFactory(issued_on=date(2022, 10, 14), about=self.SAID))

        assert find_outdated_years(PressRelease.objects.all()) == []


class TestMisplacedLines:
    @pytest.mark.usefixtures("network")
    def test_finds_melun_among_the_lines_of_seine_saint_denis(self):
        (finding,) = find_misplaced_lines(PressRelease.objects.all())

        assert (finding.rule, finding.record) == ("Q021", PressRelease.objects.get())
        assert finding.sentence == (
            "PIMMS Melun est imprimé au milieu d’un autre département. Ligne 43 de la "
            "liste\u00a0: Seine et Marne, au milieu des lignes de Seine Saint Denis. La liste "
            "recalculée d’après les fiches remet l’ordre\u202f; rectifiez ce communiqué s’il y a "
            "lieu."
        )

    def test_finds_nothing_where_each_department_stands_together(self):
        wave = WaveFactory()
        for code, name in (("30", "Gard"), ("34", "Hérault")):
            SiteFactory.create_batch(
                2, wave=wave, department=DepartmentFactory(code=code, name=name)
            )
        sent(ReleaseFactory(wave=wave))

        assert find_misplaced_lines(PressRelease.objects.all()) == []

    @pytest.mark.usefixtures("network")
    def test_finds_nothing_in_one_that_was_replaced(self):
        tamper(PressRelease.objects.get(), status=ReleaseStatus.REPLACED, sent_on=None)

        assert find_misplaced_lines(PressRelease.objects.all()) == []

"""The rules of what a labelled site should have."""

from datetime import date

import pytest

from labelling.models import Site
from labelling.quality.rules import labels
from labelling.quality.rules.labels import (
    find_names_to_read,
    find_ranks_given_twice,
    find_sites_without_number,
)
from tests.factories import AssociationFactory, DepartmentFactory, SiteFactory, WaveFactory

pytestmark = pytest.mark.django_db

DAY = date(2020, 10, 14)


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


WHAT_LACKS = [
    (
        "Q009",
        "association",
        AssociationFactory,
        "Il manque l’association membre. Choisissez celle qui fait vivre le site.",
    ),
    ("Q010", "commune", lambda: "Nîmes", "Il manque la commune. Écrivez celle de l’adresse."),
    (
        "Q011",
        "format",
        lambda: "fixed",
        (
            "Il manque l’accueil du public. Regardez la liste de l’État, ou demandez-le à "
            "l’association."
        ),
    ),
]


@pytest.mark.parametrize(("rule", "field", "value", "sentence"), WHAT_LACKS)
class TestWhatLacks:
    def find(self, field):
        return getattr(labels, f"find_sites_without_{field}")(Site.objects.all(), DAY)

    def test_is_found_of_a_labelled_site(self, rule, field, value, sentence):
        site = SiteFactory(labelled=True)

        (finding,) = self.find(field)

        assert (finding.rule, finding.record, finding.field) == (rule, site, field)
        assert finding.sentence == sentence

    def test_is_not_where_it_is_known(self, rule, field, value, sentence):
        SiteFactory(labelled=True, **{field: value()})

        assert not self.find(field)

    def test_is_not_of_a_candidate_a_label_that_ended_or_one_to_come(
        self, rule, field, value, sentence
    ):
        SiteFactory()
        SiteFactory(ended=True, withdrawn_on=date(2020, 10, 14))
        SiteFactory(wave=WaveFactory(name="Hiver", effective_on=date(2020, 10, 15)))

        assert not self.find(field)


class TestSitesWithoutNumber:
    def find(self, day):
        return find_sites_without_number(Site.objects.all(), day)

    def test_are_found_eight_weeks_after_their_wave_was_announced(self):
        wave = WaveFactory(decided_on=date(2020, 9, 30), announced_on=date(2020, 10, 14))
        site = SiteFactory(wave=wave)

        assert not self.find(date(2020, 12, 9))
        (finding,) = self.find(date(2020, 12, 10))

        assert (finding.rule, finding.record) == ("Q012", site)
        assert finding.field == "france_services_id"
        assert finding.sentence == (
            "Il manque le numéro France Services. La vague date du 14\u00a0octobre 2020, il y a "
            "8\u00a0semaines. Demandez-le à l’État, ou importez sa dernière liste."
        )

    @pytest.mark.parametrize(
        ("dates", "last"),
        [
            ({"decided_on": date(2020, 9, 30)}, date(2020, 11, 25)),
            ({}, date(2020, 10, 27)),
        ],
    )
    def test_count_from_the_committee_else_from_the_label(self, dates, last):
        SiteFactory(wave=WaveFactory(**dates))

        assert not self.find(last)
        assert len(self.find(date.fromordinal(last.toordinal() + 1))) == 1

    def test_are_not_found_with_a_number_as_candidates_nor_once_their_label_ended(self):
        SiteFactory(labelled=True, france_services_id="873")
        SiteFactory()
        SiteFactory(ended=True)

        assert not self.find(date(2021, 3, 1))


class TestRanksGivenTwice:
    def find(self, day=DAY):
        return find_ranks_given_twice(Site.objects.all(), day)

    def test_finds_the_second_of_two_sites(self):
        SiteFactory(rank=1)
        SiteFactory(rank=2)
        site = SiteFactory(rank=2)

        (finding,) = self.find()

        assert (finding.rule, finding.record, finding.field) == ("Q015", site, "")
        assert finding.sentence == (
            "Sa place dans la liste imprimée est aussi celle d’un autre site. Place 2 de Gard "
            "(30). Déplacez l’un des deux sur la page «\u00a0Les sites de la vague\u00a0»."
        )

    def test_finds_nothing_without_a_place_nor_beside_a_label_that_ended(self):
        SiteFactory.create_batch(2)
        SiteFactory(rank=1, ended=True, withdrawn_on=date(2020, 10, 14))
        SiteFactory(rank=1)
        SiteFactory(rank=1, department=DepartmentFactory(code="34", name="Hérault"))

        assert not self.find()

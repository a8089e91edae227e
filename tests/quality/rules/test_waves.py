"""The rules of waves: figures, committee, release."""

from datetime import date

import pytest

from labelling.models import LabellingWave
from labelling.quality.rules.waves import (
    find_carriers_that_differ,
    find_undated_drafts,
    find_waves_without_release,
)
from tests.factories import ReleaseFactory, WaveFactory, final

pytestmark = pytest.mark.django_db

CARRIERS = {
    "state_sites": 11,
    "association_sites": 154,
    "post_sites": 131,
    "msa_sites": 19,
    "local_authority_sites": 544,
}
DAY = date(2020, 10, 20)


class TestCarriersThatDiffer:
    def test_finds_that_those_of_october_2020_make_859(self):
        wave = WaveFactory(national_sites=856, **CARRIERS)

        (finding,) = find_carriers_that_differ(LabellingWave.objects.all())

        assert (finding.rule, finding.record) == ("Q001", wave)
        assert finding.sentence == (
            "Les chiffres par porteur font 859, le total annoncé est 856. "
            "11 + 154 + 131 + 19 + 544 = 859. Vérifiez auprès de l’État\u202f; vous pouvez "
            "enregistrer quand même."
        )

    @pytest.mark.usefixtures("network")
    def test_says_which_release_prints_them(self):
        (finding,) = find_carriers_that_differ(LabellingWave.objects.all())

        assert finding.evidence == (
            "11 + 154 + 131 + 19 + 544 = 859. Le communiqué du 14\u00a0octobre 2020 imprime ces "
            "chiffres."
        )

    @pytest.mark.usefixtures("network")
    def test_does_not_say_so_of_other_figures(self):
        wave = LabellingWave.objects.get(slug="automne-2020")
        wave.msa_sites = 20
        wave.save()

        (finding,) = find_carriers_that_differ([wave])

        assert finding.evidence == "11 + 154 + 131 + 20 + 544 = 860."

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


class TestUndatedDrafts:
    def test_finds_a_wave_whose_release_is_prepared_without_the_day_of_its_committee(self):
        wave = ReleaseFactory().wave

        (finding,) = find_undated_drafts(LabellingWave.objects.all())

        assert (finding.rule, finding.record, finding.field) == ("Q016", wave, "decided_on")
        assert finding.sentence == (
            "Le communiqué se prépare, et la date du comité de pilotage manque. Le chapô ne peut "
            "pas la donner. Ajoutez-la."
        )

    def test_finds_nothing_with_a_day_without_a_release_or_once_it_is_final(self):
        ReleaseFactory(wave__decided_on=date(2020, 9, 30))
        WaveFactory(name="Pilote", effective_on=date(2019, 1, 1))
        final(ReleaseFactory(wave=WaveFactory(name="Hiver", effective_on=date(2020, 1, 1))))

        assert find_undated_drafts(LabellingWave.objects.all()) == []


class TestWavesWithoutRelease:
    def test_finds_a_wave_that_was_announced(self):
        wave = WaveFactory(announced_on=date(2020, 10, 14))

        (finding,) = find_waves_without_release(LabellingWave.objects.all(), DAY)

        assert (finding.rule, finding.record, finding.field) == ("Q017", wave, "announced_on")
        assert finding.sentence == (
            "La vague est annoncée, et n’a pas de communiqué. Annoncée le 14\u00a0octobre 2020, il "
            "y a 6\u00a0jours. Préparez-le, ou dites ce qu’il est devenu sur la page "
            "«\u00a0Communiqué\u00a0» de la vague."
        )

    def test_finds_nothing_with_a_release_an_answer_or_a_day_to_come(self):
        ReleaseFactory(wave__announced_on=date(2020, 10, 14))
        answered = {"announced_on": date(2020, 2, 14), "past_release": "none"}
        WaveFactory(name="Février", effective_on=date(2020, 2, 1), **answered)
        WaveFactory(name="Hiver", effective_on=date(2020, 12, 1), announced_on=date(2020, 10, 21))
        WaveFactory(name="Été", effective_on=date(2020, 8, 1), announced_on=DAY)
        WaveFactory(name="Pilote", effective_on=date(2019, 1, 1))

        assert find_waves_without_release(LabellingWave.objects.all(), DAY) == []

    def test_is_the_same_the_day_after(self):
        """What was accepted does not come back with each day."""
        WaveFactory(announced_on=date(2020, 10, 14))

        (one,) = find_waves_without_release(LabellingWave.objects.all(), DAY)
        (later,) = find_waves_without_release(LabellingWave.objects.all(), date(2020, 10, 21))

        assert one.digest == later.digest

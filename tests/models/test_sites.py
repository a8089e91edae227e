"""Sites: what the QuerySet says, what the constraints refuse, the printed order."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from labelling.choices import LabelStatus, WithdrawalReason
from labelling.models import Department, LabellingWave, Site
from labelling.spreadsheets.resources.site import SiteResource
from tests.factories import DepartmentFactory, SiteFactory, WaveFactory

pytestmark = pytest.mark.django_db


class TestLabels:
    def test_hold_from_the_day_they_take_effect(self):
        site = SiteFactory(labelled=True)

        assert list(Site.objects.labelled_on(date(2020, 8, 31))) == []
        assert list(Site.objects.labelled_on(date(2020, 9, 1))) == [site]

    def test_end_on_the_day_of_their_end(self):
        site = SiteFactory(ended=True)

        assert list(Site.objects.labelled_on(date(2021, 2, 28))) == [site]
        assert list(Site.objects.labelled_on(date(2021, 3, 1))) == []
        assert list(Site.objects.withdrawn_by(date(2021, 3, 1))) == [site]

    def test_stay_in_the_lists_of_earlier_waves(self):
        autumn = WaveFactory(announced_on=date(2020, 10, 14))
        spring = WaveFactory(name="Printemps 2021", effective_on=date(2021, 4, 1))
        ended = SiteFactory(ended=True, wave=autumn)
        new = SiteFactory(wave=spring)

        assert list(Site.objects.labelled_as_of(autumn)) == [ended]
        assert list(Site.objects.labelled_as_of(spring)) == [new]

    @pytest.mark.parametrize(
        ("dates", "held"),
        [
            ({"list_closed_on": date(2021, 2, 1), "announced_on": date(2021, 3, 2)}, True),
            ({"list_closed_on": date(2021, 3, 2), "announced_on": date(2021, 2, 1)}, False),
            ({"announced_on": date(2021, 3, 2), "decided_on": date(2021, 2, 1)}, False),
            ({"decided_on": date(2021, 2, 1)}, True),
            ({}, True),
        ],
    )
    def test_are_judged_when_the_list_is_closed_else_announced_else_decided(self, dates, held):
        wave = WaveFactory(**dates)
        SiteFactory(ended=True, wave=wave)

        assert Site.objects.labelled_as_of(wave).exists() is held
        assert LabellingWave.objects.with_counts().get().total_count == held

    def test_new_ones_are_those_of_the_wave_alone(self):
        winter = WaveFactory(name="Janvier 2020", effective_on=date(2020, 1, 1))
        SiteFactory(wave=winter)
        new = SiteFactory(labelled=True)

        assert list(Site.objects.new_in(new.wave)) == [new]

    def test_candidates_have_no_wave(self):
        candidate = SiteFactory()
        SiteFactory(labelled=True)

        assert list(Site.objects.candidates()) == [candidate]

    @pytest.mark.parametrize("day", [date(2020, 8, 31), date(2020, 9, 1), date(2021, 3, 1)])
    def test_each_site_has_exactly_one_status(self, day):
        SiteFactory()
        SiteFactory(labelled=True)
        SiteFactory(ended=True)

        by_query = {
            site.pk: status
            for status in LabelStatus.values
            for site in Site.objects.with_status(status, day)
        }

        assert by_query == {s.pk: s.compute_status(day) for s in Site.objects.with_place()}


class TestPrintedOrder:
    def test_puts_blank_places_last_then_goes_by_name(self):
        SiteFactory(name="PIMMS Zuydcoote", rank=1)
        SiteFactory(name="PIMMS Évry")
        SiteFactory(name="PIMMS Elbeuf")

        assert [s.name for s in Site.objects.in_printed_order()] == [
            "PIMMS Zuydcoote",
            "PIMMS Elbeuf",
            "PIMMS Évry",
        ]

    def test_a_site_moves_among_those_of_its_department(self):
        a, b, c = (SiteFactory(name=f"PIMMS {letter}") for letter in "ABC")
        SiteFactory(name="PIMMS ailleurs", department=DepartmentFactory(code="34", name="Hérault"))

        assert Site.objects.get(pk=c.pk).move(-1)

        order = Site.objects.filter(department=a.department).in_printed_order()
        assert list(order) == [a, c, b]

    def test_the_first_one_does_not_move_up(self):
        first = SiteFactory(rank=1)

        assert not first.move(-1)


class TestConstraints:
    @pytest.mark.parametrize(
        ("values", "message"),
        [
            ({"postcode": "3000"}, "Un code postal a cinq chiffres : 42000."),
            (
                {"commune_code": "2C004"},
                "Un code commune de l’INSEE a cinq caractères : 42218, 2A004.",
            ),
            (
                {"withdrawal_reason": WithdrawalReason.CLOSED},
                "Donnez la date et le motif de la fin du label, ou aucun des deux.",
            ),
            (
                {
                    "withdrawn_on": date(2021, 3, 1),
                    "withdrawal_reason": WithdrawalReason.CLOSED,
                },
                (
                    "Un candidat n’a pas de label à perdre : indiquez avec quelle vague il a été "
                    "labellisé, ou effacez la date de fin."
                ),
            ),
            ({"latitude": 43.8}, "Donnez la latitude et la longitude, ou aucune des deux."),
        ],
    )
    def test_refuse_what_is_never_true(self, values, message):
        site = SiteFactory.build(department=DepartmentFactory(), **values)

        with pytest.raises(ValidationError) as refusal:
            site.full_clean()

        assert [m.replace("\u00a0", " ") for m in refusal.value.messages] == [message]

    def test_refuse_the_same_name_in_a_department_whatever_its_accents(self):
        SiteFactory(name="PIMMS Nîmes")
        again = SiteFactory.build(name="pimms nimes", department=Department.objects.get())

        with pytest.raises(ValidationError, match="Un site de ce département porte déjà ce nom"):
            again.full_clean()

    def test_refuse_a_state_number_held_twice(self):
        SiteFactory(france_services_id="180")
        again = SiteFactory.build(france_services_id="180", department=Department.objects.get())

        with pytest.raises(ValidationError, match="Un autre site porte déjà ce numéro"):
            again.full_clean()

    def test_accept_the_number_and_name_of_a_site_whose_label_ended(self):
        SiteFactory(name="PIMMS Nîmes", france_services_id="180", ended=True)
        again = SiteFactory.build(
            name="PIMMS Nîmes", france_services_id="180", department=Department.objects.get()
        )

        again.full_clean()
        again.save()

        assert Site.objects.count() == 2

    def test_refuse_to_wipe_out_a_label_that_a_release_announced(self, network):
        site = Site.objects.get(name="PIMMS Nîmes - PIMMS mobile")
        site.wave = None

        with pytest.raises(ValidationError) as refusal:
            site.full_clean()

        (message,) = refusal.value.message_dict["wave"]
        assert message.replace("\u00a0", " ") == (
            "Le label de ce site figure dans le communiqué du 14 octobre 2020 : il ne s’efface "
            "pas. Choisissez « Mettre fin au label… », au besoin avec le motif « Inscrit par "
            "erreur »."
        )

    def test_refuse_to_wipe_out_a_label_of_an_earlier_wave_that_a_release_lists(self, network):
        site = Site.objects.filter(wave__slug="janvier-2020").first()
        site.wave = None

        with pytest.raises(ValidationError) as refusal:
            site.full_clean()

        assert set(refusal.value.message_dict) == {"wave"}

    def test_let_a_label_go_that_no_release_lists(self, network):
        site = SiteFactory(wave=LabellingWave.objects.get(slug="automne-2020"))
        site.wave = None

        site.full_clean()

    def test_speak_beside_their_field(self):
        site = SiteFactory.build(department=DepartmentFactory(), postcode="3000")

        with pytest.raises(ValidationError) as refusal:
            site.full_clean()

        assert set(refusal.value.message_dict) == {"postcode"}

    def test_refuse_an_end_before_the_beginning(self):
        site = SiteFactory(labelled=True)
        site.withdrawn_on, site.withdrawal_reason = date(2020, 8, 31), WithdrawalReason.CLOSED

        with pytest.raises(ValidationError) as refusal:
            site.full_clean()

        assert "withdrawn_on" in refusal.value.error_dict


class TestGivingAndEndingLabels:
    def test_labels_candidates_alone_with_one_entry_each(self):
        wave = WaveFactory()
        candidate = SiteFactory()
        earlier = SiteFactory(wave=WaveFactory(name="Janvier 2020", effective_on=date(2020, 1, 1)))

        assert Site.objects.all().label(wave) == [candidate]

        assert Site.objects.get(pk=candidate.pk).wave == wave
        assert candidate.history.count() == 2
        assert earlier.history.count() == 1

    def test_ends_labels_that_are_held_with_one_entry_each(self):
        held = SiteFactory(labelled=True)
        ended = SiteFactory(ended=True)
        candidate = SiteFactory()

        assert Site.objects.all().end_labels(date(2022, 1, 1), WithdrawalReason.MERGED) == [held]

        assert Site.objects.get(pk=held.pk).withdrawn_on == date(2022, 1, 1)
        assert Site.objects.get(pk=ended.pk).withdrawn_on == date(2021, 3, 1)
        assert [s.history.count() for s in (held, ended, candidate)] == [2, 1, 1]

    def test_ends_none_if_one_would_end_before_it_began(self):
        early = SiteFactory(labelled=True)
        later = WaveFactory(name="Été 2021", effective_on=date(2021, 7, 1))
        SiteFactory(wave=later)

        with pytest.raises(ValidationError):
            Site.objects.all().end_labels(date(2021, 1, 1), WithdrawalReason.CLOSED)

        assert Site.objects.get(pk=early.pk).withdrawn_on is None


class TestSearch:
    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ("stephanoise cotonne", ["PIMMS Métropole Stéphanoise - La Cotonne"]),
            ("STÉPHANOISE MONTREYNAUD", ["PIMMS Métropole Stéphanoise - Montreynaud"]),
            ("seine saint denis", ["PIMMS Noisy-le-Grand", "PIMMS Sevran"]),
            ("villefontaine isere", ["PIMMS Isère - Villefontaine"]),
            ("joeuf", ["PIMMS Pays de l'Orne - Joeuf"]),
            ("jœuf", ["PIMMS Pays de l'Orne - Joeuf"]),
            ("pays de l’orne", ["PIMMS Pays de l'Orne - Joeuf"]),
            ("centre-val de loire blois", ["PIMMS Blois"]),
            ("stephanoize", []),
            ("avbs", ["PIMMS Agglomération Villefranche Beaujolais Saône (AVBS)"]),
            ("ile de france melun", ["PIMMS Melun"]),
            ("obile", []),
        ],
    )
    @pytest.mark.usefixtures("network")
    def test_finds_words_whatever_their_accents_and_case(self, query, names):
        found = Site.objects.matching(query).order_by("sort_key")

        assert [site.name for site in found] == names

    @pytest.mark.usefixtures("network")
    def test_follows_a_department_that_is_renamed_without_touching_its_sites(self):
        gard = Department.objects.get(code="30")
        gard.name = "Gard provençal"
        gard.save()

        found = Site.objects.matching("provencal").order_by("pk")

        assert [site.name for site in found] == ["PIMMS Nîmes", "PIMMS Nîmes - PIMMS mobile"]
        assert {site.version for site in found} == {1}


class TestWaves:
    def test_take_their_address_from_their_name(self):
        wave = LabellingWave.objects.create(name="Été 2021", effective_on=date(2021, 7, 1))

        assert wave.slug == "ete-2021"

    @pytest.mark.parametrize(
        ("values", "message"),
        [
            ({"effective_on": date(2020, 9, 1)}, "Une autre vague commence déjà à cette date."),
            ({"name": "AUTOMNE 2020"}, "Une autre vague porte déjà ce nom."),
            ({"name": "???"}, "Écrivez un nom qui a des lettres ou des chiffres."),
            (
                {"decided_on": date(2021, 9, 30), "announced_on": date(2021, 9, 29)},
                "L’annonce ne peut pas précéder le comité de pilotage : vérifiez les deux dates.",
            ),
        ],
    )
    def test_refuse_what_is_never_true(self, values, message):
        WaveFactory()
        wave = LabellingWave(**{"name": "Été 2021", "effective_on": date(2021, 7, 1)} | values)

        with pytest.raises(ValidationError) as refusal:
            wave.full_clean()

        assert [m.replace("\u00a0", " ") for m in refusal.value.messages] == [message]


class TestANameThatAnImportMade:
    """It stands as « à relire » until a person writes another one, whatever is written later."""

    @pytest.fixture
    def site(self):
        return SiteFactory(name="PIMMS Nîmes", made_name="PIMMS Nîmes")

    def test_is_noted_as_long_as_it_is_the_name(self, site):
        site.note = "Vu"
        site.save()

        assert Site.objects.get().made_name == "PIMMS Nîmes"

    def test_is_forgotten_once_a_person_wrote_another_one(self, site):
        site.name = "PIMMS Nîmes Sud"
        site.save()
        site.name = "PIMMS Nîmes"
        site.save()

        assert Site.objects.get().made_name == ""

    def test_does_not_come_back_with_an_earlier_version(self, site):
        site.name = "PIMMS Nîmes Sud"
        site.save()

        site.restore(site.history.get(version=1), "Retour")

        assert (site.name, site.made_name) == ("PIMMS Nîmes", "")

    def test_is_no_column_of_what_is_exchanged(self):
        assert "made_name" not in SiteResource().fields

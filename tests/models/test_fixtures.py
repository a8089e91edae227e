"""The fixtures are the source: complete, keyed, with a history, and loadable twice."""

from datetime import date

import pytest
from django.apps import apps
from django.core.management import call_command

from labelling.models import Association, Department, LabellingWave, Record, Region, Site

MODELS = [m for m in apps.get_app_config("labelling").get_models() if issubclass(m, Record)]


pytestmark = pytest.mark.django_db


@pytest.fixture(scope="class", autouse=True)
def loaded(base_of_the_class):
    call_command("loaddata", "geography", "release_2020_10_14", verbosity=0)


class TestFixtures:
    def test_hold_the_network_of_october_2020(self):
        counts = {model.__name__: model.objects.count() for model in MODELS}

        assert counts == {
            "Region": 18,
            "Department": 101,
            "Association": 27,
            "LabellingWave": 3,
            "Site": 53,
            "Letterhead": 0,
            "PressContact": 1,
            "PressRelease": 1,
        }

    @pytest.mark.parametrize("model", MODELS)
    def test_hold_the_keys_that_saving_would_compute(self, model):
        for record in model.objects.all():
            stored = model.objects.get(pk=record.pk)

            record.compute_keys()

            assert not record.differs_from(stored), record

    @pytest.mark.parametrize("model", MODELS)
    def test_are_valid(self, model):
        for record in model.objects.all():
            record.full_clean()

    @pytest.mark.parametrize("model", MODELS)
    def test_hold_one_history_entry_for_each_record(self, model):
        entries = list(model.history.values_list("id", "version", "history_type"))

        assert sorted(entries) == [(r.pk, 1, "+") for r in model.objects.order_by("pk")]

    @pytest.mark.parametrize("model", MODELS)
    def test_history_entries_hold_what_the_records_hold(self, model):
        for record in model.objects.all():
            entry = record.history.get()

            assert not record.differs_from(entry.instance), record

    def test_loading_twice_changes_nothing(self):
        """R24."""
        before = _everything()

        call_command("loaddata", "geography", "release_2020_10_14", verbosity=0)

        assert _everything() == before

    def test_the_first_change_can_be_taken_back(self):
        site = Site.objects.get(name="PIMMS Nîmes")

        site.name = "PIMMS de Nîmes"
        site.save()

        assert [entry.name for entry in site.history.order_by("version")] == [
            "PIMMS Nîmes",
            "PIMMS de Nîmes",
        ]

    def test_new_records_get_numbers_of_their_own(self):
        wave = LabellingWave.objects.create(name="Été 2021", effective_on=date(2021, 7, 1))
        site = Site.objects.create(name="PIMMS Uzès", department=Department.objects.get(code="30"))

        assert wave.pk == 4
        assert site.pk == 54

    def test_waves_have_their_dates_and_figures(self):
        wave = LabellingWave.objects.get(slug="automne-2020")

        assert (wave.effective_on, wave.decided_on, wave.announced_on) == (
            date(2020, 9, 1),
            date(2020, 9, 30),
            date(2020, 10, 14),
        )
        assert (wave.national_sites, wave.national_cantons) == (856, 674)
        assert wave.carrier_figures == [11, 154, 131, 19, 544]

    def test_sites_stand_where_they_were_printed(self):
        stephanoise = Association.objects.get(name="Métropole Stéphanoise")

        places = stephanoise.sites.values_list("department__name", "commune")

        assert {department for department, _ in places} == {"Isère"}
        assert {commune for _, commune in places} == {"Saint-Étienne", "Saint-Chamond"}

    def test_regions_are_in_french_order(self):
        names = list(Region.objects.values_list("name", flat=True))

        assert names[names.index("Île-de-France") + 1] == "La Réunion"
        assert names.index("Île-de-France") < names.index("Normandie")

    def test_departments_are_in_french_order(self):
        names = list(Department.objects.values_list("name", flat=True))

        assert names.index("Loir-et-Cher") < names.index("Loire") < names.index("Loiret")


def _everything():
    return {
        model: list(model._default_manager.order_by("pk").values())
        for model in apps.get_app_config("labelling").get_models()
    }

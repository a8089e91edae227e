"""« Noms à relire »: accepted or written anew, from the home page to the release."""

import re

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from labelling.models import AcceptedFinding, LabellingWave, Site
from tests.admin.forms import sentences
from tests.factories import DepartmentFactory, ReleaseFactory, SiteFactory, UserFactory, WaveFactory

pytestmark = pytest.mark.django_db

PAGE = "/labelling/site/names/"


def made(name: str, **values) -> Site:
    return SiteFactory(name=name, made_name=name, state_name=f"France services {name}", **values)


@pytest.fixture
def sites() -> list[Site]:
    gard = DepartmentFactory(code="30", name="Gard")
    SiteFactory(name="PIMMS Sommières", department=gard)
    return [made(f"PIMMS {name}", department=gard) for name in ("Alès", "Nîmes", "Uzès")]


def sent(page, *ticked: Site, **typed: str) -> dict:
    """What the form of the page sends, with these ticked and `typed` by key, « name-3 »."""
    fields = re.findall(r'name="((?:shown|version|name)-\d+)" value="([^"]*)"', page.text)
    data: dict = {**dict(fields), **typed}
    return {
        **data,
        "site": re.findall(r'name="site" value="(\d+)"', page.text),
        "ticked": [str(site.pk) for site in ticked],
    }


def unread() -> list[str]:
    accepted = AcceptedFinding.objects.filter(rule="Q004").values("record_id")
    names = Site.objects.filter(made_name=F("name")).exclude(pk__in=accepted)
    return sorted(names.values_list("name", flat=True))


class TestThePage:
    def test_shows_the_names_beside_those_of_the_state_all_ticked(self, sites, as_editor):
        page = as_editor.get(PAGE)

        assert "3\u00a0noms à relire" in page.text
        for site in sites:
            assert f"France services {site.name}" in page.text
            assert f'name="name-{site.pk}" value="{site.name}"' in page.text
        assert page.text.count(" checked>") == 3
        assert "PIMMS Sommières" not in page.text

    def test_accepts_those_that_are_ticked(self, sites, as_editor):
        ales, nimes, _uzes = sites

        answer = as_editor.post(PAGE, sent(as_editor.get(PAGE), ales, nimes), follow=True)

        assert sentences(answer) == ["2 noms acceptés."]
        assert unread() == ["PIMMS Uzès"]
        ales.refresh_from_db()
        assert ales.version == 1
        assert AcceptedFinding.objects.filter(record_id=ales.pk).get().motive == "Nom relu"

    def test_saves_those_that_are_written_anew_ticked_or_not(self, sites, as_editor):
        ales, _nimes, uzes = sites
        typed = {f"name-{uzes.pk}": "PIMMS de l’Uzège", f"name-{ales.pk}": "PIMMS d’Alès"}

        answer = as_editor.post(PAGE, sent(as_editor.get(PAGE), ales, **typed), follow=True)

        assert sentences(answer) == ["2 noms corrigés."]
        assert unread() == ["PIMMS Nîmes"]
        uzes.refresh_from_db()
        assert (uzes.name, uzes.made_name, uzes.version) == ("PIMMS de l’Uzège", "", 2)
        assert uzes.history.latest().history_change_reason == "Nom relu"

    def test_accepts_one_by_its_button_alone(self, sites, as_editor):
        _ales, nimes, _uzes = sites

        as_editor.post(PAGE, {**sent(as_editor.get(PAGE), *sites), "one": str(nimes.pk)})

        assert unread() == ["PIMMS Alès", "PIMMS Uzès"]

    def test_accepts_nothing_by_enter_in_a_name(self, sites, as_editor):
        page = as_editor.get(PAGE)
        first = re.search(r'<button type="submit" name="(\w+)" value="(\w+)" hidden>', page.text)
        assert first is not None
        typed = {f"name-{sites[2].pk}": "PIMMS de l’Uzège", first[1]: first[2]}

        answer = as_editor.post(PAGE, sent(page, *sites, **typed), follow=True)

        assert sentences(answer) == ["1 nom corrigé."]
        assert unread() == ["PIMMS Alès", "PIMMS Nîmes"]

    @pytest.mark.parametrize(
        ("name", "said"),
        [
            ("  ", "Écrivez le nom que la presse lira."),
            ("pimms sommieres", "Un site de ce département porte déjà ce nom."),
            ("-", "Écrivez un nom qui a des lettres ou des chiffres."),
        ],
    )
    def test_saves_nothing_where_one_is_wrong_and_keeps_what_was_typed(
        self, sites, as_editor, name, said
    ):
        ales, nimes, uzes = sites
        typed = {f"name-{uzes.pk}": name, f"name-{ales.pk}": "PIMMS d’Alès"}

        page = as_editor.post(PAGE, sent(as_editor.get(PAGE), nimes, **typed))

        (errors,) = re.findall(
            r'<ul class="errorlist" id="errors-(\d+)">\s*<li>(.*?)</li>', page.text
        )
        assert errors == (str(uzes.pk), said)
        assert f'name="name-{ales.pk}" value="PIMMS d’Alès"' in page.text
        assert page.text.count(" checked>") == 1
        assert len(unread()) == 3
        ales.refresh_from_db()
        assert ales.name == "PIMMS Alès"

    def test_does_not_save_two_under_one_name(self, sites, as_editor):
        ales, nimes, _uzes = sites
        typed = {f"name-{key}": "PIMMS du Gard" for key in (ales.pk, nimes.pk)}

        page = as_editor.post(PAGE, sent(as_editor.get(PAGE), **typed))

        assert "Un site de ce département porte déjà ce nom." in page.text
        assert len(unread()) == 3

    def test_tells_of_a_record_that_somebody_changed_meanwhile(self, sites, as_editor):
        ales, _nimes, uzes = sites
        page = as_editor.get(PAGE)
        uzes.name, uzes._history_user = "PIMMS de l’Uzège", UserFactory(first_name="Ana")
        uzes.save()
        typed = {f"name-{uzes.pk}": "PIMMS d’Uzès"}

        refused = as_editor.post(PAGE, sent(page, ales, **typed))

        assert (
            "a modifié cette fiche entre-temps\u202f; son nom est «\u00a0PIMMS de l’Uzège\u00a0». "
            "Relisez le vôtre."
        ) in refused.text
        assert f'name="name-{uzes.pk}" value="PIMMS d’Uzès"' in refused.text
        assert len(unread()) == 2
        as_editor.post(PAGE, sent(refused, ales))
        uzes.refresh_from_db()
        assert (uzes.name, uzes.version) == ("PIMMS d’Uzès", 3)
        assert unread() == ["PIMMS Nîmes"]

    def test_goes_on_where_somebody_else_read_some(self, sites, as_editor):
        _ales, nimes, uzes = sites
        page = as_editor.get(PAGE)
        uzes.name = "PIMMS de l’Uzège"
        uzes.save()
        nimes.delete()

        answer = as_editor.post(PAGE, sent(page, *sites), follow=True)

        assert sentences(answer) == ["1 nom accepté. 2 noms avaient été relus entre-temps."]
        assert unread() == []
        assert "Tous les noms ont été relus." in answer.text

    def test_of_a_wave_has_those_of_its_list(self, sites, as_editor):
        wave = WaveFactory(name="Automne 2020")
        listed = made("PIMMS Vauvert", department=sites[0].department, wave=wave)

        page = as_editor.get(PAGE, {"wave": wave.slug}).text

        assert f'name="name-{listed.pk}"' in page
        assert page.count('name="site"') == 1
        assert "1\u00a0nom à relire\ndans la liste de Automne 2020" in page

    def test_has_fifty_a_page_and_asks_as_much_for_each(self, as_editor):
        department = DepartmentFactory()

        def count() -> int:
            as_editor.get(PAGE)
            with CaptureQueriesContext(connection) as captured:
                page = as_editor.get(PAGE).text
            assert 'name="site"' in page
            return len(captured)

        for number in range(2):
            made(f"PIMMS {number}", department=department)
        few = count()
        for number in range(2, 53):
            made(f"PIMMS {number}", department=department)

        assert count() == few
        assert as_editor.get(PAGE).text.count('name="site"') == 50
        assert as_editor.get(PAGE, {"p": 2}).text.count('name="site"') == 3


class TestTheWaysToIt:
    def test_are_on_the_home_page_of_who_may_change_them(self, sites, as_editor, as_reader):
        home = as_editor.get("/").text

        assert "<strong>3\u00a0noms à relire</strong>" in home
        assert f'href="{PAGE}"' in home
        assert PAGE not in as_reader.get("/").text

    def test_are_in_the_list_of_what_is_to_check(self, sites, as_editor):
        page = as_editor.get("/labelling/site/", {"status": "to_check"}).text

        assert f'<a href="{PAGE}">3\u00a0noms à relire</a>' in page
        assert PAGE not in as_editor.get("/labelling/site/").text

    def test_are_told_before_a_release_is_validated_and_lock_nothing(self, network, as_manager):
        wave = LabellingWave.objects.get(slug="janvier-2020")
        department = DepartmentFactory(code="30")
        made("PIMMS Vauvert", wave=wave, department=department)
        made("PIMMS Uzès", department=department)
        release = ReleaseFactory(wave=wave)

        for page in ("document", "validate"):
            shown = as_manager.get(f"/labelling/pressrelease/{release.pk}/{page}/").text
            assert "1\u00a0nom de la liste n’a pas été relu." in shown
            assert f'href="{PAGE}?wave=janvier-2020"' in shown
        assert 'class="button default">Valider la version définitive</button>' in shown

"""Lines of a mail, pasted in a real browser: six sites, and nothing lost when a session ends."""

from datetime import date

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from playwright.sync_api import Page, expect

from labelling.models import ImportRun, LabellingWave, Site
from tests.browser.test_veil import list_kept
from tests.factories import WaveFactory, manager

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NAMES = ("Uzès", "Alès", "Bagnols", "Beaucaire", "Sommières", "Le Vigan")
MAIL = "\n".join(["Bonjour Ana,", *(f"- PIMMS {name} (Gard)" for name in NAMES), "Bien à toi,"])
PASSWORD = "un mot de passe"
RESTORED = "Votre saisie a été conservée\u00a0: relisez-la avant de continuer."


@pytest.fixture
def wave(network) -> LabellingWave:
    return WaveFactory(name="Janvier 2021", effective_on=date(2021, 1, 1))


@pytest.fixture
def ana(network) -> User:
    return make_person(first_name="Ana", last_name="Martin")


def make_person(**names: str) -> User:
    person = manager(**names)
    person.set_password(PASSWORD)
    person.save()
    return person


@pytest.fixture
def officer(live_server, page, ana) -> Page:
    client = Client()
    client.force_login(ana)
    cookie = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    return page


@pytest.fixture
def doors(live_server, wave) -> dict[str, tuple[str, str]]:
    """Where lines are pasted: the page, and the label of the field there."""
    return {
        "import": (f"{live_server.url}/labelling/importrun/add/", "Ou lignes copiées"),
        "wave": (
            f"{live_server.url}/labelling/labellingwave/{wave.pk}/sites/",
            "Lignes copiées d’un courriel",
        ),
    }


def paste(page: Page, door: tuple[str, str], mail: str = MAIL) -> None:
    address, label = door
    page.goto(address)
    page.get_by_label(label).fill(mail)


def send(page: Page) -> None:
    page.get_by_role("button", name="Voir ce que cela changerait").click()


def sign_in(page: Page, person: User) -> None:
    page.locator("#id_username").fill(person.username)
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter", exact=True).click()


def end_session(page: Page, how: str) -> None:
    if how == "expired":
        Session.objects.all().delete()
    else:
        page.context.clear_cookies(name="sessionid")


class TestAMailOfSix:
    def test_makes_six_sites_of_the_wave(self, officer, doors, wave):
        page = officer
        before = Site.objects.count()
        paste(page, doors["wave"])

        send(page)

        expect(page.locator(".messagelist")).to_contain_text("6\u00a0lignes lues.")
        expect(page.get_by_text("Vague\u00a0: Janvier 2021.")).to_be_visible()
        expect(page.get_by_text("2\u00a0lignes n’ont pas été lues")).to_contain_text(
            "«\u00a0Bonjour Ana\u00a0» (ligne 1) et «\u00a0Bien à toi\u00a0» (ligne 8)"
        )
        page.get_by_role("button", name="Appliquer les 6\u00a0changements").click()
        expect(page.locator(".messagelist")).to_contain_text("6\u00a0sites ajoutés.")
        assert Site.objects.count() == before + 6
        added = Site.objects.filter(wave=wave)
        assert {site.name for site in added} == {f"PIMMS {name}" for name in NAMES}
        assert {site.department.name for site in added} == {"Gard"}

    def test_leaves_nothing_of_it_in_the_tab(self, officer, doors):
        paste(officer, doors["import"])
        assert len(list_kept(officer)) == 1

        send(officer)

        expect(officer.locator(".messagelist")).to_contain_text("6\u00a0lignes lues.")
        assert list_kept(officer) == []


class TestASessionThatEnds:
    @pytest.mark.parametrize("how", ["expired", "cookie deleted"])
    @pytest.mark.parametrize("door", ["import", "wave"])
    def test_loses_nothing_of_what_was_pasted(self, officer, doors, ana, wave, door, how):
        page = officer
        paste(page, doors[door])
        end_session(page, how)

        send(page)
        expect(page.locator("[data-kept-notice]")).to_have_text(
            "Votre session est terminée. Reconnectez-vous\u00a0: votre saisie est conservée."
        )
        assert "PIMMS" not in page.url
        sign_in(page, ana)

        expect(page.locator(".kept-typing")).to_have_text(RESTORED)
        expect(page.get_by_label(doors[door][1])).to_have_value(MAIL)
        if door == "import":
            page.get_by_label("Ce sont").select_option("Sites")
        send(page)
        expect(page.locator(".messagelist")).to_contain_text("6\u00a0lignes lues.")
        assert ImportRun.objects.get().wave == (wave if door == "wave" else None)

    def test_loses_nothing_that_was_refused(self, officer, doors, ana):
        page = officer
        paste(page, doors["import"], "Bonjour,\nmerci")
        page.get_by_label("Ce sont").select_option("Sites")
        send(page)
        expect(page.get_by_role("alert")).to_contain_text("Aucune ligne de titres")
        end_session(page, "expired")

        # Nothing was typed since.
        send(page)
        sign_in(page, ana)

        expect(page.get_by_label("Ou lignes copiées")).to_have_value("Bonjour,\nmerci")

    def test_shows_nothing_to_another_person(self, officer, doors, ana):
        page = officer
        paste(page, doors["import"])
        end_session(page, "expired")
        send(page)

        sign_in(page, make_person(first_name="Bob"))

        field = page.get_by_label("Ou lignes copiées")
        expect(field).to_have_value("")
        expect(page.locator(".kept-typing")).to_have_count(0)
        assert list_kept(page) == []
        # Nor to the first one, who finds another's page.
        end_session(page, "expired")
        page.reload()
        expect(page.locator("[data-kept-notice]")).to_be_hidden()
        sign_in(page, ana)
        expect(field).to_have_value("")

    def test_promises_nothing_where_nothing_was_typed(self, officer, doors):
        page = officer
        page.goto(doors["import"][0])
        page.get_by_label("Fichier Excel").set_input_files(
            {"name": "a.csv", "mimeType": "text/csv", "buffer": b"Nom"}
        )
        end_session(page, "expired")

        send(page)

        page.locator("#id_username").wait_for()
        expect(page.locator("[data-kept-notice]")).to_be_hidden()

"""Two people at a draft: read, to be reviewed, corrected, read again, and validated for a day."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from labelling.models import Proofreading
from tests.browser.test_two_people import (
    assert_sound,
    boss,
    draft,
    officer,
    open_browser,
    press,
    say,
    winter,
)
from tests.factories import reader

__all__ = ["boss", "officer", "winter"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def camille(browser, live_server, network) -> Iterator[Page]:
    """Who reads."""
    person = reader(first_name="Camille", last_name="Martin")
    page = open_browser(browser, live_server.url, person)
    yield page
    page.context.close()


def ask(page: Page, release, note: str) -> None:
    page.goto(f"/labelling/pressrelease/{release.pk}/document/")
    page.get_by_role("link", name="Demander une relecture…").click()
    page.get_by_label("Camille Martin").check()
    page.get_by_label("Message").fill(note)
    assert_sound(page)
    press(page, "Demander la relecture")
    expect(say(page)).to_contain_text("Relecture demandée à Camille Martin.")


def open_what_waits(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Relire et répondre").click()
    expect(page.get_by_role("region", name="Votre relecture")).to_be_in_viewport()


def answer(page: Page, said: str, note: str) -> None:
    mine = page.get_by_role("region", name="Votre relecture")
    mine.get_by_label(said).check()
    mine.get_by_label("Remarques").fill(note)
    press(page, "Répondre")


class TestProofreading:
    def test_from_the_request_to_the_validation(self, officer, boss, camille, winter):
        release = draft(officer, winter)
        here = f"/labelling/pressrelease/{release.pk}"
        ask(officer, release, "Surtout le chapô.")

        # Who reads forgets to say what is to be reviewed, then says it.
        open_what_waits(camille)
        assert_sound(camille)
        answer(camille, "À revoir", "")
        expect(camille.get_by_text("Dites ce qui est à revoir.", exact=True)).to_be_visible()
        assert_sound(camille)
        answer(camille, "À revoir", "Le chapô est trop long.")
        expect(say(camille)).to_contain_text("Votre réponse est enregistrée.")

        # Who asked is told, corrects, and sees what changed since.
        officer.goto("/")
        officer.get_by_role("link", name="Voir la relecture").click()
        expect(officer.locator("main")).to_contain_text("Rien n’a changé depuis.")
        assert_sound(officer)
        officer.goto(f"{here}/change/")
        officer.locator("#id_own_lead").fill("Uzès a son PIMMS.")
        press(officer, "Enregistrer")
        officer.get_by_role("link", name="1 passage a changé depuis.").click()
        expect(officer.get_by_text("Ce qui est écrit maintenant")).to_be_visible()
        expect(officer.locator("ins").first).to_have_text("Uzès")
        assert_sound(officer)
        boss.goto(f"{here}/validate/")
        told = boss.get_by_role("region", name="Relectures")
        expect(told).to_contain_text("a répondu «\u00a0À revoir\u00a0»\u00a0: «\u00a0Le chapô est")
        assert_sound(boss)

        # Read again, while the draft moves under the reader's eyes.
        ask(officer, release, "")
        open_what_waits(camille)
        officer.goto(f"{here}/change/")
        officer.locator("#id_closing").fill("Un paragraphe de plus.")
        press(officer, "Enregistrer")
        answer(camille, "Relu", "Parfait.")
        expect(say(camille)).to_contain_text("Le brouillon a changé pendant votre lecture")
        assert_sound(camille)

        # Somebody telephones.
        officer.goto(f"{here}/document/")
        officer.get_by_role("link", name="Consigner une relecture reçue…").click()
        officer.get_by_label("Qui a relu").fill("Jean Dupont")
        officer.get_by_label("Téléphone").check()
        officer.get_by_role("radio", name="Relu").check()
        assert_sound(officer)
        press(officer, "Consigner la relecture")
        expect(say(officer)).to_contain_text("« Relu » est consigné.")
        assert_sound(officer)

        # Who is away lends the right to validate, until a day.
        boss.goto("/auth/user/")
        boss.get_by_role("link", name="Odile Presse").click()
        boss.get_by_label("Responsable jusqu’au").fill("31 août 2099")
        assert_sound(boss)
        press(boss, "Enregistrer")
        expect(boss.locator("#result_list")).to_contain_text("responsable jusqu’au 31/08/2099")
        officer.goto(f"{here}/document/")
        expect(officer.locator("main")).to_contain_text(
            "vous a prêté le droit de valider les communiqués"
        )
        officer.get_by_role("link", name="Valider la version définitive…").click()
        press(officer, "Valider la version définitive")
        expect(officer.locator(".situation")).to_contain_text("Version définitive")
        readings = officer.get_by_role("region", name="Relectures")
        expect(readings).to_contain_text("Jean Dupont")
        expect(readings.get_by_role("button")).to_have_count(0)
        assert_sound(officer)
        assert Proofreading.objects.count() == 3

    def test_an_answer_after_the_validation_is_heard(self, officer, boss, camille, winter):
        release = draft(officer, winter)
        ask(officer, release, "")
        open_what_waits(camille)
        boss.goto(f"/labelling/pressrelease/{release.pk}/validate/")
        press(boss, "Valider la version définitive")

        answer(camille, "À revoir", "Deux fautes.")

        expect(say(camille)).to_contain_text("est déjà validé par Brigitte Chef")
        readings = camille.get_by_role("region", name="Relectures")
        expect(readings).to_contain_text("reçue après la validation")
        expect(readings).to_contain_text("Deux fautes.")
        assert_sound(camille)

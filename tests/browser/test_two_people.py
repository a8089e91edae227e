"""Two people at one release, each in a browser: who drafts it, and who validates and sends it."""

from collections.abc import Iterator

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from labelling.choices import ReleaseStatus
from labelling.models import LabellingWave, PressRelease, Site
from tests.browser.test_every_page import DESKTOP, OVERFLOW, PHONE, list_violations
from tests.factories import SiteFactory, editor, manager

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def open_browser(browser: Browser, address: str, person) -> Page:
    client = Client()
    client.force_login(person)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": address}
    # For axe, which tries styles of its own on the fields of a form.
    context = browser.new_context(locale="fr-FR", bypass_csp=True, base_url=address)
    context.add_cookies([cookie])
    return context.new_page()


@pytest.fixture
def winter(network) -> LabellingWave:
    wave = LabellingWave.objects.create(name="Hiver 2021", effective_on="2021-01-15")
    site = Site.objects.get(name="PIMMS Nîmes")
    Site.objects.create(name="PIMMS Uzès", department=site.department, wave=wave)
    return wave


@pytest.fixture
def officer(browser, live_server, network) -> Iterator[Page]:
    """Who drafts."""
    page = open_browser(browser, live_server.url, editor(first_name="Odile", last_name="Presse"))
    yield page
    page.context.close()


@pytest.fixture
def boss(browser, live_server, network) -> Iterator[Page]:
    """Who validates and sends."""
    page = open_browser(browser, live_server.url, manager(first_name="Brigitte", last_name="Chef"))
    yield page
    page.context.close()


def assert_sound(page: Page) -> None:
    for screen in (PHONE, DESKTOP):
        page.set_viewport_size(screen)
        assert page.evaluate(OVERFLOW) <= 0
        assert list_violations(page) == []


def say(page: Page):
    return page.locator(".messagelist")


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def fill_a_dispatch(page: Page, day: str, recipients: str) -> None:
    line = page.get_by_role("group", name="Ligne 1")
    line.get_by_label("Parti le").fill(day)
    line.get_by_label("Moyen").select_option("Courriel")
    line.get_by_label("Destinataires").fill(recipients)


def draft(officer: Page, wave: LabellingWave) -> PressRelease:
    officer.goto(f"/labelling/pressrelease/add/?wave={wave.pk}")
    officer.locator("#id_issued_on").fill("20 janvier 2021")
    press(officer, "L’arrêter au 20 janvier 2021, date du communiqué")
    expect(say(officer)).to_contain_text("est arrêtée au 20 janvier 2021")
    press(officer, "Enregistrer")
    expect(officer.locator(".situation")).to_contain_text("Brouillon")
    return PressRelease.objects.get(wave=wave)


class TestTwoPeople:
    def test_one_drafts_and_the_other_validates(self, officer, boss, winter):
        release = draft(officer, winter)
        here = f"/labelling/pressrelease/{release.pk}"

        # Who may not validate is told who does.
        step = officer.locator(".next-step")
        expect(step).to_contain_text("À faire valider par Brigitte Chef")
        expect(step.get_by_role("link")).to_have_count(0)
        assert_sound(officer)

        # The draft is edited between what one reads and what one validates.
        boss.goto(f"{here}/validate/")
        officer.goto(f"{here}/change/")
        officer.locator("#id_own_title").fill("Uzès rejoint le réseau")
        press(officer, "Enregistrer")
        expect(officer.locator("article h1")).to_have_text("Uzès rejoint le réseau")
        press(boss, "Valider la version définitive")
        expect(boss.locator(".messagelist")).to_be_visible()
        release.refresh_from_db()
        assert release.status == ReleaseStatus.DRAFT
        expect(boss.locator("article h1")).to_have_text("Uzès rejoint le réseau")
        assert_sound(boss)

        # It is validated while the other one writes: that is not printed, and given back.
        officer.goto(f"{here}/change/")
        press(boss, "Valider la version définitive")
        expect(boss.locator(".situation")).to_contain_text("Version définitive")
        officer.locator("#id_place").fill("Lyon")
        press(officer, "Enregistrer")
        told = officer.get_by_role("alert")
        expect(told).to_contain_text("a été validé par Brigitte Chef pendant que vous")
        expect(officer.locator(".lost-words")).to_contain_text("Lyon")
        assert_sound(officer)
        release.refresh_from_db()
        assert (release.status, release.place) == (ReleaseStatus.FINAL, "Paris")

    def test_one_words_an_edition_that_the_other_freezes(self, officer, boss, winter):
        release = draft(officer, winter)
        here = f"/labelling/pressrelease/{release.pk}"

        officer.get_by_role("link", name="Éditions régionales").click()
        expect(officer.get_by_label("Préparer l’édition\u00a0: Occitanie")).to_be_checked()
        officer.get_by_label("Préparer l’édition\u00a0: Bretagne").check()
        brittany = officer.get_by_role("region", name="Bretagne")
        brittany.get_by_text("Titre, chapô et contact local").click()
        brittany.get_by_label("Titre").fill("La Bretagne attend son tour")
        brittany.get_by_label("Contact local").fill("Loïc Exemple, 02 00 00 00 00")
        assert_sound(officer)
        press(officer, "Enregistrer les éditions")
        expect(say(officer)).to_contain_text("Les éditions régionales sont enregistrées")

        boss.goto(f"{here}/validate/")
        expect(boss.locator(".next-step")).to_contain_text("Bretagne et Occitanie")
        press(boss, "Valider la version définitive")
        boss.goto(f"{here}/editions/")
        assert_sound(boss)
        boss.get_by_role("link", name="La Bretagne attend son tour").click()
        expect(boss.locator("article")).to_contain_text("Contact local\u00a0: Loïc Exemple")
        assert_sound(boss)

    def test_both_send_and_one_takes_back(self, browser, live_server, officer, boss, winter):
        release = draft(officer, winter)
        here = f"/labelling/pressrelease/{release.pk}"
        boss.goto(f"{here}/validate/")
        press(boss, "Valider la version définitive")
        other = open_browser(browser, live_server.url, manager(last_name="Second"))

        # Both have the page open: what the second one notes is not added to what they did not see.
        boss.goto(f"{here}/send/")
        other.goto(f"{here}/send/")
        fill_a_dispatch(boss, "20 janvier 2021", "AFP")
        press(boss, "Marquer comme envoyé")
        expect(boss.locator(".situation")).to_contain_text("Envoyé le 20 janvier 2021")
        fill_a_dispatch(other, "21/01/2021", "rédactions régionales, 120 destinataires")
        press(other, "Marquer comme envoyé")
        expect(say(other)).to_be_visible()
        expect(other.locator("main")).to_contain_text("courriel : AFP")
        assert [str(one.recipients) for one in release.dispatches.all()] == ["AFP"]
        assert_sound(other)

        # Who drafts sees it sent, and may write nothing in its journal.
        officer.goto(f"{here}/document/")
        expect(officer.locator(".situation")).to_contain_text("Envoyé le 20 janvier 2021")
        expect(officer.get_by_role("link", name="Ajouter une diffusion")).to_have_count(0)
        assert_sound(officer)

        # One takes the mark back while the other one goes on: it is sent no more.
        other.goto(f"{here}/send/")
        boss.goto(f"{here}/take-back/")
        assert_sound(boss)
        press(boss, "Retirer la marque « Envoyé »")
        expect(boss.locator(".situation")).to_contain_text("Version définitive")
        fill_a_dispatch(other, "21/01/2021", "presse locale, 3 destinataires")
        press(other, "Ajouter au journal de diffusion")
        expect(say(other)).to_be_visible()
        release.refresh_from_db()
        assert release.status == ReleaseStatus.FINAL
        assert not release.dispatches.exists()
        other.context.close()

    def test_one_corrects_and_the_other_sends_until_one_text_replaces_all(
        self, officer, boss, winter
    ):
        release = draft(officer, winter)
        validate_and_send(boss, release)
        site = Site.objects.get(name="PIMMS Uzès")
        rename(officer, site, "PIMMS d’Uzès")

        # What one judged on a page that the other one has open too.
        changes = f"/labelling/pressrelease/{release.pk}/changes/"
        boss.goto(changes)
        officer.goto(changes)
        expect(officer.locator("main")).to_contain_text("1 différence à examiner")
        officer.get_by_label("Erreur à rectifier").check()
        press(officer, "Préparer un rectificatif")
        expect(officer.get_by_label("Lire").first).to_have_value("PIMMS d’Uzès")
        assert_sound(officer)
        boss.get_by_label("Évolution depuis").check()
        press(boss, "Enregistrer les réponses")
        expect(say(boss)).to_be_visible()
        assert_sound(boss)
        erratum = release.corrections.get()
        validate_and_send(boss, erratum)

        # The name was right: the rectificatif says what is false, to both.
        rename(boss, site, "PIMMS Uzès")
        officer.goto(f"/labelling/pressrelease/{erratum.pk}/document/")
        expect(officer.locator("main")).to_contain_text("n’est plus vrai")
        assert_sound(officer)
        officer.goto(changes)
        expect(officer.locator("main")).to_contain_text("ce rectificatif envoyé n’est plus vrai")
        press(officer, "Préparer un « annule et remplace »")
        whole = release.corrections.get(kind="replacement")
        validate_and_send(boss, whole)
        expect(boss.locator("article")).to_contain_text("Annule et remplace le communiqué du")
        officer.goto(f"/labelling/pressrelease/{release.pk}/document/")
        officer.get_by_role("link", name=str(whole)).first.click()
        expect(officer.locator(".situation")).to_contain_text("Envoyé le")
        assert_sound(officer)


def rename(page: Page, site: Site, name: str) -> None:
    page.goto(f"/labelling/site/{site.pk}/change/")
    page.locator("#id_name").fill(name)
    press(page, "Enregistrer")
    expect(say(page)).to_be_visible()


def validate_and_send(boss: Page, release: PressRelease) -> None:
    here = f"/labelling/pressrelease/{release.pk}"
    boss.goto(f"{here}/validate/")
    press(boss, "Valider la version définitive")
    expect(boss.locator(".situation")).to_contain_text("Version définitive")
    boss.goto(f"{here}/send/")
    release.refresh_from_db()
    fill_a_dispatch(boss, f"{release.issued_on:%d/%m/%Y}", "AFP")
    press(boss, "Marquer comme envoyé")
    expect(boss.locator(".situation")).to_contain_text("Envoyé le")


class TestOneMergesWhatTheOtherChanges:
    def test_the_reason_stands_above_the_values(self, boss, network):
        stays, goes = SiteFactory(name="PIMMS Uzès"), SiteFactory(name="PIMMS d’Uzès")
        boss.goto(f"/labelling/site/merge/?site={stays.pk}&other={goes.pk}")
        goes.note = "Fermé le lundi"
        goes.save()

        boss.get_by_role("button", name="Fusionner les deux fiches").click()

        reason = boss.get_by_text("pendant que cette page était ouverte : rien n’a été fusionné.")
        expect(reason).to_be_visible()
        values = boss.get_by_role("heading", name="2 différences")
        assert reason.bounding_box()["y"] < values.bounding_box()["y"]
        assert_sound(boss)

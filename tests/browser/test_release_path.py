"""A press officer's path in a real browser: from the wave to the rectificatif, and the ZIP."""

import io
import re
from datetime import date
from zipfile import ZipFile

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.sessions.models import Session
from django.test import Client
from playwright.sync_api import Page, expect

from labelling.models import LabellingWave, PressRelease, Site
from labelling.press_release import drafting
from tests.browser.test_every_page import AXE
from tests.factories import UserFactory, final, manager

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def officer(live_server, page: Page, network):
    person = manager(username="officer@example.org")
    client = Client()
    client.force_login(person)
    cookie = client.cookies["sessionid"]
    page.context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": live_server.url}])
    return person


@pytest.fixture
def winter(network) -> LabellingWave:
    wave = LabellingWave.objects.create(
        name="Hiver 2021",
        effective_on=date(2021, 1, 15),
        announced_on=date(2021, 1, 20),
        decided_on=date(2021, 1, 13),
    )
    site = Site.objects.get(name="PIMMS Nîmes")
    Site.objects.create(name="PIMMS Uzès", department=site.department, wave=wave)
    return wave


# Reading the style sheets again, axe writes some of them into the page, which our policy refuses.
OPTIONS = AXE | {"preload": False}


def assert_accessible(page: Page) -> None:
    violations = Axe().run(page, options=OPTIONS).response["violations"]
    assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in violations] == []


def assert_fits(page: Page) -> None:
    for width in (390, 1366):
        page.set_viewport_size({"width": width, "height": 800})
        overflow = "document.documentElement.scrollWidth - window.innerWidth"
        assert page.evaluate(overflow) <= 0


def download(page: Page, label: str) -> tuple[str, bytes]:
    with page.expect_download() as waiting:
        page.get_by_role("link", name=label).click()
    return waiting.value.suggested_filename, waiting.value.path().read_bytes()


def save_and_sign_in(page: Page, person) -> None:
    """Send the form after the session has expired, and sign in as one is asked to."""
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    sign_in(page, person)


def sign_in(page: Page, person) -> None:
    person.set_password("un mot de passe")
    person.save()
    page.locator("#id_username").fill(person.username)
    page.locator("#id_password").fill("un mot de passe")
    page.get_by_role("button", name="Se connecter", exact=True).click()


class TestThePath:
    def test_from_the_wave_to_the_rectificatif(self, live_server, page, officer, winter):
        # A draft, complete before anything is typed.
        page.goto(f"{live_server.url}/labelling/labellingwave/{winter.pk}/press-release/")
        page.get_by_role("link", name="Préparer le communiqué").click()
        preview = page.locator("[data-preview-body]")
        expect(preview).to_contain_text("PROJET – NE PAS DIFFUSER")
        expect(preview).to_contain_text("Un PIMMS supplémentaire obtient")
        assert_accessible(page)

        # A sentence rewritten, seen at once, given back, rewritten again.
        title = page.locator("#id_own_title")
        title.fill("2 PIMMS rejoignent le réseau")
        expect(preview.locator("h1")).to_have_text("2 PIMMS rejoignent le réseau")
        expect(page.locator("[data-findings=own_title]")).to_contain_text("est annoncé")
        page.get_by_role("button", name="Reprendre la phrase calculée").click()
        expect(preview.locator("h1")).to_contain_text("Un PIMMS supplémentaire obtient")
        page.get_by_role("button", name="Remettre ma phrase").click()
        expect(preview.locator("h1")).to_have_text("2 PIMMS rejoignent le réseau")
        page.get_by_role("button", name="Reprendre la phrase calculée").click()
        expect(preview.locator("h1")).to_contain_text("Un PIMMS supplémentaire obtient")
        page.locator(".field-own_title").get_by_role("button", name="Réécrire la phrase").click()
        title.fill("Uzès rejoint le réseau")
        expect(preview.locator("h1")).to_have_text("Uzès rejoint le réseau")
        page.get_by_role("button", name="Enregistrer", exact=True).click()

        # Its page, its files.
        expect(page.locator(".situation")).to_contain_text("Brouillon")
        assert_accessible(page)
        assert_fits(page)

        # Validated.
        page.get_by_role("link", name="Valider la version définitive…").click()
        assert_accessible(page)
        assert_fits(page)
        page.get_by_role("button", name="Valider la version définitive").click()
        expect(page.locator(".situation")).to_contain_text("Version définitive")

        # Sent.
        page.get_by_role("link", name="Marquer comme envoyé…").click()
        line = page.get_by_role("group", name="Ligne 1")
        line.get_by_label("Parti le").fill("20/01/2021")
        line.get_by_label("Moyen").select_option("Courriel")
        line.get_by_label("Destinataires").fill("rédactions régionales, 120 destinataires")
        assert_accessible(page)
        assert_fits(page)
        page.get_by_role("button", name="Marquer comme envoyé").click()
        expect(page.locator(".situation")).to_contain_text("Envoyé le 20 janvier 2021")
        expect(page.locator("#content-main")).to_contain_text("courriel : rédactions régionales")
        assert_accessible(page)
        assert_fits(page)

        # A site is corrected.
        site = Site.objects.get(name="PIMMS Uzès")
        page.goto(f"{live_server.url}/labelling/site/{site.pk}/change/")
        page.locator("#id_name").fill("PIMMS d’Uzès")
        page.get_by_role("button", name="Enregistrer", exact=True).click()

        # Its difference is judged an error, and rectified.
        release = PressRelease.objects.get(wave=winter)
        page.goto(f"{live_server.url}/labelling/pressrelease/{release.pk}/document/")
        page.get_by_role("link", name="Ce qui a changé depuis").click()
        expect(page.locator(".change").first).to_contain_text("PIMMS d’Uzès")
        expect(page.locator(".change-why").first).to_contain_text(officer.last_name)
        assert_accessible(page)
        assert_fits(page)
        page.get_by_label("Erreur à rectifier").check()
        page.get_by_role("button", name="Préparer un rectificatif").click()
        row = page.get_by_role("group", name="Ligne 1")
        expect(row.get_by_label("Où")).to_have_value("PIMMS Uzès, nom")
        expect(row.get_by_label("Au lieu de")).to_have_value("PIMMS Uzès")
        expect(row.get_by_label("Lire")).to_have_value("PIMMS d’Uzès")
        expect(preview).to_contain_text("Au lieu de : « PIMMS Uzès », lire : « PIMMS d’Uzès ».")
        assert_accessible(page)
        page.get_by_role("link", name="Voir le communiqué").click()
        page.get_by_role("link", name="Valider la version définitive…").click()
        page.get_by_role("button", name="Valider la version définitive").click()

        # In every format at once.
        page.locator("summary", has_text="Autres formats").click()
        name, archive = download(page, "Tous, en ZIP")
        assert name == "rectificatif-hiver-2021.zip"
        assert len(ZipFile(io.BytesIO(archive)).namelist()) == 9
        page.goto(f"{live_server.url}/labelling/pressrelease/{release.pk}/changes/")
        expect(page.locator(".change-done")).to_contain_text(
            "Correction validée, pas encore envoyée"
        )

    def test_what_is_asked_is_answered_and_nothing_typed_is_lost(
        self, live_server, page, officer, winter
    ):
        winter.announced_on = None
        winter.save()
        page.goto(f"{live_server.url}/labelling/pressrelease/add/?wave={winter.pk}")
        page.locator("#id_own_title").fill("Uzès rejoint le réseau")
        assert_accessible(page)
        assert_fits(page)

        closing = page.locator(".field-closing")
        expect(closing.locator("blockquote")).to_contain_text("Les PIMMS ont été cités")
        closing.get_by_role("button", name="Reprendre le paragraphe").click()
        expect(page.locator("#id_closing")).to_have_value(re.compile("^Les PIMMS ont été cités"))
        expect(page.locator("#id_own_title")).to_have_value("Uzès rejoint le réseau")
        expect(closing.locator("blockquote")).to_have_count(0)
        expect(page.locator(".kept-typing")).to_have_count(0)

        page.get_by_role("button", name="L’arrêter au").click()
        expect(page.locator("[data-preview-body]")).to_contain_text("Situation arrêtée au")
        expect(page.get_by_role("button", name="L’arrêter au")).to_have_count(0)
        expect(page.locator("#id_closing")).to_have_value(re.compile("^Les PIMMS ont été cités"))
        assert_accessible(page)

        # What Enter presses saves.
        page.locator("#id_place").press("Enter")
        expect(page.locator(".situation")).to_contain_text("Brouillon")
        assert PressRelease.objects.get(wave=winter).closing.startswith("Les PIMMS")

        page.get_by_role("link", name="Valider la version définitive…").click()
        expect(page.get_by_role("heading", name="Ce qui s’imprimerait faux")).to_be_visible()
        assert_accessible(page)
        assert_fits(page)

    def test_typing_survives_a_session_that_expires(self, live_server, page, officer, winter):
        page.goto(f"{live_server.url}/labelling/pressrelease/add/?wave={winter.pk}")
        Session.objects.all().delete()

        page.locator("#id_own_title").fill("Uzès rejoint le réseau")
        over = page.get_by_role("dialog", name="Session terminée")
        expect(over).to_contain_text("Reconnectez-vous : votre saisie est conservée.")
        over.get_by_role("link", name="Se reconnecter").click()
        sign_in(page, officer)

        expect(page.locator("#id_own_title")).to_have_value("Uzès rejoint le réseau")
        expect(page.locator(".kept-typing")).to_contain_text("Votre saisie a été conservée")
        expect(page.locator("[data-preview-body] h1")).to_have_text("Uzès rejoint le réseau")

    def test_a_sentence_that_there_is_none_of_is_rewritten_from_nothing(
        self, live_server, page, officer, winter
    ):
        page.goto(f"{live_server.url}/labelling/pressrelease/add/?wave={winter.pk}")
        figures = page.locator(".field-own_figures")
        expect(figures.locator("[data-computed]")).to_have_text("–")

        figures.get_by_role("button", name="Réécrire la phrase").click()
        expect(page.locator("#id_own_figures")).to_be_focused()
        expect(page.locator("#id_own_figures")).to_have_value("")

        page.locator("#id_place").fill("Lyon")
        expect(page.locator("[data-preview-body]")).to_contain_text("Lyon, ")
        figures.get_by_role("button", name="Réécrire la phrase").click()
        expect(page.locator("#id_own_figures")).to_have_value("")

    def test_a_colleague_who_validates_it_is_no_session_that_expired(
        self, browser, live_server, page, officer, winter
    ):
        release = drafting.draft_original(winter, date(2021, 1, 20))
        release.save()
        # A page whose console may say that the preview was refused.
        context = browser.new_context(locale="fr-FR")
        context.add_cookies(page.context.cookies())
        draft = context.new_page()
        draft.goto(f"{live_server.url}/labelling/pressrelease/{release.pk}/change/")
        final(release)

        draft.locator("#id_own_title").fill("Uzès rejoint le réseau")

        expect(draft.locator("[data-preview-state]")).to_have_text(
            "L’aperçu n’a pas pu être rafraîchi."
        )
        expect(draft.get_by_role("dialog")).to_be_hidden()
        context.close()

    def test_a_mail_is_copied_with_its_table(self, live_server, page, officer):
        page.context.grant_permissions(
            ["clipboard-read", "clipboard-write"], origin=live_server.url
        )
        page.goto(f"{live_server.url}/labelling/pressrelease/1/mail/")
        assert_accessible(page)
        assert_fits(page)

        page.get_by_role("button", name="Copier le texte et le tableau").click()
        expect(page.locator("[data-copied]")).to_have_text("Copié. Collez dans votre courriel.")

        types = page.evaluate(
            "navigator.clipboard.read().then((items) => items.flatMap((item) => item.types))"
        )
        assert sorted(types) == ["text/html", "text/plain"]
        copied = page.evaluate(
            "navigator.clipboard.read().then((items) => items[0].getType('text/html'))"
            ".then((blob) => blob.text())"
        )
        assert "<table" in copied
        assert "#ffff00" in copied


class TestTheLinesOfARectificatif:
    @pytest.fixture
    def erratum(self, network) -> PressRelease:
        release = drafting.prepare_erratum(PressRelease.objects.get(), [], date(2020, 10, 20))
        release.errata = "Titre | a | b\nTexte | c | d\nChapô | e | f"
        release.save()
        return release

    @pytest.fixture
    def rows(self, live_server, page, officer, erratum):
        page.goto(f"{live_server.url}/labelling/pressrelease/{erratum.pk}/change/")
        return page.locator(".erratum")

    def test_are_added_and_removed_before_the_preview(self, page, rows, erratum):
        expect(rows).to_have_count(3)

        page.get_by_role("button", name="Ajouter une ligne").click()
        expect(rows.nth(3).get_by_label("Où")).to_be_focused()
        page.keyboard.type("Contact")
        expect(page.locator("[data-findings=errata]")).to_contain_text("Ligne « Contact »")
        rows.nth(3).get_by_label("Lire").fill("g")
        preview = page.locator("[data-preview-body]")
        expect(preview).to_contain_text("Contact. Ajouter : « g ».")
        assert_accessible(page)
        assert_fits(page)

        page.get_by_role("button", name="Retirer cette ligne (ligne 2)").click()
        expect(preview).not_to_contain_text("Texte. Au lieu de")
        expect(page.get_by_role("group", name="Ligne 2").get_by_label("Où")).to_be_focused()
        expect(page.get_by_role("group", name="Ligne 2").get_by_label("Où")).to_have_value("Chapô")
        page.get_by_role("button", name="Retirer cette ligne (ligne 3)").click()
        expect(rows.nth(1).get_by_label("Où")).to_be_focused()

        page.get_by_role("button", name="Enregistrer", exact=True).click()
        expect(page.locator(".situation")).to_be_visible()
        erratum.refresh_from_db()
        assert erratum.errata == "Titre | a | b\nChapô | e | f"

    def test_may_all_be_removed(self, page, rows):
        for _ in range(3):
            page.get_by_role("button", name="Retirer cette ligne (ligne 1)").click()

        expect(page.get_by_role("button", name="Ajouter une ligne")).to_be_focused()
        page.keyboard.press("Enter")
        expect(rows).to_have_count(1)
        expect(rows.get_by_label("Où")).to_have_value("")

    @pytest.mark.parametrize("removed", [1, 3])
    def test_come_back_after_a_session_that_expires(self, page, rows, officer, removed):
        for _ in range(removed):
            page.get_by_role("button", name="Retirer cette ligne (ligne 1)").click()
        for _ in range(3):
            page.get_by_role("button", name="Ajouter une ligne").click()
            page.keyboard.type("Contact")
        Session.objects.all().delete()

        save_and_sign_in(page, officer)

        expect(page.locator(".kept-typing")).to_contain_text("Votre saisie a été conservée")
        expect(rows).to_have_count(6 - removed)
        expect(rows.last.get_by_label("Où")).to_have_value("Contact")
        expect(page.locator("[data-preview-body]")).not_to_contain_text("Titre. Au lieu de")

    def test_of_another_person_are_taken(self, page, rows, erratum):
        erratum.errata = "Titre | a | z\nTexte |  | y"
        erratum.save()
        rows.first.get_by_label("Lire").fill("x")
        page.get_by_role("button", name="Enregistrer", exact=True).click()

        page.get_by_role("button", name="Prendre la valeur enregistrée").click()

        expect(rows).to_have_count(2)
        expect(rows.first.get_by_label("Où")).to_be_focused()
        expect(rows.first.get_by_label("Lire")).to_have_value("z")
        expect(rows.last.get_by_label("Au lieu de")).to_have_value("")
        expect(page.locator("[data-preview-body]")).to_contain_text("Texte. Ajouter : « y ».")
        page.get_by_role("button", name="Enregistrer", exact=True).click()
        page.get_by_text("rien n’a changé").wait_for()


class TestWithoutAScript:
    def test_the_preview_opens_beside(self, browser, live_server, officer, winter, page):
        context = browser.new_context(java_script_enabled=False, locale="fr-FR")
        context.add_cookies(page.context.cookies())
        bare = context.new_page()
        bare.goto(f"{live_server.url}/labelling/pressrelease/add/?wave={winter.pk}")
        bare.locator("#id_own_title").fill("Uzès rejoint le réseau")

        with context.expect_page() as opened:
            bare.get_by_role("button", name="Aperçu").click()

        expect(opened.value.locator("article h1")).to_have_text("Uzès rejoint le réseau")
        expect(bare.locator("#id_own_title")).to_have_value("Uzès rejoint le réseau")
        context.close()


def test_everybody_has_their_own_kept_typing(live_server, page, officer, winter):
    other = UserFactory(is_superuser=True)
    page.goto(f"{live_server.url}/labelling/pressrelease/add/?wave={winter.pk}")
    page.locator("#id_own_title").fill("Uzès rejoint le réseau")
    client = Client()
    client.force_login(other)

    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )
    page.evaluate("window.onbeforeunload = null")
    page.once("dialog", lambda dialog: dialog.accept())
    page.reload()

    expect(page.locator("#id_own_title")).to_have_value("")

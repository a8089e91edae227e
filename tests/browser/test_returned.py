"""« Reprendre un Word corrigé » in a real browser: from the download to the draft that has it."""

import pytest
from playwright.sync_api import Page, expect

from labelling.models import PressRelease
from tests.browser.test_every_page import (
    DESKTOP,
    OVERFLOW,
    PHONE,
    TOO_SMALL,
    list_violations,
)
from tests.factories import ContactFactory
from tests.press_release.returned.word_edits import Word

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FIRST = "Les sites ouvriront leurs portes au public dès le mois de novembre."
SECOND = "Une carte interactive permet de trouver le site le plus proche de chez soi."


@pytest.fixture
def drop(live_server, session, tmp_path):
    """Leads a browser to a corrected Word beside its draft, which is given back."""

    def drop(page: Page) -> PressRelease:
        draft = PressRelease.objects.drafts().get()
        draft.closing = f"{FIRST}\n\n{SECOND}"
        draft.contact = ContactFactory()
        draft.save()
        pages = f"{live_server.url}/labelling/pressrelease/{draft.pk}"
        word = Word(page.request.get(f"{pages}/download/docx/").body())
        word.track(FIRST, "novembre", "décembre", "La directrice")
        word.track_deletion(SECOND, "Le président")
        word.rewrite("COMMUNIQUÉ DE PRESSE", "NOTE À LA PRESSE")
        word.track("PIMMS Portes de Provence - Donzère", "Portes", "Porte", "La directrice")
        file = tmp_path / "corrigé.docx"
        file.write_bytes(word.save())
        page.goto(f"{pages}/document/")
        page.get_by_role("link", name="Reprendre un Word corrigé").click()
        page.get_by_label("Fichier Word corrigé").set_input_files(file)
        page.get_by_role("button", name="Lire ce fichier").click()
        page.get_by_role("heading", name="2 corrections à prendre ou à laisser").wait_for()
        return draft

    return drop


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_accessible_and_fits(scheme, drop, page_without_policy):
    page = page_without_policy
    page.emulate_media(color_scheme=scheme)
    drop(page)

    for screen in (DESKTOP, PHONE):
        page.set_viewport_size(screen)
        assert list_violations(page) == []
        assert page.evaluate(OVERFLOW) <= 0
    assert page.evaluate(TOO_SMALL) == []


def test_corrections_are_left_and_taken_by_the_keyboard(drop, page):
    draft = drop(page)

    second = page.get_by_label("Supprimer ce texte")
    second.focus()
    page.keyboard.press("Space")
    button = page.get_by_role("button", name="Reprendre 1 correction")
    expect(button).to_be_visible()
    button.focus()
    page.keyboard.press("Enter")

    expect(page.get_by_text("1 correction reprise dans le brouillon.")).to_be_visible()
    expect(page.get_by_role("heading", name="1 correction déjà dans le brouillon")).to_be_visible()
    draft.refresh_from_db()
    assert draft.closing == f"{FIRST.replace('novembre', 'décembre')}\n\n{SECOND}"

"""The pages of a release that leaves, in a real browser: read, filled by the keyboard alone."""

from datetime import date

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from labelling.models import Dispatch, PressRelease
from labelling.press_release import dispatches, past_releases
from tests.browser.test_every_page import (
    DESKTOP,
    OVERFLOW,
    PHONE,
    SCHEMES,
    SETTLED,
    TOO_SMALL,
    list_violations,
)
from tests.factories import ReleaseFactory, UserFactory, WaveFactory, final

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LINE = {
    "left_on": date(2021, 1, 20),
    "channel": "mail",
    "recipients": "rédactions régionales, 120 destinataires",
}


@pytest.fixture
def winter(session):
    wave = WaveFactory(name="Hiver 2021", effective_on=date(2021, 1, 1))
    return final(ReleaseFactory(wave=wave, issued_on=date(2021, 1, 20)))


def mark(release: PressRelease) -> None:
    token = dispatches.make_token(release)
    line = Dispatch(**LINE)
    dispatches.note(release, [line], by=None, at=timezone.now(), seen=token)


def open_to_send(page: Page, address: str, release: PressRelease) -> None:
    page.goto(f"{address}/labelling/pressrelease/{release.pk}/send/")


def open_to_add(page: Page, address: str, release: PressRelease) -> None:
    mark(release)
    open_to_send(page, address, release)


def open_early(page: Page, address: str, release: PressRelease) -> None:
    """Asked again whether it left before its date."""
    open_to_send(page, address, release)
    page.locator("#id_lines-0-left_on").fill("18/01/2021")
    page.locator("#id_lines-0-channel").select_option("mail")
    page.locator("#id_lines-0-recipients").fill("AFP")
    page.get_by_role("button", name="Marquer comme envoyé").click()
    page.get_by_text("Oui, il est parti le").wait_for()


def open_faults(page: Page, address: str, release: PressRelease) -> None:
    open_to_send(page, address, release)
    page.locator("#id_lines-0-recipients").fill("AFP")
    page.get_by_role("button", name="Marquer comme envoyé").click()
    page.get_by_text("Rien n’est encore enregistré").wait_for()


def open_to_take_back(page: Page, address: str, release: PressRelease) -> None:
    mark(release)
    page.goto(f"{address}/labelling/pressrelease/{release.pk}/take-back/")


def open_to_remove(page: Page, address: str, release: PressRelease) -> None:
    mark(release)
    line = release.dispatches.get()
    page.goto(f"{address}/labelling/pressrelease/{release.pk}/dispatches/{line.pk}/remove/")


def open_sent(page: Page, address: str, release: PressRelease) -> None:
    mark(release)
    page.goto(f"{address}/labelling/pressrelease/{release.pk}/document/")


def open_past_wave(page: Page, address: str, release: PressRelease) -> None:
    wave = WaveFactory(name="Pilote", effective_on=date(2019, 1, 1))
    page.goto(f"{address}/labelling/labellingwave/{wave.pk}/press-release/")
    page.get_by_text("C’est une vague d’avant cet outil").click()


def open_past_wave_with_its_file(page: Page, address: str, release: PressRelease) -> None:
    wave = WaveFactory(name="Pilote", effective_on=date(2019, 1, 1))
    past_releases.attach(wave, name="a.pdf", content=b"%PDF", by=UserFactory(), at=timezone.now())
    page.goto(f"{address}/labelling/labellingwave/{wave.pk}/press-release/")


PAGES = (
    open_to_send,
    open_to_add,
    open_early,
    open_faults,
    open_to_take_back,
    open_to_remove,
    open_sent,
    open_past_wave,
    open_past_wave_with_its_file,
)


@pytest.mark.parametrize("look", PAGES)
class TestEachPage:
    def test_fits_every_screen_and_a_thumb(self, look, live_server, page, winter):
        page.set_viewport_size(DESKTOP)
        look(page, live_server.url, winter)

        for width in (1366, 1024, 768, 320, 390):
            page.set_viewport_size({"width": width, "height": 844})
            assert page.evaluate(OVERFLOW) <= 0, width
        assert page.evaluate(TOO_SMALL) == []
        first = "[...document.querySelectorAll('.default')].filter((e) => e.checkVisibility())"
        assert page.evaluate(f"{first}.map((e) => e.outerHTML)")[1:] == []

    def test_is_accessible(self, look, live_server, page_without_policy, winter):
        page = page_without_policy
        look(page, live_server.url, winter)

        for scheme, options in SCHEMES.items():
            page.emulate_media(color_scheme=scheme)
            for screen in (DESKTOP, PHONE):
                page.set_viewport_size(screen)
                page.evaluate(SETTLED)
                assert list_violations(page, **options) == []


class TestByTheKeyboard:
    def test_a_line_is_noted_and_the_page_tells_what_is_wrong(self, live_server, page, winter):
        open_to_send(page, live_server.url, winter)

        page.locator("#id_lines-0-left_at").focus()
        page.keyboard.press("Tab")
        expect(page.locator("#id_lines-0-channel")).to_be_focused()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.locator(".errorlist")).to_contain_text("Écrivez à qui il a été envoyé.")

        page.locator("#id_lines-0-recipients").focus()
        page.keyboard.type("AFP")
        page.keyboard.press("Enter")
        expect(page.locator(".situation")).to_contain_text("Envoyé le")
        assert Dispatch.objects.get().recipients == "AFP"

    def test_a_line_is_added_by_its_button(self, live_server, page, winter):
        open_to_send(page, live_server.url, winter)
        page.locator("#id_lines-2-recipients").fill("AFP")

        page.get_by_role("button", name="Ajouter une ligne").press("Enter")

        expect(page.get_by_role("group", name="Ligne 6")).to_be_visible()
        expect(page.locator("#id_lines-2-recipients")).to_have_value("AFP")

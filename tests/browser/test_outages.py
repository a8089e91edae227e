"""R4: a base that cannot be used, in a real browser: what was typed is there, and goes on."""

from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import Browser, Page, expect

from labelling.models import ImportRun, PressRelease, Site
from tests.browser.test_every_page import OVERFLOW, TOO_SMALL, list_violations
from tests.browser.test_pasted_lines import MAIL
from tests.browser.test_veil import HOUR, let_in, make_person, pass_time, resume, veil
from tests.factories import WaveFactory
from tests.test_outages import missing, nothing_told  # noqa: F401  # a fixture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NOTE = "Rappeler « Ana »,\nsans faute."

TITLE = "La mise à jour n’est pas terminée"
LINES, READ = "Ou lignes copiées", "Voir ce que cela changerait"


def paste_lines(page: Page, address: str) -> None:
    page.goto(f"{address}/labelling/importrun/add/")
    page.get_by_label(LINES).fill(MAIL)
    page.get_by_label("Ce sont").select_option("Sites")


class TestARecord:
    @pytest.mark.parametrize("width", [1366, 390])
    @pytest.mark.parametrize("look", ["light", "dark"])
    def test_is_saved_once_the_base_is_back(
        self, browser: Browser, live_server, network, tmp_path, width, look
    ):
        """R4."""
        size = {"width": width, "height": 768}
        # Without the policy: axe tries styles of its own.
        context = browser.new_context(
            locale="fr-FR", viewport=size, color_scheme=look, bypass_csp=True
        )
        page = context.new_page()
        site = Site.objects.get(name="PIMMS Nîmes")
        before = site.history.count()
        let_in(page, make_person(first_name="Ana"), live_server.url)
        page.goto(f"{live_server.url}/labelling/site/{site.pk}/change/")
        page.get_by_role("textbox", name="Note interne").fill(NOTE)

        with missing(tmp_path):
            page.get_by_role("button", name="Enregistrer", exact=True).click()
            heading = page.get_by_role("heading", name=TITLE)
            expect(heading).to_be_visible()
            page.get_by_role("button", name="Réessayer").click()
            expect(heading).to_be_visible()
            assert list_violations(page) == []
            assert page.evaluate(OVERFLOW) <= 0
            assert width > 390 or page.evaluate(TOO_SMALL) == []
        page.get_by_role("button", name="Réessayer").click()
        expect(page.get_by_role("heading", name="La mise à jour")).to_have_count(0)

        site.refresh_from_db()
        assert site.note.replace("\r\n", "\n") == NOTE
        assert site.history.count() == before + 1
        context.close()


class TestWhatIsTyped:
    """R4: sent again by the page that says it, or still in the form that one goes back to."""

    @pytest.fixture
    def page(self, browser: Browser, live_server, network) -> Iterator[Page]:
        context = browser.new_context(locale="fr-FR")
        page = context.new_page()
        let_in(page, make_person(first_name="Ana"), live_server.url)
        yield page
        context.close()

    def test_in_a_draft_is_saved(self, page, live_server, tmp_path):
        wave = WaveFactory(name="Janvier 2021", effective_on=date(2021, 1, 1))
        page.goto(f"{live_server.url}/labelling/pressrelease/add/?wave={wave.pk}")
        page.locator("#id_attendance").fill("Étaient là les élus.")

        with missing(tmp_path):
            page.get_by_role("button", name="Enregistrer", exact=True).click()
            expect(page.get_by_role("heading", name=TITLE)).to_be_visible()
        assert not PressRelease.objects.filter(wave=wave).exists()
        page.get_by_role("button", name="Réessayer").click()

        expect(page.locator(".situation")).to_contain_text("Brouillon")
        assert PressRelease.objects.get(wave=wave).attendance == "Étaient là les élus."

    def test_as_lines_is_read(self, page, live_server, tmp_path):
        paste_lines(page, live_server.url)

        with missing(tmp_path):
            page.get_by_role("button", name=READ).click()
            expect(page.get_by_role("heading", name=TITLE)).to_be_visible()
        assert not ImportRun.objects.exists()
        page.get_by_role("button", name="Réessayer").click()

        expect(page.locator(".messagelist")).to_contain_text("6\u00a0lignes lues.")
        assert ImportRun.objects.count() == 1

    def test_is_in_the_form_that_one_goes_back_to(self, page, live_server, tmp_path):
        paste_lines(page, live_server.url)

        with missing(tmp_path):
            page.get_by_role("button", name=READ).click()
            expect(page.get_by_role("heading", name=TITLE)).to_be_visible()
        page.go_back()

        expect(page.get_by_label(LINES)).to_have_value(MAIL)


class TestAVeil:
    def test_says_what_the_server_says(self, browser: Browser, live_server, network, tmp_path):
        """R4: it stays, and so does what is below it."""
        context = browser.new_context(locale="fr-FR")
        page = context.new_page()
        let_in(page, make_person(first_name="Ana"), live_server.url)
        page.goto(f"{live_server.url}/labelling/site/add/")
        page.get_by_role("textbox", name="Note interne").fill(NOTE)
        pass_time(page, HOUR)
        expect(veil(page)).to_be_visible()

        with missing(tmp_path):
            resume(page)
            expect(page.get_by_role("alert")).to_contain_text(
                "La base n’a pas encore la forme que cette version attend. Réessayez dans"
            )
        resume(page)

        expect(veil(page)).to_be_hidden()
        expect(page.get_by_role("textbox", name="Note interne")).to_have_value(NOTE)
        context.close()

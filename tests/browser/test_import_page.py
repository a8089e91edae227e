"""The page of an import in a real browser: short, its actions where its values are, on paper."""

import pytest
from playwright.sync_api import Page, expect

from labelling.models import ImportRun, Site
from tests.browser.test_every_page import OVERFLOW, list_violations
from tests.spreadsheets.prepared import prepared

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HEIGHT = "document.documentElement.scrollHeight"
OPACITY = "(element) => getComputedStyle(element.parentElement).opacity"


@pytest.fixture
def run(session) -> ImportRun:
    """53 sites with three changes each."""
    sites = Site.objects.select_related("department").order_by("pk")[:53]
    Site.objects.filter(pk__in=[site.pk for site in sites]).update(commune="Ville", address="")
    lines = (
        f"{site.name};{code};{n} rue Haute;{code.ljust(3, '0')}{n % 10}0;Ville {n}"
        for n, site in enumerate(sites)
        for code in [site.department.code]
    )
    author = ImportRun.objects.get().author
    run = prepared("Nom;Département;Adresse;Code postal;Commune", *lines, author=author)
    assert run.rows.count_states()["changed"] == 53
    return run


def open_page(page: Page, live_server, run: ImportRun, asked: str = "") -> None:
    page.set_viewport_size({"width": 1366, "height": 800})
    page.goto(f"{live_server.url}/labelling/importrun/{run.pk}/{asked}")


class TestAnImportOfFiftyThreeSites:
    @pytest.mark.parametrize("asked", ["", "?state=all", "?state=modified", "?state=completed"])
    def test_is_a_short_page(self, asked, run, page, live_server):
        open_page(page, live_server, run, asked)

        assert page.evaluate(HEIGHT) < 3500
        for width in (1366, 1024, 768, 390, 320):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate(OVERFLOW) <= 0, width

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_is_accessible(self, scheme, run, page_without_policy, live_server):
        page = page_without_policy
        page.emulate_media(color_scheme=scheme)
        for asked in ("", "?state=modified"):
            open_page(page, live_server, run, asked)
            assert list_violations(page) == []

    def test_has_a_change_on_one_line(self, run, page, live_server):
        open_page(page, live_server, run)
        page.get_by_text("53\u00a0fiches modifiées").click()

        heights = "(rows) => rows.map((row) => row.getBoundingClientRect().height)"
        assert max(page.locator("details .import-line").evaluate_all(heights)) < 60
        assert min(page.locator("details .import-line").evaluate_all(heights)) <= 34

    def test_shows_what_may_be_answered_where_the_pointer_is(self, run, page, live_server):
        open_page(page, live_server, run, "?state=modified")
        line = page.locator(".import-line").nth(3)
        keep = line.get_by_role("button", name="Garder la nôtre").last
        page.mouse.move(0, 0)
        assert keep.evaluate(OPACITY) == "0"

        line.hover()
        assert keep.evaluate(OPACITY) == "1"
        keep.click()

        expect(page.locator(".import-line.done")).to_contain_text("Gardée\u00a0: la nôtre")

    def test_is_printed_with_its_folds_open_and_no_bar(self, run, page, live_server):
        open_page(page, live_server, run)
        columns = page.locator("#columns table")
        expect(columns).to_be_hidden()

        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        page.emulate_media(media="print")
        expect(columns).to_be_visible()
        expect(page.locator(".import-bar")).to_be_hidden()
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        page.emulate_media(media="screen")

        expect(columns).to_be_hidden()

    def test_opens_its_columns_from_under_the_title(self, run, page, live_server):
        open_page(page, live_server, run)

        page.get_by_role("link", name="Colonnes").click()

        expect(page.locator("#columns table")).to_be_visible()

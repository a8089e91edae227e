"""Every page in a real browser: accessible, obeying our policy, fitting a laptop and a phone."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.test_rights import ADDRESSES, PAGES

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}


@pytest.fixture
def page_without_policy(browser: Browser) -> Iterator[Page]:
    """A page for axe, which tries styles of its own on the fields of a form."""
    context = browser.new_context(locale="fr-FR", bypass_csp=True)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("name", PAGES)
class TestEveryPage:
    def test_fits_its_screen_and_obeys_the_policy(self, name, live_server, page, session):
        for width in (1366, 390):
            page.set_viewport_size({"width": width, "height": 800})
            page.goto(live_server.url + ADDRESSES[name])

            overflow = "document.documentElement.scrollWidth - window.innerWidth"
            assert page.evaluate(overflow) <= 0, width

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_is_accessible(self, name, scheme, live_server, page_without_policy, session):
        page = page_without_policy
        page.emulate_media(color_scheme=scheme)
        page.goto(live_server.url + ADDRESSES[name])

        violations = Axe().run(page, options=WCAG).response["violations"]

        assert [(v["id"], node["html"]) for v in violations for node in v["nodes"]] == []

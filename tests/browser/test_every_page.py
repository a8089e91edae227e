"""Every page in a real browser: accessible, obeying our policy, fitting a laptop and a phone."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.test_rights import ADDRESSES, PAGES

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE = {"runOnly": {"type": "tag", "values": RULES}}
DESKTOP, PHONE = {"width": 1366, "height": 800}, {"width": 390, "height": 844}
# What a thumb finds: 44 px, but for links in a sentence and what stands in a line of its own size.
TOO_SMALL = """[...document.querySelectorAll("button, summary, select, input, .button, .tabs a")]
  .filter((e) => e.checkVisibility({visibilityProperty: true}) && !e.closest(".visually-hidden"))
  .filter((e) => !["hidden", "checkbox", "radio", "file"].includes(e.type))
  .filter((e) => !e.closest(".import-line, .import-file-cells, .release, .skip-to-content-link"))
  .map((e) => [e.outerHTML.slice(0, 80), Math.round(e.getBoundingClientRect().height)])
  .filter(([, height]) => height < 44 && height > 1)"""


@pytest.fixture
def page_without_policy(browser: Browser) -> Iterator[Page]:
    """A page for axe, which tries styles of its own on the fields of a form."""
    context = browser.new_context(locale="fr-FR", bypass_csp=True)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("name", PAGES)
class TestEveryPage:
    def test_fits_every_screen_and_obeys_the_policy(self, name, live_server, page, session):
        page.set_viewport_size(DESKTOP)
        page.goto(live_server.url + ADDRESSES[name])

        for width in (1366, 1280, 1024, 768, 390, 320):
            page.set_viewport_size({"width": width, "height": 800})
            overflow = "document.documentElement.scrollWidth - window.innerWidth"
            assert page.evaluate(overflow) <= 0, width

    def test_has_one_thing_to_do_and_targets_for_a_thumb(self, name, live_server, page, session):
        page.set_viewport_size(PHONE)
        page.goto(live_server.url + ADDRESSES[name])

        first = "[...document.querySelectorAll('.default')].filter((e) => e.checkVisibility())"
        assert page.evaluate(f"{first}.map((e) => e.outerHTML)")[1:] == []
        assert page.evaluate(TOO_SMALL) == []

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_is_accessible(self, name, scheme, live_server, page_without_policy, session):
        page = page_without_policy
        page.emulate_media(color_scheme=scheme)
        page.goto(live_server.url + ADDRESSES[name])

        for screen in (DESKTOP, PHONE):
            page.set_viewport_size(screen)
            violations = Axe().run(page, options=AXE).response["violations"]
            assert [(v["id"], node["html"]) for v in violations for node in v["nodes"]] == []

"""Every page in a real browser: accessible, obeying our policy, fitting a laptop and a phone."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Page

from tests.factories import UserFactory
from tests.test_rights import ADDRESSES, PAGES

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}


@pytest.fixture
def session(live_server, page: Page, network) -> None:
    """The browser is signed in, as somebody who may do everything."""
    client = Client()
    client.force_login(UserFactory(is_superuser=True))
    cookie = client.cookies["sessionid"]
    page.context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": live_server.url}])


class TestEveryPage:
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    @pytest.mark.parametrize("name", PAGES)
    def test_is_accessible(self, name, scheme, live_server, page, session):
        page.emulate_media(color_scheme=scheme)
        page.goto(live_server.url + ADDRESSES[name])

        violations = Axe().run(page, options=WCAG).response["violations"]

        assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in violations] == []

    @pytest.mark.parametrize("width", [1366, 390])
    @pytest.mark.parametrize("name", PAGES)
    def test_fits_its_screen(self, name, width, live_server, page, session):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(live_server.url + ADDRESSES[name])

        overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")

        assert overflow <= 0

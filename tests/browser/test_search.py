"""« Chercher partout » in a real browser: by the keyboard alone, by the mouse, without scripts."""

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.test_keyboard import tab_to

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("session"),
]

SIZES = pytest.mark.parametrize("size", [(1366, 600), (390, 600)], ids=["laptop", "phone"])


def go_to_the_field(page: Page, live_server, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(live_server.url)
    if size[0] == 390:
        tab_to(page, page.get_by_role("button", name="Chercher partout"))
        page.keyboard.press("Enter")
        expect(field(page)).to_be_focused()
    else:
        tab_to(page, field(page))


def field(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Chercher partout")


def proposals(page: Page) -> Locator:
    return page.get_by_role("listbox", name="Propositions").get_by_role("option")


@SIZES
class TestTheKeyboardAlone:
    def test_goes_to_what_is_proposed(self, size, page, live_server):
        go_to_the_field(page, live_server, size)

        page.keyboard.type("nimes")
        options = proposals(page)
        expect(options.first).to_contain_text("Nîmes")
        expect(field(page)).to_have_attribute("aria-expanded", "true")
        expect(page.get_by_text("3 résultats")).to_be_visible()
        page.keyboard.press("ArrowDown")
        expect(options.nth(0)).to_have_attribute("aria-selected", "true")
        page.keyboard.press("ArrowUp")
        page.keyboard.press("ArrowUp")
        expect(options.nth(2)).to_have_attribute("aria-selected", "true")
        expect(field(page)).to_have_attribute("aria-activedescendant", "proposal-2")
        expect(field(page)).to_be_focused()
        page.keyboard.press("Enter")

        expect(page.get_by_role("heading", level=1)).to_have_text("PIMMS Nîmes - PIMMS mobile")

    def test_goes_to_all_that_is_found(self, size, page, live_server):
        go_to_the_field(page, live_server, size)

        page.keyboard.type("automne")
        page.keyboard.press("Enter")

        page.wait_for_url("**/chercher/?q=automne")
        expect(page.get_by_role("heading", name="Communiqué 1")).to_be_visible()
        tab_to(page, page.get_by_role("link", name="Automne 2020", exact=True))

    def test_closes_what_is_proposed_and_keeps_what_was_typed(self, size, page, live_server):
        go_to_the_field(page, live_server, size)

        page.keyboard.type("nimes")
        expect(proposals(page).first).to_be_visible()
        page.keyboard.press("Escape")

        expect(proposals(page)).to_have_count(0)
        expect(field(page)).to_have_value("nimes")
        expect(field(page)).to_have_attribute("aria-expanded", "false")
        page.keyboard.press("ArrowDown")
        expect(proposals(page).first).to_be_visible()

    def test_is_told_that_nothing_is_found(self, size, page, live_server):
        go_to_the_field(page, live_server, size)

        page.keyboard.type("stephanoize")

        expect(page.get_by_text("Rien ne correspond à « stephanoize ».")).to_be_visible()
        expect(field(page)).to_have_attribute("aria-expanded", "false")


class TestSignedOutMeanwhile:
    def test_the_way_on_is_said_instead_of_proposals(self, page, live_server):
        go_to_the_field(page, live_server, (1366, 600))
        page.context.clear_cookies()

        page.keyboard.type("nimes")

        expect(page.get_by_text("Appuyez sur Entrée pour chercher.")).to_be_visible()
        page.keyboard.press("Enter")
        page.wait_for_url("**/login/?next=/chercher/*")


class TestOnAPhone:
    def test_opened_it_covers_nothing_of_the_page(self, page, live_server):
        go_to_the_field(page, live_server, (390, 600))

        form = page.get_by_role("search", name="Chercher partout").bounding_box()
        main = page.locator("#header + *").bounding_box()

        assert form["y"] + form["height"] <= main["y"] + 1


class TestTheMouse:
    def test_goes_to_what_is_proposed(self, page, live_server):
        page.goto(live_server.url)

        field(page).press_sequentially("nimes")
        proposals(page).filter(has_text="PIMMS Nîmes - PIMMS mobile").click()

        expect(page.get_by_role("heading", level=1)).to_have_text("PIMMS Nîmes - PIMMS mobile")

    def test_elsewhere_closes_what_is_proposed(self, page, live_server):
        page.goto(live_server.url)

        field(page).press_sequentially("nimes")
        expect(proposals(page).first).to_be_visible()
        page.get_by_role("heading", level=1).click()

        expect(proposals(page)).to_have_count(0)


class TestWithoutScripts:
    @pytest.mark.parametrize("width", [1366, 390])
    def test_enter_finds_everything(self, width, page, browser: Browser, live_server):
        (cookie,) = page.context.cookies()
        context = browser.new_context(
            java_script_enabled=False, viewport={"width": width, "height": 800}
        )
        context.add_cookies([cookie])
        plain = context.new_page()
        plain.goto(live_server.url)

        plain.get_by_role("searchbox", name="Chercher partout").fill("nimes")
        plain.keyboard.press("Enter")

        expect(plain.get_by_role("link", name="PIMMS Nîmes", exact=True)).to_be_visible()
        context.close()

"""Every page in a real browser: accessible, obeying our policy, fitting a laptop and a phone."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db.models import QuerySet
from playwright.sync_api import Page

from labelling.models import Association, LabellingWave, Site
from tests.test_rights import ADDRESSES, PAGES

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What floats covers in part what is below it: there targets are measured by TOO_SMALL alone.
FLOATING = {"rules": {"target-size": {"enabled": False}}}
# No rule of these reads the style sheets, which it would ask for anew, at wrong addresses. What
# passes is not told in full: that took half of the time.
AXE = {
    "runOnly": {"type": "tag", "values": RULES},
    "preload": False,
    "resultTypes": ["violations"],
}
# A scheme is colours, and nothing else: of the second, these rules are asked.
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
SCHEMES: dict[str, dict] = {"light": {}, "dark": COLOURS}
OVERFLOW = "document.documentElement.scrollWidth - window.innerWidth"
# Beside what the page offers, the title keeps a place of its own.
TITLE = "document.querySelector('#content > h1')?.offsetWidth ?? innerWidth"
# The mark that says a part opens is as dark as its words.
FAINT_MARKS = """[...document.querySelectorAll("summary:has(> :is(h2, h3))")]
  .map((e) => [e.innerText, getComputedStyle(e).color, getComputedStyle(e.firstElementChild).color])
  .filter(([, mark, words]) => mark !== words)"""
DESKTOP, PHONE = {"width": 1366, "height": 800}, {"width": 390, "height": 844}
# What a thumb finds: 44 px, but for links in a sentence and what stands in a line of its own size.
TARGETS = (
    "button, summary, select, input, .button, .tabs a, .menu a, .dropdown a, .select2-selection"
)
TOO_SMALL = f"""[...document.querySelectorAll("{TARGETS}")]
  .filter((e) => e.checkVisibility({{visibilityProperty: true}}) && !e.closest(".visually-hidden"))
  .filter((e) => !["hidden", "checkbox", "radio", "file"].includes(e.type))
  .filter((e) => !e.closest(".import-line, .import-file-cells, .release, .skip-to-content-link"))
  .map((e) => [e.outerHTML.slice(0, 80), Math.round(e.getBoundingClientRect().height)])
  .filter(([, height]) => height < 44 && height > 1)"""


UNFOLD = """document.querySelectorAll(".network details:not(.dropdown)")
  .forEach((fold) => (fold.open = true))"""
# The tables of the home page that are wider than what they stand in.
HIDDEN = """[...document.querySelectorAll("table.figures")]
  .filter((table) => table.offsetWidth > table.parentElement.clientWidth)
  .map((table) => table.caption.textContent)"""

# Colours go from one scheme to the other in a moment. It is passed over: a page was seen on which
# it never ended, and waiting for it has no limit.
SETTLED = "document.getAnimations().forEach((animation) => animation.finish())"


def list_violations(page: Page, **options: object) -> list[tuple[str, str]]:
    violations = Axe().run(page, options={**AXE, **options}).response["violations"]
    return [(v["id"], node["html"]) for v in violations for node in v["nodes"]]


def go(page: Page, url: str, name: str) -> None:
    """Go to a page, and come there: not to the one that asks who one is."""
    page.goto(url + ADDRESSES[name])
    assert page.url == url + ADDRESSES[name]


@pytest.mark.parametrize("name", PAGES)
class TestEveryPage:
    def test_fits_every_screen_and_obeys_the_policy(self, name, url, page):
        page.set_viewport_size(DESKTOP)
        go(page, url, name)

        for width in (1366, 1280, 1024, 768, 390, 320):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate(OVERFLOW) <= 0, width
            assert page.evaluate(TITLE) >= 200, width
        assert page.evaluate(FAINT_MARKS) == []

    def test_has_one_thing_to_do_and_targets_for_a_thumb(self, name, url, page):
        page.set_viewport_size(PHONE)
        go(page, url, name)

        first = "[...document.querySelectorAll('.default')].filter((e) => e.checkVisibility())"
        assert page.evaluate(f"{first}.map((e) => e.outerHTML)")[1:] == []
        assert page.evaluate(TOO_SMALL) == []

    @pytest.mark.parametrize("scheme", SCHEMES)
    def test_is_accessible(self, name, scheme, url, page_without_policy):
        page = page_without_policy
        page.emulate_media(color_scheme=scheme)
        go(page, url, name)

        for screen in (DESKTOP, PHONE):
            page.set_viewport_size(screen)
            assert list_violations(page, **SCHEMES[scheme]) == []


@pytest.mark.django_db(transaction=True)
class TestANameOfOneLongWord:
    @pytest.mark.parametrize(
        "name",
        [
            "index",
            "labelling_site_changelist",
            "labelling_site_change",
            "labelling_association_changelist",
            "labelling_labellingwave_changelist",
        ],
    )
    def test_fits_a_phone(self, name, live_server, page, session):
        for model, letters in ((Site, 150), (Association, 150), (LabellingWave, 60)):
            for record in QuerySet(model).all():
                QuerySet(model).filter(pk=record.pk).update(name=f"{record.pk:W<{letters}}")
        page.set_viewport_size(PHONE)
        page.goto(live_server.url + ADDRESSES[name])
        page.evaluate(UNFOLD)

        assert page.evaluate(OVERFLOW) <= 0
        assert page.evaluate(HIDDEN) == []


def _open_menu(page: Page) -> None:
    button = page.get_by_role("button", name="Menu")
    if button.is_visible():
        button.click()


def _send_faults(page: Page) -> None:
    page.get_by_label("Code postal").fill("300")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    page.get_by_text("Rien n’est encore enregistré").wait_for()


def _send_a_blank_name(page: Page) -> None:
    page.get_by_label("Nom imprimé").first.fill("")
    page.get_by_role("button", name="Accepter les noms cochés").click()
    page.get_by_text("Rien n’est encore enregistré").wait_for()


def _send_half_an_embargo(page: Page) -> None:
    page.get_by_label("Sous embargo jusqu’au").fill("1er septembre 2021")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    page.get_by_text("il manque l’heure").first.wait_for()
    assert page.get_by_label("Sous embargo jusqu’au").input_value() == "1er septembre 2021"


def _refuse_a_settlement(page: Page) -> None:
    page.get_by_text("Ne plus signaler…").first.click()
    page.get_by_label("Motif").first.fill("Vu avec la mairie")
    page.get_by_label("Jusqu’au (facultatif)").first.fill("31/02/2099")
    page.get_by_role("button", name="Ne plus signaler", exact=True).first.click()
    page.get_by_text("ce jour n’existe pas").wait_for()


def _compare_figures(page: Page) -> None:
    page.get_by_label("comparée au").fill("1er février 2020")
    page.get_by_role("button", name="Afficher").click()
    page.get_by_text("Depuis le 1er février 2020 (").wait_for()
    for part in page.locator(".network > details > summary").all():
        part.click()


def _refuse_a_day_of_figures(page: Page) -> None:
    page.get_by_label("Situation au").fill("31/02/2021")
    page.get_by_role("button", name="Afficher").click()
    page.get_by_text("ce jour n’existe pas").wait_for()
    assert page.get_by_label("Situation au").input_value() == "31/02/2021"


def _search_a_list(page: Page) -> None:
    page.locator("#select2-id_department-container").click()
    page.locator(".select2-results__option").nth(5).wait_for()


def _search_everywhere(page: Page) -> None:
    opener = page.get_by_role("button", name="Chercher partout")
    if opener.is_visible():
        opener.click()
    page.get_by_role("combobox", name="Chercher partout").press_sequentially("nimes")
    page.get_by_role("listbox", name="Propositions").get_by_role("option").first.wait_for()
    page.keyboard.press("ArrowDown")


# What a page becomes by an act, and the page.
STATES: dict[str, tuple[str, Callable[[Page], object]]] = {
    "a filter": (
        "labelling_site_changelist",
        lambda page: page.locator(".pill > summary").last.click(),
    ),
    "a filter of what was deleted": (
        "labelling_site_deleted",
        lambda page: page.locator(".pill > summary").last.click(),
    ),
    "the downloads": (
        "labelling_site_changelist",
        lambda page: page.locator("summary", has_text="Télécharger 55").click(),
    ),
    "figures compared": ("index", _compare_figures),
    "a day of figures refused": ("index", _refuse_a_day_of_figures),
    "the account": ("index", lambda page: page.locator(".account > summary").click()),
    "ticked rows": (
        "labelling_site_changelist",
        lambda page: page.locator(".action-select").first.check(),
    ),
    "faults": ("labelling_site_add", _send_faults),
    "a searched list": ("labelling_site_change", _search_a_list),
    "a calendar": (
        "labelling_labellingwave_change",
        lambda page: page.locator(".field-effective_on .date-icon").click(),
    ),
    "the menu": ("index", _open_menu),
    "what is searched everywhere": ("index", _search_everywhere),
    "a finding to accept": (
        "labelling_site_change",
        lambda page: page.get_by_text("Ne plus signaler…").click(),
    ),
    "a finding that was refused": ("labelling_site_change", _refuse_a_settlement),
    "half an embargo": ("labelling_pressrelease_add", _send_half_an_embargo),
    "names that are wrong": ("labelling_site_names", _send_a_blank_name),
    "a deletion to confirm": ("labelling_department_delete", lambda page: None),
}


def _open(page: Page, url: str, state: str, width: int) -> None:
    address, act = STATES[state]
    page.set_viewport_size({"width": width, "height": 844})
    go(page, url, address)
    act(page)
    page.wait_for_load_state()  # Where the act led to another page, and its scripts.


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("state", STATES)
class TestEveryState:
    def test_fits_every_screen_and_a_thumb(self, state, live_server, page, session):
        for width in (1366, 768, 320, 390):
            _open(page, live_server.url, state, width)
            assert page.evaluate(OVERFLOW) <= 0, width
        assert page.evaluate(TOO_SMALL) == []

    @pytest.mark.parametrize("scheme", SCHEMES)
    def test_is_accessible(self, state, scheme, live_server, page_without_policy, session):
        page = page_without_policy
        page.emulate_media(color_scheme=scheme)
        for width in (1366, 390):
            _open(page, live_server.url, state, width)
            assert list_violations(page, **FLOATING, **SCHEMES[scheme]) == []

"""With the keyboard alone: from the home page to a corrected site, the focus always in sight."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Locator, Page, expect

from labelling.models import Site
from tests.factories import SiteFactory
from tests.spreadsheets.prepared import prepared

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("session"),
]

# What has the focus lies wholly in the window, under nothing else, with a ring around it.
IS_IN_SIGHT = """() => {
  const focused = document.activeElement;
  const { left, right, top, bottom } = focused.getClientRects()[0];
  const isSeen = (x) => focused.contains(document.elementFromPoint(x, (top + bottom) / 2));
  const isRinged = getComputedStyle(focused).outlineStyle === "solid";
  return top >= 0 && bottom <= innerHeight && isSeen(left + 2) && isSeen(right - 2) && isRinged;
}"""
FOCUSED = "document.activeElement.outerHTML.slice(0, 120)"


def tab_to(page: Page, target: Locator) -> None:
    expect(target).to_be_visible()
    for _ in range(80):
        page.keyboard.press("Tab")
        assert page.evaluate(IS_IN_SIGHT), page.evaluate(FOCUSED)
        if target.evaluate("(element) => element === document.activeElement"):
            return
    raise AssertionError("not reached")


@pytest.mark.parametrize("size", [(1366, 600), (390, 600)], ids=["laptop", "phone"])
class TestTheKeyboardAlone:
    def test_corrects_a_site(self, size, page, live_server):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.goto(live_server.url)
        if size[0] == 390:
            tab_to(page, page.get_by_role("button", name="Menu"))
            page.keyboard.press("Enter")
        tab_to(page, page.get_by_label("Menu", exact=True).get_by_role("link", name="Sites"))
        page.keyboard.press("Enter")
        tab_to(page, page.get_by_role("searchbox", name="Rechercher"))
        page.keyboard.type("nimes")
        page.keyboard.press("Enter")
        page.wait_for_url("**?q=nimes**")
        tab_to(page, page.get_by_role("link", name="PIMMS Nîmes", exact=True))
        page.keyboard.press("Enter")

        tab_to(page, page.get_by_role("combobox", name="Département"))
        page.keyboard.press("Enter")
        expect(page.locator(".select2-search__field")).to_be_focused()
        page.keyboard.type("lozere")
        expect(page.locator(".select2-results__option--highlighted")).to_have_text("Lozère")
        page.keyboard.press("Enter")
        tab_to(page, page.get_by_role("textbox", name="Note interne"))
        page.keyboard.type("À rappeler")
        tab_to(page, page.get_by_role("button", name="Enregistrer", exact=True))
        page.keyboard.press("Enter")

        page.get_by_text("modifications enregistrées").wait_for()
        site = Site.objects.get(name="PIMMS Nîmes")
        assert (site.note, site.department.name) == ("À rappeler", "Lozère")


@pytest.mark.parametrize("size", [(1366, 600), (390, 600)], ids=["laptop", "phone"])
class TestAnImportByTheKeyboardAlone:
    def test_keeps_ours_then_applies(self, size, page, live_server):
        run = prepared(
            "Nom;Département;Commune",
            "PIMMS Nîmes;Gard;Uzès",
            "PIMMS Blois;Loir-et-Cher;Tours",
            author=User.objects.get(is_superuser=True),
        )
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.goto(f"{live_server.url}/labelling/importrun/{run.pk}/")
        kept = page.get_by_role("button", name="Garder la nôtre").last
        ours = "getComputedStyle(document.activeElement.parentElement).opacity"

        tab_to(page, kept)
        assert page.evaluate(ours) == "1"
        page.keyboard.press("Enter")
        page.get_by_text("Ce que vous venez de répondre").wait_for()
        tab_to(page, page.get_by_role("button", name="Appliquer"))
        page.keyboard.press("Enter")

        page.get_by_text("modifié").first.wait_for()
        assert Site.objects.get(name="PIMMS Nîmes").commune == "Uzès"
        assert Site.objects.get(name="PIMMS Blois").commune == "Blois"
        assert page.locator(".default").count() == 1


@pytest.mark.parametrize("size", [(1366, 600), (390, 600)], ids=["laptop", "phone"])
class TestAMergeByTheKeyboardAlone:
    def test_chooses_the_other_then_whose_values_stay(self, size, page, live_server):
        nimes = Site.objects.get(name="PIMMS Nîmes")
        double = SiteFactory(name="PIMMS de Nîmes", department=nimes.department, note="À rappeler")
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.goto(f"{live_server.url}/labelling/site/{nimes.pk}/change/")

        tab_to(page, page.get_by_role("link", name="Fusionner avec un autre site…"))
        page.keyboard.press("Enter")
        tab_to(page, page.get_by_role("combobox", name="Autre fiche du même site"))
        page.keyboard.press("Enter")
        expect(page.locator(".select2-search__field")).to_be_focused()
        page.keyboard.type("pimms de nimes")
        found = page.locator(".select2-results__option--highlighted")
        expect(found).to_have_text("PIMMS de Nîmes (Gard)")
        page.keyboard.press("Enter")
        tab_to(page, page.get_by_role("button", name="Comparer les deux fiches"))
        page.keyboard.press("Enter")
        name = page.get_by_role("group", name="Nom imprimé dans les communiqués")
        tab_to(page, name.get_by_role("radio", name="La fiche qui reste PIMMS Nîmes"))
        page.keyboard.press("ArrowDown")
        expect(name.get_by_role("radio", name="L’autre fiche PIMMS de Nîmes")).to_be_checked()
        tab_to(page, page.get_by_role("button", name="Fusionner les deux fiches"))
        page.keyboard.press("Enter")

        page.get_by_text("fusionné avec").first.wait_for()
        kept = Site.objects.get(pk=nimes.pk)
        assert (kept.name, kept.note) == ("PIMMS de Nîmes", "À rappeler")
        assert not Site.objects.filter(pk=double.pk).exists()

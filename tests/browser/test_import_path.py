"""A network officer's path through an import, in a real browser."""

import io

import openpyxl
import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from labelling.models import ImportRun, LabellingWave, Site
from labelling.spreadsheets.runs.apply import apply
from tests.factories import manager
from tests.spreadsheets.prepared import prepared

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NAMES = (
    "Bourgoin",
    "Crolles",
    "Échirolles",
    "Fontaine",
    "Grenoble",
    "La Mure",
    "Meylan",
    "Pontcharra",
    "Tullins",
    "Vienne",
    "Vizille",
    "Voiron",
)
HEADINGS = ("Région", "Département", "Nom du PIMMS", "Code postal", "Labellisé le")
LINES = (
    *(("Auvergne-Rhône-Alpes", "Izère", f"PIMMS {name}", "38000", "1/9/2020") for name in NAMES),
    ("Auvergne-Rhône-Alpes", "Rhône", "PIMMS Vénissieux", "69200", "32/13/2020"),
)


def as_csv() -> bytes:
    """What a French Excel writes: semicolons, cp1252, a title, the region once."""
    regions = [LINES[0][0], *[""] * (len(LINES) - 1)]
    lines = [
        "Les PIMMS de la rentrée;;;;",
        ";;;;",
        ";".join(HEADINGS),
        *(";".join((region, *line[1:])) for region, line in zip(regions, LINES, strict=True)),
    ]
    return "\r\n".join(lines).encode("cp1252")


def as_xlsx() -> bytes:
    """The same with its title and its region in merged cells."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet["A1"] = "Les PIMMS de la rentrée"
    sheet.merge_cells("A1:E1")
    for number, line in enumerate((HEADINGS, *LINES), start=3):
        for column, value in enumerate(line, start=1):
            sheet.cell(number, column, value if column > 1 or number < 5 else None)
    sheet.merge_cells("A4:A16")
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.fixture
def officer(live_server, page, network) -> Page:
    client = Client()
    client.force_login(manager(first_name="Ana", last_name="Martin"))
    cookie = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    page.goto(live_server.url)
    return page


class TestAnImport:
    def test_takes_what_was_typed_when_enter_is_pressed(self, officer):
        page = officer
        page.goto(page.url + "labelling/importrun/add/")
        page.get_by_label("Fichier Excel").set_input_files(
            {"name": "rentrée.csv", "mimeType": "text/csv", "buffer": as_csv()}
        )
        page.get_by_role("button", name="Voir ce que cela changerait").click()

        page.get_by_label("Autre valeur").fill("Rhône")
        page.get_by_label("Autre valeur").press("Enter")

        expect(page.locator(".messagelist")).to_have_text(
            "12\u00a0lignes corrigées\u00a0: «\u00a0Izère\u00a0» remplacé par «\u00a0Rhône\u00a0»."
        )

    @pytest.mark.parametrize(("name", "data"), [("rentrée.csv", as_csv), ("rentrée.xlsx", as_xlsx)])
    def test_is_dropped_mended_applied_and_undone(self, officer, name, data):
        page = officer
        before = set(Site.objects.values_list("name", flat=True))

        page.get_by_role("link", name="Sites", exact=True).click()
        page.get_by_role("link", name="Importer un tableur").click()
        page.get_by_label("Fichier Excel").set_input_files(
            {"name": name, "mimeType": "application/octet-stream", "buffer": data()}
        )
        page.get_by_role("button", name="Voir ce que cela changerait").click()
        expect(page.locator(".messagelist")).to_have_text(
            "13\u00a0lignes lues. Rien n’est encore modifié."
        )
        expect(page.get_by_role("link", name="À corriger 13")).to_be_visible()
        expect(page.get_by_text("revient sur 12")).to_contain_text(
            "«\u00a0Izère\u00a0» revient sur 12\u00a0lignes (4 à 15)"
        )
        assert page.get_by_role("button", name="Appliquer").count() == 0

        page.get_by_role("button", name="Remplacer partout par «\u00a0Isère\u00a0»").click()
        expect(page.locator(".messagelist")).to_have_text(
            "12\u00a0lignes corrigées\u00a0: «\u00a0Izère\u00a0» remplacé par «\u00a0Isère\u00a0»."
        )
        line = page.locator("#line-16")
        expect(line).to_contain_text("«\u00a032/13/2020\u00a0» (colonne E")
        line.get_by_label("Labellisé le").fill("1er septembre 2020")
        line.get_by_role("button", name="Corriger").click()
        expect(page.locator(".messagelist")).to_have_text(
            "Ligne 16\u00a0: «\u00a0PIMMS Vénissieux\u00a0» sera ajouté."
        )
        assert set(Site.objects.values_list("name", flat=True)) == before

        page.get_by_role("button", name="Appliquer les 13\u00a0changements").click()
        expect(page.locator(".messagelist")).to_have_text(
            "13\u00a0sites ajoutés. Vous pouvez annuler cet import depuis sa page."
        )
        added = Site.objects.exclude(name__in=before)
        assert added.count() == 13
        assert {site.wave for site in added} == {LabellingWave.objects.get(slug="automne-2020")}
        assert added.filter(department__name="Isère").count() == 12

        # What somebody changed since is kept, and said.
        vizille = Site.objects.get(name="PIMMS Vizille")
        vizille.commune = "Vizille"
        vizille.save()
        page.get_by_role("link", name="Annuler cet import…").click()
        expect(page.locator("li", has_text="PIMMS Vizille")).to_contain_text(
            "Fiche créée par l’import, modifiée depuis"
        )
        page.get_by_role("button", name="Annuler cet import").click()
        expect(page.locator(".messagelist")).to_have_text(
            "12\u00a0fiches supprimées\u202f; 1\u00a0fiche garde des valeurs plus récentes."
        )
        assert set(Site.objects.values_list("name", flat=True)) == {*before, "PIMMS Vizille"}
        assert ImportRun.objects.get().status == "undone"

    def test_can_be_dropped_on_the_page(self, officer, live_server):
        page = officer
        page.goto(f"{live_server.url}/labelling/importrun/add/")
        transfer = page.evaluate_handle(
            """() => {
                const transfer = new DataTransfer();
                transfer.items.add(new File(["Nom;Département\\nPIMMS Uzès;Gard"], "gard.csv"));
                return transfer;
            }"""
        )

        page.dispatch_event("#import-drop", "drop", {"dataTransfer": transfer})
        page.get_by_role("button", name="Voir ce que cela changerait").click()

        expect(page.get_by_role("heading", level=1)).to_contain_text("gard.csv")

    def test_wants_a_computer(self, officer, live_server):
        page = officer
        page.set_viewport_size({"width": 390, "height": 800})

        page.goto(f"{live_server.url}/labelling/importrun/add/")

        expect(page.get_by_text("Importer demande un ordinateur")).to_be_visible()

    def test_is_taken_back_on_a_phone(self, officer, live_server):
        run = prepared(
            "Nom;Département;Code postal;Commune",
            "PIMMS Isère - Villefontaine;Isère;38091;Villefontaine-sur-Bourbre",
        )
        apply(run, None)
        page = officer
        page.set_viewport_size({"width": 390, "height": 800})

        page.goto(f"{live_server.url}/labelling/importrun/{run.pk}/undo/")

        restored = page.locator(".import-undo td")
        expect(restored).to_contain_text("Code postal")
        assert restored.bounding_box()["width"] > 250
        assert page.evaluate("document.documentElement.scrollWidth") <= 390

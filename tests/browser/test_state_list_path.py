"""From a mail to named sites in a real browser: six sites, then the State's list weeks later."""

from datetime import date

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import LocatorAssertions, Page, expect

from labelling.models import Department, LabellingWave, Site
from tests.browser.test_every_page import AXE
from tests.factories import AssociationFactory, WaveFactory, manager
from tests.spreadsheets.prepared import lines

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# What a mail said in January: a name, a department.
MAIL = (
    ("29", "PIMMS Brest - itinérante"),
    ("87", "PIMMS Ambazac - Bus"),
    ("35", "PIMMS du pays rennais"),
    ("71", "PIMMS Brionnais"),
    ("06", "PIMMS Nice Est"),
    ("60", "PIMMS Creil Sud"),
)
# What the State's list says of the six three weeks later, and of two more.
STATE = (
    "1874;29;France services Pimms Médiation itinérante Brest;Brest;15/01/2021",
    "1839;87;Bus France services Pimms Médiation Ambazac;Ambazac;15/01/2021",
    "1764;35;France services itinérante Pimms Médiation Rennes;Rennes;15/01/2021",
    "1855;71;France services Pimms Médiation La Clayette;La Clayette;15/01/2021",
    "1453;06;France services Pimms Médiation de Nice - Ariane;Nice;15/01/2021",
    "355;60;France services Pimms Médiation de Nogent-sur-Oise;Nogent-sur-Oise;15/01/2021",
    "2129;93;Bus France services Pimms Médiation - Noisy Le Grand;Noisy-le-Grand;15/01/2021",
    "1940;62;France services Pimms Médiation Arras;Arras;15/01/2021",
)
HEADINGS = "id_fs;insee_dep;lib_fs;lib_com;labellisation_fs"


@pytest.fixture
def january(network) -> LabellingWave:
    wave = WaveFactory(name="Janvier 2021", effective_on=date(2021, 1, 15))
    for code, name in MAIL:
        Site.objects.create(name=name, department=Department.objects.get(code=code), wave=wave)
    return wave


@pytest.fixture
def officer(live_server, page, january) -> Page:
    client = Client()
    client.force_login(manager(first_name="Ana", last_name="Martin"))
    cookie = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    page.goto(f"{live_server.url}/labelling/importrun/add/")
    return page


def said(page: Page) -> LocatorAssertions:
    return expect(page.locator(".messagelist"))


class TestTheStatesList:
    def test_gives_six_numbers_and_names_that_were_read(self, officer, live_server, january):
        page = officer
        AssociationFactory(name="Arras")
        page.get_by_label("Fichier Excel").set_input_files(
            {"name": "liste.csv", "mimeType": "text/csv", "buffer": lines(HEADINGS, *STATE)}
        )
        page.get_by_role("button", name="Voir ce que cela changerait").click()

        # One question for the six, and its pairs.
        asked = page.locator(".import-pairs")
        expect(asked).to_have_count(1)
        expect(asked).to_contain_text(
            "6\u00a0lignes de l’État ressemblent à vos 6\u00a0sites sans numéro de Janvier 2021."
        )
        asked.get_by_text("6\u00a0lignes et leurs sites").click()
        expect(asked.get_by_role("row").nth(1)).to_contain_text("PIMMS Brest - itinérante")
        expect(page.get_by_text("6\u00a0sites aujourd’hui, 8 après l’import.")).to_be_visible()
        violations = Axe().run(page, options=AXE | {"preload": False}).response["violations"]
        assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in violations] == []
        page.get_by_role("button", name="Ce sont les mêmes\u00a0: leur donner leur numéro").click()
        said(page).to_have_text("6\u00a0sites reçoivent leur numéro.")
        expect(page.locator(".import-pairs")).to_have_count(0)

        # The names that were made: one is accepted, another typed again.
        names = page.locator(".import-names")
        expect(names).to_contain_text("2\u00a0noms à relire")
        expect(names.get_by_label("Nom imprimé de la ligne 8")).to_have_value(
            "PIMMS Noisy-le-Grand - Bus"
        )
        names.get_by_text("1\u00a0autre nom").click()
        names.get_by_label("Accepter le nom de la ligne 9").check()
        expect(names.get_by_role("button", name="Accepter les 2 noms cochés")).to_be_visible()
        names.get_by_label("Accepter le nom de la ligne 9").uncheck()
        typed = names.get_by_label("Nom imprimé de la ligne 9")
        typed.fill("PIMMS Arras - Centre")
        typed.press("Enter")
        said(page).to_have_text("1\u00a0nom accepté.")
        page.get_by_role("button", name="Accepter le nom coché").click()
        said(page).to_have_text("1\u00a0nom accepté.")
        expect(page.locator(".import-names")).to_have_count(0)

        # Associations: those of the name, and of the commune.
        associations = page.locator(".import-associations")
        associations.get_by_text("2\u00a0sites sans association").click()
        associations.get_by_label("Prendre Noisy-le-Grand pour la ligne 8").uncheck()
        associations.get_by_role("button", name="Prendre l’association cochée").click()
        said(page).to_have_text("1\u00a0association prise.")

        page.get_by_role("button", name="Appliquer les 8\u00a0changements").click()
        said(page).to_contain_text("2\u00a0sites ajoutés, 6 modifiés.")
        sites = Site.objects.filter(wave=january)
        assert set(sites.values_list("name", "france_services_id")) == {
            *((name, line.split(";")[0]) for (_, name), line in zip(MAIL, STATE, strict=False)),
            ("PIMMS Noisy-le-Grand - Bus", "2129"),
            ("PIMMS Arras - Centre", "1940"),
        }
        assert sites.get(france_services_id="1940").association.name == "Arras"

        # The draft of the release prints them.
        page.goto(f"{live_server.url}/labelling/labellingwave/{january.pk}/press-release/")
        page.get_by_role("link", name="Préparer le communiqué").click()
        preview = page.locator("[data-preview-body]")
        for name in ("PIMMS Arras - Centre", "PIMMS Noisy-le-Grand - Bus", *dict(MAIL).values()):
            expect(preview).to_contain_text(name)

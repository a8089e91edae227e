"""The lists as files: what is displayed or ticked, dated, for who may, with a trace of persons."""

import io
from datetime import date

import openpyxl
import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from labelling import sheets
from labelling.admin.contacts import PressContactAdmin
from labelling.admin.filters import VocabularyFilter
from labelling.models import JournalEntry, PressContact, Site
from labelling.models.record_sets import unguarded
from labelling.spreadsheets.files.reading import read
from labelling.spreadsheets.resources import RESOURCES
from tests.admin.forms import sentences
from tests.factories import ContactFactory, SiteFactory, UserFactory
from tests.test_queries import grow  # noqa: F401
from tests.test_rights import ADDRESSES

SITES = "/labelling/site/"
CONTACTS = "/labelling/presscontact/"
WHOLE_BASE = "/labelling/site/whole-base/"
SITUATION = "Situation arrêtée au 23\u00a0novembre 2026"


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.localdate", lambda: date(2026, 11, 23))


def download(client: Client, address: str, extension: str = "csv", query: str = "", **sent):
    return client.post(f"{address}download/{extension}/{query}", sent)


def rows(response) -> list[list]:
    """The lines of the first sheet, what stands above the headings included."""
    return [list(line) for line in read(response.content).sheets[0].rows]


def names(response) -> list[str]:
    """The first column, below the note and the headings."""
    return [line[0] for line in rows(response)[2:]]


def file_name(response) -> str:
    return response["Content-Disposition"]


def ticked(*records, **sent):
    return {"index": "ticked", "_selected_action": [record.pk for record in records], **sent}


class RoleFilter(VocabularyFilter):
    """A filter of persons, of which their list has none yet."""

    title, all_label = "Fonction", "Toutes les fonctions"
    parameter_name = field = "role"
    vocabulary = (("press", "Presse", "Presse"),)


def _fail(*args, **kwargs):
    raise RuntimeError("en panne")


class TestTheButtons:
    def test_offer_what_is_displayed_in_three_formats(self, as_reader):
        SiteFactory(name="PIMMS Nîmes")
        SiteFactory(name="PIMMS Sète")

        page = as_reader.get(SITES, {"region": "76", "q": "nimes"}).text

        assert '<summary class="button">Télécharger 1\u00a0site</summary>' in page
        for extension, label in [
            ("xlsx", "Excel (XLSX)"),
            ("ods", "LibreOffice (ODS)"),
            ("csv", "CSV"),
        ]:
            address = f"/labelling/site/download/{extension}/?q=nimes&amp;region=76"
            assert f'formaction="{address}" name="index" value="all">{label}</button>' in page

    @pytest.mark.parametrize(
        ("key", "everything", "some"),
        [
            ("site", "Télécharger 53\u00a0sites", "Télécharger les sites cochés"),
            (
                "association",
                "Télécharger 27\u00a0associations membres",
                "Télécharger les associations cochées",
            ),
            (
                "labellingwave",
                "Télécharger 3\u00a0vagues de labellisation",
                "Télécharger les vagues cochées",
            ),
            (
                "presscontact",
                "Télécharger 1\u00a0contact presse",
                "Télécharger les contacts cochés",
            ),
            ("region", "Télécharger 18\u00a0régions", "Télécharger les régions cochées"),
            (
                "department",
                "Télécharger 101\u00a0départements",
                "Télécharger les départements cochés",
            ),
        ],
    )
    def test_say_what_and_how_many(self, key, everything, some, network, as_manager):
        page = as_manager.get(f"/labelling/{key}/").text

        assert f'<summary class="button">{everything}</summary>' in page
        assert f'<summary class="button">{some}</summary>' in page
        assert 'class="action-select"' in page

    def test_are_not_shown_to_those_who_may_not_download(self, network, as_editor):
        page = as_editor.get(CONTACTS).text

        assert "Télécharger" not in page
        assert "_selected_action" not in page

    def test_are_not_shown_where_a_record_is_only_chosen(self, network, as_manager):
        page = as_manager.get(SITES, {"_popup": "1"}).text

        assert "Télécharger" not in page
        assert "_selected_action" not in page

    def test_are_not_shown_above_an_empty_list(self, db, as_manager):
        assert "Télécharger" not in as_manager.get(CONTACTS).text


class TestADownload:
    @pytest.mark.parametrize("extension", ["xlsx", "ods", "csv"])
    @pytest.mark.parametrize(
        ("key", "name", "count"),
        [
            ("site", "sites", 53),
            ("association", "associations", 27),
            ("labellingwave", "vagues-de-labellisation", 3),
            ("presscontact", "contacts-presse-de-l-union", 1),
            ("department", "departements", 101),
            ("region", "regions", 18),
        ],
    )
    def test_is_a_dated_file(self, key, name, count, extension, network, as_manager):
        answer = download(as_manager, f"/labelling/{key}/", extension)

        assert answer["Content-Type"] == sheets.MEDIA_TYPES[extension]
        assert file_name(answer) == f'attachment; filename="{name}-2026-11-23.{extension}"'
        assert rows(answer)[0][0] == SITUATION
        assert len(names(answer)) == count

    def test_holds_what_the_search_and_the_filters_leave(self, network, as_reader):
        answer = download(as_reader, SITES, query="?region=76&q=p")

        assert names(answer) == [
            site.name
            for site in Site.objects.matching("p")
            .filter(department__region__code="76")
            .order_by("sort_key")
        ]
        assert rows(answer)[0][0] == f"{SITUATION} – Occitanie, «\u00a0p\u00a0»"

    def test_holds_every_page_of_the_list(self, as_reader):
        SiteFactory.create_batch(60)

        assert len(names(download(as_reader, SITES, query="?p=2"))) == 60

    def test_holds_the_order_of_the_list(self, network, as_reader):
        answer = download(as_reader, "/labelling/labellingwave/", query="?o=2")

        assert names(answer) == ["Janvier 2020", "Février 2020", "Automne 2020"]

    def test_holds_what_is_ticked(self, network, as_reader):
        nimes = Site.objects.get(name="PIMMS Nîmes")

        answer = download(as_reader, SITES, **ticked(nimes))

        assert names(answer) == [nimes.name]
        assert rows(answer)[0][0] == f"{SITUATION} – lignes cochées"

    def test_holds_the_whole_list_once_all_of_it_is_ticked(self, as_reader):
        sites = SiteFactory.create_batch(60)

        answer = download(as_reader, SITES, **ticked(*sites[:50], select_across="1"))

        assert len(names(answer)) == 60
        assert rows(answer)[0][0] == SITUATION

    def test_of_all_takes_no_notice_of_ticks(self, network, as_reader):
        answer = download(as_reader, SITES, **ticked(Site.objects.first(), index="all"))

        assert len(names(answer)) == 53

    def test_of_ticks_asks_for_some(self, network, as_reader):
        page = as_reader.post(
            "/labelling/site/download/csv/?region=76", {"index": "ticked"}, follow=True
        )

        assert page.redirect_chain == [("/labelling/site/?region=76", 302)]
        assert sentences(page) == ["Cochez d’abord les lignes à télécharger."]

    def test_of_nothing_leads_back_to_the_list(self, network, as_reader):
        page = as_reader.post("/labelling/site/download/csv/?q=zzz", follow=True)

        assert page.redirect_chain == [("/labelling/site/?q=zzz", 302)]
        assert sentences(page) == [
            "Il n’y a rien à télécharger : effacez la recherche ou les filtres."
        ]

    @pytest.mark.parametrize("key", ["nine", "-1", "9" * 30, "1;2"])
    def test_of_keys_that_make_no_sense_is_refused(self, key, network, as_reader):
        page = as_reader.post(
            "/labelling/site/download/csv/",
            {"index": "ticked", "_selected_action": key},
            follow=True,
        )

        assert sentences(page) == ["Cochez d’abord les lignes à télécharger."]

    def test_of_an_address_that_makes_no_sense_leads_to_the_list(self, network, as_reader):
        page = as_reader.post("/labelling/site/download/csv/?status=x", follow=True)

        assert sentences(page) == ["Cette adresse ne se lit pas : voici la liste entière."]

    def test_is_asked_for_by_a_button_alone(self, network, as_reader):
        answer = as_reader.get("/labelling/site/download/csv/?region=76")

        assert (answer.status_code, answer["Location"]) == (302, "/labelling/site/?region=76")

    def test_in_an_unknown_format_is_not_found(self, network, as_reader):
        assert download(as_reader, SITES, "exe").status_code == 404

    def test_of_a_text_too_long_for_excel_says_what_to_do(self, as_reader):
        SiteFactory(note="x" * 32_768)

        page = as_reader.post("/labelling/site/download/xlsx/", follow=True)

        assert sentences(page) == [
            (
                "Le texte de la ligne 3, colonne 19, dépasse 32 767 caractères, la limite d’Excel. "
                "Téléchargez plutôt un fichier ODS ou CSV."
            )
        ]

    def test_runs_no_formula(self, as_reader):
        """S11."""
        SiteFactory(name="=HYPERLINK(1)", commune="@x", note="+1")

        book = openpyxl.load_workbook(io.BytesIO(download(as_reader, SITES, "xlsx").content))
        text = download(as_reader, SITES, "csv").content.decode("utf-8-sig")

        assert all(cell.data_type != "f" for line in book["Sites"].iter_rows() for cell in line)
        assert text.splitlines()[2].startswith("'=HYPERLINK(1);")
        assert ";'@x;" in text

    @pytest.mark.parametrize("key", sorted(RESOURCES))
    def test_costs_as_many_queries_for_60_rows_as_for_5(self, key, grow, client):  # noqa: F811
        client.force_login(UserFactory(is_superuser=True))
        address = f"/labelling/{key}/"
        grow(5)
        download(client, address)

        with CaptureQueriesContext(connection) as few:
            assert download(client, address).status_code == 200
        grow(55)
        with CaptureQueriesContext(connection) as many:
            assert download(client, address).status_code == 200

        assert len(many) == len(few)


class TestADownloadOfPersons:
    """S21."""

    def test_is_for_those_who_have_its_own_right(self, network, as_editor, as_manager):
        assert download(as_editor, CONTACTS).status_code == 403
        assert download(as_manager, CONTACTS).status_code == 200

    def test_leaves_a_trace_with_who_how_many_and_which(self, network, as_manager, manager):
        ContactFactory(name="Ana Durand", phone="0466012345", email="ana@example.org")

        download(as_manager, CONTACTS, "xlsx", query="?q=durand")

        entry = JournalEntry.objects.get()
        assert (entry.author, entry.author_name) == (manager, manager.get_full_name())
        assert (entry.event, entry.model_key) == ("download", "presscontact")
        assert entry.details == {
            "count": 1,
            "format": "xlsx",
            "searched": "durand",
            "filters": [],
            "is_ticked": False,
        }

    def test_leaves_a_trace_of_ticked_ones(self, network, as_manager):
        download(as_manager, CONTACTS, **ticked(PressContact.objects.get()))

        assert JournalEntry.objects.get().details == {
            "count": 1,
            "format": "csv",
            "searched": "",
            "filters": [],
            "is_ticked": True,
        }

    def test_leaves_a_trace_of_the_filters(self, network, as_manager, monkeypatch):
        ContactFactory(name="Ana Durand", role="Presse")
        monkeypatch.setattr(PressContactAdmin, "list_filter", (RoleFilter,))

        download(as_manager, CONTACTS, query="?role=press")

        details = JournalEntry.objects.get().details
        assert (details["count"], details["filters"]) == (1, ["fonction\u00a0: Presse"])

    def test_leaves_a_trace_in_the_whole_base(self, network, as_manager, as_editor):
        as_editor.post(WHOLE_BASE)
        as_manager.post(WHOLE_BASE)

        assert JournalEntry.objects.get().details == {
            "count": 1,
            "format": "xlsx",
            "is_whole_base": True,
        }

    def test_that_cannot_be_noted_does_not_take_place(self, network, as_manager, monkeypatch):
        monkeypatch.setattr("labelling.models.journal.JournalQuerySet.create", _fail)
        as_manager.raise_request_exception = False

        for answer in (download(as_manager, CONTACTS), as_manager.post(WHOLE_BASE)):
            assert answer.status_code == 500
            assert "Content-Disposition" not in answer

    def test_that_does_not_take_place_leaves_none(self, network, as_manager):
        as_manager.get(f"{CONTACTS}download/csv/")
        download(as_manager, CONTACTS, query="?q=zzz")
        download(as_manager, CONTACTS, index="ticked")

        assert not JournalEntry.objects.exists()

    def test_is_shown_below_the_list_to_those_who_have_the_right(
        self, network, as_manager, as_editor, manager
    ):
        download(as_manager, CONTACTS)

        page = as_manager.get(CONTACTS).text

        assert "Derniers téléchargements de cette liste" in page
        assert f"<li>{manager.get_full_name()}, le " in page
        assert "1\u00a0contact téléchargé en CSV</li>" in page
        address = "/labelling/journalentry/?event=download"
        assert f'<a href="{address}">Tous les téléchargements</a>' in page
        assert as_manager.get(address).context["cl"].result_count == 1
        assert "Derniers téléchargements" not in as_editor.get(CONTACTS).text

    def test_leads_to_the_journal_those_alone_who_may_read_it(self, network, client):
        person = UserFactory()
        for codename in "view_presscontact", "export_presscontact":
            person.user_permissions.add(Permission.objects.get(codename=codename))
        client.force_login(person)
        download(client, CONTACTS)

        page = client.get(CONTACTS).text

        assert "Derniers téléchargements de cette liste" in page
        assert "Tous les téléchargements" not in page

    @pytest.mark.parametrize(
        ("searched", "left"),
        [
            ("Durand", "…"),
            ("dur", "…"),
            ("presse", "presse"),
            ("", ""),
        ],
    )
    def test_forgets_the_name_of_who_is_erased(self, searched, left, network, as_manager):
        contact = ContactFactory(name="Ana Durand", role="Presse")
        unguarded(PressContact).exclude(pk=contact.pk).update(search_key="")
        download(as_manager, CONTACTS, query=f"?q={searched}" if searched else "")

        contact.delete()

        assert JournalEntry.objects.get().details["searched"] == left

    def test_forgets_the_former_names_of_who_is_erased(self, network, as_manager):
        contact = ContactFactory(name="Ana Durand")
        download(as_manager, CONTACTS, query="?q=durand")
        contact.name = "Ana Martin"
        contact.save()

        contact.delete()

        assert JournalEntry.objects.get().details["searched"] == "…"

    def test_of_other_records_leaves_none(self, network, as_manager):
        download(as_manager, SITES)

        assert not JournalEntry.objects.exists()


class TestAModelSheet:
    @pytest.mark.parametrize(
        ("key", "name", "heading"),
        [
            ("site", "modele-sites", "Nom"),
            ("association", "modele-associations", "Nom"),
            ("labellingwave", "modele-vagues-de-labellisation", "Nom de la vague"),
            ("presscontact", "modele-contacts-presse-de-l-union", "Nom"),
        ],
    )
    def test_is_an_empty_workbook(self, key, name, heading, network, as_editor):
        answer = as_editor.get(reverse(f"admin:labelling_{key}_model_sheet"))

        assert file_name(answer) == f'attachment; filename="{name}.xlsx"'
        ((first, *_),) = rows(answer)
        assert first == heading

    def test_has_the_choices_in_it(self, network, as_editor):
        answer = as_editor.get(reverse("admin:labelling_site_model_sheet"))

        book = openpyxl.load_workbook(io.BytesIO(answer.content))
        assert len(book["Sites"].data_validations.dataValidation) == 6
        assert "Automne 2020" in [cell.value for line in book["Listes"].rows for cell in line]

    def test_is_for_those_who_import(self, network, as_reader):
        assert as_reader.get(reverse("admin:labelling_site_model_sheet")).status_code == 403


class TestTheWholeBase:
    def test_is_one_button_of_the_home_page(self, network, as_reader, client):
        client.force_login(UserFactory())

        page = as_reader.get("/").text

        assert f'<form method="post" action="{WHOLE_BASE}">' in page
        assert '<button type="submit" class="button">Télécharger toutes les fiches</button>' in page
        assert "Télécharger" not in client.get("/").text

    def test_is_one_dated_workbook(self, network, as_manager):
        answer = as_manager.post(WHOLE_BASE)

        book = openpyxl.load_workbook(io.BytesIO(answer.content))
        assert file_name(answer) == 'attachment; filename="reseau-pimms-2026-11-23.xlsx"'
        assert [name for name in book.sheetnames if name != "Listes"] == [
            "Chiffres",
            "Sites",
            "Associations",
            "Vagues de labellisation",
            "Contacts presse de l’Union",
            "Départements",
            "Régions",
        ]
        first, *others = [book[name]["A1"].value for name in book.sheetnames if name != "Listes"]
        assert first == "PIMMS labellisés France Services au 23\u00a0novembre 2026"
        assert {*others} == {SITUATION}

    def test_leaves_out_what_the_person_may_not_see(self, network, as_reader):
        book = openpyxl.load_workbook(io.BytesIO(as_reader.post(WHOLE_BASE).content))

        assert "Contacts presse de l’Union" not in book.sheetnames

    def test_is_refused_to_those_who_may_see_nothing(self, network, client):
        client.force_login(UserFactory())

        assert client.post(WHOLE_BASE).status_code == 403

    def test_of_a_text_too_long_for_excel_says_so(self, as_reader):
        SiteFactory(note="x" * 32_768)

        page = as_reader.post(WHOLE_BASE, follow=True)

        assert page.redirect_chain == [("/", 302)]
        assert len(sentences(page)) == 1


class TestTheStockPages:
    def test_of_import_export_are_not_reachable(self):
        stock = {"import", "process_import", "export", "export_action"}

        assert not [name for name in ADDRESSES if name.split("_", 2)[-1] in stock]

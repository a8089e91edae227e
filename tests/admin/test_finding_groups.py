"""What one rule finds, whole: on the home page, on its own page, as a sheet, accepted at once."""

import datetime as dt
import re
from html import unescape
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook

from labelling.models import AcceptedFinding, ImportRun, LabellingWave, PressRelease
from labelling.spreadsheets.runs.apply import apply
from tests.admin.forms import sentences
from tests.factories import (
    AssociationFactory,
    ContactFactory,
    DepartmentFactory,
    ReleaseFactory,
    SiteFactory,
    WaveFactory,
)
from tests.spreadsheets.prepared import prepared

pytestmark = pytest.mark.django_db

CONTRADICTED = "/labelling/site/findings/Q002/"
WITHOUT_ASSOCIATION = "/labelling/site/findings/Q009/"


def on_home(client) -> list[str]:
    """Each group of the home page, in words."""
    page = client.get("/").text.partition('id="home-findings"')[2].partition("</section>")[0]
    groups = [unescape(re.sub(r"<[^>]+>", " ", one)) for one in page.split('<div class="found">')]
    return [" ".join(one.split()) for one in groups[1:]]


def digest(page: str) -> str:
    (found,) = re.findall(r'name="digest" value="(\w+)"', page)
    return found


@pytest.fixture
def unknown():
    """Five labelled sites of which nobody knows who runs them."""
    known = {"commune": "Nîmes", "format": "fixed", "labelled": True}
    return [
        SiteFactory(name=f"PIMMS {word}", france_services_id=str(number), **known)
        for number, word in enumerate(("Alès", "Nîmes", "Uzès", "Vauvert", "Vergèze"), start=1)
    ]


class TestTheHomePage:
    def test_groups_what_is_found_the_most_serious_first(self, network, as_reader):
        carriers, departments, lines = on_home(as_reader)

        assert carriers.startswith(
            "Chiffres par porteur Faux 1 fiche : Chiffres par porteur Automne 2020 Les chiffres"
        )
        assert departments.startswith(
            "Département et code commune Faux 3 fiches : Département et code commune PIMMS"
        )
        assert departments.count("Le communiqué du 14 octobre 2020 l’imprime sous Isère.") == 3
        assert lines.startswith(
            "Ligne hors de sa place Faux 1 fiche : Ligne hors de sa place Communiqué du 14"
        )

    def test_leads_to_each_finding_on_its_record_and_to_the_whole_group(self, network, as_reader):
        page = as_reader.get("/").text
        wave = LabellingWave.objects.get(slug="automne-2020")

        assert f'href="/labelling/labellingwave/{wave.pk}/change/#finding-Q001"' in page
        assert 'href="/labelling/pressrelease/1/document/#finding-Q021"' in page
        assert f'href="{CONTRADICTED}"' in page

    def test_names_the_first_ones_of_many(self, unknown, as_reader):
        assert on_home(as_reader) == [
            (
                "Sans association À compléter 5 fiches : Sans association PIMMS Alès, PIMMS Nîmes, "
                "PIMMS Uzès et 2 autres."
            )
        ]

    def test_leaves_names_to_their_own_page(self, as_editor):
        SiteFactory(name="PIMMS Nîmes", made_name="PIMMS Nîmes")

        assert on_home(as_editor) == []
        assert "Rien à signaler." in as_editor.get("/").text


class TestThePage:
    def test_tells_all_that_a_rule_finds(self, network, as_reader):
        page = as_reader.get(CONTRADICTED)

        lines = re.findall(r"<tr><th scope=\"row\">.*?</tr>", page.text, re.DOTALL)
        assert len(lines) == 3
        assert '/change/#finding-Q002">PIMMS Métropole Stéphanoise - La Cotonne</a>' in lines[0]
        assert "est une commune du département Loire (42)" in lines[0]
        assert "<p>Vérifiez l’adresse, puis corrigez l’un des deux.</p>" in page.text
        assert '<span class="badge bad">Faux</span>\n3\u00a0fiches' in page.text

    def test_leads_from_a_wave_without_release_to_its_draft(self, network, as_editor, as_reader):
        wave = LabellingWave.objects.get(name="Février 2020")
        LabellingWave.objects.filter(pk=wave.pk).update(announced_on=dt.date(2020, 2, 14))
        group = "/labelling/site/findings/Q017/"

        (address,) = re.findall(
            r'<a href="([^"]*)">Préparer le communiqué', as_editor.get(group).text
        )
        form = as_editor.get(address).context["adminform"].form

        assert form["wave"].value() == wave.pk
        assert "Préparer le communiqué" not in as_reader.get(group).text

    def test_offers_a_reader_neither_a_sheet_nor_to_accept(self, network, as_reader):
        page = as_reader.get(CONTRADICTED).text

        assert "Corriger dans un tableur" not in page
        assert "Ne plus signaler" not in page
        assert as_reader.post(CONTRADICTED, {"sheet": "yes"}).status_code == 403
        settled = {"motive": "Vu", "digest": "x"}
        assert as_reader.post(CONTRADICTED, settled).status_code == 403
        assert not AcceptedFinding.objects.exists()

    def test_says_that_nothing_is_found(self, as_editor):
        page = as_editor.get(CONTRADICTED).text

        assert "Rien n’est plus signalé ici." in page
        assert "Corriger dans un tableur" not in page

    def test_of_a_rule_that_is_none_is_not_there(self, as_editor):
        assert as_editor.get("/labelling/site/findings/Q999/").status_code == 404

    def test_is_not_for_other_verbs(self, as_editor):
        assert as_editor.delete(CONTRADICTED).status_code == 405

    def test_has_fifty_lines_and_asks_as_many_questions_for_all(self, as_editor):
        DepartmentFactory(code="42", name="Loire")

        def grow(count):
            SiteFactory.create_batch(count, commune_code="42218")
            as_editor.get(CONTRADICTED)
            with CaptureQueriesContext(connection) as captured:
                page = as_editor.get(CONTRADICTED)
            return len(captured), page.text.count('<tr><th scope="row">')

        few, lines = grow(5)
        assert lines == 5
        assert grow(60) == (few, 50)


class TestTheSheet:
    def test_holds_the_records_and_comes_back_as_an_import(self, unknown, as_editor):
        AssociationFactory(name="Pimms du Gard")
        SiteFactory(name="PIMMS Arles")

        answer = as_editor.post(WITHOUT_ASSOCIATION, {"sheet": "yes"})

        name = f"a-corriger-sans-association-{dt.date.today()}.xlsx"  # noqa: DTZ011
        assert f'filename="{name}"' in answer["Content-Disposition"]
        book = CalamineWorkbook.from_filelike(BytesIO(answer.content))
        rows = book.get_sheet_by_index(0).to_python()
        top = next(number for number, row in enumerate(rows) if "Association membre" in row)
        assert "à vérifier\u00a0: Sans association" in rows[0][0]
        column, why = rows[top].index("Association membre"), rows[top].index("Pourquoi")
        assert len(rows) - top - 1 == 5
        assert {row[why] for row in rows[top + 1 :]} == {
            "Il manque l’association membre. Choisissez celle qui fait vivre le site."
        }
        assert {row[column] for row in rows[top + 1 :]} == {""}

        file = SimpleUploadedFile(name, answer.content)
        as_editor.post("/labelling/importrun/add/", {"file": file, "model": "site"})
        run = ImportRun.objects.get()
        assert run.rows.count_states()["unchanged"] == 5

    def test_is_not_offered_of_what_is_not_imported(self, network, as_editor):
        page = as_editor.get("/labelling/site/findings/Q021/").text

        assert "Corriger dans un tableur" not in page
        answer = as_editor.post("/labelling/site/findings/Q021/", {"sheet": "yes"})
        assert answer.status_code == 403


class TestAcceptingAGroup:
    def test_tells_none_of_it_any_more(self, unknown, editor, as_editor):
        page = as_editor.get(WITHOUT_ASSOCIATION).text
        assert "Ne plus signaler ces 5\u00a0fiches" in page

        typed = {"motive": "Demandé aux associations", "until": "31/12/2099"}
        answer = as_editor.post(WITHOUT_ASSOCIATION, {**typed, "digest": digest(page)}, follow=True)

        assert sentences(answer) == [
            (
                "« Sans association » : 5 fiches ne sont plus signalées jusqu’au 31 décembre 2099 "
                "compris."
            )
        ]
        assert on_home(as_editor) == []
        stored = AcceptedFinding.objects.values_list("rule", "motive", "accepted_by").distinct()
        assert [*stored] == [("Q009", "Demandé aux associations", editor.pk)]
        assert AcceptedFinding.objects.count() == 5

    def test_says_it_of_one(self, as_editor):
        AssociationFactory()
        address = "/labelling/site/findings/Q019/"
        page = as_editor.get(address).text
        assert "Ne plus signaler cette fiche" in page
        assert "Elle est signalée de nouveau si" in page
        assert "Le tableur a cette fiche, avec" in page
        assert "ces fiches" not in page

        answer = as_editor.post(address, {"motive": "En mai", "digest": digest(page)}, follow=True)

        assert sentences(answer) == ["« Sans site » : 1 fiche n’est plus signalée."]

    def test_is_refused_without_a_motive(self, unknown, as_editor):
        page = as_editor.get(WITHOUT_ASSOCIATION).text

        answer = as_editor.post(WITHOUT_ASSOCIATION, {"motive": " ", "digest": digest(page)})

        assert "Écrivez pourquoi ce signalement est accepté" in answer.text
        assert '<details class="settle" open>' in answer.text
        assert not AcceptedFinding.objects.exists()

    def test_is_refused_where_another_one_came_meanwhile(self, unknown, as_editor):
        page = as_editor.get(WITHOUT_ASSOCIATION).text
        SiteFactory(labelled=True)

        answer = as_editor.post(WITHOUT_ASSOCIATION, {"motive": "Vu", "digest": digest(page)})

        assert sentences(answer) == [
            (
                "Ce qui est signalé a changé depuis que cette page est ouverte. Rien n’a été "
                "accepté : relisez-le."
            )
        ]
        assert not AcceptedFinding.objects.exists()


class TestTheListOfSites:
    LIST = "/labelling/site/"

    def test_says_beside_the_sites_to_check_what_is_found_of_each(self, unknown, as_reader):
        unknown[0].commune = ""
        unknown[0].save()

        page = as_reader.get(self.LIST, {"status": "to_check"}).text

        assert "Ce qui est signalé" in page
        assert '<td class="field-found">Sans association et Sans commune</td>' in page
        assert page.count('<td class="field-found">') == 5
        assert "field-found" not in as_reader.get(self.LIST).text

    def test_is_narrowed_to_what_one_rule_finds(self, unknown, as_reader):
        unknown[0].commune = ""
        unknown[0].save()

        page = as_reader.get(self.LIST, {"status": "to_check", "rule": "Q010"})

        assert [site.name for site in page.context["cl"].result_list] == ["PIMMS Alès"]
        (pill,) = [s for s in page.context["cl"].filter_specs if s.parameter_name == "rule"]
        choices = [(c["display"], c.get("count")) for c in pill.choices(page.context["cl"])]
        assert choices == [
            ("Tout ce qui est signalé", None),
            ("Sans association", "5"),
            ("Sans commune", "1"),
        ]

    def test_takes_no_rule_that_is_none(self, as_reader):
        answer = as_reader.get(self.LIST, {"rule": "Q001"}, follow=True)

        assert answer.redirect_chain

    def test_tells_the_press_nothing_of_it(self, unknown, as_reader):
        pressed = as_reader.get(f"{self.LIST}press-list/txt/?rule=Q009").content.decode()
        sheet = as_reader.post(f"{self.LIST}download/csv/?rule=Q009").content.decode("utf-8-sig")

        assert "(sélection)" in pressed
        assert "association" not in pressed.lower()
        assert "sans association" in sheet


class TestAnAppliedImport:
    def test_tells_what_is_to_check_of_the_records_that_it_wrote(self, unknown, as_editor):
        lines = ("PIMMS Sète;34;Automne 2020;Sète", "PIMMS Agde;34;Automne 2020;Agde")
        DepartmentFactory(code="34", name="Hérault")
        run = prepared("Nom;Département;Vague;Commune", *lines)
        address = reverse("admin:labelling_importrun_change", args=[run.pk])
        assert as_editor.get(address).status_code == 200
        assert "found-title" not in as_editor.get(address).text
        apply(run, None)

        page = as_editor.get(address).text

        found = page.partition('<h2 id="found-title">')[2].partition("</section>")[0]
        assert re.findall(r'href="(.*?)">(.*?)</a>&nbsp;: (.*?)<', found) == [
            (WITHOUT_ASSOCIATION, "Sans association", "2\u00a0fiches"),
            ("/labelling/site/findings/Q011/", "Sans accueil du public", "2\u00a0fiches"),
            ("/labelling/site/findings/Q012/", "Sans numéro France Services", "2\u00a0fiches"),
        ]


class TestTheRecord:
    def test_tells_what_is_of_no_field_above_the_form(self, as_editor):
        SiteFactory(rank=2)
        site = SiteFactory(rank=2)

        page = as_editor.get(f"/labelling/site/{site.pk}/change/").text

        before = page.partition("<form")[0]
        assert 'id="finding-Q015"' in page
        assert "Sa place dans la liste imprimée est aussi celle d’un autre site." in page
        assert page.index('id="finding-Q015"') < page.index('id="site_form"')
        assert "finding-Q015" not in before

    def test_opens_what_is_folded_over_a_finding(self, as_editor):
        site = SiteFactory(latitude=0, longitude=0)
        sound = SiteFactory()

        page = as_editor.get(f"/labelling/site/{site.pk}/change/").text

        assert page.count("<details open>") == 1
        assert 'id="finding-Q007"' in page.partition("<details open>")[2].partition("</details>")[0]
        assert "<details open>" not in as_editor.get(f"/labelling/site/{sound.pk}/change/").text

    def test_of_a_wave_tells_that_it_has_no_release(self, as_editor):
        wave = WaveFactory(announced_on=dt.date(2020, 10, 14))

        page = as_editor.get(f"/labelling/labellingwave/{wave.pk}/change/").text

        assert "La vague est annoncée, et n’a pas de communiqué." in page


class TestARelease:
    def test_tells_which_line_is_out_of_place_and_is_accepted_there(self, network, as_manager):
        release = PressRelease.objects.get()
        address = f"/labelling/pressrelease/{release.pk}/document/"
        page = as_manager.get(address).text
        assert "PIMMS Melun est imprimé au milieu d’un autre département." in page
        form = page.partition('id="settle-Q021"')[2].partition("</form>")[0]
        sent = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))

        answer = as_manager.post("/labelling/site/settle/", {**sent, "motive": "Vu"}, follow=True)

        assert answer.redirect_chain == [(address, 302)]
        assert 'id="finding-Q021"' not in answer.text
        assert "Signalement accepté" in answer.text

    def test_shows_a_reader_the_line_and_no_way_to_accept_it(self, network, as_reader):
        page = as_reader.get("/labelling/pressrelease/1/document/").text

        assert 'id="finding-Q021"' in page
        assert "settle-Q021" not in page

    def test_of_a_draft_is_told_once_beside_its_field_and_accepted_on_its_page(self, as_manager):
        contact = ContactFactory(proposed_until=dt.date(2020, 10, 13))
        release = ReleaseFactory(contact=contact)
        told = "Le contact presse n’est plus à proposer depuis le 13\u00a0octobre 2020."

        form = as_manager.get(f"/labelling/pressrelease/{release.pk}/change/").text
        page = as_manager.get(f"/labelling/pressrelease/{release.pk}/document/").text

        assert form.count(told) == 1
        assert told in form.split('data-findings="contact"')[1].split("</div>")[0]
        assert '<li id="finding-Q018">' in page
        assert 'id="settle-Q018"' in page
        validating = as_manager.get(f"/labelling/pressrelease/{release.pk}/validate/").text
        assert told in validating
        assert "settle-Q018" not in validating

    def test_is_not_offered_of_more_than_anybody_reads(self, unknown, as_editor, monkeypatch):
        shown = digest(as_editor.get(WITHOUT_ASSOCIATION).text)
        monkeypatch.setattr("labelling.admin.findings._MOST_ACCEPTED", 4)

        page = as_editor.get(WITHOUT_ASSOCIATION).text
        answer = as_editor.post(WITHOUT_ASSOCIATION, {"motive": "Vu", "digest": shown})

        assert "Ne plus signaler" not in page
        assert page.count('<tr><th scope="row">') == 5
        assert sentences(answer) == [
            (
                "4 fiches au plus s’acceptent à la fois, et 5 sont signalées : corrigez-les dans "
                "un tableur, ou acceptez-les une à une."
            )
        ]
        assert not AcceptedFinding.objects.exists()

"""What the rules of quality find, on the pages: under its field, in a tab, as a badge."""

import re
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from labelling.models import Department, LabellingWave, Site
from tests.admin.forms import filled, sentences
from tests.factories import DepartmentFactory, SiteFactory

pytestmark = pytest.mark.django_db

LIST = "/labelling/site/"


def finding(page: str, field: str) -> str:
    """The words of the finding that stands under a field; empty if there is none."""
    (row,) = [row for row in page.split('<div class="form-row') if f'field-{field}">' in row]
    # What accepts it is folded away.
    row = re.sub(r"<details.*?</details>", "", row, flags=re.DOTALL)
    found = re.search(r'<div class="finding".*?</div>', row, re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", found[0])).split()) if found else ""


def names(page) -> list[str]:
    return [site.name for site in page.context["cl"].result_list]


@pytest.fixture
def cotonne(network) -> Site:
    """Its commune is in Loire, its record in Isère, as the release of October 2020 has it."""
    return Site.objects.get(name__endswith="La Cotonne")


class TestFindings:
    def test_stand_under_their_field_with_what_was_compared(self, cotonne, as_editor):
        page = as_editor.get(f"{LIST}{cotonne.pk}/change/").text

        assert finding(page, "department") == (
            "Le code commune dit Loire. 42218 (Saint-Étienne) est une commune du département "
            "Loire (42) ; la fiche dit Isère (38). Sa position est à 28 km de ce département. Le "
            "communiqué du 14 octobre 2020 l’imprime sous Isère. Vérifiez l’adresse, puis "
            "corrigez l’un des deux. Mettre Loire et enregistrer"
        )

    def test_are_read_with_their_field(self, cotonne, as_editor):
        page = as_editor.get(f"{LIST}{cotonne.pk}/change/").text

        field = re.search(r'<select name="department"[^>]*>', page)
        assert field is not None
        assert 'aria-describedby="id_department_helptext finding-Q002"' in field[0]
        assert page.count('id="finding-Q002"') == 1

    def test_tell_a_reader_what_is_wrong_and_offer_nothing(self, cotonne, as_reader):
        page = as_reader.get(f"{LIST}{cotonne.pk}/change/").text

        assert finding(page, "department") == (
            "Le code commune dit Loire. 42218 (Saint-Étienne) est une commune du département "
            "Loire (42) ; la fiche dit Isère (38). Sa position est à 28 km de ce département. Le "
            "communiqué du 14 octobre 2020 l’imprime sous Isère."
        )
        assert '<button type="submit" name=' not in page

    def test_are_mended_by_their_button_which_saves_the_form(self, cotonne, as_editor):
        address = f"{LIST}{cotonne.pk}/change/"
        opened = as_editor.get(address)
        button = re.search(r'<button type="submit" name="(\w+)"\s+value="(\d+)">', opened.text)
        assert button is not None
        name, value = button.groups()
        sent = filled(opened, note="Vu avec la mairie")

        # The browser sends the field first, then the button of its name.
        saved = as_editor.post(address, {**sent, name: [sent[name], value]}, follow=True)

        cotonne.refresh_from_db()
        assert (cotonne.department.name, cotonne.note) == ("Loire", "Vu avec la mairie")
        assert sentences(saved) == [f"{cotonne} : modifications enregistrées."]
        assert finding(as_editor.get(address).text, "department") == ""

    def test_are_not_mended_by_who_may_only_read(self, cotonne, as_reader):
        loire = Department.objects.get(code="42")

        answer = as_reader.post(f"{LIST}{cotonne.pk}/change/", {"department": loire.pk})

        assert answer.status_code == 403
        assert Site.objects.get(pk=cotonne.pk).department.name == "Isère"

    def test_are_those_of_what_is_stored_while_a_form_is_refused(self, cotonne, as_editor):
        address = f"{LIST}{cotonne.pk}/change/"
        loire = Department.objects.get(code="42")

        refused = as_editor.post(
            address, filled(as_editor.get(address), name="", department=loire.pk)
        )

        assert finding(refused.text, "department").startswith("Le code commune dit Loire.")

    def test_of_a_wave_stand_under_its_total(self, network, as_editor):
        wave = LabellingWave.objects.get(slug="automne-2020")

        page = as_editor.get(f"/labelling/labellingwave/{wave.pk}/change/").text

        assert finding(page, "national_sites") == (
            "Les chiffres par porteur font 859, le total annoncé est 856. 11 + 154 + 131 + 19 + "
            "544 = 859. Le communiqué du 14 octobre 2020 imprime ces chiffres. Vérifiez auprès "
            "de l’État ; vous pouvez enregistrer quand même."
        )

    def test_are_not_spoken_of_where_there_is_none(self, as_editor):
        site = SiteFactory()

        page = as_editor.get(f"{LIST}{site.pk}/change/").text

        assert "finding" not in page
        assert "À vérifier" not in page


class TestTheBadge:
    def test_stands_in_the_title_of_a_site_with_findings(self, cotonne, as_reader):
        page = as_reader.get(f"{LIST}{cotonne.pk}/change/").text

        title = re.search(r'<p class="situation">.*?</p>', page, re.DOTALL)
        assert title is not None
        assert '<span class="badge warn">À vérifier</span>' in title[0]

    def test_stands_in_the_lines_of_such_sites_alone(self, cotonne, as_reader):
        page = as_reader.get(LIST, {"q": "métropole"}).text

        lines = re.findall(r"<tr>.*?</tr>", page, re.DOTALL)
        marked = [line for line in lines if '<span class="badge warn">À vérifier</span>' in line]
        assert len(marked) == 3
        assert all("Métropole Stéphanoise" in line for line in marked)


class TestTheTab:
    def test_counts_the_sites_to_check(self, cotonne, as_reader):
        page = as_reader.get(LIST).text

        assert 'À vérifier\n<span class="count warn">3</span>' in page

    def test_counts_within_the_other_filters(self, cotonne, as_reader):
        page = as_reader.get(LIST, {"region": "76"}).text

        assert 'À vérifier\n<span class="count">0</span>' in page

    def test_lists_them(self, cotonne, as_reader):
        page = as_reader.get(LIST, {"status": "to_check", "q": "saint"})

        assert names(as_reader.get(LIST, {"status": "to_check"})) == [
            "PIMMS Métropole Stéphanoise - La Cotonne",
            "PIMMS Métropole Stéphanoise - Montreynaud",
            "PIMMS Métropole Stéphanoise - Saint-Chamond",
        ]
        assert 'aria-current="page">À vérifier' in page.text

    def test_lists_those_alone_that_are_looked_for(self, cotonne, as_reader):
        page = as_reader.get(LIST, {"status": "to_check", "q": "chamond"})

        assert names(page) == ["PIMMS Métropole Stéphanoise - Saint-Chamond"]
        assert page.context["cl"].result_count == 1

    def test_says_when_there_is_none(self, as_reader):
        SiteFactory()

        page = as_reader.get(LIST, {"status": "to_check"}).text

        assert "Aucun site n’est à vérifier." in page

    def test_is_said_of_a_sheet_and_not_to_the_press(self, cotonne, as_reader):
        chosen = f"{LIST}?status=to_check"

        sheet = as_reader.post(f"{LIST}download/csv/?status=to_check").content.decode("utf-8-sig")
        pressed = as_reader.get(f"{LIST}press-list/txt/?status=to_check").content.decode()

        assert "sites à vérifier" in as_reader.get(chosen).text
        assert "sites à vérifier" in sheet
        assert "à vérifier" not in pressed
        assert "(sélection)" in pressed

    def test_asks_as_many_questions_of_the_base_for_60_sites_as_for_6(self, as_reader):
        loire = DepartmentFactory(code="42", name="Loire")
        address = f"{LIST}?status=to_check"

        def grow(count: int) -> int:
            SiteFactory.create_batch(count, commune_code="42218")
            SiteFactory.create_batch(count, commune_code="42218", department=loire)
            as_reader.get(address)
            with CaptureQueriesContext(connection) as captured:
                assert len(names(as_reader.get(address))) >= count
            return len(captured)

        assert grow(6) == grow(40)

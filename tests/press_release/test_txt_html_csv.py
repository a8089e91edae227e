"""The renderers: the same content as text, as a page and as cells."""

import csv
import io
import re
from dataclasses import replace

import pytest

from labelling.models import PressRelease
from labelling.press_release.composition import read_published
from labelling.press_release.content import Content, ReleaseLine
from labelling.press_release.formats import FORMATS
from labelling.press_release.renderers import csv as as_csv
from labelling.press_release.renderers import html, txt

CONTENT = Content(
    place_and_date="Paris, mercredi 14 octobre 2020",
    kind="COMMUNIQUÉ DE PRESSE",
    title="2 PIMMS supplémentaires",
    lead="Chapô.",
    paragraphs=("Premier.", "Second."),
    list_title="Liste :",
    legend="(légende)",
    columns=("Région", "Département", "Nom"),
    lines=(
        ReleaseLine(region="Bretagne", department="Finistère", name="PIMMS Brest", is_new=True),
        ReleaseLine(region="Bretagne", department="Morbihan", name="PIMMS Lorient"),
        ReleaseLine(region="Occitanie", department="Gard", name="PIMMS Nîmes", is_new=True),
    ),
    situation="Situation arrêtée au 14 octobre 2020",
    about_heading="À propos",
    about=("Créée en 1998.",),
    contact_heading="Contact presse",
    contact=("Prénom Nom", "01 23 45 67 89"),
)
EMPTY = Content(
    title="Aucun", list_title="Liste :", columns=("Région", "Département", "Nom"), lines=()
)


@pytest.fixture
def sent(network):
    return read_published(PressRelease.objects.get())


class TestEveryFormat:
    @pytest.mark.parametrize("extension", ["txt", "html", "csv"])
    def test_says_53_lines_and_13_new_ones(self, sent, extension):
        document = FORMATS[extension].render(sent).decode()

        marks = {"txt": r"^\t.* \*$", "html": r'class="release-new">\*<', "csv": r";Oui\r$"}
        lines = {
            "txt": r"^\t",
            "html": r"<tr>\n(<th scope=\"rowgroup\"|<td)",
            "csv": r";(Oui|Non)\r$",
        }
        assert len(re.findall(lines[extension], document, re.MULTILINE)) == 53
        assert len(re.findall(marks[extension], document, re.MULTILINE)) == 13

    def test_is_offered_in_this_order(self):
        assert [(f.label, f.extension) for f in FORMATS.values()] == [
            ("PDF", "pdf"),
            ("Word", "docx"),
            ("Excel", "xlsx"),
            ("Texte OpenDocument", "odt"),
            ("Tableur OpenDocument", "ods"),
            ("Texte", "txt"),
            ("Page HTML", "html"),
            ("Tableur CSV", "csv"),
            ("Données JSON", "json"),
        ]


class TestText:
    def test_parts_are_separated_by_blank_lines_and_regions_stand_alone(self):
        assert txt.render(CONTENT).decode() == (
            "Paris, mercredi 14 octobre 2020\n\nCOMMUNIQUÉ DE PRESSE\n\n2 PIMMS supplémentaires\n\n"
            "Chapô.\n\nPremier.\n\nSecond.\n\nListe :\n(légende)\n\n"
            "Région\tDépartement\tNom\n\n"
            "Bretagne\n\tFinistère\tPIMMS Brest *\n\tMorbihan\tPIMMS Lorient\n\n"
            "Occitanie\n\tGard\tPIMMS Nîmes *\n\n"
            "Situation arrêtée au 14 octobre 2020\n\nÀ propos\n\nCréée en 1998.\n\n"
            "Contact presse\n\nPrénom Nom\n01 23 45 67 89\n"
        )

    def test_an_empty_list_has_no_title(self):
        assert txt.render(EMPTY).decode() == "Aucun\n"


class TestHtml:
    def test_the_list_is_a_table_with_a_title_and_headings_of_groups(self):
        body = html.render_body(CONTENT)

        assert '<span class="release-list-title">Liste :</span>' in body
        assert re.findall(r'<th scope="col">(.*?)</th>', body) == ["Région", "Département", "Nom"]
        assert re.findall(r'<th scope="rowgroup" rowspan="(\d)">(.*?)</th>', body) == [
            ("2", "Bretagne"),
            ("1", "Occitanie"),
        ]

    def test_a_new_site_is_marked_by_an_asterisk_that_stays_beside_its_name(self):
        body = html.render_body(CONTENT)

        assert '<mark>PIMMS Brest&nbsp;<strong class="release-new">*</strong></mark>' in body
        assert "<td>PIMMS Lorient</td>" in body

    def test_without_new_sites_there_is_no_legend(self):
        assert "release-legend" not in html.render_body(EMPTY)

    def test_the_file_asks_nothing_of_any_server(self):
        page = html.render(CONTENT).decode()

        assert '<html lang="fr">' in page
        assert "<title>2 PIMMS supplémentaires</title>" in page
        assert "#c00000" in page
        assert not re.search(r"(?i)src=|url\(|@import", page)
        assert re.findall(r'(?i)href="(.*?)"', page) == ["tel:+33123456789"]

    def test_names_are_text_and_no_markup(self):
        line = ReleaseLine(region="R", department="D", name="<script>alert(1)</script>")
        hostile = Content(title="<b>", list_title="", columns=("", "", ""), lines=(line,))

        page = html.render(hostile).decode()

        assert "<script" not in page
        assert "<b>" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


class TestCsv:
    def test_for_staff_opens_in_a_french_spreadsheet(self):
        assert as_csv.render(CONTENT).decode() == (
            "\ufeffRégion;Département;Nom;Nouveau\r\n"
            "Bretagne;Finistère;PIMMS Brest;Oui\r\n"
            "Bretagne;Morbihan;PIMMS Lorient;Non\r\n"
            "Occitanie;Gard;PIMMS Nîmes;Oui\r\n"
        )

    def test_without_new_sites_has_no_column_for_them_and_says_above_what_it_is(self):
        content = Content(
            title="=Liste",
            lead="1 PIMMS.",
            list_title="",
            columns=("Région", "Département", "Nom"),
            lines=(ReleaseLine(region="Bretagne", department="Finistère", name="PIMMS Brest"),),
            situation="Situation arrêtée au 14 octobre 2020",
        )

        assert as_csv.render(content).decode() == (
            "\ufeff'=Liste\r\n1 PIMMS.\r\nSituation arrêtée au 14 octobre 2020\r\n\r\n"
            "Région;Département;Nom\r\nBretagne;Finistère;PIMMS Brest\r\n"
        )

    @pytest.mark.parametrize(
        "what_it_is", [{"notices": ("PROJET – NE PAS DIFFUSER",)}, {"is_correction": True}]
    )
    def test_of_a_draft_and_of_a_correction_says_above_what_it_is(self, what_it_is):
        sheet = as_csv.render(replace(CONTENT, **what_it_is)).decode("utf-8-sig")

        above, _, below = sheet.partition("\r\n\r\n")
        assert below.startswith("Région;Département;Nom;Nouveau\r\n")
        assert above.split("\r\n") == [
            *what_it_is.get("notices", ()),
            '"Paris, mercredi 14 octobre 2020"',
            "2 PIMMS supplémentaires",
            "Chapô.",
            *(("Premier.", "Second.") if "is_correction" in what_it_is else ()),
            "Situation arrêtée au 14 octobre 2020",
        ]

    def test_for_programs_has_commas_and_an_english_header(self):
        assert as_csv.render_for_programs(CONTENT).decode() == (
            "region,department,name,new\n"
            "Bretagne,Finistère,PIMMS Brest,yes\n"
            "Bretagne,Morbihan,PIMMS Lorient,no\n"
            "Occitanie,Gard,PIMMS Nîmes,yes\n"
        )

    @pytest.mark.parametrize(
        "name", ["=1+1", "+33 1", "-5", "@SUM(A1)", "\tPIMMS", "\rPIMMS", "#N/A", "'=1"]
    )
    def test_a_name_that_a_spreadsheet_would_compute_is_neutralised(self, name):
        line = ReleaseLine(region="R", department="D", name=name)
        content = Content(title="", list_title="", columns=("", "", ""), lines=(line,))

        document = as_csv.render(content).decode("utf-8-sig")

        rows = list(csv.reader(io.StringIO(document, newline=""), delimiter=";"))
        assert rows[1][2] == f"'{name}"

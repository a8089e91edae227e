"""The list for a journalist, in each format: where each site is stands beside its name."""

import io
import re
from dataclasses import replace

import pytest
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from labelling.press_release.content import Content, ReleaseLine
from labelling.press_release.formats import FORMATS
from tests.press_release.reading import xml_parts

WHERE = ("Commune", "Adresse", "Nîmes-Ville", "2 rue des Halles, 30000")
COLUMNS = ("Région", "Département", "Nom", "Commune", "Adresse")


def list_with(*columns: str) -> Content:
    line = ReleaseLine(
        region="Occitanie",
        department="Gard",
        name="PIMMS Nîmes",
        commune="Nîmes-Ville",
        address="2 rue des Halles, 30000",
    )
    return Content(title="Un PIMMS", list_title="Liste", columns=columns, lines=(line,))


def read(extension: str, file: bytes) -> str:
    """All the words of a file, in the order in which it holds them."""
    match extension:
        case "pdf":
            words = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(file)).pages)
        case "docx" | "odt":
            parts = xml_parts(file)
            name = "word/document.xml" if extension == "docx" else "content.xml"
            words = " ".join(parts[name].itertext())
        case "xlsx" | "ods":
            book = CalamineWorkbook.from_filelike(io.BytesIO(file))
            rows = [
                row for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python()
            ]
            words = " ".join(str(cell) for row in rows for cell in row)
        case _:
            words = re.sub("<[^>]*>", " ", file.decode())
    return " ".join(words.split())


@pytest.mark.parametrize("extension", [name for name in FORMATS if name != "json"])
class TestWhereEachSiteIs:
    def test_stands_beside_its_name(self, extension):
        words = read(extension, FORMATS[extension].render(list_with(*COLUMNS)))

        between = '[ ;"]+' if extension == "csv" else " "
        assert re.search(between.join(["Gard", "PIMMS Nîmes", *WHERE[2:]]), words)
        assert all(told in words for told in WHERE)

    def test_is_its_commune_alone_where_no_address_is_known(self, extension):
        content = list_with(*COLUMNS[:4])

        words = read(extension, FORMATS[extension].render(content))

        between = '[ ;"]+' if extension == "csv" else " "
        assert re.search(between.join(["Gard", "PIMMS Nîmes", "Nîmes-Ville"]), words)
        assert "Adresse" not in words
        assert "rue des Halles" not in words

    def test_stands_in_no_list_of_a_wave(self, extension):
        words = read(extension, FORMATS[extension].render(list_with(*COLUMNS[:3])))

        assert "PIMMS Nîmes" in words
        assert not any(told in words for told in WHERE)


@pytest.mark.parametrize("length", [20, 95, 110, 290])
def test_no_line_is_lost_of_a_pdf_whatever_the_length_of_its_cells(length):
    lines = [
        ReleaseLine(
            region="Provence-Alpes-Côte d’Azur",
            department="Bouches-du-Rhône",
            name=f"N{number:03}" + " nom" * (length // 4),
            commune=f"C{number:03}" + " lieu" * (length // 5),
            address=f"A{number:03}" + " rue" * (length // 4),
        )
        for number in range(100)
    ]
    content = replace(list_with(*COLUMNS), lines=tuple(lines))

    words = read("pdf", FORMATS["pdf"].render(content))

    assert [letter for letter in "NCA" for n in range(100) if f"{letter}{n:03}" not in words] == []

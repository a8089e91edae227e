"""Every format, read back by other means: no line lost, altered or executed."""

import base64
import csv
import io
import os
import re
import struct
import zipfile
from dataclasses import replace
from itertools import pairwise
from zlib import compress, crc32

import pytest
import typst
from docx.oxml.ns import qn
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from labelling.press_release.content import Content, Head, ReleaseLine
from labelling.press_release.formats import FORMATS
from labelling.press_release.renderers.characters import UnprintableCharacterError
from tests.press_release.contents import AWKWARD, any_list, october_2020, with_lines
from tests.press_release.reading import READERS, read_docx, read_odf, rows_of, xml_parts
from tests.press_release.reading_pdf import lines_of_pdf

# What a release is made of, besides its list: these formats print all of it.
DOCUMENTS = ("txt", "html", "pdf", "docx", "odt", "xlsx")
ZIPPED = ("docx", "odt", "xlsx", "ods")
# RANDOM_LISTS=200 pytest -n 2 tests/press_release/test_renderers.py: four minutes, nearly all of
# them spent reading the PDF back.
RANDOM_LISTS = int(os.environ.get("RANDOM_LISTS") or 6)


def png(width: int, height: int) -> bytes:
    """The smallest picture that every program reads: all of one grey."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = compress((b"\0" + b"\x80" * width) * height)
    chunks = chunk(b"IHDR", head), chunk(b"IDAT", rows), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


PIXEL = png(4, 2)
FULL = replace(
    october_2020(),
    notices=("PROJET – NE PAS DIFFUSER", "Sous embargo jusqu’au mercredi 14 octobre 2020 à 10 h"),
    situation="Situation arrêtée au 14 octobre 2020",
    letterhead=Head(
        name="Union nationale des PIMMS",
        colour="#1F4E79",
        second_colour="#E2001A",
        logo=base64.b64encode(PIXEL).decode(),
        logo_type="image/png",
        logo_text="Logo\u00a0: Union nationale des PIMMS",
    ),
    quote=("« Chacun près de chez soi. »", "Ana Durand, présidente"),
)


@pytest.fixture(autouse=True)
def no_warning_from_typst(monkeypatch: pytest.MonkeyPatch) -> None:
    """Among its warnings is that a page did not settle, and then a region may be missing."""

    def compile_strictly(*args: object, **options: object) -> bytes:
        pdf, warnings = typst.compile_with_warnings(*args, **options)
        assert warnings == []
        return pdf

    monkeypatch.setattr(typst, "compile", compile_strictly)


def render(extension: str, content: Content) -> bytes:
    return FORMATS[extension].render(content)


def read_back(extension: str, content: Content) -> list[tuple[str, str, str, bool]]:
    return READERS[extension](render(extension, content))


def named(*names: str, is_new: bool = False) -> Content:
    lines = (
        ReleaseLine(region="Bretagne", department="Morbihan", name=n, is_new=is_new) for n in names
    )
    return replace(october_2020(), lines=tuple(lines))


def words_of(extension: str, file: bytes) -> str:
    """The text of a document, its blanks made equal."""
    if extension == "pdf":
        text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(file)).pages)
    elif extension == "docx":
        text = "\n".join(p.text for p in read_docx(file).paragraphs)
    elif extension == "odt":
        text = "\n".join(str(p) for p in read_odf(file).body.children)
    elif extension == "xlsx":
        book = CalamineWorkbook.from_filelike(io.BytesIO(file))
        press = book.get_sheet_by_name("Liste").to_python()
        text = "\n".join(cell for row in press for cell in row)
    elif extension == "html":
        text = re.sub(r"<style>.*?</style>|<[^>]+>", "\n", file.decode(), flags=re.DOTALL)
    else:
        text = file.decode()
    return " ".join(text.replace("&quot;", '"').replace("&#x27;", "'").split())


@pytest.mark.parametrize("extension", list(FORMATS))
class TestEveryFormat:
    def test_gives_back_the_53_lines_and_13_marks_of_october_2020(self, extension):
        rows = read_back(extension, october_2020())

        assert rows == rows_of(october_2020())
        assert len(rows) == 53
        assert sum(is_new for *_, is_new in rows) == 13

    @pytest.mark.parametrize("count", [0, 1, 2, 600])
    def test_gives_back_as_many_lines_as_it_was_given(self, extension, count):
        content = with_lines(count)

        assert read_back(extension, content) == rows_of(content)

    @pytest.mark.parametrize("is_new", [True, False])
    def test_takes_no_name_for_code(self, extension, is_new):
        content = named(*AWKWARD, is_new=is_new)

        assert read_back(extension, content) == rows_of(content)

    @pytest.mark.parametrize("seed", range(RANDOM_LISTS))
    def test_gives_back_any_list(self, extension, seed):
        content = any_list(seed)

        assert read_back(extension, content) == rows_of(content)

    def test_is_the_same_bytes_each_time(self, extension):
        assert render(extension, FULL) == render(extension, FULL)


class TestEveryFormatAtLength:
    @pytest.mark.parametrize("extension", [e for e in FORMATS if e != "pdf"])
    def test_gives_back_5000_lines(self, extension):
        content = with_lines(5000)

        assert read_back(extension, content) == rows_of(content)


@pytest.mark.parametrize("extension", DOCUMENTS)
class TestEveryDocument:
    def test_prints_every_part_in_the_order_of_the_page(self, extension):
        words = words_of(extension, render(extension, FULL))
        # What a page repeats may part a paragraph in two.
        words = re.sub(r"Page \d sur \d", "", words).replace(" – ".join(FULL.notices), "")
        words = " ".join(words.split())

        parts = [
            *FULL.notices,
            FULL.letterhead.name,
            FULL.place_and_date,
            FULL.kind,
            FULL.title,
            FULL.lead,
            *FULL.paragraphs,
            *FULL.quote,
            FULL.list_title,
            FULL.legend,
            FULL.situation,
            FULL.about_heading,
            *FULL.about,
            FULL.contact_heading,
            *FULL.contact,
        ]
        for part in parts:
            _, found, words = words.partition(" ".join(part.split()))
            assert found

    def test_prints_nothing_of_a_list_without_lines(self, extension):
        words = words_of(extension, render(extension, replace(FULL, lines=())))

        assert FULL.list_title not in words
        assert "Département" not in words
        assert FULL.situation in words

    def test_says_the_least(self, extension):
        least = Content(title="Titre", list_title="", columns=("A", "B", "C"), lines=())

        words = words_of(extension, render(extension, least))

        assert words.replace("Page 1 sur 1", "").split() in (["Titre"], ["Titre", "Titre"])

    def test_prints_what_has_no_heading(self, extension):
        content = replace(FULL, about_heading="", contact_heading="")

        words = words_of(extension, render(extension, content))

        assert FULL.about_heading not in words
        assert all(" ".join(text.split()) in words for text in (*FULL.about, *FULL.contact))


def pictures(extension: str, file: bytes) -> list[bytes | tuple[int, int]]:
    """The files of the pictures; of a PDF, which keeps no file, their sizes."""
    if extension == "pdf":
        drawn = PdfReader(io.BytesIO(file)).pages[0]["/Resources"].get("/XObject", {})
        return [(o["/Width"], o["/Height"]) for o in (d.get_object() for d in drawn.values())]
    if extension == "html":
        return [
            *map(
                base64.b64decode,
                re.findall(r'<img src="data:image/png;base64,(.*?)"', file.decode()),
            )
        ]
    if extension == "odt":
        texts = read_odf(file).body.get_elements("//office:binary-data")
        return [base64.b64decode(element.text) for element in texts]
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        return [archive.read(name) for name in archive.namelist() if "/media/" in name]


def colours(extension: str, file: bytes) -> str:
    """Where a file of this format says its colours, in lower case."""
    if extension == "pdf":
        return PdfReader(io.BytesIO(file)).pages[0].get_contents().get_data().decode("latin-1")
    if extension == "html":
        return file.decode().lower()
    parts = {
        "docx": ["word/document.xml"],
        "odt": ["styles.xml", "content.xml"],
        "xlsx": ["xl/styles.xml"],
    }
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        return "".join(archive.read(part).decode() for part in parts[extension]).lower()


# How each format says that the name and the first rule are of one colour, the second of another.
COLOURS = {
    "pdf": (
        "0.12156863 0.30588236 0.4745098 scn",
        "0.12156863 0.30588236 0.4745098 SCN",
        "0.8862745 0 0.101960786 SCN",
    ),
    "docx": (
        '<w:color w:val="1f4e79"/>',
        '<w:bottom w:val="single" w:sz="12" w:space="2" w:color="1f4e79"/>',
        '<w:top w:val="single" w:sz="4" w:space="0" w:color="e2001a"/>',
    ),
    "odt": (
        'fo:color="#1f4e79"',
        'fo:border-bottom="1.5pt solid #1f4e79"',
        'fo:border-top="0.5pt solid #e2001a"',
        'text:style-name="expéditeur"',
        'text:style-name="second_20_filet"',
    ),
    "xlsx": (
        '<color rgb="ff1f4e79"/><name val="arial"/>',
        '<bottom style="medium"><color rgb="ff1f4e79"/>',
        '<bottom style="thin"><color rgb="ffe2001a"/>',
    ),
    "html": ('fill="#1f4e79"', 'fill="#e2001a"'),
}


@pytest.mark.parametrize("extension", list(COLOURS))
class TestTheLetterhead:
    def test_has_its_picture(self, extension):
        without = replace(FULL, letterhead=replace(FULL.letterhead, logo="", logo_type=""))

        assert pictures(extension, render(extension, FULL)) == [
            (4, 2) if extension == "pdf" else PIXEL
        ]
        assert pictures(extension, render(extension, without)) == []

    def test_has_its_colours(self, extension):
        assert all(
            said in colours(extension, render(extension, FULL)) for said in COLOURS[extension]
        )

    def test_without_a_second_colour_has_one_rule(self, extension):
        one = replace(FULL, letterhead=replace(FULL.letterhead, second_colour=""))

        assert COLOURS[extension][-1] not in colours(extension, render(extension, one))


@pytest.mark.parametrize("extension", ["docx", "odt", "xlsx"])
class TestTheHeaderOfEachPage:
    def test_bears_the_notices(self, extension):
        notices = " – ".join(FULL.notices)

        assert headers(extension, render(extension, FULL)) == {notices}

    def test_is_empty_where_there_is_none(self, extension):
        assert headers(extension, render(extension, replace(FULL, notices=()))) == {""}


def headers(extension: str, file: bytes) -> set[str]:
    """What the header of each page says, of all the sheets of a book."""
    if extension == "docx":
        return {read_docx(file).sections[0].header.paragraphs[0].text}
    parts = xml_parts(file)
    if extension == "odt":
        prefix = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
        return {"".join(e.itertext()) for e in parts["styles.xml"].iter(f"{prefix}header")}
    sheets = [part for name, part in parts.items() if name.startswith("xl/worksheets/sheet")]
    return {
        "".join(e.text for e in sheet.iter() if e.tag.endswith("}oddHeader")).removeprefix("&C")
        for sheet in sheets
    }


@pytest.mark.parametrize("extension", ["pdf", *ZIPPED])
class TestAMissingCharacter:
    def test_is_named_with_its_text_and_the_remedy(self, extension):
        character = "🙂" if extension == "pdf" else "\x01"
        shown = "«\u00a0🙂\u00a0» (U+1F642)" if extension == "pdf" else "invisible U+0001"
        text = "PIMMS 🙂" if extension == "pdf" else "PIMMS □"

        with pytest.raises(UnprintableCharacterError) as refused:
            render(extension, named("PIMMS", f"PIMMS {character}"))

        assert str(refused.value) == (
            f"Le caractère {shown} du texte «\u00a0{text}\u00a0» ne peut pas être imprimé dans ce "
            "format. Remplacez-le dans la fiche ou dans le communiqué, puis recommencez."
        )

    def test_is_found_outside_the_list_too(self, extension):
        character = "中" if extension == "pdf" else "\x0b"

        with pytest.raises(UnprintableCharacterError) as refused:
            render(extension, replace(FULL, about=("Sans", f"Avec {character}")))

        assert refused.value.character == character


class TestPdf:
    def test_is_tagged_titled_and_in_french(self):
        file = render("pdf", FULL)

        reader = PdfReader(io.BytesIO(file))
        root = reader.trailer["/Root"]
        xmp = root["/Metadata"].get_data().decode()
        assert reader.metadata.title == FULL.title
        assert root["/Lang"] == "fr"
        assert root["/MarkInfo"]["/Marked"]
        assert "<pdfuaid:part>1</pdfuaid:part>" in xmp
        assert "<pdfaid:part>2</pdfaid:part>" in xmp
        assert "<pdfaid:conformance>A</pdfaid:conformance>" in xmp

    def test_numbers_its_pages_and_repeats_headings_and_notices(self):
        pages = [page.extract_text() for page in PdfReader(io.BytesIO(render("pdf", FULL))).pages]

        for number, page in enumerate(pages, start=1):
            assert f"Page {number} sur {len(pages)}" in page
            assert FULL.notices[0] in page
        assert all(" ".join(FULL.columns) in page for page in pages[:2])

    @pytest.mark.parametrize(
        "content",
        [
            october_2020(),
            FULL,
            with_lines(300),
            with_lines(200, regions=1),
            with_lines(200, regions=77),
            *map(any_list, (4, 5)),
        ],
    )
    def test_names_the_region_of_the_first_line_of_each_page(self, content):
        file = render("pdf", content)

        lines = lines_of_pdf(file)
        pages = [page.extract_text() for page in PdfReader(io.BytesIO(file)).pages]
        assert len(lines) == len(content.lines)
        for line, next_line in pairwise(lines):
            if next_line.page != line.page:
                continued = "(suite)" if next_line.region == line.region else ""
                squeezed = "".join(pages[next_line.page].split())
                assert "".join(f"{next_line.region}{continued}".split()) in squeezed

    def test_keeps_wide_names_and_regions_whole(self):
        """Blocks that may not break would drop rows: 200 W are higher than any estimate says."""
        lines = [
            ReleaseLine(
                region=f"{'RÉGION ' * 20}{i // 40}",
                department="W" * 60,
                name="W" * 199 + str(i % 9),
            )
            for i in range(200)
        ]
        content = replace(october_2020(), lines=tuple(lines))

        assert read_back("pdf", content) == rows_of(content)

    def test_counts_5000_lines_by_its_tags(self):
        file = render("pdf", with_lines(5000))

        reader = PdfReader(io.BytesIO(file))
        rows = [
            element
            for reference in range(1, len(reader.xref[0]))
            if (element := reader.get_object(reference))
            and isinstance(element, dict)
            and element.get("/S") == "/TR"
        ]
        assert len(rows) == 5000 + 1

    def test_runs_nothing(self):
        file = render("pdf", replace(named(*AWKWARD), contact=()))

        assert not re.search(rb"/JavaScript|/JS\b|/Launch|/URI", file)


class TestDocx:
    def test_uses_words_own_styles(self):
        document = read_docx(render("docx", FULL))

        styles = {p.style.name: p.text for p in reversed(document.paragraphs)}
        assert styles["Title"] == FULL.title
        assert styles["Subtitle"] == FULL.kind
        assert styles["Heading 1"] == FULL.list_title
        assert set(styles) > {"Normal", "Title", "Subtitle", "Heading 1", "Contact", "Chapô"}

    def test_repeats_its_headings(self):
        table = read_docx(render("docx", FULL)).tables[0]

        rows = table._tbl.tr_lst
        assert [row.trPr.find(qn("w:tblHeader")) is not None for row in rows[:3]] == [
            True,
            False,
            False,
        ]

    def test_is_french_and_a4(self):
        document = read_docx(render("docx", FULL))

        section = document.sections[0]
        languages = {e.get(qn("w:val")) for e in document.styles.element.iter(qn("w:lang"))}
        assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
        assert languages == {"fr-FR"}

    def test_frames_its_notices_in_red(self):
        first, second, third = read_docx(render("docx", FULL)).paragraphs[:3]

        for notice in (first, second):
            sides = notice.style.element.pPr.find(qn("w:pBdr"))
            assert [side.tag for side in sides] == [
                *map(qn, ("w:top", "w:left", "w:bottom", "w:right"))
            ]
            assert {side.get(qn("w:color")) for side in sides} == {"C00000"}
        assert third.style.element.pPr.find(qn("w:pBdr")) is None

    def test_has_no_field_but_the_page_numbers(self):
        parts = xml_parts(render("docx", named(*AWKWARD)))

        fields = [e.get(qn("w:instr")) for p in parts.values() for e in p.iter(qn("w:fldSimple"))]
        # In the footer of the first page, then of the others.
        assert fields == ["PAGE", "NUMPAGES"] * 2


class TestXlsx:
    def test_computes_nothing_and_links_nowhere(self):
        parts = xml_parts(render("xlsx", named(*AWKWARD)))

        tags = {
            element.tag.rpartition("}")[2] for part in parts.values() for element in part.iter()
        }
        assert not tags & {"f", "hyperlink", "hyperlinks"}

    def test_is_made_to_be_printed_and_filtered(self):
        with zipfile.ZipFile(io.BytesIO(render("xlsx", FULL))) as archive:
            book = archive.read("xl/workbook.xml").decode()
            press = archive.read("xl/worksheets/sheet1.xml").decode()
            drawing = archive.read("xl/drawings/drawing1.xml").decode()
            flat = archive.read("xl/worksheets/sheet2.xml").decode()
            texts = archive.read("xl/sharedStrings.xml").decode()

        assert 'paperSize="9"' in press
        assert "Page &amp;P sur &amp;N" in press
        assert "Liste!$20:$20</definedName>" in book
        # As large as the head of the page allows: 36 mm by 18 mm.
        assert 'descr="Logo\u00a0: Union nationale des PIMMS"' in drawing
        assert '<a:ext cx="1296000" cy="648000"/>' in drawing
        assert '<autoFilter ref="A3:D56"/>' in flat
        assert 'ySplit="3"' in flat
        assert texts.count('<color rgb="FFC00000"/>') == 13


def flat_sheet(extension: str, file: bytes) -> list[list[str]]:
    """The rows of the sheet to filter."""
    if extension == "csv":
        return [*csv.reader(io.StringIO(file.decode("utf-8-sig")), delimiter=";")]
    book = CalamineWorkbook.from_filelike(io.BytesIO(file))
    return book.get_sheet_by_name("À filtrer").to_python()


@pytest.mark.parametrize("extension", ["csv", "ods", "xlsx"])
class TestEverySheet:
    def test_bears_the_notices_above_its_headings(self, extension):
        content = render(extension, FULL)

        if extension == "csv":
            sheets = [list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))]
        else:
            book = CalamineWorkbook.from_filelike(io.BytesIO(content))
            sheets = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
        for sheet in sheets:
            assert [row[0] for row in sheet[:2]] == [*FULL.notices]

    def test_has_no_column_for_new_sites_where_there_is_none(self, extension):
        content = named("PIMMS Auray")

        sheet = flat_sheet(extension, render(extension, content))

        assert sheet[-2:] == [[*content.columns], ["Bretagne", "Morbihan", "PIMMS Auray"]]


class TestOds:
    def test_says_above_the_headings_what_the_list_is(self):
        sheet = flat_sheet("ods", render("ods", FULL))

        assert [row[0] for row in sheet[2:7]] == [
            "Union nationale des PIMMS",
            FULL.place_and_date,
            FULL.title,
            FULL.lead,
            "Situation arrêtée au 14 octobre 2020",
        ]

    def test_says_the_text_of_a_release_without_a_list(self):
        sheet = flat_sheet("ods", render("ods", replace(FULL, lines=())))

        assert [row[0] for row in sheet[6:-2]] == [*FULL.paragraphs, *FULL.quote]

    def test_computes_nothing(self):
        content = render("ods", named(*AWKWARD))

        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            assert "formula" not in archive.read("content.xml").decode()


@pytest.mark.parametrize("extension", ZIPPED)
def test_an_archive_has_no_date_of_its_own(extension):
    with zipfile.ZipFile(io.BytesIO(render(extension, FULL))) as archive:
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}

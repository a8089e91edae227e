"""The list taken back out of each format, by other means than those that wrote it."""

import csv
import io
import json
import re
import zipfile
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import docx
import odfdo
from python_calamine import CalamineWorkbook

from labelling.press_release.content import Content
from tests.press_release.reading_pdf import lines_of_pdf

Row = tuple[str, str, str, bool]
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def read_docx(file: bytes) -> docx.document.Document:
    return docx.Document(io.BytesIO(file))


def read_odf(file: bytes) -> odfdo.Document:
    return odfdo.Document(io.BytesIO(file))


def rows_of(content: Content) -> list[Row]:
    """What every format must give back."""
    return [(line.region, line.department, line.name, line.is_new) for line in content.lines]


def rows_of_txt(file: bytes) -> list[Row]:
    rows, region = [], ""
    _, _, table = file.decode().partition("Région\tDépartement\tNom du PIMMS")
    for line in table.split("\n")[1:]:
        if line.startswith("\t"):
            _, department, name = line.split("\t")
            rows.append((region, department, *_unmarked(name, " *")))
        elif line.startswith("Situation arrêtée"):
            break
        else:
            region = line or region
    return rows


def rows_of_html(file: bytes) -> list[Row]:
    page = _Table()
    page.feed(file.decode())
    rows, region = [], ""
    for first, *cells in page.rows[1:]:
        if len(cells) == 2:
            region = first
        department, name = cells[-2:] if len(cells) == 2 else (first, cells[0])
        rows.append((region, department, *_unmarked(name)))
    return rows


def rows_of_csv(file: bytes) -> list[Row]:
    """Above the headings stand notices and titles, of one cell each."""
    sheet = csv.reader(io.StringIO(file.decode("utf-8-sig"), newline=""), delimiter=";")
    _, *rows = [row for row in sheet if len(row) > 1]
    return [(*map(_without_guard, row[:3]), row[3:] == ["Oui"]) for row in rows]


def rows_of_json(file: bytes) -> list[Row]:
    return rows_of(Content.from_json(json.loads(file)))


def rows_of_pdf(file: bytes) -> list[Row]:
    rows = []
    for line in lines_of_pdf(file):
        name, is_new = _unmarked(line.name)
        assert is_new == line.is_yellow
        rows.append((line.region, line.department, name, is_new))
    return rows


def rows_of_docx(file: bytes) -> list[Row]:
    tables = read_docx(file).tables
    rows, region = [], ""
    # Through the rows' own elements: `row.cells` looks for the top of each merged cell.
    for tr in tables[0]._tbl.tr_lst[1:] if tables else []:
        first, department, name = (
            "".join(text.text or "" for text in tc.iter(f"{_W}t")) for tc in tr.tc_lst
        )
        region = _without_continued(first) or region
        filled = [shade.get(f"{_W}fill") for shade in tr.iter(f"{_W}shd")]
        name, is_new = _unmarked(name)
        assert is_new == (filled == ["FFFF00"])
        rows.append((region, department, name, is_new))
    return rows


def rows_of_odt(file: bytes) -> list[Row]:
    table = read_odf(file).body.get_table(0)
    rows, region = [], ""
    for row in table.get_rows()[1:] if table else []:
        cells = row.get_cells()
        first, department, name = (
            str(cell.get_elements("text:p")[0]).rstrip("\n") for cell in cells
        )
        region = _without_continued(first) or region
        text, is_new = _unmarked(name)
        assert is_new == (cells[2].style == "List.new")
        rows.append((region, department, text, is_new))
    return rows


def rows_of_xlsx(file: bytes) -> list[Row]:
    """The press sheet, once the flat one has been found to say the same."""
    press, flat = (
        CalamineWorkbook.from_filelike(io.BytesIO(file)).get_sheet_by_name(name).to_python()
        for name in ("Liste", "À filtrer")
    )
    rows, region = [], ""
    start = next((i for i, row in enumerate(press) if row[0] == "Région"), len(press))
    for first, department, name in press[start + 1 : start + 1 + len(_flat(flat))]:
        region = _without_continued(first) or region
        rows.append((region, department, *_unmarked(name)))
    assert rows == _flat(flat)
    return rows


def rows_of_ods(file: bytes) -> list[Row]:
    return _flat(CalamineWorkbook.from_filelike(io.BytesIO(file)).get_sheet_by_index(0).to_python())


READERS = {
    "txt": rows_of_txt,
    "html": rows_of_html,
    "csv": rows_of_csv,
    "json": rows_of_json,
    "pdf": rows_of_pdf,
    "docx": rows_of_docx,
    "odt": rows_of_odt,
    "xlsx": rows_of_xlsx,
    "ods": rows_of_ods,
}


def xml_parts(file: bytes) -> dict[str, ET.Element]:
    """The XML files inside a Word, Excel or OpenDocument file."""
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        return {
            name: ET.fromstring(archive.read(name))  # noqa: S314 (our own file)
            for name in archive.namelist()
            if name.endswith((".xml", ".rels")) and archive.read(name)
        }


def _flat(rows: list[list[str]]) -> list[Row]:
    """Above the headings stand notices and titles, one in a row."""
    top = next(number for number, row in enumerate(rows) if all(row))
    return [(*row[:3], row[3:] == ["Oui"]) for row in rows[top + 1 :]]


def _unmarked(name: str, mark: str = "\u00a0*") -> tuple[str, bool]:
    return name.removesuffix(mark), name.endswith(mark)


def _without_continued(region: str) -> str:
    return region.removesuffix(" (suite)")


def _without_guard(cell: str) -> str:
    """An apostrophe keeps a spreadsheet from taking the text for a formula or an error."""
    return re.sub(r"^'(?='*([=+\-@\t\r]|#[A-Z0/]+[!?]?$))", "", cell)


class _Table(HTMLParser):
    """The cells of a page's table; a script among them would be an error."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.in_cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag != "script"
        if tag == "tr":
            self.rows.append([])
        elif tag in {"th", "td"}:
            self.rows[-1].append("")
            self.in_cell = True

    def handle_endtag(self, tag: str) -> None:
        if tag in {"th", "td"}:
            self.in_cell = False

    def handle_data(self, data: str) -> None:
        if self.in_cell:
            self.rows[-1][-1] += data

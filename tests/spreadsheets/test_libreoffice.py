"""Files that LibreOffice itself writes, in each format, are read alike.

Without `localc` they are passed over; the continuous integration installs it.
"""

import shutil
import subprocess
from pathlib import Path

import pytest

from labelling.spreadsheets.files.reading import SheetFacts, read
from labelling.spreadsheets.runs import preparation
from tests.factories import DepartmentFactory, RegionFactory
from tests.spreadsheets.prepared import row, states
from tests.spreadsheets.right_files import (
    ODS_NAMES,
    ODS_TYPE,
    ods_blank,
    ods_cell,
    ods_row,
    ods_table,
    ods_text,
)

LOCALC = shutil.which("localc")

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(LOCALC is None, reason="LibreOffice Calc is not installed"),
]

# What its CSV filter calls the encodings.
CSV = {"utf-8": 76, "cp1252": 1, "mac_roman": 2}

STRUCK = 'table:style-name="ce1"'
STYLES = (
    '<style:style style:name="ce1" style:family="table-cell"><style:text-properties'
    ' style:text-line-through-style="solid" style:text-line-through-type="single"/></style:style>'
)
NOTE = "<office:annotation><text:p>à revoir</text:p></office:annotation>"


def hidden(line: str) -> str:
    return line.replace("<table:table-row", '<table:table-row table:visibility="collapse"')


def flat_document() -> str:
    """A table whose headings stand on two lines, under a title, over a total; what no one sees."""
    site = 'table:number-columns-spanned="2" table:number-rows-spanned="1"'
    name = 'table:number-columns-spanned="1" table:number-rows-spanned="2"'
    covered = "<table:covered-table-cell/>"
    table = ods_table(
        "<table:table-column/><table:table-column/>"
        '<table:table-column table:visibility="collapse"/>',
        ods_row(ods_text("Les sites du Réseau")),
        ods_row(ods_blank(3)),
        ods_row(ods_text("Nom", name), ods_text("Où", site), covered),
        ods_row(covered, ods_text("Département"), ods_text("Commune")),
        ods_row(
            ods_text("PIMMS Nîmes"),
            ods_cell('office:value-type="string"', f"{NOTE}<text:p>Gard</text:p>"),
            ods_text("Nîmes"),
        ),
        hidden(ods_row(ods_text("PIMMS Échirolles"), ods_text("Isère"), ods_text("Échirolles"))),
        ods_row(ods_text("PIMMS Uzès", STRUCK), ods_text("Gard", STRUCK), ods_blank()),
        ods_row(ods_text("PIMMS Alès"), ods_text("Gard"), ods_text("Alès")),
        ods_row(
            ods_text("Total"),
            ods_cell(
                'table:formula="of:=COUNTA([.A5:.A6];[.A8])" office:value-type="float"'
                ' office:value="3"',
                "<text:p>3</text:p>",
            ),
        ),
        ods_row(ods_blank(3), repeated=1_048_500),
        name="Sites",
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document{ODS_NAMES}'
        ' xmlns:of="urn:oasis:names:tc:opendocument:xmlns:of:1.2"'
        f' office:version="1.3" office:mimetype="{ODS_TYPE}">'
        f"<office:automatic-styles>{STYLES}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{table}</office:spreadsheet></office:body>"
        "</office:document>"
    )


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> dict[str, bytes]:
    """The document, as LibreOffice writes it in each format and each encoding."""
    folder = tmp_path_factory.mktemp("libreoffice")
    source = folder / "sites.fods"
    source.write_text(flat_document(), encoding="utf-8")
    formats = {kind: kind for kind in ("xlsx", "ods", "xls")}
    for encoding, number in CSV.items():
        formats[encoding] = f"csv:Text - txt - csv (StarCalc):59,34,{number}"
    return {name: convert(source, how, folder / name) for name, how in formats.items()}


def convert(source: Path, how: str, folder: Path) -> bytes:
    subprocess.run(
        [
            str(LOCALC),
            f"-env:UserInstallation=file://{source.parent}/profile",
            "--headless",
            "--convert-to",
            how,
            "--outdir",
            str(folder),
            str(source),
        ],
        check=True,
        capture_output=True,
        timeout=300,
    )
    (made,) = folder.iterdir()
    return made.read_bytes()


@pytest.fixture(autouse=True)
def departments(db) -> None:
    DepartmentFactory()
    DepartmentFactory(
        code="38", name="Isère", region=RegionFactory(code="84", name="Auvergne-Rhône-Alpes")
    )


class TestWorkbooks:
    @pytest.mark.parametrize("kind", ["xlsx", "ods", "xls"])
    def test_give_their_lines_and_what_they_hide(self, written: dict[str, bytes], kind: str):
        """R13, R14."""
        run = preparation.prepare(written[kind], name=f"sites.{kind}")

        assert run.heading_line == 4
        assert states(run) == {5: "new", 6: "new", 8: "new"}
        assert row(run, 6).after["commune"] == "Échirolles"
        above, *remarks = run.remarks
        assert "«\u00a0Les sites du Réseau\u00a0»" in above
        assert remarks == [
            "1\u00a0ligne masquée (6) a été lue.",
            "1\u00a0ligne barrée (7) n’a pas été lue.",
            "La colonne «\u00a0Commune\u00a0» (C) est masquée\u00a0: elle a été lue.",
            "1\u00a0commentaire (B5) n’a pas été lu.",
        ]
        (total,) = preparation.list_totals(run)
        assert (total.stated, total.counted) == (3, 3)

    @pytest.mark.parametrize("kind", ["xlsx", "ods", "xls"])
    def test_tell_the_same_facts(self, written: dict[str, bytes], kind: str):
        (sheet,) = read(written[kind]).sheets

        assert sheet.facts == SheetFacts(
            hidden_lines=[6], struck_lines=[7], hidden_columns=[2], comments=1, commented=["B5"]
        )


class TestCsv:
    @pytest.mark.parametrize("encoding", CSV)
    def test_is_read_in_each_encoding(self, written: dict[str, bytes], encoding: str):
        """R15."""
        assert "Échirolles".encode(encoding) in written[encoding]

        (sheet,) = read(written[encoding]).sheets

        assert (sheet.mended, sheet.doubt) == ("", "")
        assert list(sheet.rows) == [
            ("Les sites du Réseau", None, None),
            (None, None, None),
            ("Nom", "Où", None),
            (None, "Département", "Commune"),
            ("PIMMS Nîmes", "Gard", "Nîmes"),
            ("PIMMS Échirolles", "Isère", "Échirolles"),
            ("PIMMS Uzès", "Gard", None),
            ("PIMMS Alès", "Gard", "Alès"),
            ("Total", "3", None),
        ]

"""Reading: every honest file gives its cells, every other one a sentence, and nobody is hurt."""

import os
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime
from datetime import time as clock
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labelling.sandbox import running
from labelling.spreadsheets.files import reading
from labelling.spreadsheets.files.reading import (
    Limits,
    ReadingError,
    SheetFacts,
    UnreadableCell,
    format_address,
    format_letters,
    read,
    read_pasted,
)
from tests.spreadsheets import right_files
from tests.spreadsheets.right_files import (
    ods,
    ods_blank,
    ods_cell,
    ods_parts,
    ods_row,
    ods_table,
    ods_text,
    text_cell,
    worksheet,
    xlsx,
    xlsx_parts,
    zipped,
)
from tests.spreadsheets.wrong_files import (
    DAMAGED,
    GOOD_ODS,
    GOOD_XLSX,
    PROTECTED,
    TOO_BIG_UNPACKED,
    TOO_HEAVY,
    WRONG_FILES,
    ZIP_OF_FILES,
    unusual,
)


def rows_of(data: bytes, name: str = "") -> list[tuple[object, ...]]:
    """Read a file of one sheet and return its rows."""
    (sheet,) = read(data, name).sheets
    return [tuple(row) for row in sheet.rows]


def refusal_of(data: bytes, limits: Limits | None = None) -> str:
    """Read a file that must be refused and return the sentence."""
    with pytest.raises(ReadingError) as refusal:
        read(data, limits=limits)
    return str(refusal.value)


@pytest.fixture(autouse=True)
def nothing_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever is read, nothing is left on the disk and no child survives."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.chdir(tmp_path)

    yield

    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


class TestAddresses:
    @pytest.mark.parametrize(
        ("column", "letters"),
        [(0, "A"), (25, "Z"), (26, "AA"), (199, "GR"), (702, "AAA"), (16383, "XFD")],
    )
    def test_columns_have_the_letters_of_a_spreadsheet(self, column: int, letters: str) -> None:
        assert format_letters(column) == letters

    def test_cells_are_named_as_in_a_spreadsheet(self) -> None:
        assert format_address(6, 3) == "D7"
        assert str(UnreadableCell(6, 3, "contient une erreur (#N/A)")) == (
            "La cellule D7 contient une erreur (#N/A)."
        )


class TestXlsx:
    def test_gives_each_kind_of_value(self) -> None:
        row = (
            '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1"><v>3</v></c>'
            '<c r="C1"><v>2.5</v></c><c r="D1" t="b"><v>1</v></c>'
            '<c r="E1" s="1"><v>44104</v></c><c r="F1" s="2"><v>44104.604166666664</v></c>'
            '<c r="G1" s="3"><v>0.6041666666666666</v></c></row>'
        )
        parts = xlsx_parts(
            worksheet(row),
            strings="<si><r><t>PIMMS</t></r><r><t xml:space='preserve'> Nîmes</t></r></si>",
            cell_formats=(0, 14, 22, 20),
        )

        rows = rows_of(zipped(parts))

        assert rows == [
            (
                "PIMMS Nîmes",
                3,
                2.5,
                True,
                date(2020, 9, 30),
                datetime(2020, 9, 30, 14, 30),
                clock(14, 30),
            )
        ]
        assert [type(value) for value in rows[0][1:4]] == [int, float, bool]

    def test_counts_the_days_from_1904_where_the_workbook_says_so(self) -> None:
        row = '<row r="1"><c r="A1" s="1"><v>42642</v></c></row>'
        parts = xlsx_parts(worksheet(row), cell_formats=(0, 14), uses_1904=True)

        assert rows_of(zipped(parts)) == [(date(2020, 9, 30),)]

    @pytest.mark.parametrize(
        ("serial", "expected"),
        [(1, date(1900, 1, 1)), (59, date(1900, 2, 28)), (61, date(1900, 3, 1))],
    )
    def test_knows_that_1900_was_no_leap_year(self, serial: int, expected: date) -> None:
        row = f'<row r="1"><c r="A1" s="1"><v>{serial}</v></c></row>'
        parts = xlsx_parts(worksheet(row), cell_formats=(0, 14))

        assert rows_of(zipped(parts)) == [(expected,)]

    @pytest.mark.parametrize("declared", ["A1", "A1:B2", "A1:XFD1048576"])
    def test_does_not_believe_the_declared_dimension(self, declared: str) -> None:
        """R14."""

        row = f'<row r="3">{text_cell("A3", "a")}{text_cell("C3", "c")}</row>'
        sheet = worksheet(row, before=f'<dimension ref="{declared}"/>')

        rows = rows_of(zipped(xlsx_parts(sheet)))

        assert rows == [(None, None, None), (None, None, None), ("a", None, "c")]

    @pytest.mark.parametrize("active", [0, 1])
    def test_gives_all_sheets_whichever_was_open(self, active: int) -> None:
        """I5, R14."""

        first = worksheet(f'<row r="1">{text_cell("A1", "un")}</row>')
        second = worksheet(f'<row r="1">{text_cell("A1", "deux")}</row>')

        workbook = read(zipped(xlsx_parts(first, second, active=active)))

        assert [(sheet.name, sheet.rows) for sheet in workbook.sheets] == [
            ("Feuille 1", (("un",),)),
            ("Feuille 2", (("deux",),)),
        ]

    def test_flags_hidden_sheets(self) -> None:
        sheet = worksheet(f'<row r="1">{text_cell("A1", "x")}</row>')
        states = ("visible", "hidden", "veryHidden")

        workbook = read(zipped(xlsx_parts(sheet, sheet, sheet, states=states)))

        assert [sheet.is_hidden for sheet in workbook.sheets] == [False, True, True]

    def test_reports_errors_and_formulas_without_result_by_address(self) -> None:
        """R14."""

        row = (
            f'<row r="7">{text_cell("A7", "Nîmes")}'
            '<c r="B7" t="e"><f>NA()</f><v>#N/A</v></c><c r="C7" t="e"><v>#VALUE!</v></c>'
            '<c r="D7"><f>1+1</f></c><c r="E7"><f>1+1</f><v></v></c>'
            '<c r="F7" t="str"><f>""</f><v></v></c><c r="G7"><f>1+1</f><v>2</v></c>'
            "<c t='e' r='H7'><v>#DIV/0!</v></c></row>"
        )

        (sheet,) = read(xlsx(row)).sheets

        assert sheet.rows[6] == ("Nîmes", None, None, None, None, None, 2, None)
        assert [str(problem) for problem in sheet.problems] == [
            "La cellule B7 contient une erreur (#N/A).",
            "La cellule C7 contient une erreur (#VALEUR!).",
            "La cellule D7 contient une formule sans résultat enregistré.",
            "La cellule E7 contient une formule sans résultat enregistré.",
            "La cellule H7 contient une erreur (#DIV/0!).",
        ]

    def test_reports_errors_of_the_sheet_they_are_in(self) -> None:
        """R14."""

        good = worksheet(f'<row r="1">{text_cell("A1", "x")}</row>')
        bad = worksheet('<row r="2"><c r="B2" t="e"><v>#REF!</v></c></row>')

        first, second = read(zipped(xlsx_parts(good, bad))).sheets

        assert first.problems == ()
        assert second.problems == (UnreadableCell(1, 1, "contient une erreur (#REF!)"),)
        assert second.rows == ((None, None), (None, None))

    def test_reports_numbers_that_are_none(self) -> None:
        (sheet,) = read(xlsx('<row r="1"><c r="A1"><v>1e400</v></c></row>')).sheets

        assert sheet.problems == (UnreadableCell(0, 0, "contient un nombre illisible"),)

    def test_fills_merged_cells_down_and_right_within_the_table(self) -> None:
        rows = (
            f'<row r="1">{text_cell("A1", "Liste")}</row>'
            f'<row r="2">{text_cell("A2", "Bretagne")}{text_cell("B2", "Finistère")}</row>'
            f'<row r="3">{text_cell("B3", "Morbihan")}</row>'
        )
        merged = '<mergeCells><mergeCell ref="A1:Z1"/><mergeCell ref="A2:A9"/></mergeCells>'
        sheet = worksheet(rows, after=merged)

        assert rows_of(zipped(xlsx_parts(sheet))) == [
            ("Liste", "Liste"),
            ("Bretagne", "Finistère"),
            ("Bretagne", "Morbihan"),
        ]

    @pytest.mark.parametrize("text", ["a\x0bb", "a_x0000_b", "a_x0001_b", "a￿b"])
    def test_refuses_control_characters_by_address(self, text: str) -> None:
        """R16."""

        row = f'<row r="7">{text_cell("D7", text)}</row>'
        code = {"a\x0bb": "000B", "a_x0000_b": "0000", "a_x0001_b": "0001", "a￿b": "FFFF"}[text]

        assert refusal_of(xlsx(row)) == (
            f"La cellule D7 de la feuille « Feuille 1 » contient un caractère invisible (U+{code})."
            " Ressaisissez cette cellule, enregistrez, puis déposez le fichier à nouveau."
        )

    def test_keeps_spaces_line_breaks_tabs_and_carriage_returns(self) -> None:
        row = f'<row r="1">{text_cell("A1", " a  b&#10;c&#9;d_x000D_ ")}</row>'

        assert rows_of(xlsx(row)) == [(" a  b\nc\td\r ",)]


class TestFacts:
    """What a sheet shows or hides beside its values, and what nobody would see otherwise."""

    def test_of_xlsx(self) -> None:
        """R14."""

        struck = '<c r="{0}" s="1" t="inlineStr"><is><t>x</t></is></c>'
        rows = (
            f'<row r="1">{text_cell("A1", "Nom")}{text_cell("B1", "Dép.")}</row>'
            f'<row r="2" hidden="1">{text_cell("A2", "a")}</row>'
            f'<row hidden="true">{text_cell("A3", "b")}</row>'
            f'<row r="4" hidden="0">{struck.format("A4")}{struck.format("C4")}</row>'
            f'<row r="5">{struck.format("A5")}{text_cell("B5", "x")}</row>'
            f'<row r="6">{struck.format("A6")}<c r="B6"/></row>'
            '<row r="7" hidden="1"><c r="A7" s="1"/></row>'
        )
        columns = (
            '<cols><col min="2" max="2" hidden="1"/><col min="3" max="3"/>'
            '<col min="4" max="16384" hidden="1"/></cols>'
        )
        fonts = "<font/><font><strike/></font><font><strike val='0'/></font>"
        parts = xlsx_parts(
            worksheet(rows, before=columns), worksheet(""), states=("visible", "veryHidden")
        )
        parts["xl/styles.xml"] = (
            f'<styleSheet xmlns="{right_files.MAIN}"><fonts>{fonts}</fonts><cellXfs>'
            '<xf fontId="0"/><xf fontId="1"/><xf fontId="2"/></cellXfs></styleSheet>'
        )
        parts["xl/worksheets/_rels/sheet1.xml.rels"] = (
            f'<Relationships xmlns="{right_files.PACKAGE}/relationships"><Relationship Id="rId1"'
            f' Type="{right_files.RELATIONS}/comments" Target="../comments1.xml"/></Relationships>'
        )
        parts["xl/comments1.xml"] = (
            f'<comments xmlns="{right_files.MAIN}"><commentList>'
            + "".join(f'<comment ref="B{n}" authorId="0"><text/></comment>' for n in range(2, 9))
            + "</commentList></comments>"
        )

        sheet, other = read(zipped(parts)).sheets

        assert sheet.facts == SheetFacts(
            hidden_lines=[2, 3],
            struck_lines=[4, 6],
            hidden_columns=[1],
            comments=7,
            commented=["B2", "B3", "B4", "B5", "B6"],
        )
        assert other.facts == SheetFacts([], [], [], commented=[], is_very_hidden=True)

    def test_of_ods(self) -> None:
        """R13."""

        line = '<style:text-properties style:text-line-through-style="{0}"/>'
        style = '<style:style style:name="{0}" style:parent-style-name="{1}">{2}</style:style>'
        styles = (
            style.format("ce1", "Default", line.format("solid"))
            + style.format("ce2", "Barre", "")
            + style.format("ce3", "Barre", line.format("none"))
        )
        note = "<office:annotation><text:p>à revoir</text:p></office:annotation>"
        columns = (
            "<table:table-column/>"
            '<table:table-header-columns><table:table-column table:visibility="collapse"/>'
            "</table:table-header-columns>"
            '<table:table-column table:number-columns-repeated="16380"'
            ' table:default-cell-style-name="ce1" table:visibility="collapse"/>'
        )
        row = (
            '<table:table-row table:visibility="{0}" table:number-rows-repeated="2">{1}'
            "</table:table-row>"
        )
        table = ods_table(
            columns,
            ods_row(ods_text("Nom"), ods_text("Dép.")),
            row.format("collapse", ods_text("a")),
            row.format("filter", ods_text("b")),
            ods_row(
                ods_text("x", 'table:style-name="ce1"'), ods_text("x", 'table:style-name="ce2"')
            ),
            ods_row(
                ods_text("x", 'table:style-name="ce3"'), ods_text("x", 'table:style-name="ce1"')
            ),
            ods_row(ods_blank(2), ods_text("x"), ods_cell("", note)),
            ods_row(ods_cell("", note)),
        )
        parts = ods_parts(table, styles)
        parts["styles.xml"] = str(parts["content.xml"]).partition("<office:automatic")[0] + (
            f"<office:styles>{style.format('Barre', '', line.format('solid'))}</office:styles>"
            "</office:document-content>"
        )

        (sheet,) = read(zipped(parts)).sheets

        assert sheet.facts == SheetFacts(
            hidden_lines=[2, 3, 4, 5],
            struck_lines=[6, 8],
            hidden_columns=[1, 2],
            comments=2,
            commented=["D8", "A9"],
        )

    def test_of_xls(self) -> None:
        font = struct.pack("<HHHHHBBBBBB", 200, 0, 0, 400, 0, 0, 0, 0, 0, 1, 0) + b"A"
        struck = font[:2] + b"\x08\x00" + font[4:]
        data = right_files.xls(
            (0x208, struct.pack("<HHHHHHHH", 1, 0, 2, 255, 0, 0, 0x20, 0)),
            (0x7D, struct.pack("<HHHHHH", 1, 1, 2048, 0, 1, 0)),
            right_files.xls_text(0, 0, "Nom"),
            right_files.xls_text(1, 1, "Caché"),
            (0x204, struct.pack("<HHHHB", 2, 0, 1, 1, 0) + b"x"),
            (0xBD, struct.pack("<HHHIHIH", 2, 1, 1, 0, 1, 0, 2)),
            (0xBD, struct.pack("<HHHIHIH", 3, 1, 1, 0, 0, 0, 2)),
            (0x1C, struct.pack("<HHHH", 1, 2, 0, 1)),
            before=[
                *[(0x31, font)] * 4,
                (0x31, struck),
                (0xE0, struct.pack("<H", 0) + bytes(18)),
                (0xE0, struct.pack("<H", 5) + bytes(18)),
            ],
        )

        (sheet,) = read(data).sheets

        assert sheet.facts == SheetFacts(
            hidden_lines=[2],
            struck_lines=[3],
            hidden_columns=[1],
            comments=1,
            commented=["C2"],
        )

    def test_a_sheet_can_be_had_without_some_lines(self) -> None:
        rows = "".join(
            f'<row r="{n}">{text_cell(f"A{n}", "x")}<c r="B{n}" t="e"><v>#N/A</v></c></row>'
            for n in (1, 2)
        )
        (sheet,) = read(xlsx(rows)).sheets

        less = sheet.without({1})

        assert list(less.rows) == [(None, None), ("x", None)]
        assert less.faults == {2: {1: "contient une erreur (#N/A)"}}
        assert sheet.without(()) is sheet


class TestOtherSheets:
    """A sheet that is too large is left unread; the others of its workbook are read."""

    def test_too_long_in_xlsx(self) -> None:
        long = worksheet(f'<row r="30000">{text_cell("A30000", "x")}</row>')
        good = worksheet(f'<row r="1">{text_cell("A1", "x")}</row>')

        sheets = read(zipped(xlsx_parts(long, good))).sheets

        assert [len(sheet.rows) for sheet in sheets] == [0, 1]
        assert sheets[0].unread.startswith("La feuille « Feuille 1 » va jusqu’à la ligne 30 000 ;")

    def test_too_wide_in_ods(self) -> None:
        wide = ods_table(
            ods_row(ods_text("x", 'table:number-columns-repeated="300"')), name="Large"
        )
        good = ods_table(ods_row(ods_text("x")), name="Bonne")

        sheets = read(zipped(ods_parts(wide + good))).sheets

        assert [(sheet.name, len(sheet.rows)) for sheet in sheets] == [("Large", 0), ("Bonne", 1)]
        assert sheets[0].unread.startswith("La feuille « Large » va jusqu’à la colonne KN ;")

    @pytest.mark.parametrize("only", ["", "Feuille 2"])
    def test_the_cells_of_sheets_that_are_not_read_count_for_nothing(self, only: str) -> None:
        cells = "".join(f'<c r="{letter}1"><v>1</v></c>' for letter in "ABCD")
        full = worksheet(f'<row r="1">{cells}</row>')
        good = worksheet(f'<row r="1">{text_cell("A1", "x")}{text_cell("B1", "y")}</row>')
        data = zipped(xlsx_parts(full, good))

        sheets = read(data, limits=Limits(cells=5), only=only).sheets

        assert [len(sheet.rows) for sheet in sheets] == ([0, 1] if only else [1, 0])
        assert ("cellules" in sheets[1].unread) is (not only)

    def test_tags_without_end_in_one_table_of_ods(self) -> None:
        full = ods_table(ods_row("<table:x/>" * 99), name="Pleine")
        good = ods_table(ods_row(ods_text("x")), name="Bonne")

        sheets = read(zipped(ods_parts(full + good)), limits=Limits(cells=9)).sheets

        assert [(sheet.unread, len(sheet.rows)) for sheet in sheets] == [(TOO_HEAVY, 0), ("", 1)]


class TestOds:
    """I4, R13: fifteen ways in which ODS files are misread, none of them here."""

    def test_runs_of_blank_cells_do_not_shift_the_others(self) -> None:
        """R13: 1 of 15."""

        assert rows_of(ods(ods_row(ods_text("a"), ods_blank(3), ods_text("e")))) == [
            ("a", None, None, None, "e")
        ]

    def test_repeated_cells_stand_as_often_as_said(self) -> None:
        """R13: 2 of 15."""

        repeated = 'table:number-columns-repeated="3"'

        assert rows_of(ods(ods_row(ods_text("x", repeated), ods_text("y")))) == [
            ("x", "x", "x", "y")
        ]

    def test_repeated_rows_stand_as_often_as_said(self) -> None:
        """R13: 3 of 15."""

        data = ods(ods_row(ods_text("a"), repeated=3), ods_row(ods_text("b")))

        assert rows_of(data) == [("a",), ("a",), ("a",), ("b",)]

    def test_repeated_blank_rows_keep_the_line_numbers(self) -> None:
        """R13: 4 of 15."""

        data = ods(ods_row(ods_text("a")), ods_row(ods_blank(), repeated=2), ods_row(ods_text("b")))

        (sheet,) = read(data).sheets

        assert sheet.rows == (("a",), (None,), (None,), ("b",))
        assert list(sheet.line_numbers) == [1, 2, 3, 4]

    def test_the_blank_rest_of_a_sheet_is_not_read(self) -> None:
        """R13: 5 of 15."""

        data = ods(ods_row(ods_text("a"), ods_blank(16383)), ods_row(ods_blank(), repeated=1048575))

        assert rows_of(data) == [("a",)]

    def test_several_sheets_stay_apart(self) -> None:
        """R13: 6 of 15."""

        tables = ods_table(ods_row(ods_text("a")), name="Un") + ods_table(
            ods_row(ods_text("b")), name="Deux"
        )

        workbook = read(zipped(ods_parts(tables)))

        assert [(sheet.name, sheet.rows) for sheet in workbook.sheets] == [
            ("Un", (("a",),)),
            ("Deux", (("b",),)),
        ]

    def test_merged_cells_are_filled(self) -> None:
        """R13: 7 of 15."""

        wide = 'table:number-columns-spanned="2" table:number-rows-spanned="2"'
        data = ods(
            ods_row(ods_text("m", wide), "<table:covered-table-cell/>", ods_text("c")),
            ods_row('<table:covered-table-cell table:number-columns-repeated="2"/>', ods_text("d")),
        )

        assert rows_of(data) == [("m", "m", "c"), ("m", "m", "d")]

    def test_numbers_percentages_and_sums_of_money_are_numbers(self) -> None:
        """R13: 8 of 15."""

        data = ods(
            ods_row(
                ods_cell('office:value-type="float" office:value="3"', "<text:p>3,00</text:p>"),
                ods_cell('office:value-type="percentage" office:value="0.5"'),
                ods_cell('office:value-type="currency" office:value="2.5"'),
            )
        )

        assert rows_of(data) == [(3, 0.5, 2.5)]

    def test_dates_and_times_are_what_was_typed_not_what_is_shown(self) -> None:
        """R13: 9 of 15."""

        dates = ("2020-09-30", "2020-09-30T00:00:00", "2020-09-30T14:30:00.000000000")
        cells = [
            ods_cell(
                f'office:value-type="date" office:date-value="{value}"', "<text:p>09/30</text:p>"
            )
            for value in dates
        ]
        times = [
            ods_cell(f'office:value-type="time" office:time-value="{value}"')
            for value in ("PT14H30M00S", "PT26H05M00S")
        ]

        assert rows_of(ods(ods_row(*cells, *times))) == [
            (
                date(2020, 9, 30),
                date(2020, 9, 30),
                datetime(2020, 9, 30, 14, 30),
                clock(14, 30),
                "26:05:00",
            )
        ]

    def test_booleans_are_booleans(self) -> None:
        """R13: 10 of 15."""

        cells = [
            ods_cell(f'office:value-type="boolean" office:boolean-value="{value}"')
            for value in ("true", "false")
        ]

        assert rows_of(ods(ods_row(*cells))) == [(True, False)]

    def test_spaces_tabs_and_line_breaks_inside_a_cell_are_kept(self) -> None:
        """R13: 11 of 15."""

        text = 'a<text:s text:c="2"/>b<text:tab/>c<text:line-break/>d</text:p><text:p>e'

        assert rows_of(ods(ods_row(ods_text(text)))) == [("a  b\tc\nd\ne",)]

    def test_links_and_styled_words_are_text(self) -> None:
        """R13: 12 of 15."""

        text = 'PIMMS <text:span>de <text:a>Nîmes</text:a></text:span>, "Gard" &amp; co'

        assert rows_of(ods(ods_row(ods_text(text)))) == [('PIMMS de Nîmes, "Gard" & co',)]

    def test_comments_and_drawings_are_not_text(self) -> None:
        """R13: 13 of 15."""

        comment = "<office:annotation><text:p>à vérifier</text:p></office:annotation>"
        drawing = "<draw:frame><text:p>logo</text:p></draw:frame>"
        cell = ods_cell('office:value-type="string"', f"{comment}{drawing}<text:p>Nîmes</text:p>")

        assert rows_of(ods(ods_row(cell))) == [("Nîmes",)]

    def test_errors_and_formulas_without_result_are_reported(self) -> None:
        """R13: 14 of 15."""

        error = ods_cell(
            'office:value-type="string" office:string-value="" calcext:value-type="error"',
            "<text:p>#N/A</text:p>",
        )
        data = ods(
            ods_row(ods_text("a")),
            ods_row(
                ods_text("b"),
                error,
                ods_cell('table:formula="of:=1+1"'),
                ods_cell('table:formula="of:=&quot;&quot;"', "<text:p/>"),
                ods_cell('table:formula="of:=1+1" office:value-type="float" office:value="2"'),
                ods_cell('office:value-type="date" office:date-value="hier"'),
            ),
        )

        (sheet,) = read(data).sheets

        assert sheet.rows[1] == ("b", None, None, None, 2, None)
        assert [str(problem) for problem in sheet.problems] == [
            "La cellule B2 contient une erreur (#N/A).",
            "La cellule C2 contient une formule sans résultat enregistré.",
            "La cellule F2 contient une date illisible.",
        ]

    def test_hidden_sheets_grouped_rows_and_repeated_headings_are_read(self) -> None:
        """R13: 15 of 15."""

        style = (
            '<style:style style:name="ta2" style:family="table">'
            '<style:table-properties table:display="false"/></style:style>'
        )
        groups = (
            f"<table:table-header-rows>{ods_row(ods_text('Nom'))}</table:table-header-rows>"
            f"<table:table-row-group>{ods_row(ods_text('Nîmes'))}</table:table-row-group>"
        )
        hidden = ods_table(
            ods_row(ods_text("x")), name="Cachée", attributes='table:style-name="ta2"'
        )

        first, second = read(zipped(ods_parts(ods_table(groups) + hidden, style))).sheets

        assert first.rows == (("Nom",), ("Nîmes",))
        assert (first.is_hidden, second.is_hidden) == (False, True)

    @pytest.mark.parametrize("character", ["\x00", "\x0b", "\ufffe"])
    def test_refuses_control_characters(self, character: str) -> None:
        """R16."""

        # XML cannot hold them in any writing: the whole file is at fault, not one cell.
        assert refusal_of(ods(ods_row(ods_text(f"a{character}b")))) == DAMAGED


class TestXls:
    def test_reads_values_and_reports_errors(self) -> None:
        data = right_files.xls(
            right_files.xls_text(0, 0, "Nom"),
            right_files.xls_text(2, 1, "Nîmes"),
            right_files.xls_error(1, 1, 0x2A),
        )

        (sheet,) = read(data).sheets

        assert (sheet.name, sheet.rows) == (
            "Feuille 1",
            (("Nom", None), (None, None), (None, "Nîmes")),
        )
        assert sheet.problems == (UnreadableCell(1, 1, "contient une erreur (#N/A)"),)

    def test_refuses_a_cut_file(self) -> None:
        data = right_files.xls(right_files.xls_text(0, 0, "Nom"))

        assert refusal_of(data[: len(data) // 2]) == DAMAGED

    def test_refuses_a_protected_file(self) -> None:
        data = right_files.compound(
            {"Workbook": b"\x09\x08\x04\x00\x00\x06\x05\x00\x2f\x00\x00\x00"}
        )

        assert refusal_of(data) == PROTECTED

    def test_refuses_a_chain_of_sectors_that_bites_its_tail(self) -> None:
        data = bytearray(right_files.xls(right_files.xls_text(0, 0, "Nom")))
        table = len(data) - 512
        data[table : table + 4] = bytes(4)

        assert refusal_of(bytes(data)) == DAMAGED


class TestCsv:
    TABLE = ("Nom", "Département", "Labellisé")
    NIMES = ("PIMMS Nîmes", "30", "été, 2020")

    @pytest.mark.parametrize(
        ("text", "encoding"),
        [
            pytest.param(
                'Nom;Département;Labellisé\r\nPIMMS Nîmes;30;"été, 2020"\r\n', "utf-8", id="utf-8"
            ),
            pytest.param(
                "Nom;Département;Labellisé\r\nPIMMS Nîmes;30;été, 2020\r\n", "utf-8-sig", id="bom"
            ),
            pytest.param(
                "Nom;Département;Labellisé\r\nPIMMS Nîmes;30;été, 2020\r\n", "cp1252", id="cp1252"
            ),
            pytest.param(
                "Nom\tDépartement\tLabellisé\r\nPIMMS Nîmes\t30\tété, 2020\r\n",
                "utf-16",
                id="utf-16",
            ),
            pytest.param(
                'Nom,Département,Labellisé\nPIMMS Nîmes,30,"été, 2020"\n', "utf-8", id="comma"
            ),
            pytest.param(
                "Nom\tDépartement\tLabellisé\nPIMMS Nîmes\t30\tété, 2020", "utf-8", id="tab"
            ),
            pytest.param(
                "sep=|\r\nNom|Département|Labellisé\r\nPIMMS Nîmes|30|été, 2020\r\n",
                "utf-8",
                id="sep",
            ),
            pytest.param(
                "Nom;Département;Labellisé\rPIMMS Nîmes;30;été, 2020\r", "utf-8", id="old-mac"
            ),
        ],
    )
    def test_reads_every_variant(self, text: str, encoding: str) -> None:
        """I12, R15."""

        assert rows_of(text.encode(encoding)) == [self.TABLE, self.NIMES]

    def test_obeys_a_sep_line_and_does_not_count_it_as_data(self) -> None:
        """R15."""

        (sheet,) = read(b'"sep=,"\r\nA;B,C\r\n1;2,3\r\n').sheets

        assert sheet.rows == (("A;B", "C"), ("1;2", "3"))
        assert list(sheet.line_numbers) == [2, 3]

    def test_gives_the_line_where_each_record_begins(self) -> None:
        (sheet,) = read(b'A;B\r\n1;"x\r\ny"\r\n\r\n2;z\r\n\r\n').sheets

        assert sheet.rows == (("A", "B"), ("1", "x\r\ny"), (None, None), ("2", "z"))
        assert list(sheet.line_numbers) == [1, 2, 4, 5]

    @pytest.mark.parametrize(
        ("data", "line"),
        [(b'A;B\n1;2\n3;"4\n5;6\n', 3), (b'A,B\n"1,2\n', 2), (b'Nom\n"PIMMS\nNimes\n', 2)],
    )
    def test_refuses_an_unbalanced_quote_with_its_line(self, data: bytes, line: int) -> None:
        """R15."""

        assert refusal_of(data) == (
            f'La ligne {line} ouvre un guillemet (") qui n’est jamais fermé. Fermez-le ou'
            " supprimez-le, puis déposez le fichier à nouveau."
        )

    def test_refuses_text_after_a_closing_quote_with_its_line(self) -> None:
        """R15."""

        assert refusal_of(b'A;B\n1;"Le Relais" de Nimes\n') == (
            'La ligne 2 contient un guillemet (") suivi de texte. Doublez les guillemets qui font'
            ' partie du texte ("") ou supprimez-les, puis déposez le fichier à nouveau.'
        )

    def test_refuses_a_quote_that_swallows_the_file(self) -> None:
        """R15."""

        assert refusal_of(b'A;B\n1;"' + b"x;y\n" * 50_000) == (
            'La ligne 2 contient une cellule de plus de 131 072 caractères. Un guillemet (") y est'
            " sans doute ouvert et jamais fermé : fermez-le ou supprimez-le, puis déposez le"
            " fichier à nouveau."
        )

    def test_keeps_quotes_inside_cells(self) -> None:
        assert rows_of(b'A;B\n1;PIMMS "Le Relais"\n2;"dit ""Le Relais"""\n') == [
            ("A", "B"),
            ("1", 'PIMMS "Le Relais"'),
            ("2", 'dit "Le Relais"'),
        ]

    @pytest.mark.parametrize("character", ["\x00", "\x0b", "\x1f"])
    def test_refuses_control_characters_with_their_line(self, character: str) -> None:
        """R16."""

        data = f"Nom;Ville\nPIMMS;Nîmes\nPIM{character}MS;Lyon\n".encode()

        assert refusal_of(data) == (
            f"La ligne 3 contient un caractère invisible (U+{ord(character):04X}). Ressaisissez"
            " cette ligne, enregistrez, puis déposez le fichier à nouveau."
        )

    def test_refuses_utf8_with_a_wound_rather_than_spoil_its_accents(self) -> None:
        data = "Nom;Ville\nA;Nîmes\nB;Orléans\n".encode() + b"C;B\xe9ziers\n"

        assert refusal_of(data) == (
            "La ligne 4 contient un caractère illisible. Enregistrez le fichier au format"
            " « CSV UTF-8 » dans Excel, puis déposez-le à nouveau."
        )

    def test_refuses_bytes_that_are_in_no_encoding(self) -> None:
        assert refusal_of(b"Nom;Ville\nA;N\x81\x8d\n") == (
            "La ligne 2 contient un caractère illisible. Enregistrez le fichier au format"
            " « CSV UTF-8 » dans Excel, puis déposez-le à nouveau."
        )

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            pytest.param(
                "Liste des sites, octobre\n\nNom;Lat\nA;45,1\nB;46,2\n",
                [
                    ("Liste des sites, octobre", None),
                    (None, None),
                    ("Nom", "Lat"),
                    ("A", "45,1"),
                    ("B", "46,2"),
                ],
                id="title-and-decimal-commas",
            ),
            pytest.param("45,1;3,5\n46,2;4,5\n", [("45,1", "3,5"), ("46,2", "4,5")], id="decimals"),
            pytest.param(
                "Nom,Horaires\nA,9h; 14h\nB,9h; 15h\n",
                [("Nom", "Horaires"), ("A", "9h; 14h"), ("B", "9h; 15h")],
                id="semicolons-in-cells",
            ),
            pytest.param(
                "Nom\nPIMMS A\nPIMMS B\n", [("Nom",), ("PIMMS A",), ("PIMMS B",)], id="one"
            ),
            pytest.param(
                "A;;;\n;;;\n1;2\n;;;\n", [("A", None), (None, None), ("1", "2")], id="ragged"
            ),
        ],
    )
    def test_finds_the_separator(self, text: str, expected: list[tuple[str | None, ...]]) -> None:
        assert rows_of(text.encode()) == expected

    def test_takes_away_the_apostrophe_that_stops_formulas(self) -> None:
        data = b"A;B\n'=A1;'+33 6\n''-1;'tis\n"

        assert rows_of(data) == [("A", "B"), ("=A1", "+33 6"), ("'-1", "'tis")]

    def test_reports_the_errors_that_excel_writes(self) -> None:
        (sheet,) = read(b"Nom;Ville\nA;#N/A\n#NOM?;B\n").sheets

        assert sheet.rows == (("Nom", "Ville"), ("A", None), (None, "B"))
        assert [str(problem) for problem in sheet.problems] == [
            "La cellule B2 contient une erreur (#N/A).",
            "La cellule A3 contient une erreur (#NOM?).",
        ]

    def test_refuses_a_line_without_end(self) -> None:
        assert refusal_of(b"A;B\n" + b";" * 1_000_001) == (
            "La ligne 2 dépasse 1 000 000 caractères. Ouvrez le fichier dans Excel ou LibreOffice,"
            " enregistrez-le au format « Classeur Excel (.xlsx) », puis déposez cette copie."
        )


class TestPastedText:
    def test_reads_cells_copied_from_a_spreadsheet(self) -> None:
        text = 'Nom\tNote\r\n"Le Relais" de Nîmes\t"deux\r\nlignes ""ici"""\r\nLyon\t"ouvert\r\n'

        (sheet,) = read_pasted(text).sheets

        assert sheet.rows == (
            ("Nom", "Note"),
            ('"Le Relais" de Nîmes', 'deux\r\nlignes "ici"'),
            ("Lyon", '"ouvert'),
        )
        assert list(sheet.line_numbers) == [1, 2, 4]

    def test_reads_lines_with_semicolons_or_commas(self) -> None:
        assert read_pasted("A;B\n1;2\n").sheets[0].rows == (("A", "B"), ("1", "2"))
        assert read_pasted("PIMMS A, Isère\nPIMMS B, Loire").sheets[0].rows == (
            ("PIMMS A", " Isère"),
            ("PIMMS B", " Loire"),
        )

    def test_reads_a_mail_line_by_line(self) -> None:
        text = "Bonjour,\n\nSuite au comité, voici la liste, à jour.\nPIMMS Nîmes\nPIMMS Lyon\n"

        assert read_pasted(text).sheets[0].rows == (
            ("Bonjour,",),
            (None,),
            ("Suite au comité, voici la liste, à jour.",),
            ("PIMMS Nîmes",),
            ("PIMMS Lyon",),
        )

    def test_a_text_file_may_quote_as_prose_does(self) -> None:
        assert rows_of(b'"Le Relais" est un PIMMS\n"ouvert\n', "communique.txt") == [
            ('"Le Relais" est un PIMMS',),
            ('"ouvert',),
        ]

    def test_refuses_nothing_and_too_much(self) -> None:
        with pytest.raises(ReadingError) as nothing:
            read_pasted(" \n")
        with pytest.raises(ReadingError) as too_much:
            read_pasted("x" * 11, limits=Limits(upload=10))

        assert str(nothing.value) == (
            "Rien n’a été collé. Copiez les lignes du tableau, puis collez-les ici."
        )
        assert str(too_much.value) == (
            "Le texte collé est trop long. Enregistrez-le dans un fichier CSV, puis déposez ce"
            " fichier."
        )

    def test_refuses_control_characters(self) -> None:
        """R16."""

        with pytest.raises(ReadingError) as refusal:
            read_pasted("a\tb\nc\x00\td")

        assert str(refusal.value) == (
            "La ligne 2 contient un caractère invisible (U+0000). Ressaisissez cette ligne,"
            " enregistrez, puis déposez le fichier à nouveau."
        )


class TestWrongFiles:
    @pytest.mark.parametrize("kind", WRONG_FILES)
    def test_each_gets_a_sentence_with_cause_and_remedy(self, kind: str) -> None:
        """S9."""

        data, sentence = WRONG_FILES[kind]

        assert refusal_of(data) == sentence

    @pytest.mark.parametrize("kind", WRONG_FILES)
    def test_no_sentence_uses_a_forbidden_word_or_the_wrong_spaces(self, kind: str) -> None:
        """S9."""

        _, sentence = WRONG_FILES[kind]

        assert not any(
            word in sentence.lower()
            for word in ("invalide", "veuillez", "format de fichier incorrect", "'", " ;", " :")
        )

    @pytest.mark.parametrize("name", ["liste.csv", "liste.pdf", "", "liste.ods"])
    def test_the_bytes_tell_the_format_not_the_name(self, name: str) -> None:
        """S10."""

        assert rows_of(GOOD_XLSX, name) == [("Nom",)]


class TestHostileFiles:
    def test_refuses_an_oversized_upload_before_looking(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """S5."""

        def never(*arguments: object) -> None:
            raise AssertionError

        monkeypatch.setattr(reading, "open_text", never)
        monkeypatch.setattr(reading, "_read_apart", never)

        assert refusal_of(b"a;b\n" * 15_000_000) == (
            "Ce fichier pèse 57,3 Mo ; la limite est de 5 Mo. Retirez les images et les feuilles"
            " inutiles, ou enregistrez la seule feuille utile au format CSV."
        )

    def test_refuses_a_bomb_that_declares_its_size(self) -> None:
        """S6."""

        sheet = worksheet(f'<row r="1">{text_cell("A1", "x" * 70_000_000)}</row>')

        assert refusal_of(zipped(xlsx_parts(sheet))) == TOO_BIG_UNPACKED

    def test_refuses_a_bomb_that_lies_about_its_size(self) -> None:
        """S6."""

        sheet = worksheet(f'<row r="1">{text_cell("A1", "x" * 70_000_000)}</row>')
        true_size, lie = len(sheet).to_bytes(4, "little"), (1000).to_bytes(4, "little")
        data = zipped(xlsx_parts(sheet)).replace(true_size, lie)

        assert refusal_of(data) == DAMAGED

    def test_refuses_a_long_text_named_many_times(self) -> None:
        """S6."""

        row = '<row r="{0}">' + '<c t="s" r="A{0}"><v>0</v></c>' + "</row>"
        rows = "".join(row.format(number) for number in range(1, 20_001))
        parts = xlsx_parts(worksheet(rows), strings=f"<si><t>{'x' * 30_000}</t></si>")

        assert refusal_of(zipped(parts)) == TOO_HEAVY

    def test_the_server_process_stays_small(self) -> None:
        """S6."""

        sheet = worksheet(f'<row r="1">{text_cell("A1", "x" * 70_000_000)}</row>')
        data = zipped(xlsx_parts(sheet))
        del sheet
        Path("/proc/self/clear_refs").write_text("5")
        before = _peak_memory()

        refusal_of(data)

        assert _peak_memory() - before < 64 * 1024

    @pytest.mark.parametrize(
        "doctype",
        [
            '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
            '<!doctype x [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>',
            '<!DOCTYPE x SYSTEM "http://localhost:1/x.dtd">',
        ],
    )
    @pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "_rels/.rels"])
    def test_refuses_any_dtd_in_xlsx(self, doctype: str, part: str) -> None:
        """S7."""

        parts = xlsx_parts(worksheet(f'<row r="1">{text_cell("A1", "x")}</row>'))
        parts[part] = doctype + str(parts[part]).partition("?>")[2]

        assert refusal_of(zipped(parts)) == unusual("définition de type de document")

    def test_refuses_any_dtd_in_ods(self) -> None:
        """S7."""

        parts = ods_parts(ods_table(ods_row(ods_text("x"))))
        parts["content.xml"] = "<!DOCTYPE x>" + str(parts["content.xml"]).partition("?>")[2]

        assert refusal_of(zipped(parts)) == unusual("définition de type de document")

    def test_refuses_an_encoding_that_would_hide_a_dtd(self) -> None:
        """S7."""

        parts = xlsx_parts(worksheet(""))
        parts["xl/workbook.xml"] = str(parts["xl/workbook.xml"]).encode("utf-16")

        assert refusal_of(zipped(parts)) == unusual("codage inhabituel")

    def test_names_the_line_of_a_cell_at_the_end_of_the_world(self) -> None:
        """S8."""

        row = f'<row r="1048576">{text_cell("XFD1048576", "x")}</row>'

        assert refusal_of(xlsx(row)) == (
            "La feuille « Feuille 1 » va jusqu’à la ligne 1 048 576 ; la limite est de 20 000"
            " lignes sous les titres. Supprimez les lignes inutiles, y compris ce qui serait écrit"
            " très loin sous le tableau, ou déposez le fichier en plusieurs parties."
        )

    def test_looks_for_the_corner_of_a_grid_that_kills_the_reader(self) -> None:
        """S8."""

        rows = (
            f'<row r="1">{text_cell("A1", "x")}</row>'
            f'<row r="1048576">{text_cell("XFD1048576", "x")}</row>'
        )

        assert refusal_of(xlsx(rows)).startswith(
            "La feuille « Feuille 1 » va jusqu’à la ligne 1 048 576"
        )

    def test_survives_a_grid_that_kills_the_reader(self) -> None:
        """S8."""

        # The last line first, as no spreadsheet writes them.
        rows = (
            f'<row r="1048576">{text_cell("ZZ1048576", "x")}</row>'
            f'<row r="1">{text_cell("A1", "x")}</row>'
        )

        assert refusal_of(xlsx(rows)) == TOO_HEAVY
        assert rows_of(GOOD_XLSX) == [("Nom",)]

    def test_refuses_too_many_columns(self) -> None:
        """S8."""

        assert refusal_of(xlsx(f'<row r="1">{text_cell("GS1", "x")}</row>')) == (
            "La feuille « Feuille 1 » va jusqu’à la colonne GS ; la limite est de 200 colonnes."
            " Supprimez les colonnes inutiles, y compris ce qui serait écrit très loin à droite du"
            " tableau."
        )

    def test_reads_a_sparse_sheet_within_the_limits(self) -> None:
        """S8."""

        (sheet,) = read(xlsx(f'<row r="20000">{text_cell("GR20000", "x")}</row>')).sheets

        assert (len(sheet.rows), len(sheet.rows[0])) == (20_000, 200)
        assert sheet.rows[19_999][199] == "x"

    def test_leaves_a_second_sparse_sheet_unread_and_refuses_many(self) -> None:
        """S8."""

        corner = worksheet(f'<row r="20000">{text_cell("GR20000", "x")}</row>')

        first, second = read(zipped(xlsx_parts(corner, corner))).sheets

        assert (len(first.rows), first.unread) == (20_000, "")
        assert (len(second.rows), second.unread) == (0, TOO_HEAVY)
        assert refusal_of(zipped(xlsx_parts(*[corner] * 5))) == TOO_HEAVY

    def test_refuses_sheets_without_end(self) -> None:
        """S8."""

        tables = "".join(ods_table(name=f"Feuille {number}") for number in range(251))
        sheets = xlsx_parts(*[worksheet("")] * 251)

        refusals = {refusal_of(zipped(sheets)), refusal_of(zipped(ods_parts(tables)))}

        assert refusals == {
            (
                "Ce classeur a plus de 250 feuilles. Copiez la seule feuille utile dans un nouveau"
                " classeur, puis déposez celui-ci."
            )
        }

    def test_refuses_repeats_without_end_in_ods(self) -> None:
        """S8."""

        assert refusal_of(ods(ods_row(ods_text("x"), repeated=1_048_576))) == (
            "La feuille « Feuille 1 » va jusqu’à la ligne 1 048 576 ; la limite est de 20 000"
            " lignes sous les titres. Supprimez les lignes inutiles, y compris ce qui serait écrit"
            " très loin sous le tableau, ou déposez le fichier en plusieurs parties."
        )

    def test_refuses_repeats_that_multiply(self) -> None:
        """S8."""

        wide = ods_text("x", 'table:number-columns-repeated="200"')

        assert refusal_of(ods(ods_row(wide, repeated=20_000))) == (
            "Avec la feuille « Feuille 1 », ce fichier contient plus de 1 000 000 cellules. Copiez"
            " les seules lignes et colonnes utiles dans un nouveau classeur, puis déposez celui-ci."
        )

    def test_refuses_a_run_of_spaces_without_end(self) -> None:
        """S8."""

        assert refusal_of(ods(ods_row(ods_text('<text:s text:c="99999999"/>')))) == TOO_HEAVY

    @pytest.mark.parametrize("tag", ["table:table-row-group", "text:list"])
    def test_refuses_nesting_without_end(self, tag: str) -> None:
        """S8."""

        nested = f"<{tag}>" * 20_000 + f"</{tag}>" * 20_000
        row = ods_row(ods_cell('office:value-type="string"', nested))

        assert refusal_of(ods(row if tag.startswith("text") else nested)) == DAMAGED

    def test_nested_archives_are_not_opened(self) -> None:
        """S8."""

        bomb = zipped({"x": b"\0" * 30_000_000})

        assert refusal_of(zipped({"a.zip": bomb, "b.zip": bomb})) == ZIP_OF_FILES

    def test_refuses_merged_cells_that_overlap(self) -> None:
        """S8."""

        merged = '<mergeCell ref="A1:B2"/>' * 3
        sheet = worksheet(
            f'<row r="2">{text_cell("B2", "x")}</row>', after=f"<mergeCells>{merged}</mergeCells>"
        )

        assert refusal_of(zipped(xlsx_parts(sheet))) == (
            "La feuille « Feuille 1 » contient des cellules fusionnées qui se chevauchent."
            " Défusionnez-les, enregistrez, puis déposez le fichier à nouveau."
        )

    def test_kills_a_child_that_takes_too_long(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """S8."""

        monkeypatch.setattr(reading, "CHILD", "while True: pass")

        assert refusal_of(GOOD_XLSX, Limits(time=1)) == TOO_HEAVY

    def test_the_child_gives_up_memory_time_and_files(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        """S8."""

        probe = (
            "import sys; sys.path.insert(0, sys.argv[1]);"
            "from labelling.spreadsheets.files.sandbox import child, limits;"
            "child.restrain(limits.Limits());"
            "import resource as r, json, os;"
            "limit = lambda kind: r.getrlimit(kind)[0];"
            "kept = [limit(r.RLIMIT_AS) >> 20, limit(r.RLIMIT_CPU), limit(r.RLIMIT_FSIZE)];"
            "kept += [sorted(os.environ)];"
            "print(json.dumps({'refused': json.dumps(kept)}))"
        )
        monkeypatch.setattr(reading, "CHILD", probe)
        monkeypatch.setenv("SECRET_KEY", "secret")
        monkeypatch.delenv("LD_LIBRARY_PATH", raising=False)

        answer = refusal_of(GOOD_XLSX)

        assert answer in ('[768, 8, 0, ["LC_CTYPE", "PATH"]]', '[768, 8, 0, ["PATH"]]')

    def test_the_child_knows_nothing_of_django(self) -> None:
        """S8."""

        code = (
            "import sys; sys.path.insert(0, sys.argv[1]);"
            "from labelling.spreadsheets.files.sandbox import kinds, child, excel, opendocument;"
            "print([name for name in sys.modules if name.startswith('django')])"
        )

        output = subprocess.run(
            [sys.executable, "-I", "-B", "-c", code, str(running.PROJECT)],
            capture_output=True,
            check=True,
            text=True,
        )

        assert output.stdout == "[]\n"


class TestLimits:
    def test_can_be_set_for_text(self) -> None:
        text = b"a;b\nc;d\ne;f\n"
        assert len(read(text, limits=Limits(rows=2)).sheets[0].rows) == 3

        assert refusal_of(text + b"g;h\n", Limits(rows=2)) == (
            "Ce fichier va jusqu’à la ligne 4 ; la limite est de 2 lignes sous les titres."
            " Supprimez les lignes inutiles, y compris ce qui serait écrit très loin sous le"
            " tableau, ou déposez le fichier en plusieurs parties."
        )

    def test_can_be_set_for_workbooks(self) -> None:
        row = f'<row r="1">{text_cell("A1", "x")}{text_cell("C1", "x")}</row>'

        assert refusal_of(xlsx(row), Limits(columns=2)) == (
            "La feuille « Feuille 1 » va jusqu’à la colonne C ; la limite est de 2 colonnes."
            " Supprimez les colonnes inutiles, y compris ce qui serait écrit très loin à droite du"
            " tableau."
        )


class TestAnything:
    """Whatever the bytes are, a workbook or a sentence comes back."""

    @settings(max_examples=200, deadline=None)
    @given(data=st.binary(max_size=400))
    def test_bytes_never_raise_anything_else(self, data: bytes) -> None:
        self.read_or_refuse(data)

    @settings(max_examples=200, deadline=None)
    @given(text=st.text(max_size=200), name=st.sampled_from(["a.csv", "a.txt"]))
    def test_text_never_raises_anything_else(self, text: str, name: str) -> None:
        self.read_or_refuse(text.encode("utf-8", "surrogatepass"), name)
        with suppress(ReadingError):
            read_pasted(text)

    @settings(max_examples=40, deadline=None)
    @given(
        original=st.sampled_from(
            [GOOD_XLSX, GOOD_ODS, right_files.xls(right_files.xls_text(0, 0, "Nom"))]
        ),
        place=st.floats(0, 1, exclude_max=True),
        noise=st.binary(min_size=1, max_size=8),
    )
    def test_damaged_workbooks_never_raise_anything_else(
        self, original: bytes, place: float, noise: bytes
    ) -> None:
        at = int(place * len(original))

        self.read_or_refuse(original[:at] + noise + original[at + len(noise) :])

    def read_or_refuse(self, data: bytes, name: str = "") -> None:
        with suppress(ReadingError):
            for sheet in read(data, name).sheets:
                assert len(sheet.rows) == len(sheet.line_numbers)
                assert len({len(row) for row in sheet.rows}) <= 1


def _peak_memory() -> int:
    """Return the most memory this process has held since the peak was reset, in kilobytes."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])

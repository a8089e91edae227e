"""Writing sheets: what goes out is data and nothing else, and reading gives it back unchanged."""

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import UTC, date, datetime

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labelling.sheets import Column, Table, Value, to_csv, to_ods, to_xlsx, write
from labelling.spreadsheets.files.reading import Cell, read

DANGEROUS = ["=1+1", "+33", "-x", "@SUM(A1)", "\t=1", "\r=1", "'=1", "''=1", "<r>&</r>", "#N/A"]

COLUMNS = (Column("Nom"), Column("Valeur"))


def table(*rows: Sequence[Value], title: str = "Sites") -> Table:
    return Table(title, COLUMNS, rows)


def values_read(data: bytes) -> list[list[Cell]]:
    """Return the rows below the headings."""
    return [list(row) for row in read(data).sheets[0].rows[1:]]


def part_of(data: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(name).decode()


class TestEveryFormat:
    @pytest.mark.parametrize("extension", ["xlsx", "ods", "csv"])
    def test_gives_the_same_bytes_twice(self, extension: str) -> None:
        sites = table(["PIMMS Nîmes", date(2020, 9, 1)])

        assert write(extension, [sites]) == write(extension, [sites])

    @pytest.mark.parametrize("extension", ["xlsx", "ods", "csv"])
    @pytest.mark.parametrize("text", DANGEROUS)
    def test_s11_text_comes_back_whatever_it_begins_with(self, extension: str, text: str) -> None:
        assert values_read(write(extension, [table([text, "x"])])) == [[text, "x"]]

    @pytest.mark.parametrize("extension", ["xlsx", "ods", "csv"])
    def test_notes_stand_above_the_headings(self, extension: str) -> None:
        sites = Table("Sites", COLUMNS, [["Nîmes", "30"]], notes=["Au 14 octobre 2020"])

        (sheet,) = read(write(extension, [sites])).sheets

        assert sheet.rows == (
            ("Au 14 octobre 2020", None),
            ("Nom", "Valeur"),
            ("Nîmes", "30"),
        )

    def test_a_note_wider_than_an_ods_sheet_takes_its_width_and_several_lines(self) -> None:
        sites = Table("Sites", COLUMNS, [["Nîmes", "30"]], notes=["Situation arrêtée " * 4])

        content = part_of(to_ods([sites]), "content.xml")

        assert 'table:style-name="h4"><table:table-cell table:style-name="note"' in content
        assert '<style:table-row-properties style:row-height="1.80cm"/>' in content
        assert "<table:table-header-rows><table:table-row>" in content

    def test_an_ods_sheet_is_printed_as_wide_as_a_page(self) -> None:
        assert 'style:scale-to-X="1"' in part_of(to_ods([table(["a", 1])]), "styles.xml")

    @pytest.mark.parametrize("extension", ["xlsx", "ods"])
    def test_one_sheet_for_each_table(self, extension: str) -> None:
        tables = [table(["a", 1]), table(["b", 2], title="Vagues")]

        workbook = read(write(extension, tables))

        assert [(sheet.name, sheet.rows[1]) for sheet in workbook.sheets] == [
            ("Sites", ("a", 1)),
            ("Vagues", ("b", 2)),
        ]

    @pytest.mark.parametrize("extension", ["xlsx", "ods"])
    def test_tabs_get_names_that_excel_accepts(self, extension: str) -> None:
        titles = ["Sites: [été] / *", "", "History", "x" * 40, "X" * 40, "'Vagues'"]

        workbook = read(write(extension, [table(["a", 1], title=title) for title in titles]))

        assert [sheet.name for sheet in workbook.sheets] == [
            "Sites   été",
            "Feuille",
            "History 2",
            "x" * 31,
            "X" * 27 + " 2",
            "Vagues",
        ]

    @pytest.mark.parametrize("extension", ["xlsx", "ods"])
    def test_r25_moments_are_told_in_local_time(self, extension: str) -> None:
        moment = datetime(2020, 9, 30, 22, 30, tzinfo=UTC)

        assert values_read(write(extension, [table(["a", moment])])) == [
            ["a", datetime(2020, 10, 1, 0, 30)]
        ]

    @pytest.mark.parametrize("extension", ["xlsx", "ods"])
    def test_integers_too_large_for_a_sheet_keep_their_digits(self, extension: str) -> None:
        assert values_read(write(extension, [table([2**53, 2**53 + 1])])) == [
            [9007199254740992, "9007199254740993"]
        ]

    @pytest.mark.parametrize("extension", ["xlsx", "ods", "csv"])
    def test_characters_that_no_sheet_holds_do_not_stop_an_export(self, extension: str) -> None:
        sites = table(["a\x00\x0b\ud800\uffff", "x"])

        assert values_read(write(extension, [sites])) == [["a\ufffd\ufffd\ufffd\ufffd", "x"]]

    @pytest.mark.parametrize("extension", ["xlsx", "ods"])
    def test_a_table_may_have_no_rows(self, extension: str) -> None:
        (sheet,) = read(write(extension, [table()])).sheets

        assert sheet.rows == (("Nom", "Valeur"),)

    def test_knows_three_formats(self) -> None:
        with pytest.raises(ValueError, match="docx"):
            write("docx", [table()])


class TestXlsx:
    def test_s11_holds_no_formula_and_no_text_for_nothing(self) -> None:
        data = to_xlsx([table(*([text, None] for text in DANGEROUS), ["http://x.fr", 3])])

        sheet = openpyxl.load_workbook(io.BytesIO(data))["Sites"]

        assert "<f>" not in part_of(data, "xl/worksheets/sheet1.xml")
        assert {cell.data_type for cell in sheet["A"]} == {"s"}
        assert [cell.value for cell in sheet["B"]] == ["Valeur", *[None] * len(DANGEROUS), 3]
        assert sheet["A12"].hyperlink is None

    def test_freezes_and_filters_bold_headings(self) -> None:
        data = to_xlsx([Table("Sites", COLUMNS, [["a", 1]], notes=["Au 14 octobre"])])

        sheet = openpyxl.load_workbook(io.BytesIO(data))["Sites"]

        assert sheet.freeze_panes == "A3"
        assert sheet.auto_filter.ref == "A2:B3"
        assert [sheet[name].font.bold for name in ("A1", "A2", "A3")] == [False, True, False]

    def test_offers_choices_from_a_hidden_sheet_and_hides_columns(self) -> None:
        columns = [
            Column("Nom"),
            Column("Département", choices=["Isère", "Loire"]),
            Column("Clé", is_hidden=True),
        ]

        data = to_xlsx([Table("Sites", columns, [["a", "Isère", 7]])])

        book = openpyxl.load_workbook(io.BytesIO(data))
        (validation,) = book["Sites"].data_validations.dataValidation
        assert (validation.formula1, str(validation.sqref)) == ("'Listes'!$A$1:$A$2", "B2:B1002")
        assert validation.errorStyle == "warning"
        assert book["Sites"].column_dimensions["C"].hidden
        assert [(s.name, s.is_hidden) for s in read(data).sheets] == [
            ("Sites", False),
            ("Listes", True),
        ]

    def test_dates_are_real_and_shown_day_first(self) -> None:
        data = to_xlsx([table([date(2020, 9, 1), datetime(2020, 9, 1, 14, 30)])])

        sheet = openpyxl.load_workbook(io.BytesIO(data))["Sites"]

        assert [(cell.value, cell.number_format) for cell in sheet[2]] == [
            (datetime(2020, 9, 1), "dd/mm/yyyy"),
            (datetime(2020, 9, 1, 14, 30), "dd/mm/yyyy hh:mm"),
        ]

    def test_dates_that_excel_has_no_number_for_are_text(self) -> None:
        assert values_read(to_xlsx([table([date(1789, 7, 14), "x"])])) == [["14/07/1789", "x"]]

    def test_refuses_to_cut_a_long_text(self) -> None:
        with pytest.raises(ValueError, match="dépasse") as refusal:
            to_xlsx([table(["a", "x" * 32_768])])

        assert str(refusal.value) == (
            "Le texte de la ligne 2, colonne 2, dépasse 32 767 caractères, la limite d’Excel."
            " Téléchargez plutôt un fichier ODS ou CSV."
        )


class TestOds:
    def test_s11_holds_no_formula(self) -> None:
        content = part_of(to_ods([table(*([text, None] for text in DANGEROUS))]), "content.xml")

        assert "table:formula" not in content

    def test_says_what_it_is_in_its_first_bytes(self) -> None:
        data = to_ods([table(["a", 1])])

        assert data[30:84] == b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet"

    def test_freezes_and_filters_headings_and_hides_columns(self) -> None:
        columns = [Column("Nom"), Column("Clé", is_hidden=True)]
        data = to_ods([Table("Sites", columns, [["a", 1]], notes=["Au 14 octobre"])])

        content, view = part_of(data, "content.xml"), part_of(data, "settings.xml")

        assert re.findall('<table:table-column [^>]*collapse"', content)
        assert "table:target-range-address=\"'Sites'.A2:'Sites'.B3\"" in content
        assert 'config:name="VerticalSplitPosition" config:type="int">2<' in view


class TestCsv:
    def test_is_what_a_french_excel_opens(self) -> None:
        sites = table(
            ["PIMMS Nîmes", 2.5],
            [date(2020, 9, 1), datetime(2020, 9, 1, 14, 30)],
            [True, -3],
            [None, 'dit "oui";\nnon'],
        )

        assert to_csv(sites).decode("utf-8") == (
            "\ufeffNom;Valeur\r\n"
            'PIMMS Nîmes;"2,5"\r\n'
            "01/09/2020;01/09/2020 14:30:00\r\n"
            "VRAI;-3\r\n"
            ';"dit ""oui"";\nnon"\r\n'
        )

    def test_s11_neutralises_text_that_excel_would_run(self) -> None:
        sites = table(*([text, None] for text in DANGEROUS))

        assert to_csv(sites).decode("utf-8-sig") == (
            "Nom;Valeur\r\n'=1+1;\r\n'+33;\r\n'-x;\r\n'@SUM(A1);\r\n\"'\t=1\";\r\n\"'\r=1\";\r\n"
            "''=1;\r\n'''=1;\r\n<r>&</r>;\r\n'#N/A;\r\n"
        )

    def test_is_raw_for_programs(self) -> None:
        sites = Table(
            "Sites",
            COLUMNS,
            [["=1", 2.5], [date(2020, 9, 1), datetime(2020, 9, 1, 14, 30)], [True, "a,b"]],
            notes=["Au 14 octobre"],
        )

        assert to_csv(sites, for_programs=True).decode("utf-8") == (
            'Nom,Valeur\n=1,2.5\n2020-09-01,2020-09-01T14:30:00\ntrue,"a,b"\n'
        )


# What XML and the readers hold: no controls but tab and line ends, no half characters.
TEXTS = st.one_of(
    st.text(
        st.characters(
            codec="utf-8",
            exclude_characters="\ufffe\uffff",
            min_codepoint=0x20,
        )
        | st.sampled_from("\t\r\n'\";,|=+-@_ \x85\xa0\u2028"),
        max_size=20,
    ),
    st.sampled_from([*DANGEROUS, "01", "1e5", "_x000D_", "a\r\nb", " ", "\n", "sep=;", "VRAI"]),
)
NUMBERS = st.one_of(st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False))
DATES = st.dates(min_value=date(1900, 1, 1))
MOMENTS = st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(9999, 12, 30)).map(
    lambda moment: moment.replace(microsecond=0, second=moment.second or 1)
)


def grids(values: st.SearchStrategy[Value]) -> st.SearchStrategy[list[list[Value]]]:
    """Rows of a key, always filled, and two values: no blank row can be cut at the end."""
    return st.lists(st.tuples(st.just("x"), values, values).map(list), min_size=1, max_size=30)


def as_table(rows: list[list[Value]]) -> Table:
    return Table("Sites", [Column("Clé"), Column("Un"), Column("Deux")], rows)


def blank_as_none(rows: list[list[Value]]) -> list[list[Value]]:
    return [[None if value == "" else value for value in row] for row in rows]


class TestRoundTrip:
    """R17: what is written is read again without a difference."""

    @settings(max_examples=40, deadline=None)
    @given(rows=grids(st.one_of(TEXTS, NUMBERS, DATES, MOMENTS, st.booleans(), st.none())))
    def test_r17_xlsx(self, rows: list[list[Value]]) -> None:
        assert values_read(to_xlsx([as_table(rows)])) == blank_as_none(rows)

    @settings(max_examples=40, deadline=None)
    @given(rows=grids(st.one_of(TEXTS, NUMBERS, DATES, MOMENTS, st.booleans(), st.none())))
    def test_r17_ods(self, rows: list[list[Value]]) -> None:
        assert values_read(to_ods([as_table(rows)])) == blank_as_none(rows)

    @settings(max_examples=300, deadline=None)
    @given(rows=grids(st.one_of(TEXTS, st.none())))
    def test_r17_csv(self, rows: list[list[Value]]) -> None:
        assert values_read(to_csv(as_table(rows))) == blank_as_none(rows)

    @settings(max_examples=300, deadline=None)
    @given(texts=st.lists(TEXTS.filter(bool), min_size=1, max_size=6))
    def test_r17_csv_of_a_single_column(self, texts: list[str]) -> None:
        sites = Table("Sites", [Column("Nom")], [[text] for text in texts])

        assert values_read(to_csv(sites)) == [[text] for text in texts]

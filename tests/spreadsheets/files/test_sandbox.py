"""What the child process does, seen from inside: here a debugger and the coverage reach it."""

import gc
import io
import json
import resource
import struct
import subprocess
import sys
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.conf import settings

from labelling.sandbox.limits import RefusedError, format_number
from labelling.spreadsheets.files.sandbox import child
from labelling.spreadsheets.files.sandbox.grid import tidy_duration, tidy_number
from labelling.spreadsheets.files.sandbox.limits import Limits
from tests.spreadsheets import right_files
from tests.spreadsheets.right_files import (
    ods,
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
from tests.spreadsheets.wrong_files import DAMAGED, EMPTY, WRONG_FILES

WORKBOOKS = [
    kind
    for kind, (data, sentence) in WRONG_FILES.items()
    if data[:2] in (b"PK", b"\xd0\xcf") and sentence != EMPTY
]


def answer(data: bytes, limits: Limits | None = None) -> list[Any]:
    return list(child.answer(data, limits or Limits()))


def refusal_of(data: bytes, limits: Limits | None = None) -> str:
    with pytest.raises(RefusedError) as refusal:
        answer(data, limits)
    return str(refusal.value)


class TestAnswer:
    def test_describes_a_sheet_then_its_rows_then_ends(self) -> None:
        row = f'<row r="2">{text_cell("B2", "Nîmes")}<c r="C2" t="e"><v>#N/A</v></c></row>'

        assert answer(xlsx(row)) == [
            {
                "sheet": "Feuille 1",
                "hidden": False,
                "width": 3,
                "problems": [[1, 2, "contient une erreur (#N/A)"]],
                "facts": {
                    "hidden_lines": [],
                    "struck_lines": [],
                    "hidden_columns": [],
                    "comments": 0,
                    "commented": (),
                    "is_very_hidden": False,
                },
                "unread": "",
            },
            [[], [None, "Nîmes"]],
            {"end": True},
        ]

    def test_sends_the_rows_in_batches(self) -> None:
        lines = answer(ods(ods_row(ods_text("x"), repeated=450)))

        assert [len(line) for line in lines[1:-1]] == [200, 200, 50]

    def test_reads_xls(self) -> None:
        data = right_files.xls(
            right_files.xls_text(0, 0, "Nom"),
            (0x06, struct.pack("<HHHBxBxxxHHIHBH", 1, 0, 0, 2, 0x07, 0xFFFF, 0, 0, 3, 0x1E, 1)),
            right_files.xls_error(2, 0, 0x2A),
        )

        assert answer(data)[0]["problems"] == [
            [1, 0, "contient une erreur (#DIV/0!)"],
            [2, 0, "contient une erreur (#N/A)"],
        ]

    def test_fills_merged_cells(self) -> None:
        merged = '<mergeCells><mergeCell ref="A1:B9"/><mergeCell ref="C5:C9"/></mergeCells>'
        rows = f'<row r="1">{text_cell("A1", "m")}</row><row r="2">{text_cell("B2", "x")}</row>'
        data = zipped(xlsx_parts(worksheet(rows, after=merged)))

        assert answer(data)[1] == [["m", "m"], ["m", "m"]]

    def test_ignores_cells_and_texts_that_are_not_of_the_sheet(self) -> None:
        reading = "<text:ruby-text>t</text:ruby-text>"
        ruby = f"<text:ruby><text:ruby-base>b</text:ruby-base>{reading}</text:ruby>"
        listed = "<text:list><text:list-item><text:p>c</text:p></text:list-item></text:list>"
        inner = f"<table:table>{ods_row(ods_text('non'))}</table:table>"
        cell = ods_cell('office:value-type="string"', f"<text:p>a{ruby}</text:p>{listed}{inner}")

        assert answer(ods("<table:shapes/>", ods_row("<table:x/>", cell)))[1] == [["ab\nc"]]

    def test_reads_every_kind_of_ods_cell(self) -> None:
        hidden = (
            '<style:style style:name="ta2"><style:table-properties table:display="false"/>'
            "</style:style>"
        )
        spaced = '<text:s text:c="2"/>b<text:tab/>c<text:line-break/>d<text:note>n</text:note>'
        row = ods_row(
            ods_cell('office:value-type="float" office:value="3"'),
            ods_cell('office:value-type="boolean" office:boolean-value="false"'),
            ods_cell('office:value-type="time" office:time-value="-P1DT2H3M4.5S"'),
            ods_cell('office:value-type="time" office:time-value="PT2H"'),
            ods_cell('table:formula="of:=1"'),
            ods_cell('calcext:value-type="error"', "<text:p>#N/A</text:p>"),
            ods_text("x", 'table:number-columns-spanned="2" table:number-rows-spanned="1"'),
            "<table:covered-table-cell/>",
            ods_text(f" a{spaced}"),
        )
        group = f"<table:table-row-group>{row}</table:table-row-group>"
        table = ods_table(group, attributes='table:style-name="ta2"')

        heading, rows, _ = answer(zipped(ods_parts(table, hidden)))

        assert heading["hidden"] is True
        assert heading["problems"] == [
            [0, 4, "contient une formule sans résultat enregistré"],
            [0, 5, "contient une erreur (#N/A)"],
        ]
        assert rows == [[3, False, "-26:03:04", time(2), None, None, "x", "x", "a  b\tc\nd"]]

    @pytest.mark.parametrize(
        ("attributes", "reason"),
        [
            ('office:value-type="float"', "contient un nombre illisible"),
            ('office:value-type="float" office:value="x"', "contient un nombre illisible"),
            ('office:value-type="boolean"', "contient un nombre illisible"),
            ('office:value-type="date" office:date-value="hier"', "contient une date illisible"),
            ('office:value-type="time" office:time-value="midi"', "contient une date illisible"),
        ],
    )
    def test_reports_values_that_are_none(self, attributes: str, reason: str) -> None:
        assert answer(ods(ods_row(ods_cell(attributes))))[0]["problems"] == [[0, 0, reason]]


class TestRefusals:
    def test_names_a_flood_of_errors(self) -> None:
        cells = "".join(f'<c r="{n}1" t="e"><v>#N/A</v></c>' for n in "ABCD")

        assert refusal_of(xlsx(f"<row>{cells}</row>"), Limits(rows=3)) == (
            "La feuille « Feuille 1 » contient plus de 3 cellules en erreur ou formules sans"
            " résultat. Ouvrez-la dans Excel ou LibreOffice, corrigez-la, enregistrez, puis déposez"
            " le fichier à nouveau."
        )

    @pytest.mark.parametrize(
        ("data", "limits"),
        [
            pytest.param(xlsx("<row/>" * 30), Limits(cells=5), id="tags-in-xlsx"),
            pytest.param(ods(ods_row("<table:x/>" * 30)), Limits(cells=5), id="tags-in-ods"),
            pytest.param(ods(ods_row(ods_text("x" * 99))), Limits(characters=9), id="characters"),
        ],
    )
    def test_counts_what_is_about_to_cost(self, data: bytes, limits: Limits) -> None:
        assert refusal_of(data, limits) == (
            "Ce classeur demande trop de mémoire ou de temps pour être lu. Copiez les seules lignes"
            " et colonnes utiles dans un nouveau classeur, puis déposez celui-ci."
        )

    @pytest.mark.parametrize(
        ("rows", "after", "what"),
        [
            ('<row><c t="e"><v>#N/A</v></c></row>', "", "cellules sans adresse"),
            ("", '<mergeCell ref="A1:B2"/>' * 20_001, "trop de cellules fusionnées"),
        ],
    )
    def test_names_what_no_spreadsheet_writes(self, rows: str, after: str, what: str) -> None:
        data = zipped(xlsx_parts(worksheet(rows, after=after)))

        assert refusal_of(data) == (
            f"Ce classeur n’est pas rangé comme le fait un tableur ({what}). Ouvrez-le dans Excel"
            " ou LibreOffice, enregistrez-le sous un autre nom, puis déposez cette copie."
        )

    @pytest.mark.parametrize(
        "data",
        [
            pytest.param(ods("<oops"), id="ods-not-xml"),
            pytest.param(ods(ods_row(ods_text("x"), repeated=10**10)), id="repeats-too-long"),
            pytest.param(zipped(xlsx_parts("") | {"xl/workbook.xml": "<x"}), id="book-not-xml"),
            pytest.param(right_files.compound({"Autre": b""}), id="ole-of-something"),
            pytest.param(right_files.compound({"Workbook": b""})[:600], id="ole-cut"),
            pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), id="ole-of-zeros"),
        ],
    )
    def test_calls_a_damaged_file_so(self, data: bytes) -> None:
        assert refusal_of(data) == DAMAGED

    @pytest.mark.parametrize("kind", WORKBOOKS)
    def test_each_wrong_workbook_gets_its_sentence(self, kind: str) -> None:
        """S9."""

        data, sentence = WRONG_FILES[kind]

        assert refusal_of(data) == sentence


class TestTheChild:
    def test_starts_with_little_and_nothing_that_reaches_the_network(self) -> None:
        """What is imported before the first cell is most of what a small file costs."""
        code = (
            "import sys; sys.path.insert(0, sys.argv[1]);"
            "from labelling.spreadsheets.files.sandbox import child, excel, opendocument;"
            "print(*sys.modules)"
        )

        done = subprocess.run(
            [sys.executable, "-I", "-B", "-c", code, str(settings.BASE_DIR)],
            check=True,
            capture_output=True,
            text=True,
        )

        names = set(done.stdout.split())
        assert "python_calamine" in names
        assert names.isdisjoint({"django", "socket", "ssl", "http", "urllib.request", "email"})


class TestMain:
    @pytest.fixture
    def run(self, monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], list[Any]]:
        """Run main() here, without its restraints, which nobody could take back."""
        monkeypatch.setattr(child, "restrain", lambda limits: None)
        monkeypatch.setattr(gc, "disable", lambda: None)

        def run(data: bytes) -> list[Any]:
            output = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"{}\n" + data)))
            monkeypatch.setattr(sys, "stdout", output)
            child.main()
            return [json.loads(line) for line in output.buffer.getvalue().splitlines()]

        return run

    def test_answers_in_lines_of_json(self, run: Callable[[bytes], list[Any]]) -> None:
        cell = ods_cell('office:value-type="date" office:date-value="2020-09-30"')

        lines = run(ods(ods_row(cell)))

        assert lines[1:] == [[[["date", "2020-09-30"]]], {"end": True}]

    def test_says_why_it_refuses(self, run: Callable[[bytes], list[Any]]) -> None:
        (line,) = run(b"PK\x03\x04")

        assert line["refused"].startswith("Ce classeur est incomplet ou abîmé.")

    def test_says_when_memory_runs_out(
        self, run: Callable[[bytes], list[Any]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def exhausted(data: bytes, limits: Limits, only: str) -> None:
            raise MemoryError

        monkeypatch.setattr(child, "answer", exhausted)

        (line,) = run(b"PK")

        assert line["refused"].startswith("Ce classeur demande trop de mémoire")

    def test_keeps_harder_limits_than_ours(self, monkeypatch: pytest.MonkeyPatch) -> None:
        kept: dict[int, tuple[int, int]] = {}
        monkeypatch.setattr(resource, "getrlimit", lambda kind: (5, 5))
        monkeypatch.setattr(resource, "setrlimit", kept.__setitem__)

        child.restrain(Limits())

        assert kept == {
            resource.RLIMIT_AS: (5, 5),
            resource.RLIMIT_CPU: (5, 5),
            resource.RLIMIT_FSIZE: (0, 0),
            resource.RLIMIT_CORE: (0, 0),
        }


class TestValues:
    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            (date(2020, 9, 30), ["date", "2020-09-30"]),
            (datetime(2020, 9, 30, 14, 30), ["datetime", "2020-09-30T14:30:00"]),
            (time(14, 30), ["time", "14:30:00"]),
        ],
    )
    def test_dates_name_their_type(self, value: date | time, expected: list[str]) -> None:
        assert child.encode(value) == expected

    @pytest.mark.parametrize(
        ("value", "expected"),
        [(3.0, 3), (2.5, 2.5), (-0.0, 0), (1e300, 1e300), (9007199254740992.0, 9007199254740992)],
    )
    def test_whole_numbers_are_integers(self, value: float, expected: float) -> None:
        tidied = tidy_number(value)

        assert (tidied, type(tidied)) == (expected, type(expected))

    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            (timedelta(hours=14, minutes=30), time(14, 30)),
            (timedelta(days=1), "24:00:00"),
            (timedelta(hours=-1), "-01:00:00"),
        ],
    )
    def test_durations_are_times_where_a_clock_shows_them(
        self, value: timedelta, expected: time | str
    ) -> None:
        assert tidy_duration(value) == expected

    def test_thousands_are_parted_as_in_french(self) -> None:
        assert format_number(1784739) == "1\u202f784\u202f739"

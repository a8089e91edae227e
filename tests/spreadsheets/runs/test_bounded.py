"""S8: whatever is dropped or pasted, the processor's time grows as it, and the memory hardly."""

import gc
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from labelling.spreadsheets.files.reading import ReadingError
from labelling.spreadsheets.resources import SiteResource
from labelling.spreadsheets.runs import batches, preparation
from labelling.spreadsheets.tables.headings import HeadingsError, understand
from tests.factories import DepartmentFactory
from tests.linear import costs_like, is_linear
from tests.spreadsheets import known
from tests.spreadsheets.right_files import text_cell, worksheet, xlsx_parts, zipped

HEAD = "Paris, le 14 octobre 2020\nCOMMUNIQUÉ DE PRESSE\n"
TABLE = "\n\nRégion Département Nom\nOccitanie Gard PIMMS Nîmes\n"


def repeated(unit: str, *, after: str = "", before: str = "") -> Callable[[int], str]:
    """What makes a text of so many characters, of the same words."""
    return lambda count: after + (unit * (count // len(unit) + 1))[:count] + before


def counted(unit: str, *, after: str = "", before: str = "") -> Callable[[int], str]:
    """What makes a text of so many characters, of words that are never the same."""
    return lambda count: (
        after + "".join(unit.format(n) for n in range(count // (len(unit) + 3))) + before
    )


PASTED = {
    "one line": repeated("a"),
    "words": repeated("mot "),
    "digits": repeated("1"),
    "commas": repeated("a,"),
    "dates": repeated("01/02/2020 "),
    "stars": repeated("*\n"),
    "quotes": repeated('"a\t"b\n'),
    "quotes that close nothing": repeated('";"\n'),
    "what is not seen": repeated("\u200b"),
    "accents": repeated("\u0301", after="e"),
    "short lines": repeated("a\n"),
    "blank lines": repeated("\n", after="Nom;Département\n", before="PIMMS Nîmes;Gard"),
    "committees": repeated("comité de pilotage ", after=HEAD, before=TABLE),
    "days": repeated("s’est tenu le 99 mai 2020 ", after=HEAD, before=TABLE),
    "datelines": repeated("Paris, le 99 octobre 2020\n", after=HEAD, before=TABLE),
    "waves": repeated("au printemps 2020 ", after=HEAD, before=TABLE),
    "totals": counted("{} sites ", after=HEAD, before=TABLE),
    "new ones": counted("{} nouveaux ", after=HEAD, before=TABLE),
    "a name of many lines": repeated("a\n", after=HEAD + TABLE),
    "a name of many words": repeated("a ", after=HEAD + TABLE),
    "regions begun": repeated("Bourgogne-Franche-\n", after=HEAD + TABLE),
    "the same line": repeated("Gard PIMMS\n", after=HEAD + TABLE),
    "wrong departments": counted("PIMMS;Izère {}\n", after="Nom;Département\n"),
    "pages of PIMMS": repeated(" et pimms.fr", after="PIMMS Grandpré (30)\n"),
    "a long cell": repeated("- 1", after="Nom;Département;Vague\nPIMMS;01 "),
}


class TestCycles:
    """What Python's collector would look for, which costs among so many lines."""

    def test_are_looked_for_again_once_the_outermost_is_done(self) -> None:
        assert gc.isenabled()
        with batches.returning_memory():
            with batches.returning_memory():
                pass
            assert not gc.isenabled()
        assert gc.isenabled()

    def test_are_looked_for_again_after_a_refusal(self) -> None:
        with suppress(HeadingsError), batches.returning_memory():
            raise HeadingsError("Rien.")
        assert gc.isenabled()


@pytest.mark.django_db
class TestAPaste:
    @pytest.mark.parametrize("kind", PASTED)
    def test_costs_as_much_as_it_is_long(self, network, kind: str) -> None:
        def prepare(count: int) -> None:
            with suppress(ReadingError, HeadingsError), transaction.atomic():
                preparation.prepare(pasted=PASTED[kind](count))
                transaction.set_rollback(True)

        assert is_linear(prepare, least=2_000, runs=2)


@pytest.mark.django_db
class TestAWorkbook:
    def test_asks_the_base_as_often_whatever_its_sheets(self) -> None:
        DepartmentFactory()
        blank = worksheet(f'<row r="1">{text_cell("A1", "Bonjour")}</row>')
        good = worksheet(
            f'<row r="1">{text_cell("A1", "Nom")}{text_cell("B1", "Département")}</row>'
            f'<row r="2">{text_cell("A2", "PIMMS Nîmes")}{text_cell("B2", "Gard")}</row>'
        )
        queries = []

        for count in (1, 40):
            with CaptureQueriesContext(connection) as asked:
                preparation.prepare(zipped(xlsx_parts(*[blank] * count, good)), name="a.xlsx")
            queries.append(len(asked))

        assert queries[0] == queries[1]


def totals(count: int) -> list[list[object]]:
    """A table of 198 columns, all of them counted by each of the lines of its foot."""
    lines = ([f"PIMMS {row}", "30", *range(row, row + 198)] for row in range(500))
    headings = ["Nom", "Département", *(f"Titre {n}" for n in range(198))]
    return [headings, *lines, *[["Total", *["3 000"] * 199]] * count]


def waves(count: int) -> list[list[object]]:
    """A table of 198 columns, so many of which give the same field and say the same."""
    lines = ([f"PIMMS {row}", "30", *[f"0{1 + row % 9}/09/2020"] * 198] for row in range(500))
    headings = ["Vague" if n < count else f"Titre {n}" for n in range(198)]
    return [["Nom", "Département", *headings], *lines]


class TestATable:
    @pytest.mark.parametrize(("make", "most"), [(totals, 60), (waves, 198)])
    def test_is_read_once_whatever_it_repeats(
        self, make: Callable[[int], list[list[object]]], most: int
    ) -> None:
        def read(rows: list[list[object]]) -> None:
            table = understand(rows, SiteResource(known.lookups()))
            assert len(table.columns) == 200

        assert costs_like(read, make(most), make(1))


# Prepares a file of 3,000 lines and 200 columns, no cell like another, and says how many megabytes
# the process has more than after a small one.
MEASURE = """
import django
django.setup()
from pathlib import Path
from labelling.spreadsheets.runs import preparation

def read_megabytes():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 2**20

headings = ";".join(["Nom", "Département", *(f"Titre {n}" for n in range(198))])
lines = (";".join(f"{row * 200 + cell:x}" for cell in range(200)) for row in range(3_000))
content = "\\n".join([headings, *lines]).encode()
preparation.prepare(pasted="Nom;Département\\nPIMMS Nîmes;Gard")
before = read_megabytes()
for _ in range(2):
    preparation.prepare(content, name="large.csv")
print(read_megabytes() - before)
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="Linux says it there")
class TestTheProcess:
    def test_is_hardly_larger_after_a_large_file(self, tmp_path: Path) -> None:
        if connection.vendor != "sqlite":
            pytest.skip("its base is a copy of a file")
        copy = tmp_path / "base.sqlite3"
        with (
            closing(sqlite3.connect(connection.settings_dict["NAME"])) as ours,
            closing(sqlite3.connect(copy)) as theirs,
        ):
            ours.backup(theirs)

        measured = subprocess.run(
            [sys.executable, "-c", MEASURE],
            env=os.environ
            | {"DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": f"sqlite:///{copy}"},
            capture_output=True,
            check=True,
            text=True,
        )

        assert float(measured.stdout) < 64

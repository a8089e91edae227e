"""Each case of how a file is understood, as the page prepares it and as the command prints it."""

import json
from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from labelling.models import Department, ImportRun, Site
from labelling.spreadsheets.files.reading import format_letters
from labelling.spreadsheets.runs import preparation
from labelling.spreadsheets.runs.apply import apply
from labelling.spreadsheets.runs.rights import ImportRefused
from labelling.spreadsheets.tables.headings import HeadingsError
from tests.spreadsheets.prepared import problems
from tests.spreadsheets.recognition import read_outcome
from tests.spreadsheets.recognition_cases import CASES, EVERY_CASE, Case, write_base

MAILS = [case for case in CASES if case.is_mail]
CLOSED = [case for case in EVERY_CASE if case.is_closed]


@pytest.fixture(scope="class")
def base(base_of_the_class: None) -> None:
    write_base()


def prepare(case: Case) -> tuple[ImportRun | None, str]:
    """The import, and what is said of it as a whole; none of a text that holds no table."""
    text = "\n".join(case.lines)
    try:
        if case.is_mail:
            run = preparation.prepare(pasted=text)
        else:
            run = preparation.prepare(text.encode(), name="cas.csv")
    except HeadingsError as refusal:
        return None, str(refusal)
    return run, " ".join([*run.problems, *run.remarks])


def write(case: Case, folder: Path) -> str:
    path = folder / ("courriel.txt" if case.is_mail else "cas.csv")
    path.write_text("\n".join(case.lines), encoding="utf-8")
    return str(path)


def tell(path: str) -> dict[str, Any]:
    """What the command prints for programs, a text that holds no table included."""
    out = StringIO()
    with suppress(CommandError):
        call_command("import_spreadsheet", path, "--format", "json", stdout=out)
    return json.loads(out.getvalue())


@pytest.mark.parametrize("case", EVERY_CASE, ids=str)
class TestACase:
    def test_is_understood_as_the_page_shows_it(self, case, base, db):
        run, said = prepare(case)

        outcome = read_outcome(run) if run else None
        seen = [outcome.columns[place] for place in sorted(outcome.columns)] if outcome else []
        # Of a column set aside the level says all; of one to be left, that it gives nothing.
        levels = [column.level or None for column in case.columns]
        if case.columns:
            assert [
                (column.field, level and column.level, column.offered)
                for column, level in zip(seen, levels, strict=True)
            ] == [
                (wanted.field, level, wanted.proposed)
                for wanted, level in zip(case.columns, levels, strict=True)
            ]
        assert [words for words in case.said if words not in said] == []

    def test_counts_its_lines(self, case, base, db):
        run, _ = prepare(case)

        counts = run.rows.count_states() if run else {}
        assert {state: counts[state] for state in case.counts} == dict(case.counts)
        for number, words in case.wrong.items():
            assert words in str(problems(run, number))

    def test_is_told_by_the_command(self, case, base, db, tmp_path):
        told = tell(write(case, tmp_path))

        if case.columns:
            assert [
                (column["letter"], column["field"], column["level"] if wanted.level else "")
                for column, wanted in zip(told["columns"], case.columns, strict=True)
            ] == [
                (format_letters(position), wanted.field, wanted.level)
                for position, wanted in enumerate(case.columns)
            ]
        assert {state: told["counts"][state] for state in case.counts} == dict(case.counts)
        said = " ".join(told["problems"] + told["remarks"])
        assert [words for words in case.said if words not in said] == []


@pytest.mark.parametrize("case", CLOSED, ids=str)
class TestAQuestion:
    """What somebody has to answer first keeps the whole from being applied."""

    def test_closes_the_import(self, case, base, db):
        before = list(Site.objects.order_by("pk").values())
        run, _ = prepare(case)

        if run is not None:
            with pytest.raises(ImportRefused):
                apply(run, None)

        assert list(Site.objects.order_by("pk").values()) == before

    def test_is_a_refusal_of_the_command(self, case, base, db, tmp_path):
        before = list(Site.objects.order_by("pk").values())

        with pytest.raises(CommandError):
            call_command("import_spreadsheet", write(case, tmp_path), "--apply", stdout=StringIO())

        assert list(Site.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("case", MAILS, ids=str)
class TestAMail:
    def test_gives_a_name_and_a_department_of_each_line(self, case, base, db):
        codes = dict(Department.objects.values_list("pk", "code"))
        stored = dict(Site.objects.values_list("pk", "department"))

        run, said = prepare(case)

        assert run, said
        assert {
            row.number: (
                row.state,
                row.label,
                codes[row.after.get("department_id") or stored[row.record_id]],
            )
            for row in run.rows.filter(number__in=case.read)
        } == dict(case.read)

    def test_marks_the_lines_with_an_asterisk(self, case, base, db):
        run, said = prepare(case)

        assert run, said
        marked = {number for number, line in enumerate(case.lines, 1) if line.endswith("*")}
        assert set(run.rows.marked_new().values_list("number", flat=True)) == marked

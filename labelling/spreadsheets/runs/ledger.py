"""The ledger is written: lines are judged a batch at a time, and again when something changed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

from django.utils import timezone

from labelling import text
from labelling.choices import RowState
from labelling.models import ImportRow, ImportRun, LabellingWave
from labelling.models.stored import CellFault, CellProblem, FileColumn, NewWave
from labelling.spreadsheets.files.reading import format_letters
from labelling.spreadsheets.judging.cells import NEW_MARK, REGION, TakenColumn
from labelling.spreadsheets.judging.judge import Judge
from labelling.spreadsheets.judging.lines import REMARK_ENDINGS
from labelling.spreadsheets.resources import (
    RESOURCES,
    ImportField,
    Role,
    SheetResource,
)
from labelling.spreadsheets.runs import batches
from labelling.spreadsheets.runs.duplicates import add_twins, mark_twins
from labelling.spreadsheets.runs.pairs import hold_lines
from labelling.spreadsheets.tables.columns import is_shifted
from labelling.spreadsheets.tables.known_headings import FileLine, fold_heading
from labelling.spreadsheets.tables.known_sites import KnownSites
from labelling.spreadsheets.tables.membership import Membership, Whose
from labelling.spreadsheets.widgets import name_waves, show

# What judging a line computes; the rest is what the file and people said.
_JUDGED = (
    "state",
    "is_to_name",
    "is_marked",
    "label",
    "record_id",
    "version",
    "matched_by",
    "before",
    "after",
    "kept",
    "problems",
    "candidates",
    "answers",
    "is_aside",
    "first_key",
    "second_key",
    "search_key",
)
# What a line says besides the values of its record, by the role of the column.
_BESIDES = {Role.CHECK: REGION, Role.NEW: NEW_MARK}
# By line and column: why the file gives no value of a cell.
Faults = dict[int, dict[int, str]]


def make_judge(run: ImportRun) -> Judge:
    """A judge of the lines of `run`, with the columns as they are now given to fields."""
    resource = RESOURCES[run.model_key]()
    given = [(column, resource.find_column(column.field)) for column in run.columns if column.field]
    columns = [
        _make_column(field, resource, column)
        for column, field in given
        if field.role not in (Role.WHY, Role.ORIGIN)
    ]
    columns += make_missing_columns(run, resource).values()
    said = {fold_heading(heading) for heading in resource.itinerant_headings}
    itinerant = [c for c in run.columns if not c.field and fold_heading(c.heading) in said]
    return Judge(run, resource, columns, itinerant, _make_find_stranger(run), _make_find_shift(run))


def _make_find_shift(run: ImportRun) -> Callable[[Sequence[Any]], CellProblem | None]:
    """What tells a line that has more cells than the file has headings."""
    width = max((column.position for column in run.columns), default=-1) + 1
    count = len(run.columns)

    def find_shift(cells: Sequence[Any]) -> CellProblem | None:
        if not run.heading_line or not is_shifted(cells, width, count):
            return None
        filled = sum(cell not in (None, "") for cell in cells)
        reason = text.typeset(
            f"Cette ligne a {filled} cellules pour {count} titres : "
            "un séparateur de trop la décale. Corrigez-la dans le fichier, ou mettez-la de côté."
        )
        words = "" if isinstance(cells[width], CellFault) else show(cells[width])
        return CellProblem(reason, value=words, letter=format_letters(width))

    return find_shift


def _make_find_stranger(run: ImportRun) -> Callable[[Sequence[Any]], str] | None:
    """What tells lines of others, in a file where the network's are less than half."""
    if not run.is_mostly_foreign or run.answers.takes_all:
        return None
    membership = Membership(run.columns, KnownSites.read())
    states = {Whose.OURS: "", Whose.MAYBE: RowState.MAYBE, Whose.OTHERS: RowState.OUTSIDE}
    return lambda cells: states[membership.tell(cells)]


def make_missing_columns(
    run: ImportRun, resource: SheetResource | None = None
) -> dict[str, TakenColumn]:
    """The columns that the file lacks, by the record's: people may fill them in, line by line."""
    resource = resource or RESOURCES[run.model_key]()
    given = {column.field for column in run.columns}
    fields = [f for f in resource.list_columns() if f.is_settable and f.name not in given]
    return {column.field: column for column in (_make_column(field, resource) for field in fields)}


def _make_column(
    field: ImportField, resource: SheetResource, column: FileColumn | None = None
) -> TakenColumn:
    """The column of the file that goes into `field`; without one, what people may fill in."""
    model_field = None
    name = _BESIDES.get(field.role, str(field.attribute))
    if field.role == Role.DATA:
        model_field = resource._meta.model._meta.get_field(field.attribute)
        name = model_field.attname
    if column is None:
        return TakenColumn(None, "", field.column_name, name, field.widget, model_field)
    return TakenColumn(
        column.position,
        column.letter,
        column.heading,
        name,
        field.widget,
        model_field,
        empties=column.empties,
    )


def write_rows(
    run: ImportRun,
    lines: Iterable[FileLine],
    *,
    faults: Faults | None = None,
    former: Mapping[int, ImportRow] | None = None,
) -> None:
    """Judge `lines` and write them in the ledger, a batch at a time.

    `former` are these lines as they were, or those of an earlier import, by the numbers of these:
    what people answered of them, and the record that they answered about.
    """
    judge = make_judge(run)
    for batch in batches.split(lines):
        rows = []
        for line in batch:
            cells: list[Any] = list(line.cells)
            for position, reason in (faults or {}).pop(line.number, {}).items():
                cells.extend([None] * (position + 1 - len(cells)))
                cells[position] = CellFault(reason)
            while cells and cells[-1] is None:
                cells.pop()
            if cells:
                row = _make_row(run, line.number, cells)
                if former and (old := former.get(line.number)):
                    row.answers, row.record_id = old.answers, old.record_id
                    row.is_aside = old.is_aside
                rows.append(row)
        judge.judge(rows)
        batches.insert(rows)
    _remark_values(run, judge)


def _make_row(run: ImportRun, number: int, cells: list[Any]) -> ImportRow:
    """A line that is not judged yet.

    With all its values, in the order of its fields: Django looks for each that is not given, which
    takes twice as long again.
    """
    values: list[Any] = [None, run.pk, number, cells, *_list_defaults()]
    return ImportRow(*values)  # type: ignore[misc]  # Its plugin takes them for one.


@cache
def _list_defaults() -> list[Any]:
    """What a line holds after its cells. Judging gives each line its own."""
    return [field.get_default() for field in ImportRow._meta.concrete_fields[4:]]


def judge_again(run: ImportRun, rows: Iterable[ImportRow] | None = None) -> None:
    """Judge `rows` again, and those that claim the same records; every line if None.

    `rows` may be read while they are judged. The caller holds the run's lock.
    """
    judge = make_judge(run)
    if rows is None:
        source: Iterable[ImportRow] = run.rows.order_by("number").iterator(chunk_size=batches.BATCH)
    else:
        source = add_twins(run, rows)
    for batch in batches.split(source):
        judge.judge(batch)
        batches.update(batch, _JUDGED)
    if rows is None:
        _remark_values(run, judge)
    finish(run)


def finish(run: ImportRun) -> None:
    """Say of the lines what no line says alone, and save the run."""
    mark_twins(run)
    hold_lines(run)
    run.new_waves = _name_new_waves(run)
    run.touched_at = timezone.now()
    run.is_complete = True
    # Not the bytes of the file, which weigh more than all the rest.
    run.save(update_fields=["new_waves", "remarks", "touched_at", "is_complete"])


def _remark_values(run: ImportRun, judge: Judge) -> None:
    """Say on the import what its lines, all of them judged, were found to hold."""
    others = [remark for remark in run.remarks if not remark.endswith(REMARK_ENDINGS)]
    run.remarks = [*others, *judge.reader.word_remarks()]


def forget(run: ImportRun) -> None:
    """Delete a preparation and its lines, a batch at a time: at once, a long file fills memory."""
    while run.rows.filter(pk__in=run.rows.order_by().values("pk")[: 10 * batches.BATCH]).delete()[
        0
    ]:
        pass
    run.delete()


def _name_new_waves(run: ImportRun) -> list[NewWave]:
    """Name the waves that the lines would give and that we lack."""
    given = run.rows.to_write().order_by().values_list("after__wave_id", flat=True).distinct()
    days = [date.fromisoformat(value) for value in given if isinstance(value, str)]
    taken = LabellingWave.objects.values_list("name", flat=True)
    names = name_waves(days, taken) if days else {}
    return [NewWave(day, name) for day, name in sorted(names.items())]

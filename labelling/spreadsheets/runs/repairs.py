"""What people do to an import in preparation: mend, choose, decide, put aside, take over."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from labelling import text
from labelling.choices import Decision, RowState
from labelling.models import ColumnMapping, ImportRow, ImportRun, KeptValue, LabellingWave
from labelling.models.stored import (
    CellFault,
    CellProblem,
    FileAnswers,
    FileColumn,
    Takeover,
)
from labelling.spreadsheets.files import reading
from labelling.spreadsheets.judging.cells import read_cells, show_value
from labelling.spreadsheets.resources import RESOURCES, Role
from labelling.spreadsheets.runs import batches, ledger, preparation
from labelling.spreadsheets.runs.rights import (
    ImportRefused,
    NoRight,
    check_is_preparing,
    check_may_edit,
    check_may_prepare,
    may,
    name_user,
)
from labelling.spreadsheets.tables import other_records
from labelling.spreadsheets.tables.columns import give_columns
from labelling.spreadsheets.tables.known_headings import FileLine


@dataclass(frozen=True)
class BadValue:
    """A value that many lines share, mended once for all."""

    position: int | None
    letter: str
    heading: str
    field: str
    value: str
    reason: str
    suggestions: tuple[tuple[str, str], ...]
    numbers: tuple[int, ...]
    # The file gives no value: an error, a formula without result.
    is_error: bool
    # One value may mend it on all its lines.
    is_common: bool

    @property
    def lines(self) -> str:
        return word_lines(self.numbers)


@contextmanager
def editing(run: ImportRun, user: User | None) -> Iterator[ImportRun]:
    """Hold `run` while `user`, who must be preparing it, changes it; nothing is kept on a fault."""
    with transaction.atomic():
        locked = ImportRun.objects.locked(run.pk)
        check_may_edit(user, locked)
        locked.is_repaired = True
        locked.touched_at = timezone.now()
        yield locked
        locked.save()


def list_bad_values(run: ImportRun) -> list[BadValue]:
    """The values that are wrong, each once with its lines, the most frequent first."""
    positions = {column.letter: column.position for column in run.columns}
    groups: dict[tuple[str, str, str], tuple[CellProblem, list[int]]] = {}
    wrong = run.rows.in_state(RowState.WRONG).filter(is_aside=False).order_by("number")
    for line in wrong.only("run", "number", "problems"):
        for problem in line.problems:
            if problem.is_proposal:
                continue
            key = (problem.letter, problem.value, problem.reason)
            groups.setdefault(key, (problem, []))[1].append(line.number)
    # A cell in error has no value, as one that is empty and should not be.
    valueless = [numbers[0] for problem, numbers in groups.values() if not problem.value]
    rows = {row.number: row for row in wrong.filter(number__in=valueless)}
    values = [
        BadValue(
            positions.get(problem.letter),
            problem.letter,
            problem.heading,
            problem.field,
            problem.value,
            problem.reason,
            problem.suggestions,
            tuple(numbers),
            _is_error(rows.get(numbers[0]), positions.get(problem.letter)),
            problem.is_common,
        )
        for problem, numbers in groups.values()
    ]
    return sorted(values, key=lambda bad: (-len(bad.numbers), bad.numbers))


def word_lines(numbers: Iterable[int]) -> str:
    """Return « ligne 4 » or « lignes 2, 3, 5 à 90 »."""
    distinct = set(numbers)
    return f"{text.plural(len(distinct), 'ligne')} {', '.join(text.spans(distinct))}"


def edit_cells(
    run: ImportRun, user: User | None, row_id: int, values: Mapping[int | str, str]
) -> ImportRow:
    """Write `values` over cells, by position, and judge the line again.

    By field: a value that the file has no column for; empty: none any more.
    """
    with editing(run, user) as locked:
        row = _find_row(locked, row_id)
        positions = {column.position for column in locked.columns}
        if not values.keys() <= positions | ledger.make_missing_columns(locked).keys():
            raise ImportRefused("Cette colonne n’existe pas dans le fichier.")
        for key, value in values.items():
            if isinstance(key, int):
                row.answers.cells[key] = value
            else:
                row.answers.values[key] = value
        ledger.judge_again(locked, [row])
    return _find_row(run, row_id)


def replace_value(
    run: ImportRun, user: User | None, position: int, old: str, new: str, reason: str | None = None
) -> int:
    """Replace a wrong value on every line where it stands; return on how many.

    `reason` tells an error from an empty cell, which neither has a value. What only its line can
    tell is left, whatever is asked.
    """
    with editing(run, user) as locked:
        letters = {c.letter for c in locked.columns if c.position == position}
        wrong = locked.rows.in_state(RowState.WRONG).filter(is_aside=False)
        rows = [
            row
            for row in wrong.order_by("number")
            if any(
                p.is_common
                and p.letter in letters
                and p.value == old
                and reason in (None, p.reason)
                for p in row.problems
            )
            and show_value(_read_cell(row, position)) == old
        ]
        for row in rows:
            row.answers.cells[position] = new
        ledger.judge_again(locked, rows)
    return len(rows)


def choose_record(run: ImportRun, user: User | None, row_id: int, record: int | None) -> ImportRow:
    """Say which record a line speaks of; None: a new one."""
    with editing(run, user) as locked:
        row = _find_row(locked, row_id)
        model = RESOURCES[locked.model_key]._meta.model
        if record is not None and not model._base_manager.filter(pk=record).exists():
            raise ImportRefused("Cette fiche n’existe plus. Choisissez-en une autre.")
        row.answers.record = "new" if record is None else record
        ledger.judge_again(locked, [row])
    return _find_row(run, row_id)


def ask_record_again(run: ImportRun, user: User | None, row_id: int) -> ImportRow:
    """Take back what was said of the record of a line: it is asked again if it must be."""
    with editing(run, user) as locked:
        row = _find_row(locked, row_id)
        row.answers = row.answers.without("record")
        ledger.judge_again(locked, [row])
    return _find_row(run, row_id)


def decide(run: ImportRun, user: User | None, row_id: int, field: str, decision: str) -> ImportRow:
    """Take the file's value of a cell, keep ours, or keep ours always. `field`: « postcode ».

    What is kept always, or no longer, is remembered when the import is applied.
    """
    if decision not in Decision.values:
        raise ImportRefused("Choisissez la valeur du fichier ou la nôtre.")
    with editing(run, user) as locked:
        row = _find_row(locked, row_id)
        if row.record_id is None:
            raise ImportRefused("Cette ligne ne modifie aucune fiche.")
        if decision != Decision.OURS and not may(user, "change", locked.model_key):
            raise NoRight("Votre accès ne permet pas de modifier ces fiches.")
        asked = next((p for p in row.problems if p.field == field), None)
        for name in (field, *(asked.together if asked else ())):
            row.answers.decisions[name] = decision
        ledger.judge_again(locked, [row])
        row = _find_row(locked, row_id)
        if decision == Decision.ALWAYS and field not in (row.kept or {}):
            raise ImportRefused("Cette cellule ne change rien\u00a0: il n’y a rien à refuser.")
    return row


@batches.returning_memory()
def keep_ours(run: ImportRun, user: User | None, rows: QuerySet[ImportRow], field: str) -> int:
    """Keep our value of a field on all these lines, which would replace it; return on how many."""

    def keep(lines: Iterable[ImportRow]) -> Iterator[ImportRow]:
        for line in lines:
            line.answers.decisions[field] = str(Decision.OURS)
            yield line

    with editing(run, user) as locked:
        replacing = rows.filter(record_id__isnull=False, after__has_key=field)
        keys = list(replacing.order_by("number").values_list("pk", flat=True))
        ledger.judge_again(locked, keep(batches.pick(locked.rows.all(), keys)))
    return len(keys)


def forget_kept_value(kept: KeptValue, user: User | None) -> None:
    """Take back « Toujours garder la nôtre »: the next file will ask again."""
    if not may(user, "change", kept.model_key):
        raise NoRight("Votre accès ne permet pas de modifier ces fiches.")
    kept.delete()


def forget_heading(taught: ColumnMapping, user: User | None) -> None:
    """Take back what a person said of a heading: the next file that has it is read without."""
    check_may_prepare(user, taught.model_key)
    taught.delete()


def set_aside(
    run: ImportRun, user: User | None, row_ids: Iterable[int], *, aside: bool = True
) -> int:
    """Put lines aside, or take them back; return how many."""
    with editing(run, user) as locked:
        rows = list(locked.rows.filter(pk__in=list(row_ids)))
        for row in rows:
            row.is_aside = aside
        ledger.judge_again(locked, rows)
    return len(rows)


def list_choosable_fields(model_key: str) -> list[tuple[str, str]]:
    """The fields that a person may give to a column, with what they are called.

    The key and the version of our own downloads are known by their headings alone.
    """
    return [
        (column.name, column.column_name)
        for column in RESOURCES[model_key]().list_columns()
        if column.role in (Role.DATA, Role.CHECK, Role.NEW)
    ]


@batches.returning_memory()
def change_columns(
    run: ImportRun, user: User | None, wanted: Mapping[int, tuple[str, bool]]
) -> bool:
    """Say of columns, by position, which field each gives and whether its empty cells empty ours.

    No field: « Ne pas reprendre cette colonne ». A column whose field is given to another gives it
    up, and a column that needed a look has had it. Return whether that says anything new.
    """
    with editing(run, user) as locked:
        known = {column.position: column for column in locked.columns}
        if not wanted.keys() <= known.keys():
            raise ImportRefused("Cette colonne n’existe pas dans le fichier.")
        before = _list_understood(locked)
        chosen, is_answered = _merge_choices(known, {p: field for p, (field, _) in wanted.items()})
        fields = {"", *(name for name, _ in list_choosable_fields(locked.model_key))}
        if not fields.issuperset(chosen.values()):
            raise ImportRefused("Choisissez l’un des champs proposés pour cette colonne.")
        known |= {p: replace(known[p], empties=empties) for p, (_, empties) in wanted.items()}
        locked.columns = list(known.values())
        if is_answered:
            _understand_again(locked, chosen)
        is_changed = _list_understood(locked) != before
        if is_changed:
            ledger.judge_again(locked)
    return is_answered or is_changed


def _list_understood(run: ImportRun) -> list[Any]:
    """What lines are judged by: the fields of the columns, whose the lines are, and their age."""
    taken = [(c.position, c.field or "", c.empties) for c in run.columns]
    return [*taken, run.is_mostly_foreign, run.is_older]


def _merge_choices(
    known: Mapping[int, FileColumn], wanted: Mapping[int, str]
) -> tuple[dict[int, str], bool]:
    """What people chose for the columns, then and now; and whether they now say anything new."""
    now = {p: column.field or "" for p, column in known.items()}
    changed = {p: field for p, field in wanted.items() if field != now[p]}
    given = set(changed.values()) - {""}
    confirmed = {
        p: field
        for p, field in wanted.items()
        if (known[p].level in ("unknown", "proposed", "ask") or known[p].how == "doubled")
        and p not in changed
    }
    before = {p: now[p] for p, column in known.items() if column.how == "person"}
    kept = {p: field for p, field in (before | confirmed).items() if field not in given}
    return kept | changed, bool(changed or confirmed)


@batches.returning_memory()
def say_whose(
    run: ImportRun, user: User | None, rows: QuerySet[ImportRow], *, belongs: bool
) -> int:
    """Say of lines that they are of the network, or that they are not; return of how many.

    Those of the network are taken, whoever had put them aside.
    """

    def say(lines: Iterable[ImportRow]) -> Iterator[ImportRow]:
        for line in lines:
            line.answers.belongs = belongs
            line.is_aside = line.is_aside and not belongs
            yield line

    with editing(run, user) as locked:
        keys = list(rows.order_by("number").values_list("pk", flat=True))
        ledger.judge_again(locked, say(batches.pick(locked.rows.all(), keys)))
    return len(keys)


@batches.returning_memory()
def answer_file(run: ImportRun, user: User | None, **answers: bool) -> None:
    """Answer what is asked of the file as a whole: `takes_all`, `takes_older`."""
    with editing(run, user) as locked:
        locked.answers = replace(locked.answers, **answers)
        ledger.judge_again(locked)


@batches.returning_memory()
def choose_sheet(run: ImportRun, user: User | None, sheet: str) -> None:
    """Read another sheet of the same file instead; what was mended in this one is lost."""
    with editing(run, user) as locked:
        workbook = _read_again(locked, sheet)
        locked.rows.all().delete()
        locked.new_waves, locked.columns = [], []
        locked.answers = replace(locked.answers, takes_older=False)
        preparation.fill(locked, workbook, sheet)


def find_other_records(run: ImportRun) -> str:
    """The key of the other records that a file speaks of; empty if none more than its own."""
    headings = [column.heading for column in run.columns]
    other = other_records.find_other_records(headings, run.columns, RESOURCES[run.model_key]())
    return other.model_key if other else ""


def choose_records(run: ImportRun, user: User | None, model_key: str) -> None:
    """Read the same file as other records instead; what was said of it until then is lost."""
    with editing(run, user) as locked:
        check_may_prepare(user, model_key)
        workbook = _read_again(locked, "")
        locked.rows.all().delete()
        locked.model_key, locked.wave, locked.association = model_key, None, None
        locked.new_waves, locked.columns, locked.answers = [], [], FileAnswers()
        preparation.fill(locked, workbook)


@batches.returning_memory()
def choose_lines(
    run: ImportRun, user: User | None, *, leaves_hidden: bool, reads_struck: bool
) -> None:
    """Read the lines that the spreadsheet hides or strikes through, or leave them.

    What people said of the columns and of the other lines stays.
    """
    with editing(run, user) as locked:
        workbook = _read_again(locked, locked.sheet)
        said = locked.rows.filter(Q(answers__isnull=False) | Q(is_aside=True))
        said = said.only("run", "number", "answers", "record_id", "is_aside")
        former = {row.number: row for row in said}
        locked.rows.all().delete()
        preparation.fill(
            locked,
            workbook,
            locked.sheet,
            leaves_hidden=leaves_hidden,
            reads_struck=reads_struck,
            chosen={c.position: c.field or "" for c in locked.columns if c.how == "person"},
            answered=former,
        )


def _read_again(run: ImportRun, sheet: str) -> reading.Workbook:
    if run.content is None:
        raise ImportRefused("Ce fichier n’est plus gardé. Déposez-le à nouveau.")
    if run.is_pasted:
        return reading.read_pasted(bytes(run.content).decode())
    return reading.read(bytes(run.content), run.file_name, only=sheet)


@batches.returning_memory()
def choose_wave(run: ImportRun, user: User | None, wave: LabellingWave | None) -> int:
    """Say which wave labelled the lines marked with an asterisk; return how many it changed."""
    with editing(run, user) as locked:
        before = _read_marked_waves(locked)
        locked.wave = wave
        ledger.judge_again(locked)
        after = _read_marked_waves(locked)
    return sum(before.get(key) != given for key, given in after.items())


def count_marked_without_wave(run: ImportRun) -> int:
    """Return how many lines are marked with an asterisk while no cell says their wave."""
    marked = run.rows.marked_new()
    column = find_wave_column(run)
    if column is None:
        return marked.count()
    if column.empties:
        return 0
    rows = marked.only("run", "cells", "answers").iterator(chunk_size=batches.BATCH)
    return sum(not show_value(_read_cell(row, column.position)) for row in rows)


def find_wave_column(run: ImportRun) -> FileColumn | None:
    return next((column for column in run.columns if column.field == "wave"), None)


def _read_marked_waves(run: ImportRun) -> dict[int, Any]:
    rows = run.rows.marked_new().values_list("pk", "after")
    return {key: after.get("wave_id") for key, after in rows}


def take_over(run: ImportRun, user: User) -> None:
    """Put a colleague's preparation in one's own name; it is written down."""
    with transaction.atomic():
        locked = ImportRun.objects.locked(run.pk)
        check_may_prepare(user, locked.model_key)
        if locked.author_id == user.pk:
            return
        check_is_preparing(locked)
        now = timezone.now()
        locked.takeovers.append(Takeover(name_user(locked.author), name_user(user), now))
        locked.author, locked.touched_at, locked.is_repaired = user, now, True
        locked.save()


def discard(run: ImportRun, user: User | None) -> None:
    """Give up a preparation: nothing of it stays."""
    with transaction.atomic():
        locked = ImportRun.objects.locked(run.pk)
        check_may_edit(user, locked)
        locked.delete()


def _understand_again(run: ImportRun, chosen: Mapping[int, str]) -> None:
    """Take the columns for what people say of them, by the ledger's own cells."""
    resource = RESOURCES[run.model_key]()
    width = max(column.position for column in run.columns) + 1
    headings = [""] * width
    for column in run.columns:
        headings[column.position] = column.heading
    rows = run.rows.order_by("number").values_list("number", "cells")
    lines = [
        FileLine(number, [None if isinstance(cell, CellFault) else cell for cell in cells])
        for number, cells in rows.iterator(chunk_size=batches.BATCH)
    ]
    saved = preparation.read_saved_columns(run.model_key)
    known = preparation.read_known_sites(run.model_key)
    columns, problems = give_columns(headings, lines, resource, saved, chosen, known)
    preparation.take_columns(run, resource, columns, problems)
    preparation.find_membership(run, lines, known)


def _find_row(run: ImportRun, row_id: int) -> ImportRow:
    row = run.rows.filter(pk=row_id).first()
    if row is None:
        raise ImportRefused("Cette ligne n’existe plus\u00a0: rechargez la page.")
    return row


def _read_cell(row: ImportRow, position: int) -> Any:
    cells = read_cells(row)
    return cells[position] if position < len(cells) else None


def _is_error(row: ImportRow | None, position: int | None) -> bool:
    return (
        row is not None
        and position is not None
        and isinstance(_read_cell(row, position), CellFault)
    )

"""A table and the records -> what an import would change, kept line by line in the ledger."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import BinaryIO

from django.contrib.auth.models import User
from django.db import transaction

from labelling import text
from labelling.choices import RowState
from labelling.models import ColumnMapping, ImportRun, LabellingWave
from labelling.models.stored import FileColumn, FileSheet, StatedTotal
from labelling.spreadsheets.files import reading
from labelling.spreadsheets.files.reading import Sheet, Workbook
from labelling.spreadsheets.resources import (
    RESOURCES,
    SheetResource,
    SiteResource,
)
from labelling.spreadsheets.runs import batches, ledger, rights
from labelling.spreadsheets.runs.lines_to_correct import origin_of
from labelling.spreadsheets.runs.rights import ImportRefused
from labelling.spreadsheets.tables.columns import FileLine, column_remarks
from labelling.spreadsheets.tables.headings import (
    Body,
    FileTable,
    HeadingsError,
    foot_remarks,
    understand,
)
from labelling.spreadsheets.tables.release_text import (
    ReleaseTable,
    is_release,
    text_of,
    understand_release,
)
from labelling.spreadsheets.tables.totals import Total

# Lines of the longest text that may be a press release.
_LONGEST_RELEASE = 2000


def prepare(
    data: bytes | None = None,
    *,
    pasted: str = "",
    name: str = "",
    author: User | None = None,
    model_key: str = "site",
    sheet: str = "",
    wave: LabellingWave | None = None,
) -> ImportRun:
    """Read a file, or pasted lines, and keep what it would change. No record is written.

    `author` is None on the command line, which has every right. `wave` labels the lines marked
    with an asterisk. Raise ReadingError, HeadingsError or ImportRefused, in French, and keep
    nothing, if the file is not read, not understood, or not for this person to import.
    """
    rights.check_may_prepare(author, model_key)
    content = data if data is not None else pasted.encode()
    workbook = reading.read(data, name) if data is not None else reading.read_pasted(pasted)
    run = ImportRun(
        model_key=model_key,
        author=author,
        wave=wave,
        file_name=name[:255],
        is_pasted=data is None,
        digest=hashlib.sha256(content).hexdigest(),
        content=content,
    )
    release = _release(workbook, model_key, pasted)
    with transaction.atomic():
        if release is not None:
            _fill_from_release(run, release)
        else:
            fill(run, workbook, sheet)
    return run


def prepare_csv(
    file: BinaryIO,
    *,
    name: str = "",
    model_key: str = "site",
    wave: LabellingWave | None = None,
    progress: ledger.Progress | None = None,
) -> ImportRun:
    """Prepare a CSV file of any length, for the command line: memory does not grow with it.

    Its bytes are not kept. The same refusals as `prepare`.
    """
    digest = _digest_of(file)
    file.seek(0)
    records = reading.stream_csv(file)
    head = list(islice(records, batches.BATCH))
    rows, numbers = [record.cells for record in head], [record.line_number for record in head]
    saved = saved_columns(model_key)
    table = understand(rows, RESOURCES[model_key](), saved, numbers=numbers, goes_on=True)
    run = ImportRun(model_key=model_key, wave=wave, file_name=name[:255], digest=digest)
    take_table(run, table)
    faults: ledger.Faults = {r.line_number: r.problems for r in head if r.problems}
    body = Body.of(table, _numbered(records, faults))
    run.save()
    try:
        ledger.write_rows(run, body, faults=faults, progress=progress)
        _take_foot(run, body.totals(0), body.notes)
        with transaction.atomic():
            ledger.finish(run)
    except BaseException:
        ledger.forget(run)
        raise
    return run


def _numbered(
    records: Iterable[reading.DelimitedRecord], faults: ledger.Faults
) -> Iterator[tuple[int, list[str | None]]]:
    """The cells of the records, numbered; those in error go to `faults`."""
    for record in records:
        if record.problems:
            faults[record.line_number] = record.problems
        yield record.line_number, record.cells


def _digest_of(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    while part := file.read(2**20):
        digest.update(part)
    return digest.hexdigest()


def fill(run: ImportRun, workbook: Workbook, sheet: str = "") -> None:
    """Write the ledger of `run` from one sheet: the named one, else the first that has a table."""
    chosen, table = choose(workbook, run.model_key, sheet)
    origin = origin_of(table, run.model_key)
    if origin is not None:
        table = _understood(chosen, RESOURCES[run.model_key](), origin.chosen(table))
    run.sheet = chosen.name[:255]
    run.sheets = [FileSheet(other.name, other.is_hidden) for other in workbook.sheets]
    take_table(run, table)
    if origin is not None:
        origin.hand_over(run)
    run.save()
    former = origin.lines() if origin is not None else None
    ledger.write_rows(run, table.lines, faults=_faults(chosen), former=former)
    ledger.finish(run)


def _release(workbook: Workbook, model_key: str, pasted: str) -> ReleaseTable | None:
    """The list of a press release, if the text is one."""
    if model_key != "site" or len(workbook.sheets) != 1 or workbook.sheets[0].name:
        return None
    words = text.legible(pasted or text_of(workbook.sheets[0].rows[:_LONGEST_RELEASE]))
    return understand_release(words, SiteResource()) if is_release(words) else None


def _fill_from_release(run: ImportRun, table: ReleaseTable) -> None:
    take_table(run, table)
    if run.wave is None and table.wave_name:
        run.wave = _wave_of(table)
        if run.wave is None:
            run.remarks.append(
                text.typeset(
                    f"Le communiqué annonce la vague « {table.wave_name} », qui n’existe pas "
                    "encore. Créez-la avec la date à partir de laquelle son label est valable, "
                    "puis choisissez-la ici."
                )
            )
    run.save()
    ledger.write_rows(run, table.lines)
    ledger.finish(run)


def _wave_of(table: ReleaseTable) -> LabellingWave | None:
    waves = LabellingWave.objects.all()
    for known in ({"decided_on": table.decided_on}, {"announced_on": table.announced_on}):
        if None not in known.values() and (wave := waves.filter(**known).first()):
            return wave
    key = text.sort_key(table.wave_name or "")
    return next((wave for wave in waves if text.sort_key(wave.name) == key), None)


def choose(workbook: Workbook, model_key: str, sheet: str = "") -> tuple[Sheet, FileTable]:
    """The sheet to read and its table.

    None named: the first visible sheet whose table is understood, else the first with a table.
    """
    resource = RESOURCES[model_key]()
    if sheet:
        named = [other for other in workbook.sheets if other.name == sheet]
        if not named:
            names = text.enumeration([f"«\u00a0{s.name}\u00a0»" for s in workbook.sheets])
            raise ImportRefused(
                f"Ce classeur n’a pas de feuille «\u00a0{sheet}\u00a0». Il a\u00a0: {names}."
            )
        return named[0], _understood(named[0], resource)
    refusal: Exception = ImportRefused(
        "Toutes les feuilles de ce classeur sont masquées. Affichez celle à importer, enregistrez, "
        "puis déposez-le à nouveau."
    )
    doubtful: tuple[Sheet, FileTable] | None = None
    for candidate in workbook.sheets:
        if candidate.is_hidden:
            continue
        try:
            table = _understood(candidate, resource)
        except HeadingsError as error:
            refusal = error
            continue
        if table.is_understood:
            return candidate, table
        doubtful = doubtful or (candidate, table)
    if doubtful is None:
        raise refusal
    return doubtful


def _understood(
    sheet: Sheet, resource: SheetResource, chosen: Mapping[int, str] | None = None
) -> FileTable:
    saved = saved_columns(resource.model_key)
    return understand(sheet.rows, resource, saved, numbers=sheet.line_numbers, chosen=chosen)


def take_table(run: ImportRun, table: FileTable) -> None:
    """Note what was understood of the headings."""
    run.heading_line = table.heading_line
    run.is_national_list = table.is_state_list
    run.totals, run.columns, run.remarks = [], [], []
    take_columns(run, RESOURCES[run.model_key](), table.columns, table.problems)
    _take_foot(run, table.totals, table.notes)


def _take_foot(run: ImportRun, totals: Iterable[Total], notes: Sequence[FileLine]) -> None:
    """Note what the file states of itself, and what stands below its table."""
    # What was read is counted from the lines, whatever becomes of the columns.
    run.totals += [StatedTotal(total.what, total.stated, total.sentence) for total in totals]
    run.remarks += foot_remarks(notes)


def take_columns(
    run: ImportRun, resource: SheetResource, columns: Sequence[FileColumn], problems: Iterable[str]
) -> None:
    """Note which column gives which field, and what must be decided before lines are taken."""
    # An empty cell empties where a person said so, whatever becomes of the headings.
    emptied = {column.position for column in run.columns if column.empties}
    outdated = column_remarks(run.columns, resource)
    others = [remark for remark in run.remarks if remark not in outdated]
    run.remarks = [*column_remarks(columns, resource), *others]
    run.problems = list(problems)
    run.columns = [replace(column, empties=column.position in emptied) for column in columns]


def saved_columns(model_key: str) -> dict[str, str]:
    """The fields that this team gave to headings before; empty: not taken."""
    found = ColumnMapping.objects.filter(model_key=model_key)
    return dict(found.values_list("heading", "field"))


def _faults(sheet: Sheet) -> ledger.Faults:
    faults: ledger.Faults = defaultdict(dict)
    for problem in sheet.problems:
        faults[sheet.line_numbers[problem.row]][problem.column] = problem.reason
    return faults


def lines_read(run: ImportRun) -> str:
    """Say how many lines were read and, of the State's list, how many are of the network."""
    counts = run.rows.counts()
    outside = counts.pop(RowState.OUTSIDE)
    lines = sum(counts.values())
    if not run.is_national_list:
        return f"{text.counted(lines, 'ligne lue', 'lignes lues')}."
    concern = text.plural(lines, "concerne", "concernent")
    said = f"{text.counted(lines, 'ligne')} {concern} le réseau"
    if outside:
        one, many = "la seule autre est mise", f"les {text.number(outside)} autres sont mises"
        said += f" ; {text.plural(outside, one, many)} de côté"
    return text.typeset(f"{said}.")


def totals_of(run: ImportRun) -> list[Total]:
    """What the file says of its own number of lines, against what was read of it."""
    if not run.totals:
        return []
    counted = {"lines": run.rows.count(), "new": run.rows.marked_new().count()}
    return [
        Total(total.what, total.stated, counted[total.what], total.sentence) for total in run.totals
    ]

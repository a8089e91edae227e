"""A table and the records -> what an import would change, kept line by line in the ledger."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from django.contrib.auth.models import User
from django.db import transaction

from labelling import text
from labelling.choices import ImportStatus, RowState
from labelling.days import find_day
from labelling.models import Association, ColumnMapping, ImportRow, ImportRun, LabellingWave
from labelling.models.stored import FileAnswers, FileColumn, FileSheet, StatedTotal
from labelling.spreadsheets.files import reading
from labelling.spreadsheets.files.reading import Sheet, Workbook
from labelling.spreadsheets.resources import (
    RESOURCES,
    SheetResource,
    SiteResource,
)
from labelling.spreadsheets.runs import batches, ledger, rights, sheet_facts
from labelling.spreadsheets.runs.lines_to_correct import find_origin
from labelling.spreadsheets.runs.rights import ImportRefused
from labelling.spreadsheets.tables.age import is_older
from labelling.spreadsheets.tables.columns import word_column_remarks
from labelling.spreadsheets.tables.headings import (
    FileTable,
    HeadingsError,
    understand,
)
from labelling.spreadsheets.tables.known_headings import FileLine
from labelling.spreadsheets.tables.known_sites import KnownSites
from labelling.spreadsheets.tables.mail import MailTable, understand_mail
from labelling.spreadsheets.tables.membership import Membership
from labelling.spreadsheets.tables.release_text import (
    ReleaseTable,
    is_release,
    join_rows,
    understand_release,
)
from labelling.spreadsheets.tables.totals import Total
from labelling.spreadsheets.widgets import Lookups

# Of imports that were applied, so many names are read for their day.
_MOST_NAMES = 100
# Lines of the longest text that may be a press release.
_LONGEST_RELEASE = 2000
OLDER = text.typeset(
    "Ce fichier est plus ancien que nos fiches : il s’arrête avant notre dernière vague, ou son "
    "nom porte une date d’avant."
)

# Lines of others that stay are found by their numbers: so many at once.
_MOST_STRANGERS = 20
_STRANGERS = "rien du réseau, ni PIMMS dans un nom, ni l’une de nos fiches."


@batches.returning_memory()
def prepare(
    data: bytes | None = None,
    *,
    pasted: str = "",
    name: str = "",
    author: User | None = None,
    model_key: str = "site",
    sheet: str = "",
    wave: LabellingWave | None = None,
    association: Association | None = None,
    takes_all: bool = False,
    completes_wave: bool = False,
    leaves_hidden: bool = False,
    reads_struck: bool = False,
) -> ImportRun:
    """Read a file, or pasted lines, and keep what it would change. No record is written.

    `author` is None on the command line, which has every right. `wave` labels the lines marked
    with an asterisk; new sites are of the `association`, unless their line names one. `takes_all`:
    every line is of the network, whatever shows it. `completes_wave`: every site that is new, or a
    candidate, is of the `wave`, unless its line names another. Lines that the spreadsheet hides
    are read unless `leaves_hidden`, those that it strikes through only if `reads_struck`. Raise
    ReadingError, HeadingsError or ImportRefused, in French, and keep nothing, if the file is not
    read, not understood, or not for this person to import.
    """
    rights.check_may_prepare(author, model_key)
    content = data if data is not None else pasted.encode()
    if data is not None:
        workbook = reading.read(data, name, only=sheet)
    else:
        workbook = reading.read_pasted(pasted)
    run = ImportRun(
        model_key=model_key,
        author=author,
        wave=wave,
        association=association,
        file_name=name[:255],
        is_pasted=data is None,
        digest=hashlib.sha256(content).hexdigest(),
        content=content,
        answers=FileAnswers(takes_all=takes_all, completes_wave=completes_wave),
    )
    release = _read_release(workbook, model_key, pasted)
    mail = None if release else _read_mail(workbook, run)
    with transaction.atomic():
        if release is not None:
            _fill_from_release(run, release)
        elif mail is not None:
            _fill_from_mail(run, mail)
        else:
            fill(run, workbook, sheet, leaves_hidden=leaves_hidden, reads_struck=reads_struck)
    return run


def fill(
    run: ImportRun,
    workbook: Workbook,
    sheet: str = "",
    *,
    leaves_hidden: bool = False,
    reads_struck: bool = False,
    chosen: Mapping[int, str] | None = None,
    answered: Mapping[int, ImportRow] | None = None,
) -> None:
    """Write the ledger of `run` from one sheet: the named one, else the first that has a table.

    What people said before stays: the fields that they have `chosen` for columns, by position,
    and what they `answered` of lines, by number.
    """
    workbook = Workbook(
        [
            sheet_facts.leave_lines(other, leaves_hidden=leaves_hidden, reads_struck=reads_struck)
            for other in workbook.sheets
        ]
    )
    saved, known = read_saved_columns(run.model_key), read_known_sites(run.model_key)
    read, table = choose(workbook, run.model_key, saved, known, sheet)
    origin = find_origin(table, run.model_key)
    if origin is not None or chosen:
        theirs = origin.find_chosen(table) if origin is not None else {}
        said = {**theirs, **(chosen or {})}
        table = _understand(read, RESOURCES[run.model_key](), saved, known, said)
    run.sheet = read.name[:255]
    run.sheets = [
        sheet_facts.store_sheet(other, leaves_hidden=leaves_hidden, reads_struck=reads_struck)
        if other is read
        else FileSheet(other.name, other.is_hidden)
        for other in workbook.sheets
    ]
    take_table(run, table)
    find_membership(run, table.lines, known)
    run.remarks += sheet_facts.word_remarks(run, workbook, read)
    if origin is not None:
        origin.hand_over(run)
    run.save()
    former = origin.read_lines() if origin is not None else {}
    ledger.write_rows(run, table.lines, faults=read.faults, former={**former, **(answered or {})})
    ledger.finish(run)


def _read_release(workbook: Workbook, model_key: str, pasted: str) -> ReleaseTable | None:
    """The list of a press release, if the text is one."""
    if model_key != "site" or len(workbook.sheets) != 1 or workbook.sheets[0].name:
        return None
    words = text.legible(pasted or join_rows(workbook.sheets[0].rows[:_LONGEST_RELEASE]))
    return understand_release(words, SiteResource()) if is_release(words) else None


def _fill_from_release(run: ImportRun, table: ReleaseTable) -> None:
    take_table(run, table)
    find_membership(run, table.lines, read_known_sites(run.model_key))
    if run.wave is None and table.wave_name:
        run.wave = _find_wave(table)
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


def _read_mail(workbook: Workbook, run: ImportRun) -> MailTable | None:
    """The sites of a mail, if the lines are one: of a text, pasted or in a file of its own."""
    sheet = workbook.sheets[0]
    if run.model_key != "site" or sheet.name:
        return None
    has_wave = run.wave is not None and not run.answers.completes_wave
    return understand_mail(sheet.rows, sheet.line_numbers, SiteResource(), has_wave=has_wave)


def _fill_from_mail(run: ImportRun, table: MailTable) -> None:
    take_table(run, table)
    find_membership(run, table.lines, read_known_sites(run.model_key))
    run.save()
    ledger.write_rows(run, table.lines)
    ledger.finish(run)


def _find_wave(table: ReleaseTable) -> LabellingWave | None:
    waves = LabellingWave.objects.all()
    for known in ({"decided_on": table.decided_on}, {"announced_on": table.announced_on}):
        if None not in known.values() and (wave := waves.filter(**known).first()):
            return wave
    key = text.sort_key(table.wave_name or "")
    return next((wave for wave in waves if text.sort_key(wave.name) == key), None)


def choose(
    workbook: Workbook,
    model_key: str,
    saved: Mapping[str, str],
    known: KnownSites,
    sheet: str = "",
) -> tuple[Sheet, FileTable]:
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
        return named[0], _understand(named[0], resource, saved, known)
    refusal: Exception = ImportRefused(
        "Toutes les feuilles de ce classeur sont masquées. Affichez celle à importer, enregistrez, "
        "puis déposez-le à nouveau."
    )
    doubtful: tuple[Sheet, FileTable] | None = None
    for candidate in workbook.sheets:
        if candidate.is_hidden:
            continue
        try:
            table = _understand(candidate, resource, saved, known)
        except (HeadingsError, ImportRefused) as error:
            refusal = error
            continue
        if table.is_understood and table.lines:
            return candidate, table
        doubtful = doubtful or (candidate, table)
    if doubtful is None:
        raise refusal
    return doubtful


def _understand(
    sheet: Sheet,
    resource: SheetResource,
    saved: Mapping[str, str],
    known: KnownSites,
    chosen: Mapping[int, str] | None = None,
) -> FileTable:
    """The table of a sheet; raise HeadingsError, or ImportRefused where no line has a value."""
    faults = sheet.faults
    try:
        table = understand(
            sheet.rows,
            resource,
            saved,
            numbers=sheet.line_numbers,
            chosen=chosen,
            known=known,
            faulty=faults.keys(),
        )
    except HeadingsError as error:
        sheet_facts.refuse_unread(sheet, sheet.rows)
        raise HeadingsError(f"{error} {sheet_facts.word_doubt(sheet)}".strip()) from error
    sheet_facts.refuse_unread(sheet, [line.cells for line in table.lines])
    return table


def read_known_sites(model_key: str) -> KnownSites:
    """The sites that the values of a file are compared with; none for other records."""
    return KnownSites.read() if model_key == "site" else KnownSites()


def take_table(run: ImportRun, table: FileTable) -> None:
    """Note what was understood of the headings."""
    run.heading_line = table.heading_line
    # Which empty cells empty a value stays said.
    run.remarks = []
    take_columns(run, RESOURCES[run.model_key](), table.columns, table.problems)
    # What was read is counted from the lines, whatever becomes of the columns.
    run.totals = [
        StatedTotal(
            total.what,
            total.stated,
            total.sentence,
            total.counted if total.heading else None,
            total.heading,
        )
        for total in table.totals
    ]
    run.remarks += table.list_remarks()


def take_columns(
    run: ImportRun, resource: SheetResource, columns: Sequence[FileColumn], problems: Iterable[str]
) -> None:
    """Note which column gives which field, and what must be decided before lines are taken."""
    # An empty cell empties where a person said so, whatever becomes of the headings.
    emptied = {column.position for column in run.columns if column.empties}
    outdated = word_column_remarks(run.columns, resource)
    others = [remark for remark in run.remarks if remark not in outdated]
    run.remarks = [*word_column_remarks(columns, resource), *others]
    run.problems = list(problems)
    run.columns = [replace(column, empties=column.position in emptied) for column in columns]


def find_membership(run: ImportRun, lines: Sequence[FileLine], known: KnownSites) -> None:
    """Note whose the lines are, as the columns now tell, and whether the list is an old one."""
    run.is_mostly_foreign = run.is_older = False
    if run.model_key != "site":
        return
    membership = Membership(run.columns, known)
    if membership.is_ours:
        return
    run.is_mostly_foreign = membership.is_mostly_foreign(lines)
    is_old = is_older(run.columns, lines, known, Lookups()) or _is_named_older(run)
    run.is_older = is_old and run.is_mostly_foreign
    run.remarks = [r for r in run.remarks if r != OLDER and _STRANGERS not in r]
    strangers = [] if run.is_mostly_foreign else membership.list_strangers(lines)
    if strangers and not run.answers.takes_all:
        run.remarks.append(word_strangers(strangers))
    if is_old:
        run.remarks.append(OLDER)


def word_strangers(numbers: Sequence[int]) -> str:
    """What to know of lines that nothing shows to be ours, in a file most of which is ours."""
    count = len(numbers)
    show = text.plural(count, "ne montre", "ne montrent")
    stay = text.plural(count, "Elle reste", "Elles restent")
    them = text.plural(count, "la", "les")
    if count > _MOST_STRANGERS:
        them = f"les {_MOST_STRANGERS} premières"
    searched = " ".join(map(str, numbers[:_MOST_STRANGERS]))
    return text.typeset(
        f"{text.counted(count, 'ligne')} {show} {_STRANGERS} {stay}, la plupart des autres étant "
        f"du réseau. Pour {them} voir, cherchez « {searched} » parmi les lignes."
    )


def _is_named_older(run: ImportRun) -> bool:
    """Whether a list that tells no wave is older than one that was applied, by their names."""
    day = find_day(run.file_name)
    if day is None or any(column.field == "wave" for column in run.columns):
        return False
    applied = ImportRun.objects.filter(model_key=run.model_key, status=ImportStatus.APPLIED)
    names = applied.order_by("-pk").values_list("file_name", flat=True)[:_MOST_NAMES]
    return any(other > day for other in map(find_day, names) if other)


def read_saved_columns(model_key: str) -> dict[str, str]:
    """The fields that this team gave to headings before; empty: not taken."""
    mappings = ColumnMapping.objects.filter(model_key=model_key)
    return dict(mappings.values_list("heading", "field"))


def word_lines_read(run: ImportRun) -> str:
    """Say how many lines were read and, of the State's list, how many are of the network."""
    counts = run.rows.count_states()
    outside, maybe = counts.pop(RowState.OUTSIDE), counts.pop(RowState.MAYBE)
    lines = sum(counts.values())
    if run.heading_line and not lines + outside + maybe:
        return "Le fichier a des titres et aucune ligne."
    if not outside and not maybe:
        return f"{text.counted(lines, 'ligne lue', 'lignes lues')}."
    sentence = f"{text.counted(lines, 'ligne') if lines else 'Aucune ligne'} du réseau"
    if outside:
        aside = text.plural(outside, "mise", "mises")
        sentence += f", {text.number(outside)} d’autres réseaux {aside} de côté"
    if maybe:
        sentence += f", {text.number(maybe)} en doute"
    return text.typeset(f"{sentence}.")


def list_totals(run: ImportRun) -> list[Total]:
    """What the file says of its own number of lines, against what was read of it."""
    if not run.totals:
        return []
    counted = {"lines": run.rows.count(), "new": run.rows.marked_new().count()}
    return [
        Total(
            total.what,
            total.stated,
            counted[total.what] if total.counted is None else total.counted,
            total.sentence,
            total.heading,
        )
        for total in run.totals
    ]

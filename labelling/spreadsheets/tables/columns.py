"""Which column of a file is which field of a resource, and what keeps a column out."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from labelling.models.stored import FileColumn, Level
from labelling.spreadsheets.files.reading import format_letters
from labelling.spreadsheets.resources import (
    KEY_HEADING,
    VERSION_HEADING,
    Role,
    SheetResource,
)
from labelling.spreadsheets.tables.decisions import Decider, Decision
from labelling.spreadsheets.tables.known_headings import (
    NEVER_SET,
    FileLine,
    fold_heading,
)
from labelling.spreadsheets.tables.known_sites import KnownSites
from labelling.spreadsheets.tables.other_records import find_other_records, word_other_records
from labelling.spreadsheets.tables.rules import Table
from labelling.spreadsheets.tables.samples import list_samples, show_samples
from labelling.spreadsheets.tables.strayed_addresses import leave_strayed_addresses
from labelling.spreadsheets.widgets import Cell, CellError, ChoiceWidget, show, word_alternatives
from labelling.text import enumeration, typeset

# The surest first; what a person said before all.
_LEVELS: tuple[Level, ...] = ("certain", "proven", "proposed")
_HOWS = ("person", "saved", "exact", "words", "values")

SAMPLES = 3
# Lines in which columns without a heading are looked for.
_LINES = 3000


def count_to_check(columns: Iterable[FileColumn]) -> int:
    """Return how many columns need a look: those that wait for an answer, or are not known."""
    return sum(column.level in ("ask", "proposed", "unknown") for column in columns)


def give_columns(
    headings: Sequence[str],
    lines: Sequence[FileLine],
    resource: SheetResource,
    saved: Mapping[str, str],
    chosen: Mapping[int, str],
    known: KnownSites,
) -> tuple[list[FileColumn], list[str]]:
    """Return the columns, each with its field, and what a person must decide about them first.

    `saved` holds fields by heading, `chosen` by position; "" for a column not to be taken. `known`
    are the sites that values are compared with.
    """
    matched = match_columns(headings, lines, resource, saved, chosen, known)
    columns, problems = drop_doubles(matched, lines, resource)
    columns = leave_half_pairs(columns)
    columns = leave_strayed_addresses(columns, lines, resource.lookups, known)
    missing = explain_missing_columns(columns, resource)
    if missing and (other := find_other_records(headings, columns, resource)):
        missing.append(word_other_records(other))
    return columns, [
        *problems,
        *explain_questions(columns),
        *missing,
        *explain_refused_columns(columns, resource),
    ]


def match_columns(
    headings: Sequence[str],
    lines: Sequence[FileLine],
    resource: SheetResource,
    saved: Mapping[str, str],
    chosen: Mapping[int, str],
    known: KnownSites,
) -> list[tuple[FileColumn, Decision]]:
    """Return the columns that have a heading or a value, each with what was decided of it."""
    width = measure_width(headings, lines)
    samples = list_samples(headings, lines, width)
    formats = resource.fields["format"].widget if "format" in resource.fields else None
    table = Table(
        samples,
        lines,
        known,
        resource.lookups,
        formats if isinstance(formats, ChoiceWidget) else None,
    )
    decider = Decider(table, resource, saved, chosen)
    columns = []
    for sample in samples:
        shown = show_samples(lines, sample.position, SAMPLES)
        if not sample.key and not shown:
            continue
        decision = decider.decide(sample)
        column = FileColumn(
            sample.position,
            format_letters(sample.position),
            sample.heading,
            decision.field or None,
            decision.how,
            shown,
            decision.note,
            level=decision.level,
            proposed=decision.proposed,
            titled=decision.titled,
        )
        columns.append((column, decision))
    return columns


def measure_width(headings: Sequence[str], lines: Sequence[FileLine]) -> int:
    """Return how many columns there are: those with headings, and those filled beside them.

    What one separator too many shifts makes no column, unless it is in every line.
    """
    width = max((i for i, heading in enumerate(headings, 1) if heading), default=0)
    count = sum(map(bool, headings))
    shifted = [is_shifted(line.cells, width, count) for line in lines]
    are_all = len(lines) > 1 and all(shifted)
    straight = (line for line, is_bad in zip(lines, shifted, strict=True) if are_all or not is_bad)
    return max([width, *(measure_filled(line.cells) for line in islice(straight, _LINES))])


def is_shifted(cells: Sequence[object], width: int, count: int) -> bool:
    """Whether a line has more filled cells than there are headings, the first too many beside."""
    if not count or width >= len(cells) or cells[width] in (None, ""):
        return False
    return sum(cell not in (None, "") for cell in cells) > count


def measure_filled(cells: Sequence[object]) -> int:
    """Return how many cells there are up to the last filled one."""
    end = len(cells)
    while end and cells[end - 1] in (None, ""):
        end -= 1
    return end


def drop_doubles(
    matched: Sequence[tuple[FileColumn, Decision]],
    lines: Sequence[FileLine],
    resource: SheetResource,
) -> tuple[list[FileColumn], list[str]]:
    """Return the columns, one at most for each field, and what a person must decide about them."""
    kept = {column.position: column for column, _ in matched}
    problems = []
    given: dict[str, list[tuple[FileColumn, Decision]]] = {}
    for column, decision in matched:
        if decision.level in _LEVELS and (name := decision.field or decision.proposed):
            given.setdefault(name, []).append((column, decision))
    for name, doubled in given.items():
        if len(doubled) < 2:
            continue
        doubled.sort(key=lambda pair: (*_rank(pair[1]), -pair[1].strength, pair[0].position))
        first, best = doubled[0]
        label, read = resource.find_column(name).column_name, _make_reader(name, resource)
        differing = {
            c.position for c, d in doubled[1:] if d.field and not _agree(first, c, lines, read)
        }
        rivals = [c for c, d in doubled[1:] if _rank(d) == _rank(best) and c.field]
        if any(column.position in differing for column in rivals):
            letters = enumeration([c.letter for c in sorted([first, *rivals], key=_by_position)])
            problems.append(
                f"Les colonnes {letters} donnent toutes « {label} » et ne disent pas la même "
                "chose. Choisissez celle à reprendre."
            )
        for column, _ in doubled[1:]:
            note = f"« {label} » est déjà donné par la colonne {first.letter}"
            differs = column.position in differing
            if differs:
                note += ", qui ne dit pas la même chose partout"
            kept[column.position] = replace(
                column,
                field=None,
                # Of those that are as sure as the first, only a person tells which is right.
                proposed=name if differs and column in rivals else "",
                titled=name if differs else "",
                how="doubled",
                level="aside",
                note=typeset(f"{note}."),
            )
    return list(kept.values()), [typeset(problem) for problem in problems]


def leave_half_pairs(columns: Sequence[FileColumn]) -> list[FileColumn]:
    """Return the columns, a latitude without its longitude left out unless a person took it."""
    fields = {column.field for column in columns}
    # Our own downloads may have lost a column on purpose.
    if len(fields & {"latitude", "longitude"}) != 1 or "key" in fields:
        return list(columns)
    note = typeset("Une latitude et une longitude vont ensemble : il manque l’autre.")
    return [
        replace(column, field=None, titled=column.field, level="aside", note=note)
        if column.field in ("latitude", "longitude") and column.how != "person"
        else column
        for column in columns
    ]


def explain_questions(columns: Iterable[FileColumn]) -> list[str]:
    """Return what to answer of each column whose heading and values disagree."""
    return [
        typeset(f"{_name_column(column)} : {column.note} Dites comment la lire.")
        for column in columns
        if column.level == "ask"
    ]


def explain_missing_columns(columns: Iterable[FileColumn], resource: SheetResource) -> list[str]:
    """Return what to say if no column tells which record a line speaks of."""
    columns = list(columns)
    given = {column.field for column in columns}
    if resource.tells_records(given):
        return []
    waiting = [column for column in columns if column.level in ("ask", "proposed")]
    asked = given | {name for column in waiting for name in (column.proposed, column.titled)}
    if resource.tells_records(asked):
        return [
            typeset(
                "Aucune colonne ne dit encore de quelle fiche parle chaque ligne. Répondez aux "
                "questions sur les colonnes."
            )
        ]
    ways = [
        enumeration([f"« {_name_field(name, resource)} »" for name in names])
        for names in resource.needed
        if names != ("key",)
    ]
    sentence = "Aucune colonne ne dit de quelle fiche parle chaque ligne. Il faut"
    told = [
        f" « {_name_field(name, resource)} » peut être lu dans "
        f"{word_alternatives([f'« {_name_field(code, resource)} »' for code in codes])}."
        for name, codes in resource.told_by.items()
    ]
    return [typeset(f"{sentence} {word_alternatives(ways)}.{''.join(told)}")]


def explain_refused_columns(columns: Iterable[FileColumn], resource: SheetResource) -> list[str]:
    """Return what to do of columns that may not be lost, unless a person said to leave them out."""
    refused = {fold_heading(name): reason for name, reason in resource.refused_headings.items()}
    reasons = [
        refused[fold_heading(column.heading)]
        for column in columns
        if column.field is None
        and column.how != "person"
        and fold_heading(column.heading) in refused
    ]
    return [typeset(reason) for reason in dict.fromkeys(reasons)]


def word_column_remarks(columns: Sequence[FileColumn], resource: SheetResource) -> list[str]:
    """Name the columns that are in the file and will not be written: sentences."""
    remarks = []
    unknown = [f"« {c.heading} » ({c.letter})" for c in columns if _is_unknown(c)]
    if len(unknown) == 1:
        remarks.append(f"La colonne {unknown[0]} n’a pas été reconnue.")
    elif unknown:
        remarks.append(f"Les colonnes {enumeration(unknown)} n’ont pas été reconnues.")
    remarks += [
        f"{_name_column(column)} : {column.note} Elle n’est pas reprise tant que personne ne l’a "
        "dit."
        for column in columns
        if column.level == "proposed"
    ]
    left = [
        column
        for column in columns
        if column.level == "aside"
        and (column.how == "values" or (column.titled and column.how not in ("person", "saved")))
    ]
    # What is said of several columns together is said once.
    for note in dict.fromkeys(column.note for column in left):
        together = [column for column in left if column.note == note]
        remarks.append(f"{_name_columns(together)} : {note}")
    fixed = [f"« {c.heading} »" for c in columns if c.heading and _is_fixed(c, resource)]
    if len(fixed) == 1:
        remarks.append(f"La colonne {fixed[0]} ne se remplit pas depuis un fichier.")
    elif fixed:
        remarks.append(
            f"Les colonnes {enumeration(fixed)} ne se remplissent pas depuis un fichier."
        )
    checks = [f"« {c.heading} »" for c in columns if c.heading and _is_check(c, resource)]
    if len(checks) == 1:
        remarks.append(f"La colonne {checks[0]} ne sert qu’à vérifier : elle n’est pas reprise.")
    elif checks:
        remarks.append(
            f"Les colonnes {enumeration(checks)} ne servent qu’à vérifier : elles ne sont pas "
            "reprises."
        )
    remarks += _word_told_fields(columns, resource)
    return [typeset(remark) for remark in remarks]


def _word_told_fields(columns: Iterable[FileColumn], resource: SheetResource) -> list[str]:
    """Say which fields without a column are read in the codes of another: sentences."""
    given = {column.field: column for column in columns if column.field}
    remarks = []
    for name, codes in resource.told_by.items():
        found = [given[code] for code in codes if code in given]
        if not found or name in given or "key" in given:
            continue
        places = [f"« {_name_field(str(c.field), resource)} » (colonne {c.letter})" for c in found]
        remarks.append(
            f"« {_name_field(name, resource)} » : d’après {', sinon d’après '.join(places)}, pour "
            f"les nouvelles fiches. {codes[str(found[0].field)]}".strip()
        )
    return remarks


def _name_field(name: str, resource: SheetResource) -> str:
    return resource.find_column(name).column_name


def _name_column(column: FileColumn) -> str:
    """« Colonne C, « Ville » », or its letter alone."""
    heading = f", « {column.heading} »" if column.heading else ""
    return f"Colonne {column.letter}{heading}"


def _name_columns(columns: Sequence[FileColumn]) -> str:
    if len(columns) == 1:
        return _name_column(columns[0])
    return f"Colonnes {enumeration([column.letter for column in columns])}"


def _is_unknown(column: FileColumn) -> bool:
    return column.level == "unknown" and bool(column.heading)


def _is_check(column: FileColumn, resource: SheetResource) -> bool:
    return column.field is not None and resource.find_column(column.field).role == Role.CHECK


def _is_fixed(column: FileColumn, resource: SheetResource) -> bool:
    if column.field:
        field = resource.find_column(column.field)
        # Our own downloads carry them: nobody meant to write there.
        if column.heading in (KEY_HEADING, VERSION_HEADING):
            return False
        return not field.is_settable and field.role not in (
            Role.CHECK,
            Role.NEW,
            Role.WHY,
            Role.ORIGIN,
        )
    is_known = column.level == "aside" and column.how != "person" and not column.titled
    return is_known and fold_heading(column.heading) in NEVER_SET


def _rank(decision: Decision) -> tuple[int, int]:
    how = _HOWS.index(decision.how) if decision.how in _HOWS else len(_HOWS)
    return _LEVELS.index(decision.level), how


def _by_position(column: FileColumn) -> int:
    return column.position


def _agree(
    first: FileColumn,
    second: FileColumn,
    lines: Sequence[FileLine],
    read: Callable[[Cell], object],
) -> bool:
    """Whether two columns for one field say the same on every line."""
    return all(
        read(line.read_cell(first.position)) == read(line.read_cell(second.position))
        for line in lines
    )


def _make_reader(name: str, resource: SheetResource) -> Callable[[Cell], object]:
    """What says the value of a cell for a field: each is read once, and none if nothing sets it."""
    field = resource.find_column(name)
    known: dict[tuple[type, Cell], object] = {}

    def read(cell: Cell) -> object:
        # The type too: 1, 1.0 and True are equal.
        key = (type(cell), cell)
        if key not in known:
            try:
                known[key] = field.widget.clean(cell) if field.is_settable else None
            except CellError:
                known[key] = show(cell)
        return known[key]

    return read

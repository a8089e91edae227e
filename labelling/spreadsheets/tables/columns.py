"""Which column of a file is which field of a resource, and what keeps a column out."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from labelling.models.stored import FileColumn, How
from labelling.spreadsheets.files.reading import format_letters
from labelling.spreadsheets.resources import (
    KEY_HEADING,
    RESOURCES,
    VERSION_HEADING,
    Role,
    SheetResource,
)
from labelling.spreadsheets.tables.likeness import guess_fields
from labelling.spreadsheets.widgets import (
    Cell,
    CellError,
    fold,
    show,
    to_one_line,
    word_alternatives,
)
from labelling.text import enumeration, typeset

# The surest first.
_HOWS: tuple[How, ...] = ("person", "saved", "exact", "likeness")
# What a record computes, or what identifies it: a file sets none of it.
NEVER_SET = frozenset(map(fold, ("id", "pk", "search_key", "sort_key", "slug", "history")))

NOT_SET = "Cette colonne ne se remplit pas depuis un fichier."
NOT_KEPT = "Colonne connue, dont les fiches ne gardent rien."
NOT_TAKEN = "Colonne non reprise, par choix."
UNKNOWN = "Titre inconnu."
NAMELESS = "Colonne sans titre."

SAMPLES = 3
# Enough values to know their kind, among enough lines.
_VALUES, _LINES = 20, 200


@dataclass(frozen=True)
class FileLine:
    """A line below the headings: its number in the file and its cells, all of them."""

    number: int
    cells: Sequence[Cell]

    def read_cell(self, position: int) -> Cell:
        return self.cells[position] if position < len(self.cells) else None


def fold_heading(heading: Cell) -> str:
    """Return what is compared of a heading: no case, accents, spaces or punctuation."""
    return fold(to_one_line(show(heading)))


def list_known_headings(resource: type[SheetResource]) -> Mapping[str, str]:
    """Return the field of each heading that the resource knows; "" for what no record keeps."""
    return _list_known_headings(resource.model_key)


@cache
def _list_known_headings(model_key: str) -> Mapping[str, str]:
    resource = RESOURCES[model_key]
    known = {fold_heading(heading): "" for heading in (*resource.ignored_headings, *NEVER_SET)}
    for name, column in resource.fields.items():
        for heading in (name, *column.aliases, column.column_name):
            known[fold_heading(heading)] = name
    return known


def count_to_check(hows: Iterable[str | None]) -> int:
    """Return how many columns need a look: those not known, or known by likeness alone."""
    return sum(how in (None, "likeness") for how in hows)


def give_columns(
    headings: Sequence[str],
    lines: Sequence[FileLine],
    resource: SheetResource,
    saved: Mapping[str, str],
    chosen: Mapping[int, str],
) -> tuple[list[FileColumn], list[str]]:
    """Return the columns, each with its field, and what a person must decide about them first.

    `saved` holds fields by heading, `chosen` by position; "" for a column not to be taken.
    """
    matched = match_columns(headings, lines, resource, saved, chosen)
    columns, problems = drop_doubles(matched, lines, resource)
    missing = explain_missing_columns(columns, resource)
    if missing and (kind := guess_kind(headings, resource)):
        missing.append(kind)
    return columns, [*problems, *missing, *explain_refused_columns(columns, resource)]


def match_columns(
    headings: Sequence[str],
    lines: Sequence[FileLine],
    resource: SheetResource,
    saved: Mapping[str, str],
    chosen: Mapping[int, str],
) -> list[FileColumn]:
    """Return the columns that have a heading or a value, each with the field it was taken for."""
    known = list_known_headings(type(resource))
    width = max([len(headings), *(len(line.cells) for line in lines[:1])])
    headings = [*headings, *[""] * (width - len(headings))]
    keys = [fold_heading(heading) for heading in headings]
    fields: dict[int, tuple[str, How]] = {}
    for position, key in enumerate(keys):
        if position in chosen:
            fields[position] = (chosen[position], "person")
        elif key in saved and (not saved[key] or saved[key] in resource.fields):
            fields[position] = (saved[key], "saved")
        elif key in known:
            fields[position] = (known[key], "exact")
    values = [_list_values(lines, position) for position in range(width)]
    rest = ["" if position in fields else key for position, key in enumerate(keys)]
    taken = {name for name, _ in fields.values()}
    likely = guess_fields(rest, resource, dict(enumerate(values)), taken)
    fields |= {position: (name, "likeness") for position, name in likely.items()}
    columns = []
    for position, (heading, key) in enumerate(zip(headings, keys, strict=True)):
        if not key and not values[position]:
            continue
        name, how = fields.get(position, ("", None))
        samples = tuple(show(value) for value in values[position][:SAMPLES])
        note = "" if name else _word_note(key, how)
        letter = format_letters(position)
        columns.append(FileColumn(position, letter, heading, name or None, how, samples, note))
    return columns


def drop_doubles(
    columns: Sequence[FileColumn], lines: Sequence[FileLine], resource: SheetResource
) -> tuple[list[FileColumn], list[str]]:
    """Return the columns, one at most for each field, and what a person must decide about them."""
    kept, problems = list(columns), []
    counted = Counter(column.field for column in columns if column.field)
    for name in [name for name, count in counted.items() if name and count > 1]:
        doubled = [column for column in columns if column.field == name]
        surest = min(_rank_column(column) for column in doubled)
        rivals = [column for column in doubled if _rank_column(column) == surest]
        first, label = rivals[0], resource.find_column(name).column_name
        if not all(_agree(first, other, lines, resource) for other in rivals[1:]):
            letters = enumeration([column.letter for column in rivals])
            problems.append(
                f"Les colonnes {letters} donnent toutes « {label} » et ne disent pas la même "
                "chose. Choisissez celle à reprendre."
            )
        note = typeset(f"« {label} » est déjà donné par la colonne {first.letter}.")
        kept = [
            replace(column, field=None, how="doubled", note=note)
            if column.field == name and column is not first
            else column
            for column in kept
        ]
    return kept, [typeset(problem) for problem in problems]


def explain_missing_columns(columns: Iterable[FileColumn], resource: SheetResource) -> list[str]:
    """Return what to say if no column tells which record a line speaks of."""
    given = {column.field for column in columns}
    if any(given.issuperset(names) for names in resource.needed):
        return []
    ways = [
        enumeration([f"« {resource.find_column(name).column_name} »" for name in names])
        for names in resource.needed
        if names != ("key",)
    ]
    sentence = "Aucune colonne ne dit de quelle fiche parle chaque ligne. Il faut"
    return [typeset(f"{sentence} {word_alternatives(ways)}.")]


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


def guess_kind(headings: Iterable[str], resource: SheetResource) -> str:
    """Say which other records these headings speak of; empty if none more than `resource`'s."""
    keys = {fold_heading(heading) for heading in headings}

    def list_fields(other: type[SheetResource]) -> set[str]:
        known = list_known_headings(other)
        return {known[key] for key in keys if known.get(key)}

    others = [other for other in RESOURCES.values() if other.is_imported]
    best = max(others, key=lambda other: len(list_fields(other)))
    fields = list_fields(best)
    if len(fields) < 2 or len(fields) <= len(list_fields(type(resource))):
        return ""
    if not any(fields.issuperset(names) for names in best.needed):
        return ""
    name = best.sheet_name
    return typeset(
        f"Ce fichier ressemble à des {name[0].lower()}{name[1:]} : déposez-le à nouveau en "
        f"choisissant « {name} »."
    )


def word_column_remarks(columns: Sequence[FileColumn], resource: SheetResource) -> list[str]:
    """Name the columns that are in the file and will not be written: sentences."""
    remarks = []
    unknown = [f"« {c.heading} » ({c.letter})" for c in columns if c.how is None and c.heading]
    if len(unknown) == 1:
        remarks.append(f"La colonne {unknown[0]} n’a pas été reconnue.")
    elif unknown:
        remarks.append(f"Les colonnes {enumeration(unknown)} n’ont pas été reconnues.")
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
    return [typeset(remark) for remark in remarks]


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
    return column.note == NOT_SET


def _list_values(lines: Sequence[FileLine], position: int) -> list[Cell]:
    """Return the first distinct values of a column."""
    values: dict[str, Cell] = {}
    for line in lines[:_LINES]:
        cell = line.read_cell(position)
        if cell is not None and cell != "":
            values.setdefault(show(cell), cell)
        if len(values) == _VALUES:
            break
    return list(values.values())


def _word_note(key: str, how: How | None) -> str:
    if how in ("person", "saved"):
        return NOT_TAKEN
    if how == "exact":
        return NOT_SET if key in NEVER_SET else NOT_KEPT
    return UNKNOWN if key else NAMELESS


def _rank_column(column: FileColumn) -> int:
    return _HOWS.index(column.how) if column.how else len(_HOWS)


def _agree(
    first: FileColumn, second: FileColumn, lines: Sequence[FileLine], resource: SheetResource
) -> bool:
    """Whether two columns for one field say the same on every line."""
    field = resource.find_column(first.field or "")

    def read_value(cell: Cell) -> object:
        try:
            return field.widget.clean(cell)
        except CellError:
            return show(cell)

    return not field.is_settable or all(
        read_value(line.read_cell(first.position)) == read_value(line.read_cell(second.position))
        for line in lines
    )

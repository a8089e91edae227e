"""A grid of cells becomes a table: which line is the headings, which column is which field."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from labelling.models.stored import FileColumn
from labelling.spreadsheets.resources import SheetResource
from labelling.spreadsheets.tables.columns import (
    FileLine,
    fold_heading,
    give_columns,
    guess_kind,
    list_known_headings,
)
from labelling.spreadsheets.tables.likeness import guess_fields
from labelling.spreadsheets.tables.totals import (
    Total,
    count_marked,
    list_sentence_totals,
    read_total,
)
from labelling.spreadsheets.widgets import Cell, fold, show, to_one_line
from labelling.text import enumeration, typeset

# Titles, instructions and blank lines stand above the headings; more of them is no table.
SEARCHED = 60
# Totals and notes below the table; more of them are lines.
LONGEST_FOOT = 60
# Of these headings, so many tell the State's national list from any other sheet.
STATE_MARKS = frozenset(
    map(fold, ("id_fs", "lib_fs", "insee_dep", "insee_com", "lib_com", "type_fs", "format_fs"))
)
ENOUGH_MARKS = 4


class HeadingsError(ValueError):
    """No line of headings was found; the message is a French sentence with the remedy."""


@dataclass(frozen=True)
class FileTable:
    """What a file says. Nothing may be taken from it while it has `problems`.

    `notes` are the lines below the table that are no part of it, `totals` the counts that the
    file states. `positions` says where each field is.
    """

    heading_line: int
    columns: tuple[FileColumn, ...]
    lines: Sequence[FileLine]
    is_state_list: bool = False
    totals: tuple[Total, ...] = ()
    notes: tuple[FileLine, ...] = ()
    problems: tuple[str, ...] = ()
    positions: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_understood(self) -> bool:
        return not self.problems


def understand(
    rows: Sequence[Sequence[Cell]],
    resource: SheetResource,
    saved: Mapping[str, str] | None = None,
    *,
    numbers: Sequence[int] | None = None,
    chosen: Mapping[int, str] | None = None,
) -> FileTable:
    """Return the table in `rows`; raise HeadingsError if no line of headings is found.

    `saved` is what this team has used: the name of a field for each `fold_heading`, "" for a
    column not to be taken. `chosen` is what a person says of this file, by position. `numbers`
    are the lines as the file shows them.
    """
    if numbers is None:
        numbers = range(1, len(rows) + 1)
    saved = saved or {}
    index = _find_headings(rows, resource, saved)
    if index is None:
        sentence = (
            "Aucune ligne de titres n’a été trouvée dans ce fichier. Il en faut une, par "
            f"exemple : {resource.example}."
        )
        raise HeadingsError(typeset(f"{sentence} {_guess_kind(rows, resource)}".strip()))
    headings = [to_one_line(show(cell)) for cell in rows[index]]
    below = zip(numbers[index + 1 :], rows[index + 1 :], strict=True)
    lines = list(_read_lines(headings, below))
    end = _split_foot(lines, headings)
    totals, notes = _read_foot(lines[end:], end)
    lines = lines[:end]
    columns, problems = give_columns(headings, lines, resource, saved, chosen or {})
    positions = {column.field: column.position for column in columns if column.field}
    keys = {fold_heading(heading) for heading in headings}
    return FileTable(
        heading_line=numbers[index],
        columns=tuple(columns),
        lines=lines,
        is_state_list=len(keys & STATE_MARKS) >= ENOUGH_MARKS,
        totals=(*_list_title_totals(rows[:index], lines, positions), *totals),
        notes=tuple(notes),
        problems=tuple(problems),
        positions=positions,
    )


def _split_foot(lines: Sequence[FileLine], headings: Sequence[str]) -> int:
    """Return how many lines stand above the foot, which is made of notes and totals alone."""
    is_wide = _count_filled(headings) > 2
    end = len(lines)
    while end > 1 and len(lines) - end < LONGEST_FOOT and _may_be_foot(lines[end - 1], is_wide):
        end -= 1
    return end


def _may_be_foot(line: FileLine, is_wide: bool) -> bool:
    values = _list_values(line.cells)
    return (is_wide and len(values) == 1) or read_total(values) is not None


def _read_foot(foot: Iterable[FileLine], counted: int) -> tuple[list[Total], list[FileLine]]:
    """Return the totals that the foot states, `counted` being the lines read, and its notes."""
    totals, notes = [], []
    for line in foot:
        values = _list_values(line.cells)
        total = read_total(values)
        if total is None:
            notes.append(line)
        else:
            totals.append(Total("lines", total, counted, " ".join(map(show, values))))
    return totals, notes


def word_foot_remarks(notes: Sequence[FileLine]) -> list[str]:
    """Name the lines below the table, of which nothing is taken: sentences."""
    if not notes:
        return []
    numbers = enumeration([str(line.number) for line in notes])
    if len(notes) == 1:
        sentence = f"La ligne {numbers} est sous le tableau : elle n’est pas reprise."
    else:
        sentence = f"Les lignes {numbers} sont sous le tableau : elles ne sont pas reprises."
    return [typeset(sentence)]


def _find_headings(
    rows: Sequence[Sequence[Cell]], resource: SheetResource, saved: Mapping[str, str]
) -> int | None:
    known = {**list_known_headings(type(resource)), **saved}
    searched = [[fold_heading(c) if isinstance(c, str) else "" for c in r] for r in rows[:SEARCHED]]
    # Distinct fields: over two lines of headings, the upper one repeats its merged groups.
    scores = [len({known[key] or key for key in keys if key in known}) for keys in searched]
    exact = _find_best(scores)
    if exact is not None and scores[exact] > 1:
        return exact
    # Hardly anything is known to the letter: a line may still look like headings.
    scores = [len(guess_fields(keys, resource, {})) for keys in searched]
    likely = _find_best(scores)
    if (
        likely is not None
        and scores[likely] > 1
        and scores[likely] * 2 >= _count_filled(searched[likely])
    ):
        return likely
    return exact if exact is not None and _count_filled(searched[exact]) <= 2 else None


def _guess_kind(rows: Sequence[Sequence[Cell]], resource: SheetResource) -> str:
    """Say which other records the file speaks of, if its headings tell."""
    sentences = (
        guess_kind([to_one_line(show(cell)) for cell in row], resource) for row in rows[:SEARCHED]
    )
    return next(filter(None, sentences), "")


def _find_best(scores: Sequence[int]) -> int | None:
    best = max(scores, default=0)
    return scores.index(best) if best else None


def _count_filled(keys: Sequence[str]) -> int:
    return sum(map(bool, keys))


def _read_lines(
    headings: Sequence[str], rows: Iterable[tuple[int, Sequence[Cell]]]
) -> Iterator[FileLine]:
    for number, row in rows:
        if _list_values(row) and not _repeats(row, headings):
            yield FileLine(number, row)


def _list_values(row: Sequence[Cell]) -> list[Cell]:
    return [cell for cell in row if cell is not None and cell != ""]


def _repeats(row: Sequence[Cell], headings: Sequence[str]) -> bool:
    """Whether a line is the headings again: printed pages, headings merged over two lines."""
    return (not row[0] or row[0] == headings[0]) and all(
        to_one_line(show(cell)) == heading for cell, heading in zip(row, headings, strict=False)
    )


def _list_title_totals(
    above: Sequence[Sequence[Cell]], lines: Sequence[FileLine], positions: Mapping[str, int]
) -> list[Total]:
    """Return the totals that the titles state: « 53 PIMMS labellisés, dont 13 nouveaux »."""
    # A title merged over columns or lines is one sentence.
    sentences = list(dict.fromkeys(show(cell) for row in above for cell in _list_values(row)))
    name = positions.get("name")
    names = [] if name is None else [line.read_cell(name) for line in lines]
    return list_sentence_totals(sentences, len(lines), count_marked(names))

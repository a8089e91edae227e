"""A grid of cells becomes a table: which line is the headings, which column is which field."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

from labelling.models.stored import FileColumn
from labelling.spreadsheets.resources import SheetResource
from labelling.spreadsheets.tables.columns import (
    FileLine,
    give_columns,
    heading_key,
    known_headings,
    likely_kind,
)
from labelling.spreadsheets.tables.likeness import likely_fields
from labelling.spreadsheets.tables.totals import Total, count_marked, sentence_totals, total_of
from labelling.spreadsheets.widgets import Cell, one_line, plain, shown
from labelling.text import enumeration, typeset

# Titles, instructions and blank lines stand above the headings; more of them is no table.
SEARCHED = 60
# Totals and notes below the table; more of them are lines.
LONGEST_FOOT = 60
# Of these headings, so many tell the State's national list from any other sheet.
STATE_MARKS = frozenset(
    map(plain, ("id_fs", "lib_fs", "insee_dep", "insee_com", "lib_com", "type_fs", "format_fs"))
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
    goes_on: bool = False,
) -> FileTable:
    """Return the table in `rows`; raise HeadingsError if no line of headings is found.

    `saved` is what this team has used: the name of a field for each `heading_key`, "" for a
    column not to be taken. `chosen` is what a person says of this file, by position. `numbers`
    are the lines as the file shows them. If the file `goes_on`, these are its first rows, and what
    they end with is no foot.
    """
    if numbers is None:
        numbers = range(1, len(rows) + 1)
    saved = saved or {}
    index = _find_headings(rows, resource, saved)
    if index is None:
        said = (
            "Aucune ligne de titres n’a été trouvée dans ce fichier. Il en faut une, par "
            f"exemple : {resource.example}."
        )
        raise HeadingsError(typeset(f"{said} {_likely_kind(rows, resource)}".strip()))
    headings = [one_line(shown(cell)) for cell in rows[index]]
    body = Body(headings, zip(numbers[index + 1 :], rows[index + 1 :], strict=True))
    lines = list(body.all_lines if goes_on else body)
    columns, problems = give_columns(headings, lines, resource, saved, chosen or {})
    positions = {column.field: column.position for column in columns if column.field}
    keys = {heading_key(heading) for heading in headings}
    return FileTable(
        heading_line=numbers[index],
        columns=tuple(columns),
        lines=lines,
        is_state_list=len(keys & STATE_MARKS) >= ENOUGH_MARKS,
        totals=(*_title_totals(rows[:index], lines, positions), *body.totals(len(lines))),
        notes=tuple(body.notes),
        problems=tuple(problems),
        positions=positions,
    )


class Body:
    """The lines below the headings, as they are read.

    What may be the foot of the table is kept back until another line follows: the notes and the
    totals below the table are known once all was read.
    """

    def __init__(self, headings: Sequence[str], rows: Iterable[tuple[int, Sequence[Cell]]]) -> None:
        self.all_lines = _below(headings, rows)
        self.is_wide = _filled(headings) > 2
        self.notes: list[FileLine] = []
        self.stated: list[tuple[int, str]] = []

    @classmethod
    def of(cls, table: FileTable, rows: Iterable[tuple[int, Sequence[Cell]]]) -> "Body":
        """The lines of a file whose first ones gave `table`, and whose further `rows` follow."""
        headings = {column.position: column.heading for column in table.columns}
        body = cls([headings.get(p, "") for p in range(max(headings) + 1)], rows)
        body.all_lines = chain(table.lines, body.all_lines)
        return body

    def __iter__(self) -> Iterator[FileLine]:
        held: deque[FileLine] = deque()
        yield from islice(self.all_lines, 1)
        for line in self.all_lines:
            if self._may_be_foot(line):
                held.append(line)
                if len(held) > LONGEST_FOOT:
                    yield held.popleft()
            else:
                yield from held
                held.clear()
                yield line
        for line in held:
            values = _values(line.cells)
            total = total_of(values)
            if total is None:
                self.notes.append(line)
            else:
                self.stated.append((total, " ".join(map(shown, values))))

    def totals(self, counted: int) -> list[Total]:
        """The totals that the foot states, `counted` being the lines that were read."""
        return [Total("lines", total, counted, words) for total, words in self.stated]

    def _may_be_foot(self, line: FileLine) -> bool:
        values = _values(line.cells)
        return (self.is_wide and len(values) == 1) or total_of(values) is not None


def foot_remarks(notes: Sequence[FileLine]) -> list[str]:
    """Name the lines below the table, of which nothing is taken: sentences."""
    if not notes:
        return []
    numbers = enumeration([str(line.number) for line in notes])
    if len(notes) == 1:
        said = f"La ligne {numbers} est sous le tableau : elle n’est pas reprise."
    else:
        said = f"Les lignes {numbers} sont sous le tableau : elles ne sont pas reprises."
    return [typeset(said)]


def _find_headings(
    rows: Sequence[Sequence[Cell]], resource: SheetResource, saved: Mapping[str, str]
) -> int | None:
    known = {**known_headings(type(resource)), **saved}
    searched = [[heading_key(c) if isinstance(c, str) else "" for c in r] for r in rows[:SEARCHED]]
    # Distinct fields: over two lines of headings, the upper one repeats its merged groups.
    scores = [len({known[key] or key for key in keys if key in known}) for keys in searched]
    exact = _best(scores)
    if exact is not None and scores[exact] > 1:
        return exact
    # Hardly anything is known to the letter: a line may still look like headings.
    scores = [len(likely_fields(keys, resource, {})) for keys in searched]
    likely = _best(scores)
    if (
        likely is not None
        and scores[likely] > 1
        and scores[likely] * 2 >= _filled(searched[likely])
    ):
        return likely
    return exact if exact is not None and _filled(searched[exact]) <= 2 else None


def _likely_kind(rows: Sequence[Sequence[Cell]], resource: SheetResource) -> str:
    """Say which other records the file speaks of, if its headings tell."""
    said = (
        likely_kind([one_line(shown(cell)) for cell in row], resource) for row in rows[:SEARCHED]
    )
    return next(filter(None, said), "")


def _best(scores: Sequence[int]) -> int | None:
    best = max(scores, default=0)
    return scores.index(best) if best else None


def _filled(keys: Sequence[str]) -> int:
    return sum(map(bool, keys))


def _below(
    headings: Sequence[str], rows: Iterable[tuple[int, Sequence[Cell]]]
) -> Iterator[FileLine]:
    for number, row in rows:
        if _values(row) and not _repeats(row, headings):
            yield FileLine(number, row)


def _values(row: Sequence[Cell]) -> list[Cell]:
    return [cell for cell in row if cell is not None and cell != ""]


def _repeats(row: Sequence[Cell], headings: Sequence[str]) -> bool:
    """Whether a line is the headings again: printed pages, headings merged over two lines."""
    return (not row[0] or row[0] == headings[0]) and all(
        one_line(shown(cell)) == heading for cell, heading in zip(row, headings, strict=False)
    )


def _title_totals(
    above: Sequence[Sequence[Cell]], lines: Sequence[FileLine], positions: Mapping[str, int]
) -> list[Total]:
    """Return the totals that the titles state: « 53 PIMMS labellisés, dont 13 nouveaux »."""
    # A title merged over columns or lines is one sentence.
    sentences = list(dict.fromkeys(shown(cell) for row in above for cell in _values(row)))
    name = positions.get("name")
    names = [] if name is None else [line.cell(name) for line in lines]
    return sentence_totals(sentences, len(lines), count_marked(names))

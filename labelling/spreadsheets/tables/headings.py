"""A grid of cells becomes a table: which line is the headings, which column is which field."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from labelling.models.stored import FileColumn
from labelling.spreadsheets.resources import SheetResource
from labelling.spreadsheets.tables import kinds
from labelling.spreadsheets.tables.columns import give_columns
from labelling.spreadsheets.tables.heading_words import find_field_like
from labelling.spreadsheets.tables.known_headings import (
    FileLine,
    fold_heading,
    list_known_headings,
)
from labelling.spreadsheets.tables.known_sites import KnownSites
from labelling.spreadsheets.tables.other_records import find_other_records, word_other_records
from labelling.spreadsheets.tables.rules import Table, find_name_or_number
from labelling.spreadsheets.tables.samples import list_samples, read_value
from labelling.spreadsheets.tables.shape import explain_lying_table, explain_split_decimals
from labelling.spreadsheets.tables.totals import (
    ColumnCounts,
    Total,
    count_marked,
    is_total_line,
    list_foot_totals,
    list_sentence_totals,
)
from labelling.spreadsheets.widgets import Cell, quote, show, to_one_line
from labelling.text import counted, enumeration, typeset

# Titles, instructions and blank lines stand above the headings; more of them is no table.
SEARCHED = 60
# Totals and notes below the table; more of them are lines.
LONGEST_FOOT = 60
# Without known headings, they are looked for in fewer lines, by words of so many of their cells.
_NEAR = 15
_WORDS = 0.3
# A line that is no headings has cells like so many of those below.
_ALIKE = 0.8
_LONGEST_HEADING = 60
# Of what is not taken, so much is quoted.
_MOST_QUOTED = 5


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
    totals: tuple[Total, ...] = ()
    notes: tuple[FileLine, ...] = ()
    # What stands above the headings; and what was taken for headings though hardly any is known.
    titles: tuple[str, ...] = ()
    guessed_headings: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    positions: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_understood(self) -> bool:
        return not self.problems

    def list_remarks(self) -> list[str]:
        """Say of which lines nothing is taken: sentences."""
        remarks = []
        # Our own downloads have a title.
        if self.titles and "key" not in self.positions:
            remarks.append(f"Au-dessus des titres, rien n’est repris : {_quote(self.titles)}.")
        if self.guessed_headings:
            remarks.append(
                f"La ligne {self.heading_line} a été lue comme les titres : "
                f"{_quote(self.guessed_headings)}."
            )
        return [*map(typeset, remarks), *word_foot_remarks(self.notes)]


def understand(
    rows: Sequence[Sequence[Cell]],
    resource: SheetResource,
    saved: Mapping[str, str] | None = None,
    *,
    numbers: Sequence[int] | None = None,
    chosen: Mapping[int, str] | None = None,
    known: KnownSites | None = None,
    faulty: Collection[int] = (),
) -> FileTable:
    """Return the table in `rows`; raise HeadingsError if no line of headings is found.

    `saved` is what this team has used: the name of a field for each `fold_heading`, "" for a
    column not to be taken. `chosen` is what a person says of this file, by position. `numbers`
    are the lines as the file shows them, `faulty` those with cells that the file gives no value
    of. `known` are the sites that values are compared with.
    """
    if numbers is None:
        numbers = range(1, len(rows) + 1)
    saved = saved or {}
    known = known or KnownSites()
    index = _find_headings(rows, resource, saved, known)
    if fault := explain_lying_table(rows[:SEARCHED], index, resource):
        raise HeadingsError(fault)
    if index is None:
        sentence = (
            "Aucune ligne de titres n’a été trouvée dans ce fichier. Il en faut une, par "
            f"exemple : {resource.example}."
        )
        raise HeadingsError(typeset(f"{sentence} {_guess_kind(rows, resource)}".strip()))
    headings = [to_one_line(show(cell)) for cell in rows[index]] if index >= 0 else []
    below = zip(numbers[index + 1 :], rows[index + 1 :], strict=True)
    lines = list(_read_lines(headings, below, faulty))
    end = _split_foot(lines, headings)
    foot, lines = lines[end:], lines[:end]
    if fault := explain_split_decimals(headings, lines, resource):
        raise HeadingsError(fault)
    columns, problems = give_columns(headings, lines, resource, saved, chosen or {}, known)
    positions = {column.field: column.position for column in columns if column.field}
    totals, notes = _read_foot(foot, lines, columns, resource)
    above = rows[: max(index, 0)]
    return FileTable(
        heading_line=numbers[index] if index >= 0 else 0,
        columns=tuple(columns),
        lines=lines,
        totals=(*_list_title_totals(above, lines, positions), *totals),
        titles=tuple(_list_titles(above)),
        guessed_headings=tuple(_list_guessed(headings, resource, saved)),
        notes=tuple(notes),
        problems=tuple(problems),
        positions=positions,
    )


def _split_foot(lines: Sequence[FileLine], headings: Sequence[str]) -> int:
    """Return how many lines stand above the foot, which is made of notes and totals alone."""
    width = _count_filled(headings)
    end = len(lines)
    for place in range(len(lines) - 1, max(len(lines) - LONGEST_FOOT, 1) - 1, -1):
        cells = lines[place].cells
        is_total = is_total_line(cells)
        if not is_total and (width < 2 or len(_list_values(cells)) != 1):
            break
        # Of two columns, one alone may be filled; not below the totals.
        if is_total or width > 2:
            end = place
    return end


def _read_foot(
    foot: Iterable[FileLine],
    lines: Sequence[FileLine],
    columns: Sequence[FileColumn],
    resource: SheetResource,
) -> tuple[list[Total], list[FileLine]]:
    """Return the totals that the foot states of the lines above, and its notes."""
    totals: list[Total] = []
    notes = []
    counts = ColumnCounts([line.cells for line in lines])
    for line in foot:
        stated = list_foot_totals(line.cells, counts, columns, resource)
        totals += stated
        if not stated:
            notes.append(line)
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


def count_listed(rows: Sequence[Sequence[Cell]], resource: type[SheetResource]) -> int:
    """Return how many lines stand below headings that say, to the letter, of which record each is.

    None of a download of ours, whose sheets speak of one record each.
    """
    known = list_known_headings(resource)
    for index, row in enumerate(rows[:_NEAR]):
        fields = {known.get(fold_heading(cell)) for cell in row if isinstance(cell, str)}
        if "key" not in fields and resource.tells_records(fields):
            return sum(bool(_list_values(line)) for line in rows[index + 1 :])
    return 0


def _find_headings(
    rows: Sequence[Sequence[Cell]],
    resource: SheetResource,
    saved: Mapping[str, str],
    known: KnownSites,
) -> int | None:
    """The line of the headings, -1 if there is none above the values; None if nobody can tell."""
    headings = {**list_known_headings(type(resource)), **saved}
    searched = [[fold_heading(c) if isinstance(c, str) else "" for c in r] for r in rows[:SEARCHED]]
    # Distinct fields: over two lines of headings, the upper one repeats its merged groups.
    scores = [len({headings[k] or k for k in keys if k in headings}) for keys in searched]
    exact = _find_best(scores)
    if exact is not None and scores[exact] > 1:
        return exact
    table = _read_without_headings(rows, resource, known)
    proofs = _prove_without_headings(table)
    if proofs and _begins_with_values(rows, table, proofs, resource):
        return -1
    # Hardly anything is known to the letter: a line may still have words of headings.
    words = [
        0 if _holds_values(row, proofs, known, resource) else _count_words(keys, resource)
        for row, keys in zip(rows[:_NEAR], searched, strict=False)
    ]
    likely = _find_best(words)
    if (
        likely is not None
        and words[likely] > 1
        and words[likely] >= _WORDS * len(_list_values(rows[likely]))
    ):
        return likely
    if proofs:
        return next(i for i, row in enumerate(rows) if _list_values(row))
    return exact if exact is not None and _count_filled(searched[exact]) <= 2 else None


def _read_without_headings(
    rows: Sequence[Sequence[Cell]], resource: SheetResource, known: KnownSites
) -> Table:
    """Every line that holds something, as if no line were headings; none of other records."""
    are_sites = resource.model_key == "site"
    lines = [FileLine(i, row) for i, row in enumerate(rows) if are_sites and _list_values(row)]
    samples = list_samples([], lines, max((len(line.cells) for line in lines), default=0))
    return Table(samples, lines, known, resource.lookups, None)


def _prove_without_headings(table: Table) -> dict[int, str]:
    """The columns whose values alone prove that they are names or numbers of sites."""
    found = {s.position: find_name_or_number(table, s) for s in table.samples}
    return {position: name for position, name in found.items() if name}


def _begins_with_values(
    rows: Sequence[Sequence[Cell]],
    table: Table,
    proofs: Mapping[int, str],
    resource: SheetResource,
) -> bool:
    """Whether the first line is a site already, and not a title above the others."""
    filled = list(islice((row for row in rows if _list_values(row)), 2))
    first, second = (len(_list_values(row)) for row in (filled[0], filled[-1]))
    is_title = first * 2 < second or first < min(second, 2)
    return not is_title and (
        _holds_values(filled[0], proofs, table.known, resource)
        or _is_like_its_columns(table, proofs)
    )


def _is_like_its_columns(table: Table, proofs: Mapping[int, str]) -> bool:
    """Whether the first line, which may be somebody else's, holds what is below it.

    In a third of its cells: a day above days, « Gard » above departments, or « Non » once more.
    Headings say no such thing, unless they come again themselves.
    """
    first = table.lines[0].cells
    if any(line.cells == first for line in table.lines[1:]):
        return False
    strict = (
        table.kinds.find_five_prefix,
        table.kinds.is_department_name,
        table.kinds.is_region_name,
        table.kinds.is_state_label,
        table.kinds.find_wave_days,
        kinds.is_decimal,
        kinds.is_link,
        lambda value: not kinds.is_integer(value) and kinds.is_day(value),
    )
    alike = 0
    for sample in table.samples:
        value = read_value(first[sample.position]) if sample.position < len(first) else ""
        alike += bool(value) and (
            sample.values[value] > 1
            or (proofs.get(sample.position) == "france_services_id" and kinds.is_id(value))
            or any(fits(value) and sample.measure(fits) >= _ALIKE for fits in strict)
        )
    return alike > 1 and alike >= _WORDS * len(_list_values(first))


def _holds_values(
    row: Sequence[Cell], proofs: Mapping[int, str], known: KnownSites, resource: SheetResource
) -> bool:
    """Whether a line names the network where sites are named, or holds a number of ours."""
    for position, name in proofs.items():
        words = to_one_line(row[position]) if position < len(row) else ""
        if name == "france_services_id":
            if kinds.read_id(words) in known.by_number:
                return True
        elif known.find_named(words) or _is_name_of_site(words, resource):
            return True
    return False


def _is_name_of_site(words: str, resource: SheetResource) -> bool:
    """« PIMMS Valbrune », not « Nom du PIMMS »."""
    others = " ".join(word for word in fold_heading(words).split() if word != "pimms")
    is_heading = fold_heading(words) in list_known_headings(type(resource)) or find_field_like(
        others, resource
    )
    return bool(others) and kinds.has_pimms(words) and not is_heading


def _count_words(keys: Sequence[str], resource: SheetResource) -> int:
    """Of how many fields a line has the words, as headings have them: short, and no number."""
    short = {key for key in keys if 0 < len(key) <= _LONGEST_HEADING and not kinds.has_digit(key)}
    return len({find_field_like(key, resource) for key in short} - {""})


def _guess_kind(rows: Sequence[Sequence[Cell]], resource: SheetResource) -> str:
    """Say which other records the file speaks of, if its headings tell."""
    others = (
        find_other_records([to_one_line(show(cell)) for cell in row], (), resource)
        for row in rows[:SEARCHED]
    )
    other = next(filter(None, others), None)
    return word_other_records(other) if other else ""


def _find_best(scores: Sequence[int]) -> int | None:
    best = max(scores, default=0)
    return scores.index(best) if best else None


def _count_filled(keys: Sequence[str]) -> int:
    return sum(map(bool, keys))


def _read_lines(
    headings: Sequence[str], rows: Iterable[tuple[int, Sequence[Cell]]], faulty: Collection[int]
) -> Iterator[FileLine]:
    for number, row in rows:
        if number in faulty or (_list_values(row) and not _repeats(row, headings)):
            yield FileLine(number, row)


def _list_values(row: Sequence[Cell]) -> list[Cell]:
    return [cell for cell in row if cell is not None and cell != ""]


def _repeats(row: Sequence[Cell], headings: Sequence[str]) -> bool:
    """Whether a line is the headings again: printed pages, headings merged over two lines."""
    return (
        bool(headings)
        and (not row[0] or row[0] == headings[0])
        and all(
            to_one_line(show(cell)) == heading for cell, heading in zip(row, headings, strict=False)
        )
    )


def _list_title_totals(
    above: Sequence[Sequence[Cell]], lines: Sequence[FileLine], positions: Mapping[str, int]
) -> list[Total]:
    """Return the totals that the titles state: « 53 PIMMS labellisés, dont 13 nouveaux »."""
    sentences = _list_titles(above)
    name = positions.get("name")
    names = [] if name is None else [line.read_cell(name) for line in lines]
    return list_sentence_totals(sentences, len(lines), count_marked(names))


def _list_titles(above: Sequence[Sequence[Cell]]) -> list[str]:
    """The texts above the headings; a title merged over columns or lines is one sentence."""
    return list(dict.fromkeys(show(cell) for row in above for cell in _list_values(row)))


def _list_guessed(
    headings: Sequence[str], resource: SheetResource, saved: Mapping[str, str]
) -> list[str]:
    """The headings of a line that was taken for them though one at most is known to the letter."""
    filled = [heading for heading in headings if heading]
    known = {**list_known_headings(type(resource)), **saved}
    exact = sum(fold_heading(heading) in known for heading in filled)
    return filled if exact < 2 < len(filled) else []


def _quote(words: Sequence[str]) -> str:
    quoted = [quote(word) for word in words[:_MOST_QUOTED]]
    more = len(words) - len(quoted)
    return enumeration([*quoted, *([counted(more, "autre")] if more else [])])

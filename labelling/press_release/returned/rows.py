"""The list of a returned file beside the list that was sent: rows by department and name."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from labelling.press_release.content import Content, ReleaseLine
from labelling.press_release.marks import name_row, read_place
from labelling.press_release.returned.aligning import Side, align, are_alike
from labelling.press_release.returned.document import Dropped, Row


@dataclass(frozen=True, kw_only=True)
class CellChange:
    """A cell of the list that reads otherwise."""

    column: str
    old: str
    new: str


@dataclass(frozen=True, kw_only=True)
class LineChange:
    """A line of the list that was edited, removed or added; `site` is the key of its record."""

    label: str  # « Modifiée ».
    line: str  # Which one: « PIMMS de Nîmes (Gard) ».
    site: int | None = None
    cells: tuple[CellChange, ...] = ()
    by: tuple[str, ...] = ()
    dropped: tuple[Dropped, ...] = ()

    @property
    def is_added(self) -> bool:
        return self.label == "Ajoutée" and bool(self.line)


@dataclass(frozen=True, kw_only=True)
class Rows:
    """What the tables of a file say otherwise; `others` are the words of rows that are not ours."""

    changes: tuple[LineChange, ...]
    others: tuple[str, ...]
    has_marks: bool


def compare_rows(rows: Sequence[Row], sent: Content, digest: str) -> Rows:
    """What became of the lines of `sent`, which are known by its department and its name."""
    width = len(sent.columns)
    ours: list[Row] = []
    changes: list[LineChange] = []
    others: list[str] = []
    for row in rows:
        if _is_headings(row, sent):
            changes += _compare_headings(row, sent)
        elif {len(row.old or row.new or ()), len(row.new or row.old or ())} == {width}:
            ours.append(row)
        elif words := _word_other(row):
            others.append(words)
    marked = [tuple(filter(None, (read_place(digest, mark) for mark in row.marks))) for row in ours]
    known = [n for n, row in enumerate(ours) if row.old]
    found = align(
        [
            Side(words=f"{line.department} {line.name}", places=(name_row(number),))
            for number, line in enumerate(sent.lines)
        ],
        [Side(words=_name(ours[n].old or (), sent), places=marked[n]) for n in known],
        guesses=False,
    )
    partners = {known[n]: partner for n, (partner, _) in found.items()}
    for n, row in enumerate(ours):
        if n in partners:
            changes += _compare_line(row, sent.lines[partners[n]], sent)
        elif any((*(row.old or ()), *(row.new or ()), *row.dropped)):
            changes.append(_add(row, sent))
    taken = {*partners.values()}
    changes += [
        LineChange(label="Supprimée", line=_word(line), site=line.site)
        for number, line in enumerate(sent.lines)
        if number not in taken
    ]
    return Rows(changes=tuple(changes), others=tuple(others), has_marks=any(marked))


def _is_headings(row: Row, sent: Content) -> bool:
    """Whether a row is that of the headings: one of them, edited, stands beside the others."""
    if row.old is None or len(row.old) != len(sent.columns):
        return False
    pairs = zip(row.old, sent.columns, strict=True)
    return any(column and are_alike(words, column) for words, column in pairs)


def _word_other(row: Row) -> str:
    """All that a row says which is none of ours: before, after, and in between."""
    views = (" | ".join(filter(None, view or ())) for view in (row.old, row.new))
    said = (*views, *(each.words for each in row.dropped))
    return " → ".join(dict.fromkeys(filter(None, said)))


def _compare_headings(row: Row, sent: Content) -> Iterator[LineChange]:
    printed = [(column,) for column in sent.columns]
    new = row.new or ("",) * len(printed)
    cells, dropped = _compare_cells(row, new, printed, ("Titre de colonne",) * len(printed))
    if cells or dropped:
        yield LineChange(
            label="Modifiée", line="Titres des colonnes", cells=cells, by=row.by, dropped=dropped
        )


def _compare_line(row: Row, line: ReleaseLine, sent: Content) -> Iterator[LineChange]:
    name = f"{line.name}\u00a0{sent.mark}" if line.is_new else line.name
    # The name of a region stands in one row of it, or again where a page begins.
    regions = (line.region, sent.words.region_continued.format(region=line.region), "")
    places = [(words,) for words in (line.department, name, *sent.list_places(line))]
    is_removed = row.new is None
    new = row.new or ("",) * len(sent.columns)
    cells, dropped = _compare_cells(row, new, [regions, *places], sent.columns)
    if is_removed or cells or dropped:
        yield LineChange(
            label="Supprimée" if is_removed else "Modifiée",
            line=_word(line),
            site=line.site,
            cells=() if is_removed else cells,
            by=row.by if row.is_tracked else (),
            dropped=dropped,
        )


def _compare_cells(
    row: Row, new: Sequence[str], printed: Sequence[Sequence[str]], columns: Sequence[str]
) -> tuple[tuple[CellChange, ...], tuple[Dropped, ...]]:
    """The cells that read otherwise than each may, and what the row said in between."""
    cells, dropped = [], [*row.dropped]
    for column, known, was, said in zip(columns, printed, row.old or new, new, strict=True):
        if not any(are_alike(words, said) for words in known):
            cells.append(CellChange(column=column, old=known[0], new=said))
        if was and not any(are_alike(words, was) for words in (*known, said)):
            dropped.append(Dropped(words=was, by=row.by))
    return tuple(cells), tuple(dropped)


def _add(row: Row, sent: Content) -> LineChange:
    old, new = row.old or ("",) * len(sent.columns), row.new or row.old or ()
    cells = tuple(
        CellChange(column=column, old="" if was == words else was, new=words)
        for column, was, words in zip(sent.columns, old, new, strict=True)
        if was or words
    )
    return LineChange(
        label="Supprimée" if row.new is None else "Ajoutée",
        line=_without_mark(new[2], sent),
        cells=cells,
        by=row.by,
        dropped=row.dropped,
    )


def _name(cells: Sequence[str], sent: Content) -> str:
    return f"{cells[1]} {_without_mark(cells[2], sent)}"


def _without_mark(name: str, sent: Content) -> str:
    return name.strip("\u00a0 ").removesuffix(sent.mark).strip("\u00a0 ")


def _word(line: ReleaseLine) -> str:
    return f"{line.name} ({line.department})"

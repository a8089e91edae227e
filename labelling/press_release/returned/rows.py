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
        elif words := " | ".join(filter(None, row.new or row.old or ())):
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
        elif any(row.new or row.old or ()):
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


def _compare_headings(row: Row, sent: Content) -> Iterator[LineChange]:
    new = row.new or ("",) * len(sent.columns)
    cells = tuple(
        CellChange(column="Titre de colonne", old=old, new=said)
        for old, said in zip(sent.columns, new, strict=False)
        if not are_alike(old, said)
    )
    if cells or row.dropped:
        yield LineChange(
            label="Modifiée",
            line="Titres des colonnes",
            cells=cells,
            by=row.by,
            dropped=row.dropped,
        )


def _compare_line(row: Row, line: ReleaseLine, sent: Content) -> Iterator[LineChange]:
    if row.new is None:
        yield LineChange(
            label="Supprimée",
            line=_word(line),
            site=line.site,
            by=row.by,
            dropped=row.dropped,
        )
        return
    region, *said = row.new
    suffixed = sent.words.region_continued.format(region=line.region)
    cells = []
    if region and not any(are_alike(region, each) for each in (line.region, suffixed)):
        cells.append(CellChange(column=sent.columns[0], old=line.region, new=region))
    name = f"{line.name}\u00a0{sent.mark}" if line.is_new else line.name
    printed = (line.department, name, *sent.list_places(line))
    passing = []
    between = (row.old or row.new)[1:]
    for column, old, was, new in zip(sent.columns[1:], printed, between, said, strict=True):
        if not are_alike(old, new):
            cells.append(CellChange(column=column, old=old, new=new))
        if was and not are_alike(was, old) and not are_alike(was, new):
            passing.append(Dropped(words=was, by=row.by))
    if cells or passing or row.dropped:
        yield LineChange(
            label="Modifiée",
            line=_word(line),
            site=line.site,
            cells=tuple(cells),
            by=row.by if row.is_tracked else (),
            dropped=(*row.dropped, *passing),
        )


def _add(row: Row, sent: Content) -> LineChange:
    cells = tuple(
        CellChange(column=column, old="", new=words)
        for column, words in zip(sent.columns, row.new or row.old or (), strict=True)
        if words
    )
    return LineChange(
        label="Supprimée" if row.new is None else "Ajoutée",
        line=_without_mark((row.new or row.old or ("",) * 3)[2], sent),
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

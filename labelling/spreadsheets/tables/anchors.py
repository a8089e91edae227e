"""Anchors: the lines that are surely one of our sites, found in the whole file.

A line is one if it holds the State's number of a site and, in another cell, its INSEE code, its
commune or one of its names; or the whole name of one site alone.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice

from labelling import text
from labelling.spreadsheets.tables import kinds
from labelling.spreadsheets.tables.known_headings import FileLine
from labelling.spreadsheets.tables.known_sites import KnownSite, KnownSites
from labelling.spreadsheets.tables.samples import Sample
from labelling.spreadsheets.widgets import Cell, to_one_line
from labelling.spreadsheets.widgets.texts import read_code
from labelling.text import fold

# Columns that are read whole.
_MOST_IDS, _MOST_TEXTS = 12, 40
# Lines that are ours, evenly spaced, of which a column is compared with our records.
_MOST_COMPARED = 1000
# Numbers that are hardly ever twice the same.
_DISTINCT = 0.9


@dataclass
class Anchors:
    """The site of each line that is one, by the line's place among the lines."""

    sites: dict[int, KnownSite] = field(default_factory=dict)
    # By column of numbers: on how many lines it holds one of ours, on how many the rest agrees.
    hits: dict[int, int] = field(default_factory=dict)
    agreed: dict[int, int] = field(default_factory=dict)


def find_anchors(
    lines: Sequence[FileLine], samples: Iterable[Sample], known: KnownSites
) -> Anchors:
    """Read the columns of numbers and of names whole, each cell once and lightly."""
    anchors = Anchors()
    samples = [sample for sample in samples if sample.filled]
    texts = [s.position for s in samples if s.measure(kinds.has_letter) > 0.5][:_MOST_TEXTS]
    ids = [s.position for s in samples if is_like_ids(s)][:_MOST_IDS]
    _find_by_name(anchors, lines, texts, known)
    for position in ids:
        _find_by_number(anchors, lines, position, known)
    return anchors


def is_like_ids(sample: Sample) -> bool:
    """Whether a column may hold the State's numbers: short codes, hardly ever twice the same."""
    return sample.distinctness >= _DISTINCT and sample.measure(kinds.is_id) >= _DISTINCT


def _find_by_name(
    anchors: Anchors, lines: Sequence[FileLine], positions: Sequence[int], known: KnownSites
) -> None:
    # Folding costs: a text is folded if it holds the name of the network, or is one of ours as is.
    seen: dict[str, KnownSite | None] = {}
    plain = known.by_name
    for index, line in enumerate(lines):
        for position in positions:
            cell = line.read_cell(position)
            if not isinstance(cell, str) or not 3 < len(cell) < 250:
                continue
            lowered = cell.casefold()
            if "pimms" in lowered:
                if lowered not in seen:
                    seen[lowered] = known.find_named(to_one_line(cell).rstrip("* "))
                site = seen[lowered]
            else:
                site = plain.get(lowered)
            if site is not None:
                anchors.sites.setdefault(index, site)
                break


def _find_by_number(
    anchors: Anchors, lines: Sequence[FileLine], position: int, known: KnownSites
) -> None:
    hits = agreed = 0
    for index, line in enumerate(lines):
        cell = line.read_cell(position)
        if cell is None or cell == "":
            continue
        site = known.by_number.get(_read_number(cell))
        if site is None:
            continue
        hits += 1
        if holds_place(line.cells, site, position):
            agreed += 1
            anchors.sites.setdefault(index, site)
    anchors.hits[position], anchors.agreed[position] = hits, agreed


def _read_number(cell: Cell) -> str:
    """The State's number that a cell writes; numbers of a spreadsheet are read without words."""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else ""
    return kinds.read_id(read_code(cell))


def holds_place(cells: Sequence[Cell], site: KnownSite, position: int | None) -> bool:
    """Whether a cell, other than that of the number, says which site it is."""
    places = set(site.places) - {""}
    return any(
        other != position and cell not in (None, "") and _fold_cell(cell) in places
        for other, cell in enumerate(cells)
    )


def _fold_cell(cell: Cell) -> str:
    words = read_code(cell)
    # A code whose zero a spreadsheet took away.
    if len(words) == 4 and text.is_number(words):
        return f"0{words}"
    return fold(words) if isinstance(cell, str) else words


def list_agreements(
    anchors: Anchors,
    lines: Sequence[FileLine],
    position: int,
    compare: Callable[[str, KnownSite], bool | None],
    read: Callable[[Cell], str] | None = None,
) -> list[bool]:
    """Of anchored lines whose cell is filled, whether it says what our site holds.

    `compare` gives None where ours is blank; `read` is what it is given of a cell, folded if None.
    """
    read = read or _fold_cell
    step = len(anchors.sites) // _MOST_COMPARED + 1
    answers = (
        compare(read(cell), site)
        for index, site in islice(anchors.sites.items(), 0, None, step)
        if (cell := lines[index].read_cell(position)) not in (None, "")
    )
    return [answer for answer in answers if answer is not None]

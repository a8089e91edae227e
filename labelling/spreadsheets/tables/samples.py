"""A sample of each column: enough values to know what they are, whatever the length of the file."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from labelling.spreadsheets.tables.known_headings import FileLine, fold_heading
from labelling.spreadsheets.widgets import Cell, is_blank, show
from labelling.spreadsheets.widgets.texts import read_code

# Lines and distinct values that are looked at; less of each where the table is very wide.
_LINES, _VALUES = 200, 80
_FEWEST_LINES, _FEWEST_VALUES = 40, 24
_WIDE = 60
_CELLS, _DISTINCT = 12_000, 4_800
# Where so few values were found, more of the first lines are looked at.
_ENOUGH, _MOST_LINES = 20, 3_000
# A longer text is of no kind.
LONGEST = 200


@dataclass(frozen=True)
class Sample:
    """Some cells of a column: each distinct value, on one line, with how often it came."""

    position: int
    heading: str
    values: Counter[str]

    @cached_property
    def key(self) -> str:
        return fold_heading(self.heading)

    @cached_property
    def filled(self) -> int:
        """How many cells hold something."""
        return self.values.total()

    @property
    def distinctness(self) -> float:
        return len(self.values) / self.filled if self.filled else 0.0

    def measure(self, fits: Callable[[str], object]) -> float:
        """The part of the cells whose value fits, from 0 to 1."""
        if not self.filled:
            return 0.0
        return sum(count for value, count in self.values.items() if fits(value)) / self.filled


def read_value(cell: Cell) -> str:
    """The text of a cell on one line, 158 for « 158.0 »; empty for what says nothing."""
    return "" if is_blank(cell) else read_code(cell)


def list_samples(headings: Sequence[str], lines: Sequence[FileLine], width: int) -> list[Sample]:
    """A sample of each column, from lines evenly spaced."""
    most_lines, most_values = _LINES, _VALUES
    if width > _WIDE:
        most_lines = max(_CELLS // width, _FEWEST_LINES)
        most_values = max(_DISTINCT // width, _FEWEST_VALUES)
    step = max(len(lines) // most_lines, 1)
    spaced = lines[::step][:most_lines]
    return [
        Sample(
            position,
            headings[position] if position < len(headings) else "",
            _count_values(lines, spaced, position, most_values),
        )
        for position in range(width)
    ]


def _count_values(
    lines: Sequence[FileLine], spaced: Sequence[FileLine], position: int, most: int
) -> Counter[str]:
    values = _count(spaced, position, most)
    if len(values) < _ENOUGH and len(spaced) < len(lines):
        values = _count(lines[:_MOST_LINES], position, most)
    return values


def _count(lines: Iterable[FileLine], position: int, most: int) -> Counter[str]:
    cells = Counter(line.read_cell(position) for line in lines)
    step = len(cells) // most + 1
    values: Counter[str] = Counter()
    for cell, count in islice(cells.items(), 0, None, step):
        if words := read_value(cell):
            values[words[: LONGEST + 1]] += count
    return values


def show_samples(lines: Iterable[FileLine], position: int, most: int) -> tuple[str, ...]:
    """The first distinct values of a column, as a spreadsheet shows them."""
    shown: dict[str, None] = {}
    for line in lines:
        cell = line.read_cell(position)
        if cell is not None and cell != "":
            shown.setdefault(show(cell))
            if len(shown) == most:
                break
    return tuple(shown)

"""The headings that a resource knows to the letter, and the line of a file below them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from labelling.spreadsheets.resources import RESOURCES, SheetResource
from labelling.spreadsheets.widgets import Cell, show, to_one_line
from labelling.text import fold

# What a record computes, or what identifies it: a file sets none of it.
NEVER_SET = frozenset(map(fold, ("id", "pk", "search_key", "sort_key", "slug", "history")))


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

"""What the page for the board says: every word, and how each may be shortened.

Without Django: `composition` makes it from the records, `renderers.board` lays it out.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from labelling.press_release.content import Head, Picture


@dataclass(frozen=True, kw_only=True)
class Count:
    """A number and what it counts; `note` is what it does not know."""

    number: str
    label: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Names:
    """Who came or went: how many, and their names, the longest of the texts that has its place."""

    heading: str
    is_new: bool
    texts: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of a table: its numbers, and the parts of its bar, in thousandths of the longest."""

    name: str
    numbers: tuple[str, ...]
    known: int
    new: int


@dataclass(frozen=True, kw_only=True)
class Table:
    """The network by region or by kind of place; one without rows is not printed.

    `rests` says what is left out, by how many rows there is place for.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    rests: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class BoardPage:
    """All that the page says. An empty text is a part that it does not have."""

    letterhead: Head
    title: str
    subtitle: str
    counts: tuple[Count, ...]
    change_title: str
    change: str
    changes: tuple[Names, ...]
    map_title: str
    map: Picture
    map_notes: tuple[str, ...]
    growth_title: str
    growth: tuple[Picture, ...]  # The same in several sizes, the largest first.
    tables: tuple[Table, ...]
    foot: tuple[str, ...]
    language: str = "fr"

    def list_texts(self) -> Iterator[str]:
        """Every text that is printed, in no order that matters."""
        yield from _list_texts(asdict(self))


def _list_texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | tuple):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _list_texts(part)

"""Control totals: what a file says of itself, against what was read of it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from labelling.models.stored import FileColumn
from labelling.spreadsheets.resources import SheetResource
from labelling.spreadsheets.widgets import (
    Cell,
    CountWidget,
    NameWidget,
    is_blank,
    show,
    to_one_line,
)
from labelling.text import counted as count_noun
from labelling.text import fold, number, plural, typeset

What = Literal["lines", "new", "cells", "sum"]

# What a text states more often is no total; of a sentence, so many characters tell where it is.
_MOST_TOTALS = 20
_LONGEST_SENTENCE = 300
_INTEGER = r"([0-9]{1,3}(?:\s[0-9]{3}){1,5}|[0-9]{1,18})"
# « Sur ces 856 sites » counts the State's, of which the list is a part.
_ALL = re.compile(
    rf"(?<!\bces\s)\b{_INTEGER}\s+(?:sites?|pimms|lignes?|structures?)\b(?!\s+suppl)", re.IGNORECASE
)
_NEW = re.compile(
    rf"\b{_INTEGER}\s+(?:nouve(?:aux|lles?)|\w+\s+suppl[ée]mentaires?)\b", re.IGNORECASE
)
# Words that stand for no record, whatever numbers stand beside them.
_WORDS = frozenset(("total", "totaux", "total general", "totaux generaux"))
_BEGINNINGS = ("total", "nombre de ", "nombre total")
# The only number of a line: « Total : 53 PIMMS »; of a cell that is nothing else.
_WHOLE = re.compile(_INTEGER)
_ONE_NUMBER = re.compile(rf"\A[^0-9]*{_INTEGER}[^0-9]*\Z")


@dataclass(frozen=True)
class Total:
    """A count that a file states, and the count of what was read.

    Of its lines or of the new ones; or, of the column under `heading`, of the filled cells or of
    what they add up to. `sentence` is where the file states it.
    """

    what: What
    stated: int
    counted: int
    sentence: str
    heading: str = ""

    @property
    def agrees(self) -> bool:
        return self.stated == self.counted

    def __str__(self) -> str:
        stated, counted = number(self.stated), number(self.counted)
        if self.what == "new":
            noun = plural(self.stated, "nouveau", "nouveaux")
            verb = plural(self.counted, "porte", "portent")
            sentence = f"Le fichier annonce {stated} {noun} ; {counted} {verb} l’astérisque."
        elif self.what == "sum":
            sentence = (
                f"Le fichier annonce {stated}, colonne « {self.heading} » ; ses nombres font "
                f"{counted}."
            )
        elif self.what == "cells":
            filled = count_noun(self.counted, "cellule remplie", "cellules remplies")
            sentence = f"Le fichier annonce {stated}, colonne « {self.heading} » ; elle a {filled}."
        else:
            noun = plural(self.stated, "ligne")
            verb = plural(self.counted, "a été lue", "ont été lues")
            sentence = f"Le fichier annonce {stated} {noun} ; {counted} {verb}."
        return typeset(sentence)


def read_total(cells: Sequence[Cell]) -> int | None:
    """The number of a line of totals, « Total | 53 » or « Nombre de sites : 53 »; else None."""
    if not cells or len(cells) > 2 or not fold(show(cells[0])).startswith(_BEGINNINGS):
        return None
    match = _ONE_NUMBER.match(to_one_line(" ".join(map(show, cells))))
    return _read_integer(match[1]) if match else None


def is_total_line(cells: Sequence[Cell]) -> bool:
    """Whether a line states totals and nothing else: « Total | 53 », « Total | | 7 | 1 200 »."""
    filled = [cell for cell in cells if not is_blank(cell)]
    if len(filled) <= 2:
        return read_total(filled) is not None
    return fold(show(filled[0])) in _WORDS and None not in map(_read_count, filled[1:])


class ColumnCounts(dict[int, tuple[int, int | None]]):
    """Of each column of `rows`, how many cells are filled, and what they add up to.

    None: they are not all numbers. A column is read once, however many lines state its total.
    """

    def __init__(self, rows: Sequence[Sequence[Cell]]) -> None:
        super().__init__()
        self.rows = rows

    def __missing__(self, position: int) -> tuple[int, int | None]:
        cells = (row[position] for row in self.rows if position < len(row))
        numbers = [_read_number(cell) for cell in cells if not is_blank(cell)]
        known = [number for number in numbers if number is not None]
        self[position] = found = len(numbers), sum(known) if len(known) == len(numbers) else None
        return found


def list_foot_totals(
    cells: Sequence[Cell],
    counts: ColumnCounts,
    columns: Sequence[FileColumn],
    resource: SheetResource,
) -> list[Total]:
    """Return what a line of totals under a table states, each number against what stands above it.

    A column of numbers is added up, unless its field says that they are no quantities: codes are
    counted, as words are. A number under an empty column, or beside its word, counts the lines. A
    number that is neither count nor sum is told against the one that its column calls for.
    """
    if not is_total_line(cells):
        return []
    filled = [(position, cell) for position, cell in enumerate(cells) if not is_blank(cell)]
    filled = filled[: _MOST_TOTALS + 1]
    sentence = " ".join(show(cell) for _, cell in filled)
    if len(filled) == 1:
        return [Total("lines", read_total([filled[0][1]]) or 0, len(counts.rows), sentence)]
    by_position = {column.position: column for column in columns}
    return [
        _count_column(
            _read_count(cell) or 0,
            *counts[position],
            sentence,
            by_position.get(position),
            resource,
            len(counts.rows),
        )
        for position, cell in filled[1:]
    ]


def _count_column(
    stated: int,
    filled: int,
    total: int | None,
    sentence: str,
    column: FileColumn | None,
    resource: SheetResource,
    count: int,
) -> Total:
    heading = (column.heading or f"colonne {column.letter}") if column else ""
    field = resource.find_column(column.field) if column and column.field else None
    is_quantity = field is None or isinstance(field.widget, CountWidget)
    if filled and stated != filled and is_quantity and total is not None:
        return Total("sum", stated, total, sentence, heading)
    if not filled or filled == count:
        return Total("lines", stated, count, sentence)
    return Total("cells", stated, filled, sentence, heading)


def list_sentence_totals(sentences: Sequence[str], count: int, count_new: int) -> list[Total]:
    """Return each total that sentences state, once: « 13 nouveaux », « 53 PIMMS »."""
    totals: dict[tuple[What, int], Total] = {}
    patterns: tuple[tuple[What, re.Pattern[str], int], ...] = (
        ("new", _NEW, count_new),
        ("lines", _ALL, count),
    )
    for sentence in sentences:
        for what, pattern, counted in patterns:
            for match in pattern.finditer(sentence):
                stated = _read_integer(match[1])
                if (what, stated) not in totals and len(totals) < _MOST_TOTALS:
                    words = _quote_around(match)
                    totals[what, stated] = Total(what, stated, counted, words)
    return list(totals.values())


def _quote_around(match: re.Match[str]) -> str:
    """Return the sentence of a match; of a long one, what stands around it."""
    sentence = match.string
    if len(sentence) <= _LONGEST_SENTENCE:
        return sentence
    start = max(0, match.start() - _LONGEST_SENTENCE // 2)
    return f"{'…' if start else ''}{sentence[start : start + _LONGEST_SENTENCE]}…"


def count_marked(names: Sequence[Cell]) -> int:
    """Return how many of these names carry the asterisk of the new."""
    return sum(map(NameWidget.is_marked_new, names))


def _read_count(cell: Cell) -> int | None:
    """Return the number of a cell, alone or with its noun: 53, « 53 PIMMS »; else None."""
    match = _ONE_NUMBER.fullmatch(to_one_line(show(cell)))
    return _read_integer(match[1]) if match else None


def _read_number(cell: Cell) -> int | None:
    """Return the whole number that a cell is, if it is one: zeros before it make a code of it."""
    words = to_one_line(show(cell))
    if not _WHOLE.fullmatch(words) or (words.startswith("0") and words != "0"):
        return None
    return _read_integer(words)


def _read_integer(digits: str) -> int:
    return int("".join(digits.split()))

"""A sheet while it is being read: cells, what is wrong with them, and its final shape."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from labelling.characters import UNWRITABLE
from labelling.sandbox.limits import RefusedError, format_number

from .limits import (
    TOO_HEAVY,
    Limits,
    TooLargeError,
    format_address,
    format_letters,
)

Cell = str | float | int | bool | date | time | None  # a datetime is a date
Span = tuple[int, int, int, int]
"""First row, first column, last row, last column of merged cells, counted from 0, all included."""

# Beyond, a float no longer tells neighbouring integers apart.
LARGEST_INTEGER = 2**53

NO_RESULT = "contient une formule sans résultat enregistré"
NOT_A_NUMBER = "contient un nombre illisible"
NOT_A_DATE = "contient une date illisible"


# Files hold the English codes; a French Excel displays these.
FRENCH_CODES = {
    "#NULL!": "#NUL!",
    "#VALUE!": "#VALEUR!",
    "#NAME?": "#NOM?",
    "#NUM!": "#NOMBRE!",
}


def word_error(code: str) -> str:
    """Return what to say of an error cell, with the code that the spreadsheet displays."""
    return f"contient une erreur ({FRENCH_CODES.get(code, code) or '?'})"


@dataclass
class Budget:
    """What all the sheets of a file may still hold, whatever repeats and references make of it."""

    limits: Limits
    cells: int = 0
    characters: int = 0

    def spend_cells(self, count: int, name: str) -> None:
        """Count filled cells of a sheet, or raise TooLargeError and leave the rest to others."""
        check_total(self.cells + count, self.limits, name)
        self.cells += count

    def spend_characters(self, count: int) -> None:
        """Count characters of text, or raise RefusedError."""
        self.characters += count
        if self.characters > self.limits.characters:
            raise RefusedError(TOO_HEAVY)


# Comments of which the address is told.
FIRST_COMMENTS = 5


@dataclass
class SheetFacts:
    """What a spreadsheet shows of a sheet, or hides, beside the values of its cells.

    Lines are counted from 1, columns from 0; both are named where they hold a value. A line is
    struck through when all its values are.
    """

    hidden_lines: Sequence[int] = ()
    struck_lines: Sequence[int] = ()
    hidden_columns: Sequence[int] = ()
    comments: int = 0
    # The addresses of the first ones.
    commented: Sequence[str] = ()
    # The menus of the spreadsheet do not show it either.
    is_very_hidden: bool = False


@dataclass
class Grid:
    """The cells of one sheet; row and column 0 are line 1 and column A.

    `unread` says why it has none: it is too large.
    """

    name: str
    is_hidden: bool
    facts: SheetFacts = field(default_factory=SheetFacts)
    unread: str = ""
    rows: list[list[Cell]] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    problems: dict[tuple[int, int], str] = field(default_factory=dict)
    width: int = 0

    def fill(self, rows: Iterable[list[Any]], budget: Budget) -> None:
        """Take the rows, clean the cells, fill merged ones, cut the blank rows that follow.

        Each row is left without its last blank cells. Raises RefusedError when a cell holds a
        character that no record may hold.
        """
        source: list[Any] | None = None
        cleaned: list[Cell] = []
        for number, row in enumerate(rows):
            if row is not source:  # ODS repeats a row by giving the same list again
                source, cleaned = row, self._clean(number, row, budget)
            self.rows.append(cleaned)
        self._cut()
        if self.spans:
            self.rows = [row.copy() for row in self.rows]
            self._fill_spans()
        self._cut_facts()

    def _clean(self, row_number: int, row: list[Any], budget: Budget) -> list[Cell]:
        # Nearly all cells are text, and nearly no text is refused: one search for the whole row.
        texts = [value for value in row if type(value) is str]
        joined = "\n".join(texts)
        budget.spend_characters(len(joined))
        if UNWRITABLE.search(joined):
            self._refuse_characters(row_number, row)
        cleaned: list[Cell] = [
            (value or None) if type(value) is str else self._tidy(row_number, column, value)
            for column, value in enumerate(row)
        ]
        while cleaned and cleaned[-1] is None:
            cleaned.pop()
        return cleaned

    def _tidy(self, row: int, column: int, value: object) -> Cell:
        # bool before int, datetime before date: the former is one of the latter.
        match value:
            case float():
                if math.isfinite(value):
                    return tidy_number(value)
                self.problems[row, column] = NOT_A_NUMBER
                return None
            case None | str() | bool() | int() | time():
                return value
            case datetime() if value.time() == time(0):
                return value.date()
            case date():
                return value
            case timedelta():
                return tidy_duration(value)
        raise TypeError(value)

    def _refuse_characters(self, row_number: int, row: list[Any]) -> None:
        for column, value in enumerate(row):
            if isinstance(value, str) and (match := UNWRITABLE.search(value)):
                raise RefusedError(
                    f"La cellule {format_address(row_number, column)} de la feuille « {self.name} »"
                    f" contient un caractère invisible (U+{ord(match[0]):04X}). Ressaisissez cette"
                    " cellule, enregistrez, puis déposez le fichier à nouveau."
                )

    def _cut(self) -> None:
        while self.rows and not self.rows[-1]:
            self.rows.pop()
        # A cell in error is blank, but it is there.
        height = max([len(self.rows), *(row + 1 for row, _ in self.problems)])
        self.rows.extend([] for _ in range(height - len(self.rows)))
        widths = (column + 1 for _, column in self.problems)
        self.width = max([0, *map(len, self.rows), *widths])

    def _cut_facts(self) -> None:
        """Keep, of the lines and columns that are marked, those that hold a value."""
        in_error = {row + 1 for row, _ in self.problems}

        def is_filled(line: int) -> bool:
            row = self.rows[line - 1] if line <= len(self.rows) else []
            return line in in_error or any(value is not None for value in row)

        facts = self.facts
        facts.hidden_lines = list(filter(is_filled, facts.hidden_lines))
        facts.struck_lines = list(filter(is_filled, facts.struck_lines))
        facts.hidden_columns = [
            column
            for column in facts.hidden_columns
            if any(column < len(row) and row[column] is not None for row in self.rows)
        ]

    def _fill_spans(self) -> None:
        # Legal merged cells do not overlap, so together they cover the grid once at most.
        budget = len(self.rows) * self.width
        for top, left, lowest, rightmost in self.spans:
            bottom, right = min(lowest, len(self.rows) - 1), min(rightmost, self.width - 1)
            if bottom < top or right < left:
                continue
            budget -= (bottom - top + 1) * (right - left + 1)
            if budget < 0:
                raise RefusedError(
                    f"La feuille « {self.name} » contient des cellules fusionnées qui se"
                    " chevauchent. Défusionnez-les, enregistrez, puis déposez le fichier à nouveau."
                )
            first = self.rows[top]
            value = first[left] if left < len(first) else None
            for row in self.rows[top : bottom + 1]:
                row.extend([None] * (right + 1 - len(row)))
                row[left : right + 1] = [value] * (right + 1 - left)


def tidy_number(value: float) -> int | float:
    """Return 3 for 3.0: a spreadsheet has one kind of number, and people wrote "3"."""
    return int(value) if value.is_integer() and abs(value) <= LARGEST_INTEGER else value


def tidy_duration(value: timedelta) -> time | str:
    """Return the time of day, or "26:30:00" for what no clock shows."""
    if timedelta(0) <= value < timedelta(days=1):
        return (datetime.min + value).time()
    sign = "-" if value < timedelta(0) else ""
    minutes, seconds = divmod(round(abs(value).total_seconds()), 60)
    return f"{sign}{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"


def check_extent(name: str, last_row: int, last_column: int, limits: Limits) -> None:
    """Raise TooLargeError when the last filled row or column, counted from 0, is beyond the limits.

    A text file has no sheet name. The headings are one row more.
    """
    subject = f"La feuille « {name} »" if name else "Ce fichier"
    if last_row > limits.rows:
        raise TooLargeError(
            f"{subject} va jusqu’à la ligne {format_number(last_row + 1)} ; la limite est de"
            f" {format_number(limits.rows)} lignes sous les titres. Supprimez les lignes inutiles,"
            " y compris ce qui serait écrit très loin sous le tableau, ou déposez le fichier en"
            " plusieurs parties."
        )
    if last_column >= limits.columns:
        raise TooLargeError(
            f"{subject} va jusqu’à la colonne {format_letters(last_column)} ; la limite"
            f" est de {format_number(limits.columns)} colonnes. Supprimez les colonnes inutiles,"
            " y compris ce qui serait écrit très loin à droite du tableau."
        )


def check_sheets(count: int, limits: Limits) -> None:
    """Raise RefusedError when a workbook has too many sheets."""
    if count > limits.sheets:
        raise RefusedError(
            f"Ce classeur a plus de {format_number(limits.sheets)} feuilles. Copiez la seule"
            " feuille utile dans un nouveau classeur, puis déposez celui-ci."
        )


def check_total(cells: int, limits: Limits, name: str = "") -> None:
    """Raise TooLargeError when a file holds too many cells, those of this sheet included."""
    if cells > limits.cells:
        subject = f"Avec la feuille « {name} », ce" if name else "Ce"
        raise TooLargeError(
            f"{subject} fichier contient plus de {format_number(limits.cells)} cellules. Copiez les"
            " seules lignes et colonnes utiles dans un nouveau classeur, puis déposez celui-ci."
        )

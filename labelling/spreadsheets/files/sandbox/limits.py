"""What a workbook may cost, and how a cell is named."""

from dataclasses import dataclass

from labelling.sandbox.limits import MEGABYTE, Ceilings, RefusedError

TOO_HEAVY = (
    "Ce classeur demande trop de mémoire ou de temps pour être lu. Copiez les seules lignes et"
    " colonnes utiles dans un nouveau classeur, puis déposez celui-ci."
)


class TooLargeError(RefusedError):
    """A sheet that is not read; the others of its workbook may be."""


@dataclass(frozen=True)
class Limits(Ceilings):
    """Ceilings for one workbook."""

    sheets: int = 250
    rows: int = 20_000  # Below the headings.
    columns: int = 200
    # Filled cells of the sheets that are read, and the characters in them: a few bytes of a
    # workbook can name the same long text a million times.
    cells: int = 1_000_000
    characters: int = 32 * MEGABYTE


def format_letters(column: int) -> str:
    """Return the letters a spreadsheet shows for a column counted from 0: 0 is A, 26 is AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def format_address(row: int, column: int) -> str:
    """Return the name a spreadsheet shows for a cell counted from 0: (6, 3) is D7."""
    return f"{format_letters(column)}{row + 1}"

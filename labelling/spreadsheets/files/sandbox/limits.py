"""What a file may cost, how it is refused, and how a cell is named."""

from dataclasses import dataclass

MEGABYTE = 1024 * 1024


TOO_HEAVY = (
    "Ce classeur demande trop de mémoire ou de temps pour être lu. Copiez les seules lignes et"
    " colonnes utiles dans un nouveau classeur, puis déposez celui-ci."
)


class RefusedError(Exception):
    """A file that is not read; the message is a French sentence with cause and remedy."""


class TooLargeError(RefusedError):
    """A sheet that is not read; the others of its workbook may be."""


@dataclass(frozen=True)
class Limits:
    """Ceilings for one file. Sizes are in bytes, times in seconds."""

    upload: int = 5 * MEGABYTE
    parts: int = 500
    unpacked: int = 64 * MEGABYTE
    sheets: int = 250
    rows: int = 20_000  # Below the headings.
    columns: int = 200
    # Filled cells of the sheets that are read, and the characters in them: a few bytes of a
    # workbook can name the same long text a million times.
    cells: int = 1_000_000
    characters: int = 32 * MEGABYTE
    memory: int = 768 * MEGABYTE
    processor_time: int = 8
    time: int = 10


def format_number(number: int) -> str:
    """Return 20000 as the French write it, with U+202F between thousands."""
    return f"{number:,}".replace(",", "\u202f")


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

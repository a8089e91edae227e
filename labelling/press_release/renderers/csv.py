"""The list as CSV: one for staff's spreadsheets, one for programs."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from labelling.press_release.content import Content, Line

# What makes a spreadsheet take a text for a formula when it opens a CSV file.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def render(content: Content) -> bytes:
    """Return what French Excel opens: semicolons, French headings, a byte order mark.

    A notice (a draft's, an embargo's) stands above the headings: it must not be missed. Where no
    site is new there is no column for it: above a mere list stand its title, its count and its
    date.
    """
    words = content.words
    rows = [_row(line) for line in content.lines]
    if content.new_count:
        above, columns = [], [*content.columns, words.new_column]
        for row, line in zip(rows, content.lines, strict=True):
            row.append(words.yes if line.is_new else words.no)
    else:
        said = filter(None, [content.title, content.lead, content.situation])
        above, columns = [[_harmless(one)] for one in said], [*content.columns]
        above += [[]] if above else []
    notices = [[_harmless(notice)] for notice in content.notices]
    rows = [*notices, *above, columns, *rows]
    return b"\xef\xbb\xbf" + _written(rows, delimiter=";")


def render_for_programs(content: Content) -> bytes:
    """Return commas, an English header and the texts to the letter."""
    rows = [["region", "department", "name", "new"]]
    for line in content.lines:
        new = "yes" if line.is_new else "no"
        rows.append([line.region, line.department, line.name, new])
    return _written(rows, delimiter=",")


def _row(line: Line) -> list[str]:
    return [*map(_harmless, (line.region, line.department, line.name))]


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell


def _written(rows: Iterable[list[str]], delimiter: str) -> bytes:
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return stream.getvalue().encode()

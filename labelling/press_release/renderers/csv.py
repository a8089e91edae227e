"""The list as CSV: one for staff's spreadsheets, one for programs."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from labelling.press_release.renderers import flat

if TYPE_CHECKING:
    from collections.abc import Iterable

    from labelling.press_release.content import Content

# What makes a spreadsheet take a text for a formula when it opens a CSV file.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def render(content: Content) -> bytes:
    """Return what French Excel opens: semicolons, French headings, a byte order mark.

    The headings come first, but for what must not be missed: notices, and where no site is new,
    what the list is.
    """
    above = [[said] for said in (content.notices if content.new_count else flat.preface(content))]
    if not content.new_count and above:
        above.append([])
    rows = [*above, flat.headings(content), *flat.rows(content)]
    harmless = [[*map(_harmless, row)] for row in rows]
    return b"\xef\xbb\xbf" + _written(harmless, delimiter=";")


def render_for_programs(content: Content) -> bytes:
    """Return commas, an English header and the texts to the letter."""
    rows = [["region", "department", "name", "new"]]
    for line in content.lines:
        new = "yes" if line.is_new else "no"
        rows.append([line.region, line.department, line.name, new])
    return _written(rows, delimiter=",")


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell


def _written(rows: Iterable[list[str]], delimiter: str) -> bytes:
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return stream.getvalue().encode()

"""The child process that reads a workbook, as `labelling.sandbox.child` serves it.

Lines out: for each sheet a dictionary, then lists of rows; then {"end": true}.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime, time
from typing import Any

from labelling.sandbox.child import restrain, serve
from labelling.sandbox.limits import RefusedError

from .limits import TOO_HEAVY, Limits

# Rows in one line of the answer: few enough to weigh little, enough to go fast.
ROWS_AT_ONCE = 200
# Sheets of nothing that are left unread before the workbook is.
MOST_SPARSE = 3


def main() -> None:
    """Read the limits and the sheet to read (one line of JSON), then a workbook; answer on stdout.

    No sheet named: all of them.
    """
    asked = json.loads(sys.stdin.buffer.readline())
    only = asked.pop("only", "")
    limits = Limits(**asked)
    restrain(limits)
    serve(lambda data: answer(data, limits, only), encode, TOO_HEAVY)


def answer(data: bytes, limits: Limits, only: str = "") -> Iterator[Any]:
    """Yield the lines that describe a workbook; raise RefusedError when it is not to be read."""
    # Imported here so that these libraries, too, work within the limits.
    from labelling.sandbox.archive import unpack

    from .excel import read_xls, read_xlsx
    from .grid import Budget, Grid, check_sheets
    from .kinds import REFUSALS, find_kind
    from .opendocument import read_ods

    budget = Budget(limits)
    if data.startswith(b"PK"):
        parts = unpack(data, limits, REFUSALS)
        read = read_xlsx if find_kind(parts) == "xlsx" else read_ods
        grids = read(parts, budget, only)
    else:
        grids = read_xls(data, budget, only)
    area = sparse = 0
    is_read, refusal = False, ""
    for count, read_grid in enumerate(grids, 1):
        check_sheets(count, limits)
        grid = read_grid
        # A cell in a corner makes a sheet of nothing as wide and long as the limits allow: one
        # such sheet is read, a hundred are not even looked at.
        if area + len(grid.rows) * grid.width > (limits.rows + 1) * limits.columns:
            sparse += 1
            if sparse > MOST_SPARSE:
                raise RefusedError(TOO_HEAVY)
            grid = Grid(grid.name, grid.is_hidden, unread=TOO_HEAVY)
        area += len(grid.rows) * grid.width
        is_read = is_read or bool(grid.rows)
        refusal = refusal or grid.unread
        problems = [[*place, reason] for place, reason in sorted(grid.problems.items())]
        yield {
            "sheet": grid.name,
            "hidden": grid.is_hidden,
            "width": grid.width,
            "problems": problems,
            "facts": asdict(grid.facts),
            "unread": grid.unread,
        }
        for first in range(0, len(grid.rows), ROWS_AT_ONCE):
            yield grid.rows[first : first + ROWS_AT_ONCE]
    if refusal and not is_read:
        raise RefusedError(refusal)
    yield {"end": True}


def encode(value: date | time) -> list[str]:
    """Return what JSON has no word for, in a list that names its type."""
    if isinstance(value, datetime):
        return ["datetime", value.isoformat()]
    return ["date" if isinstance(value, date) else "time", value.isoformat()]

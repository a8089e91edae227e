"""The child process: limits itself, reads one workbook from stdin, writes JSON lines to stdout.

Lines out: for each sheet a dictionary, then lists of rows; then {"end": true}. Or, at any moment,
{"refused": a French sentence}. No such end means a child that died.
"""

import gc
import json
import resource
import sys
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

from .limits import TOO_HEAVY, Limits, RefusedError

# Rows in one line of the answer: few enough to weigh little, enough to go fast.
ROWS_AT_ONCE = 200


def main() -> None:
    """Read the limits (one line of JSON) and a workbook from stdin; answer on stdout."""
    limits = Limits(**json.loads(sys.stdin.buffer.readline()))
    restrain(limits)
    # Millions of short-lived objects, no cycles, and a process that ends in a moment.
    gc.disable()
    encoder = json.JSONEncoder(default=encode, ensure_ascii=False, separators=(",", ":"))
    try:
        for line in answer(sys.stdin.buffer.read(), limits):
            write(encoder.encode(line))
    except MemoryError:
        write(json.dumps({"refused": TOO_HEAVY}))
    except RefusedError as refusal:
        write(json.dumps({"refused": str(refusal)}))
    sys.stdout.buffer.flush()


def write(text: str) -> None:
    """Write one line to stdout."""
    sys.stdout.buffer.write(text.encode() + b"\n")


def restrain(limits: Limits) -> None:
    """Give up memory, processor time and files, for good: the kernel enforces it."""
    for kind, ceiling in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CPU, limits.processor_time),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hardest = resource.getrlimit(kind)
        limit = ceiling if hardest == resource.RLIM_INFINITY else min(ceiling, hardest)
        resource.setrlimit(kind, (limit, limit))


def answer(data: bytes, limits: Limits) -> Iterator[Any]:
    """Yield the lines that describe a workbook; raise RefusedError when it is not to be read."""
    # Imported here so that these libraries, too, work within the limits.
    from .archive import find_kind, unpack
    from .excel import read_xls, read_xlsx
    from .grid import Budget
    from .opendocument import read_ods

    budget = Budget(limits)
    if data.startswith(b"PK"):
        parts = unpack(data, limits)
        is_excel = find_kind(parts) == "xlsx"
        grids = read_xlsx(parts, budget) if is_excel else read_ods(parts["content.xml"], budget)
    else:
        grids = read_xls(data, budget)
    area = 0
    for grid in grids:
        # A cell in a corner makes a sheet of nothing as wide and long as the limits allow: one
        # such sheet passes, a hundred do not.
        area += len(grid.rows) * grid.width
        if area > (limits.rows + 1) * limits.columns:
            raise RefusedError(TOO_HEAVY)
        problems = [[*place, reason] for place, reason in sorted(grid.problems.items())]
        yield {
            "sheet": grid.name,
            "hidden": grid.is_hidden,
            "width": grid.width,
            "problems": problems,
        }
        for first in range(0, len(grid.rows), ROWS_AT_ONCE):
            yield grid.rows[first : first + ROWS_AT_ONCE]
    yield {"end": True}


def encode(value: date | time) -> list[str]:
    """Return what JSON has no word for, in a list that names its type."""
    if isinstance(value, datetime):
        return ["datetime", value.isoformat()]
    return ["date" if isinstance(value, date) else "time", value.isoformat()]

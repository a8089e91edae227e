"""CSV out, for French Excel or for programs."""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import tzinfo

from .table import PARIS, Table, Value, make_storable, to_french_text, to_plain_text

# Excel runs a CSV cell that begins so, and takes "#N/A" for an error. An apostrophe stops it; a
# text that already begins with apostrophes and then so gets one more: reading takes one away.
RUNS_IN_EXCEL = re.compile(r"^'*(?:[=+\-@\t\r]|#[A-Z0/]+[!?]?\Z)")
NEEDS_QUOTES = re.compile(r'[;,|\t"\r\n]')


def to_csv(table: Table, zone: tzinfo = PARIS, *, for_programs: bool = False) -> bytes:
    """Return a CSV for French Excel: `;`, decimal comma, day first, UTF-8 with its mark.

    Text that Excel would run begins with one apostrophe more, which our reading takes away. With
    `for_programs`: commas, ISO dates, no notes, and text exactly as it is, dangerous in Excel.
    """
    if for_programs:
        lines = list(table.list_lines())[len(table.notes) :]
        return _join(lines, zone, to_plain_text, ",", "\n").encode()
    return _join(table.list_lines(), zone, _disarm, ";", "\r\n").encode("utf-8-sig")


def _join(
    lines: Iterable[Sequence[Value]],
    zone: tzinfo,
    to_text: Callable[[Value], str],
    separator: str,
    end: str,
) -> str:
    return "".join(
        separator.join(_quote(to_text(make_storable(value, zone))) for value in line) + end
        for line in lines
    )


def _disarm(value: Value) -> str:
    text = to_french_text(value)
    # A negative number also begins with a sign, but runs nothing.
    return f"'{text}" if isinstance(value, str) and RUNS_IN_EXCEL.match(text) else text


def _quote(text: str) -> str:
    # Every separator is quoted, not only the one in use: readers guess it.
    return '"' + text.replace('"', '""') + '"' if NEEDS_QUOTES.search(text) else text

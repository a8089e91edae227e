"""Looks into an OLE container, the file of Office before 2007: what it is, what calamine drops.

calamine reads the values of an XLS workbook; like those of XLSX, it shows errors as empty cells,
and tells no fact of a sheet.
Sources: [MS-CFB] for the container, [MS-XLS] for the records.
"""

import struct
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from labelling.sandbox.limits import RefusedError

from .grid import FIRST_COMMENTS, SheetFacts, word_error
from .kinds import DAMAGED, MACROS, PROTECTED, SLIDES, WORD
from .limits import format_address

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OUTLOOK = (
    "Ce fichier est un message Outlook, pas un tableur. Enregistrez sa pièce jointe, puis"
    " déposez-la, ou collez les lignes du message."
)

DIRECTORY_ENTRY = 128
ROOT = "Root Entry"
# Smaller streams are kept in the root's, in sectors of 64 bytes with a table of their own.
SMALL_STREAM = 4096
SMALL_SECTOR = 64
END_OF_CHAIN = 0xFFFFFFFA

FORMULA, END_OF_SHEET, FILE_PASSWORD, BOUND_SHEET, BOOLEAN_OR_ERROR = 0x06, 0x0A, 0x2F, 0x85, 0x205
ROW, COLUMNS, NOTE, FONT, STYLE = 0x208, 0x7D, 0x1C, 0x31, 0xE0
# A cell with a value begins with its row, its column and its style: numbers, texts, formulas…
VALUES = (FORMULA, BOOLEAN_OR_ERROR, 0xD6, 0xFD, 0x203, 0x204, 0x27E)
# … but one record holds several numbers of a row, each with its style.
NUMBERS = 0xBD
LAST_COLUMN = 255
# Of the fonts, which count from 0, there is no number 4.
NO_FONT = 4
HIDDEN_ROW, HIDDEN_COLUMN, STRUCK_OUT = 0x20, 0x01, 0x08
STARTS_OF_SHEET = (0x009, 0x209, 0x409, 0x809)
ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}


@dataclass
class Sheet:
    """What calamine does not tell of a sheet: its cells in error, by their place, and its facts."""

    problems: dict[tuple[int, int], str] = field(default_factory=dict)
    facts: SheetFacts = field(default_factory=SheetFacts)


def check_xls(data: bytes) -> list[Sheet]:
    """Return what calamine does not tell of each sheet of an XLS workbook.

    Raises RefusedError when it is another document, or protected, or has macros.
    """
    try:
        container = _Container(data)
        names = container.streams.keys()
        if "EncryptedPackage" in names:
            raise RefusedError(PROTECTED)
        if "WordDocument" in names:
            raise RefusedError(WORD)
        if "PowerPoint Document" in names:
            raise RefusedError(SLIDES)
        if "__properties_version1.0" in names:
            raise RefusedError(OUTLOOK)
        if any(name.startswith("_VBA_PROJECT") for name in names):
            raise RefusedError(MACROS)
        return _read_sheets(container.read_stream("Workbook" if "Workbook" in names else "Book"))
    except (struct.error, KeyError, IndexError, ValueError) as error:
        raise RefusedError(DAMAGED) from error


class _Container:
    """The streams of an OLE container, which is a small file system."""

    def __init__(self, data: bytes) -> None:
        sector_shift, table_sectors, directory = struct.unpack_from("<H12xII", data, 0x1E)
        if not 7 <= sector_shift <= 12:
            raise ValueError(sector_shift)
        self.sector = 1 << sector_shift
        # The header names 109 sectors of the table: enough for 7 MB, and our limit is below.
        places = struct.unpack_from(f"<{min(table_sectors, 109)}I", data, 0x4C)
        self.data = data[max(self.sector, 512) :]
        self.table = b"".join(self._read_sector(place) for place in places)
        self.streams: dict[str, tuple[int, int]] = {}
        entries = self._read_chain(directory)
        for place in range(0, len(entries) - DIRECTORY_ENTRY + 1, DIRECTORY_ENTRY):
            (length,) = struct.unpack_from("<H", entries, place + 64)
            if 2 <= length <= 64:
                name = entries[place : place + length - 2].decode("utf-16-le")
                first, size = struct.unpack_from("<II", entries, place + 116)
                self.streams[name] = first, size
        (small_table,) = struct.unpack_from("<I", data, 0x3C)
        self.small_table = self._read_chain(small_table)

    def read_stream(self, name: str) -> bytes:
        """Return a stream; raise KeyError when there is none of that name."""
        first, size = self.streams[name]
        if size >= SMALL_STREAM:
            return self._read_chain(first)[:size]
        small = self._read_chain(self.streams[ROOT][0])
        return _follow(self.small_table, first, small, SMALL_SECTOR)[:size]

    def _read_chain(self, first: int) -> bytes:
        return _follow(self.table, first, self.data, self.sector)

    def _read_sector(self, place: int) -> bytes:
        return self.data[place * self.sector : (place + 1) * self.sector]


def _follow(table: bytes, sector: int, data: bytes, length: int) -> bytes:
    """Join the sectors of a chain; the table tells, for each, which one comes next."""
    chain: list[bytes] = []
    while sector < END_OF_CHAIN:
        if len(chain) > len(data) // length:
            raise ValueError(sector)  # the chain bites its tail
        chain.append(data[sector * length : (sector + 1) * length])
        (sector,) = struct.unpack_from("<I", table, sector * 4)
    return b"".join(chain)


def _read_sheets(stream: bytes) -> list[Sheet]:
    starts: list[int] = []
    fonts: list[bool] = []  # struck out?
    styles: list[int] = []  # the font of each
    for kind, body in _read_records(stream, 0):
        if kind == FILE_PASSWORD:
            raise RefusedError(PROTECTED)
        if kind == BOUND_SHEET:
            starts += struct.unpack_from("<I", stream, body)
        elif kind == FONT:
            (traits,) = struct.unpack_from("<H", stream, body + 2)
            fonts += [bool(traits & STRUCK_OUT)] * (2 if len(fonts) == NO_FONT else 1)
        elif kind == STYLE:
            styles += struct.unpack_from("<H", stream, body)
    if len(set(starts)) != len(starts):
        raise RefusedError(DAMAGED)
    struck = {n for n, font in enumerate(styles) if font < len(fonts) and fonts[font]}
    return [_read_sheet(stream, start, struck) for start in starts]


def _read_sheet(stream: bytes, start: int, struck_styles: set[int]) -> Sheet:
    sheet = Sheet()
    hidden_rows: set[int] = set()
    hidden_columns: set[int] = set()
    commented: list[str] = []
    # By row, whether each cell with a value is struck out.
    struck: dict[int, bool] = defaultdict(lambda: True)
    for kind, body in _read_records(stream, start):
        if kind in VALUES:
            row, column, style = struct.unpack_from("<HHH", stream, body)
            struck[row] &= style in struck_styles
            if (code := _find_error(stream, kind, body)) is not None:
                sheet.problems[row, column] = word_error(ERRORS.get(code, ""))
        elif kind == NUMBERS:
            length, row = struct.unpack_from("<HH", stream, body - 2)
            for place in range(body + 4, body + length - 2, 6):
                struck[row] &= struct.unpack_from("<H", stream, place)[0] in struck_styles
        elif kind == ROW:
            row, traits = struct.unpack_from("<H10xH", stream, body)
            if traits & HIDDEN_ROW:
                hidden_rows.add(row)
        elif kind == COLUMNS:
            first, last, traits = struct.unpack_from("<HH4xH", stream, body)
            if traits & HIDDEN_COLUMN:
                hidden_columns.update(range(first, min(last, LAST_COLUMN) + 1))
        elif kind == NOTE:
            commented.append(format_address(*struct.unpack_from("<HH", stream, body)))
    sheet.facts = SheetFacts(
        hidden_lines=[row + 1 for row in sorted(hidden_rows)],
        struck_lines=[row + 1 for row in sorted(struck) if struck[row]],
        hidden_columns=sorted(hidden_columns),
        comments=len(commented),
        commented=commented[:FIRST_COMMENTS],
    )
    return sheet


def _find_error(stream: bytes, kind: int, body: int) -> int | None:
    """Return the code of the error that a cell gives, if it gives one."""
    if kind == BOOLEAN_OR_ERROR:
        code, is_error = struct.unpack_from("<BB", stream, body + 6)
    elif kind == FORMULA:
        result, code, mark = struct.unpack_from("<BxB3xH", stream, body + 6)
        is_error = result == 2 and mark == 0xFFFF
    else:
        return None
    return code if is_error else None


def _read_records(stream: bytes, place: int) -> Iterator[tuple[int, int]]:
    """Yield the kind of each record and where its body begins, to the end of the sheet."""
    depth = 0
    while place + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, place)
        yield kind, place + 4
        place += 4 + length
        # A chart inside a sheet is a sheet of its own inside the records.
        depth += kind in STARTS_OF_SHEET
        if kind == END_OF_SHEET:
            depth -= 1
            if depth <= 0:
                return

"""Bytes or pasted text in, grids of cells out, behind a guard.

Text is read here, workbooks in a child process that cannot hurt this one: see `sandbox`. What a
cell means is not decided here ("03/04/2020" stays text): `widgets` does that.
"""

import io
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, time
from typing import Any

from django.conf import settings

from labelling.sandbox.limits import MEGABYTE, RefusedError
from labelling.sandbox.running import name_child, read_apart

from .delimited import DelimitedRecord, open_text, read_pasted_records, read_records
from .encodings import find_odd, find_twice, mend_rows
from .sandbox.compound import SIGNATURE as COMPOUND
from .sandbox.grid import NO_RESULT, Cell, SheetFacts, check_extent, check_total
from .sandbox.kinds import REFUSALS
from .sandbox.limits import Limits, format_address, format_letters

__all__ = [
    "NO_RESULT",
    "Cell",
    "DelimitedRecord",
    "Limits",
    "ReadingError",
    "Sheet",
    "SheetFacts",
    "UnreadableCell",
    "Workbook",
    "check_size",
    "format_address",
    "format_letters",
    "read",
    "read_limits",
    "read_pasted",
]

CHILD = name_child("labelling.spreadsheets.files.sandbox.child")

# Blank lines that may follow a table, for each line that it may have.
BLANK_LINES = 25
# Characters of a text that reads badly which are shown.
LONGEST_DOUBT = 60

EMPTY = "Ce fichier est vide. Vérifiez que le tableau y est enregistré, puis déposez-le à nouveau."
NOTHING_PASTED = "Rien n’a été collé. Copiez les lignes du tableau, puis collez-les ici."
NOT_A_SPREADSHEET = (
    "Ce fichier n’est pas un tableur. Déposez un fichier Excel (.xlsx), LibreOffice (.ods) ou CSV."
)
IMAGE = "Ce fichier est une image, pas un tableur. Demandez le tableur d’origine."
ARCHIVE = (
    "Ce fichier est une archive, pas un tableur. Décompressez-la, puis déposez le tableur qu’elle"
    " contient."
)
MARKUP = (
    "Ce fichier est une page web ou un fichier XML, même si son nom est celui d’un tableur."
    " Ouvrez-le dans Excel ou LibreOffice, enregistrez-le au format « Classeur Excel (.xlsx) »,"
    " puis déposez cette copie."
)
KINDS = {
    b"%PDF-": (
        "Ce fichier est un document PDF, pas un tableur. Demandez le tableur d’origine, ou copiez"
        " le tableau, puis collez-le ici."
    ),
    b"\x89PNG": IMAGE,
    b"\xff\xd8\xff": IMAGE,
    b"GIF8": IMAGE,
    b"RIFF": IMAGE,
    b"\x1f\x8b": ARCHIVE,
    b"7z\xbc\xaf\x27\x1c": ARCHIVE,
    b"Rar!": ARCHIVE,
    b"{\\rtf": (
        "Ce fichier est un document texte (RTF), pas un tableur. Copiez son tableau, puis collez-le"
        " ici."
    ),
    b'{"': NOT_A_SPREADSHEET,
    b"[{": NOT_A_SPREADSHEET,
}


class ReadingError(ValueError):
    """A file that cannot be read; its message is a French sentence with cause and remedy."""


@dataclass(frozen=True)
class UnreadableCell:
    """A cell whose value the file does not give; its value in the rows is None."""

    row: int
    column: int
    reason: str

    @property
    def address(self) -> str:
        """The name of the cell as the spreadsheet shows it: D7."""
        return format_address(self.row, self.column)

    def __str__(self) -> str:
        return f"La cellule {self.address} {self.reason}."


@dataclass(frozen=True)
class Sheet:
    """One sheet: rows of equal width, from its very first row and column to its last filled ones.

    A blank cell is None. `line_numbers` holds, for each row, the line that the spreadsheet shows,
    or where the record begins in a text file. A text file is one sheet without a name. `unread`
    says why the sheet has no rows: it is too large, while others of its workbook are not.
    """

    name: str
    rows: Sequence[Sequence[Cell]]
    line_numbers: Sequence[int]
    is_hidden: bool = False
    problems: Sequence[UnreadableCell] = ()
    facts: SheetFacts = field(default_factory=SheetFacts)
    unread: str = ""
    # A text whose accents were written twice, as the file has it: such texts have been mended.
    mended: str = ""
    # A text that still reads badly, and where it stands.
    doubt: str = ""

    @property
    def faults(self) -> dict[int, dict[int, str]]:
        """Why cells have no value, by line and column: such a line is one, though all is None."""
        faults: dict[int, dict[int, str]] = {}
        for problem in self.problems:
            line = faults.setdefault(self.line_numbers[problem.row], {})
            line[problem.column] = problem.reason
        return faults

    def without(self, lines: Collection[int]) -> "Sheet":
        """The sheet with these lines blank."""
        if not lines:
            return self
        left = {row for row, line in enumerate(self.line_numbers) if line in lines}
        blank = (None,) * len(self.rows[0])
        rows = [blank if row in left else cells for row, cells in enumerate(self.rows)]
        problems = [problem for problem in self.problems if problem.row not in left]
        return replace(self, rows=rows, problems=problems)


@dataclass(frozen=True)
class Workbook:
    """The sheets of a file, in the order of their tabs, hidden ones included."""

    sheets: Sequence[Sheet]


def read_limits() -> Limits:
    """Return the limits of the settings."""
    return Limits(**settings.IMPORT_LIMITS)


def check_size(size: int, limits: Limits | None = None) -> None:
    """Raise ReadingError if a file of `size` bytes is too big to be read."""
    limits = limits or read_limits()
    if size > limits.upload:
        raise ReadingError(
            f"Ce fichier pèse {format_megabytes(size)} Mo ; la limite est de"
            f" {format_megabytes(limits.upload)} Mo. Retirez les images et les feuilles inutiles,"
            " ou enregistrez la seule feuille utile au format CSV."
        )


def read(data: bytes, name: str = "", limits: Limits | None = None, *, only: str = "") -> Workbook:
    """Read an XLSX, ODS, XLS or CSV file; raise ReadingError when it is none or breaks a limit.

    The bytes tell the format. The name only tells that a ".txt" file may be prose, where a
    quotation mark needs no closing. Of a workbook, the sheet that is called `only` may be read
    alone: the others, which count for nothing then, come without their rows.
    """
    limits = limits or read_limits()
    check_size(len(data), limits)
    try:
        if not data.strip():
            raise RefusedError(EMPTY)
        if data.startswith((b"PK\x03\x04", b"PK\x05\x06", COMPOUND)):
            sheets = tuple(_read_apart(data, limits, only))
            if not only and not any(sheet.rows for sheet in sheets):
                raise RefusedError(EMPTY)
            return _mend(Workbook(sheets))
        _refuse_other_kinds(data)
        text = open_text(io.BytesIO(data))
        if name.lower().endswith(".txt"):
            return _make_workbook(read_pasted_records(text.read()), limits)
        return _make_workbook(read_records(text), limits)
    except RefusedError as refusal:
        raise ReadingError(str(refusal)) from refusal


def read_pasted(text: str, limits: Limits | None = None) -> Workbook:
    """Read lines pasted from a spreadsheet or a mail; raise ReadingError on what read() refuses."""
    limits = limits or read_limits()
    try:
        if not text.strip():
            raise RefusedError(NOTHING_PASTED)
        if len(text) > limits.upload:
            raise RefusedError(
                "Le texte collé est trop long. Enregistrez-le dans un fichier CSV, puis déposez ce"
                " fichier."
            )
        return _make_workbook(read_pasted_records(text), limits)
    except RefusedError as refusal:
        raise ReadingError(str(refusal)) from refusal


def _refuse_other_kinds(data: bytes) -> None:
    head = data[:1024].removeprefix(b"\xef\xbb\xbf").lstrip()
    for signature, sentence in KINDS.items():
        if head.startswith(signature):
            raise RefusedError(sentence)
    if (head[:1] == b"<" and head[1:2].isalpha()) or head.startswith((b"<!", b"<?")):
        raise RefusedError(MARKUP)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return
    # One control character in a text is refused with its line; many are no text.
    controls = sum(1 for byte in head if byte < 32 and byte not in b"\t\n\r")
    if controls * 10 > len(head):
        raise RefusedError(NOT_A_SPREADSHEET)


def _make_workbook(source: Iterable[DelimitedRecord], limits: Limits) -> Workbook:
    rows: list[list[str | None]] = []
    numbers: list[int] = []
    blanks: list[int] = []
    problems: list[UnreadableCell] = []
    words: dict[str, str] = {}  # the same words come back on every line: kept once
    cells = width = 0
    for number, row, faults in source:
        while row and row[-1] is None and len(row) - 1 not in faults:
            row.pop()
        if not row:
            # Kept aside: blank lines after the table are not part of it.
            blanks.append(number)
            check_extent("", len(blanks) // BLANK_LINES, 0, limits)
            continue
        cells += len(row)
        check_total(cells, limits)
        width = max(width, len(row))
        rows.extend([] for _ in blanks)
        numbers.extend(blanks)
        blanks.clear()
        check_extent("", len(rows), len(row) - 1, limits)
        problems.extend(UnreadableCell(len(rows), column, faults[column]) for column in faults)
        rows.append([text and words.setdefault(text, text) for text in row])
        numbers.append(number)
    if not rows:
        raise RefusedError(EMPTY)
    padded = tuple((*row, *[None] * (width - len(row))) for row in rows)
    sheet = Sheet("", padded, tuple(numbers), problems=tuple(problems))
    return _mend(Workbook((sheet,)))


def _mend(workbook: Workbook) -> Workbook:
    """The workbook with texts mended that were written twice, and doubted where they read badly."""
    return Workbook(tuple(_mend_sheet(sheet) for sheet in workbook.sheets))


def _mend_sheet(sheet: Sheet) -> Sheet:
    mended = find_twice(sheet.rows)
    rows = mend_rows(sheet.rows) if mended else sheet.rows
    doubt = ""
    if odd := find_odd(rows):
        row, column, text = odd
        place = f"{format_letters(column)}{sheet.line_numbers[row]}"
        doubt = f"«\u00a0{text[:LONGEST_DOUBT]}\u00a0» ({place})"
    if not mended and not doubt:
        return sheet
    return replace(sheet, rows=rows, mended=mended[:LONGEST_DOUBT], doubt=doubt)


def _read_apart(data: bytes, limits: Limits, only: str) -> Iterator[Sheet]:
    """Yield the sheets of a workbook, read by a child process."""
    asked = {**asdict(limits), "only": only}
    heading: dict[str, Any] | None = None
    rows: list[tuple[Cell, ...]] = []
    blanks: tuple[None, ...] = ()
    # The same words come back on every line: kept once, they take a fraction of the memory.
    words: dict[str, str] = {}
    for answer in read_apart(CHILD, asked, data, limits, REFUSALS):
        if isinstance(answer, list):
            for row in answer:
                cells = tuple(
                    [words.setdefault(v, v) if type(v) is str else _read_cell(v) for v in row]
                )
                rows.append(cells + blanks[len(cells) :] if cells else blanks)
            continue
        if heading is not None:
            problems = tuple(UnreadableCell(*problem) for problem in heading["problems"])
            numbers = range(1, len(rows) + 1)
            yield Sheet(
                heading["sheet"],
                tuple(rows),
                numbers,
                heading["hidden"],
                problems,
                SheetFacts(**heading["facts"]),
                heading["unread"],
            )
        if "end" not in answer:
            heading, rows, blanks = answer, [], (None,) * answer["width"]


def _read_cell(value: Any) -> Cell:
    if type(value) is not list:
        return value
    match value:
        case ["date", text]:
            return date.fromisoformat(text)
        case ["datetime", text]:
            return datetime.fromisoformat(text)
        case ["time", text]:
            return time.fromisoformat(text)
    raise TypeError(value)


def format_megabytes(size: int) -> str:
    """Return 6 291 457 as "6,1": rounded up, so that a file too big never looks within limits."""
    tenths = -(-size * 10 // MEGABYTE)
    return f"{tenths // 10},{tenths % 10}" if tenths % 10 else str(tenths // 10)

"""Reads CSV and pasted text: which encoding, which separator, which line, and nothing lost."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain, islice
from typing import BinaryIO, NamedTuple, TextIO, cast

from labelling.characters import UNWRITABLE
from labelling.sandbox.limits import RefusedError, format_number

from .encodings import SAMPLE_BYTES, find_encoding
from .sandbox.grid import FRENCH_CODES, word_error


class DelimitedRecord(NamedTuple):
    """A line of a text file, or several when a cell holds line ends."""

    line_number: int  # where it begins, counted from 1 as a text editor does
    cells: list[str | None]
    problems: dict[int, str]  # by column: the reason why a cell has no value


# In this order when two explain a file equally well: a comma may be a decimal one.
SEPARATORS = (";", "\t", ",", "|")
# What separates nothing: a single column is read with a character that no text may hold.
NO_SEPARATOR = "\x1f"
HEAD = 64 * 1024
LONGEST_LINE = 1_000_000
SAMPLE = 100

SEP_LINE = re.compile(r'^"?sep=([^"\r\n])"?\r?\n?$', re.IGNORECASE)

# How Excel, French or English, writes a cell in error.
ERROR_TEXTS = {"#DIV/0!", "#N/A", "#REF!", *FRENCH_CODES, *FRENCH_CODES.values()}
# Our own CSV puts an apostrophe before text that Excel would take for a formula or an error; a
# text that already looks so gets one more, so that taking one away gives every text back.
NEUTRALISED = re.compile(r"^'(?='*(?:[=+\-@\t\r]|#[A-Z0/]+[!?]?\Z))")

# A quoted cell as spreadsheets copy it; a quotation mark that closes nothing is part of the text.
PASTED_CELL = re.compile(r'"((?:[^"]++|"")*+)"(?=[\t\r\n]|\Z)|([^\t\r\n]*)')
LINE_END = re.compile(r"\r\n|\r|\n")

UNREADABLE = (
    "La ligne {} contient un caractère illisible. Enregistrez le fichier au format « CSV UTF-8 »"
    " dans Excel, puis déposez-le à nouveau."
)


def open_text(file: BinaryIO) -> io.TextIOWrapper:
    """Return the file as text, in UTF-8, UTF-16 (with its mark) or else what its words say.

    Raises RefusedError, naming the line, when no encoding gives words and it is no Windows-1252.
    The file must be seekable: it is read once to know its encoding, in bounded memory.
    """
    encoding = _find_encoding(file)
    file.seek(0)
    return io.TextIOWrapper(file, encoding=encoding, newline="")


def read_records(text: TextIO) -> Iterator[DelimitedRecord]:
    """Yield the records of a CSV file, blank ones included, as they are read.

    A first line such as "sep=;" is obeyed and not yielded. Raises RefusedError on a quotation mark
    that is not closed, or on a control character, naming the line.
    """
    lines = _check_lines(text)
    head = list(islice(lines, SAMPLE))
    match = SEP_LINE.match(head[0]) if head else None
    separator = match[1] if match else find_separator(head)
    return _parse(chain(head, lines), separator or NO_SEPARATOR, skip=1 if match else 0)


def read_pasted_records(text: str) -> Iterator[DelimitedRecord]:
    """Yield the records of text copied from a spreadsheet, from a mail, or of plain lines."""
    lines = list(_check_lines(io.StringIO(text, newline="")))
    separator = find_separator(lines[:SAMPLE])
    if separator in (";", ",", "|"):
        try:
            return iter(list(_parse(lines, separator, skip=0)))
        except RefusedError:
            # Prose has commas, and quotation marks wherever it quotes.
            if separator != ",":
                raise
    return _parse_pasted(text)


def find_separator(lines: Iterable[str]) -> str | None:
    """Return what separates the columns in these first lines, or None for a single column.

    The best separator makes all records as wide as one another; else it gives the most cells in
    records of one same width. Titles above a table have none; prose has commas, but not the same
    number in every line.
    """
    sample = [line for line in lines if line.strip()]
    best, best_score = None, 0
    for separator in SEPARATORS:
        try:
            widths = [len(row) for row in csv.reader(sample, delimiter=separator)]
        except csv.Error:  # an endless quoted cell
            continue
        several = Counter(width for width in widths if width > 1)
        if not several:
            continue
        width, count = max(several.items(), key=lambda item: (item[1], item[0]))
        if count == len(widths):
            return separator
        is_regular = count * 2 >= len(widths) or (count >= 2 and count * 5 >= several.total() * 4)
        # Hand-made rows may have any length, but prose has no tabs and few semicolons.
        is_plain = separator in ";\t" and several.total() * 2 >= len(widths)
        score = count * (width - 1)
        if (is_regular or is_plain) and score > best_score:
            best, best_score = separator, score
    return best


def _find_encoding(file: BinaryIO) -> str:
    head = file.read(2)
    file.seek(0)
    if head in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        _check_decodes(file, "utf-16-le" if head == codecs.BOM_UTF16_LE else "utf-16-be")
        return "utf-16"
    good, bad, bad_line = _count_utf8(file)
    if not bad:
        return "utf-8-sig"
    # Accented letters of Windows-1252 hardly ever make UTF-8 by chance: where they do again and
    # again, the file is UTF-8 with a wound, and reading it as Windows-1252 would spoil it all.
    if good > bad:
        raise RefusedError(UNREADABLE.format(bad_line))
    file.seek(0)
    encoding = find_encoding(file.read(SAMPLE_BYTES), partial(_decodes, file))
    if encoding is None:
        _check_decodes(file, "cp1252")
    return encoding or "cp1252"


def _decodes(file: BinaryIO, encoding: str) -> bool:
    try:
        _check_decodes(file, encoding)
    except RefusedError:
        return False
    return True


def _count_utf8(file: BinaryIO) -> tuple[int, int, int]:
    """Return how many accents are good UTF-8, how many are not, and the first one's line."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    good = bad = bad_line = 0
    line = 1
    file.seek(0)
    while chunk := file.read(HEAD):
        text = decoder.decode(chunk, final=len(chunk) < HEAD)
        if not text.isascii():
            replaced = text.count("\ufffd")
            # A file may hold U+FFFD itself; it then counts as three good bytes.
            replaced -= chunk.count(b"\xef\xbf\xbd")
            if replaced > 0 and not bad_line:
                bad_line = line + _count_lines(text[: text.index("\ufffd")])
            bad += max(0, replaced)
            good += sum(1 for character in text if character > "\x7f") - max(0, replaced)
        line += _count_lines(text)
    return good, bad, bad_line


def _count_lines(text: str) -> int:
    """Return how many lines end in this text."""
    return text.count("\n") + text.count("\r") - text.count("\r\n")


def _check_decodes(file: BinaryIO, encoding: str) -> None:
    """Raise RefusedError, naming the line, when the file is not in this encoding."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    file.seek(0)
    try:
        while chunk := file.read(HEAD):
            line += _count_lines(decoder.decode(chunk, final=len(chunk) < HEAD))
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode(encoding)
        raise RefusedError(UNREADABLE.format(line + _count_lines(before))) from error


def _parse(lines: Iterable[str], separator: str, *, skip: int) -> Iterator[DelimitedRecord]:
    reader = csv.reader(lines, delimiter=separator, strict=True)
    begins = 1
    try:
        for row in reader:
            if begins > skip:
                yield _make_record(begins, row)
            begins = reader.line_num + 1
    except csv.Error as error:
        if "expected after" in str(error):
            message = (
                f'La ligne {begins} contient un guillemet (") suivi de texte. Doublez les'
                ' guillemets qui font partie du texte ("") ou supprimez-les, puis déposez le'
                " fichier à nouveau."
            )
        elif "field larger" in str(error):
            message = (
                f"La ligne {begins} contient une cellule de plus de"
                f' {format_number(csv.field_size_limit())} caractères. Un guillemet (") y est sans'
                " doute ouvert et jamais fermé : fermez-le ou supprimez-le, puis déposez le fichier"
                " à nouveau."
            )
        else:
            message = (
                f'La ligne {begins} ouvre un guillemet (") qui n’est jamais fermé. Fermez-le ou'
                " supprimez-le, puis déposez le fichier à nouveau."
            )
        raise RefusedError(message) from error


def _parse_pasted(text: str) -> Iterator[DelimitedRecord]:
    place, line = 0, 1
    while place < len(text):
        row: list[str] = []
        begins = line
        while True:
            # The pattern matches the empty text.
            match = cast("re.Match[str]", PASTED_CELL.match(text, place))
            quoted, plain = match.groups()
            row.append(plain if quoted is None else quoted.replace('""', '"'))
            line += 0 if quoted is None else _count_lines(quoted)
            place = match.end()
            if text[place : place + 1] != "\t":
                break
            place += 1
        yield _make_record(begins, row)
        if end := LINE_END.match(text, place):
            place = end.end()
        line += 1


def _check_lines(lines: Iterable[str]) -> Iterator[str]:
    """Pass the lines on, refusing characters that no record may hold, and lines without end."""
    for number, line in enumerate(lines, 1):
        if len(line) > LONGEST_LINE:
            raise RefusedError(
                f"La ligne {number} dépasse {format_number(LONGEST_LINE)} caractères. Ouvrez le"
                " fichier dans Excel ou LibreOffice, enregistrez-le au format « Classeur Excel"
                " (.xlsx) », puis déposez cette copie."
            )
        if match := UNWRITABLE.search(line):
            raise RefusedError(
                f"La ligne {number} contient un caractère invisible (U+{ord(match[0]):04X})."
                " Ressaisissez cette ligne, enregistrez, puis déposez le fichier à nouveau."
            )
        yield line


def _make_record(line_number: int, values: list[str]) -> DelimitedRecord:
    record = DelimitedRecord(line_number, [], {})
    for column, value in enumerate(values):
        if value in ERROR_TEXTS:
            record.problems[column] = word_error(value)
            record.cells.append(None)
        else:
            text = NEUTRALISED.sub("", value) if value.startswith("'") else value
            record.cells.append(text or None)
    return record

"""Accents: which encoding a text is in, which was written in UTF-8 twice, which reads badly.

Bytes do not say it. Words of the trade do: « Département » is one, « DŽpartement » is not.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

# In this order when two explain a text equally well: of Windows, of the Mac, of Unix, of DOS.
ENCODINGS = ("cp1252", "mac_roman", "iso8859-15", "cp850")
# Of bytes, and of rows, so many are looked at.
SAMPLE_BYTES = 256 * 1024
SAMPLE_ROWS = 500

# With an accent, and four letters or more: no accident makes them.
_WORDS = """
février août décembre
ardèche ariège corrèze côte côtes drôme dôme finistère hérault isère lozère nièvre pyrénées
rhône saône sèvres vendée réunion comté
département départements région régions numéro numéros intitulé libellé labellisé labellisée
labellisés labellisées métropole qualité état entité société dénomination désignation
coordonnées téléphone prénom référent référente créé créée création précédent précédente
itinérant itinérante médiation activité fermé fermée mobilité sociétés début
école église hôtel côté première deuxième numérique médiathèque maréchal général république
liberté égalité vénissieux échirolles orléans béziers besançon nîmes
cœur œuvre œuvres sœur sœurs nœud vœux
"""
WORDS = frozenset(_WORDS.split())
# « D?partement »: some program had no such letter, and nothing brings it back.
_LOST = frozenset(word.encode("ascii", "replace").decode() for word in WORDS)
LETTERS = re.compile(r"[^\W\d_]+")


def _list_letters() -> dict[int, int]:
    """The byte of each letter of Windows-1252 that Unicode numbers otherwise."""
    letters = {}
    for byte in range(0x80, 0xA0):
        letter = bytes([byte]).decode("cp1252", "replace")
        if letter != "\ufffd":
            letters[ord(letter)] = byte
    return letters


_BYTES = _list_letters()
# What two bytes of UTF-8, or three, look like when each is read as a letter of Windows.
TWICE = re.compile("[ÃÂÅâ][\x80-\xbf{}]".format("".join(map(chr, _BYTES))))
# What accents of the Mac, of DOS and of Unix become there: no word holds these within.
ODD = re.compile(
    "\ufffd|(?<=[a-z])[{}](?=[a-zA-Z])".format(
        bytes.fromhex("8283848687 88898a8b8c8e939495999b a4a6bcbdbed5").decode("cp1252")
    )
)


def find_encoding(sample: bytes, is_readable: Callable[[str], bool]) -> str | None:
    """Return the encoding in which a text, not in UTF-8, has the most words of the trade.

    `is_readable` tells whether the whole text can be in one of them. Return None when no word
    tells and it cannot be Windows-1252.
    """
    lines = [line for line in sample[:SAMPLE_BYTES].splitlines() if not line.isascii()]
    best, most = None, -1
    for encoding in ENCODINGS:
        count = count_words(b"\n".join(lines).decode(encoding, "replace"))
        if count > most and (count or encoding == ENCODINGS[0]) and is_readable(encoding):
            best, most = encoding, count
    return best


def count_words(text: str) -> int:
    """Return how many words of the trade a text has that no other encoding would give."""
    return sum(word in WORDS for word in LETTERS.findall(text.lower()))


def mend(text: str) -> str | None:
    """Return what a text was before its UTF-8 was taken for Windows-1252; None if it never was."""
    try:
        return text.translate(_BYTES).encode("latin-1").decode("utf-8")
    except UnicodeError:
        return None


def find_twice(rows: Sequence[Sequence[Any]]) -> str:
    """Return the first cell that was written twice, if words of the trade come out of any."""
    found = [cell for _, _, cell in _list_texts(rows) if TWICE.search(cell)]
    for cell in found:
        mended = mend(cell)
        if mended is not None and count_words(mended) > count_words(cell):
            return cell
    return ""


def mend_rows(rows: Sequence[Sequence[Any]]) -> list[tuple[Any, ...]]:
    """Return the rows, each text as it was before it was written twice."""
    mended: dict[str, str] = {}  # the same words come back on every line: kept once

    def mend_cell(cell: Any) -> Any:
        if not isinstance(cell, str) or not TWICE.search(cell):
            return cell
        if cell not in mended:
            mended[cell] = mend(cell) or cell
        return mended[cell]

    return [tuple(map(mend_cell, row)) for row in rows]


def find_odd(rows: Sequence[Sequence[Any]]) -> tuple[int, int, str] | None:
    """Return the place and the text of the first cell that reads badly, among the first rows."""
    return next((found for found in _list_texts(rows) if _reads_badly(found[2])), None)


def _reads_badly(cell: str) -> bool:
    if "?" in cell and not _LOST.isdisjoint(cell.lower().replace("_", " ").split()):
        return True
    return not cell.isascii() and bool(TWICE.search(cell) or ODD.search(cell))


def _list_texts(rows: Sequence[Sequence[Any]]) -> Iterator[tuple[int, int, str]]:
    """Yield the row, the column and the text of cells that have accents, or had them, among the
    first rows."""
    for number, row in enumerate(rows[:SAMPLE_ROWS]):
        for column, cell in enumerate(row):
            if isinstance(cell, str) and ("?" in cell or not cell.isascii()):
                yield number, column, cell

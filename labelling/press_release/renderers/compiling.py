"""From a template of typst and its data to a PDF: tagged, PDF/UA-1 and PDF/A-2a, in a font of ours.

What each template prints is data, never source text: “#read(…)” in a name is printed, not run.
"""

import json
import re
import threading
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import typst

from labelling.press_release.content import Head
from labelling.press_release.renderers import logo
from labelling.press_release.renderers.characters import UnprintableCharacterError
from labelling.press_release.renderers.fonts import load_fonts

# Checked while compiling: a file that does not conform is not made.
_STANDARDS: "list[typst.PDFStandard]" = ["ua-1", "a-2a"]
# PDF/A wants a date of creation. Where none is known, a constant one (as in the other formats'
# archives) keeps the bytes the same each time.
_NO_DATE = datetime(1980, 1, 1, tzinfo=UTC)

# How wide letters are at most, in heights of their type. A word that may be wider than its line is
# measured in the template.
_WIDEST = 1.1
_LETTERS = dict.fromkeys(
    "abcdefghijklnopqrstuvxyzàâäçéèêëîïôöùûüÿ0123456789'’.,:;()/", 0.62
) | dict.fromkeys("ABCDEFGHIJKLNOPQRSTUVXYZÀÂÄÇÉÈÊËÎÏÔÖÙÛÜŸmw", 0.9)
_WORD = re.compile("[^ -]{7,}")

# The cells below the headings, among the tags: typst tells each of the heading of its column alone.
_TAGGED_CELL = re.compile(
    rb"obj\n<</Type/StructElem/S/TD/P ([0-9]++ 0 R/A\[<</O/Table)/Headers\[\(U[1-9]x([0-9])y0\)\]"
)

# What typst cannot print, as its message quotes it.
_QUOTED = re.compile(r'the (?:text|codepoint|disallowed codepoint) `"((?:[^"\\]|\\.)++)"`')
_ESCAPED = re.compile(r"\\u\{(\w+)\}")


class Template(threading.local):
    """A template and its compilers, those of a thread: typst lets no other one in meanwhile.

    Each reads the template once.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def print(self, data: Any, made_at: datetime | None, texts: Iterable[str]) -> bytes:
        """Return the PDF; of its tables, what stands first in a row is its heading.

        Raise UnprintableCharacterError if the fonts lack a character of `texts`.
        """
        written = json.dumps(data, ensure_ascii=False)
        try:
            pdf = self._compile(self._of_our_font, written, made_at)
        except typst.TypstError:
            # Our font lacks a sign: those inside typst may have it.
            try:
                pdf = self._compile(self._of_all_fonts, written, made_at)
            except typst.TypstError as error:
                raise _explain(error, texts) from error
        return _head_rows(pdf)

    @cached_property
    def _of_our_font(self) -> typst.Compiler:
        return self._make_compiler(with_all_fonts=False)

    @cached_property
    def _of_all_fonts(self) -> typst.Compiler:
        return self._make_compiler(with_all_fonts=True)

    def _make_compiler(self, *, with_all_fonts: bool) -> typst.Compiler:
        return typst.Compiler(
            str(self._path), font_paths=load_fonts(with_all_fonts), ignore_system_fonts=True
        )

    def _compile(self, compiler: typst.Compiler, data: str, made_at: datetime | None) -> bytes:
        moment = (made_at or _NO_DATE).astimezone(UTC)
        pdf = compiler.compile(
            format="pdf",
            sys_inputs={"data": data},
            pdf_standards=_STANDARDS,
            timestamp=moment.replace(microsecond=0),  # Typst takes no other.
        )
        return cast("bytes", pdf)  # One file, not written to a path.


def part(text: str, width: float) -> str | list[str]:
    """The text, parted around the words that may be wider: every other part is one.

    Most texts have none, and are given whole. Without tabs, for which typst prints nothing.
    `width` is in heights of the type.
    """
    text = text.replace("\t", " ")
    parts, start = [], 0
    for word in _WORD.finditer(text):
        if len(word[0]) * _WIDEST > width and _measure(word[0]) > width:
            parts += [text[start : word.start()], word[0]]
            start = word.end()
    return [*parts, text[start:]] if parts else text


def make_head(head: Head, width: float) -> dict[str, Any]:
    """The letterhead; its picture as numbers, because typst reads no base64."""
    drawn: dict[str, Any] = {"logo": None}
    if head.logo:
        across, high = logo.measure(head)
        drawn["logo"] = {"bytes": [*logo.read_picture(head)], "width": across, "height": high}
        drawn["logo"]["format"] = head.logo_type.removeprefix("image/").replace("jpeg", "jpg")
    return {**vars(head), "name": part(head.name, width), **drawn}


def _measure(word: str) -> float:
    return sum(_LETTERS.get(letter, _WIDEST) for letter in word)


def _head_rows(pdf: bytes) -> bytes:
    """Make the first cell of each row its heading for who has the table read aloud.

    typst can, but not from Python yet. Every heading has a scope then, and no cell names its own,
    which would leave that of its row out. Nothing changes its place: each line keeps its length.
    """

    def tag(cell: re.Match[bytes]) -> bytes:
        is_first = cell[2] == b"0"
        kind, head = (b"TH", b"/Scope/Row") if is_first else (b"TD", b"")
        return b"obj\n<</Type/StructElem/S/%b/P %b%b" % (kind, cell[1], head.ljust(18))

    return _TAGGED_CELL.sub(tag, pdf)


def _explain(error: typst.TypstError, texts: Iterable[str]) -> Exception:
    """The sentence for staff, if a character is what typst stopped at."""
    quoted = _QUOTED.findall(error.diagnostic)
    characters = {c for text in quoted for c in _ESCAPED.sub(_unescape, text)}
    texts = [*texts]
    # Of a cluster typst reports every part, the innocent letter too: the rarest comes last.
    for character in sorted(characters, reverse=True):
        for text in texts:
            if character in text:
                return UnprintableCharacterError(character, text)
    return error


def _unescape(match: re.Match[str]) -> str:
    return chr(int(match[1], 16))

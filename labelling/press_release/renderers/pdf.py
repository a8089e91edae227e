"""The release as the PDF to send: tagged, PDF/UA-1 and PDF/A-2a, in a font of ours."""

import json
import re
import threading
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import typst

from labelling.press_release.content import NO_PROPERTIES, Content, Head, Properties, ReleaseLine
from labelling.press_release.renderers import links, logo, paper
from labelling.press_release.renderers.characters import UnprintableCharacterError, list_texts
from labelling.press_release.renderers.fonts import load_fonts

_TEMPLATE = Path(__file__).with_suffix(".typ")
# Checked while compiling: a file that does not conform is not made.
_STANDARDS: "list[typst.PDFStandard]" = ["ua-1", "a-2a"]
# PDF/A wants a date of creation. Where none is known, a constant one (as in the other formats'
# archives) keeps the bytes the same each time.
_NO_DATE = datetime(1980, 1, 1, tzinfo=UTC)

# How wide a line of the title is, and a cell of each column, in heights of their type (see the
# template); and letters, at most. A word that may be wider is measured there.
_LINE = 26
_COLUMNS = {  # By their number.
    3: (13.8, 9.6, 24),
    4: (10.2, 8.4, 17.4, 10.2),
    5: (8.1, 7.5, 12.6, 7.2, 9.6),
}
# Letters of a line that surely fits on a page.
_LONGEST = {3: 1000, 4: 400, 5: 300}
_WIDEST = 1.1
_LETTERS = dict.fromkeys(
    "abcdefghijklnopqrstuvxyzàâäçéèêëîïôöùûüÿ0123456789'’.,:;()/", 0.62
) | dict.fromkeys("ABCDEFGHIJKLNOPQRSTUVXYZÀÂÄÇÉÈÊËÎÏÔÖÙÛÜŸmw", 0.9)
_WORD = re.compile("[^ -]{7,}")

# The cells below the headings, among the tags: typst tells each of the heading of its column alone.
_TAGGED_CELL = re.compile(
    rb"obj\n<</Type/StructElem/S/TD/P ([0-9]++ 0 R/A\[<</O/Table)/Headers\[\(U1x([0-4])y0\)\]"
)

# What typst cannot print, as its message quotes it.
_QUOTED = re.compile(r'the (?:text|codepoint|disallowed codepoint) `"((?:[^"\\]|\\.)++)"`')
_ESCAPED = re.compile(r"\\u\{(\w+)\}")


def render(content: Content, properties: Properties = NO_PROPERTIES) -> bytes:
    """Return the PDF. Raise UnprintableCharacterError if the fonts lack a character."""
    # Data, never source text: “#read(…)” in a name is printed, not run.
    data = json.dumps(_make_release(content) | _make_properties(properties), ensure_ascii=False)
    made_at = properties.made_at or _NO_DATE
    try:
        pdf = _compile(_compilers.of_our_font, data, made_at)
    except typst.TypstError:
        # Our font lacks a sign: those inside typst may have it.
        try:
            pdf = _compile(_compilers.of_all_fonts, data, made_at)
        except typst.TypstError as error:
            raise _explain(error, content) from error
    return _head_rows(pdf)


def _head_rows(pdf: bytes) -> bytes:
    """Make each region the heading of its rows for who has the table read aloud.

    typst can, but not from Python yet. Every heading has a scope then, and no cell names its own,
    which would leave the region out. Nothing changes its place: each line keeps its length.
    """
    cells = dict.fromkeys((b"1", b"2", b"3", b"4"), (b"TD", b" " * 18))
    cells[b"0"] = (b"TH", b"/Scope/Row".ljust(18))

    def tag(cell: re.Match[bytes]) -> bytes:
        kind, head = cells[cell[2]]
        return b"obj\n<</Type/StructElem/S/%b/P %b%b" % (kind, cell[1], head)

    return _TAGGED_CELL.sub(tag, pdf)


class _Compilers(threading.local):
    """Those of a thread: typst lets no other one in meanwhile. Each reads the template once."""

    @cached_property
    def of_our_font(self) -> typst.Compiler:
        return _make_compiler(with_all_fonts=False)

    @cached_property
    def of_all_fonts(self) -> typst.Compiler:
        return _make_compiler(with_all_fonts=True)


_compilers = _Compilers()


def _compile(compiler: typst.Compiler, data: str, made_at: datetime) -> bytes:
    pdf = compiler.compile(
        format="pdf",
        sys_inputs={"release": data},
        pdf_standards=_STANDARDS,
        timestamp=made_at.astimezone(UTC).replace(microsecond=0),  # Typst takes no other.
    )
    return cast("bytes", pdf)  # One file, not written to a path.


def _make_compiler(*, with_all_fonts: bool) -> typst.Compiler:
    return typst.Compiler(
        str(_TEMPLATE), font_paths=load_fonts(with_all_fonts), ignore_system_fonts=True
    )


def _make_properties(properties: Properties) -> dict[str, Any]:
    return {
        "author": properties.author,
        "subject": properties.subject,
        "keywords": [f"sha256:{properties.digest}"] if properties.digest else [],
    }


def _make_release(content: Content) -> dict[str, Any]:
    """What the template prints; each text as `_part` gives it."""
    parts = {
        name: _part(value) if isinstance(value, str) else [*map(_part, value)]
        for name, value in vars(content).items()
        if name not in {"lines", "editions", "words"} and isinstance(value, str | tuple)
    }
    widths, longest = _COLUMNS[len(content.columns)], _LONGEST[len(content.columns)]
    lines_of_regions = [
        (
            _part(region, widths[0]),
            [
                (
                    _part(line.department, widths[1]),
                    _part(line.name, widths[2]),
                    line.is_new,
                    _count_letters(content, line) > longest,
                    [*map(_part, content.list_places(line), widths[3:])],
                )
                for line in lines
            ],
        )
        for region, lines in content.by_region()
    ]
    words = {"page": content.words.page, "region_continued": content.words.region_continued}
    head = content.letterhead
    return {
        **parts,
        **words,
        "columns": [*map(_part, content.columns, widths)],
        "language": content.language,
        "document_title": content.title,
        "links": [*map(links.find_link, content.contact)],
        "blocks": [*content.blocks()],
        "regions": lines_of_regions,
        "head": head and _make_head(head),
        "map": content.map and {**vars(content.map), "width": paper.MAP_WIDTH},
    }


def _make_head(head: Head) -> dict[str, Any]:
    """The letterhead; its picture as numbers, because typst reads no base64."""
    drawn: dict[str, Any] = {"logo": None}
    if head.logo:
        width, height = logo.measure(head)
        drawn["logo"] = {"bytes": [*logo.read_picture(head)], "width": width, "height": height}
        drawn["logo"]["format"] = head.logo_type.removeprefix("image/").replace("jpeg", "jpg")
    return {**vars(head), "name": _part(head.name), **drawn}


def _count_letters(content: Content, line: ReleaseLine) -> int:
    return len(line.department) + len(line.name) + sum(map(len, content.list_places(line)))


def _part(text: str, width: float = _LINE) -> str | list[str]:
    """The text, parted around the words that may be wider: every other part is one.

    Most texts have none, and are given whole. Without tabs, for which typst prints nothing.
    """
    text = text.replace("\t", " ")
    parts, start = [], 0
    for word in _WORD.finditer(text):
        if len(word[0]) * _WIDEST > width and _measure(word[0]) > width:
            parts += [text[start : word.start()], word[0]]
            start = word.end()
    return [*parts, text[start:]] if parts else text


def _measure(word: str) -> float:
    return sum(_LETTERS.get(letter, _WIDEST) for letter in word)


def _explain(error: typst.TypstError, content: Content) -> Exception:
    """The sentence for staff, if a character is what typst stopped at."""
    quoted = _QUOTED.findall(error.diagnostic)
    characters = {c for text in quoted for c in _ESCAPED.sub(_unescape, text)}
    # Of a cluster typst reports every part, the innocent letter too: the rarest comes last.
    for character in sorted(characters, reverse=True):
        for text in list_texts(content):
            if character in text:
                return UnprintableCharacterError(character, text)
    return error


def _unescape(match: re.Match[str]) -> str:
    return chr(int(match[1], 16))

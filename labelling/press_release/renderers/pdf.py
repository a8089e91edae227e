"""The release as the PDF to send: tagged, PDF/UA-1 and PDF/A-2a, in a font of ours."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import typst

from labelling.press_release.content import NO_PROPERTIES, Content, Head, Properties
from labelling.press_release.renderers import logo
from labelling.press_release.renderers.characters import UnprintableCharacterError, list_texts

_TEMPLATE = Path(__file__).with_suffix(".typ")
_FONTS = Path(__file__).parents[1] / "fonts"
# Checked while compiling: a file that does not conform is not made.
_STANDARDS: "list[typst.PDFStandard]" = ["ua-1", "a-2a"]
# PDF/A wants a date of creation. A constant one (1980-01-01, as in the other formats' archives)
# keeps the bytes the same each time.
_TIMESTAMP = 315_532_800

# What typst cannot print, as its message quotes it.
_QUOTED = re.compile(r'the (?:text|codepoint|disallowed codepoint) `"((?:[^"\\]|\\.)++)"`')
_ESCAPED = re.compile(r"\\u\{(\w+)\}")


def render(content: Content, properties: Properties = NO_PROPERTIES) -> bytes:
    """Return the PDF. Raise UnprintableCharacterError if the fonts lack a character."""
    # Data, never source text: “#read(…)” in a name is printed, not run.
    data = json.dumps(_make_release(content), ensure_ascii=False)
    try:
        return _compile(data, with_all_fonts=False)
    except typst.TypstError:
        # Our font lacks a sign: those inside typst may have it.
        try:
            return _compile(data, with_all_fonts=True)
        except typst.TypstError as error:
            raise _explain(error, content) from error


def _compile(data: str, *, with_all_fonts: bool) -> bytes:
    return typst.compile(
        str(_TEMPLATE),
        format="pdf",
        font_paths=_load_fonts(with_all_fonts),
        ignore_system_fonts=True,
        sys_inputs={"release": data},
        pdf_standards=_STANDARDS,
        timestamp=_TIMESTAMP,
    )


@cache
def _load_fonts(with_all: bool) -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=with_all, font_paths=[str(_FONTS)]
    )


def _make_release(content: Content) -> dict[str, Any]:
    parts = {
        name: value
        for name, value in vars(content).items()
        if name not in {"lines", "words"} and isinstance(value, str | tuple)
    }
    lines_of_regions = [
        (
            region,
            [
                (
                    _flatten(line.department),
                    _flatten(line.name),
                    line.is_new,
                    [*map(_flatten, content.list_places(line))],
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
        "blocks": [*content.blocks()],
        "regions": lines_of_regions,
        "head": head and _make_head(head),
    }


def _make_head(head: Head) -> dict[str, Any]:
    """The letterhead; its picture as numbers, because typst reads no base64."""
    drawn: dict[str, Any] = {"logo": None}
    if head.logo:
        width, height = logo.measure(head)
        drawn["logo"] = {"bytes": [*logo.read_picture(head)], "width": width, "height": height}
        drawn["logo"]["format"] = head.logo_type.removeprefix("image/").replace("jpeg", "jpg")
    return {**vars(head), **drawn}


def _flatten(cell: str) -> str:
    """The text without tabs, for which typst prints nothing."""
    return cell.replace("\t", " ")


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

"""The list taken out of a PDF through its tags, as a screen reader follows them."""

import io
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from pypdf import PageObject, PdfReader
from pypdf.generic import ContentStream


class Line(NamedTuple):
    page: int  # From 0.
    region: str
    department: str
    name: str
    is_yellow: bool


def lines_of_pdf(file: bytes) -> list[Line]:
    """The lines of the table, in the order of its tags."""
    reader = PdfReader(io.BytesIO(file))
    texts = _texts_of_pages(reader)
    lines = []
    left, region = 0, ""
    for row in _tagged(reader.trailer["/Root"]["/StructTreeRoot"], "/TR"):
        cells, headings = list(_tagged(row, "/TD")), list(_tagged(row, "/TH"))
        if not cells:
            assert _scopes(headings) == ["/Column"] * 3
            continue
        assert len(headings) == (not left)
        if not left:
            assert _scopes(headings) == ["/Row"]
            (merged,) = headings
            region = _said(merged, texts)[1]
            left = next((a["/RowSpan"] for a in merged["/A"] if "/RowSpan" in a), 1)
        left -= 1
        _, department = _said(cells[0], texts)
        page, name = _said(cells[1], texts)
        is_yellow = any(a.get("/BackgroundColor") == [1, 1, 0] for a in cells[1]["/A"])
        lines.append(Line(page, region, department, name, is_yellow))
    assert left == 0, "The last region's cell reaches beyond the last line."
    return lines


def words_of_pdf(file: bytes, *tags: str) -> list[str]:
    """The text of each element of the last tag, within elements of those before it."""
    reader = PdfReader(io.BytesIO(file))
    elements = [reader.trailer["/Root"]["/StructTreeRoot"]]
    for tag in tags:
        elements = [kid for element in elements for kid in _tagged(element, tag)]
    texts = _texts_of_pages(reader)
    return [_said(element, texts)[1] for element in elements]


def pictures_of_pdf(file: bytes) -> list[str]:
    """What is said of each picture to who does not see it."""
    reader = PdfReader(io.BytesIO(file))
    return [
        figure["/Alt"] for figure in _tagged(reader.trailer["/Root"]["/StructTreeRoot"], "/Figure")
    ]


def _texts_of_pages(reader: PdfReader) -> dict[int, tuple[int, dict[int, str]]]:
    return {
        page.indirect_reference.idnum: (number, _texts_by_mark(page))
        for number, page in enumerate(reader.pages)
    }


def _scopes(cells: list[Any]) -> list[str]:
    return [attributes["/Scope"] for cell in cells for attributes in cell["/A"][:1]]


def _tagged(element: Any, tag: str) -> Iterator[Any]:
    for kid in _kids(element):
        if isinstance(kid, dict) and "/S" in kid:
            if kid["/S"] == tag:
                yield kid
            yield from _tagged(kid, tag)


def _kids(element: Any) -> list[Any]:
    kids = element.get("/K", [])
    kids = kids.get_object() if hasattr(kids, "get_object") else kids
    return [kid.get_object() for kid in (kids if isinstance(kids, list) else [kids])]


def _said(element: Any, texts: dict[int, tuple[int, dict[int, str]]]) -> tuple[int, str]:
    """The page on which an element begins, and its text."""
    pages, words = [], []
    for kid in _kids(element):
        if isinstance(kid, dict) and "/S" in kid:
            page, word = _said(kid, texts)
        else:
            holder, mark = (kid, kid["/MCID"]) if isinstance(kid, dict) else (element, kid)
            page, marks = texts[holder.raw_get("/Pg").idnum]
            word = marks[mark]
        pages.append(page)
        words.append(word)
    return min(pages, default=0), "".join(words)


def _texts_by_mark(page: PageObject) -> dict[int, str]:
    fonts = {
        name: _characters(font["/ToUnicode"].get_data().decode())
        for name, font in page["/Resources"].get("/Font", {}).items()
    }
    texts: dict[int, str] = {}
    font: dict[bytes, str] = {}
    # For each open piece of marked content: its number, and the text that stands for it.
    marks: list[tuple[int | None, str | None]] = []
    for operands, operator in ContentStream(page.get_contents(), page.pdf).operations:
        if operator == b"Tf":
            font = fonts[operands[0]]
        elif operator == b"BDC":
            properties = operands[1] if isinstance(operands[1], dict) else {}
            outer = marks[-1][0] if marks else None
            actual = properties.get("/ActualText")
            marks.append((properties.get("/MCID", outer), actual))
            if actual is not None and marks[-1][0] is not None:
                texts[marks[-1][0]] = texts.get(marks[-1][0], "") + actual
        elif operator == b"BMC":
            marks.append((marks[-1][0] if marks else None, None))
        elif operator == b"EMC":
            marks.pop()
        elif operator in {b"Tj", b"TJ"} and marks and marks[-1][0] is not None:
            shown = operands[0] if operator == b"TJ" else operands
            if all(actual is None for _, actual in marks):
                text = "".join(_decoded(s, font) for s in shown if isinstance(s, str | bytes))
                texts[marks[-1][0]] = texts.get(marks[-1][0], "") + text
    return texts


def _decoded(shown: Any, font: dict[bytes, str]) -> str:
    codes = getattr(shown, "original_bytes", shown)
    return "".join(font[codes[i : i + 2]] for i in range(0, len(codes), 2))


def _characters(cmap: str) -> dict[bytes, str]:
    """The text of each glyph of a font, from its table for copying and reading aloud."""
    return {
        bytes.fromhex(code): bytes.fromhex(text).decode("utf-16-be")
        for code, text in re.findall(r"^<([0-9A-F]{4})> <([0-9A-F]+)>$", cmap, re.MULTILINE)
    }

"""Reads a Word file: every paragraph and row as it was before the tracked changes, and after.

It runs in a child process. Nothing that the file names outside itself is followed.
Source: ECMA-376, part 1, 17 (WordprocessingML).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

from labelling.press_release.marks import DIGEST, REGION, RELEASE
from labelling.sandbox.archive import check_parts, unpack
from labelling.sandbox.limits import RefusedError

from .document import Document, Dropped, Part, Passage, Row
from .limits import EMBEDDED, MACROS, NOT_WORD, OPENDOCUMENT, REFUSALS, WordLimits
from .views import Paragraph, Piece, list_passages, list_texts, name_authors

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
V = "{urn:schemas-microsoft-com:vml}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_VALUE = "{http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes}lpwstr"
_INSERTED = (f"{W}ins", f"{W}moveTo")
_DELETED = (f"{W}del", f"{W}moveFrom")
_MOVED = (f"{W}moveTo", f"{W}moveFrom")
_TEXTS = (f"{W}t", f"{W}delText", f"{M}t")
_SIGNS = {
    f"{W}tab": " ",
    f"{W}ptab": " ",
    f"{W}br": " ",
    f"{W}cr": " ",
    f"{W}noBreakHyphen": "\u2011",
}
# Where words may stand beside these: in drawings. Word itself writes a watermark as the last.
_DRAWN = {f"{A}t", f"{V}textpath"}
_EMBEDDED = (f"{W}altChunk", f"{W}subDoc")
# Of each of the other parts, by its root: the elements that hold paragraphs.
_OTHERS = {
    f"{W}comments": (f"{W}comment", Part.COMMENT),
    f"{W}footnotes": (f"{W}footnote", Part.NOTE),
    f"{W}endnotes": (f"{W}endnote", Part.NOTE),
    f"{W}hdr": (f"{W}hdr", Part.MARGIN),
    f"{W}ftr": (f"{W}ftr", Part.MARGIN),
}
# What Word offers to insert, which the document does not say.
_STORE = f"{W}glossaryDocument"
# Of a font of signs, whose code says nothing elsewhere.
_UNKNOWN_SIGN = "\ufffd"
_BLANKS = str.maketrans("\t\r\n", "   ")  # Word shows all of them as a space.
# How many tags a paragraph may take, with all that is said of how it looks.
_TAGS = 60


def read_document(data: bytes, limits: WordLimits) -> Document:
    """Read the bytes of a Word file; raise RefusedError for what is none, or is not to be read."""
    parts = unpack(data, limits, REFUSALS)
    _check_kind(parts)
    check_parts(parts, REFUSALS)
    main = _find_main(parts, limits)
    reader = _Reader(limits)
    passages, rows = reader.read_body(_parse(parts[main], limits))
    for name in sorted(parts.keys() - {main}):
        if name.lower().endswith(".xml"):
            passages += reader.read_other(_parse(parts[name], limits))
    said = _read_properties(parts)
    return Document(
        draft=said.get(RELEASE, "")[:20],
        digest=said.get(DIGEST, "")[:64],
        region=said.get(REGION, "")[:100],
        passages=tuple(passages),
        rows=tuple(rows),
    )


def _check_kind(parts: Mapping[str, bytes]) -> None:
    """Raise RefusedError for what is no document of Word, or has macros."""
    if b"opendocument.text" in parts.get("mimetype", b""):
        raise RefusedError(OPENDOCUMENT)
    types = parts.get("[Content_Types].xml", b"")
    if b"macroenabled" in types.lower() or any(
        name.lower().endswith("vbaproject.bin") for name in parts
    ):
        raise RefusedError(MACROS)
    if b"wordprocessingml" not in types:
        raise RefusedError(NOT_WORD)


def _find_main(parts: Mapping[str, bytes], limits: WordLimits) -> str:
    """The name of the part that holds the text, as the file says it."""
    for relation in _parse(parts.get("_rels/.rels", b"<none/>"), limits):
        name = relation.get("Target", "").removeprefix("/")
        if relation.get("Type", "").endswith("/officeDocument") and name in parts:
            return name
    raise RefusedError(NOT_WORD)


def _parse(content: bytes, limits: WordLimits) -> Element:
    """The root of a part. Of what it says twice, for old programs too, the first stays."""
    if content.count(b"<") > limits.paragraphs * _TAGS:
        raise RefusedError(REFUSALS.too_heavy)
    try:
        # Parts with a DTD were refused before: nothing here can expand or open anything.
        root = ET.fromstring(content)  # noqa: S314
    except ET.ParseError as error:
        raise RefusedError(REFUSALS.damaged) from error
    for element in [*root.iter(f"{MC}AlternateContent")]:
        del element[1:]
    return root


def _read_properties(parts: Mapping[str, bytes]) -> dict[str, str]:
    """The custom properties that are texts, by their names."""
    content = parts.get("docProps/custom.xml")
    if content is None:
        return {}
    root = _parse(content, WordLimits())
    return {each.get("name", ""): each.findtext(_VALUE) or "" for each in root}


@dataclass(frozen=True)
class _Change:
    """The tracked changes that a run stands in."""

    inserted: str | None = None
    deleted: str | None = None
    is_moved: bool = False

    def within(self, element: Element) -> "_Change":
        author = element.get(f"{W}author") or ""
        is_moved = self.is_moved or element.tag in _MOVED
        if element.tag in _INSERTED:
            return replace(self, inserted=author, is_moved=is_moved)
        return replace(self, deleted=author, is_moved=is_moved)


_NONE = _Change()


class _Reader:
    """Walks the parts of a file, and counts what they cost."""

    def __init__(self, limits: WordLimits) -> None:
        self.limits = limits
        self.paragraphs = self.changes = self.characters = 0
        self.known: set[Element] = set()  # The words that were read.

    def read_body(self, root: Element) -> tuple[list[Passage], list[Row]]:
        """The passages outside tables, those of text boxes among them, and the rows of tables."""
        body = root.find(f"{W}body")
        if root.tag != f"{W}document" or body is None:
            raise RefusedError(REFUSALS.unusual.format("format inhabituel"))
        paragraphs: list[Paragraph] = []
        rows: list[Row] = []
        for element in _list_blocks(body):
            if element.tag == f"{W}p":
                paragraphs.append(self._read_paragraph(element))
            else:
                rows += [self._read_row(row) for row in _list_rows(element)]
        passages = list_passages(paragraphs)
        if len(passages) > self.limits.passages or len(rows) > self.limits.rows:
            raise RefusedError(REFUSALS.too_heavy)
        return [*passages, *self._read_boxes(body), *self._read_rest(root)], rows

    def read_other(self, root: Element) -> list[Passage]:
        """The passages of a part beside the text; none of what holds no words."""
        if root.tag == _STORE:
            return []
        passages: list[Passage] = []
        tag, part = _OTHERS.get(root.tag, ("", Part.OTHER))
        for element in root.iter(tag) if tag else ():
            author = element.get(f"{W}author") or ""
            if element.get(f"{W}type") in (None, "normal"):
                paragraphs = [self._read_paragraph(p) for p in element.iter(f"{W}p")]
                passages += _gather(list_passages(paragraphs), part, author)
        return [*passages, *self._read_rest(root)]

    def _read_rest(self, root: Element) -> Iterator[Passage]:
        """Words that stand where no word is looked for: none is lost."""
        paragraph = Paragraph()
        for element in root.iter():
            if element.tag in _DRAWN or (element.tag in _TEXTS and element not in self.known):
                self._add(element.get("string") or element.text or "", _NONE, paragraph)
                self._add(" ", _NONE, paragraph)
        yield from (replace(each, part=Part.OTHER) for each in list_passages([paragraph]))

    def _read_boxes(self, element: Element) -> Iterator[Passage]:
        """The passages of text boxes, which stand twice in a file: for new programs and old."""
        for child in element:
            if child.tag == f"{W}txbxContent":
                paragraphs = [self._read_paragraph(p) for p in child.iter(f"{W}p")]
                yield from (replace(each, part=Part.BOX) for each in list_passages(paragraphs))
            else:
                yield from self._read_boxes(child)

    def _read_row(self, row: Element) -> Row:
        properties = row.find(f"{W}trPr")
        added = removed = None
        if properties is not None:
            added, removed = (properties.find(f"{W}{name}") for name in ("ins", "del"))
        cells = []
        for cell in _list_blocks(row):
            if cell.tag == f"{W}tc":
                paragraphs = chain.from_iterable(_list_deep_paragraphs(cell))
                cells.append([self._read_paragraph(paragraph) for paragraph in paragraphs])
        old, new = zip(*map(list_texts, cells), strict=True) if cells else ((), ())
        read = [*chain.from_iterable(cells)]
        authors = [each.get(f"{W}author") or "" for each in (added, removed) if each is not None]
        by = name_authors([*authors, *chain.from_iterable(p.list_authors() for p in read)])
        shown = {*(old if added is None else ()), *(new if removed is None else ())}
        passing = dict.fromkeys(words for words in (*old, *new) if words and words not in shown)
        return Row(
            old=None if added is not None else old,
            new=None if removed is not None else new,
            by=by,
            is_tracked=bool(authors) or any(paragraph.is_changed for paragraph in read),
            marks=tuple(chain.from_iterable(paragraph.marks for paragraph in read)),
            dropped=(
                *chain.from_iterable(paragraph.list_dropped() for paragraph in read),
                *(Dropped(words=words, by=by) for words in passing),
            ),
        )

    def _read_paragraph(self, element: Element) -> Paragraph:
        self.paragraphs += 1
        if self.paragraphs > self.limits.paragraphs:
            raise RefusedError(REFUSALS.too_heavy)
        paragraph = Paragraph()
        mark = element.find(f"{W}pPr/{W}rPr")
        for change in () if mark is None else mark:
            if change.tag in _INSERTED:
                paragraph.joined_before = change.get(f"{W}author") or ""
            elif change.tag in _DELETED:
                paragraph.joined_after = change.get(f"{W}author") or ""
        self._collect(element, _NONE, paragraph)
        return paragraph

    def _collect(self, element: Element, change: _Change, paragraph: Paragraph) -> None:
        """Add to a paragraph the words within an element of it."""
        for child in element:
            tag = child.tag
            if tag in _TEXTS:
                self.known.add(child)
                self._add(child.text or "", change, paragraph)
            elif tag == f"{W}sym":
                self._add(_read_sign(child.get(f"{W}char") or ""), change, paragraph)
            elif tag in _SIGNS:
                self._add(_SIGNS[tag], change, paragraph)
            elif tag in _INSERTED or tag in _DELETED:
                self.changes += 1
                if self.changes > self.limits.changes:
                    raise RefusedError(REFUSALS.too_heavy)
                self._collect(child, change.within(child), paragraph)
            elif tag == f"{W}bookmarkStart":
                paragraph.marks.append((child.get(f"{W}name") or "")[:40])
            elif tag in _EMBEDDED:
                raise RefusedError(REFUSALS.unusual.format(EMBEDDED))
            elif tag not in (f"{W}pPr", f"{W}rPr", f"{W}p", f"{W}tbl", f"{W}txbxContent"):
                # Runs, links, fields, whatever holds them. Of text boxes the words stand apart.
                self._collect(child, change, paragraph)

    def _add(self, words: str, change: _Change, paragraph: Paragraph) -> None:
        self.characters += len(words)
        if self.characters > self.limits.characters:
            raise RefusedError(REFUSALS.too_heavy)
        words = words.translate(_BLANKS)
        paragraph.pieces.append(Piece(words, change.inserted, change.deleted, change.is_moved))


def _read_sign(code: str) -> str:
    """The sign that stands under a code of a font."""
    try:
        sign = chr(int(code, 16))
    except (ValueError, OverflowError):
        return _UNKNOWN_SIGN
    return sign if sign.isprintable() else _UNKNOWN_SIGN


def _gather(passages: Sequence[Passage], part: Part, author: str) -> Iterator[Passage]:
    """The passages of what `author` wrote beside the text; those of a comment, in one."""
    signed = (author,) if author else ()
    if part != Part.COMMENT or len(passages) < 2:
        yield from (replace(each, part=part, by=each.by or signed) for each in passages)
        return
    old = " ".join(each.old for each in passages if each.old)
    yield Passage(
        old=old or None,
        new=tuple(chain.from_iterable(each.new for each in passages)),
        by=tuple(dict.fromkeys([*signed, *chain.from_iterable(each.by for each in passages)])),
        is_tracked=any(each.is_tracked for each in passages),
        dropped=tuple(chain.from_iterable(each.dropped for each in passages)),
        part=part,
    )


def _list_blocks(element: Element) -> Iterator[Element]:
    """The paragraphs and tables of an element, or the rows or cells; through what wraps them."""
    for child in element:
        if child.tag in (f"{W}p", f"{W}tbl", f"{W}tr", f"{W}tc"):
            yield child
        elif child.tag in _EMBEDDED:
            raise RefusedError(REFUSALS.unusual.format(EMBEDDED))
        else:
            yield from _list_blocks(child)


def _list_rows(table: Element) -> Iterator[Element]:
    return (row for row in _list_blocks(table) if row.tag == f"{W}tr")


def _list_deep_paragraphs(cell: Element) -> Iterator[list[Element]]:
    """The paragraphs of a cell, those of a table within it among them."""
    for element in _list_blocks(cell):
        if element.tag == f"{W}p":
            yield [element]
        else:
            yield from _list_deep_paragraphs(element)

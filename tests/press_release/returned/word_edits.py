"""A Word file as people correct it, made by hand from the format's specification (ECMA-376)."""

import copy
import io
import zipfile
from typing import Any, Self

from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
DOCUMENT, PROPERTIES = "word/document.xml", "docProps/custom.xml"


class Word:
    """The parts of a file, with what a person does to them. A paragraph is named by its words."""

    def __init__(self, data: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            self.parts = {name: archive.read(name) for name in archive.namelist()}
        self.root: Any = etree.fromstring(self.parts[DOCUMENT])

    def save(self) -> bytes:
        self.parts[DOCUMENT] = etree.tostring(self.root, xml_declaration=True, encoding="UTF-8")
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in self.parts.items():
                archive.writestr(name, content)
        return packed.getvalue()

    def find(self, words: str) -> Any:
        """The first paragraph that has these words."""
        return next(p for p in self.root.iter(f"{W}p") if words in "".join(p.itertext(f"{W}t")))

    def row(self, words: str) -> Any:
        return next(self.find(words).iterancestors(f"{W}tr"))

    # Without tracking

    def rewrite(self, words: str, new: str) -> Self:
        paragraph = self.find(words)
        for run in paragraph.findall(f"{W}r"):
            paragraph.remove(run)
        paragraph.append(make_run(new))
        return self

    def delete(self, words: str) -> Self:
        paragraph = self.find(words)
        paragraph.getparent().remove(paragraph)
        return self

    def add(self, after: str, new: str) -> Self:
        self.find(after).addnext(make_paragraph(make_run(new)))
        return self

    def move(self, words: str, after: str) -> Self:
        self.find(after).addnext(self.find(words))
        return self

    def delete_row(self, words: str) -> Self:
        row = self.row(words)
        row.getparent().remove(row)
        return self

    def add_row(self, after: str, *cells: str) -> Self:
        row = copy.deepcopy(self.row(after))
        for mark in [*row.iter(f"{W}bookmarkStart", f"{W}bookmarkEnd")]:
            mark.getparent().remove(mark)
        for cell, words in zip(row.iter(f"{W}tc"), cells, strict=True):
            paragraph = cell.find(f"{W}p")
            for run in paragraph.findall(f"{W}r"):
                paragraph.remove(run)
            paragraph.append(make_run(words))
        self.row(after).addnext(row)
        return self

    # Tracked

    def track(self, words: str, old: str, new: str, by: str) -> Self:
        """Replace words within a paragraph."""
        paragraph = self.find(words)
        text = "".join(paragraph.itertext(f"{W}t"))
        before, found, after = text.partition(old)
        assert found
        for run in paragraph.findall(f"{W}r"):
            paragraph.remove(run)
        if before:
            paragraph.append(make_run(before))
        if old:
            paragraph.append(make_change("del", by, make_run(old, "delText")))
        if new:
            paragraph.append(make_change("ins", by, make_run(new)))
        if after:
            paragraph.append(make_run(after))
        return self

    def track_deletion(self, words: str, by: str, change: str = "del") -> Self:
        """Delete a paragraph, its mark included; or cut it, by « moveFrom »."""
        paragraph = self.find(words)
        tag = "delText" if change == "del" else "t"
        for run in paragraph.findall(f"{W}r"):
            text = "".join(run.itertext(f"{W}t"))
            paragraph.replace(run, make_change(change, by, make_run(text, tag)))
        mark_end(paragraph, change, by)
        return self

    def track_addition(self, after: str, new: str, by: str, change: str = "ins") -> Self:
        """Press Enter at the end of a paragraph, and type: the mark that is inserted is the old."""
        paragraph = self.find(after)
        mark_end(paragraph, change, by)
        paragraph.addnext(make_paragraph(make_change(change, by, make_run(new))))
        return self

    def track_row_deletion(self, words: str, by: str) -> Self:
        row = self.row(words)
        row.find(f"{W}trPr").append(make_change("del", by))
        for paragraph in row.iter(f"{W}p"):
            for run in paragraph.findall(f"{W}r"):
                text = "".join(run.itertext(f"{W}t"))
                paragraph.replace(run, make_change("del", by, make_run(text, "delText")))
        return self

    def split(self, words: str, first: str, by: str) -> Self:
        """Press Enter after the words `first` of a paragraph, tracked."""
        paragraph = self.find(words)
        text = "".join(paragraph.itertext(f"{W}t"))
        for run in paragraph.findall(f"{W}r"):
            paragraph.remove(run)
        paragraph.append(make_run(first))
        mark_end(paragraph, "ins", by)
        paragraph.addnext(make_paragraph(make_run(text.removeprefix(first))))
        return self

    # What is lost on the way

    def drop_marks(self) -> Self:
        for mark in [*self.root.iter(f"{W}bookmarkStart", f"{W}bookmarkEnd")]:
            mark.getparent().remove(mark)
        return self

    def drop_properties(self) -> Self:
        del self.parts[PROPERTIES]
        return self


def make_run(words: str, tag: str = "t") -> Any:
    run = etree.Element(f"{W}r")
    text = etree.SubElement(run, f"{W}{tag}")
    text.text = words
    text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    return run


def make_change(tag: str, by: str, *within: Any) -> Any:
    change = etree.Element(f"{W}{tag}")
    change.set(f"{W}id", "900")
    change.set(f"{W}author", by)
    change.extend(within)
    return change


def make_paragraph(*within: Any) -> Any:
    paragraph = etree.Element(f"{W}p")
    paragraph.extend(within)
    return paragraph


def mark_end(paragraph: Any, tag: str, by: str) -> None:
    """Insert or delete the mark at the end of a paragraph."""
    properties = paragraph.find(f"{W}pPr")
    if properties is None:
        properties = etree.Element(f"{W}pPr")
        paragraph.insert(0, properties)
    look = etree.SubElement(properties, f"{W}rPr")
    look.append(make_change(tag, by))

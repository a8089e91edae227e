"""The list with one value per cell, to filter: CSV, OpenDocument and Excel's second sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labelling.press_release.content import Content


def preface(content: Content) -> list[str]:
    """What stands above the headings, where no other sheet says what the list is.

    Of a release without a list, a rectificatif of prose, all the text.
    """
    parts = [
        *content.notices,
        content.letterhead.name if content.letterhead else "",
        content.title,
        content.lead,
        *(() if content.lines else content.paragraphs),
        content.situation,
        content.imprint,
    ]
    return [*filter(None, parts)]


def headings(content: Content) -> list[str]:
    """The titles of the columns; where no site is new, there is none to say so."""
    new = [content.words.new_column] if content.new_count else []
    return [*content.columns, *new]


def rows(content: Content) -> list[list[str]]:
    """The lines under these headings."""
    cells = [[line.region, line.department, line.name] for line in content.lines]
    if content.new_count:
        for row, line in zip(cells, content.lines, strict=True):
            row.append(content.words.yes if line.is_new else content.words.no)
    return cells

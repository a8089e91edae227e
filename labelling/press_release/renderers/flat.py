"""The list with one value per cell, to filter: CSV, OpenDocument and Excel's second sheet."""

from collections.abc import Sequence

from labelling.press_release.content import Content
from labelling.sheets import Column, Table


def write_preface(content: Content) -> list[str]:
    """What stands above the headings, where no other sheet says what the list is.

    Of a release without a list and of what corrects another one, all the text.
    """
    has_text = content.is_correction or not content.lines
    parts = [
        *content.notices,
        content.letterhead.name if content.letterhead else "",
        content.place_and_date,
        content.title,
        content.lead,
        *((*content.paragraphs, *content.quote) if has_text else ()),
        content.situation,
    ]
    return [*filter(None, parts)]


def make_table(content: Content, above: Sequence[str]) -> Table:
    """The list as a sheet, under the texts that stand above it."""
    columns = [Column(heading) for heading in list_headings(content)]
    return Table(
        title=content.words.flat_sheet, columns=columns, rows=list_rows(content), notes=above
    )


def list_headings(content: Content) -> list[str]:
    """The titles of the columns; where no site is new, there is none to say so."""
    new = [content.words.new_column] if content.new_count else []
    return [*content.columns, *new]


def list_rows(content: Content) -> list[list[str]]:
    """The lines under these headings."""
    cells = [
        [line.region, line.department, line.name, *content.list_places(line)]
        for line in content.lines
    ]
    if content.new_count:
        for row, line in zip(cells, content.lines, strict=True):
            row.append(content.words.yes if line.is_new else content.words.no)
    return cells

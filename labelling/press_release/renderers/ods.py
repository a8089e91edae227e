"""The list as an OpenDocument sheet: one value per cell, to filter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labelling.press_release.renderers.characters import refuse_what_xml_forbids
from labelling.sheets import Column, Table, to_ods

if TYPE_CHECKING:
    from labelling.press_release.content import Content


def render(content: Content) -> bytes:
    """Return the sheet, the notices above its headings: they must not be missed.

    Raise UnprintableCharacterError for what no XML file can hold.
    """
    refuse_what_xml_forbids(content)
    words = content.words
    table = Table(
        title=words.flat_sheet,
        columns=[Column(heading) for heading in (*content.columns, words.new_column)],
        rows=[
            (line.region, line.department, line.name, words.yes if line.is_new else words.no)
            for line in content.lines
        ],
        notes=content.notices,
    )
    return to_ods([table])

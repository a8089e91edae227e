"""The release as the PDF to send, which `compiling` makes of `pdf.typ`."""

from pathlib import Path
from typing import Any

from labelling.press_release.content import NO_PROPERTIES, Content, Properties, ReleaseLine
from labelling.press_release.renderers import links, paper
from labelling.press_release.renderers.characters import list_texts
from labelling.press_release.renderers.compiling import Template, make_head, part

_TEMPLATE = Template(Path(__file__).with_suffix(".typ"))

# How wide a line of the title is, and a cell of each column, in heights of their type (see the
# template).
_LINE = 26
_COLUMNS = {  # By their number.
    3: (13.8, 9.6, 24),
    4: (10.2, 8.4, 17.4, 10.2),
    5: (8.1, 7.5, 12.6, 7.2, 9.6),
}
# Letters of a line that surely fits on a page.
_LONGEST = {3: 1000, 4: 400, 5: 300}


def render(content: Content, properties: Properties = NO_PROPERTIES) -> bytes:
    """Return the PDF. Raise UnprintableCharacterError if the fonts lack a character."""
    data = _make_release(content) | _make_properties(properties)
    return _TEMPLATE.print(data, properties.made_at, list_texts(content))


def _make_properties(properties: Properties) -> dict[str, Any]:
    return {
        "author": properties.author,
        "subject": properties.subject,
        "keywords": [f"sha256:{properties.digest}"] if properties.digest else [],
    }


def _make_release(content: Content) -> dict[str, Any]:
    """What the template prints; each text as `part` gives it."""
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
        "head": head and make_head(head, _LINE),
        "map": content.map and {**vars(content.map), "width": paper.MAP_WIDTH},
    }


def _count_letters(content: Content, line: ReleaseLine) -> int:
    return len(line.department) + len(line.name) + sum(map(len, content.list_places(line)))


def _part(text: str, width: float = _LINE) -> str | list[str]:
    return part(text, width)

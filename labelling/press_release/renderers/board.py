"""The page for the board as a PDF, which `compiling` makes of `board.typ`."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from labelling.pictures.map import PALETTE
from labelling.press_release.board.page import BoardPage
from labelling.press_release.renderers.compiling import Template, make_head, part

_TEMPLATE = Template(Path(__file__).with_suffix(".typ"))
# Heights of type that the narrowest place for words has; the template measures what is wider.
_NARROWEST = 8
# What is data for the template, not a text that is printed.
_CODES = {"svg", "text", "language"}


def render(page: BoardPage, made_at: datetime | None = None) -> bytes:
    """Return the PDF, of one page whatever there is to say.

    Raise UnprintableCharacterError if the fonts lack a character.
    """
    data = {
        **_part_texts({**asdict(page), "letterhead": None}),
        "head": make_head(page.letterhead, _NARROWEST),
        "document_title": f"{page.title} – {page.subtitle}",
        "palette": PALETTE,
    }
    return _TEMPLATE.print(data, made_at, page.list_texts())


def _part_texts(value: Any) -> Any:
    if isinstance(value, str):
        return part(value, _NARROWEST)
    if isinstance(value, dict):
        return {key: each if key in _CODES else _part_texts(each) for key, each in value.items()}
    return [*map(_part_texts, value)] if isinstance(value, tuple) else value

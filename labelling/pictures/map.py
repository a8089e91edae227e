"""The map of the sites, as one SVG: a mark for each, or departments tinted by number."""

from dataclasses import dataclass
from html import escape


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A site on the map. Without coordinates it is not drawn; its department is a code."""

    name: str
    longitude: float | None
    latitude: float | None
    department: str
    is_new: bool = False


@dataclass(frozen=True, kw_only=True)
class Map:
    """What is drawn. `counts` are the sites of each department, by its code.

    `known` and `new` explain the two marks, 28 characters at most; `prefix` keeps the ids of two
    drawings on one page apart.
    """

    marks: tuple[Mark, ...]
    counts: dict[str, int]
    title: str
    description: str
    known: str = ""
    new: str = ""
    prefix: str = "map"


def draw_map(drawn: Map) -> str:
    """Return the SVG."""
    ids = f"{drawn.prefix}-title", f"{drawn.prefix}-description"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 575" role="img" '
        f'aria-labelledby="{ids[0]}" aria-describedby="{ids[1]}">'
        f'<title id="{ids[0]}">{escape(drawn.title)}</title>'
        f'<desc id="{ids[1]}">{escape(drawn.description)}</desc></svg>'
    )

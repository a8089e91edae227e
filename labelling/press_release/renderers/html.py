"""The release as a page: a whole file to keep, or the body alone for a page of ours."""

import base64
from collections.abc import Collection
from functools import cache
from pathlib import Path
from typing import Any

from django.template import engines

from labelling.press_release.content import NO_PROPERTIES, Content, Properties
from labelling.press_release.renderers.links import find_link

_FONT = 'font: 8.5pt "Liberation Sans", Arial, Helvetica, sans-serif'
_MAP = (
    ".release-map { margin: 1.5em 0; }\n"
    ".release-map img { display: block; width: 100%; max-width: 32em; height: auto; }\n"
)
_STYLE = Path(__file__).parents[2] / "static" / "labelling" / "press_release.css"


def render(content: Content, properties: Properties = NO_PROPERTIES) -> bytes:
    """Return one self-contained file: its style is inside, and it asks nothing of any server."""
    style = _read_style() + (_MAP if content.map else "") + _style_margins(content)
    return _fill("page.html", content, properties=properties, style=style).encode()


def render_body(
    content: Content, concerned: Collection[int] = (), *, cut: str = "", whole: str = ""
) -> str:
    """Return the release as a fragment, for a page that has the style already.

    The lines of the sites `concerned` are marked as those to look at. `cut` says, of a list that
    only begins here, where the others are; `whole` is the address of a page that has them.
    """
    return _fill("body.html", content, concerned=concerned, cut=cut, whole=whole)


def render_mail(content: Content) -> str:
    """Return the release as a fragment to paste into a mail.

    Mail programs drop style sheets and keep HTML's oldest attributes, which our strict policy
    lets through too.
    """
    return _fill("mail.html", content)


def _fill(name: str, content: Content, **others: Any) -> str:
    template = engines["django"].get_template(f"labelling/press_release/{name}")
    contact = [(line, find_link(line)) for line in content.contact]
    context = {"content": content, "contact": contact, "map_address": _locate_map(content)}
    return str(template.render({**context, **others}))


def _locate_map(content: Content) -> str:
    """The address of the map, which holds it: the colours of the page around do not reach it."""
    if content.map is None:
        return ""
    return f"data:image/svg+xml;base64,{base64.b64encode(content.map.svg.encode()).decode()}"


def _style_margins(content: Content) -> str:
    """What the margins of a printed page say, which only a style can: its notices, its number."""
    number = " counter(pages) ".join(
        " counter(page) ".join(map(_quote, part.split("{page}")))
        for part in content.words.page.split("{pages}")
    )
    notices = _quote(" – ".join(content.notices))
    return (
        f"@page {{ @bottom-center {{ content: {number}; color: #595959; {_FONT} }}\n"
        f"@top-right {{ content: {notices}; color: #c00000; {_FONT}; font-weight: 700 }} }}\n"
        "@page :first { @top-right { content: none } }\n"
        "@media print { body { margin: 0 } }\n"
    )


def _quote(text: str) -> str:
    """The text as a style sheet quotes it: whatever might end it is a number."""
    return '"{}"'.format("".join(c if c.isalnum() or c == " " else f"\\{ord(c):x} " for c in text))


@cache
def _read_style() -> str:
    return _STYLE.read_text(encoding="utf-8")

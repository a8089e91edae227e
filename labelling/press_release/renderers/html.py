"""The release as a page: a whole file to keep, or the body alone for a page of ours."""

from collections.abc import Collection
from functools import cache
from pathlib import Path

from django.template import engines

from labelling.press_release.content import NO_PROPERTIES, Content, Properties

_STYLE = Path(__file__).parents[2] / "static" / "labelling" / "press_release.css"


def render(content: Content, properties: Properties = NO_PROPERTIES) -> bytes:
    """Return one self-contained file: its style is inside, and it asks nothing of any server."""
    return _load_template("page.html").render({"content": content, "style": _read_style()}).encode()


def render_body(content: Content, concerned: Collection[int] = ()) -> str:
    """Return the release as a fragment, for a page that has the style already.

    The lines of the sites `concerned` are marked as those to look at.
    """
    return _load_template("body.html").render({"content": content, "concerned": concerned})


def render_mail(content: Content) -> str:
    """Return the release as a fragment to paste into a mail.

    Mail programs drop style sheets and keep HTML's oldest attributes, which our strict policy
    lets through too.
    """
    return _load_template("mail.html").render({"content": content})


def _load_template(name: str):  # type: ignore[no-untyped-def]
    return engines["django"].get_template(f"labelling/press_release/{name}")


@cache
def _read_style() -> str:
    return _STYLE.read_text(encoding="utf-8")

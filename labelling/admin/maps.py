"""The map: on a page, and as a file for the press."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils.safestring import SafeString, mark_safe

from labelling import text
from labelling.admin.exports import make_attachment
from labelling.pictures.map import Map, draw_map
from labelling.press_release.composition import DEFAULT_BRAND, read_head
from labelling.press_release.renderers.rasterising import rasterise

# What each file is for.
_FORMATS = {"svg": "SVG, à imprimer", "png": "PNG, pour le web"}
_READ = ("GET", "HEAD")


@dataclass(frozen=True, kw_only=True)
class ShownMap:
    """The drawing, what stands below it, and its files: the label and the address of each."""

    drawing: SafeString
    notes: tuple[str, ...]
    downloads: tuple[tuple[str, str], ...]


def show_map(drawn: Map, address_of: Callable[[str], str]) -> ShownMap:
    """The map for a page, which writes its notes itself: they are larger there on a phone."""
    return ShownMap(
        # Whatever comes from a record is escaped as it is drawn.
        drawing=mark_safe(draw_map(replace(drawn, foot=()))),  # noqa: S308
        notes=drawn.foot,
        downloads=tuple((label, address_of(picture)) for picture, label in _FORMATS.items()),
    )


def download_map(
    request: HttpRequest, compose: Callable[[], Map], stem: str, picture: str
) -> HttpResponse:
    """Send the map, its notes and its credit in the picture; 404 for an unknown format."""
    if request.method not in _READ:
        return HttpResponseNotAllowed(_READ)
    if picture not in _FORMATS:
        raise Http404
    svg = draw_map(_entitle(compose()))
    name = f"carte-pimms-{stem}.{picture}"
    if picture == "svg":
        return make_attachment(svg.encode(), name, "image/svg+xml")
    return make_attachment(rasterise(svg), name, "image/png")


def _entitle(drawn: Map) -> Map:
    """The map as a newspaper prints it, alone: its title above, whose it is below."""
    first, *others = drawn.foot
    source = text.typeset(f"Source : {read_head(DEFAULT_BRAND).name}.")
    foot = (first.removeprefix(f"{drawn.title}. "), source, *others)
    return replace(drawn, heading=drawn.title, foot=foot)

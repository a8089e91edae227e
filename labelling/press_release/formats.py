"""The formats a press release is written in. A new one is one renderer file and one line here."""

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from labelling import text
from labelling.press_release import renderers
from labelling.press_release.content import NO_PROPERTIES, Content, Head, Properties
from labelling.press_release.renderers import logo
from labelling.press_release.renderers.characters import UnprintableCharacterError

# Of a side of a logo: a small file may hold a picture that takes all the memory once read.
_MOST_PIXELS = 4000


@dataclass(frozen=True, kw_only=True)
class Format:
    """How a format is named to staff, what its files end with, and how it is made.

    Its renderer is the module of that name. It is loaded when the first file is made: a process
    that writes no PDF has no need of typst.
    """

    label: str
    extension: str
    media_type: str

    def render(self, content: Content, properties: Properties = NO_PROPERTIES) -> bytes:
        """Return the file. Raise UnprintableCharacterError for what the format cannot print."""
        document: bytes = self._renderer.render(content, properties)
        return document

    def render_for_programs(
        self, content: Content, properties: Properties = NO_PROPERTIES
    ) -> bytes:
        """Return what a program reads, where that differs from what staff open."""
        write = getattr(self._renderer, "render_for_programs", None)
        return write(content) if write else self.render(content, properties)

    @property
    def _renderer(self) -> Any:
        return import_module(f"{renderers.__name__}.{self.extension}")


FORMATS: dict[str, Format] = {
    format.extension: format
    for format in (
        Format(
            label="PDF",
            extension="pdf",
            media_type="application/pdf",
        ),
        Format(
            label="Word",
            extension="docx",
            media_type="application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        Format(
            label="Excel",
            extension="xlsx",
            media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
        Format(
            label="Texte OpenDocument",
            extension="odt",
            media_type="application/vnd.oasis.opendocument.text",
        ),
        Format(
            label="Tableur OpenDocument",
            extension="ods",
            media_type="application/vnd.oasis.opendocument.spreadsheet",
        ),
        Format(
            label="Texte",
            extension="txt",
            media_type="text/plain; charset=utf-8",
        ),
        Format(
            label="Page HTML",
            extension="html",
            media_type="text/html; charset=utf-8",
        ),
        Format(
            label="Tableur CSV",
            extension="csv",
            media_type="text/csv; charset=utf-8",
        ),
        Format(
            label="Données JSON",
            extension="json",
            media_type="application/json",
        ),
    )
}


def find_unprintable(content: Content) -> str:
    """Which character keeps the content from one of the formats; empty if each can be made.

    It makes them all: too slow for what is asked at each keystroke.
    """
    for format in FORMATS.values():
        try:
            format.render(content)
        except UnprintableCharacterError as refusal:
            return f"{format.label} : {refusal}"
    return ""


def find_logo_fault(head: Head) -> str:
    """Why not every format can print the logo of this letterhead; empty if each can."""
    content = Content(
        letterhead=head, title=head.name, list_title="", columns=("", "", ""), lines=()
    )
    try:
        width, height = logo.count_pixels(head)
        if max(width, height) > _MOST_PIXELS:
            return (
                f"Ce logo fait {text.number(width)} × {text.counted(height, 'pixel')} : "
                f"enregistrez-le en plus petit, {text.counted(_MOST_PIXELS, 'pixel')} de côté au "
                "plus."
            )
        for format in FORMATS.values():
            format.render(content)
    except Exception:  # Each library refuses a picture in its own way, one by no better class.
        return (
            "Ce logo ne peut pas être imprimé dans tous les formats : enregistrez-le de nouveau, "
            "en PNG."
        )
    return ""

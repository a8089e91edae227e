"""The formats a press release is written in. A new one is one renderer file and one line here."""

from collections.abc import Callable
from dataclasses import dataclass

from labelling.press_release.content import Content, Head
from labelling.press_release.renderers import csv, docx, html, json, ods, odt, pdf, txt, xlsx
from labelling.press_release.renderers.characters import UnprintableCharacterError


@dataclass(frozen=True, kw_only=True)
class Format:
    """How a format is named to staff, what its files end with, and how it is made."""

    label: str
    extension: str
    media_type: str
    render: Callable[[Content], bytes]
    # What a program reads, where that differs from what staff open.
    render_for_programs: Callable[[Content], bytes] | None = None

    def for_programs(self, content: Content) -> bytes:
        return (self.render_for_programs or self.render)(content)


FORMATS: dict[str, Format] = {
    format.extension: format
    for format in (
        Format(
            label="PDF à envoyer",
            extension="pdf",
            media_type="application/pdf",
            render=pdf.render,
        ),
        Format(
            label="Word à relire",
            extension="docx",
            media_type="application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            render=docx.render,
        ),
        Format(
            label="Excel pour la presse",
            extension="xlsx",
            media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            render=xlsx.render,
        ),
        Format(
            label="Texte OpenDocument",
            extension="odt",
            media_type="application/vnd.oasis.opendocument.text",
            render=odt.render,
        ),
        Format(
            label="Tableur OpenDocument",
            extension="ods",
            media_type="application/vnd.oasis.opendocument.spreadsheet",
            render=ods.render,
        ),
        Format(
            label="Texte",
            extension="txt",
            media_type="text/plain; charset=utf-8",
            render=txt.render,
            render_for_programs=txt.render_for_programs,
        ),
        Format(
            label="Page HTML",
            extension="html",
            media_type="text/html; charset=utf-8",
            render=html.render,
        ),
        Format(
            label="Tableur CSV",
            extension="csv",
            media_type="text/csv; charset=utf-8",
            render=csv.render,
            render_for_programs=csv.render_for_programs,
        ),
        Format(
            label="Données JSON",
            extension="json",
            media_type="application/json",
            render=json.render,
        ),
    )
}


def unprintable(content: Content) -> str:
    """Which character keeps the content from one of the formats; empty if each can be made.

    It makes them all: too slow for what is asked at each keystroke.
    """
    for format in FORMATS.values():
        try:
            format.render(content)
        except UnprintableCharacterError as refusal:
            return f"{format.label} : {refusal}"
    return ""


def can_print(head: Head) -> bool:
    """Whether a release with this letterhead can be written in every format."""
    content = Content(
        letterhead=head, title=head.name, list_title="", columns=("", "", ""), lines=()
    )
    try:
        for format in FORMATS.values():
            format.render(content)
    except Exception:  # Each library refuses a picture in its own way, one by no better class.
        return False
    return True

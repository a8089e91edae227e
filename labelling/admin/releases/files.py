"""What is taken away of a release: its files in every format, and its mail."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.template.response import TemplateResponse
from django.utils import timezone

from labelling import text
from labelling.admin.exports import make_attachment
from labelling.admin.releases.frame import READ, locate_release, make_release_frame
from labelling.choices import ReleaseStatus
from labelling.models import DraftText, PressRelease
from labelling.press_release import file_names, mail, publishing
from labelling.press_release.content import Content, Properties
from labelling.press_release.formats import FORMATS
from labelling.press_release.renderers import html, txt
from labelling.press_release.renderers.characters import UnprintableCharacterError

# The files that come back corrected, or hold one that does.
_CORRECTED = ("docx", file_names.ARCHIVE)
# What each file is for.
_USES = {
    ReleaseStatus.DRAFT: {"pdf": "à relire", "docx": "à annoter"},
    ReleaseStatus.FINAL: {"pdf": "à envoyer", "docx": "à adapter"},
}


def list_downloads(request: HttpRequest, release: PressRelease) -> dict[str, Any]:
    """What the person may download: the main formats, each with its use, and the others."""
    if not request.user.has_perm("labelling.export_site"):
        return {}
    found = sort_downloads(lambda extension: locate_release(release, "download", extension))
    uses = _USES.get(ReleaseStatus(release.status), {})
    main = [
        (label, address, uses.get(extension, ""))
        for extension, (label, address) in zip(file_names.MAIN_FORMATS, found["main"], strict=True)
    ]
    return {
        **found,
        "main": main,
        "mail_address": locate_release(release, "mail"),
        "editions_address": "" if release.is_erratum else locate_release(release, "editions"),
    }


def sort_downloads(address_of: Any) -> dict[str, list[tuple[str, str]]]:
    """The formats with their addresses, those that people send first set apart."""
    main = [
        (FORMATS[extension].label, address_of(extension)) for extension in file_names.MAIN_FORMATS
    ]
    others = [
        (format.label, address_of(extension))
        for extension, format in FORMATS.items()
        if extension not in file_names.MAIN_FORMATS
    ]
    return {"main": main, "others": [*others, ("Tous, en ZIP", address_of(file_names.ARCHIVE))]}


def download(request: HttpRequest, release: PressRelease, extension: str) -> HttpResponse:
    """Send the release in a format, or in all of them, as a file to keep."""
    if request.method not in READ:
        return HttpResponseNotAllowed(READ)
    now = timezone.now()
    content = publishing.read_document(release, now)
    properties = publishing.make_properties(content, release, now)
    properties = keep_text(release, content, properties, extension)
    name = file_names.name_file(release.wave, release, extension, now)
    return as_file(request, content, properties, name, extension, back=locate_release(release))


def keep_text(
    release: PressRelease, content: Content, properties: Properties, extension: str
) -> Properties:
    """Keep the text that a draft's Word is made of, and say in the file which one that is."""
    if release.is_frozen or extension not in _CORRECTED:
        return properties
    kept = DraftText.objects.keep(release, content.to_json())
    return replace(properties, draft=release.pk, draft_digest=kept.digest)


def as_file(
    request: HttpRequest,
    content: Content,
    properties: Properties,
    name: str,
    extension: str,
    *,
    back: str,
) -> HttpResponse:
    """The answer that a browser keeps as the file `name`; 404 for an unknown extension.

    If the format cannot print a character, say which one on the page at `back`.
    """
    try:
        if extension == file_names.ARCHIVE:
            body, media_type = file_names.archive(content, properties, name), "application/zip"
        elif extension in FORMATS:
            format = FORMATS[extension]
            body, media_type = format.render(content, properties), format.media_type
        else:
            raise Http404
    except UnprintableCharacterError as refusal:
        messages.error(request, text.typeset(str(refusal)))
        return HttpResponseRedirect(back)
    return make_attachment(body, name, media_type)


def mail_page(pages: ModelAdmin, request: HttpRequest, release: PressRelease) -> HttpResponse:
    """« Copier pour un courriel »: the subject, and the text with its table."""
    if request.method not in READ:
        return HttpResponseNotAllowed(READ)
    now = timezone.now()
    content = publishing.read_document(release, now)
    context = {
        **make_release_frame(pages, request, release, "Copier pour un courriel"),
        "subject": mail.write_subject(release, content, now),
        "mail": html.render_mail(content),
        "plain": txt.render(content).decode(),
        "notices": content.notices,
    }
    return TemplateResponse(request, "labelling/release/mail.html", context)

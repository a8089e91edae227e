"""The way of one release: the document, its files, validated, sent, and what was really sent."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.http import content_disposition_header

from labelling import text
from labelling.admin.addresses import admin_url
from labelling.admin.exports import attachment
from labelling.admin.release_form import findings_of
from labelling.choices import ReleaseStatus
from labelling.models import PressRelease
from labelling.models.sent_file import SIZE_LIMIT
from labelling.press_release import dispatch, drafting, publishing
from labelling.press_release.formats import FORMATS
from labelling.press_release.renderers import html, txt
from labelling.press_release.renderers.characters import UnprintableCharacterError
from labelling.quality import altered_releases

if TYPE_CHECKING:
    from labelling.admin.base import RecordAdmin

_GET = ("GET", "HEAD")


class SentForm(forms.Form):
    """When a final version left."""

    sent_on = forms.DateField(
        label="Envoyé le", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def clean_sent_on(self) -> Any:
        day = self.cleaned_data["sent_on"]
        if day > timezone.localdate():
            raise ValidationError(
                text.typeset("Cette date est à venir : donnez le jour où il est parti.")
            )
        return day


class FileForm(forms.Form):
    """A file as it was sent."""

    file = forms.FileField(
        label="Fichier envoyé",
        help_text="Le PDF ou le courriel tel qu’il est parti, 5\u00a0Mo au plus. Il ne se retire "
        "pas.",
    )


def address(release: PressRelease, page: str = "document", *args: Any) -> str:
    return admin_url(release, page, release.pk, *args)


def document_page(
    pages: "RecordAdmin", request: HttpRequest, release: PressRelease
) -> HttpResponse:
    """The release as its reader sees it, and what can be done with it now."""
    if request.method not in _GET:
        return HttpResponseNotAllowed(_GET)
    may_validate = request.user.has_perm("labelling.validate_pressrelease")
    may_prepare = request.user.has_perms(
        ("labelling.add_pressrelease", "labelling.change_pressrelease")
    )
    is_sent = release.status == ReleaseStatus.SENT
    is_final = release.status == ReleaseStatus.FINAL
    day = timezone.localdate()
    context = {
        **_page(pages, request, release, str(release)),
        "body": html.render_body(publishing.document(release)),
        "alarms": altered_releases([release]),
        "is_sent": is_sent,
        "is_final": is_final,
        "may_edit": not release.is_frozen and pages.has_change_permission(request, release),
        "may_validate": may_validate,
        "may_prepare": may_prepare,
        "sent_form": SentForm(initial={"sent_on": day}) if is_final and may_validate else None,
        "file_form": FileForm() if is_sent and may_validate else None,
        "sent_files": release.sent_files.defer("content").select_related("attached_by"),
        "related": related(release),
        "downloads": downloads(request, release),
        "mail_address": address(release, "mail"),
        "can_compare": is_sent and not release.is_erratum,
    }
    return TemplateResponse(request, "labelling/release_document.html", context)


def related(release: PressRelease) -> list[tuple[str, PressRelease]]:
    """The other releases that this one stands beside, each with what it is to this one."""
    found = []
    if release.corrects:
        found.append(("Corrige", release.corrects))
    if release.replaces:
        found.append(("Remplace", release.replaces))
    if later := PressRelease.objects.filter(replaces=release).defer("content").first():
        said = "Remplacé par" if later.is_frozen else "Version corrigée en préparation"
        found.append((said, later))
    corrections = release.corrections.exclude(status=ReleaseStatus.REPLACED)
    return found + [(_correction(one), one) for one in corrections.defer("content").order_by("pk")]


def _correction(release: PressRelease) -> str:
    """What a correction is to the release that it corrects."""
    if not release.is_frozen:
        return "Correction en préparation"
    return "Rectifié par" if release.is_erratum else "Annulé et remplacé par"


def downloads(request: HttpRequest, release: PressRelease) -> dict[str, list[tuple[str, str]]]:
    """What the person may download: the main formats, and the others."""
    if not request.user.has_perm("labelling.export_site"):
        return {}
    return sorted_downloads(lambda extension: address(release, "download", extension))


def sorted_downloads(address_of: Any) -> dict[str, list[tuple[str, str]]]:
    """The formats with their addresses, those that people send first set apart."""
    main = [
        (FORMATS[extension].label, address_of(extension)) for extension in dispatch.MAIN_FORMATS
    ]
    others = [
        (format.label, address_of(extension))
        for extension, format in FORMATS.items()
        if extension not in dispatch.MAIN_FORMATS
    ]
    return {"main": main, "others": [*others, ("Tous, en ZIP", address_of(dispatch.ARCHIVE))]}


def download(request: HttpRequest, release: PressRelease, extension: str) -> HttpResponse:
    """Send the release in a format, or in all of them, as a file to keep."""
    if request.method not in _GET:
        return HttpResponseNotAllowed(_GET)
    content = publishing.document(release)
    name = dispatch.file_name(release.wave, release, extension)
    return as_file(request, content, name, extension, back=address(release))


def as_file(
    request: HttpRequest, content: Any, name: str, extension: str, *, back: str
) -> HttpResponse:
    """The answer that a browser keeps as the file `name`; 404 for an unknown extension.

    If the format cannot print a character, say which one on the page at `back`.
    """
    try:
        if extension == dispatch.ARCHIVE:
            body, media_type = dispatch.archive(content, name), "application/zip"
        elif extension in FORMATS:
            body, media_type = FORMATS[extension].render(content), FORMATS[extension].media_type
        else:
            raise Http404
    except UnprintableCharacterError as refusal:
        messages.error(request, text.typeset(str(refusal)))
        return HttpResponseRedirect(back)
    return attachment(body, name, media_type)


def mail_page(pages: "RecordAdmin", request: HttpRequest, release: PressRelease) -> HttpResponse:
    """« Copier pour un courriel »: the subject, and the text with its table."""
    if request.method not in _GET:
        return HttpResponseNotAllowed(_GET)
    content = publishing.document(release)
    context = {
        **_page(pages, request, release, "Copier pour un courriel"),
        "subject": dispatch.subject(release, content),
        "mail": html.render_mail(content),
        "plain": txt.render(content).decode(),
        "notices": content.notices,
    }
    return TemplateResponse(request, "labelling/release_mail.html", context)


def validate_page(
    pages: "RecordAdmin", request: HttpRequest, release: PressRelease
) -> HttpResponse:
    """The final document, what will be frozen, and the button that freezes it."""
    if request.method == "POST":
        try:
            done = publishing.validate(
                release, by=request.user, at=timezone.now(), seen=request.POST.get("seen", "")
            )
        except publishing.Outdated as refusal:
            messages.warning(request, str(refusal))
            return HttpResponseRedirect(address(release, "validate"))
        except publishing.NotDone as refusal:
            messages.warning(request, str(refusal))
            return HttpResponseRedirect(address(release))
        messages.success(
            request,
            f"{done}{text.NO_BREAK_SPACE}: version définitive validée. Téléchargez-la, envoyez-la, "
            "puis marquez-la comme envoyée.",
        )
        return HttpResponseRedirect(address(release))
    if request.method not in _GET:
        return HttpResponseNotAllowed([*_GET, "POST"])
    if release.is_frozen:
        return HttpResponseRedirect(address(release))
    final = publishing.final_of(release)
    found = findings_of(release, final, timezone.localdate())
    context = {
        **_page(pages, request, release, "Valider la version définitive"),
        "body": html.render_body(final),
        "seen": publishing.digest_of(final),
        "line_count": len(final.lines),
        "new_count": final.new_count,
        "findings": [sentence for sentences in found.values() for sentence in sentences],
    }
    return TemplateResponse(request, "labelling/release_validate.html", context)


def send(request: HttpRequest, release: PressRelease) -> HttpResponse:
    """« Marquer comme envoyé »."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    form = SentForm(request.POST)
    if not form.is_valid():
        for error in form.errors.get("sent_on", []):
            messages.error(request, str(error))
        return HttpResponseRedirect(address(release))
    try:
        done = publishing.mark_as_sent(release, on=form.cleaned_data["sent_on"])
    except publishing.NotDone as refusal:
        messages.warning(request, str(refusal))
    else:
        day = text.long_date(form.cleaned_data["sent_on"])
        messages.success(
            request, text.typeset(f"{done} : marqué comme envoyé le {day}. Il ne change plus.")
        )
    return HttpResponseRedirect(address(release))


def attach(request: HttpRequest, release: PressRelease) -> HttpResponse:
    """Keep the file that was really sent."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, text.typeset("Choisissez d’abord le fichier qui a été envoyé."))
        return HttpResponseRedirect(address(release))
    file = form.cleaned_data["file"]
    try:
        # One byte more than is kept says that it is too big, whatever its size.
        kept = publishing.attach(
            release,
            name=file.name,
            content=file.read(SIZE_LIMIT + 1),
            by=request.user,
            at=timezone.now(),
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, text.typeset(f"« {kept} » est joint au communiqué."))
    return HttpResponseRedirect(address(release))


def sent_file(request: HttpRequest, release: PressRelease, file_id: int) -> HttpResponse:
    """Give back a file as it was sent: to keep, never to open in our pages."""
    if request.method not in _GET:
        return HttpResponseNotAllowed(_GET)
    file = release.sent_files.filter(pk=file_id).first()
    if file is None:
        raise Http404
    return HttpResponse(
        bytes(file.content),
        content_type="application/octet-stream",
        headers={
            "Content-Disposition": content_disposition_header(True, file.name),
            "X-Content-Type-Options": "nosniff",
        },
    )


def correct(request: HttpRequest, release: PressRelease) -> HttpResponse:
    """« Préparer une version corrigée » of a final version that was not sent."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    try:
        draft = drafting.prepare_corrected_version(release)
    except publishing.NotDone as refusal:
        messages.warning(request, str(refusal))
        return HttpResponseRedirect(address(release))
    return HttpResponseRedirect(admin_url(draft, "change", draft.pk))


def _page(
    pages: "RecordAdmin", request: HttpRequest, release: PressRelease, title: str
) -> dict[str, Any]:
    return {
        **pages.admin_site.each_context(request),
        "title": title,
        "opts": pages.opts,
        "media": pages.media,
        "release": release,
        "here": title != str(release),
        "document_address": address(release),
        "wave_address": admin_url(release.wave, "press_release", release.wave_id)
        if request.user.has_perm("labelling.view_labellingwave")
        else "",
    }

"""A release that has left: when, and the files that were really sent."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
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

from labelling import text
from labelling.admin.day_fields import DayField
from labelling.admin.doors import LegibleForm, read_form
from labelling.admin.exports import make_attachment
from labelling.admin.releases.frame import READ, locate_release, make_release_frame
from labelling.choices import RemovalReason
from labelling.models import PressRelease
from labelling.models.sent_file import KINDS, MOST_FILES, WHAT_IS_KEPT, check_sent_size
from labelling.press_release import publishing, sent_files


class SentForm(forms.Form):
    """When a final version left."""

    sent_on = DayField(label="Envoyé le")

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
        widget=forms.FileInput(
            attrs={"accept": ",".join(f".{end}" for kind in KINDS for end in kind.extensions)}
        ),
        help_text=text.typeset(
            f"Tel qu’il est parti : {WHAT_IS_KEPT}. 5\u00a0Mo et {MOST_FILES} fichiers au plus. Un "
            "responsable peut le retirer, avec un motif."
        ),
    )


class RemovalForm(LegibleForm, forms.Form):
    """Why a file is removed."""

    reason = forms.ChoiceField(
        label="Motif", choices=[("", "Choisissez un motif"), *RemovalReason.choices]
    )
    details = forms.CharField(
        label="Précisions",
        max_length=200,
        help_text="Gardées avec le motif, sur la page du communiqué et dans le journal. N’y "
        "recopiez pas ce qui doit disparaître.",
    )


def send(request: HttpRequest, release: PressRelease) -> HttpResponse:
    """« Marquer comme envoyé »."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    form = SentForm(read_form(request.POST))
    if not form.is_valid():
        for error in form.errors.get("sent_on", []):
            messages.error(request, str(error))
        return HttpResponseRedirect(locate_release(release))
    try:
        done = publishing.mark_as_sent(release, on=form.cleaned_data["sent_on"])
    except publishing.NotDone as refusal:
        messages.warning(request, str(refusal))
    else:
        day = text.long_date(form.cleaned_data["sent_on"])
        messages.success(
            request, text.typeset(f"{done} : marqué comme envoyé le {day}. Il ne change plus.")
        )
    return HttpResponseRedirect(locate_release(release))


def attach(request: HttpRequest, release: PressRelease) -> HttpResponse:
    """Keep the file that was really sent."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, text.typeset("Choisissez d’abord le fichier qui a été envoyé."))
        return HttpResponseRedirect(locate_release(release))
    file = form.cleaned_data["file"]
    try:
        check_sent_size(file.size)
        kept = publishing.attach(
            release,
            name=file.name,
            content=file.read(),
            by=request.user,
            at=timezone.now(),
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, text.typeset(f"« {kept} » est joint au communiqué."))
    return HttpResponseRedirect(locate_release(release))


def download_sent_file(request: HttpRequest, release: PressRelease, file_id: int) -> HttpResponse:
    """Give back a file as it was sent: to keep, never to open in our pages."""
    if request.method not in READ:
        return HttpResponseNotAllowed(READ)
    file = release.sent_files.filter(pk=file_id).first()
    if file is None:
        raise Http404
    return make_attachment(bytes(file.content), file.name)


def removal_page(
    pages: ModelAdmin, request: HttpRequest, release: PressRelease, file_id: int
) -> HttpResponse:
    """« Retirer ce fichier… »: why, then it is gone; the page and the journal keep that it was."""
    if request.method not in (*READ, "POST"):
        return HttpResponseNotAllowed([*READ, "POST"])
    file = release.sent_files.defer("content").filter(pk=file_id).first()
    if file is None:
        raise Http404
    form = RemovalForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        context = {
            **make_release_frame(pages, request, release, f"Retirer {file}"),
            "file": file,
            "form": form,
        }
        return TemplateResponse(request, "labelling/release/remove_file.html", context)
    try:
        sent_files.remove(
            file,
            by=request.user,
            reason=RemovalReason(form.cleaned_data["reason"]),
            details=form.cleaned_data["details"],
        )
    except ValidationError as refusal:
        messages.warning(request, " ".join(refusal.messages))
    else:
        messages.success(
            request,
            text.typeset(f"« {file} » est retiré. Cette page et le journal gardent qu’il y était."),
        )
    return HttpResponseRedirect(locate_release(release))

"""The files that were really sent, of a release or of a wave: attached, given back, removed."""

from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import TextChoices
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
from labelling.admin.addresses import locate_page
from labelling.admin.doors import LegibleForm
from labelling.admin.exports import make_attachment
from labelling.admin.releases.frame import READ
from labelling.choices import RemovalReason
from labelling.models import LabellingWave, PressRelease, SentFile
from labelling.models.sent_file import KINDS, MOST_FILES, WHAT_IS_KEPT, check_sent_size
from labelling.press_release import past_releases, publishing, sent_files


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
    """Why what was kept is removed: a file, unless another form names its own reasons."""

    reasons: type[TextChoices] = RemovalReason

    reason = forms.ChoiceField(label="Motif")
    details = forms.CharField(
        label="Précisions",
        max_length=200,
        help_text="Gardées avec le motif, sur la page du communiqué et dans le journal. N’y "
        "recopiez pas ce qui doit disparaître.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "Choisissez un motif"), *self.reasons.choices]
        cast("forms.ChoiceField", self.fields["reason"]).choices = choices


@dataclass(frozen=True)
class Folder:
    """What files are attached to, and the page that lists them."""

    owner: PressRelease | LabellingWave
    page: str

    def locate(self, page: str, *args: Any) -> str:
        return locate_page(self.owner, page, self.owner.pk, *args)


def open_folder(owner: PressRelease | LabellingWave) -> Folder:
    """The files of a release, or of a wave that has none here."""
    page = "press_release" if isinstance(owner, LabellingWave) else "document"
    return Folder(owner, locate_page(owner, page, owner.pk))


def describe_files(folder: Folder, user: Any, *, is_open: bool) -> dict[str, Any]:
    """What the page of a release or of a wave shows of its files, and what may be done to them.

    Files are attached while the folder `is_open`. Their bytes are not read.
    """
    may_download = user.has_perm("labelling.export_site")
    may_change = user.has_perm("labelling.validate_pressrelease")
    kept = folder.owner.sent_files.defer("content").select_related("attached_by")
    return {
        "kept": [
            {
                "file": file,
                "address": folder.locate("sent_file", file.pk) if may_download else "",
                "removal": folder.locate("remove_sent_file", file.pk) if may_change else "",
            }
            for file in kept
        ],
        "removed": sent_files.list_removed(folder.owner),
        "form": FileForm() if is_open and may_change else None,
        "attach_address": folder.locate("attach"),
    }


def attach(request: HttpRequest, folder: Folder) -> HttpResponse:
    """Keep the file that was really sent."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, text.typeset("Choisissez d’abord le fichier qui a été envoyé."))
        return HttpResponseRedirect(folder.page)
    file = form.cleaned_data["file"]
    try:
        check_sent_size(file.size)
        kept = _keep(
            folder.owner, name=file.name, content=file.read(), by=request.user, at=timezone.now()
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    except publishing.NotDone as refusal:
        messages.warning(request, str(refusal))
    else:
        to = "au communiqué" if kept.release else "à la vague"
        messages.success(request, text.typeset(f"« {kept} » est joint {to}."))
    return HttpResponseRedirect(folder.page)


def _keep(owner: PressRelease | LabellingWave, **file: Any) -> SentFile:
    if isinstance(owner, LabellingWave):
        return past_releases.attach(owner, **file)
    return publishing.attach(owner, **file)


def download(request: HttpRequest, folder: Folder, file_id: int) -> HttpResponse:
    """Give back a file as it was sent: to keep, never to open in our pages."""
    if request.method not in READ:
        return HttpResponseNotAllowed(READ)
    file = folder.owner.sent_files.filter(pk=file_id).first()
    if file is None:
        raise Http404
    return make_attachment(bytes(file.content), file.name)


def removal_page(
    request: HttpRequest, folder: Folder, file_id: int, frame: dict[str, Any]
) -> HttpResponse:
    """« Retirer ce fichier… »: why, then it is gone; the page and the journal keep that it was.

    `frame` is what the pages of its owner show around what is their own.
    """
    if request.method not in (*READ, "POST"):
        return HttpResponseNotAllowed([*READ, "POST"])
    file = folder.owner.sent_files.defer("content").filter(pk=file_id).first()
    if file is None:
        raise Http404
    form = RemovalForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        context = {**frame, "title": f"Retirer {file}", "here": True, "file": file, "form": form}
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
    return HttpResponseRedirect(folder.page)

"""« Importer un tableur »: a file is dropped or lines are pasted, and read; nothing is changed."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_protect

from labelling import text
from labelling.admin.doors import read_number
from labelling.models import Association, ImportRun, LabellingWave
from labelling.spreadsheets.files import reading
from labelling.spreadsheets.files.reading import ReadingError
from labelling.spreadsheets.resources import RESOURCES
from labelling.spreadsheets.runs import preparation, rights
from labelling.spreadsheets.runs.rights import ImportRefused
from labelling.spreadsheets.tables.headings import HeadingsError

_TOO_LONG = (
    "Le texte collé est trop long. Enregistrez-le dans un fichier CSV, puis déposez ce fichier."
)


class UploadForm(forms.Form):
    """A file or pasted lines, and what they are."""

    file = forms.FileField(
        label="Fichier Excel (.xlsx), LibreOffice (.ods) ou CSV",
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".xlsx,.ods,.csv,.xls,.txt,.tsv"}),
        error_messages={"max_length": "Le nom de ce fichier est trop long. Raccourcissez-le."},
    )
    pasted = forms.CharField(
        label="Ou lignes copiées d’un tableur ou d’un courriel",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"null_characters_not_allowed": "Ce texte contient un caractère illisible."},
    )
    model = forms.ChoiceField(
        label="Ce sont",
        error_messages={
            "required": "Dites de quelles fiches parle ce fichier.",
            "invalid_choice": "Choisissez des fiches que votre accès permet d’importer.",
        },
    )
    wave = forms.ModelChoiceField(
        LabellingWave.objects.order_by("-effective_on"),
        label="Vague des sites marqués d’un astérisque",
        required=False,
        empty_label="Celle que dit le fichier",
        help_text=text.typeset(
            "Si un astérisque à la fin du nom dit « nouveau dans cette vague ». Dans un courriel "
            "sans astérisque, tous les nouveaux sites la prennent."
        ),
        error_messages={"invalid_choice": "Cette vague n’existe plus. Choisissez-en une autre."},
    )

    def __init__(
        self,
        kinds: Any,
        data: Any = None,
        files: Any = None,
        initial: Any = None,
        *,
        asks_wave: bool = True,
    ) -> None:
        super().__init__(data, files, auto_id="import-%s", initial=initial)
        cast("forms.ChoiceField", self.fields["model"]).choices = kinds
        if not asks_wave:
            del self.fields["wave"]


def find_person(request: HttpRequest) -> User:
    """Who asks: every page of the admin is for somebody who signed in."""
    return cast("User", request.user)


def locate_model_sheet(model_key: str) -> str:
    """Where an empty sheet to fill in is downloaded."""
    return reverse(f"admin:labelling_{model_key}_model_sheet")


def list_kinds(user: Any) -> list[tuple[str, str]]:
    """The records that `user` may import: their key, and the name of their sheet."""
    return [
        (key, resource.sheet_name)
        for key, resource in RESOURCES.items()
        if rights.may_prepare(user, key)
    ]


def find_owner(request: HttpRequest) -> Association | LabellingWave | None:
    """The association or the wave from whose page a file of its sites is brought.

    The address holds it, and the form is sent to that address: whatever is refused, it stays.
    """
    if "association" in request.GET:
        return get_object_or_404(Association, pk=read_number(request.GET["association"]))
    if "wave" in request.GET:
        return get_object_or_404(LabellingWave, pk=read_number(request.GET["wave"]))
    return None


def _list_kinds(request: HttpRequest) -> list[tuple[str, str]]:
    kinds = list_kinds(find_person(request))
    return [kind for kind in kinds if kind[0] == "site"] if find_owner(request) else kinds


def _word_owner(owner: Association | LabellingWave | None) -> str:
    match owner:
        case Association():
            return text.typeset(
                f"Les sites de ce fichier sont ceux de l’association « {owner} » : aucune ligne "
                "n’est mise de côté. Les nouveaux sites lui sont rattachés, sauf où une ligne en "
                "nomme une autre."
            )
        case LabellingWave():
            return text.typeset(
                f"Vague : {owner}. Les nouveaux sites la prennent, et les candidats qui sont "
                "nommés, avec ou sans astérisque, sauf où une ligne en dit une autre. Toutes les "
                "lignes sont du réseau, aucune n’est mise de côté."
            )
    return ""


def upload_page(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """Show the form; on POST, read what was sent and go to the page of the import it makes."""
    # Before anything is looked up that the address names.
    if not list_kinds(find_person(request)) or not _list_kinds(request):
        raise PermissionDenied
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    refusal = ""
    if request.method == "POST":
        try:
            request.POST  # noqa: B018 – it is read now, or refused
        except RequestDataTooBig:
            refusal = _TOO_LONG
    if refusal:
        return _show_page(model_admin, request, _make_form(request), refusal)
    return _protected_page(request, model_admin)


@csrf_protect
def _protected_page(request: HttpRequest, model_admin: Any) -> HttpResponse:
    if request.method != "POST":
        return _show_page(model_admin, request, _make_form(request))
    form = _make_form(request, request.POST, request.FILES)
    if not form.is_valid():
        return _show_page(model_admin, request, form)
    try:
        run = _prepare(request, form.cleaned_data)
    except HeadingsError as refused:
        sent = form.cleaned_data
        sentence = f"{refused}{_word_names(sent)}"
        return _show_page(model_admin, request, form, sentence, sent["model"])
    except (ReadingError, ImportRefused) as refused:
        return _show_page(model_admin, request, form, str(refused))
    messages.success(request, f"{preparation.word_lines_read(run)} Rien n’est encore modifié.")
    return HttpResponseRedirect(reverse("admin:labelling_importrun_change", args=[run.pk]))


def _word_names(sent: dict[str, Any]) -> str:
    """What to do of pasted names of sites that are not known to be sites."""
    pasted = sent["pasted"].strip()
    if sent["model"] != "site" or not pasted or "pimms" in pasted.casefold():
        return ""
    return text.typeset(
        " Dans un courriel, écrivez PIMMS devant chaque nom, par exemple : PIMMS Nîmes (Gard)."
    )


def _make_form(request: HttpRequest, data: Any = None, files: Any = None) -> UploadForm:
    return UploadForm(
        _list_kinds(request),
        data,
        files,
        initial={"model": request.GET.get("model", "")},
        asks_wave=not isinstance(find_owner(request), LabellingWave),
    )


def _prepare(request: HttpRequest, sent: dict[str, Any]) -> ImportRun:
    file: UploadedFile | None = sent["file"]
    owner = find_owner(request)
    options = {
        "author": find_person(request),
        "model_key": sent["model"],
        "wave": owner if isinstance(owner, LabellingWave) else sent["wave"],
        "completes_wave": isinstance(owner, LabellingWave),
        "association": owner if isinstance(owner, Association) else None,
        "takes_all": owner is not None,
    }
    if file is None:
        if not sent["pasted"].strip():
            raise ImportRefused("Déposez un fichier, ou collez des lignes.")
        return preparation.prepare(pasted=sent["pasted"], **options)
    reading.check_size(file.size or 0)
    return preparation.prepare(file.read(), name=_keep_printable(file.name or ""), **options)


def _show_page(
    model_admin: Any, request: HttpRequest, form: UploadForm, refusal: str = "", missing: str = ""
) -> HttpResponse:
    context = {
        **model_admin.admin_site.each_context(request),
        "title": "Importer un tableur",
        "opts": model_admin.opts,
        "form": form,
        "owner": _word_owner(find_owner(request)),
        "refusal": refusal,
        # Where no headings were found, the sheet that has the right ones.
        "model_sheet": locate_model_sheet(missing) if missing else "",
        "model_sheets": [
            (locate_model_sheet(key), name) for key, name in list_kinds(find_person(request))
        ],
        "most": reading.read_limits().upload // (1024 * 1024),
    }
    return TemplateResponse(request, "labelling/import_upload.html", context)


def _keep_printable(name: str) -> str:
    return "".join(character for character in name if character.isprintable())

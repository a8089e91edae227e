"""What is done with an import: answering, applying, taking back, giving up; and its files."""

from itertools import islice
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse

from labelling import sheets
from labelling.admin.addresses import locate_page
from labelling.admin.deleted import locate_list
from labelling.admin.exports import make_attachment
from labelling.admin.imports.filters import Asked
from labelling.admin.imports.preview import MOST_UNDONE, describe_run, list_first
from labelling.admin.imports.upload import find_person
from labelling.models import (
    ImportRun,
    KeptValue,
)
from labelling.spreadsheets import exporting
from labelling.spreadsheets.judging.wording import RunWording
from labelling.spreadsheets.resources import RESOURCES
from labelling.spreadsheets.runs import apply, lines_to_correct, repairs, rights, undo
from labelling.spreadsheets.runs.rights import ImportRefused
from labelling.spreadsheets.runs.undo import Undoing


def apply_page(request: HttpRequest, run: ImportRun) -> HttpResponse:
    """Apply what the page showed; who comes from a page older than the preview reads it again."""
    good_lines_only = request.POST.get("only") == "good"
    try:
        seen = request.POST.get("seen", "")
        applied = apply.apply(run, find_person(request), good_lines_only=good_lines_only, seen=seen)
    except apply.LinesChanged as refusal:
        messages.warning(request, str(refusal))
        shown = Asked(query=" ".join(map(str, refusal.numbers)))
        page = reverse("admin:labelling_importrun_change", args=[run.pk])
        return HttpResponseRedirect(page + shown.make_address().removesuffix("?"))
    except rights.AlreadyApplied as refusal:
        messages.warning(request, str(refusal))
    except ImportRefused as refusal:
        messages.error(request, str(refusal))
    except ImportRun.DoesNotExist:
        raise Http404 from None
    else:
        messages.success(request, str(applied))
    return _go_back(run)


def undo_page(request: HttpRequest, run: ImportRun) -> HttpResponse:
    """Show what undoing would put back, and what would stay and why; on POST, do it."""
    try:
        if request.method == "POST":
            messages.success(request, str(undo.undo(run, find_person(request))))
            return _go_back(run)
        undoing = undo.foresee(run, find_person(request))
    except ImportRefused as refusal:
        messages.error(request, str(refusal))
    except ImportRun.DoesNotExist:
        raise Http404 from None
    else:
        context = {
            **admin.site.each_context(request),
            "title": f"Annuler l’import n°\u00a0{run.pk}",
            "opts": run._meta,
            "run": run,
            "about": describe_run(run),
            "first": undoing.first,
            "first_imports": list_first(undoing.first, find_person(request)),
            **_describe_undoing(run, undoing),
        }
        return TemplateResponse(request, "labelling/import_undo.html", context)
    return _go_back(run)


def take_over_page(request: HttpRequest, run: ImportRun) -> HttpResponse:
    """« Reprendre à mon nom »."""
    try:
        repairs.take_over(run, find_person(request))
    except ImportRefused as refusal:
        messages.error(request, str(refusal))
    except ImportRun.DoesNotExist:
        raise Http404 from None
    else:
        messages.success(request, "Cet import est à votre nom\u00a0: vous pouvez le continuer.")
    return _go_back(run)


def discard_page(request: HttpRequest, run: ImportRun) -> HttpResponse:
    """Give up a preparation."""
    name = str(run)
    try:
        repairs.discard(run, find_person(request))
    except ImportRefused as refusal:
        messages.error(request, str(refusal))
        return _go_back(run)
    except ImportRun.DoesNotExist:
        raise Http404 from None
    messages.success(request, f"{name}\u00a0: abandonné. Aucune fiche n’a été modifiée.")
    return HttpResponseRedirect(reverse("admin:labelling_importrun_changelist"))


# Files


def download_lines_to_correct(request: HttpRequest, run: ImportRun) -> HttpResponse:
    """Download only the lines to correct, as they came, each with why."""
    if not rights.may_have_file(find_person(request), run):
        raise PermissionDenied
    headings, lines = lines_to_correct.list_wrong_lines(run)
    extension = run.file_name.rpartition(".")[2].lower()
    extension = extension if extension in ("ods", "csv") else "xlsx"
    data = exporting.write_lines_to_correct("À corriger", headings, lines, extension)
    name = lines_to_correct.name_file(run, extension)
    return make_attachment(data, name, sheets.MEDIA_TYPES[extension])


def download_original(request: HttpRequest, run: ImportRun) -> HttpResponse:
    """Download the file as it came, for as long as it is kept."""
    if not rights.may_have_file(find_person(request), run):
        raise PermissionDenied
    content = ImportRun.objects.filter(pk=run.pk).values_list("content", flat=True).first()
    if content is None:
        raise Http404
    return make_attachment(bytes(content), run.file_name or f"import-{run.pk}.txt")


# « Toujours garder la nôtre »


def forget(request: HttpRequest, kept_id: int) -> HttpResponse:
    """Take back « Toujours garder la nôtre » for a value of a record."""
    if not any(rights.may_prepare(find_person(request), key) for key in RESOURCES):
        raise PermissionDenied
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if kept_id >= 2**63:
        raise Http404
    kept = get_object_or_404(KeptValue, pk=kept_id)
    if not rights.may_prepare(find_person(request), kept.model_key):
        raise PermissionDenied
    try:
        repairs.forget_kept_value(kept, find_person(request))
    except ImportRefused as refusal:
        raise PermissionDenied from refusal
    messages.success(
        request, "Cette valeur n’est plus gardée\u00a0: le prochain fichier la proposera."
    )
    if "learned" in request.POST:
        return HttpResponseRedirect(locate_page(ImportRun, "learned"))
    model = RESOURCES[kept.model_key]._meta.model
    return HttpResponseRedirect(locate_page(model, "change", kept.record_id))


def _describe_undoing(run: ImportRun, undoing: Undoing) -> dict[str, Any]:
    """What the page of the undo lists, each list cut where it would be too long to be read."""
    wording = RunWording(run)
    restored = [
        (
            label,
            [
                (wording.word_label(name), wording.word_value(name, value))
                for name, value in values.items()
            ],
        )
        for label, values in islice(undoing.restored.values(), MOST_UNDONE)
    ]
    left = [
        (left.label, wording.word_label(left.field) if left.field else "", left.reason)
        for left in undoing.left[:MOST_UNDONE]
    ]
    return {
        "restored": restored,
        "restored_count": len(undoing.restored),
        "restored_more": max(len(undoing.restored) - MOST_UNDONE, 0),
        "deleted": sorted(undoing.deleted.values())[:MOST_UNDONE],
        "deleted_count": len(undoing.deleted),
        "deleted_more": max(len(undoing.deleted) - MOST_UNDONE, 0),
        "waves": sorted(undoing.waves_deleted.values()),
        # Empty for persons, who are erased.
        "deleted_address": locate_list(RESOURCES[run.model_key]._meta.model),
        "left": left,
        "left_count": len(undoing.left),
        "left_more": max(len(undoing.left) - MOST_UNDONE, 0),
        "refusal": undoing.refusal,
        "anything": bool(undoing.restored or undoing.deleted or undoing.waves_deleted),
    }


def _go_back(run: ImportRun) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:labelling_importrun_change", args=[run.pk]))

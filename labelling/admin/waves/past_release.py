"""What became of the release of a wave that has none here, and the files that left then."""

from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect

from labelling import text
from labelling.admin.addresses import locate_page
from labelling.admin.releases import sent_files
from labelling.admin.releases.frame import make_frame
from labelling.choices import PastRelease
from labelling.models import LabellingWave, PressRelease
from labelling.press_release import past_releases
from labelling.press_release.publishing import NotDone

_ANSWERS = {answer.value: answer for answer in PastRelease}


def describe(request: HttpRequest, wave: LabellingWave, release: PressRelease | None) -> Any:
    """What the page of a wave shows of a release of the past; None where it has one here."""
    if release:
        return None
    is_none = wave.past_release == PastRelease.NONE
    folder = sent_files.open_folder(wave)
    return {
        "said": wave.word_past_release(),
        "files": sent_files.describe_files(folder, request.user, is_open=not is_none),
        "answers": PastRelease.choices,
        "may_answer": request.user.has_perm("labelling.change_labellingwave"),
        # An answer is not taken back where that would be refused.
        "is_held": bool(wave.find_answer_obstacle("")),
    }


def declare(request: HttpRequest, wave: LabellingWave) -> HttpResponse:
    """Say what became of the release of a wave, or take it back."""
    page = locate_page(wave, "press_release", wave.pk)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    answer = _ANSWERS.get(request.POST.get("answer", ""))
    if answer is None and request.POST.get("answer") != "take back":
        messages.error(request, text.typeset("Choisissez une réponse pour cette vague."))
        return HttpResponseRedirect(page)
    try:
        past_releases.declare(wave, answer)
    except NotDone as refusal:
        messages.warning(request, str(refusal))
    else:
        said = f"noté « {answer.label} »" if answer else "la réponse est retirée"
        messages.success(request, text.typeset(f"{wave} : {said}."))
    return HttpResponseRedirect(page)


def removal_page(
    pages: ModelAdmin, request: HttpRequest, wave: LabellingWave, file_id: int
) -> HttpResponse:
    """« Retirer ce fichier… » of a wave."""
    folder = sent_files.open_folder(wave)
    frame = {
        **make_frame(pages, request, ""),
        "release": f"Communiqué de {text.the_wave(wave.name)}",
        "document_address": folder.page,
    }
    return sent_files.removal_page(request, folder, file_id, frame)

"""The answer of who was asked to read a draft: noted, or given back where it comes too late."""

from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone

from labelling import text
from labelling.admin.doors import read_form
from labelling.admin.releases import lost
from labelling.admin.releases.frame import locate_release, word_frozen
from labelling.admin.releases.readings import AnswerForm
from labelling.admin.releases.steps import document_page
from labelling.choices import ReadingAnswer
from labelling.models import PressRelease, Proofreading
from labelling.models.base import name_user
from labelling.press_release import proofreading
from labelling.press_release.publishing import NotDone, Outdated

_WITHDRAWN = (
    "Cette demande de relecture a été retirée pendant que vous lisiez : votre réponse n’est pas "
    "enregistrée."
)
_MOVED = (
    "Votre réponse est enregistrée. Le brouillon a changé pendant votre lecture : elle porte sur "
    "la version que vous avez lue. Ce qui a changé depuis est dit à côté."
)
_VALIDATED = (
    "Votre réponse est enregistrée. Ce communiqué est déjà validé{by} : elle est marquée « reçue "
    "après la validation »."
)


def answer_reading(
    pages: ModelAdmin, request: HttpRequest, release_id: int, reading_id: int
) -> HttpResponse:
    """Note what the reader says of the version that they read."""
    related = ("wave", "contact", "corrects", "replaces", "validated_by")
    release = PressRelease.objects.select_related(*related).filter(pk=release_id).first()
    if release is None:
        is_lost, _ = lost.find_lost(release_id)
        if not is_lost:
            raise Http404
        return _give_back(pages, request, None, lost.word_deleted(release_id))
    row: Any = release.proofreadings.filter(pk=reading_id).first()
    if row is None:
        return _give_back(pages, request, release, text.typeset(_WITHDRAWN))
    if row.reader_id != request.user.pk:
        raise PermissionDenied
    if not proofreading.takes_answers(release):
        return _give_back(pages, request, release, word_frozen(release))
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return document_page(pages, request, release, form)
    return _note(pages, request, release, row, form)


def _note(
    pages: ModelAdmin,
    request: HttpRequest,
    release: PressRelease,
    row: Proofreading,
    form: AnswerForm,
) -> HttpResponse:
    try:
        is_standing = proofreading.answer(
            row,
            by=request.user,
            answer=ReadingAnswer(form.cleaned_data["answer"]),
            note=form.cleaned_data["note"],
            seen=request.POST.get("seen", ""),
            at=timezone.now(),
        )
    except Outdated as refusal:
        if release.is_frozen:
            return _give_back(pages, request, release, word_frozen(release))
        messages.warning(request, str(refusal))
        return document_page(pages, request, release, form)
    except NotDone as refusal:
        return _give_back(pages, request, release, str(refusal))
    if release.is_frozen:
        by = f" par {name_user(release.validated_by)}" if release.validated_by else ""
        messages.warning(request, text.typeset(_VALIDATED.format(by=by)))
    elif is_standing:
        messages.success(request, "Votre réponse est enregistrée.")
    else:
        messages.warning(request, text.typeset(_MOVED))
    return HttpResponseRedirect(locate_release(release))


def _give_back(
    pages: ModelAdmin, request: HttpRequest, release: PressRelease | None, sentence: str
) -> HttpResponse:
    """Say why the answer is not noted, and give back what was typed."""
    sent = read_form(request.POST)
    answer, note = sent.get("answer", ""), sent.get("note", "")
    words = [("Remarques", note)] if note.split() else []
    if words and answer in ReadingAnswer.values:
        words.insert(0, ("Réponse", str(ReadingAnswer(answer).label)))
    return lost.give_back(pages, request, release, sentence, words)

"""What was typed for a record that does not take it any more: shown, to be kept."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import cast

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse

from labelling import text
from labelling.admin import history
from labelling.admin.conflicts import RecordForm
from labelling.admin.doors import read_number
from labelling.models import Record
from labelling.models.deleted import find_deletion


def is_typed(request: HttpRequest) -> bool:
    """Whether a request sends the form of a record, which always tells its version."""
    return request.method == "POST" and "version" in request.POST


def lost_page(
    pages: ModelAdmin, request: HttpRequest, key: int, following: tuple[str, str]
) -> HttpResponse:
    """Say who deleted or merged the record of this key, and give back what was typed for it."""
    if entry := find_deletion(pages.model, key):
        why = f"{history.word_end(entry)} pendant que vous l’aviez ouverte"
    else:
        why = "Cette fiche n’existe plus"
    sentence = text.typeset(f"{why} : rien de votre saisie n’est enregistré.")
    return give_back(pages, request, sentence, _list_typed(pages, request, key), following)


def give_back(
    pages: ModelAdmin,
    request: HttpRequest,
    sentence: str,
    words: Sequence[tuple[str, str]],
    following: tuple[str, str],
    record: Record | None = None,
) -> HttpResponse:
    """Say why what was typed is not kept, and show it, each text under its name.

    `following` is where one goes on, and what the button says of it. Without words there is
    nothing to give back: the sentence goes along to there.
    """
    address, label = following
    if not words:
        messages.warning(request, sentence)
        return HttpResponseRedirect(address)
    context = {
        **pages.admin_site.each_context(request),
        "title": "Votre saisie",
        "opts": pages.opts,
        "media": pages.media,
        "sentence": sentence,
        "words": words,
        "record": record,
        "next_address": address,
        "next_label": label,
    }
    return TemplateResponse(request, "labelling/lost.html", context, status=HTTPStatus.CONFLICT)


def _list_typed(pages: ModelAdmin, request: HttpRequest, key: int) -> list[tuple[str, str]]:
    """What was typed since the form was opened, at a version that the history may still have."""
    version = read_number(request.POST["version"])
    opened = history.find_values_at(pages.model(pk=key), version)
    record = pages.model(**(opened or {"pk": key}))
    form_class = cast(type[RecordForm], pages.get_form(request, record, change=True))
    return form_class(request.POST, instance=record).list_typed(opened)

"""What was typed for a record that does not take it any more: shown, to be kept."""

from collections.abc import Sequence
from typing import cast

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse

from labelling import text
from labelling.admin import deleted, history
from labelling.admin.addresses import locate_page
from labelling.admin.conflicts import RecordForm
from labelling.admin.doors import read_number
from labelling.models import MergedSite, Record, Site
from labelling.models.deleted import KINDS, find_deletion

_GONE = 409  # What it was typed for is not there any more.


def is_typed(request: HttpRequest) -> bool:
    """Whether a request sends the form of a record, which always tells its version."""
    return request.method == "POST" and "version" in request.POST


def lost_page(pages: ModelAdmin, request: HttpRequest, key: int | None) -> HttpResponse:
    """Say who deleted or merged the record of this key, and give back what was typed for it."""
    model: type[Record] = pages.model
    entry = find_deletion(model, key)
    into = MergedSite.objects.filter(pk=key).first() if key and model is Site else None
    if into:
        following = locate_page(Site, "change", into.into_id), "Voir la fiche qui reste"
    elif entry and model in KINDS:
        following = deleted.locate_deleted(model, entry.id), "Voir la fiche supprimée"
    else:
        following = locate_page(model, "changelist"), "Revenir à la liste"
    end = history.word_end(entry) if entry else "Cette fiche n’existe plus"
    meanwhile = " pendant que vous l’aviez ouverte" if entry else ""
    sentence = text.typeset(f"{end}{meanwhile} : rien de votre saisie n’est enregistré.")
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
    return TemplateResponse(request, "labelling/lost.html", context, status=_GONE)


def _list_typed(pages: ModelAdmin, request: HttpRequest, key: int | None) -> list[tuple[str, str]]:
    """What was typed since the form was opened, at a version that the history may still have."""
    version = read_number(request.POST["version"])
    opened = history.find_values_at(pages.model(pk=key), version) if key else None
    record = pages.model(**opened or {})
    form_class = cast(type[RecordForm], pages.get_form(request, record, change=True))
    return form_class(request.POST, instance=record).list_typed(opened)

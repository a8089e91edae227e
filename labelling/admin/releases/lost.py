"""What was typed in a draft that a colleague validated or deleted meanwhile: shown, to be kept."""

from collections.abc import Sequence
from typing import Any

from django.contrib.admin import ModelAdmin
from django.db.models import CharField, TextField
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst

from labelling import text
from labelling.admin import lost
from labelling.admin.addresses import locate_page
from labelling.admin.doors import read_form
from labelling.admin.history import name_author
from labelling.admin.releases.forms import ErrataWidget
from labelling.admin.releases.frame import locate_release, word_frozen
from labelling.models import PressRelease
from labelling.press_release import errata

# What is lost of a corrected Word that was dropped there.
WORD_GONE = (
    "rien n’est repris, et le Word corrigé qui y était déposé a été supprimé avec lui. Gardez "
    "votre fichier : si le brouillon est remis depuis « Fiches supprimées », déposez-le à nouveau."
)


def lost_page(
    pages: ModelAdmin, request: HttpRequest, release: PressRelease | None, key: int
) -> HttpResponse:
    """Say what happened to the draft, and give back the words, if any, that are in nothing now.

    `release` is the frozen one; None, if it was deleted.
    """
    sentence = word_frozen(release) if release else word_deleted(key)
    return give_back(pages, request, release, sentence, _list_words(request, release))


def give_back(
    pages: ModelAdmin,
    request: HttpRequest,
    release: PressRelease | None,
    sentence: str,
    words: Sequence[tuple[str, str]],
) -> HttpResponse:
    """Say why what was typed is not kept, and show it, each text under its name.

    Without words there is nothing to give back: the sentence goes along to the next page.
    """
    following = (
        (locate_release(release), "Voir le communiqué")
        if release
        else (locate_page(PressRelease, "changelist"), "Communiqués de presse")
    )
    return lost.give_back(pages, request, sentence, words, following, release)


def word_deleted(key: int, loss: str = "rien de votre saisie n’est enregistré.") -> str:
    """Why what was typed in a draft is not kept: a colleague deleted it meanwhile."""
    entry = PressRelease.history.filter(id=key, history_type="-").order_by("-version").first()
    by = f" par {author}" if entry and (author := name_author(entry)) else ""
    return text.typeset(f"Ce brouillon a été supprimé{by} pendant que vous l’aviez ouvert : {loss}")


def _list_words(request: HttpRequest, release: PressRelease | None) -> list[tuple[str, str]]:
    """Each text that was typed, under its name; not what the release has as well."""
    sent, words = read_form(request.POST), []
    for field in PressRelease._meta.fields:
        if not field.editable or not isinstance(field, CharField | TextField):
            continue
        if field.name == "errata":
            typed = errata.word_errata(ErrataWidget().value_from_datadict(sent, {}, "errata"))
        else:
            typed = sent.get(field.name, "")
        stored = getattr(release, field.name) if release else ""
        if typed.split() and typed.split() != stored.split():
            words.append((capfirst(str(field.verbose_name)), typed))
    return words


def find_lost(key: int) -> tuple[bool, PressRelease | None]:
    """Whether the draft that something was typed in is one no longer, and what it is now."""
    release: Any = PressRelease.objects.filter(pk=key).first()
    if release:
        return release.is_frozen, release
    return PressRelease.history.filter(id=key).exists(), None

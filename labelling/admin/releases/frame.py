"""What the pages of a release share: their address, their frame, the releases beside it."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from django.contrib.admin import ModelAdmin
from django.http import HttpRequest

from labelling import text
from labelling.admin.addresses import locate_page
from labelling.choices import ReleaseStatus
from labelling.models import PressRelease
from labelling.models.base import name_user
from labelling.press_release.content import Content
from labelling.press_release.renderers import html

READ = ("GET", "HEAD")
# Of a longer list, a page shows so many lines at once.
MOST_LINES = 500
# Who prepares a release, whether new, corrected or a correction.
TO_PREPARE = ("labelling.add_pressrelease", "labelling.change_pressrelease")


def locate_release(release: PressRelease, page: str = "document", *args: Any) -> str:
    return locate_page(release, page, release.pk, *args)


def make_frame(pages: ModelAdmin, request: HttpRequest, title: str) -> dict[str, Any]:
    """What every page of the back-office shows."""
    return {
        **pages.admin_site.each_context(request),
        "title": title,
        "opts": pages.opts,
        "media": pages.media,
    }


def make_release_frame(
    pages: ModelAdmin, request: HttpRequest, release: PressRelease, title: str
) -> dict[str, Any]:
    """What the pages of one release show around what is their own."""
    return {
        **make_frame(pages, request, title),
        "release": release,
        "here": title != str(release),
        "document_address": locate_release(release),
        "wave_address": locate_page(release.wave, "press_release", release.wave_id)
        if request.user.has_perm("labelling.view_labellingwave")
        else "",
    }


def render_document(
    document: Content, concerned: Collection[int] = (), *, is_whole: bool = False, whole: str = ""
) -> str:
    """A document on a page, the lines of the sites `concerned` marked.

    Of a longer list than people read on a page it has the beginning, unless it is asked for as a
    whole, and the way to all, if there is one: the address `whole`.
    """
    total = len(document.lines)
    if is_whole or total <= MOST_LINES:
        return html.render_body(document, concerned)
    cut = (
        f"Les {text.number(MOST_LINES)} premières lignes sur {text.number(total)} : les fichiers "
        "les ont toutes."
    )
    begun = replace(document, lines=document.lines[:MOST_LINES])
    return html.render_body(begun, concerned, cut=text.typeset(cut), whole=whole)


def list_related(release: PressRelease) -> list[tuple[str, PressRelease]]:
    """The other releases that this one stands beside, each with what it is to this one."""
    others = []
    if release.corrects:
        others.append(("Corrige", release.corrects))
    if release.replaces:
        others.append(("Remplace", release.replaces))
    if later := PressRelease.objects.filter(replaces=release).defer("content").first():
        relation = "Remplacé par" if later.is_frozen else "Version corrigée en préparation"
        others.append((relation, later))
    corrections = release.corrections.exclude(status=ReleaseStatus.REPLACED)
    return others + [
        (_word_correction(correction), correction)
        for correction in corrections.defer("content").order_by("pk")
    ]


def word_progress(release: PressRelease) -> str:
    """How far a correction is that its readers do not have; empty once it is sent."""
    if release.status == ReleaseStatus.SENT:
        return ""
    return (
        "Correction validée, pas encore envoyée"
        if release.is_frozen
        else "Correction en préparation"
    )


def _word_correction(release: PressRelease) -> str:
    """What a correction is to the release that it corrects."""
    done = "Rectifié par" if release.is_erratum else "Annulé et remplacé par"
    return word_progress(release) or done


def word_frozen(release: PressRelease, loss: str = "rien de votre saisie n’est enregistré") -> str:
    """Why what was typed in a draft is not kept: a colleague validated it meanwhile."""
    by = f" par {name_user(release.validated_by)}" if release.validated_by else ""
    return text.typeset(
        f"Ce communiqué a été validé{by} pendant que vous l’aviez ouvert : il ne change plus, et "
        f"{loss}."
    )

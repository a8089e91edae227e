"""What the pages of a release share: their address, their frame, the releases beside it."""

from typing import Any

from django.contrib.admin import ModelAdmin
from django.http import HttpRequest

from labelling.admin.addresses import admin_url
from labelling.choices import ReleaseStatus
from labelling.models import PressRelease

READ = ("GET", "HEAD")
# Who prepares a release, whether new, corrected or a correction.
TO_PREPARE = ("labelling.add_pressrelease", "labelling.change_pressrelease")


def address(release: PressRelease, page: str = "document", *args: Any) -> str:
    return admin_url(release, page, release.pk, *args)


def frame(pages: ModelAdmin, request: HttpRequest, title: str) -> dict[str, Any]:
    """What every page of the back-office shows."""
    return {
        **pages.admin_site.each_context(request),
        "title": title,
        "opts": pages.opts,
        "media": pages.media,
    }


def page_of(
    pages: ModelAdmin, request: HttpRequest, release: PressRelease, title: str
) -> dict[str, Any]:
    """What the pages of one release show around what is their own."""
    return {
        **frame(pages, request, title),
        "release": release,
        "here": title != str(release),
        "document_address": address(release),
        "wave_address": admin_url(release.wave, "press_release", release.wave_id)
        if request.user.has_perm("labelling.view_labellingwave")
        else "",
    }


def related(release: PressRelease) -> list[tuple[str, PressRelease]]:
    """The other releases that this one stands beside, each with what it is to this one."""
    found = []
    if release.corrects:
        found.append(("Corrige", release.corrects))
    if release.replaces:
        found.append(("Remplace", release.replaces))
    if later := PressRelease.objects.filter(replaces=release).defer("content").first():
        said = "Remplacé par" if later.is_frozen else "Version corrigée en préparation"
        found.append((said, later))
    corrections = release.corrections.exclude(status=ReleaseStatus.REPLACED)
    return found + [(_correction(one), one) for one in corrections.defer("content").order_by("pk")]


def correction_to_come(release: PressRelease) -> str:
    """How far a correction is that its readers do not have; empty once it is sent."""
    if release.status == ReleaseStatus.SENT:
        return ""
    return (
        "Correction validée, pas encore envoyée"
        if release.is_frozen
        else "Correction en préparation"
    )


def _correction(release: PressRelease) -> str:
    """What a correction is to the release that it corrects."""
    done = "Rectifié par" if release.is_erratum else "Annulé et remplacé par"
    return correction_to_come(release) or done

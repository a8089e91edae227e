"""The press release of a wave as a reader sees it, what changed in it since, and its downloads."""

from typing import Any

from django.contrib.admin import ModelAdmin
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from labelling import text
from labelling.admin.addresses import locate_page
from labelling.admin.releases.files import as_file, keep_text, sort_downloads
from labelling.admin.releases.frame import (
    READ,
    list_related,
    locate_release,
    make_frame,
    render_document,
)
from labelling.admin.waves import past_release
from labelling.choices import LabelStatus, ReleaseStatus
from labelling.models import LabellingWave, PressRelease, Site
from labelling.press_release import corrections, file_names, publishing
from labelling.press_release.composition import Source, find_release, list_sources
from labelling.press_release.differences import group_alike
from labelling.quality import find_altered_releases


def may_see(request: HttpRequest) -> bool:
    return request.user.has_perm("labelling.view_pressrelease")


def locate_preparation(
    request: HttpRequest, wave: LabellingWave, release: PressRelease | None
) -> str:
    """The address of a new release of `wave`; empty if there is one or the person may not.

    Nor is there one of a wave of the past, until what was said of it is taken back.
    """
    may_prepare = request.user.has_perm("labelling.add_pressrelease")
    if release or not may_prepare or wave.find_preparation_obstacle():
        return ""
    return f"{locate_page(PressRelease, 'add')}?{urlencode({'wave': wave.pk})}"


def release_page(pages: ModelAdmin, request: HttpRequest, wave: LabellingWave) -> HttpResponse:
    """Show the release from the source asked for, as sent if nothing is asked and it was."""
    if request.method not in READ:
        return HttpResponseNotAllowed(READ)
    release = find_release(wave)
    existing = list_sources(release)
    source = request.GET.get("source", existing[0])
    if source not in existing:
        source = existing[0]
    shown = publishing.compose_content(wave, release, source, timezone.now())
    labels = {choice: str(choice.label) for choice in existing}
    if release and release.status == ReleaseStatus.FINAL:
        labels[Source.PUBLISHED] = str(ReleaseStatus.FINAL.label)
    changes = corrections.compare_with_records(release) if release and release.is_frozen else ()
    here = locate_page(wave, "press_release", wave.pk)
    context = {
        **make_frame(pages, request, f"Communiqué de {text.the_wave(wave.name)}"),
        "wave": wave,
        "release": release,
        "release_address": release and locate_release(release),
        # Of the release, not of what the records would make of it since it was frozen.
        "mail_address": _locate_mail(request, release) if source == existing[0] else "",
        "changes_address": _locate_changes(release),
        "related": list_related(release) if release else [],
        "prepare_address": locate_preparation(request, wave, release),
        "past": past_release.describe(request, wave, release),
        "sources": [
            (label, f"{here}?{urlencode({'source': choice.value})}", choice == source)
            for choice, label in labels.items()
        ],
        "from_records": source == Source.RECORDS,
        "compared_label": _name_compared(release, labels),
        "body": render_document(shown),
        "can_compare": Source.PUBLISHED in existing,
        "change_count": len(changes),
        "changes": group_alike(changes),
        "downloads": _list_downloads(request, wave, source),
        "today_address": _locate_list_of_the_day(request),
        "alarms": find_altered_releases([release] if release else []),
    }
    return TemplateResponse(request, "labelling/release/wave.html", context)


def _name_compared(release: PressRelease | None, labels: dict[Source, str]) -> str:
    """What the records are compared with: as its readers know it."""
    is_rectified = release and release.is_frozen and release.list_sent_errata()
    return "Avec ses rectificatifs" if is_rectified else labels.get(Source.PUBLISHED, "")


def download(
    request: HttpRequest, wave: LabellingWave, source: str, extension: str
) -> HttpResponse:
    """Send the release of `wave` from a source, in a format, as a file to keep."""
    if request.method not in READ:
        return HttpResponseNotAllowed(READ)
    release = find_release(wave)
    if source not in list_sources(release):
        raise Http404
    now = timezone.now()
    name = file_names.name_file(wave, release, extension, now, source)
    content = publishing.compose_content(wave, release, source, now)
    printed = release if source == Source.PUBLISHED else None
    properties = publishing.make_properties(content, printed, now)
    if release:
        properties = keep_text(release, content, properties, extension)
    back = locate_page(wave, "press_release", wave.pk)
    return as_file(request, content, properties, name, extension, back=back)


def _list_downloads(request: HttpRequest, wave: LabellingWave, source: str) -> Any:
    """What the person may download of what is shown, the main formats first."""
    if not request.user.has_perm("labelling.export_site"):
        return {}
    name = "admin:labelling_labellingwave_press_release_download"
    return sort_downloads(lambda extension: reverse(name, args=[wave.pk, source, extension]))


def _locate_mail(request: HttpRequest, release: PressRelease | None) -> str:
    """The address of what to paste into a mail; empty if the person may not download."""
    may = release and request.user.has_perm("labelling.export_site")
    return locate_release(release, "mail") if release and may else ""


def _locate_changes(release: PressRelease | None) -> str:
    """Where the differences are judged; empty for a release that was not sent."""
    is_sent = release and release.status == ReleaseStatus.SENT
    return locate_release(release, "changes") if release and is_sent else ""


def _locate_list_of_the_day(request: HttpRequest) -> str:
    """The address of all the sites labelled today; empty if the person may not see them."""
    if not request.user.has_perm("labelling.view_site"):
        return ""
    return f"{locate_page(Site, 'changelist')}?{urlencode({'status': LabelStatus.LABELLED.value})}"

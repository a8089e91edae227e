"""The way of one release: its document, validated, then corrected as long as it has not left."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.html import format_html

from labelling import text
from labelling.admin.addresses import locate_page
from labelling.admin.names import locate_names
from labelling.admin.releases.changes import is_contradicted, list_rows
from labelling.admin.releases.files import list_downloads
from labelling.admin.releases.frame import (
    READ,
    TO_PREPARE,
    list_related,
    locate_release,
    make_release_frame,
    render_document,
)
from labelling.admin.releases.readings import (
    ANSWER,
    AnswerForm,
    describe_readings,
    list_open_words,
    word_remaining,
)
from labelling.admin.releases.remarks import Remarks, list_remarks
from labelling.admin.releases.sending import describe_journal
from labelling.admin.releases.sent_files import describe_files, open_folder
from labelling.admin.settling import may_settle
from labelling.choices import ReleaseStatus
from labelling.models import PressRelease, Site
from labelling.models.base import name_user
from labelling.press_release import corrections, drafting, file_names, findings, publishing
from labelling.press_release.content import Content
from labelling.quality import (
    MISPLACED_LINES,
    NAMES_TO_READ,
    find_altered_releases,
    leave_accepted_out,
    list_findings,
    list_keys,
)

_NEXT_STEPS = {
    ReleaseStatus.DRAFT: "Prochaine étape\u00a0: valider",
    ReleaseStatus.FINAL: "Prochaine étape\u00a0: envoyer",
    ReleaseStatus.REPLACED: "Version remplacée",
}
_NEXT_CORRECTION = "Prochaine étape\u00a0: rectifier"
_DONE = "Envoyé"


def document_page(
    pages: ModelAdmin,
    request: HttpRequest,
    release: PressRelease,
    answer: AnswerForm | None = None,
) -> HttpResponse:
    """The release as its reader sees it, and what can be done with it now.

    `answer` is what they wrote of a reading, and could not be noted as it is.
    """
    if request.method not in READ and answer is None:
        return HttpResponseNotAllowed(READ)
    may_validate = request.user.has_perm("labelling.validate_pressrelease")
    is_sent = release.status == ReleaseStatus.SENT
    is_final = release.status == ReleaseStatus.FINAL
    now, today = timezone.now(), timezone.localdate()
    document = publishing.read_document(release, now)
    stored = PressRelease.objects.filter(pk=release.pk)
    remarks = None if release.is_frozen else _list_remarks(request, release, document)
    context = {
        **make_release_frame(pages, request, release, str(release)),
        "facts": _word_facts(release, document, now),
        "no_longer_valid": _word_succession(release),
        "body": _render(request, document, remarks),
        "alarms": leave_accepted_out(find_altered_releases([release]), today),
        "misplaced": list_findings(stored, today, MISPLACED_LINES),
        "may_settle": may_settle(request.user, PressRelease),
        "is_contradicted": is_sent
        and release.is_erratum
        and is_contradicted(release, request.user),
        "contradictions": findings.list_contradictions(release) if is_final else [],
        "is_sent": is_sent,
        "is_final": is_final,
        "may_edit": not release.is_frozen and pages.has_change_permission(request, release),
        "may_validate": may_validate,
        "may_prepare": request.user.has_perms(TO_PREPARE),
        "sending_obstacle": publishing.find_sending_obstacle(release) if is_final else "",
        "journal": describe_journal(release, request.user),
        "files": describe_files(open_folder(release), request.user, is_open=is_sent),
        "related": list_related(release),
        "readings": describe_readings(request, release, document, answer),
        "answer_anchor": ANSWER,
        "open_words": list_open_words(release),
        "remarks": remarks,
        "downloads": list_downloads(request, release),
        "lifted_embargo": _name_embargoed_file(release, now),
        **_find_unread(release, document, request.user),
        **_find_next_step(release, request.user),
    }
    return TemplateResponse(request, "labelling/release/document.html", context)


def _list_remarks(
    request: HttpRequest, release: PressRelease, document: Content, obstacles: Sequence[str] = ()
) -> Remarks:
    return list_remarks(release, document, request.user, timezone.localdate(), obstacles)


def _render(request: HttpRequest, document: Content, remarks: Remarks | None) -> str:
    """The document; of a long list the beginning, unless the address asks for all of it."""
    is_whole = request.GET.get("lines") == "all"
    concerned = remarks.concerned if remarks else ()
    return render_document(document, concerned, is_whole=is_whole, whole="?lines=all")


def _find_unread(release: PressRelease, document: Content, user: Any) -> dict[str, Any]:
    """The names of a draft's list that nobody has read, and where they are."""
    if release.is_frozen:
        return {}
    listed = {line.site for line in document.lines}
    unread = list_keys(Site.objects.all(), timezone.localdate(), NAMES_TO_READ)
    may_read = may_settle(user, Site)
    return {
        "unread_count": len(unread & listed),
        "unread": locate_names(release.wave) if may_read else "",
    }


def _find_next_step(release: PressRelease, user: Any) -> dict[str, Any]:
    """What comes next: its title, and what of a sent release waits to be rectified."""
    if release.status != ReleaseStatus.SENT:
        return {"next_step": _NEXT_STEPS[ReleaseStatus(release.status)]}
    if release.is_erratum or release.find_cancelling():
        return {"next_step": _DONE}
    unsent = (ReleaseStatus.DRAFT, ReleaseStatus.FINAL)
    begun = release.corrections.filter(status__in=unsent).defer("content").last()
    rows = list_rows(corrections.compare(release), user)
    waiting = sum(row.is_to_examine for row in rows)
    to_rectify = sum(row.is_answered and row.is_to_rectify for row in rows)
    return {
        "next_step": _NEXT_CORRECTION if begun or waiting or to_rectify else _DONE,
        "can_compare": True,
        "begun_correction": begun,
        "waiting_count": waiting,
        "to_rectify_count": to_rectify,
    }


def _word_succession(release: PressRelease) -> str:
    """That another release stands in the place of this one, and which; empty if none does."""
    if release.status == ReleaseStatus.REPLACED:
        said = "Cette version a été remplacée"
        successor = PressRelease.objects.filter(replaces=release).defer("content").last()
    else:
        said = "Ce communiqué a été annulé et remplacé"
        successor = release.find_cancelling()
    if successor is None:
        return ""
    link = format_html('<a href="{}">{}</a>', locate_release(successor), successor)
    return format_html(
        text.typeset("{} : ne diffusez plus celui-ci. Celui qui fait foi : {}."), said, link
    )


def _name_embargoed_file(release: PressRelease, at: datetime) -> str:
    """What the PDF was called as long as it was under embargo; empty if it is, or never was."""
    until, validated = release.embargo_until, release.validated_at
    if until is None or validated is None or not validated < until <= at:
        return ""
    return file_names.name_file(release.wave, release, "pdf", until - timedelta(seconds=1))


def _word_facts(release: PressRelease, document: Content, at: datetime) -> str:
    """How many sites it lists, who validated it and when, until when it is under embargo."""
    facts = []
    if document.lines and release.is_erratum:
        listed = text.counted(len(document.lines), "ligne rectifiée", "lignes rectifiées")
        facts.append(listed)
    elif document.lines:
        new = text.counted(document.new_count, "nouveau", "nouveaux")
        facts.append(f"{text.counted(len(document.lines), 'site')}, dont {new}")
    if release.validated_at:
        by = f"par {name_user(release.validated_by)} " if release.validated_by else ""
        facts.append(f"validé {by}le {text.moment(release.validated_at)}")
    if release.embargo_until:
        begins = "sous embargo jusqu’au" if release.is_under_embargo(at) else "embargo levé le"
        facts.append(f"{begins} {text.moment(release.embargo_until)}")
    return text.typeset(" · ".join(facts))


def validate_page(pages: ModelAdmin, request: HttpRequest, release: PressRelease) -> HttpResponse:
    """The final document, what will be frozen, and the button that freezes it."""
    if request.method == "POST":
        try:
            done = publishing.validate(
                release, by=request.user, at=timezone.now(), seen=request.POST.get("seen", "")
            )
        except publishing.NotDone as refusal:
            # It says what to correct; of a release that was validated meanwhile it leads on.
            messages.warning(request, str(refusal))
            return HttpResponseRedirect(locate_release(release, "validate"))
        messages.success(
            request,
            f"{done}{text.NO_BREAK_SPACE}: version définitive validée. Téléchargez-la, envoyez-la, "
            "puis marquez-la comme envoyée.",
        )
        return HttpResponseRedirect(locate_release(release))
    if request.method not in READ:
        return HttpResponseNotAllowed([*READ, "POST"])
    if release.is_frozen:
        return HttpResponseRedirect(locate_release(release))
    final = publishing.compose_final(release)
    obstacles = publishing.find_obstacles(release, final)
    remarks = _list_remarks(request, release, final, obstacles)
    context = {
        **make_release_frame(pages, request, release, "Valider la version définitive"),
        "body": _render(request, final, remarks),
        "seen": publishing.compute_digest(final),
        "line_count": len(final.lines),
        "new_count": final.new_count,
        "editions": text.enumeration([edition.region for edition in final.editions]),
        "obstacles": obstacles,
        "remarks": remarks,
        "readings_left": word_remaining(release, final),
        "open_words": list_open_words(release),
        **_find_unread(release, final, request.user),
    }
    return TemplateResponse(request, "labelling/release/validate.html", context)


def correct(request: HttpRequest, release: PressRelease) -> HttpResponse:
    """« Préparer une version corrigée » of a final version that was not sent."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    try:
        draft = drafting.prepare_corrected_version(release)
    except publishing.NotDone as refusal:
        messages.warning(request, str(refusal))
        return HttpResponseRedirect(locate_release(release))
    return HttpResponseRedirect(locate_page(draft, "change", draft.pk))

"""The way of one release: its document, validated, then corrected as long as it has not left."""

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone

from labelling import text
from labelling.admin.addresses import admin_url
from labelling.admin.releases.files import downloads
from labelling.admin.releases.forms import findings_of
from labelling.admin.releases.frame import READ, TO_PREPARE, address, page_of, related
from labelling.admin.releases.sending import FileForm, SentForm
from labelling.choices import ReleaseStatus
from labelling.models import PressRelease
from labelling.press_release import drafting, publishing
from labelling.press_release.content import Content
from labelling.press_release.renderers import html
from labelling.quality import altered_releases


def document_page(pages: ModelAdmin, request: HttpRequest, release: PressRelease) -> HttpResponse:
    """The release as its reader sees it, and what can be done with it now."""
    if request.method not in READ:
        return HttpResponseNotAllowed(READ)
    may_validate = request.user.has_perm("labelling.validate_pressrelease")
    is_sent = release.status == ReleaseStatus.SENT
    is_final = release.status == ReleaseStatus.FINAL
    day = timezone.localdate()
    context = {
        **page_of(pages, request, release, str(release)),
        "body": html.render_body(publishing.document(release)),
        "alarms": altered_releases([release]),
        "is_sent": is_sent,
        "is_final": is_final,
        "may_edit": not release.is_frozen and pages.has_change_permission(request, release),
        "may_validate": may_validate,
        "may_prepare": request.user.has_perms(TO_PREPARE),
        "sent_form": SentForm(initial={"sent_on": day}) if is_final and may_validate else None,
        "file_form": FileForm() if is_sent and may_validate else None,
        "sent_files": release.sent_files.defer("content").select_related("attached_by"),
        "related": related(release),
        "downloads": downloads(request, release),
        "mail_address": address(release, "mail"),
        "can_compare": is_sent and not release.is_erratum,
    }
    return TemplateResponse(request, "labelling/release/document.html", context)


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
            return HttpResponseRedirect(address(release, "validate"))
        messages.success(
            request,
            f"{done}{text.NO_BREAK_SPACE}: version définitive validée. Téléchargez-la, envoyez-la, "
            "puis marquez-la comme envoyée.",
        )
        return HttpResponseRedirect(address(release))
    if request.method not in READ:
        return HttpResponseNotAllowed([*READ, "POST"])
    if release.is_frozen:
        return HttpResponseRedirect(address(release))
    final = publishing.final_of(release)
    obstacles = publishing.obstacles(release, final)
    context = {
        **page_of(pages, request, release, "Valider la version définitive"),
        "body": html.render_body(final),
        "seen": publishing.digest_of(final),
        "line_count": len(final.lines),
        "new_count": final.new_count,
        "obstacles": obstacles,
        "findings": _to_check(release, final, obstacles),
    }
    return TemplateResponse(request, "labelling/release/validate.html", context)


def _to_check(release: PressRelease, final: Content, obstacles: list[str]) -> list[str]:
    """What a person should look at before validating, without what keeps them from it."""
    found = findings_of(release, final, timezone.localdate())
    return [
        sentence.replace("enregistrer quand même", "valider quand même")
        for sentences in found.values()
        for sentence in sentences
        if not any(sentence in obstacle for obstacle in obstacles)
    ]


def correct(request: HttpRequest, release: PressRelease) -> HttpResponse:
    """« Préparer une version corrigée » of a final version that was not sent."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    try:
        draft = drafting.prepare_corrected_version(release)
    except publishing.NotDone as refusal:
        messages.warning(request, str(refusal))
        return HttpResponseRedirect(address(release))
    return HttpResponseRedirect(admin_url(draft, "change", draft.pk))

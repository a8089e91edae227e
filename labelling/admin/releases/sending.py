"""A release that has left: its journal de diffusion, noted, corrected, or taken back whole."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import ValidationError
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.template.response import TemplateResponse
from django.utils import timezone

from labelling import text
from labelling.admin.day_fields import DayField, HourField
from labelling.admin.doors import read_form, read_number
from labelling.admin.releases.files import list_downloads
from labelling.admin.releases.frame import READ, locate_release, make_release_frame
from labelling.admin.releases.sent_files import RemovalForm
from labelling.choices import Channel, DispatchRemovalReason, ReleaseStatus
from labelling.models import Dispatch, PressRelease
from labelling.press_release import dispatches, findings, publishing
from labelling.press_release.publishing import NotDone, Outdated

_ROWS = 3  # Blank lines at first, and one press of « Ajouter une ligne ».


class DispatchForm(forms.Form):
    """One line of the journal de diffusion. A blank one is none."""

    left_on = DayField(
        label="Parti le",
        error_messages={"required": "Donnez le jour où il est parti."},
    )
    left_at = HourField(label="Heure", required=False)
    channel = forms.ChoiceField(
        label="Moyen",
        choices=[("", "Choisissez"), *Channel.choices],
        error_messages={"required": "Choisissez par quel moyen il est parti."},
    )
    recipients = forms.CharField(
        label="Destinataires",
        max_length=200,
        error_messages={"required": "Écrivez à qui il a été envoyé."},
    )

    def __init__(self, *args: Any, release: PressRelease, at: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.release, self.at = release, at
        if self.prefix == "lines-0":
            self.fields["left_on"].initial = timezone.localdate(at)

    def clean(self) -> dict[str, Any]:
        """Judge the day and the hour against the release, in the words of what decides."""
        if "left_on" in self.cleaned_data and "left_at" in self.cleaned_data:
            dispatches.check(self.make_dispatch(), self.at)
        return self.cleaned_data

    def make_dispatch(self) -> Dispatch:
        return Dispatch(release=self.release, **self.cleaned_data)


class BaseDispatches(forms.BaseFormSet):
    """The lines of one sending: all are noted, or none."""

    default_error_messages = {
        "missing_management_form": "Les lignes n’ont pas été reçues en entier. Rechargez la page, "
        "puis tapez-les de nouveau.",
        "too_many_forms": "Cela fait trop de lignes d’un coup. Enregistrez-les par moitié.",
    }

    def clean(self) -> None:
        if not any(self.errors) and not self.list_dispatches():
            raise ValidationError(
                text.typeset("Notez au moins une diffusion : le jour, le moyen, les destinataires.")
            )

    def list_dispatches(self) -> list[Dispatch]:
        return [form.make_dispatch() for form in self.forms if form.has_changed()]


Dispatches = forms.formset_factory(
    DispatchForm,
    formset=BaseDispatches,
    extra=_ROWS,
    max_num=dispatches.MOST_DISPATCHES,
    validate_max=True,
)


class DispatchRemovalForm(RemovalForm):
    """Why a line of the journal de diffusion is removed."""

    reasons = DispatchRemovalReason


def describe_journal(release: PressRelease, user: Any) -> dict[str, Any]:
    """What the page of a release shows of its journal de diffusion, and what may be done to it."""
    is_sent = release.status == ReleaseStatus.SENT
    may_write = is_sent and user.has_perm("labelling.validate_pressrelease")
    return {
        "lines": list(release.dispatches.select_related("noted_by")) if is_sent else [],
        "taken_out": dispatches.list_taken_out(release) if release.is_frozen else [],
        "may_write": may_write,
        # « Retirer la marque » is not offered where it would be refused.
        "may_take_back": may_write and not dispatches.find_taking_back_obstacle(release),
    }


def send_page(pages: ModelAdmin, request: HttpRequest, release: PressRelease) -> HttpResponse:
    """« Marquer comme envoyé », then « Ajouter une diffusion »: the same page."""
    if request.method not in (*READ, "POST"):
        return HttpResponseNotAllowed([*READ, "POST"])
    early: list[date] = []
    lines = _make_lines(request, release)
    if request.method == "POST" and "more" not in request.POST and lines.is_valid():
        noted = lines.list_dispatches()
        early = _find_early_days(noted)
        if not early or request.POST.get("early") == _join_days(early):
            try:
                done = dispatches.note(
                    release,
                    noted,
                    by=request.user,
                    at=timezone.now(),
                    seen=request.POST.get("seen", ""),
                )
            except Outdated as refusal:
                messages.warning(request, str(refusal))
                release.refresh_from_db()
            except NotDone as refusal:
                messages.warning(request, str(refusal))
                return HttpResponseRedirect(locate_release(release))
            else:
                _say_noted(request, release, done)
                return HttpResponseRedirect(locate_release(release))
    is_sent = release.status == ReleaseStatus.SENT
    if not is_sent and (obstacle := publishing.find_sending_obstacle(release)):
        messages.warning(request, obstacle)
        return HttpResponseRedirect(locate_release(release))
    document = publishing.read_document(release, timezone.now())
    title = "Ajouter une diffusion" if is_sent else "Marquer comme envoyé"
    context = {
        **make_release_frame(pages, request, release, title),
        "is_sent": is_sent,
        "contradictions": [] if is_sent else findings.list_contradictions(release),
        "document_title": document.title,
        "issued_day": text.long_date(release.issued_on),
        "line_count": len(document.lines),
        "new_count": document.new_count,
        "downloads": list_downloads(request, release),
        "journal": describe_journal(release, request.user) | {"may_write": False},
        "lines": lines,
        "calendar": forms.Media(js=["admin/js/core.js"]) + lines.media,
        "early": _join_days(early),
        "early_days": text.enumeration([text.long_date(day) for day in early]),
        "seen": dispatches.make_token(release),
    }
    return TemplateResponse(request, "labelling/release/send.html", context)


def dispatch_removal_page(
    pages: ModelAdmin, request: HttpRequest, release: PressRelease, dispatch_id: int
) -> HttpResponse:
    """« Retirer cette diffusion… »: why, then it is gone; the page and the journal keep it."""
    if request.method not in (*READ, "POST"):
        return HttpResponseNotAllowed([*READ, "POST"])
    line = release.dispatches.filter(pk=dispatch_id).first()
    if line is None:
        raise Http404
    form = DispatchRemovalForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        context = {
            **make_release_frame(pages, request, release, "Retirer une diffusion"),
            "line": line,
            "form": form,
        }
        return TemplateResponse(request, "labelling/release/remove_dispatch.html", context)
    try:
        dispatches.remove(
            line,
            by=request.user,
            reason=DispatchRemovalReason(form.cleaned_data["reason"]),
            details=form.cleaned_data["details"],
        )
    except NotDone as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(
            request,
            text.typeset(
                f"La diffusion du {line.word_moment()} est retirée. Cette page et le journal "
                "gardent qu’elle y était."
            ),
        )
    return HttpResponseRedirect(locate_release(release))


def taking_back_page(
    pages: ModelAdmin, request: HttpRequest, release: PressRelease
) -> HttpResponse:
    """« Retirer la marque « Envoyé »… »: what it does, then the release is a final version."""
    if request.method not in (*READ, "POST"):
        return HttpResponseNotAllowed([*READ, "POST"])
    if request.method == "POST":
        try:
            seen = request.POST.get("seen", "")
            done = dispatches.take_back(release, by=request.user, seen=seen)
        except Outdated as refusal:
            messages.warning(request, str(refusal))
            release.refresh_from_db()
        except NotDone as refusal:
            messages.warning(request, str(refusal))
            return HttpResponseRedirect(locate_release(release))
        else:
            messages.success(
                request,
                text.typeset(
                    f"{done} : il n’est plus marqué comme envoyé. Son texte n’a pas bougé."
                ),
            )
            return HttpResponseRedirect(locate_release(release))
    obstacle = dispatches.find_taking_back_obstacle(release)
    if release.status != ReleaseStatus.SENT:
        obstacle = text.typeset("Ce communiqué n’est pas marqué comme envoyé.")
    if obstacle:
        messages.warning(request, obstacle)
        return HttpResponseRedirect(locate_release(release))
    context = {
        **make_release_frame(pages, request, release, "Retirer la marque « Envoyé »"),
        "journal": describe_journal(release, request.user) | {"may_write": False},
        "seen": dispatches.make_token(release),
    }
    return TemplateResponse(request, "labelling/release/take_back.html", context)


def _make_lines(request: HttpRequest, release: PressRelease) -> Any:
    """The lines as they were sent, with more of them if that is what was asked; else blank."""
    data = None
    if request.method == "POST":
        data = read_form(request.POST)
        sent = read_number(data.get("lines-TOTAL_FORMS"))
        if "more" in data and sent is not None:
            data["lines-TOTAL_FORMS"] = str(sent + _ROWS)
    said = {"release": release, "at": timezone.now()}
    return Dispatches(data, prefix="lines", form_kwargs=said)


def _find_early_days(noted: Sequence[Dispatch]) -> list[date]:
    """The days before the release's own date that nothing explains."""
    return sorted({one.left_on for one in noted if dispatches.is_early(one)})


def _join_days(days: Sequence[date]) -> str:
    """What the page sends back when these days, and no others, are confirmed."""
    return " ".join(day.isoformat() for day in days)


def _say_noted(request: HttpRequest, before: PressRelease, done: PressRelease) -> None:
    if before.status == ReleaseStatus.SENT:
        messages.success(request, text.typeset(f"{done} : le journal de diffusion est complété."))
        return
    status = text.lowered(done.word_status(timezone.now()))
    messages.success(request, text.typeset(f"{done} : marqué comme {status}. Il ne change plus."))

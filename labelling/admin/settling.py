"""« Ne plus signaler »: a finding is accepted with its motive, and told again on demand."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from labelling import quality, text
from labelling.admin.addresses import locate_page
from labelling.admin.day_fields import DayField
from labelling.admin.doors import LegibleForm, read_number
from labelling.models import AcceptedFinding, PressRelease, Record
from labelling.models.accepted import LONGEST_MOTIVE
from labelling.models.base import name_user


class SettleForm(LegibleForm, forms.Form):
    """Why a finding is accepted, and until when."""

    motive = forms.CharField(
        label="Motif",
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        max_length=LONGEST_MOTIVE,
        error_messages={
            "required": "Écrivez pourquoi ce signalement est accepté : rien n’a été enregistré.",
            "max_length": f"Le motif est trop long : {LONGEST_MOTIVE} caractères au plus.",
        },
    )
    until = DayField(label="Jusqu’au (facultatif)", required=False)

    def clean_until(self) -> Any:
        day = self.cleaned_data["until"]
        if day and day < timezone.localdate():
            raise ValidationError(
                f"Le {text.long_date(day)} est passé : donnez une date à venir, ou aucune."
            )
        return day


def settle_view(request: HttpRequest) -> HttpResponse:
    """Accept what a rule finds of a record, or tell it again: on POST alone."""
    if not any(may_settle(request.user, rule.model) for rule in quality.RULES.values()):
        raise PermissionDenied
    if request.method != "POST":  # Signed in again, one is sent here with nothing to do.
        return HttpResponseRedirect(reverse("admin:index"))
    if "again" in request.POST:
        return _tell_again(request, read_number(request.POST["again"]))
    rule, key = request.POST.get("rule", ""), read_number(request.POST.get("record"))
    if rule not in quality.RULES or key is None:
        return _go_home(request)
    model = quality.RULES[rule].model
    _check(request, model)
    record = model._default_manager.filter(pk=key).first()
    if record is None:
        return _go_home(request)
    finding = quality.find_finding(rule, key, timezone.localdate())
    form = SettleForm(request.POST)
    if finding is None:
        messages.info(request, text.typeset(f"{record} : cela n’est plus signalé."))
    elif finding.digest != request.POST.get("digest"):
        sentence = (
            f"{record} : ce qui est signalé a changé depuis que cette page est ouverte. Rien n’a "
            "été accepté : relisez-le."
        )
        messages.warning(request, text.typeset(sentence))
    elif not form.is_valid():
        return _show_again(request, record, finding, form)
    else:
        until = form.cleaned_data["until"]
        quality.accept([finding], request.user, form.cleaned_data["motive"], until)
        end = f" jusqu’au {text.long_date(until)} compris" if until else ""
        sentence = f"{record} : « {finding.title} » n’est plus signalé{end}."
        messages.success(request, text.typeset(sentence))
    return HttpResponseRedirect(locate_record(record))


def may_settle(user: Any, model: type[Record]) -> bool:
    return bool(user.has_perm(f"labelling.change_{model._meta.model_name}"))


def list_accepted(user: Any, record: Record) -> dict[str, Any]:
    """What is accepted of a record, in words; whether `user` may have it told again."""
    shown = [
        {
            "title": accepted.title,
            "motive": accepted.stored.motive,
            "who": name_user(accepted.stored.accepted_by),
            "when": text.long_date(timezone.localdate(accepted.stored.accepted_at)),
            "until": text.long_date(accepted.stored.until) if accepted.stored.until else "",
            "key": accepted.stored.pk,
        }
        for accepted in quality.list_accepted(record, timezone.localdate())
    ]
    return {"accepted": shown, "may_settle": may_settle(user, type(record))}


def _show_again(
    request: HttpRequest, record: Record, finding: quality.Finding, form: SettleForm
) -> HttpResponse:
    """The page of what was refused, as it was typed."""
    context = {
        **admin.site.each_context(request),
        "title": "Ne plus signaler",
        "opts": record._meta,
        "record": record,
        "finding": finding,
        "form": form,
        "back": locate_record(record),
    }
    return TemplateResponse(request, "labelling/settle_page.html", context)


def _tell_again(request: HttpRequest, key: int | None) -> HttpResponse:
    accepted = AcceptedFinding.objects.filter(pk=key).first() if key else None
    models = {rule.model._meta.model_name: rule.model for rule in quality.RULES.values()}
    model = models.get(accepted.model_key) if accepted else None
    if accepted is None or model is None:
        return _go_home(request)
    _check(request, model)
    record = model._default_manager.filter(pk=accepted.record_id).first()
    accepted.delete()
    if record is None:
        return _go_home(request)
    messages.success(request, text.typeset(f"{record} : cela sera signalé de nouveau."))
    return HttpResponseRedirect(locate_record(record))


def _check(request: HttpRequest, model: type[Record]) -> None:
    if not may_settle(request.user, model):
        raise PermissionDenied


def _go_home(request: HttpRequest) -> HttpResponse:
    sentence = "Ce signalement n’existe plus : rien n’a été enregistré."
    messages.info(request, text.typeset(sentence))
    return HttpResponseRedirect(reverse("admin:index"))


def locate_finding(finding: quality.Finding) -> str:
    """Where a finding stands, on the page of its record."""
    return f"{locate_record(finding.record)}#{finding.anchor}"


def locate_record(record: Record) -> str:
    """The page that tells what is found of a record."""
    page = "document" if isinstance(record, PressRelease) else "change"
    return locate_page(record, page, record.pk)

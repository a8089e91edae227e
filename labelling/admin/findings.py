"""« À vérifier »: all that one rule finds, a sheet to correct it in, and what accepts it all."""

from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify

from labelling import quality, sheets, text
from labelling.admin.badges import make_badge
from labelling.admin.exports import make_attachment
from labelling.admin.settling import SettleForm, locate_finding, may_settle
from labelling.admin.waves import press_release
from labelling.models import Record
from labelling.press_release import composition
from labelling.spreadsheets import exporting
from labelling.spreadsheets.resources import RESOURCES
from labelling.spreadsheets.runs import rights

_PER_PAGE = 50
# Nobody has read more, who accepts them at once.
_MOST_ACCEPTED = 1000
_FORMAT = "xlsx"


def locate_group(rule: str) -> str:
    """Where all that a rule finds is."""
    return reverse("admin:labelling_site_findings", args=[rule])


def findings_view(request: HttpRequest, rule: str) -> HttpResponse:
    """What a rule finds; on POST, download it as a sheet, or tell it no longer."""
    told = quality.RULES.get(rule)
    if told is None:
        raise Http404
    pages = admin.site.get_model_admin(told.model)
    if not pages.has_view_permission(request):
        raise PermissionDenied
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    found = _find(told.model, rule)
    if request.method != "POST":
        return _show(request, rule, found, SettleForm())
    if "sheet" in request.POST:
        return _send_sheet(request, rule, found)
    return _settle(request, rule, found)


def _find(model: type[Record], rule: str) -> quality.Findings:
    told = quality.find_told(model._default_manager.all(), timezone.localdate(), rule)
    return told.get(rule, quality.Findings.worded(()))


def _show(
    request: HttpRequest, rule: str, found: quality.Findings, form: SettleForm
) -> HttpResponse:
    told = quality.RULES[rule]
    page: Any = Paginator(cast("Any", found), _PER_PAGE).get_page(request.GET.get("p"))
    shown = [*page.object_list]
    advices = {finding.advice for finding in shown}
    is_accepted_at_once = may_settle(request.user, told.model) and len(found) <= _MOST_ACCEPTED
    context = {
        **admin.site.each_context(request),
        "title": told.name,
        "opts": told.model._meta,
        "badge": make_badge(told.seriousness),
        "count": len(found),
        "page": page,
        "lines": [
            (finding, locate_finding(finding), _locate_lacking(request, finding))
            for finding in shown
        ],
        "advice": advices.pop() if len(advices) == 1 else "",
        "may_correct": _may_correct(request.user, told.model),
        "may_settle": is_accepted_at_once,
        "form": form,
        "digest": quality.compute_digest(found) if is_accepted_at_once else "",
    }
    return TemplateResponse(request, "labelling/findings.html", context)


def _locate_lacking(request: HttpRequest, finding: quality.Finding) -> str:
    """Where the release is prepared that a finding says is lacking; empty for any other."""
    if finding.rule != quality.WITHOUT_RELEASE:
        return ""
    return press_release.locate_preparation(request, cast("Any", finding.record), None)


def _settle(request: HttpRequest, rule: str, found: quality.Findings) -> HttpResponse:
    told = quality.RULES[rule]
    if not may_settle(request.user, told.model):
        raise PermissionDenied
    form = SettleForm(request.POST)
    if len(found) > _MOST_ACCEPTED:
        most = text.counted(_MOST_ACCEPTED, "fiche")
        sentence = (
            f"{most} au plus s’acceptent à la fois, et {text.number(len(found))} sont signalées : "
            "corrigez-les dans un tableur, ou acceptez-les une à une."
        )
        messages.warning(request, text.typeset(sentence))
        return _show(request, rule, found, form)
    if found and quality.compute_digest(found) != request.POST.get("digest", ""):
        sentence = (
            "Ce qui est signalé a changé depuis que cette page est ouverte. Rien n’a été "
            "accepté : relisez-le."
        )
        messages.warning(request, text.typeset(sentence))
        return _show(request, rule, found, form)
    if not form.is_valid():
        return _show(request, rule, found, form)
    until = form.cleaned_data["until"]
    quality.accept(found, request.user, form.cleaned_data["motive"], until)
    end = f" jusqu’au {text.long_date(until)} compris" if until else ""
    verb = text.plural(len(found), "n’est plus signalée", "ne sont plus signalées")
    sentence = f"« {told.name} » : {text.counted(len(found), 'fiche')} {verb}{end}."
    messages.success(request, text.typeset(sentence))
    return HttpResponseRedirect(reverse("admin:index"))


def _send_sheet(request: HttpRequest, rule: str, found: quality.Findings) -> HttpResponse:
    """The records as a sheet that comes back as an import, each with what is found of it."""
    told = quality.RULES[rule]
    if not _may_correct(request.user, told.model):
        raise PermissionDenied
    today = timezone.localdate()
    resource = RESOURCES[str(told.model._meta.model_name)]
    note = text.typeset(f"{composition.word_situation(today)} – à vérifier : {told.name}")
    whys = {finding.record.pk: finding.sentence for finding in found}
    data = exporting.write_records_to_correct(resource(), _FORMAT, whys, notes=[note])
    name = f"a-corriger-{slugify(text.sort_key(told.name))}-{today}.{_FORMAT}"
    return make_attachment(data, name, sheets.MEDIA_TYPES[_FORMAT])


def _may_correct(user: Any, model: type[Record]) -> bool:
    """Whether the person may take such records away and bring them back."""
    key = str(model._meta.model_name)
    return rights.may_prepare(user, key) and rights.may_download(user, RESOURCES[key])

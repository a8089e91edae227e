"""« Ce que l’import a appris »: the headings and refusals that people taught, to be forgotten."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db.models import F
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse

from labelling import text
from labelling.admin.addresses import locate_page
from labelling.admin.imports.upload import find_person, list_kinds
from labelling.models import ColumnMapping, ImportRun, KeptValue
from labelling.spreadsheets.judging.wording import Wording
from labelling.spreadsheets.resources import RESOURCES
from labelling.spreadsheets.runs import repairs, rights
from labelling.spreadsheets.tables.known_headings import fold_heading

_PER_PAGE = 50


@dataclass(frozen=True, kw_only=True)
class TaughtHeading:
    """A heading that a person gave to a field, or to none."""

    heading: str
    taken_as: str
    kind: str
    who: str
    when: str
    run: ImportRun | None
    address: str


@dataclass(frozen=True, kw_only=True)
class RefusedValue:
    """A value of files that a person refused for good. Without a page: the record is no more."""

    record: str
    page: str
    label: str
    value: str
    who: str
    when: str
    address: str


def learned_page(request: HttpRequest) -> HttpResponse:
    """Show what people taught of the records that the person may import."""
    person = find_person(request)
    kinds = dict(list_kinds(person))
    if not kinds:
        raise PermissionDenied
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    seen = [key for key in kinds if rights.may(person, "change", key)]
    headings = _read_page(request, "headings", _list_taught().filter(model_key__in=kinds))
    refusals = _read_page(
        request,
        "values",
        KeptValue.objects.filter(model_key__in=seen)
        .select_related("refused_by")
        .order_by("-refused_at", "-pk"),
    )
    context = {
        **admin.site.each_context(request),
        "title": "Ce que l’import a appris",
        "opts": ImportRun._meta,
        "headings": [_show_heading(taught) for taught in headings],
        "headings_page": headings,
        "refusals": _show_refusals(refusals),
        "refusals_page": refusals,
    }
    return TemplateResponse(request, "labelling/import_learned.html", context)


def forget_heading(request: HttpRequest, heading_id: int) -> HttpResponse:
    """« Oublier » what a person said of a heading."""
    person = find_person(request)
    if not list_kinds(person):
        raise PermissionDenied
    page = HttpResponseRedirect(locate_page(ImportRun, "learned"))
    if request.method != "POST":  # Signed in again, one is sent here with nothing to do.
        return page
    if heading_id >= 2**63:
        raise Http404
    taught = get_object_or_404(_list_taught(), pk=heading_id)
    shown = _show_heading(taught)
    try:
        repairs.forget_heading(taught, person)
    except rights.NoRight as refusal:
        raise PermissionDenied from refusal
    taken = f"lu comme « {shown.taken_as} »" if taught.field else "qui n’était pas repris"
    messages.success(
        request,
        text.typeset(
            f"Oublié : le titre « {shown.heading} », {taken}. Le prochain fichier qui le porte "
            "sera compris sans cela."
        ),
    )
    return page


def _list_taught() -> Any:
    """The headings, the last taught first; with what their imports say of them."""
    return (
        ColumnMapping.objects.select_related("taught_by", "run")
        .defer("run__content", "run__totals", "run__left")
        .order_by(F("taught_at").desc(nulls_last=True), "heading", "pk")
    )


def _read_page(request: HttpRequest, name: str, records: Any) -> Page:
    return Paginator(records, _PER_PAGE).get_page(request.GET.get(name))


def _show_heading(taught: ColumnMapping) -> TaughtHeading:
    resource = RESOURCES[taught.model_key]
    column = resource.fields.get(taught.field)
    return TaughtHeading(
        heading=_find_written(taught),
        taken_as=str(column.column_name) if column else taught.field,
        kind=resource.sheet_name,
        # Neither was noted at first.
        who=rights.name_user(taught.taught_by) if taught.taught_at else "",
        when=rights.format_moment(taught.taught_at) if taught.taught_at else "",
        run=taught.run,
        address=locate_page(ImportRun, "forget_heading", taught.pk),
    )


def _find_written(taught: ColumnMapping) -> str:
    """The heading as its file writes it, if the import is still there; else as it is compared."""
    columns = taught.run.columns if taught.run else ()
    written = (c.heading for c in columns if fold_heading(c.heading) == taught.heading)
    return next(written, taught.heading)


def _show_refusals(refusals: Iterable[KeptValue]) -> list[RefusedValue]:
    keys: defaultdict[str, list[int]] = defaultdict(list)
    for kept in refusals:
        keys[kept.model_key].append(kept.record_id)
    models = {key: RESOURCES[key]._meta.model for key in keys}
    records = {key: models[key]._base_manager.in_bulk(keys[key]) for key in keys}
    wordings = {key: Wording(RESOURCES[key]()) for key in keys}
    shown = []
    for kept in refusals:
        model, wording = models[kept.model_key], wordings[kept.model_key]
        record = records[kept.model_key].get(kept.record_id)
        shown.append(
            RefusedValue(
                record=str(record) if record else "Fiche supprimée",
                page=locate_page(model, "change", kept.record_id) if record else "",
                label=wording.word_label(kept.field),
                value=wording.word_value(kept.field, kept.value),
                who=rights.name_user(kept.refused_by),
                when=rights.format_moment(kept.refused_at),
                address=locate_page(ImportRun, "forget", kept.pk),
            )
        )
    return shown

"""The sites of a wave: their printed order, and the new ones, typed or chosen among candidates."""

from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse

from labelling import figures, text
from labelling.admin.addresses import locate_list, locate_page
from labelling.admin.conflicts import RecordChoiceField
from labelling.admin.doors import read_form, read_keys, read_number
from labelling.admin.imports.links import locate_import
from labelling.admin.labels import make_undo_tag
from labelling.admin.maps import ShownMap, show_map
from labelling.models import Association, Department, LabellingWave, Site
from labelling.press_release.composition import find_release
from labelling.press_release.network_map import compose_map

_ROWS = 3  # Blank rows at first, and one press of « Ajouter une ligne » without a script.
_MOST_CANDIDATES = 100
_MOVES = {"up": -1, "down": 1}


@dataclass(frozen=True, kw_only=True)
class PrintedLine:
    """A line of the list of a wave, and where it stands in its department."""

    site: Site
    is_new: bool
    is_first: bool
    is_last: bool


class NewSiteForm(forms.ModelForm):
    """One line: a new site of the wave. A blank one is no site."""

    class Meta:
        model = Site
        fields = ("name", "association", "department", "format")
        labels = {"name": "Nom"}
        field_classes = {"association": RecordChoiceField, "department": RecordChoiceField}

    def __init__(
        self,
        *args: Any,
        wave: LabellingWave,
        choices: dict[str, list[tuple[Any, str]]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.instance.wave = wave
        for name, field in self.fields.items():
            field.help_text = ""  # The page says it once for all lines.
            if name in choices:
                field.choices = choices[name]  # type: ignore[attr-defined]
        self.fields["name"].error_messages["required"] = "Donnez le nom du site."
        self.fields["department"].error_messages["required"] = "Choisissez le département."

    def _get_validation_exclusions(self) -> set[str]:
        """Judge the whole site, and not only what the line asks for: its name must be unique."""
        return set(self.errors)


class BaseNewSites(forms.BaseFormSet):
    """The lines of one sending: all are saved, or none."""

    default_error_messages = {
        "missing_management_form": "Les lignes n’ont pas été reçues en entier. Rechargez la "
        "page, puis tapez-les de nouveau.",
        "too_many_forms": "Cela fait trop de lignes d’un coup. Enregistrez-les par moitié.",
    }

    def clean(self) -> None:
        """Say where two lines are the same site: neither is in the base yet."""
        seen: dict[tuple[int, str], int] = {}
        for line, form in enumerate(self.forms, start=1):
            name, department = (form.cleaned_data.get(key) for key in ("name", "department"))
            if not name or not department:
                continue
            first = seen.setdefault((department.pk, text.sort_key(name)), line)
            if first != line:
                form.add_error("name", text.typeset(f"C’est le même site qu’à la ligne {first}."))

    def save(self) -> int:
        """Add the sites, each at the end of its department; return how many."""
        filled = [form for form in self.forms if form.has_changed()]
        with transaction.atomic():
            for form in filled:
                form.instance.place_last()
                form.instance.save()
        return len(filled)


NewSites = forms.formset_factory(
    NewSiteForm, formset=BaseNewSites, extra=_ROWS, max_num=200, validate_max=True
)


def sites_page(model_admin: ModelAdmin, request: HttpRequest, wave: LabellingWave) -> HttpResponse:
    """Show the sites of the wave; on POST, add those that were typed."""
    may_add = request.user.has_perm("labelling.add_site")
    lines = None
    if request.method == "POST":
        if not may_add:
            raise PermissionDenied
        lines = _make_lines(request, wave)
        if "more" not in request.POST and lines.is_valid():
            _say_added(request, wave, lines.save())
            return HttpResponseRedirect(locate_page(wave, "sites", wave.pk))
    elif request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    may_change = request.user.has_perm("labelling.change_site")
    release = find_release(wave)
    departments = _list_departments(wave)
    context = {
        **model_admin.admin_site.each_context(request),
        "title": f"Les sites de {text.the_wave(wave.name)}",
        "opts": model_admin.opts,
        "media": model_admin.media,
        "wave": wave,
        "import_address": locate_import(request.user, "site", wave=wave.pk),
        "departments": departments,
        "figures": _list_figures(wave),
        "map": _show_map(wave) if departments else None,
        "is_frozen": release is not None and release.is_frozen,
        "may_add": may_add,
        "may_change": may_change,
        "lines": (lines or _make_lines(request, wave)) if may_add else None,
        **(_list_candidates(request) if may_change else {}),
    }
    return TemplateResponse(request, "labelling/wave_sites.html", context)


def _list_figures(wave: LabellingWave) -> list[tuple[str, str]]:
    """« 6 nouveaux sites », « 1 fin de label depuis la vague précédente », « 58 en tout ».

    Each with the address of its list; those that are listed below, or ended nothing, have none.
    """
    counted: Any = LabellingWave.objects.with_counts().get(pk=wave.pk)
    ended, total = figures.make_ended(counted), figures.make_total(counted)
    words = [(text.counted(counted.new_count, "nouveau site", "nouveaux sites"), "")]
    if ended.query:
        count = text.counted(ended.count, "fin de label", "fins de label")
        address = locate_list(Site, ended.query) if ended.count else ""
        words.append((f"{count} depuis la vague précédente", address))
    return [*words, (f"{text.number(total.count)} en tout", locate_list(Site, total.query))]


def move_site(request: HttpRequest, wave: LabellingWave, site_id: int) -> HttpResponse:
    """Move a new site by one line of the list of the wave, inside its department."""
    if request.method != "POST":  # Signed in again, one is sent here with nothing to do.
        return HttpResponseRedirect(locate_page(wave, "sites", wave.pk))
    site = get_object_or_404(Site.objects.new_in(wave), pk=site_id)
    places = _MOVES.get(request.POST.get("direction", ""), 0)
    if site.move(places, among=Site.objects.labelled_as_of(wave)):
        way = "monté" if places < 0 else "descendu"
        messages.success(request, text.typeset(f"{site} : {way} d’une ligne."))
    else:
        messages.info(request, text.typeset(f"{site} : déjà à cette place."))
    return HttpResponseRedirect(f"{locate_page(wave, 'sites', wave.pk)}#site-{site.pk}")


def label_candidates(request: HttpRequest, wave: LabellingWave) -> HttpResponse:
    """Give the label in the wave to the candidates that were ticked."""
    if request.method != "POST":
        return HttpResponseRedirect(locate_page(wave, "sites", wave.pk))
    ticked = read_keys(request.POST.getlist("site"))
    granted = Site.objects.filter(pk__in=ticked).label(wave)
    if not ticked:
        messages.warning(request, "Cochez d’abord les sites concernés.")
    elif not granted:
        who = text.plural(
            len(ticked), "Ce site n’est plus candidat", "Ces sites ne sont plus candidats"
        )
        messages.info(request, text.typeset(f"{who} : rien n’a été fait deux fois."))
    else:
        labelled = text.plural(len(granted), "est labellisé", "sont labellisés")
        messages.success(
            request,
            text.typeset(
                f"{text.counted(len(granted), 'site')} {labelled} avec la vague « {wave} »."
            ),
            extra_tags=make_undo_tag(granted),
        )
    return HttpResponseRedirect(locate_page(wave, "sites", wave.pk))


def _make_lines(request: HttpRequest, wave: LabellingWave) -> Any:
    """The lines as they were sent, with more of them if that is what was asked; else blank."""
    data = None
    if request.method == "POST":
        data = read_form(request.POST)
        sent = read_number(data.get("lines-TOTAL_FORMS"))
        if "more" in data and sent is not None:
            data["lines-TOTAL_FORMS"] = str(sent + _ROWS)
    nothing = ("", "–")
    choices = {
        "association": [nothing, *Association.objects.values_list("pk", "name")],
        "department": [
            nothing,
            *((d.pk, f"{d.name} ({d.code})") for d in Department.objects.all()),
        ],
        "format": [nothing, *Site._meta.get_field("format").flatchoices],
    }
    return NewSites(data, prefix="lines", form_kwargs={"wave": wave, "choices": choices})


def _show_map(wave: LabellingWave) -> ShownMap:
    return show_map(
        compose_map(figures.make_situation(wave)), partial(locate_page, wave, "map", wave.pk)
    )


def _list_departments(wave: LabellingWave) -> list[tuple[Department, list[PrintedLine]]]:
    """The printed lines of the departments in which the wave labelled a site."""
    new = Site.objects.new_in(wave).order_by()
    sites = (
        Site.objects.labelled_as_of(wave)
        .filter(department__in=new.values("department"))
        .with_place()
        .in_printed_order()
    )
    departments = []
    for department, group in groupby(sites, key=lambda site: site.department):
        listed = list(group)
        lines = [
            PrintedLine(
                site=site,
                is_new=site.wave_id == wave.pk,
                is_first=site == listed[0],
                is_last=site == listed[-1],
            )
            for site in listed
        ]
        departments.append((department, lines))
    return departments


def _list_candidates(request: HttpRequest) -> dict[str, Any]:
    query = text.legible(request.GET.get("q", "")).strip()
    candidates = Site.objects.candidates().matching(query).with_place()
    count = candidates.count()
    return {
        "query": query,
        "candidates": candidates.order_by("sort_key", "pk")[:_MOST_CANDIDATES],
        "candidate_count": count,
        "hidden_candidates": max(count - _MOST_CANDIDATES, 0),
    }


def _say_added(request: HttpRequest, wave: LabellingWave, count: int) -> None:
    if not count:
        messages.info(request, text.typeset("Aucune ligne n’est remplie : rien n’a été ajouté."))
        return
    added = text.plural(count, "est ajouté", "sont ajoutés")
    messages.success(
        request, text.typeset(f"{text.counted(count, 'site')} {added} à la vague « {wave} ».")
    )

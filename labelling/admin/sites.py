"""The pages of the sites: list, form, label, the list for the press."""

from datetime import date
from functools import partial
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.widgets import AdminTextareaWidget, RelatedFieldWidgetWrapper
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import QuerySet, Value
from django.db.models.functions import Coalesce
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.text import slugify

from labelling import figures, quality, text
from labelling.admin.addresses import locate_page
from labelling.admin.badges import BADGE_TO_CHECK, make_badge
from labelling.admin.board import board_view
from labelling.admin.deleted import deleted_record_view, deleted_view
from labelling.admin.doors import read_number, read_search
from labelling.admin.exports import SheetAdmin, whole_base_view
from labelling.admin.facets import SiteList, find_told, list_told_by_rule
from labelling.admin.filters import (
    SITE_FILTERS,
    TO_CHECK,
    StatusFilter,
    is_about_ends,
    is_about_findings,
    word_place,
    word_scope,
)
from labelling.admin.findings import findings_view
from labelling.admin.labels import EndForm, GrantForm, LabelForm, label_page, take_back
from labelling.admin.lists import lead_to_list, read_changelist
from labelling.admin.maps import download_map
from labelling.admin.merging import (
    locate_merge,
    may_merge,
    merge_page,
    unmerge_page,
    word_choice,
    word_merged,
)
from labelling.admin.names import locate_names, names_page
from labelling.admin.releases import files
from labelling.admin.settling import settle_view
from labelling.admin.site_aside import make_aside
from labelling.choices import LabelStatus
from labelling.models import MergedSite, Site
from labelling.press_release import composition, file_names, publishing
from labelling.press_release.formats import FORMATS
from labelling.press_release.network_map import compose_map


def _cut_slug(slug: str, most: int = 60) -> str:
    """The beginning of a slug, cut between two words."""
    if len(slug) <= most:
        return slug
    return slug[: most + 1].rpartition("-")[0] or slug[:most]


class YesNoOrUnknown(forms.NullBooleanSelect):
    """Yes, no, or not known, for which Django says « Inconnu »."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.choices = [("unknown", "Non renseigné"), ("true", "Oui"), ("false", "Non")]


@admin.register(Site)
class SiteAdmin(SheetAdmin):
    """The sites: the list that people search, the form, the label, the press list."""

    empty_sentence = text.typeset(
        "Aucun site n’est encore enregistré. Choisissez « Ajouter un site »."
    )

    list_display = (
        "printed_name",
        "department_name",
        "region",
        "association_name",
        "wave_name",
        "status",
    )
    list_display_links = ("printed_name",)
    list_filter = SITE_FILTERS
    list_select_related = ("department__region", "association", "wave")
    ordering = ("sort_key",)
    search_help_text = (
        "Nom imprimé ou selon l’État, commune, code postal, département, région, association, "
        "numéro France Services."
    )

    autocomplete_fields = ("association", "department", "wave")
    readonly_fields = ("region", "district")
    formfield_overrides: ClassVar = {
        **SheetAdmin.formfield_overrides,
        models.BooleanField: {"widget": YesNoOrUnknown},
        models.TextField: {"widget": AdminTextareaWidget(attrs={"rows": 3})},
    }

    # The list

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[SiteList]:
        return SiteList

    def has_tick_boxes(self, request: HttpRequest) -> bool:
        return self._may_change(request) or super().has_tick_boxes(request)

    @admin.display(description="Nom", ordering="sort_key")
    def printed_name(self, site: Site) -> str:
        return site.name

    @admin.display(description="Département", ordering="department__sort_key")
    def department_name(self, site: Site) -> str:
        return site.department.name

    @admin.display(description="Région", ordering="department__region__sort_key")
    def region(self, site: Site) -> str:
        return site.department.region.name if site.department_id else "Celle du département"

    # A value after all others where there is none: the two databases disagree on its place, and
    # the admin takes no `nulls_last`.
    @admin.display(
        description="Association", ordering=Coalesce("association__sort_key", Value("\uffff"))
    )
    def association_name(self, site: Site) -> str:
        return site.association.name if site.association else self.empty_value_display

    @admin.display(description="Vague", ordering=Coalesce("wave__effective_on", Value(date.max)))
    def wave_name(self, site: Site) -> str:
        return site.wave.name if site.wave else self.empty_value_display

    @admin.display(description="Statut")
    def status(self, site: Any) -> str:
        badge = make_badge(site.status)
        return SafeString(f"{badge} {BADGE_TO_CHECK}") if site.is_to_check else badge

    @admin.display(description="Fin du label", ordering="withdrawn_on")
    def ended_on(self, site: Site) -> str:
        return text.short_date(site.withdrawn_on) if site.withdrawn_on else ""

    @admin.display(description="Motif")
    def end_reason(self, site: Site) -> str:
        return str(site.get_withdrawal_reason_display())

    @admin.display(description="Ce qui est signalé")
    def found(self, site: Any) -> str:
        return text.enumeration(site.found_names) or self.empty_value_display

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """Beside the sites to check, what is found of each; beside ends of label, why and when."""
        shown = [*super().get_list_display(request)]
        if IS_POPUP_VAR in request.GET:
            return shown
        ends = ("ended_on", "end_reason") if is_about_ends(request) else ()
        return [*shown, *ends, *(("found",) if is_about_findings(request) else ())]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        asked = read_search(request)
        if asked:
            no_match = (
                f"Aucun site ne correspond à « {asked} ». Essayez un mot plus court, ou effacez "
                "les filtres."
            )
        elif request.GET.dict() == {StatusFilter.parameter_name: TO_CHECK}:
            no_match = "Aucun site n’est à vérifier."
        else:
            no_match = "Aucun site ne correspond à ces filtres. Essayez-en moins à la fois."
        context = {
            "subtitle": composition.word_situation(timezone.localdate()),
            "no_match_sentence": text.typeset(no_match),
            "may_change": self._may_change(request),
            "may_merge": may_merge(request.user),
            "press_formats": self._list_press_formats(request),
            **self._find_unread(request),
            **(extra_context or {}),
        }
        response: Any = super().changelist_view(request, context)
        if changelist := getattr(response, "context_data", {}).get("cl"):
            (tabs,) = (spec for spec in changelist.filter_specs if isinstance(spec, StatusFilter))
            told = tabs.list_told(changelist)
            if told is None:
                listed = Site.objects.filter(pk__in=[site.pk for site in changelist.result_list])
                told = list_told_by_rule(listed)
            _judge(changelist.result_list, told)
        return response

    def _find_unread(self, request: HttpRequest) -> dict[str, Any]:
        """Beside the sites to check, the way to the names among them."""
        if not is_about_findings(request) or not self._may_change(request):
            return {}
        unread = find_told(request).get(quality.NAMES_TO_READ, ())
        return {"unread_count": len(unread), "unread": locate_names()}

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        found, repeats = super().get_search_results(request, queryset, search_term)
        if request.path == reverse("admin:autocomplete"):
            found = found.select_related("department")
        return found, repeats

    def word_choice(self, site: Site) -> str:
        return word_choice(site)

    # The form

    @admin.display(description="En quartier prioritaire (QPV)")
    def district(self, site: Site) -> str:
        """Yes, no or unknown in words: Django would show a picture, described in English."""
        if site.in_priority_district is None:
            return "Non renseigné"
        return "Oui" if site.in_priority_district else "Non"

    def get_fieldsets(self, request: HttpRequest, obj: Site | None = None) -> Any:
        district = "in_priority_district" if self._may_change(request) else "district"
        ended = obj is not None and obj.withdrawn_on is not None
        name_and_place = ("name", "association", "department", "region")
        return (
            ("Le site", {"fields": name_and_place}),
            ("Le label", {"fields": ("wave", "france_services_id", "format", district)}),
            ("L’adresse", {"fields": ("address", "postcode", "commune")}),
            ("Note interne", {"fields": ("note",)}),
            (
                "Selon l’État et position sur la carte",
                {
                    "fields": ("state_name", "commune_code", "latitude", "longitude"),
                    "classes": ("collapse",),
                },
            ),
            (
                "Fin du label",
                {
                    "fields": ("withdrawn_on", "withdrawal_reason"),
                    "classes": () if ended else ("collapse",),
                },
            ),
        )

    def formfield_for_choice_field(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        kwargs["choices"] = [("", "Non renseigné"), *db_field.choices]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and isinstance(field.widget, RelatedFieldWidgetWrapper):
            # An association may be new with its site; departments and waves have their own pages.
            field.widget.can_add_related &= db_field.name == "association"
            field.widget.can_view_related = field.widget.can_change_related = False
        return field

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        site = context.get("original")
        if site:
            today = timezone.localdate()
            context["status_badge"] = make_badge(site.compute_status(today))
            context["to_check_badge"] = BADGE_TO_CHECK
            if stored := Site.objects.with_place().filter(pk=site.pk).first():
                context["aside"] = make_aside(request, stored)
            context["status_facts"] = _word_facts(site, today)
        if site and self._may_change(request):
            context["can_grant"] = site.wave_id is None
            context["can_end"] = not context["can_grant"] and site.withdrawn_on is None
            context["merge_address"] = locate_merge(site.pk) if may_merge(request.user) else ""
        return super().render_change_form(request, context, *args, **kwargs)

    # The label and the press list

    def get_urls(self) -> list[URLPattern]:
        pages = (
            ("label/", self.grant_view, "label"),
            ("end-label/", self.end_view, "end_label"),
            ("take-back/", self.take_back_view, "take_back"),
            ("press-list/<str:extension>/", self.press_list_view, "press_list"),
            ("map/<str:picture>/", self.map_view, "map"),
            ("board/", board_view, "board"),
            ("whole-base/", whole_base_view, "whole_base"),
            ("names/", self.names_view, "names"),
            ("merge/", self.merge_view, "merge"),
            ("unmerge/", unmerge_page, "unmerge"),
            ("settle/", settle_view, "settle"),
            ("findings/<str:rule>/", findings_view, "findings"),
            ("deleted/", deleted_view, "deleted"),
            ("deleted/<str:kind>/<int:key>/", deleted_record_view, "deleted_record"),
        )
        own = [
            path(route, self.admin_site.admin_view(view), name=f"labelling_site_{name}")
            for route, view, name in pages
        ]
        return [*own, *super().get_urls()]

    def grant_view(self, request: HttpRequest) -> HttpResponse:
        return self._label_page(request, GrantForm)

    def end_view(self, request: HttpRequest) -> HttpResponse:
        return self._label_page(request, EndForm)

    def names_view(self, request: HttpRequest) -> HttpResponse:
        return names_page(self, request)

    def merge_view(self, request: HttpRequest) -> HttpResponse:
        return merge_page(self, request)

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: Any, object_id: str
    ) -> HttpResponse:
        """The page of a record that went into another leads to that one."""
        merged = _find_merged(object_id)
        if merged is None or request.method == "POST":
            return super()._get_obj_does_not_exist_redirect(request, opts, object_id)
        messages.info(request, word_merged(merged))
        return HttpResponseRedirect(locate_page(Site, "change", merged.into_id))

    def locate_remains(self, key: int) -> tuple[str, str]:
        if into := MergedSite.objects.find_successor(key):
            return locate_page(Site, "change", into), "Voir la fiche qui reste"
        return super().locate_remains(key)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """The history of a record that went into another is read with that one's."""
        merged = _find_merged(object_id)
        if merged is None or not self.has_view_permission(request):
            return super().history_view(request, object_id, extra_context)
        address = locate_page(Site, "history", merged.into_id)
        return HttpResponseRedirect(f"{address}?{urlencode({'merged': merged.pk})}")

    def take_back_view(self, request: HttpRequest) -> HttpResponse:
        if not self._may_change(request):
            raise PermissionDenied
        return take_back(request)

    def _label_page(self, request: HttpRequest, form_class: type[LabelForm]) -> HttpResponse:
        if not self._may_change(request):
            raise PermissionDenied
        return label_page(self, request, form_class)

    def press_list_view(self, request: HttpRequest, extension: str) -> HttpResponse:
        """Download what the list displays, as far as it is labelled today."""
        if not self.may_download(request):
            raise PermissionDenied
        if request.method != "GET":
            return HttpResponseNotAllowed(["GET"])
        if extension not in (*FORMATS, file_names.ARCHIVE):
            raise Http404
        changelist = read_changelist(self, request)
        if changelist is None:
            return lead_to_list(self)
        day = timezone.localdate()
        sites = changelist.queryset.labelled_on(day).with_place().in_printed_order()
        may_see_contacts = request.user.has_perm("labelling.view_presscontact")
        document = composition.compose_list_of_the_day(
            sites,
            day,
            total=Site.objects.labelled_on(day).count(),
            place=word_place(changelist),
            details=word_scope(changelist, for_press=True, with_place=False),
            contact=composition.find_only_contact(day) if may_see_contacts else None,
        )
        back = locate_page(Site, "changelist") + changelist.get_query_string()
        if not document.lines:
            messages.warning(
                request,
                text.typeset(
                    "Aucun des sites affichés n’est labellisé aujourd’hui : la liste presse "
                    "serait vide. Effacez la recherche ou les filtres."
                ),
            )
            return HttpResponseRedirect(back)
        scope = word_scope(changelist, for_press=True)
        words = ("pimms-labellises", _cut_slug(slugify(text.sort_key(scope))), day.isoformat())
        name = f"{'-'.join(filter(None, words))}.{extension}"
        properties = publishing.make_properties(document, None, timezone.now())
        return files.as_file(request, document, properties, name, extension, back=back)

    def map_view(self, request: HttpRequest, picture: str) -> HttpResponse:
        """Download the map of what is labelled today, or as figures `at` and `since` have it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        asked = {name: key for name in ("at", "since") if (key := request.GET.get(name))}
        try:
            moments = {name: figures.read_situation(key) for name, key in asked.items()}
        except ValueError as error:
            raise Http404 from error
        now = moments.get("at") or figures.make_situation(timezone.localdate())
        compose = partial(compose_map, now, moments.get("since"))
        return download_map(request, compose, f"labellises-{now.key}", picture)

    def _list_press_formats(self, request: HttpRequest) -> list[dict[str, str]]:
        """The downloads of what is displayed; none for who may not download."""
        if not self.may_download(request):
            return []
        formats = files.sort_downloads(lambda extension: locate_page(Site, "press_list", extension))
        return [
            {"label": label, "address": address}
            for label, address in (*formats["main"], *formats["others"])
        ]

    def _may_change(self, request: HttpRequest) -> bool:
        return self.has_change_permission(request)


def _find_merged(written: str) -> MergedSite | None:
    """What the key of an address, as it is written, says of a record that went into another."""
    key = read_number(written)
    return None if key is None else MergedSite.objects.filter(pk=key).first()


def _judge(sites: Any, told: dict[str, set[int]]) -> None:
    """Tell the sites of a page what they are today, and what there is to check about them."""
    today = timezone.localdate()
    for site in sites:
        site.status = site.compute_status(today)
        names = (quality.RULES[rule].name for rule, keys in told.items() if site.pk in keys)
        site.found_names = [*dict.fromkeys(names)]
        site.is_to_check = bool(site.found_names)


def _word_facts(site: Site, today: date) -> str:
    """Since when the site is what it is: « avec Automne 2020, depuis le 1er septembre 2020 »."""
    status, facts = site.compute_status(today), []
    if status == LabelStatus.ENDED and site.withdrawn_on:
        facts.append(f"depuis le {text.long_date(site.withdrawn_on)}")
    elif status == LabelStatus.CANDIDATE and site.wave:
        facts.append(f"labellisé à partir du {text.long_date(site.wave.effective_on)}")
    elif status == LabelStatus.LABELLED and site.wave:
        facts.append(f"avec {site.wave}, depuis le {text.long_date(site.wave.effective_on)}")
        if site.withdrawn_on:
            facts.append(f"ne le sera plus à partir du {text.long_date(site.withdrawn_on)}")
    return text.typeset(" · ".join([*facts, composition.word_situation(today)]))

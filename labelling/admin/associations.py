"""The pages of the associations that run the sites."""

from datetime import date
from typing import Any

from django.contrib import admin
from django.db import models
from django.http import (
    HttpRequest,
    HttpResponse,
)
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode

from labelling import text
from labelling.admin.addresses import locate_list, locate_page
from labelling.admin.attaching import attach_page, locate_attaching, may_attach
from labelling.admin.exports import SheetAdmin
from labelling.admin.filters import HolderFilter
from labelling.admin.imports.links import locate_import
from labelling.admin.labels import locate_ending
from labelling.choices import LabelStatus
from labelling.models import Association, Site
from labelling.press_release import composition

# So many of its sites stand on its page; the list has all.
_MOST_SITES = 50


@admin.register(Association)
class AssociationAdmin(SheetAdmin):
    """The members of the Union, each with its sites."""

    empty_sentence = text.typeset(
        "Aucune association n’est encore enregistrée. Choisissez « Ajouter une association »."
    )
    no_match_sentence = text.typeset(
        "Aucune association ne correspond à « {searched} ». Essayez un mot plus court."
    )

    list_display = ("name", "department_names", "labelled_count")
    list_filter = (HolderFilter,)
    ordering = ("sort_key",)
    readonly_fields = ("site_list",)

    def get_queryset(self, request: HttpRequest) -> Any:
        queryset: Any = super().get_queryset(request)
        queryset = queryset.with_labelled_count(timezone.localdate())
        return queryset.prefetch_related(
            models.Prefetch("sites", Site.objects.select_related("department", "wave"))
        )

    @admin.display(description="Départements")
    def department_names(self, association: Association) -> str:
        departments = {site.department for site in association.sites.all()}
        names = [d.name for d in sorted(departments, key=lambda d: d.sort_key)]
        return ", ".join(names) or self.empty_value_display

    @admin.display(description="Sites labellisés", ordering="labelled_count")
    def labelled_count(self, association: Any) -> str:
        query = urlencode({"association": association.pk, "status": LabelStatus.LABELLED.value})
        return format_html(
            '<a href="{}?{}">{}</a>',
            locate_page(Site, "changelist"),
            query,
            text.number(association.labelled_count),
        )

    @admin.display(description="")  # The heading says what they are.
    def site_list(self, association: Association) -> str:
        today = timezone.localdate()
        sites = Site.objects.filter(association=association)
        shown = sites.with_place().order_by("sort_key", "pk")[:_MOST_SITES]
        lines = format_html_join(
            "",
            '<li><a href="{}">{}</a> ({}) – {}</li>',
            (
                (
                    locate_page(site, "change", site.pk),
                    site,
                    site.department,
                    _word_status(site, today),
                )
                for site in shown
            ),
        )
        count = sites.count()
        if not count:
            return "Aucun site"
        everything = format_html(
            '<p><a href="{}">{} dans la liste</a></p>',
            locate_list(Site, {"association": str(association.pk)}),
            text.plural(count, "Ce site", f"Les {text.counted(count, 'site')}"),
        )
        return format_html("<ul>{}</ul>{}", lines, everything)

    def get_fieldsets(self, request: HttpRequest, obj: Association | None = None) -> Any:
        sites = [("Ses sites", {"fields": ("site_list",)})] if obj else []
        return ((None, {"fields": ("name",)}), *sites)

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if association := context.get("original"):
            address = locate_import(request.user, "site", association=association.pk)
            context["import_address"] = address
            if may_attach(request.user) and association.sites.exists():
                context["attach_address"] = locate_attaching(association)
            may_end = request.user.has_perm("labelling.change_site")
            if may_end and association.sites.with_label_to_end().exists():
                context["end_address"] = locate_ending(association)
        return super().render_change_form(request, context, *args, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        own = path(
            "<int:association_id>/attach/",
            self.admin_site.admin_view(self.attach_view),
            name="labelling_association_attach",
        )
        return [own, *super().get_urls()]

    def attach_view(self, request: HttpRequest, association_id: int) -> HttpResponse:
        association: Any = self._find_record(request, str(association_id))
        return attach_page(self, request, association)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        situation = composition.word_situation(timezone.localdate())
        return super().changelist_view(request, {"subtitle": situation, **(extra_context or {})})


def _word_status(site: Site, today: date) -> str:
    """What the site is today, and the end of its label if one is to come."""
    status = site.compute_status(today)
    if status != LabelStatus.LABELLED or site.withdrawn_on is None:
        return status.label
    return f"{status.label}, ne le sera plus à partir du {text.long_date(site.withdrawn_on)}"

"""« Régions et départements »: reference data, read by all, written by few."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from labelling import text
from labelling.admin.addresses import locate_page
from labelling.admin.exports import SheetAdmin
from labelling.admin.filters import HolderFilter
from labelling.models import Department, Region

_FIXED = "Code officiel géographique de l’INSEE : n’y touchez que si la loi change."


@admin.register(Region)
class RegionAdmin(SheetAdmin):
    list_display = ("name", "code", "department_count")
    list_filter = (HolderFilter,)
    fieldsets = ((None, {"description": _FIXED, "fields": ("name", "code", "department_names")}),)
    readonly_fields = ("department_names",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Region]:
        return super().get_queryset(request).annotate(department_count=Count("departments"))

    @admin.display(description="départements", ordering="department_count")
    def department_count(self, region: Any) -> str:
        return text.number(region.department_count)

    @admin.display(description="départements", empty_value="Aucun")
    def department_names(self, region: Region) -> SafeString | str:
        departments = region.departments.all() if region.pk else ()
        links = (
            (locate_page(department, "change", department.pk), department.name)
            for department in departments
        )
        return format_html_join(", ", '<a href="{}">{}</a>', links) or "Aucun"


@admin.register(Department)
class DepartmentAdmin(SheetAdmin):
    list_display = ("name", "code", "region")
    list_filter = (HolderFilter,)
    list_select_related = ("region",)
    autocomplete_fields = ("region",)
    fieldsets = ((None, {"description": _FIXED, "fields": ("name", "code", "region")}),)

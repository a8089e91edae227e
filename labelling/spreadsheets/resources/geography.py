"""The sheets of regions and departments, which only go out."""

from typing import Any

from django.db.models import QuerySet

from labelling.models import Department, Region
from labelling.spreadsheets.resources.base import (
    ImportField,
    Role,
    SheetResource,
    make_key_and_version,
)
from labelling.spreadsheets.widgets import (
    RegionWidget,
    TextWidget,
)


class RegionResource(SheetResource):
    """One line for each region; out only."""

    sheet_name = "Régions"
    model_key = "region"
    is_imported = False

    code = ImportField("code", "Code INSEE", TextWidget(2), role=Role.CHECK)
    name = ImportField("name", "Nom", TextWidget(100), role=Role.CHECK)
    key, version = make_key_and_version("region")

    class Meta:
        model = Region
        exclude = ("id", "search_key", "sort_key")


class DepartmentResource(SheetResource):
    """One line for each department; out only."""

    sheet_name = "Départements"
    model_key = "department"
    is_imported = False

    code = ImportField("code", "Code INSEE", TextWidget(3), role=Role.CHECK)
    name = ImportField("name", "Nom", TextWidget(100), role=Role.CHECK)
    region = ImportField("region", "Région", RegionWidget(), role=Role.CHECK)
    key, version = make_key_and_version("department")

    class Meta:
        model = Department
        exclude = ("id", "search_key", "sort_key")

    def filter_export(self, queryset: QuerySet, **kwargs: Any) -> QuerySet:
        return queryset.select_related("region")

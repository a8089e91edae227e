"""The sheets that people exchange: for each, its columns, their names of every year, their values.

The resources are django-import-export's. A column's conversion is its widget; who may set it,
and under which headings it comes, is said here.
"""

from django.db.models import Model

from labelling.spreadsheets.resources.association import AssociationResource
from labelling.spreadsheets.resources.base import (
    KEY_HEADING,
    ORIGIN_HEADING,
    VERSION_HEADING,
    WHY_HEADING,
    ImportField,
    Role,
    SheetResource,
)
from labelling.spreadsheets.resources.contact import PressContactResource
from labelling.spreadsheets.resources.geography import DepartmentResource, RegionResource
from labelling.spreadsheets.resources.site import SiteResource
from labelling.spreadsheets.resources.wave import LabellingWaveResource
from labelling.spreadsheets.widgets import KeyWidget

# In the order of the tabs of a workbook that holds the whole base.
_ALL: tuple[type[SheetResource], ...] = (
    SiteResource,
    AssociationResource,
    LabellingWaveResource,
    PressContactResource,
    DepartmentResource,
    RegionResource,
)
RESOURCES: dict[str, type[SheetResource]] = {resource.model_key: resource for resource in _ALL}
KeyWidget.kinds_of_key.update(
    {r.model_key: (r._meta.model.noun.a, r.sheet_name) for r in _ALL if r.is_imported}
)


def find_resource(model: type[Model]) -> type[SheetResource]:
    return RESOURCES[str(model._meta.model_name)]


__all__ = [
    "KEY_HEADING",
    "ORIGIN_HEADING",
    "RESOURCES",
    "VERSION_HEADING",
    "WHY_HEADING",
    "AssociationResource",
    "DepartmentResource",
    "ImportField",
    "LabellingWaveResource",
    "PressContactResource",
    "RegionResource",
    "Role",
    "SheetResource",
    "SiteResource",
    "find_resource",
]

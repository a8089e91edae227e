"""The sheet of the associations."""

from labelling.models import Association
from labelling.spreadsheets.resources.base import (
    REACHED_BY,
    ImportField,
    SheetResource,
    make_key_and_version,
    make_why_and_origin,
)
from labelling.spreadsheets.widgets import RecordNameWidget


class AssociationResource(SheetResource):
    """One line for each member association."""

    sheet_name = "Associations"
    model_key = "association"
    needed = (("key",), ("name",))
    ignored_headings = REACHED_BY
    example = "Nom"

    name = ImportField(
        "name",
        "Nom",
        RecordNameWidget(150),
        aliases=["association", "association membre", "nom de l’association", "membre", "name"],
        keeps_spelling=True,
    )
    why, origin = make_why_and_origin()
    key, version = make_key_and_version("association")

    class Meta:
        model = Association
        exclude = ("id", "search_key", "sort_key")

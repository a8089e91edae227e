"""The sheet of the associations."""

from labelling.models import Association
from labelling.spreadsheets.resources.base import (
    ImportField,
    SheetResource,
    make_key_and_version,
    make_why_and_origin,
)
from labelling.spreadsheets.widgets import (
    TextWidget,
)

# Headings that the State's lists have had since 2020, without a field here.


class AssociationResource(SheetResource):
    """One line for each member association."""

    sheet_name = "Associations"
    model_key = "association"
    needed = (("key",), ("name",))
    example = "Nom"

    name = ImportField(
        "name",
        "Nom",
        TextWidget(150),
        aliases=["association", "association membre", "nom de l’association", "membre", "name"],
    )
    why, origin = make_why_and_origin()
    key, version = make_key_and_version("association")

    class Meta:
        model = Association
        exclude = ("id", "search_key", "sort_key")

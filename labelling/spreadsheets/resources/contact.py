"""The sheet of the press contacts."""

from labelling.models import PressContact
from labelling.spreadsheets.resources.base import (
    ImportField,
    SheetResource,
    make_key_and_version,
    make_why_and_origin,
)
from labelling.spreadsheets.widgets import (
    DateWidget,
    EmailWidget,
    PhoneWidget,
    RecordNameWidget,
    TextWidget,
)

_TWO_COLUMNS = (
    "Le prénom et le nom sont dans deux colonnes : réunissez-les dans la colonne « Nom »."
)


class PressContactResource(SheetResource):
    """One line for each spokesperson. Personal data: S21."""

    sheet_name = "Contacts presse de l’Union"
    model_key = "presscontact"
    needed = (("key",), ("name",))
    ignored_headings = ("site_web",)
    refused_headings = dict.fromkeys(("prénom", "prénoms", "first name"), _TWO_COLUMNS)
    example = "Nom, Fonction, Téléphone"

    name = ImportField(
        "name",
        "Nom",
        RecordNameWidget(100),
        aliases=["contact", "contact presse", "nom et prénom", "prénom et nom", "name"],
        keeps_spelling=True,
    )
    role = ImportField(
        "role", "Fonction", TextWidget(150), aliases=["rôle", "poste", "titre", "role"]
    )
    organisation = ImportField(
        "organisation", "Organisme", TextWidget(150), aliases=["organisation", "structure"]
    )
    phone = ImportField(
        "phone",
        "Téléphone",
        PhoneWidget(),
        aliases=[
            "tél",
            "n° de téléphone",
            "numéro de téléphone",
            "téléphone portable",
            "portable",
            "mobile",
            "phone",
        ],
    )
    email = ImportField(
        "email",
        "Adresse électronique",
        EmailWidget(),
        aliases=["courriel", "e-mail", "mail", "mél", "email", "adresse mail", "adresse e-mail"],
    )
    proposed_until = ImportField(
        "proposed_until",
        "Ne plus proposer après le",
        DateWidget(),
        aliases=["jusqu’au", "proposé jusqu’au", "proposed_until"],
    )
    why, origin = make_why_and_origin()
    key, version = make_key_and_version("presscontact")

    class Meta:
        model = PressContact
        # Who takes over is chosen on the page of the contact, with what that changes in the drafts.
        exclude = ("id", "search_key", "sort_key", "replaced_by")

"""The sheet of the sites."""

from collections.abc import Mapping
from typing import ClassVar

from django.db.models import QuerySet

from labelling.choices import SiteFormat, WithdrawalReason
from labelling.models import Site
from labelling.spreadsheets.resources.base import (
    REACHED_BY,
    ImportField,
    Role,
    SheetResource,
    make_key_and_version,
    make_why_and_origin,
)
from labelling.spreadsheets.widgets import (
    STATE_FORMATS,
    UNDECIDED_FORMATS,
    AssociationWidget,
    ChoiceWidget,
    CommuneCodeWidget,
    CoordinateWidget,
    CountWidget,
    DateWidget,
    DepartmentWidget,
    LongTextWidget,
    NameWidget,
    PostcodeWidget,
    RegionWidget,
    StateNumberWidget,
    TextWidget,
    WaveWidget,
    YesNoWidget,
)

# Headings that the State's lists have had since 2020, without a field here.

STATE_ONLY = (
    *REACHED_BY,
    "complement_adresse",
    "complement d'adresse",
    "contact mail",
    "categorie",
    "h_lundi",
    "h_mardi",
    "h_mercredi",
    "h_jeudi",
    "h_vendredi",
    "h_samedi",
    "horaires",
    "prise_rdv",
    "commentaire",
    "commentaire_horaires",
    "type_fs",
    "groupe_fs",
    "groupe",
    "itinerance",
    "categorie",
    "date_modif",
)


class SiteResource(SheetResource):
    """One line for each site."""

    sheet_name = "Sites"
    model_key = "site"
    known_by = "par son nom, dans le même département"
    needed = (
        ("key",),
        ("france_services_id",),
        ("name", "department"),
        ("state_name", "department"),
    )
    told_by: ClassVar[Mapping[str, Mapping[str, str]]] = {
        "department": {
            "commune_code": "",
            "postcode": "Quelques communes ont le code postal du département voisin : vérifiez-le.",
        }
    }
    ignored_headings = STATE_ONLY
    itinerant_headings = ("itinerance", "categorie")
    example = "Nom, Département, Vague"

    name = ImportField(
        "name",
        "Nom",
        NameWidget(200),
        aliases=[
            "nom imprimé dans les communiqués",
            "nom imprimé",
            "nom du PIMMS labellisé France Services",
            "nom du PIMMS",
            "nom du site",
            "PIMMS",
            "name",
        ],
    )
    state_name = ImportField(
        "state_name",
        "Nom selon l’État",
        TextWidget(250),
        aliases=[
            "lib_fs",
            "libelle_fs",
            "nom_fs",
            "nom_france_services",
            "lib_france_services",
            "espace France Services",
            "nom France Services",
            "nom de la France Services",
            "state_name",
        ],
    )
    association = ImportField(
        "association",
        "Association membre",
        AssociationWidget(),
        aliases=["association", "membre"],
    )
    region = ImportField(
        "department__region",
        "Région",
        RegionWidget(),
        aliases=[
            "lib_region",
            "lib_reg",
            "insee_reg",
            "code_region",
            "region_code",
        ],
        role=Role.CHECK,
    )
    department = ImportField(
        "department",
        "Département",
        DepartmentWidget(),
        aliases=[
            "insee_dep",
            "code_departement",
            "num_dep",
            "numero_departement",
            "departement",
            "dep",
            "dpt",
            "dept",
            "lib_departement",
            "lib_dep",
            "nom_departement",
            "department",
        ],
    )
    wave = ImportField(
        "wave",
        "Labellisé avec la vague",
        WaveWidget(),
        aliases=[
            "vague",
            "vague de labellisation",
            "labellisation_fs",
            "labellisation",
            "labelisation",
            "labelisation_fs",
            "date_labellisation",
            "date de labellisation",
            "labellisé le",
            "labelled_on",
            "wave",
        ],
    )
    rank = ImportField(
        "rank", "Place dans la liste imprimée", CountWidget(), aliases=["rank", "rang", "place"]
    )
    france_services_id = ImportField(
        "france_services_id",
        "Numéro France Services",
        StateNumberWidget(),
        aliases=[
            "id_fs",
            "matricule",
            "identifiant",
            "identifiant France Services",
            "n° France Services",
            "numéro FS",
            "n° FS",
            "no FS",
            "num FS",
            "france_services_id",
        ],
    )
    format = ImportField(
        "format",
        "Accueil du public",
        ChoiceWidget(SiteFormat, STATE_FORMATS, UNDECIDED_FORMATS),
        aliases=["format_fs", "format"],
    )
    address = ImportField("address", "Adresse", TextWidget(250), aliases=["address", "adresse_fs"])
    postcode = ImportField(
        "postcode", "Code postal", PostcodeWidget(), aliases=["cp", "code_postal", "postcode"]
    )
    commune = ImportField(
        "commune", "Commune", TextWidget(100), aliases=["lib_com", "nom_commune", "ville"]
    )
    commune_code = ImportField(
        "commune_code",
        "Code commune (INSEE)",
        CommuneCodeWidget(),
        aliases=["insee_com", "code_insee", "code commune", "code_commune", "insee"],
    )
    latitude = ImportField(
        "latitude", "Latitude", CoordinateWidget(90), aliases=["lat", "latitude_wgs84"]
    )
    longitude = ImportField(
        "longitude",
        "Longitude",
        CoordinateWidget(180),
        aliases=["lon", "lng", "long", "longitude_wgs84"],
    )
    in_priority_district = ImportField(
        "in_priority_district",
        "En quartier prioritaire (QPV)",
        YesNoWidget(),
        aliases=["QPV", "quartier prioritaire", "en QPV", "in_priority_district"],
    )
    withdrawn_on = ImportField(
        "withdrawn_on",
        "N’est plus labellisé depuis le",
        DateWidget(),
        aliases=[
            "fin de label",
            "fin du label",
            "date de fin",
            "date de fin de label",
            "withdrawn_on",
        ],
    )
    withdrawal_reason = ImportField(
        "withdrawal_reason",
        "Motif",
        ChoiceWidget(WithdrawalReason),
        aliases=["motif de fin", "motif de fin de label", "withdrawal_reason"],
    )
    note = ImportField("note", "Note interne", LongTextWidget(), aliases=["note", "remarque"])
    new = ImportField(
        None,
        "Nouveau",
        YesNoWidget(),
        aliases=["nouvelle", "new"],
        role=Role.NEW,
        is_exported=False,
    )
    why, origin = make_why_and_origin()
    key, version = make_key_and_version("site")

    class Meta:
        model = Site
        exclude = ("id", "search_key", "sort_key", "made_name")

    def list_records(self, queryset: QuerySet | None = None) -> QuerySet:
        """The sites in printed order, unless the queryset has an order of its own."""
        if queryset is None:
            return Site.objects.in_printed_order().with_place()
        return queryset.select_related("department__region", "association", "wave")

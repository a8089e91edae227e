"""The sheet of the sites."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone

from labelling import text
from labelling.choices import SiteFormat, WithdrawalReason
from labelling.models import Site
from labelling.models.base import LONGEST_TEXT
from labelling.spreadsheets.resources.base import (
    REACHED_BY,
    ImportField,
    Role,
    Row,
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
from labelling.spreadsheets.widgets.texts import read_code

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
    note = ImportField(
        "note", "Note interne", LongTextWidget(LONGEST_TEXT), aliases=["note", "remarque"]
    )
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

    def get_queryset(self) -> QuerySet:
        return Site.objects.in_printed_order()

    def filter_export(self, queryset: QuerySet, **kwargs: Any) -> QuerySet:
        return queryset.select_related("department__region", "association", "wave")

    # The library's engine

    def import_instance(self, instance: Site, row: Row, **kwargs: Any) -> None:
        """Refuse a label that ended and that the row, found without our key, takes for held."""
        ended_on = instance.withdrawn_on
        said = any(self.fields[name].is_filled(row) for name in ("key", "withdrawn_on"))
        if ended_on is not None and ended_on <= timezone.localdate() and not said:
            sentence = (
                f"Le label de ce site a pris fin le {text.long_date(ended_on)}. Si c’est bien lui, "
                "écrivez cette date dans cette colonne."
            )
            raise ValidationError({"withdrawn_on": text.typeset(sentence)})
        super().import_instance(instance, row, **kwargs)

    def find_faults(
        self, instance: Site, row: Row, taken: Mapping[str, Any], known: Mapping[str, Any]
    ) -> dict[str, Any]:
        faults = super().find_faults(instance, row, taken, known)
        if instance.department_id is not None:
            faults |= self._find_faults_of_place(instance, row, taken)
        # The State's list dates labels anew; a download of ours does not.
        is_of_state = self._has("state_name", row) and not self._has("key", row)
        if is_of_state and taken.get("wave_id") is not None:
            faults["wave"] = "Ce site est labellisé avec une autre vague. Corrigez-la sur sa page."
        return faults

    def _find_faults_of_place(
        self, site: Site, row: Row, taken: Mapping[str, Any]
    ) -> dict[str, str]:
        """What the department contradicts: the region of the row, a postcode of four figures."""
        department, faults = site.department, {}
        region = self.fields["region"].find_value(row)
        if region not in (None, department.region):
            place = "department" if self._has("department", row) else "department__region"
            faults[place] = f"« {department} » est en « {department.region} », pas « {region} »."
        postcode = self.fields["postcode"]
        if "postcode" in taken and site.postcode[:2] != department.code:
            figures = sum(map(text.is_number, read_code(row[postcode.column_name])))
            if figures == 4:
                faults["postcode"] = "Écrivez le code postal en entier : il a cinq chiffres."
        return {name: text.typeset(fault) for name, fault in faults.items()}

    def _has(self, name: str, row: Row) -> bool:
        return self.fields[name].column_name in row

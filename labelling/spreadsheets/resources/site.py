"""The sheet of the sites."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone

from labelling import text
from labelling.choices import SiteFormat, WithdrawalReason
from labelling.models import Department, Site
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
        keeps_spelling=True,
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
    address = ImportField(
        "address",
        "Adresse",
        TextWidget(250),
        aliases=["address", "adresse_fs"],
        keeps_spelling=True,
    )
    postcode = ImportField(
        "postcode", "Code postal", PostcodeWidget(), aliases=["cp", "code_postal", "postcode"]
    )
    commune = ImportField(
        "commune",
        "Commune",
        TextWidget(100),
        aliases=["lib_com", "nom_commune", "ville"],
        keeps_spelling=True,
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
        exclude = ("id", "search_key", "sort_key", "telling_key", "made_name")

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
        if instance._state.adding:
            codes = {name: self.fields[name].find_value(row) for name in self.told_by["department"]}
            if (department := self.find_untold_department(row, codes)) is not None:
                instance.department = department
        super().import_instance(instance, row, **kwargs)

    def find_faults(
        self, instance: Site, row: Row, taken: Mapping[str, Any], known: Mapping[str, Any]
    ) -> dict[str, Any]:
        moved: dict[str, Any] = {}
        # The State's list dates labels anew; a download of ours does not.
        is_of_state = self._has("state_name", row) and not self._has("key", row)
        if is_of_state and taken.get("wave_id") is not None:
            moved["wave"] = "Ce site est labellisé avec une autre vague. Corrigez-la sur sa page."
            # The rest is judged with the wave that it has.
            instance.wave_id = taken["wave_id"]
        faults = super().find_faults(instance, row, taken, known)
        if instance.department_id is not None:
            faults |= self._find_faults_of_place(instance, row, taken)
        return {**faults, **moved}

    def _find_faults_of_place(
        self, site: Site, row: Row, taken: Mapping[str, Any]
    ) -> dict[str, str]:
        """What the department contradicts: the region of the row, its postcode."""
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
            elif far := self._find_far_department(site, row):
                faults["postcode"] = (
                    f"Le code postal {site.postcode} est du département « {far} », et ce site est "
                    f"dans « {department} » : si c’est bien lui, changez-le sur sa page."
                )
        return {name: text.typeset(fault) for name, fault in faults.items()}

    def _find_far_department(self, site: Site, row: Row) -> Department | None:
        """That of a postcode given to a site of another, unless the commune of the row is of its.

        It may be the address of another row.
        """
        far = self.lookups.find_department_of(site.postcode)
        commune = self.lookups.find_department_of(self.fields["commune_code"].find_value(row) or "")
        is_far = far is not None and site.department not in (far, commune)
        return far if is_far and not site._state.adding else None

    def _has(self, name: str, row: Row) -> bool:
        return self.fields[name].column_name in row

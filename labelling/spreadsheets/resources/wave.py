"""The sheet of the waves."""

from labelling.models import LabellingWave
from labelling.spreadsheets.resources.base import (
    ImportField,
    SheetResource,
    make_key_and_version,
    make_why_and_origin,
)
from labelling.spreadsheets.widgets import (
    CountWidget,
    DateWidget,
    TextWidget,
)


class LabellingWaveResource(SheetResource):
    """One line for each wave."""

    sheet_name = "Vagues de labellisation"
    model_key = "labellingwave"
    known_by = "par son nom ou par sa date"
    needed = (("key",), ("effective_on",), ("name",))
    example = "Nom de la vague, Label valable à partir du"

    name = ImportField(
        "name",
        "Nom de la vague",
        TextWidget(100),
        aliases=["vague", "nom", "name", "wave"],
        keeps_spelling=True,
    )
    effective_on = ImportField(
        "effective_on",
        "Label valable à partir du",
        DateWidget(),
        aliases=["date de labellisation", "date d’effet", "valable à partir du", "effective_on"],
    )
    decided_on = ImportField(
        "decided_on",
        "Comité de pilotage du",
        DateWidget(),
        aliases=["comité", "date du comité", "comité de pilotage", "decided_on"],
    )
    announced_on = ImportField(
        "announced_on",
        "Annoncée le",
        DateWidget(),
        aliases=["annonce", "date d’annonce", "date du communiqué", "announced_on"],
    )
    list_closed_on = ImportField(
        "list_closed_on",
        "Liste arrêtée au",
        DateWidget(),
        aliases=["liste arrêtée", "situation arrêtée au", "list_closed_on"],
    )
    national_sites = ImportField(
        "national_sites",
        "Espaces France Services en France",
        CountWidget(),
        aliases=["espaces France Services", "espaces", "national_sites"],
    )
    national_cantons = ImportField(
        "national_cantons",
        "Cantons couverts",
        CountWidget(),
        aliases=["cantons", "national_cantons"],
    )
    state_sites = ImportField(
        "state_sites", "Portés par l’État", CountWidget(), aliases=["État", "state_sites"]
    )
    association_sites = ImportField(
        "association_sites",
        "Portés par des associations",
        CountWidget(),
        aliases=["associations", "association_sites"],
    )
    post_sites = ImportField(
        "post_sites", "Portés par La Poste", CountWidget(), aliases=["La Poste", "post_sites"]
    )
    msa_sites = ImportField(
        "msa_sites", "Portés par la MSA", CountWidget(), aliases=["MSA", "msa_sites"]
    )
    local_authority_sites = ImportField(
        "local_authority_sites",
        "Portés par des collectivités",
        CountWidget(),
        aliases=["collectivités", "collectivités territoriales", "local_authority_sites"],
    )
    why, origin = make_why_and_origin()
    key, version = make_key_and_version("labellingwave")

    class Meta:
        model = LabellingWave
        exclude = ("id", "search_key", "slug", "past_release")

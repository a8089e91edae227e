"""The words that a heading may have: those of a field, and those that forbid to guess."""

from collections.abc import Mapping

from labelling.spreadsheets.resources import SheetResource
from labelling.spreadsheets.tables.known_headings import list_known_headings

# Whole words, in this order: « Nom de la commune » is a commune, « Code commune » its code.
_OF_SITES: Mapping[str, tuple[str, ...]] = {
    "france_services_id": (
        "matricule",
        "id fs",
        "numero fs",
        "numero france services",
        "identifiant france services",
    ),
    "commune_code": ("insee", "citycode", "code commune", "code com"),
    "postcode": ("cp", "code postal", "postal", "postcode"),
    "commune": ("commune", "ville", "localite", "city", "lib com", "locality"),
    "department": ("departement", "dep", "dpt", "dept"),
    "region": ("region",),
    "address": ("adresse", "address", "rue", "voie"),
    "latitude": ("lat", "latitude"),
    "longitude": ("lon", "long", "lng", "longitude"),
    "state_name": (
        "lib france services",
        "espace france services",
        "lib fs",
        "nom france services",
    ),
    "wave": ("labellisation", "labelisation", "labellise", "vague"),
    "format": ("format", "accueil du public"),
    "association": ("association", "membre", "gestionnaire"),
    "name": (
        "nom",
        "name",
        "lieu",
        "structure",
        "etablissement",
        "libelle",
        "site",
        "pimms",
        "denomination",
        "intitule",
        "raison sociale",
    ),
}
# « Ancienne adresse » is no address, « Site internet » no site.
_AGAINST = frozenset(
    (
        "acces",
        "annee",
        "annees",
        "budget",
        "cout",
        "effectif",
        "effectifs",
        "frequentation",
        "habitant",
        "habitants",
        "montant",
        "montants",
        "nb",
        "nombre",
        "population",
        "siege",
        "superficie",
        "surface",
        "visites",
        "accompagnement",
        "action",
        "actions",
        "ancien",
        "ancienne",
        "anciens",
        "anciennes",
        "complement",
        "contact",
        "contacts",
        "coordonnees",
        "date",
        "description",
        "email",
        "fin",
        "horaire",
        "horaires",
        "horodateur",
        "internet",
        "logo",
        "mail",
        "naissance",
        "nature",
        "porteur",
        "porteuse",
        "precedent",
        "precedente",
        "prenom",
        "referent",
        "referente",
        "result",
        "score",
        "source",
        "statut",
        "tel",
        "telephone",
        "type",
        "url",
        "web",
    )
)
# A known heading so short says nothing inside another.
_SHORT = 3


def find_field_like(key: str, resource: SheetResource) -> str:
    """The field whose words the heading has, whole; empty if none, or if a word forbids it."""
    if is_against(key):
        return ""
    padded = f" {key} "
    for name, phrases in list_phrases(resource).items():
        if any(f" {phrase} " in padded for phrase in phrases):
            return name
    return ""


def is_against(key: str) -> bool:
    """Whether a heading has a word that forbids to take its column for what it looks like."""
    return not _AGAINST.isdisjoint(key.split())


def list_phrases(resource: SheetResource) -> Mapping[str, tuple[str, ...]]:
    """The words of each field; of other records than sites, those of its known headings."""
    if resource.model_key == "site":
        return _OF_SITES
    phrases: dict[str, tuple[str, ...]] = {}
    for key, name in list_known_headings(type(resource)).items():
        if name and len(key) > _SHORT and resource.find_column(name).kinds:
            phrases[name] = (*phrases.get(name, ()), key)
    return phrases

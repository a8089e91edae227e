"""What roles and people are called."""

from django.contrib.auth.models import User

from labelling import roles
from labelling.access.keepers import list_open
from labelling.models.base import name_user

# In the order in which each includes the one before.
ROLE_NAMES = {
    roles.READER: ("Consultation", "voir les fiches, télécharger les listes et les communiqués"),
    roles.EDITOR: ("Rédaction", "corriger les fiches, importer, préparer les communiqués"),
    roles.MANAGER: ("Responsable", "valider les communiqués, ouvrir et fermer les accès"),
}
ALL_RIGHTS = "Tous les droits"
NO_ROLE = "Aucun"


def name_role(person: User) -> str:
    """What a person may do, as the list says it."""
    if person.is_superuser:
        return ALL_RIGHTS
    held = {group.name for group in person.groups.all()}
    return ", ".join(name for role, (name, _) in ROLE_NAMES.items() if role in held) or NO_ROLE


def name_people_in_charge() -> str:
    """Whom one asks for another role, or to validate: « Prénom Nom ou Prénom Nom ».

    Somebody with every right, if nobody has the role; empty if there is nobody at all.
    """
    active = list_open().order_by("last_name", "first_name", "pk")
    people = active.filter(groups__name=roles.MANAGER) or active.filter(is_superuser=True)
    return " ou ".join(map(name_user, people[:3]))

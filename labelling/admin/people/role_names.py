"""What roles and people are called."""

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.utils import timezone

from labelling import roles, text
from labelling.access.keepers import list_open
from labelling.models.account import read_account
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


def word_role(person: User) -> str:
    """The role, and until when the right to validate is lent: « Rédaction, responsable
    jusqu’au 31/08/2021 »."""
    role, account = name_role(person), read_account(person)
    if account.validates_until is None or not account.is_lent_on(timezone.localdate()):
        return role
    return f"{role}, responsable jusqu’au {text.short_date(account.validates_until)}"


def name_people_in_charge() -> str:
    """Whom one asks for another role: « Prénom Nom ou Prénom Nom ».

    Somebody with every right, if nobody has the role; empty if there is nobody at all.
    """
    return _join(Q(groups__name=roles.MANAGER))


def name_people_who_validate() -> str:
    """Whom one asks to validate: the same, and those to whom the right is lent."""
    is_lent = Q(account__validates_until__gte=timezone.localdate())
    return _join(Q(groups__name=roles.MANAGER) | is_lent)


def _join(concerned: Q) -> str:
    active: QuerySet[User] = list_open().order_by("last_name", "first_name", "pk")
    people = active.filter(concerned).distinct() or active.filter(is_superuser=True)
    return " ou ".join(map(name_user, people[:3]))

"""« Responsable jusqu’au »: the right to validate releases, lent to an editor for an absence."""

from typing import Any

from django.contrib.auth.models import Permission
from django.utils import timezone

from labelling.access import keepers
from labelling.models.account import read_account

# The one right that is lent; it ends by itself.
RIGHT = "labelling.validate_pressrelease"


def is_lent(user: Any) -> bool:
    """Whether the right is lent to an account today."""
    return read_account(user).is_lent_on(timezone.localdate())


def may_lend(author: Any) -> bool:
    """Whether somebody has the right for good: who was lent it lends it to nobody."""
    return keepers.may_grant(author, _list_keys())


def list_lent_rights(person: Any) -> set[int]:
    """What somebody may do because it was lent to them, by the keys of the permissions."""
    return _list_keys() if is_lent(person) else set()


def _list_keys() -> set[int]:
    label, codename = RIGHT.split(".")
    rights = Permission.objects.filter(content_type__app_label=label, codename=codename)
    return {*rights.values_list("pk", flat=True)}

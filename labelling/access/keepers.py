"""Who can open accesses: there is always somebody [S24]."""

from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import Group, Permission, User
from django.db.models import Q, QuerySet
from django.utils import timezone

RIGHT = "change_user"


def list_open() -> QuerySet[User]:
    """Those whose access is open today."""
    until = Q(account__access_until=None) | Q(account__access_until__gte=timezone.localdate())
    return User.objects.filter(until, is_active=True, is_staff=True)


def list_keepers() -> QuerySet[User]:
    """Those who can open accesses, with no end, and have come in at least once to do it."""
    with_right: Any = User.objects.with_perm(f"auth.{RIGHT}")
    without_password = Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    return with_right.filter(is_staff=True, account__access_until=None).exclude(without_password)


def is_last_keeper(person: User) -> bool:
    """Whether nobody could open accesses any more without this person.

    In a transaction: until it ends, nobody else takes a right from those who are left.
    """
    keepers = list_keepers()
    concerned = User.objects.filter(Q(pk__in=keepers) | Q(pk=person.pk)).order_by("pk")
    list(concerned.select_for_update())
    # Asked again: somebody may have been waited for.
    return [*keepers.values_list("pk", flat=True)] == [person.pk]


def holds_right(role: str) -> bool:
    """Whether a role opens accesses."""
    return Group.objects.filter(name=role, permissions__codename=RIGHT).exists()


def may_grant(author: Any, rights: set[int]) -> bool:
    """Whether somebody has all of these rights, by the keys of their permissions."""
    return author.is_superuser or rights <= list_rights(author)


def list_rights(person: Any) -> set[int]:
    """The rights that a person has, or will have once the access is open, by their keys."""
    held = Permission.objects.filter(Q(user=person) | Q(group__user=person))
    return {*held.values_list("pk", flat=True)}

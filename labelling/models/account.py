"""What signing in knows of a person beyond Django's account, and what it counts."""

from datetime import date
from typing import Any, Self

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models

LONGEST_ADDRESS = 150


class Account(models.Model):
    """A person who signs in: until when, and what they were told of.

    A person whom nothing was noted of has none: `read_account` gives what then holds.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="account"
    )
    # The last day; blank: no end.
    access_until = models.DateField("accès jusqu’au", null=True, blank=True)
    # The last day of the right to validate releases, lent by a responsable; blank: none is lent.
    validates_until = models.DateField("responsable jusqu’au", null=True, blank=True)
    # The sessions that were opened under another number are closed.
    session_number = models.PositiveIntegerField(default=0)
    # The day on which the person first read that a second factor will be asked.
    factor_announced_on = models.DateField(null=True)
    # Until when the person was told what others did to this account; null: never told.
    told_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "accès"
        verbose_name_plural = "accès"
        default_permissions = ()

    def __str__(self) -> str:
        return self.user.get_username()

    def is_lent_on(self, day: date) -> bool:
        """Whether the right to validate is lent to the person that day."""
        return self.validates_until is not None and day <= self.validates_until


def read_account(user: Any) -> Account:
    """What is noted of a person; what holds of one whom nothing was noted of, not yet stored."""
    try:
        return user.account
    except Account.DoesNotExist:
        return Account(user=user)


def find_account(address: str) -> User | None:
    """The person of an address, whatever its capitals."""
    if len(address) > LONGEST_ADDRESS:
        return None
    return User.objects.filter(username__iexact=address).order_by("pk").first()


class TallyQuerySet(models.QuerySet):
    def past(self, moment: Any) -> Self:
        return self.filter(until__lte=moment)


class Tally(models.Model):
    """How often something was tried, until a moment from which it counts no more."""

    # Made of what is counted with the secret: no address and no name lies here.
    key = models.CharField(max_length=64, unique=True)
    count = models.PositiveIntegerField(default=0)
    until = models.DateTimeField(db_index=True)

    objects = TallyQuerySet.as_manager()

    class Meta:
        verbose_name = "décompte d’essais"
        verbose_name_plural = "décomptes d’essais"
        default_permissions = ()

    def __str__(self) -> str:
        return self.key

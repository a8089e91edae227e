"""What a person may do and until when, before a change and after it; what changed is noted."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from labelling.access.sessions import close_sessions
from labelling.admin.people.role_names import name_role
from labelling.choices import Event
from labelling.models import JournalEntry
from labelling.models.account import read_account
from labelling.models.base import name_user


@dataclass(frozen=True)
class Standing:
    address: str
    role: str
    is_active: bool
    until: date | None
    lent_until: date | None

    @property
    def is_open(self) -> bool:
        return self.is_active and not (self.until and self.until < timezone.localdate())

    @property
    def access(self) -> tuple[bool, date | None]:
        return self.is_active, self.until


def read_standing(key: int) -> Standing:
    person = User.objects.select_related("account").prefetch_related("groups").get(pk=key)
    account = read_account(person)
    return Standing(
        address=person.username,
        role=name_role(person),
        is_active=person.is_active,
        until=account.access_until,
        lent_until=account.validates_until,
    )


def note_change(author: Any, person: User, before: Standing) -> None:
    """Note what changed since, in the transaction that changed it.

    An access that opens or closes leaves no session behind.
    """
    after = read_standing(person.pk)

    def note(event: Event, **details: Any) -> None:
        JournalEntry.objects.note_about(
            person, event, author=author, name=name_user(person), **details
        )

    if after.role != before.role:
        note(Event.ROLE_CHANGED, before=before.role, after=after.role)
    if after.lent_until != before.lent_until:
        lent_until = after.lent_until and after.lent_until.isoformat()
        note(Event.RIGHT_LENT, until=lent_until)
    until = after.until and after.until.isoformat()
    if after.access != before.access:
        note(Event.ACCESS_CHANGED, is_open=after.is_open, until=until)
    if after.address != before.address:
        moved = {"before": before.address, "after": after.address}
        note(Event.ACCESS_CHANGED, is_open=after.is_open, until=until, **moved)
    if after.is_open != before.is_open:
        close_sessions(person)

"""The second factor: of whom it is required, from which day, and its reset by somebody else [S16].

It is announced for a while to who has none, then asked before anything else. Recovery codes
alone are none.
"""

from datetime import date, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from labelling.access import lending
from labelling.access.sessions import close_sessions
from labelling.access.tries import forget_codes
from labelling.choices import Event
from labelling.models import JournalEntry
from labelling.models.account import Account, read_account
from labelling.models.base import name_user

ANNOUNCED = timedelta(days=14)
_KINDS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def is_required(user: Any) -> bool:
    """Whether the setting asks it of the person."""
    if settings.SECOND_FACTOR == "managers":
        return bool(user.has_perm("auth.change_user") or user.has_perm(lending.RIGHT))
    return bool(settings.SECOND_FACTOR == "everybody")


def with_factor(users: QuerySet[Any]) -> QuerySet[Any]:
    """The people, each with `has_factor`: read along, no question more."""
    return users.annotate(has_factor=Exists(_list_factors(OuterRef("pk"))))


def has_factor(user: Any) -> bool:
    """Whether the person has one; of who asks for a page it was read along."""
    known: bool | None = getattr(user, "has_factor", None)
    return _list_factors(user).exists() if known is None else known


def find_deadline(user: Any) -> date | None:
    """The day from which it is asked of the person; None until it was announced to them."""
    announced_on = read_account(user).factor_announced_on
    return announced_on + ANNOUNCED if announced_on else None


def is_due(user: Any, today: date) -> bool:
    """Whether it is asked of the person before anything else."""
    deadline = find_deadline(user)
    has_come = deadline is not None and deadline <= today
    return has_come and not has_factor(user) and is_required(user)


def announce(user: Any, today: date) -> date | None:
    """From which day it is asked of who has none, the announcement beginning today if it had not.

    None for who has one, or of whom none is required.
    """
    if has_factor(user) or not is_required(user):
        return None
    if find_deadline(user) is None:
        _write_announced(user, today)
    return find_deadline(user)


def end_announcement(user: Any, today: date) -> None:
    """Who has one was told enough: without it one day, it is asked again at once."""
    deadline = find_deadline(user)
    is_to_come = deadline is None or deadline > today
    if is_to_come and has_factor(user) and is_required(user):
        _write_announced(user, today - ANNOUNCED)


def reset_second_factor(person: Any, *, author: Any) -> bool:
    """Take all that a person has of it, and close their sessions; whether there was something.

    Browsers that were trusted are no longer: what they were trusted for has changed. `author` is
    None for a command.
    """
    with transaction.atomic():
        count, _ = Authenticator.objects.filter(user=person).delete()
        if not count:
            return False
        close_sessions(person)
        # Who has lost the telephone tried, and is about to write the first code of another one.
        forget_codes(person)
        JournalEntry.objects.note_about(
            person, Event.FACTOR_RESET, author=author, name=name_user(person)
        )
    return True


def _list_factors(user: Any) -> QuerySet[Authenticator]:
    return Authenticator.objects.filter(user=user, type__in=_KINDS)


def _write_announced(user: Any, day: date) -> None:
    user.account, _ = Account.objects.update_or_create(
        user=user, defaults={"factor_announced_on": day}
    )

"""Tries that are counted by the database: several workers count together [S15].

A try is counted before it is judged, and taken back once it succeeded: of twenty-four wrong
passwords at once, five are checked. Strangers and those who are known (a browser that the person
trusted, somebody signed in) are counted apart: what strangers try keeps nobody out of these.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import salted_hmac

from labelling import text
from labelling.access.addresses import find_network
from labelling.choices import Event
from labelling.models import JournalEntry
from labelling.models.account import Tally

MOST_BY_ACCOUNT = 5
MOST_BY_NETWORK = 20
LOCK = timedelta(minutes=15)


class Scope(StrEnum):
    """What is counted."""

    STRANGER = "stranger"  # Passwords for an address, from a browser that nobody trusted.
    KNOWN = "known"  # Passwords for it, from one that the person trusted, or is signed in on.
    FACTOR = "factor"  # Codes, after the password.
    LINK = "link"  # Links that were asked for from the page of signing in.
    NETWORK = "network"  # Any of these, from where the request comes.
    CODE = "code"  # A code that was used once.
    PASSKEY = "passkey"  # Passkeys that were refused, as the journal notes them.
    REFUSAL = "refusal"  # Pages that were refused to somebody, likewise.


class Locked(Exception):
    """Too many were tried: nothing is judged until a moment."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until

    def __str__(self) -> str:
        return text.typeset(
            f"Trop d’essais. Réessayez à {word_unlocking(self.until)}, ou demandez à un "
            "responsable de l’Union."
        )


def word_unlocking(until: datetime) -> str:
    """The minute from which one may try again: « 15 h 10 »."""
    # The minute that has begun counts: a little before, one would be refused again.
    minute = timezone.localtime(until + timedelta(minutes=1))
    return text.clock_time(minute.hour, minute.minute)


@dataclass(frozen=True)
class Try:
    """A try that was counted, before it is judged."""

    keys: tuple[str, ...]
    # Whether it was the last one before the lock.
    is_last: bool

    def succeed(self) -> None:
        """Take it back: of the account's all, of the network's this one."""
        own, *others = self.keys
        Tally.objects.filter(key=own).delete()
        Tally.objects.filter(key__in=others, count__gt=0).update(count=F("count") - 1)

    @classmethod
    def begin(cls, request: Any, scope: Scope, whom: str) -> Self:
        """Count a try for an account: `whom` is its address as typed, or its key.

        Raise Locked if as many were tried, without counting this one.
        """
        limits = {make_key(scope, whom): MOST_BY_ACCOUNT}
        if scope is not Scope.KNOWN:
            limits[make_key(Scope.NETWORK, find_network(request))] = MOST_BY_NETWORK
        counts = _count(limits)
        own = next(iter(limits))
        return cls(keys=tuple(limits), is_last=counts[own] == MOST_BY_ACCOUNT)


def take(scope: Scope, whom: str, period: timedelta, *, most: int = 1) -> bool:
    """Whether this came less than `most` times in a period, and count it."""
    try:
        _count({make_key(scope, whom): most}, period)
    except Locked:
        return False
    return True


def unlock(person: Any, *, author: Any) -> bool:
    """Let a person try again at once; return whether they were kept out, which is then noted."""
    with transaction.atomic():
        was_locked = bool(find_locks([person]))
        Tally.objects.filter(key__in=_list_keys(person)).delete()
        if was_locked:
            JournalEntry.objects.note_about(person, Event.UNLOCKED, author=author)
    return was_locked


def forget_passwords(person: Any) -> None:
    """Forget the passwords that were tried for a person: there is another one since."""
    Tally.objects.filter(key__in=_list_password_keys(person)).delete()


def forget_codes(person: Any) -> None:
    """Forget the codes that were tried for a person whose second factor is gone."""
    Tally.objects.filter(key=make_key(Scope.FACTOR, str(person.pk))).delete()


def find_locks(users: Iterable[Any]) -> dict[int, datetime]:
    """Until when each of these people is kept out, by their key."""
    holders = {key: user.pk for user in users for key in _list_keys(user)}
    locked = Tally.objects.filter(
        key__in=holders, count__gte=MOST_BY_ACCOUNT, until__gt=timezone.now()
    )
    return {holders[tally.key]: tally.until for tally in locked.order_by("until")}


def make_key(scope: Scope, whom: str) -> str:
    """The key of what is counted; without the secret nobody tells who it is."""
    by_address = {Scope.STRANGER, Scope.KNOWN, Scope.LINK}
    folded = text.search_key(whom) if scope in by_address else whom
    return salted_hmac(f"tries {scope}", folded, algorithm="sha256").hexdigest()


def _list_keys(person: Any) -> list[str]:
    return [*_list_password_keys(person), make_key(Scope.FACTOR, str(person.pk))]


def _list_password_keys(person: Any) -> list[str]:
    return [make_key(scope, person.get_username()) for scope in (Scope.STRANGER, Scope.KNOWN)]


def _count(limits: dict[str, int], period: timedelta = LOCK) -> dict[str, int]:
    """Count one for each key, or raise Locked and count none."""
    now = timezone.now()
    with transaction.atomic():
        # Locked at once, in one order: who comes second waits, then counts on.
        Tally.objects.bulk_create(
            [Tally(key=key, until=now + period) for key in sorted(limits)],
            update_conflicts=True,
            unique_fields=["key"],
            update_fields=["key"],
        )
        tallies = [*Tally.objects.filter(key__in=limits)]
        for tally in tallies:
            if tally.until <= now:
                tally.count, tally.until = 0, now + period
            if tally.count >= limits[tally.key]:
                raise Locked(tally.until)
        for tally in tallies:
            tally.count += 1
            if tally.count == limits[tally.key]:
                tally.until = now + period
            tally.save(update_fields=["count", "until"])
        # What counts no more goes, but for rows that others hold.
        gone = Tally.objects.past(now).select_for_update(skip_locked=True)
        Tally.objects.filter(pk__in=[tally.pk for tally in gone]).delete()
    return {tally.key: tally.count for tally in tallies}

"""What the journal keeps of signing in: who came in, who did not, what locked [S27].

Never what was typed: a password is typed where an address is expected, and the other way round.
"""

from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.signals import user_logged_in
from allauth.mfa import signals as factors
from allauth.mfa.models import Authenticator
from django.contrib.auth.signals import user_logged_out

from labelling import text
from labelling.access import trust
from labelling.access.addresses import find_address, find_network
from labelling.access.tries import LOCK, Scope, take
from labelling.choices import Event
from labelling.models import JournalEntry

# How a person came in, by the library's name of the last thing that was asked.
_WAYS = {
    Authenticator.Type.TOTP: "code",
    Authenticator.Type.RECOVERY_CODES: "recovery",
    Authenticator.Type.WEBAUTHN: "passkey",
}

# Of one person in a quarter of an hour: a program that follows every link fills no journal.
MOST_REFUSALS = 30
# What an address holds between two strokes; what is longer may be a token.
_LONGEST_ARGUMENT = 20
_LONGEST_PATH = 200


def listen() -> None:
    """Note what the library does by itself."""
    user_logged_in.connect(_note_sign_in)
    user_logged_out.connect(_note_sign_out)
    # Of recovery codes, « reset » is that they were made anew.
    for signal in (
        factors.authenticator_added,
        factors.authenticator_reset,
        factors.authenticator_removed,
    ):
        signal.connect(_note_factor)


def note_failure(request: Any, person: Any, *, scope: str, is_last: bool) -> None:
    """Note a try that failed, and whether it locked; tries while it is locked are not noted.

    Who is signed in did it; else nobody knows who.
    """
    user = getattr(request, "user", None)
    author = user if user and user.is_authenticated else None
    for event in (Event.SIGN_IN_FAILED, *([Event.LOCKED] if is_last else [])):
        _note(event, request, author, person, scope=str(scope))


def note_failed_passkey(request: Any, person: Any) -> None:
    """Note a passkey that was refused, once in a while: nobody guesses one, so none is counted."""
    if take(Scope.PASSKEY, find_network(request), LOCK):
        note_failure(request, person, scope=Scope.PASSKEY, is_last=False)


def note_refusal(request: Any) -> None:
    """Note that who is signed in was refused a page or an act: each once in a while, and not all.

    Whoever is refused changed nothing, so that what is past the limit is let go.
    """
    user = getattr(request, "user", None)
    if not (user and user.is_authenticated):
        return
    address = _read_path(request)
    if take(Scope.REFUSAL, f"{user.pk} {request.method} {address}", LOCK) and take(
        Scope.REFUSAL, str(user.pk), LOCK, most=MOST_REFUSALS
    ):
        JournalEntry.objects.note(
            Event.REFUSED, author=user, address=address, method=request.method
        )


def _note_sign_in(request: Any, user: Any, **kwargs: Any) -> None:
    # The library's signal, not Django's: it comes once somebody has passed by a door of ours.
    last = get_authentication_records(request, user)[-1:]
    way = next((_WAYS.get(record.get("type"), "password") for record in last), "")
    _note(Event.SIGNED_IN, request, user, user, way=way, is_trusted=trust.is_trusted(request, user))


def _note_sign_out(request: Any, user: Any, **kwargs: Any) -> None:
    # A session that sleeps is nobody's, but it is known whose it was.
    if person := user or request.clock.person:
        _note(Event.SIGNED_OUT, request, person, person)


def _note_factor(request: Any, authenticator: Any, signal: Any, **kwargs: Any) -> None:
    is_removed = signal is factors.authenticator_removed
    event = Event.FACTOR_REMOVED if is_removed else Event.FACTOR_SET
    _note(event, request, request.user, authenticator.user, kind=str(authenticator.type))


def _note(event: Event, request: Any, author: Any, person: Any, **details: Any) -> None:
    """Note what concerns a person, or nobody whom we know, and from where it was done."""
    details["from"] = find_address(request)
    JournalEntry.objects.note_about(person, event, author=author, **details)


def _read_path(request: Any) -> str:
    """The address of a page, without its question, and without what may be a token in it."""
    parts = text.legible(request.path[:_LONGEST_PATH]).split("/")
    return "/".join(part if len(part) <= _LONGEST_ARGUMENT else "…" for part in parts)

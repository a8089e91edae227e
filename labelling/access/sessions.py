"""How long a session lasts: asleep after an hour of nothing, over after twelve in all [S17].

A session that sleeps is nobody's: nothing is read and nothing done with it, until the person says
the password again. The session itself knows when it was opened and under which number; when the
person was last active, a signed cookie knows. So no page that is merely read writes to the base,
where it would wait for whoever writes.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse

from labelling.models.account import Account, read_account

# In the session: when it was opened, since when nothing was done in it, and its number.
LIMITS = "limits"
COOKIE = "seen"
# Between two cookies: what is not worth one each page.
_SELDOM = 60


class State(StrEnum):
    AWAKE = "awake"
    ASLEEP = "asleep"
    OVER = "over"  # Or nobody's.


@dataclass(frozen=True)
class Clock:
    """A session by the server's clock."""

    state: State = State.OVER
    # Whose it is, asleep or not.
    person: Any = None
    seen: float = 0
    # Seconds until it sleeps if nothing is done, and until it is over.
    until_sleep: int = 0
    until_over: int = 0

    @property
    def left(self) -> int:
        """Seconds until it sleeps, of who is active now."""
        return min(settings.SESSION_IDLE_SECONDS, self.until_over)

    @classmethod
    def read(cls, request: Any) -> Self:
        """Judge the session of a request, before anything was done with it."""
        person = request.user
        limits = request.session.get(LIMITS)
        if not person.is_authenticated or not limits:
            return cls()
        now = time.time()
        seen = max(limits["seen"], _read_cookie(request))
        until_over = int(limits["opened"] + settings.SESSION_COOKIE_AGE - now)
        until_sleep = min(int(seen + settings.SESSION_IDLE_SECONDS - now), until_over)
        if until_over <= 0 or limits["number"] != read_account(person).session_number:
            return cls()
        state = State.AWAKE if until_sleep > 0 else State.ASLEEP
        return cls(state, person, seen, max(until_sleep, 0), until_over)


def limit_sessions(get_response: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let nobody in by a session that sleeps or is over; `request.clock` says how it stands."""

    def answer(request: Any) -> HttpResponse:
        clock = request.clock = Clock.read(request)
        if clock.state is not State.AWAKE and request.user.is_authenticated:
            request.user = AnonymousUser()
            if clock.state is State.OVER:
                request.session.flush()
        key = request.session.session_key
        response = get_response(request)
        if clock.state is State.AWAKE and _is_activity(request):
            _write_cookie(request, response, is_new=request.session.session_key != key)
        return response

    return answer


def passive(view: Any) -> Any:
    """A view that pages ask by themselves: nobody is active by it."""
    view.is_passive = True
    return view


def open_session(sender: Any, request: Any, user: Any, **_: Any) -> None:
    """Note of a session that begins what ends it: Django calls this once somebody is in."""
    now = int(time.time())
    number = read_account(user).session_number
    request.session[LIMITS] = {"opened": now, "seen": now, "number": number}


def wake(request: Any) -> None:
    """Wake the session of who has just said the password; under another key, so that of two
    copies of it one wakes."""
    request.session[LIMITS] |= {"seen": int(time.time())}
    request.session.cycle_key()
    request.user = request.clock.person
    request.clock = Clock.read(request)


def close_sessions(person: Any, but: HttpRequest | None = None) -> None:
    """End all sessions of a person, but for the one of a request."""
    with transaction.atomic():
        account, _ = Account.objects.get_or_create(user=person)
        Account.objects.filter(pk=account.pk).update(session_number=F("session_number") + 1)
        account.refresh_from_db()
    person.account = account
    if but is not None:
        but.session[LIMITS] |= {"number": account.session_number}


def _is_activity(request: Any) -> bool:
    view = getattr(request.resolver_match, "func", None)
    is_asked_by_itself = getattr(view, "is_passive", False) and request.method == "GET"
    return SESSION_KEY in request.session and not is_asked_by_itself


def _read_cookie(request: Any) -> float:
    """When the browser was told that somebody is active in this very session; else the epoch."""
    try:
        told = _make_signer(request).unsign(request.COOKIES.get(COOKIE, ""))
    except BadSignature:
        return 0
    return float(told)


def _write_cookie(request: Any, response: HttpResponse, *, is_new: bool) -> None:
    now = time.time()
    if not request.session.session_key or not (is_new or now - request.clock.seen >= _SELDOM):
        return
    response.set_cookie(
        COOKIE,
        _make_signer(request).sign(str(int(now))),
        path=settings.SESSION_COOKIE_PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite=settings.SESSION_COOKIE_SAMESITE,
    )


def _make_signer(request: Any) -> Signer:
    return Signer(salt=f"seen in {request.session.session_key}")

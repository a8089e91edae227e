"""What a page asks of its session, asleep or not, and the sessions that a person closes [S17]."""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from labelling.access import sessions
from labelling.access.forms import ConfirmForm
from labelling.access.sessions import State
from labelling.access.trust import is_trusted
from labelling.choices import Event
from labelling.models import JournalEntry


@sessions.passive
@never_cache
@require_http_methods(["GET", "POST"])
def session_view(request: HttpRequest) -> JsonResponse:
    """How the session stands, by the server's clock; a POST says that somebody is typing."""
    return _tell(request)


@never_cache
@require_POST
def resume_view(request: HttpRequest) -> JsonResponse:
    """Wake a session that sleeps, by the password of the person whose it is."""
    clock = _read_clock(request)
    if clock.state is not State.ASLEEP:
        return _tell(request)
    form = ConfirmForm(request.POST, user=clock.person)
    if not form.is_valid():
        return _tell(request, fault=str(form.errors["password"][0]))
    if not _needs_sign_in(request, clock.person):
        sessions.wake(request)
    return _tell(request)


@require_POST
def close_other_sessions(request: HttpRequest) -> HttpResponse:
    """« Fermer mes autres sessions »."""
    with transaction.atomic():
        sessions.close_sessions(request.user, but=request)
        JournalEntry.objects.note_about(request.user, Event.SESSIONS_CLOSED, author=request.user)
    messages.success(request, "Vos autres sessions sont fermées.")
    return redirect("mfa_index")


def _read_clock(request: Any) -> sessions.Clock:
    return request.clock


def _tell(request: HttpRequest, **more: str) -> JsonResponse:
    """What a page needs to know of its session; a token with which it may go on."""
    clock = _read_clock(request)
    told: dict[str, Any] = {"state": clock.state, "token": get_token(request), **more}
    if clock.person:
        told["person"] = clock.person.pk
    if clock.state is State.AWAKE:
        told["left"] = clock.left if request.method == "POST" else clock.until_sleep
    if clock.state is State.ASLEEP:
        told["needs_sign_in"] = _needs_sign_in(request, clock.person)
        told["has_passkey"] = is_mfa_enabled(clock.person, [Authenticator.Type.WEBAUTHN])
    return JsonResponse(told)


def _needs_sign_in(request: HttpRequest, person: Any) -> bool:
    """Whether the password alone is not enough: a second factor, and a browser nobody trusted."""
    return is_mfa_enabled(person) and not is_trusted(request, person)

"""The second factor is asked for before anything else, once its day has come [S16]."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from labelling.access import second_factor
from labelling.access.destinations import is_destination
from pimms.failures import answer_typed, is_navigation

# Where one is set: what it shows makes no secret, and leads to all there are.
PAGE = "mfa_index"
# What stays open meanwhile: setting one, saying who one is, one's password, what one is told, the
# way out.
OPEN = {
    PAGE,
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_view_recovery_codes",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
    "account_login",
    "account_logout",
    "account_reauthenticate",
    "account_told",
    "session",
    "session_resume",
    "forgotten",
    "welcome",
    "admin:login",
    "admin:logout",
    "admin:password_change",
    "admin:password_change_done",
    "admin:jsi18n",
}
# Where one stands once it is set: from there one goes on to what was wanted.
_AFTERWARDS = {PAGE, "admin:index"}
_WANTED = "wanted_before_second_factor"
_SENTENCE = "Activez d’abord la seconde étape de la connexion, à la page « Ma connexion »."


class SecondFactorMiddleware:
    """Every address is behind it, but those that stay open: what is added is behind it too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if not request.user.is_authenticated or request.resolver_match is None:
            return None
        name = request.resolver_match.view_name
        today = timezone.localdate()
        if second_factor.is_due(request.user, today):
            return None if name in OPEN else _ask(request)
        second_factor.end_announcement(request.user, today)
        if _WANTED in request.session and (name in _AFTERWARDS or name not in OPEN):
            wanted = request.session.pop(_WANTED)
            if name in _AFTERWARDS and request.method == "GET":
                return redirect(wanted)
        return None


def _ask(request: HttpRequest) -> HttpResponse:
    """Lead to the page where one is set; what was typed waits on a page of its own."""
    if not is_navigation(request):
        # What a page asks for by itself is led nowhere.
        return HttpResponse(_SENTENCE, status=403, content_type="text/plain; charset=utf-8")
    if request.method == "POST":
        return answer_typed(request, "labelling/second_factor_first.html", status=403)
    # A path of two strokes would be the name of another site.
    if is_destination(wanted := request.get_full_path()):
        request.session[_WANTED] = wanted
    return redirect(PAGE)

"""What stands above every page until it was answered: what others did to one's access, and that a
second factor will be asked [S16, S27]."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from labelling import text
from labelling.access import notices, second_factor
from labelling.access.destinations import is_destination
from labelling.admin.doors import read_number

# In the session: the day for which « Plus tard » was said.
_LATER = "second_factor_later"


def make_announcement(request: HttpRequest | None) -> dict[str, Any]:
    """What a page says of the second factor to who has none; nothing to the others.

    The first page that says it begins the days of the announcement.
    """
    user = getattr(request, "user", None)
    if request is None or user is None or not user.is_authenticated:
        return {}
    today = timezone.localdate()
    deadline = second_factor.announce(user, today)
    is_due = deadline is not None and deadline <= today
    is_later = request.session.get(_LATER) == today.isoformat()
    match = request.resolver_match
    # Where one says again who one is, one is on the way to it.
    is_there = match is not None and match.view_name.startswith(("mfa_", "account_reauthenticate"))
    if deadline is None or (not is_due and (is_later or is_there)):
        return {}
    return {
        "day": text.day_and_month(deadline),
        "is_due": is_due,
        "is_there": is_there,
        "next": request.get_full_path(),
    }


def make_notices(request: HttpRequest | None) -> dict[str, Any]:
    """What a page tells of what others did to one's access; nothing to who is not signed in."""
    user = getattr(request, "user", None)
    if request is None or user is None or not user.is_authenticated:
        return {}
    return {"notices": notices.find_notices(user), "next": request.get_full_path()}


@require_POST
def postpone_view(request: HttpRequest) -> HttpResponse:
    """« Plus tard »: it is not said again today, as long as the person stays signed in."""
    request.session[_LATER] = timezone.localdate().isoformat()
    return _go_back(request)


@require_POST
def told_view(request: HttpRequest) -> HttpResponse:
    """« J’ai lu »: what was told is told no more."""
    last = read_number(request.POST.get("last"))
    if last is not None:
        notices.note_told(request.user, last)
    return _go_back(request)


def _go_back(request: HttpRequest) -> HttpResponse:
    """Lead to the page where it stood, or home from one that answers posts alone."""
    page = request.POST.get("next", "")
    return HttpResponseRedirect(page if is_destination(page) else reverse("admin:index"))

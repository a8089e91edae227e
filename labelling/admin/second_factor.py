"""What the pages say of the second factor, and its reset for who has lost it [S16]."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from labelling import text
from labelling.access import second_factor
from labelling.admin.addresses import locate_page
from labelling.models.base import name_user

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
    is_there = match is not None and match.view_name.startswith("mfa_")
    if deadline is None or (not is_due and (is_later or is_there)):
        return {}
    return {
        "day": text.day_and_month(deadline),
        "is_due": is_due,
        "is_there": is_there,
        "address": request.get_full_path(),
    }


@require_POST
def postpone_view(request: HttpRequest) -> HttpResponse:
    """« Plus tard »: it is not said again today, as long as the person stays signed in."""
    request.session[_LATER] = timezone.localdate().isoformat()
    address = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    return HttpResponseRedirect(address if is_ours else reverse("admin:index"))


def locate_reset(user: Any, person: User) -> str:
    """Where somebody's second factor is reset; empty if there is none, or if it is one's own."""
    if user.pk == person.pk or not second_factor.has_factor(person):
        return ""
    return locate_page(person, "reset_factor", person.pk)


def reset_view(pages: admin.ModelAdmin, request: HttpRequest, person_id: int) -> HttpResponse:
    """« Remettre à zéro la seconde étape »: for another person, who has lost it."""
    person = User.objects.filter(pk=person_id).first()
    # Whoever sits down at an open session may not take away what protects it.
    if person == request.user or not pages.has_change_permission(request, person):
        raise PermissionDenied
    if person is None:
        raise Http404
    name = name_user(person)
    if request.method == "POST":
        if second_factor.reset_second_factor(person, author=request.user):
            sentence = (
                f"{name} : seconde étape remise à zéro. "
                "Ses sessions sont fermées ; cette personne en sera avertie en se connectant."
            )
            messages.success(request, text.typeset(sentence))
        else:
            messages.info(request, text.typeset(f"{name} n’a pas de seconde étape."))
        return HttpResponseRedirect(locate_page(person, "change", person.pk))
    context = {
        **pages.admin_site.each_context(request),
        "title": "Remettre à zéro la seconde étape",
        "opts": pages.opts,
        "person": person,
        "name": name,
        "is_required": second_factor.is_required(person),
    }
    return TemplateResponse(request, "labelling/second_factor_reset.html", context)

"""« Remettre à zéro la seconde étape »: for another person, who has lost it [S16]."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse

from labelling import text
from labelling.access import second_factor
from labelling.admin.addresses import locate_page
from labelling.models.base import name_user


def may_reset_factor(request: HttpRequest, person: User) -> bool:
    """Whether there is one to reset, and it is somebody else's."""
    return person != request.user and second_factor.has_factor(person)


def answer_reset(pages: Any, request: HttpRequest, person: User) -> HttpResponse:
    """Ask whether it is to be reset; do it, and say so."""
    # Whoever sits down at an open session may not take away what protects it.
    if person == request.user:
        raise PermissionDenied
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

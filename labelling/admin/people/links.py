"""The page of a link: made for a person, shown once, or sent by mail."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse

from labelling.access import links, mail
from labelling.access.backend import Backend
from labelling.admin.addresses import locate_page
from labelling.models.base import name_user


def may_make_link(request: HttpRequest, person: User) -> bool:
    """Whether a link would serve: one's own password is changed knowing the one before."""
    return person != request.user and Backend().user_can_authenticate(person)


def answer_link(pages: Any, request: HttpRequest, person: User) -> HttpResponse:
    """Ask whether a link is wanted; make it, and show it or send it."""
    if not may_make_link(request, person):
        raise PermissionDenied
    if request.method != "POST":
        return show_link(pages, request, person, None)
    link = links.make_link(request.build_absolute_uri, person, author=request.user)
    if "mail" not in request.POST or not mail.is_configured():
        return show_link(pages, request, person, link)
    if not mail.send_link(person, link):
        messages.warning(
            request,
            "Le courriel n’est pas parti : le serveur de courriel ne répond pas ou refuse cette "
            "adresse. Copiez le lien, et transmettez-le vous-même.",
        )
        return show_link(pages, request, person, link)
    messages.success(request, f"{name_user(person)} : un lien est parti à {person.get_username()}.")
    return HttpResponseRedirect(locate_page(person, "change", person.pk))


def show_link(
    pages: Any, request: HttpRequest, person: User, link: links.Link | None
) -> HttpResponse:
    """The page of a link; without one, the page that offers to make it."""
    context = {
        **pages.admin_site.each_context(request),
        "opts": pages.opts,
        "person": person,
        "link": link,
        "is_invitation": links.is_invited(person),
        "may_mail": mail.is_configured(),
    }
    return TemplateResponse(request, "labelling/person_link.html", context)

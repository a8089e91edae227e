"""The menu: the pages that a person may open."""

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse

from labelling.admin.addresses import locate_page
from labelling.admin.help import locate_help

# In the order of the glossary, in words short enough for one line; the pages have their full names.
_MENU = (
    ("Sites", ("labelling.site",)),
    ("Vagues", ("labelling.labellingwave",)),
    ("Communiqués", ("labelling.pressrelease", "labelling.letterhead")),
    ("Associations", ("labelling.association",)),
    ("Contacts presse", ("labelling.presscontact",)),
    ("Imports", ("labelling.importrun",)),
    ("Régions", ("labelling.region", "labelling.department")),
    ("Accès", ("auth.user", "labelling.journalentry")),
)


@dataclass(frozen=True, kw_only=True)
class Link:
    """An entry of the menu. `current` is « page » on its list, « true » further inside."""

    label: str
    address: str
    current: str = ""


def make_menu(request: HttpRequest, opts: Any) -> list[Link]:
    """The entries that the person may open, then the help on this page.

    The current one is marked: that of the records which the page is about, by their `opts`, or else
    by its address.
    """
    if not admin.site.has_permission(request):
        return []
    entries = []
    for label, names in _MENU:
        pages = [apps.get_model(name) for name in names]
        seen = [model for model in pages if may_see(request, model)]
        if seen:
            lists = [locate_page(model, "changelist") for model in seen]
            inside = (
                opts in [model._meta for model in seen]
                if opts
                else any(request.path.startswith(address) for address in lists)
            )
            current = "page" if request.path in lists else "true" if inside else ""
            entries.append(Link(label=label, address=lists[0], current=current))
    if entries:
        current = "page" if request.path == reverse("help") else ""
        entries.append(Link(label="Aide", address=locate_help(request), current=current))
    return entries


def find_pages(model: Any) -> Any:
    return admin.site.get_model_admin(model)


def may_see(request: HttpRequest, model: Any) -> bool:
    """Whether the person may open the pages of a model; nobody may, where it has none."""
    return admin.site.is_registered(model) and bool(find_pages(model).has_view_permission(request))

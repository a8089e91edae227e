"""Every component with its states on one page, for whoever builds pages. With DEBUG only."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from labelling.models import Site
from labelling.quality import Finding, Mending

_FINDING = Finding(
    rule="Q002",
    record=Site(),
    facts=(),
    field="department",
    title="Le code commune dit Loire.",
    evidence="La fiche dit Isère (38).",
    advice="Vérifiez l’adresse, puis corrigez l’un des deux.",
    mending=Mending(value="42", label="Mettre Loire et enregistrer"),
)


def appearance_view(request: HttpRequest) -> HttpResponse:
    context = {**admin.site.each_context(request), "title": "Apparence", "finding": _FINDING}
    return TemplateResponse(request, "labelling/appearance.html", context)

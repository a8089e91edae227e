"""Every component with its states on one page, for whoever builds pages. With DEBUG only."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse


def appearance_view(request: HttpRequest) -> HttpResponse:
    context = {**admin.site.each_context(request), "title": "Apparence"}
    return TemplateResponse(request, "labelling/appearance.html", context)

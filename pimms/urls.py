"""Every address: the admin is the whole application, at the root; signing in before it."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from labelling.admin.appearance import appearance_view
from labelling.admin.help import help_view
from labelling.admin.search import search_view

handler403 = "pimms.failures.answer_refusal"
handler500 = "pimms.failures.answer_failure"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("labelling.admin.sign_in.pages")),
    path("aide/", admin.site.admin_view(help_view), name="help"),
    path("chercher/", admin.site.admin_view(search_view), name="search"),
    path("", admin.site.urls),
]
if settings.DEBUG:
    urlpatterns.insert(0, path("apparence/", admin.site.admin_view(appearance_view)))

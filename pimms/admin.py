"""The admin site: its title and its frame."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from pimms.collisions import answer_anew


class BackOfficeSite(admin.AdminSite):
    """The stock admin site under our name, without a level for applications."""

    site_header = site_title = "Réseau PIMMS"
    index_title = "Accueil"
    site_url = None
    enable_nav_sidebar = False

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Every page for people who signed in: theirs alone, and answered anew if overtaken."""
        return super().admin_view(answer_anew(view), cacheable)

    def app_index(  # type: ignore[override]  # the stubs promise a page, a redirection does too
        self,
        request: HttpRequest,
        app_label: str,
        extra_context: Mapping[str, Any] | None = None,
    ) -> HttpResponse:
        """Lead to the home page: people know records, not applications."""
        return redirect("admin:index", permanent=False)

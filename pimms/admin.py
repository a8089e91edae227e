"""The admin site: its title and its frame."""

import logging
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.auth.views import PasswordChangeView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from labelling.access.forms import NewPasswordForm
from pimms.collisions import answer_anew

_log = logging.getLogger(__name__)


class _Choices(AutocompleteJsonView):
    """The records to choose from, each by the words that its pages choose it by."""

    def serialize_result(self, obj: Any, to_field_name: str) -> dict[str, str]:
        word: Callable[[Any], str] = getattr(self.model_admin, "word_choice", str)
        return {**super().serialize_result(obj, to_field_name), "text": word(obj)}


class BackOfficeSite(admin.AdminSite):
    """The stock admin site under our name, without a level for applications."""

    site_header = site_title = "Réseau PIMMS"
    index_title = "Accueil"
    site_url = None
    enable_nav_sidebar = False

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Every page for people who signed in: theirs alone, and answered anew if overtaken."""
        guarded = super().admin_view(answer_anew(view), cacheable)
        return _tell_of_strangers(guarded) if view == self.catch_all_view else guarded

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """None, which every page would make: the menu is ours, and asks what it shows."""
        return []

    def autocomplete_view(self, request: HttpRequest) -> Any:
        return _Choices.as_view(admin_site=self)(request)

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Change one's password by a form that counts its tries: the stock view knows its own."""
        request.current_app = self.name
        view = PasswordChangeView.as_view(
            form_class=NewPasswordForm,
            success_url=reverse("admin:password_change_done"),
            extra_context={**self.each_context(request), **(extra_context or {})},
        )
        return view(request)

    def app_index(  # type: ignore[override]  # the stubs promise a page, a redirection does too
        self,
        request: HttpRequest,
        app_label: str,
        extra_context: Mapping[str, Any] | None = None,
    ) -> HttpResponse:
        """Lead to the home page: people know records, not applications."""
        return redirect("admin:index", permanent=False)


def _tell_of_strangers(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The view of all other addresses, with a line for who is not signed in: one that scans them is
    led to the sign-in page each time, and would be seen nowhere."""

    @wraps(view)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            _log.warning("Unknown address: %s", request.path)
        return view(request, *args, **kwargs)

    return run

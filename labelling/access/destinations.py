"""Where signing in leads: to the page of ours that was asked for, else to the home page."""

from urllib.parse import unquote, urlsplit

from django.apps import apps
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils.http import url_has_allowed_host_and_scheme

# More than the address of any list with all of its filters.
_LONGEST = 2000
# Pages on which nobody stays who is signed in.
_SIGNING_IN = ("login/", "logout/", "confirm/", "welcome/")
# What takes posts alone, or answers a script: nobody ever stood there.
_NO_PAGES = {
    "account_told",
    "auth_user_unlock",
    "autocomplete",
    "jsi18n",
    "second_factor_later",
    "view_on_site",
    "close_other_sessions",
    "session",
    "session_resume",
    "labelling_importrun_answer",
    "labelling_importrun_apply",
    "labelling_importrun_discard",
    "labelling_importrun_forget",
    "labelling_importrun_take_over",
    "labelling_labellingwave_attach",
    "labelling_labellingwave_past_release",
    "labelling_pressrelease_attach",
    "labelling_pressrelease_correct",
    "labelling_pressrelease_preview",
    "labelling_pressrelease_preview_new",
    "labelling_pressrelease_withdraw_reading",
}


def is_destination(address: str) -> bool:
    """Whether one may stand at `address` once signed in: a page of ours, that answers."""
    if (
        len(address) > _LONGEST
        or not address.isprintable()
        or not address.startswith("/")
        or not url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    ):
        return False
    path = unquote(urlsplit(address).path)
    try:
        # The admin leads on to what lacks its last stroke.
        page = resolve(path if path.endswith("/") else f"{path}/")
    except Resolver404:
        return False
    return (
        bool(page.url_name)
        and page.url_name not in _NO_PAGES
        and not page.route.startswith(_SIGNING_IN)
        and _is_there(page)
    )


def _is_there(page: ResolverMatch) -> bool:
    """Whether the record is there that the address names.

    The admin's own pages say themselves that it is gone, and lead to its list.
    """
    name, key = next(iter(page.kwargs.items()), ("object_id", ""))
    if name == "object_id" or not name.endswith("_id"):
        return True
    application, model_name, *_ = str(page.url_name).split("_")
    model = apps.get_model(application, model_name)
    return model._base_manager.filter(pk=key).exists()

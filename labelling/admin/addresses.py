"""Where the admin's pages are."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode


def locate_page(model_or_record: Any, page: str, *args: Any) -> str:
    """Return the address of an admin page of a model, for instance its « changelist »."""
    options = model_or_record._meta
    return reverse(f"admin:{options.app_label}_{options.model_name}_{page}", args=args)


def locate_list(model: Any, query: Mapping[str, str]) -> str:
    """Return the address of the list of a model, filtered."""
    return f"{locate_page(model, 'changelist')}?{urlencode(query)}"

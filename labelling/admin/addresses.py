"""Where the admin's pages are."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.urls import get_script_prefix, reverse
from django.utils.http import urlencode


def locate_page(model_or_record: Any, page: str, *args: Any) -> str:
    """Return the address of an admin page of a model, for instance its « changelist »."""
    options = model_or_record._meta
    name = f"admin:{options.app_label}_{options.model_name}_{page}"
    return reverse(name, args=args) if args else _locate(name, get_script_prefix())


# A page of figures asks for the same ones hundreds of times.
@lru_cache(maxsize=256)
def _locate(name: str, prefix: str) -> str:
    return reverse(name)


def locate_list(model: Any, query: Mapping[str, str]) -> str:
    """Return the address of the list of a model, filtered."""
    return f"{locate_page(model, 'changelist')}?{urlencode(query)}"

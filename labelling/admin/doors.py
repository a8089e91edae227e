"""The doors of the pages: what an address or a form holds, as the records can take it [S26]."""

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import quote
from django.contrib.admin.views.main import ERROR_FLAG, ChangeList
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.paginator import InvalidPage
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse

from labelling import text
from labelling.models.base import LONGEST_SEARCH

# Nineteen figures are more than a database counts.
_MOST_FIGURES = 18
# SQLite takes no more in one question, where it was built to take few.
_MOST_KEYS = 30_000
_MOST_SHOWN = 60

_TOO_LONG = text.typeset(
    f"Cette recherche est trop longue : {LONGEST_SEARCH} signes au plus. Gardez-en quelques mots."
)
_NO_WORD = "Écrivez au moins une lettre ou un chiffre."


def read_number(written: str | None) -> int | None:
    """The number that an address or a form holds; None if it is none."""
    if written and text.is_number(written) and len(written) <= _MOST_FIGURES:
        return int(written)
    return None


def read_keys(words: Iterable[str]) -> list[int]:
    """The keys among `words`; none if they are more than a page can hold."""
    keys = [key for word in words if (key := read_number(word)) is not None]
    return keys if len(keys) <= _MOST_KEYS else []


def read_search(request: HttpRequest) -> str:
    """What a list was searched for, as its page says it."""
    words = text.legible(request.GET.get("q", "")).strip()
    return words if len(words) <= _MOST_SHOWN else f"{words[: _MOST_SHOWN - 1].rstrip()}…"


def find_search_refusal(query: str) -> str:
    """Why nothing can be looked for; empty if it can, or if nothing was asked."""
    if len(query) > LONGEST_SEARCH:
        return _TOO_LONG
    return _NO_WORD if query and not text.search_words(query) else ""


def read_form(data: QueryDict) -> QueryDict:
    """What a form sent, made legible. Passwords are taken as they were typed."""
    read = data.copy()
    for name, values in data.lists():
        if "password" not in name:
            read.setlist(name, [text.legible(value) for value in values])
    return read


class LegibleForm(forms.BaseForm):
    """A form whose fields judge what is read of what was typed."""

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(None if data is None else read_form(data), *args, **kwargs)


# What names, in the address that proposes records, the one that is left out.
BESIDES = "besides"


class KeySelect(AutocompleteSelect):
    """The choice of a record. What an address or a form gives instead of a key chooses none."""

    # The key of one that is not proposed.
    besides: int | None = None

    def get_url(self) -> str:
        url = str(super().get_url())
        return f"{url}?{BESIDES}={self.besides}" if self.besides else url

    def build_attrs(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        # Select2 opens within the page's main part: a screen reader knows where it is.
        return {**super().build_attrs(*args, **kwargs), "data-dropdown-parent": "main"}

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        return super().optgroups(name, [key for key in value if read_keys([str(key)])], attr)


class FilteredList(ChangeList):
    """A list that is narrowed by its own filters, and by no other field that an address names."""

    longest_search = LONGEST_SEARCH
    # No page says how many there are without its filters.
    show_full_result_count, full_result_count, show_admin_actions = False, None, True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # What was looked for is said on the page, in files and in the journal: as it is read.
        self.query = text.legible(self.query).strip()
        # Django would resolve the address of each record to add them: `url_for_result` does.
        self._way_back, self.preserved_filters = self.preserved_filters, ""

    @property
    def search_refusal(self) -> str:
        return find_search_refusal(self.query)

    def get_results(self, request: HttpRequest) -> None:
        """Put keys alone in order: what else a line shows is read for those of the page."""
        ordered = self.put_in_order().prefetch_related(None).values_list("pk", flat=True)
        self.paginator = self.model_admin.get_paginator(request, ordered, self.list_per_page)
        self.result_count = self.paginator.count = self.count_records()
        self.can_show_all = self.result_count <= self.list_max_show_all
        self.multi_page = self.result_count > self.list_per_page
        if self.multi_page and not (self.show_all and self.can_show_all):
            try:
                ordered = self.paginator.page(self.page_num).object_list
            except InvalidPage as error:
                raise IncorrectLookupParameters from error
        self.result_list = self.choose([*ordered])

    def url_for_result(self, result: Any) -> str:
        """The page of a record, from which one comes back to the list as it is."""
        before, after = self._around_key
        return f"{before}{quote(result.pk)}{after}"

    @cached_property
    def _around_key(self) -> tuple[str, str]:
        """What such an address has before and after the key: looked up once."""
        opts = self.opts
        page = reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[0])
        before, _, after = page.rpartition("0")
        return before, f"{after}?{self._way_back}" if self._way_back else after

    def count_records(self) -> int:
        """How many records the list has, on all its pages."""
        return self.queryset.count()

    def put_in_order(self) -> QuerySet[Any]:
        """The records of the list, in the order that is asked."""
        return self.queryset

    def choose(self, keys: Any) -> QuerySet[Any]:
        """The records of these keys as the list shows them: nothing narrows it once more."""
        shown = self.root_queryset.filter(pk__among=keys).order_by(*self.queryset.query.order_by)
        return shown if shown.query.select_related else self.apply_select_related(shown)

    def get_filters(self, request: HttpRequest) -> Any:
        filters = super().get_filters(request)
        if others := filters[2]:
            raise IncorrectLookupParameters(*others)
        return filters


class ListAdmin(admin.ModelAdmin):
    """Pages whose addresses may hold anything: what cannot be read leads to the whole list."""

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return FilteredList

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if ERROR_FLAG in request.GET:
            sentence = "Cette adresse ne se lit pas : voici la liste entière."
            messages.warning(request, text.typeset(sentence))
        return super().changelist_view(request, extra_context)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if len(search_term) > LONGEST_SEARCH:
            return queryset.none(), False
        return super().get_search_results(request, queryset, text.legible(search_term))

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """The record of a key, or None: of what is no key too."""
        from_field = from_field or None
        if from_field is None and read_number(object_id) is None:
            return None
        return super().get_object(request, object_id, from_field)

"""S8: whatever an address or a form holds, at every page, the answer is one in words."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.admin.forms import filled
from tests.conftest import signed_in
from tests.factories import records_of_every_page
from tests.spreadsheets.prepared import import_of
from tests.test_rights import ADDRESSES

HOSTILE = {
    "a huge number": "9" * 20,
    "more figures than Python reads": "9" * 5_000,
    "a NUL": "a\0b",
    "a long text": "a" * 51_000,
    "many words": "a b " * 300,
    "wide digits": "\uff14\uff12",
    "a superscript": "²",
    "a list": "1,2," + "9" * 20,
}
LISTS = sorted(name for name in ADDRESSES if name.endswith("_changelist"))
# What the pages read in an address, the stock admin's own words included.
PARAMETERS = (
    *("q", "p", "o", "e", "all", "_popup", "_to_field", "_facets", "_changelist_filters"),
    *("region", "department", "association", "wave", "format", "district", "status"),
    *("wave__id__exact", "department__code", "id__in", "rank", "contact", "author", "version"),
    *("username", "username__startswith", "latitude", "withdrawn_on", "embargo_until"),
    *("state", "done", "line", "source", "model", "next", "site", "sites"),
    *("term", "page", "app_label", "model_name", "field_name", "_selected_action"),
)
# Each ends the session, or asks for nothing of ours.
_LEFT_OUT = ("logout", "jsi18n")


def answer(client: Client, method: str, address: str, data: Any = None) -> str:
    """What goes wrong when an address is asked; empty if nothing does. Nothing is kept."""
    try:
        with transaction.atomic():
            response = getattr(client, method)(address, data)
            transaction.set_rollback(True)
    except Exception as failure:
        return f"{method} {address[:60]}: {failure!r:.200}"
    wrong = f"{method} {address[:60]}: {response.status_code}"
    return wrong if response.status_code >= 500 else ""


def routes(patterns: list[Any], route: str = "") -> Iterator[str]:
    """The routes that have arguments."""
    for pattern in patterns:
        here = route + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, here)
        elif isinstance(pattern, URLPattern) and "<" in here and "(?P" not in here:
            yield here


@pytest.fixture
def people(network, manager) -> Client:
    records_of_every_page()
    import_of(manager)
    return signed_in(manager)


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
class TestNoPageFails:
    def test_on_a_parameter_of_a_list(self, people, value):
        found = [
            answer(people, "get", ADDRESSES[name], {parameter: value})
            for name in LISTS
            for parameter in PARAMETERS
        ]

        assert [*filter(None, found)] == []

    def test_on_the_parameters_of_a_page(self, people, value):
        everything = dict.fromkeys(PARAMETERS, value)

        found = [
            answer(people, method, address.split("?")[0], data)
            for name, address in ADDRESSES.items()
            if name not in (*LISTS, *_LEFT_OUT)
            for method, data in (
                ("get", everything),
                *(("get", {**_question(address), key: value}) for key in _question(address)),
                ("post", everything),
            )
        ]

        assert [*filter(None, found)] == []

    def test_on_an_argument_of_an_address(self, people, value):
        found = [
            answer(people, method, "/" + re.sub(r"<\w+:\w+>", quote(value[:3000], ""), route))
            for route in routes(get_resolver().url_patterns)
            for method in ("get", "post")
        ]

        assert [*filter(None, found)] == []

    def test_on_what_a_form_holds(self, people, value):
        found = []
        for name, address in ADDRESSES.items():
            page = people.get(address) if name not in _LEFT_OUT else None
            if (
                page is None
                or page.status_code != 200
                or not page.get("Content-Type", "").startswith("text/html")
            ):
                continue
            fields = {*re.findall(r'name="([^"]+)"', page.text)} - {"csrfmiddlewaretoken"}
            management = {key: 1 for key in fields if key.endswith("_FORMS")}
            found.append(answer(people, "post", address, dict.fromkeys(fields, value) | management))

        assert [*filter(None, found)] == []

    def test_on_any_one_field_of_a_form(self, people, value):
        found = []
        for name in ADDRESSES:
            if (
                name.endswith("_change")
                and (page := people.get(ADDRESSES[name])).status_code == 200
            ):
                if page.context.get("adminform") is None or not page.context.get(
                    "has_change_permission"
                ):
                    continue
                sent = filled(page)
                found += [
                    answer(people, "post", ADDRESSES[name], {**sent, field: value})
                    for field in sent
                ]

        assert [*filter(None, found)] == []


def _question(address: str) -> dict[str, str]:
    return dict(part.split("=") for part in address.partition("?")[2].split("&") if part)

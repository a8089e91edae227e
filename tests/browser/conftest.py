"""Fixtures for the tests in a real browser."""

from collections.abc import Iterator

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page

from tests.factories import UserFactory, records_of_every_page
from tests.spreadsheets.prepared import import_of


@pytest.fixture
def session(live_server, request, network) -> None:
    """The browser is signed in, as somebody who may do everything."""
    client = Client()
    records_of_every_page()
    person = UserFactory(is_superuser=True)
    import_of(person)
    client.force_login(person)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value}
    for fixture in {"page", "page_without_policy"} & {*request.fixturenames}:
        context = request.getfixturevalue(fixture).context
        context.add_cookies([{**cookie, "url": live_server.url}])


@pytest.fixture
def page_without_policy(browser: Browser) -> Iterator[Page]:
    """A page for axe, which tries styles of its own on the fields of a form."""
    context = browser.new_context(locale="fr-FR", bypass_csp=True)
    yield context.new_page()
    context.close()

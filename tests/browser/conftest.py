"""Fixtures for the tests in a real browser."""

from collections.abc import Iterator

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from tests.conftest import load_network
from tests.factories import UserFactory, records_of_every_page
from tests.spreadsheets.prepared import import_of


@pytest.fixture
def session(live_server, request, network) -> None:
    """The browser is signed in, as somebody who may do everything."""
    _give(request, _open_session(live_server.url))


@pytest.fixture(scope="class")
def session_of_the_class(base_of_the_class) -> Iterator[dict[str, str]]:
    """A session of that person, in a base that all tests of a class read: they change nothing."""
    load_network()
    # Not `live_server`: where it is asked for, the base is emptied after each test.
    server = LiveServer("localhost")
    yield _open_session(server.url)
    server.stop()


@pytest.fixture
def url(session_of_the_class, request) -> str:
    """The address where the browser has that session."""
    _give(request, session_of_the_class)
    return session_of_the_class["url"]


@pytest.fixture
def page_without_policy(browser: Browser) -> Iterator[Page]:
    """A page for axe, which tries styles of its own on the fields of a form."""
    context = browser.new_context(locale="fr-FR", bypass_csp=True)
    yield context.new_page()
    context.close()


def _open_session(url: str) -> dict[str, str]:
    """The cookie of a session at that address, in a base that has something for every page."""
    client = Client()
    records_of_every_page()
    person = UserFactory(is_superuser=True)
    import_of(person)
    client.force_login(person)
    return {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": url}


def _give(request, cookie: dict[str, str]) -> None:
    for fixture in {"page", "page_without_policy"} & {*request.fixturenames}:
        request.getfixturevalue(fixture).context.add_cookies([cookie])

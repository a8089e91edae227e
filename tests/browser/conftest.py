"""Fixtures for the tests in a real browser."""

import pytest
from django.test import Client

from tests.factories import UserFactory
from tests.spreadsheets.prepared import import_of
from tests.test_rights import RECORDS


@pytest.fixture
def session(live_server, request, network) -> None:
    """The browser is signed in, as somebody who may do everything."""
    client = Client()
    person = UserFactory(pk=RECORDS["auth_user"], is_superuser=True)
    import_of(person)
    client.force_login(person)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value}
    for fixture in {"page", "page_without_policy"} & {*request.fixturenames}:
        context = request.getfixturevalue(fixture).context
        context.add_cookies([{**cookie, "url": live_server.url}])

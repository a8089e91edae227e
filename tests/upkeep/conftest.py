"""A base of its own that holds something, outside any transaction, once for a module."""

from datetime import UTC, datetime

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from labelling.models import JournalEntry, PressRelease
from labelling.models.record_sets import unguarded
from labelling.press_release import publishing
from labelling.upkeep.elsewhere import leading_to
from tests import factories
from tests.conftest import load_network
from tests.upkeep.bases import empty_base, run

PDF = b"%PDF-1.7" + bytes(range(256)) * 400


@pytest.fixture(scope="session")
def made_base(django_db_blocker, tmp_path_factory):
    """The network, its release with the file that was sent, a session: how one connects to it."""
    with django_db_blocker.unblock(), empty_base(tmp_path_factory.mktemp("base")) as told:
        with leading_to(told):
            call_command("migrate", verbosity=0)
            load_network()
            publishing.attach(
                PressRelease.objects.get(),
                name="communique.pdf",
                content=PDF,
                by=factories.UserFactory(),
                at=datetime(2020, 10, 14, 8, tzinfo=UTC),
            )
            Session.objects.create(session_key="open", expire_date=timezone.now())
        yield told


@pytest.fixture(scope="module")
def base(made_base, django_db_blocker):
    """Everything leads to that base, for a module."""
    with django_db_blocker.unblock(), leading_to(made_base):
        yield made_base


@pytest.fixture(scope="module")
def backup(base, tmp_path_factory):
    """A backup of that base."""
    path = tmp_path_factory.mktemp("backup") / "made.zip"
    run("back_up", path)
    return path


@pytest.fixture
def an_empty_base(base, tmp_path):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    with empty_base(folder) as told, leading_to(told):
        yield


@pytest.fixture
def empty_journal(base):
    """No test fails at what failed in another."""
    unguarded(JournalEntry)._raw_delete(connection.alias)

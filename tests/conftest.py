"""Fixtures for the whole suite."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, transaction
from django.test import Client

from labelling.models.record_sets import unguarded
from tests import factories, unordered
from tests.access.signing_in import wait_for_mail

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from playwright.sync_api import Browser, Page

# A busy machine is slow, not wrong.
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")

unordered.shuffle()


@pytest.fixture
def network(db: None) -> None:
    """The base as a first start leaves it: the network of October 2020."""
    load_network()


@pytest.fixture(scope="class")
def base_of_the_class(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """What fixtures of a class write, once: each of its tests asks for `db`, which takes back
    what the test writes itself."""
    with django_db_blocker.unblock():
        yield
        call_command("flush", verbosity=0, interactive=False)


def load_network() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for statement, values in statements_of_the_network():
            cursor.execute(statement, values)


@cache
def statements_of_the_network() -> list[tuple[str, Any]]:
    """What writes the fixtures, told once: reading them takes longer than most tests."""
    told: list[tuple[str, Any]] = []

    def tell(execute: Any, sql: str, values: Any, many: bool, context: Any) -> Any:
        told.append((sql, values))
        return execute(sql, values, many, context)

    with transaction.atomic():
        call_command("loaddata", "geography", "release_2020_10_14", verbosity=0)
        models = apps.get_app_config("labelling").get_models()
        rows = {model: list(model._base_manager.order_by("pk")) for model in models}
        transaction.set_rollback(True)
    with transaction.atomic(), connection.cursor() as cursor:
        with connection.execute_wrapper(tell):
            for model, records in rows.items():
                unguarded(model).bulk_create(records)
            for statement in connection.ops.sequence_reset_sql(no_style(), list(rows)):
                cursor.execute(statement)
        transaction.set_rollback(True)
    return told


@pytest.fixture
def mail_server(db: None, settings: Any) -> Iterator[None]:
    """A server for mail; the base is there until the last one has left."""
    settings.EMAIL_HOST = "mail.example.org"
    yield
    wait_for_mail()


@pytest.fixture
def reader(db: None) -> "User":
    return factories.reader()


@pytest.fixture
def editor(db: None) -> "User":
    return factories.editor()


@pytest.fixture
def manager(db: None) -> "User":
    return factories.manager()


@pytest.fixture
def as_reader(reader: "User") -> Client:
    return signed_in(reader)


@pytest.fixture
def as_editor(editor: "User") -> Client:
    return signed_in(editor)


@pytest.fixture
def as_manager(manager: "User") -> Client:
    return signed_in(manager)


def signed_in(user: "User") -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """Debian's Chromium, or the one that CHROMIUM names."""
    from playwright.sync_api import sync_playwright

    # Playwright keeps a loop running in this thread, which Django takes for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "yes"
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    assert path, "Chromium is missing: apt-get install chromium"
    with sync_playwright() as playwright:
        # The sandbox refuses to run as root, which is who runs the continuous integration.
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: "Browser") -> Iterator["Page"]:
    """A page on a laptop; a script error or a violation of our policy fails the test."""
    with open_watched_page(browser) as page:
        yield page


@contextmanager
def open_watched_page(browser: "Browser") -> Iterator["Page"]:
    """Open a page of a browser that holds no cookie, and has nothing to complain of in the end."""
    context = browser.new_context(locale="fr-FR", viewport={"width": 1366, "height": 768})
    context.set_default_timeout(10_000)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda message: complaints.append(message.text) if message.type == "error" else None,
    )
    yield page
    context.close()
    assert complaints == []

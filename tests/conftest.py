"""Fixtures for the whole suite."""

import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command
from django.test import Client

from tests import factories

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from playwright.sync_api import Browser, Page


@pytest.fixture
def network(db: None) -> None:
    """The base as a first start leaves it: the network of October 2020."""
    call_command("loaddata", "geography", "release_2020_10_14", verbosity=0)


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

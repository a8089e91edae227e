"""Fixtures for the whole suite."""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, transaction
from django.test import Client

from labelling.choices import SiteFormat, WithdrawalReason
from labelling.models import Association, Department, LabellingWave, Site
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

OWN_BASE = connection.settings_dict["NAME"]


BEGAN = time.monotonic()
LEFT = "left to the next run"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--one-case", action="store_true", help="run one case of each test, whichever comes first"
    )
    parser.addoption(
        "--within",
        type=int,
        metavar="SECONDS",
        help="begin with one case of each test, and begin none later than this",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    tests: set[str] = set()
    firsts, others = [], []
    for item in items:
        test = item.nodeid.partition("[")[0]
        (others if test in tests else firsts).append(item)
        tests.add(test)
    if config.getoption("one_case"):
        config.hook.pytest_deselected(items=others)
        items[:] = firsts
    elif config.getoption("within") is not None:
        items[:] = firsts + others


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    within = item.config.getoption("within")
    if within is not None and time.monotonic() - BEGAN > within:
        pytest.skip(LEFT)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    if left := sum(report.longrepr[2].endswith(LEFT) for report in skipped):
        terminalreporter.write_line(f"{left} TESTS WERE {LEFT.upper()}.")


# Effective on, new sites, ends of label since the wave before: after 53 sites, 90 labels in all.
LATER_WAVES = (
    (date(2021, 1, 15), 6, 0),
    (date(2021, 4, 1), 9, 1),
    (date(2021, 7, 1), 4, 0),
    (date(2021, 10, 1), 1, 2),
    (date(2022, 1, 1), 5, 0),
    (date(2022, 4, 20), 4, 0),
    (date(2022, 7, 1), 3, 1),
    (date(2022, 11, 15), 3, 0),
    (date(2023, 12, 8), 1, 3),
    (date(2024, 5, 23), 1, 0),
)


@pytest.fixture
def network(db: None) -> None:
    """The base as a first start leaves it: the network of October 2020."""
    load_network()


@pytest.fixture
def grown_network(network: None) -> None:
    """That network as the State's lists had grown it by 2024: some labels ended."""
    departments = list(Department.objects.order_by("pk"))
    associations = [None, *Association.objects.order_by("pk")]
    formats = ["", *SiteFormat.values]
    made = 0
    for number, (effective_on, new, ended) in enumerate(LATER_WAVES, start=4):
        for site in Site.objects.not_withdrawn_by(effective_on).order_by("pk")[:ended]:
            site.withdrawn_on = effective_on
            site.withdrawal_reason = WithdrawalReason.CLOSED
            site.save()
        wave = LabellingWave.objects.create(name=f"Vague {number}", effective_on=effective_on)
        for _ in range(new):
            factories.SiteFactory(
                name=f"PIMMS né en {made}",
                wave=wave,
                department=departments[made * 7 % len(departments)],
                association=associations[made % len(associations)],
                format=formats[made % len(formats)],
                in_priority_district=(None, True, False)[made % 3],
            )
            made += 1
    factories.SiteFactory(name="PIMMS candidat")


@pytest.fixture(scope="class")
def base_of_the_class(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """What fixtures of a class write, once: each of its tests asks for `db`, which takes back
    what the test writes itself."""
    # Where no test asks for a base, none is made: the developer's own would be emptied.
    assert connection.settings_dict["NAME"] != OWN_BASE
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

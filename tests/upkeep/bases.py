"""Bases to back up, and empty ones to restore into."""

import io
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection

from labelling.models import JournalEntry

ROOT = Path(__file__).parents[2]

is_server = connection.vendor == "postgresql"


def run(command: str, *arguments: str | Path, **options) -> str:
    """Run a command and return what it prints."""
    output = io.StringIO()
    call_command(command, *map(str, arguments), stdout=output, **options)
    return output.getvalue()


@contextmanager
def empty_base(folder: Path) -> Iterator[dict[str, str]]:
    """How one connects to a base without a table."""
    if not is_server:
        yield {"NAME": str(folder / "empty.sqlite3")}
        return
    name = f"upkeep_{secrets.token_hex(4)}"
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
    try:
        yield {"NAME": name}
    finally:
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def is_empty() -> bool:
    """Whether nothing is there: no file at all, or no table."""
    if is_server:
        return not connection.introspection.table_names()
    path = Path(connection.settings_dict["NAME"])
    return not [*path.parent.glob(f"{path.name}*"), *path.parent.glob(".*")]


def everything() -> dict[str, list]:
    """Every row of every model, but of sessions and what backups note."""
    rows = {
        model._meta.label: sorted(model._base_manager.values_list(), key=repr)
        for model in apps.get_models()
        if model is not Session
    }
    rows[JournalEntry._meta.label] = []
    return rows


def in_a_process(code: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run Python beside us, on the base that is led to."""
    database = f"sqlite:///{connection.settings_dict['NAME']}"
    if is_server:
        base, _, _ = os.environ["DATABASE_URL"].rpartition("/")
        database = f"{base}/{connection.settings_dict['NAME']}"
    settings = {"DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": database}
    return subprocess.run(
        [sys.executable, "-c", f"import django; django.setup()\n{code}", *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | settings,
        capture_output=True,
        text=True,
        check=False,
    )

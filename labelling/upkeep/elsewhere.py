"""Working for a while in another base than the application's: a copy, or one to try with."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.utils import load_backend


@contextmanager
def leading_to(database: dict[str, Any]) -> Iterator[None]:
    """Let everything that asks for the base, migrations included, be led to another one.

    Not by an alias of its own: migrations that landed, and what follows them, know one base only.
    """
    usual = connections[DEFAULT_DB_ALIAS]
    usual.close()
    told = connections.settings[DEFAULT_DB_ALIAS] | database
    other = load_backend(told["ENGINE"]).DatabaseWrapper(told, DEFAULT_DB_ALIAS)
    connections[DEFAULT_DB_ALIAS] = other
    ContentType.objects.clear_cache()
    try:
        yield
    finally:
        other.close()
        connections[DEFAULT_DB_ALIAS] = usual
        ContentType.objects.clear_cache()


def describe_file(path: Path) -> dict[str, Any]:
    """The settings of a base that is this SQLite file."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": {**settings.SQLITE_OPTIONS},
    }

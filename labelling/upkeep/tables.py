"""The tables of a base, read from one end to the other in a way that every kind of base shares."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeAlias

from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import connections, models
from django.db.migrations.recorder import MigrationRecorder
from django.db.models.functions import Cast

from labelling.models.record_sets import unguarded

Row: TypeAlias = tuple[Any, ...]


# How many rows are in memory at once; of those that hold a file of up to 5 MB, one.
_ROWS = 500
# Whoever was signed in signs in again; migrating notes itself what was applied.
_LEFT_OUT = {Session._meta.db_table, MigrationRecorder.Migration._meta.db_table}
# Whatever the order in which a base keeps the keys of a document.
_canonical = json.JSONEncoder(sort_keys=True).encode
# Documents that are written in one way.
SHORTEST = {None, "{}", "[]", "null"}


@dataclass(frozen=True)
class Table:
    """What was copied of a table."""

    model: type[models.Model]
    count: int
    digest: str
    last_key: int  # The last one that was given, even if its row is gone.


def list_models() -> list[type[models.Model]]:
    """Every model that has a table to copy."""
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and model._meta.db_table not in _LEFT_OUT
    ]


def list_unknown_tables(alias: str) -> list[str]:
    known = {model._meta.db_table for model in list_models()} | _LEFT_OUT
    with connections[alias].cursor() as cursor:
        return sorted({*connections[alias].introspection.table_names(cursor)} - known)


def read_table(
    alias: str, model: type[models.Model], take: Callable[[list[Row]], None] | None = None
) -> Table:
    """Read a table whole; each few rows of it are given to `take`."""
    fields = list_fields(model)
    documents = [place for place, f in enumerate(fields) if isinstance(f, models.JSONField)]
    size = 1 if any(isinstance(f, models.BinaryField) for f in fields) else _ROWS
    # A document as its text: what a field makes of it may know less than what is stored.
    shown = [
        Cast(f.attname, models.TextField()) if isinstance(f, models.JSONField) else f.attname
        for f in fields
    ]
    rows = unguarded(model).using(alias).order_by("pk").values_list(*shown).iterator(size)
    count, digest = 0, hashlib.sha256()
    while batch := list(islice(rows, size)):
        for row in batch:
            digest.update(repr(_normalise(row, documents)).encode())
        if take:
            take(batch)
        count += len(batch)
    return Table(model, count, digest.hexdigest(), read_last_key(alias, model))


def _normalise(row: Row, documents: list[int]) -> Row:
    """A row as both kinds of bases hold it: in a document the order of the keys is nobody's."""
    if not documents:
        return row
    values = [*row]
    for place in documents:
        if values[place] not in SHORTEST:
            values[place] = _canonical(json.loads(values[place]))
    return tuple(values)


def list_fields(model: type[models.Model]) -> list[Any]:
    return [f for f in model._meta.local_concrete_fields if not f.generated]


def read_last_key(alias: str, model: type[models.Model]) -> int:
    """The last key that a table gave by itself; 0 if none: the next one is above.

    Not the highest that is there: the key of a record that was deleted is still in its history.
    """
    if model._meta.auto_field is None:
        return 0
    connection, table, key = connections[alias], model._meta.db_table, model._meta.pk
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        else:
            cursor.execute(
                "SELECT pg_get_serial_sequence(%s, %s)",
                [connection.ops.quote_name(table), key.column],
            )
            (sequence,) = cursor.fetchone()
            cursor.execute(f"SELECT last_value FROM {sequence} WHERE is_called")  # noqa: S608
        given = cursor.fetchone()
    highest = unguarded(model).using(alias).aggregate(models.Max("pk"))["pk__max"]
    return max(given[0] if given else 0, highest or 0)


def write_last_key(alias: str, table: Table) -> None:
    options, connection = table.model._meta, connections[alias]
    if options.auto_field is None:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [options.db_table])
            cursor.execute(
                "INSERT INTO sqlite_sequence VALUES (%s, %s)", [options.db_table, table.last_key]
            )
        else:
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence(%s, %s), %s, %s)",
                [
                    connection.ops.quote_name(options.db_table),
                    options.pk.column,
                    max(table.last_key, 1),
                    table.last_key > 0,
                ],
            )

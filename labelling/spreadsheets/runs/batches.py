"""So much at a time: a long file fills no memory, and holds no lock for long."""

import ctypes
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from operator import attrgetter
from typing import Any, TypeVar

from django.db import connection, models, transaction

from labelling import memory
from labelling.models import ImportRow
from labelling.models.imports import ImportRowQuerySet
from labelling.models.rows import insert_rows

# Lines, or records.
BATCH = 1000

T = TypeVar("T")

# Both databases quote names alike.
_quote = '"{}"'.format
_TABLE = _quote(ImportRow._meta.db_table)


def read(lines: ImportRowQuerySet, by: str) -> Iterator[list[ImportRow]]:
    """The lines in the order of one column, which tells them apart."""
    lines = lines.order_by(by)
    batch = list(lines[:BATCH])
    while batch:
        yield batch
        batch = list(lines.filter(**{f"{by}__gt": getattr(batch[-1], by)})[:BATCH])


def pick(lines: ImportRowQuerySet, keys: Iterable[int]) -> Iterator[ImportRow]:
    """The lines of these keys, as they are when each batch is asked for."""
    for batch in split(keys):
        yield from lines.filter(pk__in=batch).order_by("number")


def split(source: Iterable[T]) -> Iterator[list[T]]:
    iterator = iter(source)
    while batch := list(islice(iterator, BATCH)):
        yield batch


@contextmanager
def returning_memory() -> Iterator[None]:
    """Give back to the system what a large file took: glibc keeps it, and the server would grow.

    Meanwhile cycles are not looked for.
    """
    try:
        with memory.uncollected():
            yield
    finally:
        with suppress(AttributeError, OSError):
            ctypes.CDLL(None).malloc_trim(0)


# `bulk_create` takes more time to write its SQL than the base to run it, and than a line to be
# judged.


def insert(rows: Iterable[ImportRow]) -> None:
    """Add lines. Their keys are not read back."""
    fields: list[Any] = [f for f in ImportRow._meta.concrete_fields if not f.primary_key]
    with transaction.atomic(savepoint=False):
        insert_rows(
            ImportRow._meta.db_table, [field.column for field in fields], _read_values(fields, rows)
        )


def update(rows: Iterable[ImportRow], names: Iterable[str]) -> None:
    """Write these fields of lines that the ledger has."""
    known = {field.name: field for field in ImportRow._meta.concrete_fields}
    fields, key = [known[name] for name in names], known["id"]
    settings = ", ".join(f"{_quote(field.column)} = %s" for field in fields)
    statement = f"UPDATE {_TABLE} SET {settings} WHERE {_quote(key.column)} = %s"  # noqa: S608
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.executemany(statement, _read_values([*fields, key], rows))


def note_records(rows: Sequence[ImportRow]) -> None:
    """Write of each line which record it speaks of, in one statement."""
    marks = ", ".join(["(%s, %s)"] * len(rows))
    statement = (
        f"WITH said (line, record) AS (VALUES {marks}) "  # noqa: S608
        f"UPDATE {_TABLE} SET record_id = record FROM said WHERE id = line"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [key for row in rows for key in (row.pk, row.record_id)])


def count_anew(written: int) -> None:
    """Have PostgreSQL count the lines again after a large file.

    It plans by its last count: by that of before, undoing would compare each line with all others.
    """
    if connection.vendor == "postgresql" and written > BATCH:
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {_TABLE}")


def _read_values(fields: Sequence[Any], rows: Iterable[ImportRow]) -> list[list[Any]]:
    """The values of these fields of each line, as the base takes them."""
    readers = [_make_reader(field) for field in fields]
    return [[read(row) for read in readers] for row in rows]


def _make_reader(field: Any) -> Callable[[ImportRow], Any]:
    """What gives the value of a field as the base takes it: as it is, but for JSON.

    Most lines have nothing there, which is prepared once.
    """
    read = attrgetter(field.attname)
    if not isinstance(field, models.JSONField):
        return read

    def prepare(value: Any) -> Any:
        return field.get_db_prep_save(value, connection)

    nothing = {kind: prepare(kind()) for kind in (list, dict)}

    def read_json(row: ImportRow) -> Any:
        value = read(row)
        return prepare(value) if value or type(value) not in nothing else nothing[type(value)]

    return read_json

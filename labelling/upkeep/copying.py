"""Moving to another database, SQLite or PostgreSQL: every row, or none [R30]."""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias

from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import (
    DatabaseError,
    DataError,
    IntegrityError,
    connection,
    connections,
    models,
    transaction,
)
from django.db.migrations.recorder import MigrationRecorder
from django.db.models.functions import Cast

from labelling import text
from labelling.models.record_sets import unguarded
from labelling.upkeep import checking
from labelling.upkeep.elsewhere import leading_to
from labelling.upkeep.opening import (
    SOURCE,
    make_target,
    open_folder,
    open_snapshot,
    refuse_source,
    refuse_used_file,
)
from labelling.upkeep.workspace import Refusal, Report, put_in_place

# How many rows are in memory at once; of those that hold a file of up to 5 MB, one.
_ROWS = 500
# What SQLite takes as it is; PostgreSQL takes everything.
_AS_THEY_ARE = (
    models.BooleanField,
    models.CharField,
    models.FloatField,
    models.ForeignKey,
    models.IntegerField,
    models.TextField,
)
# Whoever was signed in signs in again; migrating notes itself what was applied.
_LEFT_OUT = {Session._meta.db_table, MigrationRecorder.Migration._meta.db_table}
# Why a base takes no more, by the beginning of the code that it gives.
_CAUSES = {
    "42501": "la personne que nomme l’adresse n’a pas le droit d’y créer des tables (donnez-lui la "
    "base par « ALTER DATABASE … OWNER TO … »)",
    "53100": "il n’y a plus de place sur le disque de PostgreSQL",
    "SQLITE_FULL": "il n’y a plus de place sur le disque",
    "SQLITE_IOERR": "le disque ne répond pas comme il faut, ou est plein",
    "22001": "un texte y est trop long",
    "22003": "un nombre y est trop grand",
    "23": "elle enfreint une contrainte",
}

# Whatever the order in which a base keeps the keys of a document; and as Django writes one.
_canonical = json.JSONEncoder(sort_keys=True).encode
_stored = json.JSONEncoder().encode
# Documents that are written in one way.
_SHORTEST = {None, "{}", "[]", "null"}

Row: TypeAlias = tuple[Any, ...]


@dataclass(frozen=True)
class Table:
    """What was copied of a table."""

    model: type[models.Model]
    count: int
    digest: str
    last_key: int  # The last one that was given, even if its row is gone.


@dataclass(frozen=True)
class Copied:
    """What is in another base, where it was read again and found equal."""

    rows: int
    tables: int
    unknown: list[str]  # The tables of the first base that no model speaks of.
    is_outdated: bool  # Somebody wrote in the first base meanwhile.


def copy_base(target: dict[str, Any], report: Report) -> Copied:
    """Copy the base of the application, as it is at one moment, into an empty one.

    Raise Refusal, and leave that one empty, for whatever keeps them from being equal.
    """
    refuse_source(target)
    with open_folder(target) as workspace, _explained():
        there = make_target(target, workspace)
        report("lecture de la base")
        with open_snapshot(workspace):
            if faults := checking.find_faults(SOURCE):
                raise Refusal("La base d’ici n’est pas saine, rien n’a été copié : " + faults[0])
            unknown = _list_unknown_tables()
            with leading_to(there):
                tables = _fill(report)
        if there is not target:
            path = Path(target["NAME"])
            refuse_used_file(path)
            path.unlink(missing_ok=True)
            put_in_place(Path(there["NAME"]), path)
    is_outdated = any(_read_last_key(connection.alias, t.model) > t.last_key for t in tables)
    return Copied(sum(t.count for t in tables), len(tables), unknown, is_outdated)


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except DatabaseError as error:
        raise Refusal(
            f"La copie s’est arrêtée, et la base d’arrivée est restée vide : {_word_cause(error)}."
        ) from error


def _word_cause(error: DatabaseError) -> str:
    code = getattr(error.__cause__, "sqlstate", "") or ""
    code = code or getattr(error.__cause__, "sqlite_errorname", "")
    told = (cause for start, cause in _CAUSES.items() if code.startswith(start))
    # Its first line does not quote what a row holds.
    return next(told, str(error).partition("\n")[0])


def _list_models() -> list[type[models.Model]]:
    """Every model that has a table to copy."""
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and model._meta.db_table not in _LEFT_OUT
    ]


def _list_unknown_tables() -> list[str]:
    known = {model._meta.db_table for model in _list_models()} | _LEFT_OUT
    with connections[SOURCE].cursor() as cursor:
        return sorted({*connections[SOURCE].introspection.table_names(cursor)} - known)


def _fill(report: Report) -> list[Table]:
    """Make the tables of the base that one is led to, copy every row, and read it all again."""
    # SQLite makes no table otherwise; the check at the end finds what points nowhere.
    connection.disable_constraint_checking()
    with transaction.atomic():
        report("création des tables")
        call_command("migrate", interactive=False, verbosity=0)
        tables = [*_copy_tables(report)]
        for table in tables:
            name = table.model._meta.db_table
            report(f"relecture de {name}")
            if table != _read_table(connection.alias, table.model):
                raise Refusal(
                    f"La table {name} n’est pas la même dans les deux bases : la copie est "
                    "abandonnée, et la base d’arrivée est restée vide."
                )
        report("contrôle de la copie")
        if faults := checking.find_faults(connection.alias):
            raise Refusal("La copie n’est pas saine, elle est abandonnée : " + faults[0])
        return tables


def _copy_tables(report: Report) -> Iterator[Table]:
    copied = _list_models()
    with connection.cursor() as cursor:
        for model in copied:
            # What migrating put there: the copy brings its own.
            cursor.execute(f"DELETE FROM {_quote(model._meta.db_table)}")  # noqa: S608
    total = text.number(sum(unguarded(model).using(SOURCE).count() for model in copied))
    done = 0
    for model in copied:
        write = _make_writer(model)

        def take(rows: list[Row], write: Callable[[list[Row]], None] = write) -> None:
            nonlocal done
            write(rows)
            done += len(rows)
            report(f"{text.number(done)} lignes copiées sur {total}")

        table = _read_table(SOURCE, model, take)
        _write_last_key(table)
        yield table


def _read_table(
    alias: str, model: type[models.Model], take: Callable[[list[Row]], None] | None = None
) -> Table:
    """Read a table whole; each few rows of it are given to `take`."""
    fields = _list_fields(model)
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
    return Table(model, count, digest.hexdigest(), _read_last_key(alias, model))


def _normalise(row: Row, documents: list[int]) -> Row:
    """A row as both kinds of bases hold it: in a document the order of the keys is nobody's."""
    if not documents:
        return row
    values = [*row]
    for place in documents:
        if values[place] not in _SHORTEST:
            values[place] = _canonical(json.loads(values[place]))
    return tuple(values)


def _make_writer(model: type[models.Model]) -> Callable[[list[Row]], None]:
    """What inserts rows of a model as they are: nothing is computed, noted or guarded."""
    fields = _list_fields(model)
    table, columns = _quote(model._meta.db_table), ", ".join(_quote(f.column) for f in fields)
    places = ", ".join(["%s"] * len(fields))
    insert = f"INSERT INTO {table} ({columns}) VALUES ({places})"  # noqa: S608
    into = f"COPY {table} ({columns}) FROM STDIN"
    adapt = _make_adapter(fields)

    def write(rows: list[Row]) -> None:
        adapted = [*map(adapt, rows)]
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                if connection.vendor == "sqlite":
                    cursor.executemany(insert, adapted)
                else:
                    with cursor.copy(into) as copying:
                        for row in adapted:
                            copying.write_row(row)
        except (DataError, IntegrityError) as error:
            raise Refusal(_word_refused_row(model, insert, adapted)) from error

    return write


def _make_adapter(fields: list[Any]) -> Callable[[Row], Row]:
    """What gives a row the values that the base one is led to stores."""
    if connection.vendor != "sqlite":
        return lambda row: row
    adapted = [(i, f) for i, f in enumerate(fields) if not isinstance(f, _AS_THEY_ARE)]

    def adapt(row: Row) -> Row:
        values = [*row]
        for place, f in adapted:
            value = values[place]
            if isinstance(f, models.JSONField):
                # SQLite's functions read a document as Django writes it, not as PostgreSQL does.
                values[place] = value if value in _SHORTEST else _stored(json.loads(value))
            else:
                values[place] = f.get_db_prep_save(value, connection)
        return tuple(values)

    return adapt


def _word_refused_row(model: type[models.Model], insert: str, rows: list[Row]) -> str:
    """Which of the rows the base does not take, and why."""
    place = [f.primary_key for f in _list_fields(model)].index(True)
    for row in rows:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(insert, row)
        except (DataError, IntegrityError) as error:
            return (
                f"La base d’arrivée refuse la ligne n° {row[place]} de la table "
                f"{model._meta.db_table} : {_word_cause(error)}. Corrigez cette ligne ici, puis "
                "relancez ; la base d’arrivée est restée vide."
            )
    raise AssertionError("refused together, taken one by one")


def _list_fields(model: type[models.Model]) -> list[Any]:
    return [f for f in model._meta.local_concrete_fields if not f.generated]


def _quote(name: str) -> str:
    return connection.ops.quote_name(name)


def _read_last_key(alias: str, model: type[models.Model]) -> int:
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
            cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [_quote(table), key.column])
            (sequence,) = cursor.fetchone()
            cursor.execute(f"SELECT last_value FROM {sequence} WHERE is_called")  # noqa: S608
        given = cursor.fetchone()
    highest = unguarded(model).using(alias).aggregate(models.Max("pk"))["pk__max"]
    return max(given[0] if given else 0, highest or 0)


def _write_last_key(table: Table) -> None:
    options = table.model._meta
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
                    _quote(options.db_table),
                    options.pk.column,
                    max(table.last_key, 1),
                    table.last_key > 0,
                ],
            )

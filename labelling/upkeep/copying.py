"""Moving to another database, SQLite or PostgreSQL: every row, or none [R30]."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import (
    DatabaseError,
    DataError,
    IntegrityError,
    connection,
    models,
    transaction,
)
from django.db.migrations.executor import MigrationExecutor

from labelling import text
from labelling.models.record_sets import unguarded
from labelling.models.rows import insert_rows
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
from labelling.upkeep.tables import (
    SHORTEST,
    Row,
    Table,
    list_fields,
    list_models,
    list_unknown_tables,
    read_last_key,
    read_table,
    write_last_key,
)
from labelling.upkeep.workspace import Refusal, Report, find_cause, put_in_place

# What SQLite takes as it is; PostgreSQL takes everything.
_AS_THEY_ARE = (
    models.BooleanField,
    models.CharField,
    models.FloatField,
    models.ForeignKey,
    models.IntegerField,
    models.TextField,
)
# As Django writes a document.
_stored = json.JSONEncoder().encode
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


@dataclass(frozen=True)
class Copied:
    """What is in another base, where it was read again and found equal."""

    rows: int
    tables: int
    unknown: list[str]  # The tables of the first base that no model speaks of.
    is_outdated: bool  # Somebody wrote in the first base meanwhile.
    alterations: list[str]  # What is no longer as it was validated or sent, in both bases.


def copy_base(target: dict[str, Any], report: Report, *, with_faults: bool = False) -> Copied:
    """Copy the base of the application, as it is at one moment, into an empty one.

    `with_faults` copies too what was altered since it was validated or sent.
    Raise Refusal, and leave that one empty, for whatever keeps them from being equal.
    """
    refuse_source(target)
    with open_folder(target) as workspace, _explained():
        there = make_target(target, workspace)
        report("lecture de la base")
        before = _read_last_keys()
        with open_snapshot(workspace):
            alterations = _list_alterations(with_faults)
            unknown = list_unknown_tables(SOURCE)
            with leading_to(there):
                tables = _fill(report, alterations)
        if there is not target:
            path = Path(target["NAME"])
            refuse_used_file(path)
            path.unlink(missing_ok=True)
            put_in_place(Path(there["NAME"]), path)
        # Each change adds at least its entry to a history or to the journal.
        is_outdated = before != _read_last_keys()
    rows = sum(table.count for table in tables)
    return Copied(rows, len(tables), unknown, is_outdated, alterations)


def _list_alterations(with_faults: bool) -> list[str]:
    """What was altered in the base that is read; Refusal if it is damaged, or that is too much."""
    if damage := checking.find_damage(SOURCE):
        raise Refusal("La base d’ici n’est pas saine, rien n’a été copié : " + damage[0])
    alterations = list(checking.find_alterations(SOURCE))
    if alterations and not with_faults:
        raise Refusal(
            f"La base d’ici n’est pas saine, rien n’a été copié : {' '.join(alterations)} Pour la "
            "copier telle qu’elle est, ajoutez --with-faults."
        )
    return alterations


def _read_last_keys() -> list[int]:
    return [read_last_key(connection.alias, model) for model in list_models()]


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except DatabaseError as error:
        raise Refusal(
            f"La copie s’est arrêtée, et la base d’arrivée est restée vide : {_word_cause(error)}."
        ) from error


def _word_cause(error: DatabaseError) -> str:
    # Its first line does not quote what a row holds.
    return find_cause(error, _CAUSES) or str(error).partition("\n")[0]


def _fill(report: Report, alterations: list[str]) -> list[Table]:
    """Make the tables of the base that one is led to, copy every row, and read it all again."""
    # SQLite makes no table otherwise; the check at the end finds what points nowhere.
    connection.disable_constraint_checking()
    with transaction.atomic():
        report("création des tables")
        _make_tables()
        tables = [*_copy_tables(report)]
        for table in tables:
            name = table.model._meta.db_table
            report(f"relecture de {name}")
            if table != read_table(connection.alias, table.model):
                raise Refusal(
                    f"La table {name} n’est pas la même dans les deux bases : la copie est "
                    "abandonnée, et la base d’arrivée est restée vide."
                )
        report("contrôle de la copie")
        faults = checking.find_faults(connection.alias)
        if sorted(faults) != sorted(alterations):
            raise Refusal("La copie n’est pas saine, elle est abandonnée : " + " ".join(faults))
        return tables


def _make_tables() -> None:
    """Make the tables as all migrations leave them, at once, and note these as applied.

    One after the other they take longer than the rows to copy, which bring what they put there.
    """
    executor = MigrationExecutor(connection)
    with connection.schema_editor() as editor:
        for model in executor.loader.project_state().apps.get_models():
            if model._meta.managed and not model._meta.proxy:
                editor.create_model(model)
    executor.migrate(executor.loader.graph.leaf_nodes(), fake=True)


def _copy_tables(report: Report) -> Iterator[Table]:
    copied = list_models()
    total = text.number(sum(unguarded(model).using(SOURCE).count() for model in copied))
    done = 0
    for model in copied:
        write = _make_writer(model)

        def take(rows: list[Row], write: Callable[[list[Row]], None] = write) -> None:
            nonlocal done
            write(rows)
            done += len(rows)
            report(f"{text.number(done)} lignes copiées sur {total}")

        table = read_table(SOURCE, model, take)
        write_last_key(connection.alias, table)
        yield table


def _make_writer(model: type[models.Model]) -> Callable[[list[Row]], None]:
    """What inserts rows of a model as they are."""
    fields = list_fields(model)
    table, columns = model._meta.db_table, [f.column for f in fields]
    adapt = _make_adapter(fields)

    def write(rows: list[Row]) -> None:
        adapted = [*map(adapt, rows)]
        try:
            with transaction.atomic():
                insert_rows(table, columns, adapted)
        except (DataError, IntegrityError) as error:
            raise Refusal(_word_refused_row(model, columns, adapted)) from error

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
                values[place] = value if value in SHORTEST else _stored(json.loads(value))
            else:
                values[place] = f.get_db_prep_save(value, connection)
        return tuple(values)

    return adapt


def _word_refused_row(model: type[models.Model], columns: list[str], rows: list[Row]) -> str:
    """Which of the rows the base does not take, and why."""
    place = [f.primary_key for f in list_fields(model)].index(True)
    for row in rows:
        try:
            with transaction.atomic():
                insert_rows(model._meta.db_table, columns, [row])
        except (DataError, IntegrityError) as error:
            return (
                f"La base d’arrivée refuse la ligne n° {row[place]} de la table "
                f"{model._meta.db_table} : {_word_cause(error)}. Corrigez cette ligne ici, puis "
                "relancez ; la base d’arrivée est restée vide."
            )
    raise AssertionError("refused together, taken one by one")

"""Whether a base can be brought up to date: it is there, whole, ours, and open to writing.

And by this version: it can if its migrations made the tables.
"""

from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader

from labelling import text

_APP = "labelling"


def find_obstacle(connection: BaseDatabaseWrapper) -> str:
    """Why the base cannot be brought up to date and what to do; empty if it can.

    What the database itself refuses to do is raised. Nothing is modified.
    """
    # A file that was lost or emptied first: whoever connects finds a new base there.
    if lost := _find_loss(connection) or _find_damage(connection):
        return lost
    _try_to_write(connection)
    loader = MigrationLoader(connection)
    applied = [key for key in loader.applied_migrations or () if key[0] == _APP]
    base = f"La base {connection.settings_dict['NAME']}"
    if strange := [] if applied else _list_strange_tables(connection):
        return f"{base} " + text.typeset(
            f"est celle d’une autre application : elle a des tables ({text.enumeration(strange)}) "
            "que celle-ci n’a pas faites ; nommez une base neuve dans DATABASE_URL ; rien n’a été "
            "modifié."
        )
    if unknown := sorted(
        name for app, name in applied if (app, name) not in loader.disk_migrations
    ):
        return f"{base} " + text.typeset(
            "a été mise à jour par une version plus récente que celle-ci, qui ne connaît pas "
            f"{text.enumeration(unknown)} : lancez « make start » avec la version plus récente ; "
            "rien n’a été modifié."
        )
    if not all(_is_as_made(model, connection) for model in _list_models_after(loader, applied)):
        is_file = connection.vendor == "sqlite"
        make_room = "renommez ce fichier" if is_file else "nommez une base neuve dans DATABASE_URL"
        return f"{base} " + text.typeset(
            "a été faite par une version trop ancienne pour que celle-ci la mette à jour : "
            "relancez la version qui l’a faite et téléchargez-y vos listes, puis "
            f"{make_room}, relancez « make start » ici et importez ces listes ; rien n’a été "
            "modifié."
        )
    return ""


def _list_models_after(loader: MigrationLoader, applied: list[tuple[str, str]]) -> list[Any]:
    """Our models as they are after these migrations."""
    if not applied:
        return []
    return [*loader.project_state(applied).apps.get_app_config(_APP).get_models()]


def _is_as_made(model: Any, connection: BaseDatabaseWrapper) -> bool:
    """Whether the table of a model has its columns, no other, and its named constraints.

    Until version 0.1.0 migrations were edited after bases had applied them.
    """
    introspection, table = connection.introspection, model._meta.db_table
    with connection.cursor() as cursor:
        if table not in introspection.table_names(cursor):
            return False
        columns = {c.name: c.null_ok for c in introspection.get_table_description(cursor, table)}
        constraints = introspection.get_constraints(cursor, table)
    fields = {field.column: field.null for field in model._meta.local_concrete_fields}
    named = {item.name for item in (*model._meta.constraints, *model._meta.indexes)}
    return columns == fields and named <= constraints.keys()


def _find_loss(connection: Any) -> str:
    """What says that a base was in an empty place; a first day leaves no trace [R31]."""
    name = connection.settings_dict["NAME"]
    if connection.vendor != "sqlite" or connection.is_in_memory_db():
        return ""
    path, journal = Path(name), Path(f"{name}-journal")
    if path.is_file() and not path.stat().st_size:
        return f"Le fichier {path} " + text.typeset(
            "est vide, alors qu’une base y était : supprimez-le, puis restaurez une sauvegarde "
            "(manage.py restore_backup), ou relancez « make start » pour repartir de rien."
        )
    if not path.exists() and journal.exists():
        return f"Le fichier {path} " + text.typeset(
            f"manque, alors que son journal {journal} est là : remettez-le à côté, ou supprimez ce "
            "journal, puis restaurez une sauvegarde (manage.py restore_backup), ou relancez "
            "« make start » pour repartir de rien."
        )
    return ""


def _find_damage(connection: BaseDatabaseWrapper) -> str:
    """What is broken in the file of SQLite, as far as a look at each page tells."""
    if connection.vendor != "sqlite":
        return ""
    with connection.cursor() as cursor:
        # Its pages, not what the records say: that would take seconds where there are many.
        cursor.execute("PRAGMA ignore_check_constraints = ON")
        cursor.execute("PRAGMA quick_check(1)")
        ((found,),) = cursor.fetchall()
        cursor.execute("PRAGMA ignore_check_constraints = OFF")
    if found == "ok":
        return ""
    return f"La base {connection.settings_dict['NAME']} " + text.typeset(
        "est endommagée : mettez ce fichier de côté, puis restaurez une sauvegarde "
        "(manage.py restore_backup) ; rien n’a été modifié."
    )


def _try_to_write(connection: BaseDatabaseWrapper) -> None:
    """Raise what the database says where it, or the folder of its file, lets nobody write."""
    with transaction.atomic(connection.alias), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE labelling_writable (id integer)")
        transaction.set_rollback(True, connection.alias)


def _list_strange_tables(connection: BaseDatabaseWrapper) -> list[str]:
    """Some tables that a first start, even one that was interrupted, does not make."""
    introspection = connection.introspection
    ours = {*introspection.django_table_names(include_views=False), "django_migrations"}
    return sorted({*introspection.table_names()} - ours)[:3]

"""Whether this version can bring a base up to date: it can if its migrations made its tables."""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader

from labelling import text

_APP = "labelling"


def find_obstacle(connection: BaseDatabaseWrapper) -> str:
    """Why the base cannot be brought up to date and what to do; empty if it can."""
    loader = MigrationLoader(connection)
    applied = [key for key in loader.applied_migrations or () if key[0] == _APP]
    base = f"La base {connection.settings_dict['NAME']}"
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

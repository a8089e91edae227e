"""Which role holds which permission. The roles exist after migrating; an existing one is kept.

A version that adds a right to ROLES gives it to the roles of existing bases by a migration, with
`granting`.
"""

from collections.abc import Iterable
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import RunPython

READER = "consultation"
EDITOR = "rédaction"
MANAGER = "responsable"

# What each role may do, as « action model ». A role includes the ones before it.
_READS = {
    "view": ("region", "department", "association", "labellingwave", "site", "pressrelease"),
    "export": ("site",),
}
_WRITES = {
    "view": ("presscontact", "letterhead"),
    "add": ("association", "labellingwave", "site", "presscontact", "pressrelease"),
    "change": ("association", "labellingwave", "site", "presscontact", "pressrelease"),
    "import": ("site",),
}
_MANAGES = {
    "add": ("region", "department", "user", "letterhead"),
    "change": ("region", "department", "user", "letterhead"),
    "delete": (
        "region",
        "department",
        "association",
        "labellingwave",
        "site",
        "presscontact",
        "pressrelease",
    ),
    "view": ("user", "journalentry"),
    "validate": ("pressrelease",),
    "export": ("presscontact",),
}

ROLES: dict[str, tuple[dict[str, tuple[str, ...]], ...]] = {
    READER: (_READS,),
    EDITOR: (_READS, _WRITES),
    MANAGER: (_READS, _WRITES, _MANAGES),
}


def create_roles(**kwargs: Any) -> None:
    """Create the roles that are missing, with their permissions."""
    from django.apps import apps
    from django.contrib.auth.models import Group

    existing = set(Group.objects.values_list("name", flat=True))
    missing = [name for name in ROLES if name not in existing]
    if not missing:
        return
    permissions = _read_permissions(apps)
    for name in missing:
        role = Group.objects.create(name=name)
        role.permissions.set(permissions[right] for right in list_codenames(ROLES[name]))


def granting(rights: dict[str, tuple[str, ...]], *names: str) -> RunPython:
    """The operation of a migration that gives rights, as in ROLES, to the roles that exist.

    The migration says `roles.granting({"view": ("site",)}, "responsable")`, in words of its own:
    what ROLES says changes later. What else a role may do stays as a person left it. A role that
    does not exist is created whole once every migration has run. Taken back, the rights stay:
    nobody knows any more whether a person had given them.
    """

    def grant(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
        existing = [*apps.get_model("auth", "Group").objects.filter(name__in=names)]
        if not existing:
            return
        permissions = _read_permissions(apps)
        for role in existing:
            role.permissions.add(*(permissions[right] for right in list_codenames([rights])))

    return RunPython(grant, RunPython.noop)


def list_codenames(parts: Iterable[dict[str, tuple[str, ...]]]) -> list[str]:
    """The permissions of a role, as Django names them."""
    return [
        f"{action}_{model}"
        for rights in parts
        for action, models in rights.items()
        for model in models
    ]


def _read_permissions(apps: Any) -> dict[str, Any]:
    """Every permission of ours and of accounts, by its codename.

    `apps` is Django's registry, or that of a migration. The permissions are made after migrating,
    app after app: make them now if it is our turn.
    """
    from django.apps import apps as installed
    from django.contrib.auth.management import create_permissions

    labels = ("auth", "labelling")
    for label in labels:
        create_permissions(installed.get_app_config(label), verbosity=0, apps=apps)
    permissions = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label__in=labels
    )
    return {permission.codename: permission for permission in permissions}

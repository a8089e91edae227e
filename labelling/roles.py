"""Which role holds which permission. The roles exist after migrating; an existing one is kept."""

from typing import Any

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
    from django.contrib.auth.management import create_permissions
    from django.contrib.auth.models import Group, Permission

    missing = set(ROLES) - set(Group.objects.values_list("name", flat=True))
    if not missing:
        return
    # The permissions are made by the same signal, app after app: make them now if it is our turn.
    for label in ("auth", "labelling"):
        create_permissions(apps.get_app_config(label), verbosity=0)
    permissions = {
        p.codename: p
        for p in Permission.objects.filter(content_type__app_label__in=("auth", "labelling"))
    }
    for name in missing:
        role = Group.objects.create(name=name)
        role.permissions.set(
            permissions[f"{action}_{model}"]
            for rights in ROLES[name]
            for action, models in rights.items()
            for model in models
        )

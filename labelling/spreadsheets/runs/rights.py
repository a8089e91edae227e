"""Who may import what, kind of change by kind of change; and what to say to whoever may not."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.utils import timezone

from labelling import text
from labelling.choices import ImportStatus
from labelling.models import ImportRun, base
from labelling.spreadsheets.resources import RESOURCES, SheetResource

IMPORT = "labelling.import_site"


class ImportRefused(Exception):
    """What was asked of an import cannot be done; the message says why, in French."""


class NoRight(ImportRefused):
    """The person's access does not allow it."""


class AlreadyApplied(ImportRefused):
    """Somebody applied it before; nothing was done twice."""


def name_user(user: Any) -> str:
    """Who somebody is, for a sentence; nobody is the command line."""
    return base.name_user(user) or "la ligne de commande"


def name_user_first(user: Any) -> str:
    """Who somebody is, at the beginning of a sentence."""
    return name_user(user) if user else "La ligne de commande"


def name_permission(action: str, model_key: str) -> str:
    return f"labelling.{action}_{model_key}"


def may(user: User | None, action: str, model_key: str) -> bool:
    """Whether `user` may do it; the command line, whom nobody asks, may do everything."""
    return user is None or user.has_perm(name_permission(action, model_key))


def may_prepare(user: User | None, model_key: str) -> bool:
    """Whether `user` may import records of this kind at all."""
    resource = RESOURCES.get(model_key)
    if resource is None or not resource.is_imported:
        return False
    if user is None:
        return True
    writes = may(user, "add", model_key) or may(user, "change", model_key)
    return user.is_active and user.has_perm(IMPORT) and writes


def may_undo(user: User | None, run: ImportRun) -> bool:
    """Whether `user` may take back all that `run`, which is applied, wrote.

    Without the right to delete what it added, they may take back nothing of it.
    """
    return (
        may(user, "change", run.model_key)
        and (not run.created_count or may(user, "delete", run.model_key))
        and (not run.new_waves or may(user, "delete", "labellingwave"))
    )


def may_download(user: User | AnonymousUser, resource: type[SheetResource]) -> bool:
    """Whether `user` may download these records: who may see them, unless they ask for more.

    Sites and persons have a right of their own, beside that of seeing them.
    """
    options = resource._meta.model._meta
    needed = {f"view_{options.model_name}"}
    needed |= {f"export_{options.model_name}"} & dict(options.permissions).keys()
    return user.has_perms([f"{options.app_label}.{name}" for name in needed])


def may_have_file(user: User, run: ImportRun) -> bool:
    """Whether `user` may take away what was imported, or lines of it [S21].

    It is their own, or such records are theirs to download anyway.
    """
    return run.author_id == user.pk or may_download(user, RESOURCES[run.model_key])


def check_may_prepare(user: User | None, model_key: str) -> None:
    if not may_prepare(user, model_key):
        raise NoRight(
            "Votre accès ne permet pas d’importer ces fiches. Demandez-le à un responsable de "
            "l’Union."
        )


def check_is_preparing(run: ImportRun) -> None:
    """Refuse what was applied already."""
    if run.status != ImportStatus.PREPARING:
        raise make_refusal(run)


def check_may_edit(user: User | None, run: ImportRun) -> None:
    """Refuse whoever did not prepare it, and what is no longer in preparation."""
    check_may_prepare(user, run.model_key)
    check_is_preparing(run)
    if (user.pk if user else None) != run.author_id:
        who = name_user_first(run.author)
        raise NoRight(f"{who} prépare cet import. Reprenez-le d’abord à votre nom.")


def make_refusal(run: ImportRun) -> ImportRefused:
    """What to say to whoever comes after."""
    if run.status == ImportStatus.UNDONE:
        return ImportRefused(
            f"Cet import a été annulé par {name_user(run.undone_by)}, "
            f"{format_moment(run.undone_at)}. Déposez le fichier à nouveau pour le reprendre."
        )
    return AlreadyApplied(
        f"Cet import a déjà été appliqué par {name_user(run.applied_by)}, "
        f"{format_moment(run.applied_at)}. Rien n’a été fait deux fois."
    )


def format_moment(at: datetime | None) -> str:
    """Return « aujourd’hui à 9 h 05 » or « le 14 octobre 2020 à 9 h 05 »."""
    local = timezone.localtime(at)
    day = "aujourd’hui" if local.date() == timezone.localdate() else f"le {text.long_date(local)}"
    return f"{day} à {text.clock_time(local.hour, local.minute)}"

"""Restoring a backup into an empty base, checked whole before anybody works in it [R20]."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader

from labelling import upgrading
from labelling.upkeep import checking
from labelling.upkeep.archive import ENGINES, Backup, Manifest, open_backup, word_newer
from labelling.upkeep.elsewhere import describe_file, leading_to
from labelling.upkeep.postgresql import drop_tables, is_marked, list_tables, load, marked
from labelling.upkeep.saving import is_up_to_date
from labelling.upkeep.workspace import (
    Refusal,
    Report,
    explain_base,
    find_used_file,
    make_file,
    open_workspace,
    put_in_place,
)

# What keeps two restores out of one PostgreSQL base.
_LOCK = 0x70696D6D73


@dataclass(frozen=True)
class Restored:
    """What a base holds that was restored and checked."""

    manifest: Manifest
    is_upgraded: bool  # Its migrations were of an earlier version.
    sessions: int  # How many were open in it, and are closed.
    alterations: list[str]  # What is no longer as it was validated or sent.


def restore(path: Path, report: Report, *, with_faults: bool = False) -> Restored:
    """Restore a backup into the base of the application, which must be empty.

    `with_faults` takes one in which something validated or sent was altered, never a damaged one.
    """
    with open_backup(path) as backup:
        refuse_newer(backup)
        _refuse_other_engine(backup)
        do = {"sqlite": _restore_file, "postgresql": _restore_server}[connection.vendor]
        return do(backup, report, with_faults)


def _restore_file(backup: Backup, report: Report, with_faults: bool) -> Restored:
    # A link to it stays, and leads to what is restored.
    target = Path(os.path.realpath(connection.settings_dict["NAME"]))
    with open_workspace(target.parent) as workspace, explain_base(target.parent):
        _refuse_used_file(target)
        with unpacked(backup, workspace, report) as file:
            restored = settle(backup, report, with_faults=with_faults)
        connection.close()
        _refuse_used_file(target)
        target.unlink(missing_ok=True)
        put_in_place(file, target)
    return restored


def _restore_server(backup: Backup, report: Report, with_faults: bool) -> Restored:
    with explain_base(), _alone():
        _refuse_used_server()
        with marked(connection):
            # All of it or nothing: what comes after has tables to drop, and they are all its own.
            load_dump(backup, report)
            try:
                return settle(backup, report, with_faults=with_faults)
            except BaseException:
                drop_tables(connection)
                raise


def _refuse_used_server() -> None:
    if not list_tables(connection):
        return
    name = connection.settings_dict["NAME"]
    if is_marked(connection):
        raise Refusal(
            f"La base {name} vient d’une restauration qui a été interrompue avant d’être "
            f"contrôlée : ne vous en servez pas. Supprimez-la (« dropdb {name} »), créez-en une "
            "vide (« createdb »), puis relancez ; rien n’a été modifié."
        )
    raise Refusal(
        f"La base {name} n’est pas vide : une sauvegarde ne se restaure que dans une base vide. "
        "Créez-en une (« createdb »), nommez-la dans DATABASE_URL, puis relancez ; rien n’a été "
        "modifié."
    )


@contextmanager
def _alone() -> Iterator[None]:
    """Keep a second restore out of the base."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        if cursor.fetchone() != (True,):
            raise Refusal(
                "Une autre restauration est en cours dans cette base : attendez qu’elle finisse."
            )
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


@contextmanager
def unpacked(backup: Backup, folder: Path, report: Report) -> Iterator[Path]:
    """The SQLite file of a backup, whole and in a private folder, in which one works meanwhile."""
    file = make_file(folder / "base.sqlite3")
    with file.open("wb") as target:
        for chunk in backup.read_base(report):
            target.write(chunk)
    with leading_to(describe_file(file)):
        yield file


def load_dump(backup: Backup, report: Report) -> None:
    """Load the dump of a backup into the empty PostgreSQL base that one is led to."""
    # All of it first: pg_restore may be done before it has read the end.
    for _ in backup.read_base(report):
        pass
    load(connection, backup.read_base(report))


def settle(backup: Backup, report: Report, *, with_faults: bool = False) -> Restored:
    """Check the base that holds what was restored, bring it up to date, and close its sessions."""
    report("contrôle de la base")
    refusal = Refusal(
        f"La base que contient la sauvegarde {backup.path} n’est pas celle qu’elle annonce, ou "
        "elle est abîmée : rien n’a été modifié. Prenez une autre sauvegarde."
    )
    try:
        if checking.count_rows(connection.alias) != backup.manifest.counts:
            raise refusal
        if upgrading.find_obstacle(connection):
            raise Refusal(
                f"La sauvegarde {backup.path} vient d’une version trop ancienne pour que celle-ci "
                "la restaure : restaurez-la avec la version qui l’a faite et téléchargez-y vos "
                "listes, puis importez-les ici ; rien n’a été modifié."
            )
        is_upgraded = not is_up_to_date()
        if is_upgraded:
            call_command("migrate", interactive=False, verbosity=0)
        if damage := checking.find_damage(connection.alias):
            told = " ".join(damage)
            raise Refusal(f"Cette sauvegarde n’est pas restaurée, rien n’a été modifié : {told}")
        alterations = list(checking.find_alterations(connection.alias))
        if alterations and not with_faults:
            raise Refusal(
                "Cette sauvegarde n’est pas restaurée, rien n’a été modifié : "
                f"{' '.join(alterations)} Prenez-en une autre, ou restaurez-la telle qu’elle est "
                "par « manage.py restore_backup FICHIER --with-faults »."
            )
        sessions, _ = Session.objects.all().delete()
    except DatabaseError as error:
        raise refusal from error
    return Restored(backup.manifest, is_upgraded, sessions, alterations)


def refuse_newer(backup: Backup) -> None:
    """Raise Refusal for what a newer version has saved."""
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    ours = [name for name in backup.manifest.migrations if name.startswith("labelling.")]
    if unknown := [name for name in ours if name not in known]:
        raise Refusal(word_newer(backup.path, unknown[0].partition(".")[2]))


def _refuse_other_engine(backup: Backup) -> None:
    made_from, here = ENGINES[backup.manifest.engine], ENGINES[connection.vendor]
    if made_from != here:
        raise Refusal(
            f"La sauvegarde {backup.path} a été faite depuis {made_from}, et la base d’ici est "
            f"{here} : restaurez-la dans une base {made_from} vide, nommée dans DATABASE_URL, puis "
            "passez de l’une à l’autre par « manage.py copy_database » ; rien n’a été modifié."
        )


def _refuse_used_file(target: Path) -> None:
    """Raise Refusal if a SQLite file holds anything, or has beside it what would spoil it."""
    used = find_used_file(target)
    if used == target:
        raise Refusal(
            f"La base {target} n’est pas vide : une sauvegarde ne se restaure que dans une base "
            "vide. Arrêtez l’application, renommez ce fichier, puis relancez ; rien n’a été "
            "modifié."
        )
    if used:
        raise Refusal(
            f"Le fichier {used} est resté d’une autre base, et abîmerait celle-ci : "
            "renommez-le, puis relancez ; rien n’a été modifié."
        )

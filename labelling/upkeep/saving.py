"""Making a backup: a copy of the base in use, as it is at one moment, read again [R20]."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from labelling.upkeep import checking
from labelling.upkeep.archive import Contents, Manifest, open_backup, write_backup
from labelling.upkeep.elsewhere import describe_file, leading_to
from labelling.upkeep.postgresql import dump
from labelling.upkeep.workspace import (
    CHUNK,
    Refusal,
    Report,
    explain_base,
    make_file,
    open_workspace,
    put_in_place,
    word_taken,
    write_through,
)


@dataclass(frozen=True)
class Saved:
    """A backup that is in its place."""

    path: Path
    size: int  # Of the file, in bytes.
    manifest: Manifest
    faults: list[str]  # What is wrong in the base itself.


def save(destination: Path, now: datetime, report: Report) -> Saved:
    """Make a backup, and put it in its place once it was read again; replace nothing."""
    if not _is_there():
        raise Refusal(
            f"La base {connection.settings_dict['NAME']} n’existe pas : vérifiez DATABASE_URL."
        )
    make = {"sqlite": _save_file, "postgresql": _save_server}[connection.vendor]
    with open_workspace(destination.parent) as workspace, explain_base(destination.parent):
        if destination.exists():
            raise Refusal(word_taken(destination))
        file = make_file(workspace / "backup.zip")
        manifest, faults = make(file, now, report)
        _read_again(file, destination.parent, report)
        put_in_place(file, destination)
        return Saved(destination, destination.stat().st_size, manifest, faults)


def copy(backup: Path, folder: Path, report: Report) -> Path:
    """Copy a backup into a second folder, and read it again there."""
    with open_workspace(folder) as workspace:
        file = make_file(workspace / "backup.zip")
        with backup.open("rb") as source, file.open("wb") as target:
            shutil.copyfileobj(source, target, CHUNK)
        _read_again(file, folder, report)
        put_in_place(file, folder / backup.name)
    return folder / backup.name


def _save_file(file: Path, now: datetime, report: Report) -> tuple[Manifest, list[str]]:
    """Copy a SQLite base at one moment, which keeps nobody from reading it."""
    base = make_file(file.parent / "base.sqlite3")
    report("copie de la base")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(base)])
    report("contrôle de la copie")
    with leading_to(describe_file(base)):
        contents, faults = _read_contents(), _find_faults()
    return write_backup(file, _read_file(base, report), contents, now), faults


def _save_server(file: Path, now: datetime, report: Report) -> tuple[Manifest, list[str]]:
    """Dump a PostgreSQL base, and count its rows, as one moment has them."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone()
        contents = _read_contents()
        dumped = _counted(dump(connection, snapshot), report)
        manifest = write_backup(file, dumped, contents, now)
        report("contrôle de la base")
        return manifest, _find_faults()


def _read_contents() -> Contents:
    counts = checking.count_rows(connection.alias)
    if MigrationRecorder.Migration._meta.db_table not in counts:
        raise Refusal("La base est vide : il n’y a rien à sauvegarder. Vérifiez DATABASE_URL.")
    applied = MigrationRecorder(connection).applied_migrations()
    migrations = sorted(f"{app}.{name}" for app, name in applied)
    return Contents(connection.vendor, migrations, counts)


def _find_faults() -> list[str]:
    """What is wrong in the base; of one that waits for its migrations, our models know nothing."""
    return checking.find_faults(connection.alias) if is_up_to_date() else []


def is_up_to_date() -> bool:
    """Whether every migration of this version was applied to the base."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def can_note() -> bool:
    """Whether the base is there, answers, and has its journal as this version knows it."""
    try:
        return _is_there() and is_up_to_date()
    except DatabaseError:
        return False


def _is_there() -> bool:
    """Whether the file of the base is there: to open it would make an empty one."""
    base: Any = connection
    if base.vendor != "sqlite" or base.is_in_memory_db():
        return True
    return Path(base.settings_dict["NAME"]).is_file()


def _read_file(base: Path, report: Report) -> Iterator[bytes]:
    with base.open("rb") as source:
        yield from _counted(iter(lambda: source.read(CHUNK), b""), report)


def _counted(chunks: Iterator[bytes], report: Report) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        report(f"{size // CHUNK}\u00a0Mo")
        yield chunk


def _read_again(file: Path, folder: Path, report: Report) -> None:
    """Read what was written as a restore would, from the disk."""
    report("relecture")
    write_through(file)
    try:
        with open_backup(file) as backup:
            for _ in backup.read_base(report):
                pass
    except Refusal as refusal:
        raise Refusal(
            f"Ce qui vient d’être écrit dans le dossier {folder} ne se relit pas : vérifiez le "
            "disque, ou choisissez un autre dossier. Aucune sauvegarde n’a été faite."
        ) from refusal

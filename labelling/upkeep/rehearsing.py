"""Rehearsing a restore: a backup, in a base that is there for nothing else [R20]."""

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

from django.db import DatabaseError, ProgrammingError, connection

from labelling.upkeep.archive import Backup, open_backup
from labelling.upkeep.elsewhere import leading_to
from labelling.upkeep.restoring import Restored, load_dump, refuse_newer, settle, unpacked
from labelling.upkeep.workspace import Refusal, Report, explain_base, explain_faults

_PREFIX = "pimms-rehearsal-"


def rehearse(path: Path, report: Report) -> Restored:
    """Restore a backup into a scratch base and check it there; nothing else is touched."""
    with open_backup(path) as backup:
        refuse_newer(backup)
        led = {"sqlite": _scratch_file, "postgresql": _scratch_server}[backup.manifest.engine]
        with led(backup, report):
            return settle(backup, report)


@contextmanager
def _scratch_file(backup: Backup, report: Report) -> Iterator[None]:
    with explain_faults(Path(os.environ.get("TMPDIR") or "/tmp")):  # noqa: S108  # As Python does.
        folder = Path(gettempdir())
    with (
        explain_faults(folder),
        _scratch_folder(folder) as made,
        explain_base(folder),
        unpacked(backup, made, report),
    ):
        yield


@contextmanager
def _scratch_folder(parent: Path) -> Iterator[Path]:
    """A folder of ours alone, gone in the end whatever happens."""
    # What one that was killed left behind; one in use is another's.
    for left in parent.glob(f"{_PREFIX}*"):
        with suppress(OSError), _held(left):
            shutil.rmtree(left)
    with TemporaryDirectory(prefix=_PREFIX, dir=parent) as made, _held(Path(made)):
        yield Path(made)


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Hold a folder; raise OSError if somebody else does, or may not be disturbed."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _scratch_server(backup: Backup, report: Report) -> Iterator[None]:
    if connection.vendor != "postgresql":
        raise Refusal(
            f"La sauvegarde {backup.path} a été faite depuis PostgreSQL, et la base d’ici est "
            "SQLite : répétez sa restauration là où DATABASE_URL conduit à PostgreSQL."
        )
    with explain_base(), _scratch_database() as name, leading_to({"NAME": name}):
        load_dump(backup, report)
        yield


@contextmanager
def _scratch_database() -> Iterator[str]:
    """A database beside the application's, gone in the end whatever happens."""
    quote = connection.ops.quote_name
    start = f"{connection.settings_dict['NAME']}_rehearsal_"
    name = start + secrets.token_hex(4)
    with connection.cursor() as cursor:
        # What one that was killed left behind; one in use is another's.
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [start])
        for (left,) in cursor.fetchall():
            with suppress(DatabaseError):
                cursor.execute(f"DROP DATABASE {quote(left)}")
        try:
            # Whatever the texts of the template that the server uses by itself.
            cursor.execute(f"CREATE DATABASE {quote(name)} TEMPLATE template0 ENCODING 'UTF8'")
        except ProgrammingError as error:
            raise Refusal(
                "Le compte de l’application n’a pas le droit de créer la base d’essai : donnez-le "
                f'lui par « ALTER ROLE "{connection.get_connection_params().get("user", "…")}" '
                "CREATEDB », puis relancez."
            ) from error
    try:
        yield name
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {quote(name)} WITH (FORCE)")

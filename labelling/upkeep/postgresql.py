"""What PostgreSQL's own programs do of a base: dump it, and load it into an empty one."""

import os
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from tempfile import TemporaryFile
from typing import IO, Any

from django.conf import settings
from psycopg import pq

from labelling.upkeep.workspace import BUSY, CHUNK, Refusal

# Beginnings of what the programs say of themselves: what they quote of rows comes after.
_SAYS = ("pg_dump: error: ", "pg_restore: error: ", "pg_restore: fatal: ")

# What a base holds while it is restored; a sequence, for it is no table to be counted.
_UNFINISHED = "pimms_unfinished_restore"

_DUMP = (
    *("--format=custom", "--no-owner", "--no-privileges", "--no-password"),
    f"--exclude-table={_UNFINISHED}",
)
_LOAD = (
    *("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"),
    "--no-password",
)


def dump(connection: Any, snapshot: str) -> Iterator[bytes]:
    """What `pg_dump` writes of the base as a snapshot has it."""
    wait = f"--lock-wait-timeout={settings.LOCK_SECONDS}s"
    with _run(connection, "pg_dump", *_DUMP, wait, f"--snapshot={snapshot}") as program:
        while chunk := _stream(program.stdout).read(CHUNK):
            yield chunk


def load(connection: Any, dumped: Iterable[bytes]) -> None:
    """Let `pg_restore` load a dump, all of it or nothing."""
    database = f"--dbname={connection.settings_dict['NAME']}"
    with (
        _run(connection, "pg_restore", *_LOAD, database) as program,
        suppress(BrokenPipeError),  # It stopped reading, and says why itself.
        _stream(program.stdin) as into,
    ):
        for chunk in dumped:
            into.write(chunk)


def list_tables(connection: Any) -> list[str]:
    with connection.cursor() as cursor:
        return connection.introspection.table_names(cursor, include_views=True)


def drop_tables(connection: Any) -> None:
    """Make a base empty again that was empty before it was loaded."""
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        if tables:
            cursor.execute(f"DROP TABLE {', '.join(map(quote, tables))} CASCADE")


@contextmanager
def marked(connection: Any) -> Iterator[None]:
    """Leave a mark in a base if what is done to it is killed before its end."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SEQUENCE IF NOT EXISTS {_UNFINISHED}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP SEQUENCE IF EXISTS {_UNFINISHED}")


def is_marked(connection: Any) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [_UNFINISHED])
        return bool(cursor.fetchone()[0])


@contextmanager
def _run(connection: Any, *command: str) -> Iterator[subprocess.Popen[bytes]]:
    """A program that knows the base by its environment; Refusal if it fails."""
    name = command[0]
    with TemporaryFile() as said:
        try:
            program = subprocess.Popen(  # noqa: S603  # Nothing of it is typed by anybody.
                command,
                env=_make_environment(connection),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
            )
        except FileNotFoundError:
            raise Refusal(
                f"Il manque le programme {name} : installez les programmes de PostgreSQL (sur "
                "Debian, « apt install postgresql-client »), puis relancez."
            ) from None
        with program:
            try:
                yield program
            except BaseException:
                program.kill()
                raise
        if program.returncode:
            said.seek(0)
            raise Refusal(_word_failure(name, said.read(CHUNK).decode(errors="replace")))


def _stream(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None  # noqa: S101  # Both are pipes.
    return stream


def _make_environment(connection: Any) -> dict[str, str]:
    """Say in the variables of libpq what Django connects by: a password is on no command line."""
    told = connection.get_connection_params()
    variables = {
        option.keyword.decode(): option.envvar.decode()
        for option in pq.Conninfo.get_defaults()
        if option.envvar
    }
    own = {variables[key]: str(told[key]) for key in told.keys() & variables.keys() if told[key]}
    return os.environ | own | {"LC_ALL": "C"}


def _word_failure(name: str, said: str) -> str:
    """What to do about a program that failed, by what it said."""
    if "server version mismatch" in said or "unsupported version" in said:
        return (
            f"Le programme {name} est plus ancien que le serveur PostgreSQL, ou que celui d’où "
            "vient la sauvegarde : installez les programmes de la même version (sur Debian, "
            "« apt install postgresql-client »), puis relancez."
        )
    if "lock timeout" in said:
        return BUSY
    causes = [line.partition(start) for line in said.splitlines() for start in _SAYS]
    cause = next((after for _, start, after in causes if start), "")
    told = f" ({cause[:200]})" if cause else ""
    return f"Le programme {name} a échoué{told} : vérifiez que PostgreSQL répond, puis relancez."

"""Two people at once, so that it happens every time: one writes just before the other does."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import Any

from django.db import connection, transaction

# SQLite takes its lock as it begins a transaction, PostgreSQL with the first row it writes to.
_WRITES = re.compile(r"BEGIN|INSERT|UPDATE|DELETE|SELECT .* FOR UPDATE", re.DOTALL)
_SOMEBODY_WAITS = (
    "SELECT EXISTS (SELECT FROM pg_stat_activity"
    " WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid)))"
)


@contextmanager
def overtaken_by(write: Callable[[], Any], at: str = "") -> Iterator[None]:
    """Let somebody else `write` once, after a request has read and before its first write.

    On PostgreSQL, just before the first statement that begins with `at`, if it is given.
    """
    waiting = [write]
    writes = re.compile(at) if at and connection.vendor == "postgresql" else _WRITES

    def before_writing(execute, sql, params, many, context):
        if waiting and writes.match(sql):
            elsewhere(waiting.pop())
        return execute(sql, params, many, context)

    with connection.execute_wrapper(before_writing):
        yield
    assert not waiting, "nothing was written"


@contextmanager
def awaited(write: Callable[[], Any]) -> Iterator[None]:
    """Let somebody else `write`, and commit it once a request waits for what they hold."""
    if connection.vendor != "postgresql":  # Who waits has read nothing yet.
        elsewhere(write)
        yield
        return
    is_written, is_over = Event(), Event()

    def hold():
        with transaction.atomic(), connection.cursor() as cursor:
            write()
            is_written.set()
            while not cursor.execute(_SOMEBODY_WAITS).fetchone()[0]:
                assert not is_over.wait(0.01), "nobody waited"

    with ThreadPoolExecutor(1) as threads:
        holding = threads.submit(elsewhere, hold)
        is_written.wait()
        try:
            yield
        finally:
            is_over.set()
        holding.result()


def elsewhere(write: Callable[[], Any]) -> Any:
    """Do it in a thread and by a connection of its own."""

    def run():
        try:
            return write()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        return threads.submit(run).result()


@contextmanager
def held(table: str) -> Iterator[None]:
    """Let somebody else hold `table`, and this connection wait a moment only."""
    postgresql = connection.vendor == "postgresql"
    other = connection.copy()
    hold = f"BEGIN; LOCK TABLE {table} IN EXCLUSIVE MODE" if postgresql else "BEGIN IMMEDIATE"
    other.cursor().execute(hold)
    connection.ensure_connection()
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '50ms'" if postgresql else "PRAGMA busy_timeout = 50")
    try:
        yield
    finally:
        other.cursor().execute("ROLLBACK")
        other.close()
        connection.close()  # The next one waits as long as the settings say.

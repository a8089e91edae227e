"""Imports under fire, on real databases: killed in the middle, applied by two at once, read by
others meanwhile; and many who write at once."""

import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

PROJECT = Path(__file__).parents[3]

# What each process runs first.
SETUP = """
import os, sys, time, django
django.setup()
from django.db import connection
from labelling.models import ImportRun, Site
from labelling.spreadsheets.runs import preparation
from labelling.spreadsheets.runs.apply import apply
from labelling.spreadsheets.runs.rights import AlreadyApplied
from labelling.spreadsheets.runs.undo import undo

def prepare(prefix, count):
    content = "\\n".join(["Nom;Département", *(f"{prefix} {n};30" for n in range(count))])
    return preparation.prepare(content.encode(), name="x.csv")
"""

KILLED = (
    SETUP
    + """
import signal
run = prepare("PIMMS Essai", 400)
began = time.perf_counter()
apply(run, None)
whole = time.perf_counter() - began
undo(run, None)
for trial in range(20):
    run = prepare("PIMMS Essai", 400)
    connection.close()
    child = os.fork()
    if child == 0:
        apply(ImportRun.objects.get(pk=run.pk), None)
        os._exit(0)
    time.sleep(whole * 1.2 * trial / 20)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    run.refresh_from_db()
    written = Site.history.filter(history_change_reason=run.reason).count()
    print(run.status, Site.objects.filter(name__startswith="PIMMS Essai").count(), written)
    if run.status == "applied":
        undo(run, None)
    else:
        run.delete()
"""
)

TOGETHER = (
    SETUP
    + """
print("ready", flush=True)
start = float(input())
for place, key in enumerate(sys.argv[1:]):
    run = ImportRun.objects.get(pk=int(key))
    time.sleep(max(0, start + 0.1 * place - time.time()))
    try:
        print(apply(run, None).created)
    except AlreadyApplied:
        print("already")
"""
)

WRITER = (
    SETUP
    + """
from labelling.models import Department
print("ready", flush=True)
input()
gard = Department.objects.get(code="30")
for n in range(50):
    Site.objects.create(name=f"PIMMS Écrit {sys.argv[1]} {n}", department=gard)
"""
)

# So much is written that SQLite's own memory of pages, of 2 MB, does not hold it.
BIG_WRITE = (
    SETUP
    + """
from django.db import transaction
with transaction.atomic():
    apply(prepare("PIMMS Grand " + "x" * 150, 5000), None)
    print("written", flush=True)
    input()
"""
)

READER = (
    SETUP
    + """
if connection.vendor == "sqlite":
    connection.settings_dict["OPTIONS"]["timeout"] = 0
print(Site.objects.filter(name__startswith="PIMMS Grand").count())
"""
)


@pytest.fixture(scope="module")
def base(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[dict[str, str]]:
    """The environment of processes that share a base of their own, of the suite's kind.

    The suite's own SQLite base is in the memory of this process, where no other sees it.
    """
    with django_db_blocker.unblock():
        vendor = connection.vendor
        name = f"concurrency_{uuid.uuid4().hex[:8]}"
        if vendor == "postgresql":
            settings = connection.settings_dict
            host = str(settings["HOST"]).replace("/", "%2F")
            user = settings["USER"] + (f":{settings['PASSWORD']}" if settings["PASSWORD"] else "")
            port = f":{settings['PORT']}" if settings["PORT"] else ""
            address = f"postgres://{user}@{host}{port}/{name}"
            with connection._nodb_cursor() as cursor:
                cursor.execute(f'CREATE DATABASE "{name}"')
        else:
            address = f"sqlite:///{tmp_path_factory.mktemp('base')}/base.sqlite3"
        environment = os.environ | {
            "DATABASE_URL": address,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
        }
        manage(environment, "migrate", "--verbosity=0")
        manage(environment, "loaddata", "geography", "--verbosity=0")
        yield environment
        if vendor == "postgresql":
            with connection._nodb_cursor() as cursor:
                cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def manage(environment: dict[str, str], *arguments: str) -> None:
    subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=PROJECT, env=environment, check=True
    )


def started(environment: dict[str, str], code: str, *arguments: object) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=PROJECT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def printed(process: subprocess.Popen) -> list[str]:
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0
    return output.splitlines()


class TestKilledInTheMiddle:
    def test_an_import_has_written_all_or_nothing(self, base):
        """R3, 20 trials."""
        outcomes = printed(started(base, KILLED))

        assert len(outcomes) == 20
        assert set(outcomes) <= {"preparing 0 0", "applied 400 400"}


class TestTwoAtOnce:
    def test_apply_an_import_once(self, base):
        """R6, 20 of 20; the other is told that it was done."""
        prepare = SETUP + "for n in range(20): print(prepare(f'PIMMS Course {n}', 30).pk)"
        keys = printed(started(base, prepare))
        racers = [started(base, TOGETHER, *keys) for _ in range(2)]
        assert [racer.stdout.readline() for racer in racers] == ["ready\n"] * 2
        start = time.time() + 0.2
        for racer in racers:
            racer.stdin.write(f"{start}\n")
            racer.stdin.flush()
        one, other = map(printed, racers)

        assert [sorted(pair) for pair in zip(one, other, strict=True)] == [["30", "already"]] * 20
        count = SETUP + "print(Site.objects.filter(name__startswith='PIMMS Course').count())"
        assert printed(started(base, count)) == ["600"]


class TestManyWriters:
    def test_lose_no_write(self, base):
        """R1: eight processes, fifty records each."""
        writers = [started(base, WRITER, number) for number in range(8)]
        assert [writer.stdout.readline() for writer in writers] == ["ready\n"] * 8
        for writer in writers:
            writer.stdin.write("\n")
            writer.stdin.flush()

        assert [printed(writer) for writer in writers] == [[]] * 8
        count = (
            SETUP + "print(Site.objects.filter(name__startswith='PIMMS Écrit').count(),"
            "Site.history.filter(name__startswith='PIMMS Écrit').count())"
        )
        assert printed(started(base, count)) == ["400 400"]


class TestAReader:
    def test_waits_for_no_import_that_is_written(self, base):
        """R2: not at all, until it is written for good."""
        writer = started(base, BIG_WRITE)
        assert writer.stdout.readline() == "written\n"

        assert printed(started(base, READER)) == ["0"]

        writer.communicate("\n", timeout=300)
        assert writer.returncode == 0
        assert printed(started(base, READER)) == ["5000"]

    @pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite counts nothing")
    def test_finds_the_lines_of_a_large_import_counted(self, base):
        """Else taking it back takes minutes, and is given up."""
        applied = SETUP + (  # noqa: S608
            "apply(prepare('PIMMS Compté', 1001), None)\n"
            "with connection.cursor() as cursor:\n"
            '    cursor.execute("SELECT reltuples FROM pg_class WHERE relname = '
            "'labelling_importrow'\")\n"
            "    print(cursor.fetchone()[0] > 1000)"
        )

        assert printed(started(base, applied)) == ["True"]

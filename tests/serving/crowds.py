"""Many at once: slow people, an instance that dies, versions that come while others work."""

import signal
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.serving.doors import expect
from tests.serving.people import Crowd, asking, dawdling
from tests.serving.stage import HOST, INSTANCES, Fault, Stage

SLOW = 200
SECONDS = 6
LEAST = 12  # Pages within those seconds: none comes where slow people keep others out.

# What is refused only once its body, which has the token, was read.
HEAD = (
    f"POST /login/ HTTP/1.1\r\nHost: {HOST}\r\nReferer: https://{HOST}/login/\r\n"
    f"Cookie: csrftoken={'a' * 32}\r\n"
)
BODY = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100000\r\n\r\na"

MIGRATION = '''"""A column that may stay empty: the version before does without it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("labelling", "{last}")]
    operations = [
        migrations.AddField("association", "remark_{name}", models.TextField(null=True)),
    ]
'''


def slow_headers_stop_nobody(stage: Stage) -> None:
    """R28."""
    _withstand(stage, (HEAD + "X-Slow: a").encode())


def slow_bodies_stop_nobody(stage: Stage) -> None:
    """R28."""
    _withstand(stage, (HEAD + BODY).encode())


def an_instance_that_dies_is_not_missed(stage: Stage) -> None:
    """R4."""
    somebody = stage.person()
    with asking(somebody) as crowd:
        time.sleep(2)
        stage.unit("a").stop(signal.SIGKILL)
        time.sleep(2)
        expect(stage.unit("a").start(), True)
        time.sleep(1)
    _expect_none_lost(crowd)


def a_new_version_comes_while_people_work(stage: Stage) -> None:
    """R23, R27: its migration too; no page and no form is lost, none is saved twice."""
    version = _make_version(stage)
    with _at_work(stage, version.name):
        stage.upgrade(version)
    for instance in INSTANCES:
        expect(stage.current(instance), version.name)
    columns = "SELECT column_name FROM information_schema.columns WHERE table_name = "
    told = stage.sql(f"{columns}'labelling_association'").splitlines()
    expect(f"remark_{version.name}" in told, True)


def a_version_that_is_not_ready_is_taken_back(stage: Stage) -> None:
    """R31: those at work notice nothing."""
    before = stage.current()
    version = _make_version(stage)
    stage.change(version / "pimms/wsgi.py", "\napplication = ", "\nraise OSError\napplication = ")
    with _at_work(stage, version.name):
        done = stage.upgrade(version, check=False)
        if not done.returncode:
            raise Fault("the upgrade says that all went well")
    expect({stage.current(), *(stage.current(name) for name in INSTANCES)}, {before})
    for instance in INSTANCES:
        expect(stage.unit(instance).is_active(), True)


def _withstand(stage: Stage, head: bytes) -> None:
    """A second at p95, or twice what it is without them where the machine has other work."""
    somebody = stage.person()
    with asking(somebody) as alone:
        time.sleep(SECONDS / 2)
    with dawdling(stage.stranger(), SLOW, head), asking(somebody) as crowd:
        time.sleep(SECONDS)
    _expect_none_lost(crowd, least=LEAST)
    if crowd.p95 >= max(1, 2 * alone.p95):
        raise Fault(f"p95 is {crowd.p95:.2f} s; without slow people, {alone.p95:.2f} s")


@contextmanager
def _at_work(stage: Stage, label: str) -> Any:
    somebody = stage.person()
    with asking(somebody, label, readers=2, writers=2) as crowd:
        time.sleep(1)
        yield crowd
        time.sleep(1)
    _expect_none_lost(crowd)
    expect(len(crowd.saved) > 10, True)
    expect(sorted(stage.list_associations(label)), sorted(crowd.saved))


def _expect_none_lost(crowd: Crowd, least: int = 20) -> None:
    if crowd.lost or len(crowd.seconds) < least:
        raise Fault(f"{crowd}; at least {least} are wanted, and none lost")


def _make_version(stage: Stage) -> Path:
    """A version that has one migration more."""
    name = f"v{time.monotonic_ns()}"
    version = stage.add_version(name)
    migrations = version / "labelling/migrations"
    last = sorted(migrations.glob("[0-9]*.py"))[-1].stem
    text = MIGRATION.format(last=last, name=name)
    (migrations / f"9000_{name}.py").write_text(text, encoding="utf-8")
    return version


CHECKS = (
    slow_headers_stop_nobody,
    slow_bodies_stop_nobody,
    an_instance_that_dies_is_not_missed,
    a_new_version_comes_while_people_work,
    a_version_that_is_not_ready_is_taken_back,
)

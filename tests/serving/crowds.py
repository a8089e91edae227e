"""Many at once: slow people, an instance that dies, versions that come while others work."""

import signal
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.serving.doors import expect
from tests.serving.people import LIST, Crowd, asking, dawdling
from tests.serving.stage import HOST, INSTANCES, Fault, Stage, wait_for

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


def an_upgrade_that_is_cut_is_begun_anew(stage: Stage) -> None:
    """R27: killed, then without room on the disk; the version before can be put in place again."""
    before = stage.current()
    version = _make_version(stage)
    with stage.begin_upgrade(version) as process:
        wait_for("a is renewed", lambda: stage.current("a") == version.name, 120)
        process.kill()
    expect((stage.current(), stage.current("b")), (before, before))
    # A program that the script needs, and that says what it says of a full disk.
    full = stage.root / "bin/install"
    full.write_text("#!/bin/sh\necho 'No space left on device' >&2; exit 1\n", encoding="utf-8")
    full.chmod(0o755)
    try:
        # What the killed one had begun goes on for a moment, and keeps others out.
        done = wait_for(
            "the first one is over", lambda: _upgrade_unless_refused(stage, version), 90
        )
    finally:
        full.unlink()
    expect(done.returncode, 3)
    expect("puis relancez" in done.stderr, True)
    stage.upgrade(stage.root / "srv/pimms/versions" / before)
    expect({stage.current(), *(stage.current(name) for name in INSTANCES)}, {before})
    expect(stage.person().ask(LIST).status, 200)
    # As the page has it; what comes after this check has the base that it knows.
    last = _find_last(stage)
    stage.run(
        version / "docs/deploy/manage", "migrate", "--verbosity", 0, "labelling", last,
        PIMMS_VERSION=str(version),
    )  # fmt: skip
    expect(stage.person().ask(LIST).status, 200)


def _upgrade_unless_refused(stage: Stage, version: Path) -> subprocess.CompletedProcess | None:
    done = stage.upgrade(version, check=False)
    return None if done.returncode == 1 else done


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
    text = MIGRATION.format(last=_find_last(stage), name=name)
    (version / f"labelling/migrations/9000_{name}.py").write_text(text, encoding="utf-8")
    return version


def _find_last(stage: Stage) -> str:
    """The last migration that every version has."""
    return max(path.stem for path in (stage.tree / "labelling/migrations").glob("[0-9]*.py"))


CHECKS = (
    slow_headers_stop_nobody,
    slow_bodies_stop_nobody,
    an_instance_that_dies_is_not_missed,
    a_new_version_comes_while_people_work,
    a_version_that_is_not_ready_is_taken_back,
    an_upgrade_that_is_cut_is_begun_anew,
)

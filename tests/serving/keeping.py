"""What is kept: backups made while people work, other bases, files, and what the units forbid."""

import stat
from pathlib import Path
from urllib.parse import quote

from tests.serving.doors import expect
from tests.serving.people import asking
from tests.serving.stage import Fault, Stage
from tests.serving.units import UNITS

MOST_EXPOSED = 15  # Tenths, as systemd-analyze counts.

COUNT = """
from django.apps import apps
from django.db.models import QuerySet
for model in apps.get_models(include_auto_created=True):
    if model._meta.label != "sessions.Session":
        print(model._meta.db_table, QuerySet(model).count())
"""


def a_backup_under_writes_is_restored_whole(stage: Stage) -> None:
    """R20."""
    somebody = stage.person()
    with asking(somebody, "sauvée", readers=1, writers=2) as crowd:
        crowd.wait_for_forms(5)
        least = set(crowd.saved)
        kept = stage.back_up()
        most = len(crowd.saved) + 2  # A form each may be on its way.
    expect(stat.S_IMODE(kept.stat().st_mode), 0o600)
    base = _create_base(stage, "restored")
    stage.manage("restore_backup", kept, DATABASE_URL=base)
    names = set(stage.list_associations("sauvée", "restored"))
    if not least <= names or len(names) > most:
        raise Fault(f"{len(names)} forms are in the backup, between {len(least)} and {most} wanted")
    expect(stage.manage("check_releases", DATABASE_URL=base).returncode, 0)


def a_cut_backup_changes_nothing(stage: Stage) -> None:
    """R20."""
    cut = stage.root / "log/cut"
    cut.write_bytes(stage.back_up().read_bytes()[:-1000])
    base = _create_base(stage, "untouched")
    done = stage.manage("restore_backup", cut, check=False, DATABASE_URL=base)
    expect(done.returncode, 1)
    if "incomplète ou abîmée" not in done.stderr:
        raise Fault(done.stderr)
    tables = stage.sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", "untouched")
    expect(tables, "0")


def a_base_moves_to_sqlite_and_back(stage: Stage) -> None:
    """R30, S28."""
    file = stage.root / "var/backups/pimms/moved.sqlite3"
    stage.manage("copy_database", f"sqlite:///{file}")
    expect(stat.S_IMODE(file.stat().st_mode), 0o600)
    back = _create_base(stage, "back")
    stage.manage("copy_database", back, DATABASE_URL=f"sqlite:///{file}")
    counts = stage.python(COUNT)
    expect(stage.python(COUNT, DATABASE_URL=f"sqlite:///{file}"), counts)
    expect(stage.python(COUNT, DATABASE_URL=back), counts)


def files_are_of_their_owner_alone(stage: Stage) -> None:
    """S28."""
    stage.back_up()
    for instance in "ab":
        expect(_mode(stage.socket(instance)), 0o770)
    for folder in (stage.root / "var/backups/pimms", stage.data):
        for path in [folder, *folder.rglob("*")]:
            if _mode(path) & 0o077:
                raise Fault(f"others can read {path.relative_to(stage.root)}: {_mode(path):o}")
    expect(_mode(stage.root / "etc/pimms/secret"), 0o600)


def units_are_valid_and_shut(stage: Stage) -> None:
    """Any word of “verify” is a fault: it ends well on values that it does not understand."""
    units = sorted((stage.root / UNITS).glob("pimms*"))
    instances = [unit.with_name(unit.name.replace("@.", "@a.")) for unit in units]
    said = stage.run("systemd-analyze", "verify", "--man=no", *instances, check=False)
    expect(said.stdout + said.stderr, "")
    for unit in units:
        if unit.suffix == ".service":
            options = ["--offline=true", f"--threshold={MOST_EXPOSED}", "--no-pager"]
            said = stage.run("systemd-analyze", "security", *options, unit, check=False)
            if said.returncode:
                raise Fault(f"{unit.name}: {said.stdout.splitlines()[-1:]}{said.stderr}")


def _create_base(stage: Stage, name: str) -> str:
    stage.sql(f"CREATE DATABASE {name}", base="postgres")
    return f"postgres://{quote(f'{stage.root}/run/postgresql', safe='')}/{name}"


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


CHECKS = (
    a_backup_under_writes_is_restored_whole,
    a_cut_backup_changes_nothing,
    a_base_moves_to_sqlite_and_back,
    files_are_of_their_owner_alone,
    units_are_valid_and_shut,
)

"""R20: a restore is rehearsed beside the base, which nothing of it touches."""

from pathlib import Path
from tempfile import gettempdir

import pytest
from django.core.management import CommandError
from django.db import connection

from labelling.choices import Event
from labelling.models import JournalEntry, Site
from labelling.upkeep.elsewhere import leading_to
from tests.upkeep.bases import everything, in_a_process, is_server, run

KILLED = """
import os, signal, sys
from pathlib import Path
from labelling.upkeep.rehearsing import rehearse
def report(step):
    if step.startswith("contrôle"):
        os.kill(os.getpid(), signal.SIGKILL)
rehearse(Path(sys.argv[1]), report)
"""


def scratch() -> list[str]:
    """What rehearsals have left."""
    if not is_server:
        return [path.name for path in Path(gettempdir()).glob("pimms-rehearsal-*")]
    with connection.cursor() as cursor:
        start = f"{connection.settings_dict['NAME']}_rehearsal_"
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [start])
        return [name for (name,) in cursor.fetchall()]


@pytest.fixture(autouse=True)
def own_temporary_folder(tmp_path, monkeypatch):
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder))


@pytest.fixture
def timed(tmp_path, settings):
    settings.BACKUP_FOLDER = str(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("empty_journal")
class TestARehearsal:
    def test_says_what_came_back_and_notes_it(self, timed):
        run("back_up")
        before = everything()

        said = run("rehearse_restore")

        assert said.startswith("La sauvegarde du ")
        assert " se restaure\u00a0: 53\u00a0sites, " in said
        entry = JournalEntry.objects.latest("pk")
        (backup,) = timed.glob("*.zip")
        assert (entry.event, entry.details["name"]) == (Event.REHEARSED, backup.name)
        assert everything() == before
        assert scratch() == []

    def test_takes_the_newest(self, timed):
        (timed / "pimms-2020-01-01-030000.zip").write_bytes(b"damaged")
        run("back_up")

        assert "53\u00a0sites" in run("rehearse_restore")

    def test_of_a_damaged_one_is_noted_and_leaves_nothing(self, timed, backup):
        damaged = bytearray(backup.read_bytes())
        damaged[len(damaged) // 2] ^= 1
        (timed / "pimms-2020-01-01-030000.zip").write_bytes(damaged)

        with pytest.raises(CommandError, match="est incomplète ou abîmée"):
            run("rehearse_restore")

        entry = JournalEntry.objects.latest("pk")
        assert (entry.event, entry.details["task"]) == (Event.TASK_FAILED, "rehearse_restore")
        assert scratch() == []

    def test_without_a_backup_says_how_to_make_one(self, tmp_path):
        with pytest.raises(CommandError, match=r"lancez «\u00a0manage.py back_up\u00a0»"):
            run("rehearse_restore", tmp_path)
        with pytest.raises(CommandError, match="BACKUP_FOLDER"):
            run("rehearse_restore")

    def test_that_was_killed_is_swept_by_the_next(self, backup):
        done = in_a_process(KILLED, backup)

        assert done.returncode < 0, done.stderr
        assert len(scratch()) == 1
        run("rehearse_restore", backup)
        assert scratch() == []

    @pytest.mark.skipif(not is_server, reason="of PostgreSQL alone")
    def test_needs_the_right_to_make_a_base(self, base, backup):
        with connection.cursor() as cursor:
            cursor.execute("CREATE ROLE upkeep_limited LOGIN")
        try:
            limited = leading_to(base | {"USER": "upkeep_limited"})
            with limited, pytest.raises(CommandError, match='ROLE "upkeep_limited" CREATEDB'):
                run("rehearse_restore", backup)
        finally:
            with connection.cursor() as cursor:
                cursor.execute("DROP ROLE upkeep_limited")

    @pytest.mark.skipif(not is_server, reason="of PostgreSQL alone")
    def test_of_a_file_is_done_as_a_file(self, base, tmp_path):
        file = {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(tmp_path / "file.sqlite3"),
            "OPTIONS": {},
        }
        with leading_to(file):
            run("migrate", verbosity=0)
            run("loaddata", "geography", "release_2020_10_14", verbosity=0)
            run("back_up", tmp_path / "file.zip")

        assert "53\u00a0sites" in run("rehearse_restore", tmp_path / "file.zip")
        assert Site.objects.count() == 53

"""R20: a backup is the base of one moment, whole, or it is not there at all."""

import io
import os
import shutil
import sqlite3
import subprocess
import threading
import time
import zipfile
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from labelling.choices import Event
from labelling.models import JournalEntry
from labelling.upkeep.archive import delete_old, list_backups, make_name, open_backup
from labelling.upkeep.elsewhere import describe_file, leading_to
from labelling.upkeep.workspace import open_workspace
from tests.upkeep.bases import empty_base, everything, in_a_process, is_server, run

of_a_server = pytest.mark.skipif(not is_server, reason="of PostgreSQL alone")
of_a_file = pytest.mark.skipif(is_server, reason="of a file")

# Killed by the system when it says this: a copy begun, a file half written, one to put in place.
STAGES = ["contrôle", "0", "relecture", "100"]
KILLED = """
import os, signal, sys
from pathlib import Path
from django.utils import timezone
from labelling.upkeep.saving import save
def report(step):
    if step.startswith(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
save(Path(sys.argv[1]), timezone.now(), report)
"""
# No file may grow beyond this.
FULL = """
import resource, sys
from django.core.management import call_command
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
try:
    call_command("back_up", sys.argv[1])
except Exception as error:
    print(type(error).__name__, error)
"""


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "backups"
    made.mkdir()
    return made


@pytest.fixture
def timed(folder, tmp_path, settings):
    """What a server's settings say; the second place."""
    second = tmp_path / "second"
    second.mkdir()
    settings.BACKUP_FOLDER, settings.BACKUP_COPY_FOLDER = str(folder), str(second)
    return second


def refused(*arguments: str | Path) -> str:
    with pytest.raises(CommandError) as refusal:
        run("back_up", *arguments)
    assert refusal.value.returncode == 1
    return str(refusal.value)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def noted() -> list[tuple]:
    entries = JournalEntry.objects.order_by("pk").values_list("event", "details")
    return [(event, details) for event, details in entries]


@pytest.mark.usefixtures("empty_journal")
class TestABackup:
    def test_says_what_it_holds_and_what_else_to_keep(self, folder):
        said = run("back_up", folder).splitlines()

        (path,) = list_backups(folder)
        assert said[0].startswith(f"Sauvegarde faite et relue\u00a0: {path} (")
        assert "53\u00a0sites" in said[0]
        assert said[1].startswith("Gardez ailleurs aussi le secret")
        assert noted()[-1] == (
            Event.BACKED_UP,
            {"name": path.name, "size": path.stat().st_size, "is_copied": False},
        )

    @pytest.mark.parametrize("umask", [0o000, 0o777])
    def test_is_read_by_its_owner_alone(self, umask, folder):
        """S28."""
        usual = os.umask(umask)
        try:
            run("back_up", folder)
        finally:
            os.umask(usual)

        (path,) = folder.iterdir()
        assert path.stat().st_mode & 0o777 == 0o600

    def test_is_opened_without_us(self, folder, tmp_path):
        run("back_up", folder / "made.zip")

        with zipfile.ZipFile(folder / "made.zip") as parts:
            parts.extractall(tmp_path)
        if is_server:
            listed = subprocess.run(
                ["pg_restore", "--list", tmp_path / "base.dump"], capture_output=True, check=True
            )
            assert b"TABLE DATA public labelling_site" in listed.stdout
        else:
            with closing(sqlite3.connect(tmp_path / "base.sqlite3")) as base:
                assert base.execute("SELECT COUNT(*) FROM labelling_site").fetchone() == (53,)

    def test_replaces_no_file(self, folder):
        path = folder / "mine.zip"
        path.write_bytes(b"mine")

        assert "existe déjà\u00a0: il n’est jamais remplacé" in refused(path)
        assert path.read_bytes() == b"mine"

    def test_changes_nothing_in_the_base(self, folder):
        before = everything()

        run("back_up", folder)

        assert everything() == before

    def test_shows_how_far_it_is_on_a_terminal_alone(self, folder):
        class Terminal(io.StringIO):
            def isatty(self) -> bool:
                return True

        terminal = Terminal()
        call_command("back_up", str(folder), stdout=terminal)

        assert "relecture…" in terminal.getvalue()
        assert "…" not in run("back_up", folder / "again.zip")

    def test_is_made_of_one_moment_while_others_write(self, base, folder):
        """10 of 10: each write is of two lines, which no backup parts."""
        over, wrote = threading.Event(), []

        def write() -> None:
            with leading_to(base):
                while not over.is_set():
                    with transaction.atomic():
                        for _ in range(2):
                            JournalEntry.objects.note(Event.SIGNED_IN, author=None)
                    wrote.append(1)
                    # Who never pauses lets nobody else write.
                    time.sleep(0.005)

        before = JournalEntry.objects.count()
        writer = threading.Thread(target=write)
        writer.start()
        try:
            for n in range(10):
                run("back_up", folder / f"{n}.zip")
        finally:
            over.set()
            writer.join()

        counts = []
        for n in range(10):
            with open_backup(folder / f"{n}.zip") as backup:
                # Each backup is noted by a line of its own.
                counts.append(backup.manifest.counts["labelling_journalentry"] - before - n)
            run("rehearse_restore", folder / f"{n}.zip")
        assert len(wrote) > 10
        assert [count % 2 for count in counts] == [0] * 10


@pytest.mark.usefixtures("empty_journal")
class TestAFault:
    @pytest.mark.parametrize("stage", STAGES)
    def test_killed_leaves_no_backup_and_the_next_sweeps(self, stage, folder):
        done = in_a_process(KILLED, folder / "made.zip", stage)

        assert done.returncode < 0, done.stderr
        assert not (folder / "made.zip").exists()
        assert names(folder) != []
        run("back_up", folder / "next.zip")
        assert names(folder) == ["next.zip"]

    @pytest.mark.parametrize("limit", [20_000, 60_000])
    def test_of_a_full_disk_is_said_and_leaves_nothing(self, limit, folder):
        """R18, R19."""
        done = in_a_process(FULL, folder, limit)

        assert done.stdout == (
            f"CommandError Il n’y a plus assez de place dans le dossier {folder}\u00a0: "
            "libérez-en, ou choisissez un autre dossier, puis relancez.\n"
        )
        assert names(folder) == []

    def test_of_a_second_one_at_once(self, folder):
        with open_workspace(folder) as workspace:
            assert "est en cours dans le dossier" in refused(folder)
            assert workspace.is_dir()
        assert names(folder) == []

    def test_of_a_folder_that_is_not_there(self, folder):
        assert f"Le dossier {folder / 'no'} n’existe pas" in refused(folder / "no" / "x.zip")

    @pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
    def test_of_a_folder_that_is_not_ours(self, folder):
        folder.chmod(0o500)

        assert "ne s’écrit pas" in refused(folder)

    def test_of_no_place_named(self):
        assert "nommez le dossier dans BACKUP_FOLDER" in refused()

    def test_of_an_empty_base(self, folder, tmp_path):
        with empty_base(tmp_path) as told, leading_to(told):
            said = refused(folder)
            there = is_server or Path(connection.settings_dict["NAME"]).exists()

        assert ("est vide" in said) if is_server else ("n’existe pas" in said)
        assert there == is_server
        assert names(folder) == []

    @of_a_file
    def test_of_a_damaged_base(self, folder, tmp_path, base):
        path = tmp_path / "damaged.sqlite3"
        shutil.copy(base["NAME"], path)
        with path.open("r+b") as file:
            file.seek(9 * 4096)
            file.write(b"\xff" * 4096 * 20)

        with leading_to({"NAME": str(path)}):
            assert "La base est abîmée" in refused(folder)
        assert names(folder) == []


@pytest.mark.usefixtures("empty_journal")
class TestEachNight:
    def test_two_places_have_it(self, folder, timed):
        said = run("back_up")

        (path,) = list_backups(folder)
        copied = timed / path.name
        assert copied.read_bytes() == path.read_bytes()
        assert copied.stat().st_mode & 0o777 == 0o600
        assert f"Copiée et relue\u00a0: {copied}." in said
        assert noted()[-1][1]["is_copied"] is True

    def test_old_ones_of_ours_go_in_both(self, folder, timed, settings):
        settings.BACKUP_DAYS = 7
        now = timezone.now()
        old, young = (make_name(now - timedelta(days=days, hours=1)) for days in (7, 6))
        foreign = ["pimms-2020-01-01.zip", "notes.txt", "pimms-2020-1-01-030000.zip"]
        for place in (folder, timed):
            for name in (old, young, *foreign):
                (place / name).write_bytes(b"")
            (place / "pimms-2020-01-01-030001.zip").symlink_to(place / "notes.txt")
            (place / "pimms-2020-01-01-030002.zip").mkdir()

        said = run("back_up")

        assert f"1\u00a0sauvegarde ancienne effacée du dossier {folder}." in said
        made = list_backups(folder)[0].name
        kept = [young, *foreign, "pimms-2020-01-01-030001.zip", "pimms-2020-01-01-030002.zip"]
        assert names(folder) == names(timed) == sorted([made, *kept])

    def test_the_newest_is_never_deleted(self, folder, timed, settings):
        old = folder / "pimms-2020-01-01-030000.zip"
        old.write_bytes(b"")

        assert delete_old(folder, timezone.now(), 7) == 0
        assert old.exists()

    def test_by_hand_nothing_is_deleted_nor_copied(self, folder, timed):
        old = folder / "pimms-2020-01-01-030000.zip"
        old.write_bytes(b"")

        run("back_up", folder)

        assert old.exists()
        assert names(timed) == []

    def test_a_second_place_that_is_not_there_is_told(self, folder, timed):
        timed.rmdir()
        before = len(noted())

        said = refused()

        assert said == (
            f"La sauvegarde est faite, mais pas copiée. Le dossier {timed} n’existe pas\u00a0: "
            "créez-le, ou branchez le disque qui le porte, puis relancez."
        )
        assert len(list_backups(folder)) == 1
        assert [event for event, _ in noted()[before:]] == [Event.BACKED_UP, Event.TASK_FAILED]
        timed.mkdir()
        # Two of one second would have one name.
        list_backups(folder)[0].unlink()
        run("back_up")
        assert noted()[-1][0] == Event.TASK_RECOVERED

    def test_a_failure_is_noted(self, folder, timed):
        folder.rmdir()

        refused()

        event, details = noted()[-1]
        assert (event, details["task"]) == (Event.TASK_FAILED, "back_up")
        folder.mkdir()
        run("back_up")


@contextmanager
def programs(folder: Path, **scripts: str):
    """Have these programs before any other."""
    usual = os.environ["PATH"]
    for name, script in scripts.items():
        path = folder / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o700)
    os.environ["PATH"] = f"{folder}:{usual}" if scripts else str(folder)
    try:
        yield
    finally:
        os.environ["PATH"] = usual


@of_a_server
@pytest.mark.usefixtures("empty_journal")
class TestThePrograms:
    def test_have_no_password_on_their_command_line(self, folder, tmp_path, base):
        told = tmp_path / "told"
        real = shutil.which("pg_dump")
        script = f'echo "$* / $PGPASSWORD" > {told}\nexec {real} "$@"'

        with leading_to(base | {"PASSWORD": "secret-word"}), programs(tmp_path, pg_dump=script):
            run("back_up", folder)

        words, _, password = told.read_text().strip().partition(" / ")
        assert password == "secret-word"
        assert "secret-word" not in words

    def test_are_missing(self, folder, tmp_path):
        with programs(tmp_path):
            said = refused(folder)

        assert "Il manque le programme pg_dump" in said
        assert "apt install postgresql-client" in said
        assert names(folder) == []

    def test_are_older_than_the_server(self, folder, tmp_path):
        error = "pg_dump: error: aborting because of server version mismatch"
        with programs(tmp_path, pg_dump=f"echo '{error}' >&2; exit 1"):
            said = refused(folder)

        assert "Le programme pg_dump est plus ancien que le serveur" in said

    def test_fail_in_the_middle(self, folder, tmp_path):
        said = "pg_dump: error: query failed: ERROR:  lost\npg_dump: detail: Key (name)=(Ana)"
        with programs(tmp_path, pg_dump=f"echo half; echo '{said}' >&2; exit 1"):
            told = refused(folder)

        assert "(query failed: ERROR:  lost)" in told
        assert "Ana" not in told
        assert names(folder) == []


class TestNames:
    def test_tell_the_newest(self, tmp_path):
        moments = [
            datetime(2026, 1, day, 3, tzinfo=timezone.get_current_timezone()) for day in (9, 31, 10)
        ]
        for moment in moments:
            (tmp_path / make_name(moment)).write_bytes(b"")

        assert [path.name for path in list_backups(tmp_path)] == [
            "pimms-2026-01-31-030000.zip",
            "pimms-2026-01-10-030000.zip",
            "pimms-2026-01-09-030000.zip",
        ]


class TestABaseThatWasLost:
    @pytest.mark.parametrize(
        "command",
        [
            ("back_up", "here.zip"),
            ("note_failure", "back_up"),
            ("open_access", "anne@example.org", "--address", "https://example.org"),
        ],
    )
    def test_is_not_made_again(self, command, base, tmp_path):
        """R31."""
        with leading_to(describe_file(tmp_path / "lost.sqlite3")):
            with pytest.raises(CommandError):
                run(*command)

            assert not [*tmp_path.iterdir()]


class TestANameThatCannotBe:
    def test_is_refused(self, base, tmp_path):
        for name in ("a" * 300, "b\udc80.zip", "b\n.zip"):
            with pytest.raises(CommandError):
                run("back_up", f"{tmp_path}/{name}")
        assert not [*tmp_path.iterdir()]

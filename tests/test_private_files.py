"""S28: what the application writes is its owner's alone, whoever made it first."""

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from pimms.private_files import tighten
from tests.served import TREE, serve
from tests.test_posts import answer_to
from tests.test_settings import SECRET, checkout, write  # noqa: F401  # a fixture

DATABASE_URL = os.environ.get("DATABASE_URL") or "sqlite://:memory:"


def rights_of(path: Path) -> str:
    return oct(path.stat().st_mode & 0o777)


def run(*arguments: str, folder: Path = TREE, umask: int = 0o022, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={"SECRET_KEY": SECRET, "DATABASE_URL": DATABASE_URL, **environment},
        umask=umask,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def wide():
    """A shell where others may read what is made."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture
def base(tmp_path) -> Path:
    return tmp_path / "network.sqlite3"


def leave(base: Path, kept: list[sqlite3.Connection], journal: str) -> None:
    """Write as another program does, which is still at it."""
    line = sqlite3.connect(base)
    line.execute(f"PRAGMA journal_mode={journal}")
    line.execute("CREATE TABLE note (words text)")
    line.execute("INSERT INTO note VALUES ('Marie Dupont')")
    line.commit()
    kept.append(line)


class TestABase:
    @pytest.fixture
    def address(self, base) -> dict[str, str]:
        return {"DATABASE_URL": f"sqlite:///{base}"}

    def test_is_private_where_a_command_makes_it(self, base, address):
        """S28."""
        run("manage.py", "migrate", "--verbosity", "0", umask=0o022, **address)

        assert rights_of(base) == "0o600"

    @pytest.mark.parametrize("mode", [0o644, 0o660])
    def test_becomes_private_where_it_was_made_by_hand(self, base, address, mode):
        """S28."""
        base.touch()
        base.chmod(mode)

        run("manage.py", "showmigrations", **address)

        assert rights_of(base) == "0o600"

    @pytest.mark.parametrize("journal", ["persist", "wal"])
    def test_becomes_private_with_what_lies_beside_it(self, base, address, journal, wide):
        """S28."""
        kept: list[sqlite3.Connection] = []
        leave(base, kept, journal)
        before = {path: rights_of(path) for path in base.parent.iterdir()}
        assert len(before) > 1
        assert set(before.values()) == {"0o644"}
        code = (
            "import django; django.setup(); from django.db import connection as c;"
            "c.settings_dict['OPTIONS'].pop('init_command'); c.cursor().execute('SELECT 1')"
        )

        run("-c", code, DJANGO_SETTINGS_MODULE="pimms.settings", **address)

        kept[0].close()
        assert {rights_of(path) for path in before if path.exists()} == {"0o600"}

    def test_in_memory_is_no_file(self, tmp_path):
        """No folder is taken for it."""
        (tmp_path / "pimms").mkdir()
        shutil.copytree(TREE / "pimms", tmp_path / "pimms", dirs_exist_ok=True)
        tmp_path.chmod(0o755)

        for name in ("", ":memory:"):
            code = (
                "from types import SimpleNamespace as N; from pimms import private_files as p;"
                f"p.tighten_database(N(vendor='sqlite', settings_dict={{'NAME': {name!r}}}))"
            )
            run("-c", code, folder=tmp_path)

        assert rights_of(tmp_path) == "0o755"

    @pytest.mark.skipif(os.getuid() != 0, reason="Only root makes files of others.")
    def test_of_somebody_else_is_told_once_and_used(self):
        """S28."""
        with tempfile.TemporaryDirectory() as folder:  # That of pytest is closed to others.
            Path(folder).chmod(0o755)
            base = Path(folder) / "network.sqlite3"
            base.touch()
            base.chmod(0o666)
            code = (
                "import os; from pathlib import Path; from pimms.private_files import tighten;"
                f"os.setuid(65534); path = Path({str(base)!r});"
                "tighten(path); tighten(path); path.read_bytes()"
            )

            said = run("-c", code)

            assert said == f"Others can read {base}, and it cannot be changed: PermissionError\n"
            assert rights_of(base) == "0o666"


class TestTheServer:
    def test_makes_private_files_under_any_umask(self, tmp_path):
        """S28: its socket is for whom its own configuration says."""
        door = tmp_path / "gunicorn.sock"
        how = ["--bind", f"unix:{door}", "--umask", "7", "--workers", "1"]

        with serve(tmp_path, *how, umask=0):
            answer = ask(door, b"GET /opens/ HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
            assert b" 200 " in answer
            assert rights_of(tmp_path / "served.sqlite3") == "0o600"
            assert rights_of(door) == "0o770"

    def test_tightens_a_base_that_was_there(self, tmp_path):
        """S28."""
        base = tmp_path / "served.sqlite3"
        base.touch()
        base.chmod(0o644)

        with serve(tmp_path, umask=0) as (port, _):
            answer = answer_to(port, b"GET /opens/ HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")

        assert b" 200 " in answer
        assert rights_of(base) == "0o600"


def ask(door: Path, words: bytes) -> bytes:
    """What is answered at a door that is about to open."""
    for _ in range(200):
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(30)
                line.connect(str(door))
                line.sendall(words)
                return line.recv(65536)
        except OSError:
            time.sleep(0.1)
    raise AssertionError("Nobody serves.")


class TestTheLocalFolder:
    @pytest.fixture
    def folder(self, checkout) -> Path:  # noqa: F811
        """A checkout with what a hand made of its local folder."""
        shutil.copy(TREE / "manage.py", checkout)
        shutil.copytree(TREE / "labelling" / "static", checkout / "labelling" / "static")
        local = checkout / ".local"
        local.mkdir()
        local.chmod(0o755)
        write(local / "secret", SECRET, mode=0o644)
        return checkout

    def test_becomes_private_with_its_secret(self, folder):
        """S28: whatever the database."""
        run("manage.py", "check", folder=folder, SECRET_KEY="")

        assert rights_of(folder / ".local") == "0o700"
        assert rights_of(folder / ".local" / "secret") == "0o600"

    def test_has_the_base_of_make_start(self, folder):
        """S28."""
        run("manage.py", "showmigrations", folder=folder, DATABASE_URL="")

        assert rights_of(folder / ".local" / "network.sqlite3") == "0o600"

    def test_has_static_files_that_whoever_serves_them_can_read(self, folder):
        """All of them, compressed ones too: the folder that is named is theirs to reach."""
        run("manage.py", "collectstatic", "--noinput", "--verbosity", "0", folder=folder, umask=0)

        found = list((folder / ".local" / "static").rglob("*"))
        assert len(found) > 100
        assert {rights_of(path) for path in found if path.is_dir()} == {"0o755"}
        assert {rights_of(path) for path in found if path.is_file()} == {"0o644"}
        assert any(path.suffix == ".gz" for path in found)


class TestWhatIsWritten:
    def test_is_private_whoever_writes_it(self, tmp_path):
        """S28: by what a command starts too, as `pg_dump`."""
        code = (
            "import pimms.settings, subprocess; from pathlib import Path;"
            "Path('a').touch(); Path('b').mkdir(); subprocess.run(['touch', 'c'])"
        )
        run(
            *("-c", code),
            folder=tmp_path,
            umask=0,
            PYTHONPATH=str(TREE),
            PATH=os.environ["PATH"],
        )

        rights = {path.name: rights_of(path) for path in tmp_path.iterdir()}
        assert rights == {"a": "0o600", "b": "0o700", "c": "0o600"}

    def test_is_not_what_was_there_and_is_gone(self, tmp_path, caplog):
        tighten(tmp_path / "nothing")

        assert caplog.records == []

"""R31: `make start` itself, in a tree of its own: its port, its folder, one start at a time."""

import fcntl
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# What makes make print nothing but what went wrong.
MAKE_SAYS = "make: ***"
START = (sys.executable, "-m", "pimms.start")


def make_tree(folder: Path, *names: str) -> Path:
    """A tree with these files of ours, in which the environment of the tests is installed."""
    for name in ("Makefile", "manage.py", "requirements.txt", *names):
        if (ROOT / name).is_dir():
            no_caches = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, folder / name, ignore=no_caches)
        else:
            (folder / name).parent.mkdir(exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    venv = folder / ".venv"
    venv.mkdir()
    for name in ("bin", "lib", "pyvenv.cfg"):
        (venv / name).symlink_to(Path(sys.prefix) / name)
    for name in ("made", "runtime"):
        (venv / name).touch()
    return folder


@pytest.fixture
def bare(tmp_path):
    """A tree that has the start, and not what it serves."""
    (tmp_path / "labelling/static").mkdir(parents=True)
    return make_tree(tmp_path, "pimms/__init__.py", "pimms/settings.py", "pimms/start.py")


@contextmanager
def starting(tree: Path, *arguments: str, target: str = "start") -> Iterator[subprocess.Popen[str]]:
    """`make start`, or another target, in a session of its own as a terminal gives it one.

    Ended if it still runs.
    """
    with subprocess.Popen(
        ["make", target, *arguments],
        cwd=tree,
        env={"PATH": os.environ["PATH"], "HOME": str(tree)},
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)


def refusal_of(tree: Path, *arguments: str, target: str = "start") -> str:
    """What a start says that does not begin, make's own line left out."""
    with starting(tree, *arguments, target=target) as process:
        said, complained = process.communicate(timeout=120)
    assert said == ""
    assert process.returncode == 2  # As make fails; what it ran did with 1.
    *sentences, last = complained.splitlines()
    assert last.startswith(MAKE_SAYS)
    assert last.endswith("Error 1")
    return "\n".join(sentences)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        return door.getsockname()[1]


class TestThePort:
    def test_is_taken(self, bare):
        with socket.create_server(("127.0.0.1", 0)) as door:
            port = door.getsockname()[1]
            said = refusal_of(bare, f"PORT={port}")

        begins, proposed = said.split("PORT=")
        assert begins == (
            f"Le port {port} est déjà pris, peut-être par un autre «\u00a0make start\u00a0»\u00a0: "
            "tapez «\u00a0make start "
        )
        assert proposed.endswith("\u00a0».")
        assert int(proposed.removesuffix("\u00a0».")) != port
        assert not (bare / ".local").exists()

    @pytest.mark.parametrize("port", ["abc", "0", "99999", "", "8000 8001", "٨٠٠٠"])
    def test_is_none(self, bare, port):
        said = refusal_of(bare, f"PORT={port}")

        assert said.startswith(
            f"PORT vaut «\u00a0{port}\u00a0»\u00a0: écrivez un nombre de 1 à 65535, par exemple "
            "«\u00a0make start PORT="
        )

    def test_is_told_and_not_taken_where_nothing_is_to_be_done(self, bare):
        done = subprocess.run(["make", "-n", "start"], cwd=bare, check=True, capture_output=True)

        assert b"pimms.start" in done.stdout
        assert not (bare / ".local").exists()


class TestTheFolder:
    def test_cannot_be_written(self, bare):
        (bare / ".local").touch()

        said = refusal_of(bare, f"PORT={free_port()}")

        assert said == (
            f"Le dossier {bare / '.local'} ne peut pas être écrit\u00a0: vérifiez que c’en est un, "
            "et que vous en avez le droit, puis relancez «\u00a0make start\u00a0»."
        )

    def test_is_prepared_by_another_start(self, bare):
        (bare / ".local").mkdir()
        held = os.open(bare / ".local", os.O_RDONLY)
        fcntl.flock(held, fcntl.LOCK_EX)

        said = refusal_of(bare, f"PORT={free_port()}")

        os.close(held)
        assert said == (
            "Un autre «\u00a0make start\u00a0» prépare déjà ce dossier\u00a0: attendez qu’il "
            "affiche l’adresse à ouvrir, puis relancez celui-ci s’il le faut."
        )


class TestWhoeverEndsAStart:
    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
    def test_ends_what_it_runs_without_a_word(self, bare, number):
        step = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"
        with subprocess.Popen(
            # In the place of make.
            [
                sys.executable,
                "-m",
                "pimms.start",
                str(free_port()),
                "2",
                sys.executable,
                "-c",
                step,
            ],
            cwd=bare,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # Whoever runs the suite in the background has it ignored.
            preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),  # noqa: PLW1509
        ) as start:
            running = int(start.stdout.readline())
            start.send_signal(number)
            said, complained = start.communicate(timeout=60)

        assert (start.returncode, said, complained) == (0, "", "")
        with pytest.raises(ProcessLookupError):
            os.kill(running, 0)


@pytest.fixture(scope="class")
def tree(tmp_path_factory):
    """A tree in which nothing was started, and all is installed."""
    return make_tree(tmp_path_factory.mktemp("tree"), "pimms", "labelling", "fixtures")


def sign_in_page(port: int) -> int:
    """The status of the page where one signs in, once it answers."""
    for _ in range(1200):
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        with suppress(ConnectionRefusedError), closing(line):
            line.request("GET", "/login/")
            return line.getresponse().status
        time.sleep(0.1)
    raise AssertionError("Nobody listens.")


@contextmanager
def coming_and_going(port: int) -> Iterator[None]:
    """Connections that are opened and closed meanwhile, as fast as can be."""
    is_over = threading.Event()

    def come_and_go() -> None:
        while not is_over.is_set():
            with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                pass

    visitor = threading.Thread(target=come_and_go)
    visitor.start()
    try:
        yield
    finally:
        is_over.set()
        visitor.join()


class TestAStart:
    def test_serves_and_ends_quietly_and_again(self, tree):
        shutil.rmtree(tree / ".local", ignore_errors=True)
        port = free_port()
        said = []
        for _ in range(2):
            with starting(tree, f"PORT={port}") as process:
                assert sign_in_page(port) == 200
                os.killpg(process.pid, signal.SIGINT)
                out, complained = process.communicate(timeout=60)
            assert complained == ""
            said.append(out)

        assert "Notez ce mot de passe" in said[0]
        assert f"  Ouvrez http://127.0.0.1:{port}/\n" in said[1]
        assert "Notez ce mot de passe" not in said[1]

    def test_ends_while_connections_come_and_go(self, tree):
        port = free_port()
        with starting(tree, f"PORT={port}") as process:
            assert sign_in_page(port) == 200
            with coming_and_going(port):
                os.killpg(process.pid, signal.SIGINT)
                assert process.communicate(timeout=60)[1] == ""

    def test_does_not_begin_on_an_empty_file(self, tree):
        (tree / ".local").mkdir(exist_ok=True)
        (tree / ".local/network.sqlite3").unlink(missing_ok=True)
        (tree / ".local/network.sqlite3").touch()

        said = refusal_of(tree, f"PORT={free_port()}")

        assert "est vide, alors qu’une base y était" in said
        assert (tree / ".local/network.sqlite3").stat().st_size == 0
        (tree / ".local/network.sqlite3").unlink()


class TestADemonstration:
    def test_serves_a_base_of_its_own_new_each_time(self, tree):
        (tree / ".local").mkdir(exist_ok=True)
        real, demo = (tree / ".local" / name for name in ("network.sqlite3", "demo.sqlite3"))
        real.write_bytes(b"not to be opened")
        for _ in range(2):
            port = free_port()
            with starting(tree, f"PORT={port}", target="demo") as process:
                assert sign_in_page(port) == 200
                assert demo.exists()
                os.killpg(process.pid, signal.SIGINT)
                said, complained = process.communicate(timeout=60)
            assert complained == ""
            assert "Notez ce mot de passe" in said
            assert f"{tree}/fixtures/demonstration/liste-fs-20240801.csv" in said

        assert real.read_bytes() == b"not to be opened"
        real.unlink()

    def test_says_how_to_begin_it_elsewhere(self, bare):
        with socket.create_server(("127.0.0.1", 0)) as door:
            said = refusal_of(bare, f"PORT={door.getsockname()[1]}", target="demo")

        assert "tapez «\u00a0make demo PORT=" in said
        assert "make start" not in said

"""R2: beside who is at work, whoever comes is answered by a worker that has nothing to do."""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from pimms.worker import Worker
from tests.served import serve

TIMES = 20


class PatientWorker(Worker):
    """Leaves an idle one the time that it needs on a machine that has much else to do."""

    courtesy = 1


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Say which worker answers; at an address that is the path of a file, once that is there."""
    mine = str(os.getpid())
    if environ["PATH_INFO"] != "/":
        asked = Path(environ["PATH_INFO"])
        asked.with_suffix(".begun").write_text(mine)
        while not asked.exists():
            time.sleep(0.01)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [mine.encode()]


def ask(port: int, path: str = "/") -> str:
    with urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
        return str(answer.read().decode())


@contextmanager
def at_work(port: int, file: Path) -> Iterator[str]:
    """Keep a worker at work, and say which."""
    asking = Thread(target=ask, args=(port, str(file)))
    asking.start()
    begun = file.with_suffix(".begun")
    while not (begun.exists() and begun.read_text()):
        time.sleep(0.01)
    yield begun.read_text()
    file.touch()
    asking.join()


class TestWorker:
    def test_leaves_what_comes_to_one_that_is_idle(self, tmp_path: Path) -> None:
        options = ("--workers", "2", "--worker-class", "tests.test_worker.PatientWorker")
        with ExitStack() as stack:
            port, _ = stack.enter_context(serve(tmp_path, *options, app="tests.test_worker"))
            first = stack.enter_context(at_work(port, tmp_path / "first"))
            answered = {ask(port) for _ in range(TIMES)}
            second = stack.enter_context(at_work(port, tmp_path / "second"))
            (tmp_path / "first").touch()
            while ask(port) != first:
                time.sleep(0.01)
            later = {ask(port) for _ in range(TIMES)}

        assert (answered, later) == ({second}, {first})

    def test_answers_all_the_same_where_all_are_at_work(self, tmp_path: Path) -> None:
        options = ("--workers", "1", "--worker-class", "pimms.worker.Worker")
        with (
            serve(tmp_path, *options, app="tests.test_worker") as (port, _),
            at_work(port, tmp_path / "first") as only,
        ):
            assert {ask(port) for _ in range(TIMES)} == {only}

    def test_takes_an_address_as_long_as_gunicorn_can(self, tmp_path: Path) -> None:
        options = ("--workers", "1", "--worker-class", "pimms.worker.Worker")
        with serve(tmp_path, *options, app="tests.test_worker") as (port, _):
            longest = 8190 - len("GET  HTTP/1.1")

            assert ask(port, f"/?q={'a' * (longest - len('/?q='))}")
            # 400 from the oldest gunicorn that is allowed.
            with pytest.raises(HTTPError, match=r"414|400"):
                ask(port, f"/?q={'a' * longest}")

"""How long a page takes while somebody imports: the service of one laptop, as `make start` has it.

`python -m tests.bench_serving [ROWS]` serves a database of its own, on the server that DATABASE_URL
names, by two workers, and asks for the list of sites over and over from the same machine: alone,
then while so many lines are previewed, applied and undone by the pages that people use. Meanwhile
19 answers of 20 take at most RATIO times what they take alone, with as many sites [R2]: those that
already list the new ones, before the page of the import has answered, are counted apart.
"""

import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from http.cookiejar import CookieJar
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

from tests.bench_imports import ALONE, SIZES, Bench, latency, out, own_database, write_file

RATIO = 2
PERSON, PASSWORD = "banc@localhost", "la-girafe-est-au-tournevis"
PAGE = "/labelling/site/"
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]{64})"')
_SITES = re.compile(r"([0-9\s]{1,12})\ssites?</span>")
_SEEN = re.compile(r'name="seen" value="([^"]+)"')


class Person:
    """Somebody who is signed in, as a browser is."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.opener: OpenerDirector = build_opener(HTTPCookieProcessor(CookieJar()))
        self.post("/login/", username=PERSON, password=PASSWORD)

    def get(self, path: str) -> str:
        with self.opener.open(self.address + path, timeout=120) as answer:
            return str(answer.read().decode())

    def post(self, path: str, *, to: str = "", file: Path | None = None, **fields: str) -> str:
        """Send the form of the page `path`, and return the page that answers and its address."""
        page = self.get(path)
        if seen := _SEEN.search(page):
            fields = {"seen": seen[1], **fields}
        fields |= {"csrfmiddlewaretoken": _TOKEN.findall(page)[-1]}
        kind, body = "application/x-www-form-urlencoded", urlencode(fields).encode()
        if file:
            kind, body = _write_parts(fields, file)
        request = Request(self.address + (to or path), body, {"Content-Type": kind})  # noqa: S310
        with self.opener.open(request, timeout=120) as answer:
            answer.read()
            return str(answer.geturl().removeprefix(self.address))


def _write_parts(fields: dict[str, str], file: Path) -> tuple[str, bytes]:
    edge = "edge-of-a-part"
    parts = [
        f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = (
        f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{file.name}"\r\n\r\n'
    )
    body = b"".join([*parts, head.encode(), file.read_bytes(), f"\r\n--{edge}--\r\n".encode()])
    return f"multipart/form-data; boundary={edge}", body


class Answer(NamedTuple):
    """When it was asked for, how many milliseconds it took, and how many sites it lists."""

    at: float
    took: float
    sites: int


class Reader(threading.Thread):
    """Asks for the list until it is told to stop."""

    def __init__(self, person: Person) -> None:
        super().__init__(daemon=True)
        self.person, self.stopped = person, threading.Event()
        self.answers: list[Answer] = []

    def run(self) -> None:
        while not self.stopped.is_set():
            began = time.perf_counter()
            page = self.person.get(PAGE)
            took = 1000 * (time.perf_counter() - began)
            counted = _SITES.search(page)
            assert counted, "the list does not say how many sites it has"
            self.answers.append(Answer(began, took, int("".join(counted[1].split()))))

    def list_between(self, began: float, ended: float) -> dict[int, list[float]]:
        """What the answers took, by how many sites they list; a single one says nothing."""
        found: dict[int, list[float]] = {}
        for answer in self.answers:
            if began <= answer.at < ended:
                found.setdefault(answer.sites, []).append(answer.took)
        return {sites: took for sites, took in found.items() if len(took) > 1}


def serve(environment: dict[str, str], port: int) -> subprocess.Popen[bytes]:
    """Start what `make start` starts, and wait until it answers."""
    command = [sys.executable, "-m", "gunicorn", "pimms.wsgi", f"--bind=127.0.0.1:{port}"]
    options = [
        "--workers=2",
        "--worker-class=pimms.worker.Worker",
        "--threads=4",
        "--log-level=warning",
        "--no-control-socket",
    ]
    server = subprocess.Popen([*command, *options], env=environment)
    while True:
        assert server.poll() is None, "the server stopped"
        try:
            Person(f"http://127.0.0.1:{port}").get(PAGE)
        except OSError:
            time.sleep(0.2)
        else:
            return server


def measure(bench: Bench, port: int, path: Path) -> bool:
    """Preview, apply and undo `path`; say what the list took meanwhile, and whether it may."""
    address = f"http://127.0.0.1:{port}"
    reader, importer = Reader(Person(address)), Person(address)
    reader.start()
    time.sleep(ALONE)
    moments = [("alone", time.perf_counter())]
    run = importer.post("/labelling/importrun/add/", file=path, model="site", pasted="")
    moments.append(("previewed", time.perf_counter()))
    place = run.removesuffix("change/")
    importer.post(run, to=f"{place}apply/")
    moments.append(("applied", time.perf_counter()))
    time.sleep(ALONE)
    moments.append(("alone, with the new ones", time.perf_counter()))
    importer.post(f"{place}undo/")
    moments.append(("undone", time.perf_counter()))
    reader.stopped.set()
    reader.join()
    out(f"\nthe list of sites, in ms{'s':>6}{'sites':>8}{'answers':>9}{'p50':>7}{'p95':>7}{'x':>7}")
    began, rows = moments[0][1] - ALONE, []
    for what, ended in moments:
        for sites, took in reader.list_between(began, ended).items():
            rows.append((what, ended - began, sites, took))
        began = ended
    idle = {sites: latency(took)[1] for what, _, sites, took in rows if what.startswith("alone")}
    good = True
    for what, seconds, sites, took in rows:
        p50, p95, _ = latency(took)
        missed = p95 > RATIO * idle[sites]
        good = good and not missed
        out(
            f"{what:24}{seconds:6.1f}{sites:8}{len(took):9}{p50:7.0f}{p95:7.0f}"
            f"{p95 / idle[sites]:7.1f}{'   MISSED' if missed else ''}"
        )
    return good


def main(arguments: list[str]) -> int:
    rows = int(arguments[0]) if arguments else SIZES[-1]
    with own_database() as address, tempfile.TemporaryDirectory() as directory:
        bench = Bench(address, Path(directory))
        bench.shell(
            "from django.contrib.auth.models import User\n"
            f"User.objects.create_superuser('{PERSON}', '{PERSON}', '{PASSWORD}')\n"
        )
        path = Path(directory) / "banc.xlsx"
        write_file(path, rows, changed=False)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        server = serve(bench.environment, port)
        try:
            return 0 if measure(bench, port, path) else 1
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pimms.settings")
    sys.exit(main(sys.argv[1:]))

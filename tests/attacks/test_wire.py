"""Attacks by bytes on the wire, on the application as it is served [S15, S22, S25]."""

import http.client
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlencode

import pytest
from django.db import connection

from labelling.access.tries import MOST_BY_NETWORK
from tests.access.signing_in import PASSWORD, person
from tests.access.test_tries import LOCKED
from tests.test_posts import TREE, answer_to, served  # noqa: F401  # a fixture


def ask(port: int, *lines: str, body: bytes = b"") -> bytes:
    head = "\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1")
    return answer_to(port, head, body)


def status(answer: bytes) -> bytes:
    return answer.partition(b" ")[2][:3]


FORM = "application/x-www-form-urlencoded"


class TestOnTheWire:
    @pytest.mark.parametrize("charset", ["hex", "rot13", "idna", "undefined", "utf-16", "é", '"'])
    @pytest.mark.parametrize("kind", [FORM, "multipart/form-data; boundary=x", "text/plain"])
    def test_no_encoding_makes_it_fail(self, served, kind, charset):  # noqa: F811
        """S22."""
        for method in ("GET", "POST"):
            answer = ask(
                served[0],
                f"{method} /nowhere/?next=%ff HTTP/1.1",
                "Host: 127.0.0.1",
                f"Content-Type: {kind}; charset={charset}",
                "Content-Length: 3",
                body=b"a=b",
            )
            assert status(answer) in {b"302", b"400", b"403"}

    @pytest.mark.parametrize(
        "path",
        [
            "/static/../pimms/settings.py",
            "/static/%2e%2e/pimms/settings.py",
            "/static/..%2fpimms%2fsettings.py",
            "/static//etc/passwd",
            "/static/%00",
            "/../../etc/passwd",
            "/.local/secret",
            "/static/....//....//etc/passwd",
        ],
    )
    def test_no_path_leads_to_a_file(self, served, path):  # noqa: F811
        """S28."""
        answer = ask(served[0], f"GET {path} HTTP/1.1", "Host: 127.0.0.1")

        assert status(answer) in {b"302", b"400", b"404"}
        assert b"SECRET" not in answer
        assert b"root:" not in answer

    @pytest.mark.parametrize(
        "fields",
        [
            ["Content-Length: 5", "Transfer-Encoding: chunked"],
            ["Content-Length: 5", "Content-Length: 60"],
            ["Transfer-Encoding: xchunked", "Content-Length: 60"],
            ["Transfer-Encoding : chunked"],
            ["Content-Length: +5"],
            ["Content-Length: 5, 60"],
        ],
        ids=str,
    )
    def test_no_request_hides_behind_another(self, served, fields):  # noqa: F811
        """S25: of two lengths neither is believed."""
        hidden = b"0\r\n\r\nGET /login/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
        head = ["POST /login/ HTTP/1.1", "Host: 127.0.0.1", f"Content-Type: {FORM}", *fields]
        answer = answer_to(served[0], "\r\n".join([*head, "", ""]).encode(), hidden)

        assert answer.count(b"HTTP/1.1 ") == 1
        assert status(answer) in {b"400", b"501"}

    @pytest.mark.parametrize(
        "lines",
        [
            ["GET /login/ HTTP/1.1", "Host: evil.example"],
            ["GET http://evil.example/login/ HTTP/1.1", "Host: evil.example"],
            ["GET /login/ HTTP/1.1", "Host: 127.0.0.1", "Host: evil.example"],
            ["GET /login/ HTTP/1.1", "Host: evil.example", "X-Forwarded-Host: 127.0.0.1"],
        ],
        ids=str,
    )
    def test_no_other_name_is_answered(self, served, lines):  # noqa: F811
        """S13."""
        answer = ask(served[0], *lines)

        assert status(answer) == b"400"
        assert b"evil" not in answer


@pytest.fixture
def behind_proxy() -> Iterator[int]:
    """The application as a proxy has it behind, on the base of the test: its port."""
    database = f"sqlite:///{connection.settings_dict['NAME']}"
    if connection.vendor == "postgresql":
        base, _, _ = os.environ["DATABASE_URL"].rpartition("/")
        database = f"{base}/{connection.settings_dict['NAME']}"
    with socket.create_server(("127.0.0.1", 0)) as door:
        how = ["--bind", f"fd://{door.fileno()}", "--threads", "2", "--no-control-socket"]
        settings = {"DJANGO_SETTINGS_MODULE": "tests.settings", "BEHIND_PROXY": "yes"}
        with subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "pimms.wsgi", "--log-level", "error", *how],
            cwd=TREE,
            env={**os.environ, **settings, "DATABASE_URL": database},
            pass_fds=[door.fileno()],
        ) as server:
            try:
                yield door.getsockname()[1]
            finally:
                server.terminate()


@pytest.mark.django_db(transaction=True)
class TestBehindTheProxy:
    def sign_in(self, port: int, address: str, password: str, headers: dict[str, str]) -> str:
        token = "a" * 32
        sent = urlencode({"username": address, "password": password, "csrfmiddlewaretoken": token})
        told = {"Cookie": f"csrftoken={token}", "Content-Type": FORM, "Host": "127.0.0.1"}
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as line:
            line.request("POST", "/login/", sent, told | headers)
            return line.getresponse().read().decode()

    def test_no_header_written_otherwise_is_believed(self, behind_proxy):
        """S15: X_Forwarded_For reads as X-Forwarded-For does, once it is a variable."""
        user = person()
        for number in range(MOST_BY_NETWORK):
            told = {"X-Forwarded-For": "198.51.100.7", "X_Forwarded_For": f"192.0.2.{number}"}
            page = self.sign_in(behind_proxy, f"a{number}@example.net", "non", told)
            assert re.search("ne correspondent à aucun accès ouvert", page), number

        told = {"X-Forwarded-For": "198.51.100.7", "X_Forwarded_For": "192.0.2.99"}
        assert LOCKED.search(self.sign_in(behind_proxy, user.username, PASSWORD, told))

"""S25: no post lies on a disk, nor in memory beyond its limit, whoever sends it, however."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from html import unescape
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from labelling.models import ImportRun, SentFile
from tests.factories import LetterheadFactory, ReleaseFactory, final
from tests.test_settings import TREE

MEGABYTE = 1024 * 1024
IMPORT = "/labelling/importrun/add/"
HEAVY = b"x" * 150 * MEGABYTE
# With one, the check of the token reads the post before any page is asked.
COOKIE = f"csrftoken={'x' * 32}"
BOUNDARY = b"0123456789"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY.decode()}"


def in_parts(*parts: tuple[str, bytes]) -> bytes:
    """The body of a form; a name that ends in a dot is that of a file."""
    body = bytearray()
    for name, content in parts:
        file = b'; filename="list.csv"' if name.endswith(".") else b""
        head = b'--%b\r\nContent-Disposition: form-data; name="%b"%b\r\n\r\n'
        body += head % (BOUNDARY, name.rstrip(".").encode(), file)
        body += content + b"\r\n"
    return bytes(body + b"--" + BOUNDARY + b"--\r\n")


def said(answer) -> str:
    """The sentences of a page, on one line."""
    return re.sub(r"[ \n]+", " ", unescape(re.sub(r"<[^>]+>", "", answer.text)))


@pytest.fixture
def no_disk(tmp_path, settings):
    """There is no folder for Django to lay in what is uploaded: it fails if it tries."""
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "nowhere")


@pytest.mark.django_db
class TestAPostOfNobody:
    @pytest.mark.parametrize("address", ["/", "/login/", "/login/passkey/", "/nowhere/", IMPORT])
    @pytest.mark.parametrize(
        "kind", [MULTIPART, "application/x-www-form-urlencoded", "application/json", "text/x"]
    )
    def test_is_refused_by_what_it_says_it_weighs(self, client, no_disk, address, kind):
        """S25."""
        answer = client.post(address, b"x" * (3 * MEGABYTE + 1), content_type=kind)

        assert answer.status_code == 413
        assert "Cet envoi est trop lourd" in answer.text

    @pytest.mark.parametrize("method", ["get", "put", "patch", "delete", "options"])
    def test_is_refused_by_any_name(self, client, method):
        """S25."""
        answer = client.generic(method.upper(), "/login/", b"x" * (3 * MEGABYTE + 1))

        assert answer.status_code == 413

    def test_says_the_limit_and_the_remedy(self, client):
        answer = client.post("/login/", b"x" * 4 * MEGABYTE, content_type="text/plain")

        assert (
            "Il pèse 4\u00a0Mo\u202f; cette page en reçoit 3 au plus. Il n’a pas été lu, et rien "
            "n’a été enregistré. Revenez à la page précédente\u00a0: votre saisie y est encore. "
            "Raccourcissez-la, puis recommencez."
        ) in said(answer)
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]

    def test_is_told_to_come_back_where_a_file_was_meant(self, client):
        answer = client.post(IMPORT, b"x" * 4 * MEGABYTE, content_type=MULTIPART)

        assert (
            "Il pèse 4\u00a0Mo, et votre session est fermée. Il n’a pas été lu, et rien n’a été "
            "enregistré. Revenez à l’accueil pour vous reconnecter, puis recommencez."
        ) in said(answer)

    def test_of_a_file_within_the_limit_lies_on_no_disk(self, no_disk):
        """S25: the check of the token reads it, before any page is asked."""
        client = Client(enforce_csrf_checks=True, headers={"cookie": COOKIE})
        body = in_parts(("file.", b"x" * (2 * MEGABYTE + MEGABYTE // 2 + 1)))

        answer = client.post("/login/", body, content_type=MULTIPART)

        assert answer.status_code == 403

    @pytest.mark.parametrize("name", ["field", "file."])
    def test_has_few_parts(self, client, name):
        """S25."""
        body = in_parts(*[(name, b"x")] * 10_000)

        answer = client.post("/login/", body, content_type=MULTIPART)

        assert answer.status_code == 400
        assert "Cette demande n’a pas été comprise" in answer.text

    @pytest.mark.parametrize(
        "odd",
        [
            {"CONTENT_LENGTH": "-1"},
            {"CONTENT_LENGTH": "1_000_000_000"},
            {"CONTENT_LENGTH": "٤٢"},
            {"HTTP_TRANSFER_ENCODING": "chunked"},
        ],
    )
    def test_of_no_length_is_not_understood(self, client, odd):
        """S25."""
        answer = client.post("/login/", {"login": "ana@example.org"}, **odd)

        assert answer.status_code == 400
        assert "Cette demande n’a pas été comprise" in answer.text


@pytest.mark.django_db
class TestAFile:
    def test_is_taken_up_to_its_limit(self, as_editor, settings):
        settings.IMPORT_LIMITS = {**settings.IMPORT_LIMITS, "upload": 4 * MEGABYTE}
        line = b"PIMMS de Dole;Jura\n"
        content = b"Nom;D\xc3\xa9partement\n" + line + (b" " * 999 + b"\n") * 4_100
        file = SimpleUploadedFile("liste.csv", content)

        answer = as_editor.post(IMPORT, {"model": "site", "file": file})

        assert answer.status_code == 302
        assert bytes(ImportRun.objects.get().content) == content

    def test_that_is_somewhat_too_heavy_is_refused_by_its_own_page(self, as_editor, no_disk):
        file = SimpleUploadedFile("liste.csv", b"x" * 6 * MEGABYTE)

        answer = as_editor.post(IMPORT, {"model": "site", "file": file})

        assert "Ce fichier pèse 6 Mo\u202f; la limite est de 5 Mo." in answer.text
        assert answer.context["form"].data["model"] == "site"

    def test_that_is_far_too_heavy_is_not_read(self, as_editor, no_disk):
        """S25."""
        answer = as_editor.post(IMPORT, HEAVY, content_type=MULTIPART)

        assert answer.status_code == 413
        assert (
            "Il pèse 150\u00a0Mo\u202f; un fichier peut peser 5\u00a0Mo au plus. Il n’a pas été "
            "lu, et rien n’a été enregistré. Revenez à la page précédente\u00a0: votre saisie y "
            "est encore. Choisissez un fichier plus léger, ou enregistrez celui-ci sans ses images."
        ) in said(answer)

    def test_is_not_taken_from_who_may_send_none(self, as_reader):
        """S25."""
        answer = as_reader.post(IMPORT, b"x" * 4 * MEGABYTE, content_type=MULTIPART)

        assert answer.status_code == 413
        assert "cette page en reçoit 3 au plus" in said(answer)

    def test_beside_a_form_that_is_too_long_is_not_taken(self, as_editor):
        """S25: what is pasted has a limit of its own, said by its page."""
        body = in_parts(("model", b"site"), ("pasted", b"x" * 4 * MEGABYTE))

        answer = as_editor.post(IMPORT, body, content_type=MULTIPART)

        assert "Le texte collé est trop long." in answer.text

    def test_that_was_sent_has_its_own_limit(self, as_manager, settings):
        """Whatever that of imports is."""
        settings.IMPORT_LIMITS = {**settings.IMPORT_LIMITS, "upload": MEGABYTE}
        release = final(ReleaseFactory())
        release.status = "sent"
        release.sent_on = release.issued_on
        release.save()
        address = f"/labelling/pressrelease/{release.pk}/attach/"
        content = b"%PDF-1.7\n" + b"x" * 4_900_000
        for sent in (content, content + b"x" * 1_000_000):
            as_manager.post(address, {"file": SimpleUploadedFile("envoi.pdf", sent)})

        assert [bytes(file.content) for file in SentFile.objects.all()] == [content]

    def test_of_a_logo_is_refused_by_its_own_page(self, as_manager):
        letterhead = LetterheadFactory()
        file = SimpleUploadedFile("logo.png", b"x" * 6 * MEGABYTE)

        answer = as_manager.post(
            f"/labelling/letterhead/{letterhead.pk}/change/", {"logo_file": file}
        )

        assert "Ce logo pèse plus de 100\u00a0ko" in answer.text


def read_peak(process: int) -> int:
    """The most memory that a process and its children had, in megabytes."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    peaks = []
    for one in (str(process), *children):
        status = Path(f"/proc/{one}/status").read_text()
        peaks.append(int(re.search(r"VmHWM:\s+(\d+)", status)[1]) // 1024)
    return max(peaks)


@pytest.fixture(scope="class")
def served(tmp_path_factory) -> Iterator[tuple[int, Path, int]]:
    """The application as it is served: its port, where its temporary files lie, its process."""
    folder = tmp_path_factory.mktemp("temporary")
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
        how = ["--bind", f"fd://{door.fileno()}", "--threads", "4", "--no-control-socket"]
        with subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "pimms.wsgi", "--log-level", "error", *how],
            cwd=TREE,
            env={
                "PATH": os.environ["PATH"],
                "TMPDIR": str(folder),
                "DJANGO_SETTINGS_MODULE": "tests.settings",
                "DATABASE_URL": f"sqlite:///{folder}/none.sqlite3",
            },
            pass_fds=[door.fileno()],
        ) as server:
            try:
                assert b"Connexion" in answer_to(port, b"GET /login/ HTTP/1.0\r\n\r\n")
                yield port, folder, server.pid
            finally:
                server.terminate()


def answer_to(port: int, head: bytes, *pieces: bytes, times: int = 1) -> bytes:
    """What the server answers to these bytes, whenever it does: it may before all are sent."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
        with suppress(OSError):  # It answered, and listens no more.
            line.sendall(head)
            for _ in range(times):
                for piece in pieces:
                    line.sendall(piece)
        answer = b""
        with suppress(OSError):
            while b"</html>" not in answer and (more := line.recv(65536)):
                answer += more
        return answer


def head_of(address: str, *fields: str) -> bytes:
    lines = (f"POST {address} HTTP/1.1", "Host: 127.0.0.1", "Connection: close", *fields, "", "")
    return "\r\n".join(lines).encode()


def list_uploads(folder: Path) -> list[Path]:
    """What lies there, but for the base of the tests."""
    return [path for path in folder.rglob("*") if path.is_file() and "sqlite3" not in path.name]


PIECE = b"x" * MEGABYTE
CHUNK = b"100000\r\n" + PIECE + b"\r\n"
BEGUN = in_parts(("file.", b"")).partition(b"\r\n--")[0]
URLENCODED = "application/x-www-form-urlencoded"


class TestTheServer:
    @pytest.mark.parametrize("address", ["/login/", "/", "/nowhere/", IMPORT, "/static/x.css"])
    @pytest.mark.parametrize("kind", [MULTIPART, URLENCODED, "application/json"])
    @pytest.mark.parametrize(
        ("length", "piece", "status"),
        [
            (f"Content-Length: {150 * MEGABYTE}", PIECE, b"413"),
            ("Transfer-Encoding: chunked", CHUNK, b"400"),
        ],
    )
    def test_answers_at_once_and_keeps_nothing(self, served, address, kind, length, piece, status):
        """S25: 150 MB, said or not, are neither on the disk nor in memory."""
        port, _, process = served
        before = read_peak(process)
        began = time.monotonic()

        head = head_of(address, f"Content-Type: {kind}", length)
        answer = answer_to(port, head, piece, times=150)

        assert answer.startswith(b"HTTP/1.1 " + status)
        assert b"</html>" in answer
        assert time.monotonic() - began < 10
        assert read_peak(process) - before < 16

    def test_keeps_nothing_on_the_disk_while_it_comes_in(self, served):
        """S25."""
        port, folder, _ = served
        length = f"Content-Length: {len(HEAVY)}"
        head = head_of("/login/", f"Content-Type: {MULTIPART}", length, f"Cookie: {COOKIE}")
        with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
            line.sendall(head + BEGUN + PIECE * 8)
            time.sleep(0.5)

            assert list_uploads(folder) == []

    def test_refuses_an_endless_length(self, served):
        """S25."""
        port, _, _ = served
        head = head_of("/login/", f"Content-Type: {MULTIPART}", f"Content-Length: {'9' * 30}")

        assert answer_to(port, head, PIECE, times=150).startswith(b"HTTP/1.1 413")

    def test_reads_no_more_than_what_was_announced(self, served):
        """S25: what follows a length that lies is no part of the post."""
        port, _, process = served
        before = read_peak(process)
        head = head_of("/login/", f"Content-Type: {MULTIPART}", "Content-Length: 1000")

        answer = answer_to(port, head, BEGUN, *[PIECE] * 150)

        assert answer.startswith(b"HTTP/1.1 403")
        assert read_peak(process) - before < 16

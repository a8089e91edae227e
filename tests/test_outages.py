"""R4, R18: a base that is not there, is full, damaged, of another version or takes no changes.

Each fault is a real one, of the driver's own words; where PostgreSQL cannot be brought to it, it
raises it itself.
"""

import html
import logging
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from django.db import OperationalError, connection, transaction
from django.test import Client, RequestFactory

import manage
from labelling.models import Association, ImportRun, Site
from pimms import failures, outages
from pimms.outages import DAMAGED, FULL, MISSING, READ_ONLY, UNREACHABLE
from tests.admin.forms import filled
from tests.factories import DepartmentFactory, manager
from tests.test_settings import TREE

POSTGRESQL = connection.vendor == "postgresql"
of_postgresql = pytest.mark.skipif(not POSTGRESQL, reason="of PostgreSQL alone")
of_sqlite = pytest.mark.skipif(POSTGRESQL, reason="of SQLite alone")

ADD_SITE = "/labelling/site/add/"
ADD_IMPORT = "/labelling/importrun/add/"
# Long enough for a base that has no room to need some.
NOTE = 'Deux lignes,\r\net « des " guillemets ».\r\n' * 200
PASTED = "Nom\tDépartement\r\n" + "PIMMS Nîmes\tGard\r\n" * 400


@contextmanager
def elsewhere(**address: object) -> Iterator[None]:
    """Let the base be looked for in another place."""
    connection.close()
    before = connection.settings_dict
    connection.settings_dict = {**before, **address}
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict = before


@contextmanager
def unreachable(folder: Path) -> Iterator[None]:
    place = {"HOST": str(folder)} if POSTGRESQL else {"NAME": folder / "none" / "base.sqlite3"}
    with elsewhere(**place):
        yield


@contextmanager
def raising(code: str, when: str = "BEFORE INSERT", action: str = "") -> Iterator[None]:
    """Let PostgreSQL fail where a site or an import is written."""
    action = action or f"RAISE EXCEPTION 'Ana Durand' USING ERRCODE = '{code}'"
    kind = "CONSTRAINT TRIGGER" if when.startswith("AFTER") else "TRIGGER"
    later = "DEFERRABLE INITIALLY DEFERRED" if when.startswith("AFTER") else ""
    tables = ("labelling_site", "labelling_importrun")
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN {action}; RETURN NEW; END $$"
        )
        for table in tables:
            cursor.execute(
                f"CREATE {kind} fail {when} ON {table} {later} FOR EACH ROW EXECUTE FUNCTION fail()"
            )
    try:
        yield
    finally:
        connection.close()
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION fail CASCADE")


@contextmanager
def full(folder: Path) -> Iterator[None]:
    if POSTGRESQL:
        with raising("53100"):
            yield
        return
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA max_page_count = 1")  # As many as there are.
    yield
    connection.close()


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    if POSTGRESQL:
        with connection.cursor() as cursor:
            cursor.execute("SET default_transaction_read_only = on")
        yield
        connection.close()
        return
    # Such a base takes no setting that would write.
    options = {**connection.settings_dict["OPTIONS"], "init_command": "PRAGMA foreign_keys=ON"}
    with elsewhere(NAME=f"file:{connection.settings_dict['NAME']}?mode=ro", OPTIONS=options):
        yield


@contextmanager
def damaged(folder: Path) -> Iterator[None]:
    if POSTGRESQL:
        with raising("XX001"):
            yield
        return
    (folder / "base.sqlite3").write_bytes(b"no base " * 10_000)
    with elsewhere(NAME=folder / "base.sqlite3"):
        yield


@contextmanager
def without_table(*, is_unapplied: bool, table: str = "labelling_account") -> Iterator[None]:
    """Let a table be away, by default one that every page asks for."""
    forget = "UPDATE django_migrations SET app = {} WHERE app = {} AND name = '0009_access'"
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} RENAME TO elsewhere")
        if is_unapplied:
            cursor.execute(forget.format("'away'", "'labelling'"))
    try:
        yield
    finally:
        connection.close()
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE elsewhere RENAME TO {table}")
            cursor.execute(forget.format("'labelling'", "'away'"))


@contextmanager
def missing(folder: Path) -> Iterator[None]:
    with without_table(is_unapplied=True):
        yield


FAULTS = {
    unreachable: UNREACHABLE,
    full: FULL,
    missing: MISSING,
    damaged: DAMAGED,
    read_only: READ_ONLY,
}
each_fault = pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)


@pytest.fixture(autouse=True)
def nothing_told():
    """What one test met, another one has not."""
    outages._told._lasting.clear()


@pytest.fixture
def client(transactional_db) -> Client:
    client = Client(
        raise_request_exception=False,
        headers={"accept": "text/html,*/*;q=0.8", "sec-fetch-mode": "navigate"},
    )
    client.force_login(manager())
    return client


def sent_again(answer) -> dict[str, str]:
    """What the button of the page sends."""
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', answer.text)
    return {html.unescape(name): html.unescape(value) for name, value in found}


def said(answer) -> str:
    words = html.unescape(re.sub(r"<[^>]+>", " ", answer.text.partition("<h1>")[2]))
    return re.sub(r"[\s\u00a0\u202f]+", " ", words)


def told(caplog) -> list[str]:
    return [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR]


def site_form(client) -> dict[str, object]:
    department = DepartmentFactory()
    form = filled(client.get(ADD_SITE), name="PIMMS Nîmes", note=NOTE)
    return {**form, "department": department.pk}


class TestAPage:
    @each_fault
    def test_says_it_and_the_log_says_why_once(self, client, fault, tmp_path, caplog):
        """R4, R18."""
        outage = FAULTS[fault]
        is_shown = outage.is_of_writes or (POSTGRESQL and fault is damaged)

        with fault(tmp_path):
            answers = [client.get("/labelling/site/?q=nimes") for _ in range(3)]

        for answer in answers:
            assert answer.status_code == (200 if is_shown else 503)
        if not is_shown:
            assert f"<h1>{outage.title}</h1>" in answer.text
            assert html.escape(outage.state) in answer.text
            assert '<a href="/labelling/site/?q=nimes" class="button">Réessayer</a>' in answer.text
            assert answer.headers["Retry-After"] == "30"
            assert "no-store" in answer.headers["Cache-Control"]
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
            (line,) = told(caplog)
            assert line.startswith(outage.cause)
            assert caplog.records[-1].exc_info is None
        assert client.get("/labelling/site/?q=nimes").status_code == 200

    @each_fault
    def test_of_a_record_keeps_what_was_typed(self, client, fault, tmp_path, caplog):
        """R4, R18: nothing is written meanwhile, and it is sent again once."""
        form = site_form(client)
        caplog.clear()

        with fault(tmp_path):
            answers = [client.post(ADD_SITE, form) for _ in range(2)]
        count = Site.objects.count()
        again = client.post(ADD_SITE, sent_again(answers[1]))

        for answer in answers:
            assert answer.status_code == 503
            assert f"<h1>{FAULTS[fault].title}</h1>" in answer.text
            assert f"{FAULTS[fault].state} Rien n’a été enregistré ; " in said(answer)
        assert len(told(caplog)) == 1
        assert "Durand" not in caplog.text
        assert count == 0
        assert again.status_code == 302
        site = Site.objects.get()
        assert (site.name, site.note) == ("PIMMS Nîmes", NOTE.strip())
        assert site.history.count() == 1

    @each_fault
    def test_of_pasted_lines_keeps_them(self, client, fault, tmp_path):
        """R4, R18, R19."""
        with fault(tmp_path):
            answer = client.post(ADD_IMPORT, {"model": "site", "pasted": PASTED, "wave": ""})
        count = ImportRun.objects.count()
        again = client.post(ADD_IMPORT, sent_again(answer))

        assert answer.status_code == 503
        assert "Votre saisie est conservée dans cette page" in said(answer)
        assert count == 0
        assert again.status_code == 302
        assert ImportRun.objects.count() == 1

    def test_keeps_what_came_beside_a_file(self, client, tmp_path):
        """R19: the base cannot say who sends it; the file is to be given again."""
        with (
            unreachable(tmp_path),
            (TREE / "README.md").open("rb") as file,
        ):
            answer = client.post(ADD_IMPORT, {"model": "site", "pasted": "", "file": file})

        assert answer.status_code == 503
        assert sent_again(answer) == {"model": "site", "pasted": ""}
        assert "sauf le mot de passe ou le fichier, à donner de nouveau" in said(answer)

    @pytest.mark.parametrize("kind", ["multipart/form-data; boundary=x", "text/plain"])
    def test_keeps_nothing_of_a_post_that_is_far_too_heavy(self, client, tmp_path, kind):
        """S25."""
        with unreachable(tmp_path):
            answer = client.post(ADD_IMPORT, b"x" * 40 * 1024 * 1024, content_type=kind)

        assert answer.status_code == 503
        assert sent_again(answer) == {}

    @pytest.mark.parametrize(
        "body", [b"a=b&" * 2000, b"x" * 1000], ids=["too many fields", "no form"]
    )
    def test_keeps_nothing_of_what_cannot_be_read(self, client, tmp_path, body):
        kind = "application/x-www-form-urlencoded" if b"=" in body else "multipart/form-data"

        with unreachable(tmp_path):
            answer = client.post(ADD_SITE, body, content_type=kind)

        assert answer.status_code == 503
        assert sent_again(answer) == {}

    def test_that_is_not_there_says_it_too(self, client, tmp_path):
        with unreachable(tmp_path):
            assert client.get("/nowhere/").status_code == 503

    @pytest.mark.parametrize("address", ["/account/session/", "/autocomplete/"])
    def test_that_a_page_asks_for_by_itself_is_a_sentence(self, client, tmp_path, address):
        """What scripts show."""
        asked = {"sec-fetch-mode": "cors", "accept": "application/json"}

        with unreachable(tmp_path):
            answers = [client.get(address, headers=asked), client.post(address, headers=asked)]

        for answer in answers:
            assert answer.status_code == 503
            assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
            assert answer.text == (
                "Rien ne peut être lu ni enregistré pour l’instant. Réessayez dans une minute, et "
                "prévenez un responsable si cela dure."
            )

    def test_where_one_signs_in_says_it(self, transactional_db, tmp_path):
        client = Client(raise_request_exception=False)
        with unreachable(tmp_path):
            page = client.get("/login/")
            answer = client.post(
                "/login/", {"username": "ana@example.org", "password": "rouge-gorge"}
            )

        assert page.status_code == 200
        assert answer.status_code == 503
        assert "<h1>La base ne répond pas</h1>" in answer.text
        assert "rouge-gorge" not in answer.text

    def test_of_a_mistake_of_ours_is_none(self, client, caplog):
        """A table that is not there, though every migration was applied."""
        with without_table(is_unapplied=False):
            answer = client.get("/labelling/site/")

        assert answer.status_code == 500
        assert "Cela n’a pas fonctionné, et ce n’est pas de votre fait" in answer.text

    def test_does_not_say_later_on_what_was_not_done(self, client):
        """R5: it fails as it is committed, once the page has its sentence."""
        form = site_form(client)
        if POSTGRESQL:
            with raising("53100", when="AFTER INSERT"):
                answer = client.post(ADD_SITE, form)
        else:
            other = connection.copy()
            other.cursor().execute("BEGIN")
            other.cursor().execute("SELECT count(*) FROM labelling_site").fetchone()
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA busy_timeout = 50")
            answer = client.post(ADD_SITE, form)
            other.close()
            connection.close()

        assert answer.status_code == 503
        assert Site.objects.count() == 0
        assert "PIMMS Nîmes" not in client.get("/labelling/site/").text


@of_postgresql
class TestAConnection:
    def end(self) -> None:
        """Let PostgreSQL end the connection of the test, as when it stops."""
        other = connection.copy()
        process = connection.connection.info.backend_pid
        other.cursor().execute("SELECT pg_terminate_backend(%s, 5000)", [process])
        other.close()

    def test_that_was_lost_between_two_pages_is_replaced(self, client):
        """R4."""
        connection.settings_dict["CONN_HEALTH_CHECKS"] = True
        client.get("/labelling/site/")
        connection.health_check_enabled, connection.health_check_done = True, False
        self.end()

        assert client.get("/labelling/site/").status_code == 200

    def test_that_is_lost_while_a_page_writes_loses_nothing(self, client):
        """R4."""
        form = site_form(client)
        with raising("", action="PERFORM pg_terminate_backend(pg_backend_pid())"):
            answer = client.post(ADD_SITE, form)
            connection.close()
            count = Site.objects.count()

        assert (answer.status_code, count) == (503, 0)
        assert "La base ne répond pas" in answer.text
        assert client.post(ADD_SITE, sent_again(answer)).status_code == 302

    def test_that_is_cut_at_the_very_end_may_have_written(self, client):
        """R5: nobody knows, and the page does not say that it does."""
        try:
            with transaction.atomic():
                Association.objects.create(name="Métropole Stéphanoise")
                with socket.socket(fileno=os.dup(connection.connection.fileno())) as line:
                    line.shutdown(socket.SHUT_RDWR)
        except OperationalError:
            answer = failures.answer_failure(RequestFactory().post("/", {"name": "x"}))

        assert answer.status_code == 503
        assert "Rien n’a été enregistré" not in said(answer)
        assert "qui est peut-être fait : regardez dans un autre onglet avant de" in said(answer)
        assert sent_again(answer) == {"name": "x"}
        connection.close()

    def test_to_a_machine_that_says_nothing_is_given_up(self, client):
        """R4."""
        options = {**connection.settings_dict["OPTIONS"], "connect_timeout": 2}
        with socket.create_server(("127.0.0.1", 0)) as silent:
            port = silent.getsockname()[1]
            with elsewhere(HOST="127.0.0.1", PORT=port, OPTIONS=options):
                answer = client.get("/labelling/site/")

        assert answer.status_code == 503
        assert "<h1>La base ne répond pas</h1>" in answer.text


class TestTheLog:
    def test_says_where_no_base_was_found(self, client, tmp_path, caplog):
        """R4."""
        with unreachable(tmp_path):
            client.get("/")

        detail = f'"{tmp_path}/.s.PGSQL' if POSTGRESQL else "(unable to open database file)"
        assert detail in told(caplog)[0]

    def test_says_again_after_a_while_and_when_it_is_over(
        self, client, tmp_path, caplog, monkeypatch
    ):
        """R4."""
        monkeypatch.setattr(outages, "_QUIET", 0)
        with unreachable(tmp_path):
            client.get("/")
            client.get("/")
            monkeypatch.setattr(outages, "_AGAIN", 0)
            client.get("/")
        client.get("/login/")  # Asks nothing of the base who is signed in.
        Client().get("/login/")
        lines = [r.getMessage() for r in caplog.records if r.name == "pimms.outages"]
        client.get("/")

        assert len(told(caplog)) == 2
        assert [line.partition(" :")[0] for line in lines][:2] == ["La base est injoignable"] * 2
        assert caplog.records[-1].getMessage() == "C’est fini : La base ne répond pas"

    def test_says_that_it_writes_again_once_somebody_wrote(
        self, client, tmp_path, caplog, monkeypatch
    ):
        monkeypatch.setattr(outages, "_QUIET", 0)
        form = site_form(client)
        with read_only(tmp_path):
            client.post(ADD_SITE, form)
        client.get("/")
        before = len([r for r in caplog.records if r.name == "pimms.outages"])
        client.post(ADD_SITE, form)

        assert before == 1
        assert caplog.records[-1].getMessage() == "C’est fini : La base n’accepte aucun changement"

    def test_of_the_server_has_no_trace(self, tmp_path):
        """R4: as it is served, three times asked."""
        url = f"postgres://u:rouge-gorge@%2F{tmp_path.name}/x"
        url = url if POSTGRESQL else f"sqlite:///{tmp_path}/none/base.sqlite3"
        with socket.create_server(("127.0.0.1", 0)) as door:
            how = ["--bind", f"fd://{door.fileno()}", "--no-control-socket", "--threads", "2"]
            with subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "pimms.wsgi", "--log-level", "error", *how],
                cwd=TREE,
                env={
                    "PATH": os.environ["PATH"],
                    "DJANGO_SETTINGS_MODULE": "tests.settings",
                    "DATABASE_URL": url,
                },
                pass_fds=[door.fileno()],
                stderr=subprocess.PIPE,
                text=True,
            ) as server:
                try:
                    port = door.getsockname()[1]
                    answers = [
                        ask(port, "Cookie: sessionid=abcdefghijklmnopqrstuvwxyz012345")
                        for _ in range(3)
                    ]
                    alive = ask(port, address="/.alive")
                    ready = ask(port, address="/.ready")
                finally:
                    server.terminate()
                lines = server.stderr.read()

        for answer in answers:
            assert answer.startswith("HTTP/1.0 503")
            assert "<h1>La base ne répond pas</h1>" in answer
        assert alive.startswith("HTTP/1.0 200")
        assert ready.startswith("HTTP/1.0 503")
        assert lines.count("La base est injoignable") == 1
        for word in ("Traceback", "rouge-gorge", "SELECT", "Service Unavailable"):
            assert word not in lines


def ask(port: int, *fields: str, address: str = "/") -> str:
    head = [f"GET {address} HTTP/1.0", "Host: 127.0.0.1", "Accept: text/html", *fields, "", ""]
    with socket.create_connection(("127.0.0.1", port), timeout=60) as line:
        line.sendall("\r\n".join(head).encode())
        answer = b""
        with suppress(OSError):
            while more := line.recv(65536):
                answer += more
    return answer.decode()


class TestACommand:
    @each_fault
    def test_says_it_in_a_sentence(self, transactional_db, fault, tmp_path, monkeypatch):
        """R4, R31."""
        if FAULTS[fault].is_of_writes or (POSTGRESQL and fault is damaged):
            pytest.skip("this command has nothing to write")
        table = without_table(is_unapplied=True, table="labelling_importrun")
        monkeypatch.setattr(sys, "argv", ["manage.py", "purge_imports"])

        with table if fault is missing else fault(tmp_path), pytest.raises(SystemExit) as stop:
            manage.main()

        assert str(stop.value.code).startswith(FAULTS[fault].cause)
        assert " Relancez ensuite la commande (base\u00a0: " in str(stop.value.code)


class TestAFullDisk:
    def test_is_known_by_what_the_system_says(self):
        """R18."""
        with pytest.raises(OSError, match="space") as failure, Path("/dev/full").open("wb") as file:
            file.write(b"x" * 100_000)

        assert outages.find_outage(failure.value) is FULL

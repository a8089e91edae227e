"""S21, S22: what the server says of itself is one line each, numbered, without personal data."""

import io
import json
import logging
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, connection, transaction
from django.test import Client

from labelling.admin import home
from labelling.models import PressContact
from labelling.models.record_sets import unguarded
from pimms import logs
from pimms.masking import list_failures, mask
from tests.factories import ContactFactory, UserFactory
from tests.linear import is_linear
from tests.served import serve, wait_for
from tests.test_posts import answer_to
from tests.test_settings import SECRET, run

# What no line may hold.
PERSONAL = ("Marie", "Dupont", "example.org", "06 12", "Traceback", "raise ")

LINES = {"text": logs.TextLine, "json": logs.JsonLine}


@pytest.fixture(params=logs.FORMATS)
def written(request) -> str:
    return request.param


@pytest.fixture
def told(written) -> Iterator[Callable[[], list[str]]]:
    """What was told so far, a text for each line."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LINES[written]())
    logging.getLogger().addHandler(handler)
    yield lambda: stream.getvalue().split("\n")[:-1]
    logging.getLogger().removeHandler(handler)


def log_failure(error: BaseException) -> None:
    try:
        raise error
    except BaseException:
        logging.getLogger("tests").exception("It failed")


class TestALine:
    def test_says_when_how_grave_who_and_what(self, told, written):
        logging.getLogger("tests.room").warning("%s of %d", "One", 2)

        [line] = told()
        if written == "json":
            said = json.loads(line)
            assert list(said) == ["time", "level", "logger", "request", "message", "failures"]
            line = " ".join(str(said[name]) for name in list(said)[:-1] if said[name])
        assert re.fullmatch(
            r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d WARNING tests.room (- )?One of 2",
            line,
        )

    @pytest.mark.parametrize(
        "odd", ["\n", "\r", "\x1b[2J", "\x00", "\x85", "\u2028", "\u202e", "\n2026 ERROR"]
    )
    def test_is_ended_by_nothing_that_it_repeats(self, told, odd):
        """S21: nobody writes lines of theirs, nor turns a terminal round."""
        logging.getLogger("django.request").warning("Not Found: %s", f"/a{odd}b")
        log_failure(RuntimeError(f"a{odd}b"))

        lines = told()
        assert len(lines) == 2
        assert all(line.isprintable() for line in lines)

    def test_is_ended_by_nothing_that_is_no_letter(self):
        assert mask("a\udc80b") == "a\\udc80b"

    def test_is_short_whatever_it_repeats(self, told):
        logging.getLogger("tests").error("%s", "a b " * 100_000)
        log_failure(RuntimeError("a b " * 100_000))

        assert max(map(len, told())) < 1_500

    def test_comes_of_a_record_that_is_wrong(self, told, written, capsys):
        class Odd(Exception):
            def __str__(self) -> str:
                raise ValueError("Marie Dupont")

        log_failure(Odd())

        wrong = ("tests", logging.ERROR, "", 1, "%d of %d", ("Marie Dupont",), None)
        lines = [*told(), LINES[written]().format(logging.LogRecord(*wrong))]
        assert "Odd at tests" in lines[0]
        assert "%d of %d" in lines[1]
        assert "Dupont" not in "".join(lines) + capsys.readouterr().err

    def test_holds_the_chain_of_what_failed_and_where(self, told):
        def begin() -> None:
            try:
                json.loads("{")
            except ValueError as failure:
                raise KeyError("begin") from failure

        with suppress(KeyError):
            begin()
        try:
            begin()
        except KeyError:
            logging.getLogger("tests").exception("It failed")

        [line] = told()
        places = re.sub(r":\d+ ", ":1 ", line.replace('", "', " <- "))
        here = "tests/test_logs.py:1 in TestALine.test_holds_the_chain_of_what_failed_and_where"
        assert f"KeyError: 'begin' at {here} > {here}.<locals>.begin <- json" in places
        assert "JSONDecodeError: Expecting property name" in places
        assert f"at {here}.<locals>.begin > json/decoder.py:1 in JSONDecoder.raw_decode" in places
        assert "raise KeyError" not in line

    def test_ends_for_what_never_does(self, told):
        def again(depth: int) -> None:
            again(depth + 1)

        first, second = ValueError("a"), ValueError("b")
        first.__cause__, second.__cause__ = second, first
        log_failure(first)
        with suppress(RecursionError):
            again(0)
        try:
            again(0)
        except RecursionError:
            logging.getLogger("tests").exception("It failed")

        assert max(map(len, told())) < 3_000


MASKED = [
    ("Refused by marie.dupont@example.org", "Refused by [address]"),
    ("/x/marie%40example.org/y", "[address]"),
    ("postgres://pimms:marie-dupont@db.example.org/x", "postgres://pimms:[address]"),
    ("Call 06 12 34 56 78 or +33 6.12.34.56.78", "Call [number] or [number]"),
    ("Call 06\u00a012\u00a034\u00a056\u00a078", "Call [number]"),
    ("GET /labelling/contact/?q=Dupont&e=1 HTTP/1.1", "GET /labelling/contact/?… HTTP/1.1"),
    ("/link/MQ/cz1a2b-0123456789abcdef0123456789abcdef/", "/link/MQ/[token]/"),
    ("invalid literal for int(): 'Marie Dupont'", "invalid literal for int(): '…'"),
    ("it can't be 'Dupont', 'Marie' or \"L'Étoile\"", "it can't be '…', '…' or \"…\""),
    ("Un contact s’appelle déjà « Marie Dupont ».", "Un contact s’appelle déjà «…»."),
    ("unclosed 'Marie Dupont", "unclosed '…'"),
    ("Key (name)=(x) exists.\nDETAIL: Marie Dupont", "Key (name)=(x) exists."),
]
KEPT = [
    "No such file or directory: '/var/backups/pimms/daily'",
    "Invalid HTTP_HOST header: 'pimms.example.org:443'.",
    "Field 'association_id' is missing",
    "Worker (pid:12345) was sent SIGKILL! Perhaps out of memory?",
    "Listening at: http://127.0.0.1:8000 (12345)",
    "the_name_of_a_test_that_is_very_long_indeed_and_no_secret",
]


class TestWhatIsPersonal:
    @pytest.mark.parametrize(("said", "masked"), MASKED)
    def test_is_in_no_message_of_a_failure(self, told, said, masked):
        """S21."""
        log_failure(RuntimeError(said))

        [line] = told()
        assert f"RuntimeError: {masked} at tests" in line.replace('\\"', '"')

    @pytest.mark.parametrize(("said", "masked"), MASKED[:-1])
    def test_is_in_no_message_of_another(self, told, said, masked):
        """S21."""
        logging.getLogger("django").error("%s", said)

        [line] = told()
        assert masked in line.replace('\\"', '"')

    @pytest.mark.parametrize("said", KEPT)
    def test_is_not_what_the_operator_looks_for(self, said):
        assert mask(said) == said

    def test_is_no_word_of_python_of_our_own_code(self):
        assert list_failures(AttributeError("'NoneType' object has no attribute 'name'")) == [
            "AttributeError: 'NoneType' object has no attribute 'name'"
        ]

    def test_is_no_word_of_ours(self, told):
        logging.getLogger("pimms.outages").error("Lancez « manage.py migrate », %s", "a@b.example")

        [line] = told()
        assert "Lancez « manage.py migrate », [address]" in line

    @pytest.mark.parametrize("unit", ["'a ", "a@", "1 ", "%4", "?", "« ", "a", "-", "\n"])
    def test_is_found_in_a_time_that_grows_as_the_text(self, unit):
        """S8."""
        assert is_linear(mask, make=lambda count: unit * count)
        assert is_linear(list_failures, make=lambda count: RuntimeError(unit * count))

    @pytest.mark.django_db
    def test_is_in_nothing_that_a_database_says(self, told):
        """S21: a value that is taken, one that fits no column, bytes, words of a statement."""
        contact = ContactFactory(name="Marie Dupont", email="marie@example.org")
        person = UserFactory(username="Marie Dupont, marie@example.org")
        twin = User(username=person.username)
        for fail in (
            lambda: User.objects.bulk_create([twin]),
            lambda: unguarded(PressContact).filter(pk=contact.pk).update(version=None),
            lambda: execute("SELECT 'Marie Dupont' Dupont FROM nowhere"),
            lambda: execute("SELECT 'Dupont' FRON 'Marie'"),
            lambda: execute(invalid_value()),
        ):
            try:
                with transaction.atomic():
                    fail()
            except DatabaseError:
                logging.getLogger("tests").exception("It failed")

        lines = told()
        assert len(lines) == 5
        assert [word for word in PERSONAL if word in "".join(lines)] == []
        is_postgresql = connection.vendor == "postgresql"
        assert ("UniqueViolation: 23505 table auth_user" in lines[0]) == is_postgresql
        assert ("SQLITE_CONSTRAINT_UNIQUE UNIQUE constraint" in lines[0]) != is_postgresql


def execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        cursor.fetchall()


def invalid_value() -> str:
    if connection.vendor == "postgresql":
        return "SELECT CAST('Marie Dupont' AS integer)"
    return "SELECT CAST(x'ff204d617269652044757020' AS text)"


class TestANumber:
    @pytest.fixture
    def fail(self, as_manager, monkeypatch) -> Callable[..., str]:
        def fail(*args):
            raise RuntimeError

        monkeypatch.setattr(home, "make_menu", fail)
        as_manager.raise_request_exception = False

        def ask(**headers: str) -> str:
            page = as_manager.get("/", headers=headers).text
            return re.search(r"ce numéro&nbsp;: <strong>(.*)</strong>", page)[1]

        return ask

    def test_is_that_of_the_page(self, told, fail):
        """S22."""
        shown = fail()

        [line] = told()
        assert re.fullmatch("[0-9a-f]{8}", shown)
        assert line.count(shown) == 1
        assert fail() != shown

    def test_is_the_one_of_our_proxy(self, told, fail, settings):
        settings.BEHIND_PROXY = True
        given = "4F2A91c0" + "0123456789abcdef" * 2

        assert fail(x_request_id=given) == "4f2a91c0"

        assert given.lower() in told()[0]

    @pytest.mark.parametrize("given", ["", "abc", "g" * 32, "a" * 65, "a" * 32 + "\n", "é" * 8])
    def test_is_none_that_the_proxy_would_not_give(self, told, fail, settings, given):
        settings.BEHIND_PROXY = True

        assert re.fullmatch("[0-9a-f]{8}", fail(x_request_id=given))
        assert len(told()) == 1

    def test_is_none_that_anybody_gives_where_there_is_no_proxy(self, told, fail):
        assert fail(x_request_id="0" * 32) != "0" * 8

    def test_is_forgotten_with_its_request(self, told, fail):
        shown = fail()
        logging.getLogger("tests").error("Between two requests")

        assert shown not in told()[-1]


@pytest.mark.django_db
class TestARefusal:
    @pytest.mark.parametrize(
        ("ask", "words"),
        [
            (
                lambda c: c.get("/labelling/site/?q=Dupont", headers={"host": "evil.example"}),
                "django.security.DisallowedHost",
            ),
            (
                lambda c: c.get("/labelling/site/", {"association__sites__name": "Dupont"}),
                "DisallowedModelAdminLookup: /labelling/site/",
            ),
            (lambda c: c.post("/login/?q=Dupont", {"a": "Dupont"}), "cookie not set"),
            (lambda c: c.get("/nowhere/Dupont@example.org/?q=Dupont"), "Not Found: [address]"),
            (lambda c: c.get("/auth/user/999/link/?q=Dupont"), "/auth/user/999/link/"),
            (lambda c: c.put("/login/", HTTP_TRANSFER_ENCODING="x"), "BadRequest: /login/"),
        ],
    )
    def test_leaves_one_line_without_a_trace(self, told, manager, ask, words):
        """S21, S22."""
        client = Client(enforce_csrf_checks=True)
        client.force_login(manager)

        assert 400 <= ask(client).status_code < 500

        [line] = told()
        assert words in line
        assert "WARNING" in line
        assert [word for word in (*PERSONAL, " at ", ".py") if word in line] == []

    def test_of_who_scans_addresses_leaves_one_line(self, told, client):
        for address in ("/wp-login.php?q=Dupont", "/.env", "/a/../b.php"):
            assert client.get(address).status_code == 302

        lines = told()
        assert len(lines) == 3
        assert "WARNING" in lines[0]
        assert "Unknown address: /wp-login.php" in lines[0]
        assert "Dupont" not in lines[0]

    def test_is_not_who_has_to_sign_in(self, told, client):
        client.get("/", follow=True)
        client.get("/labelling/site/?q=Dupont", follow=True)

        assert told() == []


@pytest.fixture
def talk(tmp_path, written) -> Callable[..., tuple[list[str], list[bytes]]]:
    """Serve, ask and read: the lines, once the last of them was seen, and the answers."""

    def talk(*asked: bytes, until: str, **environment: str) -> tuple[list[str], list[bytes]]:
        with serve(tmp_path, LOG_FORMAT=written, **environment) as (port, log):
            answers = [answer_to(port, one) for one in asked]
            lines = [one for one in wait_for(log, until) if not one.startswith("HSTS vaut")]
        for line in lines:
            if written == "json":
                assert set(json.loads(line)) >= {"time", "level", "message", "request"}
            assert re.match(r'(\{"time": ")?\d{4}-\d\d-\d\dT', line)
        return lines, answers

    return talk


def ask_for(address: str, *fields: str) -> bytes:
    fields = ("Host: 127.0.0.1", *fields) if not any("Host" in f for f in fields) else fields
    return "\r\n".join([f"GET {address} HTTP/1.0", *fields, "", ""]).encode()


class TestTheServer:
    def test_says_each_thing_in_one_line(self, talk):
        """S21, S22: gunicorn's own words too, of the process that starts the others as well."""
        lines, answers = talk(
            b"GE(T /?q=Dupont HTTP/1.1\r\n\r\n",
            ask_for("/login/?q=Dupont", "Host: evil.example"),
            ask_for("/fails/aside/"),
            ask_for("/fails/?q=Dupont"),
            until="Server Error: /fails/",
        )

        number = re.search(r"<strong>([0-9a-f]{8})</strong>", answers[-1].decode())[1]
        [failure] = [line for line in lines if "Server Error: /fails/" in line]
        assert number in failure
        assert "RuntimeError: [address] at " in failure
        assert "tests/failing.py:" in failure
        assert "ValueError: invalid literal for int() with base 10: '…'" in failure
        for words in (
            "Listening at",
            "Booting worker",
            "Invalid request",
            "evil.example",
            "Nothing caught this",
            "UserWarning: An old «…»",
        ):
            assert len([line for line in lines if words in line]) == 1, words
        assert [word for word in PERSONAL if word in "".join(lines)] == []

    def test_says_in_one_line_that_it_cannot_start(self, talk):
        lines, _ = talk(until="Worker failed to boot", HSTS="Marie")

        assert len([line for line in lines if "ImproperlyConfigured: HSTS vaut" in line]) == 1


class TestACommand:
    def test_that_fails_says_so_in_one_line(self):
        """S21, S22."""
        code = (
            "import sys, manage; from django.core.management.commands.check import Command;"
            "Command.handle = lambda *a, **k: int('Marie Dupont');"
            "sys.argv = ['manage.py', 'check']; manage.main()"
        )
        result = run("-c", code, SECRET_KEY=SECRET, DATABASE_URL="sqlite://:memory:")

        assert result.returncode == 1
        [line] = result.stderr.splitlines()
        assert "CRITICAL" in line
        assert "ValueError: invalid literal for int() with base 10: '…' at " in line

    def test_warns_in_one_line(self, told):
        logging.captureWarnings(True)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("default")
                logging._showwarning("Old", UserWarning, __file__, 1)
        finally:
            logging.captureWarnings(False)

        assert len(told()) == 1

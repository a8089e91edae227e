"""The settings that people run, read in processes of their own."""

import base64
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key
from django.db import connection

from pimms.settings import read_secret_key
from tests.bench_imports import own_database

TREE = Path(__file__).resolve().parent.parent
SECRET = "of-these-tests-rKTFIbpvn8B4sPQMcAUCFlWFzPLeVBFU0If0qCmkqAb7Fvj6wxmS6g"
OTHER = SECRET[::-1]

POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
}


def run(*arguments: str, cwd: Path = TREE, **environment: str) -> subprocess.CompletedProcess:
    """Run Python with this environment and nothing else."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.fixture
def checkout(tmp_path):
    """A checkout in which nothing has been started: no `.local`."""
    no_code = shutil.ignore_patterns("__pycache__", "fonts", "locale", "static", "templates")
    for name in ("pimms", "labelling"):
        shutil.copytree(TREE / name, tmp_path / name, ignore=no_code)
    return tmp_path


@pytest.fixture
def read(checkout):
    """Read settings in a given environment, or the last line of their refusal."""

    def read(*names: str, **environment: str):
        code = (
            "import json, pimms.settings as s;"
            f"print(json.dumps([getattr(s, n) for n in {names}], default=str))"
        )
        result = run("-c", code, cwd=checkout, **environment)
        if result.returncode:
            return result.stderr.splitlines()[-1].partition("ImproperlyConfigured: ")[2]
        return json.loads(result.stdout)

    return read


def write(path: Path, secret: str, mode: int = 0o600) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"{secret}\n")
    path.chmod(mode)
    return path


class TestACommand:
    @pytest.mark.parametrize(
        ("variable", "value", "said"),
        [
            ("SECRET_KEY", "", "Il manque un secret : "),
            ("SECRET_KEY", "short", "Le secret de la variable SECRET_KEY n’a pas 50 caractères : "),
            ("DATABASE_URL", "nothing://", "DATABASE_URL "),
            ("BACKUP_DAYS", "0", "BACKUP_DAYS vaut « 0 » : "),
            ("HSTS", "always", "HSTS vaut « always » : "),
        ],
    )
    @pytest.mark.parametrize("command", ["back_up", "migrate", "nothing"])
    def test_says_in_one_sentence_what_is_wrong(self, variable, value, said, command, checkout):
        shutil.copy(TREE / "manage.py", checkout)

        result = run("manage.py", command, cwd=checkout, **{"SECRET_KEY": SECRET, variable: value})

        assert result.returncode == 1
        assert result.stdout == ""
        (sentence,) = result.stderr.splitlines()
        assert sentence.startswith(said)


class TestNumbers:
    @pytest.mark.parametrize("number", ["0", "cinq", "\uff14\uff12", "²", "1000000", "9" * 5000])
    def test_have_the_digits_of_french_and_a_range(self, read, number):
        assert read(SECRET_KEY=SECRET, IMPORT_FILE_DAYS=number) == (
            f"IMPORT_FILE_DAYS vaut « {number} » : écrivez un nombre de 1 à 999999, comme 90."
        )

    def test_may_begin_with_zeros(self, read):
        assert read("IMPORT_FILE_DAYS", SECRET_KEY=SECRET, IMPORT_FILE_DAYS="030") == [30]


class TestMail:
    NAMES = ("EMAIL_HOST", "EMAIL_PORT", "EMAIL_USE_TLS", "EMAIL_USE_SSL", "DEFAULT_FROM_EMAIL")

    def test_is_not_sent_unless_a_server_is_named(self, read):
        assert read("EMAIL_HOST", SECRET_KEY=SECRET) == [""]

    @pytest.mark.parametrize(
        ("variables", "expected"),
        [
            ({}, [587, True, False, "Réseau PIMMS <reseau-pimms@localhost>"]),
            ({"EMAIL_PORT": "465"}, [465, False, True, "Réseau PIMMS <reseau-pimms@localhost>"]),
            (
                {"EMAIL_PORT": "25", "EMAIL_IN_CLEAR": "yes", "EMAIL_FROM": "a@example.org"},
                [25, False, False, "a@example.org"],
            ),
            ({"EMAIL_HOST_USER": "b@example.org"}, [587, True, False, "b@example.org"]),
        ],
    )
    def test_is_sent_encrypted_unless_it_is_said(self, read, variables, expected):
        given = {"SECRET_KEY": SECRET, "EMAIL_HOST": "mail.example.org", **variables}

        assert read(*self.NAMES, **given) == ["mail.example.org", *expected]


DRAWN = "celui que tire « python3 -c 'import secrets; print(secrets.token_urlsafe(50))' »."


class TestSecret:
    """S24."""

    def test_refuses_to_start_without_one(self, read):
        assert read() == (
            "Il manque un secret : lancez « make start », qui en crée un, "
            f"ou donnez dans la variable SECRET_KEY {DRAWN}"
        )

    def test_comes_from_the_environment(self, read):
        assert read("SECRET_KEY", SECRET_KEY=SECRET) == [SECRET]

    def test_else_is_the_one_that_make_start_wrote(self, read, checkout):
        write(checkout / ".local" / "secret", SECRET)

        assert read("SECRET_KEY") == [SECRET]

    def test_else_is_in_a_file_that_the_environment_names(self, read, checkout):
        write(checkout / ".local" / "secret", OTHER)
        write(checkout / "etc" / "pimms", SECRET)

        assert read("SECRET_KEY", SECRET_KEY_FILE=f"{checkout}/etc/pimms") == [SECRET]

    def test_else_is_a_credential_of_systemd_that_may_be_shown_to_a_group(self, read, checkout):
        write(checkout / ".local" / "secret", OTHER)
        write(checkout / "run" / "secret", SECRET, mode=0o440)

        assert read("SECRET_KEY", CREDENTIALS_DIRECTORY=f"{checkout}/run") == [SECRET]

    def test_is_that_of_make_start_where_systemd_has_other_credentials(self, read, checkout):
        write(checkout / ".local" / "secret", SECRET)

        assert read("SECRET_KEY", CREDENTIALS_DIRECTORY=f"{checkout}/etc") == [SECRET]

    def test_is_that_of_the_nearest_place(self, read, checkout):
        write(checkout / "run" / "secret", OTHER)
        write(checkout / "etc" / "pimms", SECRET)
        files = {
            "SECRET_KEY_FILE": f"{checkout}/etc/pimms",
            "CREDENTIALS_DIRECTORY": f"{checkout}/run",
        }

        assert read("SECRET_KEY", **files) == [SECRET]
        assert read("SECRET_KEY", SECRET_KEY=OTHER, **files) == [OTHER]

    @pytest.mark.parametrize("mode", [0o640, 0o604])
    def test_is_refused_in_a_file_that_others_can_read(self, read, checkout, mode):
        """S28."""
        path = write(checkout / "etc" / "pimms", SECRET, mode=mode)

        assert read(SECRET_KEY_FILE=str(path)) == (
            f"D’autres peuvent lire le fichier {path} : lancez « chmod 600 {path} », "
            "et tirez un autre secret s’ils ont pu le lire."
        )

    @pytest.mark.parametrize("content", [None, b"\xff" * 60])
    def test_is_refused_in_a_file_that_does_not_read(self, read, checkout, content):
        path = checkout / "pimms-secret"
        if content:
            path.write_bytes(content)
            path.chmod(0o600)

        assert read(SECRET_KEY_FILE=str(path)) == (
            f"Le secret du fichier {path} ne se lit pas : vérifiez son nom et ses droits."
        )

    @pytest.mark.parametrize("written", ["\n", SECRET[:49]])
    def test_is_refused_in_a_file_that_holds_too_little(self, read, checkout, written):
        path = write(checkout / ".local" / "secret", written)

        assert read() == (
            f"Le secret du fichier {path} n’a pas 50 caractères : remplacez-le par {DRAWN}"
        )

    def test_is_refused_when_it_is_short(self, read):
        assert read(SECRET_KEY=SECRET[:49]) == (
            f"Le secret de la variable SECRET_KEY n’a pas 50 caractères : remplacez-le par {DRAWN}"
        )

    @pytest.mark.parametrize(
        "secret",
        [
            "a" * 59 + "1Z",
            "abc" * 20,
            "x1y2z3" * 10,
            "ReseauPimms2026" * 4,
            "change-me-" * 6,
            "0123456789abcdef" * 4,
            "0123456789" * 6,
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
            "azertyuiopqsdfghjklmwxcvbn1234567890AZERTYUIOPQSDFGHJKLMWXCVBN",
            "a-secret-that-is-long-enough-to-please-Django-0123456789",
            "please-change-this-secret-key-before-going-to-production-now",
            "votre-cle-secrete-a-remplacer-avant-la-mise-en-production-svp",
            " " * 60,
            f"django-insecure-{SECRET}",
        ],
    )
    def test_is_refused_when_it_can_be_guessed(self, secret, monkeypatch):
        monkeypatch.setenv("SECRET_KEY", secret)

        with pytest.raises(ImproperlyConfigured) as refusal:
            read_secret_key()

        assert str(refusal.value) == (
            f"Le secret de la variable SECRET_KEY se devine : remplacez-le par {DRAWN}"
        )

    @pytest.mark.parametrize(
        "draw",
        [
            lambda: secrets.token_urlsafe(50),
            lambda: secrets.token_hex(32),
            lambda: base64.b64encode(secrets.token_bytes(40)).decode(),
            get_random_secret_key,
        ],
        ids=["urlsafe", "hex", "base64", "Django's"],
    )
    def test_is_taken_when_it_was_drawn(self, draw, monkeypatch):
        for _ in range(100):
            drawn = draw()
            monkeypatch.setenv("SECRET_KEY", drawn)

            assert read_secret_key() == drawn

    def test_is_never_repeated_by_its_refusal(self, read):
        guessed = "ReseauPimms2026" * 4

        assert guessed not in read(SECRET_KEY=guessed)


class TestEmptyEnvironment:
    def test_is_safe(self, read):
        """S18."""
        assert read(
            "DEBUG",
            "ALLOWED_HOSTS",
            "SECURE_SSL_REDIRECT",
            "SECURE_HSTS_SECONDS",
            "SESSION_COOKIE_SECURE",
            "CSRF_COOKIE_SECURE",
            SECRET_KEY=SECRET,
        ) == [False, ["127.0.0.1", "localhost", "[::1]"], True, 31536000, True, True]

    def test_passes_the_checks_of_a_deployment(self, tmp_path):
        """S18."""
        result = run(
            *("manage.py", "check", "--deploy", "--fail-level", "WARNING"),
            SECRET_KEY=SECRET,
            DATABASE_URL="sqlite://:memory:",
        )

        assert result.stderr == ""
        assert result.returncode == 0

    @pytest.mark.parametrize("name", ["DEBUG", "PLAIN_HTTP", "ALLOWED_HOSTS", "DATABASE_URL"])
    def test_is_the_same_when_a_variable_is_set_to_nothing(self, read, name):
        names = "DEBUG", "SECURE_SSL_REDIRECT", "ALLOWED_HOSTS", "DATABASES"

        assert read(*names, SECRET_KEY=SECRET, **{name: ""}) == read(*names, SECRET_KEY=SECRET)

    def test_is_the_same_for_the_bench_when_the_database_is_set_to_nothing(self, monkeypatch):
        monkeypatch.setenv("DATABASE_URL", "")

        with own_database() as address:
            assert address.startswith("sqlite:///")

    def test_no_default_is_lost_when_a_variable_is_set_to_nothing(self):
        """`get(NAME, "6")` would give the empty text: write `get(NAME) or "6"`."""
        sources = [
            path for top in ("labelling", "pimms", "tests") for path in (TREE / top).rglob("*.py")
        ]

        losing = [
            path.name
            for path in sources
            if re.search(r'environ\.get\([^(),]+, (?!""\))', path.read_text(encoding="utf-8"))
        ]

        assert losing == []


class TestPlainHttp:
    def test_serves_without_tls_on_this_machine(self, read):
        assert read(
            "ALLOWED_HOSTS",
            "SECURE_SSL_REDIRECT",
            "SECURE_HSTS_SECONDS",
            "SESSION_COOKIE_SECURE",
            "CSRF_COOKIE_SECURE",
            SECRET_KEY=SECRET,
            PLAIN_HTTP="yes",
        ) == [["127.0.0.1", "localhost", "[::1]"], False, 0, False, False]

    def test_is_refused_for_another_machine(self, read):
        assert read(SECRET_KEY=SECRET, PLAIN_HTTP="yes", ALLOWED_HOSTS="pimms.example") == (
            "PLAIN_HTTP=yes ne vaut que pour cette machine : "
            "retirez ALLOWED_HOSTS, ou retirez PLAIN_HTTP et servez en HTTPS."
        )

    def test_is_yes_or_no(self, read):
        assert read(SECRET_KEY=SECRET, PLAIN_HTTP="peut-être") == (
            "PLAIN_HTTP vaut « peut-être » : écrivez yes ou no."
        )


class TestHsts:
    NAMES = (
        "SECURE_HSTS_SECONDS",
        "SECURE_HSTS_INCLUDE_SUBDOMAINS",
        "SECURE_HSTS_PRELOAD",
    )

    @pytest.mark.parametrize(
        ("chosen", "expected"),
        [
            ("", [31536000, False, False]),
            ("host", [31536000, False, False]),
            ("subdomains", [31536000, True, False]),
            ("Preload", [31536000, True, True]),
        ],
    )
    def test_binds_this_host_alone_unless_more_is_chosen(self, read, chosen, expected):
        """S18."""
        assert read(*self.NAMES, SECRET_KEY=SECRET, HSTS=chosen) == expected

    def test_is_none_without_tls(self, read):
        given = {"SECRET_KEY": SECRET, "PLAIN_HTTP": "yes", "HSTS": "preload"}

        assert read(*self.NAMES, **given) == [0, False, False]

    def test_is_one_of_three(self, read):
        assert read(SECRET_KEY=SECRET, HSTS="always") == (
            "HSTS vaut « always » : écrivez host, subdomains ou preload."
        )


class TestLogFormat:
    def test_is_text_or_json(self, read):
        assert read("LOG_FORMAT", SECRET_KEY=SECRET) == ["text"]
        assert read("LOG_FORMAT", SECRET_KEY=SECRET, LOG_FORMAT="json") == ["json"]
        assert read(SECRET_KEY=SECRET, LOG_FORMAT="xml") == (
            "LOG_FORMAT vaut « xml » : écrivez text ou json."
        )


class TestSecondFactor:
    """S16."""

    @pytest.mark.parametrize(
        ("environment", "required"),
        [
            ({}, "managers"),
            ({"SECOND_FACTOR": ""}, "managers"),
            ({"SECOND_FACTOR": "Everybody"}, "everybody"),
            ({"SECOND_FACTOR": "nobody"}, "nobody"),
            ({"PLAIN_HTTP": "yes"}, "nobody"),
            ({"PLAIN_HTTP": "yes", "SECOND_FACTOR": "managers"}, "managers"),
        ],
    )
    def test_is_required_of_managers_but_on_a_laptop_alone(self, read, environment, required):
        assert read("SECOND_FACTOR", SECRET_KEY=SECRET, **environment) == [required]

    def test_is_one_of_three(self, read):
        assert read(SECRET_KEY=SECRET, SECOND_FACTOR="oui") == (
            "SECOND_FACTOR vaut « oui » : écrivez everybody, managers ou nobody."
        )


class TestAllowedHosts:
    def test_are_parted_by_commas(self, read):
        hosts = "pimms.example, www.pimms.example"

        assert read("ALLOWED_HOSTS", SECRET_KEY=SECRET, ALLOWED_HOSTS=hosts) == [
            ["pimms.example", "www.pimms.example"]
        ]


class TestAFolder:
    @pytest.mark.parametrize("name", ["BACKUP_FOLDER", "BACKUP_COPY_FOLDER"])
    def test_is_in_the_home_of_who_runs_where_it_says_so(self, read, name):
        named = {"SECRET_KEY": SECRET, "HOME": "/home/pimms", name: " ~/copies "}

        assert read(name, **named) == ["/home/pimms/copies"]
        assert read(name, **named | {name: ""}) == [""]


class TestStaticFolder:
    @pytest.mark.parametrize("written", ["static", "./static", " static "])
    def test_lies_beside_the_code(self, read, checkout, written):
        assert read("STATIC_ROOT", SECRET_KEY=SECRET, STATIC_FOLDER=written) == [
            str(checkout / "static")
        ]

    def test_is_the_folder_itself_where_a_link_is_named(self, read, tmp_path):
        """The link leads to another version before this one ends."""
        (tmp_path / "one").mkdir()
        (tmp_path / "link").symlink_to(tmp_path / "one")

        named = read("STATIC_ROOT", SECRET_KEY=SECRET, STATIC_FOLDER=str(tmp_path / "link"))

        assert named == [str(tmp_path / "one")]

    def test_is_that_of_make_start_when_none_is_named(self, read, checkout):
        assert read("STATIC_ROOT", SECRET_KEY=SECRET) == [str(checkout / ".local/static")]


class TestDatabase:
    def test_is_a_file_of_the_checkout(self, read, checkout):
        [[database]] = [list(read("DATABASES", SECRET_KEY=SECRET)[0].values())]

        assert database["NAME"] == str(checkout / ".local" / "network.sqlite3")
        assert database["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
        assert database["ATOMIC_REQUESTS"] is False  # R2

    def test_is_that_of_the_environment(self, read):
        url = "postgres://ana:secret@db.example:5433/network"

        [databases] = read("DATABASES", SECRET_KEY=SECRET, DATABASE_URL=url)

        assert databases["default"]["ENGINE"] == "django.db.backends.postgresql"
        assert databases["default"]["HOST"] == "db.example"
        assert databases["default"]["PORT"] == 5433
        assert databases["default"]["NAME"] == "network"
        assert databases["default"]["ATOMIC_REQUESTS"] is False

    def test_waits_for_a_lock_as_long_as_its_address_says(self, read):
        url = "postgres://db.example/network?options=-c%20lock_timeout%3D5s"

        [databases] = read("DATABASES", SECRET_KEY=SECRET, DATABASE_URL=url)

        options = databases["default"]["OPTIONS"]
        assert options["options"] == "-c lock_timeout=20s -c lock_timeout=5s"

    def test_that_is_silent_is_given_up_unless_its_address_says_otherwise(self, read):
        """R4."""
        url = "postgres://db.example/network?connect_timeout=30"

        [databases] = read("DATABASES", SECRET_KEY=SECRET, DATABASE_URL=url)

        options = databases["default"]["OPTIONS"]
        assert (options["connect_timeout"], options["tcp_user_timeout"]) == (30, 20_000)

    @pytest.mark.parametrize("url", ["nowhere://ana:secret@db/network", "postgres://db:x/n", "n"])
    def test_is_refused_when_the_address_does_not_read(self, read, url):
        assert read(SECRET_KEY=SECRET, DATABASE_URL=url) == (
            "DATABASE_URL ne se lit pas : écrivez par exemple "
            "postgres://personne:mot-de-passe@machine:5432/nom, "
            "ou retirez-la pour garder le fichier SQLite."
        )

    def test_sqlite_is_safe_under_concurrent_writes_and_power_cuts(self, tmp_path):
        """R1, R21, R22: by what it is set to; no power is cut here."""
        code = """if True:
            import django, sqlite3, sys
            django.setup()
            from django.db import connection, transaction
            with connection.cursor() as cursor:
                for name in "synchronous", "journal_mode", "cache_spill", "foreign_keys":
                    print(name, cursor.execute(f"PRAGMA {name}").fetchone()[0])
                print("busy_timeout", cursor.execute("PRAGMA busy_timeout").fetchone()[0])
            with transaction.atomic():
                try:
                    sqlite3.connect(sys.argv[1], timeout=0).execute("BEGIN IMMEDIATE")
                except sqlite3.OperationalError as error:
                    print(error)
        """

        result = run(
            *("-c", code, str(tmp_path / "network.sqlite3")),
            DJANGO_SETTINGS_MODULE="pimms.settings",
            SECRET_KEY=SECRET,
            DATABASE_URL=f"sqlite:///{tmp_path}/network.sqlite3",
        )

        assert result.stdout.splitlines() == [
            "synchronous 2",  # FULL: R21
            "journal_mode delete",  # R22
            "cache_spill 0",  # R2
            "foreign_keys 1",
            "busy_timeout 20000",  # R1
            "database is locked",  # IMMEDIATE: R1
        ]


class TestAWorker:
    def test_lets_a_page_on_soon_while_it_applies_an_import(self):
        """R2: Python's own five milliseconds are counted each time that the base has answered."""
        result = run(
            *("-c", "import sys, pimms.wsgi; print(sys.getswitchinterval())"),
            SECRET_KEY=SECRET,
        )

        assert result.stdout == "0.0005\n"


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has its own test above")
class TestPostgresql:
    """R29: how long it is waited for."""

    @pytest.mark.parametrize(
        ("door", "query", "waits"),
        [
            ("import pimms.wsgi", "", ["20s", "1min"]),
            ("import pimms.wsgi", "options=-c+statement_timeout%3D5s", ["20s", "5s"]),
            ("import django; django.setup()", "", ["20s", "0"]),
        ],
        ids=["a page", "a page where the address says otherwise", "a command"],
    )
    def test_waits_for_a_lock_everywhere_and_for_a_statement_in_pages_alone(
        self, door, query, waits, db
    ):
        code = f"""if True:
            {door}
            from django.db import connection
            with connection.cursor() as cursor:
                for name in "lock_timeout", "statement_timeout":
                    print(cursor.execute(f"SHOW {{name}}").fetchone()[0])
        """
        # The base of the tests: the one that the address names need not be there yet.
        address, name = urlsplit(os.environ["DATABASE_URL"]), connection.settings_dict["NAME"]

        result = run(
            *("-c", code),
            DJANGO_SETTINGS_MODULE="pimms.settings",
            SECRET_KEY=SECRET,
            DATABASE_URL=address._replace(path=f"/{name}", query=query).geturl(),
        )

        assert result.stdout.split() == waits


class TestContentSecurityPolicy:
    @pytest.mark.parametrize("address", ["/login/", "/", "/nowhere/", "/static/admin/css/base.css"])
    def test_is_strict_on_every_answer(self, client, address):
        """S13."""
        response = client.get(address)
        list(response)  # a file is closed once it is read

        assert set(response["Content-Security-Policy"].split("; ")) == POLICY

    def test_is_strict_on_a_refusal(self, client):
        response = client.get("/login/", headers={"host": "elsewhere.example"})

        assert response.status_code == 400
        assert set(response["Content-Security-Policy"].split("; ")) == POLICY


class TestLanguage:
    def test_is_french_whatever_the_browser_asks_for(self, client):
        response = client.get("/login/", headers={"accept-language": "en"})

        assert '<html lang="fr"' in response.text

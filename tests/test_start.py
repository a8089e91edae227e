"""The first start and the next ones: what they prepare, what they print."""

import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.auth import authenticate, get_user_model
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection

from labelling.models import Association, Department, LabellingWave, Region, Site
from pimms import outages, sqlite_file
from tests.test_upgrading import move_to

ROOT = Path(__file__).parents[1]

ADMINISTRATOR = "admin@localhost"


def run(*arguments: str) -> str:
    """Run a command and return what it prints."""
    output = io.StringIO()
    call_command(*arguments, stdout=output)
    return output.getvalue()


def password_in(output: str) -> str:
    """Return the only password in what was printed, or an empty text."""
    return "".join(re.findall(r"[a-z2-9]{4}(?:-[a-z2-9]{4}){3}", output))


def everything() -> dict[str, list]:
    """Return every row of ours and every account."""
    models = [*apps.get_app_config("labelling").get_models(), get_user_model()]
    return {model.__name__: list(model._base_manager.order_by("pk").values()) for model in models}


@pytest.mark.django_db
class TestFirstStart:
    def test_gives_an_empty_base_the_network_of_october_2020(self):
        run("prepare_database")

        assert Region.objects.count() == 18
        assert Department.objects.count() == 101
        assert Association.objects.count() == 27
        assert LabellingWave.objects.count() == 3
        assert Site.objects.count() == 53

    def test_says_where_to_go_and_how_to_sign_in(self):
        output = run("prepare_database", "--address", "http://127.0.0.1:8765/")

        assert output.replace(password_in(output), "PASSWORD") == (
            "\n"
            "Réseau PIMMS\n"
            "\n"
            "  Ouvrez http://127.0.0.1:8765/\n"
            "  Adresse électronique : admin@localhost\n"
            "  Mot de passe : PASSWORD\n"
            "  Notez ce mot de passe : il ne sera plus affiché.\n"
            "\n"
            "Pour arrêter : Ctrl+C.\n"
            "\n"
        )

    def test_opens_the_back_office_to_an_administrator(self):
        password = password_in(run("prepare_database"))

        user = authenticate(username=ADMINISTRATOR, password=password)

        assert user is not None
        assert user.is_superuser

    def test_never_gives_a_known_password(self):
        """S24."""
        first = password_in(run("prepare_database"))
        get_user_model().objects.all().delete()
        second = password_in(run("prepare_database"))

        assert first != second

    def test_leaves_a_base_that_holds_a_record(self):
        Association.objects.create(name="Métropole Stéphanoise")

        run("prepare_database")

        assert Association.objects.count() == 1
        assert Region.objects.count() == 0

    def test_leaves_a_base_that_somebody_emptied(self):
        Association.objects.create(name="Métropole Stéphanoise").delete()

        run("prepare_database")

        assert Region.objects.count() == 0

    def test_leaves_the_accounts_that_exist(self):
        get_user_model().objects.create_user("ana@example.org")

        output = run("prepare_database")

        assert get_user_model().objects.count() == 1
        assert password_in(output) == ""
        assert "  Connectez-vous avec votre compte.\n" in output


@pytest.mark.django_db
class TestNextStart:
    def test_changes_nothing(self):
        run("prepare_database")
        before = everything()

        run("prepare_database")

        assert everything() == before

    def test_says_how_to_renew_the_password_and_does_not_repeat_it(self):
        run("prepare_database")

        output = run("prepare_database")

        assert password_in(output) == ""
        assert output == (
            "\n"
            "Réseau PIMMS\n"
            "\n"
            "  Ouvrez http://127.0.0.1:8000/\n"
            "  Adresse électronique : admin@localhost\n"
            "  Mot de passe : celui que le premier lancement a affiché.\n"
            "  Il est perdu ? « make password » en crée un autre.\n"
            "\n"
            "Pour arrêter : Ctrl+C.\n"
            "\n"
        )


@pytest.mark.django_db
class TestNewPassword:
    def test_replaces_that_of_the_administrator(self):
        first = password_in(run("prepare_database"))

        output = run("renew_password")

        second = password_in(output)
        assert authenticate(username=ADMINISTRATOR, password=first) is None
        assert authenticate(username=ADMINISTRATOR, password=second) is not None
        assert output == (
            "Adresse électronique : admin@localhost\n"
            f"Nouveau mot de passe : {second}\n"
            "Notez-le : il ne sera plus affiché.\n"
        )

    def test_can_be_given_to_somebody_else(self):
        get_user_model().objects.create_user("ana@example.org", is_staff=True)

        password = password_in(run("renew_password", "ana@example.org"))

        assert authenticate(username="ana@example.org", password=password) is not None

    def test_needs_an_account(self):
        with pytest.raises(CommandError) as refusal:
            run("renew_password", "personne@example.org")

        assert str(refusal.value) == (
            "Aucun compte « personne@example.org ». Vérifiez l’adresse ; "
            "si rien n’a encore été lancé ici, commencez par « make start »."
        )


def run_manage(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command as people do, on the base of an address."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "SECRET_KEY": os.environ["SECRET_KEY"],
            "DATABASE_URL": url,
            "PLAIN_HTTP": "yes",
        },
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@contextmanager
def another_base(folder: Path) -> Iterator[str]:
    """The connection of the tests leads to a base that a test makes, or fails to: its name."""
    usual = connection.settings_dict["NAME"]
    name = str(folder / "network.sqlite3")
    if connection.vendor == "postgresql":
        name = f"{usual}_start"
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{name}"')
    move_to(name)
    try:
        yield name
    finally:
        move_to(usual)
        if connection.vendor == "postgresql":
            with connection._nodb_cursor() as cursor:
                cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def base(django_db_setup, django_db_blocker, tmp_path):
    """The name of a base where there is none yet."""
    with django_db_blocker.unblock(), another_base(tmp_path) as name:
        yield name


only_a_file = pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has no file")


class TestABaseThatIsRefused:
    """R31."""

    @only_a_file
    def test_is_an_empty_file(self, base):
        Path(base).touch()

        with pytest.raises(CommandError) as refusal:
            run("prepare_database")

        assert str(refusal.value) == (
            f"Le fichier {base} est vide, alors qu’une base y était\u00a0: supprimez-le, puis "
            "restaurez une sauvegarde (manage.py restore_backup), ou relancez "
            "«\u00a0make start\u00a0» pour repartir de rien."
        )
        assert Path(base).stat().st_size == 0

    @only_a_file
    def test_is_gone_and_left_its_journal(self, base):
        Path(f"{base}-journal").write_bytes(b"pages")

        with pytest.raises(CommandError, match="manque, alors que son journal"):
            run("prepare_database")

        assert not Path(base).exists()

    def test_is_that_of_another_application(self, base):
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE recettes (nom varchar(20))")

        with pytest.raises(CommandError) as refusal:
            run("prepare_database")

        assert str(refusal.value) == (
            f"La base {base} est celle d’une autre application\u00a0: elle a des tables (recettes) "
            "que celle-ci n’a pas faites\u202f; nommez une base neuve dans DATABASE_URL\u202f; "
            "rien n’a été modifié."
        )
        assert connection.introspection.table_names() == ["recettes"]

    @only_a_file
    def test_has_pages_that_were_lost(self, base):
        run("prepare_database")
        connection.close()
        with Path(base).open("r+b") as file:
            # The tables that a start asks are further on.
            pages = file.seek(0, os.SEEK_END) // 4096
            file.seek(4096 * (pages - 3))
            file.write(b"\xff" * 4096 * 3)

        with pytest.raises((CommandError, DatabaseError)) as refusal:
            run("prepare_database")

        assert (
            "est endommagée" in str(refusal.value)
            or outages.find_outage(refusal.value) is outages.DAMAGED
        )

    @only_a_file
    def test_is_no_base_at_all(self, tmp_path):
        path = tmp_path / "network.sqlite3"
        path.write_bytes(b"\x89PNG\r\n\x1a\n" * 1000)

        done = run_manage(f"sqlite:///{path}", "prepare_database")

        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("La base est endommagée, ou ce n’en est pas une")
        assert done.stderr.endswith(f" {path}).\n")
        assert len(done.stderr.splitlines()) == 1
        assert path.read_bytes() == b"\x89PNG\r\n\x1a\n" * 1000

    @pytest.mark.parametrize(
        ("url", "said"),
        [
            ("postgres://nobody@127.0.0.1:1/none", "La base est injoignable"),
            ("sqlite:////nowhere/network.sqlite3", "La base est injoignable"),
            ("mysql://somebody:secret@host/base", "DATABASE_URL commence par «\u00a0mysql\u00a0»"),
        ],
    )
    def test_is_out_of_reach(self, url, said):
        done = run_manage(url, "prepare_database")

        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith(said)
        assert len(done.stderr.splitlines()) == 1
        assert "secret" not in done.stderr

    @pytest.mark.skipif(connection.vendor != "postgresql", reason="a setting of PostgreSQL")
    def test_takes_no_change(self, base):
        run("prepare_database")
        with connection.cursor() as cursor:
            cursor.execute(f'ALTER DATABASE "{base}" SET default_transaction_read_only = on')
        connection.close()

        with pytest.raises(DatabaseError) as refusal:
            run("prepare_database")

        assert outages.find_outage(refusal.value) is outages.READ_ONLY


class TestAFirstStartThatWasKilled:
    """R31."""

    @only_a_file
    def test_left_no_empty_file(self, tmp_path):
        path = tmp_path / "network.sqlite3"

        with closing(sqlite_file.Connection(path)):
            # Nothing was asked of it yet.
            assert path.stat().st_size > 0
            assert path.stat().st_mode & 0o077 == 0
        assert [*tmp_path.iterdir()] == [path]

    def test_goes_on_in_a_base_that_was_half_made(self, base):
        call_command("migrate", "auth", verbosity=0)

        run("prepare_database")

        assert Site.objects.count() == 53


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
class TestSignIn:
    def test_leads_to_the_home_page(self, page, live_server):
        password = password_in(run("prepare_database"))

        page.goto(live_server.url)
        page.get_by_label("Adresse électronique").fill(ADMINISTRATOR)
        page.get_by_label("Mot de passe").fill(password)
        page.get_by_role("button", name="Se connecter", exact=True).click()

        page.wait_for_url(f"{live_server.url}/")
        assert page.title().startswith("Accueil")

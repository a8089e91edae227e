"""R30: a base that is copied into another one, of its kind or of the other, and back."""

import io
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder

from labelling.models import ImportRun, JournalEntry, PressRelease, Region, SentFile, Site
from labelling.models.record_sets import unguarded
from labelling.upkeep.copying import copy_base
from labelling.upkeep.elsewhere import leading_to
from labelling.upkeep.opening import read_address
from tests import factories
from tests.bases import story
from tests.conftest import signed_in
from tests.test_upgrading import VERSIONS, prepare, restored

IS_SERVER = connection.vendor == "postgresql"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("copies")


@pytest.fixture(scope="module")
def lived_in(django_db_setup, django_db_blocker, folder):
    """A base that an earlier version began and this one goes on with: the default one meanwhile."""
    (folder / "from").mkdir()
    with django_db_blocker.unblock(), restored(VERSIONS[-1], folder / "from"):
        prepare()
        add_what_is_hard_to_copy()
        yield
        connection.close()


@pytest.fixture(scope="module")
def copied(lived_in, folder):
    """What the base held, its copy in a file while somebody writes, and the copy of that one."""
    held, tables = rows(), describe_tables()
    file = f"sqlite:///{folder / 'there.sqlite3'}"
    outcome = copy_base(read_address(file), write_meanwhile)
    said = io.StringIO()
    with an_empty_base("back", folder) as back:
        with leading_to(read_address(file)):
            call_command("copy_database", back, stdout=said)
        yield SimpleNamespace(
            held=held,
            tables=tables,
            outcome=outcome,
            said=said.getvalue(),
            file=folder / "there.sqlite3",
            addresses={"there": file, "back": back},
        )


def add_what_is_hard_to_copy() -> None:
    person = User.objects.get(username=story.EDITOR)
    unguarded(Site).filter(name="PIMMS Nîmes").update(
        note="🏠 é\u202f! " * 2_000, latitude=43.8366990000001, longitude=-0.1 - 0.2
    )
    unguarded(ImportRun).filter(file_name="notes.csv").update(content=bytes(range(256)))
    JournalEntry.objects.create(
        event="signed_in",
        at="2026-03-29T01:59:59.123456+01:00",
        details={"z": 1.5, "a": [None, True, "é🏠", {"y": 10**15, "b": ""}]},
    )
    Authenticator.objects.create(user=person, type="totp", data={"secret": "chiffré"})
    # Its key is in its history, and must be nobody else's.
    last = Region(name="Région éphémère", code="98")
    last.save()
    last.delete()
    signed_in(person)


def write_meanwhile(step: str) -> None:
    """Somebody adds a region while the tables are made, who need not wait."""

    def write():
        Region(name="Région nouvelle", code="99").save()
        connection.close()

    if step == "création des tables":
        thread = Thread(target=write)
        thread.start()
        thread.join()


def rows() -> dict:
    """Every row of every table of the base, but its sessions."""
    kept = [m for m in apps.get_models(include_auto_created=True) if m is not Session]
    return {model.__name__: list(unguarded(model).order_by("pk").values()) for model in kept}


def describe_tables() -> dict:
    """The columns of every table of the base, its constraints and its indexes, with their names."""
    kind = connection.introspection
    described = {}
    with connection.cursor() as cursor:
        for table in kind.table_names(cursor):
            columns = kind.get_table_description(cursor, table)
            constraints = kind.get_constraints(cursor, table)
            # What SQLite leaves without a name, Django numbers in no order.
            names = {name for name in constraints if not name.startswith(("fk_", "__unnamed"))}
            described[table] = {*columns}, sorted(map(repr, constraints.values())), names
    return described


@contextmanager
def an_empty_base(name, folder):
    """The address of an empty base of the kind of this run."""
    if not IS_SERVER:
        yield f"sqlite:///{folder / name}.sqlite3"
        return
    told = connection.settings_dict
    base = f"{told['NAME']}_{name}"
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{base}"')
        cursor.execute(f'CREATE DATABASE "{base}"')
    try:
        place = f"{quote(told['HOST'], safe='')}:{told['PORT']}".removesuffix(":")
        person = quote(f"{told['USER']}:{told['PASSWORD']}".removesuffix(":"), safe=":")
        yield f"postgres://{person}@{place}/{base}"
    finally:
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{base}" WITH (FORCE)')


@pytest.fixture(params=["there", "back"])
def copy(request, copied):
    """What a copy held, while the default base is that copy, in a transaction taken back."""
    with leading_to(read_address(copied.addresses[request.param])), transaction.atomic():
        yield copied
        transaction.set_rollback(True)


class TestACopy:
    def test_is_equal_in_every_row(self, copy):
        """R30."""
        assert rows() == copy.held

    def test_gives_no_key_again_that_a_history_has(self, copy):
        last = Region.history.filter(name="Région éphémère").latest("history_id")

        new = Region.objects.create(name="Région d’après", code="97")

        assert new.pk > last.id

    def test_keeps_what_was_sent(self, copy):
        output = io.StringIO()

        call_command("check_releases", stdout=output)

        assert "intact" in output.getvalue()
        assert bytes(SentFile.objects.get().content) == story.SENT_FILE

    def test_has_no_session(self, copy):
        assert not Session.objects.exists()

    @pytest.mark.parametrize("copy", ["back"], indirect=True)
    def test_has_the_tables_that_migrating_made(self, copy):
        assert describe_tables() == copy.tables

    def test_is_brought_up_to_date_no_more(self, copy):
        assert call_command("migrate", check_unapplied=True, verbosity=0) is None

    def test_lets_others_write_meanwhile_and_says_so(self, copied):
        assert Region.objects.filter(name="Région nouvelle").exists()
        assert copied.outcome.is_outdated

    def test_is_read_by_its_owner_alone(self, copied):
        assert copied.file.stat().st_mode & 0o777 == 0o600
        assert [path.name for path in copied.file.parent.glob(".*")] == []

    def test_says_what_was_copied_and_what_is_left_to_do(self, copied):
        count = sum(map(len, copied.held.values()))

        assert copied.said.startswith(
            f"Base copiée, relue et égale\u00a0: {count}\u00a0lignes dans {len(copied.held)}\u00a0"
            "tables.\nLes sessions ouvertes ne sont pas copiées\u00a0: chaque personne se "
            "reconnecte.\nIl reste à faire\u00a0:\n"
        )
        assert "DATABASE_URL" in copied.said
        assert "reset_second_factor" in copied.said


def refused(address: str) -> str:
    """The sentence that refuses to copy the default base to an address."""
    with pytest.raises(CommandError) as refusal:
        call_command("copy_database", address, stdout=io.StringIO(), stderr=io.StringIO())
    return str(refusal.value)


class TestACopyThatIsRefused:
    @pytest.mark.parametrize(
        "address",
        [
            "postgres://personne:mot/de/passe@machine/base",
            "mysql://personne:mot@machine/base",
            "postgres://personne:mot@machine",
            "sqlite://:memory:",
            "sqlite://",
            "base",
            "",
        ],
    )
    def test_by_an_address_that_is_not_understood(self, address):
        assert refused(address) == (
            "L’adresse de la base d’arrivée ne se lit pas\u00a0: écrivez par exemple "
            "postgres://personne@machine:5432/nom, ou sqlite:////dossier/nom.sqlite3."
        )

    def test_by_a_server_that_does_not_answer(self, db, tmp_path):
        complaints = io.StringIO()
        address = f"postgres://personne:mot-de-passe@{quote(str(tmp_path), safe='')}/base"

        with pytest.raises(CommandError, match="La base d’arrivée ne répond pas") as refusal:
            call_command("copy_database", address, stderr=complaints)

        assert "~/.pgpass" in complaints.getvalue()
        assert "mot-de-passe" not in complaints.getvalue() + str(refusal.value)

    def test_into_a_file_that_holds_anything(self, db, tmp_path):
        file = tmp_path / "base.sqlite3"
        file.write_bytes(b"x")

        assert "n’est pas vide" in refused(f"sqlite:///{file}")
        assert file.read_bytes() == b"x"
        assert list(tmp_path.iterdir()) == [file]

    def test_into_a_file_beside_which_a_journal_was_left(self, db, tmp_path):
        (tmp_path / "base.sqlite3-journal").touch()

        assert "base.sqlite3-journal" in refused(f"sqlite:///{tmp_path / 'base.sqlite3'}")

    def test_into_a_folder_that_is_missing(self, db, tmp_path):
        assert f"Le dossier {tmp_path / 'no'} n’existe pas" in refused(
            f"sqlite:///{tmp_path / 'no' / 'base.sqlite3'}"
        )

    def test_of_a_base_that_waits_for_its_migrations(self, db, tmp_path):
        last = MigrationRecorder.Migration.objects.filter(app="mfa").latest("id")
        MigrationRecorder(connection).record_unapplied("mfa", last.name)

        assert "lancez «\u00a0manage.py migrate\u00a0»" in refused(f"sqlite:///{tmp_path}/b")

    def test_into_itself(self, lived_in):
        told = connection.settings_dict
        with an_empty_base("other", Path()) as other:
            itself = other.replace(f"{told['NAME']}_other", str(told["NAME"]))
        if not IS_SERVER:
            itself = f"sqlite:///{told['NAME']}"

        assert refused(itself).startswith("La base d’arrivée est celle d’ici")

    def test_into_a_base_that_is_a_copy(self, copied):
        for address in copied.addresses.values():
            assert refused(address).startswith("La base d’arrivée n’est pas vide")

    def test_of_a_base_in_which_what_was_sent_was_altered(self, lived_in, tmp_path):
        release = PressRelease.objects.frozen().first()
        factories.tamper(release, digest="0" * 64)

        refusal = refused(f"sqlite:///{tmp_path / 'base.sqlite3'}")

        factories.tamper(release, digest=release.digest)
        assert "son empreinte a changé" in refusal
        assert "ajoutez --with-faults" in refusal
        assert list(tmp_path.iterdir()) == []

    def test_unless_one_asks_for_it_with_what_was_altered(self, lived_in, tmp_path):
        release, said = PressRelease.objects.frozen().first(), io.StringIO()
        address = f"sqlite:///{tmp_path / 'base.sqlite3'}"
        factories.tamper(release, digest="0" * 64)
        held = rows()

        call_command("copy_database", address, "--with-faults", stdout=io.StringIO(), stderr=said)

        factories.tamper(release, digest=release.digest)
        assert "Copié avec un défaut\u00a0: " in said.getvalue()
        assert "son empreinte a changé" in said.getvalue()
        with leading_to(read_address(address)):
            assert rows() == held

    @pytest.mark.skipif(not IS_SERVER, reason="SQLite takes texts of any length")
    def test_by_a_row_that_postgresql_does_not_take(self, copied, folder):
        with an_empty_base("short", folder) as address:
            with leading_to(read_address(copied.addresses["there"])):
                region = Region.objects.first()
                unguarded(Region).filter(pk=region.pk).update(name="x" * 101)

                refusal = refused(address)

                unguarded(Region).filter(pk=region.pk).update(name=region.name)
            assert refusal == (
                f"La base d’arrivée refuse la ligne n° {region.pk} de la table labelling_region"
                "\u00a0: un texte y est trop long. Corrigez cette ligne ici, puis relancez\u202f; "
                "la base d’arrivée est restée vide."
            )
            with leading_to(read_address(address)), connection.cursor() as cursor:
                assert connection.introspection.table_names(cursor) == []

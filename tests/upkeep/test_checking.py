"""Whether a base is whole: what is told of one that is not."""

from datetime import UTC, datetime

import pytest
from django.db import connection, connections
from django.db.models import QuerySet

from labelling.models import Department, PressRelease, Region, SentFile
from labelling.press_release import publishing
from labelling.upkeep.checking import count_rows, find_faults
from tests import factories


@pytest.fixture
def sent_file(network):
    return publishing.attach(
        PressRelease.objects.get(),
        name="communique.pdf",
        content=b"%PDF-1.7",
        by=factories.UserFactory(),
        at=datetime(2020, 10, 14, 8, tzinfo=UTC),
    )


@pytest.fixture
def damaged(tmp_path, django_db_blocker):
    """The alias of a SQLite file, one page of which was overwritten."""
    path = tmp_path / "damaged.sqlite3"
    usual = {"ENGINE": "django.db.backends.sqlite3", "NAME": path}
    connections.databases["damaged"] = connections.configure_settings({"default": usual})["default"]
    with django_db_blocker.unblock():
        with connections["damaged"].cursor() as cursor:
            cursor.execute("CREATE TABLE notes (note TEXT)")
            cursor.executemany("INSERT INTO notes VALUES (%s)", [("x" * 900,)] * 50)
        connections["damaged"].close()
        with path.open("r+b") as file:
            file.seek(5 * 4096)
            file.write(b"\xff" * 4096)
        yield "damaged"
        connections["damaged"].close()
    del connections["damaged"]
    del connections.databases["damaged"]


class TestABase:
    @pytest.mark.usefixtures("sent_file")
    def test_is_whole(self):
        assert find_faults("default") == []

    @pytest.mark.usefixtures("network")
    def test_tells_a_release_that_was_altered(self):
        factories.tamper(PressRelease.objects.get(), content={"title": "14 PIMMS"})

        assert find_faults("default") == [
            (
                "Le texte figé du communiqué du 14\u00a0octobre 2020 n’est plus celui qui a été "
                "validé\u00a0: son empreinte a changé."
            )
        ]

    @pytest.mark.usefixtures("sent_file")
    def test_tells_a_sent_file_that_was_altered(self):
        QuerySet(SentFile).update(content=b"autre")

        assert find_faults("default") == [
            (
                "Le fichier «\u00a0communique.pdf\u00a0», joint au communiqué du 14\u00a0octobre "
                "2020, n’est plus celui qui a été joint."
            )
        ]

    @pytest.mark.usefixtures("network")
    def test_tells_a_table_that_is_missing(self):
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE labelling_sentfile RENAME TO elsewhere")

        (fault,) = find_faults("default")

        assert fault.startswith("La base ne se lit pas en entier\u00a0: ")
        assert "labelling_sentfile" in fault

    @pytest.mark.usefixtures("network")
    def test_has_its_rows_counted_table_by_table(self):
        counts = count_rows("default")

        assert counts["labelling_region"] == Region.objects.count() > 0
        assert {"django_migrations", "auth_group_permissions"} <= counts.keys()


class TestASqliteFile:
    def test_is_damaged(self, damaged):
        faults = find_faults(damaged)

        assert faults[0].startswith(
            ("Le fichier de la base est abîmé\u00a0: ", "La base ne se lit pas en entier\u00a0: ")
        )

    @pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL holds its foreign keys")
    @pytest.mark.usefixtures("network")
    def test_has_rows_that_point_nowhere(self):
        before = Department.objects.filter(region=Region.objects.first())
        count, region = before.count(), before.first().region_id
        QuerySet(Department).filter(region=region).update(region=99_999)

        faults = find_faults("default")

        QuerySet(Department).filter(region=99_999).update(region=region)
        noun = "ligne" if count == 1 else "lignes"
        assert faults == [
            (
                f"{count}\u00a0{noun} de la table labelling_department sans ce que la table "
                "labelling_region devrait contenir."
            )
        ]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL's own")
@pytest.mark.usefixtures("network")
class TestAPostgresqlBase:
    def test_has_an_index_that_is_incomplete(self):
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE pg_index SET indisvalid = false "
                "WHERE indexrelid = 'journal_newest_first'::regclass"
            )

        assert find_faults("default") == ["L’index journal_newest_first est incomplet."]

    def test_has_a_constraint_that_was_never_looked_at(self):
        with connection.cursor() as cursor:
            cursor.execute(
                "ALTER TABLE labelling_region ADD CONSTRAINT named CHECK (name <> '') NOT VALID"
            )

        assert find_faults("default") == [
            "La contrainte named de la table labelling_region n’a pas été vérifiée."
        ]

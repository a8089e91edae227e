"""R27: bases of earlier versions are brought up to date and worked in, or refused in words."""

import io
import lzma
import os
import re
import secrets
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import global_settings
from django.contrib.auth.models import Group, Permission, User
from django.contrib.contenttypes.models import ContentType
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.urls import get_resolver, reverse

from labelling import roles
from labelling.models import Association, ImportRun, PressRelease, SentFile, Site
from labelling.press_release.editions import list_regions
from labelling.press_release.publishing import compose_draft
from tests.bases import story
from tests.conftest import signed_in
from tests.test_rights import ANSWERS, ARGUMENTS, PEOPLE, SENT_ON, SHOWN, addresses, letter

BASES = Path(__file__).parent / "bases"
VERSIONS = sorted({path.name.split(".sql")[0] for path in BASES.glob("*.xz")})
TOO_OLD = sorted({f"too_old/{p.name.split('.sql')[0]}" for p in BASES.glob("too_old/*.xz")})


@contextmanager
def restored(base: str, folder: Path) -> Iterator[None]:
    """The connection of the tests leads to a copy of the base of a version."""
    usual = connection.settings_dict["NAME"]
    if connection.vendor == "postgresql":
        name = f"{usual}_{base.replace('/', '_')}"
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
            cursor.execute(f'CREATE DATABASE "{name}"')
        move_to(name)
        with connection.cursor() as cursor:
            cursor.execute(lzma.decompress((BASES / f"{base}.sql.xz").read_bytes()).decode())
    else:
        name = str(folder / "base.sqlite3")
        content = lzma.decompress((BASES / f"{base}.sqlite3.xz").read_bytes())
        Path(name).write_bytes(content)
    # The dump leaves its own settings behind on the connection that read it.
    move_to(name)
    try:
        yield
    finally:
        move_to(usual)
        if connection.vendor == "postgresql":
            with connection._nodb_cursor() as cursor:
                cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def move_to(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name
    ContentType.objects.clear_cache()


def prepare() -> None:
    """What `make start` does with a base."""
    call_command("prepare_database", stdout=io.StringIO())


@pytest.fixture
def a_base(django_db_setup, django_db_blocker, tmp_path):
    """A function that leads to a copy of a base, outside any transaction."""
    with django_db_blocker.unblock():
        yield lambda base: restored(base, tmp_path)


@pytest.fixture(scope="module", params=VERSIONS)
def upgraded(request, django_db_setup, django_db_blocker, tmp_path_factory):
    """The base of a version, brought up to date; each test leaves it as it found it."""
    folder = tmp_path_factory.mktemp("base")
    with django_db_blocker.unblock(), restored(request.param, folder):
        prepare()
        yield


@pytest.fixture
def work(upgraded, db):
    """The upgraded base, in a transaction that is rolled back."""


def as_(role: str) -> Client:
    """The client of the person of the story who has this role."""
    return signed_in(User.objects.get(username=story.ACCOUNTS[role]))


def rights() -> dict[str, set[str]]:
    """What each role may do in the base."""
    return {
        role.name: set(role.permissions.values_list("codename", flat=True))
        for role in Group.objects.all()
    }


def own_addresses() -> dict[str, str]:
    """The addresses of the project, for a record of each kind that the base holds."""
    sets = {
        model: model._base_manager.all() for model in apps.get_app_config("labelling").get_models()
    }
    # What was sent, and an administrator, answer to fewer of them.
    sets |= {
        PressRelease: PressRelease.objects.drafts(),
        User: User.objects.filter(is_superuser=False),
    }
    first: Any = {model._meta: each.order_by("pk").first() for model, each in sets.items()}
    missing = {meta.model_name for meta, record in first.items() if record is None}
    keys = {f"{m.app_label}_{m.model_name}": record.pk for m, record in first.items() if record}
    draft = first[PressRelease._meta]
    regions = list_regions(compose_draft(draft))
    gone = Association.objects.create(name="Supprimée aussitôt")
    arguments = ARGUMENTS | {"release_id": draft.pk, "key": gone.pk}
    gone.delete()
    if regions:
        arguments["region"] = regions[0].slug
    else:  # A « rectificatif » has no editions.
        missing |= {"edition", "editions"}
    own = addresses(get_resolver().url_patterns, records=keys, arguments=arguments)
    return {name: address for name, address in own if not missing & {*name.split("_")}}


@pytest.mark.usefixtures("work")
class TestBaseOfAnEarlierVersion:
    def test_has_the_roles_of_this_one(self):
        assert rights() == {
            name: set(roles.list_codenames(parts)) for name, parts in roles.ROLES.items()
        }

    def test_keeps_through_the_next_start_what_a_person_made_of_a_role(self):
        editing = Group.objects.get(name=roles.EDITOR)
        editing.permissions.remove(Permission.objects.get(codename="add_site"))
        editing.permissions.add(Permission.objects.get(codename="delete_site"))
        before = rights()

        prepare()

        assert rights() == before

    @pytest.mark.parametrize("role", roles.ROLES)
    def test_opens_to_each_role_the_pages_of_its_own(self, role, client, settings):
        # The passwords are those of a real start, the hashers of the tests are faster ones.
        settings.PASSWORD_HASHERS = global_settings.PASSWORD_HASHERS
        person = {"username": story.ACCOUNTS[role], "password": story.PASSWORD}
        shown = {name for name, (got, _) in ANSWERS.items() if got[PEOPLE.index(role)] == SHOWN}
        own = {name: address for name, address in own_addresses().items() if name in shown}

        client.post(reverse("admin:login"), person)
        answers = {name: letter(client.get(address)) for name, address in own.items()}

        assert set(answers.values()) <= {SHOWN, SENT_ON}, answers

    def test_is_searched(self):
        client = as_(roles.READER)

        page = client.get(reverse("admin:labelling_site_changelist"), {"q": "nimes"}).text

        assert "PIMMS Nîmes" in page
        assert "PIMMS Brest" not in page

    def test_keeps_who_changed_what(self):
        client = as_(roles.READER)
        site = Site.objects.get(name="PIMMS Nîmes")

        page = client.get(reverse("admin:labelling_site_history", args=[site.pk])).text

        assert "1 rue de la Poste" in page
        assert "Prénom Nom de rédaction" in page

    def test_is_imported_into(self):
        client = as_(roles.EDITOR)
        file = SimpleUploadedFile("s.csv", "Nom;Département\nPIMMS Uzès;30".encode())

        client.post(reverse("admin:labelling_importrun_add"), {"model": "site", "file": file})
        run = ImportRun.objects.get(file_name="s.csv")
        page = reverse("admin:labelling_importrun_apply", args=[run.pk])
        client.post(page, {"seen": run.touched_at.isoformat()})

        assert Site.objects.filter(name="PIMMS Uzès").count() == 1

    def test_applies_what_was_in_preparation(self):
        client = as_(roles.EDITOR)
        run = ImportRun.objects.get(file_name="rentree.csv")

        page = reverse("admin:labelling_importrun_apply", args=[run.pk])
        client.post(page, {"seen": run.touched_at.isoformat(), "only": "good"})

        assert Site.objects.filter(name="PIMMS de la Gare").count() == 1

    def test_takes_an_import_back(self):
        client = as_(roles.MANAGER)
        run = ImportRun.objects.get(file_name="notes.csv")

        client.post(reverse("admin:labelling_importrun_undo", args=[run.pk]))

        run.refresh_from_db()
        nimes = Site.objects.get(name="PIMMS Nîmes")
        assert run.status == "undone"
        assert (nimes.note, nimes.address) == ("", "1 rue de la Poste")
        assert not Site.objects.filter(name="PIMMS Alès").exists()

    def test_keeps_what_was_sent(self):
        client = as_(roles.READER)
        file = SentFile.objects.get()
        key = {"release_id": file.release_id, "file_id": file.pk}
        output = io.StringIO()

        call_command("check_releases", stdout=output)
        answer = client.get(reverse("admin:labelling_pressrelease_sent_file", kwargs=key))

        assert "intact" in output.getvalue()
        assert answer.content == story.SENT_FILE

    def test_says_nothing_of_who_was_erased(self):
        said = [
            (model.__name__, name)
            for model in apps.get_models()
            for row in model._base_manager.values()
            for name, value in row.items()
            if re.search("Prénom Effacé|prenom efface|« ?Effacé|01 ?23 ?45 ?67 ?89", str(value))
        ]

        assert said == []


class TestMigrationsOfThisVersion:
    @pytest.mark.parametrize("version", VERSIONS)
    def test_are_taken_back_and_made_again_with_what_a_base_holds(self, version, a_base):
        """R23."""
        with a_base(version):
            last = MigrationRecorder.Migration.objects.filter(app="labelling").latest("id").name
            prepare()
            before = held()

            call_command("migrate", "labelling", last, verbosity=0)
            prepare()

            assert held() == before


class TestBaseThatIsRefused:
    @pytest.mark.parametrize("base", TOO_OLD)
    def test_is_too_old(self, base, a_base):
        make_room = {
            "sqlite": "renommez ce fichier",
            "postgresql": "nommez une base neuve dans DATABASE_URL",
        }
        with a_base(base):
            before = migrated()

            with pytest.raises(CommandError) as refusal:
                prepare()

            assert refusal.value.returncode == 1
            assert str(refusal.value) == (
                f"La base {connection.settings_dict['NAME']} a été faite par une version trop "
                "ancienne pour que celle-ci la mette à jour\u00a0: relancez la version qui l’a "
                f"faite et téléchargez-y vos listes, puis {make_room[connection.vendor]}, relancez "
                "«\u00a0make start\u00a0» ici et importez ces listes\u202f; rien n’a été modifié."
            )
            assert migrated() == before

    @pytest.mark.usefixtures("work")
    def test_comes_from_a_later_version(self):
        MigrationRecorder(connection).record_applied("labelling", "9999_later")

        with pytest.raises(CommandError) as refusal:
            prepare()

        assert str(refusal.value) == (
            f"La base {connection.settings_dict['NAME']} a été mise à jour par une version plus "
            "récente que celle-ci, qui ne connaît pas 9999_later\u00a0: lancez «\u00a0make "
            "start\u00a0» avec la version plus récente\u202f; rien n’a été modifié."
        )

    @pytest.mark.usefixtures("work")
    @pytest.mark.parametrize(
        "change",
        [
            "ALTER TABLE labelling_site DROP COLUMN note",
            "ALTER TABLE labelling_site ADD COLUMN fax varchar(20)",
            "ALTER TABLE labelling_keptvalue RENAME TO labelling_kept",
            "DROP INDEX site_name_is_unique_in_department",
            # The copy has the columns, and none of what constrains them.
            (
                "ALTER TABLE labelling_historicalregion RENAME TO past;"
                "CREATE TABLE labelling_historicalregion AS SELECT * FROM past"
            ),
        ],
    )
    def test_has_other_tables_than_its_migrations_made(self, change):
        with connection.cursor() as cursor:
            for statement in change.split(";"):
                cursor.execute(statement)

        with pytest.raises(CommandError, match="trop ancienne"):
            prepare()


class TestTheNextBase:
    def test_can_be_told_of_this_version(self, tmp_path):
        """As `tests/bases/make` has it told: an import that asks something stops the story."""
        file = tmp_path / "base.sqlite3"
        told = {
            "DJANGO_SETTINGS_MODULE": "pimms.settings",
            "PLAIN_HTTP": "yes",
            "PYTHONPATH": str(BASES.parent.parent),
            "PYTHONUTF8": "1",
            "SECRET_KEY": secrets.token_urlsafe(50),
            "DATABASE_URL": f"sqlite:///{file}",
        }

        ended = subprocess.run(
            [sys.executable, story.__file__],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"]} | told,
            capture_output=True,
            text=True,
            check=False,
        )

        assert ended.returncode == 0, ended.stderr
        with closing(sqlite3.connect(file)) as base:
            left = base.execute("SELECT recipients FROM labelling_dispatch").fetchall()
        assert left == [(story.RECIPIENTS,)]


def held() -> dict[str, int]:
    """How many rows each table of ours has."""
    models = apps.get_app_config("labelling").get_models()
    return {model.__name__: model._base_manager.count() for model in models}


def migrated() -> list[tuple]:
    """What the base says was applied, and its tables."""
    return [
        *MigrationRecorder.Migration.objects.order_by("id").values_list(),
        *connection.introspection.table_names(),
    ]

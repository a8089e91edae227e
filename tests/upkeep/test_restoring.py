"""R20: what a backup holds comes back whole into an empty base; anything else changes nothing."""

import hashlib
import io
import json
import random
import sqlite3
import threading
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection

from labelling.models import Region, SentFile, Site
from labelling.upkeep.archive import open_backup
from labelling.upkeep.elsewhere import leading_to
from labelling.upkeep.workspace import Refusal
from tests.test_upgrading import VERSIONS, restored
from tests.upkeep.bases import empty_base, everything, in_a_process, is_empty, is_server, run
from tests.upkeep.conftest import PDF

OTHER = {"SQLite": "PostgreSQL", "PostgreSQL": "SQLite"}
HERE = "PostgreSQL" if is_server else "SQLite"


def refused(path: Path, *options: str) -> str:
    """What is said of a backup that is not restored; nothing is left of it."""
    with pytest.raises(CommandError) as refusal:
        run("restore_backup", path, *options)
    assert refusal.value.returncode == 1
    assert is_empty()
    return str(refusal.value)


def made_otherwise(backup: Path, path: Path, content: bytes | None = None, **told) -> Path:
    """A backup whose manifest, or base, is another one, and whose digests are right."""
    with zipfile.ZipFile(backup) as parts:
        manifest = json.loads(parts.read("manifest.json"))
        (name,) = set(parts.namelist()) - {"manifest.json"}
        content = parts.read(name) if content is None else content
    manifest |= {"size": len(content), "digest": hashlib.sha256(content).hexdigest()} | told
    with zipfile.ZipFile(path, "w") as parts:
        parts.writestr(name, content)
        parts.writestr("manifest.json", json.dumps(manifest))
    return path


class TestARestore:
    def test_gives_back_every_row(self, backup, base, an_empty_base):
        run("restore_backup", backup)

        there = everything()
        with leading_to(base):
            assert there == everything()
        assert bytes(SentFile.objects.get().content) == PDF
        assert Site.objects.count() == 53

    def test_says_what_came_back(self, backup, an_empty_base):
        told = run("restore_backup", backup).splitlines()

        assert told[0].startswith("Base restaurée et contrôlée, telle qu’elle était le ")
        assert "\u00a0: 53\u00a0sites, " in told[0]
        assert told[1:] == [
            "1\u00a0session qui y était ouverte est fermée\u00a0: chaque personne se reconnecte.",
            (
                "Si le secret (SECRET_KEY, ou son fichier) n’est plus celui d’alors, les secondes "
                "étapes sont à refaire\u00a0: «\u00a0manage.py reset_second_factor ADRESSE\u00a0»."
            ),
        ]
        assert not Session.objects.exists()

    def test_takes_new_records(self, backup, an_empty_base):
        run("restore_backup", backup)

        assert Region.objects.create(code="99", name="Ailleurs").pk > 0

    @pytest.mark.skipif(is_server, reason="of a file")
    def test_is_read_by_its_owner_alone(self, backup, an_empty_base):
        """S28."""
        run("restore_backup", backup)

        assert Path(connection.settings_dict["NAME"]).stat().st_mode & 0o777 == 0o600

    @pytest.mark.parametrize("version", VERSIONS)
    def test_brings_an_earlier_version_up_to_date(self, version, base, tmp_path):
        (tmp_path / "old").mkdir()
        with restored(version, tmp_path / "old"):
            run("back_up", tmp_path / "old.zip")
            sites = connection.cursor().execute("SELECT COUNT(*) FROM labelling_site").fetchone()

        with empty_base(tmp_path) as told, leading_to(told):
            said = run("restore_backup", tmp_path / "old.zip")

            assert "Elle venait d’une version antérieure\u00a0: ses tables ont été mises" in said
            assert (Site.objects.count(),) == sites
            call_command("migrate", "--check", verbosity=0)


class TestABaseInUse:
    def test_is_never_written_over(self, backup, base):
        before = everything()

        with pytest.raises(CommandError, match="n’est pas vide"):
            run("restore_backup", backup)

        assert everything() == before

    def test_is_restored_by_one_of_two(self, backup, an_empty_base):
        led, begin, said = dict(connection.settings_dict), threading.Barrier(2), []

        def work() -> None:
            with leading_to(led):
                begin.wait()
                try:
                    said.append(run("restore_backup", backup))
                except CommandError as refusal:
                    said.append(refusal)

        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert [isinstance(one, str) for one in said].count(True) == 1, said
        assert Site.objects.count() == 53

    @pytest.mark.skipif(is_server, reason="of a file")
    @pytest.mark.parametrize("end", ["-journal", "-wal", "-shm"])
    def test_leaves_nothing_that_would_spoil_the_next(self, end, backup, an_empty_base):
        path = Path(connection.settings_dict["NAME"] + end)
        path.write_bytes(b"left")

        with pytest.raises(CommandError, match=f"{path.name} est resté d’une autre base"):
            run("restore_backup", backup)

        assert [*path.parent.iterdir()] == [path]

    @pytest.mark.skipif(is_server, reason="of a file")
    @pytest.mark.parametrize("is_made", [True, False])
    def test_is_found_by_a_link_that_stays(self, is_made, backup, an_empty_base, tmp_path):
        link, file = Path(connection.settings_dict["NAME"]), tmp_path / "on another disk"
        link.symlink_to(file)
        if is_made:
            file.touch()

        run("restore_backup", backup)

        assert link.is_symlink()
        assert file.stat().st_size > 0
        assert Site.objects.count() == 53

    @pytest.mark.skipif(is_server, reason="of a file")
    @pytest.mark.parametrize("content", [b"", None])
    def test_without_a_table_is_empty(self, content, backup, an_empty_base):
        path = connection.settings_dict["NAME"]
        if content is None:
            with closing(sqlite3.connect(path)) as empty:
                empty.executescript("CREATE TABLE t (a); DROP TABLE t;")
        else:
            Path(path).write_bytes(content)

        run("restore_backup", backup)

        assert Site.objects.count() == 53

    @pytest.mark.skipif(is_server, reason="of a file")
    def test_of_a_few_bytes_is_not_empty(self, backup, an_empty_base):
        """SQLite takes such a file for a base without a table."""
        path = Path(connection.settings_dict["NAME"])
        path.write_bytes(b"x")

        with pytest.raises(CommandError, match="n’est pas vide"):
            run("restore_backup", backup)

        assert path.read_bytes() == b"x"


class TestAFileThatIsNotWhole:
    @pytest.mark.parametrize("part", range(0, 100, 9))
    def test_cut_anywhere_changes_nothing(self, part, backup, tmp_path, an_empty_base):
        whole = backup.read_bytes()
        path = tmp_path / "cut.zip"
        path.write_bytes(whole[: len(whole) * part // 100])

        assert "rien n’a été modifié" in refused(path)

    def test_with_any_bit_turned_is_refused_or_the_same(self, backup, tmp_path):
        whole, path = backup.read_bytes(), tmp_path / "turned.zip"
        with open_backup(backup) as right:
            manifest, content = right.manifest, b"".join(right.read_base(len))
        chance = random.Random(20)  # noqa: S311
        ends = [len(whole) - n for n in range(1, 200)]
        places = [*range(60), *ends, *(chance.randrange(len(whole)) for _ in range(150))]
        count = 0
        for place in places:
            turned = bytearray(whole)
            turned[place] ^= 1 << chance.randrange(8)
            path.write_bytes(turned)
            try:
                with open_backup(path) as read:
                    assert b"".join(read.read_base(len)) == content
                    assert read.manifest == manifest
            except Refusal:
                count += 1
        assert count > 150

    def test_with_a_turned_bit_of_the_base_changes_nothing(self, backup, tmp_path, an_empty_base):
        turned = bytearray(backup.read_bytes())
        turned[len(turned) // 2] ^= 4
        path = tmp_path / "turned.zip"
        path.write_bytes(turned)

        assert "est incomplète ou abîmée\u00a0: rien n’a été modifié." in refused(path)

    def test_that_is_another_than_was_saved(self, backup, tmp_path, an_empty_base):
        """Made again by somebody, each of its parts whole."""
        path = made_otherwise(backup, tmp_path / "other.zip", digest="0" * 64)

        assert "est incomplète ou abîmée" in refused(path)

    def test_that_is_not_there(self, tmp_path, an_empty_base):
        assert "n’existe pas" in refused(tmp_path / "nothing.zip")


def a_zip(**files: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as parts:
        for name, one in files.items():
            parts.writestr(name, one)
    return content.getvalue()


FOREIGN = {
    "empty": b"",
    "text": "Réseau PIMMS".encode(),
    "picture": b"\x89PNG\r\n\x1a\n" + bytes(200),
    "base": b"SQLite format 3\x00" + bytes(4080),
    "other zip": a_zip(**{"a.txt": b"a", "b.txt": b"b"}),
    "other manifest": a_zip(**{"manifest.json": b'{"name": "app"}', "base.sqlite3": b""}),
    "no JSON": a_zip(**{"manifest.json": b"\xff{", "base.sqlite3": b""}),
    "list": a_zip(**{"manifest.json": b"[" * 5000, "base.sqlite3": b""}),
    "elsewhere": a_zip(**{"manifest.json": b"{}", "../base.sqlite3": b""}),
    "much manifest": a_zip(**{"manifest.json": b" " * 50_000_000, "base.sqlite3": b""}),
}


class TestAForeignFile:
    @pytest.mark.parametrize("kind", FOREIGN)
    def test_changes_nothing(self, kind, tmp_path, an_empty_base):
        path = tmp_path / "foreign.zip"
        path.write_bytes(FOREIGN[kind])

        assert "rien n’a été modifié" in refused(path)

    @pytest.mark.parametrize(
        "content",
        [b"not a base" * 500, b"SQLite format 3\x00" + bytes(9000), b"PGDMP" + bytes(900)],
    )
    def test_holds_no_base(self, content, backup, tmp_path, an_empty_base):
        path = made_otherwise(backup, tmp_path / "made.zip", content)

        assert refused(path)

    def test_unpacks_to_much_more(self, backup, tmp_path, an_empty_base):
        path = tmp_path / "bomb.zip"
        with zipfile.ZipFile(backup) as parts:
            manifest = json.loads(parts.read("manifest.json"))
            (name,) = set(parts.namelist()) - {"manifest.json"}
        zeros = bytes(60_000_000)
        for size in (len(zeros), 5000):
            told = manifest | {"size": size, "digest": hashlib.sha256(zeros).hexdigest()}
            path.write_bytes(a_zip(**{name: zeros, "manifest.json": json.dumps(told).encode()}))

            assert "est incomplète ou abîmée" in refused(path)


class TestAManifestThatWasMadeUp:
    @pytest.mark.parametrize(
        "told",
        [
            {"made_at": "9999-12-31T23:59:59+00:00"},
            {"made_at": "0001-01-01T00:00:00+01:00"},
            {"migrations": ["labelling.\x1b[2J"]},
            {"migrations": ["labelling.\ud800"]},
            {"format": "\x1b[2J"},
            {"counts": {"labelling_site": 10**400}},
            {"engine": ["sqlite"]},
        ],
    )
    def test_changes_nothing(self, told, backup, tmp_path, an_empty_base):
        path = made_otherwise(backup, tmp_path / "x.zip", **told)

        assert "\x1b" not in refused(path)

    def test_is_not_even_there(self, tmp_path, an_empty_base):
        assert "File name too long" in refused(tmp_path / ("a" * 300))


class TestABackupThatDoesNotFit:
    def test_of_the_other_database(self, backup, tmp_path, an_empty_base):
        engine = {"SQLite": "sqlite", "PostgreSQL": "postgresql"}[OTHER[HERE]]
        name = {"sqlite": "base.sqlite3", "postgresql": "base.dump"}[engine]
        path = tmp_path / "other.zip"
        with zipfile.ZipFile(backup) as parts:
            manifest = json.loads(parts.read("manifest.json")) | {"engine": engine, "size": 1}
        told = json.dumps(manifest).encode()
        path.write_bytes(a_zip(**{name: b"-", "manifest.json": told}))

        said = refused(path)

        assert f"a été faite depuis {OTHER[HERE]}, et la base d’ici est {HERE}" in said
        assert "copy_database" in said

    def test_of_a_newer_version(self, backup, tmp_path, an_empty_base):
        path = made_otherwise(backup, tmp_path / "x.zip", migrations=["labelling.9999_later"])

        said = refused(path)

        assert "d’une version plus récente que celle-ci, qui ne connaît pas 9999_later" in said

    def test_of_a_newer_format(self, backup, tmp_path, an_empty_base):
        path = made_otherwise(backup, tmp_path / "x.zip", format=2)

        assert "qui ne connaît pas le format 2" in refused(path)

    def test_that_holds_other_rows_than_it_says(self, backup, tmp_path, an_empty_base):
        with open_backup(backup) as read:
            counts = read.manifest.counts | {"labelling_site": 54}
        path = made_otherwise(backup, tmp_path / "x.zip", counts=counts)

        assert "n’est pas celle qu’elle annonce" in refused(path)

    def test_whose_sent_file_was_altered(self, base, tmp_path):
        """It is made all the same, which is better than none, and said."""
        path = made_altered(tmp_path / "altered.zip")

        (tmp_path / "elsewhere").mkdir()
        with empty_base(tmp_path / "elsewhere") as told, leading_to(told):
            said = refused(path)
        assert "communique.pdf" in said
        assert "restore_backup FICHIER --with-faults" in said

    def test_whose_sent_file_was_altered_unless_one_asks_for_it(self, base, tmp_path):
        """It may be the only one."""
        path, said = made_altered(tmp_path / "altered.zip"), io.StringIO()

        (tmp_path / "elsewhere").mkdir()
        with empty_base(tmp_path / "elsewhere") as told, leading_to(told):
            run("restore_backup", path, "--with-faults", stderr=said)

            assert bytes(SentFile.objects.get().content) == b"%PDF"
            assert Site.objects.count() == 53
        assert said.getvalue().startswith("Restauré avec un défaut\u00a0: ")
        assert "communique.pdf" in said.getvalue()

    def test_that_is_damaged_whatever_one_asks_for(self, backup, tmp_path, an_empty_base):
        with open_backup(backup) as read:
            counts = read.manifest.counts | {"labelling_site": 54}
        path = made_otherwise(backup, tmp_path / "x.zip", counts=counts)

        assert "n’est pas celle qu’elle annonce" in refused(path, "--with-faults")
        path.write_bytes(backup.read_bytes()[:-500])
        assert "est incomplète ou abîmée" in refused(path, "--with-faults")

    @pytest.mark.skipif(is_server, reason="PostgreSQL holds to its references by itself")
    def test_that_points_nowhere_whatever_one_asks_for(self, backup, tmp_path, an_empty_base):
        with open_backup(backup) as read:
            (tmp_path / "base").write_bytes(b"".join(read.read_base(len)))
        with closing(sqlite3.connect(tmp_path / "base")) as file:
            file.execute("UPDATE labelling_department SET region_id = 9999 WHERE id = 1")
            assert file.total_changes == 1
            file.commit()
        path = made_otherwise(backup, tmp_path / "x.zip", (tmp_path / "base").read_bytes())

        assert "labelling_region devrait contenir" in refused(path, "--with-faults")


KILLED = """
import os, sys
from pathlib import Path
from django.core.management import call_command
from labelling.upkeep import checking
checking.count_rows = lambda using: os._exit(9)
call_command("restore_backup", sys.argv[1])
"""


class TestARestoreThatWasKilled:
    def test_before_its_checks_is_never_taken_for_a_base(self, backup, an_empty_base):
        assert in_a_process(KILLED, backup).returncode == 9

        if is_server:
            with pytest.raises(CommandError, match="interrompue avant d’être contrôlée") as refusal:
                run("restore_backup", backup)
            assert "dropdb" in str(refusal.value)
        else:
            run("restore_backup", backup)
            assert Site.objects.count() == 53


def made_altered(path: Path) -> Path:
    """A backup of the base, whose sent file is another one."""
    alter_sent_file(b"%PDF")
    try:
        with pytest.raises(CommandError, match="La base est sauvegardée, mais elle a un"):
            run("back_up", path)
    finally:
        alter_sent_file(PDF)
    return path


def alter_sent_file(content: bytes) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE labelling_sentfile SET content = %s", [content])

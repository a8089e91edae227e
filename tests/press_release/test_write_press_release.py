"""The command that writes a release; and the proof that the release of October 2020 comes back."""

import csv
import hashlib
import io
from datetime import UTC, date, datetime

import pytest
from django.core.management import CommandError, call_command

from labelling.models import Department, LabellingWave, PressRelease, Site
from labelling.press_release import drafting, publishing
from tests.factories import ReleaseFactory, SiteFactory, sent

# Of the 806 words of the release as the Union published it, parted by one space. « Bourgogne-
# Franche-Comté », which the original breaks over two lines, is one word.
WORDS = "f6006190a73e07ed56090e40ff40dadc972136357fdd35cbb348ce3938c32ea1"


@pytest.fixture
def write(capfdbinary, network):
    """Run the command as a shell does; return the bytes of its standard output."""

    def run(*arguments):
        call_command("write_press_release", *arguments)
        return capfdbinary.readouterr().out

    return run


@pytest.fixture
def rows(write):
    def read(*arguments):
        document = write(*arguments, "--source", "records", "--format", "csv")
        return list(csv.DictReader(io.StringIO(document.decode())))

    return read


class TestTheProof:
    def test_the_release_as_sent_is_the_original_word_for_word(self, write):
        document = write("automne-2020", "--source", "published", "--format", "txt")

        words = document.decode().split()
        assert len(words) == 806
        assert hashlib.sha256(" ".join(words).encode()).hexdigest() == WORDS

    def test_and_keeps_its_spellings(self, write):
        text = " ".join(write("automne-2020", "--source", "published").decode().split())

        assert text.startswith("Paris, mercredi 14 octobre 2020 COMMUNIQUE DE PRESSE 13 PIMMS")
        assert "856 espaces labellisés France Services réparties sur 674 cantons." in text
        assert "Isère PIMMS Métropole Stéphanoise - La Cotonne * Isère" in text
        assert "Seine Saint Denis PIMMS Sevran Seine et Marne PIMMS Melun" in text
        assert "A propos de l’Union nationale des PIMMS Créée en 1998" in text
        assert text.endswith("Union nationale des PIMMS 06 78 61 38 26 alexandre.carlier@pimms.org")

    def test_the_records_give_53_lines_of_which_13_are_new(self, write):
        document = write("automne-2020", "--source", "records", "--format", "csv").decode()

        header, *lines = csv.reader(io.StringIO(document))
        assert header == ["region", "department", "name", "new"]
        assert len(lines) == 53
        assert [line[3] for line in lines].count("yes") == 13
        assert [line[3] for line in lines].count("no") == 40

    def test_with_the_printed_names_in_the_printed_order_but_for_melun(self, rows):
        names = [row["name"] for row in rows("automne-2020")]

        content = PressRelease.objects.get().content
        printed = [line["name"] for line in content["lines"]]
        assert names.index("PIMMS Melun") == printed.index("PIMMS Melun") - 1
        names.remove("PIMMS Melun")
        printed.remove("PIMMS Melun")
        assert names == printed

    def test_and_the_new_ones_are_those_that_were_printed_in_yellow(self, rows):
        new = {row["name"] for row in rows("automne-2020") if row["new"] == "yes"}

        lines = PressRelease.objects.get().content["lines"]
        assert new == {line["name"] for line in lines if line["is_new"]}

    def test_with_the_official_departments(self, rows):
        departments = {row["department"] for row in rows("automne-2020")}

        assert departments <= set(Department.objects.values_list("name", flat=True))
        assert {"Saône-et-Loire", "Seine-Saint-Denis", "Val-d'Oise"} <= departments

    @pytest.mark.parametrize(
        ("wave", "total", "new"), [("janvier-2020", 33, 33), ("fevrier-2020", 40, 7)]
    )
    def test_the_earlier_waves_had_33_and_40_sites(self, rows, wave, total, new):
        lines = rows(wave)

        assert len(lines) == total
        assert sum(line["new"] == "yes" for line in lines) == new


class TestWithoutAChoice:
    def test_writes_the_release_as_sent_in_plain_text(self, write):
        assert write("automne-2020") == write(
            "automne-2020", "--source", "published", "--format", "txt"
        )

    def test_writes_what_the_records_give_if_none_is_frozen(self, write):
        document = write("janvier-2020").decode()

        mark, title, *_ = document.split("\n\n")
        assert mark == "PROJET – NE PAS DIFFUSER"
        assert title.startswith("33\u00a0PIMMS obtiennent la labellisation")
        assert "Situation arrêtée au 1er\u00a0janvier 2020" in document


class TestFormats:
    def test_html_is_a_page_of_its_own(self, write):
        document = write("automne-2020", "--format", "html").decode()

        assert document.startswith('<!doctype html>\n<html lang="fr">')

    @pytest.mark.usefixtures("network")
    def test_are_written_byte_for_byte_on_a_terminal_that_is_not_in_utf_8(self, monkeypatch):
        terminal = io.TextIOWrapper(io.BytesIO(), encoding="latin-1")
        monkeypatch.setattr("sys.stdout", terminal)

        call_command("write_press_release", "automne-2020")

        assert "à l’automne 2020".encode() in terminal.buffer.getvalue()


class TestOutput:
    def test_is_written_where_it_is_asked_and_said(self, write, tmp_path):
        path = tmp_path / "communique.txt"

        said = write("automne-2020", "--output", str(path))

        assert said.decode() == f"Communiqué écrit dans {path}\n"
        assert path.read_bytes() == write("automne-2020")

    def test_takes_the_place_of_the_old_file_and_leaves_nothing_beside_it(self, write, tmp_path):
        path = tmp_path / "communique.txt"
        path.write_text("ancien")

        write("automne-2020", "--output", str(path))

        assert path.read_text(encoding="utf-8").startswith("Paris, mercredi 14 octobre 2020")
        assert list(tmp_path.iterdir()) == [path]

    def test_keeps_the_old_file_if_the_new_one_cannot_be_finished(
        self, write, tmp_path, monkeypatch
    ):
        path = tmp_path / "communique.txt"
        path.write_text("ancien")

        def full_disk(descriptor):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("os.fsync", full_disk)

        with pytest.raises(CommandError, match="n’a pas pu être écrit"):
            write("automne-2020", "--output", str(path))
        assert path.read_text() == "ancien"
        assert list(tmp_path.iterdir()) == [path]

    def test_into_a_missing_folder_says_to_create_it(self, write, tmp_path):
        path = tmp_path / "absent" / "communique.txt"

        with pytest.raises(CommandError) as error:
            write("automne-2020", "--output", str(path))

        assert str(error.value) == (
            f"{path} n’a pas pu être écrit\u00a0: le dossier {path.parent} n’existe pas. "
            "Créez-le d’abord."
        )

    def test_over_a_folder_asks_for_a_file_name(self, write, tmp_path):
        with pytest.raises(CommandError) as error:
            write("automne-2020", "--output", str(tmp_path))

        assert str(error.value) == (
            f"{tmp_path} n’a pas pu être écrit\u00a0: c’est un dossier. Ajoutez un nom de fichier."
        )

    def test_to_a_device_goes_through_it(self, write):
        write("automne-2020", "--output", "/dev/null")

        with open("/dev/null", "rb") as device:  # noqa: PTH123 – still a device.
            assert device.read() == b""


@pytest.fixture
def draft(network):
    """A draft under embargo."""
    return ReleaseFactory(
        wave=LabellingWave.objects.get(slug="janvier-2020"),
        embargo_until=datetime(2098, 10, 14, 8, tzinfo=UTC),
    )


class TestADraft:
    def test_says_beside_its_list_for_programs_what_must_not_be_missed(
        self, draft, tmp_path, capsys
    ):
        path = tmp_path / "x.csv"

        call_command("write_press_release", "janvier-2020", "--format=csv", "--output", path)

        assert path.read_text(encoding="utf-8").startswith("region,department,name,new\n")
        assert capsys.readouterr().err == (
            "Janvier 2020\u00a0: PROJET – NE PAS DIFFUSER\n"
            "Janvier 2020\u00a0: Sous embargo jusqu’au mardi 14\u00a0octobre 2098 à 10\u00a0h\n"
        )


class TestTheReleasesOfAWave:
    def test_are_each_written_by_their_number(self, write):
        october = PressRelease.objects.get()
        erratum = drafting.prepare_erratum(october, [], date(2020, 10, 20))
        erratum.errata = "Titre | 13 | 14"
        erratum.save()

        draft = write("automne-2020", "--release", "2").decode()
        sent(erratum)

        assert "Rectificatif au communiqué du 14\u00a0octobre 2020" in draft
        assert "PROJET – NE PAS DIFFUSER" in draft
        written = write("automne-2020", "--release", "2").decode()
        assert "«\u00a013\u00a0», lire\u00a0: «\u00a014\u00a0»." in written
        assert "PROJET" not in written
        assert write("automne-2020", "--release", "1") == write("automne-2020")

    def test_are_named_where_there_is_no_such_number(self, write):
        with pytest.raises(CommandError) as error:
            write("automne-2020", "--release", "2")

        assert str(error.value) == (
            "La vague «\u00a0Automne 2020\u00a0» n’a pas de communiqué 2. Ceux qui existent\u00a0: "
            "1 (Communiqué du 14\u00a0octobre 2020)."
        )

    def test_are_not_there_yet(self, write):
        with pytest.raises(CommandError) as error:
            write("janvier-2020", "--release", "1")

        assert str(error.value) == (
            "La vague «\u00a0Janvier 2020\u00a0» n’a pas de communiqué 1. Elle n’en a aucun."
        )

    def test_that_cancels_another_is_the_one_written(self, write):
        again = drafting.prepare_replacement(PressRelease.objects.get(), date(2020, 10, 20))
        again.own_title = "14 PIMMS"
        again.save()
        assert "14 PIMMS" not in write("automne-2020").decode()

        sent(again)

        document = write("automne-2020").decode()
        assert document.startswith("Annule et remplace le communiqué du 14\u00a0octobre 2020\n")
        assert "\n14 PIMMS\n" in document


class TestRefusals:
    @pytest.mark.parametrize("asked", [[], ["--all"]])
    def test_a_sign_that_cannot_be_printed_is_named_with_its_wave_and_format(
        self, write, tmp_path, asked
    ):
        site = Site.objects.get(name="PIMMS Nîmes")
        site.name = "PIMMS 🙂"
        site.save()

        with pytest.raises(CommandError) as error:
            write("janvier-2020", "--format=pdf", "--output", str(tmp_path / "x"), *asked)

        assert str(error.value) == (
            "Janvier 2020, PDF\u00a0: Le caractère «\u00a0🙂\u00a0» (U+1F642) du texte "
            "«\u00a0PIMMS 🙂\u00a0» ne peut pas être imprimé dans ce format. Remplacez-le dans la "
            "fiche ou dans le communiqué, puis recommencez."
        )

    def test_an_unknown_wave_names_those_that_exist(self, write):
        with pytest.raises(CommandError) as error:
            write("automne-2021")

        assert str(error.value) == (
            "Aucune vague «\u00a0automne-2021\u00a0». Celles qui existent\u00a0: janvier-2020, "
            "fevrier-2020 et automne-2020."
        )

    @pytest.mark.django_db
    def test_without_any_wave_says_so(self):
        with pytest.raises(CommandError) as error:
            call_command("write_press_release", "automne-2020")

        assert str(error.value) == (
            "Aucune vague «\u00a0automne-2020\u00a0»\u00a0: il n’y en a encore aucune."
        )

    def test_published_without_a_frozen_release_says_what_to_write_instead(self, write):
        with pytest.raises(CommandError) as error:
            write("janvier-2020", "--source", "published")

        assert str(error.value) == (
            "La vague «\u00a0Janvier 2020\u00a0» n’a pas de communiqué en version définitive. "
            "Écrivez --source records pour celui que donnent les fiches."
        )


class TestAsOfTheWave:
    def test_a_later_label_does_not_enter_an_earlier_list(self, rows):
        wave = LabellingWave.objects.create(name="Printemps 2021", effective_on="2021-04-01")
        SiteFactory(name="PIMMS Uzès", wave=wave)

        assert len(rows("automne-2020")) == 53
        assert len(rows("printemps-2021")) == 54


@pytest.mark.usefixtures("network")
class TestAll:
    def test_writes_every_format_of_a_wave(self, tmp_path, capsys):
        call_command("write_press_release", "automne-2020", "--all", "--output", tmp_path / "new")

        names = sorted(path.name for path in (tmp_path / "new").iterdir())
        assert names == [
            f"communique-automne-2020.{extension}"
            for extension in ("csv", "docx", "html", "json", "ods", "odt", "pdf", "txt", "xlsx")
        ]
        said = capsys.readouterr()
        assert said.out == f"9\u00a0fichiers écrits dans {tmp_path / 'new'}\n"
        assert said.err == ""

    def test_writes_one_format_of_every_wave(self, tmp_path):
        call_command(
            "write_press_release", "--all", "--format=csv", "--output", tmp_path, verbosity=0
        )

        assert sorted(path.name for path in tmp_path.iterdir()) == [
            "PROJET-communique-fevrier-2020.csv",
            "PROJET-communique-janvier-2020.csv",
            "communique-automne-2020.csv",
        ]

    def test_leaves_out_the_waves_without_the_source_and_names_them(self, tmp_path, capsys):
        call_command(
            "write_press_release",
            "--all",
            "--source=published",
            "--format=txt",
            "--output",
            tmp_path,
        )

        assert [path.name for path in tmp_path.iterdir()] == ["communique-automne-2020.txt"]
        assert capsys.readouterr().out == (
            f"1\u00a0fichier écrit dans {tmp_path}\n"
            "Sans communiqué en version définitive\u00a0: Janvier 2020 et Février 2020.\n"
        )

    def test_writes_the_lists_for_programs_as_it_does_one_by_one(self, tmp_path, write):
        write("--all", "--format=csv", "--output", str(tmp_path))

        one = write("automne-2020", "--format", "csv")
        assert (tmp_path / "communique-automne-2020.csv").read_bytes() == one

    def test_reads_each_wave_once_for_all_its_formats(self, tmp_path, monkeypatch):
        read = []
        compose = publishing.compose_content
        monkeypatch.setattr(
            publishing, "compose_content", lambda *asked: read.append(asked) or compose(*asked)
        )

        call_command("write_press_release", "--all", "--output", tmp_path, verbosity=0)

        assert len(read) == 3

    def test_shows_its_progress_on_a_terminal_only(self, tmp_path, capsys, monkeypatch):
        from django.core.management.base import OutputWrapper

        monkeypatch.setattr(OutputWrapper, "isatty", lambda stream: True)

        call_command("write_press_release", "--all", "--format=txt", "--output", tmp_path)

        assert "1/3 PROJET-communique-janvier-2020.txt" in capsys.readouterr().err

    @pytest.mark.parametrize(
        ("arguments", "sentence"),
        [
            ([], "Nommez la vague, ou écrivez --all pour les écrire toutes."),
            (["--all", "--release=1"], "Nommez la vague, ou écrivez --all pour les écrire toutes."),
            (["--all"], "Avec --all ou --all-regions, donnez le dossier : --output DOSSIER."),
        ],
    )
    def test_asks_for_what_is_missing(self, arguments, sentence):
        with pytest.raises(CommandError) as complaint:
            call_command("write_press_release", *arguments)

        assert str(complaint.value).replace("\u00a0", " ") == sentence

"""The same judgement without a browser, and the nightly purge."""

from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from labelling import sheets
from labelling.models import ImportRun, JournalEntry, Site
from labelling.spreadsheets.runs import batches
from tests.factories import DepartmentFactory, JournalEntryFactory, SiteFactory, WaveFactory
from tests.spreadsheets.prepared import lines, prepared, row, states

pytestmark = pytest.mark.django_db


@pytest.fixture
def gard(db):
    return DepartmentFactory()


@pytest.fixture
def file(tmp_path):
    def write(*content: str, name: str = "sites.csv"):
        path = tmp_path / name
        path.write_bytes(lines(*content))
        return path

    return write


def said(*arguments) -> str:
    out = StringIO()
    call_command("import_spreadsheet", *map(str, arguments), stdout=out, stderr=StringIO())
    return out.getvalue()


class TestTheCommand:
    def test_says_what_a_file_would_change_and_changes_nothing(self, gard, file):
        SiteFactory(name="PIMMS Alès")

        output = said(file("Nom;Département", "PIMMS Nîmes;30"))

        assert output == (
            "sites.csv, titres à la ligne 1\n"
            "  A « Nom » → Nom [name] (certain) Titre connu.\n"
            "  B « Département » → Département [department] (certain) Titre connu.\n"
            "  Nouvelles : 1\n"
            "  Modifiées : 0\n"
            "  Inchangées : 0\n"
            "  À corriger : 0\n"
            "  Quel site\u202f? : 0\n"
            "  Du réseau\u202f? : 0\n"
            "  Hors réseau : 0\n"
            "1\u00a0ligne lue.\n"
            "Absents du fichier : 1. Rien ne leur est fait.\n"
            "Rien n’est modifié. Relancez avec --apply pour appliquer.\n"
        )
        assert Site.objects.count() == 1
        assert not ImportRun.objects.exists()

    @pytest.mark.parametrize("options", [(), ("--format", "json")])
    def test_says_which_wave_grows_and_which_names_are_to_be_read(self, gard, file, options):
        january = WaveFactory(name="Janvier 2021", effective_on=date(2021, 1, 15))
        SiteFactory(name="PIMMS Alès", wave=january, france_services_id="1")

        output = said(
            file(
                "id_fs;insee_dep;lib_fs;labellisation_fs",
                "2;30;France services Pimms Nîmes;Espace labellisé 15/01/2021",
            ),
            *options,
        )

        assert "Janvier 2021\u00a0: 1\u00a0site aujourd’hui, 2 après l’import." in output
        assert "1\u00a0nom fait d’après l’État" in output

    def test_reads_the_lines_of_a_mail(self, gard, file):
        output = said(file("Bonjour", "PIMMS Nîmes (30)", name="courriel.txt"))

        assert output.startswith("courriel.txt, lu sans titres\n")
        assert "  Nouvelles : 1\n" in output
        assert "1\u00a0ligne n’a pas été lue\u00a0: «\u00a0Bonjour\u00a0» (ligne 1).\n" in output

    def test_names_the_sheet_that_it_read(self, gard, tmp_path):
        columns = [sheets.Column("Nom"), sheets.Column("Département")]
        path = tmp_path / "sites.xlsx"
        table = sheets.Table("Rentrée", columns, [["PIMMS Nîmes", "30"]])
        path.write_bytes(sheets.write("xlsx", [table]))

        assert said(path).startswith("sites.xlsx, feuille « Rentrée », titres à la ligne 1\n")

    def test_applies_when_asked_and_is_recorded_as_its_own(self, gard, file):
        output = said(file("Nom;Département", "PIMMS Nîmes;30"), "--apply")

        run = ImportRun.objects.get()
        assert (run.status, run.author, run.applied_by) == ("applied", None, None)
        assert output.endswith(
            f"Import n°\u00a0{run.pk} : 1\u00a0site ajouté. Vous pouvez annuler cet import depuis "
            "sa page.\n"
        )

    def test_lists_what_is_wrong_with_lines_and_fails(self, gard, file):
        path = file("Nom;Département", "PIMMS Nîmes;Gare", "PIMMS Uzès;Gare", "PIMMS Alès;30")
        out = StringIO()

        with pytest.raises(CommandError) as failed:
            call_command("import_spreadsheet", str(path), "--apply", stdout=out)

        assert failed.value.returncode == 1
        assert (
            str(failed.value)
            == "2\u00a0lignes attendent encore une réponse. Rien n’a été appliqué."
        )
        assert "lignes 2, 3, colonne « Département » (B) : « Gare » : " in out.getvalue()
        assert not Site.objects.exists()
        assert not ImportRun.objects.exists()

    def test_says_what_must_be_decided_first(self, gard, file):
        with pytest.raises(CommandError) as failed:
            said(file("Nom;Commune", "PIMMS Nîmes;Nîmes"))

        assert str(failed.value) == (
            "Aucune colonne ne dit de quelle fiche parle chaque ligne. Il faut "
            "«\u00a0Numéro France Services\u00a0», «\u00a0Nom\u00a0» et «\u00a0Département\u00a0» "
            "ou «\u00a0Nom selon l’État\u00a0» et «\u00a0Département\u00a0». "
            "«\u00a0Département\u00a0» peut être lu dans «\u00a0Code commune (INSEE)\u00a0» ou "
            "«\u00a0Code postal\u00a0». "
            '--column "TITRE=CHAMP" dit ce que donne une colonne, --column "TITRE=" la laisse. '
            "1\u00a0ligne attend encore une réponse. Rien n’a été appliqué."
        )

    def test_counts_the_lines_of_the_network(self, gard, file):
        headings = "id_fs;lib_fs;insee_dep;insee_com;lib_com;format_fs"
        ours = "12;France services Pimms Médiation Nîmes;30;30189;Nîmes;Fixe"
        theirs = [
            f"{number};France services Mairie {number};30;30334;Uzès;Fixe" for number in (13, 14)
        ]

        sentence = "1\u00a0ligne du réseau, 2 d’autres réseaux mises de côté.\n"
        assert sentence in said(file(headings, ours, *theirs))

    def test_says_that_a_file_has_headings_alone(self, gard, file):
        output = said(file("Nom;Département"))

        assert "Le fichier a des titres et aucune ligne.\n" in output
        assert "0\u00a0ligne" not in output

    def test_succeeds_when_there_is_nothing_to_do(self, gard, file):
        SiteFactory(name="PIMMS Nîmes")

        assert said(file("Nom;Département", "PIMMS Nîmes;30"), "--apply").endswith(
            "Ce fichier ne change rien.\n"
        )

    def test_labels_marked_lines_with_the_wave_it_is_given(self, gard, file):
        wave = WaveFactory()

        said(file("Nom;Département", "PIMMS Nîmes*;30"), "--wave", "automne-2020", "--apply")

        assert Site.objects.get().wave == wave

    def test_says_which_waves_there_are(self, gard, file):
        WaveFactory()

        with pytest.raises(CommandError) as failed:
            said(file("Nom;Département", "PIMMS Nîmes*;30"), "--wave", "hiver")

        assert str(failed.value) == ("La vague hiver n’existe pas. Vagues connues : automne-2020.")

    @pytest.mark.parametrize("content", ["un;deux\ntrois;quatre", '"jamais fermé'])
    def test_refuses_in_french_what_it_cannot_read(self, db, file, content):
        with pytest.raises(CommandError) as failed:
            said(file(content))

        assert str(failed.value)
        assert not ImportRun.objects.exists()

    def test_says_that_there_is_no_such_file(self, db, tmp_path):
        with pytest.raises(CommandError) as failed:
            said(tmp_path / "absent.csv")

        assert str(failed.value) == f"Le fichier {tmp_path / 'absent.csv'} n’existe pas."


class TestALongFile:
    """Its lines are judged in batches."""

    CONTENT = tuple(f"PIMMS {n};30" for n in range(25))

    @pytest.fixture(autouse=True)
    def small_batches(self, monkeypatch):
        monkeypatch.setattr(batches, "BATCH", 10)

    def test_is_judged_to_its_last_line(self, gard):
        run = prepared("Nom;Département", *self.CONTENT)

        assert run.rows.count_states()["new"] == 25
        assert row(run, 26).label == "PIMMS 24"

    def test_names_lines_that_clash_from_one_batch_to_another(self, gard):
        run = prepared("Nom;Département", *self.CONTENT, "PIMMS 3;30")

        assert [number for number, state in states(run).items() if state == "wrong"] == [5, 27]

    def test_beyond_the_limit_is_not_even_opened(self, gard, file, settings, monkeypatch):
        settings.IMPORT_LIMITS = {"upload": 100}
        long = file("Nom;Département", *self.CONTENT)
        monkeypatch.setattr(type(long), "read_bytes", None)

        with pytest.raises(CommandError, match="Ce fichier pèse"):
            said(long)


class TestThePurge:
    def test_says_what_it_did(self, db):
        out = StringIO()

        call_command("purge_imports", stdout=out)

        assert out.getvalue() == (
            "0\u00a0import abandonné effacé, 0\u00a0fichier oublié, "
            "0\u00a0ligne du journal effacée.\n"
        )

    def test_forgets_the_old_lines_of_the_journal(self, db, settings):
        """S27."""
        settings.JOURNAL_DAYS = 30
        for days in 29, 31, 500:
            JournalEntryFactory(author=None, at=timezone.now() - timedelta(days=days))
        out = StringIO()

        call_command("purge_imports", stdout=out)

        assert "2\u00a0lignes du journal effacées.\n" in out.getvalue()
        assert JournalEntry.objects.count() == 1

    def test_forgets_nothing_that_is_kept_for_ever(self, db, settings):
        settings.JOURNAL_DAYS = settings.IMPORT_FILE_DAYS = 999_999
        JournalEntryFactory(author=None, at=timezone.now() - timedelta(days=5000))

        call_command("purge_imports", stdout=StringIO())

        assert JournalEntry.objects.count() == 1

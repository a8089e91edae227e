"""The page of an import, in short: what it is, what needs a look, the rest by kind, what comes."""

import datetime as dt
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from labelling.models import ImportRun, LabellingWave, PressRelease, Site
from labelling.spreadsheets.runs import repairs
from labelling.spreadsheets.runs.apply import apply
from tests.admin.imports.test_pages import LIST, address, answered, said, words
from tests.conftest import signed_in
from tests.factories import DepartmentFactory, SiteFactory, WaveFactory, manager, reader
from tests.spreadsheets.prepared import prepared, row

pytestmark = pytest.mark.django_db

STATE = "id_fs;lib_fs;insee_dep;adresse;code_postal;lib_com;format_fs;labellisation_fs"


def join_blanks(page: str) -> str:
    return re.sub("[ \n]+", " ", page)


def page_of(client, run: ImportRun, **asked) -> str:
    """Its text, every blank single."""
    return join_blanks(words(client.get(address(run), asked).text))


def bar(client, run: ImportRun) -> str:
    return page_of(client, run).partition("Après l’import")[2].partition("Abandonner")[0]


@pytest.fixture
def loire():
    return DepartmentFactory(code="42", name="Loire")


class TestAnImportOfFiftyThreeSites:
    """With three small changes each: what made a page of 10,000 pixels."""

    @pytest.fixture
    def run(self, ana, gard):
        for n in range(53):
            SiteFactory(name=f"PIMMS {n}", postcode="30000", commune=f"Nîmes {n}")
        content = (f"PIMMS {n};Gard;{n} rue Haute;30900;Alès {n}" for n in range(53))
        return prepared("Nom;Département;Adresse;Code postal;Commune", *content, author=ana)

    def test_is_a_light_page(self, as_ana, run):
        for asked in ({}, {"state": "all"}, {"state": "modified"}):
            assert len(as_ana.get(address(run), asked).content) < 200_000

    def test_says_in_short_what_changes(self, as_ana, run):
        page = as_ana.get(address(run))

        assert [tile.count for tile in page.context["tiles"]] == [0, 0, 53, 0]
        assert [(group.title, group.about) for group in page.context["rest"]] == [
            ("53\u00a0fiches complétées", "adresse\u00a0: vides chez nous"),
            ("53\u00a0fiches modifiées", "code postal et commune"),
        ]
        assert [len(group.lines) for group in page.context["rest"]] == [8, 8]
        assert "Voir les 53" in page.text

    def test_lists_all_of_a_kind(self, as_ana, run):
        page = as_ana.get(address(run), {"state": "completed"})

        assert page.context["page"].paginator.count == 53
        assert "Complétées" in [one.label for one in page.context["filters"]]

    def test_takes_an_empty_value_of_ours_for_no_alarm(self, as_ana, run):
        page = as_ana.get(address(run)).text

        assert '<ins class="filled">+ 0 rue Haute</ins>' in page
        assert 'value="ours:address"' not in page
        assert 'value="ours:postcode">Garder la nôtre</button>' in page


class TestWhatNeedsALook:
    @pytest.fixture
    def run(self, ana, gard, loire):
        for n in range(3):
            SiteFactory(name=f"PIMMS {n}", france_services_id=str(900 + n), department=gard)
        content = (
            f"{900 + n};PIMMS {n};42;{n} rue Haute;42000;Saint-Étienne;Fixe;" for n in range(3)
        )
        return prepared(STATE, *content, name="liste-fs-20240801.csv", author=ana)

    def test_is_what_is_printed(self, as_ana, run):
        page = as_ana.get(address(run))

        (group,) = page.context["looks"]
        assert (group.title, group.headings) == (
            "3\u00a0sites changent de département",
            ["Département"],
        )
        assert page.context["tiles"][0].label == "à regarder\u00a0: 3\u00a0départements"
        shown = page_of(as_ana, run)
        assert "Gard → Loire" in shown
        assert "0 rue Haute, 42000 Saint-Étienne" in shown
        assert "À relire\u00a0: 3\u00a0départements." in shown

    def test_has_the_form_of_a_line_once(self, as_ana, run):
        """Each line is there twice, with its department and with what is filled."""
        page = as_ana.get(address(run)).text

        for number in (2, 3, 4):
            assert page.count(f'id="line-{number}"') == 1
            assert page.count(f'id="form-{row(run, number).pk}"') == 1

    def test_is_kept_as_ours_all_at_once(self, as_ana, run):
        assert "Garder les 3 nôtres" in as_ana.get(address(run)).text

        answer = answered(as_ana, run, keep="department_id")

        assert said(answer) == ["Nos valeurs sont gardées sur 3\u00a0lignes."]
        assert not [line for line in run.rows.all() if "department_id" in line.after]
        assert "Gardée" in page_of(as_ana, run)

    @pytest.mark.parametrize("field", ["postcode", "id", "nowhere", ""])
    def test_is_kept_at_once_only_where_it_is_printed(self, as_ana, run, field):
        before = list(run.rows.values_list("after", "answers"))

        answered(as_ana, run, keep=field)

        assert list(run.rows.values_list("after", "answers")) == before

    def test_is_the_line_that_was_just_answered(self, as_ana, run):
        answer = answered(as_ana, run, line=row(run, 3).pk, decide="ours:department_id")

        page = as_ana.get(answer["Location"])

        assert [line.row.number for line in page.context["opened"]] == [3]
        assert "Ce que vous venez de répondre" in page.text

    def test_asks_the_same_number_of_queries_for_any_file(self, as_ana, ana, gard, loire):
        SiteFactory(name="PIMMS absent")

        def count(first: int, lines: int) -> int:
            for n in range(first, first + lines):
                SiteFactory(name=f"PIMMS {n}", france_services_id=str(n), department=gard)
            content = (
                f"{n};PIMMS {n};42;1 rue;42000;Lyon;Fixe;" for n in range(first, first + lines)
            )
            new = (
                f"{n};France services Pimms {n};30;;30000;Nîmes;Fixe;"
                for n in range(9000 + first, 9000 + first + lines)
            )
            run = prepared(STATE, *content, *new, author=ana)
            as_ana.get(address(run))
            with CaptureQueriesContext(connection) as captured:
                as_ana.get(address(run))
            return len(captured)

        assert count(100, 10) == count(1000, 100)


class TestWhatTheFileIs:
    def test_is_said_under_its_name(self, as_ana, ana, gard):
        run = prepared(
            STATE,
            "900;France services Pimms Nîmes;30;;30000;Nîmes;Fixe;",
            "901;France services d’Uzès;30;;30700;Uzès;Fixe;",
            "902;France services d’Alès;30;;30100;Alès;Fixe;",
            name="liste-fs-20240801.csv",
            author=ana,
        )

        assert (
            "Liste de l’État au 1er\u00a0août 2024 · 3\u00a0lignes lues, dont 1 de notre réseau · "
            "préparé par Ana Martin aujourd’hui à"
        ) in page_of(as_ana, run)

    def test_is_known_when_the_same_bytes_come_back(self, as_ana, ana, gard):
        file = ("Nom;Département", "PIMMS Nîmes;Gard")
        first = prepared(*file, author=ana)
        assert "Déjà importé" not in as_ana.get(address(first)).text
        apply(first, ana)

        again = prepared(*file, author=ana)

        page = as_ana.get(address(again)).text
        assert f'<a href="{address(first)}">Déjà importé aujourd’hui à' in page
        assert f"(import n°\u00a0{first.pk})</a>" in page

    def test_is_not_said_to_be_imported_while_it_is_prepared(self, as_ana, ana, gard):
        file = ("Nom;Département", "PIMMS Nîmes;Gard")
        prepared(*file, author=ana)

        assert "Déjà importé" not in as_ana.get(address(prepared(*file, author=ana))).text


class TestTheBar:
    def test_counts_the_sites_that_would_be_labelled(self, as_ana, ana, gard):
        SiteFactory(name="PIMMS Alès", labelled=True)
        run = prepared(
            "Nom;Département;Labellisé le",
            "PIMMS Nîmes;Gard;1/9/2020",
            "PIMMS Uzès;Gard;1/9/2021",
            "PIMMS Candidat;Gard;",
            author=ana,
        )

        assert bar(as_ana, run).strip(" ") == "\u00a0: 3\u00a0sites labellisés au lieu de 1."

    def test_counts_labels_that_are_given_ended_and_to_come(self, as_ana, ana, gard):
        wave = WaveFactory(name="Plus tard", effective_on=dt.date(2120, 1, 1))
        SiteFactory(name="PIMMS Alès", labelled=True)
        SiteFactory(name="PIMMS Uzès")
        run = prepared(
            "Nom;Département;Vague;Fin de label;Motif",
            "PIMMS Alès;Gard;;31/12/2021;Fermeture du site",
            f"PIMMS Uzès;Gard;{LabellingWave.objects.exclude(pk=wave.pk).get()};;",
            "PIMMS Nîmes;Gard;Plus tard;;",
            author=ana,
        )

        assert (
            "1\u00a0site labellisé comme aujourd’hui, 1\u00a0autre à la date de sa vague."
            in bar(as_ana, run)
        )

    def test_counts_other_records(self, as_ana, ana):
        run = prepared("Nom", "Alpha", "Bravo", model_key="association", author=ana)

        assert "2\u00a0associations au lieu de 0." in bar(as_ana, run)

    def test_says_what_applying_then_does(self, as_ana, ana, gard):
        SiteFactory(name="PIMMS Alès", labelled=True)
        run = prepared("Nom;Département;Labellisé le", "PIMMS Nîmes;Gard;1/9/2020", author=ana)
        foreseen = bar(as_ana, run)

        apply(run, ana)

        after = Site.objects.labelled_on(timezone.localdate()).count()
        assert f"{after}\u00a0sites labellisés" in foreseen


class TestAfterApplying:
    def first_button(self, client, run: ImportRun) -> tuple[str, str]:
        page = client.get(address(run)).text.partition('class="bar sticky import-bar"')[2]
        found = re.search(r'<a class="button default" href="([^"]*)">([^<]*)</a>', page)
        assert "Annuler cet import…" in page[found.end() :]
        return found[2], found[1]

    def test_comes_the_release_of_the_wave(self, ana, gard):
        run = prepared("Nom;Département;Labellisé le", "PIMMS Nîmes;Gard;1/9/2020", author=ana)
        apply(run, ana)
        client = signed_in(manager())
        wave = LabellingWave.objects.get()

        label, door = self.first_button(client, run)
        assert label == f"Préparer le communiqué de «\u00a0{wave}\u00a0»"
        assert client.get(door.replace("&amp;", "&")).status_code == 200
        PressRelease.objects.create(wave=wave, issued_on=wave.effective_on)

        label, door = self.first_button(client, run)
        assert label == f"Voir la vague «\u00a0{wave}\u00a0»"
        assert client.get(door).status_code == 200

    def test_come_the_names_that_were_made(self, ana, gard):
        run = prepared(
            STATE,
            "999;France services Pimms Nîmes;30;;30000;Nîmes;Fixe;",
            "998;France services Pimms Alès;30;;30100;Alès;Fixe;",
            author=ana,
        )
        apply(run, ana)

        label, _ = self.first_button(signed_in(manager()), run)

        assert label == "Relire les 2\u00a0noms"

    @pytest.mark.parametrize(
        ("content", "label"),
        [
            (("PIMMS Alès;Gard;30101",), "Voir le site"),
            (("PIMMS Alès;Gard;30101", "PIMMS Uzès;Gard;30700"), "Voir les sites"),
        ],
    )
    def test_come_the_records(self, ana, gard, content, label):
        SiteFactory(name="PIMMS Alès", postcode="30100")
        run = prepared("Nom;Département;Code postal", *content, author=ana)
        apply(run, ana)
        client = signed_in(manager())

        found, door = self.first_button(client, run)

        assert found == label
        assert client.get(door).status_code == 200

    def test_come_what_was_left_to_correct(self, as_ana, ana, gard):
        run = prepared("Nom;Département", "PIMMS Alès;Garde", "PIMMS Uzès;Gard", author=ana)
        apply(run, ana, good_lines_only=True)

        page = as_ana.get(address(run))

        assert [group.title for group in page.context["looks"]] == ["1\u00a0ligne non appliquée"]
        assert "Télécharger les lignes à corriger" in page.text


class TestOnPaper:
    def test_folds_are_marked_to_be_printed(self, as_ana, ana, gard):
        run = prepared("Nom;Département;Fax", "PIMMS Nîmes;Gard;1", author=ana)

        page = as_ana.get(address(run)).text

        assert "data-print hidden>Imprimer</button>" in page
        assert 'id="columns" data-printed>' in page


class TestTheList:
    def test_says_what_waits(self, as_ana, ana, gard):
        run = prepared(
            "Nom;Département", "PIMMS A;Garde", "PIMMS B;Gard", "PIMMS C;Gard", author=ana
        )

        page = join_blanks(words(as_ana.get(LIST).text))
        assert "Ana Martin" in page
        assert "3\u00a0: 1 à corriger, 2 à appliquer" in page

        repairs.set_aside(run, ana, [row(run, 2).pk])
        page = join_blanks(words(as_ana.get(LIST).text))
        assert "3\u00a0: 2 à appliquer" in page

    def test_is_not_for_a_reader(self):
        assert signed_in(reader()).get(LIST).status_code == 403

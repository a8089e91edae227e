"""The pages of importing: a file comes in, is read, mended, applied, taken back."""

import datetime as dt
import re
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from labelling.models import (
    AcceptedFinding,
    ImportRow,
    ImportRun,
    KeptValue,
    PressContact,
    Site,
)
from labelling.sheets import Column, Table, write
from labelling.spreadsheets.files.reading import read
from labelling.spreadsheets.runs import repairs
from labelling.spreadsheets.runs.apply import apply
from labelling.spreadsheets.runs.lines_to_correct import name_file as name_lines
from labelling.spreadsheets.runs.undo import undo
from labelling.spreadsheets.runs.writer import Writer
from tests.conftest import signed_in
from tests.factories import (
    ContactFactory,
    DepartmentFactory,
    RegionFactory,
    SiteFactory,
    UserFactory,
    WaveFactory,
    editor,
    manager,
    reader,
)
from tests.spreadsheets.prepared import lines, prepared, states

pytestmark = pytest.mark.django_db

ADD = "/labelling/importrun/add/"
LIST = "/labelling/importrun/"


@pytest.fixture
def isere():
    return DepartmentFactory(
        code="38", name="Isère", region=RegionFactory(code="84", name="Auvergne-Rhône-Alpes")
    )


def address(run: ImportRun, page: str = "change") -> str:
    return reverse(f"admin:labelling_importrun_{page}", args=[run.pk])


def sent(client: Client, data: bytes = b"", name: str = "sites.csv", **fields):
    """What the page answers to a file, or to pasted lines."""
    fields = {"model": "site", "pasted": "", "wave": "", **fields}
    if data:
        fields["file"] = SimpleUploadedFile(name, data)
    return client.post(ADD, fields)


def said(response) -> list[str]:
    """The messages of an answer, read from the page it leads to or from itself."""
    return [str(message) for message in get_messages(response.wsgi_request)]


def answered(client: Client, run: ImportRun, **fields):
    return client.post(address(run, "answer"), fields)


def applied(client: Client, run: ImportRun, **fields):
    run.refresh_from_db()
    return client.post(address(run, "apply"), {"seen": run.touched_at.isoformat(), **fields})


def words(page: str) -> str:
    """The text of a page, its blanks single."""
    bare = re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", page, flags=re.S)
    return " ".join(bare.replace("&nbsp;", "\u00a0").replace("&#8239;", "\u202f").split(" "))


_FATES = "Non appliquée|Remise comme avant|Remise en partie|Fiche supprimée|Restée"


def fates(page: str) -> dict[int, str]:
    """What a page says became of each line, by its number."""
    parts = re.split(r'id="line-(\d+)"', page)[1:]
    found = {
        int(n): re.search(_FATES, said) for n, said in zip(parts[::2], parts[1::2], strict=True)
    }
    return {number: fate[0] for number, fate in found.items() if fate}


def row(run: ImportRun, number: int) -> ImportRow:
    return run.rows.get(number=number)


class TestUpload:
    def test_of_a_file_shows_what_it_would_change(self, as_ana, ana, gard):
        answer = sent(as_ana, lines("Nom;Département", "PIMMS Nîmes;Gard"))

        run = ImportRun.objects.get()
        assert answer["Location"] == address(run)
        assert said(answer) == ["1\u00a0ligne lue. Rien n’est encore modifié."]
        assert (run.author, run.file_name) == (ana, "sites.csv")
        assert not Site.objects.exists()

    def test_of_pasted_lines(self, as_ana, gard):
        sent(as_ana, pasted="Nom\tDépartement\nPIMMS Nîmes\tGard\nPIMMS Alès\tGard")

        run = ImportRun.objects.get()
        assert run.is_pasted
        assert run.rows.count_states()["new"] == 2

    def test_of_other_records_than_sites(self, as_ana):
        sent(as_ana, lines("Nom;Téléphone", "Prénom Nom;01 02 03 04 05"), model="presscontact")

        assert ImportRun.objects.get().model_key == "presscontact"

    def test_of_a_first_name_apart_applies_nothing(self, as_ana):
        file = lines("Prénom;Nom;Mail;Téléphone;Fonction", "Paule;Durand;p@exemple.fr;;")
        sent(as_ana, file, model="presscontact")
        run = ImportRun.objects.get()
        page = words(as_ana.get(address(run)).text)
        assert "Le prénom et le nom sont dans deux colonnes\u00a0: réunissez-les" in page

        applied(as_ana, run)

        assert not PressContact.objects.filter(name="Durand").exists()

    def test_does_not_offer_the_drop_down_lists_of_our_own_workbook(self, as_ana, gard):
        workbook = write(
            "xlsx",
            [
                Table("Sites", [Column("Nom"), Column("Département", ["Gard"])], [["A", "Gard"]]),
                Table("Associations", [Column("Nom")], [["B"]]),
            ],
        )
        sent(as_ana, workbook, "base.xlsx")

        page = as_ana.get(address(ImportRun.objects.get())).text

        assert '<option value="Associations">Associations</option>' in page
        assert "Listes" not in page

    def test_says_what_the_national_list_is_for(self, as_ana, gard):
        headings = "id_fs;lib_fs;insee_dep;insee_com;lib_com;format_fs"
        ours = "12;France services Pimms Médiation Nîmes;30;30189;Nîmes;Fixe"
        theirs = "13;France services Mairie d'Uzès;30;30334;Uzès;Fixe"

        answer = sent(as_ana, lines(headings, ours, theirs, theirs.replace("13;", "14;")))

        assert said(answer) == [
            ("1\u00a0ligne du réseau, 2 d’autres réseaux mises de côté. Rien n’est encore modifié.")
        ]

    def test_takes_the_wave_of_the_asterisks(self, as_ana, gard):
        wave = WaveFactory()

        sent(as_ana, lines("Nom;Département", "PIMMS Nîmes*;Gard"), wave=str(wave.pk))

        assert row(ImportRun.objects.get(), 2).after["wave_id"] == wave.pk

    def test_without_anything_asks_for_something(self, as_ana):
        page = sent(as_ana).text

        assert "Déposez un fichier, ou collez des lignes." in page

    def test_of_a_file_without_headings_offers_a_model(self, as_ana):
        page = sent(as_ana, b"1;2\n3;4").text

        assert (
            "Aucune ligne de titres n’a été trouvée dans ce fichier. Il en faut une, par exemple"
            in page
        )
        assert '<a href="/labelling/site/model-sheet/" download>Télécharger un modèle</a>' in page
        assert not ImportRun.objects.exists()

    def test_of_what_is_no_spreadsheet_says_so(self, as_ana):
        page = sent(as_ana, b"\x89PNG\r\n", name="photo.png").text

        assert "Ce fichier est une image, pas un tableur." in page

    def test_keeps_what_was_pasted_when_it_is_refused(self, as_ana):
        page = sent(as_ana, pasted="1;2\n3;4").text

        assert ">\n1;2\n3;4</textarea>" in page

    def test_of_names_without_pimms_says_how_a_mail_is_read(self, as_ana):
        sentence = "écrivez PIMMS devant chaque nom, par exemple\u00a0: PIMMS Nîmes (Gard)."

        assert sentence in sent(as_ana, pasted="- Dole (39)").text
        assert "devant chaque nom" not in sent(as_ana, b"1;2\n3;4").text
        assert "devant chaque nom" not in sent(as_ana, pasted="1;2\n3;4", model="contact").text

    def test_of_a_big_file_is_refused_and_leaves_nothing(self, as_ana, settings, tmp_path):
        """S5."""
        settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
        before = set(Path(tempfile.gettempdir()).iterdir())

        page = sent(as_ana, b"Nom;Dept\n" * 3_000_000).text

        assert "Ce fichier pèse 25,8 Mo\u202f; la limite est de 5 Mo." in page
        assert [*tmp_path.iterdir()] == []
        assert not {p for p in Path(tempfile.gettempdir()).iterdir() if "upload" in p.name} - before
        assert not ImportRun.objects.exists()

    def test_of_several_files_is_not_read_in_part(self, as_ana):
        files = [SimpleUploadedFile("a.csv", b"Nom;Dept\n" * 400_000) for _ in range(2)]

        page = as_ana.post(ADD, {"model": "site", "file": files}).text

        assert "la limite est de 5 Mo." in page

    def test_of_too_long_a_text_is_refused_in_a_sentence(self, as_ana):
        answer = sent(as_ana, pasted="Nom;Dept\n" * 400_000)

        assert answer.status_code == 200
        assert "Le texte collé est trop long." in answer.text

    def test_of_records_that_the_person_may_not_write_is_refused(self):
        person = UserFactory()
        person.user_permissions.set(_permissions("import_site", "change_site", "view_site"))

        page = sent(signed_in(person), lines("Nom", "X"), model="presscontact").text

        assert "Choisissez des fiches que votre accès permet d’importer." in page
        assert '<option value="presscontact">' not in page

    def test_is_not_for_a_reader(self, as_reader):
        """I2."""

        assert sent(as_reader, lines("Nom;Département", "PIMMS Nîmes;Gard")).status_code == 403
        assert not ImportRun.objects.exists()

    @pytest.mark.parametrize(
        ("path", "model"),
        [
            ("/labelling/site/", "site"),
            ("/labelling/association/", "association"),
            ("/labelling/labellingwave/", "labellingwave"),
            ("/labelling/presscontact/", "presscontact"),
        ],
    )
    def test_begins_from_the_list_of_each_kind(self, as_ana, path, model):
        page = as_ana.get(path).text

        assert f'<a href="{ADD}?model={model}">Importer un tableur</a>' in page
        form = as_ana.get(f"{ADD}?model={model}").text
        assert f'<option value="{model}" selected>' in form

    def test_is_not_offered_to_a_reader(self, as_reader):
        assert "Importer un tableur" not in as_reader.get("/labelling/site/").text


def _permissions(*names):
    from django.contrib.auth.models import Permission

    return Permission.objects.filter(codename__in=names)


class TestThePreview:
    def test_counts_the_lines_by_what_they_would_do(self, as_ana, ana, gard):
        SiteFactory(name="PIMMS Alès", postcode="30100")
        SiteFactory(name="PIMMS Uzès", postcode="30700")
        run = prepared(
            "Nom;Département;Code postal",
            "PIMMS Nîmes;Gard;30000",
            "PIMMS Alès;Gard;30101",
            "PIMMS Uzès;Gard;30700",
            "PIMMS Sommières;Garde;30250",
            author=ana,
        )

        page = as_ana.get(address(run))

        assert [(one.label, one.count) for one in page.context["filters"]] == [
            ("Toutes", 4),
            ("Nouvelles", 1),
            ("Modifiées", 1),
            ("Inchangées", 1),
            ("À corriger", 1),
            ("Quel site\u202f?", 0),
            ("Hors réseau", 0),
        ]

    def test_shows_the_lines_of_a_counter(self, as_ana, ana, gard):
        SiteFactory(name="PIMMS Alès", postcode="30100")
        run = prepared(
            "Nom;Département;Code postal",
            "PIMMS Nîmes;Gard;30000",
            "PIMMS Alès;Gard;30101",
            author=ana,
        )

        page = as_ana.get(address(run), {"state": "changed"})

        assert [line.row.number for line in page.context["lines"]] == [3]
        assert "Code postal" in page.text
        assert "<del>30100</del>" in page.text
        assert "<ins>30101</ins>" in page.text

    def test_shows_the_lines_to_settle_first(self, as_ana, ana, gard):
        """I8: the good lines are shown with the bad."""

        run = prepared(
            "Nom;Département", "PIMMS Nîmes;Gard", "PIMMS Alès;Garde", "PIMMS Uzès;30", author=ana
        )

        page = as_ana.get(address(run), {"state": "all"})

        assert [line.row.number for line in page.context["lines"]] == [3, 2, 4]

    def test_finds_lines(self, as_ana, ana, gard):
        run = prepared("Nom;Département", "PIMMS Nîmes;Gard", "PIMMS Alès;Gard", author=ana)

        page = as_ana.get(address(run), {"q": "ales"})

        assert [line.row.number for line in page.context["lines"]] == [3]
        assert "Aucune ligne ne correspond" in as_ana.get(address(run), {"q": "lyon"}).text

    def test_finds_lines_by_their_numbers_first(self, as_ana, ana, gard):
        content = [f"PIMMS {n};Gard" for n in range(60)]
        run = prepared("Nom;Département", *content, author=ana)

        def shown(query: str) -> list[str]:
            return re.findall('id="line-([0-9]+)"', as_ana.get(address(run), {"q": query}).text)

        # « PIMMS 55 » is on line 57.
        assert shown("55") == ["55", "57"]
        assert shown("12 55") == ["12", "55"]
        assert shown("pimms 55") == ["57"]
        assert shown("999999999999") == []

    def test_names_what_two_lines_share_without_a_column(self, as_ana, ana, gard):
        run = prepared("Nom;Département", "PIMMS A;Gard", "PIMMS A;Gard", author=ana)

        page = as_ana.get(address(run)).text

        assert "«&nbsp;PIMMS A&nbsp;»&nbsp;:</strong> Les lignes 2 et 3 parlent de la même" in page

    def test_names_a_problem_by_line_and_column_with_the_nearest_values(
        self, as_ana, ana, gard, isere
    ):
        run = prepared("Nom;Département", "PIMMS Vizille;Izère", author=ana)

        page = as_ana.get(address(run)).text

        assert 'id="line-2"' in page
        assert "«\u00a0Izère\u00a0» (colonne B, «\u00a0Département\u00a0»)" in words(page)
        assert 'name="suggest" value="1:Isère">Mettre Isère</button>' in page

    def test_folds_the_columns_unless_something_is_to_decide(self, as_ana, ana, gard):
        known = prepared("Nom;Département", "PIMMS Nîmes;Gard", author=ana)
        unknown = prepared("Nom;Département;Fax", "PIMMS Nîmes;Gard;1", author=ana)
        asking = prepared("Nom;Département;Localité", "PIMMS Nîmes;Gard;Nîmes", author=ana)

        folded = '<details class="import-columns" id="columns" data-printed>'
        link = '<a href="#columns">Colonnes\u00a0: '
        pages = [as_ana.get(address(run)).text for run in (known, unknown, asking)]
        assert [folded in page for page in pages] == [True, True, False]
        assert f"{link}toutes reconnues</a>" in pages[0]
        assert f"{link}2\u00a0colonnes reprises, 1\u00a0laissée</a>" in pages[1]

    def test_lists_the_sites_that_the_file_does_not_mention(self, as_ana, ana, gard):
        SiteFactory(name="PIMMS Alès")
        run = prepared("Nom;Département", "PIMMS Nîmes;Gard", author=ana)

        page = as_ana.get(address(run)).text

        assert "Absents du fichier" in page
        assert "1\u00a0fiche. Rien ne leur est fait." in page

    def test_lists_the_waves_that_it_would_create(self, as_ana, ana, gard):
        run = prepared(
            "Nom;Département;Labellisé le", "PIMMS Nîmes;Gard;1er octobre 2021", author=ana
        )

        page = as_ana.get(address(run)).text

        assert "1\u00a0vague à créer" in page
        assert "Octobre 2021, label valable à partir du 1er\u00a0octobre 2021" in page

    def test_lists_not_all_of_too_many_waves(self, as_ana, ana, gard):
        days = [f"{1 + n % 28:02}/{1 + n // 28:02}/2021" for n in range(60)]
        run = prepared(
            "Nom;Département;Labellisé le",
            *(f"PIMMS Nîmes {n};Gard;{day}" for n, day in enumerate(days)),
            author=ana,
        )

        page = as_ana.get(address(run)).text

        assert "60\u00a0vagues à créer" in page
        assert page.count(", label valable à partir du") == 50
        assert "<li>et 10\u00a0autres</li>" in page

    def test_checks_the_totals_that_the_file_states(self, as_ana, ana, gard):
        run = prepared("Nos 3 PIMMS;", "Nom;Département", "PIMMS Nîmes;Gard", author=ana)

        page = words(as_ana.get(address(run)).text)

        assert "Le compte n’y est pas." in page
        assert "Le fichier annonce 3 lignes\u202f; 1 a été lue." in page

    def test_has_fifty_lines_a_page(self, as_ana, ana, gard):
        run = prepared("Nom;Département", *(f"PIMMS {n};Gard" for n in range(120)), author=ana)

        first = as_ana.get(address(run), {"state": "all"})
        last = as_ana.get(address(run), {"state": "all", "p": "3"})

        assert len(first.context["lines"]) == 50
        assert len(last.context["lines"]) == 20
        assert "Lignes suivantes" in first.text

    def test_stays_light_however_long_the_file(self, as_ana, ana, gard):
        """R26, I17.

        Fifty lines of twelve changes each, every one wrong somewhere, among two thousand.
        """
        for n in range(50):
            SiteFactory(name=f"PIMMS {n}")
        columns = "Nom;Département;Adresse;Code postal;Commune;Code commune;Latitude;Note interne"
        long = "rue du Général-de-Gaulle, bâtiment B, deuxième étage"
        run = prepared(
            columns,
            *(
                f"PIMMS {n};Gard;{n} {long};30000;Nîmes {n};30189;43,8;{long} {long}"
                for n in range(50)
            ),
            *(f"PIMMS {n};Garde {n};{long};3000;Nîmes;1;nord;{long}" for n in range(50, 2000)),
            author=ana,
        )

        for state in ("", "all", "changed", "completed", "wrong", "new"):
            assert len(as_ana.get(address(run), {"state": state}).content) < 300_000, state

    def test_asks_the_same_number_of_queries_for_any_file(self, as_ana, ana, gard):
        few = prepared(*self._file(0, 60), author=ana)
        many = prepared(*self._file(1000, 600), author=ana)
        as_ana.get(address(few))

        assert self._queries(as_ana, few) == self._queries(as_ana, many)

    def _file(self, first, count):
        for n in range(first, first + count):
            SiteFactory(name=f"PIMMS {n}", postcode="30000")
        return [
            "Nom;Département;Code postal;Vague",
            *(f"PIMMS {n};Gard;30900;" for n in range(first, first + count)),
            *(f"PIMMS nouveau {n}*;Garde;30900;" for n in range(first, first + count)),
        ]

    def _queries(self, client, run):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address(run)).status_code == 200
        return len(captured)

    def test_writes_what_files_hold_as_text(self, as_ana, ana, gard):
        """S12."""
        attack = "<script>alert(1)</script><img src=x>"
        run = prepared(
            f"Nom;Département;{attack}",
            f"PIMMS {attack};Gard;{attack}",
            f"PIMMS Nîmes;{attack};",
            name=f"{attack}.csv",
            author=ana,
        )

        for page in (address(run), f"{address(run)}?line={row(run, 2).pk}", LIST):
            text = as_ana.get(page).text
            assert "<script>alert" not in text
            assert "<img src=x" not in text

    def test_shows_a_whole_line_to_be_mended(self, as_ana, ana, gard):
        run = prepared("Nom;Département;Fax", "PIMMS Nîmes;Gard;0466", author=ana)

        page = as_ana.get(address(run), {"line": row(run, 2).pk}).text

        assert 'name="cell-2" value="0466"' in page

    def test_has_one_field_for_a_cell(self, as_ana, ana, gard):
        run = prepared("Nom;Département", "PIMMS Nîmes;Garde", author=ana)

        for question in ({}, {"line": row(run, 2).pk}):
            assert as_ana.get(address(run), question).text.count('name="cell-1"') == 1

    def test_of_a_colleague_can_only_be_read(self, as_ana, gard):
        run = prepared(
            "Nom;Département", "PIMMS Nîmes;Garde", author=editor(first_name="Bob", last_name="Roi")
        )

        page = as_ana.get(address(run)).text

        assert "Bob Roi prépare cet import" in page
        assert "Reprendre cet import à mon nom" in page
        assert address(run, "answer") not in page
        assert address(run, "apply") not in page


class TestTheSteps:
    def test_say_where_an_import_stands(self, as_ana, ana, gard):
        def steps(page: str) -> list[str]:
            found = as_ana.get(page).text.split('<ol class="steps')[1].split("</ol>")[0]
            return re.findall(r'<li(?: class="(done)")?( aria-current="step")?>(\w+)', found)

        def done(*labels: str) -> list[tuple[str, str, str]]:
            return [("done", "", label) for label in labels]

        here = ' aria-current="step"'
        assert steps(ADD) == [("", here, "Déposer"), ("", "", "Vérifier"), ("", "", "Appliquer")]
        run = prepared("Nom;Département", "PIMMS Nîmes;30", author=ana)
        assert steps(address(run)) == [
            *done("Déposer"),
            ("", here, "Vérifier"),
            ("", "", "Appliquer"),
        ]
        apply(run, ana)
        assert steps(address(run)) == [*done("Déposer", "Vérifier"), ("done", here, "Appliquer")]
        undoing = [*done("Déposer", "Vérifier", "Appliquer"), ("", here, "Annuler")]
        assert steps(address(run, "undo")) == undoing
        undo(run, None)
        assert steps(address(run))[-1] == ("done", here, "Annuler")

    def test_say_on_paper_which_lines_a_page_holds(self, as_ana, ana, gard):
        run = prepared(
            "Nom;Département", *(f"PIMMS {number};30" for number in range(51)), author=ana
        )

        page = as_ana.get(address(run), {"p": "2"}).text

        assert '<p class="on-paper">Lignes 51 à 51 sur 51</p>' in page


class TestAnswers:
    def test_mend_a_cell_in_place(self, as_ana, ana, gard):
        run = prepared("Nom;Département", "PIMMS Nîmes;Garde", author=ana)
        line = row(run, 2)

        answer = answered(as_ana, run, line=line.pk, **{"cell-1": "Gard", "was-1": "Garde"})

        assert said(answer) == ["Ligne 2\u00a0: «\u00a0PIMMS Nîmes\u00a0» sera ajouté."]
        assert answer["Location"] == f"{address(run)}?done={line.pk}#line-2"
        assert row(run, 2).state == "new"

    def test_mind_the_gender_of_what_is_added(self, as_ana, ana, db):
        run = prepared("Nom", "PIMMS du Gard", model_key="association", author=ana)

        answer = answered(as_ana, run, line=row(run, 2).pk, aside="no")

        assert said(answer) == ["Ligne 2\u00a0: «\u00a0PIMMS du Gard\u00a0» sera ajoutée."]

    def test_take_a_suggestion_in_one_click(self, as_ana, ana, gard):
        run = prepared("Nom;Département", "PIMMS Nîmes;Garde", author=ana)

        answered(as_ana, run, line=row(run, 2).pk, suggest="1:Gard")

        assert row(run, 2).state == "new"

    def test_come_back_to_the_line_with_what_was_asked(self, as_ana, ana, gard):
        run = prepared("Nom;Département", "PIMMS Nîmes;Garde", author=ana)
        line = row(run, 2)

        answer = as_ana.post(
            f"{address(run, 'answer')}?state=wrong&q=nimes",
            {"line": line.pk, "suggest": "1:Gard"},
        )

        parts = urlsplit(answer["Location"])
        assert (parts.query, parts.fragment) == (f"state=wrong&q=nimes&done={line.pk}", "line-2")
        # It is no longer to correct, and still shown to who corrected it.
        shown = as_ana.get(answer["Location"]).context["lines"]
        assert [one.row.number for one in shown] == [2]

    def test_count_the_lines_that_are_too_many_to_be_named(self, as_ana, ana, gard):
        run = prepared("Nom;Département", *(f"PIMMS {n};Izère" for n in range(61)), author=ana)

        page = words(as_ana.get(address(run)).text)

        assert "revient sur 61\u00a0lignes (2 à 61 et 1\u00a0autre), colonne" in page

    def test_mend_the_same_value_everywhere(self, as_ana, ana, gard, isere):
        run = prepared(
            "Nom;Département",
            *(f"PIMMS {n};Izère" for n in range(2, 14)),
            "PIMMS Nîmes;Gard",
            author=ana,
        )
        page = words(as_ana.get(address(run)).text)
        assert (
            "«\u00a0Izère\u00a0» revient sur 12\u00a0lignes (2 à 13), colonne "
            "«\u00a0Département\u00a0»\u00a0:" in page
        )

        answer = answered(as_ana, run, replace="1", old="Izère", by="Isère", new="")

        assert said(answer) == [
            "12\u00a0lignes corrigées\u00a0: «\u00a0Izère\u00a0» remplacé par «\u00a0Isère\u00a0»."
        ]
        assert run.rows.count_states()["new"] == 13

    def test_mend_everywhere_with_a_value_that_was_typed(self, as_ana, ana, gard):
        run = prepared("Nom;Département", "PIMMS A;xx", "PIMMS B;xx", author=ana)

        answered(as_ana, run, replace="1", old="xx", by="", new=" 30 ")

        assert run.rows.count_states()["new"] == 2

    def test_mend_everywhere_by_what_was_typed_when_enter_is_pressed(
        self, as_ana, ana, gard, isere
    ):
        """A browser then presses the first button that sends the form."""
        run = prepared("Nom;Département", "PIMMS A;Izère", "PIMMS B;Izère", author=ana)
        page = as_ana.get(address(run)).text
        form = next(f for f in re.findall(r"<form.*?</form>", page, re.S) if 'name="new"' in f)
        buttons = re.findall(r"<button[^>]*>", form)

        assert len(buttons) == 3
        assert buttons[0] == '<button type="submit" hidden>'
        answered(as_ana, run, replace="1", old="Izère", new="Gard")

        assert row(run, 2).after["department_id"] == gard.pk

    def test_mend_cells_in_error_everywhere(self, as_ana, ana, gard):
        content = ("PIMMS A;#N/A", "PIMMS B;#N/A", "PIMMS C;")
        run = prepared("Nom;Département", *content, author=ana)
        page = as_ana.get(address(run)).text
        assert (
            "La colonne «\u00a0Département\u00a0» est en erreur sur 2\u00a0lignes (2, 3)\u00a0:"
            in words(page)
        )
        (reason,) = re.findall(r'name="reason" value="([^"]*)"', page)

        answer = answered(as_ana, run, replace="1", old="", new="Gard", reason=reason)

        assert said(answer) == ["2\u00a0lignes corrigées\u00a0: «\u00a0Gard\u00a0»."]
        # The empty cell is no error.
        assert states(run) == {2: "new", 3: "new", 4: "wrong"}

    @pytest.mark.parametrize(
        ("heading", "cell"),
        [
            # Two lines may mean two of what is offered.
            ("Format", "Site principal"),
            ("Format", "Antenne"),
            ("Vague", "janvier 2022"),
            ("Quartier prioritaire", "peut-être"),
            # Two cells without a value had two.
            ("Code postal", "#N/A"),
            # What is wrong is not in the cell.
            ("Longitude;Latitude", "4,36;"),
        ],
    )
    def test_offer_no_one_value_for_lines_that_differ(self, as_ana, ana, gard, heading, cell):
        for day in (1, 15):
            WaveFactory(name=f"{day} janvier 2022", effective_on=dt.date(2022, 1, day))
        run = prepared(
            f"Nom;Département;{heading}",
            f"PIMMS A;Gard;{cell}",
            f"PIMMS B;Gard;{cell}",
            author=ana,
        )
        page = as_ana.get(address(run)).text

        assert states(run) == {2: "wrong", 3: "wrong"}
        assert "partout" not in page.partition("<main")[2]
        answer = answered(as_ana, run, replace="2", old=row(run, 2).problems[0].value, new="Bus")
        assert said(answer) == ["Cette valeur n’est plus à corriger\u00a0: rien n’a changé."]

    def test_name_as_empty_a_cell_that_says_so(self, as_ana, ana, gard):
        run = prepared("Nom;Département", "PIMMS Nîmes;NC", author=ana)

        page = words(as_ana.get(address(run)).text)

        assert "Vide (colonne B, «\u00a0Département\u00a0»)\u00a0:" in page

    def test_keep_ours_and_take_the_file_again(self, as_ana, ana, gard):
        SiteFactory(name="PIMMS Nîmes", postcode="30000")
        run = prepared("Nom;Département;Code postal", "PIMMS Nîmes;Gard;30900", author=ana)
        line = row(run, 2).pk

        answered(as_ana, run, line=line, decide="ours:postcode")
        kept = as_ana.get(address(run)).text
        assert row(run, 2).state == "unchanged"
        assert "<del>30000</del>" in kept
        assert "Gardée&nbsp;: la nôtre" in kept

        answered(as_ana, run, line=line, decide="file:postcode")
        assert row(run, 2).after == {"postcode": "30900"}

    def test_keep_ours_for_good_and_take_it_back_on_the_site(self, as_ana, ana, gard):
        site = SiteFactory(name="PIMMS Nîmes", postcode="30000")
        file = ("Nom;Département;Code postal", "PIMMS Nîmes;Gard;30900")
        run = prepared(*file, author=ana)

        answered(as_ana, run, line=row(run, 2).pk, decide="always:postcode")
        assert "Appliquer le choix</button>" in as_ana.get(address(run)).text
        answer = applied(as_ana, run)

        assert said(answer) == ["Aucune fiche modifiée. Ce que vous gardez toujours est retenu."]
        kept = KeptValue.objects.get()
        assert prepared(*file, author=ana).rows.get().state == "unchanged"
        page = as_ana.get(f"/labelling/site/{site.pk}/change/").text
        assert "Valeurs toujours gardées" in page
        assert re.search(r"Code postal</th><td>30900</td><td>Ana Martin aujourd’hui à", page)

        answer = as_ana.post(reverse("admin:labelling_importrun_forget", args=[kept.pk]))

        assert said(answer) == [
            "Cette valeur n’est plus gardée\u00a0: le prochain fichier la proposera."
        ]
        assert answer["Location"] == f"/labelling/site/{site.pk}/change/"
        assert prepared(*file, author=ana).rows.get().state == "changed"

    def test_show_a_reader_what_is_kept_without_the_means_to_change_it(self, as_reader, gard, ana):
        site = SiteFactory(name="PIMMS Nîmes", postcode="30000")
        run = prepared("Nom;Département;Code postal", "PIMMS Nîmes;Gard;30900", author=ana)
        repairs.decide(run, ana, row(run, 2).pk, "postcode", "always")
        apply(run, ana)
        forget = reverse("admin:labelling_importrun_forget", args=[KeptValue.objects.get().pk])

        page = as_reader.get(f"/labelling/site/{site.pk}/change/").text

        assert "Valeurs toujours gardées" in page
        assert forget not in page
        assert as_reader.post(forget).status_code == 403
        assert KeptValue.objects.exists()

    def test_keep_ours_where_the_file_cannot_be_read(self, as_ana, ana, gard):
        SiteFactory(name="PIMMS Nîmes", postcode="30000")
        run = prepared("Nom;Département;Code postal", "PIMMS Nîmes;Gard;trente", author=ana)

        assert self._decisions(as_ana, run) == ["ours:postcode", "always:postcode"]

        answered(as_ana, run, line=row(run, 2).pk, decide="ours:postcode")

        assert row(run, 2).state == "unchanged"
        page = as_ana.get(address(run)).text
        assert "<del>30000</del>" in page
        assert "<ins>trente</ins>" in page
        answered(as_ana, run, line=row(run, 2).pk, decide="file:postcode")
        assert row(run, 2).state == "wrong"

    def test_keep_ours_even_where_empty_cells_empty(self, as_ana, ana, gard):
        SiteFactory(name="PIMMS Nîmes", postcode="30000")
        run = prepared("Nom;Département;Code postal", "PIMMS Nîmes;Gard;trente", author=ana)
        answered(as_ana, run, columns="yes", **{"shown-2": "yes", "empties-2": "on"})
        page = as_ana.get(address(run)).text
        name, value = re.findall(r'name="(\w+)" value="([^"]*)">Garder la nôtre', page)[0]

        answered(as_ana, run, line=row(run, 2).pk, **{name: value})

        assert (row(run, 2).state, row(run, 2).after) == ("unchanged", {})

    def test_offer_what_was_not_chosen(self, as_ana, ana, gard):
        SiteFactory(name="PIMMS Nîmes", postcode="30000")
        run = prepared("Nom;Département;Code postal", "PIMMS Nîmes;Gard;30900", author=ana)

        offered = {"file": self._decisions(as_ana, run)}
        for decision in ("ours", "always"):
            answered(as_ana, run, line=row(run, 2).pk, decide=f"{decision}:postcode")
            offered[decision] = self._decisions(as_ana, run)

        assert offered == {
            "file": ["ours:postcode", "always:postcode"],
            "ours": ["file:postcode", "always:postcode"],
            "always": ["file:postcode", "ours:postcode"],
        }

    def test_offer_to_keep_ours_where_there_is_one(self, as_ana, ana, gard):
        SiteFactory(name="PIMMS Nîmes", commune="", postcode="")
        run = prepared(
            "Nom;Département;Commune;Code postal", "PIMMS Nîmes;Gard;Nîmes;trente", author=ana
        )
        page = as_ana.get(address(run)).text
        assert "Garder la nôtre" not in page
        assert "Toujours garder" not in page
        (empty,) = re.findall(r'name="suggest" value="([^"]*)">Laisser vide', page)

        answered(as_ana, run, line=row(run, 2).pk, suggest=empty)

        assert row(run, 2).after == {"commune": "Nîmes"}
        assert self._decisions(as_ana, run) == []

    def test_offer_no_emptying_where_a_value_is_needed_or_kept(self, as_ana, ana, gard):
        SiteFactory(name="PIMMS Nîmes", postcode="30000")
        run = prepared(
            "Nom;Département;Code postal", "PIMMS Nîmes;Gard;trente", "PIMMS Alès;Gare;", author=ana
        )

        assert "Laisser vide" not in as_ana.get(address(run)).text

    def _decisions(self, client, run):
        return re.findall(r'name="decide" value="([^"]+)"', client.get(address(run)).text)

    def test_that_keep_for_good_want_the_right_to_change(self, gard):
        SiteFactory(name="PIMMS Nîmes", postcode="30000")
        only_adds = UserFactory()
        only_adds.user_permissions.set(
            Permission.objects.filter(codename__in=["import_site", "add_site"])
        )
        run = prepared("Nom;Département;Code postal", "PIMMS Nîmes;Gard;30900", author=only_adds)
        client = signed_in(only_adds)

        for decision in ("always", "file"):
            answer = answered(client, run, line=row(run, 2).pk, decide=f"{decision}:postcode")
            assert said(answer)[-1] == "Votre accès ne permet pas de modifier ces fiches."

        answered(client, run, line=row(run, 2).pk, decide="ours:postcode")
        assert row(run, 2).kept == {"postcode": "30900"}

    def test_say_which_site_a_line_speaks_of(self, as_ana, ana, gard):
        site = SiteFactory(name="PIMMS Nîmes Centre", commune="Nîmes")
        run = prepared(
            "id_fs;lib_fs;insee_dep;lib_com;format_fs",
            "900;France services Pimms Nîmes centre ville;30;Nîmes;Fixe",
            author=ana,
        )
        assert row(run, 2).state == "which"
        page = as_ana.get(address(run)).text
        assert "De quel site cette ligne parle-t-elle" in page
        assert "C’est PIMMS Nîmes Centre" in page
        assert "c’est un nouveau site" in page

        answered(as_ana, run, line=row(run, 2).pk, record=site.pk)

        assert (row(run, 2).state, row(run, 2).record_id) == ("changed", site.pk)

    def test_say_that_a_line_speaks_of_a_new_site(self, as_ana, ana, gard):
        SiteFactory(name="PIMMS Nîmes Centre", commune="Nîmes")
        run = prepared(
            "id_fs;lib_fs;insee_dep;lib_com;format_fs",
            "900;France services Pimms Nîmes centre ville;30;Nîmes;Fixe",
            author=ana,
        )

        answered(as_ana, run, line=row(run, 2).pk, record="new")

        assert row(run, 2).state == "new"
        assert "Vous avez répondu\u00a0: c’est un nouveau site." in words(
            as_ana.get(address(run), {"state": "new"}).text
        )

    @pytest.mark.django_db(transaction=True)
    def test_say_so_of_a_line_whose_only_candidate_is_no_more(self, as_ana, ana):
        DepartmentFactory()
        site = SiteFactory(name="PIMMS Nîmes Centre", commune="Nîmes")
        run = prepared(
            "id_fs;lib_fs;insee_dep;lib_com;format_fs",
            "900;France services Pimms Nîmes centre ville;30;Nîmes;Fixe",
            author=ana,
        )
        site.delete()

        page = as_ana.get(address(run)).text
        answered(as_ana, run, line=row(run, 2).pk, record="new")

        assert "Les fiches proposées n’existent plus, ou d’autres lignes parlent d’elles." in words(
            page
        )
        assert 'name="record" value="new">C’est un nouveau site</button>' in page
        assert row(run, 2).state == "new"

    def test_say_otherwise_of_which_site_a_line_speaks(self, as_ana, ana, gard):
        one = SiteFactory(name="PIMMS Nîmes")
        two = SiteFactory(name="PIMMS Nîmes Est", state_name="PIMMS Nîmes")
        run = prepared("Nom;Département", "PIMMS Nîmes;30", author=ana)
        line = row(run, 2).pk
        answered(as_ana, run, line=line, record=one.pk)
        page = as_ana.get(address(run), {"state": "unchanged"}).text
        assert "Vous avez répondu\u00a0: c’est ce site." in words(page)
        assert 'name="record" value="ask">Choisir un autre site</button>' in page

        answered(as_ana, run, line=line, record="ask")
        assert row(run, 2).state == "which"
        answered(as_ana, run, line=line, record=two.pk)

        assert row(run, 2).record_id == two.pk

    def test_fill_in_what_the_file_has_no_column_for(self, as_ana, ana, gard):
        run = prepared("Numéro France Services;Nom", "900;PIMMS Nîmes", author=ana)
        line = row(run, 2).pk
        page = as_ana.get(address(run)).text
        assert 'name="cell-department_id" value=""' in page
        assert "«\u00a0Département\u00a0» est à remplir pour une nouvelle fiche." in words(page)

        answered(as_ana, run, line=line, **{"cell-department_id": "Garde"})
        assert "«\u00a0Garde\u00a0» («\u00a0Département\u00a0»)" in words(
            as_ana.get(address(run)).text
        )
        answered(as_ana, run, line=line, suggest="department_id:Gard")

        assert (row(run, 2).state, row(run, 2).after["department_id"]) == ("new", gard.pk)
        whole = as_ana.get(address(run), {"line": line}).text
        assert 'name="cell-department_id" value="Gard"' in whole
        answered(as_ana, run, line=line, **{"cell-department_id": "", "was-department_id": "Gard"})
        assert row(run, 2).state == "wrong"

    def test_fill_in_what_goes_with_a_column(self, as_ana, ana, gard):
        """The end of a label wants its « Motif », for which the file may have no column."""
        site = SiteFactory(name="PIMMS Nîmes", labelled=True)
        run = prepared(
            "Nom;Département;Date de fin de label", "PIMMS Nîmes;30;31/12/2021", author=ana
        )
        line = row(run, 2).pk
        page = as_ana.get(address(run)).text
        assert "Donnez la date et le motif de la fin du label, ou aucun des deux." in page
        assert 'name="cell-withdrawal_reason" value=""' in page
        assert 'value="withdrawal_reason:Fermeture du site">Mettre Fermeture' in page

        answered(as_ana, run, line=line, suggest="withdrawal_reason:Fermeture du site")

        assert (row(run, 2).state, row(run, 2).after) == (
            "changed",
            {"withdrawn_on": "2021-12-31", "withdrawal_reason": "closed"},
        )
        applied(as_ana, run)
        site.refresh_from_db()
        assert site.withdrawal_reason == "closed"

    def test_have_one_input_for_what_goes_with_a_column(self, as_ana, ana, gard):
        SiteFactory(name="PIMMS Nîmes", labelled=True)
        run = prepared(
            "Nom;Département;Date de fin de label", "PIMMS Nîmes;30;31/12/2021", author=ana
        )
        line = row(run, 2).pk
        typed = "Fermeture du site"
        answered(as_ana, run, line=line, **{"cell-withdrawal_reason": typed})
        emptied = {"cell-withdrawal_reason": "", "was-withdrawal_reason": typed}
        answered(as_ana, run, line=line, **emptied)

        page = as_ana.get(address(run), {"line": line}).text

        assert page.count('name="cell-withdrawal_reason"') == 1
        assert "Fermeture du site</button>" in page

    def test_name_a_new_site_that_only_the_state_named(self, as_ana, ana, gard):
        run = prepared(*self._state_list("999;France services Pimms Nîmes"), author=ana)
        line = row(run, 2).pk
        assert row(run, 2).is_to_name
        page = as_ana.get(address(run), {"state": "to_name"}).text
        assert 'name="cell-name" value="PIMMS Nîmes"' in page

        answered(as_ana, run, line=line, **{"cell-name": "PIMMS Sud", "was-name": "PIMMS Nîmes"})

        assert (row(run, 2).after["name"], row(run, 2).is_to_name) == ("PIMMS Sud", False)
        assert row(run, 2).after["state_name"] == "France services Pimms Nîmes"

    def test_keep_the_name_that_was_made_in_one_click(self, as_ana, ana, gard):
        run = prepared(*self._state_list("999;France services Pimms Nîmes"), author=ana)
        page = as_ana.get(address(run), {"state": "to_name"}).text
        (suggested,) = re.findall(r'name="suggest" value="([^"]+)">Garder ce nom', page)

        answered(as_ana, run, line=row(run, 2).pk, suggest=suggested)

        assert (row(run, 2).after["name"], row(run, 2).is_to_name) == ("PIMMS Nîmes", False)

    def test_name_where_the_file_has_an_empty_cell_for_it(self, as_ana, ana, gard):
        run = prepared(
            "Nom;Nom selon l’État;Département", ";France services Pimms Nîmes;30", author=ana
        )
        page = as_ana.get(address(run), {"state": "to_name"}).text
        assert 'name="cell-0" value="PIMMS Nîmes"' in page

        answered(as_ana, run, line=row(run, 2).pk, suggest="0:PIMMS Nîmes")

        assert not row(run, 2).is_to_name

    def test_rename_a_new_site_whose_made_name_is_taken(self, as_ana, ana, gard):
        taken = SiteFactory(name="PIMMS Nîmes", france_services_id="180")
        run = prepared(*self._state_list("999;France services Pimms Nîmes"), author=ana)
        (problem,) = row(run, 2).problems
        assert (problem.field, problem.reason) == (
            "name",
            (
                "Un site de ce département porte déjà ce nom\u00a0: «\u00a0PIMMS Nîmes\u00a0» "
                "(n°\u00a0180). Si la ligne parle de ce site, corrigez le numéro qui ne va "
                "pas\u202f; sinon, donnez-lui un autre nom."
            ),
        )
        link = f'<a href="/labelling/site/{taken.pk}/change/">Voir la fiche</a>'
        assert link in as_ana.get(address(run)).text
        assert as_ana.get(address(run)).text.count('name="cell-name" value="PIMMS Nîmes"') == 1

        answered(as_ana, run, line=row(run, 2).pk, **{"cell-name": "PIMMS Nîmes Sud"})

        assert row(run, 2).state == "new"

    def test_rename_one_of_two_new_sites_whose_made_names_are_the_same(self, as_ana, ana, gard):
        run = prepared(
            *self._state_list(
                "999;France services Pimms Nîmes", "998;France services Pimms Médiation Nîmes"
            ),
            author=ana,
        )
        assert row(run, 2).state == row(run, 3).state == "wrong"
        assert as_ana.get(address(run)).text.count('name="cell-name" value="PIMMS Nîmes"') == 2

        answered(as_ana, run, line=row(run, 3).pk, **{"cell-name": "PIMMS Nîmes Sud"})

        assert row(run, 2).state == row(run, 3).state == "new"

    def _state_list(self, *content):
        return [
            "id_fs;lib_fs;insee_dep;insee_com;lib_com;format_fs",
            *(f"{line};30;30189;Nîmes;Fixe" for line in content),
        ]

    def test_put_a_line_aside_and_take_it_back(self, as_ana, ana, gard):
        run = prepared("Nom;Département", "PIMMS Nîmes;Garde", "PIMMS Alès;30", author=ana)
        line = row(run, 2).pk

        answer = answered(as_ana, run, line=line, aside="yes")

        assert said(answer) == ["Ligne 2\u00a0: mise de côté. Elle ne sera pas appliquée."]
        page = as_ana.get(address(run))
        assert "Appliquer le changement" in page.text
        assert ("Mises de côté", 1) in [(f.label, f.count) for f in page.context["filters"]]
        answered(as_ana, run, line=line, aside="no")
        assert row(run, 2).is_aside is False

    def test_give_a_column_to_a_field(self, as_ana, ana, gard):
        run = prepared("Nom;Département;Zone 12", "PIMMS Nîmes;Gard;Nîmes", author=ana)

        answer = answered(as_ana, run, columns="yes", **{"field-2": "commune"})

        assert said(answer) == ["Les colonnes ont été relues, et chaque ligne avec elles."]
        assert row(run, 2).after["commune"] == "Nîmes"

    def test_of_one_form_are_judged_once(self, as_ana, ana, gard):
        fields = {"field-2": "address", "field-3": "commune", "field-4": "note"}
        cells = {"cell-2": "2 rue", "cell-3": "Alès", "cell-4": "y"}

        def queries(several: int) -> list[int]:
            run = prepared("Nom;Département;B;C;D", "PIMMS Nîmes;Gard;1 rue;Nîmes;x", author=ana)
            line = row(run, 2).pk
            counted = []
            forms = ({"columns": "yes"}, fields), ({"line": line}, cells)
            for form, answers in forms:
                with CaptureQueriesContext(connection) as captured:
                    answered(as_ana, run, **form, **dict([*answers.items()][:several]))
                counted.append(len(captured))
            return counted

        assert queries(3) == queries(1)

    def test_leave_a_column_out(self, as_ana, ana, gard):
        run = prepared("Nom;Département;Commune", "PIMMS Nîmes;Gard;Nîmes", author=ana)

        answered(as_ana, run, columns="yes", **{"field-2": ""})

        assert "commune" not in row(run, 2).after

    def test_say_that_empty_cells_empty(self, as_ana, ana, gard):
        SiteFactory(name="PIMMS Nîmes", commune="Nîmes")
        run = prepared("Nom;Département;Commune", "PIMMS Nîmes;Gard;", author=ana)

        form = {"field-2": "commune", "shown-2": "yes", "empties-2": "on"}
        answered(as_ana, run, columns="yes", **form)

        assert row(run, 2).after == {"commune": ""}
        assert "<ins>vide</ins>" in as_ana.get(address(run)).text

    def test_mend_a_value_that_was_pasted_with_its_spaces(self, as_ana, ana, gard):
        run = prepared(
            "Nom;Département", "PIMMS Nîmes;  Garde  ", "PIMMS Alès;  Garde  ", author=ana
        )
        page = words(as_ana.get(address(run)).text)
        assert "«\u00a0Garde\u00a0» revient sur 2\u00a0lignes" in page
        assert "«\u00a0Garde\u00a0» (colonne B, «\u00a0Département\u00a0»)" in page

        answer = answered(as_ana, run, replace="1", old="  Garde  ", new="Gard")

        assert said(answer) == [
            "2\u00a0lignes corrigées\u00a0: «\u00a0Garde\u00a0» remplacé par «\u00a0Gard\u00a0»."
        ]

    def test_mend_once_what_the_lines_do_not_repeat(self, as_ana, ana, isere):
        run = prepared(
            "Nom;Département",
            "PIMMS Nîmes;Izère",
            "PIMMS Alès;Izère",
            "PIMMS Uzès;Lizère",
            "PIMMS Vif;Isère",
            "PIMMS Voiron;Isère",
            "PIMMS Tullins;Isère",
            author=ana,
        )

        page = as_ana.get(address(run)).text

        one, other, alone, *_ = re.findall(r'<tr[^>]+id="line-.*?</tr>', page, flags=re.S)
        for line in (one, other):
            assert '<a href="#repeated-title">voir plus haut</a>.' in line
            assert 'name="suggest"' not in line
            assert "Voir la ligne entière" in line
        assert "voir plus haut" not in alone
        assert 'name="suggest"' in alone
        whole = as_ana.get(f"{address(run)}?line={row(run, 2).pk}").text
        assert "<legend>La ligne entière</legend>" in whole

    def test_choose_the_wave_of_the_asterisks(self, as_ana, ana, gard):
        wave = WaveFactory()
        run = prepared("Nom;Département", "PIMMS Nîmes*;Gard", author=ana)
        assert "1\u00a0ligne est marquée" in words(as_ana.get(address(run)).text)

        answered(as_ana, run, wave=wave.pk)

        assert row(run, 2).after["wave_id"] == wave.pk

    def test_are_not_asked_for_the_wave_that_a_column_gives(self, as_ana, ana, gard):
        WaveFactory()
        run = prepared("Nom;Département;Vague", "PIMMS Nîmes*;Gard;Automne 2020", author=ana)

        assert "est marquée" not in words(as_ana.get(address(run)).text)

    def test_choose_the_wave_of_the_lines_whose_column_is_empty(self, as_ana, ana, gard):
        wave = WaveFactory(
            name="Février 2020", slug="fevrier-2020", effective_on=dt.date(2020, 2, 1)
        )
        WaveFactory()
        run = prepared(
            "Nom;Département;Vague",
            "PIMMS Nîmes*;Gard;Automne 2020",
            "PIMMS Alès*;Gard;",
            author=ana,
        )
        page = as_ana.get(address(run)).text
        asked = "1\u00a0ligne est marquée «\u00a0nouveau dans la vague\u00a0»"
        assert f"{asked}, sans que la ligne dise laquelle." in words(page)
        assert '<option value="">Celle que dit le fichier</option>' in page

        answer = answered(as_ana, run, wave=wave.pk)

        assert row(run, 2).after["wave_id"] != wave.pk
        assert row(run, 3).after["wave_id"] == wave.pk
        assert said(answer) == [
            (
                "L’astérisque donne maintenant la vague «\u00a0Février 2020\u00a0»\u00a0: "
                "1\u00a0ligne a changé."
            )
        ]
        assert said(answered(as_ana, run, wave=wave.pk))[-1] == "Aucune ligne n’a changé."
        assert said(answered(as_ana, run, wave=""))[-1] == (
            "L’astérisque ne donne plus de vague\u00a0: 1\u00a0ligne a changé."
        )

    def test_choose_no_wave_where_empty_cells_empty(self, as_ana, ana, gard):
        WaveFactory()
        run = prepared("Nom;Département;Vague", "PIMMS Nîmes*;Gard;", author=ana)
        form = {"field-2": "wave", "shown-2": "yes", "empties-2": "on"}
        answered(as_ana, run, columns="yes", **form)

        assert "est marquée" not in words(as_ana.get(address(run)).text)

    def test_choose_it_once_a_column_is_said_to_be_the_names(self, as_ana, ana, gard):
        WaveFactory()
        run = prepared("N° FS;Contact;Département", "1;PIMMS Nîmes*;30", author=ana)
        assert "est marquée" not in words(as_ana.get(address(run)).text)

        answered(as_ana, run, columns="yes", **{"field-1": "name"})

        assert "1\u00a0ligne est marquée" in words(as_ana.get(address(run)).text)

    def test_choose_between_both_values_where_a_wave_moved(self, as_ana, ana, gard):
        wave = WaveFactory()
        SiteFactory(name="PIMMS Nîmes", france_services_id="900", wave=wave, state_name="Pimms")
        run = prepared(
            "id_fs;lib_fs;insee_dep;lib_com;format_fs;labellisation_fs",
            "900;Pimms;30;Nîmes;Fixe;Espace labellisé 01/10/2021",
            author=ana,
        )
        page = as_ana.get(address(run)).text
        assert 'value="file:wave_id">Prendre la valeur du fichier' in page
        assert 'value="ours:wave_id">Garder la nôtre' in page
        assert 'value="always:wave_id">Toujours garder la nôtre' in page

        answered(as_ana, run, line=row(run, 2).pk, decide="ours:wave_id")

        assert "wave_id" not in row(run, 2).after
        assert row(run, 2).state != "wrong"


class TestASiteThatMoves:
    def test_takes_the_kind_of_place_that_is_proposed_in_one_click(self, as_ana, ana, gard):
        run = prepared("Nom;Département;Itinérance", "PIMMS Nîmes;Gard;Oui", author=ana)
        page = as_ana.get(address(run)).text
        assert (
            "D’après la colonne C («\u00a0Itinérance\u00a0»\u00a0: «\u00a0Oui\u00a0»), ce site est "
            "itinérant. Accueil du public\u202f?"
        ) in page
        assert "Laisser vide" not in page
        (answer,) = re.findall(r'value="([^"]*)">Mettre Itinérant', page)

        answered(as_ana, run, line=row(run, 2).pk, suggest=answer)

        assert row(run, 2).after["format"] == "itinerant"


class TestALabelThatEnded:
    """The State's list names the site all the same."""

    LIST = (
        "id_fs;insee_dep;lib_fs;insee_com;code_postal;lib_com;format_fs;labellisation_fs",
        "180;30;France services Pimms Nîmes;30189;30000;Nîmes;Fixe;Espace labellisé 01/09/2020",
    )

    @pytest.fixture
    def ended(self, gard):
        return SiteFactory(name="PIMMS Nîmes", france_services_id="180", ended=True)

    def test_is_said_on_its_line_with_both_dates(self, as_ana, ana, ended):
        run = prepared(*self.LIST, name="liste-fs-20240801.csv", author=ana)
        page = words(as_ana.get(address(run)).text)

        assert (row(run, 2).state, row(run, 2).record_id) == ("wrong", ended.pk)
        assert (
            "Le label de ce site a pris fin le 1er\u00a0mars 2021\u202f; le fichier, daté du "
            "1er\u00a0août 2024, le nomme encore, labellisé depuis le 1er\u00a0septembre 2020."
        ) in page
        assert "Garder la nôtre" not in page

    def test_stands_for_this_list_and_the_next(self, as_ana, ana, ended):
        run = prepared(*self.LIST, author=ana)
        page = as_ana.get(address(run)).text
        (answer,) = re.findall(r'value="([^"]*)">Notre fin de label fait foi', page)

        answered(as_ana, run, line=row(run, 2).pk, decide=answer)

        assert (row(run, 2).state, row(run, 2).after) == ("unchanged", {})
        page = as_ana.get(address(run)).text
        assert "<span>Notre fin de label fait foi</span>" in page
        assert "Appliquer le choix" in page
        applied(as_ana, run)
        ended.refresh_from_db()
        assert (ended.withdrawn_on, ended.version) == (dt.date(2021, 3, 1), 1)
        following = prepared(*self.LIST, name="autre.csv", author=ana)
        assert states(following) == {2: "unchanged"}
        assert "Notre fin de label fait foi" in as_ana.get(address(following)).text
        accepted = AcceptedFinding.objects.get()
        assert (accepted.rule, accepted.record_id) == ("Q005", ended.pk)
        assert (accepted.motive, accepted.accepted_by) == ("Notre fin de label fait foi", ana)

    def test_that_ended_on_another_day_is_asked_about_again(self, as_ana, ana, ended):
        run = prepared(*self.LIST, author=ana)
        answered(as_ana, run, line=row(run, 2).pk, decide="always:withdrawn_on")
        applied(as_ana, run)
        ended.refresh_from_db()
        ended.withdrawn_on = dt.date(2021, 4, 1)
        ended.save()

        following = prepared(*self.LIST, name="autre.csv", author=ana)

        assert states(following) == {2: "wrong"}
        answered(as_ana, following, line=row(following, 2).pk, decide="always:withdrawn_on")
        applied(as_ana, following)
        assert states(prepared(*self.LIST, name="encore.csv", author=ana)) == {2: "unchanged"}

    def test_is_asked_about_again_on_demand(self, as_ana, ana, ended):
        run = prepared(*self.LIST, author=ana)
        answered(as_ana, run, line=row(run, 2).pk, decide="always:withdrawn_on")
        (answer,) = re.findall(r'value="([^"]*)">Y revenir', as_ana.get(address(run)).text)

        answered(as_ana, run, line=row(run, 2).pk, decide=answer)

        assert row(run, 2).state == "wrong"

    def test_may_be_a_new_label(self, as_ana, ana, ended):
        run = prepared(*self.LIST, author=ana)
        page = as_ana.get(address(run)).text
        assert 'name="record" value="new">Il a de nouveau le label' in page

        answered(as_ana, run, line=row(run, 2).pk, record="new")

        assert (row(run, 2).state, row(run, 2).record_id) == ("new", None)

    def test_is_no_question_to_a_list_of_before(self, ana, ended):
        run = prepared(*self.LIST, name="liste 2020-10-12.csv", author=ana)

        assert row(run, 2).record_id == ended.pk
        assert row(run, 2).state == "changed"

    def test_is_found_by_its_name_alone(self, as_ana, ana, ended):
        run = prepared("Nom;Département;Vague", "PIMMS Nimes;30;01/09/2020", author=ana)

        page = words(as_ana.get(address(run)).text)

        assert (row(run, 2).state, row(run, 2).record_id) == ("wrong", ended.pk)
        assert (
            "Le label de ce site a pris fin le 1er\u00a0mars 2021\u202f; le fichier le nomme "
            "encore, labellisé depuis le 1er\u00a0septembre 2020."
        ) in page
        assert "Reconnu par son nom, dans le même département" in page
        answered(as_ana, run, line=row(run, 2).pk, decide="always:withdrawn_on")
        assert row(run, 2).state == "unchanged"

    def test_is_asked_about_whatever_was_kept_before_ends_were_accepted(self, ana, ended):
        KeptValue.objects.create(
            model_key="site", record_id=ended.pk, field="withdrawn_on", value=None
        )

        run = prepared("Nom;Département", "PIMMS Nîmes;30", author=ana)

        assert states(run) == {2: "wrong"}

    def test_is_no_question_of_a_site_of_that_name_that_has_the_label(self, ana, ended):
        site = SiteFactory(name="PIMMS Nîmes")

        run = prepared("Nom;Département", "PIMMS Nîmes;30", author=ana)

        assert (row(run, 2).state, row(run, 2).record_id) == ("unchanged", site.pk)

    def test_is_no_question_where_the_file_says_its_end(self, ana, ended):
        run = prepared("Numéro France Services;Fin de label", "180;01/03/2021", author=ana)

        assert states(run) == {2: "unchanged"}


def _fail(*args, **kwargs):
    raise RuntimeError("en panne")


class TestApplying:
    def test_says_what_the_database_counts(self, as_ana, ana, gard):
        """R5."""
        SiteFactory(name="PIMMS Alès", postcode="30100")
        run = prepared(
            "Nom;Département;Code postal",
            "PIMMS Nîmes;Gard;30000",
            "PIMMS Uzès;Gard;30700",
            "PIMMS Alès;Gard;30101",
            author=ana,
        )
        assert "Appliquer les 3\u00a0changements" in as_ana.get(address(run)).text

        answer = applied(as_ana, run)

        assert said(answer) == [
            (
                "2\u00a0sites ajoutés, 1 modifié. Un responsable peut annuler cet import depuis sa "
                "page."
            )
        ]
        assert Site.objects.count() == 3
        assert Site.history.filter(history_change_reason=run.reason).count() == 3
        page = as_ana.get(address(run)).text
        assert re.search(
            r"Appliqué par Ana Martin aujourd’hui à .*\u00a0: 2\u00a0sites ajoutés, 1 modifié\.",
            page,
        )

    def test_twice_does_it_once(self, as_ana, ana, gard):
        """R6."""
        run = prepared("Nom;Département", "PIMMS Nîmes;Gard", author=ana)
        seen = run.touched_at.isoformat()
        as_ana.post(address(run, "apply"), {"seen": seen})

        answer = as_ana.post(address(run, "apply"), {"seen": seen})

        assert re.fullmatch(
            r"Cet import a déjà été appliqué par Ana Martin, aujourd’hui à .*\. Rien n’a été fait "
            r"deux fois\.",
            said(answer)[-1],
        )
        assert Site.objects.count() == 1

    def test_shows_again_the_lines_whose_record_changed(self, as_ana, ana, gard):
        """R7."""
        site = SiteFactory(name="PIMMS Alès", postcode="30100")
        run = prepared("Nom;Département;Code postal", "PIMMS Alès;Gard;30101", author=ana)
        site.postcode = "30102"
        site.save()

        answer = applied(as_ana, run)

        assert said(answer) == [
            (
                "Des fiches ont été créées ou modifiées depuis l’aperçu. Rien n’a été "
                "appliqué\u00a0: relisez la ligne 2, puis appliquez à nouveau."
            )
        ]
        site.refresh_from_db()
        assert site.postcode == "30102"
        assert answer.url == f"{address(run)}?q=2"
        assert "<del>30102</del>" in as_ana.get(answer.url).text

    @pytest.mark.parametrize("part", ["change", "write_history"])
    def test_that_fails_in_the_middle_is_no_success(self, ana, gard, part, monkeypatch):
        """I1, I15: nothing is written or said, and no traceback is shown."""
        SiteFactory(name="PIMMS Alès", postcode="30100")
        content = ("PIMMS Nîmes;Gard;30000", "PIMMS Alès;Gard;30101")
        run = prepared("Nom;Département;Code postal", *content, author=ana)
        monkeypatch.setattr(Writer, part, _fail)
        client = signed_in(ana)
        client.raise_request_exception = False

        answer = applied(client, run)

        assert answer.status_code == 500
        assert "Traceback" not in answer.text
        assert "en panne" not in answer.text
        run.refresh_from_db()
        assert (run.status, run.created_count, run.changed_count) == ("preparing", 0, 0)
        assert [(s.name, s.postcode) for s in Site.objects.all()] == [("PIMMS Alès", "30100")]
        assert Site.history.count() == 1
        assert not LogEntry.objects.exists()
        assert said(client.get(address(run))) == []

    def test_from_a_page_shown_before_a_change_is_refused(self, as_ana, ana, gard):
        run = prepared("Nom;Département", "PIMMS Nîmes;Gard", "PIMMS Alès;Garde", author=ana)
        seen = run.touched_at.isoformat()
        answered(as_ana, run, line=row(run, 3).pk, suggest="1:Gard")

        answer = as_ana.post(address(run, "apply"), {"seen": seen, "only": "good"})

        assert said(answer)[-1] == (
            "L’aperçu a changé depuis que cette page est ouverte. Rien n’a été appliqué\u00a0: "
            "relisez-le, puis appliquez."
        )
        assert not Site.objects.exists()

    def test_waits_for_the_lines_to_settle(self, as_ana, ana, gard):
        run = prepared("Nom;Département", "PIMMS Nîmes;Gard", "PIMMS Alès;Garde", author=ana)
        page = as_ana.get(address(run)).text
        assert "1\u00a0ligne attend encore une réponse." in page
        assert "Appliquer la seule ligne bonne" in page

        answer = applied(as_ana, run)

        assert said(answer) == [
            (
                "1\u00a0ligne attend encore une réponse. Corrigez-la, mettez-la de côté, ou "
                "appliquez seulement les lignes bonnes."
            )
        ]
        assert not Site.objects.exists()

    def test_takes_only_the_good_lines_if_asked(self, as_ana, ana, gard):
        run = prepared("Nom;Département", "PIMMS Nîmes;Gard", "PIMMS Alès;Garde", author=ana)

        applied(as_ana, run, only="good")

        assert [site.name for site in Site.objects.all()] == ["PIMMS Nîmes"]
        assert "Télécharger les lignes à corriger" in as_ana.get(address(run)).text

    def test_needs_the_right_to_each_kind_of_change(self, gard):
        """S2."""
        person = UserFactory()
        person.user_permissions.set(_permissions("import_site", "change_site", "view_site"))
        run = prepared("Nom;Département", "PIMMS Nîmes;Gard", author=person)

        answer = applied(signed_in(person), run)

        assert said(answer) == [
            "Votre accès ne permet pas d’ajouter ces fiches. Rien n’a été appliqué."
        ]
        assert not Site.objects.exists()


class TestUndoing:
    @pytest.fixture
    def run(self, as_ana, ana, gard):
        SiteFactory(name="PIMMS Alès", postcode="30100")
        SiteFactory(name="PIMMS Uzès", postcode="30700")
        run = prepared(
            "Nom;Département;Code postal",
            "PIMMS Nîmes;Gard;30000",
            "PIMMS Alès;Gard;30101",
            "PIMMS Uzès;Gard;30701",
            author=ana,
        )
        applied(as_ana, run)
        return run

    def test_first_shows_what_comes_back_and_what_stays(self, run):
        site = Site.objects.get(name="PIMMS Uzès")
        site.postcode = "30702"
        site.save()

        page = words(signed_in(manager()).get(address(run, "undo")).text)

        assert "Ce qui sera remis" in page
        assert "Code postal\u00a0: 30100" in page
        assert "Ce qui restera, et pourquoi" in page
        assert (
            "PIMMS Uzès (Code postal)\u00a0: Valeur modifiée depuis par une autre personne" in page
        )
        assert Site.objects.get(name="PIMMS Alès").postcode == "30101"

    def test_puts_back_and_says_what_was_done(self, run):
        client = signed_in(manager())

        answer = client.post(address(run, "undo"))

        assert said(answer) == ["2\u00a0fiches remises comme avant et 1\u00a0fiche supprimée."]
        assert {(s.name, s.postcode) for s in Site.objects.all()} == {
            ("PIMMS Alès", "30100"),
            ("PIMMS Uzès", "30700"),
        }
        assert "Annulé par Prénom" in client.get(address(run)).text

    def test_without_the_right_to_delete_is_for_somebody_else(self, as_ana, run):
        refusal = (
            "Demandez à un responsable d’annuler cet import\u00a0: il a ajouté des fiches, que "
            "votre accès ne permet pas de supprimer."
        )

        page = as_ana.get(address(run, "undo")).text
        answer = as_ana.post(address(run, "undo"))

        assert refusal in words(page)
        assert "Ce qui sera remis" not in page
        assert 'value="Annuler cet import"' not in page
        assert said(answer)[-1] == f"{refusal} Rien n’a été annulé."
        run.refresh_from_db()
        assert run.status == "applied"
        assert "Annuler cet import…" in signed_in(manager()).get(address(run)).text

    @pytest.fixture
    def later(self, as_ana, ana, run):
        """An import that writes over what `run` wrote."""
        later = prepared(
            "Nom;Département;Code postal", "PIMMS Alès;Gard;30102", name="deux.csv", author=ana
        )
        applied(as_ana, later)
        return later

    def test_says_which_import_to_undo_first_with_its_page(self, run, later):
        client = signed_in(manager())

        for page in (client.get(address(run)).text, client.get(address(run, "undo")).text):
            assert (
                "Cet import ne peut pas encore être annulé. L’import "
                f"n°\u00a0{later.pk} s’appuie sur celui-ci\u00a0: annulez-le d’abord."
            ) in words(page)
            assert f'<a href="{address(later)}">Import n°\u00a0{later.pk}</a>' in page
            assert "deux.csv, appliqué par Ana Martin aujourd’hui à" in words(page)
            assert "Annuler cet import…" not in page
            assert 'value="Annuler cet import"' not in page
        assert "Annuler cet import…" in client.get(address(later)).text

    def test_refuses_where_another_import_was_applied_since_the_page(self, as_ana, ana, run):
        client = signed_in(manager())
        assert 'value="Annuler cet import"' in client.get(address(run, "undo")).text
        later = prepared("Nom;Département;Code postal", "PIMMS Alès;Gard;30102", author=ana)
        applied(as_ana, later)

        answer = client.post(address(run, "undo"))

        assert said(answer) == [
            (
                f"L’import n°\u00a0{later.pk} s’appuie sur celui-ci\u00a0: annulez-le d’abord. "
                "Rien n’a été annulé."
            )
        ]
        run.refresh_from_db()
        assert run.status == "applied"
        assert Site.objects.get(name="PIMMS Alès").postcode == "30102"

    def test_offers_it_again_once_the_later_import_is_undone(self, run, later):
        client = signed_in(manager())

        client.post(address(later, "undo"))
        client.post(address(run, "undo"))

        assert {(s.name, s.postcode) for s in Site.objects.all()} == {
            ("PIMMS Alès", "30100"),
            ("PIMMS Uzès", "30700"),
        }

    def test_names_without_its_page_an_import_that_the_person_may_not_open(self, gard):
        person = UserFactory()
        person.user_permissions.set(
            _permissions("import_site", "add_association", "change_association")
        )
        one = prepared("Nom", "Gard", model_key="association", author=person)
        apply(one, person)
        later = prepared("Nom;Département;Association membre", "PIMMS Nîmes;Gard;Gard")
        apply(later, None)

        page = signed_in(person).get(address(one)).text

        assert (
            "s’appuie sur celui-ci\u00a0: demandez à un responsable de l’annuler d’abord." in page
        )
        assert f"Import n°\u00a0{later.pk}\u00a0: sites.csv, appliqué par la ligne de" in words(
            page
        )
        assert address(later) not in page

    def test_shows_afterwards_what_was_left(self, run):
        Site.objects.get(name="PIMMS Nîmes").delete()
        client = signed_in(manager())

        client.post(address(run, "undo"))

        page = words(client.get(address(run)).text)
        assert "Ce qui est resté, et pourquoi" in page
        assert "PIMMS Nîmes\u00a0: Cette fiche a déjà été supprimée." in page

    def test_shows_afterwards_what_became_of_each_line(self, run):
        Site.objects.get(name="PIMMS Uzès").delete()
        client = signed_in(manager())

        client.post(address(run, "undo"))

        page = client.get(address(run)).text
        assert fates(page) == {
            2: "Fiche supprimée",
            3: "Remise comme avant",
            4: "Fiche supprimée",
        }

    def test_tells_the_lines_that_keep_what_they_wrote_or_some_of_it(self, as_ana, ana, run):
        again = prepared(
            "Nom;Département;Code postal;Commune",
            "PIMMS Alès;Gard;30102;Alès",
            "PIMMS Uzès;Gard;30702;",
            author=ana,
        )
        applied(as_ana, again)
        for name in ("PIMMS Alès", "PIMMS Uzès"):
            site = Site.objects.get(name=name)
            site.postcode = "30103"
            site.save()

        as_ana.post(address(again, "undo"))

        assert fates(as_ana.get(address(again)).text) == {
            2: "Remise en partie",
            3: "Restée",
        }

    def test_tells_the_lines_that_were_never_applied(self, as_ana, ana, run):
        assert fates(as_ana.get(address(run)).text) == {}
        again = prepared(
            "Nom;Département;Code postal",
            "PIMMS Alès;Gard;30102",
            "PIMMS Uzès;Gard;3",
            "PIMMS Nîmes;Gard;30009",
            author=ana,
        )
        repairs.set_aside(again, ana, [row(again, 4).pk])
        assert fates(as_ana.get(address(again)).text) == {}

        applied(as_ana, again, only="good")

        page = as_ana.get(address(again)).text
        assert fates(page) == {3: "Non appliquée", 4: "Non appliquée"}

    def test_twice_says_so(self, run):
        client = signed_in(manager(first_name="Ana", last_name="Martin"))
        client.post(address(run, "undo"))

        answer = client.post(address(run, "undo"))

        assert said(answer)[-1].startswith("Cet import a été annulé par Ana Martin, aujourd’hui à")


class TestTheLedger:
    def test_lists_who_when_and_which_file(self, as_ana, ana, gard):
        run = prepared("Nom;Département", "PIMMS Nîmes;Gard", name="gard.csv", author=ana)
        applied(as_ana, run)

        page = words(as_ana.get(LIST).text)

        assert "gard.csv" in page
        assert "Ana Martin" in page
        assert "Appliqué" in page
        assert "1\u00a0ajoutée, 0\u00a0modifiée" in page

    @pytest.mark.parametrize("query", ["gard.csv", "martin", "nîmes", "nimes gard"])
    def test_is_searched_by_file_person_and_line(self, as_ana, ana, gard, query):
        prepared("Nom;Département", "PIMMS Nîmes;Gard", name="gard.csv", author=ana)
        prepared("Nom;Département", "PIMMS Lyon;Gard", name="autre.csv", author=editor())

        page = as_ana.get(LIST, {"q": query}).text

        assert "gard.csv" in page
        assert "autre.csv" not in page

    def test_is_filtered_by_what_became_of_the_imports(self, as_ana, ana, gard):
        applied(as_ana, prepared("Nom;Département", "PIMMS A;30", name="a.csv", author=ana))
        prepared("Nom;Département", "PIMMS B;Gard", name="b.csv", author=ana)

        page = as_ana.get(LIST, {"status": "applied", "q": "pimms"}).text

        assert "a.csv" in page
        assert "b.csv" not in page
        tabs = words(page.partition('class="tabs"')[2].partition("</ul>")[0])
        assert "En préparation 1 Appliqué 1 Annulé 0" in " ".join(tabs.split())

    def test_shows_the_digest_the_mapping_and_the_lines(self, as_ana, ana, gard):
        SiteFactory(name="PIMMS Alès", postcode="30100")
        run = prepared("Nom;Département;Code postal", "PIMMS Alès;Gard;30101", author=ana)
        applied(as_ana, run)

        page = as_ana.get(address(run)).text

        assert run.digest in page
        assert "Titre dans le fichier" in page
        assert "<del>30100</del>" in page
        assert "<ins>30101</ins>" in page

    def test_is_reached_from_the_history_of_a_record(self, as_ana, ana, gard, as_reader):
        run = prepared("Nom;Département", "PIMMS Nîmes;Gard", author=ana)
        applied(as_ana, run)
        history = f"/labelling/site/{Site.objects.get().pk}/history/"

        link = f'<a href="{address(run)}">Import n°\u00a0{run.pk}</a>'
        assert link in as_ana.get(history).text
        assert link not in as_reader.get(history).text

    def test_hides_the_imports_of_records_that_the_person_may_not_write(self, ana):
        person = UserFactory()
        person.user_permissions.set(_permissions("import_site", "change_site", "view_site"))
        run = prepared("Nom", "Prénom Nom", name="noms.csv", model_key="presscontact", author=ana)
        client = signed_in(person)

        assert "noms.csv" not in client.get(LIST).text
        assert client.get(address(run)).status_code == 403

    def test_gives_the_file_back_as_it_came(self, as_ana, ana, gard):
        data = lines("Nom;Département", "PIMMS Nîmes;Gard")
        sent(as_ana, data, name="<b>.html")
        run = ImportRun.objects.get()

        answer = as_ana.get(address(run, "file"))

        assert answer.content == data
        assert answer["Content-Type"] == "application/octet-stream"
        assert answer["Content-Disposition"].startswith("attachment;")
        ImportRun.objects.update(content=None)
        assert as_ana.get(address(run, "file")).status_code == 404

    def test_keeps_a_file_of_persons_from_who_may_not_download_them(self, as_ana, ana):
        """S21: their export has a right of its own."""
        own = prepared("Nom", "Prénom Nom", model_key="presscontact", author=ana)
        other = prepared("Nom", "Prénom Nom 2", model_key="presscontact", author=manager())

        assert as_ana.get(address(own, "file")).status_code == 200
        assert as_ana.get(address(other, "file")).status_code == 403
        assert signed_in(manager()).get(address(own, "file")).status_code == 200

    def test_keeps_lines_of_persons_from_who_may_not_download_them(self, as_ana, ana):
        """S21: lines to correct are a part of the file."""
        content = ("Nom;Téléphone", "Prénom Nom;012")
        own = prepared(*content, model_key="presscontact", author=ana)
        other = prepared(*content, model_key="presscontact", author=manager())

        assert as_ana.get(address(own, "to_correct")).status_code == 200
        assert as_ana.get(address(other, "to_correct")).status_code == 403
        assert address(other, "to_correct") not in as_ana.get(address(other)).text
        assert signed_in(manager()).get(address(own, "to_correct")).status_code == 200

    def test_shows_no_person_who_was_erased(self, as_ana, ana):
        contact = ContactFactory(name="Prénom Ancien", phone="")
        run = prepared(
            "Nom;Téléphone", "Prénom Ancien;01 02 03 04 05", model_key="presscontact", author=ana
        )
        applied(as_ana, run)

        PressContact.objects.get(pk=contact.pk).delete()

        page = as_ana.get(address(run)).text
        assert "Ancien" not in page
        assert "03 04 05" not in page


class TestAPreparation:
    def test_is_taken_over_and_it_is_written_down(self, as_ana, gard):
        bob = editor(first_name="Bob", last_name="Roi")
        run = prepared("Nom;Département", "PIMMS Nîmes;Gard", author=bob)

        answer = as_ana.post(address(run, "take_over"))

        assert said(answer) == ["Cet import est à votre nom\u00a0: vous pouvez le continuer."]
        page = as_ana.get(address(run)).text
        assert "préparé jusque-là par Bob Roi" in page
        assert "Appliquer le changement" in page

    def test_of_a_colleague_who_left_is_taken_over(self, as_ana, gard):
        bob = editor(first_name="Bob", last_name="Roi")
        run = prepared("Nom;Département", "PIMMS Nîmes;Gard", author=bob)
        bob.is_active = False
        bob.save()

        answer = as_ana.post(address(run, "take_over"))

        assert said(answer) == ["Cet import est à votre nom\u00a0: vous pouvez le continuer."]

    def test_that_was_applied_is_not_taken_over(self, as_ana, gard):
        bob = editor(first_name="Bob", last_name="Roi")
        run = prepared("Nom;Département", "PIMMS Nîmes;Gard", author=bob)
        applied(signed_in(bob), run)

        (refusal,) = said(as_ana.post(address(run, "take_over")))

        assert refusal.startswith("Cet import a déjà été appliqué par Bob Roi, aujourd’hui à")

    def test_is_given_up(self, as_ana, ana, gard):
        run = prepared("Nom;Département", "PIMMS Nîmes;Gard", author=ana)

        answer = as_ana.post(address(run, "discard"))

        assert answer["Location"] == LIST
        assert said(answer) == [
            f"Import n°\u00a0{run.pk}\u00a0: abandonné. Aucune fiche n’a été modifiée."
        ]
        assert not ImportRun.objects.exists()

    @pytest.mark.parametrize(
        ("name", "extension"), [("sites.csv", "csv"), ("sites.ods", "ods"), ("", "xlsx")]
    )
    def test_sends_its_wrong_lines_home(self, as_ana, ana, gard, name, extension):
        run = prepared(
            "Fax;Nom;Département", "1;PIMMS Nîmes;Gard", "2;PIMMS Alès;Garde", author=ana, name=name
        )

        answer = as_ana.get(address(run, "to_correct"))

        assert f"-a-corriger-import-{run.pk}.{extension}" in answer["Content-Disposition"]
        (sheet,) = read(answer.content).sheets
        assert sheet.rows[0][:4] == ("Fax", "Nom", "Département", "Pourquoi")
        assert sheet.rows[1][1:3] == ("PIMMS Alès", "Garde")
        assert "«\u00a0Garde\u00a0» (colonne «\u00a0Département\u00a0»)" in sheet.rows[1][3]
        assert len(sheet.rows) == 2

    def test_goes_on_from_the_corrected_lines(self, as_ana, ana, gard):
        """With the columns, the wave, what empties and what was answered."""
        wave = WaveFactory()
        site = SiteFactory(name="PIMMS Uzès", address="1 rue", postcode="30700")
        SiteFactory(name="PIMMS Uzès Nord", state_name="PIMMS Uzès")
        run = prepared(
            "Fax;Nom;Département;Divers;Adresse;Code postal",
            "0;PIMMS Nîmes;Gard;Nîmes;;30000",
            "1;PIMMS Alès*;Garde;Alès;;30100",
            "2;PIMMS Uzès;Gard;Uzès;;700",
            author=ana,
        )
        fields = {"field-0": "", "field-3": "commune", "field-4": "address"}
        emptying = {"shown-4": "yes", "empties-4": "on"}
        answered(as_ana, run, columns="yes", **fields, **emptying)
        answered(as_ana, run, wave=wave.pk)
        answered(as_ana, run, line=row(run, 4).pk, record=site.pk)
        file = as_ana.get(address(run, "to_correct")).content
        assert "import-" in file.decode()

        sent(as_ana, file.replace(b"Garde", b"Gard", 1).replace(b";700;", b";30701;", 1))

        again = ImportRun.objects.latest("pk")
        for page in (address(again), LIST):
            assert f"Suite de l’import n°\u00a0{run.pk}" in as_ana.get(page).text
        again.file_name = "sites-a-corriger-import-12.csv"
        assert name_lines(again, "ods") == f"sites-a-corriger-import-{again.pk}.ods"
        assert [(c.heading, c.field) for c in again.columns if c.how == "person"] == [
            ("Fax", None),
            ("Divers", "commune"),
        ]
        assert again.wave == wave
        assert row(again, 2).after == {
            "name": "PIMMS Alès",
            "department_id": gard.pk,
            "commune": "Alès",
            "postcode": "30100",
            "wave_id": wave.pk,
        }
        assert (row(again, 3).record_id, row(again, 3).after) == (
            site.pk,
            {"commune": "Uzès", "address": "", "postcode": "30701"},
        )

    def test_goes_on_from_no_import_of_other_records(self, as_ana, ana, gard):
        """S3: the mark of a line is only text, and may say anything."""
        persons = prepared("Nom;Divers", "Prénom Nom;0", model_key="presscontact", author=manager())
        repairs.change_columns(persons, persons.author, {1: ("phone", False)})
        mark = "Nom;Département;Divers;Ligne d’origine (ne pas modifier)"

        for said_from in (f"import-{persons.pk}-2", f"import-{HUGE}-2", "import-0-0", "\u00b2"):
            sent(as_ana, lines(mark, f"PIMMS Alès;Gard;x;{said_from}"))

            again = ImportRun.objects.latest("pk")
            assert [c.field for c in again.columns] == ["name", "department", None, "origin"]


HUGE = "9" * 40
# S3: what a forged page may post: to which address, in whose name, with what.
TAMPERED = [
    # Somebody else's preparation.
    ("answer", "bob", {"line": "{row}", "cell-1": "Gard", "was-1": ""}),
    ("answer", "bob", {"line": "{row}", "decide": "ours:postcode"}),
    ("answer", "bob", {"line": "{row}", "record": "new"}),
    ("answer", "bob", {"line": "{row}", "aside": "yes"}),
    ("answer", "bob", {"replace": "1", "old": "Garde", "by": "Gard"}),
    ("answer", "bob", {"columns": "yes", "field-1": ""}),
    ("answer", "bob", {"wave": "{wave}"}),
    ("answer", "bob", {"sheet": ""}),
    ("apply", "bob", {"seen": "{seen}", "only": "good"}),
    ("discard", "bob", {}),
    ("undo", "bob", {}),
    ("apply", "reader", {"seen": "{seen}", "only": "good"}),
    ("answer", "reader", {"line": "{row}", "aside": "yes"}),
    ("take_over", "reader", {}),
    ("discard", "reader", {}),
    # A wrong state: nothing is applied yet, or something is still to settle.
    ("undo", "ana", {}),
    ("apply", "ana", {"seen": "{seen}"}),
    ("apply", "ana", {}),
    ("apply", "ana", {"seen": "\0", "only": "good"}),
    ("apply", "ana", {"seen": HUGE, "only": "good"}),
    ("apply", "ana", {"seen": "{seen}", "only": "all"}),
    # Lines, columns and records that are not the import's.
    ("answer", "ana", {"line": "{foreign}", "cell-1": "Gard", "was-1": ""}),
    ("answer", "ana", {"line": "{foreign}", "aside": "yes"}),
    ("answer", "ana", {"line": "-1", "aside": "yes"}),
    ("answer", "ana", {"line": "0", "aside": "yes"}),
    ("answer", "ana", {"line": HUGE, "aside": "yes"}),
    ("answer", "ana", {"line": "1e3", "aside": "yes"}),
    ("answer", "ana", {"line": "²", "aside": "yes"}),
    ("answer", "ana", {"line": "{row}\0", "aside": "yes"}),
    ("answer", "ana", {"line": "{row}", "cell-99": "Gard"}),
    ("answer", "ana", {"line": "{row}", f"cell-{HUGE}": "Gard"}),
    ("answer", "ana", {"line": "{row}", "cell-x": "Gard"}),
    ("answer", "ana", {"line": "{row}", "cell-id": "1"}),
    ("answer", "ana", {"line": "{row}", "cell-version": "9"}),
    ("answer", "ana", {"line": "{row}", "cell-department_id": "Gard"}),
    ("answer", "ana", {"line": "{row}", "suggest": "pk:site-1"}),
    ("answer", "ana", {"line": "{row}", "suggest": "99:Gard"}),
    ("answer", "ana", {"line": "{row}", "suggest": "Gard"}),
    ("answer", "ana", {"line": "{row}", "record": "{site}"}),
    ("answer", "ana", {"line": "{row}", "record": HUGE}),
    ("answer", "bob", {"line": "{row}", "record": "ask"}),
    ("answer", "ana", {"line": "{row}", "record": "\0"}),
    ("answer", "ana", {"line": "{row}", "decide": "file:version"}),
    ("answer", "ana", {"line": "{row}", "decide": "always:id"}),
    ("answer", "ana", {"line": "{row}", "decide": "delete:postcode"}),
    ("answer", "ana", {"line": "{row}", "decide": "\0"}),
    ("answer", "ana", {"line": "{row}", "aside": "perhaps"}),
    ("answer", "ana", {"columns": "yes", "field-0": "version"}),
    ("answer", "ana", {"columns": "yes", "field-0": "nowhere"}),
    ("answer", "ana", {"columns": "yes", "field-0": "\0"}),
    ("answer", "ana", {"columns": "yes", "field-99": "name"}),
    ("answer", "ana", {"replace": "99", "old": "Garde", "by": "Gard"}),
    ("answer", "ana", {"replace": HUGE, "old": "Garde", "by": "Gard"}),
    ("answer", "ana", {"replace": "1", "old": "absent", "by": "Gard"}),
    ("answer", "ana", {"wave": HUGE}),
    ("answer", "ana", {"wave": "999999"}),
    ("answer", "ana", {"wave": "\0"}),
    ("answer", "ana", {"sheet": "Feuille secrète"}),
    ("answer", "ana", {"sheet": "\0"}),
    # Missing fields, and values that no cell holds.
    ("answer", "ana", {}),
    ("answer", "ana", {"line": ""}),
    ("answer", "ana", {"line": "{row}"}),
    ("answer", "ana", {"replace": "1"}),
    ("answer", "ana", {"replace": ""}),
    ("answer", "ana", {"line": "{row}", "cell-1": "Gard\0", "was-1": ""}),
    ("answer", "ana", {"line": "{row}", "cell-1": "x" * 100_000, "was-1": ""}),
    ("answer", "ana", {"replace": "1", "old": "Garde", "by": "Ga\0rd"}),
    ("answer", "ana", {"replace": "1", "old": "\0", "by": "Gard"}),
]


@pytest.fixture(scope="class")
def begun(base_of_the_class):
    """An import of Ana's, and what a form could name of it and of others."""
    DepartmentFactory()
    ana = editor(first_name="Ana", last_name="Martin")
    wave = WaveFactory()
    site = SiteFactory(name="PIMMS Alès", postcode="30100")
    run = prepared(
        "Nom;Département;Code postal",
        "PIMMS Nîmes;Garde;30000",
        "PIMMS Alès;Gard;30101",
        author=ana,
    )
    foreign = prepared("Nom;Département", "PIMMS Uzès;Garde", author=editor())
    known = {
        "row": row(run, 2).pk,
        "foreign": row(foreign, 2).pk,
        "site": site.pk,
        "wave": wave.pk,
        "seen": run.touched_at.isoformat(),
    }
    return run, known


class TestTamperedPosts:
    """I3, S3."""

    @pytest.mark.parametrize(("page", "who", "fields"), TAMPERED)
    def test_have_no_effect(self, page, who, fields, begun):
        run, known = begun
        given = {name: value.format(**known) for name, value in fields.items()}
        people = {"ana": lambda: run.author, "bob": editor, "reader": reader}
        client = signed_in(people[who]())
        before = self._everything()

        answer = client.post(address(run, page), given)

        assert answer.status_code in (302, 403, 404)
        if answer.status_code == 302:
            assert client.get(answer["Location"]).status_code == 200
        assert self._everything() == before

    def _everything(self):
        rows = ImportRow.objects.order_by("pk").values_list(
            "pk", "run", "state", "is_aside", "after", "kept", "answers", "record_id"
        )
        runs = ImportRun.objects.order_by("pk").values_list(
            "pk", "status", "author", "wave", "columns", "sheet"
        )
        sites = Site.objects.order_by("pk").values_list("pk", "version", "postcode")
        return [*rows], [*runs], [*sites], KeptValue.objects.count()


class TestTamperedAddressesAndForms:
    """I3, S3."""

    @pytest.mark.parametrize("page", ["answer", "apply", "take_over", "discard", "undo", "file"])
    @pytest.mark.parametrize("key", ["999999", HUGE])
    def test_to_no_import_find_nothing(self, as_ana, page, key):
        place = reverse(f"admin:labelling_importrun_{page}", args=[1]).replace("/1/", f"/{key}/")

        assert as_ana.post(place).status_code == 404

    @pytest.mark.parametrize(
        "question",
        [
            {"state": "nowhere"},
            {"state": "\0"},
            {"p": HUGE},
            {"p": "-1"},
            {"p": "x"},
            {"q": "\0"},
            {"q": "x" * 5000},
            {"line": HUGE},
            {"line": "999999"},
            {"done": "x"},
        ],
    )
    def test_in_an_address_are_passed_over(self, as_ana, ana, gard, question):
        run = prepared("Nom;Département", "PIMMS Nîmes;Garde", author=ana)

        assert as_ana.get(address(run), question).status_code == 200
        assert as_ana.get(LIST, question).status_code in (200, 302)

    @pytest.mark.parametrize(
        "fields",
        [
            {"model": "user"},
            {"model": ""},
            {"model": "\0", "pasted": "Nom;Département"},
            {"wave": HUGE, "pasted": "Nom;Département"},
            {"wave": "\0", "pasted": "Nom;Département"},
            {"pasted": "\0"},
            {"pasted": "Nom;Département\nPIMMS \0;Gard"},
            {"file": "not a file"},
        ],
    )
    def test_to_the_form_are_refused_in_a_sentence(self, as_ana, fields):
        answer = as_ana.post(ADD, {"model": "site", **fields})

        assert answer.status_code == 200
        assert "errornote" in answer.text or "errorlist" in answer.text
        assert not ImportRun.objects.exists()

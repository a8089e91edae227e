"""What a person answers of a file: whose its lines are, what its columns give, how old it is."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from labelling.choices import RowState
from labelling.models import ColumnMapping, Department, ImportRun, Site
from labelling.spreadsheets.runs import batches, preparation, repairs
from tests.factories import AssociationFactory, DepartmentFactory, SiteFactory, WaveFactory
from tests.spreadsheets.prepared import lines, prepared, row, states

pytestmark = pytest.mark.django_db

HEADINGS = "id_fs;lib_fs;insee_dep;insee_com;lib_com;format_fs"
OURS = "12;France services Pimms Médiation Nîmes;30;30189;Nîmes;Fixe"
THEIRS = [f"{n};France services Mairie {n};30;30334;Uzès;Fixe" for n in (13, 14, 15)]


def answer(client, run: ImportRun, asked: str = "", **form: str) -> str:
    """Post a form of the page, and return the page that follows."""
    page = f"/labelling/importrun/{run.pk}/answer/{asked}"
    return client.post(page, form, follow=True).text


def levels(run: ImportRun) -> dict[str, tuple[str, str]]:
    run.refresh_from_db()
    return {c.letter: (c.level, c.field or c.proposed) for c in run.columns}


class TestWhoseLines:
    def test_are_said_before_anything_else(self, as_ana, ana, gard):
        run = prepared(HEADINGS, OURS, *THEIRS, author=ana)

        page = as_ana.get(f"/labelling/importrun/{run.pk}/").text

        assert "1\u00a0ligne du réseau, 3 d’autres réseaux mises de côté." in page
        assert "Reprendre aussi les 3\u00a0autres lignes" in page
        assert page.index("import-whose") < page.index('id="columns"')

    def test_are_all_taken_by_one_answer_and_given_back_by_another(self, as_ana, ana, gard):
        run = prepared(HEADINGS, OURS, *THEIRS, author=ana)

        page = answer(as_ana, run, all="yes")

        assert "Toutes les lignes seront reprises." in page
        assert set(states(run).values()) == {"new"}
        answer(as_ana, run, all="no")
        assert list(states(run).values()) == ["new", "outside", "outside", "outside"]

    def test_are_taken_by_the_line(self, as_ana, ana, gard):
        run = prepared(HEADINGS, OURS, *THEIRS, author=ana)

        answer(as_ana, run, line=str(row(run, 3).pk), belongs="yes")

        assert list(states(run).values()) == ["new", "new", "outside", "outside"]
        answer(as_ana, run, line=str(row(run, 2).pk), belongs="no")
        assert states(run)[2] == "outside"

    def test_are_taken_by_all_the_lines_of_a_filter(self, as_ana, ana, gard):
        run = prepared(HEADINGS, OURS, *THEIRS, author=ana)
        asked = "?state=outside&q=mairie+14"
        page = as_ana.get(f"/labelling/importrun/{run.pk}/{asked}").text
        assert "Reprendre cette ligne" in page

        page = answer(as_ana, run, asked, belongs="yes")

        assert "1\u00a0ligne est maintenant du réseau." in page
        assert list(states(run).values()) == ["new", "outside", "new", "outside"]

    @pytest.mark.parametrize(
        ("asked", "count"),
        [("?state=all", 60), ("?state=new", 59), ("?state=wrong", 1), ("?q=uzes", 30)],
    )
    def test_are_left_out_and_taken_by_every_filter_over_its_pages(
        self, as_ana, ana, gard, asked, count
    ):
        lines = [f"PIMMS Uzès {n};Gard" for n in range(30)]
        lines += [f"PIMMS Alès {n};Gard" for n in range(29)]
        run = prepared("Nom;Département", "PIMMS Nîmes;Izère", *lines, author=ana)
        page = as_ana.get(f"/labelling/importrun/{run.pk}/{asked}").text
        every = f"Ces {count} lignes ne sont" if count > 1 else "Cette ligne n’est"
        assert f"{every} pas du réseau</button>" in page
        assert "Reprendre ce" not in page

        page = answer(as_ana, run, asked, belongs="no")

        assert list(states(run).values()).count("outside") == count
        page = as_ana.get(f"/labelling/importrun/{run.pk}/?state=outside").text
        taken = f"Reprendre ces {count} lignes" if count > 1 else "Reprendre cette ligne"
        assert f"{taken}</button>" in page
        assert "C’est un site du réseau" in page
        assert "pas du réseau</button>" not in page
        answer(as_ana, run, "?state=outside", belongs="yes")
        assert "outside" not in states(run).values()

    def test_put_aside_are_taken_back_by_their_filter(self, as_ana, ana, gard):
        run = prepared("Nom;Département", "PIMMS A;30", "PIMMS B;30", author=ana)
        for number in (2, 3):
            answer(as_ana, run, line=str(row(run, number).pk), aside="yes")
        page = as_ana.get(f"/labelling/importrun/{run.pk}/?state=aside").text
        assert "Reprendre ces 2 lignes</button>" in page

        answer(as_ana, run, "?state=aside", belongs="yes")

        assert not run.rows.filter(is_aside=True).exists()

    def test_in_doubt_are_a_question_that_keeps_nothing_closed(self, as_ana, ana, gard):
        doubt = "16;France services Uzès;30;30334;Uzès;Chez le PIMMS"
        run = prepared(HEADINGS.replace("format_fs", "commentaire"), OURS, doubt, *THEIRS)
        ImportRun.objects.filter(pk=run.pk).update(author=ana)

        page = as_ana.get(f"/labelling/importrun/{run.pk}/?state=maybe").text

        assert states(run)[3] == "maybe"
        assert "Cette ligne n’est pas du réseau" in page
        assert not run.rows.to_settle().exists()
        answer(as_ana, run, "?state=maybe", belongs="no")
        assert states(run)[3] == "outside"

    def test_of_nobody_of_ours_cannot_be_applied_by_a_click(self, as_ana, ana, gard):
        run = prepared("Nom;Département", "Atelier A;30", "Atelier B;30", author=ana)

        page = as_ana.get(f"/labelling/importrun/{run.pk}/").text

        assert "Rien ne peut être appliqué." in page
        assert "Ce sont bien des sites du réseau" in page
        as_ana.post(f"/labelling/importrun/{run.pk}/apply/", {"seen": run.touched_at.isoformat()})
        assert not Site.objects.exists()
        answer(as_ana, run, all="yes")
        assert set(states(run).values()) == {"new"}

    def test_are_told_again_when_a_column_is_answered(self, gard):
        names = ("Mairie haute", "Mairie basse")
        run = prepared("Nom;Département;Divers", "PIMMS;30;a", *(f"{name};30;b" for name in names))
        assert list(states(run).values()) == ["new", "outside", "outside"]
        for name in names:
            SiteFactory(name=name)

        # It gives no field, as before: only whose the lines are has changed.
        repairs.change_columns(run, None, {2: ("", False)})

        run.refresh_from_db()
        assert not run.is_mostly_foreign
        assert list(states(run).values()) == ["new", "unchanged", "unchanged"]

    def test_of_a_release_are_told_as_those_of_a_list(self, gard):
        run = preparation.prepare(
            pasted="Paris, le 14 octobre 2020\nCOMMUNIQUÉ DE PRESSE\n3 sites\n\n"
            "Région Département Nom\nOccitanie Gard Mairie d’Uzès\nOccitanie Gard Mairie d’Alès\n"
            "Occitanie Gard PIMMS Nîmes\n"
        )

        assert list(states(run).values()) == ["outside", "outside", "new"]

    def test_are_told_of_many_at_once_with_as_many_questions_to_the_base(self, gard):
        asked = []
        for count in (10, 2 * batches.BATCH + 10):
            run = prepared("Nom;Département", *(f"Atelier {n};30" for n in range(count)))
            with CaptureQueriesContext(connection) as captured:
                repairs.say_whose(run, None, run.rows.all(), belongs=True)
            asked.append(sum('FROM "labelling_site"' in query["sql"] for query in captured))
            assert run.rows.in_state(RowState.NEW).count() == count

        assert asked[0] == asked[1]

    def test_of_a_file_of_ours_stay(self, gard):
        run = prepared("Nom;Département", "PIMMS A;30", "PIMMS B;30", "Atelier;30")

        assert set(states(run).values()) == {"new"}

    def test_that_are_others_stay_in_a_file_of_ours_with_a_remark(self, as_ana, ana, gard):
        ours = [f"PIMMS {name};30" for name in "ABC"]
        run = prepared("Nom;Département", *ours, "Atelier D;30", "Maison E;30", author=ana)
        page = as_ana.get(f"/labelling/importrun/{run.pk}/").text
        assert (
            "2\u00a0lignes ne montrent rien du réseau, ni PIMMS dans un nom, ni l’une de nos "
            "fiches. Elles restent, la plupart des autres étant du réseau. Pour les voir, "
            "cherchez «\u00a05 6\u00a0» parmi les lignes."
        ) in page

        found = as_ana.get(f"/labelling/importrun/{run.pk}/?q=5+6").text

        assert "Atelier D" in found
        assert "Maison E" in found
        assert "<strong>PIMMS A</strong>" not in found

    def test_of_ours_alone_need_no_remark(self, gard):
        run = prepared("Nom;Département", "PIMMS A;30", "PIMMS B;30")

        assert run.remarks == []


class TestWhatIsSaid:
    def test_of_values_that_do_not_fit_counts_them_once(self, gard):
        run = prepared(
            "Nom;Département;Accueil du public",
            *(f"PIMMS {letter};30;Autre {letter}" for letter in "ABCDE"),
        )

        assert run.remarks == [
            (
                "Colonne C, «\u00a0Accueil du public\u00a0»\u00a0: Aucune valeur ne convient à "
                "«\u00a0Accueil du public\u00a0». Reprise, elle donnerait 5\u00a0lignes à "
                "corriger. Colonne laissée."
            )
        ]

    def test_of_lines_above_the_headings_is_french(self, gard):
        titles = [f"Titre {number}" for number in range(1, 8)]
        run = prepared(*titles, "Nom;Département", "PIMMS A;30", "PIMMS B;30")

        assert run.remarks == [
            (
                "Au-dessus des titres, rien n’est repris\u00a0: «\u00a0Titre 1\u00a0», "
                "«\u00a0Titre 2\u00a0», «\u00a0Titre 3\u00a0», «\u00a0Titre 4\u00a0», "
                "«\u00a0Titre 5\u00a0» et 2\u00a0autres."
            )
        ]

    def test_of_how_people_are_reached_is_nothing(self, gard):
        run = prepared("Nom;Département;Tél;Mél;Site web", "PIMMS A;30;01;a@b.fr;www.b.fr")

        assert run.remarks == []

    def test_of_a_contact_takes_it(self, db):
        run = prepared(
            "Nom;Tél;Mél;Site web", "Ana Martin;01 23 45 67 89;a@b.fr;x", model_key="presscontact"
        )

        assert row(run, 2).after == {
            "name": "Ana Martin",
            "phone": "01 23 45 67 89",
            "email": "a@b.fr",
        }


class TestStrayedAddresses:
    def test_are_left_out_once_for_the_file_and_taken_by_one_click(self, as_ana, ana, gard):
        nord = DepartmentFactory(code="59", name="Nord", region=gard.region)
        for name in "ABCDE":
            SiteFactory(name=f"PIMMS {name}", department=nord)
        lines = [f"PIMMS {name};59;{n} rue Basse;30000;Nîmes" for n, name in enumerate("ABCDE")]
        run = prepared("Nom;Département;Adresse;Code postal;Ville", *lines, author=ana)
        page = as_ana.get(f"/labelling/importrun/{run.pk}/").text
        assert page.count("Les adresses semblent décalées d’une ligne") == 4  # Once, and by column.
        assert 'name="take" value="3:postcode"' in page

        answer(as_ana, run, take="3:postcode")

        assert {*states(run).values()} == {"changed"}
        assert row(run, 2).after["address"] == "0 rue Basse"

    def test_are_asked_about_by_the_line(self, as_ana, ana, gard):
        DepartmentFactory(code="59", name="Nord", region=gard.region)
        site = SiteFactory(name="PIMMS A", address="1 place Haute", postcode="30000")
        run = prepared(
            "Nom;Département;Adresse;Code postal", "PIMMS A;30;2 rue Basse;59000", author=ana
        )
        page = as_ana.get(f"/labelling/importrun/{run.pk}/").text
        assert "Gardez notre adresse, ou prenez celle du fichier." in page
        assert 'name="decide" value="ours:postcode"' in page

        page = answer(as_ana, run, line=str(row(run, 2).pk), decide="ours:postcode")

        assert "Ligne 2\u00a0: rien ne changera." in page
        assert (row(run, 2).record_id, row(run, 2).after) == (site.pk, {})


class TestColumns:
    def test_that_are_proposed_are_written_once_accepted(self, as_ana, ana, gard):
        run = prepared("Nom;Département;Localité", "PIMMS A;30;Uzès", "PIMMS B;30;Alès", author=ana)
        assert levels(run)["C"] == ("proposed", "commune")
        assert "commune" not in row(run, 2).after
        page = as_ana.get(f"/labelling/importrun/{run.pk}/").text
        assert 'name="take" value="2:commune"' in page

        answer(as_ana, run, take="2:commune")

        assert levels(run)["C"] == ("certain", "commune")
        assert row(run, 2).after["commune"] == "Uzès"

    def test_that_ask_keep_the_whole_closed_until_answered(self, as_ana, ana, gard):
        codes = ("30501", "30502", "30503", "30504", "30506")
        run = prepared(
            "Nom;Département;Code postal",
            *(f"PIMMS {code};30;{code}" for code in codes),
            author=ana,
        )
        assert levels(run)["C"] == ("ask", "commune_code")
        page = as_ana.get(f"/labelling/importrun/{run.pk}/").text
        assert "Garder Code postal" in page
        assert 'class="button default">Appliquer' not in page

        answer(as_ana, run, take="2:commune_code")

        assert levels(run)["C"] == ("certain", "commune_code")
        run.refresh_from_db()
        assert run.problems == []
        assert row(run, 2).after["commune_code"] == "30501"

    def test_that_do_not_fit_are_one_remark_and_no_wrong_line(self, as_ana, ana, gard):
        run = prepared(
            "Nom;Département;format_fs",
            *(f"PIMMS {n};30;{('Site principal', 'Antenne')[n % 2]}" for n in range(6)),
            author=ana,
        )

        page = as_ana.get(f"/labelling/importrun/{run.pk}/").text

        assert levels(run)["C"] == ("aside", "")
        assert set(states(run).values()) == {"new"}
        assert "6\u00a0lignes à corriger. Colonne laissée." in page
        assert "Remplacer partout" not in page
        answer(as_ana, run, take="2:format")
        assert set(states(run).values()) == {"wrong"}

    def test_that_nobody_answered_stay_undecided_when_others_are_read_again(
        self, as_ana, ana, gard
    ):
        run = prepared("Nom;Département;Localité;x", "PIMMS A;30;Uzès;1", author=ana)
        assert levels(run)["C"][0] == "proposed"

        answer(as_ana, run, columns="yes", **{"field-2": "?", "field-3": "note"})

        assert levels(run)["C"] == ("proposed", "commune")
        assert levels(run)["D"] == ("certain", "note")

    def test_alone_that_a_person_answered_are_remembered(self, as_ana, ana, gard):
        run = prepared("Nom;Département;Localité;Territoire", "PIMMS A;30;Uzès;Gard", author=ana)
        answer(as_ana, run, take="2:commune")
        run.refresh_from_db()

        as_ana.post(f"/labelling/importrun/{run.pk}/apply/", {"seen": run.touched_at.isoformat()})

        assert dict(ColumnMapping.objects.values_list("heading", "field")) == {
            "localite": "commune"
        }


class TestADepartmentThatNoColumnSays:
    @pytest.fixture
    def departments(self, db):
        call_command("loaddata", "geography", verbosity=0)
        return {code: key for key, code in Department.objects.values_list("pk", "code")}

    def test_is_read_in_the_codes_of_new_sites(self, as_ana, ana, departments):
        run = prepared(
            "Nom;Code INSEE;Code postal",
            "PIMMS Grandpré;2A004;20600",
            "PIMMS Virelune;;20090",
            "PIMMS Montferval;;20600",
            "PIMMS Orsac;97411;97400",
            "PIMMS Nîmes;30189;13000",
            author=ana,
        )

        as_ana.post(f"/labelling/importrun/{run.pk}/apply/", {"seen": run.touched_at.isoformat()})

        assert dict(Site.objects.values_list("name", "department__code")) == {
            "PIMMS Grandpré": "2A",
            "PIMMS Virelune": "2A",
            "PIMMS Montferval": "2B",
            "PIMMS Orsac": "974",
            "PIMMS Nîmes": "30",
        }

    def test_finds_a_site_and_leaves_it_where_it_is(self, departments):
        site = SiteFactory(name="PIMMS Nîmes", department_id=departments["30"])
        moved = SiteFactory(
            name="PIMMS Alès", department_id=departments["30"], france_services_id="12"
        )

        run = prepared(
            "Nom;Numéro France Services;Code postal", "PIMMS Nîmes;;30000", "PIMMS Alès;12;07140"
        )

        assert (row(run, 2).record_id, row(run, 3).record_id) == (site.pk, moved.pk)
        assert row(run, 2).after == {"postcode": "30000"}
        # A postcode of another department than the record's is asked about.
        assert [problem.field for problem in row(run, 3).problems] == ["postcode"]
        assert "department_id" not in row(run, 3).after

    def test_is_asked_where_a_code_tells_none(self, departments):
        run = prepared("Nom;Code postal", "PIMMS Nîmes;", "PIMMS Monaco;98000")

        assert [problem.field for problem in row(run, 2).problems] == ["department_id"]
        assert states(run) == {2: "wrong", 3: "wrong"}

    def test_is_what_a_person_writes(self, as_ana, ana, departments):
        run = prepared("Nom;Code postal", "PIMMS Nîmes;48000", author=ana)

        answer(as_ana, run, line=str(row(run, 2).pk), **{"cell-department_id": "Gard"})

        assert row(run, 2).after["department_id"] == departments["30"]


class TestAFileOfOtherRecords:
    OFFER = "Importer comme des associations"

    @pytest.mark.parametrize(
        "content",
        [
            ("Nom;Site web", "Valbrune;https://valbrune.example", "Orsac;https://orsac.example"),
            ("Association;Président", "Valbrune;Ana Martin", "Orsac;Paul Roux"),
        ],
        ids=["a name and nothing of a place", "a heading"],
    )
    def test_is_imported_as_what_it_looks_like(self, as_ana, ana, content):
        AssociationFactory(name="Valbrune")
        run = prepared(*content, author=ana)
        assert "Ce fichier ressemble à des associations" in run.problems[-1]
        assert self.OFFER in as_ana.get(f"/labelling/importrun/{run.pk}/").text

        page = answer(as_ana, run, records="association")

        assert "2\u00a0lignes lues. Rien n’est encore modifié." in page
        run.refresh_from_db()
        assert (run.model_key, run.problems, states(run)) == (
            "association",
            [],
            {2: "unchanged", 3: "new"},
        )

    def test_is_told_by_the_names_of_our_associations(self, as_ana, ana, gard):
        for name in ("Valbrune", "Orsac"):
            AssociationFactory(name=name)
        run = prepared("Nom;Code postal", "Valbrune;30000", "Orsac;30100", author=ana)

        assert self.OFFER in as_ana.get(f"/labelling/importrun/{run.pk}/").text

    @pytest.mark.parametrize(
        "content",
        [
            ("Nom;Site web", "PIMMS A;https://a.example"),
            ("Nom;Commune", "Atelier;Nîmes"),
            ("Nom;Code postal", "Atelier;30000"),
        ],
        ids=["sites without a place", "towns", "names of nobody"],
    )
    def test_is_not_seen_in_sites(self, as_ana, ana, gard, content):
        run = prepared(*content, author=ana)

        assert self.OFFER not in as_ana.get(f"/labelling/importrun/{run.pk}/").text

    def test_is_none_that_nobody_knows(self, as_ana, ana, gard):
        run = prepared("Nom;Département", "PIMMS A;30", author=ana)

        page = answer(as_ana, run, records="logentry")

        assert "Rien n’a été demandé" in page
        run.refresh_from_db()
        assert run.model_key == "site"


class TestAnOlderList:
    OLD = (
        "id_fs;lib_fs;insee_dep;insee_com;lib_com;adresse;labellisation_fs",
        "12;France services Pimms Nîmes;30;30189;Nîmes;1 rue Vieille;Espace labellisé 01/2020",
        *(
            f"{n};France services Mairie {n};30;30334;Uzès;{n} rue Haute;Espace labellisé 02/2020"
            for n in (21, 22, 23)
        ),
        "31;France services Pimms Alès;30;30007;Alès;2 rue Basse;Espace labellisé 02/2020",
    )

    @pytest.fixture
    def run(self, ana, gard):
        first = WaveFactory(name="Janvier 2020", effective_on="2020-01-01")
        known = {"commune": "Nîmes", "commune_code": "30189", "address": "9 rue Neuve"}
        SiteFactory(name="PIMMS Nîmes", france_services_id="12", wave=first, **known)
        SiteFactory(name="PIMMS Uzès", france_services_id="99", wave=WaveFactory())
        return prepared(*self.OLD, author=ana)

    def test_changes_nothing_of_ours_and_adds_what_is_unknown(self, as_ana, run):
        page = as_ana.get(f"/labelling/importrun/{run.pk}/").text

        assert "Cette liste est plus ancienne que nos fiches." in page
        assert list(states(run).values()) == ["unchanged", "outside", "outside", "outside", "new"]

    def test_is_taken_once_a_person_says_so(self, as_ana, run):
        answer(as_ana, run, older="yes")

        assert row(run, 2).after["address"] == "1 rue Vieille"
        answer(as_ana, run, older="no")
        assert row(run, 2).after == {}


class TestTheCommand:
    @pytest.fixture
    def told(self, tmp_path):
        def tell(content: bytes, *options: str) -> tuple[dict, str]:
            path = tmp_path / "sites.csv"
            path.write_bytes(content)
            out, refusal = StringIO(), ""
            try:
                call_command(
                    *("import_spreadsheet", str(path), "--format", "json", *options),
                    stdout=out,
                    stderr=StringIO(),
                )
            except CommandError as error:
                refusal = str(error)
            return json.loads(out.getvalue()), refusal

        return tell

    def test_names_every_column_with_its_level(self, gard, told):
        outcome, _ = told(lines("Nom;Département;Localité;x", "PIMMS A;30;Uzès;1"))

        assert [(c["letter"], c["field"], c["level"]) for c in outcome["columns"]] == [
            ("A", "name", "certain"),
            ("B", "department", "certain"),
            ("C", None, "proposed"),
            ("D", None, "unknown"),
        ]
        assert outcome["counts"]["new"] == 1

    def test_refuses_to_apply_a_guess_and_names_the_option(self, gard, told):
        content = lines("Nom;Département;Localité", "PIMMS A;30;Uzès", "PIMMS B;30;Alès")

        _, refusal = told(content, "--apply")

        assert "--accept-guesses" in refusal
        assert '--column "Localité=commune"' in refusal
        assert not Site.objects.exists()
        told(content, "--apply", "--accept-guesses")
        assert Site.objects.get(name="PIMMS A").commune == "Uzès"

    @pytest.mark.parametrize(("option", "commune"), [("=commune", "Uzès"), ("=", "")])
    def test_takes_a_column_as_it_is_told(self, gard, told, option, commune):
        content = lines("Nom;Département;Localité", "PIMMS A;30;Uzès", "PIMMS B;30;Alès")

        _, refusal = told(content, "--apply", "--column", f"Localité{option}")

        assert (refusal, Site.objects.get(name="PIMMS A").commune) == ("", commune)

    @pytest.mark.parametrize(
        ("option", "words"),
        [
            ("Localité", "écrivez TITRE=CHAMP"),
            ("Localité=gone", "le champ gone n’existe pas"),
            ("Absente=commune", "n’a pas de colonne « Absente »"),
        ],
    )
    def test_says_what_is_wrong_with_an_option(self, gard, tmp_path, option, words):
        path = tmp_path / "sites.csv"
        path.write_bytes(lines("Nom;Département;Localité", "PIMMS A;30;Uzès"))

        with pytest.raises(CommandError, match=words):
            call_command("import_spreadsheet", str(path), "--column", option)

        assert not ImportRun.objects.exists()

    def test_names_the_options_that_choose_one_of_two_columns(self, gard, told):
        content = lines("Nom;Département;insee_dep", "PIMMS A;30;31")

        _, refusal = told(content, "--apply")

        assert (
            'Département : --column "Département=" ou --column "insee_dep=" laisse l’une d’elles.'
        ) in refusal
        _, refusal = told(content, "--apply", "--column", "insee_dep=")
        assert (refusal, Site.objects.get().department) == ("", gard)

    def test_names_the_letter_of_a_heading_that_comes_twice(self, gard, told):
        content = lines("Nom;Département;Nom", "PIMMS A;30;PIMMS B", "PIMMS C;30;PIMMS D")

        _, refusal = told(content, "--apply")

        assert '--column "A : Nom=" ou --column "C : Nom=" laisse l’une d’elles.' in refusal
        told(content, "--apply", "--column", "A : Nom=", "--column", "C : Nom=name")
        assert set(Site.objects.values_list("name", flat=True)) == {"PIMMS B", "PIMMS D"}

    def test_asks_which_column_a_heading_that_comes_twice_is(self, gard, tmp_path):
        path = tmp_path / "sites.csv"
        path.write_bytes(lines("Nom;Département;Nom", "PIMMS A;30;PIMMS B"))

        with pytest.raises(CommandError) as refusal:
            call_command("import_spreadsheet", str(path), "--column", "Nom=")

        assert str(refusal.value) == (
            'Plusieurs colonnes s’appellent « Nom ». Pour --column, écrivez "A : Nom" ou "C : Nom".'
        )

    def test_names_the_option_that_imports_associations(self, db, told):
        _, refusal = told(lines("Nom;Site web", "Valbrune;x"), "--apply")

        assert "Ce fichier ressemble à des associations : --model association les importe." in (
            refusal
        )

    def test_takes_every_line_only_if_told(self, gard, told):
        content = lines("Nom;Département", "Atelier A;30", "Atelier B;30")

        outcome, refusal = told(content, "--apply")

        assert (outcome["counts"]["outside"], "--all-lines" in refusal) == (2, True)
        told(content, "--apply", "--all-lines")
        assert Site.objects.count() == 2

    def test_refuses_an_older_list_unless_told(self, told, gard):
        first = WaveFactory(name="Janvier 2020", effective_on="2020-01-01")
        known = {"commune": "Nîmes", "commune_code": "30189", "address": "9 rue Neuve"}
        site = SiteFactory(name="PIMMS Nîmes", france_services_id="12", wave=first, **known)
        SiteFactory(name="PIMMS Uzès", france_services_id="99", wave=WaveFactory())
        WaveFactory(name="Février 2020", effective_on="2020-02-01")
        content = lines(*TestAnOlderList.OLD)

        _, refusal = told(content, "--apply")

        assert "--older" in refusal
        told(content, "--apply", "--older")
        site.refresh_from_db()
        assert (site.address, Site.objects.count()) == ("9 rue Neuve", 3)
        told(content, "--apply", "--take-older")
        site.refresh_from_db()
        assert site.address == "1 rue Vieille"

"""Lines pasted from a mail become sites; what is no site is listed, nothing is a heading."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from labelling.choices import RowState
from labelling.models import ImportRun, Site
from labelling.spreadsheets.files.reading import read_pasted
from labelling.spreadsheets.resources import SiteResource
from labelling.spreadsheets.runs.apply import apply
from labelling.spreadsheets.runs.preparation import prepare
from labelling.spreadsheets.runs.rights import ImportRefused
from labelling.spreadsheets.tables.headings import HeadingsError
from labelling.spreadsheets.tables.mail import understand_mail
from labelling.spreadsheets.widgets import Lookups
from tests.factories import DepartmentFactory, RegionFactory, SiteFactory, WaveFactory
from tests.linear import is_linear
from tests.spreadsheets import known
from tests.spreadsheets.prepared import problems, row, states

CASE_21 = """Bonjour,
- PIMMS Grandpré - Centre (Gard)
- PIMMS Virelune (42) *
- PIMMS Montferval (Corse)
Cordialement"""

CASE_23 = """PIMMS Grandpré, Orsac, 30
PIMMS Hautrive, Hautrive, 59
69 - PIMMS Virelune
PIMMS Valbrune"""

OURS = [
    ("PIMMS Valbrune", "", "30"),
    ("PIMMS Saint-Orme - Centre", "France services Saint-Orme", "69"),
    ("PIMMS Saint-Orme - Gare", "", "69"),
    ("PIMMS Hautrive", "", "59"),
    ("PIMMS Rochebelle", "", "42"),
    ("PIMMS Partout", "", "30"),
    ("PIMMS Partout", "", "42"),
]


def resource() -> SiteResource:
    places = known.lookups()
    return SiteResource(
        Lookups(
            places.departments, places.regions, places.waves, places.associations, site_names=OURS
        )
    )


def understood(text: str, **options):
    sheet = read_pasted(text).sheets[0]
    return understand_mail(sheet.rows, sheet.line_numbers, resource(), **options)


def sites(text: str) -> list[tuple[str, str]]:
    """The name and the department of each site, as the cells say them."""
    return [(line.cells[0], line.cells[1] or "") for line in understood(text).lines]


def new(text: str) -> list[str]:
    """The names of the sites that are marked as new."""
    table = understood(text)
    at = table.positions.get("new")
    return [line.cells[0] for line in table.lines if at is not None and line.cells[at]]


def unread(text: str) -> list[str]:
    return [note.cells[0] for note in understood(text).notes]


class TestALine:
    @pytest.mark.parametrize(
        ("line", "site"),
        [
            ("PIMMS Grandpré (30)", ("PIMMS Grandpré", "30")),
            ("PIMMS Grandpré (Gard)", ("PIMMS Grandpré", "Gard")),
            ("PIMMS Grandpré (dép. 30)", ("PIMMS Grandpré", "dép. 30")),
            ("PIMMS Grandpré (Gard, 30)", ("PIMMS Grandpré", "Gard, 30")),
            ("PIMMS Grandpré (Orsac, 30)", ("PIMMS Grandpré - Orsac", "30")),
            ("PIMMS Grandpré (30 - Orsac)", ("PIMMS Grandpré - Orsac", "30")),
            ("PIMMS Grandpré, Orsac, Gard", ("PIMMS Grandpré - Orsac", "Gard")),
            ("PIMMS Grandpré, Gard, Occitanie", ("PIMMS Grandpré", "Gard")),
            ("PIMMS Grandpré - Centre, 30", ("PIMMS Grandpré - Centre", "30")),
            ("PIMMS Grandpré - 30", ("PIMMS Grandpré", "30")),
            ("30 - PIMMS Grandpré", ("PIMMS Grandpré", "30")),
            ("Gard : PIMMS Grandpré", ("PIMMS Grandpré", "Gard")),
            ("Pas de Calais – PIMMS Grandpré", ("PIMMS Grandpré", "Pas de Calais")),
            ("(2A) PIMMS Grandpré", ("PIMMS Grandpré", "2A")),
            ("Le PIMMS Grandpré (30) ;", ("PIMMS Grandpré", "30")),
            ("Bus PIMMS Grandpré (30)", ("Bus PIMMS Grandpré", "30")),
            ("PIMMS Nord (18e, Orsac) (75)", ("PIMMS Nord (18e, Orsac)", "75")),
        ],
    )
    def test_says_its_department_wherever_people_write_it(self, line, site):
        assert sites(line) == [site]

    @pytest.mark.parametrize(
        "bullet", ["- ", "-", "– ", "• ", "•\t", "·\xa0\xa0 ", "* ", "o\t", "§ ", "1. ", "1.\t",
                   "12) ", "a) ", "1 - ", "> ", "> > - ", "\t", "\xa0", "\t\t- ", "✓ "],
    )  # fmt: skip
    def test_loses_its_bullet(self, bullet):
        assert sites(f"{bullet}PIMMS Grandpré (30)") == [("PIMMS Grandpré", "30")]

    @pytest.mark.parametrize(
        "line",
        [
            "PIMMS Grandpré (30) *",
            "PIMMS Grandpré* (30)",
            "* PIMMS Grandpré (30)*;",
            "PIMMS Grandpré (30) (nouveau)",
            "PIMMS Grandpré (nouveau) (30)",
            "PIMMS Grandpré (30), nouveau site.",
            "- *PIMMS Grandpré* (30) *",
        ],
    )
    def test_is_marked_as_new(self, line):
        assert sites(line) == [("PIMMS Grandpré", "30")]
        assert new(line) == ["PIMMS Grandpré"]

    @pytest.mark.parametrize(
        "line",
        ["PIMMS Grandpré (30)", "* PIMMS Grandpré (30)", "*PIMMS Grandpré (30)*",
         "- *PIMMS Grandpré* (30)"],
    )  # fmt: skip
    def test_is_not_new_for_a_bullet_or_for_the_bold_of_a_mail(self, line):
        assert sites(line) == [("PIMMS Grandpré", "30")]
        assert new(line) == []

    @pytest.mark.parametrize(
        ("line", "site"),
        [
            ("PIMMS Grandpré", ("PIMMS Grandpré", "")),
            ("PIMMS Partout", ("PIMMS Partout", "")),
            ("PIMMS Grandpré (Corse)", ("PIMMS Grandpré", "Corse")),
            ("PIMMS Grandpré (Occitanie)", ("PIMMS Grandpré", "Occitanie")),
            ("PIMMS Grandpré (1)", ("PIMMS Grandpré (1)", "")),
            ("1 - PIMMS Grandpré", ("PIMMS Grandpré", "")),
            ("PIMMS Grandpré (30) ou (42)", ("PIMMS Grandpré (30) ou (42)", "")),
            ("69 - PIMMS Grandpré (42)", ("69 - PIMMS Grandpré (42)", "")),
            ("Pour info, PIMMS Grandpré (30)", ("Pour info, PIMMS Grandpré (30)", "")),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )  # fmt: skip
    def test_whose_department_is_not_known_is_there_to_be_corrected(self, line, site):
        assert sites(line) == [site]

    def test_is_read_without_the_words_that_greet_or_that_say_what_it_is(self):
        assert sites("Bonjour, les sites PIMMS Grandpré (30), PIMMS Virelune (42)") == [
            ("PIMMS Grandpré", "30"),
            ("PIMMS Virelune", "42"),
        ]
        assert sites("Le site PIMMS Grandpré (30)") == [("PIMMS Grandpré", "30")]

    def test_numbers_itself_and_names_no_department(self):
        lines = "\n".join(f"{n} - PIMMS Grandpré {chr(64 + n)} (30)" for n in range(1, 13))

        assert {department for _, department in sites(lines)} == {"30"}

    def test_of_a_sentence_is_no_name(self):
        sentence = "PIMMS " + "mot " * 16

        assert sites(f"Gard\n{sentence}") == [(sentence.strip(), "")]
        assert sites(f"Gard\nPIMMS {'a' * 145}") == [(f"PIMMS {'a' * 145}", "")]
        assert sites(f"Gard\nPIMMS {'a' * 144}") == [(f"PIMMS {'a' * 144}", "Gard")]

    @pytest.mark.parametrize(
        "line",
        [
            "Bonjour !",
            "Réseau PIMMS",
            "Union nationale des PIMMS",
            "PIMMS Médiation",
            "Voici nos 6 PIMMS labellisés :",
            "Suite à la labellisation de janvier du PIMMS Virelune (42)",
            "Objet : PIMMS de janvier",
            "Le 4 janv. 2021, Prénom Nom <nom@pimms.org> a écrit :",
            "https://www.pimms-mediation.example",
            "contact.pimms@exemple.test",
            "[image: PIMMS]",
        ],
    )
    def test_that_names_no_site_is_listed(self, line):
        assert unread(f"{line}\nPIMMS Grandpré (30)") == [line]

    def test_that_comes_again_is_listed(self):
        table = understood("PIMMS Grandpré (30)\n\n> - PIMMS Grandpré (30)\nPIMMS Grandpré (42)")

        assert [line.number for line in table.lines] == [1, 4]
        assert table.list_remarks() == [
            "1\u00a0ligne en répète une autre\u00a0: «\u00a0PIMMS Grandpré (30)\u00a0» (ligne 3)."
        ]


class TestADepartment:
    def test_stands_for_the_lines_below(self):
        mail = "Gard :\n\nPIMMS A\n- PIMMS B (nouveau)\n\nLoire (42)\n1. PIMMS C\n\n69\nPIMMS D"

        assert sites(mail) == [
            ("PIMMS A", "Gard"),
            ("PIMMS B", "Gard"),
            ("PIMMS C", "Loire (42)"),
            ("PIMMS D", "69"),
        ]
        assert unread(mail) == []

    @pytest.mark.parametrize(
        "line", ["Occitanie", "Région Occitanie :", "PACA", "Gard, deux sites :", "Merci"]
    )
    def test_stands_no_more_below_another_line(self, line):
        assert sites(f"Gard\nPIMMS A\n{line}\nPIMMS B") == [("PIMMS A", "Gard"), ("PIMMS B", "")]

    def test_gives_way_to_that_of_the_line(self):
        mail = "Isère\nPIMMS A\nPIMMS B (Gard)\nPIMMS C, 42\nPIMMS D"

        assert [department for _, department in sites(mail)] == ["Isère", "Gard", "42", "Isère"]

    def test_does_not_give_way_to_what_may_be_a_town(self):
        # Vienne is a town of Isère, and a department.
        assert sites("Isère\nPIMMS Portes, Vienne") == [("PIMMS Portes, Vienne", "")]

    def test_that_is_two_is_carried_as_written(self):
        assert sites("Corse :\nPIMMS A") == [("PIMMS A", "Corse")]
        assert sites("Gard et Lozère :\nPIMMS A") == [("PIMMS A", "Gard et Lozère")]

    def test_is_that_of_our_only_record_of_the_name(self):
        assert sites("pimms valbrune\nPIMMS Hautrive, Hautrive\nFrance services Saint-Orme") == [
            ("pimms valbrune", "Gard"),
            ("PIMMS Hautrive", "Nord"),
        ]


class TestATown:
    def test_stays_in_the_name_unless_the_rest_is_the_name_of_ours_there(self):
        mail = "PIMMS Hautrive, Gare, 59\nPIMMS Hautrive, Gare, 30\nPIMMS Saint-Orme, Gare, 69"

        assert [tuple(line.cells) for line in understood(mail).lines] == [
            ("PIMMS Hautrive", "59", "Gare"),
            ("PIMMS Hautrive - Gare", "30", None),
            ("PIMMS Saint-Orme - Gare", "69", None),
        ]


class TestTheText:
    def test_is_the_same_kind_of_table_as_a_sheet(self):
        table = understood(CASE_21)

        assert table.is_understood
        assert table.positions == {"name": 0, "department": 1, "new": 2}
        assert table.heading_line == 0
        assert [line.number for line in table.lines] == [2, 3, 4]

    @pytest.mark.parametrize(
        "text",
        [
            "Bonjour,\nmerci",
            "Nom;Département\nPIMMS A;30",
            "Nom, Département\nPIMMS A, 30\nPIMMS B, 42",
            "PIMMS Valbrune;30;Valbrune\nPIMMS Hautrive;59;Hautrive",
            "PIMMS Valbrune\t30\nPIMMS Hautrive\t59",
            "a\tb\nc\td\ne\tf\nPIMMS A",
            "Communiqué de presse\n\nRégion Département Nom\n\nOccitanie\nGard PIMMS A",
            "PIMMS A (30)\n" * 2001,
        ],
        ids=["no PIMMS", "headings", "headings by hand", "columns", "tabs", "wide", "release",
             "too long"],
    )  # fmt: skip
    def test_may_be_no_mail(self, text):
        assert understood(text) is None

    def test_comes_as_outlook_pastes_it(self):
        mail = (
            "Bonjour Prénom,\r\n\xa0\r\nVoici les nouveaux PIMMS\xa0:\r\n\xa0\r\n"
            "•\tPIMMS\xa0Grandpré\xa0–\xa0Centre (Gard)\r\n\r\n"
            "•\tPIMMS\xa0Virelune (42)\xa0*\r\n\r\n"
            "o\tPIMMS Orsac, 59\r\n\xa0\r\nBien à toi,\r\n\tPrénom Nom\r\n"
            "\tDirectrice de l’Union nationale des PIMMS\r\n\tTél.\u202f:\t01 23 45 67 89\r\n"
        )

        assert sites(mail) == [
            ("PIMMS Grandpré – Centre", "Gard"),
            ("PIMMS Virelune", "42"),
            ("PIMMS Orsac", "59"),
        ]
        assert new(mail) == ["PIMMS Virelune"]
        assert unread(mail) == [
            "Bonjour Prénom,",
            "Voici les nouveaux PIMMS :",
            "Bien à toi,",
            "Prénom Nom",
            "Directrice de l’Union nationale des PIMMS",
            "Tél. : 01 23 45 67 89",
        ]

    def test_comes_as_gmail_pastes_a_quoted_reply(self):
        mail = (
            "Merci, il manque :\n\n*Loire*\nPIMMS Virelune\n\n"
            "Le lun. 4 janv. 2021 à 10:12, Prénom Nom <prenom@pimms.org> a écrit :\n\n"
            "> Bonjour,\n>\n>    - *PIMMS Grandpré* (30)\n>    - PIMMS Orsac, Orsac, 59\n>\n> --\n"
        )

        assert sites(mail) == [
            ("PIMMS Virelune", "Loire"),
            ("PIMMS Grandpré", "30"),
            ("PIMMS Orsac - Orsac", "59"),
        ]
        assert new(mail) == []
        assert unread(mail) == [
            "Merci, il manque :",
            "Le lun. 4 janv. 2021 à 10:12, Prénom Nom <prenom@pimms.org> a écrit :",
            "> Bonjour,",
        ]

    def test_quotes_no_more_unread_lines_than_can_be_read(self):
        mail = "\n".join(["PIMMS A (30)", *(f"Bonjour {n} {'a' * 200}" for n in range(30))])

        (remark,) = understood(mail).list_remarks()

        assert remark.startswith("30\u00a0lignes n’ont pas été lues\u00a0: «\u00a0Bonjour 0 aaa")
        assert remark.endswith("aaa…\u00a0» (ligne 21) et 10\u00a0autres.")

    @given(
        st.lists(
            st.text(st.sampled_from("PIMS 1234(),-*>:o.é\xa0\u200b")) | st.sampled_from(
                ["PIMMS A", "PIMMS (30)", "Gard", "Corse", "PIMMS, ,", "*", "(", "PIMMS A (nouveau"]
            )
        )
    )  # fmt: skip
    def test_loses_no_line_whatever_it_holds(self, lines):
        text = "\n".join(["PIMMS Premier (30)", *lines])
        table = understood(text)

        if table is not None:
            numbers = [line.number for line in (*table.lines, *table.notes)]
            assert len(numbers) == len(set(numbers))
            assert all(line.cells[0] for line in table.lines)
            kept = {number for number, line in enumerate(text.splitlines(), 1) if "PIMMS A" in line}
            assert kept <= set(numbers)

    @pytest.mark.parametrize(
        "text",
        [
            "PIMMS " * 22_000,
            "PIMMS " + "a" * 133_000,
            "- " * 66_500 + "PIMMS A",
            "*" * 133_000 + "\nPIMMS A",
            "PIMMS " + "(" * 133_000,
            "PIMMS A " + "(30)" * 33_000,
            "PIMMS A" + " (nouveau)" * 13_000,
            "PIMMS" + "," * 190 + "\nPIMMS A",
            "\n".join(["PIMMS A" + ", 30" * 35] * 900),
            "\n".join(["PIMMS A" + "(a, 30)" * 20] * 900),
            "\n".join(f"PIMMS {chr(97 + n % 26)}" + f"({n})" * 20 for n in range(900)),
            ">" * 133_000 + "PIMMS A",
            "\n".join(["mot " * 80] * 400) + "\nPIMMS A",
        ],
        ids=lambda text: text[:20],
    )
    def test_of_133_kilobytes_costs_no_more_than_reading_it(self, text):
        begins, repeats, ends = text[:8], text[8:-9], text[-9:]

        def cut(length):
            return begins + repeats[:length] + ends

        assert understood(text) is not None
        assert is_linear(understood, make=cut, least=2_000, most=len(repeats), runs=2)

    def test_of_commas_alone_is_no_mail(self):
        assert understood("PIMMS" + "," * 133_000) is None


@pytest.fixture
def base(db):
    """The records that RECOGNITION's cases speak of."""
    south, east, north, isle = (
        RegionFactory(code=code, name=name)
        for code, name in [
            ("76", "Occitanie"),
            ("84", "Auvergne-Rhône-Alpes"),
            ("32", "Hauts-de-France"),
            ("94", "Corse"),
        ]
    )
    places = {
        code: DepartmentFactory(code=code, name=name, region=region)
        for code, name, region in [
            ("30", "Gard", south),
            ("42", "Loire", east),
            ("69", "Rhône", east),
            ("59", "Nord", north),
            ("2A", "Corse-du-Sud", isle),
            ("2B", "Haute-Corse", isle),
        ]
    }
    for number, name, code, commune, insee in [
        ("501", "PIMMS Valbrune", "30", "Valbrune", "30501"),
        ("502", "PIMMS Saint-Orme - Centre", "69", "Saint-Orme", "69502"),
        ("503", "PIMMS Saint-Orme - Gare", "69", "Saint-Orme", "69502"),
        ("504", "PIMMS Hautrive", "59", "Hautrive", "59504"),
        ("505", "PIMMS Rochebelle", "42", "Rochebelle", "42505"),
    ]:
        SiteFactory(
            name=name,
            department=places[code],
            commune=commune,
            commune_code=insee,
            france_services_id=number,
            wave=WaveFactory(name="Janvier 2020", effective_on=date(2020, 1, 1)),
        )


def given_waves(run: ImportRun) -> dict[str, int | None]:
    return {line.label: line.after.get("wave_id") for line in run.rows.order_by("number")}


@pytest.mark.usefixtures("base")
class TestAPaste:
    def test_of_case_21_has_two_sites_and_a_question(self, as_editor):
        answer = as_editor.post(
            "/labelling/importrun/add/", {"model": "site", "pasted": CASE_21, "wave": ""}
        )

        run = ImportRun.objects.get()
        assert states(run) == {2: RowState.NEW, 3: RowState.NEW, 4: RowState.WRONG}
        names = [line.label for line in run.rows.order_by("number")]
        assert names == ["PIMMS Grandpré - Centre", "PIMMS Virelune", "PIMMS Montferval"]
        assert [line.is_marked for line in run.rows.order_by("number")] == [False, True, False]
        (problem,) = problems(run, 4)
        assert problem.value == "Corse"
        assert problem.reason == "Corse-du-Sud ou Haute-Corse\u202f?"
        assert [value for _, value in problem.suggestions] == ["Corse-du-Sud", "Haute-Corse"]
        page = as_editor.get(answer.url).text
        assert (
            "2\u00a0lignes n’ont pas été lues\u00a0: «\u00a0Bonjour,\u00a0» (ligne 1) et "
            "«\u00a0Cordialement\u00a0» (ligne 5)." in page
        )
        assert "<dt>Ligne des titres</dt><dd>Aucune : lu sans titres</dd>" in page

    def test_of_case_23_knows_ours(self):
        run = prepare(pasted=CASE_23)

        assert states(run) == {
            1: RowState.NEW,
            2: RowState.UNCHANGED,
            3: RowState.NEW,
            4: RowState.UNCHANGED,
        }
        assert row(run, 1).label == "PIMMS Grandpré - Orsac"
        assert row(run, 2).record_id == Site.objects.get(name="PIMMS Hautrive").pk
        assert row(run, 3).label == "PIMMS Virelune"
        assert row(run, 4).record_id == Site.objects.get(name="PIMMS Valbrune").pk
        apply(run, None)
        assert sorted(Site.objects.values_list("name", "department__code"))[:2] == [
            ("PIMMS Grandpré - Orsac", "30"),
            ("PIMMS Hautrive", "59"),
        ]
        assert Site.objects.get(name="PIMMS Virelune").department.code == "69"

    @pytest.mark.parametrize("case", [CASE_21, CASE_23], ids=["21", "23"])
    @pytest.mark.parametrize("name", ["courriel.txt", "courriel.csv"])
    def test_and_a_file_of_the_same_lines_are_read_alike(self, case, name):
        assert states(prepare(case.encode(), name=name)) == states(prepare(pasted=case))

    def test_of_six_lines_makes_six_sites(self):
        mail = "\n".join(f"- PIMMS Grandpré {letter} (30)" for letter in "ABCDEF")

        apply(prepare(pasted=mail), None)

        assert Site.objects.filter(name__startswith="PIMMS Grandpré").count() == 6

    def test_gives_its_wave_to_the_marked_lines(self):
        wave = WaveFactory()

        run = prepare(pasted="PIMMS A (30) *\nPIMMS B (30)\nPIMMS Valbrune", wave=wave)

        assert given_waves(run) == {"PIMMS A": wave.pk, "PIMMS B": None, "PIMMS Valbrune": None}
        assert run.remarks == []

    def test_gives_its_wave_to_every_new_site_where_no_line_is_marked(self):
        wave = WaveFactory()

        run = prepare(pasted="PIMMS A (30)\nPIMMS B (30)\nPIMMS Valbrune", wave=wave)

        assert given_waves(run) == {"PIMMS A": wave.pk, "PIMMS B": wave.pk, "PIMMS Valbrune": None}
        (remark,) = run.remarks
        assert remark == (
            "Aucune ligne de ce courriel ne porte d’astérisque\u00a0: la vague choisie est donnée "
            "aux 2 nouveaux sites."
        )

    def test_of_our_sites_alone_gives_no_wave(self):
        run = prepare(pasted="PIMMS Valbrune\nPIMMS Hautrive (59)", wave=WaveFactory())

        assert states(run) == {1: RowState.UNCHANGED, 2: RowState.UNCHANGED}
        assert run.remarks == []

    def test_without_a_wave_makes_candidates(self):
        run = prepare(pasted="PIMMS A (30)")

        assert given_waves(run) == {"PIMMS A": None}
        assert run.remarks == []

    def test_without_pimms_is_refused_as_before(self):
        with pytest.raises(HeadingsError):
            prepare(pasted="Bonjour,\nmerci")

    def test_for_other_records_is_no_mail(self):
        with pytest.raises((HeadingsError, ImportRefused)):
            prepare(pasted="PIMMS A (30)", model_key="association")

    def test_costs_the_same_queries_for_many_lines(self):
        def count(lines: int) -> int:
            text = "\n".join(f"PIMMS Grandpré {n} (30)" for n in range(lines))
            with CaptureQueriesContext(connection) as queries:
                prepare(pasted=text)
            return len(queries)

        assert count(2) == count(20)

"""What an import asks once of many lines: their sites, their names, their associations."""

import re
from datetime import date

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from labelling.models import Association, ImportRun, Site
from labelling.spreadsheets.runs.apply import apply
from tests.factories import AssociationFactory, SiteFactory, WaveFactory
from tests.spreadsheets.prepared import prepared, row, states

pytestmark = pytest.mark.django_db

STATE = "id_fs;insee_dep;lib_fs;lib_com;labellisation_fs"
JANUARY = "Espace labellisé 15/01/2021"
BUS = f"1;30;Bus France services Pimms Médiation - Ales;Alès;{JANUARY}"
PLAIN = f"2;30;France services Pimms Médiation Uzès;Uzès;{JANUARY}"


@pytest.fixture
def january(gard):
    return WaveFactory(name="Janvier 2021", effective_on=date(2021, 1, 15))


def shown(client, run: ImportRun, **asked) -> str:
    page = client.get(reverse("admin:labelling_importrun_change", args=[run.pk]), asked)
    return page.content.decode()


def answered(client, run: ImportRun, **fields) -> list[str]:
    address = reverse("admin:labelling_importrun_answer", args=[run.pk])
    return [str(m) for m in get_messages(client.post(address, fields).wsgi_request)]


def read(page: str, pattern: str) -> list[str]:
    return re.findall(pattern, page)


class TestPairs:
    def test_are_shown_and_answered_by_one_button(self, as_ana, ana, gard, january):
        site = SiteFactory(name="PIMMS Cévennes", department=gard, wave=january)
        run = prepared(STATE, BUS, author=ana)

        page = shown(as_ana, run)
        assert "1\u00a0ligne de l’État ressemble à votre site sans numéro de Janvier 2021." in page
        assert "PIMMS Cévennes" in page
        (key,) = read(page, r'name="same" value="([^"]*)"')
        said = answered(as_ana, run, same=key)

        assert said == ["1\u00a0site reçoit son numéro."]
        assert (row(run, 2).record_id, row(run, 2).state) == (site.pk, "changed")

    def test_are_seen_one_by_one(self, as_ana, ana, gard, january):
        SiteFactory(name="PIMMS Cévennes", department=gard, wave=january)
        run = prepared(STATE, BUS, author=ana)

        page = shown(as_ana, run)

        assert '<a href="?state=which&amp;q=2#lines">Voir un par un</a>' in page

    def test_of_a_colleague_are_read_and_not_answered(self, as_ana, manager, gard, january):
        SiteFactory(name="PIMMS Cévennes", department=gard, wave=january)
        run = prepared(STATE, BUS, author=manager)

        page = shown(as_ana, run)

        assert "ressemble à votre site" in page
        assert 'name="same"' not in page
        answered(as_ana, run, same=f"{row(run, 2).pk}:{Site.objects.get().pk}")
        assert row(run, 2).answers.record is None


class TestACandidate:
    def test_of_which_another_line_speaks_is_no_choice(self, as_ana, ana, gard):
        SiteFactory(name="PIMMS Alès", commune="Alès", department=gard)
        run = prepared(STATE, "8;30;Bus Pimms Ales;Alès;", "9;30;PIMMS Alès;Alès;", author=ana)
        assert states(run) == {2: "which", 3: "changed"}

        page = shown(as_ana, run)

        assert "C’est PIMMS Alès" not in page
        assert "d’autres lignes parlent d’elles" in page
        assert "C’est un nouveau site" in page


class TestAWaveThatGrows:
    def test_is_said_with_a_link_to_its_lines(self, as_ana, ana, gard, january):
        SiteFactory(name="PIMMS Nîmes", france_services_id="180", department=gard, wave=january)
        run = prepared(STATE, BUS, PLAIN, author=ana)

        page = shown(as_ana, run)

        assert "Janvier 2021\u00a0: 1\u00a0site aujourd’hui, 3 après l’import." in page
        assert "?state=all&amp;q=2+3#lines" in page

    def test_grows_by_a_candidate_that_gets_its_label(self, as_ana, ana, gard, january):
        SiteFactory(name="PIMMS Nîmes", france_services_id="180", department=gard, wave=january)
        SiteFactory(
            name="PIMMS Alès", commune="Alès", france_services_id="1", department=gard, wave=None
        )
        run = prepared(STATE, BUS, author=ana)
        assert states(run) == {2: "changed"}

        page = shown(as_ana, run)

        assert "Janvier 2021\u00a0: 1\u00a0site aujourd’hui, 2 après l’import." in page


class TestNamesToRead:
    def test_that_were_put_in_order_come_first(self, as_ana, ana, january):
        run = prepared(STATE, PLAIN, BUS, author=ana)

        page = shown(as_ana, run)

        assert "2\u00a0noms à relire" in page
        assert "1\u00a0a été remis en ordre" in page
        assert "Accepter le nom coché" in page
        inputs = read(page, r'name="name-([0-9]+)" value="([^"]*)"')
        assert inputs == [
            (str(row(run, 3).pk), "PIMMS Alès - Bus"),
            (str(row(run, 2).pk), "PIMMS Uzès"),
        ]
        assert read(page, r'name="named" value="([0-9]+)" checked') == [str(row(run, 3).pk)]

    def test_are_counted_as_a_filter_without_the_lines_that_are_asked_of(
        self, as_ana, ana, gard, january
    ):
        SiteFactory(name="PIMMS Cévennes", department=gard, wave=january)
        run = prepared(STATE, BUS, PLAIN.replace(JANUARY, ""), author=ana)
        assert states(run) == {2: "which", 3: "new"}

        counted = 'Noms à relire <span class="count">{}</span>'
        assert counted.format(1) in shown(as_ana, run)
        assert read(shown(as_ana, run, state="to_name"), r'id="line-([0-9]+)"') == ["3"]

    def test_leave_the_list_accepted_or_typed_again(self, as_ana, ana, january):
        run = prepared(STATE, PLAIN, BUS, author=ana)
        plain, bus = row(run, 2).pk, row(run, 3).pk

        said = answered(
            as_ana,
            run,
            names="ticked",
            named=str(bus),
            **{f"name-{bus}": "PIMMS Alès - Bus", f"was-{bus}": "PIMMS Alès - Bus"},
            **{f"name-{plain}": "PIMMS Uzège", f"was-{plain}": "PIMMS Uzès"},
        )

        assert said == ["2\u00a0noms acceptés."]
        assert "à relire" not in shown(as_ana, run)
        assert [row(run, n).after["name"] for n in (2, 3)] == ["PIMMS Uzège", "PIMMS Alès - Bus"]
        assert not run.rows.filter(is_to_name=True).exists()
        apply(run, ana)
        assert Site.objects.filter(name__in=["PIMMS Uzège", "PIMMS Alès - Bus"]).count() == 2

    def test_typed_again_leave_those_that_are_ticked_for_enter(self, as_ana, ana, january):
        run = prepared(STATE, PLAIN, BUS, author=ana)
        plain, bus = row(run, 2).pk, row(run, 3).pk

        answered(
            as_ana,
            run,
            names="typed",
            named=str(bus),
            **{f"name-{bus}": "PIMMS Alès - Bus", f"was-{bus}": "PIMMS Alès - Bus"},
            **{f"name-{plain}": "PIMMS Uzège", f"was-{plain}": "PIMMS Uzès"},
        )

        assert [row(run, n).is_to_name for n in (2, 3)] == [False, True]

    def test_are_accepted_all_at_once(self, as_ana, ana, january):
        run = prepared(STATE, PLAIN, BUS, author=ana)
        names = {f"name-{line.pk}": line.label for line in run.rows.all()}

        said = answered(as_ana, run, names="all", **names)

        assert said == ["2\u00a0noms acceptés."]

    def test_that_were_emptied_are_refused(self, as_ana, ana, january):
        run = prepared(STATE, PLAIN, author=ana)
        key = row(run, 2).pk

        said = answered(
            as_ana, run, names="ticked", **{f"name-{key}": " ", f"was-{key}": "PIMMS Uzès"}
        )

        assert said == ["Ligne 2\u00a0: écrivez un nom, ou décochez la ligne."]
        assert row(run, 2).is_to_name

    def test_that_another_site_has_are_said(self, as_ana, ana, gard, january):
        SiteFactory(name="PIMMS Nîmes", department=gard, france_services_id="180")
        run = prepared(STATE, PLAIN, author=ana)
        key = row(run, 2).pk

        said = answered(as_ana, run, names="typed", **{f"name-{key}": "PIMMS Nîmes"})

        assert said == ["1\u00a0nom accepté.", "1\u00a0ligne reste à corriger."]
        assert states(run) == {2: "wrong"}

    def test_that_nobody_ticked_change_nothing(self, as_ana, ana, january):
        run = prepared(STATE, PLAIN, author=ana)
        key = row(run, 2).pk

        said = answered(
            as_ana, run, names="ticked", **{f"name-{key}": "PIMMS Uzès", f"was-{key}": "PIMMS Uzès"}
        )

        assert said == ["Aucun nom n’était coché ni changé\u00a0: rien n’a changé."]

    def test_go_into_an_empty_cell_where_the_file_has_names(self, as_ana, ana, january):
        run = prepared(
            "Nom;Nom selon l’État;Département", ";France services Pimms Alès;30", author=ana
        )
        key = row(run, 2).pk

        answered(as_ana, run, names="typed", **{f"name-{key}": "PIMMS Cévennes"})

        assert row(run, 2).answers.cells == {0: "PIMMS Cévennes"}
        assert row(run, 2).after["name"] == "PIMMS Cévennes"


class TestAssociations:
    @pytest.mark.parametrize(
        ("ours", "line", "proposed"),
        [
            (["Ambazac"], "PIMMS Ambazac - Bus;30;", ["Ambazac"]),
            (["Nîmes", "Alès"], "PIMMS mobile;30;ALES", ["Alès"]),
            (["Artois", "Artois Gohelle"], "PIMMS Artois-Gohelle Lens;30;", ["Artois Gohelle"]),
            # Two, a part of a word, and none.
            (["Nîmes", "Alès"], "PIMMS Nîmes Alès;30;", []),
            (["Amba"], "PIMMS Ambazac;30;", []),
            (["Ambasac"], "PIMMS Ambazac;30;", []),
            # The sites of the same commune of the department.
            (["Cévennes"], "PIMMS mobile;30;Vauvert", ["Cévennes"]),
            (["Cévennes"], "PIMMS mobile;30;Lunel", []),
        ],
    )
    def test_are_proposed_by_whole_words_or_by_the_commune(
        self, as_ana, ana, gard, ours, line, proposed
    ):
        for name in ours:
            AssociationFactory(name=name)
        first = Association.objects.get(name=ours[0])
        SiteFactory(name="PIMMS Là", department=gard, commune="Vauvert", association=first)
        run = prepared("Nom;Département;Commune", line, author=ana)

        page = shown(as_ana, run)

        keys = read(page, r'name="association" value="[0-9]+:([0-9]+)" checked')
        assert [Association.objects.get(pk=key).name for key in keys] == proposed

    def test_are_taken_where_they_are_ticked(self, as_ana, ana, gard):
        ales, uzes = AssociationFactory(name="Alès"), AssociationFactory(name="Uzès")
        run = prepared("Nom;Département", "PIMMS Alès - Bus;30", "PIMMS Uzès;30", author=ana)
        assert "2\u00a0sites sans association" in shown(as_ana, run)

        said = answered(
            as_ana, run, associations="yes", association=[f"{row(run, 2).pk}:{ales.pk}"]
        )

        assert said == ["1\u00a0association prise."]
        assert row(run, 2).after["association_id"] == ales.pk
        assert "association_id" not in row(run, 3).after
        assert read(shown(as_ana, run), r'name="association" value="[0-9]+:([0-9]+)"') == [
            str(uzes.pk)
        ]

    def test_are_not_those_that_nobody_proposed(self, as_ana, ana, gard):
        other = AssociationFactory(name="Nîmes")
        AssociationFactory(name="Alès")
        run = prepared("Nom;Département", "PIMMS Alès;30", author=ana)

        said = answered(
            as_ana, run, associations="yes", association=[f"{row(run, 2).pk}:{other.pk}", "?"]
        )

        assert said == ["Aucune ligne n’était cochée\u00a0: rien n’a changé."]
        assert "association_id" not in row(run, 2).after

    def test_are_none_where_the_line_names_one(self, as_ana, ana, gard):
        AssociationFactory(name="Alès")
        run = prepared("Nom;Département;Association", "PIMMS Alès;30;Alès", author=ana)

        assert "sans association" not in shown(as_ana, run)


class TestQueries:
    def test_do_not_grow_with_the_lines(self, as_ana, ana, gard, january):
        for name in ("Alès", "Uzès"):
            AssociationFactory(name=name)

        def count(numbers: range) -> int:
            for n in numbers:
                SiteFactory(name=f"PIMMS Lieu {n}", department=gard, wave=january)
            run = prepared(
                STATE,
                *(f"{n};30;Bus France services Pimms Lieu {n};Alès;{JANUARY}" for n in numbers),
                *(
                    f"{n}9;30;Bus France services Pimms Ales {'x' * n};Alès;01/02/202{n}"
                    for n in numbers
                ),
                author=ana,
            )
            with CaptureQueriesContext(connection) as queries:
                page = shown(as_ana, run)
            assert "lignes de l’État ressemblent" in page
            assert "noms à relire" in page
            return len(queries)

        assert count(range(1, 3)) == count(range(3, 9))

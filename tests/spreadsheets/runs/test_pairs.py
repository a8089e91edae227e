"""The State's list comes after the sites: its lines are paired with those that have no number."""

from datetime import date

import pytest
from django.core.management import CommandError, call_command

from labelling.models import Site
from labelling.spreadsheets.runs import bulk_answers, pairs, repairs
from labelling.spreadsheets.runs.apply import LinesChanged, apply
from labelling.spreadsheets.runs.growing_waves import list_growing_waves
from labelling.spreadsheets.runs.rights import ImportRefused
from tests.factories import DepartmentFactory, RegionFactory, SiteFactory, WaveFactory
from tests.spreadsheets.prepared import lines, prepared, row, states

pytestmark = pytest.mark.django_db

HEADINGS = "id_fs;insee_dep;lib_fs;lib_com;labellisation_fs"
JANUARY = "Espace labellisé 15/01/2021"
# What the State calls the six, and the sites that a mail made of them.
STATE = (
    f"1874;29;France services Pimms Médiation itinérante Brest;Brest;{JANUARY}",
    f"1839;87;Bus France services Pimms Médiation Ambazac;Ambazac;{JANUARY}",
    f"1764;35;France services itinérante Pimms Médiation Rennes;Rennes;{JANUARY}",
    f"1855;71;France services Pimms Médiation La Clayette;La Clayette;{JANUARY}",
    f"1453;06;France services Pimms Médiation de Nice - Ariane;Nice;{JANUARY}",
    f"355;60;France services Pimms Médiation de Nogent-sur-Oise;Nogent-sur-Oise;{JANUARY}",
)
OURS = (
    ("29", "PIMMS Brest - itinérante"),
    ("87", "PIMMS Bus d’Ambazac"),
    ("35", "PIMMS mobile du pays rennais"),
    ("71", "PIMMS Brionnais"),
    ("06", "PIMMS Nice Est"),
    ("60", "PIMMS Creil Sud"),
)


@pytest.fixture
def january():
    return WaveFactory(name="Janvier 2021", effective_on=date(2021, 1, 15))


@pytest.fixture
def six(january) -> list[Site]:
    """Six sites that came by a mail: a name, a department, a wave, no number."""
    region = RegionFactory(code="84", name="Une région")
    return [
        SiteFactory(
            name=name,
            department=DepartmentFactory(code=code, name=f"Département {code}", region=region),
            wave=january,
        )
        for code, name in OURS
    ]


class TestTheStatesListAfterAMail:
    def test_asks_one_question_of_six_lines(self, six):
        run = prepared(HEADINGS, *STATE)

        (asked,) = pairs.list_pairs(run)
        assert str(asked) == (
            "6\u00a0lignes de l’État ressemblent à vos 6\u00a0sites sans numéro de Janvier 2021"
        )
        assert [(line.number, site.name) for line, site in asked.pairs] == [
            (number, name) for number, (_, name) in enumerate(OURS, start=2)
        ]
        assert set(states(run).values()) == {"which"}

    def test_gives_six_numbers_and_makes_no_double(self, six):
        run = prepared(HEADINGS, *STATE)

        assert bulk_answers.say_same_sites(run, None, pairs.list_pairs(run)[0].key) == 6
        apply(run, None)

        assert list(Site.objects.order_by("pk").values_list("name", "france_services_id")) == [
            (name, line.partition(";")[0]) for (_, name), line in zip(OURS, STATE, strict=True)
        ]

    def test_asks_nothing_of_the_next_list(self, six):
        run = prepared(HEADINGS, *STATE)
        bulk_answers.say_same_sites(run, None)
        apply(run, None)

        again = prepared(HEADINGS, *STATE)

        assert set(states(again).values()) == {"unchanged"}

    def test_asks_nothing_again_of_a_line_that_was_another_site(self, six):
        run = prepared(HEADINGS, STATE[0])
        repairs.choose_record(run, None, row(run, 2).pk, None)
        assert states(run) == {2: "new"}
        apply(run, None)

        again = prepared(HEADINGS, STATE[0])

        assert states(again) == {2: "unchanged"}
        assert Site.objects.filter(department__code="29").count() == 2

    def test_proposes_no_site_of_another_wave_while_one_is_there(self, six):
        WaveFactory(name="Été 2022", effective_on=date(2022, 7, 1))
        SiteFactory(
            name="PIMMS Brest - Kérédern",
            department=six[0].department,
            wave=WaveFactory(name="Avril 2021", effective_on=date(2021, 4, 1)),
        )

        run = prepared(HEADINGS, STATE[0])

        assert row(run, 2).candidates == [six[0].pk]

    def test_asks_singly_of_a_site_of_another_wave(self, six, january):
        april = "1905;29;France services Pimms Médiation Brest;Brest;Espace labellisé 01/04/2021"

        run = prepared(HEADINGS, april)

        assert (row(run, 2).state, row(run, 2).candidates) == ("which", [six[0].pk])
        assert pairs.list_pairs(run) == []

    def test_asks_nothing_of_a_site_of_another_wave_that_shares_a_town_alone(self, six):
        WaveFactory(name="Novembre 2022", effective_on=date(2022, 11, 15))
        Site.objects.filter(pk=six[0].pk).update(name="PIMMS Brest - Camping-car")

        run = prepared(
            HEADINGS,
            "3057;29;France services Pimms Brest-Quatre Moulins;Brest;Espace labellisé 15/11/2022",
        )

        assert states(run) == {2: "new"}

    def test_asks_nothing_of_a_line_whose_label_ended(self, six):
        headings = f"{HEADINGS};N’est plus labellisé depuis le;Motif"

        run = prepared(
            headings,
            f"1;29;PIMMS Quimper;Quimper;{JANUARY};01/03/2021;Fermeture du site",
        )

        assert states(run) == {2: "new"}

    def test_pairs_by_words_and_holds_what_two_would_do(self, six, january):
        nord = DepartmentFactory(code="59", name="Nord")
        sites = [
            SiteFactory(name=name, department=nord, wave=january)
            for name in ("PIMMS Lille - Bus", "PIMMS Ouest", "PIMMS Est")
        ]

        run = prepared(
            HEADINGS,
            f"11;59;Bus France services Pimms Lille;Lille;{JANUARY}",
            f"12;59;France services Pimms Denain;Denain;{JANUARY}",
            f"13;59;France services Pimms Douai;Douai;{JANUARY}",
        )

        (asked,) = pairs.list_pairs(run)
        assert [(line.number, site.pk) for line, site in asked.pairs] == [(2, sites[0].pk)]
        assert str(asked) == (
            "1\u00a0ligne de l’État ressemble à 1 de vos 9\u00a0sites sans numéro de Janvier 2021"
        )
        assert row(run, 3).candidates == row(run, 4).candidates
        assert set(row(run, 3).candidates or ()) == {sites[1].pk, sites[2].pk}

    def test_goes_on_with_what_is_left_when_a_line_is_answered(self, january):
        nord = DepartmentFactory(code="59", name="Nord")
        west = SiteFactory(name="PIMMS Ouest", department=nord, wave=january)
        east = SiteFactory(name="PIMMS Est", department=nord, wave=january)
        run = prepared(
            HEADINGS,
            f"12;59;France services Pimms Denain;Denain;{JANUARY}",
            f"13;59;France services Pimms Douai;Douai;{JANUARY}",
            f"14;59;France services Pimms Somain;Somain;{JANUARY}",
        )

        repairs.choose_record(run, None, row(run, 2).pk, west.pk)
        assert [row(run, n).candidates for n in (3, 4)] == [[east.pk], [east.pk]]
        repairs.choose_record(run, None, row(run, 3).pk, east.pk)

        assert states(run) == {2: "changed", 3: "changed", 4: "new"}
        repairs.ask_record_again(run, None, row(run, 3).pk)
        assert states(run) == {2: "changed", 3: "which", 4: "which"}

    def test_leaves_alone_the_lines_of_departments_where_none_waits(self, six):
        DepartmentFactory(code="59", name="Nord")

        run = prepared(HEADINGS, f"11;59;Bus France services Pimms Lille;Lille;{JANUARY}")

        assert states(run) == {2: "new"}

    def test_refuses_pairs_that_are_others_by_now(self, six):
        run = prepared(HEADINGS, *STATE)
        seen = pairs.list_pairs(run)[0].key
        repairs.set_aside(run, None, [row(run, 2).pk])

        with pytest.raises(ImportRefused) as refused:
            bulk_answers.say_same_sites(run, None, seen)

        assert str(refused.value) == (
            "Ces lignes ou ces sites ont changé depuis que cette page est ouverte. Relisez-les."
        )
        assert row(run, 3).answers.record is None

    def test_is_not_applied_over_a_site_that_came_since(self, january):
        brest = DepartmentFactory(code="29", name="Finistère")
        run = prepared(HEADINGS, STATE[0])
        assert states(run) == {2: "new"}
        SiteFactory(name="PIMMS Quimper", department=brest, wave=january)

        with pytest.raises(LinesChanged):
            apply(run, None)

        assert states(run) == {2: "which"}


class TestAGrowingWave:
    def test_is_said_with_its_lines(self, six):
        run = prepared(HEADINGS, *STATE)
        for number in range(2, 8):
            repairs.choose_record(run, None, row(run, number).pk, None)

        (wave,) = list_growing_waves(run)

        assert str(wave) == "Janvier 2021\u00a0: 6\u00a0sites aujourd’hui, 12 après l’import"
        assert wave.numbers == [2, 3, 4, 5, 6, 7]

    def test_is_none_that_begins_nor_one_whose_sites_are_the_same(self, six):
        WaveFactory(name="Avril 2021", effective_on=date(2021, 4, 1))
        april = "1905;29;France services Pimms Morlaix;Morlaix;Espace labellisé 01/04/2021"
        run = prepared(HEADINGS, *STATE, april)
        bulk_answers.say_same_sites(run, None)

        assert list_growing_waves(run) == []


class TestTheCommand:
    @pytest.fixture
    def path(self, tmp_path):
        file = tmp_path / "liste.csv"
        file.write_bytes(lines(HEADINGS, *STATE))
        return file

    def test_names_the_option_that_answers(self, six, path):
        with pytest.raises(CommandError) as refused:
            call_command("import_spreadsheet", path, "--apply")

        assert (
            "6\u00a0lignes de l’État ressemblent à vos 6\u00a0sites sans numéro de Janvier 2021 : "
            "--same-sites leur donne leur numéro."
        ) in str(refused.value)
        assert not Site.objects.exclude(france_services_id="").exists()

    def test_gives_the_numbers_with_that_option(self, six, path, capsys):
        call_command("import_spreadsheet", path, "--apply", "--same-sites")

        assert "6\u00a0sites modifiés" in capsys.readouterr().out
        assert Site.objects.exclude(france_services_id="").count() == 6

    def test_says_which_wave_grows(self, six, tmp_path, capsys):
        file = tmp_path / "liste.csv"
        file.write_bytes(lines(HEADINGS, f"1;59;France services Pimms Lille;Lille;{JANUARY}"))
        DepartmentFactory(code="59", name="Nord")

        call_command("import_spreadsheet", file)

        said = "Janvier 2021\u00a0: 6\u00a0sites aujourd’hui, 7 après l’import."
        assert said in capsys.readouterr().out

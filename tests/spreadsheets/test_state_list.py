"""The State's national list: its lines are ours or not, its names never printed, its waves new."""

import csv
import io
from datetime import date

import pytest

from labelling.models import LabellingWave, Site
from labelling.models.stored import NewWave
from labelling.spreadsheets.judging.wording import RunWording
from labelling.spreadsheets.runs import bulk_answers, preparation, repairs
from labelling.spreadsheets.runs.apply import apply
from tests.factories import SiteFactory, WaveFactory
from tests.spreadsheets.prepared import problems, reasons, row, states

pytestmark = pytest.mark.django_db

HEADINGS = (
    "id_fs",
    "insee_dep",
    "lib_fs",
    "adresse",
    "insee_com",
    "code_postal",
    "lib_com",
    "latitude",
    "longitude",
    "mail",
    "type_fs",
    "format_fs",
    "labellisation_fs",
)
# What the list says of the three sites that the release printed under Isère.
STEPHANOISE = {
    "873": "France services Pimms Médiation Métropole Stéphanoise",
    "874": "France services Pimms Médiation Métropole Stéphanoise - Montreynaud",
    "875": "France services Pimms Médiation Saint-Chamond",
}


def line(number, department, name, wave="01/09/2020", postcode="42000", kind="Fixe"):
    commune = f"{department.zfill(2)}218"
    return (
        *(number, department, name, "1 rue de la Gare", commune, postcode, "Ville"),
        *("45.4", "4.4", "", "Principal", kind, f"Espace labellisé {wave}"),
    )


def state_list(*content) -> bytes:
    """A sample of our own making, written as the State writes its list."""
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([HEADINGS, *content])
    return text.getvalue().encode()


def sample() -> bytes:
    return state_list(
        line("1", "01", "France services de Valserhône", "01/01/2020"),
        *(line(number, "42", name) for number, name in STEPHANOISE.items()),
        line("2509", "77", "France services multisites Pimms Médiation Melun", "15/11/2022"),
        line("2624", "56", "Bus France services PIMMS Médiation Lorient", "15/11/2022"),
        *(
            line(str(number), "01", f"France services La Poste {number}", "01/02/2020")
            for number in range(2, 7)
        ),
    )


class TestTheNationalList:
    def test_sets_aside_the_lines_that_are_not_of_the_network(self, network):
        run = preparation.prepare(sample(), name="liste.csv")

        assert run.rows.count_states()["outside"] == 6
        assert row(run, 2).label == "France services de Valserhône"
        assert run.rows.in_state("outside").matching("valserhone").count() == 1
        assert row(run, 2).problems == []

    def test_knows_ours_by_its_number_without_pimms_in_its_name(self, network):
        content = line("260", "45", "France services de Montargis", "01/01/2020", "45200")

        run = preparation.prepare(state_list(content), name="liste.csv")

        assert row(run, 2).state == "changed"

    def test_knows_by_its_number_a_site_whose_label_ended(self, db):
        ended = SiteFactory(name="PIMMS Nîmes", france_services_id="180", ended=True)

        run = preparation.prepare(
            state_list(line("180", "30", "France services de Nîmes")), name="liste.csv"
        )

        assert (row(run, 2).state, row(run, 2).record_id) == ("wrong", ended.pk)

    def test_sets_no_line_aside_whose_name_or_number_it_could_not_read(self, network):
        """R14."""
        run = preparation.prepare(
            state_list(
                line("12", "30", "#REF!"),
                line("13", "30", f"France services Pimms {'a' * 260}"),
                line("n° 14 (?)", "30", "France services de Nîmes"),
                line("15", "30", "France services d’Uzès"),
            ),
            name="liste.csv",
        )

        assert states(run) == {2: "wrong", 3: "wrong", 4: "maybe", 5: "outside"}
        assert [(p.letter, p.reason) for p in problems(run, 2)] == [
            ("C", "La cellule contient une erreur (#REF!). Ressaisissez sa valeur.")
        ]

    def test_moves_the_three_sites_and_shows_why_they_were_recognised(self, network):
        run = preparation.prepare(sample(), name="liste.csv")

        wording = RunWording(run)
        found = row(run, 3)
        (change,) = [c for c in wording.list_changes(found) if c.field == "department_id"]
        assert (change.label, change.before, change.after) == ("Département", "Isère", "Loire")
        assert wording.explain_record(found) == ("Reconnu par son numéro France Services (873)")

    def test_never_touches_a_printed_name(self, network):
        before = set(Site.objects.values_list("pk", "name"))

        apply(preparation.prepare(sample(), name="liste.csv"), None)

        assert before <= set(Site.objects.values_list("pk", "name"))
        assert list(
            Site.objects.filter(france_services_id__in=STEPHANOISE)
            .order_by("france_services_id")
            .values_list("state_name", "department__name")
        ) == [(name, "Loire") for name in STEPHANOISE.values()]

    def test_gives_new_sites_a_name_that_a_person_will_look_at(self, network):
        run = preparation.prepare(sample(), name="liste.csv")

        new = run.rows.filter(is_to_name=True).order_by("number")
        assert list(new.values_list("label", flat=True)) == [
            "PIMMS Melun - PIMMS multisites",
            "PIMMS Lorient - Bus",
        ]
        assert row(run, 7).after["state_name"] == "Bus France services PIMMS Médiation Lorient"
        assert row(run, 7).after["format"] == "fixed"

    def test_notes_on_new_sites_that_nobody_wrote_or_accepted_their_name(self, network):
        run = preparation.prepare(sample(), name="liste.csv")
        accepted = run.rows.get(label="PIMMS Lorient - Bus")
        bulk_answers.name_lines(run, None, {accepted.pk: accepted.label})
        run.refresh_from_db()

        apply(run, None)

        made = Site.objects.exclude(made_name="").get()
        assert (made.name, made.made_name) == ("PIMMS Melun - PIMMS multisites",) * 2
        assert made.history.get().made_name == made.name
        assert Site.objects.filter(name="PIMMS Lorient - Bus").exists()

    def test_blames_no_other_line_for_a_made_name_that_is_taken(self, db):
        SiteFactory(name="PIMMS Nîmes", france_services_id="180")

        run = preparation.prepare(
            state_list(
                line("180", "30", "France services Nîmes"),
                line("999", "30", "France services Pimms Nîmes"),
            ),
            name="liste.csv",
        )

        assert reasons(run, 2) == []
        (reason,) = reasons(run, 3)
        assert reason.startswith("Un site de ce département porte déjà ce nom\u00a0: «\u00a0PIMMS")

    def test_names_no_site_at_more_length_than_a_name_has(self, network):
        long = line("2624", "56", f"France services PIMMS {'a' * 210}")

        run = preparation.prepare(state_list(long), name="liste.csv")

        assert [(p.field, p.letter, p.reason) for p in problems(run, 2)] == [
            (
                "name",
                "",
                ("ce texte a 216 caractères, la place est de 200. Raccourcissez-le."),
            )
        ]

    def test_proposes_the_waves_that_we_lack(self, network):
        run = preparation.prepare(sample(), name="liste.csv")

        assert run.new_waves == [NewWave(date(2022, 11, 15), "Novembre 2022")]

    def test_read_again_changes_nothing(self, network):
        apply(preparation.prepare(sample(), name="liste.csv"), None)

        again = preparation.prepare(sample(), name="liste.csv")

        counts = again.rows.count_states()
        assert (counts["new"], counts["changed"], counts["unchanged"]) == (0, 0, 5)


class TestAWaveThatMoved:
    def test_is_a_question_not_a_second_wave(self, network):
        content = line("873", "42", STEPHANOISE["873"], "01/10/2020")

        run = preparation.prepare(state_list(content), name="liste.csv")

        assert reasons(run, 2) == [
            (
                "Ce site est labellisé avec la vague «\u00a0Automne 2020\u00a0»\u202f; le fichier "
                "donne «\u00a01er\u00a0octobre 2020\u00a0». Gardez la nôtre, ou prenez la valeur "
                "du fichier."
            )
        ]
        assert run.new_waves == []

    def test_is_settled_by_keeping_ours(self, network):
        content = line("873", "42", STEPHANOISE["873"], "01/10/2020")
        run = preparation.prepare(state_list(content), name="liste.csv")

        settled = repairs.decide(run, None, row(run, 2).pk, "wave_id", "ours")

        assert settled.state == "changed"
        run.refresh_from_db()
        assert run.new_waves == []
        apply(run, None)
        site = Site.objects.get(france_services_id="873")
        assert str(site.wave) == "Automne 2020"

    def test_kept_for_good_is_no_question_any_more_even_once_we_have_that_wave(self, network):
        content = line("873", "42", STEPHANOISE["873"], "01/10/2020")
        run = preparation.prepare(state_list(content), name="liste.csv")
        repairs.decide(run, None, row(run, 2).pk, "wave_id", "always")
        apply(run, None)
        WaveFactory(
            name="Octobre", effective_on=date(2020, 10, 1), decided_on=None, announced_on=None
        )

        again = preparation.prepare(state_list(content), name="liste.csv")

        assert (row(again, 2).state, row(again, 2).kept) == ("unchanged", {"wave_id": "2020-10-01"})
        (change,) = RunWording(again).list_changes(row(again, 2))
        assert (change.after, change.is_kept) == ("Octobre", True)

    def test_is_settled_by_taking_the_files(self, network):
        content = line("873", "42", STEPHANOISE["873"], "01/10/2020")
        run = preparation.prepare(state_list(content), name="liste.csv")

        repairs.decide(run, None, row(run, 2).pk, "wave_id", "file")
        apply(run, None)

        assert LabellingWave.objects.filter(name="Octobre 2020").exists()


class TestTheStatesErrors:
    def test_refused_once_for_all_are_not_shown_next_month(self, network):
        """Postcode 69008 for Bron, year after year."""
        wave = WaveFactory()
        SiteFactory(name="PIMMS Bron", france_services_id="7000", postcode="69500", wave=wave)
        content = line("7000", "30", "Pimms Médiation Bron", postcode="69008")
        run = preparation.prepare(state_list(content), name="liste.csv")

        repairs.decide(run, None, row(run, 2).pk, "postcode", "always")
        apply(run, None)

        again = preparation.prepare(state_list(content), name="liste.csv")
        assert row(again, 2).state == "unchanged"
        assert row(again, 2).kept == {"postcode": "69008"}

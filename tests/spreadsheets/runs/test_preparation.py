"""What a file would change: judged line by line, compared with the records, kept in the ledger."""

import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import hypothesis
import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from labelling import sheets
from labelling.choices import Match, RowState
from labelling.models import ImportRow, ImportRun, KeptValue, LabellingWave, Region, Site
from labelling.models.stored import NewWave
from labelling.spreadsheets.exporting import write_whole_base
from labelling.spreadsheets.files.reading import ReadingError
from labelling.spreadsheets.judging.wording import RunWording
from labelling.spreadsheets.runs import preparation, repairs
from labelling.spreadsheets.runs.absent import find_absent
from labelling.spreadsheets.runs.apply import apply
from labelling.spreadsheets.runs.lines_to_correct import list_wrong_lines
from labelling.spreadsheets.runs.purge import purge
from labelling.spreadsheets.runs.rights import ImportRefused, NoRight
from labelling.spreadsheets.tables.headings import HeadingsError
from tests.factories import (
    AssociationFactory,
    ContactFactory,
    DepartmentFactory,
    RegionFactory,
    SiteFactory,
    UserFactory,
    WaveFactory,
    editor,
    reader,
)
from tests.spreadsheets.prepared import lines, prepared, problems, reasons, row, states

pytestmark = pytest.mark.django_db


@pytest.fixture
def gard(db):
    return DepartmentFactory()


@pytest.fixture
def isere(db):
    return DepartmentFactory(
        code="38", name="Isère", region=RegionFactory(code="84", name="Auvergne-Rhône-Alpes")
    )


class TestALine:
    def test_of_an_unknown_name_is_a_new_site(self, gard):
        run = prepared("Nom;Département", "PIMMS Nîmes;Gard")

        found = row(run, 2)
        assert found.state == "new"
        assert found.before == {}
        assert found.after == {"name": "PIMMS Nîmes", "department_id": gard.pk}
        assert not Site.objects.exists()

    def test_changes_the_cells_that_differ_and_no_others(self, gard):
        site = SiteFactory(name="PIMMS Nîmes", commune="Nîmes", postcode="30000")

        run = prepared("Nom;Département;Code postal;Commune", "PIMMS Nîmes;30;30900;Nîmes")

        found = row(run, 2)
        assert (found.state, found.record_id, found.version) == ("changed", site.pk, 1)
        assert found.before == {"postcode": "30000"}
        assert found.after == {"postcode": "30900"}

    def test_that_says_what_the_record_says_is_unchanged(self, gard):
        SiteFactory(name="PIMMS Nîmes", department=gard)

        run = prepared("Nom;Département", "pimms  nimes;GARD")

        # The name is matched whatever its case, and ours is the better spelling.
        assert (row(run, 2).state, row(run, 2).after) == ("unchanged", {})
        assert states(prepared("Nom;Département", "PIMMS Nîmes;GARD")) == {2: "unchanged"}

    def test_changes_nothing_where_its_cell_is_empty(self, gard):
        """I10."""

        SiteFactory(name="PIMMS Nîmes", commune="Nîmes")

        run = prepared("Nom;Département;Commune", "PIMMS Nîmes;30;")

        assert states(run) == {2: "unchanged"}

    def test_keeps_the_number_that_the_spreadsheet_shows(self, gard):
        """I9."""

        run = prepared("Liste des sites", "", "Nom;Département", "", "PIMMS Nîmes;Gard")

        assert run.heading_line == 3
        assert states(run) == {5: "new"}

    def test_with_several_faults_names_each(self, gard):
        """I7."""

        run = prepared(
            "Nom;Département;Code postal;N’est plus labellisé depuis le",
            "PIMMS Nîmes;Gare;300;31/02/2021",
        )

        found = problems(run, 2)
        assert [(p.letter, p.heading, p.value) for p in found] == [
            ("B", "Département", "Gare"),
            ("C", "Code postal", "300"),
            ("D", "N’est plus labellisé depuis le", "31/02/2021"),
        ]
        assert ("Gard", "Gard") in found[0].suggestions

    def test_without_what_a_new_site_needs_says_what(self, db):
        run = prepared("Numéro France Services;Nom", "12;PIMMS Nîmes")

        assert reasons(run, 2) == [
            "«\u00a0Département\u00a0» est à remplir pour une nouvelle fiche."
        ]

    def test_that_breaks_a_constraint_says_its_message(self, gard):
        WaveFactory()

        run = prepared(
            "Nom;Département;Vague;Latitude;Longitude;N’est plus labellisé depuis le",
            "PIMMS Nîmes;30;Automne 2020;43,8;;",
            "PIMMS Alès;30;Automne 2020;;;01/03/2021",
        )

        assert reasons(run, 2) == ["Donnez la latitude et la longitude, ou aucune des deux."]
        assert reasons(run, 3) == [
            "Donnez la date et le motif de la fin du label, ou aucun des deux."
        ]

    def test_that_ends_a_label_before_it_began_says_so(self, gard):
        WaveFactory()

        run = prepared(
            "Nom;Département;Vague;N’est plus labellisé depuis le;Motif",
            "PIMMS Nîmes;30;Automne 2020;01/03/2020;Fermeture du site",
        )

        assert reasons(run, 2) == [
            (
                "La fin du label ne peut pas précéder son début\u00a0: la vague «\u00a0Automne 2020"
                "\u00a0» prend effet le 01/09/2020."
            )
        ]

    def test_that_wipes_out_a_label_that_a_release_announced_says_so(self, network):
        site = Site.objects.get(name="PIMMS Nîmes - PIMMS mobile")

        run = prepared("Nom;Département;Vague", f"{site.name};Gard;Candidat")

        assert reasons(run, 2) == [
            (
                "Le label de ce site figure dans le communiqué du 14\u00a0octobre 2020\u00a0: il "
                "ne s’efface pas. Choisissez «\u00a0Mettre fin au label…\u00a0», au besoin avec "
                "le motif «\u00a0Inscrit par erreur\u00a0»."
            )
        ]

    def test_that_names_a_wave_without_a_letter_says_so(self, db):
        run = prepared(
            "Nom de la vague;Label valable à partir du", "!!!;01/09/2021", model_key="labellingwave"
        )

        assert reasons(run, 2) == ["Écrivez un nom qui a des lettres ou des chiffres."]

    def test_whose_region_is_not_the_departments_says_so(self, gard, isere):
        run = prepared("Région;Département;Nom", "Auvergne-Rhône-Alpes;Gard;PIMMS Nîmes")

        assert reasons(run, 2) == [
            (
                "Le département «\u00a0Gard\u00a0» est dans la région «\u00a0Occitanie\u00a0», pas "
                "«\u00a0Auvergne-Rhône-Alpes\u00a0». Corrigez l’un ou l’autre."
            )
        ]

    def test_whose_region_is_not_the_departments_may_keep_ours(self, gard, isere):
        SiteFactory(name="PIMMS Nîmes", france_services_id="1", commune="Nîmes")
        run = prepared(
            "Numéro France Services;Région;Département;Commune", "1;Auvergne-Rhône-Alpes;Gard;Uzès"
        )
        assert [problem.field for problem in problems(run, 2)] == ["department_id"]

        repairs.decide(run, None, row(run, 2).pk, "department_id", "ours")

        assert (row(run, 2).state, row(run, 2).after) == ("changed", {"commune": "Uzès"})

    def test_whose_region_alone_is_wrong_is_mended_there(self, gard, isere):
        SiteFactory(name="PIMMS Nîmes", france_services_id="1", commune="Nîmes")
        run = prepared("Numéro France Services;Région;Commune", "1;Auvergne-Rhône-Alpes;Uzès")

        assert [(p.field, p.letter) for p in problems(run, 2)] == [("region", "B")]

    def test_whose_postcode_lost_a_figure_that_is_no_zero_says_so(self, gard):
        DepartmentFactory(code="09", name="Ariège")
        run = prepared(
            "Nom;Département;Code postal",
            "PIMMS Nîmes;30;3000",
            "PIMMS Foix;09;9000",
            "PIMMS Pamiers;09;9100.0",
            "PIMMS Alès;30;09000",
        )

        assert states(run) == {2: "wrong", 3: "new", 4: "new", 5: "new"}
        assert reasons(run, 2) == [
            (
                "«\u00a03000\u00a0» n’a que quatre chiffres, et 03000 ne serait pas dans le "
                "département «\u00a0Gard\u00a0». Écrivez le code postal en entier, ou corrigez le "
                "département."
            )
        ]
        assert row(run, 3).after["postcode"] == "09000"
        repairs.edit_cells(run, None, row(run, 2).pk, {2: "30000"})
        assert row(run, 2).state == "new"

    def test_whose_postcode_was_filled_in_is_told_the_same(self, gard):
        run = prepared("Nom;Département", "PIMMS Nîmes;30")

        repairs.edit_cells(run, None, row(run, 2).pk, {"postcode": "3000"})

        assert [problem.field for problem in problems(run, 2)] == ["postcode"]

    def test_with_a_name_too_long_is_wrong(self, gard):
        run = prepared("Nom;Département", f"PIMMS {'a' * 200};30")

        assert states(run) == {2: "wrong"}

    def test_that_repeats_another_is_wrong_and_so_is_the_other(self, gard):
        """I16, R11."""
        run = prepared(
            "Nom;Département;Commune",
            "PIMMS Nîmes;30;Nîmes",
            "PIMMS Alès;30;Alès",
            "pimms nimes;Gard;Nîmes",
        )

        assert states(run) == {2: "wrong", 3: "new", 4: "wrong"}
        assert reasons(run, 4) == [
            (
                "Les lignes 2 et 4 parlent de la même fiche. Gardez-en une\u00a0: corrigez les "
                "autres ou mettez-les de côté."
            )
        ]

    def test_that_repeats_many_names_the_first_and_counts_the_others(self, gard):
        """S8: what thousands of lines say of each other does not grow with their square."""
        run = prepared("Nom;Département", *["PIMMS Nîmes;30"] * 1_011)

        assert set(states(run).values()) == {"wrong"}
        assert reasons(run, 2) == [
            (
                "Les lignes 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 et 1\u202f001 autres parlent de la même "
                "fiche. Gardez-en une\u00a0: corrigez les autres ou mettez-les de côté."
            )
        ]
        assert reasons(run, 1_012) == reasons(run, 2)

    def test_that_takes_the_name_of_another_record_is_wrong(self, gard):
        SiteFactory(name="PIMMS Nîmes", france_services_id="1")
        SiteFactory(name="PIMMS Alès", france_services_id="2")

        run = prepared("Numéro France Services;Nom;Département", "2;PIMMS Nîmes;30")

        (reason,) = reasons(run, 2)
        assert reason.startswith("Un site de ce département porte déjà ce nom\u00a0: «\u00a0PIMMS")


class TestAWave:
    def test_that_the_base_lacks_is_proposed(self, gard):
        WaveFactory()

        run = prepared(
            "Nom;Département;Vague",
            "PIMMS Nîmes;30;Espace labellisé 15/01/2021",
            "PIMMS Alès;30;Automne 2020",
        )

        assert run.new_waves == [NewWave(date(2021, 1, 15), "Janvier 2021")]
        assert row(run, 2).after["wave_id"] == "2021-01-15"
        assert not LabellingWave.objects.filter(effective_on=date(2021, 1, 15)).exists()

    @pytest.mark.parametrize(
        "act",
        [
            lambda run, line: repairs.edit_cells(run, None, line, {2: "Automne 2020"}),
            lambda run, line: repairs.set_aside(run, None, [line]),
        ],
        ids=["mended", "put aside"],
    )
    def test_that_no_line_would_give_any_more_is_not_created(self, gard, act):
        WaveFactory()
        run = prepared("Nom;Département;Vague", "PIMMS Nîmes;30;15/01/2021", "PIMMS Alès;30;")

        act(run, row(run, 2).pk)

        run.refresh_from_db()
        assert run.new_waves == []
        only_adds = UserFactory()
        only_adds.user_permissions.set(
            Permission.objects.filter(codename__in=["import_site", "add_site"])
        )
        ImportRun.objects.update(author=only_adds)
        apply(run, only_adds)
        assert LabellingWave.objects.count() == 1

    def test_that_a_colleague_created_meanwhile_is_not_said_to_be_created(self, gard):
        run = prepared("Nom;Département;Vague", "PIMMS Nîmes;30;15/01/2021")
        wave = WaveFactory(name="Hiver 2021", effective_on=date(2021, 1, 15), decided_on=None)

        apply(run, None)

        run.refresh_from_db()
        assert run.new_waves == []
        assert Site.objects.get().wave == wave

    def test_that_some_line_still_gives_stays_proposed(self, gard):
        run = prepared("Nom;Département;Vague", "PIMMS A;30;15/01/2021", "PIMMS B;30;15/01/2021")

        repairs.set_aside(run, None, [row(run, 2).pk])

        run.refresh_from_db()
        assert run.new_waves == [NewWave(date(2021, 1, 15), "Janvier 2021")]

    def test_of_the_same_month_as_another_is_named_by_its_day(self, gard):
        WaveFactory(name="Janvier 2021", effective_on=date(2021, 1, 1))

        run = prepared("Nom;Département;Vague", "PIMMS Nîmes;30;15/01/2021")

        assert run.new_waves == [NewWave(date(2021, 1, 15), "15 janvier 2021")]

    def test_labels_the_lines_marked_with_an_asterisk(self, gard):
        wave = WaveFactory()

        run = prepared("Nom;Département", "PIMMS Nîmes*;30", "PIMMS Alès;30", wave=wave)

        assert run.rows.marked_new().count() == 1
        assert row(run, 2).after["name"] == "PIMMS Nîmes"
        assert row(run, 2).after["wave_id"] == wave.pk
        assert "wave_id" not in row(run, 3).after


class TestOurOwnDownload:
    HEADINGS = "Nom;Département;Commune;Clé (ne pas modifier);Version (ne pas modifier)"

    def test_come_back_untouched_changes_nothing(self, gard):
        site = SiteFactory(name="PIMMS Nîmes", commune="Nîmes")

        run = prepared(self.HEADINGS, f"PIMMS Nîmes;Gard;Nîmes;site-{site.pk};1")

        assert states(run) == {2: "unchanged"}
        assert row(run, 2).matched_by == "key"

    def test_finds_the_record_under_its_new_name(self, gard):
        site = SiteFactory(name="PIMMS Nîmes")

        run = prepared(self.HEADINGS, f"PIMMS Nîmes Ouest;Gard;;site-{site.pk};1")

        assert row(run, 2).after == {"name": "PIMMS Nîmes Ouest"}

    def test_leaves_what_somebody_changed_since(self, gard):
        site = SiteFactory(name="PIMMS Nîmes", commune="Nîmes")
        site.commune = "Alès"
        site.save()

        run = prepared(self.HEADINGS, f"PIMMS Nîmes;Gard;Nîmes;site-{site.pk};1")

        assert states(run) == {2: "unchanged"}

    def test_shows_the_three_values_where_both_changed_one(self, gard):
        site = SiteFactory(name="PIMMS Nîmes", commune="Nîmes")
        site.commune = "Alès"
        site.save()

        run = prepared(self.HEADINGS, f"PIMMS Nîmes;Gard;Uzès;site-{site.pk};1")

        assert reasons(run, 2) == [
            (
                "Une autre personne a modifié cette valeur depuis le téléchargement\u00a0: "
                "«\u00a0Nîmes\u00a0» alors, «\u00a0Alès\u00a0» aujourd’hui, «\u00a0Uzès\u00a0» "
                "dans le fichier. Gardez la nôtre, ou prenez la valeur du fichier."
            )
        ]

    def test_never_overwrites_where_it_is_not_known_what_was_downloaded(self, gard):
        site = SiteFactory(name="PIMMS Nîmes", commune="Nîmes")
        site.commune = "Alès"
        site.save()
        site.history.filter(version=1).delete()

        run = prepared(self.HEADINGS, f"PIMMS Nîmes;Gard;Nîmes;site-{site.pk};1")

        assert reasons(run, 2) == [
            (
                "Cette fiche a été modifiée depuis le téléchargement\u00a0: "
                "«\u00a0Alès\u00a0» aujourd’hui, «\u00a0Nîmes\u00a0» dans le fichier. "
                "Gardez la nôtre, ou prenez la valeur du fichier."
            )
        ]

    def test_fills_what_is_empty_even_where_that_is_not_known(self, gard):
        site = SiteFactory(name="PIMMS Nîmes")
        site.postcode = "30000"
        site.save()
        site.history.filter(version=1).delete()

        run = prepared(self.HEADINGS, f"PIMMS Nîmes;Gard;Nîmes;site-{site.pk};1")

        assert (row(run, 2).state, row(run, 2).after) == ("changed", {"commune": "Nîmes"})

    def test_of_a_record_that_is_gone_says_so(self, gard):
        run = prepared(self.HEADINGS, "PIMMS Nîmes;Gard;;site-404;1")

        assert reasons(run, 2) == [
            (
                "Cette fiche n’existe plus. Videz cette cellule pour en créer une autre, ou mettez "
                "la ligne de côté."
            )
        ]


class TestAFile:
    def test_that_is_not_understood_leaves_nothing(self, db):
        """R10."""
        with pytest.raises(HeadingsError):
            prepared("un;deux", "trois;quatre")

        assert not ImportRun.objects.exists()

    def test_that_is_not_read_leaves_nothing(self, db):
        with pytest.raises(ReadingError):
            preparation.prepare(b"\x89PNG....", name="photo.png")

        assert not ImportRun.objects.exists()

    def test_is_read_from_the_first_visible_sheet_with_a_table(self, gard):
        data = sheets.write(
            "xlsx",
            [
                sheets.Table("Lisez-moi", [sheets.Column("Bonjour à tous")], [["Merci"]]),
                sheets.Table(
                    "Sites",
                    [sheets.Column("Nom"), sheets.Column("Département")],
                    [["PIMMS Nîmes", "Gard"]],
                ),
            ],
        )

        run = preparation.prepare(data, name="sites.xlsx")

        assert run.sheet == "Sites"
        assert [sheet.name for sheet in run.sheets] == ["Lisez-moi", "Sites"]
        assert states(run) == {2: "new"}

    def test_is_read_from_the_first_sheet_that_is_understood(self, gard):
        persons = [sheets.Column(name) for name in ("Nom", "Adresse", "Commune")]
        columns = [sheets.Column("Nom"), sheets.Column("Département")]
        first = sheets.Table("Contacts", persons, [["Prénom Nom", "1 rue", "Nîmes"]])
        second = sheets.Table("Sites", columns, [["PIMMS Nîmes", "Gard"]])

        both = preparation.prepare(sheets.write("xlsx", [first, second]), name="sites.xlsx")
        alone = preparation.prepare(sheets.write("xlsx", [first]), name="sites.xlsx")

        assert (both.sheet, both.problems) == ("Sites", [])
        assert (alone.sheet, len(alone.problems)) == ("Contacts", 1)

    def test_names_the_other_sheets_that_hold_a_list(self, gard):
        columns = [sheets.Column("Nom"), sheets.Column("Département")]
        tables = [
            sheets.Table("2020", columns, [["PIMMS Nîmes", "Gard"]]),
            sheets.Table("Notes", [sheets.Column("Nom"), sheets.Column("Tél")], [["Ana", "01"]]),
            sheets.Table("2024", columns, [["PIMMS Nîmes", "Gard"], ["PIMMS Alès", "Gard"]]),
        ]

        run = preparation.prepare(sheets.write("xlsx", tables), name="sites.xlsx")

        assert run.sheet == "2020"
        assert run.remarks == [
            (
                "La feuille «\u00a02024\u00a0» (2\u00a0lignes) a aussi une liste\u00a0: seule la "
                "feuille «\u00a02020\u00a0» est lue. Pour en lire une autre, choisissez-la à sa "
                "place."
            )
        ]

    def test_names_no_sheet_of_other_records(self, gard):
        SiteFactory(name="PIMMS Nîmes")

        run = preparation.prepare(write_whole_base(editor(), date(2026, 11, 27)), name="base.xlsx")

        assert "a aussi une liste" not in str(run.remarks)

    def test_is_read_from_a_sheet_that_has_lines(self, gard):
        columns = [sheets.Column("Nom"), sheets.Column("Département")]
        tables = [
            sheets.Table("Modèle", columns, []),
            sheets.Table("Sites", columns, [["PIMMS Nîmes", "Gard"]]),
        ]

        run = preparation.prepare(sheets.write("xlsx", tables), name="sites.xlsx")

        assert (run.sheet, run.remarks) == ("Sites", [])

    def test_without_the_sheet_asked_for_is_refused(self, gard):
        with pytest.raises(ImportRefused) as refused:
            prepared("Nom;Département", "PIMMS Nîmes;30", sheet="Avril")

        assert "n’a pas de feuille «\u00a0Avril\u00a0»" in str(refused.value)

    def test_remembers_what_it_was(self, gard):
        author = editor()

        run = prepared("Nom;Département", "PIMMS Nîmes;30", author=author)

        run.refresh_from_db()
        assert (run.author, run.file_name, run.status) == (author, "sites.csv", "preparing")
        assert bytes(run.content or b"") == lines("Nom;Département", "PIMMS Nîmes;30")
        assert len(run.digest) == 64

    def test_lists_the_sites_that_it_does_not_mention(self, gard):
        SiteFactory(name="PIMMS Nîmes")
        absent = SiteFactory(name="PIMMS Alès")
        SiteFactory(name="PIMMS Uzès", ended=True)

        run = prepared("Nom;Département", "PIMMS Nîmes;30")

        assert list(find_absent(run)) == [absent]

    def test_says_when_its_total_is_not_what_was_read(self, gard):
        run = prepared("Nom;Département", "PIMMS Nîmes;30", "Total;53")

        assert [str(total) for total in preparation.list_totals(run)] == [
            "Le fichier annonce 53 lignes\u202f; 1 a été lue."
        ]

    def test_counts_again_once_a_column_is_the_names(self, gard):
        run = prepared(
            "2 nouveaux;;", "N° FS;Contact;Département", "1;PIMMS Nîmes*;30", "2;PIMMS Alès*;30"
        )
        assert [str(total) for total in preparation.list_totals(run)] == [
            "Le fichier annonce 2 nouveaux\u202f; 0 porte l’astérisque."
        ]

        repairs.change_columns(run, None, {1: ("name", False)})

        run.refresh_from_db()
        assert [str(total) for total in preparation.list_totals(run)] == [
            "Le fichier annonce 2 nouveaux\u202f; 2 portent l’astérisque."
        ]

    def test_costs_the_same_queries_whatever_its_lines(self, gard):
        WaveFactory()
        prepared("Nom;Département", "PIMMS Nîmes;30")

        def queries(count: int) -> tuple[int, int]:
            content = [f"PIMMS {n};30;Automne 2020;{n}" for n in range(count)]
            with CaptureQueriesContext(connection) as captured:
                prepared("Nom;Département;Vague;Numéro France Services", *content)
            kinds = Counter("INSERT" in query["sql"] for query in captured)
            return kinds[False], kinds[True]

        (many, many_inserts), (few, few_inserts) = queries(900), queries(9)

        assert many == few
        # SQLite takes so many values at a time: some thirty lines, never one.
        assert many_inserts <= few_inserts + 900 / 10


class TestRights:
    def test_a_reader_prepares_nothing(self, gard):
        with pytest.raises(NoRight) as refused:
            prepared("Nom;Département", "PIMMS Nîmes;30", author=reader())

        assert str(refused.value) == (
            "Votre accès ne permet pas d’importer ces fiches. Demandez-le à un responsable de "
            "l’Union."
        )
        assert not ImportRun.objects.exists()

    def test_reference_data_is_not_imported(self, db):
        with pytest.raises(NoRight):
            prepared("Code INSEE;Nom", "30;Gard", model_key="department", author=editor())


class TestOtherRecords:
    def test_an_association_is_found_by_its_name(self, db):
        AssociationFactory(name="Métropole Stéphanoise")

        run = prepared("Nom", "metropole stephanoise", "Nîmes", model_key="association")

        assert states(run) == {2: "unchanged", 3: "new"}

    def test_a_wave_is_found_by_its_date(self, db):
        WaveFactory(decided_on=None)

        run = prepared(
            "Nom de la vague;Label valable à partir du;Comité de pilotage du",
            "Automne 2020;01/09/2020;30/09/2020",
            model_key="labellingwave",
        )

        assert row(run, 2).after == {"decided_on": "2020-09-30"}

    def test_a_contact_is_found_by_name_and_organisation(self, db):
        ContactFactory(name="Prénom Nom", phone="")

        run = prepared("Nom;Téléphone", "Prénom Nom;0123456789", model_key="presscontact")

        assert row(run, 2).after == {"phone": "01 23 45 67 89"}


class TestTheReleaseItself:
    def test_into_the_seeded_base_changes_nothing(self, network, release_text):
        run = preparation.prepare(pasted=release_text)

        assert run.rows.count_states() | {} == {
            "new": 0,
            "changed": 0,
            "unchanged": 53,
            "wrong": 0,
            "which": 0,
            "maybe": 0,
            "outside": 0,
            "aside": 0,
        }
        assert str(run.wave) == "Automne 2020"

    def test_into_a_base_with_geography_alone_makes_the_53_sites(self, db, release_text):
        call_command("loaddata", "geography", verbosity=0)

        run = preparation.prepare(pasted=release_text)

        assert run.rows.count_states()["new"] == 53
        assert run.rows.marked_new().count() == 13
        assert run.remarks[-1] == (
            "Le communiqué annonce la vague «\u00a0Automne 2020\u00a0», qui n’existe pas encore. "
            "Créez-la avec la date à partir de laquelle son label est valable, puis choisissez-la "
            "ici."
        )


@pytest.fixture
def release_text(db):
    """The release of October 2020, as the seed data keeps it, wrapped as its PDF's text is."""
    if not Region.objects.exists():
        call_command("loaddata", "geography", verbosity=0)
    fixture = Path(settings.BASE_DIR, "fixtures", "release_2020_10_14.json")
    rows = json.loads(fixture.read_text(encoding="utf-8"))
    (content,) = [
        row["fields"]["content"] for row in rows if row["model"] == "labelling.pressrelease"
    ]
    parts = ["COMMUNIQUE DE PRESSE", content["place_and_date"], "", content["lead"], ""]
    parts += content["paragraphs"]
    parts += ["", "Région Département Nom du PIMMS labellisé France Services"]
    region = ""
    for line in content["lines"]:
        if line["region"] != region:
            region = line["region"]
            parts.append(region)
        star = "*" if line["is_new"] else ""
        parts.append(f"{line['department']} {line['name']}{star}")
    return "\n".join([*parts, "A propos de l’Union"])


class TestAbandonedImports:
    """S19."""

    NOW = datetime(2021, 3, 1, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("days", "is_repaired", "is_kept"),
        [(0.9, False, True), (1.1, False, False), (29, True, True), (31, True, False)],
    )
    def test_are_kept_a_day_or_thirty_once_repaired(self, gard, days, is_repaired, is_kept):
        run = prepared("Nom;Département", "PIMMS Nîmes;30")
        touched = self.NOW - timedelta(days=days)
        ImportRun.objects.update(touched_at=touched, is_repaired=is_repaired)

        deleted, _ = purge(self.NOW, timedelta(days=90))

        assert deleted == (0 if is_kept else 1)
        assert ImportRun.objects.filter(pk=run.pk).exists() is is_kept

    def test_once_applied_lose_their_bytes_and_keep_their_lines(self, gard):
        run = prepared("Nom;Département", "PIMMS Nîmes;30")
        old = self.NOW - timedelta(days=91)
        ImportRun.objects.update(status="applied", applied_at=old, touched_at=old)

        deleted, forgotten = purge(self.NOW, timedelta(days=90))

        run.refresh_from_db()
        assert (deleted, forgotten) == (0, 1)
        assert run.content is None
        assert run.digest
        assert run.rows.count() == 1


CELLS = st.one_of(
    st.none(),
    st.text(max_size=12),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.dates(),
    st.sampled_from(["Nom", "Département", "Gard", "30", "x*", "01/09/2020", "Automne 2020"]),
)


class TestAnyGrid(TestCase):
    # Each example starts the process that reads workbooks.
    @hypothesis.settings(max_examples=40)
    @given(st.lists(st.lists(CELLS, min_size=1, max_size=5), max_size=8))
    def test_through_the_plan_raises_nothing_but_its_refusals(self, grid):
        """Whatever the cells: read → plan ends in lines or in a French refusal."""
        DepartmentFactory()
        table = sheets.Table(
            "Feuille", [sheets.Column("Nom"), sheets.Column("Département"), *MORE], grid
        )

        try:
            run = preparation.prepare(sheets.write("xlsx", [table]), name="x.xlsx")
        except (HeadingsError, ReadingError, ImportRefused):
            return

        for found in run.rows.all():
            assert found.state in RowState.values


MORE = [sheets.Column("Vague"), sheets.Column("Latitude"), sheets.Column("Code postal")]


class TestRepairs:
    HEADINGS = "Nom;Département;Commune"

    def test_a_value_is_replaced_on_every_line_at_once(self, isere):
        run = prepared(
            self.HEADINGS,
            *[f"PIMMS {n};Izère;" for n in range(5)],
            "PIMMS Nîmes;Ailleurs;",
            *[f"PIMMS Isère {n};Isère;" for n in range(8)],
        )
        bad = repairs.list_bad_values(run)[0]
        assert bad.position is not None

        count = repairs.replace_value(run, None, bad.position, "Izère", "Isère")

        assert (bad.value, bad.lines) == ("Izère", "lignes 2 à 6")
        assert ("Isère", "Isère") in bad.suggestions
        assert count == 5
        assert [number for number, state in states(run).items() if state == "wrong"] == [7]

    def test_a_cell_is_mended_in_place(self, gard):
        run = prepared(self.HEADINGS, "PIMMS Nîmes;Gare;")

        mended = repairs.edit_cells(run, None, row(run, 2).pk, {1: "Gard"})

        assert mended.state == "new"
        assert mended.cells == ["PIMMS Nîmes", "Gare"]
        run.refresh_from_db()
        assert run.is_repaired

    def test_a_mended_line_frees_its_twin(self, gard):
        run = prepared(self.HEADINGS, "PIMMS Nîmes;30;", "PIMMS Nîmes;30;")

        repairs.edit_cells(run, None, row(run, 3).pk, {0: "PIMMS Alès"})

        assert states(run) == {2: "new", 3: "new"}

    def test_a_line_put_aside_frees_its_twin_and_binds_it_again(self, gard):
        run = prepared(self.HEADINGS, "PIMMS Nîmes;30;", "PIMMS Nîmes;30;")

        repairs.set_aside(run, None, [row(run, 3).pk])
        assert states(run) == {2: "new", 3: "new"}

        repairs.set_aside(run, None, [row(run, 3).pk], aside=False)
        assert states(run) == {2: "wrong", 3: "wrong"}

    def test_a_column_is_given_to_another_field_or_to_none(self, gard):
        run = prepared("Nom;Département;Divers", "PIMMS Nîmes;30;Nîmes")

        repairs.change_columns(run, None, {2: ("commune", False)})
        assert row(run, 2).after["commune"] == "Nîmes"

        repairs.change_columns(run, None, {2: ("", False)})
        assert "commune" not in row(run, 2).after

    def test_an_empty_cell_empties_once_it_is_said_to(self, gard):
        SiteFactory(name="PIMMS Nîmes", commune="Nîmes")
        run = prepared(self.HEADINGS, "PIMMS Nîmes;30;")

        repairs.change_columns(run, None, {2: ("commune", True)})

        assert row(run, 2).after == {"commune": ""}

    def test_a_cell_keeps_ours_or_takes_the_files(self, gard):
        SiteFactory(name="PIMMS Nîmes", commune="Nîmes")
        run = prepared(self.HEADINGS, "PIMMS Nîmes;30;Alès")

        kept = repairs.decide(run, None, row(run, 2).pk, "commune", "ours")
        assert (kept.state, kept.after, kept.kept) == ("unchanged", {}, {"commune": "Alès"})

        taken = repairs.decide(run, None, row(run, 2).pk, "commune", "file")
        assert (taken.state, taken.after) == ("changed", {"commune": "Alès"})

    def test_a_value_refused_for_ever_is_not_proposed_again(self, gard):
        site = SiteFactory(name="PIMMS Nîmes", postcode="30000")
        content = ("Nom;Département;Code postal", "PIMMS Nîmes;30;30900")
        run = prepared(*content)

        repairs.decide(run, None, row(run, 2).pk, "postcode", "always")
        apply(run, None)

        again = prepared(*content)
        assert row(again, 2).state == "unchanged"
        assert row(again, 2).kept == {"postcode": "30900"}
        other = prepared("Nom;Département;Code postal", "PIMMS Nîmes;30;30189")
        assert row(other, 2).state == "changed"
        repairs.forget_kept_value(KeptValue.objects.of(site).get(), None)
        assert row(prepared(*content), 2).state == "changed"

    def test_a_cell_that_gives_no_value_is_refused_for_ever_too(self, gard):
        SiteFactory(name="PIMMS Nîmes", postcode="30000")
        content = ("Nom;Département;Code postal", "PIMMS Nîmes;30;trente")
        run = prepared(*content)

        repairs.decide(run, None, row(run, 2).pk, "postcode", "always")
        apply(run, None)

        again = prepared(*content)
        assert (row(again, 2).state, row(again, 2).kept) == (
            "unchanged",
            {"postcode": {"cell": "trente"}},
        )
        assert states(prepared("Nom;Département;Code postal", "PIMMS Nîmes;30;neuf")) == {
            2: "wrong"
        }

    def test_what_is_kept_for_ever_waits_for_the_import_to_be_applied(self, gard):
        SiteFactory(name="PIMMS Nîmes", postcode="30000")
        content = ("Nom;Département;Code postal", "PIMMS Nîmes;30;30900")
        kept, given_up = prepared(*content), prepared(*content)
        for run in (kept, given_up):
            repairs.decide(run, None, row(run, 2).pk, "postcode", "always")

        repairs.discard(given_up, None)
        assert not KeptValue.objects.exists()

        apply(kept, None)
        assert KeptValue.objects.get().value == "30900"

    @pytest.mark.parametrize("decision", ["file", "ours"])
    def test_what_was_kept_for_ever_is_so_no_more_once_the_import_is_applied(self, gard, decision):
        site = SiteFactory(name="PIMMS Nîmes", postcode="30000")
        KeptValue.objects.create(
            model_key="site", record_id=site.pk, field="postcode", value="30900"
        )
        run = prepared("Nom;Département;Code postal", "PIMMS Nîmes;30;30900")

        repairs.decide(run, None, row(run, 2).pk, "postcode", decision)
        assert KeptValue.objects.exists()

        apply(run, None)
        assert not KeptValue.objects.exists()

    def test_decisions_about_a_record_are_not_about_another(self, gard):
        one = SiteFactory(name="PIMMS Nîmes", postcode="30000")
        two = SiteFactory(name="PIMMS Nîmes Est", state_name="PIMMS Nîmes", postcode="30001")
        run = prepared("Nom;Département;Code postal", "PIMMS Nîmes;30;30900")
        repairs.choose_record(run, None, row(run, 2).pk, one.pk)
        repairs.decide(run, None, row(run, 2).pk, "postcode", "ours")

        repairs.choose_record(run, None, row(run, 2).pk, two.pk)

        assert row(run, 2).kept is None
        assert row(run, 2).after == {"name": "PIMMS Nîmes", "postcode": "30900"}

    def test_the_heading_that_a_person_explained_is_remembered_once_applied(self, gard):
        run = prepared("Nom;Département;Divers", "PIMMS Nîmes;30;Nîmes")
        repairs.change_columns(run, None, {2: ("commune", False)})
        apply(run, None)

        again = prepared("Nom;Département;Divers", "PIMMS Alès;30;Alès")

        assert [(c.field, c.how) for c in again.columns][2] == ("commune", "saved")

    def test_a_column_that_gives_its_field_up_is_asked_for_again(self, gard):
        from labelling.spreadsheets.runs.apply import apply

        run = prepared("Nom;Département;Intitulé exact", "x;30;PIMMS Nîmes")
        repairs.change_columns(run, None, {2: ("name", False)})
        run.refresh_from_db()
        assert run.columns[0].how == "doubled"
        assert run.columns[0].note == (
            "«\u00a0Nom\u00a0» est déjà donné par la colonne C, qui ne dit pas la même chose "
            "partout."
        )
        apply(run, None)

        again = prepared("Nom;Département", "PIMMS Alès;30")

        assert again.problems == []
        assert row(again, 2).after["name"] == "PIMMS Alès"

    def test_a_column_known_to_the_letter_is_left_out_of_one_file_alone(self, gard):
        from labelling.spreadsheets.runs.apply import apply

        run = prepared("Nom;Département;Commune", "PIMMS Nîmes;30;à vérifier")
        repairs.change_columns(run, None, {2: ("", False)})
        apply(run, None)

        again = prepared("Nom;Département;Commune", "PIMMS Alès;30;Alès")

        assert row(again, 2).after["commune"] == "Alès"

    def test_a_column_that_was_looked_at_and_left_out_is_not_asked_again(self, gard):
        from labelling.spreadsheets.runs.apply import apply

        run = prepared("Nom;Département;Divers", "PIMMS Nîmes;30;x")
        assert repairs.change_columns(run, None, {0: ("name", False), 2: ("", False)})
        assert not repairs.change_columns(run, None, {0: ("name", False), 2: ("", False)})
        apply(run, None)

        again = prepared("Nom;Département;Divers", "PIMMS Alès;30;y")

        assert (again.columns[2].how, again.columns[2].note) == (
            "saved",
            "Colonne non reprise, par choix.",
        )

    def test_of_two_columns_that_disagree_the_first_is_kept_by_saying_so(self, gard):
        run = prepared("Nom;Département;insee_dep", "PIMMS Nîmes;30;31")
        assert len(run.problems) == 1

        repairs.change_columns(run, None, {1: ("department", False), 2: ("", False)})

        run.refresh_from_db()
        assert run.problems == []
        assert row(run, 2).after["department_id"] == gard.pk

    def test_a_guess_gives_way_to_what_a_person_says(self, gard):
        run = prepared("Libellé du site;Département;Contact", "Inconnu;30;PIMMS Nîmes")
        assert (run.columns[0].level, run.columns[0].proposed) == ("proposed", "name")

        repairs.change_columns(run, None, {2: ("name", False)})

        run.refresh_from_db()
        assert run.problems == []
        assert row(run, 2).after["name"] == "PIMMS Nîmes"

    def test_what_is_said_of_the_columns_follows_them(self, gard):
        run = prepared("Nom;Département;Divers", "PIMMS Nîmes;30;x")
        assert run.remarks == ["La colonne «\u00a0Divers\u00a0» (C) n’a pas été reconnue."]

        repairs.change_columns(run, None, {2: ("commune", False)})

        run.refresh_from_db()
        assert run.remarks == []

    def test_a_form_of_columns_is_all_taken_or_not_at_all(self, gard):
        run = prepared("Nom;Département;Divers;Autre", "PIMMS Nîmes;30;Nîmes;x")

        with pytest.raises(ImportRefused):
            repairs.change_columns(run, None, {2: ("commune", False), 3: ("search_key", False)})

        run.refresh_from_db()
        assert [c.field for c in run.columns] == ["name", "department", None, None]

    def test_belong_to_whoever_prepares_the_import(self, gard):
        """S3."""
        author, other = editor(last_name="Premier"), editor(last_name="Second")
        run = prepared(self.HEADINGS, "PIMMS Nîmes;Gare;", author=author)

        with pytest.raises(NoRight) as refused:
            repairs.edit_cells(run, other, row(run, 2).pk, {1: "Gard"})
        assert str(refused.value) == (
            "Prénom Premier prépare cet import. Reprenez-le d’abord à votre nom."
        )

        repairs.take_over(run, other)
        repairs.edit_cells(run, other, row(run, 2).pk, {1: "Gard"})

        run.refresh_from_db()
        assert run.author == other
        assert [(t.former, t.new) for t in run.takeovers] == [("Prénom Premier", "Prénom Second")]

    def test_of_the_command_line_belong_to_it(self, gard):
        run = prepared(self.HEADINGS, "PIMMS Nîmes;Gare;")

        with pytest.raises(NoRight) as refused:
            repairs.set_aside(run, editor(), [row(run, 2).pk])

        assert str(refused.value) == (
            "La ligne de commande prépare cet import. Reprenez-le d’abord à votre nom."
        )

    def test_wrong_lines_go_home_as_they_came_with_their_reasons(self, gard):
        run = prepared(
            "Divers;Nom;Département", "a;PIMMS Nîmes;30", "b;PIMMS Alès;Gare", "c;PIMMS Uzès;30"
        )

        headings, wrong = list_wrong_lines(run)

        assert headings == ["Divers", "Nom", "Département"]
        assert [cells for cells, _, _ in wrong] == [["b", "PIMMS Alès", "Gare"]]
        assert wrong[0][1].startswith("«\u00a0Gare\u00a0» (colonne «\u00a0Département\u00a0»)")

    def test_a_reason_begins_with_the_column_where_there_is_no_value(self, gard):
        run = prepared("Nom;Département", "PIMMS Nîmes;")

        _, ((_, why, _),) = list_wrong_lines(run)

        assert why.startswith("Colonne «\u00a0Département\u00a0»\u00a0: ")

    @pytest.mark.parametrize(
        ("model_key", "match", "said"),
        [
            ("site", Match.KEY, "Reconnu par la clé de notre tableur"),
            ("association", Match.KEY, "Reconnue par la clé de notre tableur"),
            ("site", Match.STATE_ID, "Reconnu par son numéro France Services"),
            ("site", Match.NAME, "Reconnu par son nom, dans le même département"),
            ("presscontact", Match.NAME, "Reconnu par son nom"),
            ("association", Match.NAME, "Reconnue par son nom"),
            ("labellingwave", Match.NAME, "Reconnue par son nom ou par sa date"),
            ("site", Match.PERSON, "Choisi par une personne"),
            ("site", Match.NONE, ""),
        ],
    )
    def test_a_record_is_said_to_be_recognised(self, model_key, match, said):
        wording = RunWording(ImportRun(model_key=model_key, columns=[], new_waves=[]))

        assert wording.explain_record(ImportRow(cells=[], matched_by=match)) == said

"""Undoing: field by field, only what the import wrote and nobody touched since."""

from datetime import date

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from labelling.models import Association, ImportRow, LabellingWave, Site
from labelling.spreadsheets.runs import batches
from labelling.spreadsheets.runs.apply import LinesChanged, apply
from labelling.spreadsheets.runs.built_upon import find_built_upon
from labelling.spreadsheets.runs.rights import ImportRefused, NoRight
from labelling.spreadsheets.runs.undo import foresee, undo
from tests.factories import (
    AssociationFactory,
    DepartmentFactory,
    ReleaseFactory,
    SiteFactory,
    WaveFactory,
    editor,
    final,
    manager,
    reader,
)
from tests.spreadsheets.prepared import prepared, row

pytestmark = pytest.mark.django_db


@pytest.fixture
def gard(db):
    return DepartmentFactory()


def applied(*content: str, user=None, **options):
    run = prepared(*content, author=user, **options)
    apply(run, user)
    run.refresh_from_db()
    return run


def saved(site, **values) -> None:
    """A person's change."""
    site.refresh_from_db()
    for name, value in values.items():
        setattr(site, name, value)
    site.save()


def refused(run) -> str:
    """What is said instead of undoing."""
    with pytest.raises(ImportRefused) as refusal:
        undo(run, None)
    return str(refusal.value)


def notes() -> list[str]:
    return [*Site.objects.order_by("pk").values_list("note", flat=True)]


class TestUndoing:
    def test_gives_records_back_what_they_held(self, gard):
        site = SiteFactory(name="PIMMS Nîmes", commune="Nîmes", postcode="30000")
        run = applied("Nom;Département;Commune;Code postal", "PIMMS Nîmes;30;Alès;30100")

        done = undo(run, None)

        site.refresh_from_db()
        assert (site.commune, site.postcode, site.version) == ("Nîmes", "30000", 3)
        assert site.history.first().history_change_reason == (
            f"Annulation de l’import n°\u00a0{run.pk}"
        )
        assert str(done) == "1\u00a0fiche remise comme avant."

    def test_of_several_batches_leaves_none_out(self, gard, monkeypatch):
        monkeypatch.setattr(batches, "BATCH", 2)
        names = [f"PIMMS {n}" for n in range(5)]
        for name in names:
            SiteFactory(name=name, commune="Nîmes")
        run = applied("Nom;Département;Commune", *[f"{name};30;Alès" for name in names[::-1]])

        assert len(undo(run, None).restored) == 5
        assert set(Site.objects.values_list("commune", flat=True)) == {"Nîmes"}

    def test_deletes_the_records_and_waves_that_it_created(self, gard):
        user = manager()
        run = applied("Nom;Département;Vague", "PIMMS Nîmes;30;15/01/2021", user=user)

        done = undo(run, user)

        assert not Site.objects.exists()
        assert not LabellingWave.objects.exists()
        assert [e.history_type for e in Site.history.order_by("history_id")] == ["+", "-"]
        assert str(done) == "1\u00a0fiche supprimée."

    def test_leaves_a_value_that_somebody_changed_and_says_who(self, gard):
        site = SiteFactory(name="PIMMS Nîmes", commune="Nîmes", postcode="30000")
        run = applied("Nom;Département;Commune;Code postal", "PIMMS Nîmes;30;Alès;30100")
        site.refresh_from_db()
        site.commune = "Uzès"
        site._history_user = editor(last_name="Tiers")
        site.save()

        done = undo(run, None)

        site.refresh_from_db()
        assert (site.commune, site.postcode) == ("Uzès", "30000")
        (left,) = done.left
        assert (left.field, left.label) == ("commune", "PIMMS Nîmes")
        assert left.reason.startswith("Valeur modifiée depuis par Prénom Tiers, aujourd’hui à")

    def test_leaves_a_created_record_that_somebody_changed(self, gard):
        run = applied("Nom;Département", "PIMMS Nîmes;30")
        site = Site.objects.get()
        site.note = "Attend le préfet"
        site.save()

        done = undo(run, None)

        assert Site.objects.exists()
        assert done.left[0].reason.startswith("Fiche créée par l’import, modifiée depuis par")

    def test_leaves_a_created_record_on_which_something_was_built(self, db):
        run = prepared("Nom", "Nîmes", model_key="association")
        apply(run, None)
        association = AssociationFactory._meta.model.objects.get()
        SiteFactory(association=association)

        done = undo(run, None)

        association.refresh_from_db()
        assert [left.reason for left in done.left] == [
            "Une autre fiche s’y rattache depuis (site)."
        ]
        assert str(done) == (
            "Rien n’a pu être remis\u202f; 1\u00a0fiche ajoutée reste, car elle sert ailleurs."
        )

    def test_leaves_what_another_record_has_taken_since(self, gard):
        site = SiteFactory(name="PIMMS Nîmes", france_services_id="1")
        run = applied("Numéro France Services;Nom;Département", "1;PIMMS Alès;30")
        SiteFactory(name="PIMMS Nîmes", france_services_id="2")

        done = undo(run, None)

        site.refresh_from_db()
        assert site.name == "PIMMS Alès"
        assert [left.reason for left in done.left] == [
            "Un site de ce département porte déjà ce nom."
        ]

    def test_leaves_a_label_that_a_release_has_announced_since(self, gard):
        site = SiteFactory(name="PIMMS Nîmes", commune="Nîmes")
        run = applied("Nom;Département;Vague", "PIMMS Nîmes;30;15/01/2021")
        final(ReleaseFactory(wave=LabellingWave.objects.get()))

        done = undo(run, None)

        site.refresh_from_db()
        assert site.wave == LabellingWave.objects.get()
        assert [left.reason for left in done.left] == [
            (
                "Le label de ce site figure dans le communiqué du 14\u00a0octobre 2020\u00a0: il "
                "ne s’efface pas. Choisissez «\u00a0Mettre fin au label…\u00a0», au besoin avec "
                "le motif «\u00a0Inscrit par erreur\u00a0»."
            ),
            "Des sites ou un communiqué s’y rattachent.",
        ]
        assert str(done) == (
            "Rien n’a pu être remis\u202f; 1\u00a0fiche n’a pas retrouvé toutes ses valeurs "
            "d’avant et 1\u00a0vague ajoutée reste."
        )

    @pytest.mark.django_db(transaction=True)
    def test_leaves_what_designated_a_record_that_is_no_more(self):
        DepartmentFactory()
        former, other = AssociationFactory(name="Gard"), AssociationFactory(name="Nîmes")
        site = SiteFactory(name="PIMMS Nîmes", association=former, commune="Nîmes")
        run = applied("Nom;Département;Association membre;Commune", "PIMMS Nîmes;30;Nîmes;Alès")
        former.delete()

        done = undo(run, None)

        site.refresh_from_db()
        assert (site.association, site.commune) == (other, "Nîmes")
        assert [(left.field, left.reason) for left in done.left] == [
            ("association_id", "La fiche que cette valeur désignait a été supprimée depuis.")
        ]

    @pytest.mark.django_db(transaction=True)
    def test_deletes_a_wave_that_another_import_had_chosen(self):
        DepartmentFactory()
        run = applied(
            "Nom de la vague;Label valable à partir du",
            "Automne 2021;01/09/2021",
            model_key="labellingwave",
        )
        wave = LabellingWave.objects.get()
        other = prepared("Nom;Département", "PIMMS Nîmes*;30", wave=wave)

        undo(run, None)

        other.refresh_from_db()
        assert other.wave is None
        assert not LabellingWave.objects.exists()

    def test_names_the_import_that_wrote_after_it(self, gard):
        site = SiteFactory(name="PIMMS Nîmes", commune="Nîmes")
        run = applied("Nom;Département;Commune", "PIMMS Nîmes;30;Alès")
        saved(site, commune="Vauvert")
        later = applied("Nom;Département;Commune", "PIMMS Nîmes;30;Uzès")

        (left,) = undo(run, None).left

        assert left.reason.startswith(
            f"Valeur modifiée depuis par l’import n°\u00a0{later.pk}, aujourd’hui à"
        )

    def test_names_the_undo_that_wrote_after_it(self, gard):
        run = applied("Nom;Département;Commune", "PIMMS Nîmes;30;Alès")
        saved(Site.objects.get(), commune="Vauvert")
        later = applied("Nom;Département;Code postal", "PIMMS Nîmes;30;30600")
        undo(later, None)

        (left,) = undo(run, None).left

        assert left.reason.startswith(
            "Fiche créée par l’import, modifiée depuis par l’annulation de l’import "
            f"n°\u00a0{later.pk}, aujourd’hui à"
        )

    def test_writes_down_what_it_left(self, gard):
        run = applied("Nom;Département", "PIMMS Nîmes;30")
        Site.objects.get().delete()

        done = undo(run, None)

        assert str(done) == ("Rien n’a pu être remis\u202f; 1\u00a0fiche a été supprimée depuis.")
        run.refresh_from_db()
        assert run.status == "undone"
        assert [left.reason for left in run.left] == ["Cette fiche a déjà été supprimée."]


NOTES = "Nom;Département;Note interne"


class TestWavesOfAnImport:
    def test_all_go_with_it(self, gard):
        headings = "Nom;Département;Labellisé le"
        run = applied(headings, "PIMMS Nîmes;30;01/04/2021", "PIMMS Uzès;30;01/07/2021")
        assert LabellingWave.objects.count() == 2

        assert undo(run, None).left == []

        assert not LabellingWave.objects.exists()
        assert not Site.objects.exists()


class TestWhatAnOlderVersionWrote:
    """Its ledger and its history hold what nobody sees; the records no longer do."""

    def test_in_a_record_is_put_back(self, gard):
        site = SiteFactory(name="PIMMS Nîmes", note="avant")
        run = applied(NOTES, "PIMMS Nîmes;30;après")
        ImportRow.objects.filter(run=run).update(
            before={"note": "a\u00advant"}, after={"note": "ap\u00adrès"}
        )
        site.refresh_from_db()
        site.commune = "Nîmes"  # A later version of it, as the migration makes one.
        site.save()

        undoing = undo(run, None)

        site.refresh_from_db()
        assert (site.note, undoing.left) == ("avant", [])

    def test_as_a_record_goes_with_it(self, gard):
        run = applied(NOTES, "PIMMS Nîmes;30;après")
        site = Site.objects.get()
        site.history.update(note="ap\u00adrès")
        QuerySet(Site).update(version=2)

        undoing = undo(run, None)

        assert undoing.left == []
        assert not Site.objects.exists()

    def test_under_a_later_import_is_undone_after_it(self, gard):
        SiteFactory(name="PIMMS Nîmes")
        one, two = (applied(NOTES, f"PIMMS Nîmes;30;{note}") for note in ("un", "deux"))
        ImportRow.objects.filter(run=one).update(after={"note": "u\u00adn"})
        ImportRow.objects.filter(run=two).update(before={"note": "un\u200b"})

        assert str(two.pk) in refused(one)


class TestOutOfOrder:
    """R32: no value of an import that was undone stays, whatever was undone before it."""

    def test_is_refused_naming_what_to_undo_first(self, gard):
        names = [f"PIMMS {n}" for n in range(5)]
        for name in names:
            SiteFactory(name=name)
        one = applied(NOTES, *[f"{name};30;un" for name in names])
        two = applied(NOTES, *[f"{name};30;deux" for name in names])

        said = refused(one)

        assert said == (
            f"L’import n°\u00a0{two.pk} s’appuie sur celui-ci\u00a0: annulez-le d’abord. "
            "Rien n’a été annulé."
        )
        one.refresh_from_db()
        assert (one.status, one.left) == ("applied", [])
        assert set(notes()) == {"deux"}
        undo(two, None)
        assert set(notes()) == {"un"}
        undo(one, None)
        assert set(notes()) == {""}

    def test_is_refused_where_a_part_of_it_was_written_over(self, gard):
        SiteFactory(name="PIMMS Nîmes")
        SiteFactory(name="PIMMS Uzès")
        one = applied(NOTES, "PIMMS Nîmes;30;un", "PIMMS Uzès;30;un")
        two = applied(NOTES, "PIMMS Nîmes;30;deux")

        refused(one)

        assert sorted(notes()) == ["deux", "un"]
        assert undo(two, None).left == undo(one, None).left == []
        assert set(notes()) == {""}

    def test_names_a_chain_from_the_last(self, gard):
        SiteFactory(name="PIMMS Nîmes")
        one, two, three = (applied(NOTES, f"PIMMS Nîmes;30;{note}") for note in "abc")

        assert refused(one) == (
            f"Les imports n°\u00a0{three.pk} et n°\u00a0{two.pk} s’appuient sur celui-ci\u00a0: "
            "annulez-les d’abord, dans cet ordre. Rien n’a été annulé."
        )
        assert refused(two).startswith(f"L’import n°\u00a0{three.pk} s’appuie")
        for run in (three, two, one):
            assert undo(run, None).left == []
        assert notes() == [""]

    def test_names_no_more_than_a_sentence_holds(self, gard):
        SiteFactory(name="PIMMS Nîmes")
        first, *_ = [applied(NOTES, f"PIMMS Nîmes;30;{n}") for n in range(13)]

        said = refused(first)

        assert said.count("n°") == 10
        assert " et 2\u00a0autres s’appuient sur celui-ci" in said

    def test_looks_through_a_value_that_came_back(self, gard):
        SiteFactory(name="PIMMS Nîmes")
        one, two, three = (applied(NOTES, f"PIMMS Nîmes;30;{note}") for note in "aba")

        said = refused(one)

        assert f"n°\u00a0{three.pk} et n°\u00a0{two.pk}" in said

    def test_is_allowed_once_the_later_import_is_undone(self, gard):
        SiteFactory(name="PIMMS Nîmes", note="avant")
        one = applied(NOTES, "PIMMS Nîmes;30;un")
        undo(applied(NOTES, "PIMMS Nîmes;30;deux"), None)

        assert undo(one, None).left == []
        assert notes() == ["avant"]

    def test_is_allowed_where_a_person_wrote_again_what_an_undone_import_had(self, gard):
        site = SiteFactory(name="PIMMS Nîmes")
        one = applied(NOTES, "PIMMS Nîmes;30;un")
        undo(applied(NOTES, "PIMMS Nîmes;30;deux"), None)
        saved(site, note="deux")

        (left,) = undo(one, None).left

        assert left.reason.startswith("Valeur modifiée depuis par")
        assert notes() == ["deux"]

    def test_blames_no_earlier_import_for_what_a_person_wrote_again(self, gard):
        site = SiteFactory(name="PIMMS Nîmes", note="un")
        applied(NOTES, "PIMMS Nîmes;30;zéro")
        saved(site, note="x")
        one = applied(NOTES, "PIMMS Nîmes;30;un")
        saved(site, note="zéro")
        applied("Nom;Département;Code postal", "PIMMS Nîmes;30;30900")

        (left,) = undo(one, None).left

        assert left.reason.startswith("Valeur modifiée depuis par")

    def test_blames_no_earlier_import_for_a_name_that_a_person_took(self, gard):
        lozere = DepartmentFactory(code="48", name="Lozère")
        SiteFactory(name="PIMMS Nîmes", france_services_id="1")
        applied("Numéro France Services;Nom;Département", "2;PIMMS Nîmes;48")
        one = applied("Numéro France Services;Nom;Département", "1;PIMMS Alès;30")
        saved(Site.objects.get(department=lozere), department=gard)

        (left,) = undo(one, None).left

        assert left.reason == "Un site de ce département porte déjà ce nom."

    def test_is_allowed_where_the_later_import_wrote_other_fields(self, gard):
        SiteFactory(name="PIMMS Nîmes", postcode="30000")
        one = applied(NOTES, "PIMMS Nîmes;30;un")
        two = applied("Nom;Département;Code postal", "PIMMS Nîmes;30;30900")

        assert undo(one, None).left == []
        assert undo(two, None).left == []
        assert list(Site.objects.values_list("note", "postcode")) == [("", "30000")]

    def test_is_allowed_where_only_earlier_imports_wrote(self, gard):
        SiteFactory(name="PIMMS Nîmes")
        applied(NOTES, "PIMMS Nîmes;30;un")
        two = applied(NOTES, "PIMMS Nîmes;30;deux")

        assert undo(two, None).left == []
        assert notes() == ["un"]

    def test_keeps_what_a_person_wrote_over_the_later_import(self, gard):
        site = SiteFactory(name="PIMMS Nîmes")
        one = applied(NOTES, "PIMMS Nîmes;30;un")
        two = applied(NOTES, "PIMMS Nîmes;30;deux")
        saved(site, note="trois")

        undo(one, None)
        undo(two, None)

        assert notes() == ["trois"]

    def test_keeps_what_a_person_wrote_before_the_later_import(self, gard):
        site = SiteFactory(name="PIMMS Nîmes")
        one = applied(NOTES, "PIMMS Nîmes;30;un")
        saved(site, note="trois")
        two = applied(NOTES, "PIMMS Nîmes;30;deux")

        undo(one, None)
        undo(two, None)

        assert notes() == ["trois"]

    def test_of_records_added_by_the_first_and_changed_by_the_second(self, gard):
        one = applied("Nom;Département", "PIMMS Nîmes;30")
        two = applied(NOTES, "PIMMS Nîmes;30;deux")

        assert refused(one).startswith(f"L’import n°\u00a0{two.pk} s’appuie")
        undo(two, None)
        assert undo(one, None).left == []
        assert not Site.objects.exists()

    def test_of_records_added_and_changed_by_a_person_too_leaves_them(self, gard):
        one = applied("Nom;Département", "PIMMS Nîmes;30")
        saved(Site.objects.get(), commune="Nîmes")
        two = applied(NOTES, "PIMMS Nîmes;30;deux")

        undo(one, None)
        undo(two, None)

        assert list(Site.objects.values_list("commune", "note")) == [("Nîmes", "")]

    def test_of_records_added_by_the_first_and_given_by_the_second(self, gard):
        site = SiteFactory(name="PIMMS Alès")
        one = applied("Nom", "Gard", model_key="association")
        two = applied("Nom;Département;Association membre", "PIMMS Nîmes;30;Gard")
        three = applied("Nom;Département;Association membre", "PIMMS Alès;30;Gard")

        said = refused(one)

        assert f"n°\u00a0{three.pk} et n°\u00a0{two.pk}" in said
        for run in (three, two, one):
            assert undo(run, None).left == []
        assert list(Site.objects.all()) == [site]
        assert not Association.objects.exists()

    def test_of_records_added_by_the_first_and_given_up_by_the_second(self, gard):
        site = SiteFactory(name="PIMMS Nîmes", association=AssociationFactory(name="Lozère"))
        one = applied("Nom", "Gard", model_key="association")
        saved(site, association=Association.objects.get(name="Gard"))
        two = applied("Nom;Département;Association membre", "PIMMS Nîmes;30;Lozère")

        assert refused(one).startswith(f"L’import n°\u00a0{two.pk} s’appuie")
        undo(two, None)
        assert Site.objects.get().association.name == "Gard"

    def test_of_a_wave_created_by_the_first_and_given_by_the_second(self, gard):
        user = manager()
        SiteFactory(name="PIMMS Alès")
        one = applied("Nom;Département;Vague", "PIMMS Nîmes;30;15/01/2021", user=user)
        two = applied("Nom;Département;Vague", "PIMMS Alès;30;15/01/2021", user=user)

        assert refused(one).startswith(f"L’import n°\u00a0{two.pk} s’appuie")
        assert undo(two, None).left == undo(one, None).left == []
        assert not LabellingWave.objects.exists()

    def test_of_a_wave_that_both_created_before_they_knew_of_each_other(self, gard):
        user = manager()
        one = prepared("Nom;Département;Vague", "PIMMS Nîmes;30;15/01/2021", author=user)
        two = prepared("Nom;Département;Vague", "PIMMS Alès;30;15/01/2021", author=user)
        apply(one, user)
        apply(two, user)

        assert refused(one).startswith(f"L’import n°\u00a0{two.pk} s’appuie")
        for run in (two, one):
            run.refresh_from_db()
            assert undo(run, None).left == []
        assert not LabellingWave.objects.exists()

    def test_of_a_wave_created_by_the_first_and_changed_by_the_second(self, gard):
        one = applied("Nom;Département;Vague", "PIMMS Nîmes;30;15/01/2021")
        two = applied(
            "Nom de la vague;Label valable à partir du",
            "Vague pilote;15/01/2021",
            model_key="labellingwave",
        )

        assert refused(one).startswith(f"L’import n°\u00a0{two.pk} s’appuie")
        assert undo(two, None).left == undo(one, None).left == []
        assert not LabellingWave.objects.exists()

    def test_of_a_name_that_the_first_left_and_the_second_took(self, gard):
        SiteFactory(name="PIMMS Nîmes", france_services_id="1")
        one = applied("Numéro France Services;Nom;Département", "1;PIMMS Alès;30")
        two = applied("Numéro France Services;Nom;Département", "2;PIMMS Nîmes;30")

        assert refused(one).startswith(f"L’import n°\u00a0{two.pk} s’appuie")
        assert undo(two, None).left == undo(one, None).left == []
        assert list(Site.objects.values_list("name")) == [("PIMMS Nîmes",)]

    def test_of_a_label_that_the_second_ended(self, gard):
        wave = WaveFactory(effective_on=date(2020, 9, 1))
        SiteFactory(name="PIMMS Nîmes")
        one = applied("Nom;Département;Vague", "PIMMS Nîmes;30;01/09/2020")
        two = applied(
            "Nom;Département;N’est plus labellisé depuis le;Motif",
            "PIMMS Nîmes;30;01/03/2021;Fermeture du site",
        )

        assert refused(one).startswith(f"L’import n°\u00a0{two.pk} s’appuie")
        assert undo(two, None).left == undo(one, None).left == []
        assert list(Site.objects.values_list("wave", "withdrawn_on")) == [(None, None)]
        assert list(LabellingWave.objects.all()) == [wave]

    def test_of_a_label_that_the_second_ended_before_the_former_wave(self, gard):
        former = WaveFactory(name="Été 2021", effective_on=date(2021, 6, 1))
        WaveFactory(effective_on=date(2020, 9, 1))
        SiteFactory(name="PIMMS Nîmes", wave=former)
        one = applied("Nom;Département;Vague", "PIMMS Nîmes;30;01/09/2020")
        two = applied(
            "Nom;Département;N’est plus labellisé depuis le;Motif",
            "PIMMS Nîmes;30;01/03/2021;Fermeture du site",
        )

        assert refused(one).startswith(f"L’import n°\u00a0{two.pk} s’appuie")
        assert undo(two, None).left == undo(one, None).left == []
        assert Site.objects.get().wave == former

    def test_is_for_somebody_else_where_the_second_is(self, gard):
        user = editor()
        SiteFactory(name="PIMMS Nîmes")
        one = applied(NOTES, "PIMMS Nîmes;30;un", user=user)
        two = applied(NOTES, "PIMMS Nîmes;30;deux", "PIMMS Uzès;30;")

        assert foresee(one, user).refusal == (
            f"L’import n°\u00a0{two.pk} s’appuie sur celui-ci\u00a0: demandez à un responsable de "
            "l’annuler d’abord."
        )
        assert foresee(one, manager()).refusal.endswith("\u00a0: annulez-le d’abord.")

    def test_asks_no_more_queries_of_more_lines(self, gard):
        def queries(names: list[str]) -> int:
            for name in names:
                SiteFactory(name=f"PIMMS {name}")
            one, *_ = (
                applied(
                    NOTES, *[f"PIMMS {name};30;{note}" for name in names], f"Autre {names[0]};30;x"
                )
                for note in ("un", "deux")
            )
            with CaptureQueriesContext(connection) as captured:
                assert find_built_upon(one, None).imports
            return len(captured)

        few = queries(["a", "b"])

        assert queries([f"c{n}" for n in range(40)]) == few


class TestForeseeing:
    def test_says_what_undoing_does_and_writes_nothing(self, gard):
        site = SiteFactory(name="PIMMS Nîmes", commune="Nîmes")
        run = applied("Nom;Département;Commune", "PIMMS Nîmes;30;Alès", "PIMMS Uzès;30;")

        foreseen = foresee(run, None)

        assert foreseen.restored == {site.pk: ("PIMMS Nîmes", {"commune": "Nîmes"})}
        assert foreseen.deleted == {row(run, 3).record_id: "PIMMS Uzès"}
        assert Site.objects.count() == 2


class TestRights:
    def test_without_the_right_to_delete_what_was_created_nothing_is_undone(self, gard):
        user = editor()
        SiteFactory(name="PIMMS Alès", commune="Alès")
        run = applied("Nom;Département;Commune", "PIMMS Nîmes;30;", "PIMMS Alès;30;Uzès", user=user)

        with pytest.raises(NoRight) as refused:
            undo(run, user)

        assert str(refused.value) == (
            "Demandez à un responsable d’annuler cet import\u00a0: il a ajouté des fiches, que "
            "votre accès ne permet pas de supprimer. Rien n’a été annulé."
        )
        run.refresh_from_db()
        assert run.status == "applied"
        assert Site.objects.get(name="PIMMS Alès").commune == "Uzès"
        assert undo(run, manager()).left == []
        assert Site.objects.get().commune == "Alès"

    def test_nor_without_the_right_to_delete_the_waves_it_created(self, gard):
        user = editor()
        SiteFactory(name="PIMMS Nîmes")
        run = applied("Nom;Département;Vague", "PIMMS Nîmes;30;15/01/2021")
        assert not user.has_perm("labelling.delete_labellingwave")

        assert foresee(run, user).refusal == (
            "Demandez à un responsable d’annuler cet import\u00a0: il a créé des vagues, que votre "
            "accès ne permet pas de supprimer."
        )

    def test_the_right_to_delete_is_not_asked_of_what_stays_anyway(self, gard):
        user = editor()
        run = applied("Nom;Département", "PIMMS Nîmes;30", user=user)
        site = Site.objects.get()
        site.note = "Attend le préfet"
        site.save()

        assert str(undo(run, user)) == (
            "Rien n’a pu être remis\u202f; 1\u00a0fiche garde des valeurs plus récentes."
        )

    def test_a_reader_undoes_nothing(self, gard):
        run = applied("Nom;Département", "PIMMS Nîmes;30")

        with pytest.raises(NoRight):
            undo(run, reader())


class TestTwice:
    def test_is_refused(self, gard):
        run = applied("Nom;Département", "PIMMS Nîmes;30")
        undo(run, None)

        with pytest.raises(ImportRefused) as refused:
            undo(run, None)

        assert str(refused.value).startswith("Cet import a été annulé par la ligne de commande,")

    def test_before_applying_is_refused(self, gard):
        run = prepared("Nom;Département", "PIMMS Nîmes;30")

        with pytest.raises(ImportRefused) as refused:
            undo(run, None)

        assert str(refused.value) == (
            "Cet import n’est pas encore appliqué\u00a0: il n’y a rien à annuler."
        )


def everything() -> list[tuple]:
    """Every site without its key and version, and every wave."""
    sites = Site.objects.order_by("name").values_list(
        "name", "department__code", "wave__name", "commune", "postcode", "france_services_id"
    )
    return [*sites, *LabellingWave.objects.order_by("effective_on").values_list("name")]


NAMES = st.sampled_from(["PIMMS Nîmes", "PIMMS Uzès", "PIMMS Alès", "PIMMS Vauvert", "x"])
LINES = st.tuples(
    st.sampled_from(["", "1", "2", "3", "temp_4"]),
    NAMES,
    st.sampled_from(["30", "Gard", "", "99"]),
    st.sampled_from(["", "Automne 2020", "15/01/2021", "01/02/2021"]),
    st.sampled_from(["", "Nîmes", "Uzès"]),
    st.sampled_from(["", "30000", "3"]),
)


class TestApplyThenUndo(TestCase):
    @given(st.lists(LINES, max_size=6))
    def test_is_the_identity(self, content):
        DepartmentFactory()
        WaveFactory(effective_on=date(2020, 9, 1))
        SiteFactory(name="PIMMS Nîmes", france_services_id="1", commune="Nîmes", labelled=True)
        SiteFactory(name="PIMMS Uzès", postcode="30700")
        before = everything()
        run = prepared(
            "Numéro France Services;Nom;Département;Vague;Commune;Code postal",
            *[";".join(line) for line in content],
        )
        try:
            apply(run, None, good_lines_only=True)
        except LinesChanged:
            raise
        except ImportRefused:
            return

        done = undo(run, None)

        assert done.left == []
        assert everything() == before


# What two imports may both write: their order matters.
AFTER_AND_BEFORE = st.tuples(
    st.sampled_from(["", "1", "2", "3"]),
    st.sampled_from(["PIMMS Nîmes", "PIMMS Uzès", "PIMMS Alès"]),
    st.just("30"),
    st.sampled_from(["", "15/01/2021", "01/02/2021"]),
    st.sampled_from(["", "Nîmes", "Uzès"]),
    st.just(""),
)


class TestUndoInAnyOrder(TestCase):
    """R32, whatever the two imports are: the first undone first, or refused until the second is."""

    @settings(max_examples=50)
    @given(
        st.lists(AFTER_AND_BEFORE, min_size=1, max_size=3),
        st.lists(AFTER_AND_BEFORE, min_size=1, max_size=3),
    )
    def test_leaves_nothing_of_either(self, first, second):
        DepartmentFactory()
        SiteFactory(name="PIMMS Nîmes", france_services_id="1", commune="Nîmes")
        SiteFactory(name="PIMMS Uzès")
        before = everything()
        runs = []
        for content in (first, second):
            run = prepared(
                "Numéro France Services;Nom;Département;Vague;Commune;Code postal",
                *[";".join(line) for line in content],
            )
            try:
                apply(run, None, good_lines_only=True)
            except ImportRefused:
                return
            runs.append(run)
        one, two = runs

        try:
            left = undo(one, None).left
        except ImportRefused:
            left = undo(two, None).left + undo(one, None).left
        else:
            left += undo(two, None).left

        assert left == []
        assert everything() == before

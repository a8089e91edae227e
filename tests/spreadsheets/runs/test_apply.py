"""Applying: what the preview showed or nothing, once, with one history entry for each change."""

from collections import Counter
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from labelling.models import ImportRun, LabellingWave, Site
from labelling.spreadsheets.runs import batches, repairs
from labelling.spreadsheets.runs.apply import LinesChanged, apply
from labelling.spreadsheets.runs.rights import AlreadyApplied, ImportRefused, NoRight
from tests.factories import (
    AssociationFactory,
    DepartmentFactory,
    ReleaseFactory,
    SiteFactory,
    UserFactory,
    WaveFactory,
    editor,
    final,
)
from tests.spreadsheets.prepared import prepared, row, states

pytestmark = pytest.mark.django_db


@pytest.fixture
def gard(db):
    return DepartmentFactory()


class TestApplying:
    def test_creates_and_changes_what_the_preview_showed(self, gard):
        old = SiteFactory(name="PIMMS Nîmes", commune="Nîmes")
        run = prepared("Nom;Département;Commune", "PIMMS Nîmes;30;Alès", "PIMMS Uzès;30;Uzès")

        applied = apply(run, None)

        assert str(applied) == (
            "1\u00a0site ajouté, 1 modifié. Vous pouvez annuler cet import depuis sa page."
        )
        old.refresh_from_db()
        assert (old.commune, old.version) == ("Alès", 2)
        assert old.search_key == "pimms nimes ales"
        new = Site.objects.get(name="PIMMS Uzès")
        assert (new.sort_key, new.version, new.department) == ("pimms uzes", 1, gard)

    def test_says_what_the_database_holds(self, gard):
        """R5."""
        user = editor()
        run = prepared("Nom;Département", "PIMMS Nîmes;30", "PIMMS Uzès;30", author=user)

        applied = apply(run, user)

        run.refresh_from_db()
        assert (applied.created, applied.changed) == (Site.objects.count(), 0)
        assert (run.status, run.created_count, run.applied_by) == ("applied", 2, user)
        assert Site.history.filter(history_change_reason=run.reason).count() == 2

    def test_writes_one_history_entry_for_each_record(self, gard):
        """S20."""
        user = editor()
        old = SiteFactory(name="PIMMS Nîmes", commune="Nîmes")
        SiteFactory(name="PIMMS Alès")
        run = prepared(
            "Nom;Département;Commune",
            "PIMMS Nîmes;30;Alès",
            "PIMMS Alès;30;",
            "PIMMS Uzès;30;Uzès",
            author=user,
        )

        apply(run, user)

        entries = Site.history.filter(history_change_reason=f"Import n°\u00a0{run.pk}")
        assert sorted(entries.values_list("name", "history_type", "version", "history_user")) == [
            ("PIMMS Nîmes", "~", 2, user.pk),
            ("PIMMS Uzès", "+", 1, user.pk),
        ]
        assert old.history.count() == 2

    def test_a_second_time_changes_nothing(self, gard):
        """R9."""
        content = ("Nom;Département;Vague", "PIMMS Nîmes;30;15/01/2021", "PIMMS Uzès;30;")
        apply(prepared(*content), None)

        again = prepared(*content)

        assert states(again) == {2: "unchanged", 3: "unchanged"}
        with pytest.raises(ImportRefused) as refused:
            apply(again, None)
        assert str(refused.value) == ("Il n’y a rien à appliquer\u00a0: aucune fiche ne change.")
        assert Site.history.count() == 2

    def test_creates_the_waves_that_the_file_names(self, gard):
        run = prepared("Nom;Département;Vague", "PIMMS Nîmes;30;15/01/2021")

        apply(run, None)

        wave = LabellingWave.objects.get()
        assert (wave.name, wave.effective_on) == ("Janvier 2021", date(2021, 1, 15))
        assert wave.history.get().history_change_reason == run.reason
        assert Site.objects.get().wave == wave

    def test_notes_which_record_each_line_made(self, gard):
        run = prepared("Nom;Département", "PIMMS Nîmes;30")

        apply(run, None)

        site = Site.objects.get()
        assert row(run, 2).record_id == site.pk
        assert list(ImportRun.objects.of(site)) == [run]

    def test_costs_queries_by_batches_not_by_rows(self, gard):
        def queries(count: int, start: int) -> tuple[int, int]:
            content = [f"PIMMS {start + n};30" for n in range(count)]
            run = prepared("Nom;Département", *content)
            with CaptureQueriesContext(connection) as captured:
                apply(run, None)
            kinds = Counter("INSERT" in query["sql"] for query in captured)
            return kinds[False], kinds[True]

        (many, many_inserts), (few, few_inserts) = queries(900, 1000), queries(9, 0)

        assert many == few
        # SQLite takes so many values at a time: some thirty lines, never one.
        assert many_inserts <= few_inserts + 900 / 10

    def test_writes_the_lines_of_several_batches_in_their_order(self, gard, monkeypatch):
        monkeypatch.setattr(batches, "BATCH", 2)
        names = ["PIMMS Uzès", "PIMMS Nîmes", "PIMMS Alès", "PIMMS Sète", "PIMMS Agde"]
        run = prepared("Nom;Département", *[f"{name};30" for name in names])

        apply(run, None)

        assert list(Site.objects.order_by("pk").values_list("name", flat=True)) == names

    def test_leaves_lines_put_aside(self, gard):
        run = prepared("Nom;Département", "PIMMS Nîmes;30", "PIMMS Uzès;30")
        repairs.set_aside(run, None, [row(run, 3).pk])

        apply(run, None)

        assert Site.objects.get().name == "PIMMS Nîmes"


class TestLinesToSettle:
    def test_keep_everything_from_being_applied(self, gard):
        run = prepared("Nom;Département", "PIMMS Nîmes;30", "PIMMS Uzès;Gare")

        with pytest.raises(ImportRefused) as refused:
            apply(run, None)

        assert str(refused.value) == (
            "1\u00a0ligne attend encore une réponse. Corrigez-la, mettez-la de côté, ou "
            "appliquez seulement les lignes bonnes."
        )
        assert not Site.objects.exists()

    def test_are_left_when_the_good_ones_alone_are_wanted(self, gard):
        run = prepared("Nom;Département", "PIMMS Nîmes;30", "PIMMS Uzès;Gare")

        applied = apply(run, None, good_lines_only=True)

        assert applied.created == 1
        assert Site.objects.get().name == "PIMMS Nîmes"


class TestTwice:
    def test_is_said_and_not_done(self, gard):
        user = editor(last_name="Premier")
        run = prepared("Nom;Département", "PIMMS Nîmes;30", author=user)
        apply(run, user)

        with pytest.raises(AlreadyApplied) as refused:
            apply(run, user)

        assert str(refused.value).startswith(
            "Cet import a déjà été appliqué par Prénom Premier, aujourd’hui à"
        )
        assert str(refused.value).endswith("Rien n’a été fait deux fois.")
        assert Site.objects.count() == 1

    def test_the_same_new_sites_from_two_files_are_created_once(self, gard):
        first = prepared("Nom;Département", "PIMMS Nîmes;30")
        second = prepared("Nom;Département", "PIMMS Nîmes;30", "PIMMS Uzès;30")
        apply(first, None)

        with pytest.raises(LinesChanged) as refused:
            apply(second, None)

        assert str(refused.value) == (
            "Des fiches ont été créées ou modifiées depuis l’aperçu. Rien n’a été appliqué\u00a0: "
            "relisez la ligne 2, puis appliquez à nouveau."
        )
        assert states(second) == {2: "unchanged", 3: "new"}
        assert Site.objects.count() == 1


class TestARecordChangedSince:
    """R7."""

    def test_stops_everything_and_its_line_is_shown_again(self, gard):
        site = SiteFactory(name="PIMMS Nîmes", commune="Nîmes")
        SiteFactory(name="PIMMS Uzès", commune="Uzès")
        run = prepared("Nom;Département;Commune", "PIMMS Nîmes;30;Alès", "PIMMS Uzès;30;Alès")
        site.commune = "Bagnols"
        site.save()

        with pytest.raises(LinesChanged) as refused:
            apply(run, None)

        assert str(refused.value) == (
            "Des fiches ont été créées ou modifiées depuis l’aperçu. Rien n’a été appliqué\u00a0: "
            "relisez la ligne 2, puis appliquez à nouveau."
        )
        assert sorted(Site.objects.values_list("commune", flat=True)) == ["Bagnols", "Uzès"]
        assert row(run, 2).before == {"commune": "Bagnols"}
        assert row(run, 2).version == 2

    @pytest.mark.parametrize("changed", range(12))
    def test_is_noticed_whatever_its_place_in_several_batches(self, changed, gard, monkeypatch):
        monkeypatch.setattr(batches, "BATCH", 1)
        sites = [SiteFactory(name=f"PIMMS {number:02}") for number in range(12)]
        content = [f"{site.name};30;Alès" for site in reversed(sites)]
        run = prepared("Nom;Département;Commune", *content)
        sites[changed].note = "Lu"
        sites[changed].save()

        with pytest.raises(LinesChanged) as refused:
            apply(run, None)

        assert refused.value.numbers == [13 - changed]

    def test_that_leaves_nothing_to_apply_is_not_to_be_applied_again(self, gard):
        site = SiteFactory(name="PIMMS Nîmes", commune="Nîmes")
        run = prepared("Nom;Département;Commune", "PIMMS Nîmes;30;Alès")
        site.commune = "Alès"
        site.save()

        with pytest.raises(LinesChanged) as refused:
            apply(run, None)

        assert str(refused.value) == (
            "Des fiches ont été créées ou modifiées depuis l’aperçu. Rien n’a été appliqué\u00a0: "
            "relisez la ligne 2. Il n’y a plus rien à appliquer."
        )
        assert refused.value.numbers == [2]

    def test_is_applied_once_it_was_read_again(self, gard):
        site = SiteFactory(name="PIMMS Nîmes", commune="Nîmes")
        run = prepared("Nom;Département;Commune", "PIMMS Nîmes;30;Alès")
        site.commune = "Bagnols"
        site.save()
        with pytest.raises(LinesChanged):
            apply(run, None)

        apply(run, None)

        site.refresh_from_db()
        assert (site.commune, site.version) == ("Alès", 3)

    def test_is_counted_when_too_many_lines_are_to_be_read_again(self, gard):
        for number in range(21):
            SiteFactory(name=f"PIMMS {number}")
        content = [f"PIMMS {number};30;Alès" for number in range(21)]
        run = prepared("Nom;Département;Commune", *content)
        for site in Site.objects.all():
            site.note = "Lu"
            site.save()

        with pytest.raises(LinesChanged) as refused:
            apply(run, None)

        numbers = ", ".join(str(number) for number in range(2, 22))
        assert str(refused.value) == (
            "Des fiches ont été créées ou modifiées depuis l’aperçu. Rien n’a été appliqué\u00a0: "
            f"relisez les lignes {numbers} et 1\u00a0autre, puis appliquez à nouveau."
        )
        assert refused.value.numbers == []

    def test_that_a_release_announced_since_keeps_its_label(self, gard):
        wave = WaveFactory()
        site = SiteFactory(name="PIMMS Nîmes", wave=wave)
        run = prepared("Nom;Département;Vague", "PIMMS Nîmes;30;Candidat")
        final(ReleaseFactory(wave=wave))

        with pytest.raises(LinesChanged):
            apply(run, None)

        site.refresh_from_db()
        assert site.wave == wave
        assert states(run) == {2: "wrong"}

    @pytest.mark.django_db(transaction=True)
    def test_that_a_line_names_and_that_is_no_more_stops_everything(self):
        DepartmentFactory()
        association = AssociationFactory(name="Nîmes")
        run = prepared("Nom;Département;Association membre", "PIMMS Nîmes;30;Nîmes")
        association.delete()

        with pytest.raises(LinesChanged) as refused:
            apply(run, None)

        assert str(refused.value) == (
            "Des fiches ont été créées ou modifiées depuis l’aperçu. Rien n’a été appliqué\u00a0: "
            "l’aperçu a été refait, relisez-le."
        )
        assert not Site.objects.exists()
        assert states(run) == {2: "wrong"}


class TestARecordThatANewLineMayMean:
    """R7."""

    HEADINGS = "Numéro France Services;Nom;Département"

    def test_created_since_stops_everything_and_is_asked_about(self, gard):
        run = prepared(self.HEADINGS, "999;PIMMS Nîmes;30", "998;PIMMS Uzès;30")
        twin = SiteFactory(name="PIMMS Nîmes Centre")

        with pytest.raises(LinesChanged) as refused:
            apply(run, None)

        assert str(refused.value) == (
            "Des fiches ont été créées ou modifiées depuis l’aperçu. Rien n’a été appliqué\u00a0: "
            "relisez la ligne 2, puis appliquez à nouveau."
        )
        assert states(run) == {2: "which", 3: "new"}
        assert row(run, 2).candidates == [twin.pk]
        assert Site.objects.get() == twin

    def test_does_not_stop_what_a_person_called_new(self, gard):
        run = prepared(self.HEADINGS, "999;PIMMS Nîmes;30")
        repairs.choose_record(run, None, row(run, 2).pk, None)
        SiteFactory(name="PIMMS Nîmes Centre")

        applied = apply(run, None)

        assert applied.created == 1

    def test_is_looked_for_under_the_name_that_the_file_gives(self, gard):
        """A printed name made from the State's is not what the line was recognised by."""
        SiteFactory(name="PIMMS Alès", state_name="PIMMS Nîmes")
        run = prepared("Nom selon l’État;Département", "France services Pimms Nîmes;30")
        repairs.choose_record(run, None, row(run, 2).pk, None)
        assert states(run) == {2: "new"}

        applied = apply(run, None)

        assert applied.created == 1


class TestThePreviewThatAPersonRead:
    def test_is_what_is_applied(self, gard):
        run = prepared("Nom;Département", "PIMMS Nîmes;30")

        assert apply(run, None, seen=run.touched_at.isoformat()).created == 1

    def test_is_compared_with_the_one_that_is_held(self, gard):
        """A line mended between the page and the lock: `run` is still the one of the page."""
        run = prepared("Nom;Département", "PIMMS Nîmes;30")
        seen = run.touched_at.isoformat()
        repairs.edit_cells(run, None, row(run, 2).pk, {0: "PIMMS Uzès"})

        with pytest.raises(ImportRefused) as refused:
            apply(run, None, seen=seen)

        assert str(refused.value) == (
            "L’aperçu a changé depuis que cette page est ouverte. Rien n’a été appliqué\u00a0: "
            "relisez-le, puis appliquez."
        )
        assert not Site.objects.exists()


class TestRights:
    """S2: no row is written without the right to its kind of change."""

    @pytest.fixture
    def may_import(self, db):
        from django.contrib.auth.models import Permission

        def person(*actions: str):
            user = UserFactory()
            codenames = ["import_site", *actions]
            user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
            return user

        return person

    def test_changing_needs_the_right_to_change(self, gard, may_import):
        SiteFactory(name="PIMMS Nîmes", commune="Nîmes")
        user = may_import("add_site")
        run = prepared("Nom;Département;Commune", "PIMMS Nîmes;30;Alès", author=user)

        with pytest.raises(NoRight) as refused:
            apply(run, user)

        assert str(refused.value) == (
            "Votre accès ne permet pas de modifier ces fiches. Rien n’a été appliqué."
        )

    def test_adding_needs_the_right_to_add(self, gard, may_import):
        user = may_import("change_site")
        run = prepared("Nom;Département", "PIMMS Nîmes;30", author=user)

        with pytest.raises(NoRight) as refused:
            apply(run, user)

        assert str(refused.value) == (
            "Votre accès ne permet pas d’ajouter ces fiches. Rien n’a été appliqué."
        )
        assert not Site.objects.exists()

    def test_creating_a_wave_needs_its_own_right(self, gard, may_import):
        user = may_import("add_site")
        run = prepared("Nom;Département;Vague", "PIMMS Nîmes;30;15/01/2021", author=user)

        with pytest.raises(NoRight) as refused:
            apply(run, user)

        assert str(refused.value) == (
            "Votre accès ne permet pas de créer des vagues. Rien n’a été appliqué."
        )

    def test_a_preparation_is_applied_by_its_author_alone(self, gard):
        """S3."""
        author, other = editor(last_name="Premier"), editor()
        run = prepared("Nom;Département", "PIMMS Nîmes;30", author=author)

        with pytest.raises(NoRight):
            apply(run, other)

        assert not Site.objects.exists()

    def test_columns_that_nobody_may_set_are_not_written(self, gard):
        """S4."""
        site = SiteFactory(name="PIMMS Nîmes")
        run = prepared(
            "Nom;Département;version;search_key", "PIMMS Nîmes;30;1;pirate", "PIMMS Uzès;30;9;x"
        )

        apply(run, None)

        site.refresh_from_db()
        assert (site.version, site.search_key) == (1, "pimms nimes")
        assert Site.objects.get(name="PIMMS Uzès").version == 1


class TestAWholeWave:
    def test_of_marked_sites_gets_its_label(self, gard):
        wave = WaveFactory()
        run = prepared("Nom;Département", "PIMMS Nîmes*;30", "PIMMS Uzès;30", wave=wave)

        apply(run, None)

        assert list(Site.objects.new_in(wave).values_list("name", flat=True)) == ["PIMMS Nîmes"]

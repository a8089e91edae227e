"""Applying: what the preview showed or nothing, once, with one history entry for each change."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from labelling.models import ImportRun, LabellingWave, Site
from labelling.spreadsheets import repairs
from labelling.spreadsheets.apply import AlreadyApplied, LinesChanged, apply
from labelling.spreadsheets.rights import ImportRefused, NoRight
from tests.factories import DepartmentFactory, SiteFactory, UserFactory, WaveFactory, editor
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
        def queries(count: int, start: int) -> int:
            content = [f"PIMMS {start + n};30" for n in range(count)]
            run = prepared("Nom;Département", *content)
            with CaptureQueriesContext(connection) as captured:
                apply(run, None)
            return sum("INSERT" not in query["sql"] for query in captured)

        assert queries(900, 1000) == queries(9, 0)

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
            "l’aperçu a été refait, relisez-le."
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
            "La fiche de la ligne 2 a changé depuis l’aperçu. Rien n’a été appliqué\u00a0: relisez "
            "ces lignes, puis appliquez à nouveau."
        )
        assert sorted(Site.objects.values_list("commune", flat=True)) == ["Bagnols", "Uzès"]
        assert row(run, 2).before == {"commune": "Bagnols"}
        assert row(run, 2).version == 2

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

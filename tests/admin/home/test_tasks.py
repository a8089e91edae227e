"""« À faire »: what waits for whom, since when and by whom, and where its button leads."""

import re
from datetime import UTC, date, datetime
from html import unescape

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from labelling import quality, text
from labelling.models import AcceptedFinding, Department, LabellingWave, PressRelease, Site
from labelling.press_release import drafting
from labelling.press_release.corrections import compare, make_key
from labelling.spreadsheets.runs.apply import apply
from tests.conftest import signed_in
from tests.factories import (
    DepartmentFactory,
    ReleaseFactory,
    SiteFactory,
    UserFactory,
    WaveFactory,
    final,
    sent,
)
from tests.spreadsheets.prepared import prepared

pytestmark = pytest.mark.django_db


def block(client) -> str:
    page = client.get("/").text
    return page.partition('<ul class="tasks">')[2].partition("</section>")[0]


def tasks(client) -> list[str]:
    """The words of each task, its button last. Each button opens for who sees it."""
    found = block(client)
    for address in re.findall(r'<a href="(.*?)"', found):
        assert client.get(unescape(address).partition("#")[0]).status_code == 200, address
    items = [re.sub(r"<span\nclass=.*?</span>|<[^>]+>", " ", one) for one in found.split("</li>")]
    words = [" ".join(one.split(" ")) for one in items]
    return [" ".join(one.split()) for one in words if one.strip()]


def today() -> str:
    return text.long_date(timezone.localdate()).replace("\u00a0", " ")


class TestADraft:
    def test_is_to_validate_for_who_may(self, db, as_manager):
        release = ReleaseFactory()

        (task,) = tasks(as_manager)

        assert task == (
            f"Communiqué du 14 octobre 2020 Brouillon Automne 2020. Modifié le {today()}. "
            "Relire et valider"
        )
        assert f'href="/labelling/pressrelease/{release.pk}/document/"' in block(as_manager)

    def test_is_to_go_on_with_for_who_may_only_write(self, as_editor):
        release = ReleaseFactory()
        release.history.update(history_user=UserFactory(first_name="Ana", last_name="Durand"))

        (task,) = tasks(as_editor)

        assert task.endswith("par Ana Durand. Continuer le brouillon")
        assert f'href="/labelling/pressrelease/{release.pk}/change/"' in block(as_editor)

    def test_is_nothing_to_a_reader(self, as_reader):
        ReleaseFactory()

        assert "À faire" not in as_reader.get("/").text


class TestAFinalVersion:
    def test_is_to_send_for_who_may(self, as_manager):
        by = UserFactory(first_name="Ana", last_name="Durand")
        final(ReleaseFactory(), at=datetime(2020, 10, 12, 8, tzinfo=UTC), by=by)

        assert tasks(as_manager) == [
            (
                "Communiqué du 14 octobre 2020 Version définitive Automne 2020. Validé le "
                "12 octobre 2020 par Ana Durand. Marquer comme envoyé"
            )
        ]

    def test_is_nothing_to_who_may_not(self, as_editor):
        final(ReleaseFactory())

        assert tasks(as_editor) == []

    def test_is_done_once_sent(self, as_manager):
        sent(ReleaseFactory())

        assert tasks(as_manager) == []


def move_to_loire() -> None:
    for site in Site.objects.filter(name__contains="Stéphanoise"):
        site.department = Department.objects.get(code="42")
        site.save()


@pytest.fixture
def october(network) -> PressRelease:
    """The release of the network, of which the earlier waves have none to write."""
    LabellingWave.objects.exclude(releases__isnull=False).update(past_release="none")
    return PressRelease.objects.get()


class TestASentReleaseWithErrors:
    ERRORS = (
        "Communiqué du 14 octobre 2020 3 erreurs à rectifier Département – PIMMS Métropole "
        "Stéphanoise - La Cotonne, et 2 de plus. Envoyé le 14 octobre 2020. Préparer un "
        "rectificatif"
    )

    def test_is_to_rectify_once_the_records_are_corrected(self, october, as_editor):
        assert tasks(as_editor) == []
        move_to_loire()

        assert tasks(as_editor) == [self.ERRORS]
        assert f'href="/labelling/pressrelease/{october.pk}/changes/"' in block(as_editor)

    def test_is_nothing_to_a_reader(self, october, as_reader):
        move_to_loire()

        assert "À faire" not in as_reader.get("/").text

    def test_is_nothing_more_when_the_records_say_again_what_was_sent(self, october, as_editor):
        move_to_loire()
        judge(october, "error")
        assert tasks(as_editor) == [self.ERRORS]
        for site in Site.objects.filter(name__contains="Stéphanoise"):
            site.department = Department.objects.get(code="38")
            site.save()

        assert tasks(as_editor) == []

    def test_is_no_error_once_somebody_said_that_it_evolved(self, october, as_editor):
        move_to_loire()
        judge(october, "evolution")

        assert tasks(as_editor) == []

    def test_is_the_rectificatif_itself_once_it_is_prepared(self, october, as_manager):
        move_to_loire()
        judge(october, "error")
        erratum = prepare_erratum(october)

        (task,) = tasks(as_manager)
        assert task.startswith("Rectificatif du ")
        assert task.endswith("Relire et valider")
        sent(erratum, timezone.localdate())
        assert tasks(as_manager) == []

    def test_costs_nothing_once_it_is_corrected(self, october, as_editor):
        """However many were rectified, none is compared with the records again."""
        move_to_loire()
        judge(october, "evolution")
        as_editor.get("/")
        with CaptureQueriesContext(connection) as before:
            as_editor.get("/")
        judge(october, "error")
        sent(prepare_erratum(october), timezone.localdate())

        with CaptureQueriesContext(connection) as after:
            as_editor.get("/")

        # When it was judged, and when its correction was begun.
        assert len(after) == len(before) + 2


def prepare_erratum(release: PressRelease) -> PressRelease:
    """The rectificatif of what was called an error."""
    compared = compare(release)
    wrong = [d for d in compared.differences if release.verdicts.get(make_key(d)) == "error"]
    listed = compared.list_corrections(wrong)
    return drafting.prepare_erratum(release, listed, timezone.localdate())


def judge(release: PressRelease, verdict: str) -> None:
    """Say of each department that reads otherwise what its page would keep."""
    release.refresh_from_db()
    moved = [d for d in compare(release).differences if d.part == "department" and d.site]
    release.verdicts = {make_key(d): verdict for d in moved if "Stéphanoise" in d.subject}
    release._change_reason = "Différences examinées"
    release.save()


class TestAWaveWithoutRelease:
    def test_is_one_line_that_counts_the_others(self, network, as_editor):
        february = LabellingWave.objects.get(slug="fevrier-2020")

        assert tasks(as_editor) == [
            (
                "Vague Février 2020 Sans communiqué Label valable à partir du 1er février 2020. "
                "2 vagues sont sans communiqué . Préparer le communiqué"
            )
        ]
        assert f'href="/labelling/labellingwave/{february.pk}/press-release/"' in block(as_editor)

    def test_says_when_it_was_announced(self, as_editor):
        WaveFactory(announced_on=date(2020, 10, 14))

        (task,) = tasks(as_editor)

        assert "Annoncée le 14 octobre 2020. Préparer" in task

    @pytest.mark.parametrize(
        "values",
        [
            {"past_release": "none"},
            {"effective_on": date(2999, 1, 1)},
        ],
        ids=["said to have none", "to come"],
    )
    def test_is_nothing(self, as_editor, values):
        WaveFactory(**values)

        assert tasks(as_editor) == []

    def test_is_nothing_to_who_may_not_prepare_it(self, network, as_reader):
        assert "À faire" not in as_reader.get("/").text


class TestAnImportInPreparation:
    def test_is_ones_own_first(self, editor, as_editor):
        DepartmentFactory()
        own = prepared("Nom;Département", "PIMMS Nîmes;30", author=editor)
        prepared("Nom;Département", "PIMMS Uzès;30", author=UserFactory(is_superuser=True))
        apply(prepared("Nom;Département", "PIMMS Alès;30", author=editor), editor)

        first, second = tasks(as_editor)

        assert first.startswith(f"Import n° {own.pk} – sites.csv En préparation Sites, préparé par")
        assert first.endswith("Reprendre l’import")
        assert second.endswith("Voir l’import")

    def test_counts_the_lines_that_await_an_answer(self, editor, as_editor):
        DepartmentFactory()
        run = prepared(
            "Nom;Département", "PIMMS Nîmes;30", "PIMMS Uzès;Izère", "PIMMS Alès;", author=editor
        )
        run.rows.filter(number=4).update(is_aside=True)

        (task,) = tasks(as_editor)

        assert " 1 ligne attend une réponse Sites, préparé par" in task

    def test_is_nothing_to_a_reader(self, editor, as_reader):
        DepartmentFactory()
        prepared("Nom;Département", "PIMMS Nîmes;30", author=editor)

        assert "À faire" not in as_reader.get("/").text


class TestNamesToRead:
    @pytest.fixture
    def site(self) -> Site:
        """A site that the third import made, of the State's name."""
        ana = UserFactory(first_name="Ana", last_name="Durand")
        site = SiteFactory(name="PIMMS Rennes", made_name="PIMMS Rennes", state_name="Rennes")
        site.history.update(history_user=ana, history_change_reason="Import n°\u00a03")
        return site

    def test_say_which_import_made_them(self, site, as_editor):
        assert tasks(as_editor) == [
            (
                "1 nom à relire À vérifier Faits d’après ceux de l’État, le dernier par l’import "
                f"n° 3, le {today()} par Ana Durand. Relire les noms"
            )
        ]

    def test_are_nothing_once_read_nor_to_a_reader(self, site, editor, as_editor, as_reader):
        assert "À faire" not in as_reader.get("/").text
        unread = quality.list_findings(Site.objects.all(), date(2020, 10, 14), "Q004")
        quality.accept(unread, editor, "Nom relu")

        assert tasks(as_editor) == []


class TestAnExceptionThatEnded:
    @pytest.fixture
    def accepted(self, editor) -> Site:
        DepartmentFactory(code="42", name="Loire")
        site = SiteFactory(name="PIMMS Nîmes", commune_code="42218")
        findings = quality.list_findings(Site.objects.all(), date(2020, 1, 1), "Q002")
        quality.accept(findings, editor, "Vu avec la mairie", timezone.localdate())
        return site

    def end(self) -> None:
        AcceptedFinding.objects.update(until=date(2021, 3, 1))

    def test_is_told_with_who_accepted_it(self, accepted, editor, as_editor):
        assert tasks(as_editor) == []
        self.end()

        assert tasks(as_editor) == [
            (
                "PIMMS Nîmes Exception finie Le code commune dit Loire. Accepté par "
                f"{editor.get_full_name()} jusqu’au 1er mars 2021. Revoir la fiche"
            )
        ]
        anchored = f'href="/labelling/site/{accepted.pk}/change/#finding-Q002"'
        assert anchored in block(as_editor)

    def test_is_nothing_once_the_record_was_corrected(self, accepted, as_editor):
        self.end()
        accepted.commune_code = "30189"
        accepted.save()

        assert tasks(as_editor) == []

    def test_is_nothing_to_a_reader(self, accepted, as_reader):
        self.end()

        assert "À faire" not in as_reader.get("/").text


class TestTheBlock:
    def test_says_that_nothing_waits(self, as_editor):
        assert "<p>Rien ne vous attend.</p>" in as_editor.get("/").text

    def test_makes_its_first_button_the_primary_one(self, network, as_manager):
        ReleaseFactory(wave=LabellingWave.objects.get(slug="janvier-2020"))

        page = as_manager.get("/").text

        assert len(tasks(as_manager)) == 2
        assert page.partition("<dialog")[0].count("button default") == 1
        assert 'class="button default">Relire et valider' in page

    def test_folds_what_is_beyond_eight(self, editor, as_editor):
        DepartmentFactory()
        for _ in range(10):
            prepared("Nom;Département", "PIMMS Nîmes;30", author=editor)

        shown, folded = block(as_editor).split("<details")

        assert "<span>10\u00a0choses vous attendent</span>" in as_editor.get("/").text
        assert shown.count("<li>") == 8
        assert "<summary>Et 2\u00a0autres</summary>" in folded
        assert folded.count("<li>") == 2

    def test_shows_who_may_only_validate_nothing_else(self, network):
        """Nothing is offered that the person may not do."""
        person = UserFactory()
        for name in ("view_pressrelease", "validate_pressrelease", "view_labellingwave"):
            person.user_permissions.add(Permission.objects.get(codename=name))
        ReleaseFactory(wave=LabellingWave.objects.get(slug="janvier-2020"))
        move_to_loire()

        (task,) = tasks(signed_in(person))

        assert task.endswith("Relire et valider")

    def test_asks_as_many_questions_for_many_tasks_as_for_few(self, network, manager, as_manager):
        def work(number: int) -> None:
            wave = WaveFactory(name=f"Hiver {number}", effective_on=date(1980, 1, number))
            WaveFactory(name=f"Été {number}", effective_on=date(1981, 1, number))
            final(ReleaseFactory(wave=wave))
            other = WaveFactory(name=f"Mai {number}", effective_on=date(1982, 1, number))
            ReleaseFactory(wave=other)
            prepared("Nom;Département", f"PIMMS {number};30", author=manager)
            name = f"PIMMS Alès {number}"
            SiteFactory(name=name, made_name=name, commune_code="42218", labelled=True)
            findings = quality.list_findings(Site.objects.all(), date(2020, 1, 1), "Q002")
            quality.accept(findings, manager, "Vu", date(2021, 3, 1))

        work(1)
        as_manager.get("/")
        with CaptureQueriesContext(connection) as few:
            as_manager.get("/")
        for number in range(2, 12):
            work(number)
        with CaptureQueriesContext(connection) as many:
            as_manager.get("/")

        assert len(many) == len(few)

"""The home page: dated figures, each with the list that proves it, and what to look at."""

import re
from datetime import date
from html import unescape

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from labelling.admin.home.figures import count_figures
from labelling.models import LabellingWave, Site
from labelling.spreadsheets.runs.apply import apply
from labelling.spreadsheets.runs.undo import undo
from tests.admin.forms import filled
from tests.conftest import signed_in
from tests.factories import (
    DepartmentFactory,
    ReleaseFactory,
    SiteFactory,
    UserFactory,
    WaveFactory,
    final,
)
from tests.spreadsheets.prepared import prepared

BEFORE_AUTUMN = date(2020, 8, 31)
OCTOBER = date(2020, 10, 14)


class TestFigures:
    def test_of_october_2020_are_those_of_the_release(self, network):
        shown = count_figures(OCTOBER)

        assert shown.situation == "Situation arrêtée au 14\u00a0octobre 2020"
        assert (shown.labelled.count, shown.labelled.label) == (53, "sites labellisés")
        assert [(w.name, w.effective_on, w.new.count, w.total) for w in shown.waves] == [
            ("Automne 2020", "01/09/2020", 13, 53),
            ("Février 2020", "01/02/2020", 7, 40),
            ("Janvier 2020", "01/01/2020", 33, 33),
        ]

    def test_stand_at_the_day_that_is_asked_for(self, network):
        shown = count_figures(BEFORE_AUTUMN)

        assert shown.labelled.count == 40
        assert [wave.name for wave in shown.waves] == ["Février 2020", "Janvier 2020"]

    def test_list_the_regions_in_french_order(self, network):
        names = [region.label for region in count_figures(OCTOBER).regions]

        assert names == [
            "Auvergne-Rhône-Alpes",
            "Bourgogne-Franche-Comté",
            "Bretagne",
            "Centre-Val de Loire",
            "Grand Est",
            "Hauts-de-France",
            "Île-de-France",
            "Nouvelle-Aquitaine",
            "Occitanie",
        ]
        assert sum(region.count for region in count_figures(OCTOBER).regions) == 53

    def test_leave_out_the_sites_whose_label_has_ended(self, network):
        site = Site.objects.order_by("pk").first()
        site.withdrawn_on, site.withdrawal_reason = date(2021, 3, 1), "closed"
        site.save()

        assert count_figures(date(2021, 3, 1)).labelled.count == 52
        assert count_figures(date(2021, 2, 28)).labelled.count == 53

    def test_take_the_singular_for_one(self, db):
        SiteFactory(labelled=True)

        assert count_figures(OCTOBER).labelled.label == "site labellisé"

    def test_are_proved_by_the_lists_they_lead_to(self, network, as_reader):
        page = as_reader.get("/").text
        links = re.findall(r'href="(/labelling/site/\?[^"]+)">(?:<strong>)?(\d+)', page)

        counts = {
            as_reader.get(unescape(address)).context["cl"].result_count == int(count)
            for address, count in links
        }

        assert len(links) == 1 + 3 + 9
        assert counts == {True}


class TestWhatToLookAt:
    def test_names_the_record_and_the_evidence(self, network, as_reader):
        page = as_reader.get("/").text

        assert "PIMMS Métropole Stéphanoise - La Cotonne</a>" in page
        assert "Le code commune dit Loire. 42218 (Saint-Étienne)" in page
        assert "Les chiffres par porteur font 859, le total annoncé est 856." in page

    def test_says_when_there_is_nothing(self, db, as_reader):
        page = as_reader.get("/").text

        assert "<p>Rien à signaler.</p>" in page


def tasks(client) -> list[str]:
    """The words of each task, its button last."""
    block = client.get("/").text.partition('<ul class="tasks">')[2].partition("</ul>")[0]
    items = [re.sub(r"<span\nclass=.*?</span>|<[^>]+>", " ", one) for one in block.split("</li>")]
    return [words for one in items if (words := " ".join(one.split()))]


class TestWhatIsToBeDone:
    def test_is_a_draft_to_validate_then_one_that_left(self, network, as_manager):
        winter, february = LabellingWave.objects.order_by("effective_on")[:2]
        draft = ReleaseFactory(wave=winter, issued_on=date(2020, 1, 20))
        final(ReleaseFactory(wave=february, issued_on=date(2020, 2, 3)))

        assert tasks(as_manager) == [
            "Communiqué du 3 février 2020 Version définitive Février 2020 Marquer comme envoyé",
            "Communiqué du 20 janvier 2020 Brouillon Janvier 2020 Relire et valider",
        ]
        page = as_manager.get("/").text
        assert f'<a href="/labelling/pressrelease/{draft.pk}/document/" class="button">' in page
        assert page.partition("<dialog")[0].count("button default") == 1

    def test_of_a_draft_is_to_go_on_for_who_may_not_validate(self, as_editor, as_reader):
        draft = final(ReleaseFactory(wave=WaveFactory(name="Hiver", effective_on=date(2020, 1, 1))))
        draft = ReleaseFactory()

        assert tasks(as_editor) == [
            "Communiqué du 14 octobre 2020 Brouillon Automne 2020 Continuer le brouillon"
        ]
        assert f'href="/labelling/pressrelease/{draft.pk}/change/"' in as_editor.get("/").text
        assert "À faire" not in as_reader.get("/").text

    def test_is_an_import_in_preparation_ones_own_first(self, editor, as_editor):
        DepartmentFactory()
        own = prepared("Nom;Département", "PIMMS Nîmes;30", author=editor)
        prepared("Nom;Département", "PIMMS Uzès;30", author=UserFactory(is_superuser=True))
        apply(prepared("Nom;Département", "PIMMS Alès;30", author=editor), editor)

        first, second = tasks(as_editor)

        assert first.startswith(f"Import n° {own.pk} – sites.csv En préparation Sites, préparé par")
        assert first.endswith("Reprendre l’import")
        assert second.endswith("Voir l’import")

    def test_may_be_nothing(self, as_editor):
        assert "<p>Rien ne vous attend.</p>" in as_editor.get("/").text

    def test_is_counted_beyond_five(self, editor, as_editor):
        DepartmentFactory()
        for _ in range(7):
            prepared("Nom;Département", "PIMMS Nîmes;30", author=editor)

        assert len(tasks(as_editor)) == 5
        assert "<p>Et 2\u00a0autres.</p>" in as_editor.get("/").text


class TestTheListForThePress:
    def test_is_that_of_the_day_or_what_the_last_wave_brought(self, network, as_reader):
        page = as_reader.get("/").text

        menu = page.split("Liste pour la presse</summary>")[1].split("</details>")[0]
        assert re.findall(r'class="who">(.*?)<', menu) == [
            "Liste du jour\u00a0: 53\u00a0sites labellisés",
            "Automne 2020\u00a0: 13\u00a0nouveaux",
        ]
        links = re.findall(r'href="(.*?)">(.*?)<', menu)
        assert [label for _, label in links] == 2 * [
            "PDF",
            "Word",
            "Excel",
        ]
        workbook = as_reader.get(links[-1][0])
        assert workbook.headers["Content-Disposition"].startswith(
            'attachment; filename="pimms-labellises-vague-automne-2020-'
        )

    def test_is_not_for_who_may_not_download(self, network):
        person = UserFactory()
        for name in ("view_site", "view_labellingwave"):
            person.user_permissions.add(Permission.objects.get(codename=name))

        page = signed_in(person).get("/").text

        assert "sites labellisés" in page
        assert "Liste pour la presse" not in page


def changes(client) -> str:
    return re.search(r'<ul class="changes">(.*?)</ul>', client.get("/").text, re.DOTALL)[1]


class TestLatestChanges:
    def test_say_who_changed_what(self, network, client):
        client.force_login(UserFactory(first_name="Ana", last_name="Durand", is_superuser=True))
        site = Site.objects.get(name="PIMMS Nîmes")
        address = f"/labelling/site/{site.pk}/change/"
        client.post(address, filled(client.get(address), commune="Nîmes centre"))

        block = changes(client)

        assert block.count("<li>") == 1
        assert f'<a href="/labelling/site/{site.pk}/history/">PIMMS Nîmes</a>' in block
        assert "Modification par Ana Durand, " in block

    def test_leave_out_what_no_person_did(self, network, as_reader):
        page = as_reader.get("/").text

        assert "Personne n’a encore rien modifié." in page

    def test_are_eight_at_most_the_last_one_first(self, client, db):
        user = UserFactory(is_superuser=True)
        client.force_login(user)
        for number in range(9):
            site = SiteFactory(name=f"PIMMS {number}")
            site.history.update(history_user=user)
        wave = WaveFactory(name="Hiver 2021")
        wave.history.update(history_user=user)

        block = changes(client)

        names = re.findall(r'history/">(.*?)</a>', block)
        assert names == ["Hiver 2021", *(f"PIMMS {number}" for number in range(8, 1, -1))]

    def test_tell_an_import_and_its_undo_in_a_line_each(self, client, db):
        user = UserFactory(first_name="Ana", last_name="Durand", is_superuser=True)
        client.force_login(user)
        DepartmentFactory()
        run = prepared(
            "Nom;Département;Vague",
            *(f"PIMMS {number};30;15/01/2021" for number in range(9)),
            author=user,
        )
        apply(run, user)
        undo(run, user)
        site = SiteFactory(name="PIMMS Nîmes")
        site.history.update(history_user=user)

        block = changes(client)

        lines = re.findall(r"<li>(.*?) par Ana Durand, <time", block)
        told = f"Import n°\u00a0{run.pk}\u00a0: 9\u00a0fiches"
        assert lines == [
            f'<a href="/labelling/site/{site.pk}/history/">PIMMS Nîmes</a><br>Fiche créée',
            f'<a href="/labelling/importrun/{run.pk}/">{told}</a><br>Annulé',
            f'<a href="/labelling/importrun/{run.pk}/">{told}</a><br>Appliqué',
        ]

    def test_lead_a_reader_to_no_import(self, as_reader, editor):
        DepartmentFactory()
        run = prepared("Nom;Département", "PIMMS Nîmes;30", author=editor)
        apply(run, editor)

        assert f"<li>Import n°\u00a0{run.pk}\u00a0: 1\u00a0fiche<br>Appliqué" in changes(as_reader)

    def test_name_a_record_that_is_no_more(self, client, db):
        user = UserFactory(is_superuser=True)
        client.force_login(user)
        wave = WaveFactory(name="Hiver 2021")
        wave.delete()
        LabellingWave.history.update(history_user=user)

        page = client.get("/").text

        assert "<li>Hiver 2021<br>Suppression par " in page


class TestHomePage:
    def test_offers_to_add_to_who_may(self, network, as_editor, as_reader):
        assert (
            '<a href="/labelling/site/add/"\nclass="button default">Ajouter un site</a>'
            in as_editor.get("/").text
        )
        assert "/labelling/site/add/" not in as_reader.get("/").text

    def test_shows_no_figure_without_the_right_to_see_the_records(self, network, client):
        client.force_login(UserFactory())

        page = client.get("/").text

        assert "Situation arrêtée" not in page
        assert "Rien à signaler" not in page
        assert "Le code commune" not in page

    def test_asks_as_many_questions_for_many_records_as_for_few(self, network, client):
        client.force_login(UserFactory(is_superuser=True))
        ReleaseFactory(wave=LabellingWave.objects.get(slug="janvier-2020"))
        client.get("/")

        with CaptureQueriesContext(connection) as few:
            client.get("/")
        for number in range(30):
            SiteFactory(labelled=True, name=f"PIMMS {number}", commune_code="42218")
            wave = WaveFactory(name=f"Hiver {number}", effective_on=date(1980 + number, 1, 1))
            ReleaseFactory(wave=wave)
        with CaptureQueriesContext(connection) as many:
            client.get("/")

        assert len(many) == len(few)

    @pytest.mark.usefixtures("network")
    def test_dates_its_figures(self, as_reader):
        page = as_reader.get("/").text

        assert re.search(
            r'<p class="situation">Situation arrêtée au \d+(er)?\u00a0\w+ \d{4}</p>', page
        )

    def test_is_the_whole_address_of_an_application_too(self, as_reader):
        answer = as_reader.get("/labelling/")

        assert answer.status_code == 302
        assert answer["Location"] == "/"
        assert admin.site.site_header == "Réseau PIMMS"

"""The home page: dated figures, each with the list that proves it, and what to look at."""

import re
from datetime import date
from html import unescape

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext

from labelling.admin.home import count_figures
from labelling.models import LabellingWave, Site
from labelling.spreadsheets.runs.apply import apply
from labelling.spreadsheets.runs.undo import undo
from tests.admin.forms import filled
from tests.factories import DepartmentFactory, SiteFactory, UserFactory, WaveFactory
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
            '<a href="/labelling/site/add/" class="button default">Ajouter un site</a>'
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
        client.get("/")

        with CaptureQueriesContext(connection) as few:
            client.get("/")
        for number in range(30):
            SiteFactory(labelled=True, name=f"PIMMS {number}", commune_code="42218")
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

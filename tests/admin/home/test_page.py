"""The home page as a whole: what stands on it for whom, and what it asks of the base."""

from datetime import date

from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext

from labelling.models import LabellingWave
from tests.factories import (
    ReleaseFactory,
    SiteFactory,
    UserFactory,
    WaveFactory,
)


class TestWhatToLookAt:
    def test_names_the_record_and_the_evidence(self, network, as_reader):
        page = as_reader.get("/").text

        assert "PIMMS Métropole Stéphanoise - La Cotonne</a>" in page
        assert "Le code commune dit Loire. 42218 (Saint-Étienne)" in page
        assert "Les chiffres par porteur font 859, le total annoncé est 856." in page

    def test_comes_after_the_rest_of_very_many_sites(self, network, as_reader, monkeypatch):
        monkeypatch.setattr("labelling.admin.home.overview.MOST_JUDGED", 5)

        page = as_reader.get("/").text

        assert '<a href="?checked=1#home-findings">Compter ce qui est à vérifier</a>' in page
        assert "Le code commune dit Loire" not in page
        assert "Le code commune dit Loire" in as_reader.get("/?checked=1").text

    def test_is_not_to_be_asked_for_without_the_right_to_see_it(self, network, client, monkeypatch):
        monkeypatch.setattr("labelling.admin.home.overview.MOST_JUDGED", 5)
        client.force_login(UserFactory())

        assert "à vérifier" not in client.get("/").text
        assert "Le code commune" not in client.get("/?checked=1").text

    def test_says_when_there_is_nothing(self, db, as_reader):
        page = as_reader.get("/").text

        assert "<p>Rien à signaler.</p>" in page


class TestHomePage:
    def test_offers_to_add_to_who_may(self, network, as_editor, as_reader):
        assert (
            '<a href="/labelling/site/add/"\nclass="button">Ajouter un site</a>'
            in as_editor.get("/").text
        )
        assert "/labelling/site/add/" not in as_reader.get("/").text

    def test_shows_no_figure_without_the_right_to_see_the_records(self, network, client):
        client.force_login(UserFactory())

        page = client.get("/").text

        assert "France Services" not in page
        assert "Rien à signaler" not in page
        assert "Le code commune" not in page

    def test_asks_as_many_questions_for_many_records_as_for_few(self, network, client):
        client.force_login(UserFactory(is_superuser=True))
        ReleaseFactory(wave=LabellingWave.objects.get(slug="janvier-2020"))
        SiteFactory(labelled=True, name="PIMMS", commune_code="42218")
        address = "/?since=14/10/2020"
        client.get(address)

        with CaptureQueriesContext(connection) as few:
            client.get(address)
        for number in range(30):
            SiteFactory(labelled=True, name=f"PIMMS {number}", commune_code="42218")
            wave = WaveFactory(name=f"Hiver {number}", effective_on=date(1980 + number, 1, 1))
            ReleaseFactory(wave=wave)
        with CaptureQueriesContext(connection) as many:
            client.get(address)

        assert len(many) == len(few)

    def test_is_the_whole_address_of_an_application_too(self, as_reader):
        answer = as_reader.get("/labelling/")

        assert answer.status_code == 302
        assert answer["Location"] == "/"
        assert admin.site.site_header == "Réseau PIMMS"

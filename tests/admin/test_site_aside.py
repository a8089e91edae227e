"""What stands beside the form of a site: releases, the State, the latest changes."""

import re
from datetime import date
from html import unescape

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from labelling.models import PressRelease, Site
from tests.admin.forms import filled
from tests.conftest import signed_in
from tests.factories import ReleaseFactory, SiteFactory, UserFactory, WaveFactory, sent

pytestmark = pytest.mark.django_db


def aside(client, site: Site) -> dict[str, str]:
    """The words of each section beside the form, by its heading."""
    page = client.get(address(site)).text
    sections = re.findall(r'<section aria-labelledby="aside-\w+">(.*?)</section>', page, re.DOTALL)
    words = [" ".join(unescape(re.sub(r"<[^>]+>", " ", section)).split()) for section in sections]
    headings = ("Dans les communiqués", "Selon l’État", "Historique")
    assert [words.startswith(h) for words, h in zip(words, headings, strict=True)] == [True] * 3
    return {h: words.removeprefix(h).strip() for h, words in zip(headings, words, strict=True)}


def address(site: Site) -> str:
    return f"/labelling/site/{site.pk}/change/"


@pytest.fixture
def cotonne(network) -> Site:
    return Site.objects.get(name__endswith="La Cotonne")


class TestInTheReleases:
    def test_says_where_it_was_printed_and_leads_there(self, cotonne, as_reader):
        shown = aside(as_reader, cotonne)["Dans les communiqués"]

        release = PressRelease.objects.get()
        page = as_reader.get(address(cotonne)).text
        assert shown == (
            "Vague Automne 2020 Imprimé Communiqué du 14 octobre 2020 Isère, ligne 5 sur 53, "
            "nouveau"
        )
        assert f'<a href="/labelling/pressrelease/{release.pk}/document/">' in page
        assert f'<a href="/labelling/labellingwave/{cotonne.wave_id}/change/">Automne 2020' in page

    def test_says_the_name_it_was_printed_under(self, cotonne, as_reader):
        printed = cotonne.name
        cotonne.name = "PIMMS La Cotonne"
        cotonne.save()

        assert f"sous le nom « {printed} »" in aside(as_reader, cotonne)["Dans les communiqués"]

    def test_folds_all_but_the_last_three(self, as_reader):
        site = SiteFactory(name="PIMMS Nîmes", labelled=True)
        for year in range(2020, 2025):
            wave = WaveFactory(name=f"Automne {year}", effective_on=date(year, 9, 1))
            sent(ReleaseFactory(wave=wave, issued_on=date(year, 10, 14)))

        shown = aside(as_reader, site)["Dans les communiqués"]

        first, older = shown.split(" 2 plus anciens ")
        assert re.findall(r"octobre (\d{4})", first) == ["2024", "2023", "2022"]
        assert re.findall(r"octobre (\d{4})", older) == ["2021", "2020"]

    def test_says_when_there_is_none(self, as_reader):
        shown = aside(as_reader, SiteFactory())["Dans les communiqués"]

        assert shown == "Aucun communiqué validé ne le cite."

    def test_shows_no_release_nor_way_to_the_wave_to_who_may_not_see_them(self, cotonne):
        person = UserFactory()
        person.user_permissions.add(Permission.objects.get(codename="view_site"))

        client = signed_in(person)

        assert aside(client, cotonne)["Dans les communiqués"] == "Vague Automne 2020"
        assert "<dt>Vague</dt><dd>Automne 2020" in client.get(address(cotonne)).text.replace(
            "\n", ""
        )


class TestAsTheStateHasIt:
    def test_shows_what_the_record_holds_of_it(self, cotonne, as_reader):
        cotonne.state_name = "France services Pimms Médiation"
        cotonne.save()

        assert aside(as_reader, cotonne)["Selon l’État"] == (
            "Nom France services Pimms Médiation Numéro 873 Code commune 42218 "
            "Département Loire (ici : Isère)"
        )

    @pytest.mark.parametrize(
        ("code", "words"),
        [("30189", "Code commune 30189 Département Gard"), ("98735", "Code commune 98735")],
    )
    def test_names_the_department_of_the_commune(self, code, words, as_reader):
        assert aside(as_reader, SiteFactory(commune_code=code))["Selon l’État"] == words

    def test_says_when_there_is_nothing(self, as_reader):
        shown = aside(as_reader, SiteFactory())["Selon l’État"]

        assert shown == "Rien de la liste de l’État n’est encore enregistré."


class TestTheHistory:
    def test_shows_the_last_changes_and_leads_to_all(self, network, client):
        client.force_login(UserFactory(first_name="Ana", last_name="Durand", is_superuser=True))
        site = Site.objects.get(name="PIMMS Nîmes")
        opened = client.get(address(site))
        client.post(address(site), filled(opened, commune="Nîmes centre", note="Vu"))

        shown = aside(client, site)["Historique"]

        assert re.fullmatch(
            r"Modification : commune, note interne Ana Durand, .* à .* h.* "
            r"Fiche créée 14 octobre 2020 à 10 h – Communiqué du 14 octobre 2020 "
            r"Tout l’historique",
            shown,
        )
        assert (
            f'<a href="/labelling/site/{site.pk}/history/">Tout' in client.get(address(site)).text
        )

    def test_names_a_field_as_its_form_does(self, as_reader):
        site = SiteFactory()
        site.france_services_id = "4217"
        site.save()

        assert "Modification : numéro France Services" in aside(as_reader, site)["Historique"]

    def test_shows_three_of_them(self, as_reader):
        site = SiteFactory()
        for note in "abcd":
            site.note = note
            site.save()

        assert aside(as_reader, site)["Historique"].count("Modification : note interne") == 3


class TestTheColumn:
    def test_asks_as_many_questions_of_the_base_for_many_releases(self, as_reader):
        site = SiteFactory(labelled=True)

        def grow(years) -> int:
            for year in years:
                wave = WaveFactory(name=f"Automne {year}", effective_on=date(year, 9, 1))
                sent(ReleaseFactory(wave=wave, issued_on=date(year, 10, 14)))
                site.note = str(year)
                site.save()
            as_reader.get(address(site))
            with CaptureQueriesContext(connection) as captured:
                as_reader.get(address(site))
            return len(captured)

        assert grow(range(2020, 2025)) == grow(range(2025, 2040))

    def test_is_not_there_before_the_site_is(self, as_editor):
        assert "aside-" not in as_editor.get("/labelling/site/add/").text

    def test_speaks_of_what_is_stored_while_a_form_is_refused(self, as_editor):
        site = SiteFactory(state_name="France services Nîmes")

        refused = as_editor.post(
            address(site), filled(as_editor.get(address(site)), name="", state_name="Autre nom")
        )

        assert "<dd>France services Nîmes</dd>" in refused.text
        assert "<dd>Autre nom</dd>" not in refused.text

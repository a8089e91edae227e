"""« Télécharger la liste presse »: what is displayed, as far as it is labelled today."""

import csv
import io
from datetime import date
from zipfile import ZipFile

import pytest

from labelling.models import Site
from labelling.press_release.formats import FORMATS
from tests.factories import AssociationFactory, ContactFactory, SiteFactory, UserFactory

LIST = "/labelling/site/"
CSV = "/labelling/site/press-list/csv/"
TXT = "/labelling/site/press-list/txt/"


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.localdate", lambda: date(2026, 11, 23))


def said(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def lines(response) -> list[list[str]]:
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig")), delimiter=";"))


def names(response) -> list[str]:
    """What stands below the headings in the column of the names."""
    listed = [line for line in lines(response) if len(line) >= 3]
    return [line[2] for line in listed][1:]


def file_name(response) -> str:
    return response["Content-Disposition"]


def words(response) -> str:
    return " ".join(response.content.decode().split())


class TestTheButton:
    def test_offers_each_format_of_what_is_displayed(self, network, as_reader):
        page = as_reader.get(LIST, {"region": "76", "q": "nîmes"}).content.decode()

        assert "Liste pour la presse" in page
        for format in FORMATS.values():
            address = f"/labelling/site/press-list/{format.extension}/?q=n%C3%AEmes&amp;region=76"
            assert f'<a href="{address}">{format.label}</a>' in page
        everything = "/labelling/site/press-list/zip/?q=n%C3%AEmes&amp;region=76"
        assert f'<a href="{everything}">Tous, en ZIP</a>' in page

    def test_is_not_shown_to_those_who_may_not_download(self, db, client):
        person = UserFactory()
        person.user_permissions.add(permission("view_site"))
        client.force_login(person)

        assert "Liste pour la presse" not in client.get(LIST).content.decode()


class TestTheArchive:
    def test_holds_every_format_of_the_list(self, network, as_reader):
        answer = as_reader.get("/labelling/site/press-list/zip/", {"region": "76"})

        names = ZipFile(io.BytesIO(answer.content)).namelist()
        assert names == [
            f"pimms-labellises-occitanie-2026-11-23.{extension}" for extension in FORMATS
        ]


class TestTheList:
    def test_holds_the_sites_of_the_region_with_its_count(self, network, as_reader):
        answer = as_reader.get(TXT, {"region": "76"})

        assert words(answer).startswith(
            "Union nationale des PIMMS 4 PIMMS sont labellisés en Occitanie, sur 53 en France "
            "Au 23 novembre 2026, 4 PIMMS sont labellisés France Services en Occitanie, sur 53 en "
            "France. "
            "Liste des PIMMS labellisés France Services en Occitanie :"
        )
        assert "iste du jour" not in words(answer)
        assert "Situation arrêtée au 23 novembre 2026" in words(answer)
        assert file_name(answer) == (
            'attachment; filename="pimms-labellises-occitanie-2026-11-23.txt"'
        )

    def test_says_in_a_spreadsheet_too_what_it_is_a_list_of(self, network, as_reader):
        Site.objects.filter(name="PIMMS Isère - Villefontaine").update(
            commune="Villefontaine", address="1 place du Marché", postcode="38090"
        )

        answer = as_reader.get(CSV, {"region": "84", "q": "villefontaine"})

        assert [[cell.replace("\u00a0", " ") for cell in line] for line in lines(answer)] == [
            ["Union nationale des PIMMS"],
            ["Un PIMMS est labellisé en Auvergne-Rhône-Alpes (sélection), sur 53 en France"],
            [
                (
                    "Au 23 novembre 2026, un PIMMS est labellisé France Services en "
                    "Auvergne-Rhône-Alpes (sélection), sur 53 en France."
                )
            ],
            ["Situation arrêtée au 23 novembre 2026"],
            [],
            [
                "Région",
                "Département",
                "Nom du PIMMS labellisé France Services",
                "Commune",
                "Adresse",
            ],
            [
                "Auvergne-Rhône-Alpes",
                "Isère",
                "PIMMS Isère - Villefontaine",
                "Villefontaine",
                "1 place du Marché, 38090",
            ],
        ]

    def test_has_a_file_name_that_ends_with_a_whole_word(self, network, as_reader):
        filters = {"region": "84", "wave": "automne-2020", "q": "Métropole Stéphanoise"}

        answer = as_reader.get(TXT, filters)

        assert file_name(answer) == (
            "attachment; filename="
            '"pimms-labellises-auvergne-rhone-alpes-vague-automne-2020-selection-2026-11-23.txt"'
        )

    def test_is_in_printed_order(self, network, as_reader):
        answer = as_reader.get(CSV)

        regions = list(dict.fromkeys(line[0] for line in lines(answer)[6:]))
        assert len(names(answer)) == 53
        assert regions == [
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
        assert file_name(answer) == 'attachment; filename="pimms-labellises-2026-11-23.csv"'

    def test_names_every_filter_but_not_what_was_searched(self, network, as_reader):
        answer = as_reader.get(
            TXT, {"q": "Métropole", "wave": "automne-2020", "status": "labelled"}
        )

        assert (
            "7 PIMMS sont labellisés (vague : Automne 2020, sélection), sur 53 en France"
            in words(answer)
        )
        assert "« Métropole »" not in words(answer)

    @pytest.mark.parametrize(
        ("filters", "title"),
        [
            ({}, "53 PIMMS sont labellisés France Services"),
            ({"status": "labelled"}, "53 PIMMS sont labellisés France Services"),
            ({"department": "30"}, "2 PIMMS sont labellisés dans le Gard, sur 53 en France"),
            (
                {"region": "76", "department": "30"},
                "2 PIMMS sont labellisés dans le Gard, sur 53 en France",
            ),
            (
                {"region": "44", "wave": "automne-2020"},
                "Un PIMMS est labellisé dans le Grand Est (vague : Automne 2020), sur 53 en France",
            ),
        ],
    )
    def test_says_in_its_title_what_it_is(self, network, as_reader, filters, title):
        assert f"Union nationale des PIMMS {title} Au 23 novembre" in words(
            as_reader.get(TXT, filters)
        )

    def test_bears_the_contact_that_is_the_only_one_for_who_may_see_it(self, as_manager):
        SiteFactory(labelled=True)
        ContactFactory(name="Ana Durand", phone="0102030405")
        ContactFactory(name="Rémi Petit", proposed_until=date(2026, 11, 22))

        assert "Contact presse Ana Durand" in words(as_manager.get(TXT))

        ContactFactory(name="Léa Morel")
        assert "Contact presse" not in words(as_manager.get(TXT))

    def test_bears_no_contact_for_who_may_not_see_them(self, db, client):
        SiteFactory(labelled=True)
        ContactFactory(name="Ana Durand")
        person = UserFactory()
        person.user_permissions.add(permission("view_site"), permission("export_site"))
        client.force_login(person)

        assert "Contact presse" not in words(client.get(TXT))

    def test_holds_more_than_one_page(self, as_reader):
        SiteFactory.create_batch(60, labelled=True)

        answer = as_reader.get(CSV)

        assert len(names(answer)) == 60

    def test_leaves_out_what_is_not_labelled_today(self, as_reader):
        SiteFactory(name="A", labelled=True)
        SiteFactory(name="B", ended=True)
        SiteFactory(name="C")

        answer = as_reader.get(CSV)

        assert names(answer) == ["A"]

    def test_finds_each_place_in_two_queries_whatever_the_number(
        self, as_reader, django_assert_max_num_queries
    ):
        for _ in range(20):
            SiteFactory(labelled=True, association=AssociationFactory())

        with django_assert_max_num_queries(10):
            as_reader.get(CSV)

    @pytest.mark.parametrize("extension", sorted(FORMATS))
    def test_is_a_download_in_each_format(self, network, as_reader, extension):
        answer = as_reader.get(f"/labelling/site/press-list/{extension}/")

        assert answer["Content-Type"] == FORMATS[extension].media_type
        assert (
            file_name(answer) == f'attachment; filename="pimms-labellises-2026-11-23.{extension}"'
        )

    def test_that_would_be_empty_leads_back_to_the_list(self, as_reader):
        SiteFactory()

        page = as_reader.get(CSV, {"status": "candidate"}, follow=True)

        assert page.redirect_chain == [("/labelling/site/?status=candidate", 302)]
        assert said(page) == [
            (
                "Aucun des sites affichés n’est labellisé aujourd’hui : la liste presse serait "
                "vide. Effacez la recherche ou les filtres."
            )
        ]

    def test_of_an_address_that_makes_no_sense_leads_back_to_the_list(self, network, as_reader):
        page = as_reader.get(CSV, {"status": "x"}, follow=True)

        assert said(page) == ["Cette adresse ne se lit pas : voici la liste entière."]

    def test_in_an_unknown_format_is_not_found(self, network, as_reader):
        assert as_reader.get("/labelling/site/press-list/exe/").status_code == 404

    def test_is_for_reading_alone(self, network, as_reader):
        assert as_reader.post(CSV).status_code == 405


class TestRights:
    def test_seeing_the_sites_is_not_enough(self, network, client):
        person = UserFactory()
        person.user_permissions.add(permission("view_site"))
        client.force_login(person)

        assert client.get(CSV).status_code == 403

    def test_downloading_asks_for_seeing_too(self, network, client):
        person = UserFactory()
        person.user_permissions.add(permission("export_site"))
        client.force_login(person)

        assert client.get(CSV).status_code == 403


def permission(codename: str):
    from django.contrib.auth.models import Permission

    return Permission.objects.get(codename=codename, content_type__app_label="labelling")

"""« Chercher partout »: what one field finds, for whom, and what it says where it finds nothing."""

import re
from datetime import date
from html import unescape

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from labelling.models import ImportRun, merging
from labelling.press_release import drafting
from tests.conftest import signed_in
from tests.factories import (
    AssociationFactory,
    ContactFactory,
    DepartmentFactory,
    ReleaseFactory,
    SiteFactory,
    UserFactory,
    WaveFactory,
    editor,
    sent,
)

RELEASES = "/labelling/pressrelease/"

pytestmark = pytest.mark.django_db


def proposed(client: Client, query: str) -> list[tuple[str, str]]:
    """What the field proposes: the kind and the name of each."""
    return [(one["kind"], one["name"]) for one in answer(client, query)["proposals"]]


def answer(client: Client, query: str) -> dict:
    return client.get("/chercher/", {"q": query}, headers={"accept": "application/json"}).json()


def groups(client: Client, query: str) -> dict[str, list[str]]:
    """What the page shows: the names under each of its headings, which has its count."""
    page = client.get("/chercher/", {"q": query}).text
    found = {}
    for section in re.findall(r"<section.*?</section>", page, re.DOTALL):
        heading = re.search(r"<h2[^>]*>(.*?)</h2>", section)[1]
        names = re.findall(r"<li><a [^>]*>(.*?)</a>", section)
        found[re.sub("<[^>]+>", "", heading)] = [unescape(name) for name in names]
    return found


def sites_of_nimes(count: int) -> list[str]:
    return [SiteFactory(name=f"PIMMS Nîmes {number:02}").name for number in range(count)]


def import_run(author: User, **fields) -> ImportRun:
    return ImportRun.objects.create(
        author=author, digest="0" * 64, **{"model_key": "site", **fields}
    )


class TestFindsASite:
    @pytest.fixture(autouse=True)
    def site(self):
        return SiteFactory(
            name="PIMMS Métropole Stéphanoise",
            state_name="Maison de Bellevue",
            commune="Saint-Étienne",
            postcode="42100",
            commune_code="42218",
            address="12 rue des Héros",
            france_services_id="4217",
            association=AssociationFactory(name="Forez solidaire"),
            department=DepartmentFactory(code="42", name="Loire"),
        )

    @pytest.mark.parametrize(
        "query",
        [
            "stephanoise",
            "STÉPHANOISE",
            "stéph",
            "metropole pimms",
            "etienne saint",
            "bellevue",
            "42100",
            "4217",
            "forez",
            "loire",
            "occit",
            "« stéphanoise »\u00a0!",
            "stéphanoise\x00",
            "heros",
            "42218",
        ],
    )
    def test_by_any_word_of_it(self, query, as_reader):
        assert ("Site", "PIMMS Métropole Stéphanoise") in proposed(as_reader, query)

    def test_and_tells_it_apart(self, site, as_reader):
        site.wave = WaveFactory()
        site.save()

        (one,) = answer(as_reader, "stephanoise")["proposals"]

        assert one == {
            "name": "PIMMS Métropole Stéphanoise",
            "kind": "Site",
            "facts": "Saint-Étienne · Loire · Automne 2020 · Labellisé",
            "address": f"/labelling/site/{site.pk}/change/",
        }


class TestFindsTheRest:
    def test_an_association_with_its_sites(self, as_reader):
        association = AssociationFactory(name="Nîmes")
        SiteFactory(labelled=True, association=association)

        (one,) = [a for a in answer(as_reader, "nimes")["proposals"] if a["kind"] != "Site"]

        assert one == {
            "name": "Nîmes",
            "kind": "Association",
            "facts": "1\u00a0site labellisé",
            "address": f"/labelling/association/{association.pk}/change/",
        }

    def test_a_wave_then_its_release(self, as_reader):
        release = sent(ReleaseFactory())

        found = answer(as_reader, "2020 automne")["proposals"]

        assert [(one["kind"], one["facts"]) for one in found] == [
            ("Vague", "Label valable à partir du 1er\u00a0septembre 2020"),
            ("Communiqué", "Automne 2020 · Envoyé le 14\u00a0octobre 2020"),
        ]
        assert found[1]["address"] == f"/labelling/pressrelease/{release.pk}/document/"

    @pytest.mark.parametrize(
        "query",
        ["communiqué", "14 octobre", "octobre 2020", "14/10/2020", "communique du 14 octobre"],
    )
    def test_a_release_by_the_name_that_pages_give_it(self, query, as_reader):
        ReleaseFactory(issued_on=date(2020, 10, 14))

        assert ("Communiqué", "Communiqué du 14\u00a0octobre 2020") in proposed(as_reader, query)
        assert as_reader.get(RELEASES, {"q": query}).context["cl"].result_count == 1

    def test_a_draft_by_a_title_that_follows_from_the_records(self, as_reader):
        draft = ReleaseFactory(issued_on=date(2020, 10, 14))
        other = ReleaseFactory(
            wave=WaveFactory(name="Hiver 2021", effective_on=date(2021, 1, 1)),
            own_title="Un titre écrit",
        )
        SiteFactory.create_batch(12, wave=draft.wave)
        assert proposed(as_reader, "12 pimms obtien labellisation") == [
            ("Communiqué", "Communiqué du 14\u00a0octobre 2020")
        ]
        listed = as_reader.get(RELEASES, {"q": "obtiennent octobre"}).context["cl"]
        assert [*listed.result_list] == [draft]
        # As the records have it now.
        SiteFactory(wave=draft.wave)
        assert proposed(as_reader, "12 pimms obtien") == []
        assert len(proposed(as_reader, "13 pimms obtien")) == 1
        listed = as_reader.get(RELEASES, {"q": "titre écrit"}).context["cl"]
        assert [*listed.result_list] == [other]

    def test_a_rectificatif_by_what_it_is(self, as_reader):
        drafting.prepare_erratum(sent(ReleaseFactory()), [], date(2022, 1, 20))

        assert [name for _, name in proposed(as_reader, "rectificatif janvier 2022")] == [
            "Rectificatif du 20\u00a0janvier 2022"
        ]

    @pytest.mark.parametrize("query", ["06 78", "0678", "zoe.petit@pimms", "pimms.org"])
    def test_a_contact_by_what_they_are_called_at(self, query, as_editor, as_reader):
        ContactFactory(name="Zoé Petit", phone="06 78 12 34 56", email="zoe.petit@pimms.org")

        assert proposed(as_editor, query) == [("Contact presse", "Zoé Petit")]
        assert proposed(as_reader, query) == []

    def test_a_site_by_the_name_of_the_record_that_went_into_it(self, as_reader):
        department = DepartmentFactory()
        stays = SiteFactory(name="PIMMS Nîmes", department=department)
        merging.merge(stays, SiteFactory(name="Ancien relais", department=department))

        assert proposed(as_reader, "ancien relais") == [("Site", "PIMMS Nîmes")]
        assert proposed(as_reader, "nouveau relais") == []
        assert as_reader.get("/labelling/site/", {"q": "relais"}).context["cl"].result_count == 1

    def test_a_contact(self, as_editor):
        ContactFactory(name="Zoé Petit", role="Déléguée", organisation="Union")

        (one,) = answer(as_editor, "petit zoe")["proposals"]

        assert (one["kind"], one["facts"]) == ("Contact presse", "Déléguée · Union")

    @pytest.mark.parametrize("query", ["comite", "etat_2024", "durand ana", "liste 1000123"])
    def test_an_import_by_its_file_or_who_brought_it(self, query, as_editor):
        ana = UserFactory(first_name="Ana", last_name="Durand")
        run = import_run(ana, pk=1_000_123, file_name="Liste Comité_État_2024.xlsx")

        (one,) = answer(as_editor, query)["proposals"]

        assert (one["kind"], one["name"]) == ("Import", str(run))
        assert one["facts"].startswith("Liste Comité_État_2024.xlsx · Ana Durand, le ")
        assert one["facts"].endswith(" · En préparation")

    def test_the_import_of_a_number_before_those_that_hold_it(self, as_editor, editor):
        first = import_run(editor, pk=1_000_123)
        import_run(editor, pk=1_000_124, file_name="1000123 bis.csv")

        assert proposed(as_editor, "1000123")[0] == ("Import", str(first))

    def test_the_name_that_begins_with_it_first(self, as_reader):
        site = SiteFactory(name="PIMMS Nîmes")
        association = AssociationFactory(name="Nîmes")

        assert proposed(as_reader, "nîmes") == [
            ("Association", association.name),
            ("Site", site.name),
        ]


class TestRights:
    """S30."""

    def test_hint_at_nothing_that_one_may_not_open(self, as_reader, editor):
        ContactFactory(name="Zoé Petit")
        import_run(editor, file_name="Zoé.xlsx")

        assert answer(as_reader, "zoe") == {
            "proposals": [],
            "said": "Rien ne correspond à «\u00a0zoe\u00a0». Essayez un mot plus court.",
        }
        assert groups(as_reader, "zoe") == {}

    def test_of_an_import_are_those_on_its_records(self, editor):
        person = UserFactory()
        person.user_permissions.set(
            Permission.objects.filter(codename__in=("import_site", "change_site", "view_site"))
        )
        import_run(editor, file_name="Sites du comité.xlsx")
        import_run(editor, file_name="Contacts du comité.xlsx", model_key="presscontact")

        (one,) = answer(signed_in(person), "comité")["proposals"]

        assert one["facts"].startswith("Sites du comité.xlsx")

    def test_without_any_there_is_no_field(self, client, as_reader):
        client.force_login(UserFactory())

        assert "Chercher partout" not in client.get("/").text
        assert "Chercher partout" in as_reader.get("/").text


class TestTheTenBest:
    def test_are_ten(self, as_reader):
        sites_of_nimes(12)

        found = answer(as_reader, "nimes")

        assert len(found["proposals"]) == 10
        assert found["said"] == "Les 10 premiers résultats. Entrée\u00a0: tous les résultats."

    def test_are_counted_where_they_are_all(self, as_reader):
        SiteFactory(name="PIMMS Nîmes")

        assert answer(as_reader, "nimes")["said"] == "1\u00a0résultat"

    def test_are_none_before_anything_is_typed(self, as_reader):
        SiteFactory()

        assert answer(as_reader, " ") == {"proposals": [], "said": ""}


class TestThePage:
    def test_shows_each_kind_with_its_count(self, as_editor):
        names = sites_of_nimes(21)
        AssociationFactory(name="Nîmes")

        found = groups(as_editor, "nimes")

        assert found == {"Sites 21": names[:20], "Association 1": ["Nîmes"]}

    def test_leads_to_the_list_that_has_them_all(self, as_editor):
        sites_of_nimes(21)

        page = as_editor.get("/chercher/", {"q": "Nîmes"}).text
        address, words = re.search(r'<p><a href="([^"]+)">(Voir[^<]+)</a></p>', page).groups()

        assert words == "Voir les 21\u00a0sites"
        assert as_editor.get(unescape(address)).context["cl"].result_count == 21

    def test_leads_to_no_list_that_has_no_more(self, as_reader):
        sites_of_nimes(20)

        assert "Voir les" not in as_reader.get("/chercher/", {"q": "Nîmes"}).text

    def test_asks_for_what_the_person_may_open(self, as_reader, as_editor):
        seen = "Nom, adresse, commune, code postal, numéro France Services, association, vague, "
        seen += "communiqué"

        assert f'<label for="searched">{seen}</label>' in as_reader.get("/chercher/").text
        assert (
            f'<label for="searched">{seen}, contact presse, fichier importé</label>'
            in as_editor.get("/chercher/").text
        )

    def test_leads_to_what_was_deleted_where_nothing_is_found(self, as_reader):
        SiteFactory(name="PIMMS Nîmes").delete()

        page = as_reader.get("/chercher/", {"q": "Nîmes"}).text
        address = re.search(
            r'<a href="([^"]+)">Chercher dans les fiches supprimées</a>', page
        ).group(1)

        assert address == "/labelling/site/deleted/?q=N%C3%AEmes"
        assert [line.name for line in as_reader.get(address).context["lines"]] == ["PIMMS Nîmes"]

    def test_that_is_too_long_is_said_so_by_a_list_too(self, as_reader):
        page = as_reader.get("/labelling/site/", {"q": "mot " * 300}).text

        assert "Cette recherche est trop longue\u00a0: 200 signes au plus." in page
        assert "Aucun site ne correspond" not in page

    def test_leads_to_the_lines_of_imports(self, as_editor, editor):
        import_run(editor, file_name="Nîmes.csv")

        page = as_editor.get("/chercher/", {"q": "Nîmes"}).text

        assert (
            '<a href="/labelling/importrun/?q=N%C3%AEmes">Chercher aussi dans les lignes des '
            "imports</a>" in page
        )

    def test_keeps_what_was_searched_in_its_fields(self, as_reader):
        page = as_reader.get("/chercher/", {"q": 'à <b>"'}).text

        assert page.count('value="à &lt;b&gt;&quot;"') == 2

    def test_leaves_what_a_list_was_searched_for_to_the_list(self, as_reader):
        page = as_reader.get("/labelling/site/", {"q": "nimes"}).text

        assert page.count('value="nimes"') == 1

    @pytest.mark.parametrize(
        ("query", "said"),
        [
            (
                "stephanoize",
                "Rien ne correspond à «\u00a0stephanoize\u00a0». Essayez un mot plus court",
            ),
            (
                " ",
                "sans accents\u00a0: le début d’un mot suffit. Tout ce que vous pouvez ouvrir",
            ),
            ("\x00", "Écrivez un ou plusieurs mots, avec ou sans accents"),
            ("100\x00 %", "Rien ne correspond à «\u00a0100 %\u00a0»."),
            ("%", "Écrivez au moins une lettre ou un chiffre."),
            ("_ __", "Écrivez au moins une lettre ou un chiffre."),
            ("«\u00a0!", "Écrivez au moins une lettre ou un chiffre."),
            (
                "mot " * 300,
                "Cette recherche est trop longue\u00a0: 200 signes au plus. Gardez-en",
            ),
            ("a " * 100, "Rien ne correspond à «\u00a0a a a"),
        ],
    )
    def test_says_what_to_do_where_nothing_is_found(self, query, said, as_reader):
        SiteFactory(name="PIMMS Nîmes")

        page = as_reader.get("/chercher/", {"q": query})

        assert page.status_code == 200
        assert said in unescape(page.text)
        assert groups(as_reader, query) == {}
        assert answer(as_reader, query)["proposals"] == []


class TestQueries:
    def test_do_not_grow_with_what_is_found(self):
        client = signed_in(editor())
        WaveFactory(name="Nîmes")

        def add(count: int) -> None:
            for number in range(count):
                association = AssociationFactory(name=f"Nîmes {count} {number}")
                SiteFactory(name=f"PIMMS Nîmes {count} {number}", association=association)
                ContactFactory(name=f"Nîmes {count} {number}")
                wave = WaveFactory(
                    name=f"Nîmes {count} {number}", effective_on=date(2021, count, number + 1)
                )
                ReleaseFactory(wave=wave)
                import_run(UserFactory(), file_name="Nîmes.csv")

        def count(**headers: str) -> int:
            with CaptureQueriesContext(connection) as captured:
                assert client.get("/chercher/", {"q": "nimes"}, headers=headers).status_code == 200
            return len(captured)

        add(1)
        count()  # What is read once for all.
        few = count(), count(accept="application/json")
        add(9)

        assert count() == few[0]
        # Ten of one kind, or one of each: never more than each kind asks.
        assert count(accept="application/json") <= few[1]

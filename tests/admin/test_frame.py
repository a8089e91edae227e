"""What surrounds every page: menu, breadcrumbs, buttons, messages, sign-in, failures."""

import re
from html import unescape

import pytest
from django.apps import apps
from django.test import Client

from labelling.models import Site
from tests.admin.forms import filled
from tests.factories import AssociationFactory, SiteFactory, UserFactory, manager

pytestmark = pytest.mark.django_db


def text_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split(" ")).strip()


def part(page: str, pattern: str) -> str:
    """Return the words of the part of a page, each space a plain one."""
    found = re.search(pattern, page, re.DOTALL)
    return " ".join(text_of(found[1]).split()) if found else ""


def menu(page: str) -> list[str]:
    entries = re.search(r'<nav class="menu".*?</nav>', page, re.DOTALL)
    return re.findall(r"<li><a [^>]*>(.*?)</a>", entries[0]) if entries else []


def breadcrumbs(page: str) -> str:
    return part(page, r'<div class="breadcrumbs">(.*?)</div>').replace("\u203a", "/")


class TestMenu:
    def test_leads_a_manager_everywhere(self, as_manager):
        page = as_manager.get("/").text

        assert menu(page) == [
            "Sites",
            "Vagues",
            "Communiqués",
            "Associations",
            "Contacts presse",
            "Imports",
            "Régions",
            "Accès",
            "Aide",
        ]

    def test_leads_an_editor_to_no_account(self, as_editor):
        page = as_editor.get("/").text

        assert "Contacts presse" in menu(page)
        assert "Accès" not in menu(page)

    def test_leads_a_reader_to_no_personal_data(self, as_reader):
        page = as_reader.get("/").text

        assert menu(page) == [
            "Sites",
            "Vagues",
            "Communiqués",
            "Associations",
            "Régions",
            "Aide",
        ]

    def test_is_empty_for_who_has_no_role(self, client):
        client.force_login(UserFactory())

        page = client.get("/").text

        assert menu(page) == []
        assert "Aucun rôle ne vous a encore été donné." in page

    def test_marks_where_one_is(self, as_manager):
        site = SiteFactory()

        on_the_list = as_manager.get("/labelling/site/").text
        on_a_record = as_manager.get(f"/labelling/site/{site.pk}/change/").text
        among_departments = as_manager.get("/labelling/department/").text

        assert '<a href="/labelling/site/" aria-current="page">Sites</a>' in on_the_list
        assert '<a href="/labelling/site/" aria-current="true">Sites</a>' in on_a_record
        assert '<a href="/labelling/region/" aria-current="page">Régions</a>' in among_departments

    @pytest.mark.parametrize(
        ("address", "entry"),
        [
            ("/labelling/site/end-label/?of={}", "Associations"),
            ("/labelling/site/findings/Q001/", "Vagues"),
            ("/labelling/site/deleted/", "Sites"),
        ],
    )
    def test_marks_what_a_page_is_about_wherever_it_is(self, as_manager, address, entry):
        association = AssociationFactory()
        SiteFactory(labelled=True, association=association)

        page = as_manager.get(address.format(association.pk)).text

        assert re.findall(r'aria-current="true">(\w+)</a>', page) == [entry]


class TestBreadcrumbs:
    def test_have_no_level_for_the_application(self, as_manager):
        site = SiteFactory(name="PIMMS Nîmes")
        address = f"/labelling/site/{site.pk}"

        pages = {
            "/labelling/site/": "Accueil / Sites",
            "/labelling/site/add/": "Accueil / Sites / Ajouter un site",
            f"{address}/change/": "Accueil / Sites / PIMMS Nîmes",
            f"{address}/delete/": "Accueil / Sites / PIMMS Nîmes / Supprimer le site",
            "/password_change/": "Accueil / Changer de mot de passe",
        }

        assert {page: breadcrumbs(as_manager.get(page).text) for page in pages} == pages

    def test_lead_back_to_the_list(self, as_manager):
        site = SiteFactory()

        page = as_manager.get(f"/labelling/site/{site.pk}/change/").text

        assert '<a href="/labelling/site/">Sites</a>' in page


class TestLists:
    def test_offer_to_add_in_the_right_gender(self, as_manager):
        assert ">Ajouter un site</a>" in as_manager.get("/labelling/site/").text
        assert ">Ajouter une vague</a>" in as_manager.get("/labelling/labellingwave/").text

    def test_offer_nothing_to_a_reader(self, as_reader):
        assert ">Ajouter" not in as_reader.get("/labelling/region/").text

    @pytest.mark.parametrize(("count", "said"), [(1, "1\u00a0site"), (2, "2\u00a0sites")])
    def test_count_in_french(self, as_reader, count, said):
        SiteFactory.create_batch(count)

        page = as_reader.get("/labelling/site/").text

        assert part(page, r'<div class="paginator">(.*?)</div>') == " ".join(said.split())

    def test_say_what_to_do_when_nothing_is_found(self, as_reader):
        SiteFactory(name="PIMMS Nîmes")

        page = as_reader.get("/labelling/region/", {"q": "stephanoize"}).text

        assert (
            "Rien ne correspond à «\u00a0stephanoize\u00a0». "
            "Essayez un mot plus court, ou effacez les filtres." in page
        )

    def test_forget_what_was_searched_and_keep_the_filters(self, as_reader):
        page = as_reader.get("/labelling/site/", {"q": "nimes", "status": "labelled"}).text

        assert '<a href="?status=labelled">Effacer la recherche</a>' in page

    def test_say_what_to_do_while_they_are_empty(self, as_manager):
        page = as_manager.get("/labelling/presscontact/").text

        assert (
            "Aucun contact presse. Ajoutez la personne de l’Union que les journalistes appellent."
            in page
        )

    def test_show_a_page_and_on_demand_all_for_paper(self, as_reader):
        AssociationFactory.create_batch(51)

        page = as_reader.get("/labelling/association/")
        whole = as_reader.get("/labelling/association/", {"all": ""})

        assert len(page.context["cl"].result_list) == 50
        assert "Tout afficher pour imprimer" in page.text
        assert len(whole.context["cl"].result_list) == 51


class TestForms:
    def test_have_the_three_buttons(self, as_editor):
        site = SiteFactory()

        page = as_editor.get(f"/labelling/site/{site.pk}/change/").text

        assert re.findall(r'<input type="submit" value="([^"]+)"', page) == [
            "Enregistrer",
            "Enregistrer et rester sur la fiche",
            "Enregistrer puis ajouter un autre site",
        ]

    def test_tell_a_reader_that_nothing_can_be_changed(self, as_reader):
        site = SiteFactory()

        page = as_reader.get(f"/labelling/site/{site.pk}/change/").text

        assert "Votre accès permet de consulter, pas de modifier." in page
        assert "adressez-vous à un responsable de l’Union." in page
        assert 'value="Enregistrer"' not in page
        assert ">Revenir à la liste</a>" in page

    @pytest.mark.parametrize("name", ["site", "association", "labellingwave", "department"])
    def test_tell_a_reader_whom_to_ask_and_not_how_to_fill_in(self, name, network, as_reader):
        manager(first_name="Ana", last_name="Durand")
        record = apps.get_model("labelling", name).objects.first()

        page = as_reader.get(f"/labelling/{name}/{record.pk}/change/").text

        assert "adressez-vous à Ana Durand." in page
        assert '<div class="help"' not in page
        assert '<div class="description"' not in page

    def test_carry_the_version_they_were_opened_at(self, as_editor):
        site = SiteFactory()

        page = as_editor.get(f"/labelling/site/{site.pk}/change/").text

        assert re.search(r'<input type="hidden" name="version" value="1"', page)

    def test_watch_for_what_is_typed_and_not_saved(self, as_editor):
        site = SiteFactory()
        address = f"/labelling/site/{site.pk}/change/"
        opened = as_editor.get(address)

        refused = as_editor.post(address, filled(opened, name=""))

        assert 'data-unsaved="watch"' in opened.text
        assert 'data-unsaved="yes"' in refused.text

    def test_say_that_a_refused_one_is_not_saved(self, as_editor):
        site = SiteFactory()
        address = f"/labelling/site/{site.pk}/change/"

        refused = as_editor.post(address, filled(as_editor.get(address), name=""))

        assert (
            "Rien n’est encore enregistré\u00a0: corrigez ce qui est signalé en rouge."
            in refused.text
        )
        assert "<li>À remplir.</li>" in refused.text

    def test_typeset_their_help(self, as_editor):
        page = as_editor.get("/labelling/presscontact/add/").text

        assert "Comme imprimé\u00a0: 01 23 45 67 89." in page


class TestMessages:
    def test_offer_to_take_a_change_back(self, as_editor):
        site = SiteFactory(name="PIMMS Nimes")
        address = f"/labelling/site/{site.pk}/change/"

        page = as_editor.post(
            address, filled(as_editor.get(address), name="PIMMS Nîmes"), follow=True
        ).text
        undo = re.search(r'<form method="post" action="([^"]+/restore/[^"]+)">', page)
        as_editor.post(unescape(undo[1]))

        assert '<div role="status">' in page
        assert "PIMMS Nîmes\u00a0: modifications enregistrées." in page
        assert Site.objects.get().name == "PIMMS Nimes"

    def test_show_what_people_wrote_as_text(self, as_editor):
        site = SiteFactory(name="PIMMS")
        address = f"/labelling/site/{site.pk}/change/"

        page = as_editor.post(
            address, filled(as_editor.get(address), name="PIMMS <b>l'Union</b>"), follow=True
        ).text

        assert "PIMMS &lt;b&gt;l&#x27;Union&lt;/b&gt;\u00a0: modifications enregistrées." in page

    def test_offer_no_way_out_of_the_back_office(self, rf):
        from django.contrib.messages.storage.base import Message

        from labelling.templatetags.back_office import undo_address

        elsewhere = ["undo=https://example.org/", "undo=//example.org/a", "undo=javascript:x", ""]

        assert [undo_address(Message(25, "", tags)) for tags in elsewhere] == [""] * 4


class TestSigningIn:
    def test_asks_for_an_address(self, client):
        page = client.get("/login/").text

        assert ">Adresse électronique" in page
        assert ">Mot de passe" in page
        assert 'value="Se connecter"' in page

    def test_says_the_same_of_a_wrong_address_and_of_a_wrong_password(self, client):
        UserFactory(username="ana@example.org")
        sentence = (
            "L’adresse électronique et le mot de passe ne correspondent à aucun accès ouvert. "
            "Pour le mot de passe, attention aux majuscules."
        )

        for username in ("ana@example.org", "nobody@example.org"):
            page = client.post("/login/", {"username": username, "password": "non"}).text
            assert sentence in page

    @pytest.mark.parametrize("typed", ["ana@example.org", "Ana@Example.org", " ANA@EXAMPLE.ORG "])
    def test_minds_no_capital_in_the_address(self, client, typed):
        user = UserFactory(username="ana@example.org")
        user.set_password("k7mw-3hdp-x9rt")
        user.save()

        answer = client.post("/login/", {"username": typed, "password": "k7mw-3hdp-x9rt"})

        assert answer.status_code == 302

    def test_ends_with_a_page_that_leads_back(self, as_reader):
        page = as_reader.post("/logout/").text

        assert "Votre session est fermée." in page


class TestFailures:
    def test_of_an_unknown_address_leads_home(self, as_reader):
        answer = as_reader.get("/nowhere/")

        assert answer.status_code == 404
        assert "<h1>Cette page n’existe pas</h1>" in answer.text
        assert 'id="user-tools"' in answer.text
        assert "Sites" in menu(answer.text)

    def test_of_a_refused_page_says_whom_to_ask(self, as_reader):
        answer = as_reader.get("/labelling/site/add/")

        assert answer.status_code == 403
        assert "Pour obtenir un autre rôle, adressez-vous à un responsable de l’Union." in (
            answer.text
        )

    def test_of_a_refused_page_names_who_is_in_charge(self, as_reader):
        manager(first_name="Ana", last_name="Durand")
        manager(first_name="Zoé", last_name="Petit", is_active=False)

        answer = as_reader.get("/labelling/site/add/")

        assert "Pour obtenir un autre rôle, adressez-vous à Ana Durand." in answer.text

    def test_of_the_server_says_that_nothing_is_saved_and_a_number_of_the_log(
        self, as_reader, monkeypatch, caplog
    ):
        """S22: neither its trace nor a path."""
        from labelling.admin import home

        def fail(*args):
            raise RuntimeError("a secret")

        monkeypatch.setattr(home, "make_menu", fail)
        as_reader.raise_request_exception = False

        answer = as_reader.get("/")

        assert answer.status_code == 500
        assert "<h1>Cela n’a pas fonctionné, et ce n’est pas de votre fait</h1>" in answer.text
        for told in ("secret", "RuntimeError", "Traceback", ".py", "SELECT"):
            assert told not in answer.text
        assert re.search(r"en citant ce numéro&nbsp;: <strong>[0-9a-f]{8}<", answer.text)
        assert "a secret" in str(caplog.records[-1].exc_info)

    def test_of_a_page_left_open_says_what_to_do(self):
        answer = Client(enforce_csrf_checks=True).post("/login/")

        assert answer.status_code == 403
        assert "<h1>Cette page est restée ouverte trop longtemps</h1>" in answer.text

    def test_of_a_filter_leads_home(self, as_reader):
        answer = as_reader.get("/labelling/region/", {"nonsense": "1", "e": "1"})

        assert "<h1>Cette adresse ne mène nulle part</h1>" in answer.text

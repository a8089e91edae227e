"""« Personnes et accès »: opening and closing an access, giving a role, and nothing more."""

import re

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from labelling import roles
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

LIST = "/auth/user/"
PASSWORD = "k7mw-3hdp-x9rt-v4qe"


def role(name: str) -> int:
    return Group.objects.get(name=name).pk


def form(**changes) -> dict[str, object]:
    """What the page of a person sends."""
    person = {
        "username": "lea@example.org",
        "first_name": "Léa",
        "last_name": "Martin",
        "role": role(roles.READER),
        "is_active": "on",
    }
    return {name: value for name, value in (person | changes).items() if value is not None}


def new_form(**changes) -> dict[str, object]:
    return form(password1=PASSWORD, password2=PASSWORD, is_active=None, **changes)


def change(person: User) -> str:
    return f"{LIST}{person.pk}/change/"


@pytest.fixture
def lea():
    return UserFactory(
        username="lea@example.org", first_name="Léa", last_name="Martin", role=roles.READER
    )


class TestList:
    def test_says_who_may_do_what(self, as_manager, lea):
        UserFactory(username="remi@example.org", is_active=False, role=roles.EDITOR)

        page = as_manager.get(LIST).text

        rows = [
            re.findall(r'class="field-\w+">(?:<a [^>]*>)?(.*?)<', row)
            for row in re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)
        ]
        assert ["Léa Martin", "lea@example.org", "Consultation", "Oui", "Jamais"] in rows
        assert ["remi@example.org", "Rédaction", "Non", "Jamais"] in [row[1:] for row in rows]

    def test_is_one_page_in_place_of_users_and_groups(self, as_manager):
        assert "<h1>Personnes et accès</h1>" in as_manager.get(LIST).text
        assert as_manager.get("/auth/group/").status_code == 404

    @pytest.mark.parametrize("page", ["", "add/", "{}/change/", "{}/password/", "{}/history/"])
    def test_is_closed_to_the_other_roles(self, as_editor, as_reader, lea, page):
        address = LIST + page.format(lea.pk)

        assert as_editor.get(address).status_code == 403
        assert as_reader.get(address).status_code == 403

    def test_asks_as_many_questions_for_many_people(self, as_manager):
        as_manager.get(LIST)
        with CaptureQueriesContext(connection) as few:
            as_manager.get(LIST)
        for _ in range(10):
            UserFactory(role=roles.READER)
        with CaptureQueriesContext(connection) as many:
            as_manager.get(LIST)

        assert len(many) == len(few)


class TestOpening:
    def test_an_access_gives_a_role_and_the_back_office(self, as_manager):
        answer = as_manager.post(f"{LIST}add/", new_form(username="Lea@Example.org"), follow=True)

        person = User.objects.get(username="lea@example.org")
        assert "Léa Martin\u00a0: accès ouvert." in answer.text
        assert person.check_password(PASSWORD)
        assert (person.is_active, person.is_staff, person.is_superuser) == (True, True, False)
        assert [group.name for group in person.groups.all()] == [roles.READER]

    def test_lets_the_person_in(self, as_manager):
        as_manager.post(f"{LIST}add/", new_form())
        client = Client()

        signed_in = client.login(username="lea@example.org", password=PASSWORD)

        assert signed_in
        assert client.get("/labelling/site/").status_code == 200

    def test_twice_for_an_address_is_refused(self, as_manager, lea):
        answer = as_manager.post(f"{LIST}add/", new_form(username="LEA@example.org"))

        assert "Une personne a déjà un accès avec cette adresse." in answer.text
        assert User.objects.filter(username__iexact="lea@example.org").count() == 1

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"role": ""}, "À remplir."),
            ({"username": "lea"}, "Écrivez une adresse comme prenom.nom@exemple.fr."),
            ({"password2": "autre"}, "Les deux mots de passe sont différents."),
            (
                {"password1": "court", "password2": "court"},
                "Ce mot de passe est trop court. Il lui faut au moins 12 caractères.",
            ),
        ],
    )
    def test_says_what_is_to_be_corrected(self, as_manager, changes, sentence):
        answer = as_manager.post(f"{LIST}add/", new_form() | changes)

        assert sentence in answer.text
        assert not User.objects.filter(first_name="Léa").exists()


class TestForm:
    def test_says_what_each_role_allows(self, as_manager, lea):
        page = as_manager.get(change(lea)).text

        labels = re.findall(r'<label for="id_role_\d">.*?>\s*(.*?)</label>', page, re.DOTALL)
        assert [label.strip() for label in labels] == [
            "Consultation\u00a0: voir les fiches, télécharger les listes et les communiqués",
            "Rédaction\u00a0: corriger les fiches, importer, préparer les communiqués",
            "Responsable\u00a0: valider les communiqués, ouvrir et fermer les accès",
        ]

    def test_shows_no_permission_and_no_trace_of_the_password(self, as_manager, lea):
        lea.set_password(PASSWORD)
        lea.save()

        page = as_manager.get(change(lea)).text

        assert "Can add" not in page
        assert "permission" not in page
        assert "is_superuser" not in page
        assert lea.password not in page

    def test_changes_the_role(self, as_manager, lea):
        as_manager.post(change(lea), form(role=role(roles.EDITOR)))

        assert [group.name for group in lea.groups.all()] == [roles.EDITOR]

    def test_closes_the_access_at_once(self, as_manager, lea):
        theirs = Client()
        theirs.force_login(lea)

        answer = as_manager.post(change(lea), form(is_active=None), follow=True)

        assert "Léa Martin\u00a0: modifications enregistrées." in answer.text
        assert theirs.get("/labelling/site/").status_code == 302

    def test_tells_what_was_changed_and_by_whom(self, manager, as_manager, lea):
        as_manager.post(change(lea), form(first_name="Léonie"))

        page = as_manager.get(f"{LIST}{lea.pk}/history/").text

        assert "Modification de Prénom." in page
        assert manager.get_full_name() in page


class TestWhatNobodyMay:
    """S1, S24: a manager opens and closes accesses; that is all."""

    def test_give_more_than_a_role(self, as_manager, lea):
        powers = Group.objects.create(name="pouvoirs")

        as_manager.post(
            change(lea),
            form(is_superuser="on", user_permissions="1", groups=powers.pk, is_staff=""),
        )
        refused = as_manager.post(change(lea), form(role=powers.pk))

        lea.refresh_from_db()
        assert not lea.is_superuser
        assert not lea.user_permissions.exists()
        assert [group.name for group in lea.groups.all()] == [roles.READER]
        assert "Choisissez dans la liste." in refused.text

    def test_close_their_own_access_or_change_their_own_role(self, manager, as_manager):
        sent = form(username=manager.username, role=role(roles.READER), is_active=None)

        as_manager.post(change(manager), sent)

        manager.refresh_from_db()
        assert manager.is_active
        assert [group.name for group in manager.groups.all()] == [roles.MANAGER]

    def test_touch_somebody_who_has_all_rights(self, as_manager):
        admin = UserFactory(username="admin@localhost", is_superuser=True)
        before = User.objects.filter(pk=admin.pk).values().get()

        answers = [
            as_manager.post(change(admin), form(is_active=None)),
            as_manager.get(f"{LIST}{admin.pk}/password/"),
            as_manager.post(
                f"{LIST}{admin.pk}/password/",
                {"new_password1": PASSWORD, "new_password2": PASSWORD},
            ),
        ]

        assert [answer.status_code for answer in answers] == [403, 403, 403]
        assert User.objects.filter(pk=admin.pk).values().get() == before
        assert "Tous les droits" in as_manager.get(LIST).text

    def test_delete_an_account(self, as_manager, lea):
        answer = as_manager.post(f"{LIST}{lea.pk}/delete/", {"post": "yes"})

        assert answer.status_code == 403
        assert User.objects.filter(pk=lea.pk).exists()

    def test_even_with_all_rights_delete_an_account(self, client, lea):
        client.force_login(UserFactory(is_superuser=True))

        assert client.post(f"{LIST}{lea.pk}/delete/", {"post": "yes"}).status_code == 403


class TestPasswords:
    def test_are_given_anew_by_a_manager(self, as_manager, lea):
        address = f"{LIST}{lea.pk}/password/"

        page = as_manager.get(address).text
        answer = as_manager.post(
            address, {"new_password1": PASSWORD, "new_password2": PASSWORD}, follow=True
        )

        lea.refresh_from_db()
        assert "<h1>Donner un autre mot de passe à Léa Martin</h1>" in page
        assert "Le nouveau mot de passe vaut dès maintenant." in answer.text
        assert lea.check_password(PASSWORD)

    def test_are_changed_by_their_owner(self, lea):
        lea.set_password(PASSWORD)
        lea.save()
        client = Client()
        client.force_login(lea)
        new = "x9rt-v4qe-k7mw"

        refused = client.post(
            "/password_change/", {"old_password": "?", "new_password1": new, "new_password2": new}
        )
        done = client.post(
            "/password_change/",
            {"old_password": PASSWORD, "new_password1": new, "new_password2": new},
            follow=True,
        )

        lea.refresh_from_db()
        assert "Ce n’est pas votre mot de passe actuel." in refused.text
        assert "<h1>Mot de passe changé</h1>" in done.text
        assert lea.check_password(new)

"""« Personnes et accès »: inviting, closing an access, giving a role, and nothing more."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.contrib.auth.models import Group, User
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from labelling import roles
from labelling.access.tries import MOST_BY_ACCOUNT
from labelling.choices import Event
from labelling.models import Account, JournalEntry
from tests.admin.forms import sentences
from tests.admin.simultaneous import awaited
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

LIST = "/auth/user/"
PASSWORD = "k7mw-3hdp-x9rt-v4qe"


def form(**changes) -> dict[str, object]:
    """What the page of a person sends."""
    person = {
        "username": "lea@example.org",
        "first_name": "Léa",
        "last_name": "Martin",
        "role": roles.READER,
        "is_active": "on",
    }
    return {name: value for name, value in (person | changes).items() if value is not None}


def invitation(**changes) -> dict[str, object]:
    return form(is_active=None, **changes)


def change(person: User) -> str:
    return f"{LIST}{person.pk}/change/"


def day(distance: int) -> str:
    return f"{timezone.localdate() + timedelta(days=distance):%d/%m/%Y}"


def link_in(answer) -> str:
    """The address that a page or a mail gives."""
    text = answer if isinstance(answer, str) else answer.text
    return re.search(r"http://testserver(/welcome/[^\s<]+)", text)[1]


def noted(event: Event) -> list[tuple[object, int, dict]]:
    entries = JournalEntry.objects.filter(event=event).order_by("pk")
    assert {entry.model_key for entry in entries} <= {"user"}
    return [(entry.author, entry.record_id, entry.details) for entry in entries]


def lock(person: User) -> None:
    for _ in range(MOST_BY_ACCOUNT):
        Client().post("/login/", {"username": person.username, "password": "?"})


def as_(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def lea():
    return UserFactory(
        username="lea@example.org", first_name="Léa", last_name="Martin", role=roles.READER
    )


@pytest.fixture
def administrator():
    return UserFactory(username="admin@localhost", is_superuser=True)


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

    def test_says_until_when(self, as_manager, lea):
        other = UserFactory(role=roles.READER)
        Account.objects.create(user=lea, access_until=timezone.localdate())
        Account.objects.create(user=other, access_until=timezone.localdate() - timedelta(days=1))

        page = as_manager.get(LIST).text

        assert f"Jusqu’au {day(0)}" in page
        assert f"Terminé le {day(-1)}" in page

    def test_is_one_page_in_place_of_users_and_groups(self, as_manager):
        assert "<h1>Personnes et accès</h1>" in as_manager.get(LIST).text
        assert as_manager.get("/auth/group/").status_code == 404

    @pytest.mark.parametrize(
        "page", ["", "add/", "{}/change/", "{}/link/", "{}/unlock/", "{}/history/"]
    )
    def test_is_closed_to_the_other_roles(self, as_editor, as_reader, lea, page):
        address = LIST + page.format(lea.pk)

        assert as_editor.get(address).status_code == 403
        assert as_reader.get(address).status_code == 403

    def test_asks_as_many_questions_for_many_people(self, as_manager):
        as_manager.get(LIST)
        with CaptureQueriesContext(connection) as few:
            as_manager.get(LIST)
        for _ in range(10):
            lock(UserFactory(role=roles.READER))
        with CaptureQueriesContext(connection) as many:
            page = as_manager.get(LIST).text

        assert len(many) == len(few)
        assert page.count("Débloquer") == 4  # The network was locked then.


class TestInviting:
    def test_gives_a_role_the_back_office_and_a_link_instead_of_a_password(
        self, manager, as_manager
    ):
        """S24."""
        answer = as_manager.post(
            f"{LIST}add/", invitation(username="Lea@Example.org", access_until=day(30))
        )

        person = User.objects.get(username="lea@example.org")
        assert "Léa Martin\u00a0: accès ouvert." in answer.text
        assert not person.has_usable_password()
        assert (person.is_active, person.is_staff, person.is_superuser) == (True, True, False)
        assert person.account.access_until == timezone.localdate() + timedelta(days=30)
        assert [group.name for group in person.groups.all()] == [roles.READER]
        assert "qui l’ouvre choisit le mot de passe" in answer.text
        assert "no-store" in answer["Cache-Control"]
        said = {"name": "Léa Martin", "address": "lea@example.org"}
        assert noted(Event.INVITED) == [(manager, person.pk, said)]

    def test_lets_the_person_in(self, as_manager):
        link = link_in(as_manager.post(f"{LIST}add/", invitation()))
        client = Client()

        page = client.get(link, follow=True)
        passwords = {"new_password1": PASSWORD, "new_password2": PASSWORD}
        done = client.post(page.request["PATH_INFO"], passwords, follow=True)
        client.post("/login/", {"username": "lea@example.org", "password": PASSWORD})

        assert sentences(done) == ["Votre mot de passe est enregistré. Connectez-vous."]
        assert client.get("/labelling/site/").status_code == 200

    def test_leaves_the_link_nowhere(self, as_manager):
        link = link_in(as_manager.post(f"{LIST}add/", invitation()))
        token = link.split("/")[3]

        again = as_manager.get(f"{LIST}{User.objects.get(first_name='Léa').pk}/link/")

        assert token not in again.text
        with connection.cursor() as cursor:
            for table in connection.introspection.table_names():
                cursor.execute(f"SELECT * FROM {table}")  # noqa: S608  # our own tables
                assert token not in str(cursor.fetchall()), table

    def test_twice_for_an_address_is_refused(self, as_manager, lea):
        answer = as_manager.post(f"{LIST}add/", invitation(username="LEA@example.org"))

        assert "Une personne a déjà un accès avec cette adresse." in answer.text
        assert User.objects.filter(username__iexact="lea@example.org").count() == 1

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"role": ""}, "À remplir."),
            ({"role": "administrator"}, "Choisissez dans la liste."),
            ({"username": "lea"}, "Écrivez une adresse comme prenom.nom@exemple.fr."),
            ({"access_until": "01/09/2020"}, "Le 1er\u00a0septembre 2020 est passé\u00a0: écrivez"),
        ],
    )
    def test_says_what_is_to_be_corrected(self, as_manager, changes, sentence):
        answer = as_manager.post(f"{LIST}add/", invitation() | changes)

        assert sentence in answer.text
        assert not User.objects.filter(first_name="Léa").exists()


class TestLink:
    def test_is_made_for_a_password_that_was_forgotten(self, manager, as_manager, lea):
        lea.set_password(PASSWORD)
        lea.save()
        page = as_manager.get(change(lea)).text
        asked = as_manager.get(f"{LIST}{lea.pk}/link/").text

        link = link_in(as_manager.post(f"{LIST}{lea.pk}/link/"))

        lea.refresh_from_db()
        assert "Mot de passe oublié&nbsp;: faire un lien…" in page
        assert "Il sert une fois, pendant" in asked
        assert lea.check_password(PASSWORD)
        assert "Choisissez votre mot de passe" in Client().get(link, follow=True).text
        assert noted(Event.LINK_MADE) == [(manager, lea.pk, {"name": "Léa Martin"})]

    def test_is_made_by_no_get(self, as_manager, lea):
        """S14."""
        as_manager.get(f"{LIST}{lea.pk}/link/")

        assert noted(Event.LINK_MADE) == []

    def test_closes_no_session(self, as_manager, lea):
        theirs = as_(lea)

        as_manager.post(f"{LIST}{lea.pk}/link/")

        assert theirs.get("/labelling/site/").status_code == 200

    def test_is_not_made_for_oneself(self, manager, as_manager):
        """S17: who finds a session open cannot take the account over."""
        answer = as_manager.post(f"{LIST}{manager.pk}/link/")

        assert answer.status_code == 403
        assert "faire un lien" not in as_manager.get(change(manager)).text

    def test_is_not_made_for_an_access_that_is_closed(self, as_manager, lea):
        User.objects.filter(pk=lea.pk).update(is_active=False)

        assert as_manager.post(f"{LIST}{lea.pk}/link/").status_code == 403
        assert "faire un lien" not in as_manager.get(change(lea)).text

    def test_goes_by_mail_where_a_server_is_named(self, as_manager, lea, settings):
        settings.EMAIL_HOST = "mail.example.org"
        settings.DEFAULT_FROM_EMAIL = "Réseau PIMMS <acces@example.org>"

        answer = as_manager.post(f"{LIST}{lea.pk}/link/", {"mail": "yes"}, follow=True)

        [sent] = mail.outbox
        assert sentences(answer) == ["Léa Martin : un lien est parti à lea@example.org."]
        assert (sent.to, sent.from_email) == (["lea@example.org"], settings.DEFAULT_FROM_EMAIL)
        assert sent.subject == "Nouveau mot de passe"
        assert "Choisissez votre mot de passe" in Client().get(link_in(sent.body), follow=True).text
        assert link_in(sent.body) not in answer.text

    def test_that_no_server_takes_is_shown_instead(self, as_manager, lea, settings):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1

        answer = as_manager.post(f"{LIST}{lea.pk}/link/", {"mail": "yes"})

        assert "Le courriel n’est pas parti\u00a0: " in answer.text
        assert "Choisissez votre mot de passe" in Client().get(link_in(answer), follow=True).text

    def test_goes_by_hand_elsewhere(self, as_manager, lea):
        assert "courriel" not in as_manager.get(f"{LIST}{lea.pk}/link/").text
        assert link_in(as_manager.post(f"{LIST}{lea.pk}/link/", {"mail": "yes"}))
        assert mail.outbox == []


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

    def test_changes_the_role(self, manager, as_manager, lea):
        """S27."""
        as_manager.post(change(lea), form(role=roles.EDITOR))

        assert [group.name for group in lea.groups.all()] == [roles.EDITOR]
        said = {"name": "Léa Martin", "before": "Consultation", "after": "Rédaction"}
        assert noted(Event.ROLE_CHANGED) == [(manager, lea.pk, said)]
        assert noted(Event.ACCESS_CHANGED) == []

    def test_closes_the_access_at_once(self, manager, as_manager, lea):
        theirs = as_(lea)

        answer = as_manager.post(change(lea), form(is_active=None), follow=True)

        assert "Léa Martin\u00a0: modifications enregistrées." in answer.text
        assert theirs.get("/labelling/site/").status_code == 302
        said = {"name": "Léa Martin", "is_open": False, "until": None}
        assert noted(Event.ACCESS_CHANGED) == [(manager, lea.pk, said)]

    @pytest.mark.parametrize("closed", [{"is_active": None}, {"access_until": day(0)}])
    def test_closed_and_opened_again_leaves_no_session(self, as_manager, lea, closed):
        """S17."""
        as_manager.post(change(lea), form(**closed))
        number = Account.objects.get(user=lea).session_number
        if "access_until" in closed:
            yesterday = timezone.localdate() - timedelta(days=1)
            Account.objects.filter(user=lea).update(access_until=yesterday)

        as_manager.post(change(lea), form())

        assert Account.objects.get(user=lea).session_number == 1 + number

    def test_ends_the_access_on_a_day(self, manager, as_manager, lea):
        as_manager.post(change(lea), form(access_until=day(1)))
        page = as_manager.get(change(lea)).text
        theirs = as_(lea)
        before = theirs.get("/labelling/site/").status_code
        Account.objects.filter(user=lea).update(
            access_until=timezone.localdate() - timedelta(days=1)
        )

        tomorrow = timezone.localdate() + timedelta(days=1)
        said = {"name": "Léa Martin", "is_open": True, "until": tomorrow.isoformat()}
        assert noted(Event.ACCESS_CHANGED) == [(manager, lea.pk, said)]
        assert f'value="{day(1)}"' in page
        assert (before, theirs.get("/labelling/site/").status_code) == (200, 302)

    def test_takes_a_day_that_has_passed_since_as_it_is(self, as_manager, lea):
        Account.objects.create(user=lea, access_until=timezone.localdate() - timedelta(days=1))

        answer = as_manager.post(
            change(lea), form(first_name="Léonie", access_until=day(-1)), follow=True
        )

        assert sentences(answer) == ["Léonie Martin : modifications enregistrées."]

    def test_writes_nothing_that_nobody_changed(self, as_manager, lea):
        as_manager.post(change(lea), form(first_name="Léonie"))

        assert JournalEntry.objects.count() == 0

    def test_tells_what_was_changed_and_by_whom(self, manager, as_manager, lea):
        as_manager.post(change(lea), form(first_name="Léonie"))

        page = as_manager.get(f"{LIST}{lea.pk}/history/").text

        assert "Modification de Prénom." in page
        assert manager.get_full_name() in page


class TestLocked:
    @pytest.fixture
    def locked(self, lea):
        lock(lea)
        return lea

    def test_is_said_on_the_list_and_on_the_page(self, as_manager, locked):
        for page in (LIST, change(locked)):
            text = as_manager.get(page).text
            assert re.search("Bloqué jusqu’à \\d+\u00a0h", text), page
            assert "Débloquer" in text

    def test_is_ended_by_a_manager(self, manager, as_manager, locked):
        locked.set_password(PASSWORD)
        locked.save()

        answer = as_manager.post(f"{LIST}{locked.pk}/unlock/", follow=True)

        assert sentences(answer) == ["Léa Martin : accès débloqué."]
        assert "Bloqué" not in answer.text
        assert noted(Event.UNLOCKED) == [(manager, locked.pk, {})]
        signing_in = {"username": locked.username, "password": PASSWORD}
        assert Client().post("/login/", signing_in).status_code == 302

    def test_no_longer_is_said(self, as_manager, lea):
        answer = as_manager.post(f"{LIST}{lea.pk}/unlock/", follow=True)

        assert sentences(answer) == ["Léa Martin : cet accès n’était plus bloqué."]
        assert noted(Event.UNLOCKED) == []

    def test_is_ended_on_the_machine(self, locked, as_manager, capsys):
        call_command("unlock_account", "Lea@example.org")
        call_command("unlock_account", "lea@example.org")

        assert capsys.readouterr().out == (
            "lea@example.org : accès débloqué.\nlea@example.org : cet accès n’était pas bloqué.\n"
        )
        assert noted(Event.UNLOCKED) == [(None, locked.pk, {})]

    def test_is_nobody_s_without_an_account(self):
        with pytest.raises(CommandError) as refusal:
            call_command("unlock_account", "personne@example.org")

        assert str(refusal.value) == "Aucun compte « personne@example.org ». Vérifiez l’adresse."


class TestWhatNobodyMay:
    """S1, S24: a manager opens and closes accesses; that is all."""

    def test_give_more_than_a_role(self, as_manager, lea):
        powers = Group.objects.create(name="pouvoirs")

        as_manager.post(
            change(lea),
            form(is_superuser="on", user_permissions="1", groups=powers.pk, is_staff=""),
        )
        refused = [
            as_manager.post(change(lea), form(role=role)) for role in ("pouvoirs", "administrator")
        ]

        lea.refresh_from_db()
        assert not lea.is_superuser
        assert not lea.user_permissions.exists()
        assert [group.name for group in lea.groups.all()] == [roles.READER]
        assert ["Choisissez dans la liste." in answer.text for answer in refused] == [True, True]

    def test_give_or_touch_what_they_lack_themselves(self, lea, manager):
        some = UserFactory(role=roles.READER)
        rights = Group.objects.create(name="accès")
        rights.permissions.set(
            Group.objects.get(name=roles.MANAGER).permissions.filter(
                codename__in=["add_user", "change_user", "view_user"]
            )
        )
        some.groups.add(rights)

        page = as_(some).get(change(lea)).text
        raised = as_(some).post(change(lea), form(role=roles.MANAGER))
        taken = as_(some).post(f"{LIST}{manager.pk}/link/")

        assert "Consultation\u00a0: " in page
        assert "Responsable\u00a0: " not in page
        assert "Choisissez dans la liste." in raised.text
        assert taken.status_code == 403

    def test_close_their_own_access_or_change_their_own_role(self, manager, as_manager):
        sent = form(
            username=manager.username, role=roles.READER, is_active=None, access_until=day(1)
        )

        as_manager.post(change(manager), sent)

        manager.refresh_from_db()
        assert manager.is_active
        assert [group.name for group in manager.groups.all()] == [roles.MANAGER]
        assert not Account.objects.exclude(access_until=None).exists()

    def test_touch_somebody_who_has_all_rights(self, as_manager, administrator):
        lock(administrator)
        before = User.objects.filter(pk=administrator.pk).values().get()

        answers = [
            as_manager.post(change(administrator), form(is_active=None)),
            as_manager.get(f"{LIST}{administrator.pk}/link/"),
            as_manager.post(f"{LIST}{administrator.pk}/link/"),
            as_manager.post(f"{LIST}{administrator.pk}/unlock/"),
        ]

        assert [answer.status_code for answer in answers] == [403] * 4
        assert User.objects.filter(pk=administrator.pk).values().get() == before
        page = as_manager.get(LIST).text
        assert "Tous les droits" in page
        assert "Bloqué jusqu’à" in page
        assert "Débloquer" not in page

    def test_type_a_password_for_somebody_else(self, as_manager, lea):
        passwords = {"new_password1": PASSWORD, "new_password2": PASSWORD}

        as_manager.post(f"{LIST}{lea.pk}/password/", passwords)

        lea.refresh_from_db()
        assert not lea.check_password(PASSWORD)

    def test_delete_an_account(self, as_manager, lea):
        answer = as_manager.post(f"{LIST}{lea.pk}/delete/", {"post": "yes"})

        assert answer.status_code == 403
        assert User.objects.filter(pk=lea.pk).exists()

    def test_even_with_all_rights_delete_an_account(self, administrator, lea):
        answer = as_(administrator).post(f"{LIST}{lea.pk}/delete/", {"post": "yes"})

        assert answer.status_code == 403


class TestAdministrators:
    def test_make_others(self, administrator, lea):
        client = as_(administrator)
        page = client.get(change(lea)).text

        client.post(change(lea), form(role="administrator"))

        lea.refresh_from_db()
        assert "Administrateur\u00a0: tous les droits" in page
        assert lea.is_superuser
        assert not lea.groups.exists()
        said = {"name": "Léa Martin", "before": "Consultation", "after": "Tous les droits"}
        assert noted(Event.ROLE_CHANGED) == [(administrator, lea.pk, said)]

    def test_are_closed_or_given_a_role_by_another(self, administrator):
        other = UserFactory(username="other@example.org", is_superuser=True)

        as_(administrator).post(
            change(other), form(username="other@example.org", role=roles.READER)
        )
        other.refresh_from_db()
        is_still_one = other.is_superuser
        as_(administrator).post(change(other), form(username="other@example.org", is_active=None))

        other.refresh_from_db()
        assert (is_still_one, other.is_active) == (False, False)

    def test_the_first_one_is_closed_once_there_is_another(self, administrator):
        """S24."""
        other = UserFactory(is_superuser=True)
        sent = form(username="admin@localhost", role="administrator", is_active=None)

        as_(other).post(change(administrator), sent)

        administrator.refresh_from_db()
        assert not administrator.is_active


LAST_ONE = (
    "Cette personne est la seule à pouvoir ouvrir des accès sans date de fin\u00a0: donnez d’abord "
    "ce droit à une autre, qui aura choisi son mot de passe."
)


class TestTheLastOneWhoOpensAccesses:
    """S24: nobody locks the house out."""

    @pytest.fixture
    def leaving(self, manager):
        """Who asks will be gone one day."""
        Account.objects.create(user=manager, access_until=timezone.localdate())
        return as_(manager)

    @pytest.fixture
    def last(self):
        return UserFactory(username="lea@example.org", role=roles.MANAGER)

    @pytest.mark.parametrize(
        ("field", "changed"),
        [
            ("is_active", {"is_active": None}),
            ("role", {"role": roles.EDITOR}),
            ("access_until", {"access_until": day(1)}),
        ],
    )
    def test_stays(self, leaving, last, field, changed):
        # Who has chosen no password yet could open nothing.
        UserFactory(role=roles.MANAGER, password="!unusable")

        answer = leaving.post(change(last), form(**{"role": roles.MANAGER} | changed))

        errors = answer.context["adminform"].form.errors
        assert {name: unescape(text[0]) for name, text in errors.items()} == {
            field: LAST_ONE.replace("\u00a0", " ")
        }
        assert LAST_ONE in answer.text

    def test_may_go_once_there_is_another(self, leaving, last):
        UserFactory(role=roles.MANAGER)

        leaving.post(change(last), form(role=roles.MANAGER, is_active=None))

        last.refresh_from_db()
        assert not last.is_active

    def test_may_change_their_name(self, leaving, last):
        answer = leaving.post(change(last), form(role=roles.MANAGER), follow=True)

        assert sentences(answer) == ["Léa Martin : modifications enregistrées."]


@pytest.mark.django_db(transaction=True)
class TestTwoWhoCloseEachOther:
    def test_one_stays(self):
        one, other = (
            UserFactory(username=f"{name}@example.org", role=roles.MANAGER) for name in "ab"
        )
        theirs, ours = as_(other), as_(one)

        def close(client, person):
            sent = form(username=person.username, role=roles.MANAGER, is_active=None)
            return client.post(change(person), sent)

        with awaited(lambda: close(theirs, one)):
            answer = close(ours, other)

        active = User.objects.filter(is_active=True)
        assert [person.username for person in active] == ["b@example.org"]
        # Who waited was closed meanwhile: told so, or asked to sign in.
        assert answer.status_code == 302 or LAST_ONE in answer.text


class TestPasswords:
    def test_are_changed_by_their_owner(self, lea):
        lea.set_password(PASSWORD)
        lea.save()
        client = as_(lea)
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

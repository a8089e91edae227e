"""What others did to an access is told to its person, until they have read it."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from labelling import roles, text
from labelling.access.tries import MOST_BY_ACCOUNT
from labelling.admin.events import word_event
from labelling.choices import Event
from labelling.models import JournalEntry
from tests.access.test_links import make_link, use
from tests.admin.test_accounts import as_, change, form, link_in
from tests.factories import UserFactory, manager

pytestmark = pytest.mark.django_db


@pytest.fixture
def lea():
    return UserFactory(
        username="lea@example.org", first_name="Léa", last_name="Martin", role=roles.READER
    )


@pytest.fixture
def remi():
    return UserFactory(first_name="Rémi", last_name="Bé", role=roles.MANAGER)


def told(client: Client, page: str = "/") -> list[str]:
    """What the banner of a page says, its days and hours left out."""
    [section] = re.findall(
        r'<section class="note warn notices".*?</section>', client.get(page).text, re.S
    ) or [""]
    sentences = re.findall("<p>(.*?)</p>", section)
    now = text.moment(timezone.now())
    before = text.moment(timezone.now() - timedelta(minutes=1))
    return [
        one.replace(now, "…").replace(before, "…").replace("\u00a0", " ").replace("\u202f", " ")
        for one in sentences
    ]


def read(client: Client, page: str = "/"):
    last = re.search(r'name="last" value="(\d+)"', client.get(page).text)[1]
    return client.post("/account/told/", {"last": last, "next": page})


def note(event: Event, person, author=None, **details) -> None:
    JournalEntry.objects.note(
        event, author=author, model_key="user", record_id=person.pk, **details
    )


ASK = "Si cela vous surprend, prévenez un autre responsable de l’Union."

NO_HARM = "Aucun n’était le bon ; si cela se répète, prévenez l’Union."
CHANGE_IT = "Si ce n’était pas vous, changez de mot de passe et prévenez l’Union."


class TestNotices:
    def test_say_who_made_a_link(self, lea, remi):
        """S27: nobody enters another's access by resetting it unseen."""
        as_(remi).post(f"/auth/user/{lea.pk}/link/")

        assert told(as_(lea)) == [
            "Rémi Bé a fait un lien pour changer votre mot de passe le ….",
            ASK,
        ]

    def test_say_who_changed_a_role_and_a_last_day(self, lea, remi):
        as_(remi).post(change(lea), form(role=roles.EDITOR, access_until="31/12/2099"))
        as_(remi).post(change(lea), form(role=roles.EDITOR))

        assert told(as_(lea)) == [
            "Rémi Bé a changé votre accès le … : il est ouvert sans date de fin.",
            "Rémi Bé a changé votre accès le … : il est ouvert jusqu’au 31 décembre 2099.",
            "Rémi Bé a changé votre rôle le … : « Rédaction » au lieu de « Consultation ».",
            ASK,
        ]

    def test_say_what_other_pages_and_commands_note(self, lea, remi):
        note(Event.FACTOR_RESET, lea, remi, name="Léa Martin")
        note(Event.PASSWORD_CHANGED, lea, way="command")
        note(Event.LINK_MADE, lea, name="Léa Martin")

        assert told(as_(lea)) == [
            "Un lien pour changer votre mot de passe a été demandé le …, sur la page de connexion.",
            "Votre mot de passe a été changé le …, sur la machine qui sert ce site.",
            "Rémi Bé a remis à zéro la seconde étape de votre connexion le ….",
            ASK,
        ]

    def test_say_that_somebody_tried_passwords_or_codes(self, lea):
        for _ in range(MOST_BY_ACCOUNT):
            Client().post("/login/", {"username": lea.username, "password": "?"})
        once = told(as_(lea))
        note(Event.LOCKED, lea, scope="stranger")
        note(Event.LOCKED, lea, scope="factor")

        assert once == [f"5 mots de passe faux ont été essayés pour votre accès le …. {NO_HARM}"]
        assert told(as_(lea)) == [
            "5 codes faux ont été essayés après votre mot de passe le …. " + CHANGE_IT,
            "5 mots de passe faux ont été essayés pour votre accès, 2 fois ; la dernière, le …. "
            + NO_HARM,
        ]

    def test_are_not_hidden_by_locks(self, lea, remi):
        note(Event.LINK_MADE, lea, remi, name="Léa Martin")
        JournalEntry.objects.bulk_create(
            JournalEntry(event=Event.LOCKED, model_key="user", record_id=lea.pk, details={})
            for _ in range(150)
        )

        assert told(as_(lea))[0] == "Rémi Bé a fait un lien pour changer votre mot de passe le …."

    def test_are_silent_on_one_s_own_acts_and_on_the_invitation(self, lea, remi):
        note(Event.PASSWORD_CHANGED, lea, lea, way="page")
        note(Event.INVITED, lea, remi, name="Léa Martin", address=lea.username)
        note(Event.UNLOCKED, lea, remi)
        note(Event.LINK_MADE, remi, lea, name="Rémi Bé")

        assert told(as_(lea)) == []

    def test_stay_on_every_page_until_they_were_read(self, lea, remi):
        client = as_(lea)
        as_(remi).post(f"/auth/user/{lea.pk}/link/")
        pages = [told(client, page)[:-1] for page in ("/", "/labelling/site/", "/account/nowhere/")]
        later = as_(lea)

        answer = read(later, "/labelling/site/?q=x")

        assert [len(page) for page in pages[:2]] == [1, 1]
        assert answer["Location"] == "/labelling/site/?q=x"
        assert told(client) == []

    def test_say_who_changed_the_address_to_sign_in_with(self, lea, remi):
        """S27: a link that is mailed goes to the new one."""
        as_(remi).post(change(lea), form(username="remi@example.net"))

        assert told(as_(User.objects.get(pk=lea.pk)))[0] == (
            "Rémi Bé a changé votre adresse de connexion le … : "
            "remi@example.net au lieu de lea@example.org."
        )
        assert word_event(JournalEntry.objects.get(event=Event.ACCESS_CHANGED)) == (
            "Adresse de connexion changée pour Léa Martin\u00a0: "
            "remi@example.net au lieu de lea@example.org"
        )

    def test_come_back_with_a_password_that_was_chosen_by_a_link(self, lea, remi):
        """S27: who entered by a link of their own pressed « J’ai lu » in the person's place."""
        use(Client(), make_link(as_(remi), lea))
        entered = as_(User.objects.get(pk=lea.pk))
        read(entered)
        assert told(entered) == []

        use(Client(), make_link(as_(manager(first_name="Zoé", last_name="Petit")), lea))

        assert told(as_(User.objects.get(pk=lea.pk)))[:2] == [
            "Zoé Petit a fait un lien pour changer votre mot de passe le ….",
            "Rémi Bé a fait un lien pour changer votre mot de passe le ….",
        ]

    def test_that_come_after_those_that_were_read_are_told(self, lea, remi):
        note(Event.LINK_MADE, lea, remi, name="Léa Martin")
        client = as_(lea)
        last = re.search(r'name="last" value="(\d+)"', client.get("/").text)[1]
        note(Event.FACTOR_RESET, lea, remi, name="Léa Martin")

        client.post("/account/told/", {"last": last})

        assert told(client) == [
            "Rémi Bé a remis à zéro la seconde étape de votre connexion le ….",
            ASK,
        ]

    @pytest.mark.parametrize("last", ["", "x", "0", "99999999999999999999"])
    def test_are_not_read_by_what_names_none(self, lea, remi, last):
        note(Event.LINK_MADE, lea, remi, name="Léa Martin")
        client = as_(lea)

        client.post("/account/told/", {"last": last})

        assert told(client) != []

    @pytest.mark.parametrize(
        "page", ["https://example.org/", "//example.org", "\\\\example.org", ""]
    )
    def test_lead_to_no_other_site(self, lea, page):
        answer = as_(lea).post("/account/told/", {"next": page})

        assert answer["Location"] == "/"

    def test_lead_home_from_what_takes_posts_alone(self, lea):
        client = as_(lea)

        answer = client.post("/account/told/", {"next": "/account/sessions/close/"}, follow=True)

        assert answer.redirect_chain == [("/", 302)]

    def test_ask_one_question(self, lea, remi):
        client = as_(lea)
        client.get("/")
        with CaptureQueriesContext(connection) as none:
            client.get("/")
        for _ in range(12):
            note(Event.LINK_MADE, lea, remi, name="Léa Martin")
        with CaptureQueriesContext(connection) as many:
            page = told(client)

        assert len(many) == len(none)
        assert len(page) == 12
        assert page[10] == (
            "Et 2 autres changements : un responsable de l’Union peut les lire dans le journal."
        )

    def test_say_nothing_to_who_came_by_an_invitation(self, as_manager):
        sent = form(is_active=None)
        link = link_in(as_manager.post("/auth/user/add/", sent))
        client = Client()
        page = client.get(link, follow=True).request["PATH_INFO"]
        password = "k7mw-3hdp-x9rt-v4qe"
        client.post(page, {"new_password1": password, "new_password2": password})
        client.post("/login/", {"username": "lea@example.org", "password": password})

        assert told(client) == []

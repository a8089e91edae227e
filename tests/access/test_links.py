"""Links by which a person chooses a password: once, for 72 hours, the last one that was made."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from labelling import roles
from labelling.access.links import tokens
from labelling.access.sessions import close_sessions
from labelling.access.tries import MOST_BY_ACCOUNT
from labelling.choices import Event
from labelling.models import Account, JournalEntry
from tests.admin.simultaneous import overtaken_by
from tests.admin.test_accounts import as_, change, form, link_in
from tests.factories import UserFactory, manager

pytestmark = pytest.mark.django_db

PASSWORD = "k7mw-3hdp-x9rt-v4qe"
OTHER = "x9rt-v4qe-k7mw-3hdp"
VOID = "Celui-ci a déjà servi, a été remplacé, est trop ancien, ou n’a pas"


@pytest.fixture
def lea():
    person = UserFactory(
        username="lea@example.org", first_name="Léa", last_name="Martin", role=roles.READER
    )
    person.set_password(OTHER)
    person.save()
    return person


@pytest.fixture
def link(as_manager, lea):
    return make_link(as_manager, lea)


def make_link(client: Client, person: User) -> str:
    return link_in(client.post(f"/auth/user/{person.pk}/link/"))


def use(client: Client, link: str, password: str = PASSWORD):
    """Open a link, and send a password, twice, from the page that it leads to."""
    page = client.get(link, follow=True)
    passwords = {"new_password1": password, "new_password2": password}
    return client.post(page.request["PATH_INFO"], passwords, follow=True)


def is_good(link: str) -> bool:
    page = Client().get(link, follow=True).text
    assert ("Choisissez votre mot de passe" in page) is not (VOID in page)
    return VOID not in page


class TestALink:
    def test_leads_to_a_password_and_to_signing_in(self, client, link, lea):
        """S24: it signs nobody in by itself."""
        answer = use(client, link)

        lea.refresh_from_db()
        assert lea.check_password(PASSWORD)
        assert answer.request["PATH_INFO"] == "/login/"
        assert "Votre mot de passe est enregistré. Connectez-vous." in answer.text
        assert client.get("/").status_code == 302
        [entry] = JournalEntry.objects.filter(event=Event.PASSWORD_CHANGED)
        assert (entry.author, entry.model_key, entry.record_id) == (lea, "user", lea.pk)
        assert entry.details == {"way": "link"}

    def test_serves_once(self, client, link, lea):
        use(client, link)

        answer = use(Client(), link, OTHER)

        lea.refresh_from_db()
        assert VOID in answer.text
        assert lea.check_password(PASSWORD)

    @pytest.mark.django_db(transaction=True)
    def test_serves_one_of_two_who_come_at_once(self, lea):
        link = make_link(as_(manager()), lea)
        ours, theirs = Client(), Client()
        page = ours.get(link, follow=True).request["PATH_INFO"]
        theirs.get(link)
        sent = {"new_password1": PASSWORD, "new_password2": PASSWORD}

        with overtaken_by(lambda: theirs.post(page, sent), at="SELECT .* FOR UPDATE"):
            answer = ours.post(page, {"new_password1": OTHER + "z", "new_password2": OTHER + "z"})

        lea.refresh_from_db()
        assert VOID in answer.text
        assert lea.check_password(PASSWORD)

    def test_is_void_once_a_newer_one_was_made(self, as_manager, link, lea):
        newer = make_link(as_manager, lea)

        assert (is_good(link), is_good(newer)) == (False, True)

    @pytest.mark.parametrize(
        ("hours", "expected"), [(timedelta(hours=71.9), True), (timedelta(hours=72.1), False)]
    )
    def test_lives_72_hours(self, as_manager, lea, monkeypatch, hours, expected):
        then = tokens._now() - hours
        monkeypatch.setattr(tokens, "_now", lambda: then)
        link = make_link(as_manager, lea)
        monkeypatch.undo()

        assert is_good(link) is expected

    def test_is_void_once_the_password_was_changed(self, link, lea):
        lea.set_password(PASSWORD)
        lea.save()

        assert not is_good(link)

    def test_is_void_once_the_person_has_signed_in(self, link, lea):
        Client().post("/login/", {"username": lea.username, "password": OTHER})

        assert not is_good(link)

    def test_is_void_once_their_sessions_were_closed(self, link, lea):
        close_sessions(lea)

        assert not is_good(link)

    def test_stays_void_of_an_access_that_was_closed_and_opened_again(self, as_manager, link, lea):
        as_manager.post(change(lea), form(is_active=None))
        closed = is_good(link)
        as_manager.post(change(lea), form())

        assert (closed, is_good(link)) == (False, False)

    def test_is_void_once_the_last_day_has_passed(self, link, lea):
        Account.objects.create(user=lea, access_until=timezone.localdate() - timedelta(days=1))

        assert not is_good(link)

    @pytest.mark.parametrize(
        "address",
        ["/welcome/x/y/", "/welcome/MQ/password/", "/welcome/MTAwMDAwMDAwMDAwMDAwMDAwMDA/a-b/"],
    )
    def test_that_nobody_made_is_void(self, client, address, lea):
        for answer in (client.get(address), client.post(address, {"new_password1": PASSWORD})):
            assert answer.status_code == 200
            assert VOID in answer.text

    def test_of_somebody_else_is_void(self, as_manager, link, lea):
        other = UserFactory(role=roles.READER)
        key = make_link(as_manager, other).split("/")[2]
        parts = link.split("/")

        assert not is_good("/".join([*parts[:2], key, *parts[3:]]))

    def test_leaves_the_address_at_once(self, client, link):
        """S21: no page that is opened from there learns it."""
        answer = client.get(link)

        token = link.split("/")[3]
        assert answer.status_code == 302
        assert token not in answer["Location"]
        assert answer["Referrer-Policy"] == "no-referrer"
        page = client.get(answer["Location"])
        assert token not in page.text
        assert "no-store" in page["Cache-Control"]

    def test_asks_for_a_good_password_twice(self, client, link, lea):
        page = client.get(link, follow=True)
        answers = [
            client.post(page.request["PATH_INFO"], {"new_password1": one, "new_password2": other})
            for one, other in ((PASSWORD, OTHER), ("court", "court"))
        ]

        lea.refresh_from_db()
        assert "Les deux mots de passe sont différents." in answers[0].text
        assert "Ce mot de passe est trop court." in answers[1].text
        assert lea.check_password(OTHER)

    def test_closes_the_sessions_of_its_person(self, client, link, lea):
        theirs = as_(lea)
        # Who signs in has used no link.
        link = make_link(as_(manager()), User.objects.get(pk=lea.pk))

        use(client, link)

        assert theirs.get("/").status_code == 302

    def test_leaves_the_browser_to_its_person(self, as_manager, link):
        use(as_manager, link)

        assert as_manager.get("/").status_code == 302

    def test_lets_who_typed_too_many_wrong_ones_in(self, client, link, lea):
        for _ in range(MOST_BY_ACCOUNT):
            Client().post("/login/", {"username": lea.username, "password": "?"})

        use(client, link)

        sent = {"username": lea.username, "password": PASSWORD}
        assert client.post("/login/", sent).status_code == 302
        assert client.get("/").status_code == 200

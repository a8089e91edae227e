"""Sessions: asleep after an hour of nothing, over after twelve, closed from elsewhere."""

import time

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.signing import Signer
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from labelling.access import trust
from labelling.access.sessions import close_sessions
from labelling.choices import Event
from labelling.models import JournalEntry
from tests.conftest import signed_in
from tests.factories import UserFactory, manager

pytestmark = pytest.mark.django_db

PASSWORD = "un mot de passe"
MINUTE, HOUR = 60, 3600
HOME, HOW, RESUME = "/", "/account/session/", "/account/session/resume/"
CLOSE = "/account/sessions/close/"


@pytest.fixture
def ana() -> User:
    person = manager(first_name="Ana", last_name="Martin")
    person.set_password(PASSWORD)
    person.save()
    return person


@pytest.fixture
def client(ana) -> Client:
    return signed_in(ana)


def pass_time(client: Client, seconds: int) -> None:
    """As if it were later: what session and cookie say of moments goes back."""
    session = client.session
    limits = session["limits"]
    session["limits"] = {
        **limits,
        "opened": limits["opened"] - seconds,
        "seen": limits["seen"] - seconds,
    }
    session.save()
    signer = Signer(salt=f"seen in {session.session_key}")
    if "seen" in client.cookies:
        seen = int(signer.unsign(client.cookies["seen"].value))
        client.cookies["seen"] = signer.sign(str(seen - seconds))


def is_in(client: Client) -> bool:
    return client.get(HOME).status_code == 200


def resume(client: Client, password: str = PASSWORD) -> dict:
    return client.post(RESUME, {"password": password}).json()


class TestAnHourOfNothing:
    def test_is_a_minute_too_long(self, client):
        """S17."""
        pass_time(client, 59 * MINUTE)
        assert is_in(client)

        pass_time(client, 61 * MINUTE)
        assert client.get(HOME)["Location"] == "/login/?next=/"

    def test_begins_with_each_page(self, client):
        """S17: 59 minutes, five times."""
        for _ in range(5):
            pass_time(client, 59 * MINUTE)
            assert is_in(client)

    def test_stops_posts_as_well(self, client, ana):
        """S17: nothing is written by a session that sleeps."""
        pass_time(client, 61 * MINUTE)

        answer = client.post("/labelling/association/add/", {"name": "Nouvelle"})

        assert answer["Location"].startswith("/login/")
        assert not JournalEntry.objects.exists()

    def test_is_not_ended_by_a_page_that_asks_by_itself(self, client):
        pass_time(client, 40 * MINUTE)
        assert client.get(HOW).json()["left"] <= 20 * MINUTE
        pass_time(client, 21 * MINUTE)

        assert client.get(HOW).json()["state"] == "asleep"
        assert not is_in(client)

    def test_is_ended_by_a_person_who_types(self, client):
        pass_time(client, 40 * MINUTE)
        assert client.post(HOW).json()["left"] == HOUR
        pass_time(client, 21 * MINUTE)

        assert is_in(client)

    def test_is_not_ended_by_the_cookie_of_another_session(self, client, ana):
        """S17: what says that somebody is active is signed, for one session."""
        other = signed_in(ana)
        pass_time(other, 2 * MINUTE)
        other.get(HOME)
        pass_time(client, 61 * MINUTE)

        for stolen in (other.cookies["seen"].value, "9999999999", "9999999999:x"):
            client.cookies["seen"] = stolen
            assert not is_in(client)

    def test_writes_nothing_where_somebody_reads(self, client):
        """R2: a page that is read waits for nobody who writes."""
        pass_time(client, 10 * MINUTE)

        with CaptureQueriesContext(
            connection,
        ) as asked:
            client.get(HOME)

        assert "seen" in client.cookies
        verbs = {query["sql"].split()[0] for query in asked}
        assert verbs == {"SELECT"}

    def test_has_no_cookie_for_each_page(self, client):
        pass_time(client, 10 * MINUTE)

        assert "seen" in client.get(HOME).cookies
        assert "seen" not in client.get(HOME).cookies

    def test_begins_anew_with_another_password(self, client):
        """The key of a session changes with the password."""
        pass_time(client, 40 * MINUTE)
        new = "la-girafe-est-au-tournevis"
        answer = client.post(
            "/password_change/",
            {"old_password": PASSWORD, "new_password1": new, "new_password2": new},
        )
        assert answer["Location"] == "/password_change/done/"
        pass_time(client, 30 * MINUTE)

        assert is_in(client)


class TestTwelveHours:
    def test_are_all_though_one_was_active(self, client):
        """S17."""
        for _ in range(13):
            pass_time(client, 55 * MINUTE)
            assert is_in(client)
        pass_time(client, 4 * MINUTE)
        assert is_in(client)
        key = client.session.session_key

        pass_time(client, 2 * MINUTE)

        assert not is_in(client)
        assert client.get(HOW).json().keys() == {"state", "token"}
        assert not Session.objects.filter(session_key=key).exists()

    def test_are_not_begun_anew_by_waking(self, client):
        pass_time(client, 11 * HOUR + 50 * MINUTE)
        resume(client)
        assert is_in(client)

        pass_time(client, 11 * MINUTE)

        assert resume(client)["state"] == "over"
        assert not is_in(client)

    def test_bound_what_the_base_keeps(self, ana):
        """S17: a session that nobody comes back to is over for the base as well, its cookie with
        the browser."""
        client = Client()
        client.post("/login/", {"username": ana.username, "password": PASSWORD})
        assert client.cookies["sessionid"]["max-age"] == ""

        kept = Session.objects.get().expire_date.timestamp() - time.time()

        assert 11 * HOUR < kept <= 12 * HOUR

    def test_begin_with_signing_in_again(self, client, ana):
        pass_time(client, 11 * HOUR)

        answer = client.post("/login/", {"username": ana.username, "password": PASSWORD})

        assert answer.status_code == 302
        pass_time(client, 59 * MINUTE)
        assert is_in(client)


class TestASessionThatSleeps:
    @pytest.fixture
    def asleep(self, client) -> Client:
        pass_time(client, 2 * HOUR)
        return client

    def test_wakes_by_the_password(self, asleep, ana):
        before = asleep.session.session_key

        told = resume(asleep)

        assert (told["state"], told["person"]) == ("awake", ana.pk)
        assert told["token"]
        assert HOUR - MINUTE < told["left"] <= HOUR
        assert is_in(asleep)
        # A copy of what slept does not wake with it.
        assert not Session.objects.filter(session_key=before).exists()

    def test_does_not_wake_by_another(self, asleep):
        other = manager()
        other.set_password("un autre mot de passe")
        other.save()

        for password in ("faux", "un autre mot de passe", "", "x" * 300):
            told = resume(asleep, password)
            assert (told["state"], bool(told["fault"])) == ("asleep", True)
        assert not is_in(asleep)

    def test_is_locked_after_five_wrong_passwords(self, asleep):
        """S15: as on signing in."""
        for _ in range(5):
            assert resume(asleep, "faux")["fault"].startswith("Ce n’est pas votre mot de passe")

        told = resume(asleep)

        assert told["fault"].startswith("Trop d’essais. Réessayez à")
        assert told["state"] == "asleep"
        assert JournalEntry.objects.filter(event=Event.LOCKED).count() == 1

    def test_does_not_wake_without_a_token(self, ana):
        """S14."""
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(ana)
        pass_time(strict, 2 * HOUR)

        assert strict.post(RESUME, {"password": PASSWORD}).status_code == 403

    def test_says_whose_it_is_and_what_wakes_it(self, asleep, ana):
        told = asleep.get(HOW).json()

        assert told.pop("token")
        assert told == {
            "state": "asleep",
            "person": ana.pk,
            "needs_sign_in": False,
            "has_passkey": False,
        }

    def test_asks_for_the_second_factor_where_nobody_trusts_the_browser(self, asleep, ana):
        """S16: a password alone opens nothing to who has a second factor."""
        TOTP.activate(ana, generate_totp_secret())

        assert resume(asleep)["needs_sign_in"] is True
        assert not is_in(asleep)

    def test_wakes_by_the_password_alone_on_a_trusted_browser(self, asleep, ana):
        TOTP.activate(ana, generate_totp_secret())
        trusting = RequestFactory().get("/")
        trusting.session = {}
        trust.note_wish(trusting, ana, is_wished=True)
        answer = asleep.get("/login/")
        trust.trust_if_wished(trusting, ana, answer)
        asleep.cookies.update(answer.cookies)

        assert resume(asleep)["state"] == "awake"
        assert is_in(asleep)

    def test_is_known_whose_it_was_when_it_is_signed_out(self, asleep, ana):
        """S27: « Ce n’est pas moi »."""
        asleep.post("/logout/")

        assert JournalEntry.objects.get(event=Event.SIGNED_OUT).author == ana

    def test_ends_with_the_access(self, asleep, ana):
        """S17: nobody wakes a session whose access was closed."""
        User.objects.filter(pk=ana.pk).update(is_active=False)

        assert resume(asleep)["state"] == "over"

    def test_is_signed_out_of(self, asleep):
        asleep.post("/logout/")

        assert asleep.get(HOW).json()["state"] == "over"
        assert not Session.objects.exists()

    def test_gives_way_to_another_person_who_signs_in(self, asleep):
        bob = manager()
        bob.set_password(PASSWORD)
        bob.save()

        asleep.post("/login/", {"username": bob.username, "password": PASSWORD})

        assert asleep.get(HOW).json()["person"] == bob.pk


class TestAClosedAccess:
    def test_ends_on_the_next_page(self, client, ana):
        """S17."""
        assert is_in(client)

        User.objects.filter(pk=ana.pk).update(is_active=False)

        assert not is_in(client)

    def test_that_is_opened_again_has_no_session_left(self, client, ana):
        """S17."""
        close_sessions(ana)

        assert not is_in(client)
        # The next one is as good as any.
        assert is_in(signed_in(User.objects.get(pk=ana.pk)))


class TestMyOtherSessions:
    def test_are_closed_and_this_one_is_not(self, client, ana):
        """S17."""
        others = [signed_in(ana), signed_in(ana)]
        stranger = signed_in(UserFactory())

        client.post(CLOSE)

        assert [str(m) for m in client.get(HOME).context["messages"]] == [
            "Vos autres sessions sont fermées."
        ]
        assert [is_in(other) for other in others] == [False, False]
        assert is_in(stranger)
        entry = JournalEntry.objects.get(event=Event.SESSIONS_CLOSED)
        assert (entry.author, entry.model_key, entry.record_id) == (ana, "user", ana.pk)

    def test_of_this_one_may_sleep(self, client, ana):
        other = signed_in(ana)
        pass_time(other, 2 * HOUR)

        client.post(CLOSE)

        assert resume(other)["state"] == "over"

    def test_of_a_session_that_is_nobodys_noted_nothing(self, client):
        """S17: without the moment when it was opened, a session is over."""
        session = client.session
        del session["limits"]
        session.save()

        assert not is_in(client)

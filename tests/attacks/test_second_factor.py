"""Attacks on the second factor, by who has the password, or a session that was left open [S16]."""

import json

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.internal.stagekit import LOGIN_SESSION_KEY
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.signing import Signer
from django.test import Client

from labelling import roles
from labelling.access.second_factor import reset_second_factor
from labelling.access.sessions import close_sessions
from labelling.choices import Event
from labelling.models import JournalEntry
from tests.access.signing_in import (
    CODE_PAGE,
    PASSWORD,
    code_of,
    give_codes,
    is_in,
    person,
    recovery_codes,
    send_code,
    sign_in,
)
from tests.attacks.test_signing_in import NEW, change_password
from tests.factories import manager
from tests.test_rights import ADDRESSES, LOGIN, letter

pytestmark = pytest.mark.django_db

# What the first page of signing in is for everybody, and what nothing is asked for.
FIRST = {
    "account_login",
    "account_logout",
    "login",
    "logout",
    "mfa_authenticate",
    "mfa_login_webauthn",
    "welcome",
}
SET = ["/account/codes/", "/account/passkeys/add/", "/account/recovery/new/"]


@pytest.fixture
def user():
    return person(role=roles.MANAGER)


@pytest.fixture
def secret(user):
    return give_codes(user)


@pytest.fixture
def half(user, secret):
    """Somebody with the password alone."""
    client = Client()
    sign_in(client, user)
    return client


def let_pass(client: Client, seconds: int) -> None:
    """Let time pass since the person of a session said who they are, or began to."""
    session = client.session
    for record in session.get(AUTHENTICATION_METHODS_SESSION_KEY, []):
        record["at"] -= seconds
    if LOGIN_SESSION_KEY in session:
        session[LOGIN_SESSION_KEY]["initiated_at"] -= seconds
    session.save()


def factors(user: User) -> list[tuple[int, str]]:
    return [*Authenticator.objects.filter(user=user).order_by("pk").values_list("pk", "type")]


class TestThePasswordAlone:
    def test_opens_no_address(self, network, half):
        """S16: nor does it post."""
        # These lead nowhere: mail that is not sent, the way out, whether there is a session.
        nowhere = {"forgotten", "logout", "session", "session_resume"}
        for name in sorted(set(ADDRESSES) - FIRST - nowhere):
            got, posted = half.get(ADDRESSES[name]), half.post(ADDRESSES[name])
            assert letter(got) + letter(posted) == LOGIN * 2, name

    def test_sets_no_factor_of_one_s_own(self, half, user):
        """S16."""
        before = factors(user)
        for address in [
            *SET,
            "/account/codes/remove/",
            f"/account/passkeys/{before[0][0]}/remove/",
        ]:
            half.post(address, {"code": "000000", "credential": "{}", "name": "x"})
        half.post("/confirm/", {"password": PASSWORD})

        assert factors(user) == before
        assert not is_in(half)

    def test_changes_no_password(self, half, user):
        """S16."""
        change_password(half, PASSWORD)

        user.refresh_from_db()
        assert user.check_password(PASSWORD)

    @pytest.mark.parametrize("asked", ["{}", "?next=/account/", "?stage=done"])
    def test_skips_the_page_of_the_code_by_no_address(self, half, asked):
        """S16."""
        half.get(CODE_PAGE + asked)
        half.post("/login/" + asked, {"next": "/"})

        assert not is_in(half)

    def test_comes_in_with_no_code_of_somebody_else(self, half):
        """S16."""
        send_code(half, code_of(give_codes(person())))

        assert not is_in(half)

    def test_comes_in_by_no_code_of_an_account_of_one_s_own(self, user, secret):
        """S16: whoever works here too begins as themselves and goes on as another."""
        own = person()
        mine = give_codes(own)
        client = Client()
        sign_in(client, own)
        sign_in(client, user)

        send_code(client, code_of(mine))

        assert client.get("/").context["user"] == own

    def test_comes_in_by_no_recovery_code_of_another(self, half):
        """S16."""
        other = person()
        give_codes(other)

        send_code(half, recovery_codes(other)[0])

        assert not is_in(half)

    @pytest.mark.parametrize("code", ["", "0", "null", "[]", "000000", " " * 6, "1" * 5000, "\x00"])
    def test_comes_in_by_no_odd_code(self, half, code):
        """S16."""
        assert send_code(half, code).status_code == 200
        assert not is_in(half)

    def test_is_good_for_a_quarter_of_an_hour(self, half, secret):
        """S16."""
        let_pass(half, 16 * 60)

        send_code(half, code_of(secret))

        assert not is_in(half)

    def test_is_nothing_once_it_was_changed(self, half, user, secret):
        """S17: whoever waits at the page of the code waits for nothing."""
        user.set_password(NEW)
        user.save()

        answer = send_code(half, code_of(secret))

        assert answer["Location"] == "/login/"
        assert "a changé entre-temps" in half.get("/login/").text
        assert not is_in(half)
        assert not JournalEntry.objects.filter(event=Event.SIGNED_IN).exists()

    def test_is_nothing_once_the_access_is_closed(self, half, user, secret):
        """S17."""
        user.is_active = False
        user.save()

        assert send_code(half, code_of(secret))["Location"] == "/login/"
        assert not is_in(half)
        assert not JournalEntry.objects.filter(event=Event.SIGNED_IN).exists()

    def test_is_nothing_once_the_sessions_were_closed(self, half, user, secret):
        """S17."""
        close_sessions(user)

        send_code(half, code_of(secret))

        assert not is_in(half)


class TestACode:
    def test_serves_no_second_browser(self, user, secret):
        """S16: read over the shoulder, and quickly typed."""
        victim, thief = Client(), Client()
        for client in (victim, thief):
            sign_in(client, user)
        code = code_of(secret)
        send_code(victim, code)
        cache.clear()  # As in another worker.

        send_code(thief, code)

        assert is_in(victim)
        assert not is_in(thief)

    def test_that_confirmed_signs_nobody_in(self, user, secret, half):
        """S16."""
        client = Client()
        sign_in(client, user)
        send_code(client, code_of(secret, later=-1))
        code = code_of(secret)
        client.post("/confirm/code/", {"code": code})
        cache.clear()

        send_code(half, code)

        assert not is_in(half)

    @pytest.mark.parametrize("write", [str, str.upper, " {} ".format])
    def test_of_recovery_serves_once(self, user, secret, half, write):
        """S16."""
        code = recovery_codes(user)[0]
        client = Client()
        sign_in(client, user)
        send_code(client, code)
        assert is_in(client)

        send_code(half, write(code))

        assert not is_in(half)


class TestATrustedBrowser:
    @pytest.fixture
    def trusted(self, user, secret):
        """A browser that the person trusted, where nobody is signed in."""
        client = Client()
        sign_in(client, user)
        send_code(client, code_of(secret), trust="on")
        client.post("/logout/")
        return client

    def is_asked(self, client: Client, user: User, password: str = PASSWORD) -> bool:
        answer = sign_in(client, user, password)
        assert answer.status_code == 302
        return answer["Location"] == CODE_PAGE

    def test_asks_somebody_else(self, trusted, user):
        """S16."""
        other = person()
        give_codes(other)

        assert not self.is_asked(trusted, user)
        trusted.post("/logout/")
        assert self.is_asked(trusted, other)

    def test_asks_once_the_factor_was_reset_and_set_again(self, trusted, user):
        """S16."""
        reset_second_factor(user, author=manager())
        give_codes(user)

        assert self.is_asked(trusted, user)

    def test_asks_once_the_password_changed(self, trusted, user):
        """S16."""
        user.set_password(NEW)
        user.save()

        assert self.is_asked(trusted, user, NEW)

    @pytest.mark.parametrize("key", ["tests", "another-secret"])
    def test_is_made_by_nobody_else(self, trusted, user, key):
        """S16: a cookie of another secret, or written by hand."""
        value = trusted.cookies["mfa_trusted"].value
        forged = Signer(key=key).sign(value.rpartition(":")[0])
        trusted.cookies["mfa_trusted"] = forged

        assert self.is_asked(trusted, user)

    def test_was_trusted_by_who_came_in(self, user, secret):
        """S16: who ticks the box with a password alone, and goes no further, trusts nothing."""
        client = Client()
        sign_in(client, user, trust="on")
        own = person()
        sign_in(client, own)
        client.post("/logout/")

        assert self.is_asked(client, user)


# Every shape that no browser sends.
SHAPES = [
    "",
    "0",
    "null",
    "false",
    "[]",
    "{}",
    '""',
    "[0]",
    "{",
    '{"id": 1}',
    '"a"',
    "1e999",
    "[[]]",
]


class TestAPasskey:
    @pytest.mark.parametrize("sent", SHAPES)
    def test_that_is_none_is_not_kept(self, user, sent):
        """S16: it would count as a second factor, and let nobody in any more."""
        client = Client()
        sign_in(client, user)
        client.get("/account/passkeys/add/")

        answer = client.post("/account/passkeys/add/", {"credential": sent, "name": "x"})

        assert answer.status_code == 200
        assert factors(user) == []

    @pytest.mark.parametrize("sent", SHAPES)
    @pytest.mark.parametrize("page", [CODE_PAGE, "/login/passkey/"])
    def test_that_is_none_lets_nobody_in(self, half, page, sent):
        """S16."""
        half.get(page, headers={"accept": "application/json"})

        answer = half.post(page, {"credential": sent})

        assert answer.status_code in {200, 302}
        assert not is_in(half)

    def test_of_another_is_not_removed(self, user):
        """S16."""
        theirs = Authenticator.objects.create(user=person(), type="webauthn", data={"name": "x"})
        client = Client()
        sign_in(client, user)

        client.post(f"/account/passkeys/{theirs.pk}/remove/")

        assert Authenticator.objects.filter(pk=theirs.pk).exists()


class TestASessionThatWasLeftOpen:
    """Whoever sits down at it knows neither the password nor the code."""

    @pytest.fixture
    def left(self, user, secret):
        client = Client()
        sign_in(client, user)
        send_code(client, code_of(secret))
        let_pass(client, 3600)
        return client

    @pytest.mark.parametrize("address", ["/account/codes/remove/", "/account/recovery/new/"])
    def test_gives_up_no_factor(self, left, user, address):
        """S16."""
        before = factors(user), recovery_codes(user)

        answer = left.post(address)

        assert answer["Location"].startswith("/confirm/")
        assert (factors(user), recovery_codes(user)) == before

    def test_adds_no_passkey(self, left):
        """S16."""
        assert left.get("/account/passkeys/add/")["Location"].startswith("/confirm/")
        sent = {"credential": json.dumps({"id": "x"})}
        assert left.post("/account/passkeys/add/", sent)["Location"].startswith("/confirm/")

    @pytest.mark.parametrize("password", ["", "non", PASSWORD + " "])
    def test_is_confirmed_by_no_other_password(self, left, password):
        """S16."""
        left.post("/confirm/", {"password": password})

        assert left.post("/account/codes/remove/")["Location"].startswith("/confirm/")

    def test_is_confirmed_by_no_code_of_another(self, left):
        """S16."""
        left.post("/confirm/code/", {"code": code_of(give_codes(person()))})

        assert left.post("/account/codes/remove/")["Location"].startswith("/confirm/")

    def test_shows_no_recovery_code(self, user, secret):
        """S16: they were shown once, to who had just said who they are."""
        fresh = Client()
        sign_in(fresh, user)
        send_code(fresh, code_of(secret))

        first, second = (fresh.get("/account/recovery/").text for _ in range(2))

        codes = recovery_codes(user)
        assert all(code in first for code in codes)
        assert not [code for code in codes if code in second]


class TestAReset:
    @pytest.fixture
    def lea(self):
        user = person(role=roles.READER)
        give_codes(user)
        return user

    def reset(self, client: Client, user: User) -> int:
        return client.post(f"/auth/user/{user.pk}/reset_factor/").status_code

    def test_of_oneself_is_refused(self, as_manager, manager):
        """S16: whoever sits down at an open session takes nothing away."""
        give_codes(manager)

        assert self.reset(as_manager, manager) == 403
        assert factors(manager)

    def test_of_who_may_do_more_is_refused(self, as_manager):
        """S16."""
        boss = person(is_superuser=True)
        give_codes(boss)

        assert self.reset(as_manager, boss) == 403
        assert factors(boss)

    def test_by_others_is_refused(self, as_editor, as_reader, lea):
        """S16."""
        assert [self.reset(client, lea) for client in (as_editor, as_reader)] == [403, 403]
        assert self.reset(Client(), lea) == 302
        assert factors(lea)

    def test_by_an_address_alone_does_nothing(self, as_manager, lea):
        """S14."""
        as_manager.get(f"/auth/user/{lea.pk}/reset_factor/", {"confirm": "yes", "post": "yes"})

        assert factors(lea)

    def test_is_told_to_the_person(self, as_manager, lea):
        """S27: nobody enters another's access unseen."""
        self.reset(as_manager, lea)
        client = Client()
        sign_in(client, lea)

        assert "a remis à zéro la seconde étape" in client.get("/").text

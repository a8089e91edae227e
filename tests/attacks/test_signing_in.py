"""Attacks on signing in: who has an account, locks to get round, sessions to keep [S15, S17]."""

import re

import pytest
from django.core import mail
from django.test import Client

from labelling import roles
from labelling.access.tries import MOST_BY_ACCOUNT, MOST_BY_NETWORK
from tests.access.signing_in import (
    PASSWORD,
    code_of,
    give_codes,
    is_in,
    person,
    send_code,
    sign_in,
    wait_for_mail,
)
from tests.access.test_tries import LOCKED, WRONG, fail

pytestmark = pytest.mark.django_db

NEW = "x9rt-v4qe-k7mw-3hdp"


def is_locked(client: Client, user) -> bool:
    return bool(LOCKED.search(sign_in(client, user).text))


def change_password(client: Client, old: str, new: str = NEW):
    sent = {"old_password": old, "new_password1": new, "new_password2": new}
    return client.post("/password_change/", sent)


def without(answer, address: str) -> str:
    """A page, but for the address that was typed and the token that is drawn."""
    token = r'name="csrfmiddlewaretoken" value="\w+"'
    return re.sub(token, "", answer.text).replace(address, "")


def stolen(client: Client) -> Client:
    """Another browser, with the cookie of this one's session."""
    thief = Client()
    thief.cookies["sessionid"] = client.cookies["sessionid"].value
    return thief


class TestTheLock:
    @pytest.mark.parametrize(
        "twin",
        [
            "LEA@Example.ORG",
            "  lea@example.org\t",
            "lea\u200b@example.org",
            "\u202elea@example.org",
            "\uff4c\uff45\uff41\uff20example.org",
            "lea@example.org\u00ad",
            "\ufefflea@example.org",
            "lea@example.org\x00",
        ],
    )
    def test_is_not_got_round_by_writing_the_address_otherwise(self, client, twin):
        """S15."""
        user = person(username="lea@example.org")
        fail(client, twin, MOST_BY_ACCOUNT)

        assert is_locked(client, user)

    @pytest.mark.parametrize("typed", ["%", "lea@example._rg", "' OR 1=1 --"])
    def test_is_not_got_round_by_an_address_of_many(self, client, typed):
        """S15: what a database would read as more than an address is nobody's."""
        person(username="lea@example.org")

        sign_in(client, typed)

        assert not is_in(client)

    @pytest.mark.parametrize(
        "header", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "Client-IP", "X-Client-IP"]
    )
    def test_is_not_got_round_by_saying_where_one_comes_from(self, header):
        """S15."""
        for number in range(MOST_BY_NETWORK):
            told = f"for=192.0.2.{number}" if header == "Forwarded" else f"192.0.2.{number}"
            fail(Client(), f"a{number}@example.net", 1, headers={header: told})

        assert LOCKED.search(sign_in(Client(), person(), headers={header: "192.0.2.99"}).text)

    def test_is_not_got_round_by_writing_before_our_proxy(self, settings):
        """S15."""
        settings.BEHIND_PROXY = True
        for number in range(MOST_BY_NETWORK):
            told = {"X-Forwarded-For": f"203.0.113.{number}, 192.0.2.{number},198.51.100.7"}
            fail(Client(), f"a{number}@example.net", 1, headers=told)

        last = {"X-Forwarded-For": "203.0.113.99, 198.51.100.7"}
        assert LOCKED.search(sign_in(Client(), person(), headers=last).text)

    def test_is_not_opened_by_an_account_of_one_s_own(self, client):
        """S15: whoever signs in in between tries no more passwords of others."""
        victim, own = person(), person()
        for _ in range(MOST_BY_ACCOUNT):
            fail(Client(), victim, 1)
            sign_in(Client(), own)
        for number in range(MOST_BY_NETWORK - MOST_BY_ACCOUNT):
            fail(Client(), f"a{number}@example.net", 1)
            sign_in(Client(), own)

        assert is_locked(client, victim)
        assert is_locked(client, own)

    def test_counts_confirming_and_another_password_together(self, client):
        """S15: whoever found a session open tries its password everywhere."""
        client.force_login(person())
        for _ in range(MOST_BY_ACCOUNT - 2):
            client.post("/confirm/", {"password": "non"})
        for _ in range(2):
            change_password(client, "non")

        assert LOCKED.search(client.post("/confirm/", {"password": PASSWORD}).text)
        assert LOCKED.search(change_password(client, PASSWORD).text)

    def test_is_not_got_round_by_another_session(self):
        """S15."""
        user = person()
        for _ in range(MOST_BY_ACCOUNT):
            other = Client()
            other.force_login(user)
            change_password(other, "non")

        other = Client()
        other.force_login(user)
        assert LOCKED.search(change_password(other, PASSWORD).text)

    def test_keeps_a_right_password_from_showing_itself(self, client):
        """S15: what is answered while it is locked says nothing of what was typed."""
        user = person()
        fail(client, user, MOST_BY_ACCOUNT)

        right, wrong = sign_in(client, user), sign_in(client, user, "non")

        assert LOCKED.search(right.text)
        assert without(right, user.username) == without(wrong, user.username)


class TestWhoHasAnAccount:
    @pytest.fixture
    def unknown(self, client):
        return sign_in(client, "nobody@example.net", "non")

    @pytest.mark.parametrize("kind", ["open", "closed", "elsewhere", "invited", "with codes"])
    def test_is_not_said_by_a_wrong_password(self, unknown, kind):
        """S15."""
        user = person(is_active=kind != "closed", is_staff=kind != "elsewhere")
        if kind == "invited":
            user.set_unusable_password()
            user.save()
        elif kind == "with codes":
            give_codes(user)

        answer = sign_in(Client(), user, "non")

        assert WRONG in answer.text
        assert answer.status_code == unknown.status_code
        assert [*answer.headers] == [*unknown.headers]
        assert set(answer.cookies) == set(unknown.cookies)
        assert without(answer, user.username) == without(unknown, "nobody@example.net")

    def test_is_not_said_by_the_passkeys_that_are_asked_for(self, client):
        """S15: the browser is told of no key before it gives one."""
        asked = [
            client.get(
                "/login/passkey/", {"username": name}, headers={"accept": "application/json"}
            ).json()["request_options"]["publicKey"]
            for name in (person().username, "nobody@example.net")
        ]

        for options in asked:
            options.pop("challenge")
        assert asked[0] == asked[1]
        assert not asked[0].get("allowCredentials")

    @pytest.mark.parametrize("page", ["/login/code/", "/confirm/code/", "/confirm/", "/account/"])
    def test_is_not_said_by_pages_after_the_first(self, client, page):
        """S15."""
        answers = [
            client.post(page, {"username": name, "login": name, "code": "1", "password": "x"})
            for name in (person().username, "nobody@example.net")
        ]

        assert [answer["Location"].partition("?")[0] for answer in answers] == ["/login/"] * 2


@pytest.mark.usefixtures("mail_server")
class TestALinkByMail:
    def ask(self, address: str, **kwargs):
        answer = Client().post("/login/forgotten/", {"address": address}, **kwargs)
        wait_for_mail()
        return answer

    @pytest.mark.django_db(transaction=True)
    def test_leads_to_no_host_of_who_asks(self):
        """S24: the link of another site would give it away."""
        user = person()

        forged = self.ask(user.username, headers={"host": "evil.example"})
        told = {"x-forwarded-host": "evil.example", "x-host": "evil.example"}
        self.ask(user.username, headers=told)

        assert forged.status_code == 400
        [sent] = mail.outbox
        assert "http://testserver/welcome/" in sent.body
        assert "evil" not in sent.body

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize(
        "typed",
        [
            "{}\nBcc: evil@example.net",
            "{},evil@example.net",
            "{}\r\n\r\nevil",
            "evil@example.net, {}",
            "<{}>",
        ],
    )
    def test_goes_to_nobody_else(self, typed):
        """S15, S24."""
        self.ask(typed.format(person().username))

        assert mail.outbox == []

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("kind", [{"is_active": False}, {"is_staff": False}])
    def test_is_none_for_an_access_that_is_closed(self, kind):
        """S15."""
        answer = self.ask(person(**kind).username)

        assert mail.outbox == []
        assert without(answer, "") == without(self.ask("nobody@example.net"), "")


class TestASession:
    def test_that_was_planted_before_is_worth_nothing(self):
        """S17: whoever knows the session of a browser before signing in has none after."""
        user = person()
        secret = give_codes(user)
        victim = Client()
        victim.get("/login/")
        sign_in(victim, user)
        planted = stolen(victim)

        send_code(victim, code_of(secret))

        assert is_in(victim)
        assert not is_in(planted)

    def test_of_somebody_else_is_left_by_signing_in(self):
        """S17: nothing of who was there before stays."""
        client = Client()
        sign_in(client, person(role=roles.MANAGER))
        before = stolen(client)
        client.post("/logout/")
        sign_in(client, person(role=roles.READER))

        assert client.get("/auth/user/").status_code == 403
        assert not is_in(before)

    def test_that_was_stolen_ends_with_signing_out(self, client):
        """S17."""
        sign_in(client, person())
        thief = stolen(client)
        assert is_in(thief)

        client.post("/logout/")

        assert not is_in(thief)

    @pytest.mark.parametrize("by", ["page", "link"])
    def test_that_was_stolen_ends_with_the_password(self, client, by, as_manager):
        """S17."""
        from tests.access.test_links import make_link, use

        user = person(role=roles.READER)
        sign_in(client, user)
        thief = stolen(client)

        if by == "page":
            change_password(client, PASSWORD)
            assert is_in(client)
        else:
            user.refresh_from_db()
            use(Client(), make_link(as_manager, user), NEW)

        assert not is_in(thief)

    @pytest.mark.parametrize("address", ["/", "/account/", "/labelling/site/", "/confirm/"])
    def test_ends_with_the_access(self, client, as_manager, address):
        """S17: at once, whatever is asked for."""
        from tests.admin.test_accounts import change, form

        user = person(role=roles.READER)
        sign_in(client, user)

        as_manager.post(change(user), form(username=user.username, is_active=None))

        assert client.get(address)["Location"].startswith("/login/")
        assert client.post(address)["Location"].startswith("/login/")

    def test_is_read_by_no_script_and_sent_by_no_other_site(self, client):
        """S17."""
        sign_in(client, person(), trust="on")

        for name in ("sessionid", "mfa_trusted"):
            assert client.cookies[name]["httponly"], name
            assert client.cookies[name]["samesite"] in {"Lax", "Strict"}, name
        assert client.cookies["csrftoken"]["samesite"] == "Lax"

    def test_is_worth_nothing_in_an_address(self, client):
        """S17."""
        sign_in(client, person())
        key = client.cookies["sessionid"].value

        assert Client().get("/", {"sessionid": key}).status_code == 302
        assert Client().get("/", headers={"authorization": f"Bearer {key}"}).status_code == 302

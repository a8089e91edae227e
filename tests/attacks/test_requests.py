"""Attacks by requests, on every address of signing in and of the people [S12, S13, S14, S22]."""

from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.test import Client

from labelling import roles
from labelling.models import Account, JournalEntry, Tally
from tests.access.signing_in import PASSWORD, code_of, give_codes, person, send_code, sign_in
from tests.access.test_destinations import ODD
from tests.admin.test_accounts import lock
from tests.factories import OUT_OF_SEQUENCE, UserFactory
from tests.test_rights import ADDRESSES, letter

pytestmark = pytest.mark.django_db

_BEGIN = ("account_", "auth_user_", "labelling_journalentry_", "mfa_", "password_", "second_")
_ALONE = ("autocomplete", "forgotten", "index", "jsi18n", "welcome")
ACCESS = {n: a for n, a in ADDRESSES.items() if n.startswith(_BEGIN) or n in _ALONE}
FOREIGN = [
    *ODD,
    "//localhost.evil.example",
    "/\t/evil.example",
    "https://testserver@evil.example/",
    "https:///evil.example",
    "\x00//evil.example",
    "/%5cevil.example",
]


@pytest.fixture
def boss():
    UserFactory(pk=OUT_OF_SEQUENCE)
    return person(is_superuser=True)


@pytest.fixture
def as_boss(boss):
    client = Client(raise_request_exception=False)
    sign_in(client, boss)
    return client


def leads_away(answer) -> bool:
    target = urlsplit(answer.get("Location", "/"))
    odd = answer.get("Location", "/").startswith(("//", "/\\", "\\"))
    return bool(target.scheme or target.netloc or odd)


class TestWhereOneIsLed:
    @pytest.mark.parametrize("next_", FOREIGN)
    def test_is_no_other_site(self, boss, next_):
        """S13: by every page that takes an address to go on to."""
        secret = give_codes(boss)
        client, asked = Client(), {"next": next_}
        answers = [
            client.get("/", {"next": next_}),
            client.post("/login/", asked | {"username": boss.username, "password": PASSWORD}),
            send_code(client, code_of(secret), **asked),
            client.get("/login/", asked),
            client.get("/confirm/", asked),
            client.post("/confirm/", asked | {"password": PASSWORD}),
            client.post("/confirm/code/", asked | {"code": code_of(secret, later=1)}),
            client.post("/login/passkey/", asked),
            client.post("/account/later/", asked),
            client.post("/account/told/", asked | {"last": "1"}),
            client.get("/jsi18n/", asked),
            client.get("/password_change/done/", asked),
            client.post("/logout/", asked),
        ]

        assert [answer.get("Location") for answer in answers if leads_away(answer)] == []

    @pytest.mark.parametrize("path", ["//evil.example/", "/%2F/evil.example/", "/\\evil.example"])
    def test_is_no_other_site_for_who_must_set_a_factor(self, path, settings):
        """S16: what was wanted before is remembered."""
        from datetime import timedelta

        from django.utils import timezone

        settings.SECOND_FACTOR = "everybody"
        user = person(role=roles.READER)
        since = timezone.localdate() - timedelta(days=20)
        Account.objects.create(user=user, factor_announced_on=since)
        client = Client()
        client.force_login(user)
        first = client.get(path, headers={"accept": "text/html"})
        give_codes(user)
        then = client.get("/")

        assert not leads_away(first)
        assert not leads_away(then)


@pytest.mark.usefixtures("mail_server")
class TestAnotherSite:
    @pytest.mark.parametrize("name", sorted(ACCESS))
    def test_sends_no_form_in_somebody_s_name(self, name, boss):
        """S14: without a token, or with one and from elsewhere."""
        client = Client(enforce_csrf_checks=True)
        client.force_login(boss)
        client.cookies["csrftoken"] = token = "a" * 32
        forged = [
            client.post(ACCESS[name]),
            client.post(ACCESS[name], headers={"x-csrftoken": "b" * 32}),
            client.post(
                ACCESS[name],
                {"csrfmiddlewaretoken": token},
                headers={"origin": "https://evil.example"},
            ),
            client.post(ACCESS[name], {"csrfmiddlewaretoken": token}, headers={"origin": "null"}),
        ]

        assert [answer.status_code for answer in forged] == [403] * 4

    @pytest.mark.parametrize(
        "page", ["/login/", "/login/code/", "/login/forgotten/", "/login/passkey/"]
    )
    def test_signs_nobody_in_as_somebody_else(self, page):
        """S14: what one types afterwards would be theirs."""
        client = Client(enforce_csrf_checks=True)
        user = person()

        answer = client.post(page, {"username": user.username, "password": PASSWORD})

        assert answer.status_code == 403
        assert "sessionid" not in answer.cookies


def written() -> list[object]:
    done = JournalEntry.objects.exclude(event="refused")
    tables = (User.objects, Account.objects, Authenticator.objects, done)
    return [[*table.order_by("pk").values()] for table in tables]


class TestAnAddressAlone:
    def test_changes_nothing(self, network, as_boss):
        """S14: whatever it holds, for who may do everything."""
        sent = {"post": "yes", "mail": "1", "last": "9", "password": PASSWORD, "role": roles.READER}
        lock(User.objects.get(pk=OUT_OF_SEQUENCE))
        before = written()
        for name, address in ACCESS.items():
            as_boss.get(address, sent)
            as_boss.head(address)
            as_boss.options(address)
            assert written() == before, name
        assert as_boss.get("/").status_code == 200


GARBAGE = ["", "\x00", "9" * 40, "\u202e\u0661é", "[]", "0"]
# What these pages read of an address or a form.
NAMES = [
    *("next", "last", "trust", "code", "credential", "passwordless", "login", "username", "name"),
    *("password", "old_password", "new_password1", "address", "mail", "role", "is_active"),
    *("access_until", "event", "person", "days", "action", "q", "p", "o", "e", "term"),
    *("app_label", "model_name", "field_name", "_to_field", "_popup", "_continue"),
    "_changelist_filters",
]


@pytest.mark.usefixtures("mail_server")
class TestGarbage:
    @pytest.mark.parametrize("name", sorted(ACCESS.keys() - {"account_logout"}))
    @pytest.mark.parametrize("who", ["nobody", "half", "boss"])
    def test_is_answered(self, name, who, as_boss):
        """S22: no failure, whoever asks for whatever."""
        client = as_boss if who == "boss" else Client(raise_request_exception=False)
        if who == "half":
            user = person()
            give_codes(user)
            sign_in(client, user)
        for garbage in GARBAGE:
            sent = dict.fromkeys(NAMES, garbage)
            answers = [
                client.get(ACCESS[name], sent),
                client.post(ACCESS[name], sent),
                client.post(ACCESS[name], sent, query_params=sent),
            ]
            assert [answer.status_code for answer in answers if answer.status_code >= 500] == []
            Tally.objects.all().delete()

    @pytest.mark.parametrize("name", sorted(ADDRESSES))
    def test_of_an_address_to_go_on_to_is_answered(self, name, boss):
        """S22: each address of ours, of a record that is there or not."""
        client = Client(raise_request_exception=False)

        answer = sign_in(client, boss, next=ADDRESSES[name])

        assert answer.status_code == 302
        assert answer["Location"] in {"/", ADDRESSES[name]}

    @pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "OPTIONS", "X", "HEAD"])
    def test_of_a_method_is_answered(self, method, as_boss):
        """S22."""
        for address in ("/login/", "/confirm/", "/account/", "/account/later/", "/auth/user/", "/"):
            for client in (as_boss, Client(raise_request_exception=False)):
                assert client.generic(method, address, b"x=1").status_code < 500

    @pytest.mark.parametrize("name", ["sessionid", "csrftoken", "mfa_trusted", "messages"])
    def test_of_a_cookie_is_answered(self, name):
        """S22."""
        user = person()
        for value in ("", "x", "é", "a:b:c", "W10:x", '"', "9" * 4000, "..", "[[1]]:x"):
            client = Client(raise_request_exception=False)
            client.cookies[name] = value
            for page in ("/login/", "/", "/login/code/", "/account/"):
                assert client.get(page).status_code in {200, 302}
            assert sign_in(client, user).status_code in {200, 302}


class TestAnAnswer:
    @pytest.mark.parametrize("name", sorted(ACCESS))
    def test_is_kept_by_no_cache(self, name, as_boss):
        """S17: the secret of a telephone's codes least of all."""
        for client in (as_boss, Client()):
            assert "no-store" in client.get(ACCESS[name])["Cache-Control"]
            assert "private" in client.post(ACCESS[name])["Cache-Control"]
            if name == "account_logout":
                break

    @pytest.mark.parametrize("name", sorted(ACCESS))
    def test_stands_in_no_frame_and_tells_nobody_where_it_was(self, name, as_boss):
        """S13."""
        for client in (Client(), as_boss):
            for answer in (client.get(ACCESS[name]), client.get("/nowhere/"), client.post("/x")):
                assert answer["X-Frame-Options"] == "DENY"
                assert answer["X-Content-Type-Options"] == "nosniff"
                assert answer["Referrer-Policy"] in {"same-origin", "no-referrer"}
                assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]

    @pytest.mark.parametrize(
        "host", ["evil.example", "testserver.evil.example", "a b", "[::", "@x"]
    )
    def test_is_none_under_another_name(self, host):
        """S13: what would lead to it, or be cached for it."""
        for address in ("/login/", "/login/forgotten/", "/", "/welcome/x/y/", "/static/x.css"):
            answer = Client().get(address, headers={"host": host})
            assert answer.status_code in {400, 404}, address
            assert host not in answer.text

    @pytest.mark.parametrize(
        "address", ["/nowhere/", "/auth/user/9/x/", "/login/%00/", "/welcome/"]
    )
    def test_of_what_is_not_there_says_nothing_of_the_rest(self, as_boss, address):
        """S22."""
        for client in (as_boss, Client()):
            page = client.get(address)
            assert letter(page) in {"L", "N", "R"}
            for told in ("Traceback", "/site-packages/", "urlpatterns", "SELECT", "django"):
                assert told not in page.text

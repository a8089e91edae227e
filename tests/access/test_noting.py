"""S27: signing in, what failed and what was refused are in the journal, without a secret."""

import json
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from fido2.utils import websafe_encode

from labelling import roles
from labelling.access.adapters import AccountAdapter
from labelling.choices import Event
from labelling.models import JournalEntry
from tests.access.signing_in import PASSWORD, code_of, sign_in
from tests.conftest import signed_in
from tests.factories import SiteFactory, UserFactory

pytestmark = pytest.mark.django_db

HERE = {"from": "127.0.0.1"}

# As a browser sends one, of nobody's; and what no browser sends.
_ANSWER = {
    "clientDataJSON": websafe_encode(b'{"type":"webauthn.get","challenge":"","origin":"x"}'),
    "authenticatorData": websafe_encode(bytes(37)),
    "signature": "AAAA",
    "userHandle": websafe_encode(b"999"),
}
_PASSKEY = {"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": _ANSWER}
PASSKEYS = [
    _PASSKEY,
    _PASSKEY | {"response": _ANSWER | {"userHandle": 7}},
    _PASSKEY | {"response": _ANSWER | {"authenticatorData": "AAAA"}},
    _PASSKEY | {"response": _ANSWER | {"clientDataJSON": websafe_encode(b"[]")}},
    _PASSKEY | {"response": [1]},
    _PASSKEY | {"id": "é"},
    {"id": "x"},
    [1],
    "x",
    7,
]


@pytest.fixture
def lea():
    person = UserFactory(first_name="Léa", last_name="Martin", role=roles.READER)
    person.set_password(PASSWORD)
    person.save()
    return person


def noted(*events: Event) -> list[tuple[str, int | None, int | None, dict]]:
    """The entries of these kinds, or all: what, by whom, for whom, how; the first one first."""
    entries = JournalEntry.objects.order_by("pk")
    if events:
        entries = entries.filter(event__in=events)
    return [(one.event, one.author_id, one.record_id, one.details) for one in entries]


def activate_codes(client) -> str:
    """Go through the page of the telephone's codes; return their secret."""
    page = reverse("mfa_activate_totp")
    client.get(page)
    secret = client.session[SECRET_SESSION_KEY]
    assert client.post(page, {"code": code_of(secret)}).status_code == 302
    return secret


class TestSigningIn:
    """S27."""

    def test_is_noted_with_how_and_from_where(self, client, lea):
        sign_in(client, lea.username)

        assert noted() == [
            ("signed_in", lea.pk, lea.pk, {"way": "password", "is_trusted": False, **HERE})
        ]

    def test_by_a_code_and_by_a_recovery_code_is_noted_so(
        self, client, lea, django_capture_on_commit_callbacks
    ):
        sign_in(client, lea.username)
        with django_capture_on_commit_callbacks(execute=True):
            secret = activate_codes(client)
        rescue = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()[0]
        ways = []
        for code in code_of(secret, later=1), rescue:
            other = Client()
            sign_in(other, lea.username)
            assert other.post(reverse("mfa_authenticate"), {"code": code}).status_code == 302
            ways.append(noted(Event.SIGNED_IN)[-1][3]["way"])

        assert ways == ["code", "recovery"]

    def test_from_a_browser_that_the_person_trusts_is_noted_so(self, client, lea):
        sign_in(client, lea.username, trust="on")
        client.post("/logout/")
        sign_in(client, lea.username)

        trusted = [details["is_trusted"] for *_, details in noted(Event.SIGNED_IN)]
        assert trusted == [False, True]

    def test_out_is_noted(self, client, lea):
        sign_in(client, lea.username)
        client.post("/logout/")

        assert noted(Event.SIGNED_OUT) == [("signed_out", lea.pk, lea.pk, HERE)]

    def test_out_of_nothing_is_not(self, client):
        client.post("/logout/")

        assert noted() == []


class TestAFailure:
    """S27."""

    def test_is_noted_for_whom_it_was_tried_and_locks_once(self, client, lea):
        for _ in range(8):
            sign_in(client, lea.username, "faux")

        tried = {"scope": "stranger", **HERE}
        failures = [("sign_in_failed", None, lea.pk, tried)] * 5
        assert noted() == [*failures, ("locked", None, lea.pk, tried)]

    def test_for_nobody_keeps_nothing_of_what_was_typed(self, client):
        sign_in(client, "mot-de-passe-tapé-trop-haut", "faux")

        assert noted() == [("sign_in_failed", None, None, {"scope": "stranger", **HERE})]

    def test_from_one_network_fills_nothing(self, client):
        for number in range(40):
            sign_in(client, f"personne{number}@ailleurs.fr", "faux")

        assert len(noted()) == 20

    def test_of_a_code_is_noted(self, client, lea, django_capture_on_commit_callbacks):
        sign_in(client, lea.username)
        with django_capture_on_commit_callbacks(execute=True):
            activate_codes(client)
        other = Client()
        sign_in(other, lea.username)

        other.post(reverse("mfa_authenticate"), {"code": "000000"})

        failed = ("sign_in_failed", None, lea.pk, {"scope": "factor", **HERE})
        assert noted(Event.SIGN_IN_FAILED) == [failed]

    def test_of_who_is_signed_in_is_theirs(self, client, lea):
        sign_in(client, lea.username)

        client.post(reverse("account_reauthenticate"), {"password": "faux"})

        failed = ("sign_in_failed", lea.pk, lea.pk, {"scope": "known", **HERE})
        assert noted(Event.SIGN_IN_FAILED) == [failed]

    @pytest.mark.parametrize("credential", PASSKEYS)
    def test_of_a_passkey_is_noted_once_in_a_while(self, client, credential):
        for _ in range(3):
            answer = client.post(
                reverse("mfa_login_webauthn"), {"credential": json.dumps(credential)}
            )
            assert answer.status_code == 302

        assert noted() == [("sign_in_failed", None, None, {"scope": "passkey", **HERE})]

    def test_of_the_passkey_of_a_closed_access_is_noted(self, client, lea):
        lea.is_active = False
        request = client.get("/login/").wsgi_request

        # What the library asks once a passkey is right.
        assert AccountAdapter().pre_login(request, lea).url == "/login/"
        assert noted() == [("sign_in_failed", None, lea.pk, {"scope": "passkey", **HERE})]


class TestSecondFactors:
    """S27."""

    def test_are_noted_when_they_are_set_and_when_they_go(
        self, client, lea, django_capture_on_commit_callbacks
    ):
        sign_in(client, lea.username)
        with django_capture_on_commit_callbacks(execute=True):
            activate_codes(client)
            client.post(reverse("mfa_generate_recovery_codes"))
            client.post(reverse("mfa_deactivate_totp"))

        done = [
            (event, details["kind"])
            for event, author, person, details in noted(Event.FACTOR_SET, Event.FACTOR_REMOVED)
            if author == person == lea.pk
        ]
        assert sorted(done) == [
            ("factor_removed", "recovery_codes"),
            ("factor_removed", "totp"),
            ("factor_set", "recovery_codes"),
            ("factor_set", "recovery_codes"),
            ("factor_set", "totp"),
        ]


class TestARefusal:
    """S27."""

    def test_is_noted_without_the_question_of_the_address(self, as_reader, reader):
        as_reader.get("/labelling/presscontact/?q=durand")

        refused = {"address": "/labelling/presscontact/", "method": "GET"}
        assert noted() == [("refused", reader.pk, None, refused)]

    def test_is_answered_by_the_page_that_says_so(self, as_reader):
        answer = as_reader.get("/labelling/presscontact/")

        assert answer.status_code == 403
        assert "Cette page n’est pas ouverte à votre accès" in answer.text

    def test_is_noted_once_a_quarter_of_an_hour(self, as_reader, monkeypatch):
        for _ in range(3):
            as_reader.get("/labelling/presscontact/")
        as_reader.post("/labelling/presscontact/")
        assert len(noted()) == 2

        later = timezone.now() + timedelta(minutes=16)
        monkeypatch.setattr("django.utils.timezone.now", lambda: later)
        as_reader.get("/labelling/presscontact/")

        assert len(noted()) == 3

    def test_of_a_program_that_follows_every_link_fills_nothing(self, as_reader):
        site = SiteFactory()
        for number in range(50):
            as_reader.get(f"/labelling/site/{site.pk + number}/delete/")

        assert len(noted()) == 30

    def test_keeps_nothing_that_may_be_a_token(self, as_reader):
        as_reader.post("/labelling/site/names/")
        as_reader.get("/labelling/presscontact/download/c9x2ab-0123456789abcdef0123456789abcdef/")

        addresses = [details["address"] for *_, details in noted()]
        assert addresses == ["/labelling/site/names/", "/labelling/presscontact/download/…/"]

    def test_of_a_page_that_stood_open_for_too_long_is_none(self, lea):
        client = Client(enforce_csrf_checks=True)
        client.force_login(lea)

        assert client.post("/labelling/site/add/").status_code == 403
        assert noted() == []

    def test_is_nobodys_who_is_not_signed_in(self, client):
        client.get("/labelling/presscontact/")

        assert noted() == []


class TestTheJournal:
    def test_holds_no_secret(self, client, lea, manager, django_capture_on_commit_callbacks):
        """S27: whatever was typed, by whomever, wherever."""
        typed = "secret-tapé-dans-la-mauvaise-case"
        sign_in(Client(), typed, "faux")
        sign_in(Client(), lea.username, typed)
        sign_in(client, lea.username)
        with django_capture_on_commit_callbacks(execute=True):
            seed = activate_codes(client)
        codes = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
        client.post(reverse("account_reauthenticate"), {"password": typed})
        changed = {
            "old_password": PASSWORD,
            "new_password1": "trois-renards-gris-dorment",
            "new_password2": "trois-renards-gris-dorment",
        }
        client.post(reverse("admin:password_change"), changed)
        client.get(f"/labelling/presscontact/?q={typed}")
        client.post("/logout/")

        kept = json.dumps(list(JournalEntry.objects.values("details", "author_name")))
        told = signed_in(manager).get("/labelling/journalentry/").text
        assert len(noted()) >= 7
        for secret in (typed, PASSWORD, *changed.values(), seed, code_of(seed), *codes):
            assert secret not in kept
            assert json.dumps(secret) not in kept
            assert secret not in told

"""Signing in with a second factor, and what a browser is trusted for [S16]."""

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client

from labelling.models import Account
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

pytestmark = pytest.mark.django_db

WRONG_CODE = "Ce code n’est pas le bon, ou il a déjà servi."


@pytest.fixture
def user():
    return person()


@pytest.fixture
def secret(user):
    return give_codes(user)


class TestAPasswordAlone:
    def test_lets_in_who_has_no_second_factor(self, client, user):
        answer = sign_in(client, user)

        assert answer["Location"] == "/"
        assert is_in(client)

    def test_shows_nothing_of_who_has_one(self, client, user, secret):
        """S16: the password was stolen."""
        answer = sign_in(client, user)

        assert answer["Location"] == CODE_PAGE
        assert not is_in(client)
        assert client.get("/labelling/site/")["Location"].startswith("/login/")
        assert client.get("/account/")["Location"].startswith("/login/")

    def test_of_an_account_that_was_closed_is_answered_as_a_wrong_one(self, client, user):
        user.is_active = False
        user.save()

        right, wrong = sign_in(client, user).text, sign_in(client, user, "non").text

        assert "ne correspondent à aucun accès ouvert" in right
        assert len(right) == len(wrong)

    def test_of_an_access_whose_last_day_is_over_too(self, client, user):
        from datetime import timedelta

        from django.utils import timezone

        today = timezone.localdate()
        account = Account.objects.create(user=user, access_until=today)
        assert sign_in(Client(), user).status_code == 302

        account.access_until = today - timedelta(days=1)
        account.save()

        assert "ne correspondent à aucun accès ouvert" in sign_in(client, user).text

    def test_keeps_out_who_does_not_work_here(self, client):
        user = person(is_staff=False)

        assert "ne correspondent à aucun accès ouvert" in sign_in(client, user).text


class TestACode:
    def test_lets_in(self, client, user, secret):
        """S16."""
        sign_in(client, user)

        send_code(client, code_of(secret))

        assert is_in(client)

    @pytest.mark.parametrize("later", [-1, 1])
    def test_may_come_from_a_clock_half_a_minute_off(self, client, user, secret, later):
        sign_in(client, user)

        send_code(client, code_of(secret, later=later))

        assert is_in(client)

    @pytest.mark.parametrize("later", [-4, 4])
    def test_of_another_time_does_not(self, client, user, secret, later):
        sign_in(client, user)

        answer = send_code(client, code_of(secret, later=later))

        assert WRONG_CODE in answer.text
        assert not is_in(client)

    def test_is_taken_once(self, user, secret):
        """S16: whoever looked over the shoulder comes too late."""
        code = code_of(secret)
        first, second = Client(), Client()
        for client in (first, second):
            sign_in(client, user)
            answer = send_code(client, code)

        assert is_in(first)
        assert not is_in(second)
        assert WRONG_CODE in answer.text

    @pytest.mark.parametrize("between", [" ", "-", ".", "\t"])
    def test_is_taken_once_whatever_stands_between_its_digits(self, user, secret, between):
        """S16: by another worker too, whose memory does not hold it."""
        code = code_of(secret)
        first, second = Client(), Client()
        sign_in(first, user)
        send_code(first, code)
        sign_in(second, user)
        cache.clear()

        send_code(second, f"{code[:3]}{between}{code[3:]}")

        assert not is_in(second)

    def test_of_another_person_does_not(self, client, user, secret):
        other = give_codes(person())
        sign_in(client, user)

        send_code(client, code_of(other))

        assert not is_in(client)

    def test_needs_the_secret_of_the_application(self, client, user, secret, settings):
        """S24: with another one, factors are set anew; nothing fails, nobody comes in."""
        settings.SECRET_KEY = "z9" + settings.SECRET_KEY
        sign_in(client, user)

        answer = send_code(client, code_of(secret))

        assert answer.status_code == 200
        assert WRONG_CODE in answer.text

    def test_has_a_secret_that_does_not_lie_in_clear(self, user, secret):
        """S16."""
        for held in Authenticator.objects.filter(user=user):
            assert secret not in str(held.data)
            assert str(held.data).count("gAAAA") == 1


class TestARecoveryCode:
    def test_lets_in_once(self, user, secret):
        code = recovery_codes(user)[3]
        first, second = Client(), Client()
        for client in (first, second):
            sign_in(client, user)
            send_code(client, code)

        assert is_in(first)
        assert not is_in(second)


class TestATrustedBrowser:
    def test_is_asked_for_no_code(self, user, secret):
        client = Client()
        sign_in(client, user)
        send_code(client, code_of(secret), trust="on")
        client.post("/logout/")

        sign_in(client, user)

        assert is_in(client)

    def test_may_be_trusted_as_one_writes_the_password(self, user, secret):
        client = Client()
        sign_in(client, user, trust="on")

        assert 'name="trust" aria-describedby="trust-help" id="id_trust" checked>' in (
            client.get(CODE_PAGE).text
        )

    def test_is_asked_once_a_second_factor_is_new(self, user):
        client = Client()
        sign_in(client, user, trust="on")
        client.post("/logout/")
        give_codes(user)

        sign_in(client, user)

        assert not is_in(client)

    def test_is_kept_for_thirty_days_out_of_reach_of_scripts(self, user):
        client = Client()
        sign_in(client, user, trust="on")

        cookie = client.cookies["mfa_trusted"]

        assert cookie["max-age"] == 30 * 24 * 3600
        assert cookie["httponly"]


class TestMySignIn:
    def test_leads_to_the_codes_of_a_telephone(self, client, user):
        sign_in(client, user)
        page = client.get("/account/codes/")
        secret = page.context["form"].secret

        client.post("/account/codes/", {"code": code_of(secret)})
        codes = client.get("/account/recovery/")

        assert f'<code class="secret">{secret}</code>' in page.text
        assert "La seconde étape est activée." in codes.text
        assert all(code in codes.text for code in recovery_codes(user))
        assert recovery_codes(user)[0] not in client.get("/account/recovery/").text

    def test_takes_no_wrong_first_code(self, client, user):
        sign_in(client, user)
        client.get("/account/codes/")

        answer = client.post("/account/codes/", {"code": "000000"})

        assert WRONG_CODE in answer.text
        assert not Authenticator.objects.exists()

    @pytest.mark.parametrize(
        "page", ["codes/", "codes/remove/", "recovery/", "recovery/new/", "passkeys/add/"]
    )
    def test_asks_again_who_has_been_in_for_a_while(self, client, user, secret, page):
        """S16: nobody takes the second factor off a computer that was left open."""
        client.force_login(user)

        answer = client.get(f"/account/{page}", follow=True)

        assert "<h1>Confirmer que c’est vous</h1>" in answer.text

    def test_changes_nothing_for_who_does_not_say_it_again(self, client, user, secret):
        client.force_login(user)

        client.post("/account/codes/remove/")
        client.post("/account/recovery/new/")

        assert Authenticator.objects.filter(user=user).count() == 2

    def test_goes_on_once_it_was_said(self, client, user, secret):
        client.force_login(user)

        answer = client.post(
            "/confirm/?next=/account/codes/remove/", {"password": PASSWORD}, follow=True
        )
        client.post("/account/codes/remove/")

        assert "<h1>Ne plus utiliser les codes du téléphone</h1>" in answer.text
        assert not Authenticator.objects.filter(user=user).exists()

    def test_makes_recovery_codes_that_void_the_former_ones(self, client, user, secret):
        former = recovery_codes(user)
        sign_in(client, user)
        send_code(client, code_of(secret))

        page = client.post("/account/recovery/new/", follow=True)

        assert all(code in page.text for code in recovery_codes(user))
        assert not set(former) & set(recovery_codes(user))

    def test_removes_no_passkey_of_another(self, client, user):
        other = Authenticator.objects.create(user=person(), type="webauthn", data={"name": "x"})
        sign_in(client, user)

        answer = client.post(f"/account/passkeys/{other.pk}/remove/")

        assert answer.status_code == 404
        assert Authenticator.objects.filter(pk=other.pk).exists()


class TestAPasskey:
    @pytest.mark.parametrize(
        "sent",
        [
            "",
            "null",
            "[]",
            "{}",
            '{"id": "a", "response": {}}',
            '{"id": "a", "rawId": "a", "type": "public-key", "response": {"userHandle": "MQ"}}',
            '{"response": {"userHandle": null}}',
            '{"response": []}',
            '{"response": {"userHandle": 7}}',
            '{"id": 3, "response": {"userHandle": "é"}}',
            '"' + "a" * 100_000 + '"',
        ],
    )
    def test_that_is_none_lets_nobody_in(self, client, user, sent):
        """S16."""
        client.get("/login/passkey/", headers={"accept": "application/json"})

        answer = client.post("/login/passkey/", {"credential": sent})

        assert answer.status_code == 302
        assert not is_in(client)
        page = client.get(answer["Location"]).text
        assert 'class="messagelist"' in page
        assert "Ce code" not in page

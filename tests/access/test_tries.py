"""What is tried to come in is counted by the database, and locks [S15]."""

import os
import re
import subprocess
import sys
from datetime import timedelta
from functools import partial

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from labelling.access.tries import Scope, find_locks, take
from labelling.choices import Event
from labelling.models import JournalEntry, Tally
from tests.access.signing_in import (
    CODE_PAGE,
    PASSWORD,
    code_of,
    give_codes,
    is_in,
    person,
    send_code,
    sign_in,
)
from tests.linear import costs_like

pytestmark = pytest.mark.django_db

# Written out: tests of what the code counts to.
MOST_BY_ACCOUNT, MOST_BY_NETWORK = 5, 20
LOCKED = re.compile(
    "Trop d’essais. Réessayez à [0-9]+\u00a0h(\u00a0[0-9]{2})?, "
    "ou demandez à un responsable de l’Union."
)
WRONG = "ne correspondent à aucun accès ouvert"


def fail(client: Client, user: User | str, times: int, **kwargs) -> list[str]:
    """What each of so many wrong passwords is answered."""
    return [sign_in(client, user, "non", **kwargs).text for _ in range(times)]


def let_pass(minutes: float) -> None:
    """Let time pass for what was counted."""
    for tally in Tally.objects.all():
        tally.until -= timedelta(minutes=minutes)
        tally.save()


class TestAnAccount:
    def test_is_locked_by_the_fifth_wrong_password(self, client):
        """S15."""
        user = person()

        answers = fail(client, user, MOST_BY_ACCOUNT)
        right = sign_in(client, user)

        assert all(WRONG in answer for answer in answers)
        assert LOCKED.search(right.text)
        assert not is_in(client)

    def test_opens_by_itself_after_fifteen_minutes(self, client):
        user = person()
        fail(client, user, MOST_BY_ACCOUNT)

        let_pass(14)
        before = sign_in(client, user)
        let_pass(1.1)
        after = sign_in(client, user)

        assert LOCKED.search(before.text)
        assert after.status_code == 302

    def test_counts_the_wrong_ones_since_the_last_right_one(self, client):
        user = person()
        fail(client, user, MOST_BY_ACCOUNT - 1)
        sign_in(Client(), user)

        answers = fail(client, user, MOST_BY_ACCOUNT)

        assert all(WRONG in answer for answer in answers)

    def test_that_nobody_has_is_answered_in_the_same_words(self, client):
        """S15: one learns nothing of who has an account."""
        user = person()
        known = [*fail(client, user, MOST_BY_ACCOUNT), sign_in(client, user).text]
        unknown = fail(client, "personne@example.net", MOST_BY_ACCOUNT + 1)

        plain = [
            [re.sub(r'value="[^"]*"|[0-9]+\u00a0h(\u00a0[0-9]+)?', "", page) for page in pages]
            for pages in (known, unknown)
        ]

        assert plain[0] == plain[1]

    def test_that_nobody_has_takes_as_long(self, client, settings):
        """S15."""
        settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
        user = person()

        def fail_as(address: str) -> None:
            Tally.objects.all().delete()
            fail(client, address, 2)

        compare = partial(costs_like, fail_as, times=2)

        assert compare(user.username, "personne@example.net")
        assert compare("personne@example.net", user.username)

    def test_is_one_whatever_its_capitals(self, client):
        user = person(username="ana@example.org")
        for typed in ("ana@example.org", "ANA@example.org", " Ana@Example.Org ", "ana@example.org"):
            fail(client, typed, 1)
        fail(client, "aNa@example.org", 1)

        assert LOCKED.search(sign_in(client, user).text)

    def test_is_not_locked_by_who_only_asks_for_the_page(self, client):
        user = person()
        for _ in range(2 * MOST_BY_NETWORK):
            client.get("/login/")

        assert sign_in(client, user).status_code == 302

    def test_that_is_locked_locks_no_other(self, client):
        """S15: five faults on one account keep no colleague of the same address out."""
        fail(client, person(), MOST_BY_ACCOUNT + 5)

        assert sign_in(Client(), person()).status_code == 302

    def test_is_unlocked_for_all_at_once(self, client):
        user = person()
        fail(client, user, MOST_BY_ACCOUNT)
        assert [*find_locks([user, person()])] == [user.pk]

        call_command("unlock_account", user.username)

        assert sign_in(client, user).status_code == 302

    def test_is_noted_as_locked_once(self, client):
        """S27."""
        user = person()
        fail(client, user, MOST_BY_ACCOUNT + 3)

        noted = JournalEntry.objects.filter(record_id=user.pk).order_by("pk")

        assert [entry.event for entry in noted] == [Event.SIGN_IN_FAILED] * 5 + [Event.LOCKED]


class TestANetwork:
    def test_is_locked_by_the_twentieth(self):
        """S15: whoever tries one password on every account."""
        user = person()
        for number in range(MOST_BY_NETWORK):
            fail(Client(), f"personne{number}@example.net", 1)

        assert LOCKED.search(sign_in(Client(), user).text)
        assert sign_in(Client(), user, REMOTE_ADDR="192.0.2.7").status_code == 302

    def test_is_not_what_the_request_says_of_itself(self):
        """S15: forged addresses are not believed."""
        for number in range(MOST_BY_NETWORK):
            forged = {"x-forwarded-for": f"192.0.2.{number}", "x-real-ip": f"192.0.2.{number}"}
            fail(Client(), f"personne{number}@example.net", 1, headers=forged)

        assert LOCKED.search(sign_in(Client(), person()).text)

    def test_behind_the_proxy_is_what_the_proxy_says(self, settings):
        """S15: what is before the last comma came with the request."""
        settings.BEHIND_PROXY = True
        for number in range(MOST_BY_NETWORK):
            told = {"x-forwarded-for": f"198.51.100.{number}, 192.0.2.1"}
            fail(Client(), f"personne{number}@example.net", 1, headers=told)
        user = person()

        from_there = sign_in(Client(), user, headers={"x-forwarded-for": "192.0.2.1"})
        elsewhere = sign_in(Client(), user, headers={"x-forwarded-for": "192.0.2.2"})

        assert LOCKED.search(from_there.text)
        assert elsewhere.status_code == 302

    def test_of_version_6_is_that_of_one_subscriber(self):
        for number in range(MOST_BY_NETWORK):
            fail(Client(), f"a{number}@example.net", 1, REMOTE_ADDR=f"2001:db8:1:2::{number:x}")
        user = person()

        assert LOCKED.search(sign_in(Client(), user, REMOTE_ADDR="2001:db8:1:2:9::1").text)
        assert sign_in(Client(), user, REMOTE_ADDR="2001:db8:1:3::1").status_code == 302


class TestATrustedBrowser:
    @pytest.fixture
    def user(self):
        return person()

    @pytest.fixture
    def trusted(self, user):
        client = Client()
        sign_in(client, user, trust="on")
        client.post("/logout/")
        return client

    def test_is_not_kept_out_by_what_strangers_try(self, user, trusted):
        """S15: the address is printed under every release."""
        for number in range(MOST_BY_NETWORK):
            fail(Client(), f"personne{number}@example.net", 1)
        fail(Client(), user, MOST_BY_ACCOUNT)

        assert LOCKED.search(sign_in(Client(), user).text)
        assert sign_in(trusted, user).status_code == 302

    def test_is_locked_by_what_is_tried_on_it(self, user, trusted):
        fail(trusted, user, MOST_BY_ACCOUNT)

        assert LOCKED.search(sign_in(trusted, user).text)
        assert sign_in(Client(), user).status_code == 302

    def test_is_trusted_by_the_person_alone(self, trusted):
        other = person()
        fail(Client(), other, MOST_BY_ACCOUNT)

        assert LOCKED.search(sign_in(trusted, other).text)

    def test_is_trusted_no_more_once_the_password_changed(self, user, trusted):
        user.set_password(PASSWORD + "-2")
        user.save()
        fail(Client(), user, MOST_BY_ACCOUNT)

        assert LOCKED.search(sign_in(trusted, user, PASSWORD + "-2").text)

    def test_holds_a_cookie_that_nobody_can_write(self, user, trusted):
        trusted.cookies["mfa_trusted"] = "a" + trusted.cookies["mfa_trusted"].value
        fail(Client(), user, MOST_BY_ACCOUNT)

        assert LOCKED.search(sign_in(trusted, user).text)

    def test_was_not_trusted_without_the_box(self, user):
        client = Client()
        sign_in(client, user)

        assert "mfa_trusted" not in client.cookies


class TestTheSecondFactor:
    def test_is_locked_by_the_fifth_wrong_code(self, client):
        """S15."""
        user = person()
        secret = give_codes(user)
        sign_in(client, user)
        for _ in range(MOST_BY_ACCOUNT):
            send_code(client, "000000")

        answer = send_code(client, code_of(secret))

        assert LOCKED.search(answer.text)
        assert not is_in(client)
        assert [*find_locks([user])] == [user.pk]

    def test_begins_anew_with_no_other_session(self, client):
        user = person()
        secret = give_codes(user)
        for _ in range(MOST_BY_ACCOUNT):
            client = Client()
            sign_in(client, user)
            send_code(client, "000000")

        assert LOCKED.search(send_code(client, code_of(secret)).text)

    def test_is_asked_of_nobody_without_a_password(self, client):
        user = person()
        give_codes(user)

        assert client.get(CODE_PAGE)["Location"].startswith("/login/")


class TestConfirming:
    def test_is_locked_by_the_fifth_wrong_password(self, client):
        """S15."""
        user = person()
        client.force_login(user)
        for _ in range(MOST_BY_ACCOUNT):
            client.post("/confirm/", {"password": "non"})

        answer = client.post("/confirm/", {"password": PASSWORD})

        assert LOCKED.search(answer.text)


class TestWhatIsTakenOnce:
    def test_comes_again_after_the_period(self):
        period = timedelta(minutes=1)

        first, second = (take(Scope.CODE, "1 000000", period) for _ in range(2))
        let_pass(2)

        assert (first, second) == (True, False)
        assert take(Scope.CODE, "1 000000", period)

    def test_leaves_nothing_behind(self):
        for number in range(30):
            take(Scope.CODE, str(number), timedelta(minutes=1))
        let_pass(2)

        take(Scope.CODE, "another", timedelta(minutes=1))

        assert Tally.objects.count() == 1

    def test_holds_no_address_in_clear(self, client):
        fail(client, "personne@example.net", 1)

        kept = " ".join(Tally.objects.values_list("key", flat=True))

        assert re.fullmatch("[0-9a-f]{64} [0-9a-f]{64}", kept)
        assert Tally.objects.filter(until__gt=timezone.now()).count() == 2


WORKER = """
import sys
from concurrent.futures import ThreadPoolExecutor
import django
django.setup()
from django.db import connection
from django.test import Client

def send(number):
    try:
        sent = {"username": sys.argv[1], "password": "non"}
        answer = Client(SERVER_NAME="localhost").post("/login/", sent)
        return "wrong" if "aucun accès ouvert" in answer.text else "locked"
    finally:
        connection.close()

with ThreadPoolExecutor(12) as threads:
    print(*threads.map(send, range(12)))
"""


@pytest.mark.django_db(transaction=True)
class TestTwoWorkers:
    def test_check_five_of_twenty_four_at_once(self):
        """S15."""
        user = person()
        database = connection.settings_dict
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DATABASE_URL": f"sqlite:///{database['NAME']}",
        }
        if connection.vendor == "postgresql":
            base, _, _ = os.environ["DATABASE_URL"].rpartition("/")
            environment["DATABASE_URL"] = f"{base}/{database['NAME']}"

        workers = [
            subprocess.Popen(
                [sys.executable, "-c", WORKER, user.username],
                env=environment,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(2)
        ]
        answers = " ".join(worker.communicate()[0] for worker in workers).split()

        assert sorted(answers) == ["locked"] * 19 + ["wrong"] * 5
        assert JournalEntry.objects.filter(event=Event.SIGN_IN_FAILED).count() == 5
        assert JournalEntry.objects.filter(event=Event.LOCKED).count() == 1

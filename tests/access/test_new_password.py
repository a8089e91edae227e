"""Changing one's own password: tries are counted, other sessions end, the journal knows."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from labelling import roles
from labelling.access.tries import unlock
from labelling.choices import Event
from labelling.models import JournalEntry
from labelling.models.account import Tally
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

ADDRESS = "/password_change/"
OLD, NEW = "k7mw-3hdp-x9rt-v4qe", "girafe tournevis hublot"
TOO_MANY = "Trop d’essais."
WRONG = "Ce n’est pas votre mot de passe actuel."


@pytest.fixture
def lea():
    person = UserFactory(
        username="lea@example.org", first_name="Léa", last_name="Martin", role=roles.READER
    )
    person.set_password(OLD)
    person.save()
    return person


@pytest.fixture
def here(lea):
    client = Client()
    client.force_login(lea)
    return client


def change(client: Client, old: str = OLD, new: str = NEW, again: str | None = None):
    sent = {"old_password": old, "new_password1": new, "new_password2": again or new}
    return client.post(ADDRESS, sent, follow=True)


class TestChanging:
    def test_makes_the_new_one_hold(self, here, lea):
        answer = change(here)

        lea.refresh_from_db()
        assert "<h1>Mot de passe changé</h1>" in answer.text
        assert lea.check_password(NEW)

    def test_ends_the_sessions_elsewhere_and_keeps_this_one(self, here, lea):
        """S17."""
        elsewhere = Client()
        elsewhere.force_login(lea)
        assert elsewhere.get("/").status_code == 200

        change(here)

        assert elsewhere.get("/").status_code == 302
        assert here.get("/").status_code == 200

    def test_is_noted_without_the_password(self, here, lea):
        """S27."""
        change(here)

        entry = JournalEntry.objects.get(event=Event.PASSWORD_CHANGED)
        assert (entry.author, entry.model_key, entry.record_id) == (lea, "user", lea.pk)
        assert entry.details == {"way": "page"}

    @pytest.mark.parametrize(
        ("sent", "sentence"),
        [
            ({"old": "non"}, WRONG),
            ({"new": OLD}, "C’est votre mot de passe actuel. Choisissez-en un autre."),
            ({"again": "girafe tournevis"}, "Les deux mots de passe sont différents."),
            ({"new": "Bienvenue2024!"}, "est fait de mots que l’on devine (« bienvenue »)"),
            ({"new": "LeaMartin1985"}, "est fait de votre nom ou de votre adresse"),
            ({"new": "x" * 201}, "Il lui faut au plus 200 caractères."),
            ({"old": "x" * 201}, "200"),
        ],
    )
    def test_says_what_is_to_be_corrected_and_changes_nothing(self, here, lea, sent, sentence):
        answer = change(here, **sent)

        lea.refresh_from_db()
        assert sentence in answer.text.replace("\u00a0", " ")
        assert lea.check_password(OLD)
        assert not JournalEntry.objects.filter(event=Event.PASSWORD_CHANGED).exists()

    def test_repeats_no_password_in_the_page(self, here):
        page = change(here, old="girafe-ancienne", new="Bienvenue2024!").text

        assert "girafe-ancienne" not in page
        assert "Bienvenue2024!" not in page

    def test_says_what_a_password_must_be(self, here):
        page = here.get(ADDRESS).text

        assert "Au moins 12 caractères, par exemple trois mots rares" in page


class TestTries:
    """S15."""

    def test_are_locked_after_five_that_were_wrong(self, here, lea):
        for _ in range(5):
            assert WRONG in change(here, old="non").text

        answer = change(here)

        lea.refresh_from_db()
        assert TOO_MANY in answer.text
        assert WRONG not in answer.text
        assert lea.check_password(OLD)

    def test_are_noted(self, here, lea):
        for _ in range(6):
            change(here, old="non")

        noted = JournalEntry.objects.order_by("pk").values_list("event", "record_id")
        assert list(noted) == [(Event.SIGN_IN_FAILED, lea.pk)] * 5 + [(Event.LOCKED, lea.pk)]

    def test_count_again_after_a_quarter_of_an_hour(self, here, lea):
        for _ in range(5):
            change(here, old="non")
        left = Tally.objects.get().until - timezone.now()
        assert timedelta(minutes=14) < left <= timedelta(minutes=15)
        Tally.objects.update(until=datetime(2020, 10, 14, tzinfo=UTC))

        change(here)

        lea.refresh_from_db()
        assert lea.check_password(NEW)

    def test_are_forgotten_by_one_that_was_right(self, here):
        for _ in range(4):
            change(here, old="non")
        change(here, new="Bienvenue2024!")

        for _ in range(4):
            assert WRONG in change(here, old="non").text

    def test_are_unlocked_by_hand(self, here, lea):
        for _ in range(5):
            change(here, old="non")

        assert unlock(lea, author=None)

        assert TOO_MANY not in change(here).text

    def test_of_one_person_keep_out_no_other(self, here):
        other = UserFactory(username="remi@example.org", role=roles.READER)
        other.set_password(OLD)
        other.save()
        theirs = Client()
        theirs.force_login(other)
        for _ in range(5):
            change(here, old="non")

        assert "<h1>Mot de passe changé</h1>" in change(theirs).text


class TestCommand:
    def test_is_noted_as_nobody_s(self, lea):
        """S27."""
        call_command("renew_password", "lea@example.org", stdout=StringIO())

        entry = JournalEntry.objects.get()
        assert (entry.event, entry.author, entry.record_id) == (
            Event.PASSWORD_CHANGED,
            None,
            lea.pk,
        )
        assert (entry.model_key, entry.details) == ("user", {"way": "command"})

    def test_ends_every_session(self, here):
        """S17."""
        call_command("renew_password", "lea@example.org", stdout=StringIO())

        assert here.get("/").status_code == 302

    def test_lets_who_was_locked_out_in(self, client, lea):
        """S15."""
        for _ in range(5):
            client.post("/login/", {"username": lea.username, "password": "?"})
        said = StringIO()

        call_command("renew_password", "Lea@Example.org", stdout=said)

        password = said.getvalue().splitlines()[1].split()[-1]
        client.post("/login/", {"username": lea.username, "password": password})
        assert client.get("/").status_code == 200

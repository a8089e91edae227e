"""A link that a person asks for from the page of signing in: the same answer for everybody."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from labelling import roles
from labelling.access.tries import MOST_BY_ACCOUNT, MOST_BY_NETWORK
from labelling.choices import Event
from labelling.models import Account, JournalEntry
from tests.access.signing_in import wait_for_mail
from tests.admin.test_accounts import link_in
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lea(db):
    return UserFactory(
        username="lea@example.org", first_name="Léa", last_name="Martin", role=roles.READER
    )


def ask(address: str, **who: str) -> str:
    """What the page says; the mail has left when it returns."""
    answer = Client(**who).post("/login/forgotten/", {"address": address})
    wait_for_mail()
    assert answer.status_code == 200
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.text)


@pytest.mark.usefixtures("mail_server")
class TestAsking:
    def test_sends_a_link_that_the_page_does_not_show(self, lea):
        page = ask("Lea@Example.org ")

        [sent] = mail.outbox
        assert sent.to == ["lea@example.org"]
        assert "/welcome/" not in page
        assert "Choisissez votre mot de passe" in Client().get(link_in(sent.body), follow=True).text
        [entry] = JournalEntry.objects.filter(event=Event.LINK_MADE)
        assert (entry.author, entry.record_id) == (None, lea.pk)

    def test_is_offered_where_one_signs_in(self, client):
        page = client.get("/login/").text

        assert "Recevoir un lien par courriel" in page
        assert 'href="/login/forgotten/"' in page

    def test_says_the_same_to_known_and_unknown_people(self, lea):
        """S15."""
        gone = UserFactory(username="gone@example.org", role=roles.READER)
        Account.objects.create(user=gone, access_until=timezone.localdate() - timedelta(days=1))
        UserFactory(username="closed@example.org", is_active=False)
        known = ask("lea@example.org")

        pages = {ask(f"{name}@example.org") for name in ("gone", "closed", "nobody")}
        pages |= {ask("x" * 10_000), ask("a\x00b")}

        assert pages == {known}
        assert [sent.to for sent in mail.outbox] == [["lea@example.org"]]

    @pytest.mark.parametrize("address", ["lea@example.org", "nobody@example.org"])
    def test_is_bounded_for_an_address(self, lea, address):
        for number in range(MOST_BY_ACCOUNT):
            page = ask(address, REMOTE_ADDR=f"192.0.2.{number}")
            assert "Trop d’essais" not in page

        assert "Trop d’essais." in ask(address.upper(), REMOTE_ADDR="192.0.2.99")
        assert len(mail.outbox) in {0, MOST_BY_ACCOUNT}

    def test_is_bounded_for_a_network(self):
        for number in range(MOST_BY_NETWORK):
            ask(f"personne{number}@example.org")

        assert "Trop d’essais." in ask("other@example.org")

    def test_of_no_address_asks_for_one(self):
        assert "À remplir." in ask("")


class TestWithoutMail:
    def test_nothing_is_offered(self, client):
        assert "par courriel" not in client.get("/login/").text
        assert client.post("/login/forgotten/", {"address": "x"}).status_code == 404

"""Attacks on the links by which one chooses a password [S24]."""

import logging
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client

from labelling import roles
from labelling.access.links import tokens
from labelling.models import JournalEntry
from tests.access.signing_in import PASSWORD, is_in, person
from tests.access.test_links import VOID, is_good, make_link, use
from tests.admin.test_accounts import change, form
from tests.attacks.test_signing_in import NEW

pytestmark = pytest.mark.django_db


@pytest.fixture
def lea():
    return person(username="lea@example.org", role=roles.READER)


@pytest.fixture
def link(as_manager, lea):
    return make_link(as_manager, lea)


def has_kept(user: User) -> bool:
    """Whether a person's password is what it was."""
    user.refresh_from_db()
    return user.check_password(PASSWORD)


class TestALink:
    def test_is_used_by_nobody_after_its_person(self, client, link, lea):
        """S24."""
        use(client, link, NEW)
        use(Client(), link, "k7mw-x9rt-3hdp-v4qe")

        lea.refresh_from_db()
        assert lea.check_password(NEW)

    def test_that_was_open_elsewhere_is_void_once_used(self, link, lea):
        """S24: the page of the password too, not the link alone."""
        thief = Client()
        page = thief.get(link)["Location"]
        use(Client(), link, NEW)

        other = "k7mw-x9rt-3hdp-v4qe"
        answer = thief.post(page, {"new_password1": other, "new_password2": other})

        assert VOID in answer.text
        lea.refresh_from_db()
        assert lea.check_password(NEW)

    def test_that_was_replaced_is_void(self, as_manager, link, lea):
        """S24."""
        make_link(as_manager, lea)

        use(Client(), link, NEW)

        assert has_kept(lea)

    def test_opens_no_page_of_another(self, client, link, lea, as_manager):
        """S24: with one's own link open, one asks for the page of somebody else's."""
        other = person()
        theirs = make_link(as_manager, other).split("/")[2]
        client.get(link)

        page = f"/welcome/{theirs}/password/"
        client.post(page, {"new_password1": NEW, "new_password2": NEW})
        crossed = "/".join(["", "welcome", theirs, link.split("/")[3], ""])
        use(Client(), crossed, NEW)

        assert has_kept(other)
        assert has_kept(lea)

    @pytest.mark.parametrize("until", [None, "2020-01-01"])
    def test_opens_no_access_that_is_closed(self, as_manager, link, lea, until):
        """S24."""
        from labelling.models import Account

        if until:
            Account.objects.create(user=lea, access_until=until)
        else:
            as_manager.post(change(lea), form(is_active=None))

        use(Client(), link, NEW)

        assert has_kept(lea)

    @pytest.mark.parametrize(
        "written", ["{}a", "-{}", "%00{}", "zzzzzz-{}", "password", "{}-", "{}%2F", " {}"]
    )
    def test_is_not_written_otherwise(self, link, lea, written):
        """S24."""
        *before, token, after = link.split("/")
        for other in (token, token[:-1], token.upper(), token.partition("-")[2]):
            tampered = written.format(other)
            if tampered.strip() != token:
                use(Client(), "/".join([*before, tampered, after]), NEW)

        assert has_kept(lea)

    def test_is_void_after_three_days(self, as_manager, lea, monkeypatch):
        """S24."""
        then = tokens._now() - timedelta(hours=73)
        monkeypatch.setattr(tokens, "_now", lambda: then)
        link = make_link(as_manager, lea)
        monkeypatch.undo()

        use(Client(), link, NEW)

        assert has_kept(lea)

    def test_is_used_up_by_no_program_that_looks_at_it(self, link, lea):
        """S14: mail programs open the links of a mail before anybody reads it."""
        for method in ("get", "head", "options"):
            client = Client()
            page = getattr(client, method)(link)
            if page.status_code == 302:
                getattr(client, method)(page["Location"])

        assert has_kept(lea)
        assert is_good(link)

    def test_takes_no_password_by_its_address(self, link, lea):
        """S14."""
        client = Client()
        sent = {"new_password1": NEW, "new_password2": NEW}
        page = client.get(link, sent)["Location"]
        client.get(page, sent)
        client.post(link, sent)

        assert has_kept(lea)

    def test_signs_nobody_in(self, client, link, lea):
        """S24: the second factor stays before the door."""
        client.get(link, follow=True)
        opened = is_in(client)
        use(client, link, NEW)

        assert (opened, is_in(client)) == (False, False)

    def test_gives_its_person_no_right(self, client, link, lea):
        """S24: whatever is sent beside the password."""
        page = client.get(link)["Location"]
        more = {"is_superuser": "on", "username": "admin@localhost", "role": "administrator"}
        client.post(page, {"new_password1": NEW, "new_password2": NEW, **more})

        lea.refresh_from_db()
        assert lea.check_password(NEW)
        assert (lea.is_superuser, lea.username) == (False, "lea@example.org")

    def test_is_told_to_no_page_that_is_opened_from_there(self, client, link):
        """S21."""
        answer = client.get(link)
        page = client.get(answer["Location"])

        assert answer["Referrer-Policy"] == "no-referrer"
        assert link.split("/")[3] not in page.text + answer["Location"]
        assert page["Cache-Control"].count("no-store") == 1

    def test_is_in_no_journal_and_no_log(self, link, lea, caplog, client):
        """S27: whoever reads these enters nobody's access."""
        caplog.set_level(logging.DEBUG)
        token = link.split("/")[3]
        client.get(link, follow=True)
        client.get(link + "x", follow=True)
        client.get(f"/nowhere{link}")
        use(client, link, NEW)

        told = "".join(str(entry.details) for entry in JournalEntry.objects.all())
        assert token not in told
        ours = [one for one in caplog.records if not one.name.startswith("django.db")]
        assert token not in "".join(
            one.getMessage() for one in ours if one.levelno >= logging.ERROR
        )

    @pytest.mark.parametrize("who", ["oneself", "who may do more", "somebody closed"])
    def test_is_made_for_nobody_whom_it_would_betray(self, as_manager, manager, who):
        """S24."""
        whom = {
            "oneself": lambda: manager,
            "who may do more": lambda: person(is_superuser=True),
            "somebody closed": lambda: person(is_active=False),
        }[who]()

        assert as_manager.post(f"/auth/user/{whom.pk}/link/").status_code == 403
        assert not JournalEntry.objects.filter(record_id=whom.pk).exclude(event="refused").exists()

    def test_is_made_by_no_other_role(self, as_editor, as_reader, lea):
        """S24."""
        answers = [
            client.post(f"/auth/user/{lea.pk}/link/").status_code
            for client in (as_editor, as_reader, Client())
        ]

        assert answers == [403, 403, 302]
        assert not JournalEntry.objects.filter(event="link_made").exists()

    def test_is_shown_to_no_other_responsable(self, link, lea):
        """S24: nor again to who made it."""
        from tests.conftest import signed_in
        from tests.factories import manager

        other = signed_in(manager())
        pages = [f"/auth/user/{lea.pk}/{page}/" for page in ("link", "change", "history")]
        shown = "".join(other.get(page).text for page in [*pages, "/labelling/journalentry/"])

        assert link.split("/")[3] not in shown

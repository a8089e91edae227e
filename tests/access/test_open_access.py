"""`open_access`: the first access of a team's base, by a link that is shown once."""

import io
import re

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client

from labelling import roles
from labelling.choices import Event
from labelling.models import JournalEntry
from tests.access.test_links import PASSWORD, is_good, use
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def open_access(address: str, *options: str) -> str:
    said = io.StringIO()
    call_command("open_access", address, "--address", "https://testserver", *options, stdout=said)
    return said.getvalue()


def link_in(said: str) -> str:
    return re.search(r"^https://testserver(/welcome/\S+)$", said, re.M)[1]


class TestOpeningAnAccess:
    def test_lets_a_manager_choose_a_password_and_sign_in(self):
        """S24: no password is drawn, shown or mailed."""
        said = open_access("Anne@Example.org")

        anne = User.objects.get()
        assert (anne.username, anne.email) == ("anne@example.org", "anne@example.org")
        assert [group.name for group in anne.groups.all()] == [roles.MANAGER]
        assert not anne.is_superuser
        assert "Accès ouvert\u00a0: anne@example.org (responsable)." in said
        client = Client()
        use(client, link_in(said))
        client.post("/login/", {"username": anne.username, "password": PASSWORD})
        assert client.get("/auth/user/").status_code == 200

    def test_is_noted_without_its_link(self):
        said = open_access("anne@example.org")

        [entry] = JournalEntry.objects.all()
        assert (entry.event, entry.author) == (Event.INVITED, None)
        assert entry.record_id == User.objects.get().pk
        assert entry.details["address"] == "anne@example.org"
        assert link_in(said).split("/")[3] not in str(entry.details)

    @pytest.mark.parametrize("role", [roles.READER, roles.EDITOR, roles.MANAGER])
    def test_gives_the_role_that_is_named(self, role):
        open_access("anne@example.org", "--role", role)

        assert [group.name for group in User.objects.get().groups.all()] == [role]

    def test_gives_every_right_to_an_administrator(self):
        open_access("anne@example.org", "--role", "administrateur")

        assert User.objects.get().is_superuser

    def test_makes_another_link_for_who_has_not_chosen_yet(self):
        first = link_in(open_access("anne@example.org"))

        said = open_access("ANNE@example.org", "--role", roles.READER)

        assert (is_good(first), is_good(link_in(said))) == (False, True)
        assert "le lien remplace le précédent, le rôle ne change pas" in said
        assert [group.name for group in User.objects.get().groups.all()] == [roles.MANAGER]


class TestRefusing:
    def test_whoever_has_an_access_and_names_the_commands_that_help(self):
        UserFactory(username="lea@example.org")

        with pytest.raises(CommandError) as refused:
            open_access("Lea@example.org")

        assert "lea@example.org a déjà un accès ouvert." in str(refused.value)
        for command in ("renew_password", "reset_second_factor", "unlock_account"):
            assert f"manage.py {command} lea@example.org" in str(refused.value)
        assert not JournalEntry.objects.exists()

    def test_to_open_again_what_was_closed(self):
        UserFactory(username="lea@example.org", is_active=False)

        with pytest.raises(CommandError, match=r"L’accès de lea@example\.org est fermé"):
            open_access("lea@example.org")

    @pytest.mark.parametrize("address", ["anne", "anne@", f"{'a' * 60}@{'b' * 60}.{'c' * 60}.fr"])
    def test_what_is_no_address(self, address):
        with pytest.raises(CommandError, match="n’est pas une adresse électronique"):
            open_access(address)

        assert not User.objects.exists()

    @pytest.mark.parametrize(
        "start",
        [
            "pimms.example.org",
            "ftp://pimms.example.org",
            "https://",
            "https://[",
            "https://a:99999",
        ],
    )
    def test_an_address_that_leads_nowhere(self, start):
        with pytest.raises(CommandError, match="ajoutez son adresse"):
            call_command("open_access", "anne@example.org", "--address", start)

        assert not User.objects.exists()


class TestWhereTheLinkLeads:
    @pytest.mark.parametrize("name", ["pimms.example.org", ".pimms.example.org"])
    def test_is_the_first_name_of_the_server(self, settings, name):
        settings.ALLOWED_HOSTS = [name, "other.example.org"]
        said = io.StringIO()

        call_command("open_access", "anne@example.org", stdout=said)

        assert "\nhttps://pimms.example.org/welcome/" in said.getvalue()

    @pytest.mark.parametrize("name", ["*", "127.0.0.1"])
    def test_must_be_said_where_the_server_has_no_name(self, settings, name):
        settings.ALLOWED_HOSTS = [name]

        with pytest.raises(CommandError, match="--address https://pimms"):
            call_command("open_access", "anne@example.org")

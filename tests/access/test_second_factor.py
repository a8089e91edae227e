"""The second factor: of whom it is required, announced, then asked before anything else; reset."""

import re
from datetime import date, timedelta
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from labelling import roles, text
from labelling.access import second_factor
from labelling.access.tries import LOCK, MOST_BY_ACCOUNT, Scope, find_locks, take
from labelling.choices import Event
from labelling.models import JournalEntry, Site
from labelling.models.account import Account, read_account
from tests.access.signing_in import PASSWORD, code_of, give_codes
from tests.conftest import signed_in
from tests.factories import SiteFactory, UserFactory
from tests.test_rights import ADDRESSES

pytestmark = pytest.mark.django_db

PAGE = "/account/"
ROLES = [None, roles.READER, roles.EDITOR, roles.MANAGER, "superuser"]
# All that is open to who is asked, by its name among the addresses.
OPEN = {
    "account_login",
    "account_logout",
    "account_reauthenticate",
    "account_told",
    "session",
    "session_resume",
    "forgotten",
    "jsi18n",
    "login",
    "logout",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_index",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
    "mfa_view_recovery_codes",
    "password_change",
    "password_change_done",
    "welcome",
}
# What browsers say when the answer is to be a page; when a page asks for something by itself.
NAVIGATION = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
BY_ITSELF = {"sec-fetch-mode": "cors", "accept": "text/html, */*"}


@pytest.fixture(autouse=True)
def required_of_managers(settings):
    settings.SECOND_FACTOR = "managers"


def tell(person, days: int) -> None:
    """Let the announcement have begun as many days ago."""
    day = timezone.localdate() - timedelta(days=days)
    Account.objects.update_or_create(user=person, defaults={"factor_announced_on": day})


def announced_on(person) -> date | None:
    return read_account(type(person).objects.get(pk=person.pk)).factor_announced_on


def announcement(answer) -> str:
    """What a page says of the second factor, its spaces plain."""
    found = re.search(r"<section[^>]* data-announcement>(.*?)</section>", answer.text, re.DOTALL)
    said = re.sub(r"<[^>]+>", " ", found[1]) if found else ""
    return " ".join(said.replace("&nbsp;", " ").split())


def browse(person) -> Client:
    client = signed_in(person)
    client.defaults["HTTP_ACCEPT"] = NAVIGATION["accept"]
    return client


@pytest.fixture
def as_due(manager) -> Client:
    tell(manager, days=14)
    return browse(manager)


def somebody(role: str | None):
    if role == "superuser":
        return UserFactory(is_superuser=True)
    return UserFactory(role=role)


class TestPolicy:
    @pytest.mark.parametrize("role", ROLES)
    @pytest.mark.parametrize(
        ("setting", "asked"),
        [
            ("everybody", ROLES),
            ("managers", [roles.MANAGER, "superuser"]),
            ("nobody", []),
        ],
    )
    def test_is_the_setting_s(self, settings, setting, asked, role):
        """S16."""
        settings.SECOND_FACTOR = setting
        person = somebody(role)
        tell(person, days=14)

        answer = browse(person).get("/")

        assert (answer.status_code == 302) == (role in asked)
        assert second_factor.is_due(person, timezone.localdate()) == (role in asked)

    def test_is_that_of_managers_for_who_was_lent_their_right(self, editor):
        """S16: who validates releases has one, for a day or for good."""
        tell(editor, days=14)
        editor.account.validates_until = timezone.localdate()
        editor.account.save()

        assert browse(editor).get("/").status_code == 302

    @pytest.mark.parametrize("role", ROLES)
    def test_leaves_who_has_one_alone(self, settings, role):
        settings.SECOND_FACTOR = "everybody"
        person = somebody(role)
        give_codes(person)
        tell(person, days=14)

        answer = browse(person).get("/")

        assert (answer.status_code, announcement(answer)) == (200, "")

    def test_takes_a_passkey_for_one_and_recovery_codes_for_none(self, manager):
        tell(manager, days=14)
        factor = Authenticator.objects.create(user=manager, type="recovery_codes", data={})
        assert browse(manager).get("/").status_code == 302

        Authenticator.objects.filter(pk=factor.pk).update(type="webauthn")

        assert browse(manager).get("/").status_code == 200

    @pytest.mark.parametrize("days", [0, 14])
    def test_costs_no_question_for_who_has_one(self, manager, editor, settings, days):
        def count(client: Client) -> int:
            client.get("/")
            with CaptureQueriesContext(connection) as captured:
                client.get("/")
            return len(captured)

        give_codes(manager)
        tell(manager, days=days)
        required = count(signed_in(manager))
        settings.SECOND_FACTOR = "nobody"

        assert count(signed_in(manager)) == required


class TestAnnouncement:
    def test_begins_with_the_first_page_that_says_it(self, manager):
        client = browse(manager)
        assert announced_on(manager) is None

        answer = client.get("/")

        day = text.day_and_month(timezone.localdate() + timedelta(days=14))
        assert announcement(answer) == (
            f"À partir du {day}, la connexion demandera aussi un code "
            "ou l’empreinte de cet ordinateur. L’activer : 2 minutes Plus tard"
        ).replace("\u00a0", " ")
        assert announced_on(manager) == timezone.localdate()

    def test_does_not_begin_with_a_file(self, manager):
        browse(manager).get("/jsi18n/")

        assert announced_on(manager) is None

    @pytest.mark.parametrize(("days", "asks"), [(0, False), (13, False), (14, True), (400, True)])
    def test_lasts_fourteen_days(self, manager, days, asks):
        """S16."""
        tell(manager, days=days)
        client = browse(manager)

        answer = client.get("/")

        assert (answer.status_code == 302) == asks
        assert announcement(answer).startswith("À partir du") != asks
        assert announced_on(manager) == timezone.localdate() - timedelta(days=days)

    def test_is_on_every_page_of_the_back_office(self, manager):
        client = browse(manager)

        for address in ("/", "/labelling/site/", f"/auth/user/{manager.pk}/change/", "/nowhere/"):
            assert announcement(client.get(address)) != "", address

    def test_is_not_where_one_is_set_nor_before_one_is_in(self, manager):
        assert announcement(browse(manager).get(PAGE)) == ""
        assert announcement(Client().get("/login/")) == ""

    def test_says_nothing_to_who_is_not_asked(self, editor):
        assert announcement(browse(editor).get("/")) == ""
        assert announced_on(editor) is None

    def test_begins_for_an_editor_with_the_role(self, editor):
        browse(editor).get("/")
        editor.groups.set([Group.objects.get(name=roles.MANAGER)])

        assert announcement(browse(editor).get("/")).startswith("À partir du")
        assert announced_on(editor) == timezone.localdate()

    def test_is_hidden_for_the_day_by_later(self, manager):
        client = browse(manager)

        answer = client.post("/account/later/", {"next": "/labelling/site/"})

        assert answer["Location"] == "/labelling/site/"
        assert announcement(client.get("/")) == ""
        session = client.session
        session["second_factor_later"] = "2020-10-14"
        session.save()
        assert announcement(client.get("/")) != ""

    @pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example/", ""])
    def test_leads_nowhere_else(self, manager, address):
        answer = browse(manager).post("/account/later/", {"next": address})

        assert answer["Location"] == "/"

    def test_cannot_be_put_off_for_ever(self, as_due):
        answer = as_due.post("/account/later/", {"next": "/"})

        assert answer.status_code == 403
        assert as_due.get("/").status_code == 302


class TestBeforeAnythingElse:
    @pytest.mark.parametrize("name", sorted(ADDRESSES))
    def test_every_address_leads_to_it(self, as_due, name):
        """S16. Open are those that it takes to set one, to say who one is and to go."""
        is_open = name in OPEN

        answer = as_due.get(ADDRESSES[name])
        posted = as_due.post(ADDRESSES[name]) if not is_open else None

        asks = answer.status_code == 302 and answer["Location"] == PAGE
        assert asks != is_open
        if posted:
            assert posted.status_code == 403
            assert "Activez d’abord la seconde étape" in posted.text

    def test_says_why_where_it_leads(self, as_due):
        said = announcement(as_due.get("/labelling/site/", follow=True))

        assert said == (
            "Avant de continuer, activez la seconde étape. La connexion demande maintenant aussi "
            "un code ou l’empreinte de cet ordinateur. Cela prend deux minutes."
        )
        assert "L’activer" not in said
        assert "L’activer" in announcement(as_due.get("/password_change/"))

    @pytest.mark.parametrize(
        ("address", "headers"),
        [
            ("/", BY_ITSELF),
            ("/autocomplete/", {"accept": "application/json, text/javascript, */*; q=0.01"}),
            ("/favicon.ico", {"sec-fetch-mode": "no-cors", "accept": "image/avif,*/*"}),
            ("/favicon.ico", {"accept": "image/avif,*/*"}),
        ],
    )
    def test_leads_no_request_of_a_page_there(self, manager, address, headers):
        tell(manager, days=14)

        answer = signed_in(manager).get(address, headers=headers)

        assert (answer.status_code, answer["Content-Type"]) == (403, "text/plain; charset=utf-8")
        assert answer.text.startswith("Activez d’abord la seconde étape")

    def test_writes_nothing_that_is_posted_and_gives_it_back(self, as_due):
        site = SiteFactory(name="PIMMS Nîmes")
        typed = {"name": "PIMMS <Nîmes>", "password": "k7mw"}

        answer = as_due.post(f"/labelling/site/{site.pk}/change/?a=1", typed)

        assert answer.status_code == 403
        assert Site.objects.get().name == "PIMMS Nîmes"
        assert f'action="/labelling/site/{site.pk}/change/?a=1"' in answer.text
        assert '<input type="hidden" name="name" value="PIMMS &lt;Nîmes&gt;">' in answer.text
        assert "k7mw" not in answer.text

    def test_holds_on_what_a_page_posts_by_itself(self, as_due):
        answer = as_due.post("/labelling/pressrelease/preview/", headers=BY_ITSELF)

        assert (answer.status_code, answer["Content-Type"]) == (403, "text/plain; charset=utf-8")

    def test_leaves_the_way_out_open(self, as_due):
        assert as_due.post("/logout/").status_code in {200, 302}
        assert as_due.get("/").headers["Location"].startswith("/login/")

    def test_asks_nobody_who_has_not_come_in(self):
        assert Client().get("/login/", headers=NAVIGATION).status_code == 200

    @pytest.mark.parametrize("then", ["/", PAGE])
    def test_goes_on_to_what_was_wanted(self, manager, then):
        manager.set_password(PASSWORD)
        manager.save()
        tell(manager, days=14)
        client = Client(headers=NAVIGATION)
        client.post("/login/", {"username": manager.username, "password": PASSWORD})

        assert client.get("/labelling/site/?q=n%C3%AEmes")["Location"] == PAGE
        client.get("/account/codes/")
        secret = client.session["mfa.totp.secret"]
        answer = client.post("/account/codes/", {"code": code_of(secret)})

        assert answer["Location"] == "/account/recovery/"
        assert client.get("/account/recovery/").status_code == 200
        assert client.get(then)["Location"] == "/labelling/site/?q=n%C3%AEmes"
        assert client.get(then).status_code == 200

    def test_forgets_what_was_wanted_by_who_went_elsewhere(self, manager, as_due):
        as_due.get("/labelling/site/")
        give_codes(manager)
        as_due.get("/labelling/association/")

        assert as_due.get("/").status_code == 200

    @pytest.mark.parametrize("days", [None, 0, 3])
    def test_asks_again_at_once_who_gives_it_up(self, manager, days):
        if days is not None:
            tell(manager, days=days)
        client = browse(manager)
        give_codes(manager)
        assert client.get("/").status_code == 200

        Authenticator.objects.all().delete()

        assert client.get("/")["Location"] == PAGE

    def test_announces_to_who_gave_it_up_before_it_was_required(self, editor):
        client = browse(editor)
        give_codes(editor)
        client.get("/")
        Authenticator.objects.all().delete()
        editor.groups.set([Group.objects.get(name=roles.MANAGER)])

        assert announcement(client.get("/")).startswith("À partir du")


def reset_page(person) -> str:
    return f"/auth/user/{person.pk}/reset_factor/"


class TestReset:
    @pytest.fixture
    def lea(self):
        person = UserFactory(first_name="Léa", last_name="Martin", role=roles.MANAGER)
        give_codes(person)
        return person

    @pytest.fixture
    def as_manager(self, manager):
        give_codes(manager)
        return browse(manager)

    def test_is_done_by_another_and_noted(self, as_manager, manager, lea):
        """S16."""
        page = as_manager.get(f"/auth/user/{lea.pk}/change/").text
        assert f'<a href="{reset_page(lea)}">Remettre à zéro la seconde étape…</a>' in page
        assert "Léa Martin" in as_manager.get(reset_page(lea)).text
        assert second_factor.has_factor(lea)

        answer = as_manager.post(reset_page(lea), follow=True)

        assert "Léa Martin\u00a0: seconde étape remise à zéro." in answer.text
        assert not Authenticator.objects.filter(user=lea).exists()
        entry = JournalEntry.objects.get(event=Event.FACTOR_RESET)
        assert (entry.author, entry.record_id) == (manager, lea.pk)
        assert entry.details == {"name": "Léa Martin"}

    def test_closes_the_sessions_of_the_person(self, as_manager, lea):
        as_manager.post(reset_page(lea))

        assert Account.objects.get(user=lea).session_number == 1

    def test_lets_the_person_write_a_first_code_whatever_was_tried(self, as_manager, lea):
        for _ in range(MOST_BY_ACCOUNT):
            take(Scope.FACTOR, str(lea.pk), LOCK, most=MOST_BY_ACCOUNT)
        assert lea.pk in find_locks([lea])

        as_manager.post(reset_page(lea))

        assert lea.pk not in find_locks([lea])

    def test_lets_in_by_the_password_who_is_asked_at_once(self, as_manager, lea):
        lea.set_password(PASSWORD)
        lea.save()
        tell(lea, days=20)
        as_manager.post(reset_page(lea))
        client = Client(headers=NAVIGATION)

        client.post("/login/", {"username": lea.username, "password": PASSWORD})

        assert client.get("/")["Location"] == PAGE

    def test_is_refused_to_oneself(self, as_manager, manager):
        assert "reset_factor" not in as_manager.get(f"/auth/user/{manager.pk}/change/").text
        assert as_manager.get(reset_page(manager)).status_code == 403
        assert as_manager.post(reset_page(manager)).status_code == 403
        assert second_factor.has_factor(manager)

    def test_is_refused_to_an_editor(self, as_editor, lea):
        assert as_editor.post(reset_page(lea)).status_code == 403
        assert as_editor.post("/auth/user/999999/reset_factor/").status_code == 403
        assert second_factor.has_factor(lea)

    def test_of_who_has_every_right_is_for_their_like(self, as_manager, lea):
        lea.is_superuser = True
        lea.save()

        assert as_manager.post(reset_page(lea)).status_code == 403
        assert second_factor.has_factor(lea)

    def test_of_nothing_is_said_and_not_noted(self, as_manager, editor):
        answer = as_manager.post(reset_page(editor), follow=True)

        assert "n’a pas de seconde étape." in answer.text
        assert "reset_factor" not in answer.text
        assert not JournalEntry.objects.filter(event=Event.FACTOR_RESET).exists()

    def test_of_nobody_is_not_found(self, as_manager):
        assert as_manager.post("/auth/user/999999/reset_factor/").status_code == 404

    def test_is_a_command_too(self, lea):
        said = StringIO()

        call_command("reset_second_factor", lea.username.upper(), stdout=said)
        call_command("reset_second_factor", lea.username, stdout=said)

        assert said.getvalue().splitlines() == [
            f"{lea.username} : seconde étape remise à zéro, sessions fermées.",
            f"{lea.username} : pas de seconde étape, rien n’a changé.",
        ]
        assert not Authenticator.objects.exists()
        assert JournalEntry.objects.get().author is None

    def test_by_the_command_wants_an_address_that_is_known(self):
        with pytest.raises(CommandError, match="Aucun compte « lea@ailleurs »"):
            call_command("reset_second_factor", "lea@ailleurs")

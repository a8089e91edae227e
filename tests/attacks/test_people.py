"""Attacks on « Personnes et accès » and on the journal, by who signs in [S1, S24, S27]."""

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils.http import urlencode

from labelling import roles
from labelling.models import Account, JournalEntry
from tests.access.signing_in import PASSWORD, code_of, give_codes, person, recovery_codes, sign_in
from tests.admin.test_accounts import LIST, change, day, form, invitation
from tests.attacks.test_signing_in import NEW
from tests.conftest import signed_in
from tests.factories import JournalEntryFactory, manager

pytestmark = pytest.mark.django_db

JOURNAL = "/labelling/journalentry/"
PAGES = ("change", "link", "unlock", "reset_factor", "delete", "password", "history")
# What no form of ours has, and Django's own have.
RIGHTS = {
    "is_superuser": "on",
    "is_staff": "on",
    "groups": ["1", "2", "3"],
    "user_permissions": ["1", "2", "3"],
    "password": "x",
    "password1": NEW,
    "new_password1": NEW,
    "usable_password": "true",
    "pk": "1",
    "id": "1",
    "account-0-access_until": "",
}


@pytest.fixture
def lea():
    return person(
        username="lea@example.org", first_name="Léa", last_name="Martin", role=roles.READER
    )


@pytest.fixture
def boss():
    return person(username="boss@example.org", is_superuser=True)


def everybody() -> list[dict[str, object]]:
    """All that is known of the people, but for when they came."""
    people = User.objects.order_by("pk").values()
    told = [{k: v for k, v in one.items() if k != "last_login"} for one in people]
    held = [*User.groups.through.objects.order_by("pk").values()]
    given = [*User.user_permissions.through.objects.order_by("pk").values()]
    accounts = Account.objects.order_by("pk").values()
    factors = Authenticator.objects.order_by("pk").values()
    return [*told, *held, *given, *accounts, *factors]


def doors(user: User) -> list[str]:
    return [LIST, f"{LIST}add/", *(f"{LIST}{user.pk}/{page}/" for page in PAGES)]


class TestAResponsable:
    @pytest.mark.parametrize("role", [roles.MANAGER, roles.READER, "administrator", "", "x"])
    def test_gives_herself_nothing(self, as_manager, manager, role):
        """S24."""
        person(role=roles.MANAGER)  # Who stays, whatever becomes of her.
        before = everybody()

        as_manager.post(
            change(manager),
            form(username=manager.username, role=role, first_name="Prénom", **RIGHTS)
            | {"last_name": manager.last_name},
        )

        assert [one for one in everybody() if "email" not in one or one["id"] != manager.pk] == [
            one for one in before if "email" not in one or one["id"] != manager.pk
        ]
        manager.refresh_from_db()
        assert (manager.is_superuser, manager.is_active) == (False, True)
        assert not manager.user_permissions.exists()

    @pytest.mark.parametrize("role", [roles.EDITOR, "administrator", "pouvoirs"])
    def test_gives_others_a_role_and_no_more(self, as_manager, lea, role):
        """S24."""
        Group.objects.create(name="pouvoirs")

        as_manager.post(change(lea), form(role=role, **RIGHTS))
        as_manager.post(f"{LIST}add/", invitation(username="eve@example.org", role=role, **RIGHTS))

        for user in User.objects.filter(username__in=[lea.username, "eve@example.org"]):
            assert not user.is_superuser
            assert not user.user_permissions.exists()
            assert user.groups.count() == 1
            assert user.groups.get().name in roles.ROLES

    @pytest.mark.parametrize(
        "twin",
        ["lea@example.org", "LEA@EXAMPLE.ORG", "\uff4cea@example.org", "lea@exam\u200bple.org"],
    )
    def test_takes_nobody_s_address(self, as_manager, manager, lea, twin):
        """S26: what signs in as one signs in as nobody else, however old accounts are written."""
        User.objects.filter(pk=lea.pk).update(username="Lea@example.org")
        own = form(username=twin, role=roles.MANAGER)
        as_manager.post(change(manager), own)
        as_manager.post(f"{LIST}add/", invitation(username=twin))

        assert [*User.objects.filter(username__iexact="lea@example.org")] == [lea]
        assert User.objects.count() == 2

    def test_touches_nobody_who_may_do_more(self, as_manager, boss):
        """S24."""
        give_codes(boss)
        before = everybody()

        sent = form(username="mine@example.org", role=roles.READER, is_active=None) | {"mail": "1"}
        answers = {door: as_manager.post(door, sent).status_code for door in doors(boss)[2:]}

        assert everybody() == before
        refused = {door for door, status in answers.items() if status == 403}
        assert refused == {f"{LIST}{boss.pk}/{page}/" for page in PAGES[:5]}

    def test_leaves_somebody_who_opens_accesses(self, as_manager, manager):
        """S24: whatever she does, in whatever order."""
        others = [person(role=roles.MANAGER) for _ in range(2)]
        for one in (*others, manager):
            for changed in ({"is_active": None}, {"role": roles.READER}, {"access_until": day(1)}):
                as_manager.post(
                    change(one), form(**{"username": one.username, "role": roles.MANAGER} | changed)
                )

        manager.refresh_from_db()
        assert manager.is_active
        assert manager.has_perm("auth.change_user")
        assert not Account.objects.filter(user=manager).exclude(access_until=None).exists()

    @pytest.mark.parametrize("page", ["password", "change"])
    def test_types_nobody_s_password(self, as_manager, lea, page):
        """S24."""
        more = {"password1": NEW, "password2": NEW, "new_password1": NEW, "new_password2": NEW}
        as_manager.post(f"{LIST}{lea.pk}/{page}/", form(password=NEW, **more))

        lea.refresh_from_db()
        assert lea.check_password(PASSWORD)

    def test_deletes_nobody(self, as_manager, lea):
        """S27: whoever did something stays known."""
        as_manager.post(f"{LIST}{lea.pk}/delete/", {"post": "yes"})
        ticked = {"action": "delete_selected", "_selected_action": lea.pk, "post": "yes"}
        as_manager.post(LIST, ticked)

        assert User.objects.filter(pk=lea.pk).exists()

    @pytest.mark.parametrize(
        "asked",
        [
            {"password__startswith": "md5"},
            {"password__regex": "."},
            {"is_superuser__exact": "1"},
            {"account__session_number": "0"},
            {"authenticator__data__contains": "x"},
            {"o": "password"},
        ],
    )
    def test_sifts_nobody_by_their_secrets(self, as_manager, lea, asked):
        """S24: a list that is narrowed by a secret tells it letter by letter."""
        answer = as_manager.get(LIST, asked)

        is_refused = answer.status_code == 400 or answer.get("Location", "").endswith("?e=1")
        assert is_refused or ("Martin" in answer.text and "Nom" in answer.text)

    @pytest.mark.parametrize("field", ["password", "", "id", "nothing", "email"])
    def test_finds_nobody_by_another_field(self, as_manager, lea, field):
        """S24."""
        address = f"{LIST}{urlencode({'': lea.password})[1:]}/change/"
        answers = [
            as_manager.get(address, {"_to_field": field}),
            as_manager.get(change(lea), {"_to_field": field}),
            as_manager.post(change(lea), {"_to_field": field}),
        ]

        assert answers[0].status_code in {302, 400, 404}
        assert all(answer.status_code < 500 for answer in answers)

    def test_writes_no_page_by_a_name(self, as_manager, lea):
        """S12."""
        attack = "<script>alert(1)</script>\"'><img src=x>"
        as_manager.post(change(lea), form(first_name=attack, last_name=attack))
        as_manager.post(f"{LIST}{lea.pk}/link/")
        pages = [LIST, change(lea), JOURNAL, f"{LIST}{lea.pk}/link/", f"{LIST}{lea.pk}/history/"]
        lea.refresh_from_db()

        shown = "".join(as_manager.get(page).text for page in pages)
        shown += signed_in(lea).get("/").text

        assert "&lt;script&gt;" in shown
        assert "<script>alert" not in shown
        assert "<img src=x" not in shown


class TestTheOthers:
    @pytest.mark.parametrize("who", [roles.READER, roles.EDITOR, "no role", "nobody"])
    def test_change_nobody(self, lea, boss, who):
        """S1: by whatever address, with whatever is sent."""
        client = Client()
        if who != "nobody":
            user = person(role=None if who == "no role" else who)
            give_codes(lea)
            client.force_login(user)
            own = doors(user)
        else:
            own = []
        before = everybody()

        sent = form(username="mine@example.org", role=roles.MANAGER, **RIGHTS) | {"post": "yes"}
        answers = [client.post(door, sent) for door in {*doors(lea), *doors(boss), *own}]

        assert everybody() == before
        assert {answer.status_code for answer in answers} <= {302, 403, 404}
        assert not JournalEntry.objects.exclude(event="refused").exists()

    @pytest.mark.parametrize("who", [roles.READER, roles.EDITOR])
    def test_learn_nothing_of_people(self, lea, who):
        """S1: nor by the lists of what other pages offer to choose."""
        client = signed_in(person(role=who))
        asked = [
            *({"app_label": "auth", "model_name": name} for name in ("user", "logentry")),
            *(
                {"app_label": "labelling", "model_name": model, "field_name": field}
                for model in ("journalentry", "importrun", "pressrelease", "historicalsite", "site")
                for field in ("author", "history_user", "validated_by", "user")
            ),
        ]
        shown = [client.get("/autocomplete/", {"term": "Martin", **one}) for one in asked]
        shown += [client.get(door) for door in doors(lea)]

        assert {answer.status_code for answer in shown} <= {302, 403, 404}

    @pytest.mark.parametrize(
        "address", ["/labelling/site/", "/labelling/importrun/", "/labelling/pressrelease/"]
    )
    @pytest.mark.parametrize(
        "path", ["author", "history__history_user", "validated_by", "created_by", "sent_files"]
    )
    def test_sift_no_list_by_somebody_s_password(self, as_editor, address, path, network):
        """S24."""
        found = [
            as_editor.get(address, {f"{path}__password__startswith": start}) for start in ("m", "z")
        ]

        assert {answer.status_code for answer in found} <= {302, 400}
        assert all(answer.get("Location", "?e=1").endswith("?e=1") for answer in found)

    @pytest.mark.parametrize("model", ["user", "auth.user", "account", "journalentry", "group"])
    def test_import_no_account(self, as_editor, model, network):
        """S2."""
        before = everybody()
        pasted = "username;is_superuser\neve@example.org;1"
        answer = as_editor.post("/labelling/importrun/add/", {"model": model, "pasted": pasted})

        assert answer.status_code == 200
        assert everybody() == before


class TestTheJournal:
    @pytest.mark.parametrize("who", [roles.READER, roles.EDITOR, "nobody"])
    def test_is_read_by_no_other(self, who):
        """S27."""
        JournalEntryFactory(author_name="Secret")
        client = Client() if who == "nobody" else signed_in(person(role=who))
        for page in ("", "?event=download", "download/csv/", "download/xlsx/?days=1"):
            for answer in (client.get(JOURNAL + page), client.post(JOURNAL + page)):
                assert answer.status_code == (302 if who == "nobody" else 403)
                assert "Secret" not in answer.text

    @pytest.mark.parametrize("who", ["responsable", "administrator"])
    def test_is_changed_by_nobody(self, who, boss):
        """S27: those who may read it are in it too."""
        entry = JournalEntryFactory(author_name="Avant")
        client = signed_in(boss if who == "administrator" else manager())
        ticked = {"action": "delete_selected", "_selected_action": entry.pk, "post": "yes"}
        sent = {"author_name": "Après", "event": "signed_in", "form-0-id": entry.pk, "_save": "1"}
        formset = {"form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1, "form-0-author_name": "Après"}
        pages = ("change", "delete", "history", "restore", "")
        for address in (JOURNAL, f"{JOURNAL}add/", *(f"{JOURNAL}{entry.pk}/{p}/" for p in pages)):
            for data in (ticked, sent, sent | formset):
                client.post(address, data)
                client.generic("DELETE", address)
                client.generic("PUT", address)

        assert JournalEntry.objects.get(pk=entry.pk).author_name == "Avant"
        assert JournalEntry.objects.exclude(event="refused").count() == 1

    @pytest.mark.parametrize("name", ["=1+1", "@SUM(A1)", "+1", "-1", "\t=1+1", "=cmd|'/c'!A1"])
    def test_runs_nothing_in_the_file_that_is_taken(self, as_manager, name):
        """S11: whoever chooses a name writes into the files of others."""
        user = person(first_name=name, last_name="x")
        sign_in(Client(), user)

        answer = as_manager.post(f"{JOURNAL}download/csv/")

        lines = answer.content.decode("utf-8-sig").splitlines()
        cells = [cell.strip('"') for line in lines for cell in line.split(";")]
        assert any(name.strip() in cell for cell in cells)
        assert [cell for cell in cells if cell.startswith(("=", "@", "+", "-", "\t"))] == []

    @pytest.mark.parametrize(
        "asked",
        [
            {"author__password__startswith": "m"},
            {"details__contains": "x"},
            {"event": "' OR 1=1"},
            {"person": "9" * 40},
            {"days": "-1"},
            {"days": "\u0661"},
            {"p": "9" * 40},
            {"q": "\x00" * 500},
            {"o": "x.y.z"},
        ],
    )
    def test_answers_odd_questions(self, as_manager, asked):
        """S22."""
        assert as_manager.get(JOURNAL, asked, follow=True).status_code in {200, 400}
        assert as_manager.post(f"{JOURNAL}download/csv/", query_params=asked).status_code < 500

    def test_holds_nothing_that_was_typed(self, lea, as_manager):
        """S27: nor any secret, however one came in or failed to."""
        secret = give_codes(lea)
        code, rescue = code_of(secret), recovery_codes(lea)[0]
        typed = ["non-celui-ci", "azerty-le-mien", code, rescue, PASSWORD, secret, "000001"]
        client = Client()
        sign_in(client, "azerty-le-mien", "non-celui-ci")
        sign_in(client, lea, "non-celui-ci")
        sign_in(client, lea)
        for one in ("000001", code):
            client.post("/login/code/", {"code": one})
        client.post("/confirm/", {"password": "non-celui-ci"})
        client.get("/labelling/journalentry/", {"q": "azerty-le-mien"})
        client.post("/logout/")
        sign_in(client, lea)
        client.post("/login/code/", {"code": rescue})

        told = str([*JournalEntry.objects.values()])
        assert "'way': 'recovery'" in told
        assert [one for one in typed if one in told] == []

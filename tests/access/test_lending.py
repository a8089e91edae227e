"""« Responsable jusqu’au »: the right to validate is lent, ends by itself, and is only that one."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from labelling import roles, text
from labelling.access import keepers, lending
from labelling.choices import Event
from labelling.models import Account, JournalEntry
from tests.admin.forms import sentences
from tests.admin.test_accounts import LIST, as_, change, day, form, noted
from tests.factories import ReleaseFactory, UserFactory

pytestmark = pytest.mark.django_db

USELESS = (
    "Le droit de valider se prête à une personne de rédaction : avec le rôle « {} », laissez vide."
)


@pytest.fixture
def lea():
    return UserFactory(
        username="lea@example.org", first_name="Léa", last_name="Martin", role=roles.EDITOR
    )


@pytest.fixture
def validate_page():
    return f"/labelling/pressrelease/{ReleaseFactory().pk}/validate/"


def lend(person: User, distance: int) -> None:
    until = timezone.localdate() + timedelta(days=distance)
    Account.objects.update_or_create(user=person, defaults={"validates_until": until})


def editor(**changes) -> dict[str, object]:
    return form(role=roles.EDITOR, **changes)


class TestLending:
    """S29."""

    def test_lets_an_editor_validate_and_nothing_else(self, as_manager, lea, validate_page):
        before = as_(lea).get(validate_page).status_code

        answer = as_manager.post(change(lea), editor(validates_until=day(3)), follow=True)

        assert sentences(answer) == ["Léa Martin : modifications enregistrées."]
        assert (before, as_(lea).get(validate_page).status_code) == (403, 200)
        lent = User.objects.get(pk=lea.pk)
        held = {
            f"{right.content_type.app_label}.{right.codename}"
            for right in Permission.objects.filter(group__name=roles.EDITOR)
        }
        assert lent.get_all_permissions() == held | {"labelling.validate_pressrelease"}
        assert as_(lea).get(LIST).status_code == 403

    @pytest.mark.parametrize(("distance", "status"), [(1, 200), (0, 200), (-1, 403)])
    def test_ends_by_itself_after_its_last_day(self, lea, validate_page, distance, status):
        lend(lea, distance)

        assert as_(lea).get(validate_page).status_code == status

    def test_is_no_use_to_a_closed_access(self, lea):
        lend(lea, 1)
        lea.is_active = False

        assert not lea.has_perm(lending.RIGHT)

    def test_asks_no_question_more(self, lea):
        client = as_(lea)
        client.get("/")
        with CaptureQueriesContext(connection) as before:
            client.get("/labelling/pressrelease/")
        lend(lea, 1)
        with CaptureQueriesContext(connection) as after:
            client.get("/labelling/pressrelease/")

        assert len(after) == len(before)

    def test_is_shown_on_the_page_and_on_the_list(self, as_manager, lea):
        lend(lea, 3)

        until = text.short_date(timezone.localdate() + timedelta(days=3))
        assert f"Rédaction, responsable jusqu’au {until}" in as_manager.get(LIST).text
        page = as_manager.get(change(lea)).text
        assert "Responsable jusqu’au" in page
        assert f'value="{day(3)}"' in page

    def test_is_no_longer_on_the_list_once_it_has_ended(self, as_manager, lea):
        lend(lea, -1)

        assert "responsable jusqu’au" not in as_manager.get(LIST).text

    def test_is_noted_and_told(self, as_manager, manager, lea):
        as_manager.post(change(lea), editor(validates_until="31/08/2099"))
        as_manager.post(change(lea), editor())

        assert noted(Event.RIGHT_LENT) == [
            (manager, lea.pk, {"name": "Léa Martin", "until": "2099-08-31"}),
            (manager, lea.pk, {"name": "Léa Martin", "until": None}),
        ]
        page = as_(lea).get("/").text
        assert "vous a prêté le droit de valider les communiqués le" in page
        assert "jusqu’au 31\u00a0août 2099 inclus." in page
        assert "vous a repris le droit de valider les communiqués le" in page

    def test_names_them_to_who_asks_for_a_validation(self, as_editor, lea):
        release = ReleaseFactory()
        lend(lea, 1)

        page = as_editor.get(f"/labelling/pressrelease/{release.pk}/document/").text

        assert "Léa Martin" in page.partition("À faire valider par")[2][:100]

    def test_keeps_what_somebody_else_wrote_of_the_account(self, as_manager, lea):
        Account.objects.create(user=lea, session_number=4)

        as_manager.post(change(lea), editor(validates_until=day(3)))

        assert Account.objects.get(user=lea).session_number == 4


class TestRefusals:
    """S29."""

    @pytest.mark.parametrize(
        ("role", "name"),
        [(roles.READER, "Consultation"), (roles.MANAGER, "Responsable")],
    )
    def test_it_is_lent_to_editors_alone(self, as_manager, lea, role, name):
        answer = as_manager.post(change(lea), form(role=role, validates_until=day(3)))

        assert answer.context["adminform"].form.errors["validates_until"] == [USELESS.format(name)]
        assert not Account.objects.filter(user=lea).exclude(validates_until=None).exists()

    def test_a_day_that_has_passed_is_refused_unless_it_passed_since(self, as_manager, lea):
        refused = as_manager.post(change(lea), editor(validates_until="01/09/2020"))
        lend(lea, -1)
        kept = as_manager.post(change(lea), form(role=roles.READER, validates_until=day(-1)))

        assert refused.context["adminform"].form.errors["validates_until"] == [
            (
                "Le 1er\u00a0septembre 2020 est passé : écrivez le dernier jour du prêt, ou "
                "laissez vide."
            )
        ]
        assert kept.status_code == 302

    def test_nobody_lends_it_to_themselves(self, as_manager, manager):
        as_manager.post(
            change(manager),
            form(username=manager.username, role=roles.MANAGER, validates_until=day(3)),
        )

        assert not Account.objects.exclude(validates_until=None).exists()

    def test_nobody_lends_what_they_have_not_or_were_lent(self, lea):
        """S24."""
        clerk = UserFactory(role=roles.EDITOR)
        for name in ("view_user", "change_user"):
            clerk.user_permissions.add(Permission.objects.get(codename=name))
        lend(clerk, 3)

        as_(clerk).post(change(lea), editor(validates_until=day(3)))

        assert not Account.objects.filter(user=lea).exclude(validates_until=None).exists()

    def test_nobody_touches_who_was_lent_more_than_they_have(self, lea):
        """S24: a link would let them in as the other."""
        clerk = UserFactory(role=roles.EDITOR)
        for name in ("view_user", "change_user"):
            clerk.user_permissions.add(Permission.objects.get(codename=name))
        before = as_(clerk).get(f"{LIST}{lea.pk}/link/").status_code
        lend(lea, 1)

        assert (before, as_(clerk).get(f"{LIST}{lea.pk}/link/").status_code) == (200, 403)

    def test_an_invitation_lends_nothing(self, as_manager):
        page = as_manager.get(f"{LIST}add/").text
        as_manager.post(f"{LIST}add/", editor(username="z@example.org", validates_until=day(3)))

        assert "Responsable jusqu’au" not in page
        assert User.objects.filter(username="z@example.org").exists()
        assert not Account.objects.exclude(validates_until=None).exists()

    def test_it_makes_no_keeper(self, manager, lea):
        lend(lea, 1)

        assert [*keepers.list_keepers()] == [manager]
        assert Group.objects.get(name=roles.EDITOR) in lea.groups.all()

    def test_an_unchanged_page_notes_nothing(self, as_manager, lea):
        lend(lea, 3)

        as_manager.post(change(lea), editor(first_name="Léonie", validates_until=day(3)))

        assert not JournalEntry.objects.filter(event=Event.RIGHT_LENT).exists()

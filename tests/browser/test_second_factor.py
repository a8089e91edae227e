"""The second factor in a real browser: its announcement, and the day on which it is asked."""

import re
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import expect

from labelling.models.account import Account

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def required_of_managers(settings):
    settings.SECOND_FACTOR = "managers"


def tell(days: int) -> None:
    """Let the announcement to who is signed in have begun as many days ago."""
    day = timezone.localdate() - timedelta(days=days)
    person = User.objects.get(is_superuser=True)
    Account.objects.update_or_create(user=person, defaults={"factor_announced_on": day})


class TestTheAnnouncement:
    def test_is_put_off_and_what_is_typed_stays(self, live_server, page, session):
        """S16."""
        page.goto(f"{live_server.url}/labelling/association/add/")
        page.get_by_label("Nom").fill("Les PIMMS du Gard")

        with page.expect_response("**/account/later/"):
            page.get_by_role("button", name="Plus tard").click()

        announcement = page.get_by_text("la connexion demandera aussi un code")
        expect(announcement).to_have_count(0)
        assert page.get_by_label("Nom").input_value() == "Les PIMMS du Gard"
        page.get_by_role("button", name="Enregistrer", exact=True).click()
        page.get_by_text("association ajoutée").wait_for()
        expect(announcement).to_have_count(0)

    def test_leads_to_where_one_is_set(self, live_server, page, session):
        page.goto(live_server.url)

        page.get_by_role("link", name=re.compile("L’activer.: 2 minutes")).click()

        page.get_by_role("heading", name="Ma connexion").wait_for()

    def test_comes_before_anything_else_on_the_fifteenth_day(
        self, live_server, page_without_policy, session
    ):
        """S16. What was typed meanwhile is sent once one is set."""
        page = page_without_policy  # It complains of no refusal.
        tell(days=13)
        page.goto(f"{live_server.url}/labelling/association/add/")
        page.get_by_label("Nom").fill("Les PIMMS du Gard")
        tell(days=14)

        page.get_by_role("button", name="Enregistrer", exact=True).click()
        page.get_by_role("heading", name="Activez d’abord la seconde étape").wait_for()
        with page.context.expect_page() as opened:
            page.get_by_role("link", name="L’activer dans un autre onglet").click()
        opened.value.get_by_text("Avant de continuer, activez la seconde étape.").wait_for()
        Account.objects.update(factor_announced_on=None)
        page.get_by_role("button", name="Continuer avec ma saisie").click()

        page.get_by_text("Les PIMMS du Gard").first.wait_for()

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    @pytest.mark.parametrize("days", [0, 14])
    def test_is_accessible(self, live_server, page_without_policy, session, days, scheme):
        tell(days=days)
        page_without_policy.emulate_media(color_scheme=scheme)
        page_without_policy.goto(f"{live_server.url}/password_change/")

        found = Axe().run(page_without_policy).response["violations"]

        assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []

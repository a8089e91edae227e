"""The button of a finding: what it saves, and what Enter presses beside it."""

import pytest
from django.urls import reverse

from labelling.models import AcceptedFinding, Site

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("session"),
]


@pytest.fixture
def cotonne(network) -> Site:
    return Site.objects.get(name__endswith="La Cotonne")


@pytest.fixture
def form(page, live_server, cotonne):
    """Its form, opened from the list of what is to be checked."""
    page.goto(
        live_server.url
        + reverse("admin:labelling_site_changelist")
        + "?status=to_check&q=metropole"
    )
    page.get_by_role("link", name=cotonne.name).click()
    return page


class TestTheButton:
    def test_saves_its_value_with_what_was_typed_and_leads_back(self, form, cotonne):
        form.get_by_role("textbox", name="Note interne").fill("Vu avec la mairie")

        form.get_by_role("button", name="Mettre Loire et enregistrer").click()

        form.get_by_text("modifications enregistrées").wait_for()
        cotonne.refresh_from_db()
        assert (cotonne.department.name, cotonne.note) == ("Loire", "Vu avec la mairie")
        assert form.locator("#result_list tbody tr").count() == 2

    def test_is_not_what_enter_presses(self, form, cotonne):
        form.get_by_role("textbox", name="Commune").fill("Saint-Étienne (La Cotonne)")

        form.get_by_role("textbox", name="Commune").press("Enter")

        form.get_by_text("modifications enregistrées").wait_for()
        cotonne.refresh_from_db()
        assert cotonne.commune == "Saint-Étienne (La Cotonne)"
        assert cotonne.department.name == "Isère"


class TestAccepting:
    def test_is_sent_by_its_own_form_and_saves_nothing_else(self, form, cotonne):
        form.get_by_text("Ne plus signaler…").click()
        form.get_by_label("Motif", exact=True).first.fill("Vu avec la mairie")

        form.get_by_label("Motif", exact=True).first.press("Enter")

        form.get_by_text("Signalement accepté par").wait_for()
        cotonne.refresh_from_db()
        assert cotonne.version == 1
        assert AcceptedFinding.objects.get().motive == "Vu avec la mairie"

    def test_asks_for_a_motive(self, form, cotonne):
        form.get_by_text("Ne plus signaler…").click()

        form.get_by_role("button", name="Ne plus signaler").click()

        assert form.evaluate("document.activeElement.name") == "motive"
        assert not AcceptedFinding.objects.exists()


class TestOfVeryManySites:
    def test_what_is_to_check_comes_after_the_home_page(
        self, page, live_server, network, monkeypatch
    ):
        monkeypatch.setattr("labelling.admin.home.overview.MOST_JUDGED", 5)

        page.goto(live_server.url)

        found = page.get_by_role("region", name="À vérifier")
        found.get_by_text("Le code commune dit Loire.").first.wait_for()
        assert found.get_by_role("link", name="Compter ce qui est à vérifier").count() == 0

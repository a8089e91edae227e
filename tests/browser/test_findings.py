"""The button of a finding: what it saves, and what Enter presses beside it."""

import pytest
from django.urls import reverse

from labelling.models import Site

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
    page.goto(live_server.url + reverse("admin:labelling_site_changelist") + "?status=to_check")
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

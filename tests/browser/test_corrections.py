"""What has changed since a release was rectified, in a real browser."""

from datetime import date

import pytest
from playwright.sync_api import Page, expect

from labelling.models import Department, PressRelease, Site
from labelling.press_release import corrections, drafting
from tests.browser.test_release_path import assert_accessible, assert_fits, officer
from tests.factories import sent

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

__all__ = ["officer"]


def move_to_loire(release: PressRelease) -> None:
    loire = Department.objects.get(code="42")
    for site in Site.objects.filter(name__contains="Stéphanoise"):
        site.department = loire
        site.save()


def withdraw(name: str) -> Site:
    site = Site.objects.get(name=name)
    site.withdrawn_on, site.withdrawal_reason = date(2020, 10, 1), "mistake"
    site.save()
    return site


def rectify(release: PressRelease, day: date) -> PressRelease:
    compared = corrections.compare(release)
    lines = [d for d in compared.differences if d.site and d.subject.startswith("PIMMS Nîmes")]
    draft = drafting.prepare_erratum(release, compared.list_corrections(lines), day)
    return sent(draft, on=day)


@pytest.mark.usefixtures("officer")
class TestWhatHasChangedSince:
    def test_shows_the_rectificatif_that_became_false(self, live_server, page: Page, network):
        release = PressRelease.objects.get()
        move_to_loire(release)
        site = withdraw("PIMMS Nîmes")
        erratum = rectify(release, date(2020, 11, 2))
        site.withdrawn_on, site.withdrawal_reason = None, ""
        site.save()

        page.goto(f"{live_server.url}/labelling/pressrelease/{release.pk}/changes/")
        expect(page.get_by_text("ce rectificatif envoyé n’est plus vrai")).to_be_visible()
        page.get_by_text("Déjà rectifié, par").click()
        expect(page.get_by_text("Supprimer : « Occitanie, Gard, PIMMS Nîmes")).to_be_visible()
        assert_accessible(page)
        assert_fits(page)

        page.get_by_role("button", name="Préparer un rectificatif").click()
        expect(page.get_by_text("déjà rectifié le 2 novembre 2020").first).to_be_visible()

        page.goto(f"{live_server.url}/labelling/pressrelease/{erratum.pk}/document/")
        expect(page.get_by_role("alert")).to_contain_text("ce rectificatif n’est plus vrai")
        assert_accessible(page)
        assert_fits(page)

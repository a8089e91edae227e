"""Every record: one history entry for each change, a version, no save over another's."""

import pytest

from labelling.models import PressContact, Site, StaleRecord
from tests.factories import ContactFactory, ReleaseFactory, SiteFactory

pytestmark = pytest.mark.django_db


class TestSaving:
    def test_writes_one_history_entry_and_raises_the_version(self):
        site = SiteFactory()

        site.name = "PIMMS Nîmes"
        site.save()

        assert site.version == 2
        assert [(e.version, e.history_type) for e in site.history.order_by("version")] == [
            (1, "+"),
            (2, "~"),
        ]

    def test_without_a_change_writes_nothing(self):
        site = SiteFactory()

        site.save()

        assert site.version == 1
        assert site.history.count() == 1

    def test_refuses_a_copy_that_is_no_longer_the_last(self):
        site = SiteFactory(name="PIMMS Nîmes")
        mine, theirs = Site.objects.get(pk=site.pk), Site.objects.get(pk=site.pk)
        theirs.note = "Leur note"
        theirs.save()

        mine.note = "Ma note"
        with pytest.raises(StaleRecord):
            mine.save()

        assert Site.objects.get(pk=site.pk).note == "Leur note"
        assert site.history.count() == 2

    def test_computes_the_keys(self):
        site = SiteFactory(name="PIMMS Pays de l’Orne - Jœuf", commune="Jœuf")

        assert site.sort_key == "pimms pays de l orne joeuf"
        assert site.search_key == "pimms pays de l orne joeuf joeuf"


class TestErasingAContact:
    def test_takes_their_history_along(self):
        contact = ContactFactory(name="Prénom Nom")
        contact.role = "Autre fonction"
        contact.save()

        contact.delete()

        assert not PressContact.history.exists()

    def test_leaves_a_release_without_contact(self):
        release = ReleaseFactory(contact=ContactFactory())

        release.contact.delete()

        release.refresh_from_db()
        assert release.contact is None
        assert release.version == release.history.count() == 2

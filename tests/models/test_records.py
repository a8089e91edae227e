"""Every record: one history entry for each change, a version, no save over another's."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from labelling.models import Association, PressContact, PressRelease, Site, StaleRecord
from tests.factories import (
    AssociationFactory,
    ContactFactory,
    ReleaseFactory,
    SiteFactory,
    WaveFactory,
    final,
    tamper,
)

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


class TestTexts:
    """S26: records that look the same are the same, by whatever door they come."""

    @pytest.mark.parametrize(
        "twin",
        [
            "Métropole\u200b Stéphanoise",
            "Métro\xadpole Ste\u0301phanoise",
            "\uff2détropole Stéphanoise",
        ],
    )
    def test_that_look_the_same_are_no_two_names(self, twin):
        AssociationFactory(name="Métropole Stéphanoise")

        with pytest.raises(ValidationError, match="Une association porte déjà ce nom"):
            Association(name=twin).full_clean()
        with pytest.raises(IntegrityError), transaction.atomic():
            Association(name=twin).save()

    def test_of_nothing_that_is_seen_are_blank(self):
        with pytest.raises(ValidationError) as refusal:
            Association(name="\u200b\u2060").full_clean()

        assert refusal.value.message_dict == {"name": ["À remplir."]}

    def test_are_stored_as_they_are_read(self):
        site = SiteFactory(
            name="PIMMS\u200b Nîmes",
            postcode="\uff13\uff10\uff10\uff10\uff10",
            note="un\r\ndeux\ufeff",
        )

        stored = Site.objects.get(pk=site.pk)
        assert (stored.name, stored.postcode, stored.note) == ("PIMMS Nîmes", "30000", "un\r\ndeux")
        assert stored.history.get().name == "PIMMS Nîmes"

    def test_of_a_frozen_release_stay_as_they_were_printed(self):
        release = final(ReleaseFactory())
        tamper(release, brand="PI\u200bMMS")
        stored = PressRelease.objects.get(pk=release.pk)

        stored.save()

        assert PressRelease.objects.get(pk=release.pk).brand == "PI\u200bMMS"

    def test_whose_key_is_longer_than_they_are_have_it_cut(self):
        association = AssociationFactory(name="ﷺ" * 150)
        wave = WaveFactory(name="ﬃ" * 100)

        assert len(association.sort_key) == 300
        assert len(wave.slug) == 100

    def test_are_found_by_what_is_pasted(self):
        site = SiteFactory(name="PIMMS Nîmes")

        assert list(Site.objects.matching("ni\u0302\u200bmes")) == [site]

    def test_that_are_too_long_to_be_looked_for_find_nothing(self):
        SiteFactory(name="PIMMS Nîmes")

        assert not Site.objects.matching("nimes " * 40).exists()

    @pytest.mark.parametrize("digits", ["٤٢٠٠٠", "\uff14\uff1200x"])
    def test_of_five_digits_are_of_those_of_french(self, digits):
        with pytest.raises(IntegrityError), transaction.atomic():
            SiteFactory(postcode=digits)


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

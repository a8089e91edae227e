"""Each migration is taken back and made again with records in the base [R23]."""

from datetime import UTC, date, datetime

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import QuerySet

from labelling.models import PressRelease, SentFile, Site
from labelling.press_release import drafting, publishing
from tests.factories import (
    AssociationFactory,
    LetterheadFactory,
    ReleaseFactory,
    SiteFactory,
    UserFactory,
    WaveFactory,
    final,
    sent,
)

DAY = date(2020, 10, 20)


@pytest.fixture
def and_back(transactional_db):
    """Whatever a test leaves behind, the next one finds every table."""
    yield
    call_command("migrate", "labelling", verbosity=0)


def migrate(name):
    call_command("migrate", "labelling", name, verbosity=0)


def told(release):
    """What a release is to the others of its wave, by their texts."""
    related = (release.corrects, release.replaces)
    return (release.number, release.kind, release.status, *[one and one.brand for one in related])


def corrected(release, brand):
    """The draft of a version that will replace this one."""
    version = drafting.prepare_corrected_version(release)
    version.brand = brand
    version.save()
    return version


def a_wave_with_each_kind_of_release():
    """A first version, the one that replaced it and was sent, and what corrects that one."""
    SiteFactory(labelled=True)
    second = sent(corrected(final(ReleaseFactory(brand="v1")), "v2"))
    erratum = drafting.prepare_erratum(second, [], DAY)
    erratum.errata, erratum.brand = "Titre | a | b", "rectificatif"
    erratum.save()
    final(corrected(final(erratum), "rectificatif corrigé"))
    again = drafting.prepare_replacement(second, DAY)
    again.brand = "v3"
    again.save()
    at = datetime(2020, 10, 14, tzinfo=UTC)
    publishing.attach(second, name="v2.pdf", content=b"%PDF", by=UserFactory(), at=at)
    return second.wave


def a_wave_with_three_versions():
    wave = WaveFactory(name="Pilote", effective_on=date(2019, 1, 1))
    first = final(ReleaseFactory(wave=wave, brand="v1"))
    corrected(final(corrected(first, "v2")), "v3")
    return wave


def written(record, **values):
    """Write a row as a version of ours that let everything through: round every guard."""
    QuerySet(type(record)).filter(pk=record.pk).update(**values)


class TestLegibleTexts:
    @pytest.mark.usefixtures("and_back")
    def test_are_what_was_read_of_those_of_an_older_base(self):
        migrate("0003_release_documents")
        site, other = SiteFactory(name="PIMMS Nîmes", note="rien"), SiteFactory()
        written(
            site,
            name="PIMMS\u200b Nîmes",
            sort_key="pimms\u200b nimes",
            commune="Ni\u0302mes",
        )

        migrate("0004_legible_texts")

        site.refresh_from_db()
        assert (site.name, site.sort_key, site.commune) == ("PIMMS Nîmes", "pimms nimes", "Nîmes")
        assert (site.version, site.search_key) == (2, "pimms nimes nimes")
        latest = site.history.latest()
        assert (latest.version, latest.name) == (2, "PIMMS Nîmes")
        assert latest.history_change_reason == "Caractères invisibles retirés"
        assert Site.objects.get(pk=other.pk).version == other.history.count() == 1

    @pytest.mark.usefixtures("and_back")
    @pytest.mark.parametrize("digits", ["\uff13\uff10000", "\u0663\u0660000"])
    @pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL never took them")
    def test_have_the_digits_of_french(self, digits):
        migrate("0003_release_documents")
        site = SiteFactory()
        written(site, postcode=digits)

        migrate("0004_legible_texts")

        site.refresh_from_db()
        assert site.postcode == "30000"

    @pytest.mark.usefixtures("and_back")
    def test_of_two_that_look_the_same_are_told_apart(self):
        migrate("0003_release_documents")
        AssociationFactory(name="Métropole Stéphanoise")
        twin = AssociationFactory(name="x")
        written(twin, name="Métropole\u200b Stéphanoise", sort_key="metropole\u200b stephanoise")

        migrate("0004_legible_texts")

        twin.refresh_from_db()
        assert twin.name == "Métropole Stéphanoise (2)"
        assert twin.sort_key == "metropole stephanoise (2)"
        twin.save()
        assert twin.version == 2

    @pytest.mark.usefixtures("and_back")
    def test_leave_what_was_validated(self):
        migrate("0003_release_documents")
        wave = WaveFactory(name="Pilote", effective_on=date(2019, 1, 1))
        release, draft = final(ReleaseFactory()), ReleaseFactory(wave=wave)
        written(release, brand="PI\u200bMMS")
        written(draft, brand="PI\u200bMMS")

        migrate("0004_legible_texts")

        assert PressRelease.objects.get(pk=release.pk).brand == "PI\u200bMMS"
        assert PressRelease.objects.get(pk=draft.pk).brand == "PIMMS"

    @pytest.mark.usefixtures("and_back")
    def test_let_somebody_sign_in_whose_address_had_one(self):
        migrate("0003_release_documents")
        person = UserFactory()
        written(person, username="lea@exam\u200bple.org")

        migrate("0004_legible_texts")

        person.refresh_from_db()
        assert person.username == "lea@example.org"


class TestReleaseDocuments:
    @pytest.mark.usefixtures("and_back")
    def test_are_taken_back_and_made_again_with_every_kind_of_release(self):
        LetterheadFactory()
        autumn, pilot = a_wave_with_each_kind_of_release(), a_wave_with_three_versions()
        digests = dict(PressRelease.objects.values_list("pk", "digest"))

        migrate("0002_imports")
        migrate("0003_release_documents")

        # Before, a wave had one release, and the others could only correct one.
        assert [told(one) for one in autumn.releases.order_by("number")] == [
            (1, "erratum", "final", "v2", None),
            (2, "original", "sent", None, None),
            (3, "erratum", "final", "v2", None),
            (4, "erratum", "final", "v2", None),
            (5, "erratum", "draft", "v2", None),
        ]
        assert [told(one) for one in pilot.releases.order_by("number")] == [
            (1, "erratum", "final", "v2", None),
            (2, "original", "final", None, None),
            (3, "erratum", "draft", "v2", None),
        ]
        assert autumn.releases.get(number=2).sent_on == date(2020, 10, 14)
        assert dict(PressRelease.objects.values_list("pk", "digest")) == digests
        assert all(release.is_intact for release in PressRelease.objects.all())
        assert not SentFile.objects.exists()

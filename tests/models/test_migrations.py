"""A migration that has landed stays as it is, and can be taken back with records [R23]."""

import hashlib
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.core.management import call_command

from labelling import migrations
from labelling.models import PressRelease, SentFile
from labelling.press_release import drafting, publishing
from tests.factories import (
    LetterheadFactory,
    ReleaseFactory,
    SiteFactory,
    UserFactory,
    WaveFactory,
    final,
    sent,
)

DAY = date(2020, 10, 20)

# The migrations that have landed, as `sha256sum` writes them.
TABLE = Path(__file__).with_name("migrations.sha256")
LANDED = TABLE.read_text(encoding="utf-8").splitlines()


@pytest.fixture
def and_back(transactional_db):
    """Whatever a test leaves behind, the next one finds every table."""
    yield
    call_command("migrate", "labelling", verbosity=0)


def migrate(name):
    call_command("migrate", "labelling", name, verbosity=0)


def digests():
    """The migrations as they are now."""
    paths = sorted(Path(migrations.__path__[0]).glob("[0-9]*.py"))
    return [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}" for path in paths]


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


class TestLandedMigrations:
    def test_stay_as_they_are(self):
        changed = [line for line in LANDED if line not in digests()]

        assert changed == [], "Bases have applied these: what changes goes into a new migration."

    def test_are_all_written_down(self):
        new = [line for line in digests() if line not in LANDED]

        assert new == [], f"As soon as a migration is as it will land, add its line to {TABLE}."


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

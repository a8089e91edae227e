"""A version of a draft is kept once, whole, as long as its release is there."""

import pytest

from labelling.models import DraftText
from labelling.press_release import publishing
from labelling.press_release.content import Content
from tests.factories import ContactFactory, ReleaseFactory, WaveFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def release():
    return ReleaseFactory(own_title="Premier titre")


def compose(release):
    return publishing.compose_draft(release)


class TestAVersion:
    def test_is_kept_word_for_word(self, release):
        content = compose(release)

        kept = DraftText.objects.keep(release, content.to_json())

        kept.refresh_from_db()
        assert Content.from_json(kept.content) == content
        assert kept.digest == publishing.compute_digest(content)

    def test_is_kept_once(self, release):
        first = DraftText.objects.keep(release, compose(release).to_json())
        again = DraftText.objects.keep(release, compose(release).to_json())

        assert again == first
        assert DraftText.objects.count() == 1

    def test_stands_beside_the_next_one(self, release):
        DraftText.objects.keep(release, compose(release).to_json())
        release.own_title = "Second titre"
        DraftText.objects.keep(release, compose(release).to_json())

        kept = release.draft_texts.values_list("content__title", flat=True)
        assert list(kept) == ["Premier titre", "Second titre"]

    def test_is_of_its_release_alone(self, release):
        other = ReleaseFactory(
            wave=WaveFactory(name="Janvier 2021", effective_on="2021-01-01"),
        )
        content = compose(release).to_json()

        kept = DraftText.objects.keep(release, content)

        assert DraftText.objects.keep(other, content) != kept

    def test_goes_with_the_contact_who_is_erased(self, release):
        """S21."""
        DraftText.objects.keep(release, compose(release).to_json())
        release.contact = ContactFactory(name="Prénom Nom")
        DraftText.objects.keep(release, compose(release).to_json())

        release.contact.delete()

        kept = release.draft_texts.values_list("content__contact", flat=True)
        assert list(kept) == [[]]

    def test_goes_with_its_draft(self, release):
        DraftText.objects.keep(release, compose(release).to_json())

        release.delete()

        assert not DraftText.objects.exists()

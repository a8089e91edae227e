"""What a new draft takes over, and what it says by itself."""

from datetime import UTC, date, datetime

import pytest

from labelling.models import LabellingWave, PressContact, PressRelease
from labelling.press_release import drafting, publishing, questions
from labelling.press_release.composition import read_published
from tests.factories import (
    ContactFactory,
    LetterheadFactory,
    ReleaseFactory,
    SiteFactory,
    WaveFactory,
    final,
    sent,
)

DAY = date(2021, 1, 20)


@pytest.fixture
def winter(network):
    return WaveFactory(
        name="Hiver 2021", effective_on=date(2021, 1, 15), announced_on=date(2021, 1, 21)
    )


class TestANewDraft:
    def test_takes_over_what_stands(self, winter):
        release = drafting.draft_original(winter, DAY)

        assert (release.place, release.brand) == ("Paris", "PIMMS")
        assert release.contact.name == "Alexandre Carlier"
        assert release.about.startswith("Créée en 1998")
        assert release.issued_on == date(2021, 1, 21)

    def test_is_signed_by_the_only_contact_left(self, winter):
        PressContact.objects.get().delete()
        ContactFactory(name="Ana Durand")
        assert drafting.draft_original(winter, DAY).contact.name == "Ana Durand"

        ContactFactory(name="Ben Morel")
        assert drafting.draft_original(winter, DAY).contact is None

    def test_of_a_base_without_a_release_is_signed_by_the_only_contact(self, db):
        ContactFactory(name="Ana Durand")

        assert drafting.draft_original(WaveFactory(), DAY).contact.name == "Ana Durand"

    def test_takes_nothing_over_from_a_version_that_was_replaced(self, winter):
        spring = WaveFactory(name="Printemps 2021", effective_on=date(2021, 4, 1))
        first = final(ReleaseFactory(wave=winter, issued_on=date(2021, 3, 2), about="Ancien."))
        second = drafting.prepare_corrected_version(first)
        second.about, second.issued_on = "Nouveau.", date(2021, 3, 1)
        second.save()
        final(second)

        assert drafting.draft_original(spring, DAY).about == "Nouveau."

    def test_leaves_what_was_of_that_wave_alone(self, winter):
        """No praise and no claim: they are offered."""
        release = drafting.draft_original(winter, DAY)

        assert (release.attendance, release.own_title, release.own_lead) == ("", "", "")
        assert (release.closing, release.network_detail) == ("", "")
        assert release._state.adding

    def test_names_nobody_past_their_date(self, winter):
        PressContact.objects.update(proposed_until=date(2020, 12, 31))

        assert drafting.draft_original(winter, DAY).contact is None

    def test_names_who_took_over(self, winter):
        successor = ContactFactory(name="Ana Durand")
        drafting.replace_contact(
            PressContact.objects.exclude(pk=successor.pk).get(), successor, DAY
        )

        assert drafting.draft_original(winter, DAY).contact == successor

    def test_takes_over_what_was_corrected_and_not_what_was_cancelled(self, winter):
        again = drafting.prepare_replacement(PressRelease.objects.get(), date(2020, 10, 20))
        again.about = "À propos, corrigé."
        again.save()
        assert drafting.draft_original(winter, DAY).about.startswith("Créée en 1998")

        sent(again)

        assert drafting.draft_original(winter, DAY).about == "À propos, corrigé."

    def test_takes_nothing_over_from_another_draft(self, winter):
        ReleaseFactory(
            wave=LabellingWave.objects.get(slug="janvier-2020"),
            issued_on=date(2020, 12, 1),
            about="À relire.",
        )

        assert drafting.draft_original(winter, DAY).about.startswith("Créée en 1998")

    @pytest.mark.parametrize(
        ("new", "title"),
        [
            (0, "Aucun PIMMS supplémentaire n’obtient la labellisation France Services"),
            (1, "Un PIMMS supplémentaire obtient la labellisation France Services"),
            (2, "2\u00a0PIMMS supplémentaires obtiennent la labellisation France Services"),
        ],
    )
    def test_says_the_rest_by_itself(self, winter, new, title):
        SiteFactory.create_batch(new, wave=winter)
        release = drafting.draft_original(winter, DAY)

        computed = drafting.compute_sentences(release, publishing.compose_draft(release))

        assert computed["own_title"] == title
        assert f"{53 + new}\u00a0PIMMS" in computed["own_lead"]
        assert computed["own_list_title"] == (
            "Liste des PIMMS labellisés France Services à l’hiver 2021\u00a0:"
        )


class TestWhatIsOffered:
    def test_is_each_other_paragraph_of_the_last_release(self, winter):
        release = drafting.draft_original(winter, DAY)

        offers = questions.list_offers(release)

        assert [offer.field for offer in offers] == ["attendance", "network_detail", "closing"]
        assert {offer.issued_on for offer in offers} == {date(2020, 10, 14)}
        assert offers[2].words.startswith("Les PIMMS ont été cités")

    def test_no_longer_has_what_was_taken(self, winter):
        release = drafting.draft_original(winter, DAY)
        for offer in questions.list_offers(release):
            written = "Un mot à nous"
            setattr(release, offer.field, offer.add_to(written))
            assert getattr(release, offer.field).startswith(written)
            assert offer.add_to(getattr(release, offer.field)) == getattr(release, offer.field)

        assert questions.list_offers(release) == []
        assert release.network_detail.startswith("Un mot à nous, dont une partie")

    def test_is_nothing_where_all_was_taken_over(self, winter):
        october = PressRelease.objects.get()
        again = drafting.prepare_replacement(october, DAY)
        first = final(ReleaseFactory(wave=winter, issued_on=DAY, closing="À reprendre."))
        second = drafting.prepare_corrected_version(first)

        assert again.closing == october.closing
        assert again.attendance == october.attendance.replace("'", "’")
        assert again.network_detail == october.network_detail
        assert second.closing == "À reprendre."
        for draft in (again, second, drafting.prepare_erratum(october, [], DAY)):
            assert questions.list_offers(draft) == []


class TestARewrittenSentence:
    def test_stands_in_the_place_of_the_derived_one(self, winter):
        release = drafting.draft_original(winter, DAY)
        release.own_title, release.own_figures = "Un titre\nà nous", "Des chiffres à nous."

        content = publishing.compose_draft(release)

        assert content.title == "Un titre à nous"
        assert content.paragraphs[0] == "Des chiffres à nous."

    def test_is_given_back_to_the_records(self, winter):
        release = drafting.draft_original(winter, DAY)
        release.own_title = "  \n "

        assert publishing.compose_draft(release).title.startswith("Aucun PIMMS supplémentaire")

    def test_of_each_kind_is_printed(self, winter):
        SiteFactory(wave=winter)
        release = drafting.draft_original(winter, DAY)
        for name, field in PressRelease.OWN_SENTENCES.items():
            setattr(release, field, f"Ma phrase {name}")
        release.prints_ends = True

        content = publishing.compose_draft(release)

        said = (content.title, content.lead, *content.paragraphs, content.list_title)
        assert {s for s in said if s.startswith("Ma phrase")} == {
            f"Ma phrase {name}" for name in PressRelease.OWN_SENTENCES
        }


class TestTheLetterhead:
    def test_heads_every_draft_and_stays_with_what_is_final(self, winter):
        letterhead = LetterheadFactory(name="Union nationale des PIMMS", second_colour="#C00000")
        release = drafting.draft_original(winter, DAY)
        release.save()
        frozen = final(release)

        letterhead.name = "Union Pimms Médiation"
        letterhead.save()

        assert read_published(frozen).letterhead.name == "Union nationale des PIMMS"
        assert read_published(frozen).letterhead.second_colour == "#C00000"
        another = drafting.draft_original(LabellingWave.objects.get(slug="janvier-2020"), DAY)
        assert publishing.compose_draft(another).letterhead.name == "Union Pimms Médiation"

    def test_that_nobody_made_is_none(self, winter):
        assert publishing.compose_draft(drafting.draft_original(winter, DAY)).letterhead is None


class TestACorrectionUnderEmbargo:
    @pytest.mark.parametrize(("day", "is_kept"), [(DAY, True), (date(2021, 1, 22), False)])
    def test_is_under_that_of_what_it_corrects_as_long_as_it_runs(self, winter, day, is_kept):
        until = datetime(2021, 1, 21, 9, tzinfo=UTC)
        release = sent(ReleaseFactory(wave=winter, embargo_until=until), on=DAY)

        erratum = drafting.prepare_erratum(release, [], day)
        again = drafting.prepare_replacement(release, day)

        assert {erratum.embargo_until, again.embargo_until} == {until if is_kept else None}


class TestReplacingAContact:
    def test_moves_the_drafts_and_leaves_what_is_frozen(self, db):
        contact, successor = ContactFactory(), ContactFactory()
        draft = ReleaseFactory(contact=contact)
        done = sent(
            ReleaseFactory(
                contact=contact, wave=WaveFactory(name="Pilote", effective_on=date(2019, 1, 1))
            )
        )

        count = drafting.replace_contact(contact, successor, DAY)

        draft.refresh_from_db()
        done.refresh_from_db()
        assert count == 1
        assert (draft.contact, done.contact) == (successor, contact)
        assert draft.history.count() == 2
        assert list(PressContact.objects.proposed_on(DAY)) == [successor]

"""Draft, final, sent: each step once, and only the steps there are."""

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection

from labelling.choices import ReleaseStatus
from labelling.models import PressRelease, Site
from labelling.press_release import drafting, publishing
from labelling.press_release.composition import read_published
from labelling.press_release.content import Content
from labelling.press_release.publishing import AlreadyDone, NotDone, Outdated
from tests.factories import (
    ContactFactory,
    ReleaseFactory,
    SiteFactory,
    UserFactory,
    final,
    sent,
)

DAY = date(2020, 10, 27)
NOW = datetime(2020, 10, 14, 7, 5, tzinfo=UTC)
LATER = datetime(2020, 12, 1, tzinfo=UTC)


@pytest.fixture
def draft(db):
    SiteFactory(labelled=True, name="PIMMS Nîmes")
    return ReleaseFactory(contact=ContactFactory(name="Ana Durand"))


def seen(release) -> str:
    return publishing.compute_digest(publishing.compose_final(release))


class TestValidating:
    def test_freezes_what_was_seen_without_what_says_draft(self, draft):
        person = UserFactory()
        assert publishing.compose_draft(draft).notices == ("PROJET – NE PAS DIFFUSER",)

        done = publishing.validate(draft, by=person, at=NOW, seen=seen(draft))

        assert (done.status, done.validated_by, done.validated_at) == ("final", person, NOW)
        assert read_published(done).notices == ()
        assert read_published(done).title == ("Un PIMMS obtient la labellisation France Services")
        assert done.is_intact

    def test_refuses_what_changed_since_it_was_seen(self, draft):
        before = seen(draft)
        SiteFactory(labelled=True)

        with pytest.raises(Outdated) as refusal:
            publishing.validate(draft, by=None, at=NOW, seen=before)

        assert str(refusal.value) == (
            "Le communiqué ou les fiches ont changé depuis que vous avez ouvert cette page\u00a0: "
            "rien n’a été validé. Relisez-le, puis validez."
        )
        assert PressRelease.objects.get().status == ReleaseStatus.DRAFT

    def test_is_done_once(self, draft):
        before = seen(draft)
        publishing.validate(draft, by=UserFactory(last_name="Un"), at=NOW, seen=before)

        with pytest.raises(AlreadyDone) as refusal:
            publishing.validate(draft, by=UserFactory(last_name="Deux"), at=NOW, seen=before)

        assert str(refusal.value) == (
            "Ce communiqué a déjà été validé par Prénom Un, le 14\u00a0octobre 2020 à "
            "9\u00a0h\u00a005. Rien n’a été fait deux fois."
        )
        assert draft.history.count() == 2

    def test_of_an_empty_erratum_is_refused(self, draft):
        erratum = drafting.prepare_erratum(sent(draft), [], date(2020, 10, 20))

        with pytest.raises(NotDone) as refusal:
            publishing.validate(erratum, by=None, at=NOW, seen=seen(erratum))

        assert str(refusal.value) == (
            "Rien n’a été validé. Aucune ligne à rectifier\u00a0: ajoutez-en au moins une."
        )

    def test_gives_the_same_words_for_ever(self, draft):
        done = final(draft)
        words = read_published(done)
        site = Site.objects.get()
        site.name = "PIMMS du Gard"
        site.save()
        draft.contact.delete()

        assert read_published(PressRelease.objects.get()) == words
        assert words.contact[0] == "Ana Durand"


@pytest.mark.django_db(transaction=True)
class TestTwoPeopleAtOnce:
    def test_validate_it_once(self):
        SiteFactory(labelled=True)
        draft = ReleaseFactory()
        digest, people = seen(draft), [UserFactory(), UserFactory()]
        outcomes: list[str] = []
        start = threading.Barrier(len(people))

        def validate(person):
            try:
                release = PressRelease.objects.get(pk=draft.pk)
                start.wait(timeout=30)
                publishing.validate(release, by=person, at=NOW, seen=digest)
                outcomes.append("done")
            except AlreadyDone:
                outcomes.append("already done")
            finally:
                connection.close()

        threads = [threading.Thread(target=validate, args=(person,)) for person in people]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)

        assert sorted(outcomes) == ["already done", "done"]
        assert list(draft.history.order_by("version").values_list("status", flat=True)) == [
            "draft",
            "final",
        ]


class TestSending:
    def test_marks_a_final_version(self, draft):
        done = publishing.mark_as_sent(final(draft), on=date(2020, 10, 15))

        assert (done.status, done.sent_on) == ("sent", date(2020, 10, 15))
        assert done.word_status(LATER) == "Envoyé le 15\u00a0octobre 2020"

    def test_leaves_a_draft(self, draft):
        with pytest.raises(NotDone) as refusal:
            publishing.mark_as_sent(draft, on=date(2020, 10, 15))

        assert str(refusal.value) == (
            "Un brouillon ne s’envoie pas\u00a0: validez d’abord sa version définitive."
        )

    def test_is_done_once(self, draft):
        done = sent(draft)

        with pytest.raises(AlreadyDone) as refusal:
            publishing.mark_as_sent(done, on=date(2021, 1, 1))

        assert str(refusal.value) == (
            "Ce communiqué est déjà marqué comme envoyé le 14\u00a0octobre 2020. Rien n’a été "
            "fait deux fois."
        )


class TestReplacing:
    def test_a_final_version_gives_way_to_a_corrected_one_and_both_are_kept(self, draft):
        first = final(draft)

        second = drafting.prepare_corrected_version(first)
        second.own_title = "Un titre corrigé"
        second.save()
        second = final(second)

        first.refresh_from_db()
        assert (first.status, second.status) == ("replaced", "final")
        assert read_published(first).title.startswith("Un PIMMS")
        assert read_published(second).title == "Un titre corrigé"
        assert second.replaces == first
        assert PressRelease.objects.originals().get() == second

    def test_takes_over_all_that_a_person_wrote(self, draft):
        draft.attendance, draft.own_lead = "Le comité…", "Chapô."
        draft.save()

        second = drafting.prepare_corrected_version(final(draft))

        assert (second.attendance, second.own_lead) == ("Le comité…", "Chapô.")
        assert second.contact == draft.contact
        assert PressRelease.objects.originals().get() == draft

    def test_is_prepared_once(self, draft):
        first = final(draft)

        assert drafting.prepare_corrected_version(first) == drafting.prepare_corrected_version(
            first
        )

    def test_in_preparation_keeps_the_final_version_from_being_sent(self, draft):
        first = final(draft)
        second = drafting.prepare_corrected_version(first)

        with pytest.raises(NotDone) as refusal:
            publishing.mark_as_sent(first, on=date(2020, 10, 14))

        assert str(refusal.value) == (
            "Une version corrigée est en préparation\u00a0: validez-la ou supprimez-la d’abord."
        )
        second.delete()
        assert publishing.mark_as_sent(first, on=date(2020, 10, 14)).status == "sent"

    def test_comes_too_late_once_it_is_sent(self, draft):
        with pytest.raises(NotDone) as refusal:
            drafting.prepare_corrected_version(sent(draft))

        assert str(refusal.value) == "Ce communiqué a été envoyé\u00a0: préparez un rectificatif."

    def test_a_replaced_version_is_not_sent(self, draft):
        first = final(draft)
        final(drafting.prepare_corrected_version(first))

        with pytest.raises(NotDone) as refusal:
            publishing.mark_as_sent(first, on=date(2020, 10, 14))

        assert str(refusal.value) == (
            "Cette version a été remplacée\u00a0: envoyez celle qui la remplace."
        )


@pytest.fixture
def cancelled(draft):
    """A release that was sent, and the one that cancelled it."""
    release = sent(draft)
    again = drafting.prepare_replacement(release, date(2020, 10, 20))
    return release, sent(again, on=date(2020, 10, 20))


class TestCancelling:
    def test_makes_the_new_document_the_one_that_stands(self, draft):
        release = sent(draft)
        again = drafting.prepare_replacement(release, date(2020, 10, 20))
        assert PressRelease.objects.standing().get() == release
        again = final(again)
        assert PressRelease.objects.standing().get() == release

        publishing.mark_as_sent(again, on=date(2020, 10, 20))

        assert PressRelease.objects.standing().get() == again

    def test_leaves_nothing_to_rectify_in_the_old_one(self, cancelled):
        release, again = cancelled

        for prepare in (
            lambda: drafting.prepare_erratum(release, [], DAY),
            lambda: drafting.prepare_replacement(release, DAY),
        ):
            with pytest.raises(NotDone) as refusal:
                prepare()
            assert str(refusal.value) == (
                "Ce communiqué a été annulé et remplacé\u00a0: rectifiez celui qui le remplace."
            )
        assert drafting.prepare_erratum(again, [], DAY).corrects == again

    def test_is_itself_cancelled(self, cancelled):
        last = sent(drafting.prepare_replacement(cancelled[1], DAY))

        assert PressRelease.objects.standing().get() == last


class TestStatuses:
    def test_say_what_followed_once_it_was_sent(self, draft):
        release = sent(draft)
        erratum = drafting.prepare_erratum(release, [], DAY)
        erratum.errata = "Titre | a | b"
        erratum.save()
        erratum = final(erratum)
        assert release.word_status(LATER) == "Envoyé le 14\u00a0octobre 2020"

        publishing.mark_as_sent(erratum, on=DAY)
        assert release.word_status(LATER) == "Envoyé le 14\u00a0octobre 2020, rectifié"

        sent(drafting.prepare_replacement(release, DAY))
        assert release.word_status(LATER) == "Envoyé le 14\u00a0octobre 2020, annulé et remplacé"

    def test_say_under_embargo_until_its_hour_has_passed(self, draft):
        draft.embargo_until = datetime(2020, 10, 14, 8, tzinfo=UTC)
        draft.save()
        release = sent(draft, on=date(2020, 10, 12))

        before = draft.embargo_until - timedelta(seconds=1)
        assert release.word_status(before) == "Envoyé sous embargo le 12\u00a0octobre 2020"
        assert release.word_status(draft.embargo_until) == (
            "Envoyé le 12\u00a0octobre 2020, embargo levé"
        )


class TestEmbargo:
    def test_is_said_above_everything_and_frozen(self, draft):
        draft.embargo_until = datetime(2020, 10, 14, 8, tzinfo=UTC)
        draft.save()

        assert publishing.compose_draft(draft).notices == (
            "PROJET – NE PAS DIFFUSER",
            "Sous embargo jusqu’au mercredi 14\u00a0octobre 2020 à 10\u00a0h",
        )
        assert read_published(final(draft)).notices == (
            "Sous embargo jusqu’au mercredi 14\u00a0octobre 2020 à 10\u00a0h",
        )

    def test_blocks_nothing(self, draft):
        draft.embargo_until = NOW + timedelta(days=1000)
        draft.save()

        assert sent(draft).status == "sent"


class TestOlderSchemas:
    def test_a_release_of_schema_1_reads_and_renders_the_same_words(self, network):
        release = PressRelease.objects.get()
        assert release.content["schema"] == 1

        read = Content.from_json(release.content)
        again = Content.from_json(read.to_json())

        assert (read.letterhead, read.quote) == (None, ())
        assert {line.commune for line in read.lines} == {""}
        assert again == read
        assert len(read.lines) == 53
        assert read.title == (
            "13 PIMMS supplémentaires obtiennent la labellisation France Services"
        )

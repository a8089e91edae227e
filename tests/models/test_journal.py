"""The journal is written once, whoever did it; what was searched goes with the person erased."""

from datetime import timedelta

import pytest
from django.core import serializers
from django.db import transaction
from django.utils import timezone

from labelling.choices import Event
from labelling.models import FrozenRow, JournalEntry
from tests.factories import ContactFactory, JournalEntryFactory, UserFactory

pytestmark = pytest.mark.django_db

KEPT = "Le journal s’écrit une fois\u00a0: rien ne s’y modifie ni ne s’y efface."
IN_BULK = "Ce qui est définitif ne se remplace pas en bloc\u00a0: rien n’a été écrit."


def save(entry):
    entry.details = {}
    entry.save()


def save_one_field(entry):
    entry.author_name = "Autre"
    entry.save(update_fields=["author_name"])


def load(entry):
    entry.model_key = ""
    for one in serializers.deserialize("json", serializers.serialize("json", [entry])):
        one.save()


def bulk_update(entry):
    entry.details = {}
    JournalEntry.objects.bulk_update([entry], ["details"])


def overwrite_in_bulk(entry):
    JournalEntry.objects.bulk_create(
        [entry], update_conflicts=True, update_fields=["details"], unique_fields=["id"]
    )


WAYS = {
    "save": save,
    "save of one field": save_one_field,
    "fixture": load,
    "update_or_create": lambda entry: JournalEntry.objects.update_or_create(
        pk=entry.pk, defaults={"details": {}}
    ),
    "bulk_update": bulk_update,
    "overwritten in bulk": overwrite_in_bulk,
    "queryset update": lambda _: JournalEntry.objects.update(details={}),
    "another author": lambda _: JournalEntry.objects.update(author=UserFactory()),
    "deletion": lambda entry: entry.delete(),
    "deletion by queryset": lambda _: JournalEntry.objects.all().delete(),
    "deletion by the base manager": lambda _: JournalEntry._base_manager.all().delete(),
}


class TestAnEntry:
    @pytest.mark.parametrize("way", WAYS)
    def test_refuses_every_change(self, way):
        JournalEntryFactory()
        before = JournalEntry.objects.values().get()

        with pytest.raises(FrozenRow) as refusal, transaction.atomic():
            WAYS[way](JournalEntry.objects.get())

        assert str(refusal.value) == (IN_BULK if way == "overwritten in bulk" else KEPT)
        assert JournalEntry.objects.values().get() == before

    def test_keeps_the_name_of_an_account_that_goes(self):
        person = UserFactory(first_name="Ana", last_name="Durand")
        JournalEntry.objects.note(Event.DOWNLOAD, author=person)

        person.delete()

        entry = JournalEntry.objects.get()
        assert (entry.author, entry.author_name) == (None, "Ana Durand")

    def test_is_noted_of_a_command_too(self):
        entry = JournalEntry.objects.note(Event.DOWNLOAD, author=None, count=1)

        assert (entry.author, entry.author_name, entry.details) == (None, "", {"count": 1})


class TestForgetting:
    """S27."""

    def test_deletes_what_is_older_in_one_question(self, django_assert_num_queries):
        now = timezone.now()
        for days in 10, 364, 366, 400:
            JournalEntryFactory(author=None, at=now - timedelta(days=days))

        with django_assert_num_queries(1):
            count = JournalEntry.objects.forget_before(now - timedelta(days=365))

        assert count == 2
        assert {(now - entry.at).days for entry in JournalEntry.objects.all()} == {10, 364}

    @pytest.mark.parametrize(
        "event", [Event.FILE_REMOVED, Event.DISPATCH_REMOVED, Event.SENDING_TAKEN_BACK]
    )
    def test_leaves_what_was_said_of_a_sending(self, event):
        at = timezone.now() - timedelta(days=4000)
        JournalEntryFactory(event=event, model_key="pressrelease", at=at)

        assert JournalEntry.objects.forget_before(timezone.now()) == 0


class TestErasing:
    @pytest.mark.parametrize(
        ("details", "left"),
        [
            ({"count": 1, "searched": "ana"}, {"count": 1, "searched": "…"}),
            ({"count": 1, "searched": "presse DURÀ"}, {"count": 1, "searched": "…"}),
            ({"searched": "urand"}, {"searched": "urand"}),
            ({"searched": "durandal"}, {"searched": "durandal"}),
            ({"count": 1, "is_whole_base": True}, {"count": 1, "is_whole_base": True}),
            ({"told": "Liste de «\u00a0Durand\u00a0»"}, {"told": "…"}),
            ({"told": "Une phrase ancienne"}, {"told": "Une phrase ancienne"}),
        ],
    )
    def test_a_person_leaves_nothing_of_what_was_searched(self, details, left):
        entry = JournalEntryFactory(details=details)

        ContactFactory(name="Ana Durand").delete()

        entry.refresh_from_db()
        assert entry.details == left

    def test_a_person_leaves_the_searches_of_other_records(self):
        entry = JournalEntryFactory(model_key="site", details={"searched": "durand"})

        ContactFactory(name="Ana Durand").delete()

        entry.refresh_from_db()
        assert entry.details == {"searched": "durand"}

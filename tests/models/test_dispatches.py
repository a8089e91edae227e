"""A line of the journal de diffusion: written once, and only its two doors remove it."""

from datetime import UTC, date, datetime, time

import pytest
from django.core import serializers
from django.db import transaction
from django.utils import timezone

from labelling.models import Dispatch, FrozenRow
from tests.factories import ReleaseFactory, UserFactory, sent


@pytest.fixture
def line(db):
    return Dispatch.objects.create(
        release=sent(ReleaseFactory(embargo_until=datetime(2020, 10, 14, 8, tzinfo=UTC))),
        left_on=date(2020, 10, 14),
        channel="mail",
        recipients="AFP",
        noted_at=timezone.now(),
        noted_by=UserFactory(),
    )


def save(line):
    line.recipients = "Reuters"
    line.save()


def load_a_fixture(line):
    line.recipients = "Reuters"
    for one in serializers.deserialize("json", serializers.serialize("json", [line])):
        one.save()


WAYS = {
    "save": save,
    "fixture": load_a_fixture,
    "update": lambda line: Dispatch.objects.update(recipients="Reuters"),
    "update through its release": lambda line: line.release.dispatches.update(channel="site"),
    "deletion": lambda line: line.delete(),
    "deletion by queryset": lambda line: Dispatch.objects.all().delete(),
    "raw deletion": lambda line: Dispatch.objects.all()._raw_delete("default"),
}


class TestALine:
    @pytest.mark.parametrize("way", WAYS)
    def test_refuses_every_change(self, way, line):
        before = Dispatch.objects.values().get()

        with pytest.raises(FrozenRow, match="une ligne n’y change pas"), transaction.atomic():
            WAYS[way](Dispatch.objects.get())

        assert Dispatch.objects.values().get() == before

    def test_outlives_the_account_of_who_noted_it(self, line):
        line.noted_by.delete()

        assert Dispatch.objects.get().noted_by is None

    @pytest.mark.parametrize(
        ("day", "hour", "is_under_embargo"),
        [
            (date(2020, 10, 13), None, True),
            (date(2020, 10, 14), time(9, 59), True),
            (date(2020, 10, 14), time(10), False),
            (date(2020, 10, 14), None, False),
        ],
    )
    def test_knows_whether_the_embargo_was_running(self, line, day, hour, is_under_embargo):
        line.left_on, line.left_at = day, hour

        assert line.is_under_embargo is is_under_embargo

    def test_is_read_in_the_order_of_its_moments(self, line):
        for hour in time(18), time(9):
            Dispatch.objects.create(
                release=line.release,
                left_on=line.left_on,
                left_at=hour,
                channel="mail",
                recipients="AFP",
                noted_at=timezone.now(),
            )

        assert [one.left_at for one in Dispatch.objects.all()] == [time(9), time(18), None]

"""Keys and texts that a question is asked about, more than a database takes parameters."""

import pytest

from labelling.models import Site
from tests.factories import SiteFactory

pytestmark = pytest.mark.django_db


def test_narrows_records_to_these_keys_however_many():
    first, second, third = SiteFactory.create_batch(3)
    many = [first.pk, third.pk, *range(10**6, 10**6 + 300_000)]

    assert {*Site.objects.filter(pk__among=many)} == {first, third}
    assert {*Site.objects.exclude(pk__among=many)} == {second}
    assert not Site.objects.filter(pk__among=[]).exists()


def test_narrows_records_to_these_texts_whatever_signs_they_have():
    nimes, quoted, _ = (SiteFactory(state_name=name) for name in ("Nîmes", 'L’« "x" » %s', "Alès"))
    many = ["Nîmes", 'L’« "x" » %s', *map(str, range(300_000))]

    assert {*Site.objects.filter(state_name__among=many)} == {nimes, quoted}

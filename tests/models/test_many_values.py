"""Keys and texts that a question is asked about, more than a database takes parameters."""

import pytest

from labelling.models import Site
from labelling.models.many_values import Gathered
from tests.factories import SiteFactory

pytestmark = pytest.mark.django_db


def test_narrows_records_to_these_keys_however_many():
    first, second, third = SiteFactory.create_batch(3)
    many = [first.pk, third.pk, *range(10**6, 10**6 + 300_000)]

    assert {*Site.objects.filter(pk__among=many)} == {first, third}
    assert {*Site.objects.exclude(pk__among=many)} == {second}
    assert not Site.objects.filter(pk__among=[]).exists()


def test_narrows_records_to_many_keys_that_stand_close():
    first, second, third = SiteFactory.create_batch(3)
    Site.objects.bulk_create(
        SiteFactory.build(pk=pk, department=first.department) for pk in (-first.pk, 10**12)
    )
    many = {*range(1, third.pk + 6_000)} - {second.pk}
    others = {second.pk, -first.pk, 10**12}

    assert {*Site.objects.filter(pk__among=many)} == {first, third}
    assert {*Site.objects.exclude(pk__among=many).values_list("pk", flat=True)} == others
    assert not Site.objects.filter(rank__among=many).exists()
    assert Site.objects.exclude(rank__among=many).count() == 5


def test_narrows_records_to_these_texts_whatever_signs_they_have():
    nimes, quoted, _ = (SiteFactory(state_name=name) for name in ("Nîmes", 'L’« "x" » %s', "Alès"))
    many = ["Nîmes", 'L’« "x" » %s', *map(str, range(300_000))]

    assert {*Site.objects.filter(state_name__among=many)} == {nimes, quoted}


def test_gathers_what_columns_hold_in_one_order():
    SiteFactory(format="bus", in_priority_district=None, state_name='L’« "x" », %s')
    SiteFactory(labelled=True, format="", in_priority_district=True, state_name="")
    columns = ("pk", "wave_id", "format", "in_priority_district", "state_name", "withdrawn_on")

    gathered = {f"all_{name}": Gathered(name) for name in columns}
    found = Site.objects.order_by().aggregate(**gathered)
    none = Site.objects.none().aggregate(**gathered)
    empty = Site.objects.filter(name="").aggregate(**gathered)

    rows = zip(*(found[name] for name in gathered), strict=True)
    assert {*rows} == {*Site.objects.values_list(*columns)}
    assert [[*values] for values in (*none.values(), *empty.values())] == [[]] * 2 * len(columns)

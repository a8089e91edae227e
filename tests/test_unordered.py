"""The suite itself: rows that nothing orders come in differing orders."""

import pytest
from django.db.models import Count

from labelling.models import Region
from tests.factories import RegionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def codes():
    codes = [f"{n:02}" for n in range(8)]
    for code in codes:
        RegionFactory(code=code, name=f"Région {code}")
    return codes


def orders(queryset) -> set[tuple[str, ...]]:
    """The orders in which ten askings give the codes."""
    return {tuple(queryset.all()) for _ in range(10)}


class TestUnordered:
    def test_rows_come_in_differing_orders(self, codes):
        found = orders(Region.objects.order_by().values_list("code", flat=True))

        assert len(found) > 1
        assert {tuple(sorted(order)) for order in found} == {tuple(codes)}

    def test_a_slice_of_them_is_not_always_of_the_same(self, codes):
        assert len(orders(Region.objects.order_by().values_list("code", flat=True)[:2])) > 1

    def test_nor_are_groups_which_the_order_of_the_model_does_not_reach(self, codes):
        assert Region._meta.ordering
        groups = Region.objects.values("code").annotate(n=Count("departments"))

        found = {tuple(group["code"] for group in groups.all()) for _ in range(10)}

        assert len(found) > 1
        assert {len(order) for order in found} == {8}

    def test_an_order_is_kept(self, codes):
        assert orders(Region.objects.order_by("-code").values_list("code", flat=True)) == {
            tuple(reversed(codes))
        }
        assert len(orders(Region.objects.values_list("code", flat=True))) == 1

    def test_what_stands_inside_a_query_is_left_alone(self, codes):
        regions = Region.objects.order_by()

        assert regions.filter(pk__in=regions.values("pk")).count() == 8
        assert regions.filter(code="01").union(regions.filter(code="02")).count() == 2
        assert len(regions.values_list("code").distinct()) == 8
        assert regions.exists()
        assert regions.select_for_update().first().code

"""The rule of two records that may be of one site."""

from datetime import date

import pytest

from labelling.models import Site
from labelling.quality.rules.doubles import find_doubles
from tests.factories import DepartmentFactory, SiteFactory

pytestmark = pytest.mark.django_db

DAY = date(2021, 10, 14)


def find():
    return find_doubles(Site.objects.all(), DAY)


def two(first, second, *, name="PIMMS de Nîmes"):
    SiteFactory(name="PIMMS Nîmes", **first)
    return SiteFactory(name=name, **second)


class TestDoubles:
    def test_are_found_by_their_name_but_for_its_small_words(self):
        site = two({"commune": "Nîmes"}, {"commune": "NIMES"})

        (finding,) = find()

        assert (finding.rule, finding.record, finding.field) == ("Q013", site, "name")
        assert finding.sentence == (
            "Ce site est peut-être déjà enregistré. «\u00a0PIMMS Nîmes\u00a0», à Nîmes, lui "
            "ressemble. Si c’est le même, un responsable fusionne les deux fiches\u202f; sinon, "
            "donnez un nom qui les distingue."
        )

    def test_are_found_by_the_name_that_the_state_gives_them(self):
        same = {"state_name": "France services Pimms Médiation Nîmes"}
        site = two(same, same, name="PIMMS de la Gare")

        assert [finding.record for finding in find()] == [site]

    def test_are_found_once_each_however_many_they_are(self):
        first = SiteFactory(name="PIMMS Nîmes")
        others = [SiteFactory(name=f"PIMMS {word} Nîmes") for word in ("de", "à", "Médiation")]

        found = {finding.record: finding for finding in find()}

        assert {*found} == {*others}
        assert all(finding.facts[0] == first.pk for finding in found.values())

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            ({"commune": "Nîmes"}, {"commune": "Alès"}),
            ({"commune_code": "30189"}, {"commune_code": "30007"}),
            ({"format": "fixed"}, {"format": "mobile"}),
            ({"latitude": 43.836, "longitude": 4.36}, {"latitude": 43.839, "longitude": 4.36}),
            ({"ended": True}, {}),
        ],
        ids=["communes", "codes of communes", "kinds", "positions", "a label that ended"],
    )
    def test_are_not_found_apart(self, first, second):
        two(first, second)

        assert not find()

    def test_are_not_found_in_two_departments_nor_with_a_word_more(self):
        two({}, {"department": DepartmentFactory(code="34", name="Hérault")})
        SiteFactory(name="PIMMS Nîmes - Bus")

        assert not find()

    def test_are_found_among_very_many_of_one_name(self):
        same = {"state_name": "France services Nîmes"}
        for number in range(60):
            SiteFactory(name=f"PIMMS {number}", commune=f"Commune {number}", **same)
        site = SiteFactory(name="PIMMS Nîmes", commune="Commune 3", **same)

        (finding,) = find()

        assert (finding.record, finding.double.name) == (site, "PIMMS 3")

    def test_are_found_once_by_both_names(self):
        same = {"state_name": "France services Nîmes"}
        first = SiteFactory(name="PIMMS Alès", **same)
        site = two({}, same)

        (finding,) = find()

        assert (finding.record, finding.double) == (site, first)

    def test_are_found_near_one_another(self):
        position = {"latitude": 43.836, "longitude": 4.36}
        site = two(position, {"latitude": 43.837, "longitude": 4.36})

        assert [finding.record for finding in find()] == [site]

    def test_of_one_site_are_looked_for_among_all(self):
        site = two({}, {})

        assert [f.record for f in find_doubles(Site.objects.filter(pk=site.pk), DAY)] == [site]

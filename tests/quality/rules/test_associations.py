"""The rule of associations."""

import pytest

from labelling.models import Association
from labelling.quality.rules.associations import find_associations_without_sites
from tests.factories import AssociationFactory, SiteFactory

pytestmark = pytest.mark.django_db


def test_finds_an_association_that_runs_no_site():
    association = AssociationFactory()

    (finding,) = find_associations_without_sites(Association.objects.all())

    assert (finding.rule, finding.record, finding.field) == ("Q019", association, "name")
    assert finding.sentence == (
        "Cette association n’a aucun site. Rattachez-lui les siens, ou supprimez-la."
    )


@pytest.mark.parametrize("situation", ["labelled", "ended", "candidate"])
def test_finds_nothing_with_a_site_whatever_became_of_it(situation):
    traits = {} if situation == "candidate" else {situation: True}
    SiteFactory(association=AssociationFactory(), **traits)

    assert find_associations_without_sites(Association.objects.all()) == []

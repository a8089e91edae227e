"""The network of October 2020, and as the State's lists had grown it by 2024."""

from datetime import date

import pytest

from labelling.choices import SiteFormat, WithdrawalReason
from labelling.models import Association, Department, LabellingWave, Site
from tests.factories import SiteFactory

# Effective on, new sites, ends of label since the wave before: after 53 sites, 90 labels in all.
LATER_WAVES = (
    (date(2021, 1, 15), 6, 0),
    (date(2021, 4, 1), 9, 1),
    (date(2021, 7, 1), 4, 0),
    (date(2021, 10, 1), 1, 2),
    (date(2022, 1, 1), 5, 0),
    (date(2022, 4, 20), 4, 0),
    (date(2022, 7, 1), 3, 1),
    (date(2022, 11, 15), 3, 0),
    (date(2023, 12, 8), 1, 3),
    (date(2024, 5, 23), 1, 0),
)


@pytest.fixture
def grown_network(network: None) -> None:
    departments = list(Department.objects.order_by("pk"))
    associations = [None, *Association.objects.order_by("pk")]
    formats = ["", *SiteFormat.values]
    made = 0
    for number, (effective_on, new, ended) in enumerate(LATER_WAVES, start=4):
        for site in Site.objects.not_withdrawn_by(effective_on).order_by("pk")[:ended]:
            site.withdrawn_on = effective_on
            site.withdrawal_reason = WithdrawalReason.CLOSED
            site.save()
        wave = LabellingWave.objects.create(name=f"Vague {number}", effective_on=effective_on)
        for _ in range(new):
            SiteFactory(
                name=f"PIMMS né en {made}",
                wave=wave,
                department=departments[made * 7 % len(departments)],
                association=associations[made % len(associations)],
                format=formats[made % len(formats)],
                in_priority_district=(None, True, False)[made % 3],
            )
            made += 1
    SiteFactory(name="PIMMS candidat")

"""The number of queries of a list does not grow with its rows."""

from datetime import date, timedelta

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from labelling.models import (
    Association,
    Department,
    LabellingWave,
    PressContact,
    Region,
    Site,
)
from tests.factories import JournalEntryFactory, ReleaseFactory, UserFactory


@pytest.fixture
def grow(db):
    """A function that adds records of every kind; each new site has relations of its own."""
    made = 0

    def add(count: int) -> None:
        nonlocal made
        for n in range(made, made + count):
            code = f"{n % 100:02}"
            region, _ = Region.objects.get_or_create(code=code, defaults={"name": f"Région {n}"})
            department = Department.objects.create(code=f"{n:03}", name=f"D {n}", region=region)
            association = Association.objects.create(name=f"Association {n}")
            wave = LabellingWave.objects.create(
                name=f"Vague {n}", effective_on=date(2020, 1, 1) + timedelta(days=n)
            )
            contact = PressContact.objects.create(name=f"Prénom Nom {n}")
            ReleaseFactory(wave=wave, contact=contact)
            Site.objects.create(
                name=f"PIMMS {n}",
                department=department,
                association=association,
                wave=wave,
                france_services_id=str(n),
            )
            JournalEntryFactory()
        made += count

    return add


LISTS = sorted(f"{m._meta.app_label}_{m._meta.model_name}" for m in admin.site._registry)


@pytest.fixture
def superuser(db, client):
    client.force_login(UserFactory(is_superuser=True))
    return client


class TestQueries:
    @pytest.mark.parametrize("page", [f"{name}_changelist" for name in LISTS] + ["index"])
    def test_of_a_list_do_not_grow_with_its_rows(self, page, grow, superuser):
        address = reverse(f"admin:{page}")
        grow(50)
        superuser.get(address)

        few = queries(superuser, address)
        grow(450)

        assert queries(superuser, address) == few


def queries(client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        response = client.get(address)
    assert response.status_code == 200
    return len(captured)

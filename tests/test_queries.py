"""The number of queries of a list does not grow with its rows."""

from datetime import date, timedelta

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse

from labelling.models import (
    Association,
    Department,
    ImportRun,
    JournalEntry,
    LabellingWave,
    PressContact,
    PressRelease,
    Region,
    Site,
)
from tests.factories import JournalEntryFactory, UserFactory


@pytest.fixture
def grow(db):
    """A function that adds records of every kind; each new site has relations of its own."""
    made = 0

    def add(count: int) -> None:
        nonlocal made
        numbers = range(made, made + count)
        regions = {r.code: r for r in Region.objects.all()}
        codes = {f"{n % 100:02}" for n in numbers} - regions.keys()
        added = Region.objects.bulk_create(
            Region(code=code, name=f"Région {code}") for code in sorted(codes)
        )
        regions |= {region.code: region for region in added}
        departments = Department.objects.bulk_create(
            Department(code=f"{n:03}", name=f"D {n}", region=regions[f"{n % 100:02}"])
            for n in numbers
        )
        associations = Association.objects.bulk_create(
            Association(name=f"Association {n}") for n in numbers
        )
        waves = LabellingWave.objects.bulk_create(
            LabellingWave(name=f"Vague {n}", effective_on=date(2020, 1, 1) + timedelta(days=n))
            for n in numbers
        )
        contacts = PressContact.objects.bulk_create(
            PressContact(name=f"Prénom Nom {n}") for n in numbers
        )
        PressRelease.objects.bulk_create(
            PressRelease(wave=wave, contact=contact, issued_on=date(2020, 10, 14))
            for wave, contact in zip(waves, contacts, strict=True)
        )
        Site.objects.bulk_create(
            Site(
                name=f"PIMMS {n}",
                department=department,
                association=association,
                wave=wave,
                france_services_id=str(n),
            )
            for n, department, association, wave in zip(
                numbers, departments, associations, waves, strict=True
            )
        )
        ImportRun.objects.bulk_create(
            ImportRun(model_key="site", digest=f"{n:064}") for n in numbers
        )
        people = User.objects.bulk_create(UserFactory.build_batch(count))
        JournalEntry.objects.bulk_create(JournalEntryFactory.build(author=one) for one in people)
        made += count

    return add


# The addresses leave out lists that the libraries register.
assert get_resolver().url_patterns
LISTS = sorted(f"{m._meta.app_label}_{m._meta.model_name}" for m in admin.site._registry)


@pytest.fixture
def superuser(db, client):
    client.force_login(UserFactory(is_superuser=True))
    return client


class TestQueries:
    @pytest.mark.parametrize("page", [f"{name}_changelist" for name in LISTS] + ["index"])
    def test_of_a_list_do_not_grow_with_its_rows(self, page, grow, superuser):
        address = reverse(f"admin:{page}")
        # From a few to more than a page: a query per line is seen while lines are added to it.
        grow(5)
        superuser.get(address)

        few = queries(superuser, address)
        grow(95)

        assert queries(superuser, address) == few


def queries(client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        response = client.get(address)
    assert response.status_code == 200
    return len(captured)

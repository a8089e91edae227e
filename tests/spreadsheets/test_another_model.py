"""A model is importable by its resource alone: from a file to the undo, through the pages."""

import pytest
from django.test import Client

from labelling.admin.addresses import locate_page
from labelling.models import Department, ImportRun
from labelling.spreadsheets.resources import RESOURCES
from labelling.spreadsheets.resources.base import ImportField, SheetResource, make_key_and_version
from labelling.spreadsheets.widgets import RegionWidget, TextWidget
from tests.conftest import signed_in
from tests.factories import DepartmentFactory, RegionFactory, manager

pytestmark = pytest.mark.django_db


class DepartmentResource(SheetResource):
    """The departments, as if files brought them."""

    sheet_name = "Départements"
    model_key = "department"
    needed = (("key",), ("code", "name", "region"))
    known_by = "par son code"

    code = ImportField("code", "Code INSEE", TextWidget(3))
    name = ImportField("name", "Nom", TextWidget(100))
    region = ImportField("region", "Région", RegionWidget())
    key, version = make_key_and_version("department")

    class Meta:
        model = Department
        exclude = ("id", "search_key", "sort_key")


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setitem(RESOURCES, "department", DepartmentResource)
    return signed_in(manager())


def departments() -> list[tuple[str, str, str]]:
    return [*Department.objects.order_by("code").values_list("code", "name", "region__name")]


def test_goes_from_a_file_to_the_undo(client):
    occitanie = RegionFactory(code="76", name="Occitanie")
    RegionFactory(code="84", name="Auvergne-Rhône-Alpes")
    DepartmentFactory(code="30", name="Gard", region=occitanie)
    before = departments()
    table = [
        ("Code INSEE", "Nom", "Région"),
        ("30", "Gard", "Auvergne-Rhône-Alpes"),
        ("34", "Hérault", "Occitanie"),
        ("X9", "Nulle part", "Occitanie"),
    ]
    pasted = "\n".join("\t".join(line) for line in table)

    preview = client.post(
        "/labelling/importrun/add/", {"model": "department", "pasted": pasted}, follow=True
    )

    run = ImportRun.objects.get()
    assert run.rows.count_states() | {"new": 1, "changed": 1, "wrong": 1} == run.rows.count_states()
    assert "Auvergne-Rhône-Alpes" in preview.text
    assert "Occitanie" in preview.text
    assert "Le code d’un département s’écrit 01, 2A ou 971." in preview.text

    applied = client.post(
        locate_page(ImportRun, "apply", run.pk),
        {"seen": run.touched_at.isoformat(), "only": "good"},
        follow=True,
    )

    assert "1\u00a0département ajouté, 1 modifié." in applied.text
    assert departments() == [
        ("30", "Gard", "Auvergne-Rhône-Alpes"),
        ("34", "Hérault", "Occitanie"),
    ]

    undone = client.post(locate_page(ImportRun, "undo", run.pk), follow=True)

    assert undone.status_code == 200
    assert departments() == before

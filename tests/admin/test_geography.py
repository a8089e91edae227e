"""Regions and departments: read by all, written by managers, kept while they are used."""

import re

import pytest

from labelling.models import Department, Region
from tests.admin.forms import filled
from tests.factories import DepartmentFactory, RegionFactory, SiteFactory

REGIONS, DEPARTMENTS = "/labelling/region/", "/labelling/department/"


def names(page) -> list[str]:
    return [str(record) for record in page.context["cl"].result_list]


class TestReading:
    def test_is_for_every_role(self, network, as_reader, as_editor):
        for client in (as_reader, as_editor):
            assert client.get(REGIONS).status_code == 200
            assert client.get(DEPARTMENTS).status_code == 200

    def test_lists_the_regions_in_french_order(self, network, as_reader):
        found = names(as_reader.get(REGIONS))

        assert len(found) == 18
        assert found.index("Île-de-France") < found.index("La Réunion") < found.index("Normandie")

    def test_counts_the_departments_of_each(self, network, as_reader):
        page = as_reader.get(REGIONS).text

        cells = re.search(r">Bretagne</a>.*?</tr>", page, re.DOTALL)[0]
        assert '<td class="field-department_count">4</td>' in cells

    def test_leads_from_a_region_to_its_departments(self, network, as_reader):
        region = Region.objects.get(name="Bretagne")
        finistere = Department.objects.get(name="Finistère")

        page = as_reader.get(f"{REGIONS}{region.pk}/change/").text

        assert f'<a href="{DEPARTMENTS}{finistere.pk}/change/">Finistère</a>' in page
        assert page.index("Côtes-d") < page.index(">Finistère<") < page.index(">Morbihan<")

    def test_leads_from_one_list_to_the_other(self, as_reader, db):
        assert f'<a href="{DEPARTMENTS}">Voir les départements</a>' in as_reader.get(REGIONS).text
        assert f'<a href="{REGIONS}">Voir les régions</a>' in as_reader.get(DEPARTMENTS).text

    def test_finds_the_departments_of_a_region(self, network, as_reader):
        found = names(as_reader.get(DEPARTMENTS, {"q": "BRETAGNE"}))

        assert found == ["Côtes-d'Armor", "Finistère", "Ille-et-Vilaine", "Morbihan"]


@pytest.mark.django_db
class TestWriting:
    def test_is_for_managers(self, as_editor, as_manager):
        department = DepartmentFactory(name="Gart")
        address = f"{DEPARTMENTS}{department.pk}/change/"
        sent = filled(as_manager.get(address), name="Gard")

        refused = as_editor.post(address, sent)
        answer = as_manager.post(address, sent, follow=True)

        department.refresh_from_db()
        assert refused.status_code == 403
        assert "Gard\u00a0: modifications enregistrées." in answer.text
        assert department.name == "Gard"

    def test_adds_a_region(self, as_manager):
        address = f"{REGIONS}add/"

        answer = as_manager.post(
            address, filled(as_manager.get(address), name="Bretagne", code="53"), follow=True
        )

        assert "Bretagne\u00a0: région ajoutée." in answer.text
        assert Region.objects.get().code == "53"

    def test_refuses_a_code_that_is_taken(self, as_manager):
        RegionFactory(code="53", name="Bretagne")
        address = f"{REGIONS}add/"

        answer = as_manager.post(address, filled(as_manager.get(address), name="B", code="53"))

        assert "Une région a déjà ce code INSEE." in answer.text


@pytest.mark.django_db
class TestDeleting:
    def test_a_region_that_has_departments_is_refused(self, as_manager):
        region = DepartmentFactory().region
        address = f"{REGIONS}{region.pk}/delete/"

        page = as_manager.get(address).text
        as_manager.post(address, {"post": "yes"})

        assert (
            "<p>Cette région a 1\u00a0département\u00a0: elle ne peut pas être supprimée. "
            "Rattachez-le d’abord à une autre région.</p>" in page
        )
        assert Region.objects.filter(pk=region.pk).exists()

    def test_a_department_that_has_sites_is_refused(self, as_manager):
        department = DepartmentFactory(name="Gard")
        SiteFactory.create_batch(2, department=department)
        address = f"{DEPARTMENTS}{department.pk}/delete/"

        page = as_manager.get(address).text
        as_manager.post(address, {"post": "yes"})

        assert (
            "<p>Ce département a 2\u00a0sites\u00a0: il ne peut pas être supprimé. "
            "Corrigez d’abord le département de ces sites.</p>" in page
        )
        assert Department.objects.filter(pk=department.pk).exists()

    def test_an_unused_department_is_done_by_naming_it(self, as_manager):
        department = DepartmentFactory(name="Gard")
        address = f"{DEPARTMENTS}{department.pk}/delete/"

        page = as_manager.get(address).text
        answer = as_manager.post(address, {"post": "yes"}, follow=True)

        assert 'value="Supprimer le département\u00a0: Gard"' in page
        assert "Gard\u00a0: département supprimé." in answer.text
        assert not Department.objects.exists()

    def test_is_not_for_editors(self, as_editor):
        region = RegionFactory()

        answer = as_editor.post(f"{REGIONS}{region.pk}/delete/", {"post": "yes"})

        assert answer.status_code == 403
        assert Region.objects.exists()

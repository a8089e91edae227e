"""The sheets that people exchange: every column, both ways."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from labelling.models import Site
from labelling.spreadsheets.resources import (
    RESOURCES,
    ImportField,
    LabellingWaveResource,
    PressContactResource,
    SiteResource,
    find_resource,
)
from labelling.spreadsheets.tables.headings import fold_heading
from labelling.spreadsheets.widgets import Lookups
from tests import factories

# What a record has and no sheet shows. Who takes over from a contact, and what became of a release
# of the past, is said on a page of its own.
COMPUTED = {
    *("id", "search_key", "sort_key", "telling_key", "slug"),
    *("replaced_by", "made_name", "past_release"),
}


@pytest.mark.parametrize("resource", RESOURCES.values(), ids=RESOURCES)
class TestEverySheet:
    def test_has_a_column_for_every_field(self, resource):
        fields = {field.name for field in resource._meta.model._meta.concrete_fields} - COMPUTED

        assert fields <= set(resource.fields)
        assert all(type(column) is ImportField for column in resource.fields.values())

    def test_has_french_headings(self, resource):
        headings = [column.column_name for column in resource().list_columns()]

        assert len(headings) == len(set(map(fold_heading, headings)))
        assert all(heading[0].isupper() and not heading.endswith(".") for heading in headings)

    def test_ends_with_the_key_and_the_version(self, resource):
        columns = resource().list_exported_columns()

        assert [column.role for column in columns[-2:]] == ["key", "version"]
        assert all(not column.is_settable for column in columns[-2:])

    def test_writes_only_what_may_be_set(self, resource):
        settable = {column.attribute for column in resource().list_columns() if column.is_settable}

        assert settable.isdisjoint({"pk", "version", "department__region", None})
        assert bool(settable) is resource.is_imported

    def test_is_found_by_its_model(self, resource):
        assert find_resource(resource._meta.model) is resource

    def test_takes_its_own_cells_back(self, resource, network):
        columns = resource().list_exported_columns()

        for record, cells in zip(resource().list_records(), resource().list_rows(), strict=True):
            for column, cell in zip(columns, cells, strict=True):
                stored = column.get_value(record)
                cleaned = column.widget.clean(cell)
                assert column.widget.is_same(cleaned, stored), column.column_name
                assert column.widget.is_untouched(cell, stored)

    def test_takes_its_french_text_back(self, resource, network):
        columns = resource().list_exported_columns()

        for record in resource().list_records():
            cells = [column.export(record) for column in columns]
            assert all(cell is None or type(cell) is str for cell in cells)
            for column, cell in zip(columns, cells, strict=True):
                assert column.widget.is_same(column.widget.clean(cell), column.get_value(record))


class TestSites:
    def test_are_written_in_french(self, network):
        site = Site.objects.filter(france_services_id="863")

        (cells,) = SiteResource().list_rows(site)

        named = {
            c.name: cell
            for c, cell in zip(SiteResource().list_exported_columns(), cells, strict=True)
        }
        assert named == {
            "name": "PIMMS Isère - Villefontaine",
            "state_name": None,
            "association": "Isère",
            "region": "Auvergne-Rhône-Alpes",
            "department": "Isère",
            "wave": "Automne 2020",
            "rank": 2,
            "france_services_id": "863",
            "format": "Lieu fixe",
            "address": None,
            "postcode": None,
            "commune": "Villefontaine",
            "commune_code": "38553",
            "latitude": 45.611127,
            "longitude": 5.156801,
            "in_priority_district": None,
            "withdrawn_on": None,
            "withdrawal_reason": None,
            "note": None,
            "key": f"site-{site[0].pk}",
            "version": 1,
        }

    def test_cost_the_same_queries_however_many(self, db):
        def queries():
            with CaptureQueriesContext(
                connection,
            ) as captured:
                list(SiteResource().list_rows())
            return len(captured)

        factories.SiteFactory(labelled=True)
        few = queries()
        for code in ("11", "34", "66"):
            department = factories.DepartmentFactory(code=code, name=f"Département {code}")
            association = factories.AssociationFactory()
            factories.SiteFactory(labelled=True, department=department, association=association)

        assert queries() == few == 1

    def test_keep_the_order_that_was_asked(self, network):
        sites = Site.objects.order_by("-pk")[:3]

        assert [row[0] for row in SiteResource().list_rows(sites)] == [site.name for site in sites]

    def test_look_records_up_in_a_handful_of_queries(self, network):
        lookups = Lookups()
        resource = SiteResource(lookups)
        cells = {"department": ["30", "Gard", "Gart"], "region": ["76"], "wave": ["01/09/2020"] * 3}

        with CaptureQueriesContext(connection) as captured:
            for name, values in cells.items():
                for value in values * 100:
                    try:
                        resource.find_column(name).widget.clean(value)
                    except ValueError:
                        assert value == "Gart"

        assert len(captured) == 3

    def test_share_their_lookups(self, network):
        lookups = Lookups()

        resource = SiteResource(lookups)

        widgets = [
            resource.find_column(n).widget for n in ("department", "region", "wave", "association")
        ]
        assert all(widget.lookups is lookups for widget in widgets)

    def test_offer_choices(self, network):
        resource = SiteResource()

        assert resource.find_column("format").choices == (
            "Lieu fixe",
            "Lieu fixe avec antenne",
            "Plusieurs lieux",
            "Bus ou équivalent",
            "Itinérant",
        )
        assert resource.find_column("wave").choices == (
            "Automne 2020",
            "Février 2020",
            "Janvier 2020",
        )
        assert len(resource.find_column("department").choices) == 101
        assert resource.find_column("region").choices == ()
        assert resource.find_column("name").choices == ()

    def test_forget_nothing_of_another_resource(self, network):
        """Widgets are the class's: what one import read must not be another's."""
        one, other = SiteResource(), SiteResource()

        assert one.find_column("wave").widget is not other.find_column("wave").widget


class TestWaves:
    def test_have_their_dates_and_the_national_figures(self, network):
        cells = list(LabellingWaveResource().list_rows())

        assert cells[0][:12] == [
            "Automne 2020",
            date(2020, 9, 1),
            date(2020, 9, 30),
            date(2020, 10, 14),
            None,
            856,
            674,
            11,
            154,
            131,
            19,
            544,
        ]


class TestContacts:
    def test_keep_the_zero_of_their_telephone(self, db):
        factories.ContactFactory(name="Prénom Nom", phone="01 23 45 67 89")

        (cells,) = PressContactResource().list_rows()

        assert cells[3] == "01 23 45 67 89"

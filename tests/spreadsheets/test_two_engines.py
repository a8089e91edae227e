"""One declaration, two engines: ours in bulk, and django-import-export's own, held together.

Outside the comparison, for the library takes a row by itself and asks nobody:

- twins: two lines of one record are both refused by ours; the library writes the first;
- key and version: ours merges what two people changed, the library refuses the second;
- kept values, marks and columns that a person answered of: nothing of it is in the rows;
- waves to create: ours proposes them, the library refuses a day that is no wave's;
- made names: ours makes a name to print from the State's, which a person looks at;
- foreign lists: whose lines they are is told of a whole file.

What both have of each other is the declaration: headings, widgets, matcher. Ours judges plain
values (`judging`), the library records (`full_clean()`).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any, NamedTuple

import pytest
import tablib
from django.core.exceptions import NON_FIELD_ERRORS
from django.db import transaction
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from labelling.choices import RowState
from labelling.models import ImportRun
from labelling.models.stored import FileColumn
from labelling.spreadsheets.resources import SheetResource, SiteResource
from labelling.spreadsheets.runs import ledger
from labelling.spreadsheets.runs.apply import apply
from labelling.spreadsheets.tables.known_headings import FileLine
from labelling.spreadsheets.widgets import is_blank
from tests import factories

KINDS = {
    RowState.NEW: "new",
    RowState.CHANGED: "update",
    RowState.UNCHANGED: "skip",
    RowState.WRONG: "invalid",
    RowState.WHICH: "invalid",
}
TWINS = "parlent de la même fiche"


class Table(NamedTuple):
    """A table by the names of the columns."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]


class Outcome(NamedTuple):
    """What an engine makes of a table: each line, the fields refused, the records afterwards."""

    lines: list[tuple[str, set[str]]]
    records: list[tuple[Any, ...]]
    history: int


@contextmanager
def rolled_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def read_base(resource: type[SheetResource]) -> tuple[list[tuple[Any, ...]], int]:
    model = resource._meta.model
    names = [field.attname for field in model._meta.concrete_fields if not field.primary_key]
    records = sorted(model.objects.values_list(*names), key=repr)
    return records, model.history.count()


def name_field(resource: type[SheetResource], name: str) -> str:
    """The column of the resource that an engine names by the record's."""
    by_attribute = {field.attribute: key for key, field in resource.fields.items()}
    if name in resource.fields:
        return name
    model = resource._meta.model
    return by_attribute.get(name) or model._meta.get_field(name).name


def take_in_bulk(resource: type[SheetResource], table: Table) -> Outcome:
    """The table through our engine, its columns being known."""
    with rolled_back():
        headings = [resource.fields[name].column_name for name in table.columns]
        run = ImportRun(
            model_key=resource.model_key,
            heading_line=1,
            columns=[
                FileColumn(place, chr(ord("A") + place), heading, name, "heading", ())
                for place, (heading, name) in enumerate(zip(headings, table.columns, strict=True))
            ],
        )
        run.save()
        lines = [FileLine(number, cells) for number, cells in enumerate(table.rows, start=2)]
        ledger.write_rows(run, lines)
        ledger.finish(run)
        rows = list(run.rows.order_by("number"))
        problems = [[p for p in row.problems if not p.is_proposal] for row in rows]
        assume(not any(TWINS in p.reason for found in problems for p in found))
        if {row.state for row in rows} & {RowState.NEW, RowState.CHANGED}:
            apply(run, None, good_lines_only=True)
        return Outcome(
            [
                (KINDS[row.state], {name_field(resource, p.field) for p in found})
                for row, found in zip(rows, problems, strict=True)
            ],
            *read_base(resource),
        )


def make_dataset(resource: type[SheetResource], table: Table) -> tablib.Dataset:
    headings = [resource.fields[name].column_name for name in table.columns]
    return tablib.Dataset(*table.rows, headers=headings)


def take_by_library(resource: type[SheetResource], table: Table) -> Outcome:
    """The table through the library's engine."""
    with rolled_back():
        result = resource().import_data(make_dataset(resource, table), dry_run=False)
        assert not result.has_errors(), result.row_errors()
        lines = []
        for row in result.rows:
            refused = row.validation_error.error_dict if row.validation_error else {}
            names = refused.keys() - {NON_FIELD_ERRORS}
            lines.append((row.import_type, {name_field(resource, name) for name in names}))
        return Outcome(lines, *read_base(resource))


def assert_agree(resource: type[SheetResource], table: Table) -> None:
    ours, theirs = take_in_bulk(resource, table), take_by_library(resource, table)

    assert theirs == ours, (table, theirs.lines, ours.lines)


# A network: in Gard a numbered site, two without a number, and one whose name is taken; in Hérault
# one with everything, a candidate and two ended labels; in Loire a namesake.


@pytest.fixture
def sites(db: None) -> None:
    occitanie = factories.RegionFactory(code="76", name="Occitanie")
    rhone_alpes = factories.RegionFactory(code="84", name="Auvergne-Rhône-Alpes")
    gard = factories.DepartmentFactory(code="30", name="Gard", region=occitanie)
    herault = factories.DepartmentFactory(code="34", name="Hérault", region=occitanie)
    ain = factories.DepartmentFactory(code="01", name="Ain", region=rhone_alpes)
    factories.DepartmentFactory(code="42", name="Loire", region=rhone_alpes)
    first = factories.WaveFactory(name="Janvier 2020", effective_on=date(2020, 1, 1))
    autumn = factories.WaveFactory(decided_on=date(2020, 9, 30), announced_on=date(2020, 10, 14))
    stephanoise = factories.AssociationFactory(name="Métropole Stéphanoise")
    factories.AssociationFactory(name="PIMMS du Gard")
    site = factories.SiteFactory
    site(name="PIMMS Nîmes", department=gard, france_services_id="101", wave=first)
    site(name="PIMMS Alès", department=gard, wave=autumn, commune="Alès", postcode="30100")
    site(name="PIMMS Uzès - Bus", department=gard, format="bus")
    site(name="PIMMS Occupé", department=gard, france_services_id="900", wave=first)
    site(
        name="PIMMS Sète",
        state_name="France services Sète",
        department=herault,
        association=stephanoise,
        france_services_id="102",
        wave=autumn,
        rank=2,
        format="fixed",
        address="1 rue du Port",
        postcode="34200",
        commune="Sète",
        commune_code="34301",
        latitude=43.4,
        longitude=3.7,
        in_priority_district=True,
        note="Deux lignes,\ndont une longue.",
    )
    site(name="PIMMS Béziers", department=herault, note="deux  espaces")
    site(name="PIMMS Lunel", department=herault, france_services_id="103", ended=True)
    site(name="PIMMS Alès", department=ain, france_services_id="104", wave=first)


GOOD: dict[str, list[Any]] = {
    "state_name": ["France services Sète", "Espace  France Services", "PIMMS Médiation Nîmes"],
    "association": ["Métropole Stéphanoise", "pimms metropole stephanoise", "PIMMS du Gard"],
    "wave": ["Automne 2020", "01/09/2020", date(2020, 1, 1), "janvier 2020", "Candidat"],
    "rank": [1, 2.0, "3"],
    "format": ["Lieu fixe", "bus ou equivalent", "Itinérant", "fixe"],
    "address": ["1 rue du Port", " 2  place de la Gare ", "=1+1"],
    "postcode": ["30100", 34200, "1000", 1000.0, "F-34200"],
    "commune": ["Alès", "ALES", "Sète", "Lunel"],
    "commune_code": ["30007", 34301, 1004, "2A004"],
    "latitude": [43.4, "43,4", 45, "45.5"],
    "longitude": [3.7, "3,7", "5.1°"],
    "in_priority_district": ["Oui", "non", True, "x", "Non renseigné"],
    "withdrawn_on": ["01/03/2021", date(2021, 3, 1), "2022-01-01", "31 décembre 2019"],
    "withdrawal_reason": ["Fermeture du site", "renoncement"],
    "note": ["Deux lignes,\ndont une longue.", "deux espaces", "deux  espaces", 12],
}
WRONG: dict[str, list[Any]] = {
    "name": ["PIMMS " + "x" * 300],
    "state_name": ["x" * 251],
    "association": ["Nulle part"],
    "region": ["Gard", "99"],
    "department": ["Izère", "99", "Occitanie", "Corse"],
    "wave": ["03/04/20", "14/10/2020", "hiver", 12],
    "rank": [-1, "1,5", "1.000"],
    "france_services_id": ["n° 3 !"],
    "format": ["mobile", "château"],
    "address": ["x" * 251, "a\x01b"],
    "postcode": ["301", "Nîmes", 301000],
    "commune": ["x" * 101],
    "commune_code": ["Alès"],
    "latitude": [143, "nord"],
    "longitude": ["est", 181],
    "in_priority_district": ["peut-être"],
    "withdrawn_on": ["31/02/2021", "hier", 2021],
    "withdrawal_reason": ["autre chose"],
}
BLANKS = [None, "", "  ", "-", "NC"]
DEPARTMENTS = {
    "Gard": ["Gard", "30", 30, "30 - Gard", "gard"],
    "Hérault": ["Hérault", "HERAULT", 34.0],
    "Ain": ["Ain", "01", 1, "Ain (01)"],
    "Loire": ["Loire", "42"],
}
REGIONS = {
    "Gard": ["Occitanie", "76"],
    "Hérault": [76.0, "occitanie"],
    "Ain": ["ARA", "84"],
    "Loire": ["Rhône-Alpes"],
}
# Columns that come together, and some of them alone.
GROUPS = [
    ("france_services_id",),
    ("france_services_id", "state_name"),
    ("region",),
    ("association", "commune"),
    ("wave",),
    ("wave", "withdrawn_on", "withdrawal_reason"),
    ("withdrawn_on",),
    ("withdrawal_reason",),
    ("address", "postcode"),
    ("commune_code", "latitude", "longitude"),
    ("longitude",),
    ("rank", "format"),
    ("in_priority_district", "note"),
]
# What a line is found by: a name, a department, a number. Each of another record.
NAMED = [
    ("PIMMS Nîmes", "Gard", "101"),
    ("PIMMS Alès", "Gard", ""),
    ("pimms  uzes bus", "Gard", ""),
    ("PIMMS Sète", "Hérault", "0102"),
    ("PIMMS Béziers", "Hérault", ""),
    ("PIMMS Lunel", "Hérault", "103"),
    ("PIMMS Alès", "Ain", 104),
    ("PIMMS Bagnols", "Gard", "201"),
    ("PIMMS Médiation Sommières", "Gard", ""),
    ("PIMMS Frontignan", "Hérault", 202.0),
    ("PIMMS Oyonnax", "Ain", "temp_4"),
    ("PIMMS Roanne", "Loire", "SA-7"),
]
OTHER_NAMES = ["PIMMS Occupé", "PIMMS Nimes", "''"]


@st.composite
def rows_of_sites(draw: st.DrawFn, columns: Sequence[str], who: tuple[str, str, Any]) -> list[Any]:
    """A row about one site: most cells are right, some blank, at most two wrong."""
    name, department, number = who
    right = {
        **GOOD,
        "name": [name] * 9 + OTHER_NAMES,
        "department": DEPARTMENTS[department] * 9 + ["Loire"],
        "region": REGIONS[department] * 3 + ["Corse"],
        "france_services_id": [number],
    }
    picked = st.sets(st.sampled_from(columns), max_size=2)
    wrong = draw(st.one_of(st.just(set()), picked)) & WRONG.keys()
    blank = draw(st.one_of(st.just(set()), picked))
    cells = {
        column: draw(
            st.sampled_from(
                WRONG[column] if column in wrong else BLANKS if column in blank else right[column]
            )
        )
        for column in columns
    }
    if not is_blank(cells.get("state_name")) and is_blank(cells["name"]):
        cells["name"] = name  # None is made of the State's.
    return list(cells.values())


@st.composite
def tables_of_sites(draw: st.DrawFn) -> Table:
    groups = draw(st.lists(st.sampled_from(GROUPS), unique=True, max_size=3))
    columns = draw(st.permutations(list(dict.fromkeys(sum(groups, ("name", "department"))))))
    if draw(st.integers(0, 5)) == 5:
        columns = [name for name in columns if name != "department"]
    who = draw(st.lists(st.sampled_from(NAMED), unique=True, min_size=1, max_size=2))
    rows = [draw(rows_of_sites(columns, one)) for one in who]
    # A line of nothing is no line.
    return Table(columns, [row for row in rows if not all(map(is_blank, row))])


class TestTheTwoEngines:
    @settings(
        max_examples=300,
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(table=tables_of_sites())
    def test_agree_on_any_table_of_sites(self, sites, table):
        assert_agree(SiteResource, table)

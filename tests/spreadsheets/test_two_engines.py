"""One declaration, two engines: ours in bulk, and django-import-export's own, held together.

Outside the comparison, for the library takes a row by itself and asks nobody:

- twins: two lines of one record are both refused by ours; the library writes the first;
- key and version: ours merges what two people changed, the library refuses the second;
- kept values, marks and columns that a person answered of: nothing of it is in the rows;
- waves to create: ours proposes them, the library refuses a day that is no wave's;
- pairs: ours asks whether a line with a number is a site of its wave that has none yet;
- pairs: which line with a number is which site without one, ours asks of a wave as a whole;
- made names: ours makes a name to print from the State's, which a person looks at;
- foreign lists: whose lines they are is told of a whole file.

What both have of each other is the declaration: headings, widgets, matcher. Ours judges plain
values (`judging`), the library records (`full_clean()`).
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import tablib
from django.core.exceptions import NON_FIELD_ERRORS
from django.db import transaction
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from labelling.choices import RowState
from labelling.models import ImportRun, Site
from labelling.models.stored import FileColumn
from labelling.spreadsheets.exporting import make_table
from labelling.spreadsheets.resources import (
    RESOURCES,
    AssociationResource,
    LabellingWaveResource,
    PressContactResource,
    SheetResource,
    SiteResource,
)
from labelling.spreadsheets.runs import ledger
from labelling.spreadsheets.runs.apply import apply
from labelling.spreadsheets.tables.known_headings import FileLine
from labelling.spreadsheets.widgets import is_blank
from tests import factories
from tests.spreadsheets.test_another_model import DepartmentResource

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
        # One that was judged as new, and is held.
        assume(not any(row.state == RowState.WHICH and row.first_key for row in rows))
        # A line that waits for a pair was judged as new: it holds what must be unique.
        assume(not any(row.state == RowState.WHICH and row.first_key for row in rows))
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
        address="1  rue du Port",
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
    "note": ["x" * 20_001],
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
    ("france_services_id", "address"),
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
        "department": DEPARTMENTS[department] * 4 + ["Loire", "Gard"],
        "region": REGIONS[department] * 2 + ["Occitanie", "ARA"],
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


# What each column of the other records may hold: right, wrong, or another record's.
OTHERS: dict[type[SheetResource], dict[str, list[Any]]] = {
    AssociationResource: {
        "name": ["Isère", "ISERE", "Bourgogne du Sud", "''", "x" * 151, None, "-"],
    },
    LabellingWaveResource: {
        "name": ["Automne 2020", "automne-2020", "Printemps 2021", "???", "", "x" * 101],
        "effective_on": [date(2020, 9, 1), "01/01/2020", "1er avril 2021", "03/04/20", None],
        "decided_on": ["30/09/2020", date(2021, 5, 1), "hier", ""],
        "announced_on": ["14/10/2020", date(2020, 9, 29), None],
        "national_sites": [856, "856", "1.234", -1, None],
        "msa_sites": [19.0, 20, "vingt", ""],
    },
    PressContactResource: {
        "name": ["Prénom Nom", "PRENOM NOM", "Autre Personne", "-", "' '", "x" * 101],
        "organisation": ["Union nationale des PIMMS", "Une autre", None, "x" * 151],
        "role": ["Directrice", "  Directrice  ", "", "a\x01"],
        "phone": ["01 23 45 67 89", 123456789, "01.98.76.54.32", "12", None],
        "email": ["prenom.nom@example.org", "mailto:autre@example.org", "personne", ""],
        "proposed_until": [date(2030, 1, 1), "31/12/2029", "31/02/2029", None],
    },
    # As if files brought them.
    DepartmentResource: {
        "code": ["30", 1, "01", "2A", "X9", "", "3000"],
        "name": ["Gard", "Ain", "Corse-du-Sud", "???", None],
        "region": ["Occitanie", 76, "ARA", "Nulle part", ""],
    },
}


@st.composite
def tables_of_others(draw: st.DrawFn, resource: type[SheetResource]) -> Table:
    values = OTHERS[resource]
    columns = draw(st.lists(st.sampled_from(list(values)), unique=True, min_size=1))
    row = [draw(st.sampled_from(values[name])) for name in columns]
    assume(not all(map(is_blank, row)))
    return Table(columns, [row])


@pytest.fixture
def others(sites: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RESOURCES, "department", DepartmentResource)
    factories.AssociationFactory(name="Isère")
    factories.ContactFactory(name="Prénom Nom", role="Directrice", phone="01 23 45 67 89")


# What is false is shown as it was found: to make it smaller takes minutes.
HOUSE = settings(
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


class TestTheTwoEngines:
    @settings(HOUSE, max_examples=300)
    @given(table=tables_of_sites())
    def test_agree_on_any_table_of_sites(self, sites, table):
        """I7, I8, I10, I11."""
        assert_agree(SiteResource, table)

    @pytest.mark.parametrize("resource", OTHERS, ids=lambda resource: resource.model_key)
    @settings(HOUSE, max_examples=25)
    @given(data=st.data())
    def test_agree_on_any_line_of_the_others(self, others, resource, data):
        assert_agree(resource, data.draw(tables_of_others(resource)))


def import_sites(*rows: Sequence[Any], columns: Sequence[str], dry_run: bool = False) -> Any:
    dataset = make_dataset(SiteResource, Table(columns, rows))
    return SiteResource().import_data(dataset, dry_run=dry_run)


def list_refusals(result: Any) -> list[dict[str, str]]:
    """For each line that is refused, what is said beside each field."""
    return [
        {field: " ".join(sentences) for field, sentences in row.error_dict.items()}
        for row in result.invalid_rows
    ]


class TestTheLibrarysEngine:
    def test_works_as_our_page_says(self, network):
        """The lines that docs/importing.md gives."""
        page = (Path(__file__).parents[2] / "docs" / "importing.md").read_text("utf-8")
        (lines,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)

        said: dict[str, Any] = {}
        exec(lines, said)  # noqa: S102

        count = Site.objects.filter(department__code="30").count()
        assert {kind: n for kind, n in said["result"].totals.items() if n} == {"skip": count}

    @pytest.mark.parametrize("resource", RESOURCES.values(), ids=RESOURCES)
    def test_exports_our_download(self, resource, network):
        factories.ContactFactory(phone="01 23 45 67 89")
        table = make_table(resource())

        dataset = resource().export()

        assert dataset.headers == [column.heading for column in table.columns]
        assert [list(row) for row in dataset] == table.rows
        assert len(dataset) == resource._meta.model.objects.count()

    def test_exports_the_sites_of_a_query_in_its_order(self, network):
        sites = Site.objects.order_by("-pk")[:3]

        assert SiteResource().export(sites)["Nom"] == [site.name for site in sites]

    def test_exports_french_text_where_there_are_no_types(self, network):
        waves = LabellingWaveResource().export(force_native_type=False)

        assert waves["Label valable à partir du"][0] == "01/09/2020"
        assert waves["Espaces France Services en France"][0] == "856"

    @pytest.mark.parametrize("key", [key for key, r in RESOURCES.items() if r.is_imported])
    def test_takes_its_export_back_unchanged(self, key, sites):
        resource = RESOURCES[key]
        factories.ContactFactory(phone="poste 12")  # Which a form lets in, and no widget.
        before = read_base(resource)

        result = resource().import_data(resource().export())

        assert {row.import_type for row in result.rows} == {"skip"}
        assert read_base(resource) == before

    def test_writes_nothing_of_a_trial(self, sites):
        before = read_base(SiteResource)
        rows = [("PIMMS Nîmes", "Gard", "Nîmes"), ("PIMMS Bagnols", "Gard", "Bagnols")]
        columns = ("name", "department", "commune")

        trial = import_sites(*rows, columns=columns, dry_run=True)

        assert [row.import_type for row in trial.rows] == ["update", "new"]
        assert read_base(SiteResource) == before

        import_sites(*rows, columns=columns)

        nimes, bagnols = Site.objects.filter(commune__in=("Nîmes", "Bagnols")).order_by("pk")
        assert (nimes.version, nimes.history.count()) == (2, 2)
        assert (bagnols.version, bagnols.history.count()) == (1, 1)

    def test_says_our_sentences_beside_each_field(self, sites):
        """I7: the value, the reason, the remedy, and every other fault of the line."""
        result = import_sites(
            ("PIMMS Nîmes", "Gard", "3000 Nîmes", 43.8, None, "03/04/20"),
            ("PIMMS Bagnols", "Gart", None, None, None, None),
            columns=("name", "department", "postcode", "latitude", "longitude", "wave"),
        )

        assert list_refusals(result) == [
            {
                "postcode": "«\u00a03000 Nîmes\u00a0»\u00a0: un code postal a cinq chiffres. "
                "Écrivez-le ainsi\u00a0: 42000.",
                "wave": "«\u00a003/04/20\u00a0»\u00a0: 3\u00a0avril 2020 ou "
                "20\u00a0avril 2003\u202f? Écrivez l’année avec ses quatre chiffres.",
                "latitude": "Donnez la latitude et la longitude, ou aucune des deux.",
            },
            {
                "department": "«\u00a0Gart\u00a0»\u00a0: aucun département ne porte ce nom. "
                "Vouliez-vous dire Gard\u202f?",
            },
        ]

    def test_asks_which_record_a_line_speaks_of(self, sites):
        result = import_sites(
            ("PIMMS Médiation Nimes", "Gard", "Gart"), columns=("name", "department", "region")
        )

        (refused,) = list_refusals(result)
        assert set(refused) == {NON_FIELD_ERRORS, "department__region"}
        assert refused[NON_FIELD_ERRORS] == (
            "Cette ligne parle-t-elle de «\u00a0PIMMS Nîmes\u00a0»\u202f? Écrivez la clé de sa "
            "fiche dans la colonne «\u00a0Clé (ne pas modifier)\u00a0»."
        )

    def test_does_not_write_over_what_others_changed_since(self, sites):
        dataset = SiteResource().export(Site.objects.filter(name="PIMMS Nîmes"))
        row = dict(zip(dataset.headers, dataset[0], strict=True)) | {"Commune": "Nîmes"}
        site = Site.objects.get(name="PIMMS Nîmes")
        site.note = "Une note."
        site.save()

        result = SiteResource().import_data(tablib.Dataset([*row.values()], headers=[*row]))

        (refused,) = list_refusals(result)
        assert refused == {
            "version": "Cette fiche a été modifiée depuis le téléchargement. Téléchargez la liste "
            "à nouveau."
        }
        site.refresh_from_db()
        assert (site.commune, site.note) == ("", "Une note.")

    def test_refuses_the_key_of_a_record_that_is_gone(self, sites):
        result = import_sites(("site-999999", "PIMMS Nîmes"), columns=("key", "name"))

        assert list_refusals(result) == [
            {"pk": "Cette fiche n’existe plus. Videz cette cellule pour en créer une autre."}
        ]

    @pytest.mark.parametrize("key", [key for key, r in RESOURCES.items() if not r.is_imported])
    def test_takes_no_list_that_only_goes_out(self, key, network):
        resource = RESOURCES[key]

        result = resource().import_data(resource().export())

        (refusal,) = result.base_errors
        assert str(refusal.error) == (
            f"La liste «\u00a0{resource.sheet_name}\u00a0» ne s’importe pas\u00a0: corrigez chaque "
            "fiche sur sa page."
        )

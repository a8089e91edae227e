"""Files out: what they hold, what they must not, and that they come back [R9, R17, S11, S21]."""

import io
from datetime import date

import openpyxl
import pytest
from django.contrib.auth.models import Permission
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labelling.choices import SiteFormat, WithdrawalReason
from labelling.models import PressContact, Site
from labelling.spreadsheets.exporting import (
    download,
    write_lines_to_correct,
    write_model_sheet,
    write_whole_base,
)
from labelling.spreadsheets.files.reading import read
from labelling.spreadsheets.resources import (
    RESOURCES,
    AssociationResource,
    PressContactResource,
    SiteResource,
)
from labelling.spreadsheets.runs import preparation
from labelling.spreadsheets.runs.rights import may_download
from labelling.spreadsheets.tables.columns import count_to_check
from labelling.spreadsheets.tables.headings import understand
from labelling.spreadsheets.widgets import Cell, Lookups
from tests import factories
from tests.spreadsheets import known

EXTENSIONS = ["xlsx", "ods", "csv"]
TODAY = date(2026, 11, 27)

# Anything that a record may hold: what a form or the door of an import lets in.
texts = st.text(
    st.characters(
        exclude_categories=["Cs", "Cc"],
        exclude_characters="\ufffe\uffff",
        include_characters="\n\t",
    ),
    max_size=40,
).map(str.strip)
dangerous = st.sampled_from(
    [
        "=1+1",
        "+33",
        "-5",
        "@x",
        "'=1",
        "''=1",
        "'",
        '"',
        ";",
        "a;b",
        "a\r\nb",
        "=A1\n",
        "1.0",
        "01",
        "*",
    ]
)


class OneSite(SiteResource):
    """Writes a site out that no database holds."""

    site: Site

    def list_records(self, queryset=None):
        return [self.site]


def book(data):
    return openpyxl.load_workbook(io.BytesIO(data))


def table_of(data, resource):
    (sheet, *_) = read(data).sheets
    return understand(sheet.rows, resource, numbers=sheet.line_numbers)


def differences(data, resource, record):
    """The columns whose cell in the file, read back, would change `record`."""
    table = table_of(data, resource)
    (line,) = table.lines
    changed = []
    for name, position in table.positions.items():
        column = resource.find_column(name)
        stored = column.get_value(record)
        cell = line.read_cell(position)
        if column.widget.is_untouched(cell, stored):
            continue
        if not column.widget.is_same(column.widget.clean(cell), stored):
            changed.append((name, cell, stored))
    return changed


class TestADownload:
    @pytest.mark.parametrize("extension", EXTENSIONS)
    def test_comes_back_as_our_own(self, extension, network):
        data = download(SiteResource(), extension)

        table = table_of(data, SiteResource())

        assert {"key", "version"} <= table.positions.keys()
        assert count_to_check(table.columns) == 0
        assert len(table.lines) == 53

    @pytest.mark.parametrize("extension", EXTENSIONS)
    @pytest.mark.parametrize(
        "key", [k for k, resource in RESOURCES.items() if resource.is_imported]
    )
    def test_comes_back_without_a_difference(self, key, extension, network):
        """R9, R17."""
        resource = RESOURCES[key]()
        table = table_of(download(resource, extension), resource)
        records = {record.pk: record for record in resource.list_records()}

        assert len(table.lines) == len(records)
        for line in table.lines:
            record = records[
                resource.find_column("key").widget.clean(line.read_cell(table.positions["key"]))
            ]
            for name, position in table.positions.items():
                column = resource.find_column(name)
                cleaned = column.widget.clean(line.read_cell(position))
                assert column.widget.is_same(cleaned, column.get_value(record)), name

    @pytest.mark.parametrize("extension", EXTENSIONS)
    @settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        name=st.one_of(texts, dangerous).filter(bool),
        state_name=st.one_of(texts, dangerous),
        address=st.one_of(texts, dangerous),
        note=st.one_of(texts, dangerous),
        latitude=st.one_of(st.none(), st.floats(-90, 90)),
        in_priority_district=st.sampled_from([None, True, False]),
        form=st.sampled_from(["", *SiteFormat.values]),
        withdrawn_on=st.one_of(st.none(), st.dates(date(1998, 1, 1), date(2099, 12, 31))),
        withdrawal_reason=st.sampled_from(["", *WithdrawalReason.values]),
    )
    def test_comes_back_without_a_difference_whatever_a_record_holds(
        self, extension, form, **values
    ):
        """R17."""
        lookups = known.lookups()
        department = lookups.department_index.by_code["30"]
        department.region = lookups.region_index.by_code["76"]
        site = Site(pk=12, version=3, department=department, format=form, **values)
        resource = OneSite(lookups)
        resource.site = site

        data = download(resource, extension)

        assert differences(data, resource, site) == []

    def test_holds_only_what_was_asked(self, network):
        data = download(SiteResource(), "csv", Site.objects.filter(department__code="42"))

        assert len(data.decode("utf-8-sig").splitlines()) == 1

    def test_bears_what_is_said_above_its_headings(self, network):
        data = download(SiteResource(), "xlsx", notes=["Situation arrêtée au 14/10/2020"])

        assert book(data).active["A1"].value == "Situation arrêtée au 14/10/2020"
        assert table_of(data, SiteResource()).heading_line == 2


class TestAnExcelDownload:
    def test_has_real_dates_and_numbers(self, network):
        """I13, I14."""

        Site.objects.filter(france_services_id="863").update(
            withdrawn_on=date(2021, 3, 1), withdrawal_reason="closed"
        )
        data = download(SiteResource(), "xlsx", Site.objects.filter(france_services_id="863"))

        sheet = book(data)["Sites"]

        cells = {sheet.cell(1, c).value: sheet.cell(2, c) for c in range(1, sheet.max_column + 1)}
        assert cells["N’est plus labellisé depuis le"].value.date() == date(2021, 3, 1)
        assert cells["N’est plus labellisé depuis le"].number_format == "dd/mm/yyyy"
        assert cells["Latitude"].value == 45.611127
        assert cells["Numéro France Services"].value == "863"
        assert cells["Adresse"].value is None

    def test_freezes_its_headings_and_hides_key_and_version(self, network):
        sheet = book(download(SiteResource(), "xlsx"))["Sites"]

        hidden = {
            sheet[f"{letter}1"].value
            for letter, dimension in sheet.column_dimensions.items()
            if dimension.hidden
        }
        assert sheet.freeze_panes == "A2"
        assert "Clé (ne pas modifier)" in hidden
        assert "Nom" not in hidden

    def test_offers_the_choices_as_lists(self, network):
        workbook = book(download(SiteResource(), "xlsx"))

        lists = [v for v in workbook["Sites"].data_validations.dataValidation if v.type == "list"]
        choosing = {
            column.column_name
            for column in SiteResource().list_exported_columns()
            if column.choices
        }
        assert choosing == {
            "Association membre",
            "Département",
            "Labellisé avec la vague",
            "Accueil du public",
            "En quartier prioritaire (QPV)",
            "Motif",
        }
        assert len(lists) == len(choosing)

    def test_runs_no_formula(self, db):
        """S11."""
        factories.SiteFactory(name="=HYPERLINK(1)", note="@x", commune="+1")

        sheet = book(download(SiteResource(), "xlsx"))["Sites"]

        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
        assert sheet["A2"].value == "=HYPERLINK(1)"


class TestACsvDownload:
    def test_is_made_for_french_excel_with_key_and_version_last(self, db):
        factories.SiteFactory(name="PIMMS Nîmes", latitude=43.5, longitude=4.25)

        data = download(SiteResource(), "csv")

        headings, line = data.decode("utf-8-sig").splitlines()
        assert data.startswith(b"\xef\xbb\xbf")
        assert headings.startswith("Nom;Nom selon l’État;Association membre;Région;Département;")
        assert headings.endswith(";Note interne;Clé (ne pas modifier);Version (ne pas modifier)")
        assert line.startswith("PIMMS Nîmes;;;Occitanie;Gard;")
        assert ';"43,5";"4,25";' in line
        assert line.endswith(f";site-{Site.objects.get().pk};1")

    def test_runs_no_formula_and_gives_it_back(self, db):
        """I13, S11, R17."""
        site = factories.SiteFactory(name="=1+1")

        data = download(SiteResource(), "csv")

        assert data.decode("utf-8-sig").splitlines()[1].startswith("'=1+1;")
        assert differences(data, SiteResource(), site) == []


class TestAModelSheet:
    def test_is_empty_with_the_choices_in_it(self, network):
        workbook = book(write_model_sheet(SiteResource()))

        sheet = workbook["Sites"]
        headings = [cell.value for cell in sheet[1]]
        assert sheet.max_row == 1
        assert "Nom" in headings
        assert "Région" not in headings
        assert "Clé (ne pas modifier)" not in headings
        assert len(sheet.data_validations.dataValidation) == 6

    def test_is_understood_once_filled_in(self, network):
        (sheet, *_) = read(write_model_sheet(SiteResource())).sheets
        width = len(sheet.rows[0])

        table = understand([*sheet.rows, ["PIMMS Nîmes", *[None] * (width - 1)]], SiteResource())

        assert count_to_check(table.columns) == 0
        assert not {"key", "version"} & table.positions.keys()

    @pytest.mark.parametrize(
        "key", [k for k, resource in RESOURCES.items() if resource.is_imported]
    )
    @pytest.mark.parametrize("extension", EXTENSIONS)
    def test_exists_for_every_sheet_that_comes_in(self, key, extension, network):
        (sheet, *_) = read(write_model_sheet(RESOURCES[key](), extension)).sheets

        assert len(sheet.rows) == 1


class TestTheWholeBase:
    def test_is_one_workbook_for_whoever_may_see_it(self, network, manager):
        workbook = book(write_whole_base(manager, TODAY))

        names = workbook.sheetnames
        assert [name for name in names if name != "Listes"] == [
            "Chiffres",
            "Sites",
            "Associations",
            "Vagues de labellisation",
            "Contacts presse de l’Union",
            "Départements",
            "Régions",
        ]
        assert workbook["Sites"].max_row == 54
        assert workbook["Départements"].max_row == 102

    def test_leaves_persons_out_for_others(self, network, reader, editor):
        """S21."""
        for user in (reader, editor):
            assert (
                "Contacts presse de l’Union" not in book(write_whole_base(user, TODAY)).sheetnames
            )
            assert not may_download(user, PressContactResource)

    def test_begins_with_the_figures_of_the_day(self, grown_network, reader):
        sheet = book(write_whole_base(reader, TODAY)).worksheets[0]

        (title, *_), headings, *lines = sheet.iter_rows(values_only=True)
        assert (sheet.title, title) == (
            "Chiffres",
            "PIMMS labellisés France Services au 27\u00a0novembre 2026",
        )
        assert headings == (
            "Rubrique",
            "Intitulé",
            "Nombre",
            "Nouveaux depuis la vague précédente",
            "Fins de label depuis la vague précédente",
        )
        assert [line[:3] for line in lines if line[0] == "Ensemble"] == [
            ("Ensemble", "Sites labellisés", 83),
            ("Ensemble", "Régions", 14),
            ("Ensemble", "Départements", 52),
            ("Ensemble", "Associations", 27),
            ("Ensemble", "Sites en quartier prioritaire (QPV)", 12),
        ]
        waves = [line for line in lines if line[0] == "Vague"]
        assert len(waves) == 13
        assert waves[:5] == [
            ("Vague", "Janvier 2020", 33, 33, 0),
            ("Vague", "Février 2020", 40, 7, 0),
            ("Vague", "Automne 2020", 53, 13, 0),
            ("Vague", "Vague 4", 59, 6, 0),
            ("Vague", "Vague 5", 67, 9, 1),
        ]
        for part in ("Région", "Département", "Association", "Accueil du public"):
            assert sum(line[2] for line in lines if line[0] == part) == 83, part
        assert [line[1:3] for line in lines if line[0] == "Quartier prioritaire (QPV)"] == [
            ("Oui", 12),
            ("Non", 12),
            ("Non renseigné", 59),
        ]

    def test_tells_in_its_figures_of_the_ends_since_the_last_wave(self, network, reader):
        ended = Site.objects.filter(pk__in=list(Site.objects.values_list("pk", flat=True)[:2]))
        ended.end_labels(date(2026, 11, 1), WithdrawalReason.CLOSED)

        sheet = book(write_whole_base(reader, TODAY)).worksheets[0]

        waves = [line for line in sheet.iter_rows(values_only=True) if line[0] == "Vague"]
        assert waves[-1] == ("Vague", "Au 27\u00a0novembre 2026", 51, 0, 2)

    def test_shows_no_figures_to_who_may_not_see_what_they_count(self, network):
        person = factories.UserFactory()
        person.user_permissions.add(Permission.objects.get(codename="view_site"))

        assert "Chiffres" not in book(write_whole_base(person, TODAY)).sheetnames

    @pytest.mark.parametrize(
        "key", [k for k, resource in RESOURCES.items() if resource.is_imported]
    )
    def test_comes_back_without_its_figures(self, key, grown_network, manager):
        run = preparation.prepare(
            write_whole_base(manager, TODAY), name="base.xlsx", model_key=key, author=manager
        )

        assert "Chiffres" not in [run.sheet, *run.remarks]

    def test_of_an_ods_is_read_back_sheet_by_sheet(self, network, manager):
        workbook = read(write_whole_base(manager, TODAY, "ods"))

        assert [len(sheet.rows) for sheet in workbook.sheets] == [71, 54, 28, 4, 2, 102, 19]


class TestRights:
    @pytest.mark.parametrize(
        ("role", "keys"),
        [
            ("reader", {"site", "association", "labellingwave", "region", "department"}),
            ("editor", {"site", "association", "labellingwave", "region", "department"}),
            ("manager", set(RESOURCES)),
        ],
    )
    def test_to_download_follow_the_roles(self, role, keys, request):
        """S1, S21."""
        user = request.getfixturevalue(role)

        assert {key for key, resource in RESOURCES.items() if may_download(user, resource)} == keys


class TestLinesToCorrect:
    def test_go_home_in_their_own_columns_with_the_reason(self):
        headings = ["Nom", "Dpt", "Surface"]
        cells: list[Cell] = ["PIMMS Nîmes", "Gart", 12]
        reason = "«\u00a0Gart\u00a0»\u00a0: aucun département…"

        data = write_lines_to_correct(
            "Liste de septembre", headings, [(cells, reason, "import-3-12")]
        )

        sheet = book(data)["Liste de septembre"]
        assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
            ["Nom", "Dpt", "Surface", "Pourquoi", "Ligne d’origine (ne pas modifier)"],
            ["PIMMS Nîmes", "Gart", 12, reason, "import-3-12"],
        ]
        assert sheet.column_dimensions["E"].hidden

    @pytest.mark.parametrize("extension", EXTENSIONS)
    def test_come_back_without_it(self, extension, network):
        lines: list[tuple[list[Cell], str, str]] = [
            (["PIMMS Nîmes"], "Il manque le département.", "import-3-12"),
            (["PIMMS Blois", "41"], "Autre", "import-3-14"),
        ]

        data = write_lines_to_correct("Corrections", ["Nom", "Dpt"], lines, extension)

        table = table_of(data, SiteResource())
        assert {"why", "origin"} <= table.positions.keys()
        assert count_to_check(table.columns) == 0
        assert {
            name for name in table.positions if SiteResource().find_column(name).is_settable
        } == {
            "name",
            "department",
        }


class TestContacts:
    def test_come_back_with_the_zero_of_their_telephone(self, db):
        PressContact.objects.create(name="Prénom Nom", phone="01 23 45 67 89")
        resource = PressContactResource(Lookups())

        for extension in EXTENSIONS:
            table = table_of(download(resource, extension), resource)
            (line,) = table.lines
            assert line.read_cell(table.positions["phone"]) == "01 23 45 67 89"


class TestAssociations:
    def test_are_one_column_that_comes_back(self, db):
        factories.AssociationFactory(name="Isère")
        resource = AssociationResource()

        table = table_of(download(resource, "csv"), resource)

        assert [line.read_cell(0) for line in table.lines] == ["Isère"]

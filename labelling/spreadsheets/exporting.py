"""Records out: what is filtered or ticked, an empty model to fill in, the whole base."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import QuerySet

from labelling import figures, sheets
from labelling.spreadsheets.resources import (
    ORIGIN_HEADING,
    RESOURCES,
    WHY_HEADING,
    ImportField,
    LabellingWaveResource,
    Role,
    SheetResource,
    SiteResource,
)
from labelling.spreadsheets.runs.rights import may_download
from labelling.spreadsheets.widgets import Cell, Lookups, show

# New labels and ends of label are told of waves alone, each against the wave before.
_FIGURES_COLUMNS = [
    sheets.Column(heading)
    for heading in (
        "Rubrique",
        "Intitulé",
        "Nombre",
        "Nouveaux depuis la vague précédente",
        "Fins de label depuis la vague précédente",
    )
]


def download(
    resource: SheetResource,
    extension: str,
    queryset: QuerySet | None = None,
    *,
    notes: Sequence[str] = (),
) -> bytes:
    """Return the records as an XLSX, ODS or CSV file that can come back.

    Hidden in the first two, last in the third, stand the key and the version of each record.
    `notes` are printed above the headings.
    """
    return sheets.write(extension, [make_table(resource, queryset, notes=notes)])


def write_model_sheet(resource: SheetResource, extension: str = "xlsx") -> bytes:
    """Return an empty sheet to fill in, with the choices in it."""
    columns = [column for column in resource.list_exported_columns() if column.is_settable]
    return sheets.write(extension, [sheets.Table(resource.sheet_name, _make_columns(columns), [])])


def write_whole_base(
    user: User | AnonymousUser, day: date, extension: str = "xlsx", *, notes: Sequence[str] = ()
) -> bytes:
    """Return one workbook: the figures of `day`, then what `user` may download, a sheet a kind.

    The figures are for who may see both the sites and the waves.
    """
    lookups = Lookups()
    tables = [
        make_table(resource(lookups), notes=notes)
        for resource in RESOURCES.values()
        if may_download(user, resource)
    ]
    if all(may_download(user, resource) for resource in (SiteResource, LabellingWaveResource)):
        tables.insert(0, make_figures_table(day))
    return sheets.write(extension, tables)


def make_figures_table(day: date) -> sheets.Table:
    """Return the figures of `day` as the home page has them, a number a line."""
    network = figures.count_network(day)
    rows: list[list[sheets.Value]] = [
        ["Ensemble", "Sites labellisés", network.sites.count],
        ["Ensemble", "Régions", network.region_count],
        ["Ensemble", "Départements", network.department_count],
        ["Ensemble", "Associations", network.association_count],
        ["Ensemble", "Sites en quartier prioritaire (QPV)", network.in_districts.count],
    ]
    for step in figures.list_growth(day):
        counts = (step.total.count, step.gained.count, step.ended.count)
        rows.append(["Vague", step.label, *counts])
    for part, counted in (
        ("Région", network.regions),
        ("Département", network.departments),
        ("Association", network.associations),
        ("Accueil du public", network.formats),
        ("Quartier prioritaire (QPV)", network.districts),
    ):
        rows += [[part, row.name, row.sites.count] for row in counted]
    return sheets.Table(
        "Chiffres",
        _FIGURES_COLUMNS,
        [_pad(row, len(_FIGURES_COLUMNS)) for row in rows],
        [network.situation.title],
    )


def make_table(
    resource: SheetResource, queryset: QuerySet | None = None, *, notes: Sequence[str] = ()
) -> sheets.Table:
    """Return the records as a table of real dates and numbers."""
    columns = resource.list_exported_columns()
    return sheets.Table(
        resource.sheet_name, _make_columns(columns), list(resource.list_rows(queryset)), notes
    )


def write_records_to_correct(
    resource: SheetResource,
    extension: str,
    whys: Mapping[int, str],
    *,
    notes: Sequence[str] = (),
) -> bytes:
    """Return records as a file that can come back, each with why it is there, by its key."""
    columns = resource.list_exported_columns()
    records = resource.list_records().filter(pk__in=whys)
    rows = [
        [*(resource.export_field(column, record) for column in columns), whys[record.pk]]
        for record in records
    ]
    headings = [*_make_columns(columns), sheets.Column(WHY_HEADING)]
    return sheets.write(extension, [sheets.Table(resource.sheet_name, headings, rows, notes)])


def write_lines_to_correct(
    title: str,
    headings: Sequence[str],
    lines: Iterable[tuple[Sequence[Cell], str, str]],
    extension: str = "xlsx",
) -> bytes:
    """Return lines of a file as they came, under its own headings.

    Each says why it comes back and, in a column that is hidden where it can be, which line it was.
    """
    columns = [sheets.Column(heading) for heading in (*headings, WHY_HEADING)]
    columns.append(sheets.Column(ORIGIN_HEADING, is_hidden=True))
    width = len(headings)
    rows = [[*_pad(cells, width), reason, mark] for cells, reason, mark in lines]
    return sheets.write(extension, [sheets.Table(title, columns, rows)])


def _make_columns(columns: Iterable[ImportField]) -> list[sheets.Column]:
    return [
        sheets.Column(
            column.column_name, column.choices, is_hidden=column.role in (Role.KEY, Role.VERSION)
        )
        for column in columns
    ]


def _pad(cells: Sequence[Cell], width: int) -> list[sheets.Value]:
    # No sheet has times of day without a date.
    values = [show(cell) if isinstance(cell, time) else cell for cell in cells[:width]]
    return [*values, *[None] * (width - len(values))]

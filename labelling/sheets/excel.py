"""XLSX out, by XlsxWriter."""

import io
from collections.abc import Sequence
from datetime import date, datetime, tzinfo

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_range_abs
from xlsxwriter.worksheet import Worksheet

from labelling import memory

from .table import PARIS, Table, Value, make_storable, name_tabs, to_french_text

# Fixed, so that the same cells give the same bytes.
CREATED = datetime(2020, 1, 1)
# Earlier dates have no number: they are written as text, day first.
FIRST_YEAR = 1900
# Lines below the table where the drop-down lists work too, for a sheet to be filled in.
SPARE_LINES = 1000
CHOICES_TITLE = "Listes"
# Texts are texts, in every workbook of ours: none is computed, followed or counted [S11].
INERT = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


class TooLong(ValueError):
    """A text that no cell of Excel can hold; the message says which and what to do, in French."""


@memory.uncollected()
def to_xlsx(tables: Sequence[Table], zone: tzinfo = PARIS) -> bytes:
    """Return an XLSX workbook; raise TooLong when a text is too long for Excel."""
    output = io.BytesIO()
    with xlsxwriter.Workbook(output, dict(INERT)) as book:
        book.set_properties({"created": CREATED})
        formats = {
            "plain": book.add_format(),
            "heading": book.add_format({"bold": True}),
            "date": book.add_format({"num_format": "dd/mm/yyyy"}),
            "datetime": book.add_format({"num_format": "dd/mm/yyyy hh:mm"}),
        }
        names = name_tabs([*(table.title for table in tables), CHOICES_TITLE])
        sheets = [book.add_worksheet(title) for title in names[:-1]]
        pairs = list(zip(sheets, tables, strict=True))
        for sheet, table in pairs:
            _fill(sheet, table, zone, formats)
        if any(column.choices for table in tables for column in table.columns):
            _offer_choices(book.add_worksheet(names[-1]), names[-1], pairs)
    return output.getvalue()


class _Exact(float):
    """A float that XlsxWriter writes whole, where it would keep 16 digits of 17."""

    def __format__(self, specification: str) -> str:
        return repr(float(self))


def write_text(
    sheet: Worksheet, row: int, column: int, text: str, style: Format | None = None
) -> None:
    """Write a text that stays one, whatever it begins with; raise TooLong if no cell holds it."""
    if text.startswith("<r>"):
        # XlsxWriter takes such a text for its own XML and writes it raw; in pieces it does not.
        pieces = ("<", style, text[1:], style) if style else ("<", "r", text[2:])
        sheet.write_rich_string(row, column, *pieces)
    elif sheet.write_string(row, column, text, style):
        raise TooLong(
            f"Le texte de la ligne {row + 1}, colonne {column + 1}, dépasse 32 767"
            " caractères, la limite d’Excel. Téléchargez plutôt un fichier ODS ou CSV."
        )


def _fill(sheet: Worksheet, table: Table, zone: tzinfo, formats: dict[str, Format]) -> None:
    top, bottom = len(table.notes), len(table.notes) + len(table.rows)
    for number, line in enumerate(table.list_lines()):
        text_format = formats["heading" if number == top else "plain"]
        for column, value in enumerate(line):
            _write(sheet, number, column, make_storable(value, zone), formats, text_format)
    sheet.freeze_panes(top + 1, 0)
    sheet.autofilter(top, 0, bottom, len(table.columns) - 1)
    for number, width in enumerate(table.measure_widths()):
        hidden = table.columns[number].is_hidden
        sheet.set_column(number, number, width, None, {"hidden": hidden})


def _write(
    sheet: Worksheet,
    row: int,
    column: int,
    value: Value,
    formats: dict[str, Format],
    text_format: Format,
) -> None:
    # bool before int, datetime before date: the former is one of the latter.
    match value:
        case str():
            write_text(sheet, row, column, value, text_format)
        case bool():
            sheet.write_boolean(row, column, value)
        case int():
            sheet.write_number(row, column, value)
        case float():
            sheet.write_number(row, column, _Exact(value))
        case date() if value.year < FIRST_YEAR:
            sheet.write_string(row, column, to_french_text(value))
        case datetime():
            sheet.write_datetime(row, column, value, formats["datetime"])
        case date():
            sheet.write_datetime(row, column, value, formats["date"])


def _offer_choices(lists: Worksheet, title: str, sheets: list[tuple[Worksheet, Table]]) -> None:
    """Put the choices on a hidden sheet of their own, and a drop-down list on their columns."""
    lists.hide()
    place = 0
    for sheet, table in sheets:
        top, bottom = len(table.notes) + 1, len(table.notes) + len(table.rows) + SPARE_LINES
        for number, column in enumerate(table.columns):
            if not column.choices:
                continue
            for line, choice in enumerate(column.choices):
                lists.write_string(line, place, choice)
            source = xl_range_abs(0, place, len(column.choices) - 1, place)
            place += 1
            sheet.data_validation(
                top,
                number,
                bottom,
                number,
                {
                    "validate": "list",
                    "source": f"='{title}'!{source}",
                    # A warning: reading understands more spellings than the list has.
                    "error_type": "warning",
                    "error_title": "Valeur hors de la liste",
                    "error_message": "Cette valeur n’est pas dans la liste. La garder ?",
                },
            )

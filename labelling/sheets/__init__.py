"""Cells out: flat tables as XLSX, ODS or CSV bytes, with nothing in them that runs.

Text is always text, whatever it begins with; numbers and dates are real ones; None is an empty
cell. The same tables give the same bytes. `spreadsheets.reading` gives every value back.
"""

from collections.abc import Sequence
from datetime import tzinfo

from .archive import archive, make_reproducible
from .delimited import to_csv
from .excel import TooLong, to_xlsx
from .opendocument import MEDIA_TYPE as ODS_MEDIA_TYPE
from .opendocument import to_ods
from .package import pack
from .table import PARIS, Column, Table, Value

__all__ = [
    "MEDIA_TYPES",
    "PARIS",
    "Column",
    "Table",
    "TooLong",
    "Value",
    "archive",
    "make_reproducible",
    "pack",
    "to_csv",
    "to_ods",
    "to_xlsx",
    "write",
]

MEDIA_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ods": ODS_MEDIA_TYPE,
    "csv": "text/csv; charset=utf-8",
}


def write(extension: str, tables: Sequence[Table], zone: tzinfo = PARIS) -> bytes:
    """Return the file of that extension: one sheet per table; a CSV takes one table only.

    A date-time with a time zone is written as the local time of `zone`: sheets have no zones.
    """
    match extension:
        case "xlsx":
            return to_xlsx(tables, zone)
        case "ods":
            return to_ods(tables, zone)
        case "csv":
            (table,) = tables
            return to_csv(table, zone)
    raise ValueError(extension)

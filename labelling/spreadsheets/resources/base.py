"""What a sheet is, and what a column of it is."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum, auto
from itertools import count
from typing import Any, ClassVar

from django.db.models import QuerySet
from import_export.fields import Field
from import_export.resources import ModelResource

from labelling.sheets import Value
from labelling.spreadsheets.widgets import (
    CellWidget,
    KeyWidget,
    LongTextWidget,
    Lookups,
    LookupWidget,
)


class Role(StrEnum):
    """What a column is for. Only data is ever written."""

    DATA = auto()
    KEY = auto()
    VERSION = auto()
    CHECK = auto()
    NEW = auto()
    # Of a file of lines to correct: what is wrong with each, and which line of which import it was.
    WHY = auto()
    ORIGIN = auto()


KEY_HEADING = "Clé (ne pas modifier)"
VERSION_HEADING = "Version (ne pas modifier)"
WHY_HEADING = "Pourquoi"
ORIGIN_HEADING = "Ligne d’origine (ne pas modifier)"


# Headings of how people are reached, which no record of a place keeps.
REACHED_BY = (
    "tel",
    "telephone",
    "mel",
    "mail",
    "e-mail",
    "email",
    "adresse mail",
    "adresse e-mail",
    "adresse électronique",
    "courriel",
    "site_web",
)

# The library puts a model's own fields last: the order of declaration is the order of a sheet.
_order = count()


class ImportField(Field):
    """A column: its French heading is `column_name`, `aliases` are its other headings.

    `name` is its name in the resource.
    """

    widget: CellWidget
    name: str

    def __init__(
        self,
        attribute: str | None,
        column_name: str,
        widget: CellWidget,
        *,
        aliases: Iterable[str] = (),
        role: Role = Role.DATA,
        is_exported: bool = True,
    ) -> None:
        is_settable = role == Role.DATA
        self.order = next(_order)
        super().__init__(attribute, column_name, widget, readonly=not is_settable)
        self.aliases = tuple(aliases)
        self.role = role
        self.is_settable = is_settable
        self.is_exported = is_exported

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of value that fit; none for a column that is known by its heading alone."""
        return self.widget.kinds if self.role in (Role.DATA, Role.CHECK) else frozenset()

    @property
    def choices(self) -> Sequence[str]:
        """The values of a drop-down list; none if anything may be written."""
        return tuple(getattr(self.widget, "choices", ())) if self.is_settable else ()


class SheetResource(ModelResource):
    """A sheet. `lookups` holds the records that its cells name, read once for all its widgets."""

    # The tab's name, and the model's name in addresses and in the ledger.
    sheet_name: ClassVar[str]
    model_key: ClassVar[str]
    # Of these sets of fields, one at least must have its columns.
    needed: ClassVar[tuple[tuple[str, ...], ...]] = ()
    # Where the file has no column for a field: those whose codes tell it, the surest first, each
    # with what to know of it.
    told_by: ClassVar[Mapping[str, Mapping[str, str]]] = {}
    # Headings of columns that people send and that no record keeps.
    ignored_headings: ClassVar[tuple[str, ...]] = ()
    # Headings of columns that no field takes and that say of a site that it moves: its kind of
    # place is proposed.
    itinerant_headings: ClassVar[tuple[str, ...]] = ()
    # Headings of columns that no field takes and that may not be lost unseen: what to do instead.
    refused_headings: ClassVar[Mapping[str, str]] = {}
    # How a record is recognised that no key and no number names.
    known_by: ClassVar[str] = "par son nom"
    # What a message gives as an example of a headings row.
    example: ClassVar[str] = ""
    is_imported: ClassVar[bool] = True

    key: ImportField
    version: ImportField

    def __init__(self, lookups: Lookups | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.lookups = lookups or Lookups()
        for name, field in self.fields.items():
            field.name = name
            if isinstance(field.widget, LookupWidget):
                field.widget.lookups = self.lookups

    def list_columns(self) -> tuple[ImportField, ...]:
        """Every column that a file may bring, in the order of a download."""
        return tuple(sorted(self.fields.values(), key=lambda field: field.order))

    def list_exported_columns(self) -> tuple[ImportField, ...]:
        """The columns of a download, the key and the version last."""
        columns = [column for column in self.list_columns() if column.is_exported]
        return tuple(sorted(columns, key=lambda column: column.role in (Role.KEY, Role.VERSION)))

    def find_column(self, name: str) -> ImportField:
        return self.fields[name]

    @classmethod
    def tells_records(cls, fields: Collection[str | None]) -> bool:
        """Whether columns of these fields say of which record each line speaks."""
        told = {name for name, codes in cls.told_by.items() if not codes.keys().isdisjoint(fields)}
        return any(told.union(fields).issuperset(names) for names in cls.needed)

    def list_records(self, queryset: QuerySet | None = None) -> QuerySet:
        """The records to write out, with all that their columns show."""
        return self.get_queryset() if queryset is None else queryset

    def list_rows(self, queryset: QuerySet | None = None) -> Iterator[list[Value]]:
        """Yield the cells of each record: real dates and numbers."""
        columns = self.list_exported_columns()
        for record in self.list_records(queryset):
            yield [column.export(record, force_native_type=True) for column in columns]


def make_key_and_version(model_key: str) -> tuple[ImportField, ImportField]:
    return (
        ImportField("pk", KEY_HEADING, KeyWidget(model_key), aliases=["clé", "key"], role=Role.KEY),
        ImportField(
            "version", VERSION_HEADING, KeyWidget(), aliases=["version"], role=Role.VERSION
        ),
    )


def make_why_and_origin() -> tuple[ImportField, ImportField]:
    return (
        ImportField(None, WHY_HEADING, LongTextWidget(), role=Role.WHY, is_exported=False),
        ImportField(None, ORIGIN_HEADING, LongTextWidget(), role=Role.ORIGIN, is_exported=False),
    )

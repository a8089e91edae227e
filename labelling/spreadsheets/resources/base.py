"""What a sheet is, and what a column of it is."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum, auto
from functools import cached_property, partial
from itertools import count
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from import_export.fields import Field
from import_export.resources import ModelResource

from labelling import text
from labelling.models import Department
from labelling.sheets import Value
from labelling.spreadsheets.resources import checks
from labelling.spreadsheets.resources.loader import RecordLoader
from labelling.spreadsheets.widgets import (
    CellError,
    CellWidget,
    KeyWidget,
    LongTextWidget,
    Lookups,
    LookupWidget,
    is_blank,
)
from labelling.text import fold


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

Row = Mapping[str, Any]
"""The cells of a line, by the headings of their columns."""

_CHANGED_SINCE = (
    "Cette fiche a été modifiée depuis le téléchargement. Téléchargez la liste à nouveau."
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
        keeps_spelling: bool = False,
    ) -> None:
        is_settable = role == Role.DATA
        self.order = next(_order)
        super().__init__(attribute, column_name, widget, readonly=not is_settable)
        self.aliases = tuple(aliases)
        self.role = role
        self.is_settable = is_settable
        self.is_exported = is_exported
        # What is printed, or shown as it was written here.
        self.keeps_spelling = keeps_spelling

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of value that fit; none for a column that is known by its heading alone."""
        return self.widget.kinds if self.role in (Role.DATA, Role.CHECK) else frozenset()

    @property
    def choices(self) -> Sequence[str]:
        """The values of a drop-down list; none if anything may be written."""
        return tuple(getattr(self.widget, "choices", ())) if self.is_settable else ()

    def spells_no_better(self, value: Any, mine: Any) -> bool:
        """Whether a cell writes what we do, without our capitals, accents or hyphens."""
        if not self.keeps_spelling or not value or not mine or fold(value) != fold(mine):
            return False
        has_small_letters = mine.isupper() and not value.isupper()
        return not has_small_letters and text.count_accents(value) <= text.count_accents(mine)

    def is_filled(self, row: Row) -> bool:
        return not is_blank(row.get(self.column_name))

    def find_value(self, row: Row) -> Any:
        """What the cell says; None if there is none, or if it cannot be read."""
        try:
            return self.clean(row) if self.is_filled(row) else None
        except CellError:
            return None

    def save(self, instance: Model, row: Row, is_m2m: bool = False, **kwargs: Any) -> None:
        """Give `instance` what the cell says; raise CellError if that cannot be read.

        A blank cell says nothing, nor does one that says the same in other words. What is only
        checked is only read.
        """
        if not self.is_filled(row):
            return
        stored = self.get_value(instance)
        try:
            value = self.clean(row, **kwargs)
        except CellError:
            # What a download wrote of it comes back: forms let more in.
            if self.is_settable and self.widget.is_untouched(row[self.column_name], stored):
                return
            raise
        is_text = isinstance(value, str)
        is_same = value == stored or (is_text and self.widget.is_same(value, stored))
        # What our own download wrote is meant as it is.
        is_same = is_same or (KEY_HEADING not in row and self.spells_no_better(value, stored))
        if self.is_settable and value != "" and not is_same:
            setattr(instance, str(self.attribute), value)


class SheetResource(ModelResource):
    """A sheet. `lookups` holds the records that its cells name, read once for all its widgets.

    The library's own `export()` and `import_data()` work with it, row by row: they know our
    headings, widgets and matcher, and judge by `full_clean()`. What people import is judged and
    written in bulk, elsewhere; a test holds the two against each other.
    """

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

    class Meta:
        instance_loader_class = RecordLoader
        # The loader knows what a record is found by.
        import_id_fields = ()
        skip_unchanged = True
        # Blank cells would read “None”.
        skip_html_diff = True

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

    def find_department(self, values: Mapping[str, Any]) -> Department | None:
        """The department that the codes among `values` tell, the surest first."""
        told = (values[name] for name in self.told_by.get("department", ()) if values.get(name))
        return next(filter(None, map(self.lookups.find_department_of, told)), None)

    def list_records(self, queryset: QuerySet | None = None) -> QuerySet:
        """The records to write out, with all that their columns show."""
        return self.filter_export(self.get_queryset() if queryset is None else queryset)

    def list_rows(self, queryset: QuerySet | None = None) -> Iterator[list[Value]]:
        """Yield the cells of each record: real dates and numbers."""
        columns = self.list_exported_columns()
        for record in self.list_records(queryset):
            yield [self.export_field(column, record) for column in columns]

    # The library's engine

    def get_export_order(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.list_exported_columns())

    def export_field(self, field: ImportField, instance: Model, **kwargs: Any) -> Value:
        """A real date or number, unless the caller wants French text: `force_native_type`."""
        return field.export(instance, **{"force_native_type": True, **kwargs})

    def find_untold_department(self, row: Row, values: Mapping[str, Any]) -> Department | None:
        """The department that codes tell of a row without a column for it."""
        column = self.fields.get("department")
        is_told = column is None or column.column_name in row
        return None if is_told else self.find_department(values)

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        if not self.is_imported:
            raise ValueError(
                text.typeset(
                    f"La liste « {self.sheet_name} » ne s’importe pas : corrigez chaque fiche sur "
                    "sa page."
                )
            )

    def import_instance(self, instance: Any, row: Row, **kwargs: Any) -> None:
        """Give `instance` what the cells say; raise ValidationError with all that is wrong.

        What nothing changes is not judged: it may be older than a rule.
        """
        columns = [field.attname for field in instance._meta.concrete_fields]
        before = {name: getattr(instance, name) for name in columns}
        errors: dict[str, Any] = {}
        try:
            super().import_instance(instance, row, **kwargs)
        except ValidationError as refusal:
            errors = refusal.error_dict
        taken = {name: value for name, value in before.items() if getattr(instance, name) != value}
        if taken or instance._state.adding:
            errors = {**self.find_faults(instance, row, taken, errors), **errors}
        if errors:
            raise ValidationError(errors)

    def find_faults(
        self, instance: Any, row: Row, taken: Mapping[str, Any], known: Mapping[str, Any]
    ) -> dict[str, Any]:
        """What `instance` breaks, by attribute; nothing that only a column of `known` may mend.

        `taken` gives the values that the row replaces, by column of the record.
        """
        faults: dict[str, list[Any]] = {}
        # By themselves, Django leaves out the constraints of what is wrong otherwise.
        for judge in (
            partial(instance.full_clean, validate_constraints=False),
            instance.validate_constraints,
        ):
            try:
                judge(exclude=known)
            except ValidationError as refusal:
                for name, errors in refusal.error_dict.items():
                    for error in errors:
                        place = self._find_place(error, row, taken) or name
                        faults.setdefault(place, []).append(error)
        version = self.fields["version"].find_value(row)
        if not instance._state.adding and version not in (None, instance.version):
            faults["version"] = [_CHANGED_SINCE]
        return faults

    def _find_place(self, error: ValidationError, row: Row, taken: Mapping[str, Any]) -> str:
        """The field of the row beside which a constraint speaks; empty if none broke."""
        columns, is_unique = self._columns_of_constraints.get(str(error.message), ((), False))
        names = [self._meta.model._meta.get_field(column).name for column in columns]
        if is_unique:
            said = [name for name, column in zip(names, columns, strict=True) if column in taken]
        else:
            said = [name for name in names if self.fields[name].column_name in row]
        return next(iter([*said, *names]), "")

    @cached_property
    def _columns_of_constraints(self) -> dict[str, tuple[Sequence[str], bool]]:
        """By their sentences, the columns of the record that constraints speak of; if it is unique.

        Of a unique one the last comes first: the name tells records apart.
        """
        model = self._meta.model
        return {check.message: (check.columns, False) for check in checks.list_checks(model)} | {
            unique.message: ([checks.find_source(name) for name in unique.columns][::-1], True)
            for unique in checks.list_uniques(model)
        }


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

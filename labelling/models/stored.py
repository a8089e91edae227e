"""What the ledger of imports stores as JSON, typed: nothing else knows the keys.

Each class says itself how it is stored: `to_json`, and back `from_json`.
"""

import datetime as dt
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol, Self, TypeVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models.fields.json import KeyTransform


class Stored(Protocol):
    def to_json(self) -> Any: ...

    @classmethod
    def from_json(cls, stored: Any, /) -> Self: ...


T = TypeVar("T", bound=Stored)


class StoredField(models.JSONField):
    """A JSON column that holds one object of the class `one`, or a list of the class `many`.

    Where the column may be NULL, NULL is what is empty. To migrations it is a `JSONField`.
    """

    def __init__(
        self,
        *args: Any,
        one: type[Stored] | None = None,
        many: type[Stored] | None = None,
        **kwargs: Any,
    ) -> None:
        self.one, self.many = one, many
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.JSONField", args, kwargs

    def get_default(self) -> Any:
        return super().get_default() if self.has_default() else self.to_python(None)

    def to_python(self, value: Any) -> Any:
        if self.one and not isinstance(value, self.one):
            return self.one.from_json(value or {})
        if self.many:
            return [v if isinstance(v, self.many) else self.many.from_json(v) for v in value or ()]
        return value

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        value = super().from_db_value(value, expression, connection)
        return value if isinstance(expression, KeyTransform) else self.to_python(value)

    def get_prep_value(self, value: Any) -> Any:
        if self.one and isinstance(value, self.one):
            return value.to_json()
        if self.many and isinstance(value, list):
            return [v.to_json() if isinstance(v, self.many) else v for v in value]
        return super().get_prep_value(value)

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        if self.null and not value:
            return None
        return super().get_db_prep_save(value, connection)

    def value_to_string(self, obj: models.Model) -> Any:
        return self.get_prep_value(self.value_from_object(obj))


def stored_one(of: type[T], verbose_name: str, **kwargs: Any) -> T:
    """A column that holds one object of a class."""
    field: Any = StoredField(verbose_name, one=of, **kwargs)
    return field


def stored_list(of: type[T], verbose_name: str, **kwargs: Any) -> list[T]:
    """A column that holds a list of objects of a class."""
    field: Any = StoredField(verbose_name, many=of, **kwargs)
    return field


# Cells


@dataclass(frozen=True)
class CellFault:
    """A cell that the file gives no value of: an error, a formula without result."""

    reason: str


class CellEncoder(DjangoJSONEncoder):
    """Cells as JSON: a date is not the text that looks like it."""

    def default(self, o: Any) -> Any:
        match o:
            case CellFault():
                return {"fault": o.reason}
            case dt.datetime():
                return {"datetime": o.isoformat()}
            case dt.date():
                return {"date": o.isoformat()}
            case dt.time():
                return {"time": o.isoformat()}
        return super().default(o)


_CELLS: dict[str, Callable[[str], Any]] = {
    "fault": CellFault,
    "datetime": dt.datetime.fromisoformat,
    "date": dt.date.fromisoformat,
    "time": dt.time.fromisoformat,
}


class CellDecoder(json.JSONDecoder):
    """Gives back the cells that `CellEncoder` stored."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "object_hook": _read_cell})


def _read_cell(stored: dict[str, Any]) -> Any:
    if len(stored) == 1:
        ((kind, value),) = stored.items()
        if kind in _CELLS:
            return _CELLS[kind](value)
    return stored


# Of a file


# « doubled »: known, and its field is another column's. « words »: its heading has the field's
# words. « values »: what its cells hold. « likeness » is in imports stored before 0007.
How = Literal["person", "saved", "exact", "words", "values", "doubled", "likeness"]
# How sure it is that a column gives a field: the first two are taken without asking, a proposal
# once it is accepted, a question keeps the whole from being applied, what is aside is known and
# left out.
Level = Literal["certain", "proven", "proposed", "ask", "aside", "unknown"]
_LEVELS: dict[str | None, Level] = {
    "person": "certain",
    "saved": "certain",
    "exact": "certain",
    "likeness": "proven",
    "doubled": "aside",
    None: "unknown",
}


@dataclass(frozen=True)
class FileColumn:
    """A column of the file: its place, what it was taken for and how that was known.

    `field` is the name of a field of the resource, which its cells are written to; `proposed` the
    one that a person is asked about, `titled` the one that the heading names. `note` says why it
    is taken, or why not.
    """

    position: int
    letter: str
    heading: str
    field: str | None
    how: How | None
    samples: tuple[str, ...]
    note: str = ""
    # Whether its empty cells empty the record's value.
    empties: bool = False
    level: Level = "unknown"
    proposed: str = ""
    titled: str = ""

    def to_json(self) -> dict[str, Any]:
        return {**vars(self), "samples": list(self.samples)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        # Before columns had levels, how each was known told it.
        level = {"level": _LEVELS[stored["how"]]} if "level" not in stored else {}
        return cls(**{**stored, **level, "samples": tuple(stored["samples"])})


@dataclass(frozen=True)
class FileAnswers:
    """What people answered of a file as a whole."""

    # Whether lines that nothing shows to be of the network are taken all the same.
    takes_all: bool = False
    # Whether the values of a list that is older than the base replace ours.
    takes_older: bool = False
    # Whether it completes its wave: new sites and candidates are of it, marked or not.
    completes_wave: bool = False

    def __bool__(self) -> bool:
        return any(vars(self).values())

    def to_json(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if value}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        return cls(**stored)


@dataclass(frozen=True)
class FileSheet:
    """A sheet of the workbook. Of the one that is read: which of its lines are."""

    name: str
    is_hidden: bool
    # How many lines the spreadsheet hides, and strikes through; both: struck through.
    hidden_lines: int = 0
    struck_lines: int = 0
    # Hidden lines are read and struck ones are not, unless people say otherwise.
    leaves_hidden: bool = False
    reads_struck: bool = False

    def to_json(self) -> dict[str, Any]:
        said = {name: value for name, value in vars(self).items() if value}
        return {"name": self.name, "is_hidden": self.is_hidden, **said}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        return cls(**stored)


@dataclass(frozen=True)
class StatedTotal:
    """A count that the file states, and the sentence of it.

    Of its lines or of the new ones, which the ledger counts; or of the column under `heading`,
    which was `counted` when it was read.
    """

    what: Literal["lines", "new", "cells", "sum"]
    stated: int
    sentence: str
    counted: int | None = None
    heading: str = ""

    def to_json(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if value not in (None, "")}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        return cls(**stored)


@dataclass
class NewWave:
    """A wave that the import creates; `record` is its key, once it is applied."""

    effective_on: dt.date
    name: str
    record: int | None = None

    def to_json(self) -> dict[str, Any]:
        record = {} if self.record is None else {"record": self.record}
        return {"effective_on": self.effective_on.isoformat(), "name": self.name, **record}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        return cls(**{**stored, "effective_on": dt.date.fromisoformat(stored["effective_on"])})


@dataclass(frozen=True)
class Takeover:
    """Who prepared an import until somebody else took it over, by their names."""

    former: str
    new: str
    at: dt.datetime

    def to_json(self) -> dict[str, Any]:
        return {"from": self.former, "to": self.new, "at": self.at.isoformat()}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        return cls(stored["from"], stored["to"], dt.datetime.fromisoformat(stored["at"]))


@dataclass(frozen=True)
class LeftValue:
    """What undoing an import left as it is, and why. Without a field: the whole record."""

    record: int
    label: str
    field: str
    reason: str

    def to_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("record", "label", "field", "reason")}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        return cls(**stored)


# Of a line


@dataclass(frozen=True)
class CellProblem:
    """What is wrong with a cell. Without a letter: with what the file has no column for."""

    reason: str
    # What to offer, and what each writes.
    suggestions: tuple[tuple[str, str], ...] = ()
    value: str = ""
    letter: str = ""
    heading: str = ""
    # Of the record: « department_id ».
    field: str = ""
    # Both values are good: a person chooses.
    is_choice: bool = False
    # The label of the record ended, and the file names it all the same.
    is_ended: bool = False
    # Nothing is wrong: a value is offered, and the line is as good without it.
    is_proposal: bool = False
    # Whatever line the value stands on, it is wrong and means the same: it may be mended everywhere
    # at once.
    is_common: bool = False
    # The other fields that would mend it and that have no column: people may fill them in.
    unfilled: tuple[str, ...] = ()
    # The other fields of which a choice decides too: an address goes with its postcode.
    together: tuple[str, ...] = ()
    # The record that stands in the way.
    record: int | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            **({"is_choice": True} if self.is_choice else {}),
            **({"is_ended": True} if self.is_ended else {}),
            **({"is_proposal": True} if self.is_proposal else {}),
            **({"is_common": True} if self.is_common else {}),
            **({"unfilled": list(self.unfilled)} if self.unfilled else {}),
            **({"together": list(self.together)} if self.together else {}),
            **({"record": self.record} if self.record else {}),
            "letter": self.letter,
            "heading": self.heading,
            "field": self.field,
            "value": self.value,
            "reason": self.reason,
            "suggestions": [list(pair) for pair in self.suggestions],
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        suggestions = tuple((label, value) for label, value in stored["suggestions"])
        lists = {name: tuple(stored.get(name, ())) for name in ("unfilled", "together")}
        return cls(**{**stored, **lists, "suggestions": suggestions})


@dataclass
class Answers:
    """What people answered of a line."""

    # What was typed over cells, by position.
    cells: dict[int, Any] = field(default_factory=dict)
    # What was typed where the file has no column, by field.
    values: dict[str, str] = field(default_factory=dict)
    # The record that it speaks of: its key, or « new ».
    record: int | Literal["new"] | None = None
    # About that record: whose value stands, by field (a Decision).
    decisions: dict[str, str] = field(default_factory=dict)
    # Whether it is of the network, where a person said so.
    belongs: bool | None = None

    def __bool__(self) -> bool:
        return bool(
            self.cells
            or self.values
            or self.decisions
            or self.record is not None
            or self.belongs is not None
        )

    def without(self, *parts: str) -> Self:
        """The answers, but for these: « cells », « record », « decisions »."""
        blank = type(self)()
        return replace(self, **{part: getattr(blank, part) for part in parts})

    def to_json(self) -> dict[str, Any]:
        parts = {
            "cells": {str(position): value for position, value in self.cells.items()},
            "values": self.values,
            "record": self.record,
            "fields": self.decisions,
            "belongs": self.belongs,
        }
        return {key: part for key, part in parts.items() if part not in ({}, None)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        return cls(
            cells={int(key): value for key, value in stored.get("cells", {}).items()},
            values=stored.get("values", {}),
            record=stored.get("record"),
            decisions=stored.get("fields", {}),
            belongs=stored.get("belongs"),
        )


def store_unread(problem: CellProblem) -> dict[str, str]:
    """What the ledger holds of a cell that gave no value and was refused: its text."""
    return {"cell": problem.value or "illisible"}


def read_unread(stored: Any) -> str | None:
    """The text of a cell that gave no value; None if `stored` is a value."""
    return stored["cell"] if isinstance(stored, dict) else None

"""The constraints of the records, judged on plain values: no query, no model instance.

A file of thousands of lines cannot afford `full_clean()`. What is checked here is read from the
models themselves, so that a constraint added there holds here too, with the same French message.
"""

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Q
from django.utils.text import capfirst

from labelling import text
from labelling.models.base import make_sort_key
from labelling.models.wave import make_slug

Values = Mapping[str, Any]
"""A record's values by the name of their column: `department_id`."""

# True, False, or None where SQL says NULL.
Condition = Callable[[Values], bool | None]

_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "exact": operator.eq,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
    "in": lambda value, values: value in values,
    "regex": lambda value, pattern: pattern.search(value) is not None,
}

# The same few names come back while a line is read, matched and checked.
sort_key = lru_cache(maxsize=4096)(make_sort_key)

# Values computed from others, which constraints speak of.
_COMPUTED: dict[str, tuple[str, Callable[[str], str]]] = {
    "sort_key": ("name", sort_key),
    "slug": ("name", make_slug),
}


@dataclass(frozen=True)
class Check:
    """What must be true of one record."""

    holds: Condition
    message: str
    # The columns it speaks of, in the order of the constraint; of a computed one, its source.
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Unique:
    """What no two records may share, while a condition holds."""

    columns: tuple[str, ...]
    condition: Condition
    message: str
    condition_columns: tuple[str, ...]

    def make_key(self, values: Values) -> str:
        """The record's key as text; empty if the constraint does not speak of it."""
        if not self.condition(values):
            return ""
        # What is computed from nothing is none: two lines without a name are not one record.
        parts = [
            (values.get(column) or None) if column in _COMPUTED else values.get(column)
            for column in self.columns
        ]
        if None in parts:
            return ""
        return "|".join(part if isinstance(part, str) else str(part) for part in parts)


def list_checks(model: type[models.Model]) -> tuple[Check, ...]:
    """The check constraints of `model`."""
    return tuple(
        Check(
            compile_condition(constraint.condition, model),
            str(constraint.violation_error_message),
            tuple(map(find_source, _list_columns(constraint.condition, model))),
        )
        for constraint in model._meta.constraints
        if isinstance(constraint, models.CheckConstraint)
    )


def list_uniques(model: type[models.Model]) -> tuple[Unique, ...]:
    """The unique constraints of `model`."""
    return tuple(
        Unique(
            tuple(_find_column(model, name) for name in constraint.fields),
            compile_condition(constraint.condition or Q(), model),
            str(constraint.violation_error_message),
            _list_columns(constraint.condition or Q(), model),
        )
        for constraint in model._meta.constraints
        if isinstance(constraint, models.UniqueConstraint)
    )


def compute(values: dict[str, Any], names: Iterable[str] = _COMPUTED) -> None:
    """Add to `values` those of `names` that are computed from them."""
    for name in names:
        if name in _COMPUTED:
            source, function = _COMPUTED[name]
            values[name] = function(values.get(source) or "")


def find_source(name: str) -> str:
    """The column that a computed one comes from, else itself."""
    return _COMPUTED[name][0] if name in _COMPUTED else name


def compile_condition(condition: Any, model: type[models.Model]) -> Condition:
    """Return `condition` as a function of a record's values, NULL counting as it does in SQL."""
    if not isinstance(condition, Q):
        raise TypeError(condition)
    parts = [
        compile_condition(child, model)
        if isinstance(child, Q)
        else _compile_comparison(child, model)
        for child in condition.children
    ]
    joined = _join_any(parts) if condition.connector == Q.OR else _join_all(parts)
    # Django excludes NULL by itself inside a negation: `~Q(x=1)` is true of a blank x.
    return (lambda values: not joined(values)) if condition.negated else joined


def _compile_comparison(child: Any, model: type[models.Model]) -> Condition:
    path, expected = child
    name, _, lookup = path.partition("__")
    column, lookup = _find_column(model, name), lookup or "exact"
    if lookup == "isnull":
        return lambda values: (values.get(column) is None) is expected
    if lookup == "exact" and expected is None:
        return lambda values: values.get(column) is None
    compare = _COMPARISONS[lookup]
    if lookup == "regex":
        expected = re.compile(expected)
    other = _find_column(model, expected.name) if isinstance(expected, F) else None  # type: ignore[attr-defined]

    def holds(values: Values) -> bool | None:
        value = values.get(column)
        against = expected if other is None else values.get(other)
        if value is None or against is None:
            return None
        return compare(value, against)

    return holds


def _join_all(parts: list[Condition]) -> Condition:
    def holds(values: Values) -> bool | None:
        unknown = False
        for part in parts:
            result = part(values)
            if result is False:
                return False
            unknown = unknown or result is None
        return None if unknown else True

    return holds


def _join_any(parts: list[Condition]) -> Condition:
    def holds(values: Values) -> bool | None:
        unknown = False
        for part in parts:
            result = part(values)
            if result:
                return True
            unknown = unknown or result is None
        return None if unknown else False

    return holds


def _find_column(model: type[models.Model], name: str) -> str:
    return model._meta.get_field(name).attname  # type: ignore[union-attr]


def _list_columns(condition: Any, model: type[models.Model]) -> tuple[str, ...]:
    columns: dict[str, None] = {}
    for child in condition.children:
        if isinstance(child, Q):
            columns |= dict.fromkeys(_list_columns(child, model))
        else:
            path, expected = child
            columns[_find_column(model, path.partition("__")[0])] = None
            if isinstance(expected, F):
                columns[_find_column(model, expected.name)] = None  # type: ignore[attr-defined]
    return tuple(columns)


def find_fault(field: Any, value: Any) -> str:
    """What the field's own rules say against `value`; empty if nothing."""
    if value is None or value == "":
        return ""
    if isinstance(value, str) and field.max_length and len(value) > field.max_length:
        return text.typeset(
            f"Ce texte a {text.number(len(value))} caractères ; "
            f"« {capfirst(field.verbose_name)} » en accepte {text.number(field.max_length)}. "
            "Raccourcissez-le."
        )
    if field.choices and value not in dict(field.flatchoices):
        return text.typeset(f"« {value} » ne fait pas partie des choix.")
    for validator in field.validators:
        if isinstance(validator, MaxLengthValidator):
            continue
        try:
            validator(value)
        except ValidationError as error:
            return " ".join(error.messages)
    return ""

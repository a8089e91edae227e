"""Keys or texts on their way to a question, or back from one, however many, as one value.

Databases count parameters, and thousands of rows take long to read one by one.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Aggregate, BigIntegerField, Field, Func, IntegerField, TextField, Value


class _Table(Func):
    """Values as one parameter."""

    template = "(SELECT value FROM json_each(%(expressions)s))"
    on_postgresql = "(SELECT value{cast} FROM json_array_elements_text(%(expressions)s::json))"
    cast = ""
    kind: "type[Field[Any, Any]]"

    def __init__(self, values: Iterable[Any]) -> None:
        super().__init__(Value(json.dumps([*values])), output_field=self.kind())

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = self.on_postgresql.format(cast=self.cast)
        return self.as_sql(compiler, connection, template=template, **context)


class KeyTable(_Table):
    """Keys: `filter(pk__in=KeyTable(keys))`."""

    cast, kind = "::bigint", BigIntegerField


class TextTable(_Table):
    """Texts: `filter(name__in=TextTable(names))`."""

    kind = TextField


class NumberOf(Func):
    """The number that a table has for a key: `NumberOf("pk", {1: 12})`; 0 where it has none."""

    template, arg_joiner = (
        """COALESCE(JSON_EXTRACT(%(expressions)s || '"'), 0)""",
        """, '$."' || """,
    )
    output_field = IntegerField()

    def __init__(self, key: Any, numbers: Mapping[int, int]) -> None:
        super().__init__(Value(json.dumps(numbers)), key)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "COALESCE((%(expressions)s::text)::integer, 0)"
        return self.as_sql(
            compiler, connection, template=template, arg_joiner="::json ->> ", **context
        )


class Gathered(Aggregate):
    """The values of a column as a list: days as their texts. All such lists have one order."""

    function = "JSON_GROUP_ARRAY"
    output_field = TextField()
    empty_result_set_value: Any = ()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, function="JSON_AGG", **context)

    def convert_value(self, value: Any, expression: Any, connection: Any) -> list[Any]:
        # PostgreSQL has no list of no rows, and its driver has read the others.
        return json.loads(value) if isinstance(value, str) else value or []

"""Keys or texts on their way to a question, or back from one, however many, as one value.

Databases count parameters, and thousands of rows take long to read one by one.
"""

import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django.db.models import Aggregate, Field, Func, IntegerField, Lookup, TextField, Value

# Of more keys, a base sooner asks each row whether it has one of them than it looks each up.
MOST_LOOKED_UP = 5_000


@Field.register_lookup
class Among(Lookup):
    """Keys or texts: `filter(pk__among=keys)`; `in` has a parameter for each."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        sql, parameters = self.process_lhs(compiler, connection)
        # SQLite looks up no sum, and reads the rows in the order that is asked.
        sign = "+" if self._are_many else ""
        values = json.dumps([*self.rhs]) if self._are_texts else f"[{self._written_keys}]"
        return f"{sign}{sql} IN (SELECT value FROM json_each(%s))", [*parameters, values]  # noqa: S608

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        sql, parameters = self.process_lhs(compiler, connection)
        if self._are_texts:
            return f"{sql} = ANY(%s::text[])", [*parameters, [*self.rhs]]
        # Its planner weighs each key of an array, but those of a question of their own.
        many = "({} IN (SELECT UNNEST(%s::bigint[]))) IS TRUE"
        form = many if self._are_many else "{} = ANY(%s::bigint[])"
        return form.format(sql), [*parameters, f"{{{self._written_keys}}}"]

    @property
    def _are_many(self) -> bool:
        return len(self.rhs) > MOST_LOOKED_UP

    @property
    def _are_texts(self) -> bool:
        return self.lhs.output_field.get_internal_type() in ("CharField", "TextField")

    @cached_property
    def _written_keys(self) -> str:
        """All at once, and once: drivers and JSON write numbers one by one."""
        return ",".join(map(str, self.rhs))


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


# Between words, of which none has it: what people type is made legible.
_SEPARATOR = "\x1f"


class Gathered(Aggregate):
    """The values of a column as a list: days as their texts. All such lists have one order."""

    function = "JSON_GROUP_ARRAY"
    output_field = TextField()
    empty_result_set_value: Any = ()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        # An array of keys or answers and a text of words are sooner made and read than JSON.
        match self.get_source_expressions()[0].output_field.get_internal_type():
            case "BigAutoField" | "BigIntegerField" | "ForeignKey" | "BooleanField":
                form = {"function": "ARRAY_AGG"}
            case "CharField":
                template = f"STRING_AGG(%(expressions)s, '{_SEPARATOR}')"
                form = {"template": template}
            case _:
                form = {"function": "JSON_AGG"}
        return self.as_sql(compiler, connection, **form, **context)

    def convert_value(self, value: Any, expression: Any, connection: Any) -> list[Any]:
        if isinstance(value, str):
            is_json = connection.vendor == "sqlite"
            return json.loads(value) if is_json else value.split(_SEPARATOR)
        # PostgreSQL has no list of no rows, and its driver has read the others.
        return value or []

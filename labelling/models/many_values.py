"""Keys or texts on their way to a question, or back from one, however many, as one value.

Databases count parameters, and thousands of rows take long to read one by one.
"""

import json
from collections.abc import Mapping
from typing import Any

from django.db.models import Aggregate, Field, Func, IntegerField, Lookup, TextField, Value


@Field.register_lookup
class Among(Lookup):
    """Keys or texts: `filter(pk__among=keys)`; `in` has a parameter for each."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        sql, parameters = self.process_lhs(compiler, connection)
        values = json.dumps([*self.rhs])
        return f"{sql} IN (SELECT value FROM json_each(%s))", [*parameters, values]  # noqa: S608

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        sql, parameters = self.process_lhs(compiler, connection)
        if self.lhs.output_field.get_internal_type() in _TEXTS:
            return f"{sql} = ANY(%s::text[])", [*parameters, [*self.rhs]]
        # As its text: its driver writes numbers one by one.
        return f"{sql} = ANY(%s::bigint[])", [*parameters, f"{{{','.join(map(str, self.rhs))}}}"]


_TEXTS = ("CharField", "TextField")


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

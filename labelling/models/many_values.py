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
# The keys that stand closer than that, on average, are marked: a byte for each that there may be.
_FARTHEST = 16


@Field.register_lookup
class Among(Lookup):
    """Keys or texts: `filter(pk__among=keys)`; `in` has a parameter for each."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        sql, parameters = self.process_lhs(compiler, connection)
        if self._marks:
            # Nothing stands at 0; below, it would count from the end.
            return f"SUBSTR(%s, MAX({sql}, 0), 1) = x'01'", [self._marks, *parameters]
        values = json.dumps([*self.rhs]) if self._are_texts else f"[{self._written_keys}]"
        return f"{sql} IN (SELECT value FROM json_each(%s))", [*parameters, values]  # noqa: S608

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        sql, parameters = self.process_lhs(compiler, connection)
        if self._marks:
            marked = f"GET_BYTE(%s, {sql}::integer - 1) = 1"
            case = f"CASE WHEN {sql} BETWEEN 1 AND {len(self._marks)} THEN {marked} ELSE FALSE END"
            return case, [*parameters, self._marks, *parameters]
        if self._are_texts:
            return f"{sql} = ANY(%s::text[])", [*parameters, [*self.rhs]]
        return f"{sql} = ANY(%s::bigint[])", [*parameters, f"{{{self._written_keys}}}"]

    @property
    def _are_texts(self) -> bool:
        return self.lhs.output_field.get_internal_type() in ("CharField", "TextField")

    @cached_property
    def _marks(self) -> bytes:
        """A byte for each number from 1 on, 1 where it is one of the keys, so that a row is asked
        and not looked for. Empty for texts, for few keys, and for keys that stand far apart."""
        many = len(self.rhs) > MOST_LOOKED_UP and not self._are_texts
        if not many or min(self.rhs) < 1 or max(self.rhs) > _FARTHEST * len(self.rhs):
            return b""
        marks = bytearray(max(self.rhs))
        for key in self.rhs:
            marks[key - 1] = 1
        return bytes(marks)

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

"""Keys that a question is asked about, however many they are: databases count parameters."""

import json
from collections.abc import Iterable
from typing import Any

from django.db.models import BigIntegerField, Func, Value


class KeyTable(Func):
    """Keys as one parameter: `filter(pk__in=KeyTable(keys))`."""

    template = "(SELECT value FROM json_each(%(expressions)s))"

    def __init__(self, keys: Iterable[int]) -> None:
        super().__init__(Value(json.dumps([*keys])), output_field=BigIntegerField())

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "(SELECT value::bigint FROM json_array_elements_text(%(expressions)s::json))"
        return self.as_sql(compiler, connection, template=template, **context)

"""Keys or texts that a question is asked about, however many: databases count parameters."""

import json
from collections.abc import Iterable
from typing import Any

from django.db.models import BigIntegerField, Field, Func, TextField, Value


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

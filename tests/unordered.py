"""Rows that no query orders come in any order: what leans on one does not pass for long.

A database gives them back as they were written, until the day when it does not.
"""

from typing import Any

from django.db.models import OrderBy
from django.db.models.functions import Random
from django.db.models.sql.compiler import SQLCompiler
from django.db.models.sql.constants import MULTI, SINGLE

_execute, _order_by = SQLCompiler.execute_sql, SQLCompiler.get_order_by


def shuffle() -> None:
    """Give every query that has no order a random one; on SQLite the seed of the test decides."""
    SQLCompiler.execute_sql = _execute_shuffled
    SQLCompiler.get_order_by = _order_by_or_random


def _execute_shuffled(self: SQLCompiler, result_type: str = MULTI, **kwargs: Any) -> Any:
    # Only what is asked itself: the order of what stands inside is nobody's affair, nor always
    # allowed. With DISTINCT and UNION, PostgreSQL orders by what is selected, and by nothing else.
    is_one = result_type == SINGLE  # A count, or whether there is any.
    self.is_shuffled = not (is_one or self.query.distinct or self.query.combinator)
    return _execute(self, result_type, **kwargs)


def _order_by_or_random(self: SQLCompiler) -> list[Any]:
    order = _order_by(self)
    if not getattr(self, "is_shuffled", False):
        return order
    if self._meta_ordering and self.query.group_by:
        # Django leaves the order of the model out of what it groups.
        self._meta_ordering, order = None, []
    if not order:
        random = OrderBy(Random())
        # True: already there, so that it is neither selected nor grouped by.
        return [(random, (*self.compile(random), True))]
    return order

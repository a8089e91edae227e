"""So much at a time: a long file fills no memory, and holds no lock for long."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

from labelling.models import ImportRow
from labelling.models.imports import ImportRowQuerySet

# Lines, or records.
BATCH = 1000

T = TypeVar("T")


def read(lines: ImportRowQuerySet, by: str) -> Iterator[list[ImportRow]]:
    """The lines in the order of one column, which tells them apart."""
    lines = lines.order_by(by)
    batch = list(lines[:BATCH])
    while batch:
        yield batch
        batch = list(lines.filter(**{f"{by}__gt": getattr(batch[-1], by)})[:BATCH])


def split(source: Iterable[T]) -> Iterator[list[T]]:
    iterator = iter(source)
    while batch := list(islice(iterator, BATCH)):
        yield batch

"""What a rule says of a record, and all that it finds of many."""

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Self

from django.db import connections
from django.db.models import Q, QuerySet

from labelling.models import Record
from labelling.models.frozen import compute_content_digest
from labelling.models.many_values import Gathered


@dataclass(frozen=True, kw_only=True)
class Mending:
    """A value that would settle a finding: as a form sends it for the field, and in words."""

    value: str
    label: str


@dataclass(frozen=True, kw_only=True)
class Acceptance:
    """What a click accepts without a word: its button, and the motive that is kept of it."""

    label: str
    motive: str


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a rule says of a record: what is wrong, what was compared, what to do.

    `facts` are what was compared, not in words: once accepted, it comes back if one changes.
    `field` is the one it speaks of, empty if none; `mending` is what the rule would put there.
    Without an `acceptance` a person who accepts it says why. `double` is the record that it may be
    one with.
    """

    rule: str
    record: Record
    facts: tuple[Any, ...]
    title: str
    evidence: str = ""
    advice: str
    field: str = ""
    mending: Mending | None = None
    acceptance: Acceptance | None = None
    double: Record | None = None

    @property
    def anchor(self) -> str:
        """What the finding is called on the page of its record."""
        return f"finding-{self.rule}"

    @property
    def settle_id(self) -> str:
        """What the form that accepts it is called there."""
        return f"settle-{self.rule}"

    @property
    def digest(self) -> str:
        """The digest of the facts."""
        return compute_content_digest(list(self.facts))

    @property
    def sentence(self) -> str:
        return " ".join(filter(None, (self.title, self.evidence, self.advice)))


# Of the keys that are given, those that are meant.
Keep = Callable[..., list[int]]


class SoughtKeys(Sequence[int]):
    """The keys of the records that a condition holds of: looked for once somebody asks.

    `keep` says which of them are meant, where no database can tell: of the keys, and of what the
    records have of each of `asked`, a list of each.
    """

    def __init__(
        self, records: QuerySet[Any], condition: Q, keep: Keep = list, asked: Sequence[Any] = ()
    ) -> None:
        self.records, self.condition, self.keep = records, condition, keep
        self.columns = ("pk", *asked)

    @cached_property
    def found(self) -> list[int]:
        # In no order: SQLite would read all the records in it to find few.
        records = self.records.order_by().filter(self.condition)
        gathered = {f"found_{number}": Gathered(name) for number, name in enumerate(self.columns)}
        found = self.choose([*records.aggregate(**gathered).values()])
        return _put_in_order(self.records, [found])[0]

    def choose(self, columns: Sequence[list[Any]]) -> list[int]:
        """The keys that are meant, of all that these columns have."""
        return self.keep(*columns) if columns[0] else []

    def __len__(self) -> int:
        return len(self.found)

    def __getitem__(self, at: Any) -> Any:
        return self.found[at]

    def __iter__(self) -> Iterator[int]:
        return iter(self.found)


def seek(records: QuerySet[Any], sought: Sequence[SoughtKeys], key: Hashable = None) -> None:
    """Look for all these keys among `records` at once: to read the records takes longest.

    Where there is a `key`, `records` are all of them, and the conditions depend on it alone.
    """
    gathered = {
        f"found_{at}_{number}": Gathered(column, filter=keys.condition)
        for at, keys in enumerate(sought)
        for number, column in enumerate(keys.columns)
    }
    found = _gather(records.order_by(), gathered, key)
    lists = [
        keys.choose([found[f"found_{at}_{number}"] for number, _ in enumerate(keys.columns)])
        for at, keys in enumerate(sought)
    ]
    for keys, ordered in zip(sought, _put_in_order(records, lists), strict=True):
        keys.found = ordered


def _gather(
    records: QuerySet[Any], gathered: dict[str, Gathered], key: Hashable
) -> dict[str, list[Any]]:
    """What has a key is put in SQL once: so many conditions take long to put."""
    if key is None:
        return records.aggregate(**gathered)
    connection = connections[records.db]
    statement = _recall_statement(records.db, key)
    if not statement:
        executed = []

        def note(execute: Any, sql: str, parameters: Any, *others: Any) -> Any:
            executed.append((sql, parameters))
            return execute(sql, parameters, *others)

        with connection.execute_wrapper(note):
            found = records.aggregate(**gathered)
        # A connection that opens has said something of its own before.
        statement[:] = executed[-1]
        return found
    with connection.cursor() as cursor:
        cursor.execute(*statement)
        values = zip(gathered.items(), cursor.fetchone(), strict=True)
    return {name: one.convert_value(value, one, connection) for (name, one), value in values}


@lru_cache(maxsize=16)
def _recall_statement(database: str, key: Hashable) -> list[Any]:
    """An SQL statement and its parameters; empty until it was executed."""
    return []


def _put_in_order(records: QuerySet[Any], lists: list[list[int]]) -> list[list[int]]:
    """Each of these lists of keys, in the order of the records if they have one."""
    if not records.ordered or not any(lists):
        return lists
    some = records.filter(pk__among={key for keys in lists for key in keys})
    place = {key: number for number, key in enumerate(some.values_list("pk", flat=True))}
    return [sorted(place.keys() & {*keys}, key=place.__getitem__) for keys in lists]


@dataclass(frozen=True)
class Findings:
    """What a rule finds: counted by the keys of its records, worded when it is read.

    Thousands of records may be wrong at once, of which a page names three.
    """

    keys: Sequence[int]
    word: Callable[[Sequence[int]], Iterable[Finding]]

    @classmethod
    def among(cls, records: QuerySet[Any], word: Callable[[Any], Iterable[Finding]]) -> Self:
        """A finding for each of `records`; `word` makes those of some of them, in their order."""
        keys = [*records.values_list("pk", flat=True)]
        return cls(keys, lambda some: word(records.filter(pk__among=some)))

    @classmethod
    def sought(
        cls,
        records: QuerySet[Any],
        condition: Q,
        word: Callable[[Any], Iterable[Finding]],
        keep: Keep = list,
        asked: Sequence[Any] = (),
    ) -> Self:
        """A finding for each of `records` that a condition holds of, and that `keep` keeps.

        The condition may depend on the day; on what the base holds, by a subquery alone (`seek`).
        """
        keys = SoughtKeys(records, condition, keep, asked)
        return cls(keys, lambda some: word(records.filter(pk__among=some)))

    @classmethod
    def worded(cls, findings: Iterable[Finding]) -> Self:
        by_key = {finding.record.pk: finding for finding in findings}
        return cls([*by_key], lambda some: [by_key[key] for key in some])

    def __len__(self) -> int:
        return len(self.keys)

    def __iter__(self) -> Iterator[Finding]:
        """In the order of the keys."""
        place = {key: number for number, key in enumerate(self.keys)}
        found = self.word(self.keys) if self.keys else ()
        return iter(sorted(found, key=lambda finding: place[finding.record.pk]))

    def __getitem__(self, part: slice) -> Self:
        return type(self)(self.keys[part], self.word)

    def in_order_of(self, keys: Iterable[int]) -> Self:
        """What is found of the records of these keys, in the order of the keys."""
        found = {*self.keys}
        return type(self)([key for key in keys if key in found], self.word)

    def of(self, keys: Collection[int]) -> Self:
        return type(self)([key for key in self.keys if key in keys], self.word)

    def without(self, keys: Collection[int]) -> Self:
        return type(self)([key for key in self.keys if key not in keys], self.word)

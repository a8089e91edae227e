"""What a rule says of a record, and all that it finds of many."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

from django.db.models import QuerySet

from labelling.models import Record
from labelling.models.frozen import compute_content_digest


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
        return cls(keys, lambda some: word(records.filter(pk__in=some)))

    @classmethod
    def worded(cls, findings: Iterable[Finding]) -> Self:
        by_key = {finding.record.pk: finding for finding in findings}
        return cls([*by_key], lambda some: [by_key[key] for key in some])

    def __len__(self) -> int:
        return len(self.keys)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.word(self.keys) if self.keys else ())

    def __getitem__(self, part: slice) -> Self:
        return type(self)(self.keys[part], self.word)

    def of(self, keys: Collection[int]) -> Self:
        return type(self)([key for key in self.keys if key in keys], self.word)

    def without(self, keys: Collection[int]) -> Self:
        return type(self)([key for key in self.keys if key not in keys], self.word)

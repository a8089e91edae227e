"""What a rule says of a record."""

from dataclasses import dataclass
from typing import Any

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
    Without an `acceptance` a person who accepts it says why.
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

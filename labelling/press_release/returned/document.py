"""What was read of a Word file, in the two views that tracked changes give: before and after them.

Without Django: a child process makes it, the records keep it as JSON.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Self


class Part(StrEnum):
    """Where in a file words stand."""

    BODY = "body"
    BOX = "box"
    COMMENT = "comment"
    NOTE = "note"
    MARGIN = "margin"  # The head and the foot of pages.
    OTHER = "other"  # A drawing, a watermark, wherever else.


@dataclass(frozen=True, kw_only=True)
class Dropped:
    """Words that somebody wrote and somebody deleted again: no view has them."""

    words: str
    by: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Passage:
    """A paragraph: its words before the changes, and the paragraphs that they became.

    `old` is None for one that was added; `new` is empty for one that was deleted. `by` names who
    tracked the changes. `joined`: its words go on in the paragraph beside it.
    """

    old: str | None
    new: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    is_tracked: bool = False
    is_moved: bool = False
    joined: bool = False
    marks: tuple[str, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    part: Part = Part.BODY


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row of a table: its cells before the changes and after; None where it was not there."""

    old: tuple[str, ...] | None
    new: tuple[str, ...] | None
    by: tuple[str, ...] = ()
    is_tracked: bool = False
    marks: tuple[str, ...] = ()
    dropped: tuple[Dropped, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Document:
    """A Word file. `draft` and `digest` say what it was made from; empty, it does not say it.

    What was validated says no `digest`; a regional edition says its `region`.
    """

    draft: str = ""
    digest: str = ""
    region: str = ""
    passages: tuple[Passage, ...] = ()
    rows: tuple[Row, ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        return cls(
            draft=stored["draft"],
            digest=stored["digest"],
            region=stored.get("region", ""),  # What was kept before it was read has none.
            passages=tuple(_read_passage(passage) for passage in stored["passages"]),
            rows=tuple(_read_row(row) for row in stored["rows"]),
        )


def _read_passage(stored: Mapping[str, Any]) -> Passage:
    tuples = {name: tuple(stored[name]) for name in ("new", "by", "marks")}
    part = Part(stored["part"])
    return Passage(**{**stored, **tuples, "part": part, "dropped": _read_dropped(stored)})


def _read_row(stored: Mapping[str, Any]) -> Row:
    cells = {name: None if stored[name] is None else tuple(stored[name]) for name in ("old", "new")}
    tuples = {name: tuple(stored[name]) for name in ("by", "marks")}
    return Row(**{**stored, **cells, **tuples, "dropped": _read_dropped(stored)})


def _read_dropped(stored: Mapping[str, Any]) -> tuple[Dropped, ...]:
    return tuple(Dropped(words=each["words"], by=tuple(each["by"])) for each in stored["dropped"])

"""What every conversion shares: the cell, the refusal of a cell, and what is read first."""

import math
import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import date, datetime, time
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, ClassVar, TypeVar

from import_export.widgets import Widget

from labelling import text
from labelling.characters import UNWRITABLE

Cell = str | int | float | bool | date | datetime | time | None
Known = TypeVar("Known", bound=Hashable)
Suggestion = tuple[str, str]
"""A good value as a button shows it, and as the cell must hold it."""

# The kinds of value that a cell may hold, to tell which field a column may be.
TEXT, NUMBER, DATE, YES_NO = "text", "number", "date", "yes_no"
ANYTHING = frozenset({TEXT, NUMBER, DATE, YES_NO})

YES_WORDS = frozenset(["oui", "o", "x", "vrai", "true", "yes", "y", "1", "ok", "✓", "✔", "☑", "*"])
NO_WORDS = frozenset(["non", "n", "faux", "false", "no", "0", "☐"])

# What people and programs write in a cell that they leave empty. « Na » is a name.
_BLANK_MARKS = frozenset(
    ["-", "–", "—", "?", "@", "NA", "N/A", "n/a", "nan", "NaN", "NAN", "NC", "nc", "N/C", "n/c"]
)
_LONGEST_MARK = 8
_LIKE_A_NUMBER = re.compile(r"\A[+-]?[0-9\s]*+(?:[.,][0-9]++)?(?<=[0-9])\Z")
_LIKE_A_DATE = re.compile(
    r"\A(?:[0-9]{1,4}[/.-][0-9]{1,2}[/.-][0-9]{1,4}.*"
    r"|(?:\w+ )?[0-9]{1,2}(?:er)? \w{3,9}\.? [0-9]{4})\Z"
)


# So many wrong values of a column are compared with the right ones: more of them are no slips.
_SLIPS = 200
# Thousands of cells may be wrong for the same few reasons.
_typeset = lru_cache(maxsize=128)(text.typeset)


class CellError(ValueError):
    """A cell that cannot be taken: a French sentence with the value, the reason and the remedy.

    `suggestions` are the good values that it may have meant, the nearest first. Where `is_of_line`,
    two lines may mean two of them: « Corse », « Antenne ».
    """

    def __init__(
        self,
        value: Cell,
        reason: str,
        suggestions: Iterable[Suggestion] = (),
        *,
        is_of_line: bool = False,
    ) -> None:
        super().__init__(value, reason)
        self.value = value
        self.is_of_line = is_of_line
        self.reason = _typeset(reason)
        self.suggestions = tuple(suggestions)

    def __str__(self) -> str:
        return f"{quote(self.value)}{text.NO_BREAK_SPACE}: {self.reason}"


class CellWidget(Widget):
    """Turns a cell into the value that a record holds, and back.

    Subclasses write `read`, which gets what is neither blank nor unreadable.
    """

    kinds: ClassVar[frozenset[str]] = frozenset({TEXT})
    # What a record holds when the cell is blank.
    blank: ClassVar[Any] = None
    # Wrong values that were compared with the right ones, in this file.
    compared = 0

    def clean(self, value: Cell, row: Any = None, **kwargs: Any) -> Any:
        """Return the value that a record holds; raise CellError if the cell holds none."""
        if is_blank(value):
            return self.blank
        if isinstance(value, str):
            if not value.isprintable():
                refuse_controls(value)
            legible = text.legible(value)
            if legible is not value and is_blank(legible):
                return self.blank
            value = legible
        return self.read(value)

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        """Return the cell of `value`: None if blank.

        Real dates and numbers with `force_native_type`, French text otherwise.
        """
        return value or None

    def read(self, value: Any) -> Any:
        raise NotImplementedError

    def find_nearest(self, value: str, known: Mapping[str, Known]) -> list[Known]:
        """Return three values of `known` at most, whose keys are like `value`, the nearest first.

        None beyond the slips that a column may have: each costs a look at every right value.
        """
        self.compared += 1
        if self.compared > _SLIPS:
            return []
        keys = get_close_matches(text.fold(value), known, cutoff=0.7)
        return list(dict.fromkeys(known[key] for key in keys))

    def is_same(self, value: Any, stored: Any) -> bool:
        """Whether writing `value`, which a cell gave, would say nothing new of `stored`.

        A record may hold double spaces, or a phone number without any: that is no difference.
        """
        if value == stored:
            return True
        try:
            return bool(value == self.clean(self.render(stored, force_native_type=True)))
        except CellError:
            return False

    def is_untouched(self, cell: Cell, stored: Any) -> bool:
        """Whether `cell` is what a download holds for `stored`, readable or not."""
        if cell is None or cell == "":
            return self.render(stored) is None
        return cell in (self.render(stored, force_native_type=True), self.render(stored))


def is_blank(value: Cell) -> bool:
    """Whether a cell holds no value: nothing, spaces, or a mark that says so (« - », « NC »)."""
    if not isinstance(value, str):
        return value is None or (isinstance(value, float) and math.isnan(value))
    if len(value) > _LONGEST_MARK:
        return value.isspace()
    return not (bare := value.strip()) or bare in _BLANK_MARKS


def show(value: Cell) -> str:
    """Return the text of a cell as a French spreadsheet displays it."""
    match value:
        case None:
            return ""
        case bool():
            return "VRAI" if value else "FAUX"
        case float() if value.is_integer():
            return str(int(value))
        case float():
            return repr(value).replace(".", ",")
        case datetime() if value.time() != time(0):
            return f"{text.short_date(value)} {value:%H:%M}"
        case date():
            return text.short_date(value)
        case time():
            return f"{value:%H:%M}"
    return str(value)


def quote(value: Cell) -> str:
    """Return « value », shortened, on one line, without what cannot be seen."""
    words = UNWRITABLE.sub("\ufffd", " ".join(show(value).split()))
    if len(words) > 60:
        words = words[:59].rstrip() + "…"
    return f"«{text.NO_BREAK_SPACE}{words}{text.NO_BREAK_SPACE}»"


def refuse_controls(value: str) -> None:
    """Raise CellError if `value` holds a character that no record may hold."""
    if match := UNWRITABLE.search(value):
        reason = f"cette cellule contient un caractère invisible (U+{ord(match[0]):04X})."
        clean = " ".join(UNWRITABLE.sub("", value).split())
        raise CellError(value, f"{reason} Ressaisissez-la.", [(clean, clean)] if clean else [])


def to_one_line(value: Cell) -> str:
    """Return the text of a cell on one line, its spaces single and its accents composed."""
    words = value if isinstance(value, str) else show(value)
    return " ".join(text.legible(words).split())


def word_alternatives(names: Sequence[str]) -> str:
    """Return « a, b ou c »."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} ou {names[-1]}"


def find_kind(cell: Cell) -> str:
    """Return what kind of value a cell looks like."""
    match cell:
        case bool():
            return YES_NO
        case int() | float():
            return NUMBER
        case date() | time():
            return DATE
    words = str(cell).strip().casefold()
    if _LIKE_A_NUMBER.match(words):
        return NUMBER
    if words in YES_WORDS or words in NO_WORDS:
        return YES_NO
    if _LIKE_A_DATE.match(words):
        return DATE
    return TEXT

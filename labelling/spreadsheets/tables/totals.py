"""Control totals: what a file says of itself, against what was read of it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from labelling.spreadsheets.widgets import Cell, NameWidget, fold, show, to_one_line
from labelling.text import number, plural, typeset

_INTEGER = r"([0-9]{1,3}(?:\s[0-9]{3}){1,5}|[0-9]{1,18})"
# « Sur ces 856 sites » counts the State's, of which the list is a part.
_ALL = re.compile(
    rf"(?<!\bces\s)\b{_INTEGER}\s+(?:sites?|pimms|lignes?|structures?)\b(?!\s+suppl)", re.IGNORECASE
)
_NEW = re.compile(
    rf"\b{_INTEGER}\s+(?:nouve(?:aux|lles?)|\w+\s+suppl[ée]mentaires?)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Total:
    """A count that a file states, of its lines or of the new ones, and the count of what was read.

    `sentence` is where the file states it.
    """

    what: Literal["lines", "new"]
    stated: int
    counted: int
    sentence: str

    @property
    def agrees(self) -> bool:
        return self.stated == self.counted

    def __str__(self) -> str:
        stated, counted = number(self.stated), number(self.counted)
        if self.what == "new":
            noun = plural(self.stated, "nouveau", "nouveaux")
            verb = plural(self.counted, "porte", "portent")
            sentence = f"Le fichier annonce {stated} {noun} ; {counted} {verb} l’astérisque."
        else:
            noun = plural(self.stated, "ligne")
            verb = plural(self.counted, "a été lue", "ont été lues")
            sentence = f"Le fichier annonce {stated} {noun} ; {counted} {verb}."
        return typeset(sentence)


def read_total(cells: Sequence[Cell]) -> int | None:
    """Return the number of a line of totals, « Total | 53 » or « Total : 53 PIMMS », else None."""
    if not cells or len(cells) > 2 or not fold(show(cells[0])).startswith("total"):
        return None
    match = re.fullmatch(rf"[^0-9]*{_INTEGER}[^0-9]*", to_one_line(" ".join(map(show, cells))))
    return _read_integer(match[1]) if match else None


def list_sentence_totals(sentences: Sequence[str], count: int, count_new: int) -> list[Total]:
    """Return each total that sentences state, once: « 13 nouveaux », « 53 PIMMS »."""
    totals: dict[tuple[str, int], Total] = {}
    for sentence in sentences:
        for match in _NEW.finditer(sentence):
            stated = _read_integer(match[1])
            totals.setdefault(("new", stated), Total("new", stated, count_new, sentence))
        for match in _ALL.finditer(sentence):
            stated = _read_integer(match[1])
            totals.setdefault(("lines", stated), Total("lines", stated, count, sentence))
    return list(totals.values())


def count_marked(names: Sequence[Cell]) -> int:
    """Return how many of these names carry the asterisk of the new."""
    return sum(map(NameWidget.is_marked_new, names))


def _read_integer(digits: str) -> int:
    return int(re.sub(r"\s", "", digits))

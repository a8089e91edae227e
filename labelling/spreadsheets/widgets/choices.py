"""Yes and no, and the words of a vocabulary."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import Choices

from labelling.choices import SiteFormat
from labelling.spreadsheets.widgets.base import (
    NO_WORDS,
    TEXT,
    YES_NO,
    YES_WORDS,
    Cell,
    CellError,
    CellWidget,
    to_one_line,
    word_alternatives,
)
from labelling.text import fold

# The State's spellings, of every year. « Mobile » is not among them: it may be either of two.
STATE_FORMATS = {
    "fixe": SiteFormat.FIXED,
    "fixe antenne": SiteFormat.FIXED_WITH_ANTENNA,
    "fixe antennes": SiteFormat.FIXED_WITH_ANTENNA,
    "fixe antenne s": SiteFormat.FIXED_WITH_ANTENNA,
    "multisite": SiteFormat.SEVERAL_PLACES,
    "multisites": SiteFormat.SEVERAL_PLACES,
    "multi sites": SiteFormat.SEVERAL_PLACES,
    "bus": SiteFormat.BUS,
    "bus equivalent": SiteFormat.BUS,
    "itinerante": SiteFormat.ITINERANT,
}
UNDECIDED_FORMATS = {
    "mobile": (SiteFormat.BUS, SiteFormat.ITINERANT),
    "pimms mobile": (SiteFormat.BUS, SiteFormat.ITINERANT),
    "antenne": (SiteFormat.FIXED_WITH_ANTENNA, SiteFormat.SEVERAL_PLACES),
}
# What the State says of a site beside its format, by words that say no more than « mobile ».
_ITINERANT = frozenset({"oui", "fs itinerante", "antenne itinerante", "itinerante", "itinerant"})


def says_itinerant(cell: Cell) -> bool:
    """Whether a cell of the State's `ITINERANCE` or `categorie` says that a site moves."""
    return isinstance(cell, str) and fold(cell) in _ITINERANT


class YesNoWidget(CellWidget):
    """Yes, no, or not said."""

    kinds = frozenset({YES_NO})
    choices: ClassVar[tuple[str, ...]] = ("Oui", "Non", "Non renseigné")

    def read(self, value: Cell) -> bool | None:
        if isinstance(value, bool):
            return value
        words = to_one_line(value).casefold()
        if words in YES_WORDS or fold(words) in YES_WORDS:
            return True
        if words in NO_WORDS or fold(words) in NO_WORDS:
            return False
        if fold(words) in ("non renseigne", "inconnu"):
            return None
        answers = [("Oui", "Oui"), ("Non", "Non")]
        raise CellError(value, "écrivez oui ou non.", answers, is_of_line=True)

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        return None if value is None else "Oui" if value else "Non"


class ChoiceWidget(CellWidget):
    """A word of one of our vocabularies, in our French or in the State's."""

    kinds = frozenset({TEXT})
    blank = ""

    def __init__(
        self,
        vocabulary: type[Choices],
        others: Mapping[str, Any] | None = None,
        undecided: Mapping[str, tuple[Any, ...]] | None = None,
    ) -> None:
        super().__init__()
        self.labels = {str(choice.value): str(choice.label) for choice in vocabulary}
        self.choices = tuple(self.labels.values())
        self._values = {fold(label): value for value, label in self.labels.items()}
        self._values |= {fold(value): value for value in self.labels}
        self._values |= {key: str(value) for key, value in (others or {}).items()}
        self._undecided = undecided or {}

    def read(self, value: Cell) -> str:
        words = to_one_line(value)
        key = fold(words)
        if key in self._values:
            return self._values[key]
        if key in self._undecided:
            names = [self.labels[choice] for choice in self._undecided[key]]
            raise CellError(
                value, f"{_word_choices(names)} ?", [(n, n) for n in names], is_of_line=True
            )
        near = [self.labels[value] for value in self.find_nearest(words, self._values)]
        names = list(dict.fromkeys(near)) or list(self.choices)
        reason = f"ce choix n’existe pas. Écrivez {_word_choices(self.choices)}."
        raise CellError(value, reason, [(name, name) for name in names], is_of_line=not near)

    def knows(self, words: str) -> bool:
        """Whether a text is a word of the vocabulary, though it may be one of two."""
        key = fold(words)
        return key in self._values or key in self._undecided

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        return self.labels.get(value, value) or None


def _word_choices(labels: Sequence[str]) -> str:
    # Quoted: one of them is « Bus ou équivalent ».
    return word_alternatives([f"« {label} »" for label in labels])

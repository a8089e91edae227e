"""Departments and regions, by code or by name in any spelling; nothing is guessed."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from labelling.models import Department, Region
from labelling.spreadsheets.widgets.base import (
    NUMBER,
    TEXT,
    Cell,
    CellError,
    CellWidget,
    to_one_line,
    word_alternatives,
)
from labelling.spreadsheets.widgets.lookups import LINKS, Lookups, Place, PlaceIndex
from labelling.spreadsheets.widgets.texts import read_code
from labelling.text import fold

_ABBREVIATIONS = {
    "st": "saint",
    "ste": "sainte",
    "ht": "haut",
    "hts": "hauts",
    "hte": "haute",
    "htes": "hautes",
    "dept": "departement",
    "dpt": "departement",
    "dep": "departement",
}

_DEPARTMENT = "0*(?:97[0-9]|[0-9]{1,2}|2[aAbB]|69[dDmM])"
_REGION = "[0-9]{1,2}"
# « 59 - Nord » up to the name, « Nord (59) » after it.
_CODE_FIRST = r"\A[(\[]?(CODE)[)\]]?\s*+(?:[-–—:/,.]\s*+)?(?=[^0-9])"
_CODE_LAST = r"(?<=[^0-9])[-–—:/,(\[]\s*+(CODE)[)\]]?\Z"


class LookupWidget(CellWidget):
    """A record named by the cell, among those that `lookups` holds."""

    kinds = frozenset({TEXT, NUMBER})

    def __init__(self, lookups: Lookups | None = None) -> None:
        super().__init__()
        self.lookups = lookups or Lookups()

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        return None if value is None else value.name

    @property
    def choices(self) -> tuple[str, ...]:
        """The names, in French order, for a drop-down list."""
        return tuple(
            record.name for record in sorted(self.list_records(), key=lambda r: r.sort_key)
        )

    def list_records(self) -> Sequence[Any]:
        raise NotImplementedError


class PlaceWidget(LookupWidget):
    """A department or a region: 1, 01, « 01 - Ain », « Ille et Vilaine », « SEINE ST DENIS »."""

    code: ClassVar[re.Pattern[str]]
    code_first: ClassVar[re.Pattern[str]]
    code_last: ClassVar[re.Pattern[str]]
    unknown_name: ClassVar[str]
    unknown_code: ClassVar[str]
    remedy: ClassVar[str]
    # Other names, by their plain words, with the codes of what they may mean.
    other_names: ClassVar[Mapping[str, tuple[str, ...]]]
    other_codes: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    # A word that may stand before the name, and the ways to write it before a code.
    noun: ClassVar[str]
    noun_before_code: ClassVar[re.Pattern[str]]

    def read(self, value: Cell) -> Place:
        words = self.noun_before_code.sub("", read_code(value))
        if self.code.fullmatch(words):
            return self._pick_only(value, self.by_code(words), f"{self.unknown_code} {self.remedy}")
        if place := self._read_code_and_name(value, words):
            return place
        return self._pick_only(value, self.by_name(words), "")

    def by_code(self, code: str) -> list[Place]:
        code = code.upper().lstrip("0").zfill(2)
        codes = self.other_codes.get(code, (code,))
        return [self.index.by_code[code] for code in codes if code in self.index.by_code]

    def by_name(self, name: str) -> list[Place]:
        """Return the places that a name means: one if it is clear, several if it is not."""
        words = [_ABBREVIATIONS.get(word, word) for word in fold(name).split()]
        if words and words[0] == self.noun:
            words = words[1:]
            while (
                len(words) > 1 and words[0] in LINKS and " ".join(words) not in self.index.by_words
            ):
                words = words[1:]
        if place := self._find_named(words):
            return [place]
        main = [word for word in words if word not in LINKS]
        if codes := self.other_names.get(" ".join(main)):
            return [self.index.by_code[code] for code in codes if code in self.index.by_code]
        # « Indre Loire » may be a slip for one department or the names of two.
        apart = [self.index.by_words[word] for word in main if word in self.index.by_words]
        if len(apart) > 1 and len(apart) == len(main):
            together = self.index.by_letters.get("".join(main))
            return [*([together] if together else []), *apart]
        return [place] if (place := self.index.by_letters.get("".join(main))) else []

    def _find_named(self, words: Sequence[str]) -> Place | None:
        return self.index.by_words.get(" ".join(words))

    @property
    def index(self) -> PlaceIndex[Any]:
        raise NotImplementedError

    def list_records(self) -> Sequence[Place]:
        return list(self.index.by_code.values())

    def _pick_only(self, value: Cell, places: list[Place], unknown: str) -> Place:
        if len(places) == 1:
            return places[0]
        names = [place.name for place in places]
        if names:
            raise CellError(
                value, f"{word_alternatives(names)} ?", [(n, n) for n in names], is_of_line=True
            )
        if unknown:
            raise CellError(value, unknown)
        raise self._explain_unknown_name(value)

    def _read_code_and_name(self, value: Cell, words: str) -> Place | None:
        """Return the place of « 59 - Nord » or « Nord (59) »; both must agree."""
        if match := self.code_first.match(words):
            name = words[match.end() :]
        elif match := self.code_last.search(words):
            name = words[: match.start()]
        else:
            return None
        codes, named = self.by_code(match[1]), self.by_name(name)
        both = [place for place in named if place in codes]
        if both:
            return self._pick_only(value, both, "")
        if not named:
            raise self._explain_unknown_name(value, [place.name for place in codes])
        return self._pick_only(value, [*codes, *named], "")

    def _explain_unknown_name(self, value: Cell, names: Sequence[str] = ()) -> CellError:
        words = to_one_line(value)
        main = {_ABBREVIATIONS.get(word, word) for word in fold(words).split()} - LINKS
        partly = self.index.list_named_partly(main)
        names = list(dict.fromkeys([*names, *partly[:5]]))
        if len(partly) > 1:
            return CellError(
                value, f"{word_alternatives(names)} ?", [(n, n) for n in names], is_of_line=True
            )
        near = self.find_nearest(words, self.index.by_words)
        names = list(dict.fromkeys([*names, *(place.name for place in near)]))
        question = f"Vouliez-vous dire {word_alternatives(names)} ?" if names else self.remedy
        return CellError(value, f"{self.unknown_name} {question}", [(n, n) for n in names])


class DepartmentWidget(PlaceWidget):
    code = re.compile(_DEPARTMENT)
    code_first = re.compile(_CODE_FIRST.replace("CODE", _DEPARTMENT))
    code_last = re.compile(_CODE_LAST.replace("CODE", _DEPARTMENT))
    unknown_name = "aucun département ne porte ce nom."
    unknown_code = "aucun département n’a ce code."
    remedy = "Écrivez son nom ou son code : Gard ou 30."
    noun = "departement"
    noun_before_code = re.compile(r"^d(?:[eé]partement|[eé]p|pt|ept)\.?\s+(?=[0-9])", re.IGNORECASE)
    other_codes = {"20": ("2A", "2B"), "69D": ("69",), "69M": ("69",)}
    other_names = {
        # The commune of that name is in both.
        "saint denis": ("93", "974"),
        "corse": ("2A", "2B"),
        "savoies": ("73", "74"),
        "ile reunion": ("974",),
        "metropole lyon": ("69",),
        "grand lyon": ("69",),
    }

    @property
    def index(self) -> PlaceIndex[Department]:
        return self.lookups.department_index

    def _explain_unknown_name(self, value: Cell, names: Sequence[str] = ()) -> CellError:
        if fold(to_one_line(value)) in self.lookups.region_index.by_words:
            return CellError(value, "c’est une région. Écrivez le département : Gard ou 30.")
        return super()._explain_unknown_name(value, names)


class RegionWidget(PlaceWidget):
    code = re.compile(_REGION)
    code_first = re.compile(_CODE_FIRST.replace("CODE", _REGION))
    code_last = re.compile(_CODE_LAST.replace("CODE", _REGION))
    unknown_name = "aucune région ne porte ce nom."
    unknown_code = "aucune région n’a ce code."
    remedy = "Écrivez son nom ou son code : Occitanie ou 76."
    noun = "region"
    noun_before_code = re.compile(r"^r[eé]gion\.?\s+(?=[0-9])", re.IGNORECASE)
    other_names = {
        "ara": ("84",),
        "aura": ("84",),
        "bfc": ("27",),
        "centre": ("24",),
        "hdf": ("32",),
        "idf": ("11",),
        "paca": ("93",),
        "provence alpes cote azur paca": ("93",),
        "sud paca": ("93",),
        "ile reunion": ("04",),
        # The regions before 2016, each of which went whole into one of today's.
        "alsace": ("44",),
        "aquitaine": ("75",),
        "auvergne": ("84",),
        "basse normandie": ("28",),
        "bourgogne": ("27",),
        "champagne ardenne": ("44",),
        "franche comte": ("27",),
        "haute normandie": ("28",),
        "languedoc roussillon": ("76",),
        "limousin": ("75",),
        "lorraine": ("44",),
        "midi pyrenees": ("76",),
        "nord pas calais": ("32",),
        "picardie": ("32",),
        "poitou charentes": ("75",),
        "rhone alpes": ("84",),
    }

    @property
    def index(self) -> PlaceIndex[Region]:
        return self.lookups.region_index

"""The numbers of sites that a text announces, in figures or in letters, against the list's."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Self

from labelling import text
from labelling.models import LabellingWave
from labelling.press_release.content import Content

SPACE = "[\\s\u00a0\u202f]+"
_UNITS = (
    "zéro",
    "un",
    "deux",
    "trois",
    "quatre",
    "cinq",
    "six",
    "sept",
    "huit",
    "neuf",
    "dix",
    "onze",
    "douze",
    "treize",
    "quatorze",
    "quinze",
    "seize",
    "dix-sept",
    "dix-huit",
    "dix-neuf",
)
_TENS = {20: "vingt", 30: "trente", 40: "quarante", 50: "cinquante", 60: "soixante"}


def spell(value: int) -> str:
    """Return 2 as « deux », 71 as « soixante et onze »; of numbers below 100."""
    if value < len(_UNITS):
        return _UNITS[value]
    if value >= 80:
        rest = value - 80
        return f"quatre-vingt-{spell(rest)}" if rest else "quatre-vingts"
    ten = max(ten for ten in _TENS if ten <= value)
    rest = value - ten
    link = " et " if rest in (1, 11) else "-"
    return f"{_TENS[ten]}{link}{spell(rest)}" if rest else _TENS[ten]


_SPELT = {spell(value).replace("-", " "): value for value in range(1, 100)} | {"une": 1}
# The longest first: « vingt et un » is not « vingt ».
_IN_LETTERS = "|".join(word.replace(" ", "[- ]") for word in sorted(_SPELT, key=len, reverse=True))
_IN_FIGURES = "[0-9]{1,3}(?:[\u00a0\u202f ][0-9]{3}){1,5}|[0-9]{1,18}"
_COUNTED = re.compile(
    rf"(?<![\w,.-])({_IN_FIGURES}|{_IN_LETTERS}){SPACE}(?:(nouveaux?|nouvelles?){SPACE})?",
    re.IGNORECASE,
)
_SITES = re.compile(r"(?:sites?|structures?|labellisée?s?)\b", re.IGNORECASE)
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s|\n")
_CLAUSE_END = re.compile(r"[,;:.()–—]")
_YEAR = re.compile(r"\b(?:19|20)[0-9]{2}\b")
# What stands before a number, or soon after what it counts, says which number it is.
_TOTAL_BEFORE = ("au total", "en tout", "désormais", "porte à")
_PART_BEFORE = ("dont", "dont les", "parmi", "parmi eux", "parmi les", "y compris", "y compris les")
_EARLIER_BEFORE = ("contre", "passe de", "passer de", "passant de")
_NEW_AFTER = (
    "supplémentaire",
    "de plus",
    "nouvellement",
    "obtien",
    "obtenu",
    "rejoi",
    "reçoi",
    "ont reçu",
    "a reçu",
)
_EARLIER_AFTER = ("déjà", "existant", "étai")
# « 2 PIMMS mobiles », « 3 sites internet », « 12 structures porteuses »: not the list's lines.
_OTHERS_AFTER = (
    "mobile",
    "bus",
    "fixe",
    "internet",
    "web",
    "porteu",
    "partenaire",
    "adhérent",
    "membre",
)
_LABELLED = "labellis"
_NEAR = 40


@dataclass(frozen=True, kw_only=True)
class Counts:
    """What the list counts, and what else a number of sites may be.

    `places` has, by the words of each region and department, its sites and its new ones;
    `national` are the State's figures, `years` those that the release speaks of.
    """

    new: int
    total: int
    places: Mapping[str, frozenset[int]]
    national: frozenset[int]
    years: frozenset[int]

    @classmethod
    def of(cls, content: Content, wave: LabellingWave, year: int) -> Self:
        lines: dict[str, list[bool]] = {}
        for line in content.lines:
            for name in {line.region, line.department}:
                lines.setdefault(text.search_key(name), []).append(line.is_new)
        figures = (wave.national_sites, *wave.carrier_figures)
        days = [getattr(wave, name) for name in wave.SITUATIONS]
        return cls(
            new=content.new_count,
            total=len(content.lines),
            places={name: frozenset({len(new), sum(new)}) for name, new in lines.items()},
            national=frozenset(figure for figure in figures if figure is not None),
            years=frozenset({year, *(day.year for day in days if day)}),
        )

    def find_places(self, sentence: str) -> frozenset[int]:
        """The numbers of the regions and departments that a sentence names."""
        said = f" {text.search_key(sentence)} "
        return frozenset().union(*(n for name, n in self.places.items() if f" {name} " in said))


def find_contradicted(
    words: str, brand: str, counts: Counts, *, of_labelled: bool = False
) -> Iterator[str]:
    """The numbers of sites that `words` announce and the list does not have, each with its noun.

    `of_labelled`: only those that are said to be labelled, in a text that speaks of more.

    The list has 13 new sites and 53 in all, 4 of them in Occitanie; the State says 856:
    OK =>  13 PIMMS supplémentaires obtiennent le label; Avec Digoin, 53 PIMMS sont labellisés;
           treize nouveaux PIMMS; Sur ces 856 sites labellisés; 856 espaces labellisés;
           dans 9 régions; le 1er PIMMS; le 54e PIMMS; dont 12 PIMMS en zone rurale;
           En 2019, les 68 PIMMS; contre 40 PIMMS; les 40 PIMMS déjà labellisés;
           4 PIMMS sont labellisés en Occitanie; 2 PIMMS mobiles; chez un PIMMS
    NOK => 12 PIMMS supplémentaires; 53 nouveaux PIMMS; Au total, 13 PIMMS; douze PIMMS de plus;
           Avec Digoin, 54 PIMMS sont labellisés; Un PIMMS supplémentaire obtient le label;
           5 PIMMS sont labellisés en Occitanie; dont 60 PIMMS en zone rurale
    Of what is said to be labelled:
    OK =>  les 68 PIMMS; les 68 PIMMS, dont 53 labellisés
    NOK => 54 PIMMS sont labellisés; les 68 PIMMS, dont 52 labellisés
    """
    for sentence in _SENTENCE_END.split(words):
        spoken_of = {int(year) for year in _YEAR.findall(sentence)}
        if spoken_of and not spoken_of & counts.years:  # It was true of another year.
            continue
        here = counts.find_places(sentence)
        for match in _COUNTED.finditer(sentence):
            noun = _find_noun(sentence, match.end(), brand)
            if noun and not _YEAR.fullmatch(match[1]):
                end = match.end() + len(noun)
                one = _Announced(
                    number=_read_number(match[1]),
                    noun=noun,
                    before=_flatten(sentence[max(0, match.start() - _NEAR) : match.start()]),
                    after=_flatten(_CLAUSE_END.split(sentence[end : end + _NEAR], maxsplit=1)[0]),
                    is_called_new=bool(match[2]),
                    is_article=match[1].lower() in ("un", "une"),
                )
                if (one.is_labelled or not of_labelled) and not one.holds(counts, here):
                    yield f"{match[0]}{noun}"


@dataclass(frozen=True, kw_only=True)
class _Announced:
    """A number of sites as a sentence has it, with the words around it."""

    number: int
    noun: str
    # Some words on each side, flattened; those after end with the clause.
    before: str
    after: str
    is_called_new: bool
    is_article: bool

    @property
    def is_labelled(self) -> bool:
        return _LABELLED in self.noun.lower() or _LABELLED in self.after

    @property
    def is_new(self) -> bool:
        return self.is_called_new or any(word in self.after for word in _NEW_AFTER)

    def holds(self, counts: Counts, here: frozenset[int]) -> bool:
        """Whether the list has that number, or it is not of the list; `here` are its places'."""
        if self.after.startswith(_OTHERS_AFTER) or self.before.endswith(_EARLIER_BEFORE):
            return True
        if self.is_article and not self.is_new:  # « chez un PIMMS »
            return True
        if self.before.endswith(_PART_BEFORE) and _LABELLED not in self.noun.lower():
            return self.number <= counts.total
        return self.number in self._list_right(counts) | here

    def _list_right(self, counts: Counts) -> set[int]:
        right = {counts.new} if self.is_new else {counts.total}
        if not self.is_new and not any(word in self.before for word in _TOTAL_BEFORE):
            right |= {counts.new}
        if any(word in self.after for word in _EARLIER_AFTER):
            right |= {counts.total - counts.new}
        return right | counts.national if _SITES.fullmatch(self.noun) else right


def _flatten(words: str) -> str:
    """The words in small letters, one space between them; what joins « PIMMS-mobile » is gone."""
    return " ".join(words.lower().strip("-").split())


def _find_noun(words: str, place: int, brand: str) -> str:
    """What is counted, where `place` is in a sentence: sites, by the brand or another word."""
    if match := _SITES.match(words, place):
        return match[0]
    end = place + len(brand)
    is_brand = words[place:end].casefold() == brand.casefold()
    return words[place:end] if is_brand and not words[end : end + 1].isalnum() else ""


def _read_number(written: str) -> int:
    figures = "".join(filter(text.is_number, written))
    return int(figures) if figures else _SPELT[written.lower().replace("-", " ")]

"""Which record a line speaks of: the State's number, else the name in the department, else new."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from operator import itemgetter
from typing import Any

from django.db import models

from labelling.choices import Match
from labelling.models import MergedSite, Site
from labelling.spreadsheets.resources import checks
from labelling.spreadsheets.resources.checks import Values
from labelling.spreadsheets.widgets.texts import strip_zeros
from labelling.text import fold

# Words that say nothing of which site it is.
_COMMON = frozenset(
    (
        "a",
        "au",
        "aux",
        "bus",
        "d",
        "de",
        "des",
        "du",
        "en",
        "espace",
        "et",
        "france",
        "itinerant",
        "itinerante",
        "l",
        "la",
        "le",
        "les",
        "maison",
        "mediation",
        "mobile",
        "multi",
        "multisites",
        "pays",
        "pimm",
        "pimms",
        "point",
        "ps",
        "qpv",
        "service",
        "services",
        "site",
        "st",
        "ste",
        "sur",
    )
)
_SIMILAR = 0.75


@dataclass(frozen=True)
class Recognition:
    """The record of a line; or those between which a person must choose."""

    record: int | None = None
    by: str = Match.NONE
    candidates: tuple[int, ...] = ()


NO_RECORD = Recognition()


class Matcher:
    """The keys of every record of a model, read once; a record is found by what makes it unique."""

    # Read besides the columns of the unique constraints.
    extra_columns: tuple[str, ...] = ()

    def __init__(self, model: type[models.Model]) -> None:
        self.model = model
        self.uniques = checks.list_uniques(model)
        columns = {"pk": None, **dict.fromkeys(self.extra_columns)}
        for unique in self.uniques:
            columns |= dict.fromkeys((*unique.columns, *unique.condition_columns))
        self.columns = tuple(columns)
        # A contact is of the Union unless the file says otherwise.
        fields = model._meta.concrete_fields
        self.defaults = {f.attname: f.get_default() for f in fields if f.has_default()}
        # For each constraint, which record holds each key.
        self.held: tuple[dict[str, int], ...] = tuple({} for _ in self.uniques)
        self.keys: set[int] = set()
        rows = model._base_manager.order_by("pk").values_list(*self.columns)
        for row in rows.iterator(chunk_size=2000):
            self.learn(dict(zip(self.columns, row, strict=True)))

    def learn(self, values: dict[str, Any]) -> None:
        pk = values["pk"]
        self.keys.add(pk)
        for unique, held in zip(self.uniques, self.held, strict=True):
            if key := unique.make_key(values):
                held[key] = pk

    def follow(self, key: int | None) -> int | None:
        """The key of the record that one is now part of; the same, mostly."""
        return key

    def make_keys(self, values: Values) -> list[str]:
        """What the constraints make of a record's values, in their order."""
        return [unique.make_key(values) for unique in self.uniques]

    def describe(self, pk: int) -> str:
        """What tells a record from the others, « PIMMS Nîmes » (n° 180); empty if not known."""
        return ""

    def find(self, values: Values) -> Recognition:
        """The record that a line's values speak of."""
        values = {**self.defaults, **values}
        for unique, held in zip(self.uniques, self.held, strict=True):
            if (key := unique.make_key(values)) and key in held:
                return Recognition(held[key], Match.NAME)
        return NO_RECORD


class SiteMatcher(Matcher):
    """Sites: names are not keys, the State's number is."""

    extra_columns = ("name", "state_name", "commune", "commune_code", "wave_id")

    def __init__(self) -> None:
        # Ended labels hold no key; they are found by number all the same, or by their names.
        self.by_id: dict[str, int] = {}
        self.ended: defaultdict[str, list[tuple[int, Any]]] = defaultdict(list)
        self.ended_names: defaultdict[tuple[Any, str], list[tuple[int, Any]]] = defaultdict(list)
        self.places: defaultdict[Any, list[tuple[int, str, str, str]]] = defaultdict(list)
        self.without_id: defaultdict[Any, list[int]] = defaultdict(list)
        # The wave of each of those.
        self.waves: dict[int, Any] = {}
        self.names: dict[int, tuple[str, str, str]] = {}
        self.numbers: dict[int, str] = {}
        # Where each site is: its department, the name of its commune, its code.
        self.where: dict[int, tuple[Any, str, str]] = {}
        super().__init__(Site)

    def learn(self, values: dict[str, Any]) -> None:
        super().learn(values)
        pk, number = values["pk"], strip_zeros(values["france_services_id"])
        if values["withdrawn_on"] is not None:
            ended = (pk, values["withdrawn_on"])
            if number:
                self.ended[number].append(ended)
            for name in {fold(values["name"]), fold(values["state_name"])} - {""}:
                self.ended_names[values["department_id"], name].append(ended)
            return
        if number:
            self.by_id[number] = pk
            self.numbers[pk] = number
        else:
            self.without_id[values["department_id"]].append(pk)
            self.waves[pk] = values["wave_id"]
        self.names[pk] = (values["name"], values["state_name"], values["commune"])
        self.where[pk] = (values["department_id"], values["commune"], values["commune_code"])
        place = (pk, values["sort_key"], values["state_name"], number)
        self.places[values["department_id"]].append(place)

    def follow(self, key: int | None) -> int | None:
        return self.successors.get(key, key) if key is not None else None

    @cached_property
    def successors(self) -> dict[int, int]:
        return MergedSite.objects.read_successors()

    @cached_property
    def by_name(self) -> dict[tuple[Any, str], list[tuple[int, str]]]:
        """The sites of each department under each of their names."""
        index = defaultdict(list)
        for department, sites in self.places.items():
            for pk, printed, state_name, number in sites:
                # The stored key is a name already folded.
                names = {fold(printed), fold(state_name)} - {""}
                for name in names:
                    index[department, name].append((pk, number))
        return index

    def list_communes(self) -> set[str]:
        """The communes of our sites, as our records write them."""
        return {commune for _, _, commune in self.names.values() if commune}

    def find(self, values: Values) -> Recognition:
        number = values.get("france_services_id") or ""
        if number and number in self.by_id:
            return self._find_numbered(self.by_id[number], values)
        if number and number in self.ended:
            return self._find_ended(self.ended[number], Match.STATE_ID, values)
        department = values.get("department_id")
        if department is None:
            only = self._find_elsewhere(values)
            return Recognition(only[0], Match.NAME) if len(only) == 1 else NO_RECORD
        named = self._find_named(department, values)
        # A site that has another number is another site, whatever its name.
        same = [pk for pk, other in named if not number or not other]
        if len(same) == 1:
            return Recognition(same[0], Match.NAME)
        if same:
            return Recognition(candidates=tuple(same))
        if not number and (ended := self._find_ended_named(department, values)):
            return self._find_ended(ended, Match.NAME, values)
        # Known elsewhere, or alike: it may have moved, or have had no number until now.
        if number:
            doubtful = self._find_similar(department, values)
        else:
            doubtful = self._find_elsewhere(values) or self._find_akin(department, values)
        return Recognition(candidates=doubtful) if doubtful else NO_RECORD

    def _find_numbered(self, pk: int, values: Values) -> Recognition:
        """The site of a number; a question if the line has another's name, or another place.

        In one department, two sites cannot have one name: that is a fault, not a question.
        """
        theirs = self._find_elsewhere(values)
        places = {self.where[other][0] for other in theirs}
        if theirs and pk not in theirs and values.get("department_id") not in places:
            return Recognition(candidates=(pk, *theirs))
        if self._is_elsewhere(pk, values):
            return Recognition(candidates=(pk,))
        return Recognition(pk, Match.STATE_ID)

    def _is_elsewhere(self, pk: int, values: Values) -> bool:
        """Whether a line has another commune than its number's site, and nothing else of it."""
        department, commune, code = self.where[pk]
        towns = (fold(values.get("commune") or ""), fold(commune))
        codes = (values.get("commune_code"), code)
        said = [_agree(*codes), _agree(*towns)]
        if False not in said or True in said:
            return False
        mine = find_telling_words((values.get("name") or "", values.get("state_name") or ""))
        ours = find_telling_words(self.names[pk])
        others = (
            _agree(values.get("department_id"), department),
            bool(mine & ours) if mine and ours else None,
        )
        return False in others and True not in others

    def _find_akin(self, department: Any, values: Values) -> tuple[int, ...]:
        """The sites of the department that are called the same but for the words of every site.

        « PIMMS Médiation Bron », « Bron » in the commune of ours, for « PIMMS Lyon - Bron ».
        """
        mine = _shorten(values.get("name") or values.get("state_name") or "")
        if not mine:
            return ()
        akin = dict.fromkeys(self.by_short_name.get((department, mine), ()))
        if commune := fold(values.get("commune") or ""):
            neighbours = self.by_commune.get((department, commune), ())
            akin |= dict.fromkeys(pk for pk, words in neighbours if words.issuperset(mine))
        return tuple(akin)

    @cached_property
    def by_short_name(self) -> dict[tuple[Any, tuple[str, ...]], list[int]]:
        """The sites of each department under the words of their names that not every site has."""
        index = defaultdict(list)
        for department, sites in self.places.items():
            for pk, *_ in sites:
                for words in {_shorten(name) for name in self.names[pk][:2]}:
                    index[department, words].append(pk)
        return index

    @cached_property
    def by_commune(self) -> dict[tuple[Any, str], list[tuple[int, frozenset[str]]]]:
        """The sites of each commune, with the words of each of their names."""
        index: defaultdict[tuple[Any, str], list[tuple[int, frozenset[str]]]] = defaultdict(list)
        for department, sites in self.places.items():
            for pk, *_ in sites:
                *names, commune = self.names[pk]
                if place := fold(commune):
                    index[department, place] += [(pk, frozenset(_shorten(n))) for n in names if n]
        return index

    @cached_property
    def anywhere(self) -> dict[str, list[int]]:
        """The sites of every department under each of their names."""
        index: defaultdict[str, list[int]] = defaultdict(list)
        for (_, name), sites in self.by_name.items():
            index[name] += [pk for pk, _ in sites]
        return index

    def describe(self, pk: int) -> str:
        number = self.numbers.get(pk)
        return f"« {self.names[pk][0]} »" + (f" (n°\u00a0{number})" if number else "")

    @staticmethod
    def _find_ended(ended: list[tuple[int, Any]], by: str, values: Values) -> Recognition:
        """A label that ended: the last one, or that which ended on the day of the line.

        Where the line has another day, a person knows.
        """
        day = values.get("withdrawn_on")
        if day is None:
            last, _ = max(ended, key=itemgetter(1))
            return Recognition(last, by)
        same = [pk for pk, ended_on in ended if ended_on == day]
        if len(same) == 1:
            return Recognition(same[0], by)
        return Recognition(candidates=tuple(pk for pk, _ in ended))

    def _find_ended_named(self, department: Any, values: Values) -> list[tuple[int, Any]]:
        """The labels that ended of the sites of one name, the printed one first."""
        names = (values.get(column) for column in ("name", "state_name"))
        found = (self.ended_names.get((department, fold(name))) for name in names if name)
        return next(filter(None, found), [])

    def _find_named(self, department: Any, values: Values) -> list[tuple[int, str]]:
        sites: dict[int, str] = {}
        for column in ("name", "state_name"):
            if name := values.get(column):
                sites |= dict(self.by_name.get((department, fold(name)), ()))
        return list(sites.items())

    def _find_elsewhere(self, values: Values) -> tuple[int, ...]:
        """The sites of that very name in other departments."""
        return tuple(self.anywhere.get(fold(values.get("name") or ""), ()))

    @cached_property
    def unnumbered_words(self) -> dict[int, tuple[frozenset[str], frozenset[str], str]]:
        """Of the sites without a number: the words that tell their names, those of their commune
        too, and that commune.
        """
        words = {}
        for pk in self.waves:
            *names, commune = self.names[pk]
            named = find_telling_words(names)
            words[pk] = (named, named | find_telling_words((commune,)), fold(commune))
        return words

    def _find_similar(self, department: Any, values: Values) -> tuple[int, ...]:
        """The sites of the department without a number that the line may speak of.

        None of another wave where one is of the line's; else that whose words are all in the
        line's, or hold them all: a town alone is that of two sites too.
        """
        others = self.without_id.get(department, [])
        wave = values.get("wave_id")
        if wave is not None and any(self.waves[pk] == wave for pk in others):
            others = [pk for pk in others if self.waves[pk] in (wave, None)]
        if not others:
            return ()
        mine = [values.get("name") or "", values.get("state_name") or ""]
        commune = fold(values.get("commune") or "")
        words = find_telling_words(mine)
        similar = []
        for pk in others:
            named, known, theirs = self.unnumbered_words[pk]
            if wave is not None and self.waves[pk] not in (wave, None):
                is_similar = words <= known or named <= words or _are_spelled_alike(words, known)
            else:
                same_commune = bool(commune) and commune == theirs
                is_similar = same_commune or _are_alike(words, known)
            if is_similar:
                similar.append(pk)
        return tuple(similar)


def _agree(mine: Any, theirs: Any) -> bool | None:
    """Whether two values are one; None where either is blank."""
    return mine == theirs if mine and theirs else None


def _shorten(name: str) -> tuple[str, ...]:
    """The words of a name in their order, without those that every site has."""
    return tuple(word for word in fold(name).split() if word not in _COMMON)


def find_telling_words(names: Collection[str]) -> frozenset[str]:
    """The words of names that not every site has."""
    words: set[str] = set()
    for name in names:
        words |= set(fold(name).split())
    return frozenset(words - _COMMON)


def _are_alike(mine: frozenset[str], theirs: frozenset[str]) -> bool:
    return bool(mine & theirs) or _are_spelled_alike(mine, theirs)


def _are_spelled_alike(mine: frozenset[str], theirs: frozenset[str]) -> bool:
    a, b = " ".join(sorted(mine)), " ".join(sorted(theirs))
    return bool(a and b) and SequenceMatcher(None, a, b).ratio() >= _SIMILAR


def make_matcher(model: type[models.Model]) -> Matcher:
    return SiteMatcher() if model is Site else Matcher(model)

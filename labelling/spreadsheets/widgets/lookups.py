"""The records that cells name, read once: a handful of queries for a file of any length."""

from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from datetime import date
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db.models import Model

from labelling.models import Association, Department, LabellingWave, Region, Site
from labelling.text import fold

Place = Department | Region

# Words that link the others, and that hands in a hurry leave out.
LINKS = frozenset(["la", "le", "les", "l", "du", "de", "des", "d", "et", "en"])


# The name of a site, the State's name of it, the code of its department.
SiteNames = tuple[str, str, str]

P = TypeVar("P", Department, Region)


class PlaceIndex(Generic[P]):
    """Places by code, by the words of their name, and by the letters of the words that count."""

    def __init__(self, places: Sequence[P]) -> None:
        # In French order, in which they are offered.
        places = sorted(places, key=lambda place: place.sort_key)
        self.by_code: dict[str, P] = {place.code: place for place in places}
        self.by_words: dict[str, P] = {fold(place.name): place for place in places}
        self._by_word: dict[str, list[str]] = defaultdict(list)
        for words, place in self.by_words.items():
            for word in set(words.split()):
                self._by_word[word].append(place.name)
        # « Val dOise », « Puy Dôme »; what two places share is left out.
        letters: dict[str, set[P]] = defaultdict(set)
        for words, place in self.by_words.items():
            letters["".join(w for w in words.split() if w not in LINKS)].add(place)
            letters[words.replace(" ", "")].add(place)
        self.by_letters: dict[str, P] = {
            key: group.pop() for key, group in letters.items() if len(group) == 1
        }

    def list_named_partly(self, words: Set[str]) -> list[str]:
        """Return the names that have all these words, in French order; none if there are none."""
        named = [self._by_word.get(word, []) for word in words]
        first = min(named, key=len, default=[])
        return [name for name in first if all(name in others for others in named)]


class Lookups:
    """Departments, regions, waves and associations by every key that a cell may give.

    Each is read from the base when first asked for, unless it is given here.
    """

    def __init__(
        self,
        departments: Iterable[Department] | None = None,
        regions: Iterable[Region] | None = None,
        waves: Iterable[LabellingWave] | None = None,
        associations: Iterable[Association] | None = None,
        site_names: Iterable[SiteNames] | None = None,
    ) -> None:
        # A cached property gives way to what the instance already holds under its name.
        given = {
            "departments": departments,
            "regions": regions,
            "waves": waves,
            "associations": associations,
            "site_names": site_names,
        }
        for name, records in given.items():
            if records is not None:
                self.__dict__[name] = list(records)

    @cached_property
    def departments(self) -> list[Department]:
        return list(Department.objects.select_related("region"))

    @cached_property
    def regions(self) -> list[Region]:
        return list(Region.objects.all())

    @cached_property
    def waves(self) -> list[LabellingWave]:
        return list(LabellingWave.objects.in_order())

    @cached_property
    def associations(self) -> list[Association]:
        return list(Association.objects.all())

    def list_records(self, model: type[Model]) -> Iterable[Any]:
        """The records of a model that cells may name."""
        read = {
            Association: "associations",
            Department: "departments",
            LabellingWave: "waves",
            Region: "regions",
        }
        return getattr(self, read[model]) if model in read else model._base_manager.all()

    @cached_property
    def department_index(self) -> PlaceIndex[Department]:
        return PlaceIndex(self.departments)

    def find_department_of(self, code: str) -> Department | None:
        """The department that a code of a commune or of a post office begins with."""
        known, code = self.department_index.by_code, code.upper()
        if code[:2] == "20":
            # Post offices of Corsica have one code for both.
            return known.get("2A" if code < "20200" else "2B")
        return known.get(code[:3]) or known.get(code[:2])

    @cached_property
    def region_index(self) -> PlaceIndex[Region]:
        return PlaceIndex(self.regions)

    @cached_property
    def waves_by_name(self) -> dict[str, LabellingWave]:
        """By the words of the name; a slug has the same words."""
        return {fold(wave.name): wave for wave in self.waves}

    @cached_property
    def waves_by_date(self) -> dict[date, LabellingWave]:
        return {wave.effective_on: wave for wave in self.waves}

    @cached_property
    def waves_by_month(self) -> dict[tuple[int, int], list[LabellingWave]]:
        months: dict[tuple[int, int], list[LabellingWave]] = defaultdict(list)
        for wave in self.waves:
            months[wave.effective_on.year, wave.effective_on.month].append(wave)
        return dict(months)

    @cached_property
    def associations_by_name(self) -> dict[str, Association]:
        return {fold(association.name): association for association in self.associations}

    @cached_property
    def site_names(self) -> list[SiteNames]:
        """Of the sites whose label has no end."""
        sites = Site.objects.filter(withdrawn_on=None).order_by()
        return list(sites.values_list("name", "state_name", "department__code"))

    @cached_property
    def codes_by_site_name(self) -> dict[str, set[str]]:
        """The codes of the departments where we have a site of a name, the State's included."""
        codes: dict[str, set[str]] = defaultdict(set)
        for name, state_name, code in self.site_names:
            for words in filter(None, (fold(name), fold(state_name))):
                codes[words].add(code)
        return dict(codes)

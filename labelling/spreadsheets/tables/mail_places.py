"""Departments and regions as a hand writes them in a mail: « Gard », « (30) », « Gard, 30 »."""

from labelling.spreadsheets.widgets import DepartmentWidget, Lookups, RegionWidget
from labelling.text import fold

EDGES = " -–—:,;./()[]*_•>#"
# Of these a part of a site may bear the name: « PIMMS Lyon - Nord », « PIMMS Portes - Vienne ».
_PLACES_TOO = frozenset(("nord", "vienne"))
# « Provence-Alpes-Côte d’Azur Alpes de Haute Provence »
_MOST_WORDS = 10
_LONGEST = 80


class MailPlaces:
    """Finds the departments and the regions that words name; remembers what it was asked."""

    def __init__(self, lookups: Lookups) -> None:
        self.lookups = lookups
        self.departments = DepartmentWidget(lookups)
        self.regions = RegionWidget(lookups)
        self.found: dict[str, frozenset[str]] = {}

    def find_departments(self, words: str) -> frozenset[str]:
        """Return the codes of the departments that words may mean: two for « Corse »."""
        if words not in self.found:
            self.found[words] = self._read(words.replace("(", " (").strip(EDGES))
        return self.found[words]

    def is_region(self, words: str, *, is_whole: bool = False) -> bool:
        """Whether words name a region; `is_whole`: by its whole name, « Centre » being a place."""
        if is_whole:
            return fold(words) in self.lookups.region_index.by_words
        return bool(self.regions.by_name(words))

    def is_place(self, words: str) -> bool:
        """Whether words are a department, or a region by its whole name."""
        return len(words) <= _LONGEST and (
            bool(self.find_departments(words)) or self.is_region(words, is_whole=True)
        )

    def is_department_name(self, words: str) -> bool:
        """Whether words are the whole name of a department, which is hardly that of a quarter."""
        codes = self.find_departments(words)
        if len(codes) != 1 or fold(words) in _PLACES_TOO:
            return False
        (code,) = codes
        return fold(self.lookups.department_index.by_code[code].name) == fold(words)

    def split_region(self, words: str) -> str:
        """Return the department of « Nouvelle-Aquitaine Haute Vienne »; empty if it is not so."""
        parts = words.split(maxsplit=_MOST_WORDS)
        for end in range(1, min(len(parts), _MOST_WORDS)):
            region, department = " ".join(parts[:end]).strip(EDGES), " ".join(parts[end:])
            if self.is_region(region, is_whole=True) and self.find_departments(department):
                return department.strip(EDGES)
        return ""

    def _read(self, words: str) -> frozenset[str]:
        # One figure is a number in a list, or of a note.
        if len(words) < 2:
            return frozenset()
        if codes := self._find_by_code(words) or self._find_by_name(words):
            return codes
        first, _, rest = words.partition(" ")
        rest, last = (rest, first) if self._find_by_code(first) else words.rpartition(" ")[::2]
        return self._find_by_code(last) & self._find_by_name(rest)

    def _find_by_code(self, words: str) -> frozenset[str]:
        words = self.departments.noun_before_code.sub("", words.strip(EDGES))
        if len(words) < 2 or not self.departments.code.fullmatch(words):
            return frozenset()
        return frozenset(place.code for place in self.departments.by_code(words))

    def _find_by_name(self, words: str) -> frozenset[str]:
        return frozenset(place.code for place in self.departments.by_name(words.strip(EDGES)))

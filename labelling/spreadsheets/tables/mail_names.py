"""What a line of a mail says of the site that it names: its name, its place, whether it is new."""

from collections.abc import Sequence
from dataclasses import dataclass

from labelling.spreadsheets.resources import SiteResource
from labelling.spreadsheets.tables.known_headings import list_known_headings
from labelling.spreadsheets.tables.mail_lines import is_pimms
from labelling.spreadsheets.tables.mail_places import EDGES, MailPlaces
from labelling.text import fold, is_number

# « Bus France Services PIMMS »: with more words before it, PIMMS is spoken of.
_MOST_BEFORE = 3
# Departments, regions and marks that a line may end with.
_MOST_ENDS = 6

# What stands before a department by its name or a mark of the new.
_DASHES = (" - ", " – ", " — ", " / ", " : ", ") ", "[")
_QUOTES = (("«", "»"), ("“", "”"), ('"', '"'))
_NEW = frozenset(
    map(
        fold,
        ("nouveau", "nouvelle", "nouveau site", "nouveau PIMMS", "nouvelle labellisation", "new"),
    )
)
# Words that name no site by themselves.
BRAND = frozenset(("pimms", "mediation", "france", "services", "le", "les", "liste"))
# What is said before a colon, and is no town: what the name is of, and what is said of it.
_LABELS = frozenset(("site", "lieu", "structure", "antenne"))
_SAID = frozenset(
    ("rappel", "attention", "nb", "ps", "note", "info", "important", "exemple", "image")
)

# Said before PIMMS, they begin a sentence, not a name.
_SPOKEN = frozenset(("bonjour", "les", "site", "sites"))


@dataclass
class NameWords:
    """What is left of a line while its ends are taken off, and what these said."""

    name: str
    # As written; `codes` are the departments that they may mean, which agree.
    department: str = ""
    codes: frozenset[str] = frozenset()
    region: str = ""
    is_new: bool = False
    # It says two departments, or one in its midst; or it names PIMMS twice, as two sites do.
    is_doubtful: bool = False
    is_double: bool = False
    # A department that is only a word between commas may be a town: « Vienne ».
    is_sure: bool = True

    def take(self, words: str, codes: frozenset[str]) -> None:
        if self.codes and not codes & self.codes:
            self.is_doubtful = True
        elif not self.codes or len(codes) < len(self.codes):
            self.department, self.codes = words, codes


class NameReader:
    """Takes a line apart, from its ends."""

    def __init__(self, resource: SiteResource, places: MailPlaces) -> None:
        self.places = places
        self.lookups = resource.lookups
        self.headings = list_known_headings(type(resource))
        # How far the lines number themselves: « 1 - PIMMS », « 2 - PIMMS ».
        self.counted = 0

    def read(self, words: Sequence[str], at: int) -> NameWords | None:
        """Return what a line says whose word `at` is PIMMS; None if it is a sentence."""
        read = self._take_beginning(words, at)
        if read is not None:
            self._take_ends(read)
        return read

    def has_department(self, words: str) -> bool:
        """Whether a line ends with a department, and begins with PIMMS."""
        read = NameWords(words)
        self._take_ends(read)
        return bool(read.codes)

    def _take_beginning(self, words: Sequence[str], at: int) -> NameWords | None:
        """Take off what stands before PIMMS: a department, a number, an article, a town.

        None if a sentence does.
        """
        before, name = " ".join(words[:at]), " ".join(words[at:])
        bare = before.strip(EDGES)
        if is_number(bare) and self._is_numbering(bare):
            return NameWords(name)
        if codes := self.places.find_departments(bare):
            return NameWords(name, bare, codes)
        if self.places.is_region(bare):
            return NameWords(name, region=bare)
        if department := self.places.split_region(bare):
            return NameWords(name, department, self.places.find_departments(department))
        if not bare or fold(bare) == "le":
            return NameWords(name)
        if at > _MOST_BEFORE:
            return None
        if before.endswith(":"):
            return self._take_label(before.rstrip(" :"), name)
        # « Bonjour, les sites PIMMS Grandpré »
        if _SPOKEN & set(fold(before).replace(",", " ").split()):
            return NameWords(name)
        return NameWords(f"{before} {name}", is_doubtful="," in before)

    def _take_label(self, label: str, name: str) -> NameWords | None:
        """Read what stands before a colon: the name of a field, a town, or what is no place."""
        folded = fold(label)
        if folded in _NEW:
            return NameWords(name, is_new=True)
        is_alone = not set(fold(name).split()) - BRAND
        if set(folded.split()) & _SAID:
            return None if is_alone else NameWords(name, is_doubtful=True)
        if folded in self.headings or folded in _LABELS or f" {folded} " in f" {fold(name)} ":
            return NameWords(name)
        town, place = self._split_place(label) or (label, "")
        if not place and label.endswith(")"):
            town, _, place = (part.strip() for part in label[:-1].partition("("))
        read = NameWords(name, place, self.places.find_departments(place))
        if fold(town) not in fold(name):
            self._take_ends(read)
            read.name = f"{read.name} {town}" if is_alone else f"{read.name}, {town}"
        return read

    def _is_numbering(self, figures: str) -> bool:
        if len(figures) > 1 and (not self.counted or int(figures) != self.counted + 1):
            return False
        self.counted = int(figures)
        return True

    def _take_ends(self, read: NameWords) -> None:
        """Take off what stands at the end: the mark of the new, departments and regions."""
        read.is_double = sum(map(is_pimms, read.name.split())) > 1
        for _ in range(_MOST_ENDS):
            words = read.name.rstrip(" ;,.:-–—")
            if words.endswith("*"):
                read.name, read.is_new = words.rstrip("* "), True
                continue
            read.name = words
            rest, part = self._split_dash(words)
            if not rest:
                rest, part = _split_end(words)
            if not rest:
                break
            if fold(part) in _NEW:
                read.is_new = True
            elif codes := self.places.find_departments(part):
                if not read.codes and not words.endswith(")"):
                    read.is_sure = any(map(is_number, part))
                read.take(part, codes)
            elif self.places.is_region(part, is_whole=True):
                read.region = part
            elif words.endswith(")") and (inside := self._split_place(part)):
                read.name = f"{rest}, {inside[0]}"
                read.take(inside[1], self.places.find_departments(inside[1]))
                continue
            else:
                break
            read.name = rest
        read.name = _drop_quote(read.name)
        for group in read.name.split("(")[1:]:
            if self.places.find_departments(group.partition(")")[0]):
                read.is_doubtful = True

    def _split_dash(self, words: str) -> tuple[str, str]:
        """Return what stands before « - Gard » or « - nouveau », and that; nothing if it is not so.

        A name of ours is whole: « PIMMS Saint-Orme - Nord ».
        """
        if fold(words) not in self.lookups.codes_by_site_name:
            for separator in _DASHES:
                rest, _, part = words.rpartition(separator)
                if rest and (fold(part) in _NEW or self.places.is_department_name(part)):
                    return rest + separator.rstrip("[ -–—/:"), part
        return "", words

    def _split_place(self, words: str) -> tuple[str, str] | None:
        """Return the town and the department of « Orsac, 30 » or « 30 - Orsac »."""
        for separator in (",", " - ", " – ", "/"):
            first, found, last = words.rpartition(separator)
            if found and first.strip() and last.strip():
                if self.places.find_departments(last):
                    return first.strip(), last.strip()
                if self.places.find_departments(first):
                    return last.strip(), first.strip()
        return None


def _split_end(words: str) -> tuple[str, str]:
    """Return a line without its last part, and that part; nothing before it if it has one only.

    A part stands in parentheses, after a comma, or is a number after a dash.
    """
    if words.endswith(")"):
        rest, _, part = words[:-1].rpartition("(")
        return rest.strip(), part.strip()
    rest, _, part = words.rpartition(",")
    if rest:
        return rest.strip(), part.strip()
    rest, _, part = words.rpartition(" ")
    is_code = len(part) > 1 and is_number(part[0]) and rest.endswith((" -", " –", " —"))
    return (rest, part) if is_code else ("", words)


def _drop_quote(name: str) -> str:
    """Return a name without the mark that ends a quotation, if the one that begins it is gone."""
    for begins, ends in _QUOTES:
        if name.endswith(ends) and name.count(begins) == (begins == ends):
            return name.removesuffix(ends).strip()
    return name

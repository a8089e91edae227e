"""What a value looks like: one light look at a text, without suggestions, whatever it holds."""

import re
from collections.abc import Callable, Mapping
from datetime import date

from labelling import text
from labelling.spreadsheets.tables.samples import LONGEST
from labelling.spreadsheets.widgets import (
    AssociationWidget,
    Cell,
    CellError,
    CellWidget,
    ChoiceWidget,
    CommuneCodeWidget,
    CoordinateWidget,
    CountWidget,
    DateWidget,
    DepartmentWidget,
    EmailWidget,
    KeyWidget,
    LongTextWidget,
    Lookups,
    PhoneWidget,
    PostcodeWidget,
    RegionWidget,
    StateNumberWidget,
    TextWidget,
    WaveWidget,
    YesNoWidget,
    read_date,
    read_month,
    show,
    split_degrees,
    to_one_line,
)
from labelling.spreadsheets.widgets.base import NO_WORDS, YES_WORDS
from labelling.text import fold

_STATE_LABEL = re.compile(r"(?:espaces? )?lab[eé]l+is(?:ation|[eé]e?s?)", re.IGNORECASE)
_DIGIT = re.compile(r"[0-9]")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,3}[.,][0-9]{1,20}")
_COORDINATE = re.compile(r"[+-]?[0-9]{1,3}(?:\.[0-9]{0,20})?")
_POINT = re.compile(
    r"[^0-9]{0,10}?([+-]?[0-9]{1,3}[.,][0-9]{1,20})[°\s]{0,3}[NS]?\s{0,3}[,;/|\s]\s{0,3}"
    r"([+-]?[0-9]{1,3}[.,][0-9]{1,20})[°\s]{0,3}[EOW]?[^0-9]{0,3}"
)
_ID = re.compile(r"[0-9A-Za-z_-]{1,20}")
_FIVE = re.compile(r"(?:[0-9]{2}|2[ABab])[0-9]{3}")
_STREET_WORDS = frozenset(
    [
        "allee",
        "allees",
        "av",
        "ave",
        "avenue",
        "bd",
        "bld",
        "boulevard",
        "bvd",
        "chemin",
        "cite",
        "cours",
        "espace",
        "esplanade",
        "faubourg",
        "grande",
        "impasse",
        "lieu",
        "lotissement",
        "mail",
        "montee",
        "parvis",
        "passage",
        "place",
        "placette",
        "pl",
        "promenade",
        "quai",
        "quartier",
        "residence",
        "rond",
        "route",
        "rte",
        "rue",
        "r",
        "ruelle",
        "square",
        "traverse",
        "voie",
        "za",
        "zac",
        "zi",
        "zone",
    ]
)
# Words that no format of a site stands for by itself.
_NO_FORMAT = frozenset(("antenne", "antennes"))
# South, north, west, east: the metropolis, then each overseas department.
_BOXES = (
    (41.0, 51.5, -5.6, 9.8),
    (15.6, 16.7, -62.0, -60.9),
    (14.2, 15.1, -61.4, -60.7),
    (2.0, 6.0, -54.9, -51.3),
    (-21.6, -20.7, 55.0, 56.0),
    (-13.2, -12.5, 44.8, 45.5),
)


class Kinds:
    """Tells what values look like, by the places, waves and associations that we know."""

    def __init__(self, lookups: Lookups) -> None:
        self.lookups = lookups
        self.department = DepartmentWidget(lookups)
        self.region = RegionWidget(lookups)
        self.wave = WaveWidget(lookups)

    # Places

    def is_department_name(self, value: str) -> bool:
        return not _is_code(value) and len(self._read_department(value)) == 1

    def find_department_code(self, value: str) -> str:
        """The code of the department that a text names or is the code of; empty if none."""
        codes = self._read_department(value)
        return codes[0] if len(codes) == 1 else ""

    def is_department(self, value: str) -> bool:
        return bool(self._read_department(value))

    def _read_department(self, value: str) -> list[str]:
        if len(value) > 60:
            return []
        return _read_places(self.department, value)

    def is_region_name(self, value: str) -> bool:
        return not _is_code(value) and self.is_region(value)

    def is_region(self, value: str) -> bool:
        return len(value) <= 60 and bool(_read_places(self.region, value))

    def find_five_prefix(self, value: str) -> str:
        """The code of the department that a code of five characters begins with; empty if none."""
        code = value.replace(" ", "")
        if len(code) == 4 and text.is_number(code):
            code = f"0{code}"
        if not _FIVE.fullmatch(code):
            return ""
        department = self.lookups.find_department_of(code)
        return department.code if department else ""

    # Waves

    def is_state_label(self, value: str) -> bool:
        """« Espace labellisé 01/2020 »."""
        return _STATE_LABEL.match(value) is not None and _DIGIT.search(value) is not None

    def find_wave_days(self, value: str) -> list[date]:
        """The days of our waves that a text may mean."""
        if wave := self.lookups.waves_by_name.get(fold(value)):
            return [wave.effective_on]
        if month := read_month(value):
            return [wave.effective_on for wave in self.lookups.waves_by_month.get(month, ())]
        day = read_day(value)
        if day in self.lookups.waves_by_date:
            return [day]
        return [wave.effective_on for wave in self.wave.list_abbreviated(value)]

    def is_wave(self, value: str) -> bool:
        """Whether a text may name a wave, which we may lack."""
        return (
            self.is_state_label(value)
            or fold(value) in self.lookups.waves_by_name
            or fold(value) in ("candidat", "candidate")
            or read_month(value) is not None
            or is_day(value)
            or _has_season(value)
            or bool(self.wave.list_abbreviated(value))
        )

    def find_label_day(self, value: str) -> date | None:
        """The day from which a label is valid, as lists say it; the first of a month alone."""
        if wave := self.lookups.waves_by_name.get(fold(value)):
            return wave.effective_on
        words = _STATE_LABEL.sub("", value).strip() if _STATE_LABEL.match(value) else value
        if month := read_month(words):
            return date(*month, 1)
        return read_day(words)

    def is_association(self, value: str) -> bool:
        words, known = fold(value), self.lookups.associations_by_name
        bare = words.removeprefix("association ").removeprefix("pimms ").removeprefix("mediation ")
        return any(name in known for name in (words, bare, f"pimms {bare}"))


def _read_places(widget: DepartmentWidget | RegionWidget, value: str) -> list[str]:
    """The codes of the places that a text may be: several where it is short of a word."""
    if _is_code(value):
        return [place.code for place in widget.by_code(value)]
    # « 01 - Ain », « Ain (01) »: both must agree, « 12 rue du Nord » is neither.
    head, _, rest = value.partition(" ")
    if rest and _is_code(head):
        return _agree(widget, head, rest.lstrip(" -–—:/,."))
    name, _, code = value.rstrip(")] ").rpartition("(")
    if name and _is_code(code):
        return _agree(widget, code, name)
    return [place.code for place in widget.by_name(value)]


def _agree(widget: DepartmentWidget | RegionWidget, code: str, name: str) -> list[str]:
    """The codes of the places that a name and a code both say."""
    named = {place.code for place in widget.by_name(name)}
    return [place.code for place in widget.by_code(code) if place.code in named]


def _is_code(value: str) -> bool:
    return len(value) <= 3 and _DIGIT.match(value) is not None


def read_day(value: str) -> date | None:
    try:
        return read_date(value)
    except CellError:
        return None


def is_day(value: str) -> bool:
    """Whether a text looks like a day, which may not exist."""
    if len(value) > 40 or _DIGIT.search(value) is None:
        return False
    return read_day(value) is not None or _count_parts(value) == 3


def _count_parts(value: str) -> int:
    parts = value.replace("-", "/").replace(".", "/").split("/")
    return len(parts) if all(text.is_number(part) and len(part) <= 4 for part in parts) else 0


def _has_season(value: str) -> bool:
    """« Autome 2020 »: a word, and a year."""
    word, _, year = value.strip().rpartition(" ")
    return text.is_number(year) and len(year) == 4 and 0 < len(word) <= 30 and " " not in word


# Texts


def has_letter(value: str) -> bool:
    return any(map(str.isalpha, value))


def has_pimms(value: str) -> bool:
    return "pimms" in text.legible(value).casefold()


def is_called_by_state(value: str) -> bool:
    """« France services de Valserhône », « Bus France services », « Espace France Services »."""
    words = value.casefold()
    return "france services" in words and not is_link(value) and not words.startswith("pimms")


def is_link(value: str) -> bool:
    """Whether a text is an address of a mail or of a page."""
    return "@" in value or "://" in value or value.casefold().startswith("www.")


def is_name(value: str) -> bool:
    """Whether a text may be what somebody or something is called."""
    return has_letter(value) and len(value) <= LONGEST and not is_link(value) and not is_day(value)


def is_address(value: str) -> bool:
    """« 12 rue Haute », not « Espace labellisé 01/2020 »."""
    return (
        3 < len(value) <= 60
        and not _STATE_LABEL.match(value)
        and not is_link(value)
        and not _STREET_WORDS.isdisjoint(fold(value).split())
    )


def has_digit(value: str) -> bool:
    return _DIGIT.search(value) is not None


def is_no_format(value: str) -> bool:
    """Whether a word stands for no format of a site by itself."""
    return fold(value) in _NO_FORMAT


def read_words(cell: Cell) -> str:
    """The text of a cell on one line."""
    return to_one_line(show(cell))


# Numbers


def is_id(value: str) -> bool:
    return _ID.fullmatch(value) is not None and _DIGIT.search(value) is not None


def read_id(value: str) -> str:
    """The State's number that a text writes: « 0660 » is 660; empty for a provisional one."""
    if not is_id(value) or value.casefold().startswith("temp"):
        return ""
    return value.lstrip("0")


def is_integer(value: str) -> bool:
    return text.is_number(value) and len(value) <= 9


def read_coordinate(value: str) -> float | None:
    words, sign = split_degrees(value)
    words = words.replace(" ", "")
    if not _COORDINATE.fullmatch(words):
        return None
    return sign * float(words)


def is_decimal(value: str) -> bool:
    return _DECIMAL.fullmatch(split_degrees(value)[0]) is not None


def is_point(value: str) -> bool:
    """Whether a text writes both coordinates of a point of France: « 45.1, 5.7 »."""
    match = _POINT.fullmatch(value)
    if match is None:
        return False
    one, other = (float(words.replace(",", ".")) for words in match.groups())
    return is_in_france(one, other) or is_in_france(other, one)


def is_in_france(latitude: float, longitude: float) -> bool:
    return any(
        south <= latitude <= north and west <= longitude <= east
        for south, north, west, east in _BOXES
    )


# What fits a column that its heading names


def _fits_choice(kinds: Kinds, widget: CellWidget, value: str) -> bool:
    return isinstance(widget, ChoiceWidget) and widget.knows(value) and not is_no_format(value)


_FITS: Mapping[type[CellWidget], Callable[[Kinds, CellWidget, str], bool]] = {
    DepartmentWidget: lambda kinds, _, value: kinds.is_department(value),
    RegionWidget: lambda kinds, _, value: kinds.is_region(value),
    PostcodeWidget: lambda kinds, _, value: bool(kinds.find_five_prefix(value)),
    CommuneCodeWidget: lambda kinds, _, value: bool(kinds.find_five_prefix(value)),
    WaveWidget: lambda kinds, _, value: kinds.is_wave(value),
    AssociationWidget: lambda kinds, _, value: kinds.is_association(value),
    ChoiceWidget: _fits_choice,
    YesNoWidget: lambda _, __, value: (
        value.casefold() in YES_WORDS | NO_WORDS
        or fold(value) in ("oui", "non", "non renseigne", "inconnu")
    ),
    DateWidget: lambda _, __, value: is_day(value) or read_month(value) is not None,
    CoordinateWidget: lambda _, __, value: read_coordinate(value) is not None,
    CountWidget: lambda _, __, value: is_integer(value),
    StateNumberWidget: lambda _, __, value: is_id(value),
    EmailWidget: lambda _, __, value: "@" in value,
    PhoneWidget: lambda _, __, value: has_digit(value) and not has_letter(value),
    TextWidget: lambda _, __, value: has_letter(value) and not is_link(value),
}


def fits(kinds: Kinds, widget: CellWidget, value: str) -> bool:
    """Whether a value may be one of a field, by the widget that reads it."""
    if isinstance(widget, (LongTextWidget, KeyWidget)):
        return True
    for known in type(widget).__mro__:
        if known in _FITS:
            return _FITS[known](kinds, widget, value)
    return True

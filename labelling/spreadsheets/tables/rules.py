"""The rules by which the values of a column prove which field it gives.

One table, `RULES`: to add a field, add its rule, with columns that it must know and columns that it
must not (`tests/spreadsheets/tables/test_rules.py`). No distance between strings decides anything.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, pairwise

from labelling.spreadsheets.tables import kinds
from labelling.spreadsheets.tables.anchors import (
    Anchors,
    find_anchors,
    is_like_ids,
    list_agreements,
)
from labelling.spreadsheets.tables.kinds import Kinds
from labelling.spreadsheets.tables.known_headings import FileLine
from labelling.spreadsheets.tables.known_sites import KnownSite, KnownSites
from labelling.spreadsheets.tables.samples import Sample
from labelling.spreadsheets.widgets import Cell, ChoiceWidget, Lookups
from labelling.text import fold, number, plural, typeset

# In a table of so few lines, one line that is surely ours is enough to compare with.
_FEW = 5
# The characters of a code of a commune, or of a post office.
_FIVE = 5


@dataclass(frozen=True)
class Proof:
    """What values prove: the field, how surely (from 0 to 1), and by what, as people read it."""

    field: str
    strength: float
    sentence: str


@dataclass
class Table:
    """The columns of a file, and what of its lines is known: what the rules look at."""

    samples: Sequence[Sample]
    lines: Sequence[FileLine]
    known: KnownSites
    lookups: Lookups
    formats: ChoiceWidget | None

    @cached_property
    def kinds(self) -> Kinds:
        return Kinds(self.lookups)

    @cached_property
    def anchors(self) -> Anchors:
        return find_anchors(self.lines, self.samples, self.known)

    @property
    def is_short(self) -> bool:
        return len(self.lines) <= _FEW

    @cached_property
    def coordinates(self) -> dict[int, str]:
        """The columns of an ordered pair of coordinates, each with its field."""
        return find_coordinates(self.samples, self.lines)

    @cached_property
    def codes(self) -> Sample | None:
        """A column of codes of five characters, of communes or of post offices."""
        return next((s for s in self.samples if s.filled > 1 and self.measure_five(s) >= 0.9), None)

    @cached_property
    def _five(self) -> dict[int, float]:
        return {
            s.position: s.measure(self.kinds.find_five_prefix)
            for s in self.samples
            # Some may have lost their zero, not most.
            if s.measure(lambda value: len(value.replace(" ", "")) == _FIVE) >= 0.5
        }

    def measure_five(self, sample: Sample) -> float:
        """What part of the cells are codes of five characters, which begin with a department."""
        return self._five.get(sample.position, 0.0)

    def is_corroborated(self, sample: Sample) -> bool:
        """Whether another column says the departments that these codes begin with."""
        return any(
            other.position != sample.position and self._says_department(other, sample)
            for other in self.samples
            if other.filled
        )

    def _says_department(self, other: Sample, codes: Sample) -> bool:
        read = self.kinds.find_department_code
        if self.measure_five(other) >= 0.8:
            read = self.kinds.find_five_prefix
        elif other.measure(read) < 0.8:
            return False
        pairs = _pair(self, other, codes)
        same = sum(read(one) == self.kinds.find_five_prefix(code) for one, code in pairs)
        return len(pairs) >= (2 if self.is_short else _FEW) and same >= 0.9 * len(pairs)

    def measure_agreement(
        self,
        sample: Sample,
        compare: Callable[[str, KnownSite], bool | None],
        read: Callable[[Cell], str] | None = None,
    ) -> tuple[float, int]:
        """On what part of the lines that are ours a column says what we hold; and on how many.

        One line is enough in a short table, two are needed in another.
        """
        answers = list_agreements(self.anchors, self.lines, sample.position, compare, read)
        if len(answers) < (1 if self.is_short else 2):
            return 0.0, 0
        return sum(answers) / len(answers), sum(answers)

    def count_printed_names(self, sample: Sample) -> int:
        """On how many lines that are ours a column says the printed name; 0 if on few of them."""
        part, count = self.measure_agreement(
            sample, lambda words, site: words == next(iter(site.names), None)
        )
        return count if part >= 0.6 else 0


@dataclass(frozen=True)
class Rule:
    """What proves one field. `find` gives the strength and the sentence, or None."""

    field: str
    find: Callable[[Table, Sample], tuple[float, str] | None]


def _lines(count: int) -> str:
    return f"{number(count)} {plural(count, 'ligne')}"


def _prove_number(table: Table, sample: Sample) -> tuple[float, str] | None:
    hits = table.anchors.hits.get(sample.position, 0)
    agreed = table.anchors.agreed.get(sample.position, 0)
    if not is_like_ids(sample) or agreed < (1 if table.is_short else 2) or agreed < 0.6 * hits:
        return None
    what = plural(agreed, "numéro, avec sa commune ou son nom, est celui", None)
    if agreed > 1:
        what = "numéros, avec leur commune ou leur nom, sont ceux"
    return agreed / hits, f"{number(agreed)} {what} de nos fiches"


def _prove_name(table: Table, sample: Sample) -> tuple[float, str] | None:
    """Half of the lines name the network: a list of ours. Or ours have there the printed names."""
    part = sample.measure(lambda value: kinds.has_pimms(value) and kinds.is_name(value))
    if part < 0.5:
        count = table.count_printed_names(sample)
        return (0.95, f"sur {_lines(count)}, c’est le nom imprimé de nos fiches") if count else None
    # An association or a heading comes again and again, a site once.
    strength = 0.6
    if sample.distinctness >= 0.6 or table.is_short:
        strength = 1.0 if part >= 0.9 else 0.9
    return strength, f"{round(100 * part)} % des lignes nomment un PIMMS"


def _prove_state_name(table: Table, sample: Sample) -> tuple[float, str] | None:
    """Some lines name the network, where they are ours: a list of many networks.

    Or most are called as the State calls its sites.
    """
    stately = sample.measure(kinds.is_called_by_state)
    of_network = [value for value in sample.values if kinds.has_pimms(value)]
    are_of_state = sum(map(kinds.is_called_by_state, of_network)) * 2 > len(of_network)
    if stately >= 0.5 and are_of_state:
        return 1.0, f"{round(100 * stately)} % des valeurs sont des noms de France Services"
    named = sum(
        count
        for value, count in sample.values.items()
        if kinds.has_pimms(value) and kinds.is_name(value)
    )
    answers = list_agreements(
        table.anchors, table.lines, sample.position, lambda words, _: "pimms" in words
    )
    if sum(answers) < 2 or sum(answers) < 0.6 * len(answers) or named >= 0.5 * sample.filled:
        return None
    if len(table.anchors.sites) * 2 >= len(table.lines) or sample.distinctness < 0.6:
        return None
    if table.count_printed_names(sample):
        return None
    return 0.8, f"{_lines(sum(answers))} de nos sites y nomment un PIMMS"


def _prove_department(table: Table, sample: Sample) -> tuple[float, str] | None:
    part = sample.measure(table.kinds.is_department_name)
    if part >= 0.9:
        return part, f"{round(100 * part)} % des valeurs sont des noms de départements"
    if sample.measure(table.kinds.find_department_code) < 0.9:
        return None
    if table.codes and table.codes.position != sample.position:
        pairs = _pair(table, sample, table.codes)
        same = sum(
            table.kinds.find_department_code(code) == table.kinds.find_five_prefix(five)
            for code, five in pairs
        )
        if len(pairs) >= 5 and same >= 0.9 * len(pairs):
            return 0.95, "le code commune ou postal de chaque ligne commence par ce département"
    part, count = table.measure_agreement(
        sample,
        lambda words, site: table.kinds.find_department_code(words.upper()) == site.department,
    )
    if part >= 0.9:
        return 0.95, f"sur {_lines(count)}, c’est le département de nos fiches"
    if table.is_short and table.codes and table.codes.position != sample.position:
        pairs = _pair(table, sample, table.codes)
        if pairs and all(
            table.kinds.find_department_code(code) == table.kinds.find_five_prefix(five)
            for code, five in pairs
        ):
            return 0.9, "le code commune ou postal de chaque ligne commence par ce département"
    return None


def _pair(table: Table, first: Sample, second: Sample) -> list[tuple[str, str]]:
    """The cells of two columns, on the first lines where both are filled."""
    pairs = []
    step = max(len(table.lines) // 200, 1)
    for line in table.lines[::step]:
        one, other = line.read_cell(first.position), line.read_cell(second.position)
        if one not in (None, "") and other not in (None, ""):
            pairs.append((kinds.read_words(one), kinds.read_words(other)))
    return pairs


def _prove_region(table: Table, sample: Sample) -> tuple[float, str] | None:
    part = sample.measure(table.kinds.is_region_name)
    if part < 0.9:
        return None
    return part, f"{round(100 * part)} % des valeurs sont des noms de régions"


def _prove_postcode(table: Table, sample: Sample) -> tuple[float, str] | None:
    if table.measure_five(sample) < 0.8:
        return None
    part, count = table.measure_agreement(
        sample, lambda words, site: words == site.postcode if site.postcode else None
    )
    if part >= 0.8 and sample.measure(_ends_in_zero) > 0.3:
        return 0.95, f"sur {_lines(count)}, c’est le code postal de nos fiches"
    if len(sample.values) >= 8 and sample.measure(_ends_in_zero) >= 0.5:
        strength = 0.9 if table.is_corroborated(sample) else 0.6
        return strength, "ce sont des codes à cinq chiffres, qui finissent souvent par 0"
    return None


def _prove_commune_code(table: Table, sample: Sample) -> tuple[float, str] | None:
    if table.measure_five(sample) < 0.8:
        return None
    part, count = table.measure_agreement(
        sample,
        lambda words, site: words.upper() == site.commune_code if site.commune_code else None,
    )
    if part >= 0.6:
        return 0.95, f"sur {_lines(count)}, c’est le code de la commune de nos fiches"
    if len(sample.values) >= 8 and sample.measure(_ends_in_zero) <= 0.3:
        strength = 0.9 if table.is_corroborated(sample) else 0.6
        return strength, "ce sont des codes à cinq chiffres, qui ne finissent guère par 0"
    return None


def _ends_in_zero(value: str) -> bool:
    return value.endswith("0")


def _prove_latitude(table: Table, sample: Sample) -> tuple[float, str] | None:
    return _prove_coordinate(table, sample, "latitude")


def _prove_longitude(table: Table, sample: Sample) -> tuple[float, str] | None:
    return _prove_coordinate(table, sample, "longitude")


def _prove_coordinate(table: Table, sample: Sample, name: str) -> tuple[float, str] | None:
    if table.coordinates.get(sample.position) != name:
        return None
    return 1.0, "avec une autre colonne, elle donne des points de France"


def _prove_wave(table: Table, sample: Sample) -> tuple[float, str] | None:
    part = sample.measure(table.kinds.is_state_label)
    if part >= 0.8:
        return 1.0, "ce sont des labellisations, comme l’État les écrit"
    if sample.measure(table.kinds.is_wave) < 0.9:
        return None
    if sample.measure(table.kinds.find_wave_days) < 0.5:
        return None
    part, count = table.measure_agreement(
        sample,
        lambda words, site: (
            site.wave_on in table.kinds.find_wave_days(words) if site.wave_on else None
        ),
        # Folded, « 01/2020 » and « 01/02/20 » are no dates any more.
        kinds.read_words,
    )
    if part < 0.6:
        return None
    return max(part, 0.6), f"sur {_lines(count)}, c’est la vague de nos fiches"


def _prove_format(table: Table, sample: Sample) -> tuple[float, str] | None:
    formats = table.formats
    if formats is None:
        return None
    part = sample.measure(lambda value: formats.knows(value) and not kinds.is_no_format(value))
    if part < 0.8 or sample.filled < 3 or len(sample.values) > 8:
        return None
    return part, f"{round(100 * part)} % des valeurs sont des accueils du public"


def _prove_address(table: Table, sample: Sample) -> tuple[float, str] | None:
    part = sample.measure(kinds.is_address)
    if part < 0.55 or sample.distinctness < 0.5:
        return None
    if sample.measure(lambda value: kinds.is_address(value) and kinds.has_digit(value)) < 0.35:
        return None
    return 0.8, "ce sont des rues et des numéros"


def _prove_commune(table: Table, sample: Sample) -> tuple[float, str] | None:
    if sample.measure(kinds.is_name) < 0.8:
        return None
    part, count = table.measure_agreement(
        sample, lambda words, site: words == site.commune if site.commune else None
    )
    if part < 0.6:
        return None
    return part, f"sur {_lines(count)}, c’est la commune de nos fiches"


RULES = (
    Rule("france_services_id", _prove_number),
    Rule("name", _prove_name),
    Rule("state_name", _prove_state_name),
    Rule("department", _prove_department),
    Rule("region", _prove_region),
    Rule("postcode", _prove_postcode),
    Rule("commune_code", _prove_commune_code),
    Rule("latitude", _prove_latitude),
    Rule("longitude", _prove_longitude),
    Rule("wave", _prove_wave),
    Rule("format", _prove_format),
    Rule("address", _prove_address),
    Rule("commune", _prove_commune),
)


def list_proofs(table: Table, sample: Sample) -> list[Proof]:
    """What the values of a column prove, the surest first."""
    if not sample.filled:
        return []
    proofs = [
        Proof(rule.field, found[0], typeset(found[1]))
        for rule in RULES
        if (found := rule.find(table, sample))
    ]
    return sorted(proofs, key=lambda proof: -proof.strength)


def find_name_or_number(table: Table, sample: Sample) -> str:
    """The field that tells sites apart, if the values of a column prove it; empty if not."""
    for rule in RULES:
        if rule.field in ("france_services_id", "name", "state_name") and rule.find(table, sample):
            return rule.field
    return ""


def is_counter(sample: Sample) -> bool:
    """Whether a column counts its lines: 1, 2, 3, or from ten to ten where some were looked at."""
    if not all(map(kinds.is_integer, sample.values)):
        return False
    steps = {int(after) - int(before) for before, after in pairwise(sample.values)}
    return steps == {1} or (len(steps) == 1 and len(sample.values) > 3)


def has_one_commune_a_code(table: Table, sample: Sample) -> bool:
    """Whether, where a code of five characters comes again, the column says the same again."""
    if not table.codes or table.codes.position == sample.position:
        return False
    said: dict[str, str] = {}
    repeats = same = 0
    for words, code in _pair(table, sample, table.codes):
        key = fold(words)
        if code in said:
            repeats += 1
            same += said[code] == key
        said.setdefault(code, key)
    return repeats >= 5 and same >= 0.6 * repeats


# Columns of decimal numbers that may be coordinates.
_MOST_DECIMALS = 12


def find_coordinates(samples: Sequence[Sample], lines: Sequence[FileLine]) -> dict[int, str]:
    """The first ordered pair of columns that gives points of France; never a column alone."""
    decimals = [s.position for s in samples if s.filled > 1 and s.measure(kinds.is_decimal) >= 0.7][
        :_MOST_DECIMALS
    ]
    step = max(len(lines) // 200, 1)
    values = {
        position: [
            kinds.read_coordinate(kinds.read_words(line.read_cell(position)))
            for line in lines[::step]
        ]
        for position in decimals
    }
    for first, second in combinations(decimals, 2):
        for latitude, longitude in ((first, second), (second, first)):
            points = [
                (y, x)
                for y, x in zip(values[latitude], values[longitude], strict=True)
                if y is not None and x is not None
            ]
            inside = sum(kinds.is_in_france(y, x) for y, x in points)
            if len(points) > 1 and inside >= 0.9 * len(points):
                return {latitude: "latitude", longitude: "longitude"}
    return {}

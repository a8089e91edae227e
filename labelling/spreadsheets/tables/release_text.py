"""The text of a press release becomes a table: its list, checked against its own sentences.

A PDF's text loses the table: names are wrapped over two lines, the region stands alone on its
line (« Bourgogne-Franche- » over two), and only the asterisk says « new ».
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from labelling.spreadsheets.resources import SiteResource
from labelling.spreadsheets.tables.headings import FileTable, HeadingsError, understand
from labelling.spreadsheets.tables.known_headings import FileLine
from labelling.spreadsheets.tables.totals import count_marked, list_sentence_totals
from labelling.spreadsheets.widgets import Cell, CellError, Lookups, read_date, show
from labelling.text import MONTHS, NO_BREAK_SPACE, fold

HEADINGS = ("Région", "Département", "Nom")
# The words of the line above the list, and of the one after it.
_TABLE_HEADINGS = re.compile(r"^\s*r[ée]gion\s+d[ée]partement\s+nom\b", re.IGNORECASE)
_AFTER_TABLE = re.compile(
    r"^\s*(?:[àa]\s+propos\b|contacts?\s+presse\b|situation\s+arr[êe]t[ée]e\b)", re.IGNORECASE
)
# A name of a place has five words at most: « Provence-Alpes-Côte d'Azur » has two, parted by
# blanks, « Pays de la Loire » four.
_LONGEST_PLACE = 5

_MONTH = "|".join(MONTHS)
_DATE = rf"([0-9]{{1,2}}(?:er)?\s+(?:{_MONTH})\s+[0-9]{{4}})"
_DATELINE = re.compile(rf"^[^0-9,]+,\s+(?:le\s+)?(?:\w+\s+)?{_DATE}$", re.IGNORECASE)
# Two patterns: one for both would look for the end again from each beginning.
_COMMITTEE = re.compile(r"comité de pilotage\b", re.IGNORECASE)
_WAS_HELD = re.compile(rf"s[’']est tenu le (?:\w+\s+)?{_DATE}", re.IGNORECASE)
_WAVE = re.compile(
    rf"\b(?:à l[’']|au |en )((?:printemps|été|automne|hiver|{_MONTH})\s+[0-9]{{4}})", re.IGNORECASE
)
_KIND = re.compile(r"communiqu[ée]\s+de\s+presse", re.IGNORECASE)
_BLANK_LINES = re.compile(r"\n\s*\n")
_BETWEEN_SENTENCES = re.compile(r"(?<=[.!?])\s+(?=[A-ZÀ-Ý])")


@dataclass(frozen=True)
class ReleaseTable(FileTable):
    """The list of a release, and what its sentences say of its wave; None, if they do not."""

    wave_name: str | None = None
    decided_on: date | None = None
    announced_on: date | None = None


def is_release(text: str) -> bool:
    """Whether a text is a release: its list comes under its headings, and sentences come before."""
    lines = text.splitlines()
    return any(_TABLE_HEADINGS.match(line) for line in lines) and bool(_KIND.search(text))


def begins_list(line: str) -> bool:
    """Whether a line is the headings of a release's list."""
    return bool(_TABLE_HEADINGS.match(line))


def understand_release(text: str, resource: SiteResource) -> ReleaseTable:
    """Return the list of a release; raise HeadingsError if the text holds none.

    A name keeps its asterisk, as a cell would. Lines have the numbers of the text's lines.
    """
    lines = text.splitlines()
    start = next((i for i, line in enumerate(lines) if _TABLE_HEADINGS.match(line)), None)
    if start is None:
        raise HeadingsError(
            "Aucune liste n’a été trouvée dans ce texte. Elle doit commencer par la ligne de "
            "titres : Région, Département, Nom.".replace(" :", f"{NO_BREAK_SPACE}:")
        )
    entries = list(_Reader(resource.lookups).read_rows(lines[start + 1 :], first=start + 2))
    rows = [HEADINGS, *(row.cells for row in entries)]
    numbers = [start + 1, *(row.number for row in entries)]
    table = understand(rows, resource, numbers=numbers)
    sentences = _split_sentences(lines[:start])
    new = count_marked([row.cells[2] for row in entries])
    return ReleaseTable(
        heading_line=table.heading_line,
        columns=table.columns,
        lines=[FileLine(row.number, row.cells) for row in entries],
        totals=tuple(list_sentence_totals(sentences, len(entries), new)),
        problems=table.problems,
        positions=table.positions,
        wave_name=_find_wave_name(sentences),
        decided_on=_find_date(_WAS_HELD, _list_ends(_COMMITTEE, sentences)),
        announced_on=_find_date(_DATELINE, [line.strip() for line in lines[:start]]),
    )


def join_rows(rows: Sequence[Sequence[Cell]]) -> str:
    """Return the text that a file or a paste holds, when it was read as a sheet: a line each."""
    return "\n".join("\t".join(show(cell) for cell in row) for row in rows)


@dataclass
class _Row:
    number: int
    region: str
    department: str
    name: list[str]  # its words

    @cached_property
    def cells(self) -> tuple[str, str, str]:
        return self.region, self.department, " ".join(self.name)


class _Reader:
    """Parts the words of a line between region, department and name."""

    def __init__(self, lookups: Lookups) -> None:
        self.regions = {fold(region.name): region.name for region in lookups.regions}
        self.departments = {fold(place.name): place.name for place in lookups.departments}

    def read_rows(self, lines: Sequence[str], first: int) -> Iterator[_Row]:
        region = pending = ""
        row: _Row | None = None
        for number, line in enumerate(lines, first):
            if _AFTER_TABLE.match(line):
                break
            words = line.split()
            if not words:
                continue
            # « Bourgogne-Franche- » and « Comté » are one name, broken at a hyphen of its own.
            if pending and self._is_place(pending + words[0], self.regions):
                region, words, pending = pending + words[0], words[1:], ""
            count = self._count_leading(words, self.regions)
            if count and (
                count == len(words) or self._count_leading(words[count:], self.departments)
            ):
                region, words = " ".join(words[:count]), words[count:]
            if not words:
                continue
            if count := self._count_leading(words, self.departments):
                if row:
                    yield row
                department, words = " ".join(words[:count]), words[count:]
                row = _Row(number, region, department, words)
            elif self._begins_a_region(line):
                pending = line.strip()
            elif row:
                row.name += words
        if row:
            yield row

    def _count_leading(self, words: Sequence[str], places: Mapping[str, str]) -> int:
        """Return how many words, the most possible, name a place."""
        for count in range(min(_LONGEST_PLACE, len(words)), 0, -1):
            if self._is_place(" ".join(words[:count]), places):
                return count
        return 0

    def _is_place(self, words: str, places: Mapping[str, str]) -> bool:
        # A hyphen at the end belongs to what follows, and a star to no place.
        return fold(words) in places and words[-1].isalnum()

    def _begins_a_region(self, line: str) -> bool:
        words = line.strip()
        if not words.endswith("-"):
            return False
        beginning = f"{fold(words)} "
        return any(region.startswith(beginning) for region in self.regions)


def _split_sentences(lines: Sequence[str]) -> list[str]:
    """Return the sentences of running text, whose lines are wrapped."""
    sentences = []
    for paragraph in _BLANK_LINES.split("\n".join(line.strip() for line in lines)):
        words = " ".join(paragraph.split())
        sentences += [part for part in _BETWEEN_SENTENCES.split(words) if part]
    return sentences


def _list_ends(pattern: re.Pattern[str], sentences: Iterable[str]) -> list[str]:
    """Return what follows the words of `pattern` in the sentences that have them."""
    matches = ((sentence, pattern.search(sentence)) for sentence in sentences)
    return [sentence[match.end() :] for sentence, match in matches if match]


def _find_date(pattern: re.Pattern[str], sentences: Sequence[str]) -> date | None:
    for sentence in sentences:
        if match := pattern.search(sentence):
            try:
                return read_date(match[1])
            except CellError:
                continue
    return None


def _find_wave_name(sentences: Sequence[str]) -> str | None:
    """Return the name of the wave, « Automne 2020 »: the last that is said before the list."""
    names = [match[1] for sentence in sentences for match in _WAVE.finditer(sentence)]
    return names[-1].capitalize() if names else None


__all__ = [
    "HEADINGS",
    "ReleaseTable",
    "begins_list",
    "is_release",
    "join_rows",
    "understand_release",
]

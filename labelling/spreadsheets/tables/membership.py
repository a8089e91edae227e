"""Whose lines: which are the network's, by what proves it and not by the file that they came in."""

from collections import Counter
from collections.abc import Iterable, Sequence
from enum import StrEnum, auto
from typing import Any

from labelling.models.stored import CellFault, FileColumn
from labelling.spreadsheets.tables import kinds
from labelling.spreadsheets.tables.anchors import holds_place
from labelling.spreadsheets.tables.known_headings import FileLine
from labelling.spreadsheets.tables.known_sites import KnownSite, KnownSites
from labelling.spreadsheets.tables.samples import read_value
from labelling.spreadsheets.widgets import to_one_line

_NAMES = ("name", "state_name")
_PLACES = (*_NAMES, "commune", "commune_code")


class Whose(StrEnum):
    OURS = auto()
    # The network is named, and not where sites are.
    MAYBE = auto()
    OTHERS = auto()


class Membership:
    """Tells whose a line is, by the columns as they are given to fields."""

    def __init__(self, columns: Iterable[FileColumn], known: KnownSites) -> None:
        self.known = known
        positions = {c.field: c.position for c in columns if c.field}
        self.names = [positions[name] for name in _NAMES if name in positions]
        self.number = positions.get("france_services_id")
        self.is_comparable = not positions.keys().isdisjoint(_PLACES)
        # Our own downloads say of which record each line is.
        self.is_ours = "key" in positions
        self.is_of_state = "state_name" in positions
        self._named: dict[str, KnownSite | None] = {}

    def find_site(self, cells: Sequence[Any]) -> KnownSite | None:
        """The site that a line surely speaks of."""
        site = self.known.by_number.get(kinds.read_id(self._read_number(cells)))
        if site and (not self.is_comparable or holds_place(cells, site, self.number)):
            return site
        for position in self.names:
            words = cells[position] if position < len(cells) else None
            if isinstance(words, str) and (site := self._find_named(words)):
                return site
        return None

    def tell(self, cells: Sequence[Any]) -> Whose:
        """Whose a line is."""
        for position in self.names:
            cell = cells[position] if position < len(cells) else None
            # A name that cannot be read may be one of ours.
            if isinstance(cell, CellFault) or (isinstance(cell, str) and kinds.has_pimms(cell)):
                return Whose.OURS
        if self.is_ours or self.find_site(cells):
            return Whose.OURS
        named = any(isinstance(cell, str) and kinds.has_pimms(cell) for cell in cells)
        return Whose.MAYBE if named or self._is_number_doubtful(cells) else Whose.OTHERS

    def _is_number_doubtful(self, cells: Sequence[Any]) -> bool:
        """Whether a number is one of ours, though nothing else is, or cannot be read."""
        words = self._read_number(cells)
        return bool(words) and (
            kinds.read_id(words) in self.known.by_number or not kinds.is_id(words)
        )

    def list_strangers(self, lines: Iterable[FileLine]) -> list[int]:
        """The numbers of the lines that nothing shows to be the network's."""
        return [line.number for line in lines if self.tell(line.cells) == Whose.OTHERS]

    def is_mostly_foreign(self, lines: Sequence[FileLine]) -> bool:
        """Whether less than half of the lines are the network's: the others are then left out.

        Where half of them have a number of ours, the file speaks of us, whatever else changed. A
        list of the State's names never does.
        """
        whose = Counter(self.tell(line.cells) for line in lines)
        numbered = sum(self.has_known_number(line.cells) for line in lines)
        if numbered * 2 >= len(lines):
            return False
        return whose[Whose.OURS] < len(lines) / (1 if self.is_of_state else 2)

    def has_known_number(self, cells: Sequence[Any]) -> bool:
        return kinds.read_id(self._read_number(cells)) in self.known.by_number

    def _read_number(self, cells: Sequence[Any]) -> str:
        if self.number is None or self.number >= len(cells):
            return ""
        cell = cells[self.number]
        return "" if isinstance(cell, CellFault) else read_value(cell)

    def _find_named(self, words: str) -> KnownSite | None:
        if not self.known.has_unbranded and not kinds.has_pimms(words):
            return None
        if len(self._named) > 5000:
            self._named.clear()
        if words not in self._named:
            self._named[words] = self.known.find_named(to_one_line(words).rstrip("* "))
        return self._named[words]

"""Addresses that stand on the line of another site: sorted apart from the rest, as one row down."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

from labelling.models.stored import FileColumn
from labelling.spreadsheets.tables import kinds
from labelling.spreadsheets.tables.kinds import Kinds
from labelling.spreadsheets.tables.known_headings import FileLine
from labelling.spreadsheets.tables.known_sites import KnownSite, KnownSites
from labelling.spreadsheets.tables.samples import read_value
from labelling.spreadsheets.widgets import Cell, Lookups
from labelling.text import counted, number, typeset

# What goes with a postcode; and what may stand where it should all the same.
_ADDRESS = ("address", "postcode", "commune")
_PLACE = ("commune_code", "latitude", "longitude")
# So many codes of another department than their line's, and that part of them, are no communes of
# a border.
_FEWEST, _PART = 5, 0.2
# How many lines, evenly spaced, are enough to tell.
_MOST_LINES = 3_000


def leave_strayed_addresses(
    columns: Sequence[FileColumn],
    lines: Sequence[FileLine],
    lookups: Lookups,
    known: KnownSites,
) -> list[FileColumn]:
    """Return the columns, those of addresses left out where many are of another line's site.

    Not if a person took the postcodes: they are what the file says.
    """
    given = {column.field: column for column in columns if column.field}
    postcode = given.get("postcode")
    if postcode is None or postcode.how == "person":
        return list(columns)
    read = _Departments(given, lookups, known)
    lines = lines[:: len(lines) // _MOST_LINES + 1]
    apart, filled = read.count_apart(lines, postcode.position)
    if not _are_many(apart, filled):
        return list(columns)
    left = set(_ADDRESS)
    code = given.get("commune_code")
    if code is None or _are_many(*read.count_apart(lines, code.position)):
        left.update(_PLACE)
    note = typeset(
        f"Les adresses semblent décalées d’une ligne, ou triées sans le reste : {number(apart)} "
        f"des {counted(filled, 'code postal regardé', 'codes postaux regardés')} sont d’un autre "
        "département que leur ligne. Colonnes laissées : remettez le fichier en ordre, ou "
        "reprenez-les."
    )
    return [
        replace(
            column, field=None, how="values", level="aside", titled=column.field or "", note=note
        )
        if column.field in left and column.how != "person"
        else column
        for column in columns
    ]


def _are_many(apart: int, filled: int) -> bool:
    return apart >= _FEWEST and apart >= _PART * filled


class _Departments:
    """Reads the departments of lines, and of the codes of five characters on them."""

    def __init__(self, given: dict[str, FileColumn], lookups: Lookups, known: KnownSites) -> None:
        found = Kinds(lookups)

        def remember(find: Callable[[str], str]) -> Callable[[Cell], str]:
            # The same few cells come back on every line.
            return lru_cache(maxsize=1000)(lambda cell: find(read_value(cell)))

        self.find_named = remember(found.find_department_code)
        self.find_coded = remember(found.find_five_prefix)
        self.named = given.get("department")
        self.numbered = given.get("france_services_id")
        self.known = known

    def count_apart(self, lines: Iterable[FileLine], position: int) -> tuple[int, int]:
        """How many codes are of another department than their line, and of how many lines.

        Those that our site holds are right.
        """
        apart = filled = 0
        for line in lines:
            cell = line.read_cell(position)
            of_code = self.find_coded(cell)
            of_line = self._read_department(line) if of_code else ""
            # Numbers cost: they are read where they may change the answer.
            site = self._find_site(line) if of_code != of_line else None
            of_line = of_line or (site.department if site else "")
            if not of_code or not of_line:
                continue
            filled += 1
            if of_code != of_line:
                ours = (site.postcode, site.commune_code) if site else ()
                apart += read_value(cell) not in ours
        return apart, filled

    def _read_department(self, line: FileLine) -> str:
        return self.find_named(line.read_cell(self.named.position)) if self.named else ""

    def _find_site(self, line: FileLine) -> KnownSite | None:
        if self.numbered is None:
            return None
        number = read_value(line.read_cell(self.numbered.position))
        return self.known.by_number.get(kinds.read_id(number))

"""Lines pasted from a mail become a table: a site a line, its department where people write it.

What a line may be:

    - PIMMS Grandpré - Centre (Gard)      the department in parentheses
    - PIMMS Grandpré, Orsac, 30           after commas, a town before it
    - 69 - PIMMS Virelune                 before
    - Gard :                              alone: that of the lines below, until another line
    - PIMMS Valbrune                      nowhere: that of our only record of that name

A line with PIMMS whose department is not known is a line all the same, to be corrected; any other
is a note. A line is never taken for a heading.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from labelling.spreadsheets.resources import SiteResource
from labelling.spreadsheets.tables.headings import SEARCHED, FileTable, understand
from labelling.spreadsheets.tables.known_headings import FileLine, fold_heading, list_known_headings
from labelling.spreadsheets.tables.release_text import is_release, join_rows
from labelling.spreadsheets.widgets import (
    Cell,
    DepartmentWidget,
    RegionWidget,
    fold,
    quote,
    to_one_line,
)
from labelling.text import counted, enumeration, is_number, number, plural, typeset

# More lines are no mail; a longer line is a sentence.
LONGEST_MAIL = 2000
LONGEST, MOST_WORDS = 150, 16
# « Bus France Services PIMMS »: with more words before it, PIMMS is spoken of.
_MOST_BEFORE = 3
# Departments, regions and marks that a line may end with.
_MOST_ENDS = 6
# So many unread lines are quoted, the others counted.
_MOST_QUOTED = 20

# Marks of a quotation, bullets, numbers: « > », « • », « 1. », « a) », Outlook's « o » and « § ».
# An opening parenthesis belongs to the words.
_BULLET = re.compile(
    r"(?:[^\w(]|_)*(?:(?:[0-9]{1,3}[.)°]|[A-Za-z][.)]|[oØü](?=\s|$))(?:[^\w(]|_)*)?"
)
_EDGES = " -–—:,;./()[]*_•>#"
_NEW = frozenset(
    map(fold, ("nouveau", "nouvelle", "nouveau site", "nouveau PIMMS", "nouvelle labellisation"))
)
# « les PIMMS », « Union nationale des PIMMS » are no site.
_SEVERAL = frozenset(("les", "des", "aux", "nos", "vos", "ces", "leurs", "nouveaux", "plusieurs"))
# Words that name no site by themselves.
_BRAND = frozenset(("pimms", "mediation", "france", "services", "le", "les", "liste"))
# The lines above a message that was answered or passed on.
_MESSAGE_HEADINGS = frozenset(
    ("de", "a", "cc", "cci", "objet", "envoye", "date", "from", "to", "subject", "sent")
)


@dataclass(frozen=True)
class MailTable(FileTable):
    """The sites of a mail; its `notes` are the lines that were not read, or twice the same.

    `remarks` are the sentences to show of them.
    """

    remarks: tuple[str, ...] = ()

    def list_remarks(self) -> list[str]:
        return list(self.remarks)


def understand_mail(
    rows: Sequence[Sequence[Cell]],
    numbers: Sequence[int],
    resource: SiteResource,
    *,
    has_wave: bool = False,
) -> MailTable | None:
    """Return the sites of a mail; None if these lines are no mail, or have no PIMMS.

    `has_wave` says that the wave of the new sites is known: where no line is marked as new, every
    site that we do not have is.
    """
    if len(rows) > LONGEST_MAIL or _has_headings(rows, resource) or _is_table(rows):
        return None
    if is_release(join_rows(rows)):
        return None
    reader = _Reader(resource)
    for line_number, row in zip(numbers, rows, strict=True):
        reader.read(line_number, _join(row))
    if not reader.sites:
        return None
    sites, remarks = reader.sites, []
    if has_wave and not any(site.is_new for site in sites):
        sites = [replace(site, is_new=not site.is_ours) for site in sites]
        if new := sum(site.is_new for site in sites):
            remarks.append(_word_unmarked(new))
    remarks += _word_lines(reader.notes, "n’a pas été lue", "n’ont pas été lues")
    remarks += _word_lines(reader.repeated, "en répète une autre", "en répètent d’autres")
    headings = ["Nom", "Département"]
    headings += ["Commune"] if any(site.commune for site in sites) else []
    headings += ["Nouveau"] if any(site.is_new for site in sites) else []
    cells = [[site.read_cell(heading) for heading in headings] for site in sites]
    table = understand([headings, *cells], resource, numbers=[0, *(s.number for s in sites)])
    return MailTable(
        heading_line=0,
        columns=table.columns,
        lines=[FileLine(site.number, row) for site, row in zip(sites, cells, strict=True)],
        notes=(*reader.notes, *reader.repeated),
        problems=table.problems,
        positions=table.positions,
        remarks=tuple(remarks),
    )


@dataclass(frozen=True)
class _Site:
    number: int
    name: str
    department: str = ""
    commune: str = ""
    is_new: bool = False
    is_ours: bool = False

    def read_cell(self, heading: str) -> Cell:
        new = "oui" if self.is_new else ""
        words = {"Nom": self.name, "Département": self.department, "Commune": self.commune}
        return words.get(heading, new) or None


@dataclass
class _Words:
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


@dataclass
class _Reader:
    """Reads lines one after the other, and remembers the department that they stand under."""

    resource: SiteResource
    sites: list[_Site] = field(default_factory=list)
    notes: list[FileLine] = field(default_factory=list)
    repeated: list[FileLine] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.lookups = self.resource.lookups
        self.departments = DepartmentWidget(self.lookups)
        self.regions = RegionWidget(self.lookups)
        self.carried, self.carried_codes = "", frozenset[str]()
        # How far the lines number themselves: « 1 - PIMMS », « 2 - PIMMS ».
        self.counted = 0
        self.seen: set[tuple[str, str]] = set()
        self.found: dict[str, frozenset[str]] = {}

    def read(self, number: int, line: str) -> None:
        """Read a line: a site, the department of those below, or a note."""
        bare = _strip_bullet(line)
        if not bare:
            return
        is_long = len(bare) > LONGEST
        words = bare.split(maxsplit=MOST_WORDS)
        is_long = is_long or len(words) > MOST_WORDS
        at = next((i for i, word in enumerate(words[:MOST_WORDS]) if _is_pimms(word)), None)
        if at is None:
            if is_long or not self._carry(bare):
                self._note(number, line)
        elif _is_spoken_of(words, at) or (is_long and at):
            self._note(number, line)
        elif is_long:
            self.sites.append(_Site(number, bare))
        elif not self._read_site(number, words, at):
            self._note(number, line)

    def _note(self, number: int, line: str) -> None:
        """Keep an unread line. Nobody knows whether it ends what stood above it: it does."""
        self.notes.append(FileLine(number, [line]))
        self.carried, self.carried_codes = "", frozenset()

    def _carry(self, bare: str) -> bool:
        """Whether the line is a department or a region; what it says stands for those below."""
        words = bare.strip(_EDGES.replace("()", ""))
        codes = self._find_departments(words)
        if not codes and not self._is_region(words):
            return False
        self.carried, self.carried_codes = (words if codes else ""), codes
        return True

    def _read_site(self, number: int, words: Sequence[str], at: int) -> bool:
        """Whether the line names a site, which is kept, unless it was named before."""
        read = self._take_beginning(words, at)
        if read is None:
            return False
        self._take_ends(read)
        parts = [read.name] if "(" in read.name else _split_commas(read.name)
        name = " - ".join(parts)
        # « PIMMS Médiation », « Réseau PIMMS »
        known = fold(name).split()
        only = self._find_only_record([name, parts[0]])
        if not set(known) - _BRAND or (known[-1] == "pimms" and not read.codes and not only[0]):
            return False
        read.is_doubtful = read.is_doubtful or (read.is_double and not only[0])
        department, codes = self._choose_department(read)
        if read.is_doubtful:
            site = _Site(number, " ".join(words))
        else:
            if not department:
                department, codes = only
            site = _Site(number, name, department or read.region, is_new=read.is_new)
        if len(codes) == 1:
            site = self._recognise(site, parts, *codes)
        key = fold(site.name), ",".join(sorted(codes)) or site.department
        if key in self.seen:
            self.repeated.append(FileLine(number, [" ".join(words)]))
        else:
            self.seen.add(key)
            self.sites.append(site)
        return True

    def _take_beginning(self, words: Sequence[str], at: int) -> _Words | None:
        """Take off what stands before PIMMS: a department, a number, an article.

        None if a sentence does.
        """
        before, name = " ".join(words[:at]), " ".join(words[at:])
        bare = before.strip(_EDGES)
        if is_number(bare) and self._is_numbering(bare):
            return _Words(name)
        if codes := self._find_departments(bare):
            return _Words(name, bare, codes)
        if self._is_region(bare):
            return _Words(name, region=bare)
        if not bare or fold(bare) == "le":
            return _Words(name)
        return _Words(f"{before} {name}") if at <= _MOST_BEFORE else None

    def _is_numbering(self, figures: str) -> bool:
        if len(figures) > 1 and (not self.counted or int(figures) != self.counted + 1):
            return False
        self.counted = int(figures)
        return True

    def _take_ends(self, read: _Words) -> None:
        """Take off what stands at the end: the mark of the new, departments and regions."""
        read.is_double = sum(map(_is_pimms, read.name.split())) > 1
        for _ in range(_MOST_ENDS):
            words = read.name.rstrip(" ;,.:-–—")
            if words.endswith("*"):
                read.name, read.is_new = words.rstrip("* "), True
                continue
            read.name = words
            rest, part = _split_end(words)
            if not rest:
                break
            if fold(part) in _NEW:
                read.is_new = True
            elif codes := self._find_departments(part):
                if not read.codes and not words.endswith(")"):
                    read.is_sure = any(map(is_number, part))
                read.take(part, codes)
            elif self._is_region(part, is_whole=True):
                read.region = part
            elif words.endswith(")") and (inside := self._split_place(part)):
                read.name = f"{rest}, {inside[0]}"
                read.take(inside[1], self._find_departments(inside[1]))
                continue
            else:
                break
            read.name = rest
        for group in read.name.split("(")[1:]:
            if self._find_departments(group.partition(")")[0]):
                read.is_doubtful = True

    def _split_place(self, words: str) -> tuple[str, str] | None:
        """Return the town and the department of « Orsac, 30 » or « 30 - Orsac »."""
        for separator in (",", " - ", " – ", "/"):
            first, found, last = words.rpartition(separator)
            if found and first.strip() and last.strip():
                if self._find_departments(last):
                    return first.strip(), last.strip()
                if self._find_departments(first):
                    return last.strip(), first.strip()
        return None

    def _choose_department(self, read: _Words) -> tuple[str, frozenset[str]]:
        """Return the department as written, and the codes of those that it may mean."""
        if read.is_doubtful:
            return "", frozenset()
        if not read.codes:
            return self.carried, self.carried_codes
        if not read.is_sure and self.carried and not read.codes & self.carried_codes:
            read.is_doubtful = True
            return "", frozenset()
        return read.department, read.codes

    def _find_only_record(self, names: Sequence[str]) -> tuple[str, frozenset[str]]:
        """Return the department of our only record of the first name that one of ours has."""
        for name in names:
            if codes := self.lookups.codes_by_site_name.get(fold(name)):
                if len(codes) > 1:
                    break
                (code,) = codes
                return self.lookups.department_index.by_code[code].name, frozenset(codes)
        return "", frozenset()

    def _recognise(self, site: _Site, parts: Sequence[str], code: str) -> _Site:
        """Tell whether a site is ours; its town leaves the name if it is ours without it."""
        known = self.lookups.codes_by_site_name
        if code in known.get(fold(site.name), ()):
            return replace(site, is_ours=True)
        if len(parts) == 2 and code in known.get(fold(parts[0]), ()):
            return replace(site, name=parts[0], commune=parts[1], is_ours=True)
        return site

    def _find_departments(self, words: str) -> frozenset[str]:
        """Return the codes of the departments that words may mean: two for « Corse »."""
        if words not in self.found:
            self.found[words] = self._read_departments(words.replace("(", " (").strip(_EDGES))
        return self.found[words]

    def _read_departments(self, words: str) -> frozenset[str]:
        # One figure is a number in a list, or of a note.
        if len(words) < 2:
            return frozenset()
        if codes := self._find_by_code(words) or self._find_by_name(words):
            return codes
        first, _, rest = words.partition(" ")
        rest, last = (rest, first) if self._find_by_code(first) else words.rpartition(" ")[::2]
        return self._find_by_code(last) & self._find_by_name(rest)

    def _find_by_code(self, words: str) -> frozenset[str]:
        words = self.departments.noun_before_code.sub("", words.strip(_EDGES))
        if len(words) < 2 or not self.departments.code.fullmatch(words):
            return frozenset()
        return frozenset(place.code for place in self.departments.by_code(words))

    def _find_by_name(self, words: str) -> frozenset[str]:
        return frozenset(place.code for place in self.departments.by_name(words.strip(_EDGES)))

    def _is_region(self, words: str, *, is_whole: bool = False) -> bool:
        """Whether words name a region; `is_whole`: by its whole name, « Centre » being a place."""
        if is_whole:
            return fold(words) in self.lookups.region_index.by_words
        return bool(self.regions.by_name(words))


def _has_headings(rows: Sequence[Sequence[Cell]], resource: SiteResource) -> bool:
    known = list_known_headings(type(resource))
    searched = [{fold_heading(cell) for cell in row if cell} for row in rows[:SEARCHED]]
    return any(len({known[key] or key for key in keys & known.keys()}) > 1 for keys in searched)


def _is_table(rows: Sequence[Sequence[Cell]]) -> bool:
    """Whether most lines, or most of those with PIMMS, have several columns."""
    # Of every line, and of those with PIMMS: how many there are, how many are wide.
    counts = {False: [0, 0], True: [0, 0]}
    for row in rows:
        if cells := _list_cells(row):
            is_wide = any(not _goes_on(cell) for cell in cells[1:])
            has_pimms = any(_is_pimms(word) for cell in cells for word in cell.split())
            for key in {False, has_pimms}:
                counts[key][0] += 1
                counts[key][1] += is_wide
    return any(wide * 2 > lines for lines, wide in counts.values())


def _list_cells(row: Sequence[Cell]) -> list[str]:
    """Return the cells that say something: a bullet may stand in one of its own."""
    cells = [str(cell) for cell in row if cell is not None]
    return [cell for cell in cells if not _BULLET.fullmatch(cell)]


def _goes_on(cell: str) -> bool:
    """Whether a cell goes on with the one before: a hand puts a space after a comma."""
    return cell[0].isspace() or cell[0] == "("


def _join(row: Sequence[Cell]) -> str:
    """Return a line as it was written, on single spaces."""
    cells = [str(cell) for cell in row if cell is not None and cell != ""]
    words = "".join(f",{cell}" if cell[0].isspace() else f" {cell}" for cell in cells)
    return to_one_line(words.removeprefix(","))


def _strip_bullet(line: str) -> str:
    """Return a line without what stands before its words, nor Gmail's bold: « *words* »."""
    before, _, rest = line.partition("*")
    bold, star, after = rest.partition("*")
    if star and bold and bold == bold.strip() and (not before or before.endswith(" ")):
        line = before + bold + after
    return _BULLET.sub("", line, count=1).strip()


def _is_pimms(word: str) -> bool:
    """Whether a word is PIMMS, and not in the address of a page or of a person."""
    bare = word.strip(_EDGES).casefold().replace("’", "").replace("'", "")
    return (
        bare.startswith("pimms")
        and bare.replace("/", "-").partition("-")[0] == "pimms"
        and "." not in bare
    )


def _is_spoken_of(words: Sequence[str], at: int) -> bool:
    """Whether a line speaks of PIMMS, and does not name one."""
    before = words[at - 1].casefold() if at else ""
    heading, colon, _ = " ".join(words).partition(":")
    return (
        before in _SEVERAL
        or is_number(before)
        or bool(colon and fold(heading) in _MESSAGE_HEADINGS)
    )


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


def _split_commas(words: str) -> list[str]:
    return [part.strip() for part in words.split(",") if part.strip()]


def _word_unmarked(count: int) -> str:
    noun = plural(count, "nouveau site", "nouveaux sites")
    return typeset(
        f"Aucune ligne de ce courriel ne porte d’astérisque : la vague choisie est donnée "
        f"{'au' if count == 1 else f'aux {number(count)}'} {noun}."
    )


def _word_lines(lines: Sequence[FileLine], one: str, many: str) -> list[str]:
    """Quote lines, at most so many: a sentence, or none."""
    if not lines:
        return []
    shown = [f"{quote(line.cells[0])} (ligne {line.number})" for line in lines[:_MOST_QUOTED]]
    if len(lines) > _MOST_QUOTED:
        shown.append(counted(len(lines) - _MOST_QUOTED, "autre"))
    verb = plural(len(lines), one, many)
    return [typeset(f"{counted(len(lines), 'ligne')} {verb} : {enumeration(shown)}.")]

"""Reads a mail line by line: which are sites, under which department they stand, which are none."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from labelling.spreadsheets.resources import SiteResource
from labelling.spreadsheets.tables.known_headings import FileLine, fold_heading
from labelling.spreadsheets.tables.mail_lines import (
    LONGEST,
    MailLine,
    is_pimms,
    names_pimms,
    split_list,
    strip_bullet,
)
from labelling.spreadsheets.tables.mail_names import BRAND, NameReader, NameWords
from labelling.spreadsheets.tables.mail_places import EDGES, MailPlaces
from labelling.spreadsheets.widgets import Cell
from labelling.text import fold, is_number

# A line of more words is a sentence.
_MOST_WORDS = 16
# « les PIMMS », « Union nationale des PIMMS » are no site; nor are « PIMMS labellisés en janvier ».
_SEVERAL = frozenset(("les", "des", "aux", "nos", "vos", "ces", "leurs", "nouveaux", "plusieurs"))
_OF_SEVERAL = frozenset(("labellises", "concernes", "supplementaires", "suivants", "retenus"))
# The lines above a message that was answered or passed on.
_MESSAGE_HEADINGS = frozenset(
    ("de", "a", "cc", "cci", "objet", "envoye", "date", "from", "to", "subject", "sent")
)
# What ends a message; who wrote it is named below.
_CLOSING = re.compile(
    r"(?:(?:bien |tres |sinceres? )?(?:cordialement|amicalement|salutations)|bien a (?:toi|vous)"
    r"|(?:tres )?bonne (?:journee|soiree|reception|fin de)|a bientot|cdt|respectueusement)\b"
)
_SIGNATURE = frozenset(("--", "—", "__", "___"))
# « Nord (2 sites) », « Dans le Rhône »
_COUNT = re.compile(
    r"(?:[:(–-] ?)?[0-9]{1,3} (?:nouveaux? )?(?:sites?|lieux|espaces?) ?\)?\Z", re.IGNORECASE
)
_IN = re.compile(r"\A(?:dans|pour|sur) ", re.IGNORECASE)


@dataclass(frozen=True)
class MailSite:
    """A site that a line names."""

    number: int
    name: str
    department: str = ""
    commune: str = ""
    is_new: bool = False
    is_ours: bool = False
    # Nothing says its department but what stands above it.
    is_bare: bool = False

    def read_cell(self, heading: str) -> Cell:
        new = "oui" if self.is_new else ""
        words = {"Nom": self.name, "Département": self.department, "Commune": self.commune}
        return words.get(heading, new) or None


@dataclass
class MailReader:
    """Reads lines one after the other, and remembers the department that they stand under.

    Unless it `carries` them, a line that is a department is a note.
    """

    resource: SiteResource
    places: MailPlaces
    carries: bool = True
    sites: list[MailSite] = field(default_factory=list)
    notes: list[FileLine] = field(default_factory=list)
    repeated: list[FileLine] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.lookups = self.resource.lookups
        self.carried, self.carried_codes = "", frozenset[str]()
        self.reading = NameReader(self.resource, self.places)
        self.seen: set[tuple[str, str]] = set()
        self.names: set[str] = set()
        self.last_number = 0
        self.is_signing = self.is_quoted = False
        # What each line was: "N" a name alone, "D" a department alone, "-" another.
        self.turns: list[str] = []

    def read(self, line: MailLine) -> None:
        """Read a line: a site or several, the department of those below, or a note."""
        self._follow_message(line.words)
        bare, count = strip_bullet(line.words), len(self.sites)
        is_department = bool(bare) and self._read_bare(line, bare)
        is_name = len(self.sites) > count and self.sites[-1].is_bare
        self.turns.append("D" if is_department else "N" if is_name else "-")

    def _read_bare(self, line: MailLine, bare: str) -> bool:
        """Read a line without its bullet; whether it is a department, of the lines below."""
        words = bare.split()
        at = next((i for i, word in enumerate(words[:_MOST_WORDS]) if is_pimms(word)), None)
        is_heading = len(bare) <= LONGEST and fold_heading(bare) in self.reading.headings
        if at is not None and (is_heading or _is_spoken_of(words, at)):
            self._note(line)
        elif parts := self._split(bare):
            for part in parts:
                self._read_words(MailLine(line.number, part), part)
            self.carried, self.carried_codes = "", frozenset()
        else:
            return self._read_words(line, bare)
        return False

    def _read_words(self, line: MailLine, bare: str) -> bool:
        words = bare.split()
        at = next((i for i, word in enumerate(words[:_MOST_WORDS]) if is_pimms(word)), None)
        if len(bare) > LONGEST or len(words) > _MOST_WORDS:
            if at == 0:
                self.sites.append(MailSite(self._number(line), bare))
            else:
                self._note(line)
        elif at is None:
            if not self.is_signing and self._carry(bare):
                return bool(self.carried)
            self._note(line)
        elif not self._read_site(line, words, at):
            self._note(line)
        return False

    def _split(self, bare: str) -> list[str]:
        """Return the sites that a line names; none if it names one, or may do so.

        « PIMMS Portes, PIMMS mobile (69) » is one, « PIMMS A (30), PIMMS B (42) » are two.
        """
        parts = split_list(bare)
        sites = [part for part in parts if names_pimms(part)]
        is_list = len(sites) > 1 and (
            len(sites) > 2
            or self.places.find_departments(parts[0])
            or all(self.reading.has_department(part) for part in sites)
        )
        return parts if is_list else []

    def _follow_message(self, line: str) -> None:
        """Notice where a message ends and its signature begins, and where another is quoted."""
        bare, is_quoted = line[:LONGEST].lstrip("> "), line.startswith(">")
        if bare in _SIGNATURE or _CLOSING.match(fold(bare)):
            self.is_signing = True
        elif is_quoted != self.is_quoted or line.endswith(":") or _is_message_heading(bare):
            self.is_signing = False
        self.is_quoted = is_quoted

    def _number(self, line: MailLine) -> int:
        """The number of the line, or of the next where a line gave several."""
        self.last_number = max(self.last_number + 1, line.number)
        return self.last_number

    def _note(self, line: MailLine) -> None:
        """Keep an unread line. Nobody knows whether it ends what stood above it: it does."""
        self.notes.append(FileLine(self._number(line), [line.words]))
        self.carried, self.carried_codes = "", frozenset()

    def _carry(self, bare: str) -> bool:
        """Whether the line is a department or a region; what it says stands for those below."""
        words = _IN.sub("", _COUNT.sub("", bare)).strip(EDGES.replace("()", ""))
        codes = self.places.find_departments(words)
        if not self.carries or not (codes or self.places.is_region(words)):
            return False
        self.carried, self.carried_codes = (words if codes else ""), codes
        return True

    def _read_site(self, line: MailLine, words: Sequence[str], at: int) -> bool:
        """Whether the line names a site, which is kept, unless it was named before."""
        read = self.reading.read(words, at)
        if read is None:
            return False
        parts = [read.name] if "(" in read.name else _split_commas(read.name)
        name = " - ".join(parts)
        # « PIMMS Médiation », « Réseau PIMMS »
        known = fold(name).split()
        only = self._find_only_record([name, parts[0]])
        if not set(known) - BRAND or (known[-1] == "pimms" and not read.codes and not only[0]):
            return False
        read.is_doubtful = read.is_doubtful or (read.is_double and not only[0])
        department, codes = self._choose_department(read)
        if self.is_signing and not department and not read.is_doubtful:
            return False
        if read.is_doubtful:
            site = MailSite(0, " ".join(words))
        else:
            is_bare = not (read.codes or read.region or only[0])
            if not department:
                department, codes = only
            place = department or read.region
            site = MailSite(0, name, place, is_new=read.is_new, is_bare=is_bare)
        if len(codes) == 1:
            site = self._recognise(site, parts, *codes)
        self._keep(MailLine(line.number, " ".join(words)), site, codes)
        return True

    def _keep(self, line: MailLine, site: MailSite, codes: frozenset[str]) -> None:
        """Keep a site; one that was named before is a note, though it no longer says where."""
        name = fold(site.name)
        key = name, ",".join(sorted(codes)) or site.department
        if key in self.seen or (name in self.names and not key[1]):
            self.repeated.append(FileLine(self._number(line), [line.words]))
        else:
            self.sites.append(replace(site, number=self._number(line)))
        self.seen.add(key)
        self.names.add(name)

    def _choose_department(self, read: NameWords) -> tuple[str, frozenset[str]]:
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

    def _recognise(self, site: MailSite, parts: Sequence[str], code: str) -> MailSite:
        """Tell whether a site is ours; its town leaves the name if it is ours without it."""
        known = self.lookups.codes_by_site_name
        if code in known.get(fold(site.name), ()):
            return replace(site, is_ours=True)
        if len(parts) == 2 and code in known.get(fold(parts[0]), ()):
            return replace(site, name=parts[0], commune=parts[1], is_ours=True)
        return site


def read_mail(lines: Sequence[MailLine], resource: SiteResource, places: MailPlaces) -> MailReader:
    """Read lines; once more where names and departments take turns, a name first."""
    reader = MailReader(resource, places)
    for line in lines:
        reader.read(line)
    first, *others = "".join(reader.turns).split("N")
    begin = [other.startswith("D") and "D" not in other[1:] for other in others[:-1]]
    if not others or "D" in first or not all(begin) or _has_headings(lines, reader.turns):
        return reader
    follows = others[-1].startswith("D")
    if not follows and len(others) == 1:
        return reader
    # Each is that of the name above it; a name at the end leaves it open, and none is taken.
    again = MailReader(resource, places, carries=False)
    for line in _join_turns(lines, reader.turns) if follows else lines:
        again.read(line)
    return again


def _join_turns(lines: Sequence[MailLine], turns: Sequence[str]) -> list[MailLine]:
    """Return the lines with each department that comes after a name put on its line."""
    joined: list[MailLine] = []
    for before, turn, line in zip(["-", *turns], turns, lines, strict=False):
        if turn == "D" and before == "N":
            joined[-1] = MailLine(joined[-1].number, f"{joined[-1].words} ({line.words})")
        else:
            joined.append(line)
    return joined


def _has_headings(lines: Sequence[MailLine], turns: Sequence[str]) -> bool:
    """Whether a department is surely that of the lines below: « Gard : », or a blank is above."""
    for at, (line, turn) in enumerate(zip(lines, turns, strict=True)):
        if turn == "D":
            is_apart = at > 0 and lines[at - 1].number < line.number - 1
            is_on_top = at + 1 < len(lines) and lines[at + 1].number == line.number + 1
            if line.words.endswith(":") or (is_apart and is_on_top):
                return True
    return False


def _is_message_heading(line: str) -> bool:
    heading, colon, _ = line.partition(":")
    return bool(colon) and fold(heading) in _MESSAGE_HEADINGS


def _is_spoken_of(words: Sequence[str], at: int) -> bool:
    """Whether a line speaks of PIMMS, and does not name one."""
    before = words[at - 1].casefold() if at else ""
    return (
        before in _SEVERAL
        or is_number(before)
        or fold(" ".join(words[at + 1 : at + 2])) in _OF_SEVERAL
        or _is_message_heading(" ".join(words))
    )


def _split_commas(words: str) -> list[str]:
    return [part.strip() for part in words.split(",") if part.strip()]

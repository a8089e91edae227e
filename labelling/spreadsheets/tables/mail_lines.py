"""The lines of a mail, before anything is read of them: cells joined, wrapped lines made whole.

A list in one line, « PIMMS A (30), PIMMS B (42) », is taken apart.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from labelling.spreadsheets.resources import SiteResource
from labelling.spreadsheets.tables.headings import SEARCHED
from labelling.spreadsheets.tables.known_headings import fold_heading, list_known_headings
from labelling.spreadsheets.tables.mail_places import EDGES, MailPlaces
from labelling.spreadsheets.tables.release_text import begins_list
from labelling.spreadsheets.widgets import Cell, show, to_one_line

_QUOTED_EDGES = f'{EDGES}"“”«»'
# A longer line is a sentence.
LONGEST = 150
# A line that holds more sites is no list.
_MOST_PARTS = 100

# Marks of a quotation, bullets, numbers: « > », « • », « 1. », « a) », « n° 1 », Outlook's « o »
# and « § ». An opening parenthesis belongs to the words.
_BULLET = re.compile(
    r"(?:[^\w(]|_)*(?:(?:[0-9]{1,3}[.)°]|[A-Za-z][.)\]]|[ivxIVX]{1,4}[.)]|[nN][°º] ?[0-9]{1,3}\b"
    r"|[oØü](?=\s|$))(?:[^\w(]|_)*)?"
)
# « 30-PIMMS Grandpré »
_GLUED = re.compile(r"\A([0-9]{1,3}|2[AB])[-–—/:](?=pimms\b)", re.IGNORECASE)
_DOTTED = re.compile(r"\bP\. ?I\. ?M\. ?M\. ?S\b\.?", re.IGNORECASE)
# Between two sites of one line, and before the first.
_BETWEEN = re.compile(r"(?:[,;/|] ?(?:et )?|\bet |: ?)(?=(?:le )?pimms\b)", re.IGNORECASE)


@dataclass(frozen=True)
class MailLine:
    """A line as it was written, on single spaces."""

    number: int
    words: str


def list_mail_lines(
    rows: Sequence[Sequence[Cell]], numbers: Sequence[int], places: MailPlaces
) -> list[MailLine]:
    """Return the lines that hold something.

    What a merged cell says of the lines below it, they say themselves.
    """
    lines: list[MailLine] = []
    above: Sequence[Cell] = ()
    was_blank = True
    for number, row in zip(numbers, rows, strict=True):
        filled = _fill_down(row, above, places)
        words = _join(filled, places)
        above = filled if words else above
        if not was_blank and _goes_on_below(lines[-1].words, words, places):
            upper = lines.pop()
            # A region is cut at a hyphen of its own.
            space = " " if names_pimms(upper.words) else ""
            lines.append(MailLine(upper.number, f"{upper.words}{space}{words}"))
        elif words:
            lines.append(MailLine(number, words))
        was_blank = not words
    return lines


def strip_bullet(line: str) -> str:
    """Return a line without what stands before its words, nor Gmail's bold: « *words* »."""
    before, _, rest = line.partition("*")
    bold, star, after = rest.partition("*")
    if star and bold and bold == bold.strip() and (not before or before.endswith(" ")):
        line = before + bold + after
    bare = _BULLET.sub("", _DOTTED.sub("PIMMS", line), count=1).strip()
    return _GLUED.sub(r"\1 - ", bare)


def is_pimms(word: str) -> bool:
    """Whether a word is PIMMS, and not in the address of a page or of a person."""
    bare = word.strip(_QUOTED_EDGES).casefold().replace("’", "").replace("'", "")
    return (
        bare.startswith("pimms")
        and bare.replace("/", "-").partition("-")[0] == "pimms"
        and "." not in bare
    )


def names_pimms(words: str) -> bool:
    """Whether one of the words is PIMMS."""
    return any(map(is_pimms, words.split()))


def split_list(line: str) -> list[str]:
    """Return the sites of a line that names several, and what introduces them; else the line.

    What stands in parentheses is of one site.
    """
    parts: list[str] = []
    begins = depth = seen = 0
    has_name = False
    for match in _BETWEEN.finditer(line):
        # Each word is looked at once, however many separators part no sites.
        piece, seen = line[seen : match.start()], match.end()
        depth += piece.count("(") - piece.count(")")
        has_name = has_name or names_pimms(piece)
        is_introduction = match[0][0] == ":"
        if depth or len(parts) > _MOST_PARTS or (is_introduction and parts):
            continue
        if not is_introduction and not has_name:
            continue
        before = line[begins : match.start()].strip()
        parts.append(f"{before} :" if is_introduction else before)
        begins, has_name = match.end(), False
    return [*parts, line[begins:].strip()]


def is_table(rows: Sequence[Sequence[Cell]], resource: SiteResource, places: MailPlaces) -> bool:
    """Whether the lines are a table, and no mail: they have headings, or several columns.

    Columns of places alone make a list, if a greeting stands above it or its cells are merged.
    """
    if _is_merged_list(rows, places):
        return False
    return _has_headings(rows, resource) or _is_wide(rows, places)


def _has_headings(rows: Sequence[Sequence[Cell]], resource: SiteResource) -> bool:
    known = list_known_headings(type(resource))
    searched = [{fold_heading(cell) for cell in row if cell} for row in rows[:SEARCHED]]
    return any(len({known[key] or key for key in keys & known.keys()}) > 1 for keys in searched)


def _is_wide(rows: Sequence[Sequence[Cell]], places: MailPlaces) -> bool:
    """Whether most lines, or most of those with PIMMS, have several columns."""
    # Of every line, and of those with PIMMS: how many there are, how many are wide.
    counts = {False: [0, 0], True: [0, 0]}
    is_greeted: bool | None = None
    for row in rows:
        if cells := _list_cells(row):
            is_greeted = len(cells) == 1 if is_greeted is None else is_greeted
            has_name = _find_pimms_cell(cells) is not None
            is_wide = any(
                not _goes_on(cell)
                and not (is_greeted and (names_pimms(cell) or places.is_place(cell)))
                for cell in cells[1:]
            )
            for key in {False, has_name}:
                counts[key][0] += 1
                counts[key][1] += is_wide
    return any(wide * 2 > lines for lines, wide in counts.values())


def _is_merged_list(rows: Sequence[Sequence[Cell]], places: MailPlaces) -> bool:
    """Whether names stand last on their lines, after places that some leave to the lines above.

    Its headings may be those of a release.
    """
    above: Sequence[Cell] = ()
    is_merged = False
    for row in rows:
        cells = [show(cell) for cell in row]
        if begins_list(" ".join(cells)) or not any(cells):
            continue
        if (at := _find_pimms_cell(row)) is None:
            alone = _list_cells(row)
            if len(alone) > 1:
                return False
            is_merged = is_merged or places.is_place(alone[0] if alone else "")
            continue
        if any(cells[at + 1 :]) or not all(places.is_place(c) for c in cells[:at] if c):
            return False
        is_merged = is_merged or _fill_down(row, above, places) is not row
        above = _fill_down(row, above, places)
    return is_merged


def _fill_down(row: Sequence[Cell], above: Sequence[Cell], places: MailPlaces) -> Sequence[Cell]:
    """Return a line with the places of the line above it, where it leaves them blank."""
    at = _find_pimms_cell(row)
    if not at or row[at - 1] or at != _find_pimms_cell(above):
        return row
    filled = list(row)
    for position in range(at - 1, -1, -1):
        if filled[position]:
            break
        filled[position] = above[position]
    return filled if any(map(places.is_place, map(show, filled[:at]))) else row


def _find_pimms_cell(row: Sequence[Cell]) -> int | None:
    return next((at for at, cell in enumerate(row) if cell and names_pimms(show(cell))), None)


def _list_cells(row: Sequence[Cell]) -> list[str]:
    """Return the cells that say something: a bullet may stand in one of its own."""
    cells = [str(cell) for cell in row if cell is not None]
    return [cell for cell in cells if not _BULLET.fullmatch(cell)]


def _goes_on(cell: str) -> bool:
    """Whether a cell goes on with the one before: a hand puts a space after a comma."""
    return cell[0].isspace() or cell[0] == "("


def _join(row: Sequence[Cell], places: MailPlaces) -> str:
    """Return a line as it was written, on single spaces."""
    return to_one_line("".join(_list_joined(row, places)).removeprefix(","))


def _list_joined(row: Sequence[Cell], places: MailPlaces) -> Iterator[str]:
    has_name = is_place = False
    for cell in (str(cell) for cell in row if cell is not None and cell != ""):
        is_name = not has_name and names_pimms(cell)
        if is_place and is_name:
            yield f" - {cell}"
        elif cell[0].isspace() or (has_name and places.is_place(cell)):
            yield f", {cell}"
        else:
            yield f" {cell}"
        is_place, has_name = places.is_place(cell), has_name or is_name


def _goes_on_below(line: str, below: str, places: MailPlaces) -> bool:
    """Whether a line was cut: its parenthesis is open, or ends with a hyphen, or opens below."""
    if not below or len(line) + len(below) > LONGEST or names_pimms(below):
        return False
    if line.endswith("-") and places.is_region(line + below, is_whole=True):
        return True
    if not names_pimms(line):
        return False
    is_open = line.count("(") > line.count(")") and below.count(")") > below.count("(")
    return is_open or below[0] == "(" or line.endswith((" -", " –"))

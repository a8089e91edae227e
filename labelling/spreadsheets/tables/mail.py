"""Lines pasted from a mail become a table: a site a line, its department where people write it.

What a line may be:

    - PIMMS Grandpré - Centre (Gard)      the department in parentheses
    - PIMMS Grandpré, Orsac, 30           after commas, a town before it
    - PIMMS Grandpré - Gard               after a dash, by its whole name
    - 69 - PIMMS Virelune                 before
    - Gard :                              alone: that of the lines below, until another line
    - PIMMS Valbrune                      nowhere: that of our only record of that name

Where names and departments take turns, and a name is first, a department is that of the name above
it. The part of a release that holds its list is such lines too: « Gard PIMMS Nîmes * ».

A line with PIMMS whose department is not known is a line all the same, to be corrected, unless it
signs the message; any other is a note. A line is never taken for a heading.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from labelling.spreadsheets.resources import SiteResource
from labelling.spreadsheets.tables.headings import FileTable, understand
from labelling.spreadsheets.tables.known_headings import FileLine
from labelling.spreadsheets.tables.mail_lines import (
    is_table,
    list_mail_lines,
)
from labelling.spreadsheets.tables.mail_places import MailPlaces
from labelling.spreadsheets.tables.mail_reader import read_mail
from labelling.spreadsheets.tables.release_text import is_release, join_rows
from labelling.spreadsheets.widgets import Cell, quote
from labelling.text import counted, enumeration, number, plural, typeset

# More lines are no mail.
LONGEST_MAIL = 2000
# So many unread lines are quoted, the others counted.
_MOST_QUOTED = 20


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
    if len(rows) > LONGEST_MAIL or is_release(join_rows(rows)):
        return None
    places = MailPlaces(resource.lookups)
    if is_table(rows, resource, places):
        return None
    reader = read_mail(list_mail_lines(rows, numbers, places), resource, places)
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

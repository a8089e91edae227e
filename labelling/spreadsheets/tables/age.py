"""Whether a list is older than our records: it lacks every site of our later waves, and has the
others."""

from collections.abc import Iterable
from datetime import date

from labelling.models.stored import FileColumn
from labelling.spreadsheets.tables.kinds import Kinds, read_words
from labelling.spreadsheets.tables.known_headings import FileLine
from labelling.spreadsheets.tables.known_sites import KnownSites
from labelling.spreadsheets.tables.membership import Membership
from labelling.spreadsheets.widgets import Lookups

# Of our sites of the waves that a list knows, so many are in it.
_PRESENT = 0.8
# A column of more days than there will ever be waves tells none.
_MOST_WAVES = 1000


def is_older(
    columns: Iterable[FileColumn],
    lines: Iterable[FileLine],
    known: KnownSites,
    lookups: Lookups,
) -> bool:
    """Whether a list of every site stops before our last wave."""
    columns = list(columns)
    position = next((c.position for c in columns if c.field == "wave"), None)
    if position is None:
        return False
    lines = list(lines)
    read, membership = Kinds(lookups), Membership(columns, known)
    days: dict[str, date | None] = {}
    for line in lines:
        words = read_words(line.read_cell(position))
        if words not in days:
            if len(days) == _MOST_WAVES:
                return False
            # A month of ours is the day of its wave, not the first of it.
            ours = read.find_wave_days(words) if words else []
            days[words] = ours[0] if len(ours) == 1 else read.find_label_day(words)
    last = max((day for day in days.values() if day), default=None)
    if last is None:
        return False
    later = {site.key for site in known.sites if site.wave_on and site.wave_on > last}
    if not later:
        return False
    found = (membership.find_site(line.cells) for line in lines)
    present = {site.key for site in found if site}
    earlier = {site.key for site in known.sites if site.wave_on and site.wave_on <= last}
    return bool(
        earlier and not later & present and len(earlier & present) >= _PRESENT * len(earlier)
    )

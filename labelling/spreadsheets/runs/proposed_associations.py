"""The association of a new site whose line names none, where its names or its commune say it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from labelling.choices import RowState
from labelling.models import Association, ImportRow, ImportRun, Site
from labelling.text import fold

# Beyond so many, no person reads them: the file may name associations in a column.
MOST_PROPOSED = 200
_LONGEST_NAME = 8


@dataclass(frozen=True, kw_only=True)
class ProposedAssociation:
    """A line of a new site, and the association that it may be of."""

    row: ImportRow
    association: Association


def list_proposed_associations(run: ImportRun) -> list[ProposedAssociation]:
    """The first lines of new sites without association for which one is found."""
    if run.model_key != "site":
        return []
    # A cell that names one that we do not know is to correct, and no new site yet.
    new = run.rows.to_write().in_state(RowState.NEW).exclude(after__has_key="association_id")
    rows = list(new.order_by("number")[: 5 * MOST_PROPOSED])
    if not rows:
        return []
    known = _Known()
    found = ((row, known.find(row.after)) for row in rows)
    proposed = [ProposedAssociation(row=row, association=one) for row, one in found if one]
    return proposed[:MOST_PROPOSED]


class _Known:
    """Our associations by their words, and by the communes of their sites."""

    def __init__(self) -> None:
        associations = Association.objects.in_bulk()
        self.by_words = {fold(one.name): one for one in associations.values()}
        self.by_commune: defaultdict[tuple[Any, str], set[Association]] = defaultdict(set)
        sites = Site.objects.filter(association__isnull=False, withdrawn_on=None).exclude(
            commune=""
        )
        for department, commune, key in sites.order_by().values_list(
            "department_id", "commune", "association_id"
        ):
            self.by_commune[department, fold(commune)].add(associations[key])

    def find(self, values: dict[str, Any]) -> Association | None:
        """The only one whose whole name stands in the line's; else the only one in its commune."""
        texts = [fold(values.get(name) or "") for name in ("name", "state_name", "commune")]
        named = {
            words: self.by_words[words] for words in _list_parts(texts) if words in self.by_words
        }
        # « Artois Gohelle », and not « Artois » which it holds.
        longest = max(map(_count_words, named), default=0)
        best = {one for words, one in named.items() if _count_words(words) == longest}
        if not named:
            best = self.by_commune.get((values.get("department_id"), texts[2]), set())
        return next(iter(best)) if len(best) == 1 else None


def _list_parts(texts: Iterable[str]) -> Iterable[str]:
    """Every run of whole words of each text."""
    for one in texts:
        words = one.split()
        for first in range(len(words)):
            for last in range(first + 1, min(first + _LONGEST_NAME, len(words)) + 1):
                yield " ".join(words[first:last])


def _count_words(words: str) -> int:
    return len(words.split())

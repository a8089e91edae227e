"""Two lines of one file for one record, one name or one number [R11]."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db.models import Count

from labelling import text
from labelling.choices import RowState
from labelling.models import ImportRow, ImportRun
from labelling.models.stored import CellProblem
from labelling.spreadsheets.runs import batches

# What no two lines may both claim, and what it is where a line claims nothing.
_CLAIMS = {"record_id": None, "first_key": "", "second_key": ""}
# So many lines are named to each other; what is said of a group does not grow with its lines.
_NAMED = 10


def mark_twins(run: ImportRun) -> None:
    """Two lines for one record: both are to correct, and each names the other."""
    lines = run.rows.filter(is_aside=False).exclude(state=RowState.OUTSIDE).order_by("number")
    for name, blank in _CLAIMS.items():
        keyed = lines.exclude(**{name: blank})
        twice = keyed.order_by().values(name).annotate(Count("pk")).filter(pk__count__gt=1)
        for keys in batches.split([row[name] for row in twice]):
            groups = defaultdict(list)
            found = keyed.filter(**{f"{name}__in": keys})
            for row in found.only("run", "number", "label", "state", "problems", name):
                groups[getattr(row, name)].append(row)
            twins = (row for group in groups.values() for row in _mark(group))
            batches.update(twins, ["state", "problems"])


def _mark(group: Sequence[ImportRow]) -> Iterator[ImportRow]:
    named = [str(row.number) for row in group[:_NAMED]]
    if rest := len(group) - len(named):
        named.append(f"{text.number(rest)} {text.plural(rest, 'autre')}")
    numbers = text.enumeration(named)
    reason = text.typeset(
        f"Les lignes {numbers} parlent de la même fiche. Gardez-en une : corrigez les autres ou "
        "mettez-les de côté."
    )
    problem = CellProblem(reason, value=group[0].label)
    for row in group:
        others = [p for p in row.problems if p.reason != reason]
        row.problems = [*others, problem]
        row.state = RowState.WRONG
        yield row


def add_twins(run: ImportRun, rows: Iterable[ImportRow]) -> Iterator[ImportRow]:
    """`rows`, then the lines that claimed the same records before they changed."""
    lines = set()
    claimed: dict[str, set[Any]] = {name: set() for name in _CLAIMS}
    for row in rows:
        lines.add(row.pk)
        for name, keys in claimed.items():
            keys.add(getattr(row, name))
        yield row
    twins: set[int] = set()
    for name, keys in claimed.items():
        for some in batches.split(keys - {None, ""}):
            twins.update(run.rows.filter(**{f"{name}__in": some}).values_list("pk", flat=True))
    yield from batches.pick(run.rows.all(), sorted(twins - lines))

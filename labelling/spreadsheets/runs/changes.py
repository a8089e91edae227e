"""What an import in preparation would change, by kind, and what it makes of the network."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q

from labelling.choices import RowState
from labelling.models import ImportRun, LabellingWave, Site
from labelling.models.imports import ImportRowQuerySet
from labelling.spreadsheets.resources import RESOURCES

# Kinds of changed lines, beside each printed field whose value they replace: what was empty is
# filled, something else is replaced, a value of the file was refused, a value is proposed.
COMPLETED, MODIFIED, KEPT, PROPOSED = "completed", "modified", "kept", "proposed"
# What a release prints of a record, or decides whether it does: nobody lets it change unread.
PRINTED: Mapping[str, tuple[str, ...]] = {
    "site": ("department_id", "wave_id", "name", "withdrawn_on"),
    "association": ("name",),
    "labellingwave": ("name", "effective_on"),
    "presscontact": ("name", "phone", "email"),
}
KINDS = {
    COMPLETED,
    MODIFIED,
    KEPT,
    PROPOSED,
    *(name for names in PRINTED.values() for name in names),
}


@dataclass
class Changes:
    """The lines that change something, by kind, in the order of the file.

    A line may be of several kinds: a department that moves, and an address that was empty.
    """

    kinds: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    # What each kind changes: the fields, and on how many lines.
    fields: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    # By wave, its key or the day of one to be created: how many new sites have it.
    waves: Counter[Any] = field(default_factory=Counter)
    # Of new sites, the wave and the end of the label; of others by their key, those that change.
    granted: list[tuple[Any, Any]] = field(default_factory=list)
    moved: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    created: int = 0


def is_empty(value: Any) -> bool:
    return value is None or value == ""


def find_kind(model_key: str, name: str, before: Any) -> str:
    """Of a field that a line writes over `before`: which kind of change that is."""
    if is_empty(before):
        return COMPLETED
    return name if name in PRINTED.get(model_key, ()) else MODIFIED


def read_changes(run: ImportRun) -> Changes:
    """Sort the lines by what they change, in one query."""
    changes = Changes()
    changing = Q(state__in=(RowState.NEW, RowState.CHANGED))
    refused = Q(state=RowState.UNCHANGED, kept__isnull=False)
    rows = run.rows.filter(changing | refused, is_aside=False).order_by("number")
    values = rows.values_list("pk", "state", "record_id", "before", "after", "kept", "problems")
    for pk, state, record, before, after, kept, problems in values:
        if problems:
            changes.kinds[PROPOSED].append(pk)
        if state == RowState.NEW:
            changes.created += 1
            changes.granted.append((after.get("wave_id"), after.get("withdrawn_on")))
            if after.get("wave_id"):
                changes.waves[after["wave_id"]] += 1
            continue
        kinds = {name: find_kind(run.model_key, name, before.get(name)) for name in after}
        for kind in dict.fromkeys(kinds.values()):
            changes.kinds[kind].append(pk)
            changes.fields[kind].update(name for name, other in kinds.items() if other == kind)
        if kept:
            changes.kinds[KEPT].append(pk)
        if record is not None and after.keys() & {"wave_id", "withdrawn_on"}:
            changes.moved[record] = after
    return changes


def list_lines(run: ImportRun, kind: str) -> ImportRowQuerySet:
    """The lines of a kind."""
    return run.rows.filter(pk__in=read_changes(run).kinds.get(kind, []))


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How many records there are, and how many sites are labelled: today, and once applied."""

    records: int
    labelled: int | None
    records_after: int
    labelled_after: int | None
    # New sites whose wave takes effect later.
    labelled_later: int = 0


def foresee(run: ImportRun, changes: Changes, day: date) -> Outcome:
    """Count what applying `run` on `day` would make of the records, in three queries."""
    model = RESOURCES[run.model_key]._meta.model
    records = model._default_manager.count()
    if model is not Site:
        return Outcome(
            records=records,
            labelled=None,
            records_after=records + changes.created,
            labelled_after=None,
        )
    days: dict[Any, date | None] = dict(LabellingWave.objects.values_list("pk", "effective_on"))
    days |= {wave.effective_on.isoformat(): wave.effective_on for wave in run.new_waves}

    def holds(wave: Any, end: Any) -> bool:
        began = days.get(wave)
        ended = date.fromisoformat(end) if isinstance(end, str) else end
        return began is not None and began <= day and (ended is None or ended > day)

    labelled = Site.objects.labelled_on(day).count()
    gained = sum(holds(*granted) for granted in changes.granted)
    later = sum(
        (began := days.get(wave)) is not None and began > day for wave, _ in changes.granted
    )
    sites = Site._base_manager.filter(pk__in=changes.moved)
    for key, wave, end in sites.values_list("pk", "wave_id", "withdrawn_on"):
        after = changes.moved[key]
        now = holds(wave, end)
        gained += holds(after.get("wave_id", wave), after.get("withdrawn_on", end)) - now
    return Outcome(
        records=records,
        labelled=labelled,
        records_after=records + changes.created,
        labelled_after=labelled + gained,
        labelled_later=later,
    )

"""What later imports, still applied, built on what one wrote: they are to be undone before it.

Undone after it, they would put its values back, and its values would stay for ever.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce

from labelling import text
from labelling.choices import ImportStatus, RowState
from labelling.models import ImportRow, ImportRun, LabellingWave, Record
from labelling.models.imports import ImportRowQuerySet
from labelling.spreadsheets.judging.cells import to_ledger
from labelling.spreadsheets.resources import RESOURCES
from labelling.spreadsheets.runs import batches
from labelling.spreadsheets.runs.rights import may_undo

# What is read of a line.
_READ = ("record_id", "before", "after")
# So many imports are named in a sentence.
_MOST_NAMED = 10


@dataclass(frozen=True)
class BuiltUpon:
    """The imports to undo before another, in the order in which to undo them; mostly none."""

    imports: Sequence[ImportRun] = ()
    # Whether the person may undo all of them.
    may_undo: bool = True

    def __str__(self) -> str:
        count = len(self.imports)
        if not count:
            return ""
        keys = [f"n°\u00a0{run.pk}" for run in self.imports[:_MOST_NAMED]]
        if more := count - len(keys):
            keys.append(text.counted(more, "autre"))
        stand = text.plural(count, "L’import {} s’appuie", "Les imports {} s’appuient")
        if self.may_undo:
            then = text.plural(count, "annulez-le", "annulez-les")
        else:
            them = text.plural(count, "l’", "les ")
            then = f"demandez à un responsable de {them}annuler"
        order = text.plural(count, "", ", dans cet ordre")
        clause = stand.format(text.enumeration(keys))
        return f"{clause} sur celui-ci\u00a0: {then} d’abord{order}."


def find_built_upon(run: ImportRun, user: User | None) -> BuiltUpon:
    """What is to be undone before `run`, which is applied, as far as the records alone say.

    Undoing it finds besides what keeps former values from coming back: a name taken since.
    """
    return Later(run).conclude(user)


class Later:
    """The imports, still applied, that built on what `run` wrote.

    Those that wrote over its values, that changed the records which it added, or that gave others
    one of these (a site its wave), unless a person wrote since: what people did stands.
    """

    def __init__(self, run: ImportRun) -> None:
        self.run = run
        self.model: type[Record] = RESOURCES[run.model_key]._meta.model
        self.waves = WaveKeys()
        self.later_runs: set[int] = set()
        written = run.rows.written()
        over = self._find_lines(self.model).filter(
            state=RowState.CHANGED,
            record_id=OuterRef("record_id"),
            version__gt=Coalesce(OuterRef("version"), 0),
        )
        for rows in read_batches(written.filter(Exists(over), state=RowState.CHANGED)):
            self._look_over(rows)
        for rows in read_batches(written.filter(Exists(over), state=RowState.NEW)):
            self._look_into(self.model, [row.record_id or 0 for row in rows])
        if _find_givers(self.model):
            for rows in read_batches(written.filter(state=RowState.NEW).only("run", *_READ)):
                self._look_around(self.model, {row.record_id or 0 for row in rows})
        if waves := {wave.record for wave in run.new_waves if wave.record is not None}:
            self._look_into(LabellingWave, waves)
            self._look_around(LabellingWave, waves)

    def conclude(self, user: User | None) -> BuiltUpon:
        """What was found, the last import first, and whether `user` may undo it."""
        if not self.later_runs:
            return BuiltUpon()
        runs = ImportRun.objects.filter(pk__in=self.later_runs).select_related("applied_by")
        imports = list(runs.only(*_SHOWN).order_by("-applied_at", "-pk"))
        return BuiltUpon(imports, all(may_undo(user, run) for run in imports))

    def look_at(self, columns: Mapping[int, Collection[str]]) -> None:
        """Look whether later imports wrote these columns of records, by key."""
        lines = self._by_record(self.model, columns, run__applied_at__gt=self.run.applied_at)
        for record in self.model._base_manager.filter(pk__in=list(lines)):
            for name in columns[record.pk]:
                self.later_runs.update(run for run, *_ in self._find_standing(record, name, lines))

    def _look_over(self, rows: Iterable[ImportRow]) -> None:
        """Look for what was written over the values of these lines."""
        mine = {row.record_id or 0: row for row in rows}
        lines = self._by_record(self.model, mine, state=RowState.CHANGED)
        for record in self.model._base_manager.filter(pk__in=list(mine)):
            row = mine[record.pk]
            later = [line for line in lines[record.pk] if (line.version or 0) > (row.version or 0)]
            for name, written in row.after.items():
                value, over = self.waves.resolve(self.run.pk, name, written), set()
                for run, _, before in self._find_standing(record, name, {record.pk: later}):
                    over.add(run)
                    if before == value:
                        self.later_runs |= over

    def _look_into(self, model: type[Record], keys: Collection[int]) -> None:
        """Look for what was changed of the records added under these keys."""
        lines = self._by_record(model, keys, state=RowState.CHANGED)
        added = as_added(model, self.run, list(lines))
        for record in model._base_manager.filter(pk__in=list(added)):
            values, into = read_values(record), set()
            for name in values:
                for run, _, before in self._find_standing(record, name, lines):
                    into.add(run)
                    values[name] = before
            if values == added[record.pk]:
                self.later_runs |= into

    def _look_around(self, model: type[Record], keys: Collection[int]) -> None:
        """Look for the records that were given, or that gave up, one of those added."""
        for giver, name in _find_givers(model):
            given = giver._base_manager.filter(**{f"{name}__in": keys}).values("pk")
            gave_up = self._find_lines(giver).filter(**{f"before__{name}__in": list(keys)})
            theirs = Q(record_id__in=given) | Q(
                record_id__in=gave_up.order_by().values("record_id")
            )
            lines = self._group(self._find_lines(giver).filter(theirs))
            for record in giver._base_manager.filter(pk__in=list(lines)):
                around = set()
                for run, value, before in self._find_standing(record, name, lines):
                    around.add(run)
                    if value in keys or before in keys:
                        self.later_runs |= around

    def _find_standing(
        self, record: Record, name: str, lines: Mapping[int, Iterable[ImportRow]]
    ) -> Iterator[tuple[int, Any, Any]]:
        """What lines wrote in a field, the last first: the import, the value, the one before.

        As long as it stands, or would stand again once those before were taken back.
        """
        value = to_ledger(getattr(record, name))
        for line in lines[record.pk]:
            if name not in line.after:
                continue
            if self.waves.resolve(line.run_id, name, line.after[name]) == value:
                before = line.before.get(name)
                yield line.run_id, value, before
                value = before

    def _find_lines(self, model: type[Record]) -> ImportRowQuerySet:
        """What the other imports, still applied, wrote on records of a kind, the last first."""
        return (
            ImportRow.objects.written()
            .filter(run__status=ImportStatus.APPLIED, run__model_key=model._meta.model_name)
            .exclude(run=self.run)
            .order_by(Coalesce("version", 0).desc())
        )

    def _by_record(
        self, model: type[Record], keys: Iterable[int], **which: Any
    ) -> dict[int, list[ImportRow]]:
        return self._group(self._find_lines(model).filter(record_id__in=list(keys), **which))

    def _group(self, lines: ImportRowQuerySet) -> dict[int, list[ImportRow]]:
        groups = defaultdict(list)
        for line in lines.only("run", "version", *_READ):
            groups[line.record_id].append(as_read(line))
        return groups


class WaveKeys:
    """The keys of the waves that lines write as the text of their date, not created yet."""

    def resolve(self, run: int, name: str, value: Any) -> Any:
        """What the value of a column stands for, in a line of this import."""
        if name != "wave_id" or not isinstance(value, str):
            return value
        return self._created.get(run, {}).get(value) or self._by_date.get(value)

    @cached_property
    def _created(self) -> dict[int, dict[str, int]]:
        runs = ImportRun.objects.exclude(status=ImportStatus.PREPARING).exclude(new_waves=[])
        return {
            run: {
                wave.effective_on.isoformat(): wave.record
                for wave in waves
                if wave.record is not None
            }
            for run, waves in runs.values_list("pk", "new_waves")
        }

    @cached_property
    def _by_date(self) -> dict[str, int]:
        """For those that somebody created between the preview and the application."""
        waves = LabellingWave.objects.values_list("effective_on", "pk")
        return {day.isoformat(): pk for day, pk in waves}


def as_added(model: type[Record], run: ImportRun, keys: Iterable[int]) -> dict[int, dict[str, Any]]:
    """The values that records had when `run` added them, by key."""
    entries = model.history.filter(
        history_type="+", history_change_reason=run.reason, id__in=list(keys)
    )
    return {entry.id: read_values(entry, model) for entry in entries}


def read_values(entry: Any, model: type[Record] | None = None) -> dict[str, Any]:
    """The values of a record, or of an entry of its history, that nothing computes."""
    model = model or type(entry)
    return {
        f.attname: text.legible_value(to_ledger(getattr(entry, f.attname)))
        for f in model._meta.concrete_fields
        if not f.primary_key and (f.editable or f.name in model.restored_fields)
    }


def read_batches(lines: ImportRowQuerySet) -> Iterator[list[ImportRow]]:
    """Lines in the order of their records, as locks want it."""
    for batch in batches.read(lines, "record_id"):
        yield [as_read(line) for line in batch]


def as_read(line: ImportRow) -> ImportRow:
    """The line, its texts as records hold them: an older version wrote what nobody sees too."""
    for values in (line.before, line.after):
        values.update({name: text.legible_value(value) for name, value in values.items()})
    return line


def _find_givers(model: type[Record]) -> list[tuple[type[Record], str]]:
    """The records that imports write and that designate records of `model`, with their column."""
    return [
        (cast("type[Record]", relation.related_model), relation.field.attname)
        for relation in model._meta.related_objects
        if relation.related_model._meta.model_name in RESOURCES
    ]


# What a page says of an import.
_SHOWN = (
    "status",
    "model_key",
    "file_name",
    "is_pasted",
    "created_count",
    "new_waves",
    "applied_at",
    "applied_by__first_name",
    "applied_by__last_name",
    "applied_by__username",
)

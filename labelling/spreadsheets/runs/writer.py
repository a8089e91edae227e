"""Records written in bulk, as `save()` does one by one: keys, version, one history entry."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib.auth.models import User
from django.db import connection, models
from django.utils import timezone

from labelling.models import AcceptedFinding, ImportRow, ImportRun, LabellingWave, Record
from labelling.models.record_sets import unguarded
from labelling.spreadsheets.runs import batches


class Waves:
    """The waves that the file names: those of the base, and those created with the import."""

    def __init__(self, run: ImportRun, user: User | None) -> None:
        self.run, self.user = run, user
        self.keys: dict[str, int] = {}
        self.proposed = {wave.effective_on.isoformat(): wave for wave in run.new_waves}

    def find_key(self, day: str) -> int:
        if day not in self.keys:
            self.keys[day] = self._find(day)
        return self.keys[day]

    def _find(self, day: str) -> int:
        wave = LabellingWave.objects.filter(effective_on=day).first()
        if wave is None:
            proposed = self.proposed[day]
            wave = LabellingWave(name=proposed.name, effective_on=proposed.effective_on)
            wave._change_reason = self.run.reason
            wave._history_user = self.user  # type: ignore[attr-defined]
            wave.save()
            proposed.record = wave.pk
        return int(wave.pk)


class Writer:
    """Writes records in bulk, as `save()` does one by one: keys, version, one history entry."""

    def __init__(self, model: type[Record], user: User | None, reason: str) -> None:
        self.model = model
        self.user = user
        self.reason = reason
        self.now = timezone.now()
        self.dates = {
            f.attname for f in model._meta.concrete_fields if isinstance(f, models.DateField)
        }

    def create(self, rows: Sequence[ImportRow], waves: Waves | None = None) -> None:
        """Create the record of each line, and note its key on the line."""
        if not rows:
            return
        records = []
        for row in rows:
            record = self.model()
            self._set(record, row.after, waves)
            if row.is_to_name:
                record.made_name = row.after["name"]  # type: ignore[attr-defined]
            record.compute_keys()
            records.append(record)
        unguarded(self.model).bulk_create(records)
        for row, record in zip(rows, records, strict=True):
            row.record_id = record.pk
        self.write_history([record.pk for record in records], "+")
        batches.note_records(rows)

    def change(self, values: dict[int, dict[str, Any]], waves: Waves | None = None) -> None:
        """Give records, by key, their new values as the ledger holds them."""
        if not values:
            return
        records = list(self.model._base_manager.filter(pk__in=list(values)).order_by("pk"))
        names: set[str] = set()
        for record in records:
            wanted = values[record.pk]
            self._set(record, wanted, waves)
            record.compute_keys()
            record.version += 1
            names.update(wanted)
        by_column = {f.attname: f.name for f in self.model._meta.concrete_fields}
        # Ten times faster than saving each, and as right: its keys, version and history are here.
        unguarded(self.model).bulk_create(
            records,
            update_conflicts=True,
            unique_fields=[self.model._meta.pk.name],
            update_fields=[*{by_column[name] for name in names}, *self.model.computed_fields],
        )
        self.write_history([record.pk for record in records], "~")

    def delete(self, records: Sequence[Record]) -> None:
        """Delete records that nothing is built on; what may do without them is told so."""
        keys = [record.pk for record in records]
        self.write_history(keys, "-")
        for relation in self.model._meta.get_fields(include_hidden=True):
            if isinstance(relation, models.ManyToOneRel) and relation.on_delete is models.SET_NULL:
                name = relation.field.name
                theirs = relation.related_model._base_manager.filter(**{f"{name}__in": keys})
                theirs.update(**{name: None})
        AcceptedFinding.objects.of(self.model, keys).delete()
        # Past the deletions one by one: nothing stands on these, and their history is written.
        chosen = self.model._base_manager.filter(pk__in=keys)
        chosen._raw_delete(chosen.db)

    def write_history(self, keys: Sequence[int], kind: str) -> None:
        """Add an entry for each record, of these keys, as the base now holds it."""
        history = self.model.history.model
        table, histories = self.model._meta.db_table, history._meta.db_table
        held = ", ".join(f'"{field.column}"' for field in history.tracked_fields)
        said = "history_date, history_user_id, history_change_reason, history_type"
        marks = ", ".join(["%s"] * len(keys))
        statement = (
            f'INSERT INTO "{histories}" ({held}, {said}) SELECT {held}, %s, %s, %s, %s '  # noqa: S608
            f'FROM "{table}" WHERE id IN ({marks}) ORDER BY id'
        )
        now = connection.ops.adapt_datetimefield_value(self.now)
        with connection.cursor() as cursor:
            cursor.execute(
                statement, [now, self.user.pk if self.user else None, self.reason, kind, *keys]
            )

    def _set(self, record: Record, values: dict[str, Any], waves: Waves | None) -> None:
        for name, stored in values.items():
            value = stored
            if isinstance(stored, str):
                if name in self.dates:
                    value = date.fromisoformat(stored)
                elif name == "wave_id" and waves is not None:
                    value = waves.find_key(stored)
            setattr(record, name, value)

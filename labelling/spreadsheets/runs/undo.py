"""Taking an import back: field by field, only what it wrote and nobody touched since."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Any

from django.contrib.auth.models import User
from django.db import models, transaction

from labelling import text
from labelling.choices import ImportStatus, RowState
from labelling.models import (
    ImportRow,
    ImportRun,
    LabellingWave,
    MergedSite,
    PressContact,
    PressRelease,
    Record,
    Site,
)
from labelling.models.stored import LeftValue
from labelling.spreadsheets.judging.cells import to_ledger
from labelling.spreadsheets.resources import RESOURCES, checks
from labelling.spreadsheets.resources.matching import make_matcher
from labelling.spreadsheets.runs import batches
from labelling.spreadsheets.runs.built_upon import (
    BuiltUpon,
    Later,
    WaveKeys,
    as_added,
    read_batches,
    read_values,
)
from labelling.spreadsheets.runs.rights import (
    ImportRefused,
    NoRight,
    check_may_prepare,
    format_moment,
    make_refusal,
    may,
    name_user,
)
from labelling.spreadsheets.runs.writer import Writer


class Cause(Enum):
    """Why something stays: what is counted of it, and what it does, of one and of several."""

    NEWER = ("fiche", "garde des valeurs plus récentes", "gardent des valeurs plus récentes")
    GONE = ("fiche", "a été supprimée depuis", "ont été supprimées depuis")
    MERGED = (
        "fiche",
        "a été fusionnée depuis avec une autre",
        "ont été fusionnées depuis avec d’autres",
    )
    FORMER = (
        "fiche",
        "n’a pas retrouvé toutes ses valeurs d’avant",
        "n’ont pas retrouvé toutes leurs valeurs d’avant",
    )
    USED = ("fiche ajoutée", "reste, car elle sert ailleurs", "restent, car elles servent ailleurs")
    WAVE = ("vague ajoutée", "reste", "restent")

    def word(self, count: int) -> str:
        noun, clause, clauses = self.value
        plural = " ".join(f"{word}s" for word in noun.split())
        return f"{text.counted(count, noun, plural)} {text.plural(count, clause, clauses)}"


@dataclass(frozen=True)
class Left(LeftValue):
    """What stays as it is, with the cause by which it is counted."""

    cause: Cause


@dataclass
class Undoing:
    """« Ce qui sera remis » and « Ce qui restera, et pourquoi »."""

    # By record: its label, and the values it gets back, by column.
    restored: dict[int, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    # Records that the import created and that go: their label.
    deleted: dict[int, str] = field(default_factory=dict)
    waves_deleted: dict[int, str] = field(default_factory=dict)
    left: list[Left] = field(default_factory=list)
    # What the import did and the person has no right to take back: « ajouté des fiches ».
    not_allowed: list[str] = field(default_factory=list)
    # What is to be undone before.
    first: BuiltUpon = field(default_factory=BuiltUpon)

    @property
    def refusal(self) -> str:
        """Why this person may not undo the import, or not yet; empty if they may."""
        if self.first.imports:
            return str(self.first)
        if not self.not_allowed:
            return ""
        return (
            "Demandez à un responsable d’annuler cet import\u00a0: il a "
            f"{text.enumeration(self.not_allowed)}, que votre accès ne permet pas de supprimer."
        )

    def __str__(self) -> str:
        back, gone = len(self.restored), len(self.deleted)
        parts = []
        if back:
            parts.append(
                f"{text.counted(back, 'fiche')} "
                f"{text.plural(back, 'remise', 'remises')} comme avant"
            )
        if gone:
            parts.append(
                f"{text.counted(gone, 'fiche')} {text.plural(gone, 'supprimée', 'supprimées')}"
            )
        sentence = text.enumeration(parts) or "Rien n’a pu être remis"
        stays = {
            cause: {left.record for left in self.left if left.cause == cause} for cause in Cause
        }
        if counts := [cause.word(len(records)) for cause, records in stays.items() if records]:
            sentence += f"\u202f; {text.enumeration(counts)}"
        return f"{sentence}."


def foresee(run: ImportRun, user: User | None) -> Undoing:
    """What undoing `run` would put back, and what would stay and why. Nothing is written."""
    _check(run, user)
    return _Undoer(run, user).undoing


def undo(run: ImportRun, user: User | None) -> Undoing:
    """Put back what `run` wrote and nobody touched since; return what was done and what stayed.

    Raise ImportRefused if it is not applied, if later imports built on it, or if `user` may not
    change these records. Who lacks the right to a part of it undoes nothing: half undone, it is
    nobody's to undo any more.
    """
    with transaction.atomic():
        locked = ImportRun.objects.locked(run.pk)
        _check(locked, user)
        undoer = _Undoer(locked, user, is_locking=True)
        if refusal := undoer.undoing.refusal:
            kind = ImportRefused if undoer.undoing.first.imports else NoRight
            raise kind(f"{refusal} Rien n’a été annulé.")
        undoer.write()
        return undoer.undoing


def _check(run: ImportRun, user: User | None) -> None:
    if run.status == ImportStatus.PREPARING:
        raise ImportRefused("Cet import n’est pas encore appliqué\u00a0: il n’y a rien à annuler.")
    if run.status == ImportStatus.UNDONE:
        raise make_refusal(run)
    check_may_prepare(user, run.model_key)
    if not may(user, "change", run.model_key):
        raise NoRight("Votre accès ne permet pas de modifier ces fiches. Rien n’a été annulé.")


class _Undoer:
    def __init__(self, run: ImportRun, user: User | None, *, is_locking: bool = False) -> None:
        self.run, self.user, self.is_locking = run, user, is_locking
        self.model: type[Record] = RESOURCES[run.model_key]._meta.model
        self.fields = {f.attname: f for f in self.model._meta.concrete_fields}
        self.checks = checks.list_checks(self.model)
        self.matcher = make_matcher(self.model)
        # What a site's label depends on.
        self.known_waves = LabellingWave.objects.in_bulk() if self.model is Site else {}
        self.printed = PressRelease.objects.find_printed_sites() if self.model is Site else {}
        self.merged = self._read_merged()
        self.waves = [wave.record for wave in run.new_waves if wave.record is not None]
        self.wave_keys = WaveKeys()
        self.undoing = Undoing()
        # The columns that keep a record, by key, from letting values come back.
        self.obstacles: dict[int, set[str]] = defaultdict(set)
        # Created records first: what they hold is free again for those that get theirs back.
        for rows in self._read_lines(RowState.NEW):
            self._judge_created(rows)
        for held in self.matcher.held:
            for key in [key for key, pk in held.items() if pk in self.undoing.deleted]:
                del held[key]
        for rows in self._read_lines(RowState.CHANGED):
            self._judge_changed(rows)
        self._judge_waves()
        # Last, when every record is locked: what another import is writing is not there yet.
        later = Later(run)
        later.look_at(self.obstacles)
        self.undoing.first = later.conclude(user)

    def write(self) -> None:
        run, undoing = self.run, self.undoing
        writer = Writer(self.model, self.user, run.undo_reason)
        for keys in batches.split(sorted(undoing.deleted)):
            records = list(self.model._base_manager.filter(pk__in=keys))
            if self.model is PressContact:
                # A person who goes takes their history along.
                for record in records:
                    record.delete()
            else:
                writer.delete(records)
        for keys in batches.split(sorted(undoing.restored)):
            writer.change({key: undoing.restored[key][1] for key in keys})
        if undoing.waves_deleted:
            waves = Writer(LabellingWave, self.user, run.undo_reason)
            waves.delete(list(LabellingWave.objects.filter(pk__in=list(undoing.waves_deleted))))
        run.status = ImportStatus.UNDONE
        run.undone_at, run.undone_by = writer.now, self.user
        run.left = list(undoing.left)
        # The persons who went took what the columns showed of them: that is not written back.
        run.save(update_fields=["status", "undone_at", "undone_by", "left"])

    def _read_lines(self, state: str) -> Iterator[list[ImportRow]]:
        """The lines written, in the order of their records, as locks want it."""
        return read_batches(self.run.rows.written().filter(state=state))

    def _read_records(self, rows: Iterable[ImportRow]) -> dict[int, Record]:
        records = self.model._base_manager.filter(pk__in=[row.record_id for row in rows])
        records = records.order_by("pk")
        if self.is_locking:
            records = records.select_for_update()
        return {record.pk: record for record in records}

    # The records that the import created

    def _judge_created(self, rows: list[ImportRow]) -> None:
        records = self._read_records(rows)
        authors = self._find_authors(self._find_touched(self.model, records))
        used = self._find_used(records)
        may_delete = may(self.user, "delete", self.run.model_key)
        for row in rows:
            pk = row.record_id or 0
            record = records.get(pk)
            if pk in self.merged:
                self._leave_merged(row)
            elif record is None:
                self._leave(row, "", "Cette fiche a déjà été supprimée.", Cause.GONE)
            elif pk in authors:
                reason = f"Fiche créée par l’import, modifiée depuis {authors[pk]}."
                self._leave(row, "", reason, Cause.NEWER)
            elif pk in used:
                self._leave(row, "", used[pk], Cause.USED)
            elif not may_delete:
                self._forbid("ajouté des fiches")
            else:
                self.undoing.deleted[pk] = row.label

    def _find_touched(self, model: type[Record], records: Mapping[int, Record]) -> list[int]:
        """Those of the records that the import added that are not as it added them."""
        saved = [pk for pk, record in records.items() if record.version != 1]
        added = as_added(model, self.run, saved)
        return [pk for pk in saved if read_values(records[pk]) != added.get(pk)]

    def _find_used(self, records: Mapping[int, Record]) -> dict[int, str]:
        """The records on which something was built since, with what."""
        used: dict[int, str] = {}
        for relation in self.model._meta.related_objects:
            name = relation.field.attname
            others = relation.related_model._base_manager.filter(**{f"{name}__in": list(records)})
            noun = relation.related_model._meta.verbose_name
            for pk in others.values_list(name, flat=True):
                used[pk] = f"Une autre fiche s’y rattache depuis ({noun})."
        for pk in self.printed.keys() & records.keys():
            day = text.long_date(self.printed[pk])
            used[pk] = f"Ce site figure dans le communiqué du {day}."
        return used

    # The records that it changed

    def _judge_changed(self, rows: list[ImportRow]) -> None:
        records = self._read_records(rows)
        newer = [
            row.record_id
            for row in rows
            if row.record_id in records and records[row.record_id].version != (row.version or 0) + 1
        ]
        authors = self._find_authors(newer)
        gone = self._find_gone(rows)
        for row in rows:
            pk = row.record_id or 0
            record = records.get(pk)
            if pk in self.merged:
                self._leave_merged(row)
                continue
            if record is None:
                self._leave(row, "", "Cette fiche a été supprimée depuis.", Cause.GONE)
                continue
            values = {}
            for name, stored in row.after.items():
                written = self.wave_keys.resolve(self.run.pk, name, stored)
                if to_ledger(getattr(record, name)) == written:
                    if row.before.get(name) in gone[name]:
                        reason = "La fiche que cette valeur désignait a été supprimée depuis."
                        self._leave(row, name, reason, Cause.FORMER)
                    else:
                        values[name] = row.before.get(name)
                elif to_ledger(getattr(record, name)) != row.before.get(name):
                    who = authors.get(pk, "par une autre personne")
                    self._leave(row, name, f"Valeur modifiée depuis {who}.", Cause.NEWER)
            if values and (fault := self._find_fault(record, values)):
                self._leave(row, "", fault, Cause.FORMER)
            elif values:
                self.undoing.restored[pk] = (row.label, values)

    def _find_gone(self, rows: Iterable[ImportRow]) -> Mapping[str, set[int]]:
        """The records that former values designate and that are no more, by column."""
        gone: dict[str, set[int]] = defaultdict(set)
        for name, key in self.fields.items():
            if isinstance(key, models.ForeignKey):
                former = {row.before.get(name) for row in rows} - {None}
                gone[name] = former - set(key.related_model._base_manager.in_bulk(former))
        return gone

    def _find_fault(self, record: Record, values: Mapping[str, Any]) -> str:
        """Why the record cannot hold its former values; empty if it can."""
        merged = {name: getattr(record, name) for name in self.fields}
        for name, value in values.items():
            is_date = isinstance(self.fields[name], models.DateField) and isinstance(value, str)
            merged[name] = date.fromisoformat(value) if is_date else value
        checks.compute(merged)
        for check in self.checks:
            if check.holds(merged) is False:
                self.obstacles[record.pk].update(check.columns)
                return check.message
        if self.model is Site:
            wave = self.known_waves.get(merged["wave_id"])
            for fault in Site.find_label_faults(merged, wave, self.printed).values():
                self.obstacles[record.pk] |= {"wave_id", "withdrawn_on"}
                return fault
        for unique, held in zip(self.matcher.uniques, self.matcher.held, strict=True):
            key = unique.make_key(merged)
            if key and (holder := held.setdefault(key, record.pk)) != record.pk:
                columns = (*unique.columns, *unique.condition_columns)
                self.obstacles[holder].update(map(checks.find_source, columns))
                return unique.message
        return ""

    def _judge_waves(self) -> None:
        """The waves created with the import go if nothing stands on them any more."""
        if not self.waves:
            return
        back = {pk for pk, (_, values) in self.undoing.restored.items() if "wave_id" in values}
        going = back | set(self.undoing.deleted)
        waves = LabellingWave.objects.filter(pk__in=self.waves).order_by("pk")
        if self.is_locking:
            waves = waves.select_for_update()
        created = {wave.pk: wave for wave in waves}
        touched = self._find_touched(LabellingWave, created)
        sites = Site.objects.filter(wave__in=self.waves).values_list("pk", "wave_id")
        used = {wave for pk, wave in sites if pk not in going}
        used |= {v["wave_id"] for _, v in self.undoing.restored.values() if v.get("wave_id")}
        for wave in created.values():
            if wave.pk in touched:
                reason = "Vague créée par l’import, modifiée depuis."
            elif wave.pk in used or wave.releases.exists():
                reason = "Des sites ou un communiqué s’y rattachent."
            elif not may(self.user, "delete", "labellingwave"):
                self._forbid("créé des vagues")
                continue
            else:
                self.undoing.waves_deleted[wave.pk] = wave.name
                continue
            self.undoing.left.append(Left(wave.pk, wave.name, "", reason, Cause.WAVE))

    def _read_merged(self) -> dict[int, str]:
        """The records that went into another, by key: the name of that one."""
        if self.model is not Site:
            return {}
        return dict(MergedSite.objects.values_list("pk", "into__name"))

    def _leave_merged(self, row: ImportRow) -> None:
        name = self.merged[row.record_id or 0]
        reason = f"Cette fiche a été fusionnée depuis avec « {name} », qui garde ses valeurs."
        self._leave(row, "", text.typeset(reason), Cause.MERGED)

    def _forbid(self, what: str) -> None:
        if what not in self.undoing.not_allowed:
            self.undoing.not_allowed.append(what)

    def _leave(self, row: ImportRow, name: str, reason: str, cause: Cause) -> None:
        self.undoing.left.append(Left(row.record_id or 0, row.label, name, reason, cause))

    def _find_authors(self, keys: Iterable[int | None]) -> dict[int, str]:
        """Who saved each record last, and when: « par Prénom Nom, le 14 octobre 2020 à 9 h »."""
        wanted = [key for key in keys if key]
        if not wanted:
            return {}
        entries = self.model.history.filter(id__in=wanted).select_related("history_user")
        last: dict[int, Any] = defaultdict(lambda: None)
        for entry in entries.order_by("history_id"):
            last[entry.id] = entry
        authors = {}
        for key in wanted:
            entry = last[key]
            when = f", {format_moment(entry.history_date)}" if entry else ""
            authors[key] = f"par {_name_author(entry)}{when}"
        return authors


def _name_author(entry: Any) -> str:
    """Who made an entry: an import if it did, else a person."""
    reason = (entry and entry.history_change_reason) or ""
    if ImportRun.read_key(reason):
        # « l’import n° 3 », « l’annulation de l’import n° 3 ».
        return f"l’{reason[0].lower()}{reason[1:]}"
    return name_user(entry.history_user) if entry and entry.history_user else "une autre personne"

"""How backups and timed tasks stand: noted in the journal, told on the home page [R20]."""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath

from django.conf import settings
from django.core.management.base import CommandError
from django.db import Error, connection, transaction
from django.utils.text import Truncator

from labelling import text
from labelling.choices import Event, TimedTask
from labelling.models import JournalEntry

# After how long what should have been done again is missed: a night, a month.
_BACKUP_MISSED = timedelta(hours=36)
_REHEARSAL_MISSED = timedelta(days=35)

_LONGEST_SENTENCE = 300
# Where something lies on a machine, or on another one.
_PLACE = re.compile(r"(?<![\w/])(?:[A-Za-z]{1,20}:/)?/\S*")


@dataclass(frozen=True, kw_only=True)
class LastBackup:
    """A backup that was made; `size` in bytes."""

    name: str
    size: int
    is_copied: bool
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Failing:
    """A task that fails, since when, and what it said then."""

    task: TimedTask
    since: datetime
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What the journal knows of backups and tasks; None is never."""

    backup: LastBackup | None
    rehearsed_at: datetime | None
    failing: tuple[Failing, ...]
    # Whether this machine makes backups by itself, and then what it has missed.
    is_timed: bool
    is_backup_missed: bool
    is_rehearsal_missed: bool


@contextmanager
def watched(task: TimedTask) -> Iterator[None]:
    """Note that a task failed, and let the fault go on; else that it works, if it failed before.

    For what a timer runs: above `handle`, or « with ». What somebody types with arguments of their
    own says nothing of the timer's, and goes without.
    """
    try:
        yield
    except Exception as fault:
        # A base that is lost notes nothing; one that came back does, on a new connection.
        with suppress(Error):
            if not connection.in_atomic_block:
                connection.close_if_unusable_or_obsolete()
            note_failure(task, _word_fault(fault))
        raise
    note_success(task)


def note_backup(path: Path, size: int, *, is_copied: bool) -> None:
    """Note that a backup was made, of `size` bytes, and whether a second place has it too."""
    JournalEntry.objects.note(
        Event.BACKED_UP, author=None, name=path.name, size=size, is_copied=is_copied
    )


def note_rehearsal(path: Path, rows: int) -> None:
    """Note that a backup was restored into a scratch base, which then held so many rows."""
    JournalEntry.objects.note(Event.REHEARSED, author=None, name=path.name, rows=rows)


def note_failure(task: TimedTask, sentence: str) -> None:
    """Note that a task failed, if it was not failing already.

    Of the sentence, the first line; of where something lies, its name alone.
    """
    with transaction.atomic():
        if not _is_failing(task):
            JournalEntry.objects.note(
                Event.TASK_FAILED, author=None, task=task, sentence=_without_places(sentence)
            )


def note_success(task: TimedTask) -> None:
    """Note that a task works again, if it was failing."""
    with transaction.atomic():
        if _is_failing(task):
            JournalEntry.objects.note(Event.TASK_RECOVERED, author=None, task=task)


def read_standing(now: datetime) -> Standing:
    """What the journal says at this moment of backups, rehearsals and tasks, in one question."""
    entries = _read_newest()
    backup = next((_read_backup(one) for one in entries if one.event == Event.BACKED_UP), None)
    rehearsed_at = next((one.at for one in entries if one.event == Event.REHEARSED), None)
    is_timed = bool(settings.BACKUP_FOLDER)
    return Standing(
        backup=backup,
        rehearsed_at=rehearsed_at,
        failing=tuple(_list_failing(entries)),
        is_timed=is_timed,
        is_backup_missed=is_timed and (not backup or now - backup.at > _BACKUP_MISSED),
        is_rehearsal_missed=is_timed
        and (not rehearsed_at or now - rehearsed_at > _REHEARSAL_MISSED),
    )


def _is_failing(task: TimedTask) -> bool:
    return any(one.task == task for one in _list_failing(_read_newest()))


def _read_newest() -> list[JournalEntry]:
    """In the order in which they were noted, backwards, whatever a clock said."""
    return [*JournalEntry.objects.newest_of_upkeep().order_by("-pk")]


def _list_failing(entries: list[JournalEntry]) -> Iterator[Failing]:
    """The tasks whose newest entry is a failure; `entries` come newest first."""
    known = set()
    for entry in entries:
        task = entry.details.get("task")
        if task is None or task in known:
            continue
        known.add(task)
        if entry.event == Event.TASK_FAILED:
            sentence = entry.details["sentence"]
            yield Failing(task=TimedTask(task), since=entry.at, sentence=sentence)


def _read_backup(entry: JournalEntry) -> LastBackup:
    return LastBackup(at=entry.at, **entry.details)


def _word_fault(fault: Exception) -> str:
    """Ours says what happened; what a library says may hold anything."""
    if isinstance(fault, CommandError):
        return str(fault)
    kind = type(fault).__name__
    return f"Elle s’est arrêtée sur une erreur ({kind}), que la machine a notée."


def _without_places(sentence: str) -> str:
    first, *_ = sentence.strip().splitlines() or [""]
    named = _PLACE.sub(
        lambda match: "…" if ":" in match[0] else PurePosixPath(match[0]).name, first
    )
    return text.typeset(Truncator(named).chars(_LONGEST_SENTENCE))

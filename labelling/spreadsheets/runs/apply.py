"""What was prepared -> the records: what the preview showed, or nothing."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from labelling import text
from labelling.choices import ImportStatus, RowState
from labelling.models import ColumnMapping, ImportRow, ImportRun, PressRelease
from labelling.models.remembered import LONGEST_HEADING
from labelling.spreadsheets.resources import RESOURCES, checks
from labelling.spreadsheets.resources.matching import NO_RECORD, make_matcher
from labelling.spreadsheets.runs import batches, kept_values, ledger, pairs
from labelling.spreadsheets.runs.rights import (
    ImportRefused,
    NoRight,
    check_may_edit,
    make_refusal,
    may,
    may_undo,
)
from labelling.spreadsheets.runs.writer import Waves, Writer
from labelling.spreadsheets.tables.known_headings import fold_heading, list_known_headings

Progress = Callable[[int], None]
# Of the lines to read again, how many are named.
_MOST_NUMBERS = 20
_CHANGED = "Des fiches ont été créées ou modifiées depuis l’aperçu. Rien n’a été appliqué\u00a0:"


class LinesChanged(ImportRefused):
    """Records changed since the preview: nothing was written, and the lines were judged again.

    `numbers` are those of the lines, where they are few enough to be named.
    """

    def __init__(self, message: str, numbers: Sequence[int] = ()) -> None:
        super().__init__(message)
        self.numbers = numbers


@dataclass(frozen=True)
class Applied:
    """What an import wrote, as the database counts it."""

    created: int
    changed: int
    model_key: str
    # Whether who applied it has the right to take it back.
    may_undo: bool = True
    # Whether it is a list of the State in which nothing was to write: it was taken note of.
    is_noted: bool = False

    def __str__(self) -> str:
        if self.is_noted:
            return text.typeset("Aucune fiche modifiée. « À vérifier » s’en tient à cette liste.")
        if not self.created and not self.changed:
            return "Aucune fiche modifiée. Ce que vous gardez toujours est retenu."
        noun = RESOURCES[self.model_key]._meta.model.noun
        singular, plural = noun.singular, noun.plural
        added = noun.agree("ajouté", many=self.created > 1)
        modified = noun.agree("modifié", many=self.changed > 1)
        if self.created and self.changed:
            counts = f"{text.counted(self.created, singular, plural)} {added}, "
            counts += f"{text.number(self.changed)} {modified}"
        elif self.changed:
            counts = f"{text.counted(self.changed, singular, plural)} {modified}"
        else:
            counts = f"{text.counted(self.created, singular, plural)} {added}"
        who = "Vous pouvez" if self.may_undo else "Un responsable peut"
        return f"{counts}. {who} annuler cet import depuis sa page."


def apply(
    run: ImportRun,
    user: User | None,
    *,
    good_lines_only: bool = False,
    seen: str | None = None,
    progress: Progress | None = None,
) -> Applied:
    """Write what the preview showed, all of it or nothing, once.

    `seen` is the `touched_at` of the preview that a person read, as `isoformat()` writes it. Raise
    ImportRefused, in French, if it is another one by now, if lines are still to settle (unless
    `good_lines_only`), if it was applied before, if a record changed since (the lines are then
    judged again), or if `user` lacks the right to a kind of change.
    """
    try:
        with transaction.atomic():
            locked = ImportRun.objects.locked(run.pk)
            check_may_edit(user, locked)
            if seen is not None and seen != locked.touched_at.isoformat():
                raise ImportRefused(
                    "L’aperçu a changé depuis que cette page est ouverte. Rien n’a été "
                    "appliqué\u00a0: relisez-le, puis appliquez."
                )
            _check(locked, user, good_lines_only)
            stale = _find_stale(locked)
            if not stale:
                kept_values.remember(locked, user)
                applied = _write(locked, user, progress)
                _remember_columns(locked, user)
                return applied
    except IntegrityError:
        # Somebody created or renamed what the file creates too.
        stale = None
    goes_on = _judge_again(run, stale)
    numbers = [number for _, number in stale or ()]
    named = numbers if len(numbers) <= _MOST_NUMBERS else []
    raise LinesChanged(_word_changed(numbers, goes_on=goes_on), named)


def _check(run: ImportRun, user: User | None, good_lines_only: bool) -> None:
    if not run.is_complete:
        raise ImportRefused("Ce fichier n’a pas été lu jusqu’au bout. Déposez-le à nouveau.")
    if run.problems:
        raise ImportRefused(" ".join(run.problems))
    counts = run.rows.count_states()
    unsettled = run.rows.to_settle().count()
    if unsettled and not good_lines_only:
        verb = text.plural(unsettled, "attend", "attendent")
        them = text.plural(unsettled, "la", "les")
        raise ImportRefused(
            f"{text.counted(unsettled, 'ligne')} {verb} encore une réponse. Corrigez-{them}, "
            f"mettez-{them} de côté, ou appliquez seulement les lignes bonnes."
        )
    to_write = counts[RowState.NEW] + counts[RowState.CHANGED]
    if not (to_write or kept_values.find_refusals(run) or may_be_noted(run, counts)):
        raise ImportRefused(
            f"Il n’y a rien à appliquer{text.NO_BREAK_SPACE}: aucune fiche ne change."
        )
    if counts[RowState.NEW] and not may(user, "add", run.model_key):
        raise NoRight("Votre accès ne permet pas d’ajouter ces fiches. Rien n’a été appliqué.")
    if counts[RowState.CHANGED] and not may(user, "change", run.model_key):
        raise NoRight("Votre accès ne permet pas de modifier ces fiches. Rien n’a été appliqué.")
    if run.new_waves and not may(user, "add", "labellingwave"):
        raise NoRight("Votre accès ne permet pas de créer des vagues. Rien n’a été appliqué.")


def may_be_noted(run: ImportRun, counts: Mapping[str, int]) -> bool:
    """Whether it is a list of the State that changes no record: the last list all the same."""
    to_write = counts[RowState.NEW] + counts[RowState.CHANGED]
    return run.is_national_list and counts[RowState.UNCHANGED] > 0 and not to_write


def _find_stale(run: ImportRun) -> list[tuple[int, int]]:
    """The lines (key, number) that would not be judged as the preview shows them."""
    stale = _find_changed(run) + _find_announced(run) + _find_recognised(run)
    return sorted(set(stale), key=lambda line: line[1])


def _find_changed(run: ImportRun) -> list[tuple[int, int]]:
    """The lines whose record changed; locks every record.

    Always in the order of their keys: two imports that lock the same records do not embrace.
    """
    model = RESOURCES[run.model_key]._meta.model
    stale = []
    lines = run.rows.to_write().filter(state=RowState.CHANGED).order_by("record_id")
    last = 0
    while batch := list(
        lines.filter(record_id__gt=last).values_list("pk", "number", "record_id", "version")[
            : 5 * batches.BATCH
        ]
    ):
        last = batch[-1][2] or 0
        records = model._base_manager.filter(pk__in=[row[2] for row in batch]).order_by("pk")
        versions = dict(records.select_for_update().values_list("pk", "version"))
        stale += [(pk, n) for pk, n, key, version in batch if versions.get(key) != version]
    return stale


def _find_announced(run: ImportRun) -> list[tuple[int, int]]:
    """The lines that wipe out a label that a release lists by now."""
    lines = run.rows.to_write().filter(after__wave_id=None).values_list("pk", "number", "record_id")
    if not lines:
        return []
    printed = PressRelease.objects.find_printed_sites()
    return [(pk, number) for pk, number, record in lines if record in printed]


def _find_recognised(run: ImportRun) -> list[tuple[int, int]]:
    """The new lines that may speak of a record by now, which somebody created or renamed."""
    lines = run.rows.to_write().filter(state=RowState.NEW)
    if not lines.exists():
        return []
    matcher = make_matcher(RESOURCES[run.model_key]._meta.model)
    stale = [(line.pk, line.number) for line in pairs.find_to_hold(run)]
    read = lines.values_list("pk", "number", "after", "answers", "is_to_name")
    for pk, number, values, answers, is_to_name in read.iterator(chunk_size=batches.BATCH):
        if answers and answers.record == "new":
            continue
        if is_to_name:
            del values["name"]  # Made from the State's, after the line was recognised.
        checks.compute(values)
        if matcher.find(values) != NO_RECORD:
            stale.append((pk, number))
    return stale


def _judge_again(run: ImportRun, stale: list[tuple[int, int]] | None) -> bool:
    """Judge the lines `stale` again, all of them if None; return whether any waits to be applied.

    Or for an answer.
    """
    with transaction.atomic():
        locked = ImportRun.objects.locked(run.pk)
        if locked.status != ImportStatus.PREPARING:
            raise make_refusal(locked)
        rows = None
        if stale is not None:
            rows = locked.rows.filter(pk__in=[pk for pk, _ in stale])
        ledger.judge_again(locked, rows)
        waiting = locked.rows.to_write() | locked.rows.to_settle()
        return waiting.exists() or bool(kept_values.find_refusals(locked))


def _word_changed(stale: list[int], *, goes_on: bool) -> str:
    if not stale:
        return f"{_CHANGED} l’aperçu a été refait, relisez-le."
    numbers = [str(number) for number in stale]
    if (more := len(numbers) - _MOST_NUMBERS) > 0:
        numbers[_MOST_NUMBERS:] = [text.counted(more, "autre")]
    lines = text.plural(len(stale), "la ligne", "les lignes")
    ending = ", puis appliquez à nouveau." if goes_on else ". Il n’y a plus rien à appliquer."
    return f"{_CHANGED} relisez {lines} {text.enumeration(numbers)}{ending}"


def _write(run: ImportRun, user: User | None, progress: Progress | None) -> Applied:
    writer = Writer(RESOURCES[run.model_key]._meta.model, user, run.reason)
    waves = Waves(run, user)
    created = changed = 0
    for rows in _read_lines_to_write(run):
        new = [row for row in rows if row.state == RowState.NEW]
        writer.create(new, waves)
        old = [row for row in rows if row.state == RowState.CHANGED]
        writer.change({row.record_id or 0: row.after for row in old}, waves)
        created, changed = created + len(new), changed + len(old)
        if progress:
            progress(created + changed)
    run.status = ImportStatus.APPLIED
    run.applied_at, run.applied_by = writer.now, user
    run.created_count, run.changed_count = created, changed
    # One may have been created meanwhile by somebody else.
    run.new_waves = [wave for wave in run.new_waves if wave.record is not None]
    run.save()
    batches.count_anew(created + changed)
    is_noted = run.is_national_list and not created + changed
    return Applied(created, changed, run.model_key, may_undo(user, run), is_noted)


def _read_lines_to_write(run: ImportRun) -> Iterator[list[ImportRow]]:
    needed = ("run", "number", "state", "record_id", "after", "is_to_name")
    return batches.read(run.rows.to_write().only(*needed), "number")


def _remember_columns(run: ImportRun, user: User | None) -> None:
    """Remember the fields given to headings, for the next file that has them.

    That a column is not taken is remembered too, except of a heading that everybody's files have.
    """
    known = list_known_headings(RESOURCES[run.model_key])
    fields: dict[str, str] = {}
    for column in run.columns:
        key, field = fold_heading(column.heading), column.field or ""
        if len(key) > LONGEST_HEADING:  # More than a title.
            continue
        if column.how == "person" and key and (field or key not in known):
            # Two columns may have one heading.
            fields[key] = fields.get(key) or field
    ColumnMapping.objects.bulk_create(
        [
            ColumnMapping(
                model_key=run.model_key,
                heading=key,
                field=field,
                taught_by=user,
                taught_at=run.applied_at,
                run=run,
            )
            for key, field in fields.items()
        ],
        update_conflicts=True,
        unique_fields=["model_key", "heading"],
        update_fields=["field", "taught_by", "taught_at", "run"],
    )

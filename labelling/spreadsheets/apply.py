"""The plan -> the records: what the preview showed, or nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from labelling import text
from labelling.models import (
    ColumnMapping,
    ImportRow,
    ImportRun,
    ImportStatus,
    RowState,
)
from labelling.spreadsheets import ledger
from labelling.spreadsheets.headings import heading_key
from labelling.spreadsheets.resources import RESOURCES
from labelling.spreadsheets.rights import (
    ImportRefused,
    NoRight,
    check_may_edit,
    may,
    name_of,
)
from labelling.spreadsheets.writing import BATCH, Waves, Writer

# « 37 sites ajoutés »: the noun, its plural, and the ending of what agrees with it.
_NOUNS = {
    "site": ("site", "sites", ""),
    "association": ("association", "associations", "e"),
    "labellingwave": ("vague", "vagues", "e"),
    "presscontact": ("contact", "contacts", ""),
}


class AlreadyApplied(ImportRefused):
    """Somebody applied it before; nothing was done twice."""


class LinesChanged(ImportRefused):
    """Records changed since the preview: nothing was written, and the lines were judged again."""


@dataclass(frozen=True)
class Applied:
    """What an import wrote, as the database counts it."""

    created: int
    changed: int
    model_key: str

    def __str__(self) -> str:
        one, many, ending = _NOUNS[self.model_key]
        added = text.plural(self.created, f"ajouté{ending}", f"ajouté{ending}s")
        modified = text.plural(self.changed, f"modifié{ending}", f"modifié{ending}s")
        if self.created and self.changed:
            counts = f"{text.counted(self.created, one, many)} {added}, "
            counts += f"{text.number(self.changed)} {modified}"
        elif self.changed:
            counts = f"{text.counted(self.changed, one, many)} {modified}"
        else:
            counts = f"{text.counted(self.created, one, many)} {added}"
        return f"{counts}. Vous pouvez annuler cet import depuis sa page."


def apply(
    run: ImportRun,
    user: User | None,
    *,
    good_lines_only: bool = False,
    progress: ledger.Progress | None = None,
) -> Applied:
    """Write what the preview showed, all of it or nothing, once.

    Raise ImportRefused, in French, if lines are still to settle (unless `good_lines_only`), if it
    was applied before, if a record changed since (the lines are then judged again), or if `user`
    lacks the right to a kind of change.
    """
    try:
        with transaction.atomic():
            locked = _locked(run)
            _check(locked, user, good_lines_only)
            stale = _stale_lines(locked)
            if not stale:
                applied = _write(locked, user, progress)
                _remember_columns(locked)
                return applied
    except IntegrityError:
        # Somebody created or renamed what the file creates too.
        stale = None
    _judge_again(run, stale)
    raise LinesChanged(_changed_sentence(stale))


def already_done(run: ImportRun) -> ImportRefused:
    """What to say to whoever comes after."""
    if run.status == ImportStatus.UNDONE:
        return ImportRefused(
            f"Cet import a été annulé par {name_of(run.undone_by)}, {moment(run.undone_at)}. "
            "Déposez le fichier à nouveau pour le reprendre."
        )
    return AlreadyApplied(
        f"Cet import a déjà été appliqué par {name_of(run.applied_by)}, "
        f"{moment(run.applied_at)}. Rien n’a été fait deux fois."
    )


def moment(at: datetime | None) -> str:
    """Return « aujourd’hui à 9 h 05 » or « le 14 octobre 2020 à 9 h 05 »."""
    local = timezone.localtime(at)
    day = "aujourd’hui" if local.date() == timezone.localdate() else f"le {text.long_date(local)}"
    return f"{day} à {text.clock_time(local.hour, local.minute)}"


def _locked(run: ImportRun) -> ImportRun:
    """The run, held until the end of the transaction, without the bytes of its file."""
    return ImportRun.objects.select_for_update().defer("content").get(pk=run.pk)


def _check(run: ImportRun, user: User | None, good_lines_only: bool) -> None:
    check_may_edit(user, run)
    if not run.is_complete:
        raise ImportRefused("Ce fichier n’a pas été lu jusqu’au bout. Déposez-le à nouveau.")
    if run.problems:
        raise ImportRefused(" ".join(run.problems))
    counts = run.rows.counts()
    unsettled = run.rows.to_settle().count()
    if unsettled and not good_lines_only:
        verb = text.plural(unsettled, "attend", "attendent")
        them = text.plural(unsettled, "la", "les")
        raise ImportRefused(
            f"{text.counted(unsettled, 'ligne')} {verb} encore une réponse. Corrigez-{them}, "
            f"mettez-{them} de côté, ou appliquez seulement les lignes bonnes."
        )
    if not counts[RowState.NEW] + counts[RowState.CHANGED]:
        raise ImportRefused(
            f"Il n’y a rien à appliquer{text.NO_BREAK_SPACE}: aucune fiche ne change."
        )
    if counts[RowState.NEW] and not may(user, "add", run.model_key):
        raise NoRight("Votre accès ne permet pas d’ajouter ces fiches. Rien n’a été appliqué.")
    if counts[RowState.CHANGED] and not may(user, "change", run.model_key):
        raise NoRight("Votre accès ne permet pas de modifier ces fiches. Rien n’a été appliqué.")
    if run.new_waves and not may(user, "add", "labellingwave"):
        raise NoRight("Votre accès ne permet pas de créer des vagues. Rien n’a été appliqué.")


def _stale_lines(run: ImportRun) -> list[tuple[int, int]]:
    """The lines (key, number) whose record changed since the preview; locks every record.

    Always in the order of their keys: two imports that lock the same records do not embrace.
    """
    model = RESOURCES[run.model_key]._meta.model
    stale = []
    lines = run.rows.to_write().filter(state=RowState.CHANGED).order_by("record_id")
    last = 0
    while batch := list(
        lines.filter(record_id__gt=last).values_list("pk", "number", "record_id", "version")[
            : 5 * BATCH
        ]
    ):
        last = batch[-1][2] or 0
        records = model._base_manager.filter(pk__in=[row[2] for row in batch]).order_by("pk")
        versions = dict(records.select_for_update().values_list("pk", "version"))
        stale += [(pk, n) for pk, n, key, version in batch if versions.get(key) != version]
    return stale


def _judge_again(run: ImportRun, stale: list[tuple[int, int]] | None) -> None:
    with transaction.atomic():
        locked = _locked(run)
        if locked.status != ImportStatus.PREPARING:
            raise already_done(locked)
        rows = None
        if stale is not None:
            rows = locked.rows.filter(pk__in=[pk for pk, _ in stale])
        ledger.judge_again(locked, rows)


def _changed_sentence(stale: list[tuple[int, int]] | None) -> str:
    if stale is None:
        return (
            "Des fiches ont été créées ou modifiées depuis l’aperçu. Rien n’a été appliqué\u00a0: "
            "l’aperçu a été refait, relisez-le."
        )
    numbers = sorted(number for _, number in stale)
    shown = text.enumeration([str(n) for n in numbers[:20]])
    lines = text.plural(len(numbers), f"de la ligne {shown}", f"des lignes {shown}")
    more = f" et {len(numbers) - 20} autres" if len(numbers) > 20 else ""
    subject = text.plural(len(numbers), "La fiche", "Les fiches")
    changed = text.plural(len(numbers), "a changé", "ont changé")
    return (
        f"{subject} {lines}{more} {changed} depuis l’aperçu. Rien n’a été appliqué\u00a0: "
        "relisez ces lignes, puis appliquez à nouveau."
    )


def _write(run: ImportRun, user: User | None, progress: ledger.Progress | None) -> Applied:
    writer = Writer(RESOURCES[run.model_key]._meta.model, user, run.reason)
    waves = Waves(run, user)
    created = changed = 0
    for rows in _lines_to_write(run):
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
    run.save()
    return Applied(created, changed, run.model_key)


def _lines_to_write(run: ImportRun) -> Iterator[list[ImportRow]]:
    last = -1
    lines = run.rows.to_write().order_by("number").defer("cells", "before", "answers")
    while batch := list(lines.filter(number__gt=last)[:BATCH]):
        last = batch[-1].number
        yield batch


def _remember_columns(run: ImportRun) -> None:
    """Remember the fields given to headings, for the next file that has them."""
    ColumnMapping.objects.bulk_create(
        [
            ColumnMapping(
                model_key=run.model_key,
                heading=heading_key(column["heading"]),
                field=column["field"] or "",
            )
            for column in run.columns
            if column["how"] in ("person", "likeness") and heading_key(column["heading"])
        ],
        update_conflicts=True,
        unique_fields=["model_key", "heading"],
        update_fields=["field"],
    )

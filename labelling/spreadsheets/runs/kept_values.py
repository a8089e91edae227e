"""« Toujours garder la nôtre »: decided line by line, remembered once the import is applied."""

from dataclasses import dataclass, field

from django.contrib.auth.models import User
from django.utils import timezone

from labelling.choices import Decision, RowState
from labelling.models import ImportRun, KeptValue
from labelling.spreadsheets.runs.rights import NoRight, may


@dataclass
class Refusals:
    """What applying an import would refuse for good, and what it would no longer refuse."""

    new: list[KeptValue] = field(default_factory=list)
    over: list[KeptValue] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.new) + len(self.over)


def find_refusals(run: ImportRun) -> Refusals:
    """What was decided on the lines of `run` that stand; the others are as if nobody had."""
    lines = run.rows.filter(answers__isnull=False, record_id__isnull=False, is_aside=False)
    lines = lines.exclude(state__in=(RowState.WRONG, RowState.WHICH, RowState.OUTSIDE))
    decided = [
        (line.record_id or 0, name, decision, line.kept or {})
        for line in lines.only("run", "record_id", "answers", "kept")
        for name, decision in line.answers.decisions.items()
    ]
    stored = KeptValue.objects.filter(
        model_key=run.model_key, record_id__in={record for record, *_ in decided}
    )
    known = (
        {(kept_value.record_id, kept_value.field): kept_value for kept_value in stored}
        if decided
        else {}
    )
    refusals = Refusals()
    for record, name, decision, kept in decided:
        kept_value = known.get((record, name))
        if decision != Decision.ALWAYS:
            refusals.over += [kept_value] if kept_value else []
        elif name in kept and (kept_value is None or kept_value.value != kept[name]):
            refusals.new.append(
                KeptValue(model_key=run.model_key, record_id=record, field=name, value=kept[name])
            )
    return refusals


def remember(run: ImportRun, user: User | None) -> None:
    """Write and delete what was decided. Raise NoRight if `user` may not change such records."""
    refusals = find_refusals(run)
    if not refusals:
        return
    if not may(user, "change", run.model_key):
        raise NoRight("Votre accès ne permet pas de modifier ces fiches. Rien n’a été appliqué.")
    KeptValue.objects.filter(pk__in=[kept_value.pk for kept_value in refusals.over]).delete()
    for kept_value in refusals.new:
        kept_value.refused_by, kept_value.refused_at = user, timezone.now()
    KeptValue.objects.bulk_create(
        refusals.new,
        update_conflicts=True,
        unique_fields=["model_key", "record_id", "field"],
        update_fields=["value", "refused_by", "refused_at"],
    )

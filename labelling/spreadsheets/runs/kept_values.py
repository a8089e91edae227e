"""« Toujours garder la nôtre »: decided line by line, remembered once the import is applied."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from labelling.choices import Decision, RowState
from labelling.models import AcceptedFinding, ImportRun, KeptValue, Site
from labelling.models.accepted import STILL_LISTED, make_end_evidence
from labelling.spreadsheets.runs.rights import NoRight, may

# The key of a record, a field, what was decided of it, and the values that the line refuses.
Decided = tuple[int, str, str, Mapping[str, Any]]


@dataclass
class Refusals:
    """What applying an import would refuse for good, and what it would no longer refuse."""

    new: list[KeptValue] = field(default_factory=list)
    over: list[KeptValue] = field(default_factory=list)
    # « Notre fin de label fait foi ».
    ended: list[AcceptedFinding] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.new) + len(self.over) + len(self.ended)


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
    refusals = Refusals(ended=_list_ended(decided))
    for record, name, decision, kept in decided:
        if _is_about_end(name, kept):
            continue
        kept_value = known.get((record, name))
        if decision != Decision.ALWAYS:
            refusals.over += [kept_value] if kept_value else []
        elif name in kept and (kept_value is None or kept_value.value != kept[name]):
            refusals.new.append(
                KeptValue(model_key=run.model_key, record_id=record, field=name, value=kept[name])
            )
    return refusals


def _is_about_end(name: str, kept: Mapping[str, Any]) -> bool:
    """Whether what is refused is that a label which ended has no end."""
    return name == "withdrawn_on" and kept.get(name, name) is None


def _list_ended(decided: Iterable[Decided]) -> list[AcceptedFinding]:
    """The ends of labels that are now said to stand, whatever lists name the site."""
    keys = [
        record
        for record, name, decision, kept in decided
        if decision == Decision.ALWAYS and _is_about_end(name, kept)
    ]
    if not keys:
        return []
    accepted = AcceptedFinding.objects.of(Site, keys).filter(rule=STILL_LISTED)
    known = dict(accepted.values_list("record_id", "evidence"))
    days = Site.objects.filter(pk__in=keys).values_list("pk", "withdrawn_on")
    evidences = {pk: make_end_evidence(day) for pk, day in days if day}
    return [
        AcceptedFinding(
            rule=STILL_LISTED,
            model_key="site",
            record_id=pk,
            evidence=evidence,
            motive="Notre fin de label fait foi",
        )
        for pk, evidence in evidences.items()
        if known.get(pk) != evidence
    ]


def remember(run: ImportRun, user: User | None) -> None:
    """Write and delete what was decided. Raise NoRight if `user` may not change such records."""
    refusals = find_refusals(run)
    if not refusals:
        return
    if not may(user, "change", run.model_key):
        raise NoRight("Votre accès ne permet pas de modifier ces fiches. Rien n’a été appliqué.")
    KeptValue.objects.filter(pk__in=[kept_value.pk for kept_value in refusals.over]).delete()
    for accepted in refusals.ended:
        accepted.accepted_by = user
    AcceptedFinding.objects.write(refusals.ended)
    for kept_value in refusals.new:
        kept_value.refused_by, kept_value.refused_at = user, timezone.now()
    KeptValue.objects.bulk_create(
        refusals.new,
        update_conflicts=True,
        unique_fields=["model_key", "record_id", "field"],
        update_fields=["value", "refused_by", "refused_at"],
    )

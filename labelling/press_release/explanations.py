"""Why a sent release and the records differ: the history entry behind each difference."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any

from django.utils import timezone

from labelling import text
from labelling.choices import Verdict
from labelling.models import Department, LabellingWave, PressRelease, Record, Region, Site
from labelling.press_release.corrections import key_of
from labelling.press_release.differences import Difference, Part

# The fields of a site that each part of its line comes from.
_FIELDS: dict[str, tuple[str, ...]] = {
    Part.LINE: ("wave_id", "withdrawn_on"),
    Part.REGION: ("department_id",),
    Part.DEPARTMENT: ("department_id",),
    Part.NAME: ("name",),
    Part.NEW: ("wave_id",),
    Part.PLACE: ("rank", "department_id", "name"),
}
_OF_THE_WAVE = (Part.TITLE, Part.LEAD, Part.PARAGRAPH, Part.LIST_TITLE, Part.SITUATION)
# What a change of a record mostly is; a person decides.
_LIKELY_ERRORS = (Part.LINE, Part.REGION, Part.DEPARTMENT, Part.NEW)

_UNCHANGED = "Aucune fiche n’a changé : elles le disaient déjà ainsi à l’envoi."
_DERIVED = "Se déduit de la liste et de la fiche de la vague."


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """Where a difference comes from.

    `reason` is why the record changed, empty if nobody said; `proposed` a likely verdict, empty
    without a change.
    """

    sentence: str
    reason: str = ""
    proposed: str = ""


def explanations(release: PressRelease, found: Iterable[Difference]) -> dict[str, Explanation]:
    """An explanation of each difference between a frozen release and the records, by its key."""
    found = tuple(found)
    since = _frozen_at(release)
    sites = {d.site for d in found if d.site}
    changes = _Changes(since)
    changes.read(Site, sites)
    changes.read(Department, _names_changed(found, Part.DEPARTMENT, "name", Department))
    changes.read(Region, _names_changed(found, Part.REGION, "name", Region))
    changes.read(LabellingWave, {release.wave_id})
    return {key_of(d): _explained(d, release, changes) for d in found}


def _explained(difference: Difference, release: PressRelease, changes: "_Changes") -> Explanation:
    part = Part(difference.part)
    if difference.site:
        entry = changes.last(Site, difference.site, _FIELDS[part])
        if entry:
            proposed = Verdict.ERROR if part in _LIKELY_ERRORS else Verdict.EVOLUTION
            return replace(entry, proposed=str(proposed))
        if part in (Part.DEPARTMENT, Part.REGION):
            model = Department if part == Part.DEPARTMENT else Region
            if entry := changes.renamed(model, difference.after):
                return replace(entry, proposed=str(Verdict.EVOLUTION))
        return Explanation(sentence=text.typeset(_UNCHANGED))
    if part in _OF_THE_WAVE:
        names = [f.attname for f in LabellingWave._meta.concrete_fields if f.editable]
        if entry := changes.last(LabellingWave, release.wave_id, names):
            return entry
        return Explanation(sentence=text.typeset(_DERIVED))
    return Explanation(sentence=text.typeset(_UNCHANGED))


class _Changes:
    """The history of some records since a moment, read once for each kind of record."""

    def __init__(self, since: datetime) -> None:
        self.since = since
        self.entries: dict[tuple[type[Record], int], list[Any]] = {}

    def read(self, model: type[Record], pks: Iterable[int]) -> None:
        stored = model.history.filter(id__in=list(pks)).select_related("history_user")
        for entry in stored.order_by("id", "version", "history_id"):
            self.entries.setdefault((model, entry.id), []).append(entry)

    def last(self, model: type[Record], pk: int, fields: Iterable[str]) -> Explanation | None:
        """The last change of one of these fields since then."""
        entries = self.entries.get((model, pk), [])
        for before, after in zip([*reversed(entries[:-1]), None], reversed(entries), strict=False):
            if after.history_date <= self.since:
                return None
            changed = [f for f in fields if before and getattr(before, f) != getattr(after, f)]
            if before is None or changed:
                return _explanation(model, before, after, changed)
        return None

    def renamed(self, model: type[Record], name: str) -> Explanation | None:
        """The same for the record that has that name since then."""
        for (kind, pk), entries in self.entries.items():
            if kind is model and entries[-1].name == name != entries[0].name:
                return self.last(model, pk, ["name"])
        return None


def _explanation(model: type[Record], before: Any, after: Any, changed: list[str]) -> Explanation:
    moment = timezone.localtime(after.history_date)
    user = after.history_user
    who = (user.get_full_name() or user.get_username()) if user else ""
    when = f"le {text.long_date(moment)} à {text.clock_time(moment.hour, moment.minute)}"
    if before is None:
        what = "fiche créée"
    else:
        labels = [str(_field(model, name).verbose_name) for name in changed]
        what = f"{text.enumeration(labels)} : modification de la fiche"
    by = f"{who}, {when}" if who else f"{when[:1].upper()}{when[1:]}"
    return Explanation(
        sentence=text.typeset(f"{by}, {what}."), reason=after.history_change_reason or ""
    )


def _field(model: type[Record], attname: str) -> Any:
    return next(f for f in model._meta.concrete_fields if f.attname == attname)


def _names_changed(
    found: Iterable[Difference], part: str, field: str, model: type[Record]
) -> set[int]:
    names = {d.after for d in found if d.part == part}
    return set(model._base_manager.filter(**{f"{field}__in": names}).values_list("pk", flat=True))


def _frozen_at(release: PressRelease) -> datetime:
    """When the text stopped following the records; a day's end, for one that was only dated."""
    if release.validated_at:
        return release.validated_at
    day = (release.sent_on or release.issued_on) + timedelta(days=1)
    return timezone.make_aware(datetime.combine(day, time.min))

"""Why a sent release and the records differ: the history entry behind each difference."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from labelling import text
from labelling.choices import Verdict
from labelling.models import (
    Department,
    LabellingWave,
    Letterhead,
    PressContact,
    PressRelease,
    Record,
    Region,
    Site,
)
from labelling.models.base import name_user
from labelling.press_release.content import Content
from labelling.press_release.corrections import make_key
from labelling.press_release.differences import Difference, Kind, Part

_NUMBER = re.compile("[0-9]+")
_SIGNATURE = ("name", "role", "organisation", "phone", "email")

# The records that each part is printed from, the nearest first, and their fields.
_SOURCES: dict[str, tuple[tuple[type[Record], tuple[str, ...]], ...]] = {
    Part.LETTERHEAD: ((Letterhead, ("name",)),),
    Part.LEAD: ((LabellingWave, ("decided_on",)),),
    Part.PARAGRAPH: (
        (
            LabellingWave,
            (
                "name",
                "decided_on",
                "national_sites",
                "national_cantons",
                *LabellingWave.CARRIERS,
            ),
        ),
    ),
    Part.LIST_TITLE: ((LabellingWave, ("name",)),),
    Part.LINE: ((Site, ("wave_id", "withdrawn_on")), (LabellingWave, LabellingWave.SITUATIONS)),
    Part.REGION: (
        (Site, ("department_id",)),
        (Department, ("region_id",)),
        (Region, ("name",)),
    ),
    Part.DEPARTMENT: ((Site, ("department_id",)), (Department, ("name",))),
    Part.NAME: ((Site, ("name",)),),
    Part.NEW: ((Site, ("wave_id",)),),
    Part.PLACE: ((Site, ("rank", "department_id", "name")),),
    Part.SITUATION: ((LabellingWave, LabellingWave.SITUATIONS),),
    Part.CONTACT: ((PressContact, _SIGNATURE),),
}
_DERIVED_PARTS = (
    Part.TITLE,
    Part.LEAD,
    Part.PARAGRAPH,
    Part.LIST_TITLE,
    Part.LEGEND,
    Part.SITUATION,
)
# What a change of a site mostly is; a person decides.
_LIKELY_ERRORS = (Part.LINE, Part.REGION, Part.DEPARTMENT, Part.NEW)

_UNEXPLAINED = "Aucun changement de fiche ne l’explique."
_DERIVED = "Se déduit de la liste et de la fiche de la vague."
_MISCOUNTED = "Le communiqué, une fois rectifié, ne compte plus ainsi sa propre liste."
_ERASED = "Le contact presse a été effacé."


def find_printed_fields(release: PressRelease, content: Content) -> set[tuple[str, str]]:
    """The fields of records that a draft prints, by the names of their model and of the field.

    `content` is what the draft says as it stands; a sentence of a person's own reads no record.
    """
    is_derived = {
        Part.LEAD: not (release.is_erratum or release.own_lead),
        Part.PARAGRAPH: bool(
            release.wave.national_sites and not (release.is_erratum or release.own_figures)
        ),
        Part.LIST_TITLE: not (release.is_erratum or release.own_list_title),
        Part.CONTACT: bool(content.contact),
        Part.LETTERHEAD: bool(content.letterhead),
    }
    return {
        (str(model._meta.model_name), _find_field(model, name).name)
        for part, sources in _SOURCES.items()
        if is_derived.get(Part(part), bool(content.lines))
        for model, names in sources
        for name in names
    }


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """Where a difference comes from.

    `reason` is why the record changed, empty if nobody said; `proposed` a likely verdict, empty
    without a change. Without `has_change`, no change of a record is known to be behind it.
    """

    sentence: str
    has_change: bool = False
    reason: str = ""
    proposed: str = ""


@dataclass(frozen=True, kw_only=True)
class _Change:
    """An entry of a record's history that changed `fields`; all of them, when it was created."""

    model: type[Record]
    entry: Any
    fields: tuple[str, ...] = ()


def explain_differences(
    release: PressRelease, differences: Iterable[Difference]
) -> dict[str, Explanation]:
    """An explanation of each difference between a frozen release and the records, by its key."""
    differences = tuple(differences)
    histories = _Histories(release, differences)
    why = {make_key(d): _explain(d, release, histories) for d in differences}
    if release.list_sent_errata():
        miscounted = Explanation(sentence=_MISCOUNTED, has_change=True, proposed=Verdict.ERROR)
        for difference in filter(_counts_otherwise, differences):
            if not why[make_key(difference)].has_change:
                why[make_key(difference)] = miscounted
    return why


def _counts_otherwise(difference: Difference) -> bool:
    """Whether a derived sentence gives other numbers."""
    sides = (difference.before, difference.after)
    numbers = [_NUMBER.findall(side) for side in sides]
    return difference.part in _DERIVED_PARTS and all(sides) and numbers[0] != numbers[1]


def _explain(difference: Difference, release: PressRelease, histories: "_Histories") -> Explanation:
    part = difference.part
    for model, fields in _SOURCES.get(part, ()):
        if change := histories.find_last(model, difference, fields):
            return _explain_change(change, _propose_verdict(part, model))
    if part == Part.PLACE and (change := histories.find_last_of_neighbours(difference)):
        return _explain_change(change, Verdict.EVOLUTION, of=change.entry.name)
    if part == Part.CONTACT and release.contact_id is None:
        # Nothing else takes the contact from a frozen release.
        return Explanation(sentence=_ERASED, has_change=True, proposed=Verdict.EVOLUTION)
    return Explanation(sentence=_DERIVED if part in _DERIVED_PARTS else _UNEXPLAINED)


def _propose_verdict(part: Part, model: type[Record]) -> str:
    if model is Site and part in _LIKELY_ERRORS:
        return Verdict.ERROR
    return Verdict.EVOLUTION if model in (Site, Department, Region, PressContact) else ""


class _Histories:
    """What the records behind some differences were, read once for each kind of record."""

    def __init__(self, release: PressRelease, differences: Iterable[Difference]) -> None:
        self.since = release.frozen_at
        differences = tuple(differences)
        sites = Site.objects.filter(pk__in={d.site for d in differences if d.site})
        self.places: dict[int, tuple[int, int]] = {
            site: (department, region)
            for site, department, region in sites.values_list(
                "pk", "department_id", "department__region_id"
            )
        }
        moved = {d.site for d in differences if d.part == Part.PLACE}
        moved_in = {self.places[site][0] for site in moved if site in self.places}
        # By department: who stands beside a site that moved.
        self.neighbours: dict[int, list[int]] = {}
        beside = Site.objects.filter(department__in=moved_in).values_list("department_id", "pk")
        for department, site in beside:
            self.neighbours.setdefault(department, []).append(site)
        self.alone: dict[type[Record], int | None] = {
            LabellingWave: release.wave_id,
            PressContact: release.contact_id,
            Letterhead: Letterhead.objects.values_list("pk", flat=True).first(),
        }
        self.entries: dict[tuple[type[Record], int], list[Any]] = {}
        self._read(Site, {*self.places, *(pk for pks in self.neighbours.values() for pk in pks)})
        self._read(Department, {department for department, _ in self.places.values()})
        self._read(Region, {region for _, region in self.places.values()})
        for model, pk in self.alone.items():
            self._read(model, {pk} - {None})

    def _read(self, model: type[Record], pks: Iterable[Any]) -> None:
        stored = model.history.filter(id__in=list(pks)).select_related("history_user")
        for entry in stored.order_by("id", "version", "history_id"):
            self.entries.setdefault((model, entry.id), []).append(entry)

    def find_last(
        self, model: type[Record], difference: Difference, fields: tuple[str, ...]
    ) -> _Change | None:
        """The last change since then of what a difference was printed from.

        That a record was created explains what was added, and nothing else.
        """
        pk = self._find_key(model, difference)
        entries = self.entries.get((model, pk or 0), [])
        if pk is None or not entries:
            return None
        for change in self._list_changes(model, pk, fields):
            return change if change.fields or difference.kind == Kind.ADDED else None
        return None

    def find_last_of_neighbours(self, difference: Difference) -> _Change | None:
        """The last time that another site of the department took its place in the list."""
        department, _ = self.places.get(difference.site or 0, (0, 0))
        changes = [
            change
            for site in self.neighbours.get(department, [])
            for change in self._list_changes(Site, site, ("rank",))
            if change.fields
        ]
        return max(changes, key=lambda change: change.entry.history_date, default=None)

    def _find_key(self, model: type[Record], difference: Difference) -> int | None:
        if model in self.alone:
            return self.alone[model]
        department, region = self.places.get(difference.site or 0, (None, None))
        keys: dict[type[Record], int | None] = {
            Site: difference.site,
            Department: department,
            Region: region,
        }
        return keys[model]

    def _list_changes(
        self, model: type[Record], pk: int, fields: tuple[str, ...]
    ) -> Iterator[_Change]:
        """What happened to these fields since then, the last change first."""
        entries = self.entries.get((model, pk), [])
        for before, after in zip([*reversed(entries[:-1]), None], reversed(entries), strict=False):
            if after.history_date <= self.since:
                return
            changed = tuple(
                name for name in fields if before and getattr(before, name) != getattr(after, name)
            )
            if before is None or changed:
                yield _Change(model=model, entry=after, fields=changed)


def _explain_change(change: _Change, proposed: str, of: str = "") -> Explanation:
    """`of` names the record, where it is another one than the difference's own."""
    entry = change.entry
    who, when = name_user(entry.history_user), f"le {text.moment(entry.history_date)}"
    if change.fields:
        # Quoted: « n’est plus labellisé depuis le » is no noun.
        labels = [f"« {_find_field(change.model, name).verbose_name} »" for name in change.fields]
        record = f"la fiche de {of}" if of else "la fiche"
        what = f"{text.enumeration(labels)} : modification de {record}"
    else:
        what = "fiche créée"
    by = f"{who}, {when}" if who else f"{when[:1].upper()}{when[1:]}"
    return Explanation(
        sentence=text.typeset(f"{by}, {what}."),
        has_change=True,
        reason=entry.history_change_reason or "",
        proposed=str(proposed),
    )


def _find_field(model: type[Record], attname: str) -> Any:
    return next(f for f in model._meta.concrete_fields if f.attname == attname)

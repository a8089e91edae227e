"""Deleted records: who deleted them, and putting them back while their place is free.

Nothing is stored for it: the history of a record outlives it, with all of its values. A person who
is erased takes theirs along, so that no contact is ever among these.
"""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils.text import capfirst

from labelling import text
from labelling.models.association import Association
from labelling.models.base import Record
from labelling.models.geography import Department, Region
from labelling.models.merged import tells_merge
from labelling.models.release import PressRelease
from labelling.models.site import Site
from labelling.models.wave import LabellingWave

KINDS: tuple[type[Record], ...] = (
    Site,
    LabellingWave,
    PressRelease,
    Association,
    Region,
    Department,
)


@dataclass(frozen=True, kw_only=True)
class Obstacle:
    """Why a record cannot be put back: what took its place, or what is to be put back before it."""

    sentence: str
    record: Record | None = None
    is_deleted: bool = False
    # Those by which `record` has the place.
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Deleted:
    """A record that is no longer there. `record` is not saved: it is what would be put back."""

    record: Record
    # The entry of its history that tells who deleted it.
    deletion: Any
    obstacles: tuple[Obstacle, ...]
    # The fields that come back empty: the person whom they named was erased.
    emptied: tuple[models.Field, ...]

    @property
    def is_merged(self) -> bool:
        """Whether it went into another record, rather than being deleted."""
        return tells_merge(self.deletion)

    def put_back(self) -> None:
        """Add the record again, under the key by which its history and the imports know it.

        It must have no obstacle. Raise IntegrityError if somebody has just put it back.
        """
        day = text.moment(self.deletion.history_date)
        what = "Fusion" if self.is_merged else "Suppression"
        self.record.put_back(text.typeset(f"{what} du {day} annulée"))


def list_deletions(model: type[Record]) -> Any:
    """The entry that tells the deletion of each record of `model` that is no longer there."""
    entries = model.history.filter(history_type="-")
    stands = model._base_manager.filter(pk=OuterRef("id"))
    later = entries.filter(id=OuterRef("id"), history_id__gt=OuterRef("history_id"))
    return entries.filter(~Exists(stands), ~Exists(later.order_by()))


def find_deletion(model: type[Record], key: int | None) -> Any:
    """The entry that tells the deletion of what was there under `key`; None if there is none."""
    return list_deletions(model).filter(id=key).select_related("history_user").first()


def find_deleted(model: type[Record], key: int) -> Deleted | None:
    """The record of `model` that was deleted under `key`; None if it is there, or never was."""
    deletion = find_deletion(model, key)
    if deletion is None:
        return None
    # Who deletes may have read the record before the last change.
    last = model.history.filter(id=key).order_by("-version", "-history_id").first()
    record = last.instance
    emptied, missing = _read_keys(record)
    obstacles = missing or [*_find_taken_places(record), *_find_faults(record)]
    return Deleted(
        record=record, deletion=deletion, obstacles=tuple(obstacles), emptied=tuple(emptied)
    )


def _read_keys(record: Record) -> tuple[list[models.Field], list[Obstacle]]:
    """Empty what names a person who was erased; find what else the record names and is gone."""
    emptied: list[models.Field] = []
    missing = []
    for field in record._meta.concrete_fields:
        key = getattr(record, field.attname)
        if not isinstance(field, models.ForeignKey) or key is None:
            continue
        related: Any = field.related_model
        if related._base_manager.filter(pk=key).exists():
            continue
        if field.remote_field.on_delete is models.SET_NULL:
            setattr(record, field.attname, None)
            emptied.append(field)
            continue
        sentence = (
            f"« {capfirst(field.verbose_name)} » désigne une fiche qui a été supprimée aussi : "
            "remettez-la d’abord."
        )
        entry = list_deletions(related).filter(id=key).first()
        missing.append(
            Obstacle(
                sentence=text.typeset(sentence), record=entry and entry.instance, is_deleted=True
            )
        )
    return emptied, missing


def _find_taken_places(record: Record) -> list[Obstacle]:
    """What stands against the record among the others, each rule with who breaks it."""
    record.compute_keys()
    obstacles = []
    for constraint in record._meta.constraints:
        try:
            constraint.validate(type(record), record)
        except ValidationError as refusal:
            obstacles.append(
                Obstacle(
                    sentence=text.typeset(" ".join(refusal.messages)),
                    record=find_holder(constraint, record),
                    fields=_list_fields(constraint),
                )
            )
    sentence, other = record.find_return_obstacle()
    if sentence:
        obstacles.append(Obstacle(sentence=text.typeset(sentence), record=other))
    return obstacles


def find_holder(constraint: models.BaseConstraint, record: Record) -> Record | None:
    """The other record that has what must be unique; None if nothing must."""
    if not isinstance(constraint, models.UniqueConstraint):
        return None
    fields: list[Any] = [record._meta.get_field(name) for name in constraint.fields]
    held = {field.name: getattr(record, field.attname) for field in fields}
    holders = record._meta.base_manager.filter(**held).exclude(pk=record.pk)
    return holders.filter(constraint.condition or models.Q()).first()


def _list_fields(constraint: models.BaseConstraint) -> tuple[str, ...]:
    """What must be unique, and what says of which records."""
    if not isinstance(constraint, models.UniqueConstraint):
        return ()
    condition = constraint.condition or models.Q()
    return (*constraint.fields, *condition.referenced_base_fields)


def _find_faults(record: Record) -> list[Obstacle]:
    """What the values of the record break by themselves, by rules that may be newer than they."""
    try:
        record.full_clean(validate_unique=False, validate_constraints=False)
    except ValidationError as refusal:
        return [Obstacle(sentence=text.typeset(sentence)) for sentence in refusal.messages]
    return []

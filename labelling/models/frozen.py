"""What no longer changes, once validated, sent or noted: the refusals, and the digests."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, ClassVar, Self, TypeVar

from django.db import models
from django.db.models.signals import pre_delete, pre_save

from labelling import text

# How many frozen rows are in memory at once.
_FEW = 5

_Model = TypeVar("_Model", bound=type[models.Model])


def compute_content_digest(content: Any) -> str:
    """Return the SHA-256 of a frozen content, whatever the order of its keys."""
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


class FrozenRow(models.ProtectedError):
    """What is final does not change, by whatever way it is tried; nothing was written."""

    def __init__(self, sentence: str, rows: Iterable[Any]) -> None:
        # A list: a row that has no key yet is in no set.
        super().__init__(text.typeset(sentence), [*rows])  # type: ignore[arg-type]

    def __str__(self) -> str:
        return str(self.args[0])


class FrozenQuerySet(models.QuerySet):
    """Sets with rows that no longer change: the ways round `save()` raise FrozenRow.

    A row says why by its `find_change_obstacle()` and `find_deletion_obstacle()`. Whatever goes
    round these ways too, the digest reveals, where the row has one.
    """

    # What `SET_NULL` empties when a person is erased, by both names that an update may use.
    people: ClassVar[tuple[str, ...]] = ()

    def frozen(self) -> Self:
        """The rows that no longer change."""
        raise NotImplementedError

    def word_alterations(self) -> Iterator[str]:
        """What the rows that have a digest say that is no longer as it was frozen."""
        # A few at a time: a file may have 5 MB.
        rows: Iterator[Any] = self.frozen().iterator(_FEW)
        for row in rows:
            if alteration := row.word_alteration():
                yield alteration

    def update(self, **values: Any) -> int:
        """Update what is not frozen; a person who is erased goes from all."""
        is_erasure = all(name in self.people and value is None for name, value in values.items())
        if not is_erasure:
            self._refuse(lambda row: row.find_change_obstacle())
        return super().update(**values)

    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> Any:
        """Insert. Refuse what would overwrite instead."""
        if kwargs.get("update_conflicts") or any(args[2:3]):
            raise FrozenRow(
                "Ce qui est définitif ne se remplace pas en bloc : rien n’a été écrit.",
                objs,
            )
        return super().bulk_create(objs, *args, **kwargs)

    def delete(self) -> tuple[int, dict[str, int]]:
        self._refuse(lambda row: row.find_deletion_obstacle())
        return super().delete()

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]

    def _raw_delete(self, using: str | None) -> int:
        self._refuse(lambda row: row.find_deletion_obstacle())
        return super()._raw_delete(using)

    def _refuse(self, why: Callable[[Any], str]) -> None:
        if row := self.frozen().first():
            raise FrozenRow(why(row), [row])


def find_changed_fields(stored: models.Model, instance: models.Model) -> set[str]:
    """The names of the stored values that saving `instance` would change."""
    names = [field.attname for field in stored._meta.concrete_fields]
    return {name for name in names if getattr(stored, name) != getattr(instance, name)}


def written_once(model: _Model) -> _Model:
    """Make every row of a model one that no longer changes, from the moment when it is stored."""
    pre_save.connect(_refuse_change, sender=model)
    pre_delete.connect(_refuse_deletion, sender=model)
    return model


def _refuse_change(instance: Any, **kwargs: Any) -> None:
    """Raise FrozenRow for a save, by a page or by a fixture, that changes a stored row."""
    stored = instance._meta.base_manager.filter(pk=instance.pk).first() if instance.pk else None
    if stored and find_changed_fields(stored, instance):
        raise FrozenRow(stored.find_change_obstacle(), [stored])


def _refuse_deletion(instance: Any, **kwargs: Any) -> None:
    """Raise FrozenRow for the deletion of a row, alone or in a set."""
    raise FrozenRow(instance.find_deletion_obstacle(), [instance])

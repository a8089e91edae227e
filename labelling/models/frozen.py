"""What was validated or sent no longer changes: the refusals, and the digest behind them."""

import hashlib
import json
from collections.abc import Callable, Iterable
from typing import Any, ClassVar, Self

from django.db import models

from labelling import text


def content_digest(content: Any) -> str:
    """Return the SHA-256 of a frozen content, whatever the order of its keys."""
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


class FrozenRelease(models.ProtectedError):
    """What was validated does not change, by whatever way it is tried; nothing was written."""

    def __init__(self, sentence: str, rows: Iterable[Any]) -> None:
        # A list: a row that has no key yet is in no set.
        super().__init__(text.typeset(sentence), [*rows])  # type: ignore[arg-type]

    def __str__(self) -> str:
        return str(self.args[0])


class FrozenQuerySet(models.QuerySet):
    """Sets with rows that no longer change: the ways round `save()` raise FrozenRelease.

    A row says why by its `change_obstacle()` and `deletion_obstacle()`. Whatever goes round these
    ways too, the digest reveals.
    """

    # What `SET_NULL` empties when a person is erased, by both names that an update may use.
    people: ClassVar[tuple[str, ...]] = ()

    def frozen(self) -> Self:
        """The rows that no longer change."""
        raise NotImplementedError

    def update(self, **values: Any) -> int:
        """Update what is not frozen; a person who is erased goes from all."""
        is_erasure = all(name in self.people and value is None for name, value in values.items())
        if not is_erasure:
            self._refuse(lambda row: row.change_obstacle())
        return super().update(**values)

    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> Any:
        """Insert. Refuse what would overwrite instead."""
        if kwargs.get("update_conflicts") or any(args[2:3]):
            raise FrozenRelease(
                "Les communiqués et les fichiers envoyés ne se remplacent pas en bloc : rien n’a "
                "été écrit.",
                objs,
            )
        return super().bulk_create(objs, *args, **kwargs)

    def delete(self) -> tuple[int, dict[str, int]]:
        self._refuse(lambda row: row.deletion_obstacle())
        return super().delete()

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]

    def _raw_delete(self, using: str | None) -> int:
        self._refuse(lambda row: row.deletion_obstacle())
        return super()._raw_delete(using)

    def _refuse(self, why: Callable[[Any], str]) -> None:
        if row := self.frozen().first():
            raise FrozenRelease(why(row), [row])


def changed_fields(stored: models.Model, instance: models.Model) -> set[str]:
    """The names of the stored values that saving `instance` would change."""
    names = [field.attname for field in stored._meta.concrete_fields]
    return {name for name in names if getattr(stored, name) != getattr(instance, name)}

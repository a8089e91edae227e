"""Sets of records: whatever way they are written, versions, histories and keys stay right."""

from collections.abc import Collection, Iterable
from typing import Any, Self, cast

from django.db import models, transaction

from labelling import text
from labelling.models.base import LONGEST_SEARCH, Record


def unguarded(model: type[models.Model]) -> models.QuerySet:
    """The rows of `model` without its query set: what writes here goes round what guards them.

    For who puts version, history and keys right by other means, and for the data of tests.
    """
    return models.QuerySet(model)


def make_condition(query: str, model: type[Record]) -> models.Q:
    """That every word of `query` begins one in the keys of a record, whatever case and accents."""
    condition = models.Q()
    for word in text.search_words(query):
        found = models.Q()
        for path in model.search_paths:
            found |= _find_word(model, path, word)
        condition &= found
    return condition


def _find_word(model: type[Record], path: str, word: str) -> models.Q:
    """That a word begins so in the key at `path`: of what a record belongs to, looked for apart."""
    owner, _, rest = path.partition("__")
    if rest:
        owners = cast("type[Record]", model._meta.get_field(owner).related_model)
        found = owners._default_manager.filter(_find_word(owners, rest, word))
        return models.Q(**{f"{owner}__in": found.order_by().values("pk")})
    begins = models.Q(**{f"{path}__startswith": word})
    return begins | models.Q(**{f"{path}__contains": f" {word}"})


class RecordQuerySet(models.QuerySet):
    """Sets of records. Every way of writing them keeps version, history and keys right."""

    def update(self, **values: Any) -> int:
        """Give each record these values, as saving it does; return how many records there are.

        Raise TypeError for a value that only the database can compute, for what records compute
        by themselves and for their key; FieldDoesNotExist for the name of no field.
        """
        if self.query.is_sliced:
            raise TypeError("Cannot update a query once a slice has been taken.")
        names = {name: self._find_attribute(name, value) for name, value in values.items()}
        chosen = self.model._base_manager.filter(pk__in=self.order_by().values("pk"))
        with transaction.atomic():
            # Wait, then choose: who was waited for may have changed what the choice stands on.
            list(chosen.order_by("pk").select_for_update().values_list("pk"))
            records = list(chosen.order_by("pk"))
            for record in records:
                for name, value in values.items():
                    setattr(record, names[name], value)
                record.save()
        self._result_cache = None
        return len(records)

    update.alters_data = True  # type: ignore[attr-defined]

    def get_or_create(self, defaults: Any = None, **kwargs: Any) -> tuple[Any, bool]:
        """Look for what is read of these values, as every record holds it; else add it."""
        read = {name: text.legible_value(value) for name, value in kwargs.items()}
        return super().get_or_create(defaults, **read)

    get_or_create.alters_data = True  # type: ignore[attr-defined]

    def bulk_update(
        self, objs: Iterable[Any], fields: Iterable[str], batch_size: int | None = None
    ) -> int:
        """Save these fields of the records, one by one; none is saved if one cannot be."""
        names = list(fields)
        records = sorted(objs, key=lambda record: record.pk or 0)
        with transaction.atomic():
            for record in records:
                record.save(update_fields=names)
        return len(records)

    bulk_update.alters_data = True  # type: ignore[attr-defined]

    def bulk_create(
        self,
        objs: Iterable[Any],
        batch_size: int | None = None,
        ignore_conflicts: bool = False,
        update_conflicts: bool = False,
        update_fields: Collection[str] | None = None,
        unique_fields: Collection[str] | None = None,
    ) -> list[Any]:
        """Insert the records at once, each with its keys and its first history entry.

        Raise TypeError where what is there already would be passed over or overwritten: their
        history could not be told.
        """
        if ignore_conflicts or update_conflicts:
            raise TypeError(
                f"{self.model.__name__}.objects.bulk_create() inserts and nothing else: look for "
                "what is there already, and call save() on it."
            )
        records = list(objs)
        for record in records:
            record.version = 1
            record.take_values()
            record.compute_keys()
        with transaction.atomic():
            super().bulk_create(records, batch_size)
            cast("type[Record]", self.model).history.bulk_history_create(records, batch_size)
        return records

    bulk_create.alters_data = True  # type: ignore[attr-defined]

    def _find_attribute(self, name: str, value: Any) -> str:
        """The attribute that takes a value in `update()`: a relation takes a key too."""
        options = self.model._meta
        field: Any = options.pk if name == "pk" else options.get_field(name)
        if hasattr(value, "resolve_expression"):
            reason = "the history needs the value itself"
        elif field.primary_key:
            reason = "it is the key"
        elif name in cast("type[Record]", self.model).computed_fields:
            reason = "it is computed"
        else:
            return str(field.name if isinstance(value, models.Model) else field.attname)
        raise TypeError(
            f"{self.model.__name__}.objects.update() cannot set {name}: {reason}. "
            "Change each record and call save()."
        )

    def matching(self, query: str) -> Self:
        """The records in which every word of `query` begins one, whatever its case and accents.

        None, where the query is too long for a database to look for.
        """
        if len(query) > LONGEST_SEARCH:
            return self.none()
        return self.filter(make_condition(query, cast("type[Record]", self.model)))

    def nearest_first(self, query: str) -> Self:
        """What `query` begins, then what has it further on, then what only belongs to such.

        With `nearness`, which is the smaller the nearer.
        """
        key = text.search_key(query)
        named = any(field.name == "sort_key" for field in self.model._meta.fields)
        begins = {"sort_key__startswith" if named else "search_key__startswith": key}
        nearness = models.Case(
            models.When(**begins, then=0),
            models.When(search_key__contains=key, then=1),
            default=2,
        )
        ordering = cast("Iterable[str]", self.model._meta.ordering)
        return self.annotate(nearness=nearness).order_by("nearness", *ordering)

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete the records one by one, so that each may refuse; none goes if one does."""
        with transaction.atomic():
            deletions = [record.delete() for record in cast("Iterable[Record]", self)]
        return len(deletions), {self.model._meta.label: len(deletions)}

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]

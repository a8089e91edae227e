"""What every record has: a version, a history, and keys to sort and search by."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, Self

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.text import capfirst
from simple_history.models import HistoricalRecords

from labelling import text
from labelling.models.accepted import AcceptedFinding
from labelling.nouns import Noun

# What a form or a file may put into a text of several lines, in characters.
LONGEST_TEXT = 20_000
# What is searched for, in characters: beyond, it is found nowhere.
LONGEST_SEARCH = 200
# A key is longer than its text where one sign stands for several letters: it is cut.
LONGEST_KEY, LONGEST_SORT_KEY = 2000, 300


def make_sort_key(name: str) -> str:
    """The key of a name, as long as is stored of it."""
    return text.sort_key(name)[:LONGEST_SORT_KEY]


class StaleRecord(Exception):
    """The record was saved by somebody else since it was read; nothing has been written."""

    def __str__(self) -> str:
        return f"{self.args[0]} was saved or deleted by somebody else: read it again."


def name_user(user: Any) -> str:
    """The name that people know an account by; empty for nobody."""
    return (user.get_full_name() or user.get_username()) if user else ""


class _History(HistoricalRecords):
    """The versions of records; what people last did is found among whatever programs wrote."""

    def get_meta_options(self, model: type[models.Model]) -> dict[str, Any]:
        by_people = models.Index(
            fields=["-history_date", "-history_id"],
            condition=models.Q(history_user__isnull=False),
            name=f"{model._meta.model_name}_by_people",
        )
        return {**super().get_meta_options(model), "indexes": [by_people]}


class KeyField(models.CharField):
    """A computed key, compared byte by byte on both databases.

    Under a French collation PostgreSQL passes over spaces, which reverses Loir-et-Cher and Loiret.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        computed = {"max_length": LONGEST_KEY, "editable": False, "default": ""}
        super().__init__(*args, **{**computed, **kwargs})

    def db_parameters(self, connection: BaseDatabaseWrapper) -> Any:
        collation = "C" if connection.vendor == "postgresql" else None
        return {**super().db_parameters(connection), "collation": collation}


class Record(models.Model):
    """A record with a version and a history: one entry for each change, none without a change.

    Each names `objects` as its base manager: what Django writes by itself (a field that a deletion
    empties, what is added through a reverse name) then goes round nothing either.
    """

    noun: ClassVar[Noun]
    # Where `matching` looks: keys of the record itself and of the records it belongs to.
    search_paths: ClassVar[tuple[str, ...]] = ("search_key",)
    # The fields whose words make up the search key.
    searched_fields: ClassVar[tuple[str, ...]] = ("name",)
    # What saving computes, whatever is written there.
    computed_fields: ClassVar[tuple[str, ...]] = ("version", "search_key")

    # Why it is saved, for the history entry that saving writes.
    _change_reason: str
    # Whether saving writes an entry though no value changed: something else did.
    _tells_anyway: bool = False

    search_key = KeyField()
    version = models.PositiveIntegerField("version", default=1, editable=False)

    history = _History(inherit=True)

    class Meta:
        abstract = True

    def clean_fields(self, exclude: Any = None) -> None:
        """Judge the values as they will be stored: a name of which nothing is seen is blank."""
        self.make_legible()
        super().clean_fields(exclude)

    def clean(self) -> None:
        super().clean()
        self.compute_keys()

    def validate_constraints(self, exclude: Any = None) -> None:
        """Check the constraints on computed keys too: a form leaves out what it does not show.

        A constraint whose `violation_error_code` is the name of a field speaks beside that field.
        """
        # A key of nothing is nobody's twin: that the name is missing is said of the name.
        keys = {
            f.name for f in self._meta.fields if not f.editable and vars(self).get(f.attname) != ""
        }
        hidden = set(exclude or ()) - keys
        try:
            super().validate_constraints(exclude=hidden)
        except ValidationError as refusal:
            shown = {f.name for f in self._meta.fields} - hidden
            errors: dict[str, list[ValidationError]] = defaultdict(list)
            for error in refusal.error_dict[NON_FIELD_ERRORS]:
                errors[error.code if error.code in shown else NON_FIELD_ERRORS].append(error)
            raise ValidationError(dict(errors)) from None

    def save(self, **kwargs: Any) -> None:
        """Save, with one history entry, if anything changed since it was read.

        With `update_fields`, save these alone and what is computed from what is then stored.
        Raise StaleRecord if somebody saved or deleted the record since this copy of it was read.
        """
        names = kwargs.pop("update_fields", None)
        if "version" in self.get_deferred_fields():
            raise TypeError(
                f"{type(self).__name__}.save() compares with the version that was read: "
                "name it in only(), leave it out of defer()."
            )
        self.take_values()
        if (self._state.adding or self.pk is None) and names is None:
            self._insert(**kwargs)
            return
        with transaction.atomic():
            stored = self._meta.base_manager.select_for_update().filter(pk=self.pk).first()
            if stored is None or stored.version != self.version:
                raise StaleRecord(self)
            with self._leave_out(stored, names):
                self.compute_keys()
                if not (self.differs_from(stored) or self._tells_anyway):
                    return
                self.version += 1
                try:
                    super().save(**kwargs)
                except BaseException:
                    self.version -= 1
                    raise

    def _insert(self, version: int = 1, **kwargs: Any) -> None:
        """Add the record as a row of its own: a key that is taken is an error, never a change."""
        self.version = version
        self.compute_keys()
        super().save(**{**kwargs, "force_insert": True})

    @contextmanager
    def _leave_out(self, stored: Self, names: Collection[str] | None) -> Iterator[None]:
        """Meanwhile, give every field but those of these names the value that is stored.

        The history then tells what the row holds, not what this copy holds besides.
        """
        kept = {}
        if names is not None:
            known = {n for f in self._meta.concrete_fields for n in (f.name, f.attname)}
            if unknown := set(names) - known:
                raise ValueError(f"No such field to save: {', '.join(sorted(unknown))}.")
            for field in self._meta.concrete_fields:
                if not {field.name, field.attname} & {*names} and field.name != "version":
                    kept[field.attname] = getattr(self, field.attname)
                    setattr(self, field.attname, getattr(stored, field.attname))
        try:
            yield
        finally:
            for name in kept.keys() - {*self.computed_fields}:
                setattr(self, name, kept[name])

    # What is not typed in a form but comes back with an earlier version all the same.
    restored_fields: ClassVar[tuple[str, ...]] = ()

    def restore(self, entry: Any, reason: str) -> bool:
        """Give the record the values of an entry of its history; return whether any differed.

        Raise ValidationError, in French, if they no longer stand, and StaleRecord as `save` does.
        """
        for field in self._meta.concrete_fields:
            if field.primary_key or not (field.editable or field.name in self.restored_fields):
                continue
            value = getattr(entry, field.attname)
            if isinstance(field, models.ForeignKey) and value is not None:
                _check_still_there(field, value)
            setattr(self, field.attname, value)
        self._change_reason = reason
        self.full_clean()
        before = self.version
        self.save()
        return self.version != before

    def put_back(self, reason: str) -> None:
        """Add the record, as an entry of its history has it, under its key; its version goes on."""
        self._change_reason = reason
        self.take_values()
        self._insert(self.version + 1)

    def find_return_obstacle(self) -> "tuple[str, Record | None]":
        """Why the record, deleted, cannot come back now, whatever its values, and what stands in
        its way; empty if it can."""
        return "", None

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete the record. Raise ProtectedError, with the reason, if something stands on it.

        Raise StaleRecord if somebody else has just deleted it.
        """
        with transaction.atomic():
            if not self._meta.base_manager.select_for_update().filter(pk=self.pk).first():
                raise StaleRecord(self)
            if obstacle := self.find_deletion_obstacle():
                raise models.ProtectedError(obstacle, {self})
            AcceptedFinding.objects.of(type(self), [self.pk]).delete()
            return super().delete(*args, **kwargs)

    def find_deletion_obstacle(self) -> str:
        """Why the record cannot be deleted and what to do instead; empty if it can."""
        return ""

    def take_values(self) -> None:
        """Give each field its value as the base gives it back: « 45.5 » is no other latitude.

        Raise TypeError for a value that only the database can compute.
        """
        for field in self._meta.concrete_fields:
            value = self.__dict__.get(field.attname)
            if hasattr(value, "resolve_expression"):
                raise TypeError(
                    f"{type(self).__name__} cannot hold an expression as its {field.name}: the "
                    "history needs the value itself. Read the record, change it and call save()."
                )
            if value is not None:
                setattr(self, field.attname, field.to_python(value))

    def make_legible(self) -> None:
        """Make the texts what is read of them: no two records look the same and differ [S26]."""
        for field in self._meta.concrete_fields:
            # What was not read from the base stays as it is there.
            value = self.__dict__.get(field.attname)
            if isinstance(field, models.CharField | models.TextField) and isinstance(value, str):
                setattr(self, field.attname, text.legible(value))

    def compute_keys(self) -> None:
        """Compute what is stored only to sort and search by, of texts that are legible."""
        self.make_legible()
        key = text.search_key(*(getattr(self, name) for name in self.searched_fields))
        self.search_key = key[:LONGEST_KEY]

    def differs_from(self, other: Self) -> bool:
        """Whether a stored value differs, the version apart."""
        names = [f.attname for f in self._meta.concrete_fields if f.name != "version"]
        return any(getattr(self, name) != getattr(other, name) for name in names)


def _check_still_there(field: Any, key: Any) -> None:
    if not field.related_model._base_manager.filter(pk=key).exists():
        raise ValidationError(
            f"« {capfirst(field.verbose_name)} » désigne une fiche qui a été supprimée depuis."
        )


class NamedRecord(Record):
    """A record with a name, listed in French alphabetical order."""

    computed_fields = (*Record.computed_fields, "sort_key")

    name: Any
    sort_key = KeyField(max_length=LONGEST_SORT_KEY)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        if self.name and not self.sort_key:
            raise ValidationError({"name": "Écrivez un nom qui a des lettres ou des chiffres."})

    def compute_keys(self) -> None:
        super().compute_keys()
        self.sort_key = make_sort_key(self.name)

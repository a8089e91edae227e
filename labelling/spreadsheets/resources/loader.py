"""Which record a row speaks of, where django-import-export's own engine asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Model
from import_export.instance_loaders import BaseInstanceLoader

from labelling import text
from labelling.spreadsheets.resources import checks
from labelling.spreadsheets.resources.matching import make_matcher
from labelling.spreadsheets.widgets import CellError, quote, word_alternatives

if TYPE_CHECKING:
    from labelling.spreadsheets.resources.base import SheetResource


class RecordLoader(BaseInstanceLoader):
    """Finds records by our key, else by our matcher, which is read once for all rows."""

    resource: SheetResource

    def __init__(self, resource: SheetResource, dataset: Any = None) -> None:
        super().__init__(resource, dataset)
        self.model = resource._meta.model
        self.matcher = make_matcher(self.model)

    def get_instance(self, row: Mapping[str, Any]) -> Model | None:
        """Raise ValidationError, with all that is wrong with the cells, if only a person knows."""
        values, errors = self._read(row)
        key = self.matcher.follow(values.pop("pk", None))
        if key is None:
            if (told := self.resource.find_untold_department(row, values)) is not None:
                values.setdefault("department_id", told.pk)
            checks.compute(values)
            recognition = self.matcher.find(values)
            if recognition.candidates:
                question = self._ask_which(recognition.candidates)
                raise ValidationError({**errors, NON_FIELD_ERRORS: question})
            key = recognition.record
        elif key not in self.matcher.keys:
            gone = "Cette fiche n’existe plus. Videz cette cellule pour en créer une autre."
            raise ValidationError({**errors, "pk": gone})
        return None if key is None else self.resource.list_records().get(pk=key)

    def _read(self, row: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
        """What the cells say, by column of the record; and what is wrong with the others."""
        values: dict[str, Any] = {}
        errors: dict[str, str] = {}
        for field in self.resource.list_columns():
            if not field.attribute or not field.is_filled(row):
                continue
            try:
                value = field.clean(row)
            except CellError as error:
                errors[field.attribute] = str(error)
                continue
            if field.is_settable:
                name = self.model._meta.get_field(field.attribute).attname
                values[name] = value.pk if isinstance(value, Model) else value
            elif field.attribute == "pk":
                values["pk"] = value
        return values, errors

    def _ask_which(self, candidates: tuple[int, ...]) -> str:
        found = self.model._base_manager.filter(pk__in=candidates).order_by("pk")
        names = word_alternatives([quote(str(record)) for record in found])
        key = self.resource.fields["key"].column_name
        return text.typeset(
            f"Cette ligne parle-t-elle de {names} ? Écrivez la clé de sa fiche dans la colonne "
            f"« {key} »."
        )

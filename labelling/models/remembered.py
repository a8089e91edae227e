"""What this team answered once and for all while importing: headings, values refused."""

from collections.abc import Iterable
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

LONGEST_HEADING = 300


class ColumnMapping(models.Model):
    """The field that this team once gave to a heading; empty: the column is not taken."""

    model_key = models.CharField(max_length=30)
    heading = models.CharField("titre", max_length=LONGEST_HEADING)
    field = models.CharField("champ", max_length=60, blank=True)
    # None: the command line, or before it was noted.
    taught_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    taught_at = models.DateTimeField("appris le", null=True, default=timezone.now)
    run = models.ForeignKey(
        "labelling.ImportRun", models.SET_NULL, null=True, related_name="+", verbose_name="import"
    )

    class Meta:
        verbose_name = "colonne reconnue"
        verbose_name_plural = "colonnes reconnues"
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=["model_key", "heading"],
                name="column_mapping_is_unique_by_heading",
                violation_error_message="Ce titre a déjà un champ.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.heading} → {self.field or 'rien'}"


class KeptValueQuerySet(models.QuerySet):
    def of(self, record: models.Model) -> Self:
        return self.filter(model_key=record._meta.model_name, record_id=record.pk)

    def read_refused(self, model_key: str, keys: Iterable[int]) -> dict[tuple[int, str], Any]:
        """The value refused for each record and field."""
        values = self.filter(model_key=model_key, record_id__in=keys)
        return {(k, f): v for k, f, v in values.values_list("record_id", "field", "value")}


class KeptValue(models.Model):
    """« Toujours garder la nôtre »: a value of a file, refused once for all for one record."""

    model_key = models.CharField(max_length=30)
    record_id = models.BigIntegerField()
    field = models.CharField("champ", max_length=60)
    # As a line holds it in `kept`. Another value than this one is shown again.
    value = models.JSONField("valeur refusée", null=True)
    refused_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    refused_at = models.DateTimeField("refusée le", default=timezone.now)

    objects = KeptValueQuerySet.as_manager()

    class Meta:
        verbose_name = "valeur gardée"
        verbose_name_plural = "valeurs gardées"
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=["model_key", "record_id", "field"],
                name="kept_value_is_unique_by_field",
                violation_error_message="Une valeur est déjà gardée pour ce champ.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.field} : {self.value}"

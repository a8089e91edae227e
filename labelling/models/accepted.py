"""The accepted exceptions of quality: what a person said not to tell any more, and why."""

from collections.abc import Iterable
from datetime import date
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from labelling.models.frozen import compute_content_digest

LONGEST_MOTIVE = 300
# « Notre fin de label fait foi »: the label of a site ended, and a list of the State's names it all
# the same. Importing asks, since nothing keeps who stands in that list; the answer is kept here.
STILL_LISTED = "Q005"


def make_end_evidence(ended_on: date) -> str:
    """What `STILL_LISTED` was accepted of: a label that ended on another day is asked about."""
    return compute_content_digest([ended_on.isoformat()])


class AcceptedFindingQuerySet(models.QuerySet):
    def of(self, model: type[models.Model], keys: Iterable[int]) -> Self:
        return self.filter(model_key=model._meta.model_name, record_id__in=keys)

    def standing_on(self, day: date) -> Self:
        """Those that hold on `day`: the last day that was named is one of them."""
        return self.filter(models.Q(until=None) | models.Q(until__gte=day))

    def write(self, accepted: Iterable[Any]) -> None:
        """Add these; what was accepted of the same rule and record before is written over."""
        self.bulk_create(
            list(accepted),
            update_conflicts=True,
            unique_fields=["rule", "model_key", "record_id"],
            update_fields=["evidence", "motive", "until", "accepted_by", "accepted_at"],
        )


class AcceptedFinding(models.Model):
    """« Ne plus signaler »: what a rule finds of a record, as long as its evidence is the same."""

    rule = models.CharField("règle", max_length=10)
    model_key = models.CharField(max_length=30)
    record_id = models.BigIntegerField()
    # The digest of what the rule compared.
    evidence = models.CharField("empreinte", max_length=64)
    motive = models.CharField("motif", max_length=LONGEST_MOTIVE)
    until = models.DateField("jusqu’au", null=True, blank=True)
    # None: the command line.
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    accepted_at = models.DateTimeField("acceptée le", default=timezone.now)

    objects = AcceptedFindingQuerySet.as_manager()

    class Meta:
        verbose_name = "exception acceptée"
        verbose_name_plural = "exceptions acceptées"
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=["rule", "model_key", "record_id"],
                name="accepted_finding_is_unique_by_record",
                violation_error_message="Ce signalement est déjà accepté.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.rule} : {self.motive}"

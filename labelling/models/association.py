"""The associations that are members of the Union; they run the sites."""

from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from labelling import text
from labelling.models.base import NamedRecord
from labelling.models.record_sets import RecordQuerySet
from labelling.nouns import Noun


class AssociationQuerySet(RecordQuerySet):
    def get_by_natural_key(self, name: str) -> Any:
        return self.get(name=name)

    def with_labelled_count(self, day: date) -> Self:
        """With `labelled_count`: how many of its sites hold the label on `day`."""
        from labelling.models.site import Site

        own = Site.objects.labelled_on(day).filter(association=OuterRef("pk")).order_by()
        counted = own.values("association").annotate(count=Count("pk")).values("count")
        return self.annotate(labelled_count=Coalesce(Subquery(counted), 0))


class Association(NamedRecord):
    """A member of the Union, which runs sites, sometimes in several departments and regions."""

    noun = Noun("association", "associations", is_feminine=True)

    name = models.CharField(
        "nom",
        max_length=150,
        help_text="Le nom de l’association membre, sans « PIMMS » : « Métropole Stéphanoise ».",
    )

    objects = AssociationQuerySet.as_manager()

    class Meta:
        verbose_name = "association membre"
        verbose_name_plural = "associations membres"
        ordering = ("sort_key",)
        base_manager_name = "objects"
        constraints = (
            models.UniqueConstraint(
                fields=["sort_key"],
                name="association_name_is_unique",
                violation_error_code="name",
                violation_error_message="Une association porte déjà ce nom.",
            ),
        )

    def natural_key(self) -> tuple[str]:
        return (self.name,)

    def find_deletion_obstacle(self) -> str:
        count = self.sites.count()
        if not count:
            return ""
        them = text.plural(count, "ce site", "ces sites")
        return text.typeset(
            f"Cette association a {text.counted(count, 'site')} : elle ne peut pas être "
            f"supprimée. Rattachez d’abord {them} à une autre association."
        )

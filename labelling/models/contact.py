"""The Union's spokespersons, whom the press may call."""

from datetime import date
from typing import Any, Self

from django.db import models, transaction
from django.db.models import Q

from labelling.models.base import NamedRecord, RecordQuerySet


class PressContactQuerySet(RecordQuerySet):
    def get_by_natural_key(self, name: str, organisation: str) -> Any:
        return self.get(name=name, organisation=organisation)

    def proposed_on(self, day: date) -> Self:
        """The contacts that a release written on `day` may name."""
        return self.filter(Q(proposed_until=None) | Q(proposed_until__gte=day))


class PressContact(NamedRecord):
    """A person of the Union whom journalists call. Personal data, published on purpose."""

    searched_fields = ("name", "role", "organisation")

    name = models.CharField("nom", max_length=100, help_text="Prénom puis nom, comme imprimé.")
    role = models.CharField("fonction", max_length=150, blank=True)
    organisation = models.CharField(
        "organisme", max_length=150, default="Union nationale des PIMMS"
    )
    phone = models.CharField(
        "téléphone", max_length=30, blank=True, help_text="Comme imprimé : 01 23 45 67 89."
    )
    email = models.EmailField("adresse électronique", blank=True)
    proposed_until = models.DateField(
        "ne plus proposer après le",
        null=True,
        blank=True,
        help_text="Passé cette date, la personne n’est plus proposée pour un nouveau communiqué. "
        "Laissez vide tant qu’elle est en poste.",
    )

    objects = PressContactQuerySet.as_manager()

    class Meta:
        verbose_name = "contact presse"
        verbose_name_plural = "contacts presse de l’Union"
        ordering = ("sort_key",)
        permissions = (("export_presscontact", "Télécharger la liste des contacts presse"),)
        constraints = (
            models.UniqueConstraint(
                fields=["sort_key", "organisation"],
                name="contact_name_is_unique_in_organisation",
                violation_error_code="name",
                violation_error_message="Cette personne figure déjà dans les contacts.",
            ),
        )

    def natural_key(self) -> tuple[str, str]:
        return (self.name, self.organisation)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Erase the person: their history goes with them, and what the imports hold of them.

        Sent releases stay as archives.
        """
        from labelling.models.imports import ImportRow

        with transaction.atomic():
            for release in self.releases.exclude(pk__in=self.releases.frozen()):
                release.contact = None
                release.save()
            pk = self.pk
            deleted = super().delete(*args, **kwargs)
            PressContact.history.filter(id=pk).delete()
            ImportRow.objects.redact("presscontact", pk)
        return deleted

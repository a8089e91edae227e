"""The Union's spokespersons, whom the press may call."""

import re
from datetime import date
from typing import Any, Self

from django.db import models, transaction
from django.db.models import Q

from labelling import text
from labelling.models.base import NamedRecord
from labelling.models.journal import JournalEntry
from labelling.models.record_sets import RecordQuerySet
from labelling.nouns import Noun

_BETWEEN_DIGITS = re.compile(r"[\s.-]")


class PressContactQuerySet(RecordQuerySet):
    def get_by_natural_key(self, name: str, organisation: str) -> Any:
        return self.get(name=name, organisation=organisation)

    def proposed_on(self, day: date) -> Self:
        """The contacts that a release written on `day` may name."""
        return self.filter(Q(proposed_until=None) | Q(proposed_until__gte=day))


class PressContact(NamedRecord):
    """A person of the Union whom journalists call. Personal data, published on purpose."""

    noun = Noun("contact presse", "contacts presse")

    searched_fields = ("name", "role", "organisation", "phone", "phone_figures", "email")
    restored_fields = ("replaced_by",)

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
    # Who is proposed instead, past the date. While the person is proposed, it says nothing.
    replaced_by = models.ForeignKey(
        "self",
        models.SET_NULL,  # Either person may be erased.
        null=True,
        blank=True,
        editable=False,
        related_name="replaces",
        verbose_name="remplacé par",
    )

    objects = PressContactQuerySet.as_manager()

    class Meta:
        verbose_name = "contact presse"
        verbose_name_plural = "contacts presse de l’Union"
        ordering = ("sort_key",)
        permissions = (("export_presscontact", "Télécharger la liste des contacts presse"),)
        base_manager_name = "objects"
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

    @property
    def phone_figures(self) -> str:
        """The number as it is typed in one go: 0123456789."""
        return _BETWEEN_DIGITS.sub("", self.phone)

    def clean(self) -> None:
        super().clean()
        self.phone = text.phone_number(self.phone_figures) or self.phone

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Erase the person: their history goes, and what imports and the journal hold of them.

        Sent releases stay as archives.
        """
        from labelling.models.imports import ImportRow

        with transaction.atomic():
            pk = self.pk
            deleted = super().delete(*args, **kwargs)
            past = PressContact.history.filter(id=pk)
            names = {self.name, *past.values_list("name", flat=True)}
            past.delete()
            ImportRow.objects.redact("presscontact", pk, names)
            JournalEntry.objects.redact("presscontact", names)
        return deleted

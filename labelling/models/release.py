"""The press releases of the waves."""

import hashlib
import json
from typing import Any, Self

from django.db import models
from django.db.models import Q

from labelling import text
from labelling.choices import ReleaseStatus
from labelling.models.base import Record, RecordQuerySet
from labelling.models.contact import PressContact
from labelling.models.wave import LabellingWave


def content_digest(content: Any) -> str:
    """Return the SHA-256 of a frozen content, whatever the order of its keys."""
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


class PressReleaseQuerySet(RecordQuerySet):
    def get_by_natural_key(self, effective_on: str) -> Any:
        return self.originals().get(wave__effective_on=effective_on)

    def originals(self) -> Self:
        """The releases that announce a wave, as against those that correct one."""
        return self.filter(corrects=None)

    def frozen(self) -> Self:
        """Final or sent: the content no longer changes."""
        return self.exclude(status=ReleaseStatus.DRAFT)


class PressRelease(Record):
    """The press release of a wave: what no record can give, and the frozen content once final.

    Its paragraphs are parted by blank lines. An empty one is left out of the document.
    """

    search_paths = ("search_key", "wave__search_key")
    searched_fields = ("place", "brand")

    wave = models.ForeignKey(
        LabellingWave, models.PROTECT, related_name="releases", verbose_name="vague"
    )
    corrects = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="corrections",
        verbose_name="rectifie",
    )
    status = models.CharField(
        "état",
        max_length=10,
        choices=ReleaseStatus.choices,
        default=ReleaseStatus.DRAFT,
        editable=False,
    )
    place = models.CharField("lieu", max_length=100, default="Paris")
    issued_on = models.DateField(
        "date", help_text="Le jour de la semaine est calculé : « mercredi 14 octobre 2020 »."
    )
    brand = models.CharField(
        "marque",
        max_length=50,
        default="PIMMS",
        help_text="Le nom du réseau dans les phrases : « 13 PIMMS supplémentaires… ».",
    )
    attendance = models.TextField(
        "présents au comité de pilotage",
        blank=True,
        help_text="Le paragraphe qui dit qui a pris part au comité.",
    )
    network_detail = models.CharField(
        "complément à la phrase sur le réseau",
        max_length=300,
        blank=True,
        help_text="S’ajoute au total calculé : « …, dont une partie importante est située dans "
        "des Quartiers prioritaires ».",
    )
    closing = models.TextField(
        "autres paragraphes", blank=True, help_text="Imprimés après les chiffres, avant la liste."
    )
    about = models.TextField("à propos de l’Union", blank=True)
    contact = models.ForeignKey(
        PressContact,
        models.SET_NULL,  # A person may be erased; what was sent is kept in `content`.
        null=True,
        blank=True,
        related_name="releases",
        verbose_name="contact presse",
        help_text="La personne que les journalistes appelleront.",
    )
    content = models.JSONField("contenu figé", null=True, blank=True, editable=False)
    digest = models.CharField("empreinte", max_length=64, blank=True, editable=False)

    objects = PressReleaseQuerySet.as_manager()

    class Meta:
        verbose_name = "communiqué de presse"
        verbose_name_plural = "communiqués de presse"
        ordering = ("-issued_on", "-pk")
        permissions = (("validate_pressrelease", "Valider la version définitive d’un communiqué"),)
        constraints = (
            models.UniqueConstraint(
                fields=["wave"],
                condition=Q(corrects=None),
                name="release_is_the_only_original_of_its_wave",
                violation_error_message="Cette vague a déjà son communiqué.",
            ),
            models.CheckConstraint(
                condition=Q(status=ReleaseStatus.DRAFT, content=None, digest="")
                | (~Q(status=ReleaseStatus.DRAFT) & Q(content__isnull=False) & ~Q(digest="")),
                name="release_is_frozen_from_final_on",
                violation_error_message="Un brouillon n’a pas de contenu figé ; une version "
                "définitive en a un.",
            ),
        )

    def __str__(self) -> str:
        return f"Communiqué du {text.long_date(self.issued_on)}"

    def natural_key(self) -> tuple[str]:
        return self.wave.natural_key()

    natural_key.dependencies = ("labelling.labellingwave",)  # type: ignore[attr-defined]

    @property
    def is_frozen(self) -> bool:
        return self.status != ReleaseStatus.DRAFT

    @property
    def is_intact(self) -> bool:
        """Whether what was frozen is what is stored; true of a draft."""
        return not self.is_frozen or content_digest(self.content) == self.digest

    def deletion_obstacle(self) -> str:
        if self.status == ReleaseStatus.SENT:
            return text.typeset(
                "Ce communiqué a été envoyé : il ne peut pas être supprimé. S’il contient une "
                "faute, corrigez les fiches : « Ce qui a changé depuis » la montrera."
            )
        if self.is_frozen:
            return text.typeset(
                "Ce communiqué est en version définitive : il ne peut pas être supprimé. Une "
                "version corrigée pourra le remplacer."
            )
        return ""

"""The files that were really sent, kept beside the release: proofs, never changed."""

import hashlib
from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models

from labelling import text
from labelling.choices import ReleaseStatus
from labelling.models.frozen import FrozenQuerySet, written_once
from labelling.models.release import PressRelease

SIZE_LIMIT = 5_000_000


class SentFileQuerySet(FrozenQuerySet):
    """Sets of sent files: they are read and added to, nothing else."""

    people = ("attached_by", "attached_by_id")

    def frozen(self) -> Self:
        return self.all()


@written_once
class SentFile(models.Model):
    """One file as it left, attached once the release is marked as sent.

    No record with a history: nothing of it changes, and each entry would hold its bytes again.
    """

    release = models.ForeignKey(
        PressRelease, models.PROTECT, related_name="sent_files", verbose_name="communiqué"
    )
    name = models.CharField("nom", max_length=150)
    content = models.BinaryField("contenu")
    size = models.PositiveIntegerField("taille", editable=False)
    digest = models.CharField("empreinte", max_length=64, editable=False)
    attached_at = models.DateTimeField("joint le")
    attached_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name="joint par",
    )

    objects = SentFileQuerySet.as_manager()

    class Meta:
        verbose_name = "fichier envoyé"
        verbose_name_plural = "fichiers envoyés"
        ordering = ("attached_at", "pk")
        default_permissions = ()
        base_manager_name = "objects"

    def __str__(self) -> str:
        return self.name

    @property
    def is_intact(self) -> bool:
        """Whether the bytes are those that were attached."""
        return hashlib.sha256(bytes(self.content)).hexdigest() == self.digest

    def clean(self) -> None:
        """Refuse what is empty or too big, and what is attached to a release that did not leave."""
        if not self.content:
            raise ValidationError(text.typeset("Ce fichier est vide."))
        if len(self.content) > SIZE_LIMIT:
            raise ValidationError(
                text.typeset("Ce fichier pèse plus de 5\u00a0Mo : joignez-en un plus léger.")
            )
        if self.release.status != ReleaseStatus.SENT:
            raise ValidationError(
                text.typeset("Marquez d’abord le communiqué comme envoyé, puis joignez le fichier.")
            )

    def find_change_obstacle(self) -> str:
        return text.typeset(
            "Le fichier envoyé est une pièce d’archive : il ne change plus et ne se retire pas."
        )

    find_deletion_obstacle = find_change_obstacle


def check_sent_size(size: int) -> None:
    """Raise ValidationError for a file of more bytes than are kept."""
    if size > SIZE_LIMIT:
        raise ValidationError(
            text.typeset("Ce fichier pèse plus de 5\u00a0Mo : joignez-en un plus léger.")
        )

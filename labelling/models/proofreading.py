"""Who was asked to read a draft, which version they read, and what they answered."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from labelling.choices import ReadingAnswer, ReadingWay, ReleaseStatus
from labelling.models.base import name_user
from labelling.models.draft_text import DraftText
from labelling.models.release import PressRelease

# What one asks, and what one answers, in characters.
LONGEST_NOTE = 2000
LONGEST_NAME = 301


class ProofreadingQuerySet(models.QuerySet):
    def open(self) -> Self:
        """Asked of somebody who has not answered."""
        return self.filter(answer="")

    def of_unsent(self) -> Self:
        """Of drafts, and of final versions that a corrected one may still take the place of."""
        return self.filter(release__status__in=(ReleaseStatus.DRAFT, ReleaseStatus.FINAL))

    def with_people(self) -> Self:
        """With the accounts that are named, and the version that was read."""
        return self.select_related("reader", "asked_by", "noted_by", "text")


class Proofreading(models.Model):
    """A reading of a draft: asked of a colleague here, or received by mail or by telephone.

    It is open until it is answered, here or by another way. It goes with its release.
    """

    release = models.ForeignKey(
        PressRelease, models.CASCADE, related_name="proofreadings", verbose_name="communiqué"
    )
    # Somebody who has an account; nobody's, of a reading that was received.
    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,  # The reading outlives the account, and keeps its name.
        null=True,
        related_name="+",
        verbose_name="qui relit",
    )
    reader_name = models.CharField("nom", max_length=LONGEST_NAME)
    way = models.CharField("moyen", max_length=10, choices=ReadingWay, default=ReadingWay.HERE)
    asked_at = models.DateTimeField("demandée le", null=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name="demandée par",
    )
    note = models.TextField("message", max_length=LONGEST_NOTE, blank=True)
    # The version that was read; null until the answer, and once it is kept no more.
    text = models.ForeignKey(
        DraftText,
        models.SET_NULL,  # It goes with a contact whom it names; who read it stays.
        null=True,
        related_name="+",
        verbose_name="version lue",
    )
    answer = models.CharField("réponse", max_length=10, choices=ReadingAnswer, blank=True)
    answer_note = models.TextField("remarques", max_length=LONGEST_NOTE, blank=True)
    answered_on = models.DateField("répondue le", null=True)
    # When the answer was written down here, and by whom.
    noted_at = models.DateTimeField("notée le", null=True)
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name="notée par",
    )

    objects = ProofreadingQuerySet.as_manager()

    class Meta:
        verbose_name = "relecture"
        verbose_name_plural = "relectures"
        ordering = ("-pk",)
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=["release", "reader"],
                condition=Q(answer=""),
                name="proofreading_is_asked_once_at_a_time",
                violation_error_message="Une relecture est déjà demandée à cette personne.",
            ),
            models.CheckConstraint(
                condition=Q(answer="", text=None, answered_on=None, noted_at=None)
                | (~Q(answer="") & Q(answered_on__isnull=False, noted_at__isnull=False)),
                name="proofreading_answer_has_its_day",
                violation_error_message="Une réponse dit quel jour elle a été donnée.",
            ),
            models.CheckConstraint(
                condition=Q(way=ReadingWay.HERE, asked_at__isnull=False)
                | (~Q(way=ReadingWay.HERE) & ~Q(answer="")),
                name="proofreading_is_asked_or_received",
                violation_error_message="Une relecture reçue par courriel ou par téléphone a sa "
                "réponse.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.name}, {self.release}"

    @property
    def name(self) -> str:
        """Who reads: by the name of today; by that of then, without an account."""
        return name_user(self.reader) or self.reader_name

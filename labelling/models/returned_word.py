"""The Word files that came back corrected: what was read of each, until it is taken or left."""

from collections.abc import Iterable

from django.conf import settings
from django.db import models
from django.utils import timezone

from labelling.models.draft_text import DraftText
from labelling.models.release import PressRelease


class ReturnedWord(models.Model):
    """What a Word file dropped on a draft says; the last one of a person for that draft.

    `text` is the version that it was made from; None as long as nobody said which, of a file that
    does not say it itself.
    """

    release = models.ForeignKey(
        PressRelease, models.CASCADE, related_name="returned_words", verbose_name="communiqué"
    )
    text = models.ForeignKey(
        DraftText, models.CASCADE, null=True, related_name="+", verbose_name="version"
    )
    name = models.CharField("nom", max_length=200)
    document = models.JSONField("ce qui a été lu")
    read_at = models.DateTimeField("lu le", default=timezone.now)
    read_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name="déposé par",
    )

    class Meta:
        verbose_name = "Word corrigé"
        verbose_name_plural = "Word corrigés"
        ordering = ("read_at", "pk")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=["release", "read_by"],
                name="returned_word_is_the_last_of_a_person",
                violation_error_message="Vous avez déjà déposé un Word sur ce brouillon.",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def left(self) -> list[str]:
        """The keys of the changes that were not ticked when others were taken."""
        return list(self.document.get("left", ()))

    def leave(self, keys: Iterable[str]) -> None:
        """Keep which changes were left, beside what was read, and save it."""
        self.document["left"] = [*keys]
        self.save(update_fields=["document"])

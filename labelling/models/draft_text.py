"""The texts of a draft that somebody has: downloaded to be corrected, or read."""

from typing import Any, cast

from django.db import models
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.utils import timezone

from labelling.models.contact import PressContact
from labelling.models.frozen import compute_content_digest
from labelling.models.release import PressRelease


class DraftTextQuerySet(models.QuerySet):
    def keep(self, release: PressRelease, content: dict[str, Any]) -> "DraftText":
        """The kept text of `content`, as `Content.to_json` gives it; made the first time."""
        kept: Any = self.get_or_create(
            release=release,
            digest=compute_content_digest(content),
            defaults={"content": content},
        )[0]
        return cast("DraftText", kept)


class DraftText(models.Model):
    """A version of a draft, word for word, known by its digest: a draft goes on changing.

    It says what was downloaded or read, so that what comes back is compared with that. It goes
    with its release.
    """

    release = models.ForeignKey(
        PressRelease, models.CASCADE, related_name="draft_texts", verbose_name="communiqué"
    )
    digest = models.CharField("empreinte", max_length=64)
    content = models.JSONField("contenu")
    made_at = models.DateTimeField("gardé le", default=timezone.now)

    objects = DraftTextQuerySet.as_manager()

    class Meta:
        verbose_name = "version d’un brouillon"
        verbose_name_plural = "versions d’un brouillon"
        ordering = ("made_at", "pk")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=["release", "digest"],
                name="draft_text_is_kept_once",
                violation_error_message="Cette version du brouillon est déjà gardée.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.release}, {self.digest[:8]}"


@receiver(post_delete, sender=PressContact)
def forget_contact(instance: PressContact, **kwargs: Any) -> None:
    """What names a person who is erased goes with them: nobody was sent it as it was [S21]."""
    DraftText.objects.filter(content__contact__0=instance.name).delete()

"""The journal de diffusion: when a release left, by which way and to whom."""

from datetime import datetime, time
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from labelling import text
from labelling.choices import Channel
from labelling.models.frozen import FrozenQuerySet, written_once
from labelling.models.release import PressRelease


class DispatchQuerySet(FrozenQuerySet):
    """Sets of dispatches: they are read and added to, nothing else."""

    people = ("noted_by", "noted_by_id")

    def frozen(self) -> Self:
        return self.all()


@written_once
class Dispatch(models.Model):
    """A release left once: that day, by that way, to those.

    No record with a history: nothing of it changes.
    """

    release = models.ForeignKey(
        PressRelease, models.PROTECT, related_name="dispatches", verbose_name="communiqué"
    )
    left_on = models.DateField("parti le")
    left_at = models.TimeField("à", null=True, blank=True)
    channel = models.CharField("par", max_length=10, choices=Channel)
    recipients = models.CharField("à qui", max_length=200)
    noted_at = models.DateTimeField("noté le", editable=False)
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name="noté par",
    )

    objects = DispatchQuerySet.as_manager()

    class Meta:
        verbose_name = "diffusion"
        verbose_name_plural = "diffusions"
        # What has no hour comes after what has one, on both databases.
        ordering = ("left_on", models.F("left_at").asc(nulls_last=True), "pk")
        default_permissions = ()
        base_manager_name = "objects"

    def __str__(self) -> str:
        """« 14 octobre 2020 à 9 h, courriel : rédactions régionales »."""
        return text.typeset(
            f"{self.word_moment()}, {text.lowered(str(Channel(self.channel).label))} : "
            f"{self.recipients}"
        )

    def word_moment(self) -> str:
        """« 14 octobre 2020 à 9 h »; the day alone where nobody noted the hour."""
        day = text.long_date(self.left_on)
        if self.left_at is None:
            return day
        return f"{day} à {text.clock_time(self.left_at.hour, self.left_at.minute)}"

    @property
    def is_under_embargo(self) -> bool:
        """Whether the embargo of its release was still running; by the day without an hour."""
        left = datetime.combine(self.left_on, self.left_at or time.max)
        return self.release.is_under_embargo(timezone.make_aware(left))

    def find_change_obstacle(self) -> str:
        return text.typeset(
            "Le journal de diffusion s’écrit une fois : une ligne n’y change pas. Un responsable "
            "peut la retirer, avec un motif, depuis la page du communiqué, et en noter une autre."
        )

    find_deletion_obstacle = find_change_obstacle

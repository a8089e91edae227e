"""The records of sites that turned out to be one: where the key of the one that went leads now."""

from collections.abc import Iterable
from typing import Any

from django.db import models

# How the history of both records begins to tell it.
MERGED = "Fusionné avec"


def tells_merge(entry: Any) -> bool:
    """Whether an entry of a history tells that two records became one."""
    return (entry.history_change_reason or "").startswith(MERGED)


class MergedSiteQuerySet(models.QuerySet):
    def read_successors(self) -> dict[int, int]:
        """The key of the record that stays, by the key of each that went."""
        return dict(self.values_list("pk", "into"))

    def find_successor(self, key: int) -> int | None:
        return self.filter(pk=key).values_list("into", flat=True).first()

    def list_keys(self, sites: Iterable[int]) -> list[int]:
        """The keys of the records that went into these."""
        return [*self.filter(into__in=[*sites]).order_by("pk").values_list("pk", flat=True)]


class MergedSite(models.Model):
    """A record that went into another of the same site.

    What was stored under its key is not written anew: a release that was sent and the line of a
    file keep saying what they said. Who reads such a key looks here.
    """

    key = models.BigIntegerField("ancienne fiche n°", primary_key=True)
    into = models.ForeignKey(
        "labelling.Site",
        models.CASCADE,  # Only a record that no release printed is ever deleted.
        related_name="merged",
        verbose_name="fusionnée avec",
    )

    objects = MergedSiteQuerySet.as_manager()

    class Meta:
        verbose_name = "fiche fusionnée"
        verbose_name_plural = "fiches fusionnées"
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.key} → {self.into_id}"

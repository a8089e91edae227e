"""Regions and departments: INSEE's official geographic code, reference data."""

from typing import Any

from django.core.validators import RegexValidator
from django.db import models

from labelling import text
from labelling.models.base import NamedRecord
from labelling.models.record_sets import RecordQuerySet
from labelling.nouns import Noun


class GeographyQuerySet(RecordQuerySet):
    def get_by_natural_key(self, code: str) -> Any:
        return self.get(code=code)


class Region(NamedRecord):
    """One of the 18 regions."""

    noun = Noun("région", "régions", is_feminine=True)

    searched_fields = ("code", "name")

    code = models.CharField(
        "code INSEE",
        max_length=2,
        validators=[RegexValidator(r"^[0-9]{2}$", "Le code d’une région a deux chiffres : 84.")],
    )
    name = models.CharField("nom", max_length=100)

    objects = GeographyQuerySet.as_manager()

    class Meta:
        verbose_name = "région"
        ordering = ("sort_key",)
        base_manager_name = "objects"
        constraints = (
            models.UniqueConstraint(
                fields=["code"],
                name="region_code_is_unique",
                violation_error_code="code",
                violation_error_message="Une région a déjà ce code INSEE.",
            ),
            models.UniqueConstraint(
                fields=["sort_key"],
                name="region_name_is_unique",
                violation_error_code="name",
                violation_error_message="Une région porte déjà ce nom.",
            ),
        )

    def natural_key(self) -> tuple[str]:
        return (self.code,)

    def find_deletion_obstacle(self) -> str:
        count = self.departments.count()
        if not count:
            return ""
        them = text.plural(count, "le", "les")
        return text.typeset(
            f"Cette région a {text.counted(count, 'département')} : elle ne peut pas être "
            f"supprimée. Rattachez-{them} d’abord à une autre région."
        )


class Department(NamedRecord):
    """One of the 101 departments. Its code is text: 01, 2A, 971."""

    noun = Noun("département", "départements")

    search_paths = ("search_key", "region__search_key")
    searched_fields = ("code", "name")

    code = models.CharField(
        "code INSEE",
        max_length=3,
        validators=[
            RegexValidator(
                r"^([0-9]{2}|2[AB]|97[0-9])$", "Le code d’un département s’écrit 01, 2A ou 971."
            )
        ],
    )
    name = models.CharField("nom", max_length=100)
    region = models.ForeignKey(
        Region, models.PROTECT, related_name="departments", verbose_name="région"
    )

    objects = GeographyQuerySet.as_manager()

    class Meta:
        verbose_name = "département"
        ordering = ("sort_key",)
        base_manager_name = "objects"
        constraints = (
            models.UniqueConstraint(
                fields=["code"],
                name="department_code_is_unique",
                violation_error_code="code",
                violation_error_message="Un département a déjà ce code INSEE.",
            ),
            models.UniqueConstraint(
                fields=["sort_key"],
                name="department_name_is_unique",
                violation_error_code="name",
                violation_error_message="Un département porte déjà ce nom.",
            ),
        )

    def natural_key(self) -> tuple[str]:
        return (self.code,)

    def find_deletion_obstacle(self) -> str:
        count = self.sites.count()
        if not count:
            return ""
        theirs = text.plural(count, "le département de ce site", "le département de ces sites")
        return text.typeset(
            f"Ce département a {text.counted(count, 'site')} : il ne peut pas être supprimé. "
            f"Corrigez d’abord {theirs}."
        )

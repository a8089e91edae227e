"""The letterhead of the releases: one record, used by every format."""

import base64
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from labelling import stripping, text
from labelling.choices import LogoType
from labelling.models.base import Record
from labelling.models.record_sets import RecordQuerySet
from labelling.nouns import Noun

LOGO_LIMIT = 100_000
# What each kind of picture begins with.
_SIGNATURES = {LogoType.PNG: stripping.PNG_SIGNATURE, LogoType.JPEG: stripping.JPEG_SIGNATURE}
_IS_A_COLOUR = RegexValidator(
    r"^#[0-9A-Fa-f]{6}$", "Une couleur s’écrit avec un dièse et six signes : #1F4E79."
)


class LetterheadQuerySet(RecordQuerySet):
    def get_by_natural_key(self, slot: int) -> Any:
        return self.get(slot=slot)


class Letterhead(Record):
    """The name, logo and colours that head every release. A frozen release keeps its own."""

    noun = Noun("en-tête", "en-têtes")

    restored_fields = ("logo", "logo_type")

    # There is one: each record would take this place.
    slot = models.PositiveSmallIntegerField(default=1, editable=False)
    name = models.CharField(
        "nom",
        max_length=150,
        help_text="Imprimé en tête de chaque communiqué : « Union nationale des PIMMS ».",
    )
    colour = models.CharField(
        "couleur",
        max_length=7,
        default="#1F4E79",
        validators=[_IS_A_COLOUR],
        help_text="Celle du trait sous le nom, et du nom lui-même dans les fichiers. Assez foncée "
        "pour se lire sur du blanc.",
    )
    second_colour = models.CharField(
        "seconde couleur",
        max_length=7,
        blank=True,
        validators=[_IS_A_COLOUR],
        help_text="Celle d’un second trait, plus fin. Laissez vide s’il n’y en a pas.",
    )
    # Base64, so that it travels in a Content as it is; a picture is too small to matter.
    logo = models.TextField("logo", blank=True, editable=False)
    logo_type = models.CharField(
        "format du logo", max_length=20, blank=True, choices=LogoType.choices, editable=False
    )

    objects = LetterheadQuerySet.as_manager()

    class Meta:
        verbose_name = "en-tête"
        verbose_name_plural = "en-tête des communiqués"
        base_manager_name = "objects"
        constraints = (
            models.UniqueConstraint(
                fields=["slot"],
                name="letterhead_is_alone",
                violation_error_message="Il y a déjà un en-tête : modifiez-le.",
            ),
            models.CheckConstraint(condition=Q(slot=1), name="letterhead_takes_the_only_place"),
        )

    def __str__(self) -> str:
        return "En-tête des communiqués"

    def natural_key(self) -> tuple[int]:
        return (self.slot,)

    def clean(self) -> None:
        super().clean()
        if not _IS_A_COLOUR.regex.fullmatch(self.colour):  # type: ignore[union-attr]
            return  # The field says so.
        if compute_contrast(self.colour) < 4.5:
            sentence = "Cette couleur est trop claire pour se lire sur du blanc : foncez-la."
            raise ValidationError({"colour": text.typeset(sentence)})

    def set_logo(self, picture: bytes) -> None:
        """Take a PNG or JPEG picture, and of it what is drawn: no place, no author, no note.

        Raise ValidationError for anything else, or too big. Whether it can be printed,
        only the formats know.
        """
        check_logo_size(len(picture))
        for media_type, signature in _SIGNATURES.items():
            if picture.startswith(signature):
                self.logo, self.logo_type = base64.b64encode(_strip(picture)).decode(), media_type
                return
        raise ValidationError(
            text.typeset(
                "Ce fichier n’est pas une image PNG ou JPEG : enregistrez le logo dans l’un de "
                "ces formats."
            )
        )


def _strip(picture: bytes) -> bytes:
    try:
        return stripping.strip(picture)
    except stripping.Lying:
        sentence = (
            "Cette photo est couchée : seule une note de l’appareil la redresse, et un communiqué "
            "ne la lit pas. Ouvrez-la, tournez-la, puis enregistrez-la de nouveau, en PNG."
        )
    except stripping.NotRead:
        sentence = "Cette image est abîmée ou incomplète : enregistrez-la de nouveau, en PNG."
    raise ValidationError(text.typeset(sentence))


def check_logo_size(size: int) -> None:
    """Raise ValidationError for a picture of more bytes than are kept."""
    if size > LOGO_LIMIT:
        raise ValidationError(
            text.typeset("Ce logo pèse plus de 100\u00a0ko : enregistrez-le en plus petit.")
        )


def compute_contrast(colour: str) -> float:
    """Return the contrast of WCAG 2.1 between `colour` (« #1F4E79 ») and white, from 1 to 21."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)

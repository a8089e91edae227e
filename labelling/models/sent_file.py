"""The files that were really sent, kept beside the release: proofs, never changed."""

import hashlib
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models

from labelling import file_kinds, text
from labelling.choices import PastRelease, ReleaseStatus
from labelling.models.frozen import FrozenQuerySet, written_once
from labelling.models.release import PressRelease
from labelling.models.wave import LabellingWave

SIZE_LIMIT = 5_000_000
MOST_FILES = 10
NAME_LIMIT = 150
KINDS = (
    file_kinds.PDF,
    file_kinds.WORD,
    file_kinds.OLD_WORD,
    file_kinds.ODT,
    file_kinds.MAIL,
    file_kinds.OUTLOOK_MAIL,
    file_kinds.PNG,
    file_kinds.JPEG,
)
WHAT_IS_KEPT = (
    "un PDF, un document Word ou LibreOffice (.odt), un courriel (.eml, .msg) ou une image (PNG, "
    "JPEG)"
)
# What no system lets stand in the name of a file, or reads otherwise.
_NOT_IN_NAMES = str.maketrans(dict.fromkeys('/\\<>:"|?*', "-"))


class SentFileQuerySet(FrozenQuerySet):
    """Sets of sent files: they are read and added to, nothing else."""

    people = ("attached_by", "attached_by_id")

    def frozen(self) -> Self:
        return self.all()


@written_once
class SentFile(models.Model):
    """One file as it left, attached once the release is marked as sent.

    Or to a wave, whose release left before this tool.
    No record with a history: nothing of it changes, and each entry would hold its bytes again.
    """

    release = models.ForeignKey(
        PressRelease,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="sent_files",
        verbose_name="communiqué",
    )
    wave = models.ForeignKey(
        LabellingWave,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="sent_files",
        verbose_name="vague",
    )
    name = models.CharField("nom", max_length=NAME_LIMIT)
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
        constraints = (
            models.CheckConstraint(
                condition=models.Q(release=None, wave__isnull=False)
                | models.Q(release__isnull=False, wave=None),
                name="sent_file_is_of_a_release_or_of_a_wave",
                violation_error_message="Un fichier envoyé est celui d’un communiqué, ou d’une "
                "vague qui n’en a pas ici.",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def owner(self) -> PressRelease | LabellingWave:
        """What it is attached to: a release, or a wave that has none here."""
        owner: Any = self.release or self.wave
        return owner

    @property
    def is_intact(self) -> bool:
        """Whether the bytes are those that were attached."""
        return hashlib.sha256(bytes(self.content)).hexdigest() == self.digest

    def word_alteration(self) -> str:
        """That these are not the bytes that were attached; empty if they are."""
        if self.is_intact:
            return ""
        wave = self.wave.name if self.wave else ""
        owner = (
            f"au {text.lowered(str(self.release))}" if self.release else f"à {text.the_wave(wave)}"
        )
        return text.typeset(
            f"Le fichier « {self} », joint {owner}, n’est plus celui qui a été joint."
        )

    def clean(self) -> None:
        """Refuse what is empty, too big, of no kind that is kept, or one too many.

        And what is attached to what did not leave.
        """
        if not self.content:
            raise ValidationError(text.typeset("Ce fichier est vide."))
        check_sent_size(len(self.content))
        if obstacle := _explain_unsent(self.owner):
            raise ValidationError(text.typeset(obstacle))
        if refusal := _explain_kind(self.name, bytes(self.content)):
            raise ValidationError(text.typeset(refusal))
        if self.owner.sent_files.count() >= MOST_FILES:
            raise ValidationError(
                text.typeset(
                    f"{MOST_FILES} fichiers sont déjà joints à ce communiqué, qui n’en garde pas "
                    "plus : retirez-en un d’abord."
                )
            )

    def find_change_obstacle(self) -> str:
        return text.typeset(
            "Le fichier envoyé est une pièce d’archive : il ne change plus. Un responsable peut "
            "le retirer, avec un motif, depuis la page du communiqué."
        )

    find_deletion_obstacle = find_change_obstacle


def check_sent_size(size: int) -> None:
    """Raise ValidationError for a file of more bytes than are kept."""
    if size > SIZE_LIMIT:
        raise ValidationError(
            text.typeset("Ce fichier pèse plus de 5\u00a0Mo : joignez-en un plus léger.")
        )


def make_safe_name(name: str) -> str:
    """The name of a file as it may be kept: without its folders, nor what is not seen."""
    read = " ".join(text.legible(name).replace("\\", "/").rpartition("/")[2].split())
    stem, dot, extension = read.translate(_NOT_IN_NAMES).strip(" .").rpartition(".")
    end = f"{dot}{extension}"[:20] if stem else ""
    return f"{(stem or extension or 'fichier')[: NAME_LIMIT - len(end)]}{end}"


def _explain_unsent(owner: PressRelease | LabellingWave) -> str:
    """Why nothing is attached to what did not leave; empty if it did."""
    if isinstance(owner, LabellingWave):
        if owner.past_release == PastRelease.SENT:
            return ""
        return (
            "Dites d’abord que le communiqué de cette vague a été diffusé avant cet outil, puis "
            "joignez le fichier."
        )
    if owner.status == ReleaseStatus.SENT:
        return ""
    return "Marquez d’abord le communiqué comme envoyé, puis joignez le fichier."


def _explain_kind(name: str, content: bytes) -> str:
    """Why a file is not kept, by what it is and how its name ends; empty if it is."""
    kind = file_kinds.find_kind(content)
    if kind not in KINDS:
        return f"« {name} » est {kind.noun} : joignez {WHAT_IS_KEPT}."
    stem, _, extension = name.rpartition(".")
    if extension.lower() in kind.extensions:
        return ""
    right = f"{stem or name}.{kind.extensions[0]}"
    return (
        f"« {name} » est {kind.noun}, et son nom ne le dit pas : renommez-le « {right} », puis "
        "joignez-le."
    )

"""The press releases of the waves: what a person says in them, and the content once frozen."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, F, Max, OuterRef, Prefetch, Q
from django.db.models.fields.json import KT
from django.db.models.signals import pre_delete, pre_save
from django.dispatch import receiver
from django.utils import timezone

from labelling import text
from labelling.choices import ReleaseKind, ReleaseStatus
from labelling.models.base import LONGEST_TEXT, Record
from labelling.models.contact import PressContact
from labelling.models.frozen import (
    FrozenQuerySet,
    FrozenRow,
    compute_content_digest,
    find_changed_fields,
)
from labelling.models.merged import MergedSite
from labelling.models.record_sets import RecordQuerySet
from labelling.models.wave import LabellingWave
from labelling.nouns import Noun

_REPLACED = (
    "Cette version a été remplacée : elle est gardée et ne change plus. Ouvrez celle qui la "
    "remplace."
)


# The stubs give the manager of each query set a type of its own.
class PressReleaseQuerySet(FrozenQuerySet, RecordQuerySet):  # type: ignore[override]
    people = ("contact", "contact_id", "validated_by", "validated_by_id")

    def get_by_natural_key(self, effective_on: str, number: int) -> Any:
        return self.get(wave__effective_on=effective_on, number=number)

    def originals(self) -> Self:
        """The release that announces each wave, as against those that correct one.

        Of several versions of it, the one in force: neither a replaced one, nor the draft of one
        that will replace it.
        """
        return self.filter(_IS_ORIGINAL)

    def standing(self) -> Self:
        """The release that speaks for each wave: its original, until one that cancels it is sent.

        In the order of their dates: of two that cancel the same one, the last one stands.
        """
        replacements = PressRelease.objects.filter(_CANCELS)
        is_cancelled = Exists(replacements.filter(corrects=OuterRef("pk")))
        return self.filter(_IS_ORIGINAL | _CANCELS, ~is_cancelled).order_by("issued_on", "pk")

    def drafts(self) -> Self:
        return self.filter(status=ReleaseStatus.DRAFT)

    def frozen(self) -> Self:
        """Final or sent: the content no longer changes."""
        return self.exclude(status=ReleaseStatus.DRAFT)

    def in_force(self) -> Self:
        """Final or sent, and not replaced."""
        return self.filter(status__in=(ReleaseStatus.FINAL, ReleaseStatus.SENT))

    def find_printed_sites(self) -> dict[int, date]:
        """The day of the first release in force that lists each site, by the site's key."""
        successors = MergedSite.objects.read_successors()
        listed = self.in_force().values_list("content__lines", "issued_on").order_by("-issued_on")
        return {
            successors.get(key, key): day
            for lines, day in listed
            for line in lines or ()
            if (key := line.get("site"))
        }

    def find_printed_departments(self, sites: Iterable[int]) -> dict[int, tuple[date, str]]:
        """The day of the first release in force that lists each of `sites`, and under which name
        of a department; by the site's key."""
        wanted, successors = set(sites), MergedSite.objects.read_successors()
        listed = self.in_force().values_list("content__lines", "issued_on").order_by("-issued_on")
        return {
            key: (day, line["department"])
            for lines, day in listed
            for line in lines or ()
            if (key := successors.get(line.get("site"), line.get("site"))) in wanted
        }

    def find_paragraphs(self, waves: Iterable[int]) -> dict[int, tuple[date, list[str]]]:
        """The day and the paragraphs of the first release in force of each wave, by its key."""
        frozen = self.in_force().filter(wave__in=[*waves]).order_by("-issued_on", "-pk")
        values = frozen.values_list("wave", "issued_on", "content__paragraphs")
        return {wave: (day, paragraphs or []) for wave, day, paragraphs in values}

    def with_titles(self) -> Self:
        """With `frozen_title`, that of each that is frozen; the rest of its content is not read."""
        return self.defer("content").annotate(frozen_title=KT("content__title"))

    def with_lines(self) -> Self:
        """With `lines`, the list of each as it was frozen; the rest of its content is not read."""
        return self.defer("content").annotate(lines=F("content__lines"))

    def with_corrections(self) -> Self:
        """With the releases that correct each, which `word_status` looks at."""
        corrections = PressRelease.objects.defer("content")
        return self.prefetch_related(Prefetch("corrections", corrections))

    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> Any:
        """Insert. Raise FrozenRow for what would overwrite instead, or is not intact."""
        objs = list(objs)
        if len({release.wave_id for release in objs}) < len(objs):
            raise TypeError(
                "PressRelease.objects.bulk_create() inserts one release a wave: each is numbered "
                "after the one before. Call save() on each."
            )
        for release in objs:
            _refuse_altered(release)
        return super().bulk_create(objs, *args, **kwargs)


_IS_ORIGINAL = (
    Q(kind=ReleaseKind.ORIGINAL)
    & ~Q(status=ReleaseStatus.REPLACED)
    & ~Q(status=ReleaseStatus.DRAFT, replaces__isnull=False)
)
_CANCELS = Q(kind=ReleaseKind.REPLACEMENT, status=ReleaseStatus.SENT)


class PressRelease(Record):
    """The press release of a wave: what no record can give, and the frozen content once final.

    Its paragraphs are parted by blank lines. An empty one is left out of the document. A sentence
    of a person's own (`own_…`) stands in the place of the derived one; blank, the derived one
    stands.
    """

    noun = Noun("communiqué", "communiqués")

    search_paths = ("search_key", "wave__search_key")
    searched_fields = ("searched_name", "known_title", "place", "brand")
    restored_fields = ("editions",)

    # The derived sentences that a person may write otherwise: what is derived, and its field.
    OWN_SENTENCES = {
        "title": "own_title",
        "lead": "own_lead",
        "newcomers": "own_newcomers",
        "figures": "own_figures",
        "network": "own_network",
        "ends": "own_ends",
        "list_title": "own_list_title",
    }
    # Those that are printed only if a person ticked it.
    ASKED_SENTENCES = {"newcomers": "prints_newcomers", "ends": "prints_ends"}
    # What is set as the derived sentences are. Names are data: they stay as they were typed.
    TYPESET = (
        *OWN_SENTENCES.values(),
        "attendance",
        "network_detail",
        "closing",
        "about",
        "quote",
        "quote_role",
    )

    wave = models.ForeignKey(
        LabellingWave, models.PROTECT, related_name="releases", verbose_name="vague"
    )
    # Its place among the releases of its wave, in the order in which they were prepared.
    number = models.PositiveSmallIntegerField("numéro", default=1, editable=False)
    kind = models.CharField(
        "nature",
        max_length=12,
        choices=ReleaseKind.choices,
        default=ReleaseKind.ORIGINAL,
        editable=False,
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
    # A final version that was not sent may have one successor.
    replaces = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="replacement",
        verbose_name="remplace",
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
    embargo_until = models.DateTimeField(
        "sous embargo jusqu’au",
        null=True,
        blank=True,
        help_text="Date et heure. La mention est imprimée en haut de chaque fichier, dans son nom "
        "et en tête du courriel ; elle prévient, elle ne bloque rien.",
    )
    brand = models.CharField(
        "marque",
        max_length=50,
        default="PIMMS",
        help_text="Le nom du réseau dans les phrases : « 13 PIMMS supplémentaires… ».",
    )
    own_title = models.TextField("titre", max_length=LONGEST_TEXT, blank=True)
    own_lead = models.TextField("chapô", max_length=LONGEST_TEXT, blank=True)
    # False, as every release was before there was this sentence; new drafts begin with True.
    prints_newcomers = models.BooleanField(
        "imprimer la phrase sur les nouveaux labellisés", default=False
    )
    own_newcomers = models.TextField("nouveaux labellisés", max_length=LONGEST_TEXT, blank=True)
    attendance = models.TextField(
        "présents au comité de pilotage",
        max_length=LONGEST_TEXT,
        blank=True,
        help_text="Le paragraphe qui dit qui a pris part au comité.",
    )
    own_figures = models.TextField("chiffres nationaux", max_length=LONGEST_TEXT, blank=True)
    own_network = models.TextField("phrase sur le réseau", max_length=LONGEST_TEXT, blank=True)
    network_detail = models.CharField(
        "complément à la phrase sur le réseau",
        max_length=300,
        blank=True,
        help_text="S’ajoute au total calculé : « …, dont une partie importante est située dans "
        "des Quartiers prioritaires ».",
    )
    prints_ends = models.BooleanField("imprimer la phrase sur les fins de label", default=False)
    own_ends = models.TextField("fins de label", max_length=LONGEST_TEXT, blank=True)
    closing = models.TextField(
        "autres paragraphes",
        max_length=LONGEST_TEXT,
        blank=True,
        help_text="Imprimés après les chiffres, avant la liste.",
    )
    quote = models.TextField(
        "citation",
        max_length=LONGEST_TEXT,
        blank=True,
        help_text="Les mots de la personne, imprimés entre guillemets après les paragraphes.",
    )
    quote_name = models.CharField("nom de la personne citée", max_length=200, blank=True)
    quote_role = models.CharField(
        "fonction de la personne citée",
        max_length=200,
        blank=True,
        help_text="Telle qu’elle suit le nom : « présidente de l’Union nationale des PIMMS ».",
    )
    errata = models.TextField(
        "lignes à rectifier",
        max_length=LONGEST_TEXT,
        blank=True,
        help_text="Une ligne par rectification. Laissez « Au lieu de » vide pour ajouter un "
        "texte, « Lire » vide pour en supprimer un.",
    )
    own_list_title = models.TextField("titre de la liste", max_length=LONGEST_TEXT, blank=True)
    prints_map = models.BooleanField(
        "joindre la carte",
        default=False,
        help_text="La carte des sites de la liste, les nouveaux marqués. Imprimée après la liste, "
        "dans le PDF, Word, le texte OpenDocument et la page HTML.",
    )
    about = models.TextField("à propos de l’Union", max_length=LONGEST_TEXT, blank=True)
    contact = models.ForeignKey(
        PressContact,
        models.SET_NULL,  # A person may be erased; what was sent is kept in `content`.
        null=True,
        blank=True,
        related_name="releases",
        verbose_name="contact presse",
        help_text="La personne que les journalistes appelleront.",
    )
    # The regional editions: which ones a person chose, with their words; None, nobody chose yet.
    editions = models.JSONField("éditions régionales", null=True, blank=True, editable=False)
    content = models.JSONField("contenu figé", null=True, blank=True, editable=False)
    digest = models.CharField("empreinte", max_length=64, blank=True, editable=False)
    validated_at = models.DateTimeField("validé le", null=True, blank=True, editable=False)
    validated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,  # An account may be closed for good; the history keeps the date.
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name="validé par",
    )
    sent_on = models.DateField("envoyé le", null=True, blank=True, editable=False)
    # What a person said of the differences with the records: a difference's key, a Verdict.
    verdicts = models.JSONField("différences examinées", default=dict, blank=True, editable=False)

    objects = PressReleaseQuerySet.as_manager()

    class Meta:
        verbose_name = "communiqué de presse"
        verbose_name_plural = "communiqués de presse"
        ordering = ("-issued_on", "-pk")
        # What goes round our manager must not go round its refusals.
        base_manager_name = "objects"
        permissions = (("validate_pressrelease", "Valider la version définitive d’un communiqué"),)
        constraints = (
            models.UniqueConstraint(
                fields=["wave"],
                condition=Q(kind=ReleaseKind.ORIGINAL, replaces=None),
                name="release_is_the_only_original_of_its_wave",
                violation_error_code="wave",
                violation_error_message="Cette vague a déjà son communiqué.",
            ),
            models.UniqueConstraint(
                fields=["wave", "number"],
                name="release_number_is_unique_in_its_wave",
                violation_error_message="Un autre communiqué de cette vague vient d’être préparé : "
                "recommencez.",
            ),
            models.CheckConstraint(
                condition=Q(status=ReleaseStatus.DRAFT, content=None, digest="")
                | (~Q(status=ReleaseStatus.DRAFT) & Q(content__isnull=False) & ~Q(digest="")),
                name="release_is_frozen_from_final_on",
                violation_error_message="Un brouillon n’a pas de contenu figé ; une version "
                "définitive en a un.",
            ),
            models.CheckConstraint(
                condition=Q(kind=ReleaseKind.ORIGINAL, corrects=None)
                | (~Q(kind=ReleaseKind.ORIGINAL) & Q(corrects__isnull=False)),
                name="release_that_corrects_says_which",
                violation_error_message="Un rectificatif dit quel communiqué il rectifie.",
            ),
            models.CheckConstraint(
                condition=Q(status=ReleaseStatus.SENT, sent_on__isnull=False)
                | (~Q(status=ReleaseStatus.SENT) & Q(sent_on=None)),
                name="release_sent_has_its_date",
                violation_error_message="Un communiqué envoyé a sa date d’envoi.",
            ),
        )

    def __str__(self) -> str:
        day = text.long_date(self.issued_on)
        if self.kind == ReleaseKind.ERRATUM:
            name = f"Rectificatif du {day}"
        elif self.kind == ReleaseKind.REPLACEMENT:
            name = f"Communiqué du {day}, annule et remplace"
        else:
            name = f"Communiqué du {day}"
        return f"{name} (remplacé)" if self.status == ReleaseStatus.REPLACED else name

    def natural_key(self) -> tuple[Any, ...]:
        return (*self.wave.natural_key(), self.number)

    natural_key.dependencies = ("labelling.labellingwave",)  # type: ignore[attr-defined]

    def clean(self) -> None:
        super().clean()
        # A wave that is said to have no release here is asked about again before it has one.
        if self._state.adding and self.wave_id and self.wave.past_release:
            raise ValidationError({"wave": self.wave.find_preparation_obstacle()})

    def make_legible(self) -> None:
        """Make a draft's texts legible: what was validated stays as it was printed."""
        if not self.is_frozen:
            super().make_legible()

    def compute_keys(self) -> None:
        super().compute_keys()
        if self._state.adding and self.wave_id:
            others = PressRelease.objects.filter(wave=self.wave_id)
            self.number = (others.aggregate(last=Max("number"))["last"] or 0) + 1

    @property
    def is_frozen(self) -> bool:
        return self.status != ReleaseStatus.DRAFT

    @property
    def searched_name(self) -> str:
        """What every page calls it, and its day in figures; empty as long as that is no day."""
        # A form is judged whatever was typed as its day.
        day: Any = self.issued_on
        return f"{self} {text.short_date(day)}" if isinstance(day, date) else ""

    @property
    def known_title(self) -> str:
        """The title that was frozen, or that a person wrote; empty where it follows the records."""
        if self.content:
            return str(self.content["title"])
        return self.own_title

    @property
    def frozen_at(self) -> datetime | None:
        """When the text stopped following the records; a day's end, for one that was only dated."""
        if not self.is_frozen:
            return None
        if self.validated_at:
            return self.validated_at
        day = (self.sent_on or self.issued_on) + timedelta(days=1)
        return timezone.make_aware(datetime.combine(day, time.min))

    def is_under_embargo(self, at: datetime) -> bool:
        return self.embargo_until is not None and at < self.embargo_until

    @property
    def is_intact(self) -> bool:
        """Whether what was frozen is what is stored; true of a draft."""
        return not self.is_frozen or compute_content_digest(self.content) == self.digest

    def word_alteration(self) -> str:
        """That what is stored is not what was frozen; empty if it is."""
        if self.is_intact:
            return ""
        return text.typeset(
            f"Le texte figé du {text.lowered(str(self))} n’est plus celui qui a été validé : son "
            "empreinte a changé."
        )

    @property
    def is_erratum(self) -> bool:
        return self.kind == ReleaseKind.ERRATUM

    def list_sent_errata(self) -> list["PressRelease"]:
        """The rectificatifs that its readers have, in the order in which they had them."""
        sent = self.corrections.filter(kind=ReleaseKind.ERRATUM, status=ReleaseStatus.SENT)
        return list(sent.defer("content").order_by("sent_on", "pk"))

    def find_cancelling(self) -> "PressRelease | None":
        """The document that cancelled it and took its place, if its readers have it."""
        sent = self.corrections.filter(kind=ReleaseKind.REPLACEMENT, status=ReleaseStatus.SENT)
        return sent.defer("content").order_by("issued_on", "pk").last()

    def word_status(self, at: datetime) -> str:
        """The status as people read it at a moment: « Envoyé le 14 octobre 2020, rectifié »."""
        if self.status != ReleaseStatus.SENT or not self.sent_on:
            return str(ReleaseStatus(self.status).label)
        corrections = [
            correction
            for correction in self.corrections.all()
            if correction.status == ReleaseStatus.SENT
        ]
        followed = ", rectifié" if corrections else ""
        if any(correction.kind == ReleaseKind.REPLACEMENT for correction in corrections):
            followed = ", annulé et remplacé"
        day = text.long_date(self.sent_on)
        if self.is_under_embargo(at):
            return f"Envoyé sous embargo le {day}{followed}"
        lifted = ", embargo levé" if self.embargo_until else ""
        return f"Envoyé le {day}{lifted}{followed}"

    def find_change_obstacle(self) -> str:
        """Why the text no longer changes and what to do instead; empty for a draft."""
        if self.status == ReleaseStatus.SENT:
            sentence = (
                "Ce communiqué a été envoyé : son texte ne change plus. Préparez un rectificatif."
            )
        elif self.status == ReleaseStatus.REPLACED:
            sentence = _REPLACED
        elif self.is_frozen:
            sentence = (
                "Ce communiqué est en version définitive : son texte ne change plus. Préparez "
                "une version corrigée."
            )
        else:
            return ""
        return text.typeset(sentence)

    def find_deletion_obstacle(self) -> str:
        if self.status == ReleaseStatus.SENT:
            return text.typeset(
                "Ce communiqué a été envoyé : il ne peut pas être supprimé. S’il contient une "
                "faute, corrigez les fiches : « Ce qui a changé depuis » la montrera."
            )
        if self.status == ReleaseStatus.REPLACED:
            return text.typeset(_REPLACED)
        if self.is_frozen:
            return text.typeset(
                "Ce communiqué est en version définitive : il ne peut pas être supprimé. Une "
                "version corrigée pourra le remplacer."
            )
        return ""

    def find_return_obstacle(self) -> tuple[str, Record | None]:
        """What became meanwhile of the release that a draft replaces or corrects."""
        others = PressRelease.objects.drafts()
        if self.replaces:
            other = others.filter(replaces=self.replaces_id).first()
            if other:
                return "Une autre version corrigée est déjà en préparation.", other
            if self.replaces.status != ReleaseStatus.FINAL:
                return "La version que ce brouillon devait remplacer ne se remplace plus.", (
                    self.replaces
                )
        elif self.corrects:
            other = others.filter(corrects=self.corrects_id, kind=self.kind, replaces=None).first()
            if other:
                return "Un autre brouillon corrige déjà ce communiqué.", other
            if self.corrects.status != ReleaseStatus.SENT or self.corrects.find_cancelling():
                return "Le communiqué que ce brouillon corrige ne se corrige plus ainsi.", (
                    self.corrects
                )
        return "", None


# What may still become empty once frozen, and what is no part of what was validated.
_MAY_BE_EMPTIED = ("contact_id", "validated_by_id")
_NOT_FROZEN = ("version", "search_key", "verdicts")
# A final version is sent or replaced. That it was sent may be taken back, and its first day moves
# with what its journal de diffusion says.
_NEXT = {
    ReleaseStatus.FINAL: (ReleaseStatus.SENT, ReleaseStatus.REPLACED),
    ReleaseStatus.SENT: (ReleaseStatus.SENT, ReleaseStatus.FINAL),
}


@receiver(pre_save, sender=PressRelease)
def refuse_change(instance: PressRelease, **kwargs: Any) -> None:
    """Raise FrozenRow for a save, by a form or by a fixture, that changes a frozen release."""
    stored = PressRelease.objects.frozen().filter(pk=instance.pk).first() if instance.pk else None
    if stored is None:
        _refuse_altered(instance)
        return
    changed = find_changed_fields(stored, instance) - set(_NOT_FROZEN)
    changed -= {name for name in _MAY_BE_EMPTIED if getattr(instance, name) is None}
    if instance.status in _NEXT.get(ReleaseStatus(stored.status), ()):
        changed -= {"status", "sent_on"}
    if changed:
        raise FrozenRow(stored.find_change_obstacle(), [stored])


@receiver(pre_delete, sender=PressRelease)
def refuse_deletion(instance: PressRelease, **kwargs: Any) -> None:
    """Raise FrozenRow for the deletion of a frozen release, alone or in a set."""
    stored = PressRelease.objects.filter(pk=instance.pk).first()
    if stored and (obstacle := stored.find_deletion_obstacle()):
        raise FrozenRow(obstacle, [stored])


def _refuse_altered(release: PressRelease) -> None:
    if not release.is_intact:
        raise FrozenRow(
            "L’empreinte de ce communiqué n’est pas celle de son texte : il n’a pas été "
            "enregistré.",
            [release],
        )

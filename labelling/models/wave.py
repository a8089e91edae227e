"""The waves in which the State grants the label."""

from collections import Counter
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, Subquery
from django.utils.text import slugify

from labelling import text
from labelling.choices import PastRelease
from labelling.models.base import Record
from labelling.models.many_values import NumberOf
from labelling.models.record_sets import RecordQuerySet
from labelling.nouns import Noun

LONGEST_NAME = 100


def make_slug(name: str) -> str:
    """What addresses and commands call a wave by, as long as is stored of it."""
    return slugify(text.sort_key(name))[:LONGEST_NAME]


class LabellingWaveQuerySet(RecordQuerySet):
    def get_by_natural_key(self, effective_on: str) -> Any:
        return self.get(effective_on=effective_on)

    def in_order(self) -> "LabellingWaveQuerySet":
        """The first wave first."""
        return self.order_by("effective_on")

    def effective_by(self, day: date) -> "LabellingWaveQuerySet":
        """The waves whose labels hold on `day`."""
        return self.filter(effective_on__lte=day)

    def before(self, wave: "LabellingWave") -> "LabellingWaveQuerySet":
        return self.filter(effective_on__lt=wave.effective_on)

    def without_release(self) -> "LabellingWaveQuerySet":
        """Those that have no release here, and of which nobody said what became of it."""
        from labelling.models.release import PressRelease

        releases = PressRelease.objects.filter(wave=OuterRef("pk"))
        return self.filter(~Exists(releases), past_release="")

    def awaiting_release(self, day: date) -> "LabellingWaveQuerySet":
        """Those without one that took effect, or were announced, by `day`."""
        is_known = Q(effective_on__lte=day) | Q(announced_on__lte=day)
        return self.without_release().filter(is_known)

    def with_counts(self) -> "LabellingWaveQuerySet":
        """With what each wave's list has: `new_count`, `total_count`, and `ended_count`, which the
        list of the wave before, `slug_before`, still had; and `is_first`.
        """
        earlier = LabellingWave.objects.filter(effective_on__lt=OuterRef("effective_on"))
        last = earlier.order_by("-effective_on")
        counts = _count_by_wave()
        return self.annotate(
            is_first=~Exists(earlier),
            slug_before=Subquery(last.values("slug")[:1]),
            **{name: NumberOf("pk", numbers) for name, numbers in counts.items()},
        )

    def with_releases(self) -> "LabellingWaveQuerySet":
        """With what speaks for each wave, the last one last, in the list `standing_releases`."""
        from labelling.models.release import PressRelease

        releases = PressRelease.objects.standing().with_corrections().defer("content")
        return self.prefetch_related(Prefetch("releases", releases, to_attr="standing_releases"))


def _count_by_wave() -> dict[str, dict[int, int]]:
    """The counts of `with_counts`, by the key of each wave.

    A hundred waves, each of which would count all sites that came before, are faster counted here.
    """
    from labelling.models.site import Site

    granted, ends = Counter[int](), Counter[tuple[int, date]]()
    labels = Site.objects.exclude(wave=None).order_by().values_list("wave_id", "withdrawn_on")
    for pk, end, count in labels.annotate(count=Count("pk")):
        granted[pk] += count
        if end:
            ends[pk, end] += count
    counts: dict[str, dict[int, int]] = {"new_count": {}, "ended_count": {}, "total_count": {}}
    total, stood_on, known = 0, None, set[int]()
    for wave in LabellingWave.objects.in_order():
        day, total = wave.situation_on, total + granted[wave.pk]
        over = {key: count for key, count in ends.items() if key[1] <= day}
        own = sum(count for (pk, _), count in over.items() if pk == wave.pk)
        gone = [(end, count) for (pk, end), count in over.items() if pk in known]
        # Where a list closes before the one of an earlier wave, what ended in between stands again.
        again = sum(
            count
            for (pk, end), count in ends.items()
            if pk in known and stood_on and day < end <= stood_on
        )
        counts["new_count"][wave.pk] = granted[wave.pk] - own + again
        # Those of the list before that the wave's own no longer has.
        counts["ended_count"][wave.pk] = (
            sum(count for end, count in gone if end > stood_on) if stood_on else 0
        )
        counts["total_count"][wave.pk] = total - own - sum(count for _, count in gone)
        known.add(wave.pk)
        stood_on = day
    return counts


class LabellingWave(Record):
    """A wave of labels, with its three dates and the State's national figures of the day.

    The figures are copied as the State prints them: the carriers of October 2020 add up to 859
    where the total says 856, so that their sum is a matter for `quality`, not for a constraint.
    """

    noun = Noun("vague", "vagues", is_feminine=True)

    computed_fields = (*Record.computed_fields, "slug")

    # The carriers in the order in which the release names them.
    CARRIERS = (
        "state_sites",
        "association_sites",
        "post_sites",
        "msa_sites",
        "local_authority_sites",
    )

    # The days at which the wave's list may stand: the first one that there is.
    SITUATIONS = ("list_closed_on", "announced_on", "decided_on", "effective_on")

    name = models.CharField(
        "nom de la vague",
        max_length=LONGEST_NAME,
        help_text="La saison ou le mois, et l’année : « Automne 2020 ». Ce nom est repris dans "
        "les phrases du communiqué (« à l’automne 2020 »).",
    )
    slug = models.SlugField(max_length=LONGEST_NAME, editable=False)
    effective_on = models.DateField(
        "label valable à partir du",
        help_text="La date que donne l’État. Pas la date du comité ni celle du communiqué.",
    )
    decided_on = models.DateField(
        "comité de pilotage du",
        null=True,
        blank=True,
        help_text="Le jour où le comité a décidé des labels.",
    )
    announced_on = models.DateField(
        "annoncée le",
        null=True,
        blank=True,
        help_text="Le jour du communiqué. La liste de la vague est arrêtée à cette date.",
    )
    list_closed_on = models.DateField(
        "liste arrêtée au",
        null=True,
        blank=True,
        help_text="Seulement si ce n’est pas le jour de l’annonce. Sans l’une ni l’autre : le jour "
        "du comité, sinon celui du label.",
    )
    national_sites = models.PositiveIntegerField(
        "espaces France Services en France", null=True, blank=True
    )
    national_cantons = models.PositiveIntegerField("cantons couverts", null=True, blank=True)
    state_sites = models.PositiveIntegerField("portés par l’État", null=True, blank=True)
    association_sites = models.PositiveIntegerField(
        "portés par des associations", null=True, blank=True
    )
    post_sites = models.PositiveIntegerField("portés par La Poste", null=True, blank=True)
    msa_sites = models.PositiveIntegerField("portés par la MSA", null=True, blank=True)
    local_authority_sites = models.PositiveIntegerField(
        "portés par des collectivités", null=True, blank=True
    )

    past_release = models.CharField(
        "communiqué d’avant cet outil",
        max_length=10,
        choices=PastRelease,
        blank=True,
        editable=False,
        help_text="Se dit depuis la page « Communiqué » de la vague, où se joint le fichier.",
    )

    objects = LabellingWaveQuerySet.as_manager()

    class Meta:
        verbose_name = "vague de labellisation"
        verbose_name_plural = "vagues de labellisation"
        ordering = ("-effective_on",)
        base_manager_name = "objects"
        constraints = (
            models.UniqueConstraint(
                fields=["effective_on"],
                name="wave_effective_on_is_unique",
                violation_error_code="effective_on",
                violation_error_message="Une autre vague commence déjà à cette date.",
            ),
            models.UniqueConstraint(
                fields=["slug"],
                name="wave_name_is_unique",
                violation_error_code="name",
                violation_error_message="Une autre vague porte déjà ce nom.",
            ),
            models.CheckConstraint(
                # A blank name is the field's own affair.
                condition=Q(name="") | ~Q(slug=""),
                name="wave_name_has_letters_or_digits",
                violation_error_code="name",
                violation_error_message="Écrivez un nom qui a des lettres ou des chiffres.",
            ),
            models.CheckConstraint(
                condition=Q(announced_on__gte=models.F("decided_on")),
                name="wave_is_announced_once_decided",
                violation_error_code="announced_on",
                violation_error_message="L’annonce ne peut pas précéder le comité de pilotage : "
                "vérifiez les deux dates.",
            ),
        )

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str]:
        return (self.effective_on.isoformat(),)

    def compute_keys(self) -> None:
        super().compute_keys()
        self.slug = make_slug(self.name)

    def find_answer_obstacle(self, answer: str) -> str:
        """Why it cannot be said now what became of its release; empty if it can."""
        if answer and self.releases.exists():
            sentence = "Cette vague a son communiqué ici : il n’y a pas à dire ce qu’il est devenu."
        elif answer != PastRelease.SENT and self.sent_files.exists():
            sentence = (
                "Un fichier diffusé est joint à cette vague : retirez-le d’abord, avec un motif, "
                "depuis la page « Communiqué » de la vague."
            )
        else:
            return ""
        return text.typeset(sentence)

    def find_preparation_obstacle(self) -> str:
        """Why no release of it is prepared here; empty if one may be."""
        if not self.past_release:
            return ""
        answer = PastRelease(self.past_release).label
        return text.typeset(
            f"La vague « {self} » porte la réponse « {answer} ». Pour préparer son communiqué ici, "
            "revenez d’abord sur cette réponse, depuis la page « Communiqué » de la vague."
        )

    def word_past_release(self) -> str:
        """What became of its release before this tool; empty where nobody said it."""
        return str(PastRelease(self.past_release).label) if self.past_release else ""

    def find_deletion_obstacle(self) -> str:
        release = self.releases.order_by("pk").first()
        sites = self.sites.count()
        if release and release.is_frozen:
            why = f"Cette vague a son communiqué du {text.long_date(release.issued_on)}"
            instead = "Si une date ou un chiffre est faux, corrigez sa fiche."
        elif release:
            why = "Cette vague a un communiqué en préparation"
            instead = "Supprimez d’abord ce brouillon."
        elif self.sent_files.exists():
            why = "Le communiqué diffusé de cette vague y est joint"
            instead = "Retirez d’abord le fichier, avec un motif, depuis sa page « Communiqué »."
        elif sites:
            labelled = text.plural(sites, "est labellisé", "sont labellisés")
            why = f"{text.counted(sites, 'site')} {labelled} avec cette vague"
            them = text.plural(sites, "le", "les")
            instead = f"Rattachez-{them} d’abord à une autre vague."
        else:
            return ""
        return text.typeset(f"{why} : elle ne peut pas être supprimée. {instead}")

    @property
    def situation_on(self) -> date:
        """The date at which the wave's list stands."""
        return next(day for name in self.SITUATIONS if (day := getattr(self, name)))

    @property
    def carrier_figures(self) -> list[int | None]:
        return [getattr(self, name) for name in self.CARRIERS]

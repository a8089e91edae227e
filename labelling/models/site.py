"""The sites: each holds a label, asks for one, or no longer holds it."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Case, F, Q, Value, When

from labelling import text
from labelling.choices import LabelStatus, SiteFormat, WithdrawalReason
from labelling.models.association import Association
from labelling.models.base import (
    LONGEST_SEARCH,
    LONGEST_SORT_KEY,
    LONGEST_TEXT,
    KeyField,
    NamedRecord,
    StaleRecord,
)
from labelling.models.geography import Department
from labelling.models.merged import MergedSite
from labelling.models.record_sets import RecordQuerySet, make_condition
from labelling.models.release import PressRelease
from labelling.models.wave import LabellingWave
from labelling.nouns import Noun

# Words that tell no site from another.
_NETWORK_WORDS = {"pimms", "mediation", "france", "service", "services", "espace", "point"}
_SMALL_WORDS = {"de", "du", "des", "d", "la", "le", "les", "l", "a", "au", "aux", "en", "et"}
_FILLING = _NETWORK_WORDS | _SMALL_WORDS
_SIGNS = str.maketrans(dict.fromkeys('().,;:/&+«»"', " "))


def make_telling_key(sort_key: str) -> str:
    """The words of a name that tell a site from another, in any order; empty if none does."""
    words = {*sort_key.translate(_SIGNS).split()} - _FILLING
    return " ".join(sorted(words))


# Yes, no or unknown, as addresses have it: no database's own yes is converted row by row.
DISTRICT_KEY = Case(
    When(in_priority_district=True, then=Value("yes")),
    When(in_priority_district=False, then=Value("no")),
    default=Value("none"),
    output_field=models.CharField(),
)


def find_commune_department(code: str) -> str:
    """The code of the department that a commune's INSEE code begins with: 42, 2A, 971."""
    return code[: 3 if code.startswith("97") else 2]


def is_standing(day: date) -> Q:
    # A label that ends on a day no longer holds on that day.
    return Q(withdrawn_on=None) | Q(withdrawn_on__gt=day)


class SiteQuerySet(RecordQuerySet):
    def get_by_natural_key(self, name: str, department_code: str, withdrawn_on: str | None) -> Any:
        return self.get(name=name, department__code=department_code, withdrawn_on=withdrawn_on)

    def matching(self, query: str) -> Self:
        """The sites that `query` finds, or that one went into which it would find."""
        if len(query) > LONGEST_SEARCH or not text.search_words(query):
            return super().matching(query)
        condition = make_condition(query, Site)
        went = Site.history.filter(condition, id__in=MergedSite.objects.values("pk"))
        last = went.filter(history_type="-").order_by().values("id")
        into = MergedSite.objects.filter(pk__in=last).values("into")
        return self.filter(condition | Q(pk__in=into))

    def not_withdrawn_by(self, day: date) -> Self:
        return self.filter(is_standing(day))

    def labelled_on(self, day: date) -> Self:
        """The sites whose label holds on `day`: granted by then, not ended by then."""
        return self.filter(is_standing(day), wave__effective_on__lte=day)

    def labelled_as_of(self, wave: LabellingWave) -> Self:
        """The sites of the list of `wave`: its own and earlier ones, not ended when it appeared."""
        granted = self.filter(wave__effective_on__lte=wave.effective_on)
        return granted.not_withdrawn_by(wave.situation_on)

    def new_in(self, wave: LabellingWave) -> Self:
        return self.labelled_as_of(wave).filter(wave=wave)

    def withdrawn_by(self, day: date) -> Self:
        """The sites whose label has ended on or before `day`."""
        return self.filter(withdrawn_on__lte=day)

    def candidates(self) -> Self:
        return self.filter(wave=None)

    def with_label_to_end(self) -> Self:
        """The sites that were given the label and for which no end is known, not even to come."""
        return self.filter(wave__isnull=False, withdrawn_on=None)

    def with_status(self, status: str, day: date) -> Self:
        """The sites of a `LabelStatus` on `day`. A label still to come counts as a candidate's."""
        if status == LabelStatus.LABELLED:
            return self.labelled_on(day)
        if status == LabelStatus.ENDED:
            return self.withdrawn_by(day)
        return self.filter(Q(wave=None) | Q(wave__effective_on__gt=day)).not_withdrawn_by(day)

    def label(self, wave: LabellingWave) -> list[Any]:
        """Give the label in `wave` to the candidates; return those that got it."""
        with transaction.atomic():
            candidates = self.candidates().in_printed_order().select_for_update(of=("self",))
            granted: list[Any] = list(candidates)
            for site in granted:
                site.wave = wave
                site.save()
        return granted

    def end_labels(self, day: date, reason: str) -> list[Any]:
        """End the labels that are still held, from `day` on; return the sites that held them.

        Raise ValidationError, and end none, if one of them would end before it began.
        """
        with transaction.atomic():
            ending = self.with_label_to_end().with_place().order_by("pk")
            ended: list[Any] = list(ending.select_for_update(of=("self",)))
            for site in ended:
                site.withdrawn_on = day
                site.withdrawal_reason = reason
                try:
                    site.clean()
                except ValidationError as refusal:
                    which = text.typeset(f"Site concerné : {site}.")
                    raise ValidationError(" ".join([*refusal.messages, which])) from None
                site.save()
        return ended

    def with_place(self) -> Self:
        """With what a line of a list says: department, region, association and wave."""
        return self.select_related("department__region", "association", "wave")

    def in_printed_order(self) -> Self:
        """Regions and departments in French order, then the place given by hand, then the name."""
        return self.order_by(
            "department__region__sort_key",
            "department__sort_key",
            F("rank").asc(nulls_last=True),
            "sort_key",
            "pk",
        )


class Site(NamedRecord):
    """One label held, or asked for, by a place of the network.

    A label is ended, never deleted: the site stays in the lists of its time. Granted again later,
    it is a new row.
    """

    noun = Noun("site", "sites")

    search_paths = (
        "search_key",
        "department__search_key",
        "department__region__search_key",
        "association__search_key",
    )
    computed_fields = (*NamedRecord.computed_fields, "made_name", "telling_key")
    restored_fields = ("rank",)
    searched_fields = (
        "name",
        "state_name",
        "commune",
        "postcode",
        "france_services_id",
        "address",
        "commune_code",
    )

    name = models.CharField(
        "nom imprimé dans les communiqués",
        max_length=200,
        help_text="Tel que la presse le lira. L’État l’écrit souvent autrement.",
    )
    state_name = models.CharField(
        "nom selon l’État",
        max_length=250,
        blank=True,
        help_text="Tel que la liste nationale de l’État l’écrit. Il sert à retrouver le site ; "
        "il n’est jamais imprimé.",
    )
    # The name to print, where an import made it of the State's and nobody wrote another one since.
    made_name = models.CharField(
        "nom fait par un import", max_length=200, blank=True, editable=False, default=""
    )
    # What two records of one site share.
    telling_key = KeyField(max_length=LONGEST_SORT_KEY)
    association = models.ForeignKey(
        Association,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="sites",
        verbose_name="association membre",
        help_text="L’association qui fait vivre le site.",
    )
    department = models.ForeignKey(
        Department,
        models.PROTECT,
        related_name="sites",
        verbose_name="département",
        help_text="Celui de l’adresse du site. La région en découle.",
    )
    wave = models.ForeignKey(
        LabellingWave,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="sites",
        verbose_name="labellisé avec la vague",
        help_text="Laissez vide tant que le site est candidat.",
    )
    rank = models.PositiveIntegerField(
        "place dans la liste imprimée", null=True, blank=True, editable=False
    )
    france_services_id = models.CharField(
        "numéro France Services",
        max_length=20,
        blank=True,
        help_text="Donné par l’État, souvent quelques semaines après la vague. Laissez vide si "
        "vous ne l’avez pas.",
    )
    format = models.CharField(
        "accueil du public",
        max_length=20,
        choices=SiteFormat.choices,
        blank=True,
        help_text="Un « PIMMS mobile » n’est pas toujours un bus : regardez la liste de l’État.",
    )
    address = models.CharField("adresse", max_length=250, blank=True)
    postcode = models.CharField("code postal", max_length=5, blank=True)
    commune = models.CharField("commune", max_length=100, blank=True)
    commune_code = models.CharField(
        "code commune (INSEE)",
        max_length=5,
        blank=True,
        help_text="Cinq caractères, ce n’est pas le code postal : 42218 pour Saint-Étienne.",
    )
    latitude = models.FloatField(
        "latitude",
        null=True,
        blank=True,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
    )
    longitude = models.FloatField(
        "longitude",
        null=True,
        blank=True,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
    )
    in_priority_district = models.BooleanField(
        "en quartier prioritaire (QPV)",
        null=True,
        blank=True,
        help_text="Quartier prioritaire de la politique de la ville.",
    )
    withdrawn_on = models.DateField(
        "n’est plus labellisé depuis le",
        null=True,
        blank=True,
        help_text="Le site reste dans les listes des vagues d’avant cette date.",
    )
    withdrawal_reason = models.CharField(
        "motif", max_length=20, choices=WithdrawalReason.choices, blank=True
    )
    note = models.TextField(
        "note interne",
        max_length=LONGEST_TEXT,
        blank=True,
        help_text="Pour l’équipe ; jamais imprimée.",
    )

    objects = SiteQuerySet.as_manager()

    class Meta:
        verbose_name = "site"
        ordering = ("sort_key", "pk")
        permissions = (
            ("import_site", "Importer des sites"),
            ("export_site", "Télécharger des listes de sites"),
        )
        base_manager_name = "objects"
        indexes = (
            # What is counted of the labels, read from the index alone: with their keys.
            models.Index(
                fields=[
                    "wave",
                    "withdrawn_on",
                    "department",
                    "association",
                    "format",
                    "in_priority_district",
                    "id",
                ],
                name="site_labels",
            ),
            # Few names are to be read, and few sites have a place, among however many.
            models.Index(fields=["made_name"], name="site_made_name"),
            models.Index(fields=["rank", "department"], name="site_rank"),
            # A page of the list is read in its order, not out of all of them.
            models.Index(fields=["sort_key"], name="site_sort_key"),
            models.Index(
                fields=["department", "telling_key", "withdrawn_on"], name="site_telling_key"
            ),
            models.Index(
                fields=["department", "state_name", "withdrawn_on"], name="site_state_name"
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["france_services_id"],
                condition=Q(withdrawn_on=None) & ~Q(france_services_id=""),
                name="site_france_services_id_is_unique",
                violation_error_code="france_services_id",
                violation_error_message="Un autre site porte déjà ce numéro France Services.",
            ),
            models.UniqueConstraint(
                fields=["department", "sort_key"],
                condition=Q(withdrawn_on=None),
                name="site_name_is_unique_in_department",
                violation_error_code="name",
                violation_error_message="Un site de ce département porte déjà ce nom.",
            ),
            models.CheckConstraint(
                condition=Q(postcode="") | Q(postcode__regex=r"^[0-9]{5}$"),
                name="site_postcode_has_five_digits",
                violation_error_code="postcode",
                violation_error_message="Un code postal a cinq chiffres : 42000.",
            ),
            models.CheckConstraint(
                condition=Q(commune_code="") | Q(commune_code__regex=r"^([0-9]{2}|2[AB])[0-9]{3}$"),
                name="site_commune_code_has_five_characters",
                violation_error_code="commune_code",
                violation_error_message="Un code commune de l’INSEE a cinq caractères : 42218, "
                "2A004.",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_on=None, withdrawal_reason="")
                | (Q(withdrawn_on__isnull=False) & ~Q(withdrawal_reason="")),
                name="site_withdrawal_has_date_and_reason",
                violation_error_code="withdrawn_on",
                violation_error_message="Donnez la date et le motif de la fin du label, ou aucun "
                "des deux.",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_on=None) | Q(wave__isnull=False),
                name="site_withdrawn_was_labelled",
                violation_error_code="withdrawn_on",
                violation_error_message="Un candidat n’a pas de label à perdre : indiquez avec "
                "quelle vague il a été labellisé, ou effacez la date de fin.",
            ),
            models.CheckConstraint(
                condition=Q(latitude=None, longitude=None)
                | Q(latitude__isnull=False, longitude__isnull=False),
                name="site_position_has_both_coordinates",
                violation_error_code="latitude",
                violation_error_message="Donnez la latitude et la longitude, ou aucune des deux.",
            ),
        )

    def natural_key(self) -> tuple[str, str, str | None]:
        ended = self.withdrawn_on.isoformat() if self.withdrawn_on else None
        return (self.name, self.department.code, ended)

    natural_key.dependencies = ("labelling.department",)  # type: ignore[attr-defined]

    def compute_keys(self) -> None:
        super().compute_keys()
        self.telling_key = make_telling_key(self.sort_key)
        if self.made_name != self.name:
            self.made_name = ""

    def clean(self) -> None:
        super().clean()
        is_stored_candidate = self.pk is not None and self.wave_id is None
        printed = PressRelease.objects.find_printed_sites() if is_stored_candidate else {}
        if faults := self.find_label_faults(vars(self), self.wave, printed):
            raise ValidationError(faults)

    @staticmethod
    def find_label_faults(
        values: Mapping[str, Any], wave: LabellingWave | None, printed: Mapping[int, date]
    ) -> dict[str, str]:
        """What other records forbid of a site's values, given by column: a sentence by field.

        `printed` gives the day of the release that lists each site: a label that was announced is
        ended, never wiped out.
        """
        if wave is None:
            if (day := printed.get(values.get("id") or 0)) is None:
                return {}
            sentence = (
                f"Le label de ce site figure dans le communiqué du {text.long_date(day)} : il ne "
                "s’efface pas. Choisissez « Mettre fin au label… », au besoin avec le motif "
                "« Inscrit par erreur »."
            )
            return {"wave": text.typeset(sentence)}
        ended = values.get("withdrawn_on")
        if ended is None or ended >= wave.effective_on:
            return {}
        sentence = (
            f"La fin du label ne peut pas précéder son début : la vague « {wave} » prend effet le "
            f"{text.short_date(wave.effective_on)}."
        )
        return {"withdrawn_on": text.typeset(sentence)}

    def _insert(self, *args: Any, **kwargs: Any) -> None:
        """Add the site. One that comes back under its key is merged with no other any more."""
        with transaction.atomic():
            if self.pk is not None:
                MergedSite.objects.filter(pk=self.pk).delete()
            super()._insert(*args, **kwargs)

    def find_deletion_obstacle(self) -> str:
        keys = [self.pk, *MergedSite.objects.list_keys([self.pk])]
        entries = Site.history.filter(id__in=keys, wave__isnull=False)
        labelled = entries.order_by("-version").first()
        wave_id = labelled.wave_id if labelled else self.wave_id
        if wave_id is None:
            return ""
        if day := PressRelease.objects.find_printed_sites().get(self.pk):
            where = f"figure dans le communiqué du {text.long_date(day)}"
        else:
            # A wave that granted nothing any more may have been deleted since.
            wave = LabellingWave.objects.filter(pk=wave_id).first()
            where = "a été labellisé" + (f" avec la vague « {wave} »" if wave else "")
        if self.wave_id and not self.withdrawn_on:
            instead = (
                "S’il a fermé, ou s’il a été inscrit par erreur, choisissez « Mettre fin au "
                "label… »."
            )
        else:
            instead = "Dites dans sa note interne ce qu’il est devenu."
        return text.typeset(f"Ce site {where} : il ne peut pas être supprimé. {instead}")

    def compute_status(self, day: date) -> LabelStatus:
        """What the site is on `day`; its wave must have been read with it."""
        start = self.wave.effective_on if self.wave else None
        return compute_label_status(start, self.withdrawn_on, day)

    def move(self, places: int, among: SiteQuerySet | None = None) -> bool:
        """Move the site down by `places` (up if negative) in its department's printed order.

        Only the places of the sites `among` those of a list are counted, if it is given. Only the
        sites that change place are saved. Return whether any did.
        """
        with transaction.atomic():
            siblings = Site.objects.filter(department=self.department_id)
            # Before they are read in order: what waits for a lock sorts by what stood before.
            list(siblings.order_by("pk").select_for_update().values_list("pk"))
            order = list(siblings.order_by(F("rank").asc(nulls_last=True), "sort_key", "pk"))
            if self not in order:
                raise StaleRecord(self)
            listed = order
            if among is not None:
                keys = {*among.filter(department=self.department_id).values_list("pk", flat=True)}
                listed = [site for site in order if site.pk in {*keys, self.pk}]
            target = min(max(listed.index(self) + places, 0), len(listed) - 1)
            old, new = order.index(self), order.index(listed[target])
            order.insert(new, order.pop(old))
            for rank, site in enumerate(order, start=1):
                site.rank = rank
                site.save()
        return new != old

    def place_last(self) -> None:
        """Give the site, not saved yet, the last place of its department.

        The others keep their order; those that had no place of their own get one.
        """
        others = Site.objects.filter(department=self.department_id).in_printed_order()
        for rank, site in enumerate(others, start=1):
            site.rank = rank
            site.save()
            self.rank = rank
        self.rank = (self.rank or 0) + 1


def compute_label_status(start: date | None, end: date | None, day: date) -> LabelStatus:
    """What a site is on `day` that has the label from `start` on, until `end`."""
    if end and end <= day:
        return LabelStatus.ENDED
    if start and start <= day:
        return LabelStatus.LABELLED
    return LabelStatus.CANDIDATE

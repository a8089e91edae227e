"""When a label is looked at: on a day, or as the list of a wave has it; and between two of these.

Each is a text in addresses: `2020-10-14`, `automne-2020`, `2020-10-14..automne-2020`.
"""

from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from django.db.models import Q

from labelling import days, text
from labelling.models import LabellingWave
from labelling.models.site import is_standing

# No slug and no day holds it.
TO = ".."


@dataclass(frozen=True, kw_only=True)
class Situation:
    """The labels that were granted by a day and stand on a day, which a wave may have apart."""

    granted_by: date
    standing_on: date
    # What addresses call it: the day, or the slug of the wave.
    key: str
    wave_name: str = ""

    def has(self) -> Q:
        """The sites whose label holds."""
        granted = LabellingWave.objects.effective_by(self.granted_by)
        return Q(wave__in=granted) & is_standing(self.standing_on)

    def lacks(self) -> Q:
        """Of sites that had the label at some time: those whose label does not hold."""
        return Q(wave__effective_on__gt=self.granted_by) | Q(withdrawn_on__lte=self.standing_on)

    @property
    def at(self) -> str:
        """« au 14 octobre 2020 », « avec la vague Automne 2020 »."""
        if self.wave_name:
            return f"avec {text.the_wave(self.wave_name)}"
        return f"au {text.long_date(self.standing_on)}"

    @property
    def since(self) -> str:
        """« depuis le 14 octobre 2020 », « depuis la vague Automne 2020 »."""
        if self.wave_name:
            return f"depuis {text.the_wave(self.wave_name)}"
        return f"depuis le {text.long_date(self.standing_on)}"

    @property
    def title(self) -> str:
        """What stands above the figures: the network is larger than its labelled part."""
        return f"PIMMS labellisés France Services {self.at}"


@dataclass(frozen=True, kw_only=True)
class Between:
    """What came and went from one situation to another."""

    then: Situation
    now: Situation

    @property
    def key(self) -> str:
        return f"{self.then.key}{TO}{self.now.key}"

    @property
    def gained(self) -> Q:
        return self.now.has() & self.then.lacks()

    @property
    def ended(self) -> Q:
        return self.then.has() & self.now.lacks()

    @property
    def passed(self) -> Q:
        """The sites whose label came and went, so that neither situation has it."""
        return Q(
            wave__effective_on__gt=self.then.granted_by,
            wave__effective_on__lte=self.now.granted_by,
            withdrawn_on__lte=self.now.standing_on,
        )

    @property
    def goes_forward(self) -> bool:
        """Whether nothing that was granted then is still to be granted now."""
        return (
            self.then.granted_by <= self.now.granted_by
            and self.then.standing_on <= self.now.standing_on
        )

    @property
    def words(self) -> str:
        return f"{self.then.since}, {self.now.at}"


# What a situation is made of; one that is made stays as it is.
Moment: TypeAlias = Situation | date | LabellingWave


def make_situation(moment: Moment) -> Situation:
    if isinstance(moment, Situation):
        return moment
    if isinstance(moment, date):
        return Situation(granted_by=moment, standing_on=moment, key=moment.isoformat())
    return Situation(
        granted_by=moment.effective_on,
        standing_on=moment.situation_on,
        key=moment.slug,
        wave_name=moment.name,
    )


def read_situation(key: str) -> Situation:
    """The situation that an address names. Raise ValueError if there is none such."""
    try:
        return make_situation(days.check(date.fromisoformat(key)))
    except ValueError:
        wave = LabellingWave.objects.filter(slug=key).first()
    if wave is None:
        raise ValueError(key)
    return make_situation(wave)


def read_between(key: str) -> Between:
    """The two situations that an address names. Raise ValueError if it does not."""
    then, _, now = key.partition(TO)
    return Between(then=read_situation(then), now=read_situation(now))

"""The waves that have sites and get more by an import: said before it is applied."""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Count, Q

from labelling import text
from labelling.models import ImportRun, LabellingWave


@dataclass(frozen=True, kw_only=True)
class GrowingWave:
    """A wave, how many sites it has today, and the numbers of the lines that give it."""

    wave: LabellingWave
    sites: int
    numbers: list[int]

    def __str__(self) -> str:
        today, after = self.sites, self.sites + len(self.numbers)
        return text.typeset(
            f"{self.wave} : {text.counted(today, 'site')} aujourd’hui, "
            f"{text.number(after)} après l’import"
        )


def list_growing_waves(run: ImportRun) -> list[GrowingWave]:
    """In the order of the waves; those that have no site yet do not grow, they begin."""
    if run.model_key != "site":
        return []
    lines = run.rows.to_write().filter(after__has_key="wave_id").order_by("number")
    numbers: defaultdict[int, list[int]] = defaultdict(list)
    for wave, number in lines.values_list("after__wave_id", "number"):
        if isinstance(wave, int):
            numbers[wave].append(number)
    held = Count("sites", filter=Q(sites__withdrawn_on=None))
    waves = LabellingWave.objects.filter(pk__in=numbers).annotate(site_count=held)
    return [
        GrowingWave(wave=wave, sites=wave.site_count, numbers=numbers[wave.pk])
        for wave in waves.filter(site_count__gt=0).order_by("effective_on")
    ]

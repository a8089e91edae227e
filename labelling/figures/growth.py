"""How the labelled network grew: wave by wave, with the ends of label, up to a day."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from typing import Any, NamedTuple

from django.db.models import Count

from labelling import text
from labelling.figures.network import Figure
from labelling.figures.situations import TO, Between, Moment, Situation, make_situation
from labelling.models import LabellingWave, Site


@dataclass(frozen=True, kw_only=True)
class Step:
    """What a wave brought since the one before, or what ended since the last one (no name)."""

    day: date
    name: str
    wave: LabellingWave | None
    gained: Figure
    ended: Figure
    total: Figure

    @property
    def label(self) -> str:
        """« Automne 2020 »; « Au 27 novembre 2026 » of what ended since."""
        return self.name or f"Au {text.long_date(self.day)}"


def list_growth(moment: Moment) -> tuple[Step, ...]:
    """A step for each wave that took effect by then; one more if the network changed since."""
    at = make_situation(moment)
    waves = [*LabellingWave.objects.effective_by(at.granted_by).in_order()]
    labels = _read_labels(waves)
    steps: list[Step] = []
    before: _Held | None = None
    for wave in waves:
        step, before = _make_step(labels, before, make_situation(wave), wave)
        steps.append(step)
    if before and before.situation.key != at.key:
        last, _ = _make_step(labels, before, at, None)
        if last.gained.count or last.ended.count:
            steps.append(last)
    return tuple(steps)


def make_gained(wave: Any) -> Figure:
    """What the wave brought; it is one `with_counts`."""
    if not wave.slug_before:
        return Figure(count=wave.new_count, query={"as_of": wave.slug})
    return Figure(count=wave.new_count, query={"gained": f"{wave.slug_before}{TO}{wave.slug}"})


def make_ended(wave: Any) -> Figure:
    """What ended since the wave before; the wave is one `with_counts`."""
    query = {"ended": f"{wave.slug_before}{TO}{wave.slug}"} if wave.slug_before else {}
    return Figure(count=wave.ended_count, query=query)


def make_total(wave: Any) -> Figure:
    """What the list of the wave has; the wave is one `with_counts`."""
    return Figure(count=wave.total_count, query={"as_of": wave.slug})


class _Labels(NamedTuple):
    """How many labels were granted on the same day and end on the same day."""

    granted_on: date
    ended_on: date
    sites: int


class _Held(NamedTuple):
    """A situation, and how many labels hold in it."""

    situation: Situation
    total: int


def _read_labels(waves: Sequence[LabellingWave]) -> list[_Labels]:
    """Those that came with these waves, the first granted first."""
    starts = {wave.pk: wave.effective_on for wave in waves}
    sites = Site.objects.filter(wave__in=waves).order_by()
    spans = sites.values_list("wave_id", "withdrawn_on").annotate(sites=Count("*"))
    return sorted(_Labels(starts[wave], end or date.max, sites) for wave, end, sites in spans)


def _make_step(
    labels: list[_Labels], before: _Held | None, situation: Situation, wave: LabellingWave | None
) -> tuple[Step, _Held]:
    """What changed from one situation to the next, and what holds in that one."""
    total, known = _count(labels, situation), before.total if before else 0
    both = _count(labels, before.situation, situation) if before else 0
    key = Between(then=before.situation, now=situation).key if before else ""
    step = Step(
        day=wave.effective_on if wave else situation.standing_on,
        name=wave.name if wave else "",
        wave=wave,
        gained=Figure(
            count=total - both, query={"gained": key} if key else {"as_of": situation.key}
        ),
        ended=Figure(count=known - both, query={"ended": key} if key else {}),
        total=Figure(count=total, query={"as_of": situation.key}),
    )
    return step, _Held(situation, total)


def _count(labels: Sequence[_Labels], *situations: Situation) -> int:
    """How many hold in all of these: what `Situation.has` asks the database."""
    granted_by = min(one.granted_by for one in situations)
    standing_on = max(one.standing_on for one in situations)
    granted = labels[: bisect_right(labels, granted_by, key=itemgetter(0))]
    return sum([sites for _, end, sites in granted if end > standing_on])

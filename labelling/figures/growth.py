"""How the labelled network grew: wave by wave, with the ends of label, up to a day."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from operator import itemgetter
from typing import Any, NamedTuple

from django.db.models import Count, Q

from labelling import text
from labelling.figures.network import Figure
from labelling.figures.situations import TO, Between, Moment, Situation, make_situation
from labelling.models import LabellingWave, Site
from labelling.models.many_values import Gathered


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


class _Ended(NamedTuple):
    """How many labels ended on the same day, of those that were granted on the same day."""

    ended_on: date
    granted_on: date
    sites: int


@dataclass(frozen=True)
class _Labels:
    """Those that were ever granted: how many by each day, and those that ended, in order."""

    granted_by: dict[date, int]
    ended: list[_Ended]

    def count(self, *situations: Situation) -> int:
        """How many hold in all of these: what `Situation.has` asks the database."""
        granted_by = min(one.granted_by for one in situations)
        standing_on = max(one.standing_on for one in situations)
        days = [*self.granted_by]
        at = bisect_right(days, granted_by)
        granted = self.granted_by[days[at - 1]] if at else 0
        over = self.ended[: bisect_right(self.ended, standing_on, key=itemgetter(0))]
        return granted - sum([sites for _, day, sites in over if day <= granted_by])


class _Held(NamedTuple):
    """A situation, and how many labels hold in it."""

    situation: Situation
    total: int


def _read_labels(waves: Sequence[LabellingWave]) -> _Labels:
    """Those that came with these waves, which are in order."""
    starts = {wave.pk: wave.effective_on for wave in waves}
    sites = Site.objects.filter(wave__isnull=False).order_by()
    days = Gathered("withdrawn_on", filter=Q(withdrawn_on__isnull=False))
    granted = dict.fromkeys(starts, 0)
    ended = []
    for wave, count, ends in sites.values_list("wave_id").annotate(sites=Count("*"), days=days):
        if wave not in starts:
            continue
        granted[wave] = count
        for day, over in Counter(ends).items():
            ended.append(_Ended(date.fromisoformat(day), starts[wave], over))
    return _Labels(
        dict(zip(starts.values(), accumulate(granted.values()), strict=True)), sorted(ended)
    )


def _make_step(
    labels: _Labels, before: _Held | None, situation: Situation, wave: LabellingWave | None
) -> tuple[Step, _Held]:
    """What changed from one situation to the next, and what holds in that one."""
    total, known = labels.count(situation), before.total if before else 0
    both = labels.count(before.situation, situation) if before else 0
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

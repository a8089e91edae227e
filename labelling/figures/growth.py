"""How the labelled network grew: wave by wave, with the ends of label, up to a day."""

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from labelling import text
from labelling.figures.labels import Labels, Span, read_labels
from labelling.figures.network import Figure
from labelling.figures.situations import TO, Between, Moment, Situation, make_situation
from labelling.models import LabellingWave


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


def list_growth(moment: Moment, labels: Labels | None = None) -> tuple[Step, ...]:
    """A step for each wave that took effect by then; one more if the network changed since."""
    at = make_situation(moment)
    waves = LabellingWave.objects.effective_by(at.granted_by).in_order()
    labels = labels or read_labels()
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


class _Held(NamedTuple):
    """The labels that hold in a situation, and how many they are."""

    situation: Situation
    spans: set[Span]
    total: int


def _make_step(
    labels: Labels, before: _Held | None, situation: Situation, wave: LabellingWave | None
) -> tuple[Step, _Held]:
    """What changed from one situation to the next, and what holds in that one."""
    key = Between(then=before.situation, now=situation).key if before else ""
    spans, known = labels.choose(situation), before.spans if before else set()
    gained, ended = labels.add_up(spans - known), labels.add_up(known - spans)
    total = (before.total if before else 0) + gained - ended
    step = Step(
        day=wave.effective_on if wave else situation.standing_on,
        name=wave.name if wave else "",
        wave=wave,
        gained=Figure(count=gained, query={"gained": key} if key else {"as_of": situation.key}),
        ended=Figure(count=ended, query={"ended": key} if key else {}),
        total=Figure(count=total, query={"as_of": situation.key}),
    )
    return step, _Held(situation, spans, total)

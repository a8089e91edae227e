"""Headings that no list knows: which field each may be, by likeness and by its values."""

from collections.abc import Collection, Mapping, Sequence
from difflib import SequenceMatcher
from functools import cache

from labelling.spreadsheets.resources import RESOURCES, SheetResource
from labelling.spreadsheets.widgets import Cell, find_kind, fold

ENOUGH = 0.78
# Two fields so close to one heading are a question, and a guess answers none.
TOO_CLOSE = 0.04
# A word so short says nothing by itself.
SHORT = 3


def guess_fields(
    keys: Sequence[str],
    resource: SheetResource,
    values: Mapping[int, Sequence[Cell]],
    taken: Collection[str] = (),
) -> dict[int, str]:
    """Return the field that each heading is like, by position; each field at most once.

    Only fields whose kind of value fits what the column holds are considered.
    """
    pairs = []
    for position, key in enumerate(keys):
        if len(key) < SHORT:
            continue
        scores = {
            name: likeness
            for name, likeness in _measure_likenesses(resource.model_key, key).items()
            if name not in taken and _fits(values.get(position, ()), resource, name)
        }
        best = sorted(scores.values(), reverse=True)
        if best and (len(best) == 1 or best[0] - best[1] > TOO_CLOSE):
            name = max(scores, key=lambda name: scores[name])
            pairs.append((scores[name], position, name))
    fields: dict[int, str] = {}
    for _, position, name in sorted(pairs, key=lambda pair: (-pair[0], pair[1])):
        if name not in fields.values():
            fields[position] = name
    return fields


@cache
def _measure_likenesses(model_key: str, key: str) -> dict[str, float]:
    """Return how like each field a heading is, for those that it is like enough."""
    likenesses = {}
    for name, column in RESOURCES[model_key].fields.items():
        if not column.kinds:
            continue
        headings = {fold(heading) for heading in (name, column.column_name, *column.aliases)}
        best = max(_measure_likeness(key, heading) for heading in headings)
        if best >= ENOUGH:
            likenesses[name] = best
    return likenesses


def _measure_likeness(key: str, heading: str) -> float:
    words, others = set(key.split()), set(heading.split())
    # « Nom du site (officiel) » holds the heading « Nom du site ».
    if len(heading) > SHORT and others < words:
        return 0.8 + 0.15 * len(heading) / len(key)
    matcher = SequenceMatcher(None, key, heading)
    if matcher.real_quick_ratio() < ENOUGH or matcher.quick_ratio() < ENOUGH:
        return 0.0
    return matcher.ratio()


def _fits(values: Sequence[Cell], resource: SheetResource, name: str) -> bool:
    kinds = resource.find_column(name).kinds
    good = sum(find_kind(value) in kinds for value in values)
    return good * 5 >= len(values) * 4

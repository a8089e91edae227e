"""Which text that was sent each passage of a returned file was: by its words, its mark, its place.

In this order: the same words, once on both sides; a mark that one passage alone bears; what is
alike enough, in the order of both; last, what is alike but elsewhere, and what stands alone in the
same gap. What was measured stands behind the thresholds: without marks a likeness proves nothing.
"""

import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

from labelling.press_release.typesetting import without_typography

_LEAST_MARKED, _LEAST_IN_ORDER, _LEAST_MOVED = 0.2, 0.34, 0.5
# More pairs than these are not compared: nothing of a release is left over by thousands.
_MOST_PAIRS = 250_000
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2212"
_HIDDEN = "\u00ad\u200b\u2060\ufeff"
_ALIKE = str.maketrans(dict.fromkeys(_DASHES, "-") | dict.fromkeys(_HIDDEN))


class How(Enum):
    """How a passage was known."""

    SAME = "same"
    MARKED = "marked"
    IN_ORDER = "in order"
    MOVED = "moved"
    UNSURE = "unsure"


@dataclass(frozen=True, kw_only=True)
class Side:
    """A text to align, with the places that its marks name; or the one place where it stands."""

    words: str
    places: tuple[str, ...] = ()


def fold(words: str) -> str:
    """The words without what decides nothing: kinds of spaces, quotes, dashes, hidden hyphens."""
    return without_typography(unicodedata.normalize("NFC", words).translate(_ALIKE))


def are_alike(one: str, other: str) -> bool:
    return one == other or fold(one) == fold(other)


class _Likeness:
    """How alike two texts are: Dice on words and on pairs of words, from 0 to 1."""

    def __init__(self, sent: Sequence[Side], read: Sequence[Side]) -> None:
        self.sides = (sent, read)
        # Most are known without it: only those that are asked for are counted.
        self.bags: dict[tuple[int, int], Counter[str]] = {}

    def _read_bag(self, side: int, n: int) -> Counter[str]:
        if (side, n) not in self.bags:
            self.bags[side, n] = _count_words(self.sides[side][n].words)
        return self.bags[side, n]

    def of(self, sent: int, read: int) -> float:
        one, other = self._read_bag(0, sent), self._read_bag(1, read)
        total = one.total() + other.total()
        return 2 * (one & other).total() / total if total else 0.0


def _count_words(text: str) -> Counter[str]:
    words = fold(text).lower().split()
    return Counter([*words, *map(" ".join, pairwise(words))])


def align(
    sent: Sequence[Side], read: Sequence[Side], *, guesses: bool = True
) -> dict[int, tuple[int, How]]:
    """For each text of `read` that was found, which one of `sent` it was, and how it was known.

    Without `guesses` what only its neighbours tell is left.
    """
    found = _find_same(sent, read)
    alike = _Likeness(sent, read)
    _find_marked(sent, read, alike, found)
    if _count_left(sent, read, found) <= _MOST_PAIRS:
        _find_in_order(sent, read, alike, found)
        if guesses:
            _find_elsewhere(sent, read, alike, found)
    return found


def find_moved(partners: Mapping[int, tuple[int, How]]) -> set[int]:
    """Those that are out of the order that most keep."""
    order = [(read, partners[read][0]) for read in sorted(partners)]
    ends: list[int] = []  # Of the shortest increasing run of each length, its last one…
    places: list[int] = []  # … and where that stands in `order`.
    before: list[int] = []
    for place, (_, sent) in enumerate(order):
        length = bisect_left(ends, sent)
        before.append(places[length - 1] if length else -1)
        ends[length : length + 1], places[length : length + 1] = [sent], [place]
    kept, place = set(), places[-1] if places else -1
    while place >= 0:
        kept.add(order[place][0])
        place = before[place]
    return {read for read, _ in order} - kept


def _find_same(sent: Sequence[Side], read: Sequence[Side]) -> dict[int, tuple[int, How]]:
    folded = [[fold(each.words) for each in side] for side in (sent, read)]
    counts = [Counter(side) for side in folded]
    once = {words: n for n, words in enumerate(folded[0]) if counts[0][words] == 1}
    return {
        n: (once[words], How.SAME)
        for n, words in enumerate(folded[1])
        if words in once and counts[1][words] == 1
    }


def _find_marked(
    sent: Sequence[Side],
    read: Sequence[Side],
    alike: _Likeness,
    found: dict[int, tuple[int, How]],
) -> None:
    by_place = {each.places[0]: n for n, each in enumerate(sent)}
    bearers = Counter(place for each in read for place in each.places)
    free, _ = _list_left(sent, read, found)
    candidates = sorted(
        (
            (alike.of(by_place[place], n), by_place[place], n)
            for n, each in enumerate(read)
            for place in each.places
            if n not in found and bearers[place] == 1 and place in by_place
        ),
        key=lambda each: (-each[0], each[1], each[2]),
    )
    taken = {partner for partner, _ in found.values()}
    compared = 0
    for likeness, partner, n in candidates:
        if n in found or partner in taken:
            continue
        if likeness < _LEAST_MARKED:
            others = [other for other in free if other not in taken]
            compared += len(others)
            if compared > _MOST_PAIRS or any(alike.of(other, n) > likeness for other in others):
                continue
        found[n] = (partner, How.MARKED)
        taken.add(partner)


def _list_left(
    sent: Sequence[Side], read: Sequence[Side], found: Mapping[int, tuple[int, How]]
) -> tuple[list[int], list[int]]:
    taken = {partner for partner, _ in found.values()}
    return (
        [n for n in range(len(sent)) if n not in taken],
        [n for n in range(len(read)) if n not in found],
    )


def _count_left(
    sent: Sequence[Side], read: Sequence[Side], found: Mapping[int, tuple[int, How]]
) -> int:
    left, unread = _list_left(sent, read, found)
    return len(left) * len(unread)


def _find_gaps(
    left: Sequence[int], unread: Sequence[int], found: Mapping[int, tuple[int, How]]
) -> tuple[dict[int, tuple[int, int]], dict[int, tuple[int, int]]]:
    """Between which of the pairs that keep their order each one stands that is left, both sides."""
    anchors = sorted((read, found[read][0]) for read in found.keys() - find_moved(found))
    reads, sents = [each[0] for each in anchors], [each[1] for each in anchors]

    def gap(places: list[int], n: int) -> tuple[int, int]:
        at = bisect_left(places, n)
        return at - 1, at

    return {n: gap(sents, n) for n in left}, {n: gap(reads, n) for n in unread}


def _find_in_order(
    sent: Sequence[Side],
    read: Sequence[Side],
    alike: _Likeness,
    found: dict[int, tuple[int, How]],
) -> None:
    """Pair what is left so that the sum of the likenesses is highest, in the order of both."""
    left, unread = _list_left(sent, read, found)
    sent_gaps, read_gaps = _find_gaps(left, unread, found)
    weights = [[0.0] * (len(unread) + 1) for _ in range(len(left) + 1)]
    likes: dict[tuple[int, int], float] = {}
    for i in range(len(left) - 1, -1, -1):
        for j in range(len(unread) - 1, -1, -1):
            best = max(weights[i + 1][j], weights[i][j + 1])
            if sent_gaps[left[i]] == read_gaps[unread[j]]:
                likeness = alike.of(left[i], unread[j])
                if likeness >= _LEAST_IN_ORDER:
                    likes[i, j] = likeness
                    best = max(best, likeness + weights[i + 1][j + 1])
            weights[i][j] = best
    i = j = 0
    while i < len(left) and j < len(unread):
        if (i, j) in likes and weights[i][j] == likes[i, j] + weights[i + 1][j + 1]:
            found[unread[j]] = (left[i], How.IN_ORDER)
            i, j = i + 1, j + 1
        elif weights[i][j] == weights[i + 1][j]:
            i += 1
        else:
            j += 1


def _find_elsewhere(
    sent: Sequence[Side],
    read: Sequence[Side],
    alike: _Likeness,
    found: dict[int, tuple[int, How]],
) -> None:
    """Pair what is alike but out of order; then what stands alone in the same gap."""
    left, unread = _list_left(sent, read, found)
    pairs = sorted(
        ((alike.of(partner, n), partner, n) for partner in left for n in unread),
        key=lambda each: (-each[0], each[1], each[2]),
    )
    taken: set[int] = set()
    for likeness, partner, n in pairs:
        if likeness >= _LEAST_MOVED and n not in found and partner not in taken:
            found[n] = (partner, How.MOVED)
            taken.add(partner)
    left, unread = _list_left(sent, read, found)
    sent_gaps, read_gaps = _find_gaps(left, unread, found)
    alone = [Counter(gaps.values()) for gaps in (sent_gaps, read_gaps)]
    by_gap = {gap: n for n, gap in sent_gaps.items()}
    for n in unread:
        gap = read_gaps[n]
        if alone[0][gap] == 1 and alone[1][gap] == 1:
            found[n] = (by_gap[gap], How.UNSURE)

"""The words of a text that change, with enough of those beside them to be found in it again."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

_WORD = re.compile(r"\S+")
# What typing a text again may change, letter for letter: places in both are the same.
_FOLDED = str.maketrans("’ʼ\u00a0\u202f\n\t\u2223", "''    |")
# Words beside those that change: a number alone is no quotation.
_BESIDE = 3
# Words of that many letters seldom end a quotation.
_SHORT = 4
# Two changes with no more words than these between them are one.
_BETWEEN = 2
_STOPS = ".,;:!?»"

# From which word to which one, in the text before and in the text after.
_Span = tuple[int, int, int, int]
# Between which words of the text before.
_Limits = tuple[int, int]
# A text with its words.
_Side = tuple[str, list[re.Match[str]]]
Quoted = tuple[str, str] | None


def fold(printed: str) -> str:
    """The text as it is searched: whatever the kinds of its spaces, apostrophes and bars."""
    return printed.translate(_FOLDED)


def find_words(printed: str, words: str) -> list[int]:
    """The places where `printed` says `words`, whole: « 3 sites » is not in « 13 sites »."""
    text, sought = fold(printed), fold(words)
    places: list[int] = []
    place = text.find(sought) if sought else -1
    while place >= 0:
        end = place + len(sought)
        is_cut = _are_one_word(text[place - 1 : place], sought[0]) or _are_one_word(
            sought[-1], text[end : end + 1]
        )
        if not is_cut:
            places.append(place)
        place = text.find(sought, place + 1)
    return places


def replace_words(printed: str, place: int, words: str, others: str) -> str:
    """`printed` with `others` where it says `words`; what is taken out leaves no second space."""
    head, tail = printed[:place], printed[place + len(words) :]
    if not others:
        head, tail = (head.rstrip(), tail) if tail[:1] in (*_STOPS, "") else (head, tail.lstrip())
    return f"{head}{others}{tail}"


def quote(before: str, after: str, within: str = "") -> list[tuple[str, str]]:
    """What to read otherwise, each as its words before and after; the whole if most of it changes.

    The words before are found once in `within`, which is `before` itself if it is not given.
    """
    old, new = (list(_WORD.finditer(text)) for text in (before, after))
    spans = list(_find_spans([fold(m[0]) for m in old], [fold(m[0]) for m in new]))
    quoted = []
    for number, span in enumerate(spans):
        limits = (
            spans[number - 1][1] if number else 0,
            spans[number + 1][0] if number + 1 < len(spans) else len(old),
        )
        words = _quote_span(span, limits, (before, old), (after, new), within or before)
        if words is None:
            return [(before, after)]
        quoted.append(words)
    return quoted


def _are_one_word(left: str, right: str) -> bool:
    return left.isalnum() and right.isalnum()


def _find_spans(old: list[str], new: list[str]) -> Iterator[_Span]:
    found: _Span | None = None
    alike = 0
    for tag, *places in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        i, i_end, j, j_end = places
        if tag == "equal":
            alike = i_end - i
            continue
        moved = 0
        if tag == "delete":
            moved = _count_to_clause(old, i, i_end, alike)
        elif tag == "insert":
            moved = _count_to_clause(new, j, j_end, alike)
        span = (i - moved, i_end - moved, j - moved, j_end - moved)
        if found and span[0] - found[1] <= _BETWEEN:
            found = (found[0], span[1], found[2], span[3])
            continue
        if found:
            yield found
        found = span
    if found:
        yield found


def _count_to_clause(words: list[str], start: int, end: int, most: int) -> int:
    """How many words back the same change begins with its clause: 0 if it does not.

    « PIMMS B (Gard), » goes from a list, and not « B (Gard), PIMMS » from between two names.
    """
    for moved in range(most + 1):
        before = start - moved - 1
        if before < 0 or words[before][-1] in _STOPS:
            return moved
        if words[before] != words[end - moved - 1]:
            break
    return 0


def _quote_span(span: _Span, limits: _Limits, before: _Side, after: _Side, within: str) -> Quoted:
    """The words of a span and those beside it, between its neighbours.

    None if they would be most of the text, or stand in it several times.
    """
    i, i_end, j, j_end = span
    left, right = _choose_beside(span, limits, before[1])
    while True:
        first, end = i - left, i_end + right
        is_most = end - first > max(_BESIDE + 1, len(before[1]) * 2 // 3)
        if is_most or end - first == len(before[1]):
            return None
        was, now = _cut(before, first, end), _cut(after, j - left, j_end + right)
        if was[-1:] in tuple(".,;:") and was[-1:] == now[-1:]:
            was, now = was[:-1].rstrip(), now[:-1].rstrip()
        if was and len(find_words(within, was)) < 2:
            return was, now
        if first > limits[0]:
            left += 1
        elif end < limits[1]:
            right += 1
        else:
            return None


def _choose_beside(span: _Span, limits: _Limits, words: list[re.Match[str]]) -> tuple[int, int]:
    """How many words to quote before and behind a span: those of its own clause, behind first."""
    i, i_end, j, j_end = span

    def ends_a_clause(position: int) -> bool:
        return 0 <= position < len(words) and words[position][0][-1] in _STOPS

    def is_enough(count: int) -> bool:
        """« 90 PIMMS qui sont labellisés France Services », and not « … qui » nor « … France »."""
        last = words[i_end + count - 1][0]
        following = words[i_end + count][0]
        return (
            count >= _BESIDE
            and (len(last) > _SHORT or last[0].isupper())
            and not (last[0].isupper() and following[0].isupper())
        )

    left = right = 0
    # What goes leaves something to read behind it.
    least = 1 if j == j_end else 0
    while i_end + right < limits[1] and (
        right < least or not (ends_a_clause(i_end + right - 1) or is_enough(right))
    ):
        right += 1
    # What is added is found by what it is added to.
    if right == 0 or i == i_end:
        while left < _BESIDE and i - left > limits[0] and not ends_a_clause(i - left - 1):
            left += 1
    return left, right


def _cut(side: _Side, first: int, end: int) -> str:
    printed, words = side
    return printed[words[first].start() : words[end - 1].end()] if first < end else ""

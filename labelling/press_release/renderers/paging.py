"""Where the pages of a list end, as far as can be told where nothing lays them out.

A word processor repeats headings, and never the merged cell of a region. So a region's lines are
cut where the page is likely to end, a little before rather than after, and go on under « (suite) ».
The lines between two cuts stay together: whatever a program makes of the estimate, and whatever
staff then write above the list, no page begins with a line whose region is not said.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

from labelling.press_release.content import Content, ReleaseLine

# Advances in Arial and in Liberation Sans, which is as wide, in thousandths of the size.
_ADVANCES = {
    222: "'ijl’|",
    278: " \u00a0\u202f!,./:;I[\\]ft",
    400: '()-"*`{}r°\u2011',
    500: "Jcksvxyz^",
    556: "#$0123456789?L_abdeghnopqu«»–€",
    611: "+<=>~FTZ",
    667: "&ABEKPSVXY",
    722: "CDHNRUw",
    778: "GOQ",
    889: "%Mmæ",
    1015: "@WœŒÆ",
}
_WIDEST, _BOLDER = 1015, 1.08
# Lines on each side of a cut: a region of fewer than twice as many is never cut.
_FEWEST = 3
_END_OF_WORD = re.compile("(?<=[ -])")


class _Advances(dict[str, int]):
    """Of each character; what is not above is as wide as its letter without its accent."""

    def __missing__(self, character: str) -> int:
        letter = unicodedata.normalize("NFD", character)[0]
        self[character] = self.get(letter, _WIDEST)
        return self[character]


_advances = _Advances({letter: wide for wide, letters in _ADVANCES.items() for letter in letters})


class Run(NamedTuple):
    """Lines of one region that stand together, under which name, and how high each is."""

    label: str
    lines: list[ReleaseLine]
    heights: list[float]
    begins_page: bool


@lru_cache(maxsize=1024)  # A list names its departments many times.
def count_lines(text: str, width: float, size: float, *, is_bold: bool = False) -> int:
    """How many lines the text takes; the width and the size of the letters are in one unit."""
    room = 1000 * width / size / (_BOLDER if is_bold else 1)
    if len(text) * _WIDEST <= room or _measure(text) <= room:
        return 1
    lines, left = 1, room
    for word in _END_OF_WORD.split(text):
        wide = _measure(word)
        if _measure(word.rstrip(" ")) > left:
            more = max(1, -int(-wide // room))
            lines, left = lines + more, more * room
        left -= wide
    return lines


def _measure(text: str) -> int:
    return sum(map(_advances.__getitem__, text))


def cut(
    content: Content,
    *,
    left: float,
    title: float,
    page: float,
    doubt: float,
    measure: Callable[[ReleaseLine], float],
    measure_label: Callable[[str], float],
) -> Iterator[Run]:
    """The lines in runs, one at least for each region and each page.

    `left` is how much of the page there is for lines below the title of the list, which takes
    `title` and goes with its first line; `page` is how much there is on a page without a title; by
    `doubt` there may be more. The first line of a run is as high as its label at least.
    """
    top = page - title
    for region, lines in content.by_region():
        label, rest, heights = region, lines, [*map(measure, lines)]
        while rest:
            begins_page = left in {page, top}
            heights[0] = max(heights[0], measure_label(label))
            # What may fit is not cut: « (suite) » could come below, on the same page.
            fitting = _count_fitting(heights, left + doubt)
            if fitting < len(rest):
                fitting = min(_count_fitting(heights, left), len(rest) - _FEWEST)
            if fitting < min(_FEWEST, len(rest)):
                # A new page has room for a line, however high.
                fitting = max(1, fitting) if begins_page else 0
            if fitting:
                yield Run(label, rest[:fitting], heights[:fitting], begins_page)
                left, top = left - sum(heights[:fitting]), page
                label = content.words.region_continued.replace("{region}", region)
                rest, heights = rest[fitting:], heights[fitting:]
            if rest:
                left = top


def _count_fitting(heights: list[float], left: float) -> int:
    for number, height in enumerate(heights):
        left -= height
        if left < 0:
            return number
    return len(heights)

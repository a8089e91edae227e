"""Paragraphs of a Word file in two views: all their tracked changes refused, and all accepted.

A paragraph ends with a mark, which may be inserted or deleted too: refused, an inserted mark joins
its paragraph to the next one, and so does a deleted one, accepted. What was one paragraph and what
has become of it are found by the characters that both views have, so that paragraphs which were
split or joined are told exactly.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from .document import Dropped, Passage

# As LibreOffice names an author who said no name.
_UNNAMED = ("", "Unknown Author")


@dataclass(frozen=True)
class Piece:
    """Words of a paragraph, and who inserted or deleted them; None: nobody did."""

    words: str
    inserted: str | None = None
    deleted: str | None = None
    is_moved: bool = False

    @property
    def is_kept(self) -> bool:
        return self.inserted is None and self.deleted is None


@dataclass
class Paragraph:
    """A paragraph as the file has it.

    Who inserted the mark at its end (`joined_before`: it was joined to the next one before the
    changes), and who deleted it (`joined_after`).
    """

    pieces: list[Piece] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    joined_before: str | None = None
    joined_after: str | None = None

    @property
    def is_changed(self) -> bool:
        return any(not piece.is_kept for piece in self.pieces) or self.has_changed_end

    @property
    def has_changed_end(self) -> bool:
        return self.joined_before is not None or self.joined_after is not None

    def list_authors(self) -> Iterator[str]:
        for piece in self.pieces:
            if piece.words.strip():
                yield from (author for author in (piece.inserted, piece.deleted) if author)
        yield from (author for author in (self.joined_before, self.joined_after) if author)

    def list_dropped(self) -> Iterator[Dropped]:
        """The words that were inserted, then deleted."""
        for piece in self.pieces:
            if piece.inserted is not None and piece.deleted is not None and piece.words.strip():
                yield Dropped(words=piece.words, by=name_authors([piece.inserted, piece.deleted]))


def name_authors(authors: Iterable[str]) -> tuple[str, ...]:
    """Each author once, in their order; not those who said no name."""
    named = (" ".join(author.split())[:100] for author in authors if author not in _UNNAMED)
    return tuple(dict.fromkeys(named))


def list_texts(paragraphs: Sequence[Paragraph]) -> tuple[str, str]:
    """What paragraphs, as those of a cell, say before the changes and after."""
    old, new = (
        " ".join(filter(None, (_join(paragraphs, each, is_old=is_old) for each in groups)))
        for is_old in (True, False)
        for groups in [_group(paragraphs, is_old=is_old)]
    )
    return old, new


def list_passages(paragraphs: Sequence[Paragraph]) -> list[Passage]:
    """The passages of paragraphs that follow each other, in their order; none of blank ones."""
    passages: list[Passage] = []
    begin = 0
    for end, paragraph in enumerate(paragraphs, start=1):
        if end == len(paragraphs) or not paragraph.has_changed_end:
            passages += _compare(paragraphs[begin:end])
            begin = end
    return passages


def _compare(paragraphs: Sequence[Paragraph]) -> Iterator[Passage]:
    """The passages of paragraphs that changed ends hold together."""
    olds, news = (_group(paragraphs, is_old=is_old) for is_old in (True, False))
    old_texts = [_join(paragraphs, each, is_old=True) for each in olds]
    new_texts = [_join(paragraphs, each, is_old=False) for each in news]
    shared = _count_shared(paragraphs, olds, news)
    # Each new paragraph comes of the old one that it has most of.
    became: dict[int, int] = {}
    for (old, new), _ in sorted(shared.items(), key=lambda pair: (-pair[1], pair[0])):
        became.setdefault(new, old)
    # One that was written anew, word by word, in the place of the old one.
    for new, places in enumerate(news):
        if new in became or not new_texts[new]:
            continue
        for old, before in enumerate(olds):
            is_taken = old in became.values() or any(shared[old, each] for each in range(len(news)))
            if old_texts[old] and not is_taken and {*before} & {*places}:
                became[new] = old
                break
    found: list[tuple[int, Passage]] = []
    left = {*range(len(paragraphs))}
    for old, own in enumerate(olds):
        texts = [new for new in range(len(news)) if became.get(new) == old and new_texts[new]]
        if not old_texts[old]:
            continue
        joined = not texts and any(shared[old, new] for new in range(len(news)))
        held = {*own}.union(*(news[new] for new in texts))
        made = tuple(new_texts[new] for new in texts)
        # It stands where its words went on: what was typed before it, in its mark, comes first.
        kept = [place for new in texts for place in news[new]] or own
        found.append((kept[0], _make(paragraphs, held, old_texts[old], made, joined, own)))
        left -= {*own}
    for new, places in enumerate(news):
        if new_texts[new] and not (new in became and old_texts[became[new]]):
            found.append((places[0], _make(paragraphs, {*places}, None, (new_texts[new],))))
            left -= {*places}
    if dropped := _list_dropped(paragraphs, sorted(left)):
        by = name_authors(author for each in dropped for author in each.by)
        yield Passage(old=None, by=by, is_tracked=True, dropped=dropped)
    yield from (passage for _, passage in sorted(found, key=lambda each: each[0]))


def _make(
    paragraphs: Sequence[Paragraph],
    places: set[int],
    old: str | None,
    new: tuple[str, ...],
    joined: bool = False,
    own: Sequence[int] = (),
) -> Passage:
    read = [paragraphs[place] for place in sorted(places)]
    is_changed = (old,) != new
    changed = [p for each in read for p in each.pieces if not p.is_kept and p.words.strip()]
    return Passage(
        old=old,
        new=new,
        by=name_authors(author for each in read for author in each.list_authors())
        if is_changed
        else (),
        is_tracked=is_changed and any(paragraph.is_changed for paragraph in read),
        is_moved=is_changed and bool(changed) and all(piece.is_moved for piece in changed),
        joined=joined,
        marks=tuple(mark for place in own for mark in paragraphs[place].marks),
        dropped=_list_dropped(paragraphs, own or sorted(places)),
    )


def _list_dropped(paragraphs: Sequence[Paragraph], places: Iterable[int]) -> tuple[Dropped, ...]:
    return tuple(each for place in places for each in paragraphs[place].list_dropped())


def _group(paragraphs: Sequence[Paragraph], *, is_old: bool) -> list[list[int]]:
    """The places of the paragraphs that are one in a view."""
    groups: list[list[int]] = [[]]
    for place, paragraph in enumerate(paragraphs):
        groups[-1].append(place)
        if (paragraph.joined_before if is_old else paragraph.joined_after) is None:
            groups.append([])
    return [group for group in groups if group]


def _join(paragraphs: Sequence[Paragraph], places: Iterable[int], *, is_old: bool) -> str:
    """What paragraphs say together in a view, blanks at both ends left out."""
    words = (
        piece.words
        for place in places
        for piece in paragraphs[place].pieces
        if (piece.inserted if is_old else piece.deleted) is None
    )
    return " ".join(filter(None, "".join(words).split(" ")))


def _count_shared(
    paragraphs: Sequence[Paragraph], olds: list[list[int]], news: list[list[int]]
) -> Counter[tuple[int, int]]:
    """How many characters that nobody changed each old paragraph shares with each new one."""
    old_of = {place: old for old, places in enumerate(olds) for place in places}
    new_of = {place: new for new, places in enumerate(news) for place in places}
    shared: Counter[tuple[int, int]] = Counter()
    for place, paragraph in enumerate(paragraphs):
        kept = sum(len(piece.words.strip()) for piece in paragraph.pieces if piece.is_kept)
        if kept:
            shared[old_of[place], new_of[place]] += kept
    return shared

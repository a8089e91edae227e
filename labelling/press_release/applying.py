"""Corrections applied to a Content: the text as its rectificatifs say that it is to be read."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache, cached_property
from typing import Any

from labelling import text
from labelling.models import PressRelease
from labelling.press_release.content import Content, ReleaseLine
from labelling.press_release.differences import Part, write_line
from labelling.press_release.errata import Correction, list_complete
from labelling.press_release.quoting import find_words, fold, replace_words

# The texts of a content, by the part that they are compared as.
_FIELDS = {
    Part.NOTICE: "notices",
    Part.LETTERHEAD: "letterhead",
    Part.PLACE_AND_DATE: "place_and_date",
    Part.KIND: "kind",
    Part.TITLE: "title",
    Part.LEAD: "lead",
    Part.PARAGRAPH: "paragraphs",
    Part.QUOTE: "quote",
    Part.LIST_TITLE: "list_title",
    Part.LEGEND: "legend",
    Part.COLUMNS: "columns",
    Part.SITUATION: "situation",
    Part.ABOUT_HEADING: "about_heading",
    Part.ABOUT: "about",
    Part.CONTACT_HEADING: "contact_heading",
    Part.CONTACT: "contact",
}
# Several texts that are compared as one.
_JOINED = {"columns": " | ", "contact": ", "}
_CELLS = {Part.REGION: "region", Part.DEPARTMENT: "department", Part.NAME: "name"}
_OF_A_LINE = {text.lowered(str(p.label)): p for p in (*_CELLS, Part.NEW, Part.PLACE)}
_AT_THE_HEAD = "en tête de la liste"


def name_sentence(name: str) -> str:
    """Where a derived sentence stands, as a line of a « rectificatif » says it."""
    field: Any = PressRelease._meta.get_field(PressRelease.OWN_SENTENCES[name])
    label = str(field.verbose_name)
    return f"{label[:1].upper()}{label[1:]}"


def name_field(name: str) -> str:
    """The field of Content that a derived sentence is printed in."""
    return name if name in {field.name for field in fields(Content)} else "paragraphs"


@dataclass(frozen=True, kw_only=True)
class Applied:
    """A content as corrected; what was `missed` could not be found in it, or not once.

    `places` says of each text that was corrected which field of Content it stands in.
    """

    content: Content
    missed: tuple[Correction, ...] = ()
    places: tuple[tuple[Correction, str], ...] = ()


def apply_corrections(
    content: Content, corrections: Iterable[Correction], beside: Content | None = None
) -> Applied:
    """`content` with all that `corrections` says.

    They seldom say where a line or a paragraph that is added stands: after what it follows in
    `beside`, which also knows the records of such lines; else at the end. It is only read then.
    """
    texts, lines = _Texts(content, beside), _Lines(content, beside)
    missed, places = [], []
    for correction in corrections:
        if lines.apply(correction):
            continue
        if not _is_of_the_list(correction.where) and (field := texts.apply(correction)):
            places.append((correction, field))
        else:
            missed.append(correction)
    return Applied(
        content=replace(content, **texts.read(), lines=lines.read()),
        missed=tuple(missed),
        places=tuple(places),
    )


def apply_sent_errata(release: PressRelease, content: Content, beside: Content | None) -> Applied:
    """`content`, which is what was frozen of `release`, as its sent rectificatifs corrected it."""
    applied = Applied(content=content)
    for erratum in release.list_sent_errata():
        one = apply_corrections(applied.content, list_complete(erratum.errata), beside)
        applied = Applied(
            content=one.content,
            missed=(*applied.missed, *one.missed),
            places=(*applied.places, *one.places),
        )
    return applied


class _Texts:
    """All that is not a line of the list."""

    def __init__(self, content: Content, beside: Content | None) -> None:
        self.content, self.beside = content, beside
        self.texts = {field: self._list(content, field) for field in _FIELDS.values()}

    def _list(self, content: Content, field: str) -> list[str]:
        value = getattr(content, field)
        if field == "letterhead":
            return [value.name] if value else []
        if gap := _JOINED.get(field):
            value = gap.join(value)
        return [value] if isinstance(value, str) else list(value)

    def apply(self, correction: Correction) -> str:
        """The field in which the words were found once and replaced; empty if they were not."""
        named = _find_named(correction.where)
        if not correction.before:
            return self._add(named or "paragraphs", correction.after)
        places = list(self._find([named] if named else [], correction.before))
        # « Troisième paragraphe », or a part that a person took for another one.
        places = places or list(self._find(self.texts, correction.before))
        if len(places) != 1:
            return ""
        field, number, place = places[0]
        printed = self.texts[field][number]
        self.texts[field][number] = replace_words(
            printed, place, correction.before, correction.after
        )
        return field

    def _find(self, fields: Iterable[str], words: str) -> Iterator[tuple[str, int, int]]:
        for field in fields:
            for number, printed in enumerate(self.texts[field]):
                for place in find_words(printed, words):
                    yield field, number, place

    def _add(self, field: str, added: str) -> str:
        texts = self.texts[field]
        if isinstance(getattr(self.content, field), str) or field in _JOINED:
            if any(texts):
                return ""
            texts[:] = [added]
            return field
        guide = [] if self.beside is None else [fold(t) for t in self._list(self.beside, field)]
        earlier = set(guide[: guide.index(fold(added))]) if fold(added) in guide else None
        texts.insert(_find_end(texts, earlier), added)
        return field

    def read(self) -> dict[str, Any]:
        """The fields of a Content, without the texts of which nothing is left."""
        read: dict[str, Any] = {}
        head = self.content.letterhead
        for field, texts in self.texts.items():
            if field == "letterhead":
                read[field] = head and replace(head, name=texts[0])
            elif gap := _JOINED.get(field):
                read[field] = tuple(filter(None, texts[0].split(gap)))
            elif isinstance(getattr(self.content, field), str):
                read[field] = texts[0]
            else:
                read[field] = tuple(filter(None, texts))
        return read


def _find_end(texts: Sequence[str], earlier: set[str] | None) -> int:
    """Where to insert after all the `earlier` texts; at the end if they are not known."""
    if earlier is None:
        return len(texts)
    return max((n + 1 for n, one in enumerate(texts) if fold(one) in earlier), default=0)


def _is_of_the_list(where: str) -> bool:
    """Whether a line says, as this software words it, that it corrects the list."""
    is_a_line = _make_key(where) == _make_key(str(Part.LINE.label))
    return is_a_line or where.rpartition(", ")[2] in _OF_A_LINE


def _find_named(where: str) -> str:
    """The field that a line says to correct, as this software words it; else empty."""
    return _named_fields().get(_make_key(where), "")


@cache
def _named_fields() -> dict[str, str]:
    parts = {str(part.label): field for part, field in _FIELDS.items()}
    sentences = {name_sentence(name): name_field(name) for name in PressRelease.OWN_SENTENCES}
    return {_make_key(label): field for label, field in (parts | sentences).items()}


class _Lines:
    """The list, with what is to be added and moved put in its place at the end."""

    def __init__(self, content: Content, beside: Content | None) -> None:
        self.content, self.beside = content, beside
        self.lines: list[ReleaseLine | None] = list(content.lines)
        self.added: list[ReleaseLine] = []
        self.moved: dict[int, str] = {}  # Which line, and the name of the one that it follows.
        self.placed: set[int] = set()  # In another department: where that one stands.
        self.by_name = self._index("name")
        self.by_cell = {part: self._index(field) for part, field in _CELLS.items()}
        self.by_text: defaultdict[str, list[int]] = defaultdict(list)
        for number, line in enumerate(content.lines):
            self.by_text[self._write(line)].append(number)

    def _index(self, field: str) -> defaultdict[str, list[int]]:
        index: defaultdict[str, list[int]] = defaultdict(list)
        for number, line in enumerate(self.content.lines):
            index[_make_key(getattr(line, field))].append(number)
        return index

    def _write(self, line: ReleaseLine) -> str:
        return _make_key(write_line(self.content, line))

    def apply(self, correction: Correction) -> bool:
        """Whether it was a correction of the list, and could be applied."""
        if _make_key(correction.where) == _make_key(str(Part.LINE.label)):
            return self._apply_to_a_line(correction)
        subject, _, label = correction.where.rpartition(", ")
        part = _OF_A_LINE.get(label)
        if part == Part.PLACE:
            return self._move(subject, correction.after)
        if part == Part.NEW:
            return self._mark(subject, correction)
        if _find_named(correction.where):
            return False
        cell = self._find_cell(correction, subject, part) if correction.before else None
        if cell is None:
            return self._apply_to_a_line(correction, is_certain=False)
        number, field = cell
        line = self.lines[number]
        if line is None or not correction.after:
            return False
        changed: dict[str, Any] = {field: correction.after}
        self.lines[number] = replace(line, **changed)
        if field != "name":
            self.placed.add(number)
        return True

    def _apply_to_a_line(self, correction: Correction, *, is_certain: bool = True) -> bool:
        """Remove, add or replace a line that is given in full.

        Where it is not certain to be a line, only one that is known is added.
        """
        number = None
        if correction.before:
            key = _make_key(correction.before)
            named = self.by_text[key] or (self.by_name[key] if is_certain else [])
            found = [n for n in named if self.lines[n] is not None]
            if len(found) != 1:
                return False
            (number,) = found
        line = self._read_line(correction.after) if correction.after else None
        if correction.after and line is None:
            return False
        if number is not None:
            before = self.lines[number]
            self.lines[number] = line and replace(line, site=before.site if before else None)
            return True
        if line is None or not (is_certain or line.site):
            return False
        self.added.append(line)
        return True

    def _read_line(self, printed: str) -> ReleaseLine | None:
        """The line that « Région, Département, Nom * » says, with its record if it is known."""
        bare = printed.rstrip()
        is_new = bare.endswith(f" {self.content.mark}")
        cells = bare.removesuffix(self.content.mark).rstrip().split(", ", 2)
        if len(cells) != 3:
            return None
        region, department, name = cells
        line = ReleaseLine(region=region, department=department, name=name, is_new=is_new)
        known = self._known_lines.get(_make_line_key(line))
        return replace(line, site=known.site) if known else line

    @cached_property
    def _known_lines(self) -> dict[tuple[str, ...], ReleaseLine]:
        lines = () if self.beside is None else self.beside.lines
        return {_make_line_key(line): line for line in lines}

    def _find_cell(
        self, correction: Correction, subject: str, part: Part | None
    ) -> tuple[int, str] | None:
        """The line and its field that say `before`: the line that is named, or the only one."""
        cell = _make_key(correction.before)
        if part:
            number, field = self._find_subject(subject), _CELLS[part]
            if number is None or _make_key(getattr(self.content.lines[number], field)) != cell:
                return None
            return number, field
        found = [
            (number, field)
            for one, field in _CELLS.items()
            for number in self.by_cell[one][cell]
            if self.lines[number] is not None
        ]
        where = _make_key(correction.where)
        names = {number: _make_key(self.content.lines[number].name) for number, _ in found}
        # « PIMMS Nîmes » is found in « PIMMS Nîmes Est » too.
        longest = max((name for name in names.values() if name in where), key=len, default="")
        chosen = [one for one in found if names[one[0]] == longest] if longest else found
        return chosen[0] if len(chosen) == 1 else None

    def _find_subject(self, subject: str) -> int | None:
        found = [n for n in self.by_name[_make_key(subject)] if self.lines[n] is not None]
        return found[0] if len(found) == 1 else None

    def _mark(self, subject: str, correction: Correction) -> bool:
        number = self._find_subject(subject)
        line = None if number is None else self.lines[number]
        if number is None or line is None:
            return False
        self.lines[number] = replace(line, is_new=correction.after == self.content.words.yes)
        return True

    def _move(self, subject: str, place: str) -> bool:
        number = self._find_subject(subject)
        follows = place.removeprefix("après").strip(" «»\u00a0\u202f")
        if number is None or not follows:
            return False
        self.moved[number] = _make_key(follows)
        return True

    def read(self) -> tuple[ReleaseLine, ...]:
        """The lines in their order."""
        items = [*self.lines, *self.added]
        followers = self._find_followers(items)
        behind = {n for numbers in followers.values() for n in numbers}
        order: list[int] = []
        for first in [-1, *(n for n in range(len(items)) if n not in behind)]:
            waiting = [first]
            while waiting:
                number = waiting.pop()
                order.append(number)
                waiting += reversed(followers.get(number, ()))
        # Two that are each said to follow the other stay where they were.
        rest = sorted(set(range(len(items))) - set(order))
        return tuple(line for n in [*order, *rest] if n >= 0 and (line := items[n]) is not None)

    def _find_followers(self, items: list[ReleaseLine | None]) -> dict[int, list[int]]:
        """Behind which line those that are moved or added stand; -1 is the head of the list."""
        by_name = {_make_key(line.name): n for n, line in enumerate(items) if line}
        followers: defaultdict[int, list[int]] = defaultdict(list)
        for number, follows in self.moved.items():
            at_the_head = follows == _make_key(_AT_THE_HEAD)
            found = -1 if at_the_head else by_name.get(follows, self._find_subject(follows))
            if found is not None and found != number:
                followers[found].append(number)
        placed = self.placed - self.moved.keys()
        if self.beside is None or not (placed or self.added):
            return dict(followers)
        by_line = {_make_line_key(line): n for n, line in enumerate(items) if line}
        by_site = {line.site: n for n, line in enumerate(items) if line and line.site}
        last = -1
        for line in self.beside.lines:
            here = by_site.get(line.site) if line.site else None
            here = by_line.get(_make_line_key(line)) if here is None else here
            if here is None:
                continue
            if here >= len(self.lines) or here in placed:
                followers[last].append(here)
            last = here
        return dict(followers)


def _make_key(printed: str) -> str:
    return " ".join(fold(printed).split())


def _make_line_key(line: ReleaseLine) -> tuple[str, ...]:
    return tuple(_make_key(cell) for cell in (line.region, line.department, line.name))

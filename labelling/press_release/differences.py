"""Content against Content: what changed between two states of one release, word by word.

The kinds of spaces, apostrophes and quotes are no difference: they are how a word is set, not what
it says.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from django.db.models import TextChoices

from labelling import text
from labelling.press_release.content import Content, ReleaseLine
from labelling.press_release.typesetting import without_typography

_WORD = re.compile(r"\S+\s*")
_CLOSING = frozenset("»:;!?")


class Kind(TextChoices):
    """What happened to a part."""

    ADDED = "added", "Ajouté"
    REMOVED = "removed", "Enlevé"
    CHANGED = "changed", "Modifié"
    MOVED = "moved", "Déplacé"


class Part(TextChoices):
    """Where in the document, in the order of the page."""

    NOTICE = "notice", "Mention en tête"
    LETTERHEAD = "letterhead", "En-tête"
    PLACE_AND_DATE = "place_and_date", "Lieu et date"
    KIND = "kind", "Nature du document"
    TITLE = "title", "Titre"
    LEAD = "lead", "Chapô"
    PARAGRAPH = "paragraph", "Texte"
    QUOTE = "quote", "Citation"
    LIST_TITLE = "list_title", "Titre de la liste"
    LEGEND = "legend", "Légende"
    COLUMNS = "columns", "Titres des colonnes"
    LINE = "line", "Ligne de la liste"
    REGION = "region", "Région"
    DEPARTMENT = "department", "Département"
    NAME = "name", "Nom"
    NEW = "new", "Nouveau"
    PLACE = "place", "Place dans la liste"
    SITUATION = "situation", "Date de la situation"
    ABOUT_HEADING = "about_heading", "Titre «\u00a0À propos\u00a0»"
    ABOUT = "about", "À propos de l’Union"
    CONTACT_HEADING = "contact_heading", "Titre du contact"
    CONTACT = "contact", "Contact presse"


@dataclass(frozen=True, kw_only=True)
class Segment:
    """Some words of one side of a difference; `is_changed` if the other side says otherwise.

    `gap` is the space that parts them from the next ones.
    """

    words: str
    is_changed: bool
    gap: str = ""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One thing that reads otherwise. `before` is empty for what was added, `after` for the rest.

    Of a line, `subject` is the name as it was printed, and `site` the record it was made from.
    Of a move, both texts say what the line follows.
    """

    part: Part
    kind: Kind
    before: str = ""
    after: str = ""
    subject: str = ""
    site: int | None = None

    @property
    def before_segments(self) -> list[Segment]:
        return self._split(self.before, self.after)

    @property
    def after_segments(self) -> list[Segment]:
        return self._split(self.after, self.before)

    def _split(self, side: str, other: str) -> list[Segment]:
        if self.kind == Kind.MOVED:  # What stands beside the line did not change.
            return [Segment(words=side, is_changed=False)]
        return split_segments(side, other)


def find_differences(before: Content, after: Content) -> tuple[Difference, ...]:
    """What changed from `before` to `after`, in the order of the page."""
    return (
        *_compare_texts(Part.NOTICE, before.notices, after.notices),
        *_compare_text(Part.LETTERHEAD, _read_head(before), _read_head(after)),
        *_compare_text(Part.PLACE_AND_DATE, before.place_and_date, after.place_and_date),
        *_compare_text(Part.KIND, before.kind, after.kind),
        *_compare_text(Part.TITLE, before.title, after.title),
        *_compare_text(Part.LEAD, before.lead, after.lead),
        *_compare_texts(Part.PARAGRAPH, before.paragraphs, after.paragraphs),
        *_compare_texts(Part.QUOTE, before.quote, after.quote),
        *_compare_text(Part.LIST_TITLE, before.list_title, after.list_title),
        *_compare_text(Part.LEGEND, before.legend, after.legend),
        *_compare_text(Part.COLUMNS, " | ".join(before.columns), " | ".join(after.columns)),
        *_compare_lines(before, after),
        *_compare_text(Part.SITUATION, before.situation, after.situation),
        *_compare_text(Part.ABOUT_HEADING, before.about_heading, after.about_heading),
        *_compare_texts(Part.ABOUT, before.about, after.about),
        *_compare_contacts(before, after),
    )


def group_alike(differences: Iterable[Difference]) -> list[tuple[Difference, ...]]:
    """The differences, those that say the same of several lines put together."""
    groups: dict[tuple[str, ...], list[Difference]] = {}
    for difference in differences:
        groups.setdefault(
            (difference.part, difference.kind, difference.before, difference.after), []
        ).append(difference)
    return [tuple(group) for group in groups.values()]


def _compare_contacts(before: Content, after: Content) -> Iterator[Difference]:
    """One difference for a person, whose lines change together; their heading goes with them."""
    if before.contact and after.contact:
        yield from _compare_text(
            Part.CONTACT_HEADING, before.contact_heading, after.contact_heading
        )
    yield from _compare_text(Part.CONTACT, ", ".join(before.contact), ", ".join(after.contact))


def _read_head(content: Content) -> str:
    return content.letterhead.name if content.letterhead else ""


def _compare_text(
    part: Part, before: str, after: str, *, subject: str = "", site: int | None = None
) -> Iterator[Difference]:
    if without_typography(before) == without_typography(after):
        return
    kind = Kind.CHANGED if before and after else Kind.REMOVED if before else Kind.ADDED
    yield Difference(part=part, kind=kind, before=before, after=after, subject=subject, site=site)


def _compare_texts(part: Part, before: Sequence[str], after: Sequence[str]) -> Iterator[Difference]:
    """Pair the texts around those that are equal, so that one more does not shift the others."""
    matcher = SequenceMatcher(
        None,
        [without_typography(t) for t in before],
        [without_typography(t) for t in after],
        autojunk=False,
    )
    for tag, i, i_end, j, j_end in matcher.get_opcodes():
        if tag == "equal":
            continue
        for shift in range(max(i_end - i, j_end - j)):
            old = before[i + shift] if i + shift < i_end else ""
            new = after[j + shift] if j + shift < j_end else ""
            yield from _compare_text(part, old, new)


def _compare_lines(before: Content, after: Content) -> Iterator[Difference]:
    pairs = _pair(before.lines, after.lines)
    moved = _find_moved(before.lines, after.lines, pairs)
    for i, old in enumerate(before.lines):
        if i not in pairs:
            yield Difference(
                part=Part.LINE,
                kind=Kind.REMOVED,
                before=write_line(before, old),
                subject=old.name,
                site=old.site,
            )
            continue
        new = after.lines[pairs[i]]
        site = new.site or old.site
        cells = (
            (Part.REGION, old.region, new.region),
            (Part.DEPARTMENT, old.department, new.department),
            (Part.NAME, old.name, new.name),
            (Part.NEW, _word_yes_or_no(before, old), _word_yes_or_no(after, new)),
        )
        for part, was, now in cells:
            yield from _compare_text(part, was, now, subject=old.name, site=site)
        if i in moved:
            yield Difference(
                part=Part.PLACE,
                kind=Kind.MOVED,
                before=_word_place(before.lines, i),
                after=_word_place(after.lines, pairs[i]),
                subject=old.name,
                site=site,
            )
    kept = set(pairs.values())
    for j, new in enumerate(after.lines):
        if j not in kept:
            yield Difference(
                part=Part.LINE,
                kind=Kind.ADDED,
                after=write_line(after, new),
                subject=new.name,
                site=new.site,
            )


def _pair(before: Sequence[ReleaseLine], after: Sequence[ReleaseLine]) -> dict[int, int]:
    """The position after of each line before: by their site, else by their name in a region."""
    by_site: dict[int | None, int] = {
        line.site: j for j, line in enumerate(after) if line.site is not None
    }
    pairs: dict[int, int] = {}
    for i, line in enumerate(before):
        # Two lines of records that are one by now: the second is one too many.
        if (j := by_site.pop(line.site, None)) is not None:
            pairs[i] = j
    taken = set(pairs.values())
    by_name = {_make_name_key(line): j for j, line in enumerate(after) if j not in taken}
    for i, line in enumerate(before):
        if i not in pairs and (j := by_name.pop(_make_name_key(line), None)) is not None:
            pairs[i] = j
    return pairs


def _make_name_key(line: ReleaseLine) -> tuple[str, str]:
    return (text.sort_key(line.region), text.sort_key(line.name))


def _find_moved(
    before: Sequence[ReleaseLine], after: Sequence[ReleaseLine], pairs: dict[int, int]
) -> set[int]:
    """The fewest lines that must move to turn one order into the other.

    A line that changes its department follows it: that is no move of its own. Between two equal
    choices the line that moves is that of the smaller department: in October 2020 it is Melun
    that stands inside the Seine-Saint-Denis, and not the reverse.
    """
    sizes = Counter(line.department for line in before)
    # Staying is worth the same for all, and a little more in a bigger department.
    stays = [
        (i, j, len(before) ** 2 + sizes[before[i].department])
        for i, j in sorted(pairs.items())
        if text.sort_key(before[i].department) == text.sort_key(after[j].department)
    ]
    return {i for i, _, _ in stays} - _find_heaviest_run(stays)


def _find_heaviest_run(steps: Iterable[tuple[int, int, int]]) -> set[int]:
    """The keys of the increasing run with the greatest weight; `steps` are (key, place, weight)."""
    # For each place worth remembering, in order: the heaviest run that ends there.
    places: list[int] = []
    weights: list[int] = []
    keys: list[int] = []
    previous: dict[int, int | None] = {}
    for key, place, weight in steps:
        at = bisect_left(places, place)
        total = weight + (weights[at - 1] if at else 0)
        previous[key] = keys[at - 1] if at else None
        beaten = at
        while beaten < len(places) and weights[beaten] <= total:
            beaten += 1
        places[at:beaten], weights[at:beaten], keys[at:beaten] = [place], [total], [key]
    run: set[int] = set()
    last = keys[-1] if keys else None
    while last is not None:
        run.add(last)
        last = previous[last]
    return run


def write_line(content: Content, line: ReleaseLine) -> str:
    mark = f" {content.mark}" if line.is_new else ""
    return f"{line.region}, {line.department}, {line.name}{mark}"


def _word_place(lines: Sequence[ReleaseLine], position: int) -> str:
    return f"après « {lines[position - 1].name} »" if position else "en tête de la liste"


def _word_yes_or_no(content: Content, line: ReleaseLine) -> str:
    return content.words.yes if line.is_new else content.words.no


def split_segments(side: str, other: str) -> list[Segment]:
    """The runs of words of `side`, told apart by whether `other` has them too."""
    words = _split_words(side)
    matcher = SequenceMatcher(
        None,
        [without_typography(w) for w in words],
        [without_typography(w) for w in _split_words(other)],
        autojunk=False,
    )
    segments = []
    for tag, i, i_end, _, _ in matcher.get_opcodes():
        if run := "".join(words[i:i_end]):
            bare = run.rstrip()
            gap = run[len(bare) :]
            segments.append(Segment(words=bare, is_changed=tag != "equal", gap=gap))
    return segments


def _split_words(printed: str) -> list[str]:
    """The words, each with the space after it; a sign that a space parts from its word is its."""
    words: list[str] = []
    for word in _WORD.findall(printed):
        if words and (word[0] in _CLOSING or words[-1].rstrip().endswith("«")):
            words[-1] += word
        else:
            words.append(word)
    return words

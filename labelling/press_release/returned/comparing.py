"""A returned file beside the text it was made from: every word is as it was, or stands in a change.

Nothing here decides: a change says what it would write, whether it is ticked beforehand, and if it
cannot be taken, why and where it belongs.
"""

from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from labelling import text
from labelling.days import DayError, read_day
from labelling.models import PressRelease
from labelling.press_release.blocks import Block
from labelling.press_release.content import Content
from labelling.press_release.marks import read_place
from labelling.press_release.returned.aligning import How, Side, align, find_moved, fold
from labelling.press_release.returned.document import Document, Dropped, Part, Passage
from labelling.press_release.returned.places import (
    DATELINE,
    OF_EDITION,
    PARAGRAPHS,
    SPEAKER,
    Printed,
    Spot,
    find_edition_spots,
    find_spots,
    list_printed,
    name_block,
)
from labelling.press_release.returned.rows import LineChange, compare_rows

# The sentences that may be left out: others come back by themselves.
_LEFT_OUT = ("own_newcomers", "own_ends", "quote", SPEAKER)
_DERIVED = (
    "Cette phrase se calcule d’après les fiches : elle ne se supprime pas. Réécrivez-la dans le "
    "brouillon."
)
_PRINTED_BY_ITSELF = "L’outil l’imprime de lui-même : cela ne se corrige pas dans un brouillon."
_OBSTACLES = {
    Block.CONTACT: "Le contact presse s’imprime d’après sa fiche : corrigez-la.",
    Block.LETTERHEAD: "L’en-tête vient du papier à en-tête : corrigez-le.",
    Block.PARAGRAPHS: "Une ligne à rectifier se corrige dans le brouillon, en trois parties.",
}
_GONE = "Cette région n’a plus de site dans la liste : elle n’a plus d’édition."
_NATIONAL = "C’est le texte de toutes les éditions : corrigez-le dans le brouillon du communiqué."
_LOCAL_CONTACT = (
    "Le contact presse s’imprime d’après sa fiche, le contact local d’après « Éditions "
    "régionales » : corrigez-les là."
)
_NOWHERE = "Aucune partie du brouillon ne s’imprime ici : recopiez ce qu’il faut garder."
_MOVED_PARAGRAPH = (
    "L’ordre des paragraphes n’est pas repris : changez-le vous-même dans le brouillon."
)
_MOVED = "L’ordre des parties d’un communiqué ne change pas : les mots restent où ils étaient."
_PARTED = "Cette phrase tient en un paragraphe : la coupure n’est pas reprise."
_UNCHANGED = "Ce paragraphe n’a pas changé : seuls ces mots y sont passés."
_JOINED = "Ses mots se suivent avec ceux du paragraphe voisin."
_PARTS = {
    Part.BOX: "Zone de texte",
    Part.COMMENT: "Commentaire",
    Part.NOTE: "Note de bas de page",
    Part.MARGIN: "En-tête ou pied de page",
    Part.OTHER: "Dessin ou autre partie du fichier",
}


class Kind(StrEnum):
    """What became of a paragraph."""

    REWRITTEN = "rewritten"
    ADDED = "added"
    DELETED = "deleted"
    MOVED = "moved"
    UNSURE = "unsure"

    @property
    def label(self) -> str:
        return {
            Kind.REWRITTEN: "Réécrit",
            Kind.ADDED: "Ajouté",
            Kind.DELETED: "Supprimé",
            Kind.MOVED: "Déplacé",
            Kind.UNSURE: "À vérifier",
        }[self]


@dataclass(frozen=True, kw_only=True)
class Change:
    """A paragraph that reads otherwise. `key` tells it from the others of its file.

    It can be taken where it has a `spot` and no `obstacle`. `is_outdated`: somebody changed the
    draft there since the file was made. `is_done`: it says so already.
    """

    key: str
    kind: Kind
    label: str
    old: str = ""
    new: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    is_tracked: bool = False
    dropped: tuple[Dropped, ...] = ()
    block: Block | None = None
    spot: Spot | None = None
    obstacle: str = ""
    is_outdated: bool = False
    is_done: bool = False
    is_ticked: bool = False

    @property
    def can_be_taken(self) -> bool:
        return self.spot is not None and not self.obstacle and not self.is_done


@dataclass(frozen=True, kw_only=True)
class Note:
    """Words of the file that are no part of the release: a comment, a note, a text box."""

    label: str
    words: str
    by: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """All that a returned file says otherwise, and how many of the paragraphs are as they were."""

    changes: tuple[Change, ...]
    lines: tuple[LineChange, ...]
    notes: tuple[Note, ...]
    unchanged: int
    has_marks: bool

    @property
    def is_empty(self) -> bool:
        return not (self.changes or self.lines or self.notes)


def compare(
    document: Document, release: PressRelease, sent: Content, digest: str, now: Content
) -> Comparison:
    """What `document` says otherwise than `sent`, which it was made from.

    `now` is what the draft says; `digest` is that of `sent`: only its marks count. Of a region's
    edition, both are cut to it.
    """
    printed = list_printed(sent)
    region = document.region
    spots = find_edition_spots(now, region) if region else find_spots(release, now, sent)
    body = [passage for passage in document.passages if passage.part == Part.BODY]
    marked = [
        tuple(filter(None, (read_place(digest, mark) for mark in passage.marks)))
        for passage in body
    ]
    rows = compare_rows(document.rows, sent, digest)
    has_marks = any(marked) or rows.has_marks
    changes = [*_join_moved([*_compare_passages(body, marked, printed, spots)])]
    if region:
        changes = [*map(_leave_to_release, changes)]
    said = {fold(each.words) for each in list_printed(now)}
    changed = {change.key for change in changes}
    return Comparison(
        changes=tuple(_settle(change, said, has_marks=has_marks) for change in changes),
        lines=rows.changes,
        notes=(*_list_notes(document, sent), *map(_note_row, rows.others)),
        unchanged=sum(each.place not in changed for each in printed),
        has_marks=has_marks,
    )


def _compare_passages(
    body: Sequence[Passage],
    marked: Sequence[tuple[str, ...]],
    printed: Sequence[Printed],
    spots: Mapping[str, Spot],
) -> Iterator[Change]:
    """The changes, in the order of the file; what is gone without a trace, where it stood."""
    known = [n for n, passage in enumerate(body) if passage.old is not None]
    found = align(
        [Side(words=each.words, places=(each.place,)) for each in printed],
        [Side(words=body[n].old or "", places=marked[n]) for n in known],
    )
    moved = {known[n] for n in find_moved(found)}
    partners = {known[n]: partner for n, partner in found.items()}
    taken = {partner for partner, _ in partners.values()}
    gone = deque(n for n in range(len(printed)) if n not in taken)
    last: Printed | None = None
    for number, passage in enumerate(body):
        if number not in partners:
            yield _add(number, passage, passage.new, last, spots)
            continue
        partner, how = partners[number]
        before = printed[partner]
        if how in (How.SAME, How.MARKED, How.IN_ORDER) and number not in moved:
            last = before
            while gone and gone[0] < partner:
                yield _lose(printed[gone.popleft()], spots)
        yield from _change(before, passage, how, spots.get(before.place), is_moved=number in moved)
    yield from (_lose(printed[n], spots) for n in gone)


def _lose(before: Printed, spots: Mapping[str, Spot]) -> Change:
    return _delete(before, Passage(old=before.words), spots.get(before.place))


def _change(
    before: Printed, passage: Passage, how: How, spot: Spot | None, *, is_moved: bool
) -> Iterator[Change]:
    """What became of a paragraph that was found, if it is not as it was."""
    if not passage.new:
        yield _delete(before, passage, spot)
        return
    same = [n for n, words in enumerate(passage.new) if fold(words) == fold(before.words)]
    if same:
        passage = _tell_passing(before, passage)
        # What stands beside it in the same paragraph was added by pressing Enter.
        added = tuple(words for n, words in enumerate(passage.new) if n != same[0])
        if added:
            yield _add(
                before.place, replace(passage, old=None), added, before, {before.place: spot}
            )
        if is_moved or how == How.MOVED:
            yield _make(before, passage, Kind.MOVED, spot, obstacle=_say_moved(spot))
        elif passage.dropped and not added:
            yield _make(before, passage, Kind.REWRITTEN, spot, obstacle=_UNCHANGED)
        return
    kind = Kind.UNSURE if how in (How.UNSURE, How.MOVED) else Kind.REWRITTEN
    yield _make(before, passage, kind, spot)


def _say_moved(spot: Spot | None) -> str:
    return _MOVED_PARAGRAPH if spot and spot.field in PARAGRAPHS else _MOVED


def _make(
    before: Printed, passage: Passage, kind: Kind, spot: Spot | None, obstacle: str = ""
) -> Change:
    return Change(
        key=before.place,
        kind=kind,
        label=spot.label if spot else name_block(before.block),
        old=before.words,
        new=passage.new,
        by=passage.by,
        is_tracked=passage.is_tracked,
        dropped=_tell_passing(before, passage).dropped,
        block=before.block,
        spot=spot,
        obstacle=obstacle or _find_obstacle(before, spot, passage.new),
    )


def _tell_passing(before: Printed, passage: Passage) -> Passage:
    """The passage with what it said in between: written without tracking, then deleted with it."""
    between = fold(passage.old or "")
    parted = (" ".join(passage.new), *passage.new)
    if between in ("", fold(before.words), *map(fold, parted)):
        return passage
    said = Dropped(words=passage.old or "", by=passage.by)
    return replace(passage, old=before.words, dropped=(*passage.dropped, said))


def _delete(before: Printed, passage: Passage, spot: Spot | None) -> Change:
    obstacle = ""
    if spot and spot.field not in (*PARAGRAPHS, *_LEFT_OUT):
        obstacle = _JOINED if passage.joined else _DERIVED
    kind = Kind.MOVED if passage.is_moved else Kind.DELETED
    change = _make(before, replace(passage, new=()), kind, spot, obstacle)
    return replace(change, kind=kind)


def _find_obstacle(before: Printed, spot: Spot | None, new: Sequence[str]) -> str:
    """Why what stands there now cannot be taken; empty if it can."""
    if spot is None:
        return _OBSTACLES.get(before.block, _PRINTED_BY_ITSELF)
    if len(new) > 1 and spot.field not in PARAGRAPHS:
        return _PARTED
    if spot.field == DATELINE and new and read_dateline(" ".join(new)) is None:
        return "Ni lieu ni jour ne s’y lisent : corrigez-les dans le brouillon."
    return ""


def read_dateline(words: str) -> tuple[str, str] | None:
    """The place and the day that « Paris, mercredi 14 octobre 2020 » says; None if it does not."""
    place, _, day = words.partition(", ")
    try:
        read_day(day)
    except DayError:
        return None
    return (place.strip(), day.strip()) if place.strip() else None


def _add(
    number: int | str,
    passage: Passage,
    texts: tuple[str, ...],
    last: Printed | None,
    spots: Mapping[str, Spot | None],
) -> Change:
    spot = _fit(last, spots)
    return Change(
        key=f"added_{number}",
        kind=Kind.MOVED if passage.is_moved else Kind.ADDED,
        label=spot.label if spot else "Paragraphe ajouté",
        # Of one that is of no release and was corrected all the same.
        old=(passage.old or "") if passage.old not in (None, *texts) else "",
        new=texts,
        by=passage.by,
        is_tracked=passage.is_tracked,
        dropped=passage.dropped,
        spot=spot,
        obstacle="" if spot and texts else _NOWHERE,
    )


def _fit(last: Printed | None, spots: Mapping[str, Spot | None]) -> Spot | None:
    """Where a paragraph may go that stands after `last`: a field of several paragraphs."""
    if last is None:
        return None
    spot = spots.get(last.place)
    if spot and spot.field in PARAGRAPHS:
        return replace(spot, now="")
    if last.block == Block.ABOUT:
        return Spot(field="about", index=-1)
    if last.block in (Block.TITLE, Block.LEAD, Block.PARAGRAPHS, Block.QUOTE):
        return Spot(field="closing", index=None if last.block == Block.QUOTE else -1)
    return None


def _join_moved(changes: Sequence[Change]) -> Iterator[Change]:
    """Each change, where what was cut here and put there, both tracked, is one."""
    cut = {fold(each.old): each.key for each in changes if each.kind == Kind.MOVED and not each.new}
    put = {
        fold(" ".join(each.new)): each
        for each in changes
        if each.kind == Kind.MOVED and not each.old
    }
    for change in changes:
        if change.kind != Kind.MOVED or (change.old and change.new):
            yield change
        elif change.old:
            if other := put.get(fold(change.old)):
                dropped = (*change.dropped, *other.dropped)
                obstacle = _say_moved(change.spot)
                yield replace(change, new=other.new, dropped=dropped, obstacle=obstacle)
            else:
                yield replace(change, kind=Kind.DELETED)
        elif (words := fold(" ".join(change.new))) not in cut or put[words] is not change:
            yield replace(change, kind=Kind.ADDED)


def _leave_to_release(change: Change) -> Change:
    """A change of an edition: what it does not say by itself is the release's to say."""
    if change.spot and change.spot.field in OF_EDITION:
        return change
    why = {Block.CONTACT: _LOCAL_CONTACT, Block.TITLE: _GONE, Block.LEAD: _GONE}
    obstacle = why.get(change.block, _NATIONAL) if change.block else _NATIONAL
    return replace(change, spot=None, obstacle=obstacle)


def _settle(change: Change, now: Collection[str], *, has_marks: bool) -> Change:
    """The change with what the draft says by now, and whether it is ticked beforehand.

    `now` are the folded texts that the draft prints.
    """
    spot = change.spot
    if spot is None or change.obstacle:
        return replace(change, obstacle=text.typeset(change.obstacle))
    is_said = all(fold(words) in now for words in change.new)
    is_outdated = False
    if change.kind == Kind.DELETED:
        is_done = spot.is_gone or not spot.now
    else:
        # Parted in two, the words are the same: only a field of several paragraphs says it.
        is_one = len(change.new) == 1 or spot.field not in PARAGRAPHS
        is_done = is_said or (is_one and fold(spot.now) == fold(" ".join(change.new)))
    if change.kind != Kind.ADDED:
        is_outdated = not is_done and (spot.is_gone or fold(spot.now) != fold(change.old))
    is_sure = change.kind == Kind.REWRITTEN or (
        change.is_tracked and change.kind in (Kind.ADDED, Kind.DELETED)
    )
    return replace(
        change,
        is_outdated=is_outdated,
        is_done=is_done,
        is_ticked=has_marks and is_sure and not is_outdated and not is_done,
    )


def _list_notes(document: Document, sent: Content) -> Iterator[Note]:
    """What stands beside the text, but for what we print in margins."""
    ours = {fold(" – ".join(sent.notices)), _without_digits(sent.words.page)}
    for passage in document.passages:
        if passage.part == Part.BODY:
            continue
        if (
            passage.part == Part.MARGIN
            and {
                fold(passage.old or ""),
                _without_digits(passage.old or ""),
            }
            & ours
            and passage.new == (passage.old,)
        ):
            continue
        words = " ".join(passage.new) or passage.old or ""
        said = [words, *(each.words for each in passage.dropped)]
        yield Note(label=_PARTS[passage.part], words=" ".join(filter(None, said)), by=passage.by)


def _note_row(words: str) -> Note:
    return Note(label="Tableau", words=words)


def _without_digits(words: str) -> str:
    bare = words.format(page="", pages="") if "{page}" in words else words
    return "".join(sign for sign in bare if not text.is_number(sign)).replace(" ", "")

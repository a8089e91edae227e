"""What was sent beside what the records say, and the « rectificatif » made of the difference."""

import copy
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, cast

from django.utils.functional import SimpleLazyObject

from labelling import text
from labelling.choices import ReleaseStatus
from labelling.models import PressRelease
from labelling.press_release import composition, sentences
from labelling.press_release.applying import (
    Applied,
    apply_corrections,
    apply_sent_errata,
    name_field,
    name_sentence,
)
from labelling.press_release.composition import (
    add_standing_parts,
    from_records,
    name_columns,
    read_followed,
    read_own_sentences,
    read_published,
    word_situation,
)
from labelling.press_release.content import Content, ReleaseLine
from labelling.press_release.differences import Difference, Part, find_differences
from labelling.press_release.errata import Correction, list_complete
from labelling.press_release.quoting import find_words, fold, quote, replace_words

# A content has several of these.
_SEVERAL = (Part.NOTICE, Part.PARAGRAPH, Part.QUOTE, Part.ABOUT)
_UNSENT = (ReleaseStatus.FINAL, ReleaseStatus.DRAFT)
# The texts of a person, by the field of Content that they are printed in.
_TYPED = {
    "title": ("own_title",),
    "lead": ("own_lead",),
    "paragraphs": ("attendance", "own_figures", "own_network", "network_detail", "closing"),
    "list_title": ("own_list_title",),
    "about": ("about",),
}


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A release as its sent rectificatifs corrected it, beside what the records say now.

    `missed` are the lines of rectificatifs that could not be found in it.
    """

    release: PressRelease
    said: Content
    missed: tuple[Correction, ...]
    now: Content
    # What the records say, their sentences counting the list of `said`.
    steady: Content
    # The release, its texts as its rectificatifs corrected them.
    texts: PressRelease

    @cached_property
    def differences(self) -> tuple[Difference, ...]:
        """What a person judges, in the order of the page."""
        return find_differences(self.said, replace(self.steady, lines=self.now.lines))

    @cached_property
    def following(self) -> tuple[Difference, ...]:
        """The sentences that count the list, and say what the verdicts on its lines make true."""
        return find_differences(self.steady, replace(self.now, lines=self.steady.lines))

    def list_corrections(self, differences: Iterable[Difference]) -> list[Correction]:
        """What corrects these differences, each in the part where it stands."""
        names = {
            fold(sentence): name_sentence(name)
            for name, sentence in _word_sentences(self.release, self.said).items()
            if sentence and name_field(name) == "paragraphs"
        }
        return [
            correction
            for difference in differences
            for correction in Correction.list_of(difference, names.get(fold(difference.after), ""))
        ]


def compare(release: PressRelease) -> Comparison:
    """Compare a whole document, as its sent rectificatifs corrected it, with the records."""
    now = from_records(release.wave, release)
    applied = _apply_all(release, now)
    corrected = _carry(release, applied, now)
    now = from_records(release.wave, corrected, now.lines)
    steady = from_records(release.wave, corrected, applied.content.lines)
    now = replace(now, legend=steady.legend)
    return Comparison(
        release=release,
        said=applied.content,
        missed=applied.missed,
        now=now,
        steady=steady,
        texts=corrected,
    )


def compare_with_records(release: PressRelease) -> tuple[Difference, ...]:
    """What the records would now say differently from a whole document, as it was corrected."""
    compared = compare(release)
    return find_differences(compared.said, compared.now)


def read_corrected(release: PressRelease) -> Applied:
    """A whole document as its sent rectificatifs corrected it; what was frozen has not moved."""
    return _apply_all(release, _read_records(release))


def _read_records(release: PressRelease) -> Content:
    """What the records say, once it is asked: most corrections are applied without it."""
    lazy: Any = SimpleLazyObject(lambda: from_records(release.wave, release))
    return cast("Content", lazy)


def _apply_all(release: PressRelease, beside: Content) -> Applied:
    """What was frozen, with its sent rectificatifs applied."""
    published = read_followed(release)
    applied = apply_sent_errata(release, published, beside)
    return replace(applied, content=_fit_legend(applied.content, published))


def _fit_legend(content: Content, before: Content) -> Content:
    """`content` with the legend of its list: « la nouvelle labellisation » is no fact."""
    if before.legend != sentences.legend(before.new_count):
        return content
    return replace(content, legend=sentences.legend(content.new_count))


def carry_corrections(release: PressRelease) -> PressRelease:
    """A copy of `release`, not to be saved, whose texts say what its rectificatifs made of them."""
    now = _read_records(release)
    return _carry(release, _apply_all(release, now), now)


def _carry(release: PressRelease, applied: Applied, now: Content) -> PressRelease:
    corrected = copy.copy(release)
    said = {fold(paragraph) for paragraph in now.paragraphs}
    for correction, field in applied.places:
        if correction.before:
            _correct_typed(corrected, correction, _TYPED.get(field, ()))
        elif field == "paragraphs" and fold(correction.after) not in said:
            corrected.closing = f"{corrected.closing}\n\n{correction.after}".strip()
    return corrected


def _correct_typed(release: PressRelease, correction: Correction, names: Iterable[str]) -> None:
    for name in names:
        typed = getattr(release, name)
        if len(places := find_words(typed, correction.before)) == 1:
            words = replace_words(typed, places[0], correction.before, correction.after)
            setattr(release, name, words.strip())
            return


def compose_erratum(release: PressRelease) -> Content:
    """The content of a « rectificatif »: what is corrected, and the lines as they should read."""
    lines = list_rectified_lines(release)
    wording = derive_sentences(release, lines) | read_own_sentences(release)
    content = Content(
        kind="RECTIFICATIF",
        is_correction=True,
        title=wording["title"],
        lead=wording["lead"],
        paragraphs=tuple(correction.sentence for correction in list_corrections(release)),
        list_title=wording["list_title"],
        legend=sentences.legend(sum(line.is_new for line in lines)),
        columns=name_columns(release.brand),
        lines=lines,
        situation=word_situation(release.wave.situation_on) if lines else "",
    )
    return add_standing_parts(content, release)


def derive_sentences(release: PressRelease, lines: Sequence[ReleaseLine]) -> dict[str, str]:
    """What an erratum says by itself, by the names of `PressRelease.OWN_SENTENCES`."""
    corrected = _require_corrected(release)
    count = len(list_corrections(release))
    errata = [erratum.issued_on for erratum in corrected.list_sent_errata()]
    title, day = read_published(corrected).title, corrected.issued_on
    return {
        "title": sentences.erratum_title(day),
        "lead": sentences.erratum_lead(title, day, count, errata),
        "list_title": sentences.rectified_lines(len(lines)) if lines else "",
    }


def list_corrections(release: PressRelease) -> tuple[Correction, ...]:
    """The corrections of a release; a line that is not complete is left out."""
    return list_complete(release.errata)


def list_rectified_lines(release: PressRelease) -> tuple[ReleaseLine, ...]:
    """The lines of the list that the corrections touch, as they should read."""
    corrected = _require_corrected(release)
    now = _read_records(corrected)
    said = _apply_all(corrected, now).content
    after = apply_corrections(said, list_corrections(release), now).content
    moved = {d.subject for d in find_differences(said, after) if d.part == Part.PLACE}
    known = set(said.lines)
    return tuple(line for line in after.lines if line not in known or line.name in moved)


def make_key(difference: Difference) -> str:
    """What a verdict on a difference is kept under: another change is another difference."""
    parts = (difference.part, difference.kind, difference.subject, difference.site)
    values = json.dumps([*map(str, parts), difference.before, difference.after])
    return hashlib.sha256(values.encode()).hexdigest()[:16]


def find_rectified(compared: Comparison) -> dict[Difference, PressRelease]:
    """The differences that a correction in preparation would end, each with that correction.

    A whole document counts once it is final: until then it says what the records say.
    """
    done: dict[Difference, PressRelease] = {}
    unsent = compared.release.corrections.filter(status__in=_UNSENT)
    for correcting in sorted(unsent, key=lambda r: (_UNSENT.index(r.status), r.pk)):
        if correcting.is_erratum:
            listed = list_corrections(correcting)
            said = apply_corrections(compared.said, listed, compared.now).content
        elif correcting.is_frozen:
            said = read_followed(correcting)
        else:
            continue
        counted = from_records(correcting.wave, compared.texts, said.lines)
        differences = find_differences(said, replace(counted, lines=compared.now.lines))
        left = {key for difference in differences for key in _list_places(difference)}
        for difference in compared.differences:
            if left.isdisjoint(_list_places(difference)):
                done.setdefault(difference, correcting)
    return done


def _list_places(difference: Difference) -> list[tuple[object, ...]]:
    """What tells where a difference is, by what stays of it when it is corrected in part."""
    if difference.part not in _SEVERAL:
        return [(difference.part, difference.site or difference.subject)]
    sides = (difference.before, difference.after)
    return [(difference.part, side, words) for side, words in enumerate(sides) if words]


def find_contradicted(compared: Comparison) -> dict[Difference, PressRelease]:
    """The differences that a sent rectificatif made: the last one that says what is now false."""
    said = read_followed(compared.release)
    made: dict[tuple[object, ...], PressRelease] = {}
    for erratum in compared.release.list_sent_errata():
        after = apply_corrections(said, list_corrections(erratum), compared.now).content
        for d in find_differences(said, after):
            made[(d.part, d.site or d.subject, d.after)] = erratum
        said = after
    found = {d: made.get((d.part, d.site or d.subject, d.before)) for d in compared.differences}
    return {difference: erratum for difference, erratum in found.items() if erratum}


# What follows from the corrections of the list, and what they must not contradict


@dataclass(frozen=True, kw_only=True)
class Following:
    """The sentences to correct with the list: what to add, and which lines that takes away."""

    added: tuple[Correction, ...]
    outdated: tuple[Correction, ...]


def find_following(release: PressRelease, listed: Sequence[Correction]) -> Following:
    """What must be corrected of a whole document once the lines `listed` correct its list."""
    now = _read_records(release)
    said = _apply_all(release, now).content
    return _find_following(release, listed, said, apply_corrections(said, listed, now).content)


def _find_following(
    release: PressRelease, listed: Sequence[Correction], said: Content, after: Content
) -> Following:
    added: list[Correction] = []
    outdated: list[Correction] = []
    for wanted, field in _list_recounted(release, said, after):
        texts = _list_texts(after, field)
        is_said = not wanted.after or any(find_words(printed, wanted.after) for printed in texts)
        is_left = any(_is_left(printed, wanted) for printed in texts)
        if is_said and not is_left:
            continue
        beaten = [one for one in listed if _is_same_count(one, wanted)]
        if is_left or beaten or not wanted.before:
            outdated += beaten
            added.append(wanted)
    return Following(added=tuple(added), outdated=tuple(outdated))


def _is_left(printed: str, wanted: Correction) -> bool:
    """Whether the words to correct are there elsewhere than in those that correct them."""
    corrected = len(find_words(printed, wanted.after)) if wanted.after else 0
    inside = corrected and len(find_words(wanted.after, wanted.before))
    return len(find_words(printed, wanted.before)) > corrected * inside


def _list_recounted(
    release: PressRelease, said: Content, after: Content
) -> Iterator[tuple[Correction, str]]:
    """The words of `said` that count its list, as they count that of `after`; and their field."""
    old, new = (_word_sentences(release, content) for content in (said, after))
    for name, sentence in old.items():
        where = name_sentence(name)
        field = name_field(name)
        printed = "\n".join(_list_texts(said, field))
        if sentence == new[name] or (sentence and not new[name] and sentence not in printed):
            continue
        if not sentence and getattr(release, PressRelease.OWN_SENTENCES[name]).strip():
            continue  # What a person wrote stands in its place.
        pairs = quote(sentence, new[name], printed) if sentence and new[name] else []
        for was, now in pairs or [(sentence, new[name])]:
            if not was or find_words(printed, was):
                yield Correction(where=where, before=was, after=now), field


def _word_sentences(release: PressRelease, content: Content) -> dict[str, str]:
    """What a whole document with the list of `content` says of it by itself."""
    unasked = composition.list_unasked(release)
    derived = composition.derive_sentences(release.wave, release, content.lines, without=unasked)
    return derived | dict.fromkeys(unasked, "")


def _list_texts(content: Content, field: str) -> tuple[str, ...]:
    texts: str | tuple[str, ...] = getattr(content, field)
    return (texts,) if isinstance(texts, str) else texts


def _is_same_count(listed: Correction, wanted: Correction) -> bool:
    """Whether a line counts what another one counts: in the same place, and in numbers."""
    one, other = fold(listed.before), fold(wanted.before)
    is_there = fold(listed.where) == fold(wanted.where) and one and (one in other or other in one)
    return bool(is_there) and any(map(text.is_number, listed.before + listed.after))


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a « rectificatif » makes of the document that it corrects.

    `missed` are the lines of it that are not found there, `unfollowed` what its lines make false
    and it does not correct, `denied` what the records do not say of a line that it corrects.
    """

    said: Content
    content: Content
    missed: tuple[Correction, ...]
    unfollowed: tuple[Correction, ...]
    denied: tuple[Difference, ...]


def find_outcome(release: PressRelease) -> Outcome:
    """What is corrected by a « rectificatif » that is not sent, as it would be read with it."""
    corrected, listed = _require_corrected(release), list_corrections(release)
    now = from_records(corrected.wave, corrected)
    said = _apply_all(corrected, now).content
    applied = apply_corrections(said, listed, now)
    known = {_name_line(d) for d in find_differences(said, now)}
    left = find_differences(applied.content, now)
    return Outcome(
        said=said,
        content=applied.content,
        missed=applied.missed,
        unfollowed=_find_following(corrected, listed, said, applied.content).added,
        denied=tuple(d for d in left if d.site and _name_line(d) not in known),
    )


def _name_line(difference: Difference) -> tuple[object, ...]:
    return (difference.part, difference.kind, difference.site)


def _require_corrected(release: PressRelease) -> PressRelease:
    if release.corrects is None:
        raise ValueError("Only a release that corrects another one has corrections.")
    return release.corrects

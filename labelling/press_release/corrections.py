"""Errata: from the differences that are errors to « Au lieu de : … lire : … », and back."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from labelling import text
from labelling.choices import ReleaseStatus
from labelling.models import PressRelease
from labelling.press_release import sentences
from labelling.press_release.composition import (
    columns,
    from_records,
    own_sentences,
    published,
    situation,
    with_standing_parts,
)
from labelling.press_release.content import Content, ReleaseLine, Words
from labelling.press_release.differences import Difference, Part, differences

# What parts the three parts of a line as it is stored.
_BAR = "|"
# What stands for it inside a text: it looks the same.
_OTHER_BAR = "\u2223"
# What was sent counts before what will be.
_STRONGEST_FIRST = (ReleaseStatus.SENT, ReleaseStatus.FINAL, ReleaseStatus.DRAFT)
_OF_A_LINE = (Part.LINE, Part.REGION, Part.DEPARTMENT, Part.NAME, Part.NEW, Part.PLACE)


@dataclass(frozen=True, kw_only=True)
class Correction:
    """One thing to read otherwise. `before` is empty for what is to be added, `after` removed."""

    where: str
    before: str
    after: str

    @classmethod
    def of(cls, difference: Difference) -> Self:
        # A line added or removed is given in full: its name needs no saying again.
        is_in_a_line = difference.subject and difference.part != Part.LINE
        part = difference.part
        where = (
            f"{difference.subject}, {text.lowered(str(part.label))}"
            if is_in_a_line
            else str(part.label)
        )
        return cls(where=where, before=difference.before, after=difference.after)

    @property
    def typed(self) -> str:
        """The line as it is stored."""
        cells = (self.where, self.before, self.after)
        return f" {_BAR} ".join(cell.replace(_BAR, _OTHER_BAR) for cell in cells)

    @property
    def is_complete(self) -> bool:
        """Whether it says what to read: `where` alone does not."""
        return bool(self.before or self.after)

    @property
    def sentence(self) -> str:
        """The correction as it is printed."""
        subject, _, part = self.where.rpartition(", ")
        if part == text.lowered(str(Part.PLACE.label)) and self.before and self.after:
            return text.typeset(f"{subject} est à lire {self.after}, et non {self.before}.")
        if part == text.lowered(str(Part.NEW.label)) and self.before and self.after:
            is_new = self.after == Words.yes
            said = "fait" if is_new else "ne fait pas"
            return text.typeset(f"{subject} {said} partie des nouvelles labellisations.")
        if not self.before:
            said = f"Ajouter : « {self.after} »."
        elif not self.after:
            said = f"Supprimer : « {self.before} »."
        else:
            said = f"Au lieu de : « {self.before} », lire : « {self.after} »."
        return text.typeset(f"{self.where}. {said}" if self.where else said)


def rows_in(errata: str) -> tuple[Correction, ...]:
    """The lines of `errata` as a person edits them, complete or not.

    One that is not in three parts stands whole in `where`: it is there to be completed.
    """
    found = []
    for line in errata.splitlines():
        cells = [cell.strip(" \t") for cell in line.split(_BAR)]
        if len(cells) != 3:
            cells = [line.strip(" \t").replace(_BAR, _OTHER_BAR), "", ""]
        if any(map(str.strip, cells)):
            where, before, after = cells
            found.append(Correction(where=where, before=before, after=after))
    return tuple(found)


def corrections_in(errata: str) -> tuple[Correction, ...]:
    """The corrections that `errata` lists, one on each line.

    Raise ValueError, with a sentence for whoever typed it, for a line that is not complete.
    """
    found = rows_in(errata)
    for row in found:
        if not row.is_complete:
            raise ValueError(
                text.typeset(
                    f"Ligne « {row.where} » : remplissez « Au lieu de », « Lire » ou les deux."
                )
            )
    return found


def told(errata: str) -> str:
    """The lines as people read them: the printed sentences; of what is not complete, its text."""
    return "\n".join(row.sentence if row.is_complete else row.where for row in rows_in(errata))


def obstacle(errata: str) -> str:
    """Why a « rectificatif » of these lines cannot be validated; empty if it can."""
    try:
        listed = corrections_in(errata)
    except ValueError as error:
        return str(error)
    return "" if listed else text.typeset("Aucune ligne à rectifier : ajoutez-en au moins une.")


def erratum(release: PressRelease) -> Content:
    """The content of a « rectificatif »: what is corrected, and the lines as they should read."""
    lines = rectified_lines(release)
    said = derived_sentences(release, lines) | own_sentences(release)
    content = Content(
        kind="RECTIFICATIF",
        is_correction=True,
        title=said["title"],
        lead=said["lead"],
        paragraphs=tuple(one.sentence for one in readable(release)),
        list_title=said["list_title"],
        legend=sentences.legend(sum(line.is_new for line in lines)),
        columns=columns(release.brand),
        lines=lines,
        situation=situation(release.wave.situation_on) if lines else "",
    )
    return with_standing_parts(content, release)


def derived_sentences(release: PressRelease, lines: Sequence[ReleaseLine]) -> dict[str, str]:
    """What an erratum says by itself, by the names of `PressRelease.OWN_SENTENCES`."""
    corrected = _corrected(release)
    count = len(readable(release))
    return {
        "title": sentences.erratum_title(corrected.issued_on),
        "lead": sentences.erratum_lead(published(corrected).title, corrected.issued_on, count),
        "list_title": sentences.rectified_lines(len(lines)) if lines else "",
    }


def readable(release: PressRelease) -> tuple[Correction, ...]:
    """The corrections of a release; a line that is not complete is left out."""
    return tuple(row for row in rows_in(release.errata) if row.is_complete)


def key_of(difference: Difference) -> str:
    """What a verdict on a difference is kept under: another change is another difference."""
    said = (difference.part, difference.kind, difference.subject, difference.site)
    values = json.dumps([*map(str, said), difference.before, difference.after])
    return hashlib.sha256(values.encode()).hexdigest()[:16]


def since(release: PressRelease) -> tuple[Difference, ...]:
    """What the records would now say differently from the whole document `release`."""
    return differences(published(release), from_records(release.wave, release))


def rectified_by(
    release: PressRelease, found: Iterable[Difference]
) -> dict[Difference, PressRelease]:
    """Of the differences `found`, those already corrected, each with the release that does it.

    Drafts of errata count; so does all that a whole document that « annule et remplace » changed,
    once it is final. What was sent comes before what is not yet.
    """
    found = tuple(found)
    done: dict[Difference, PressRelease] = {}
    later = release.corrections.filter(status__in=_STRONGEST_FIRST)
    for one in sorted(later, key=lambda one: (_STRONGEST_FIRST.index(one.status), one.pk)):
        if one.is_erratum:
            corrected: Sequence[Correction] = readable(one)
        elif one.is_frozen:
            corrected = [Correction.of(d) for d in differences(published(release), published(one))]
        else:
            corrected = ()
        for correction in corrected:
            for difference in meant(correction, found):
                done.setdefault(difference, one)
    return done


def meant(correction: Correction, found: Iterable[Difference]) -> list[Difference]:
    """The differences that a line corrects: both texts are theirs, wherever it says that they are.

    Where several have the same texts (« Isère », « Loire »), it corrects the one that it names.
    """
    same = [d for d in found if _texts(Correction.of(d)) == _texts(correction)]
    where = _plain(correction.where)
    exact = [d for d in same if _plain(Correction.of(d).where) == where]
    if exact or len(same) < 2:
        return exact or same
    named = [d for d in same if d.subject and _plain(d.subject) in where]
    # « PIMMS Nîmes » is found in « PIMMS Nîmes Est » too.
    longest = max((len(d.subject) for d in named), default=0)
    return [d for d in named if len(d.subject) == longest]


def _texts(correction: Correction) -> tuple[str, str]:
    return (_plain(correction.before), _plain(correction.after))


def _plain(cell: str) -> str:
    """The text without what typing it again may change: the kinds of spaces and bars."""
    return " ".join(cell.replace(_OTHER_BAR, _BAR).split())


def rectified_lines(release: PressRelease) -> tuple[ReleaseLine, ...]:
    """The lines of the list that the corrections touch, as they should read."""
    corrected = _corrected(release)
    now = from_records(corrected.wave, corrected)
    found = [
        difference
        for difference in differences(published(corrected), now)
        if difference.part in _OF_A_LINE
    ]
    sites = {d.site for correction in readable(release) for d in meant(correction, found)}
    return tuple(line for line in now.lines if line.site in sites)


def _corrected(release: PressRelease) -> PressRelease:
    if release.corrects is None:
        raise ValueError("Only a release that corrects another one has corrections.")
    return release.corrects

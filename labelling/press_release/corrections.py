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
    add_standing_parts,
    from_records,
    name_columns,
    read_own_sentences,
    read_published,
    word_situation,
)
from labelling.press_release.content import Content, ReleaseLine, Words
from labelling.press_release.differences import Difference, Part, find_differences

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
            verb = "fait" if is_new else "ne fait pas"
            return text.typeset(f"{subject} {verb} partie des nouvelles labellisations.")
        if not self.before:
            order = f"Ajouter : « {self.after} »."
        elif not self.after:
            order = f"Supprimer : « {self.before} »."
        else:
            order = f"Au lieu de : « {self.before} », lire : « {self.after} »."
        return text.typeset(f"{self.where}. {order}" if self.where else order)


def read_rows(errata: str) -> tuple[Correction, ...]:
    """The lines of `errata` as a person edits them, complete or not.

    One that is not in three parts stands whole in `where`: it is there to be completed.
    """
    rows = []
    for line in errata.splitlines():
        cells = [cell.strip(" \t") for cell in line.split(_BAR)]
        if len(cells) != 3:
            cells = [line.strip(" \t").replace(_BAR, _OTHER_BAR), "", ""]
        if any(map(str.strip, cells)):
            where, before, after = cells
            rows.append(Correction(where=where, before=before, after=after))
    return tuple(rows)


def read_corrections(errata: str) -> tuple[Correction, ...]:
    """The corrections that `errata` lists, one on each line.

    Raise ValueError, with a sentence for whoever typed it, for a line that is not complete.
    """
    rows = read_rows(errata)
    for row in rows:
        if not row.is_complete:
            raise ValueError(
                text.typeset(
                    f"Ligne « {row.where} » : remplissez « Au lieu de », « Lire » ou les deux."
                )
            )
    return rows


def word_errata(errata: str) -> str:
    """The lines as people read them: the printed sentences; of what is not complete, its text."""
    return "\n".join(row.sentence if row.is_complete else row.where for row in read_rows(errata))


def find_obstacle(errata: str) -> str:
    """Why a « rectificatif » of these lines cannot be validated; empty if it can."""
    try:
        listed = read_corrections(errata)
    except ValueError as error:
        return str(error)
    return "" if listed else text.typeset("Aucune ligne à rectifier : ajoutez-en au moins une.")


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
    return {
        "title": sentences.erratum_title(corrected.issued_on),
        "lead": sentences.erratum_lead(read_published(corrected).title, corrected.issued_on, count),
        "list_title": sentences.rectified_lines(len(lines)) if lines else "",
    }


def list_corrections(release: PressRelease) -> tuple[Correction, ...]:
    """The corrections of a release; a line that is not complete is left out."""
    return tuple(row for row in read_rows(release.errata) if row.is_complete)


def make_key(difference: Difference) -> str:
    """What a verdict on a difference is kept under: another change is another difference."""
    parts = (difference.part, difference.kind, difference.subject, difference.site)
    values = json.dumps([*map(str, parts), difference.before, difference.after])
    return hashlib.sha256(values.encode()).hexdigest()[:16]


def compare_with_records(release: PressRelease) -> tuple[Difference, ...]:
    """What the records would now say differently from the whole document `release`."""
    return find_differences(read_published(release), from_records(release.wave, release))


def find_rectified(
    release: PressRelease, differences: Iterable[Difference]
) -> dict[Difference, PressRelease]:
    """Of the `differences`, those already corrected, each with the release that does it.

    Drafts of errata count; so does all that a whole document that « annule et remplace » changed,
    once it is final. What was sent comes before what is not yet.
    """
    differences = tuple(differences)
    done: dict[Difference, PressRelease] = {}
    later = release.corrections.filter(status__in=_STRONGEST_FIRST)
    for correcting in sorted(later, key=lambda r: (_STRONGEST_FIRST.index(r.status), r.pk)):
        if correcting.is_erratum:
            corrected: Sequence[Correction] = list_corrections(correcting)
        elif correcting.is_frozen:
            changes = find_differences(read_published(release), read_published(correcting))
            corrected = [Correction.of(d) for d in changes]
        else:
            corrected = ()
        for correction in corrected:
            for difference in find_meant(correction, differences):
                done.setdefault(difference, correcting)
    return done


def find_meant(correction: Correction, differences: Iterable[Difference]) -> list[Difference]:
    """The differences that a line corrects: both texts are theirs, wherever it says that they are.

    Where several have the same texts (« Isère », « Loire »), it corrects the one that it names.
    """
    texts = _normalise_texts(correction)
    same = [d for d in differences if _normalise_texts(Correction.of(d)) == texts]
    where = _normalise(correction.where)
    exact = [d for d in same if _normalise(Correction.of(d).where) == where]
    if exact or len(same) < 2:
        return exact or same
    named = [d for d in same if d.subject and _normalise(d.subject) in where]
    # « PIMMS Nîmes » is found in « PIMMS Nîmes Est » too.
    longest = max((len(d.subject) for d in named), default=0)
    return [d for d in named if len(d.subject) == longest]


def _normalise_texts(correction: Correction) -> tuple[str, str]:
    return (_normalise(correction.before), _normalise(correction.after))


def _normalise(cell: str) -> str:
    """The text without what typing it again may change: the kinds of spaces and bars."""
    return " ".join(cell.replace(_OTHER_BAR, _BAR).split())


def list_rectified_lines(release: PressRelease) -> tuple[ReleaseLine, ...]:
    """The lines of the list that the corrections touch, as they should read."""
    corrected = _require_corrected(release)
    now = from_records(corrected.wave, corrected)
    differences = [
        difference
        for difference in find_differences(read_published(corrected), now)
        if difference.part in _OF_A_LINE
    ]
    listed = list_corrections(release)
    sites = {d.site for correction in listed for d in find_meant(correction, differences)}
    return tuple(line for line in now.lines if line.site in sites)


def _require_corrected(release: PressRelease) -> PressRelease:
    if release.corrects is None:
        raise ValueError("Only a release that corrects another one has corrections.")
    return release.corrects

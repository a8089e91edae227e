"""The lines of a « rectificatif »: as they are stored, as they are typed, as they are printed."""

from dataclasses import dataclass
from typing import Self

from labelling import text
from labelling.press_release.content import Words
from labelling.press_release.differences import Difference, Part
from labelling.press_release.quoting import quote

# What parts the three parts of a line as it is stored.
_BAR = "|"
# What stands for it inside a text: it looks the same.
_OTHER_BAR = "\u2223"
# Of these the words that change are quoted; the others are short, or say one thing.
_PROSE = (Part.TITLE, Part.LEAD, Part.PARAGRAPH, Part.QUOTE, Part.LIST_TITLE, Part.ABOUT)


@dataclass(frozen=True, kw_only=True)
class Correction:
    """One thing to read otherwise. `before` is empty for what is to be added, `after` removed."""

    where: str
    before: str
    after: str

    @classmethod
    def list_of(cls, difference: Difference, where: str = "") -> list[Self]:
        """What corrects a difference: one thing, or the words that change in a text.

        `where` says it better than the name of the part.
        """
        # A line added or removed is given in full: its name needs no saying again.
        is_in_a_line = difference.subject and difference.part != Part.LINE
        label = str(difference.part.label)
        if is_in_a_line:
            where = f"{difference.subject}, {text.lowered(label)}"
        before, after = difference.before, difference.after
        is_quoted = difference.part in _PROSE and before and after
        words = quote(before, after) if is_quoted else [(before, after)]
        return [cls(where=where or label, before=was, after=now) for was, now in words]

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
            order = f"Ajouter : {_quote(self.after)}"
        elif not self.after:
            order = f"Supprimer : {_quote(self.before)}"
        else:
            order = f"Au lieu de : « {self.before} », lire : {_quote(self.after)}"
        return text.typeset(f"{self.where}. {order}" if self.where else order)


def _quote(words: str) -> str:
    """The end of a sentence that quotes: what is quoted may have ended it."""
    return f"« {words} »" if words.rstrip()[-1:] in (".", "!", "?", "…") else f"« {words} »."


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


def list_complete(errata: str) -> tuple[Correction, ...]:
    """The corrections of `errata`; a line that is not complete is left out."""
    return tuple(row for row in read_rows(errata) if row.is_complete)


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

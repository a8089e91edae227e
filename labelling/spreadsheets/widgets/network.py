"""Waves and associations, by every name that people and the State give them."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date

from labelling import text
from labelling.days import list_short_days
from labelling.models import Association, LabellingWave
from labelling.spreadsheets.widgets.base import (
    DATE,
    TEXT,
    Cell,
    CellError,
    Suggestion,
    to_one_line,
    word_alternatives,
)
from labelling.spreadsheets.widgets.dates import read_date, read_month
from labelling.spreadsheets.widgets.places import LookupWidget
from labelling.text import fold

# « Espace labélisé 01/2020 », « Espace labellisé 01/01/2020 », « LABELISATION 01/01/2020 »
_STATE = re.compile(
    r"^(?:espaces?\s+)?lab[eé]l+is(?:[eé]e?s?|ation)\b\s*(?:le|au|en|du|depuis le)?\s*:?\s*",
    re.IGNORECASE,
)
_PREFIX = re.compile(r"^(?:(?:la )?vague )?(?:(?:du|de la|de|d) |a l |au |en )?(?=\w)")
# « 02/20 » alone may be a day of any year: it is taken for the month of a wave that exists.
_SHORT_MONTH = re.compile(r"([0-9]{1,2})[/.\-]([0-9]{2})")
_DATE_AT_END = re.compile(r"[0-9]{1,4}[/.-][0-9]{1,2}[/.-][0-9]{1,4}\Z")
# What the words of an association may begin with.
_KIND_OF_NAME = re.compile(r"^(?:association )?(?:pimms )?(?:mediation )?")
_NO_WAVE = frozenset({"candidat", "candidate", "aucune", "sans", "non labellise"})


class UnknownWave(CellError):
    """A wave that the base lacks, and whose day is known: it may be created."""

    def __init__(
        self, value: Cell, effective_on: date, suggestions: Iterable[Suggestion] = ()
    ) -> None:
        self.effective_on = effective_on
        day = text.long_date(effective_on)
        reason = f"aucune vague ne commence le {day}. Créez-la, ou choisissez-en une autre."
        super().__init__(value, reason, suggestions)


class WaveWidget(LookupWidget):
    """The wave that labelled a site; blank or « Candidat », none."""

    kinds = frozenset({TEXT, DATE})

    def list_records(self) -> Sequence[LabellingWave]:
        return self.lookups.waves

    @property
    def choices(self) -> tuple[str, ...]:
        """The names, the last wave first."""
        return tuple(wave.name for wave in reversed(self.lookups.waves))

    def read(self, value: Cell) -> LabellingWave | None:
        if not isinstance(value, str):
            return self._find_on(value, read_date(value), is_said_by_state=False)
        words = to_one_line(value)
        key = fold(words)
        if key in _NO_WAVE:
            return None
        for name in (key, _PREFIX.sub("", key, count=1)):
            if wave := self.lookups.waves_by_name.get(name):
                return wave
        rest = _STATE.sub("", words)
        if month := read_month(_PREFIX.sub("", rest.casefold(), count=1)):
            return self._find_in_month(value, *month)
        if wave := self._find_abbreviated(value, rest):
            return wave
        try:
            day = read_date(rest)
        except CellError as error:
            # What looks like a date is refused as one: 03/04/20, 31/02/2020.
            if _DATE_AT_END.search(rest):
                raise CellError(value, error.reason, error.suggestions) from None
            raise self._explain_unknown_name(value) from None
        return self._find_on(value, day, is_said_by_state=rest != words)

    def _find_abbreviated(self, value: Cell, words: str) -> LabellingWave | None:
        """The wave that exists and that a short year says; a question if its month has several."""
        waves = self.list_abbreviated(words)
        if len(waves) > 1 and _SHORT_MONTH.fullmatch(words):
            first = waves[0].effective_on
            return self._find_in_month(value, first.year, first.month)
        return waves[0] if len(waves) == 1 else None

    def list_abbreviated(self, words: str) -> list[LabellingWave]:
        """The waves that exist and that a short year may say: « 01/02/20 », « 02/20 »."""
        if match := _SHORT_MONTH.fullmatch(words):
            return list(self.lookups.waves_by_month.get((2000 + int(match[2]), int(match[1])), ()))
        days = (self.lookups.waves_by_date.get(day) for day in list_short_days(words))
        return [wave for wave in days if wave]

    def _find_on(self, value: Cell, day: date, *, is_said_by_state: bool) -> LabellingWave:
        if wave := self.lookups.waves_by_date.get(day):
            return wave
        if not is_said_by_state:
            for wave in self.lookups.waves:
                if day in (wave.decided_on, wave.announced_on):
                    raise CellError(
                        value,
                        f"c’est le jour du comité ou de l’annonce de « {wave} », dont le label "
                        f"vaut à partir du {text.long_date(wave.effective_on)}. "
                        "Choisissez cette vague, ou corrigez la date.",
                        [(wave.name, wave.name)],
                    )
        raise UnknownWave(value, day, self._suggest_around(day))

    def _find_in_month(self, value: Cell, year: int, month: int) -> LabellingWave:
        waves = self.lookups.waves_by_month.get((year, month), [])
        if len(waves) == 1:
            return waves[0]
        if waves:
            names = [f"{wave} ({text.short_date(wave.effective_on)})" for wave in waves]
            raise CellError(
                value,
                f"{word_alternatives(names)} ?",
                [(name, wave.name) for name, wave in zip(names, waves, strict=True)],
                is_of_line=True,
            )
        first = date(year, month, 1)
        raise UnknownWave(value, first, self._suggest_around(first))

    def _suggest_around(self, day: date) -> list[Suggestion]:
        """Return the three waves nearest to `day`."""
        near = sorted(self.lookups.waves, key=lambda wave: abs(wave.effective_on - day))[:3]
        return [(wave.name, wave.name) for wave in near]

    def _explain_unknown_name(self, value: Cell) -> CellError:
        near = self.find_nearest(to_one_line(value), self.lookups.waves_by_name)
        names = [wave.name for wave in near]
        question = (
            f"Vouliez-vous dire {word_alternatives(names)} ?"
            if names
            else "Écrivez son nom ou sa date : Automne 2020 ou 01/09/2020."
        )
        return CellError(
            value, f"aucune vague ne porte ce nom. {question}", [(name, name) for name in names]
        )


class AssociationWidget(LookupWidget):
    """The association that runs a site, with or without « PIMMS » before its name."""

    kinds = frozenset({TEXT})

    def list_records(self) -> Sequence[Association]:
        return self.lookups.associations

    def read(self, value: Cell) -> Association:
        words = fold(to_one_line(value))
        known = self.lookups.associations_by_name
        bare = _KIND_OF_NAME.sub("", words, count=1)
        for name in (words, bare, f"pimms {bare}"):
            if association := known.get(name):
                return association
        names = [association.name for association in self.find_nearest(bare, known)]
        question = (
            f"Vouliez-vous dire {word_alternatives(names)} ?"
            if names
            else "Corrigez-le, ou ajoutez d’abord l’association."
        )
        raise CellError(
            value,
            f"aucune association membre ne porte ce nom. {question}",
            [(name, name) for name in names],
        )


def name_waves(days: Iterable[date], taken: Iterable[str]) -> dict[date, str]:
    """Return a name for each wave to create: its month and year, its day too on collision.

    `taken` are the names of the waves that the base has.
    """
    days = sorted(set(days))
    used = {fold(name) for name in taken}
    months = Counter((day.year, day.month) for day in days)
    names: dict[date, str] = {}
    for day in days:
        name = f"{text.MONTHS[day.month - 1]} {day.year}".capitalize()
        if fold(name) in used or months[day.year, day.month] > 1:
            name = text.long_date(day).replace(text.NO_BREAK_SPACE, " ")
        names[day] = name
    return names

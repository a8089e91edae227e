"""What is wrong with the values that a record would hold; and how to say it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.db.models.fields import NOT_PROVIDED
from django.utils.text import capfirst

from labelling import text
from labelling.models import LabellingWave, PressRelease, Site
from labelling.models.stored import CellProblem
from labelling.spreadsheets.judging import checks
from labelling.spreadsheets.judging.cells import (
    REGION,
    ProposedWave,
    TakenColumn,
    ledger_value,
)
from labelling.spreadsheets.judging.checks import Values
from labelling.spreadsheets.judging.wording import Wording
from labelling.spreadsheets.resources import SheetResource
from labelling.spreadsheets.widgets import quoted


class Inspector:
    """Inspects the values of a line: none of its questions costs a query."""

    def __init__(self, resource: SheetResource, columns: Sequence[TakenColumn]) -> None:
        lookups = resource.lookups
        self.model = model = resource._meta.model
        self.wording = Wording(resource)
        self.by_column = {column.field: column for column in columns}
        self.uniques = checks.uniques_of(model)
        self.fields = {f.attname: f for f in model._meta.concrete_fields}
        self.checks = checks.checks_of(model)
        self.required = [
            f
            for f in model._meta.concrete_fields
            if f.editable and not f.blank and not f.primary_key and f.default is NOT_PROVIDED
        ]
        self.waves = {wave.pk: wave for wave in lookups.waves}
        self.printed = PressRelease.objects.printed_sites() if model is Site else {}
        self.departments = {place.pk: place for place in lookups.departments}
        self.regions = {region.pk: region.name for region in lookups.regions}

    # What is wrong

    def faults(
        self, merged: Values, taken: Values, known: Sequence[CellProblem], *, is_new: bool
    ) -> list[CellProblem]:
        """What a record of the values `merged` breaks, `taken` being those it would be given.

        Nothing is said of the columns that have a problem already, which are `known`.
        """
        wrong = {problem.field for problem in known}
        if "state_name" in wrong:
            # The name to print is made from it.
            wrong.add("name")
        found = list(self._unfilled(merged, wrong) if is_new else self._emptied(taken))
        found += [
            self._unmet(check)
            for check in self.checks
            if check.holds(merged) is False and not wrong.intersection(check.columns)
        ]
        if self.model is Site:
            wave = self._wave(merged.get("wave_id"))
            for name, fault in Site.label_faults(merged, wave, self.printed).items():
                found.append(self.broken((name, "wave_id"), fault))
        return found

    def fault_of_region(self, region: int | None, merged: Values) -> list[CellProblem]:
        """A region that the file gives, and that is not the department's."""
        department = self.departments.get(merged.get("department_id") or 0)
        if region is None or department is None or department.region_id == region:
            return []
        reason = text.typeset(
            f"Le département « {department} » est dans la région « {department.region} », pas "
            f"« {self.regions.get(region, '')} ». Corrigez l’un ou l’autre."
        )
        return [self.broken(("department_id", REGION), reason)]

    def fault_of_postcode(self, figures: str, merged: Values) -> list[CellProblem]:
        """Four figures that may not have lost their zero: the department is another one."""
        department = self.departments.get(merged.get("department_id") or 0)
        postcode = str(merged["postcode"])
        if len(figures) != 4 or department is None or department.code == postcode[:2]:
            return []
        reason = text.typeset(
            f"« {figures} » n’a que quatre chiffres, et {postcode} ne serait pas dans le "
            f"département « {department} ». Écrivez le code postal en entier, ou corrigez le "
            "département."
        )
        return [self.by_column["postcode"].problem(reason)]

    def clashes(
        self,
        keys: Sequence[str],
        held: Sequence[dict[str, int]],
        record: int | None,
        taken: Values,
    ) -> list[CellProblem]:
        """The unique keys that another record of the base holds, where `taken` makes them."""
        found = []
        for unique, key, holders in zip(self.uniques, keys, held, strict=True):
            if key and holders.get(key, record) != record:
                # The last column of a constraint tells records apart: the name.
                columns = [checks.computed_from(name) for name in unique.columns][::-1]
                written = next((name for name in columns if name in taken), columns[0])
                found.append(self.by_column[written].problem(unique.message))
        return found

    def broken(self, columns: Sequence[str], message: str) -> CellProblem:
        """The problem, at the first of `columns` that the file has, else at the first."""
        known = [self.by_column[name] for name in columns if name in self.by_column]
        return next((c for c in known if c.letter), known[0]).problem(message)

    def _unmet(self, check: checks.Check) -> CellProblem:
        """The problem of a constraint, which any of its columns may mend, in the file or not."""
        problem = self.broken(check.columns, check.message)
        known = [self.by_column[name] for name in check.columns if name in self.by_column]
        others = {c.field for c in known if not c.letter} - {problem.field}
        return replace(problem, unfilled=tuple(sorted(others)))

    def _unfilled(self, merged: Values, wrong: set[str]) -> list[CellProblem]:
        found = []
        for field in self.required:
            name = field.attname
            if merged.get(name) in (None, "") and name not in wrong:
                heading = capfirst(str(field.verbose_name))
                reason = text.typeset(f"« {heading} » est à remplir pour une nouvelle fiche.")
                found.append(self.by_column[name].problem(reason))
        return found

    def _emptied(self, taken: Values) -> list[CellProblem]:
        return [
            self.by_column[name].problem("Cette valeur ne peut pas être vidée.")
            for name, value in taken.items()
            if value in (None, "") and not self.fields[name].blank
        ]

    def _wave(self, value: Any) -> LabellingWave | None:
        if isinstance(value, ProposedWave):
            name = text.long_date(value.effective_on)
            return LabellingWave(name=name, effective_on=value.effective_on)
        return self.waves.get(value)

    # What only a person can decide

    def moved_wave(self, value: Any, mine: Any) -> CellProblem:
        """The State gives another wave to a site that it labelled before."""
        reason = text.typeset(
            f"Ce site est labellisé avec la vague « {self._said('wave_id', mine)} » ; le fichier "
            f"donne « {self._said('wave_id', value)} ». Gardez la nôtre, ou prenez la valeur du "
            "fichier."
        )
        return self._choice("wave_id", reason)

    def three_values(self, name: str, value: Any, mine: Any, base: Any) -> CellProblem:
        """Somebody changed the record since our download, and the file changes it too."""
        reason = text.typeset(
            "Une autre personne a modifié cette valeur depuis le téléchargement : "
            f"{self._quoted(name, base)} alors, {self._quoted(name, mine)} aujourd’hui, "
            f"{self._quoted(name, value)} dans le fichier. Gardez la nôtre, ou prenez la valeur "
            "du fichier."
        )
        return self._choice(name, reason)

    def two_values(self, name: str, value: Any, mine: Any) -> CellProblem:
        """The record changed since our download, and what it was then is no longer known."""
        reason = text.typeset(
            "Cette fiche a été modifiée depuis le téléchargement : "
            f"{self._quoted(name, mine)} aujourd’hui, {self._quoted(name, value)} dans le "
            "fichier. Gardez la nôtre, ou prenez la valeur du fichier."
        )
        return self._choice(name, reason)

    def _choice(self, name: str, reason: str) -> CellProblem:
        return replace(self.by_column[name].problem(reason), is_choice=True)

    def _quoted(self, name: str, value: Any) -> str:
        said = self._said(name, value)
        return quoted(said) if said else "rien"

    def _said(self, name: str, value: Any) -> str:
        return self.wording.value(name, ledger_value(value))

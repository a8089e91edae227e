"""What is wrong with the values that a record would hold; and how to say it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models.fields import NOT_PROVIDED
from django.utils.text import capfirst

from labelling import text
from labelling.models import LabellingWave, PressRelease, Site
from labelling.models.stored import CellProblem, FileColumn
from labelling.spreadsheets.judging.cells import (
    REGION,
    ProposedWave,
    TakenColumn,
    to_ledger,
)
from labelling.spreadsheets.judging.wording import Wording
from labelling.spreadsheets.resources import SheetResource, checks
from labelling.spreadsheets.resources.checks import Values
from labelling.spreadsheets.resources.matching import Matcher
from labelling.spreadsheets.widgets import UNDECIDED_FORMATS, quote

# The figures of a postcode that lost its zero.
SHORT = 4
# What to do where a site that is named holds the name or the number of a line.
_REMEDIES = {
    "name": "Si la ligne parle de ce site, corrigez le numéro qui ne va pas ; sinon, donnez-lui "
    "un autre nom.",
    "france_services_id": "Corrigez ce numéro, ou mettez la ligne de côté.",
}
# What goes with a postcode.
_ADDRESS = ("address", "commune", "commune_code")


class Inspector:
    """Inspects the values of a line: none of its questions costs a query."""

    def __init__(self, resource: SheetResource, columns: Sequence[TakenColumn]) -> None:
        lookups = resource.lookups
        self.model = model = resource._meta.model
        self.wording = Wording(resource)
        self.by_column = {column.field: column for column in columns}
        self.uniques = checks.list_uniques(model)
        self.fields = {f.attname: f for f in model._meta.concrete_fields}
        self.checks = checks.list_checks(model)
        self.required = [
            f
            for f in model._meta.concrete_fields
            if f.editable and not f.blank and not f.primary_key and f.default is NOT_PROVIDED
        ]
        self.waves = {wave.pk: wave for wave in lookups.waves}
        self.printed = PressRelease.objects.find_printed_sites() if model is Site else {}
        self.find_department_of = lookups.find_department_of
        self.departments = {place.pk: place for place in lookups.departments}
        self.regions = {region.pk: region.name for region in lookups.regions}

    # What is wrong

    def find_faults(
        self, merged: Values, taken: Values, known: Sequence[CellProblem], *, is_new: bool
    ) -> list[CellProblem]:
        """What a record of the values `merged` breaks, `taken` being those it would be given.

        Nothing is said of the columns that have a problem already, which are `known`.
        """
        wrong = {problem.field for problem in known}
        if "state_name" in wrong:
            # The name to print is made from it.
            wrong.add("name")
        problems = list(self._find_unfilled(merged, wrong) if is_new else self._find_emptied(taken))
        problems += [
            self._make_check_problem(check)
            for check in self.checks
            if check.holds(merged) is False and not wrong.intersection(check.columns)
        ]
        if self.model is Site:
            wave = self._find_wave(merged.get("wave_id"))
            for name, fault in Site.find_label_faults(merged, wave, self.printed).items():
                problems.append(self.make_problem((name, "wave_id"), fault))
        return problems

    def find_region_fault(self, region: int | None, merged: Values) -> list[CellProblem]:
        """A region that the file gives, and that is not the department's."""
        department = self.departments.get(merged.get("department_id") or 0)
        if region is None or department is None or department.region_id == region:
            return []
        reason = text.typeset(
            f"Le département « {department} » est dans la région « {department.region} », pas "
            f"« {self.regions.get(region, '')} ». Corrigez l’un ou l’autre."
        )
        return [self.make_problem(("department_id", REGION), reason)]

    def find_postcode_fault(self, figures: str, merged: Values) -> list[CellProblem]:
        """Four figures that may not have lost their zero: the department is another one."""
        department = self.departments.get(merged.get("department_id") or 0)
        postcode = str(merged["postcode"])
        if len(figures) != SHORT or department is None or department.code == postcode[:2]:
            return []
        reason = text.typeset(
            f"« {figures} » n’a que quatre chiffres, et {postcode} ne serait pas dans le "
            f"département « {department} ». Écrivez le code postal en entier, ou corrigez le "
            "département."
        )
        return [self.by_column["postcode"].make_problem(reason)]

    def warn_of_postcode(self, values: Values) -> list[CellProblem]:
        """A new site whose postcode is of another department: nothing keeps it from being added."""
        reason = self._word_far_postcode(values, values)
        if not reason:
            return []
        problem = self.by_column["postcode"].make_problem(f"{reason} Vérifiez l’adresse.")
        return [replace(problem, is_proposal=True)]

    def find_clashes(
        self,
        keys: Sequence[str],
        matcher: Matcher,
        record: int | None,
        taken: Values,
    ) -> list[CellProblem]:
        """The unique keys that another record of the base holds, where `taken` makes them."""
        problems = []
        for unique, key, holders in zip(self.uniques, keys, matcher.held, strict=True):
            holder = holders.get(key, record) if key else record
            if holder is not None and holder != record:
                # The last column of a constraint tells records apart: the name.
                columns = [checks.find_source(name) for name in unique.columns][::-1]
                written = next((name for name in columns if name in taken), columns[0])
                reason = unique.message
                if name := matcher.describe(holder):
                    reason = f"{reason.rstrip('.')} : {name}. {_REMEDIES.get(columns[0], '')}"
                problem = self.by_column[written].make_problem(text.typeset(reason.rstrip()))
                problems.append(replace(problem, record=holder))
        return problems

    def make_problem(self, columns: Sequence[str], message: str) -> CellProblem:
        """The problem, at the first of `columns` that the file has, else at the first."""
        known = [self.by_column[name] for name in columns if name in self.by_column]
        return next((c for c in known if c.letter), known[0]).make_problem(message)

    def _make_check_problem(self, check: checks.Check) -> CellProblem:
        """The problem of a constraint, which any of its columns may mend, in the file or not."""
        problem = self.make_problem(check.columns, check.message)
        known = [self.by_column[name] for name in check.columns if name in self.by_column]
        others = {c.field for c in known if not c.letter} - {problem.field}
        return replace(problem, unfilled=tuple(sorted(others)))

    def _find_unfilled(self, merged: Values, wrong: set[str]) -> list[CellProblem]:
        return [
            problem
            for name, problem in self.unfilled.items()
            if merged.get(name) in (None, "") and name not in wrong
        ]

    @cached_property
    def unfilled(self) -> dict[str, CellProblem]:
        """What to say of each column that a new record lacks: the same on thousands of lines."""
        problems = {}
        for field in self.required:
            heading, column = capfirst(str(field.verbose_name)), self.by_column[field.attname]
            reason = text.typeset(f"« {heading} » est à remplir pour une nouvelle fiche.")
            problems[field.attname] = column.make_problem(reason, is_common=column.is_shared)
        return problems

    def _find_emptied(self, taken: Values) -> list[CellProblem]:
        return [
            self.by_column[name].make_problem("Cette valeur ne peut pas être vidée.")
            for name, value in taken.items()
            if value in (None, "") and not self.fields[name].blank
        ]

    def _find_wave(self, value: Any) -> LabellingWave | None:
        if isinstance(value, ProposedWave):
            name = text.long_date(value.effective_on)
            return LabellingWave(name=name, effective_on=value.effective_on)
        return self.waves.get(value)

    # What only a person can decide

    def ask_moved_wave(self, value: Any, mine: Any) -> CellProblem:
        """The State gives another wave to a site that it labelled before."""
        reason = text.typeset(
            f"Ce site est labellisé avec la vague « {self._word_value('wave_id', mine)} » ; "
            f"le fichier donne « {self._word_value('wave_id', value)} ». Gardez la nôtre, ou "
            "prenez la valeur du fichier."
        )
        return self._ask("wave_id", reason)

    def ask_ended(self, ended_on: date, wave: Any, dated_on: date | None) -> CellProblem:
        """A list names a site whose label ended here; `dated_on` is its day, if it is known."""
        given = self._find_wave(wave)
        file = f"le fichier, daté du {text.long_date(dated_on)}," if dated_on else "le fichier"
        since = f", labellisé depuis le {text.long_date(given.effective_on)}" if given else ""
        reason = text.typeset(
            f"Le label de ce site a pris fin le {text.long_date(ended_on)} ; {file} le nomme "
            f"encore{since}. Dites si notre fin de label fait foi, ou s’il a de nouveau le label."
        )
        problem = self.by_column["withdrawn_on"].make_problem(reason)
        return replace(problem, is_choice=True, is_ended=True)

    def ask_far_postcode(
        self, given: Values, old: Values, together: Sequence[str]
    ) -> CellProblem | None:
        """A line gives its site a postcode of another department; None if it does not.

        The address that comes with it may be the neighbour's: it is decided `together`.
        """
        reason = self._word_far_postcode(given, old)
        if not reason:
            return None
        names = tuple(name for name in _ADDRESS if name in together)
        ours = "notre adresse" if names else "le nôtre"
        file = "celle du fichier" if names else "celui du fichier"
        reason = text.typeset(f"{reason} Gardez {ours}, ou prenez {file}.")
        return replace(self._ask("postcode", reason), together=names)

    def _word_far_postcode(self, given: Values, old: Values) -> str:
        """That a postcode is of another department than its line, or else its record; or "".

        In some communes of a border it is: their INSEE code tells.
        """
        department = self.departments.get(
            given.get("department_id") or old.get("department_id") or 0
        )
        far = self.find_department_of(given["postcode"])
        if department is None or far is None or department == far:
            return ""
        if self.find_department_of(given.get("commune_code") or "") == department:
            return ""
        return text.typeset(
            f"Le code postal {given['postcode']} est du département « {far} », et ce site est dans "
            f"« {department} » : c’est peut-être l’adresse d’une autre ligne."
        )

    def propose_format(self, column: FileColumn, cell: str) -> CellProblem:
        """The kinds of place of a site that `cell` says to move; none is taken unasked."""
        reason = text.typeset(
            f"D’après la colonne {column.letter} (« {column.heading} » : {quote(cell)}), ce site "
            "est itinérant. Accueil du public ?"
        )
        offered = [choice.label for choice in UNDECIDED_FORMATS["mobile"]]
        problem = self.by_column["format"].make_problem(
            reason, suggestions=[(label, label) for label in offered]
        )
        return replace(problem, is_proposal=True)

    def ask_three_values(self, name: str, value: Any, mine: Any, base: Any) -> CellProblem:
        """Somebody changed the record since our download, and the file changes it too."""
        reason = text.typeset(
            "Une autre personne a modifié cette valeur depuis le téléchargement : "
            f"{self._quote(name, base)} alors, {self._quote(name, mine)} aujourd’hui, "
            f"{self._quote(name, value)} dans le fichier. Gardez la nôtre, ou prenez la valeur "
            "du fichier."
        )
        return self._ask(name, reason)

    def ask_two_values(self, name: str, value: Any, mine: Any) -> CellProblem:
        """The record changed since our download, and what it was then is no longer known."""
        reason = text.typeset(
            "Cette fiche a été modifiée depuis le téléchargement : "
            f"{self._quote(name, mine)} aujourd’hui, {self._quote(name, value)} dans le "
            "fichier. Gardez la nôtre, ou prenez la valeur du fichier."
        )
        return self._ask(name, reason)

    def _ask(self, name: str, reason: str) -> CellProblem:
        return replace(self.by_column[name].make_problem(reason), is_choice=True)

    def _quote(self, name: str, value: Any) -> str:
        words = self._word_value(name, value)
        return quote(words) if words else "rien"

    def _word_value(self, name: str, value: Any) -> str:
        return self.wording.word_value(name, to_ledger(value))

"""A line of a file against the records: what it would change, and what is wrong with it."""

from collections import ChainMap, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from django.utils import timezone

from labelling import text
from labelling.choices import Match, RowState
from labelling.models import AcceptedFinding, ImportRow, ImportRun, KeptValue, Site
from labelling.models.accepted import STILL_LISTED, make_end_evidence
from labelling.models.stored import CellProblem, FileColumn
from labelling.spreadsheets.judging.cells import (
    RECORD_KEY,
    RECORD_VERSION,
    REGION,
    TakenColumn,
    read_cells,
    read_figures,
    show_value,
    to_ledger,
)
from labelling.spreadsheets.judging.comparison import Chooser, Refused, keeps
from labelling.spreadsheets.judging.lines import JudgedLine, LineReader
from labelling.spreadsheets.judging.printed_names import (
    has_code,
    list_spellings,
    make_printed_name,
)
from labelling.spreadsheets.judging.problems import SHORT, Inspector
from labelling.spreadsheets.resources import SheetResource, checks
from labelling.spreadsheets.resources.matching import (
    NO_RECORD,
    Recognition,
    SiteMatcher,
    make_matcher,
)


class Judge:
    """Judges lines, a batch at a time: a handful of queries for each batch."""

    def __init__(
        self,
        run: ImportRun,
        resource: SheetResource,
        columns: Sequence[TakenColumn],
        itinerant: Sequence[FileColumn] = (),
        find_stranger: Callable[[Sequence[Any]], str] | None = None,
        find_shift: Callable[[Sequence[Any]], CellProblem | None] = lambda cells: None,
    ) -> None:
        """`find_stranger` gives the state of cells that are not surely the network's, or "".

        `find_shift` says what is wrong with cells that stand beside their columns.
        """
        self.run = run
        self.find_stranger = find_stranger
        self.model = model = resource._meta.model
        self.reader = LineReader(columns, itinerant, find_shift)
        self.inspector = Inspector(resource, columns)
        self.by_column = self.inspector.by_column
        self.matcher = make_matcher(model)
        self.chooser = Chooser(run, resource, self.inspector)
        self.lookups = resource.lookups
        # Where the file has no column of departments, codes tell it.
        department = self.by_column.get("department_id")
        has_none = department is not None and department.position is None
        self.find_told = resource.find_department if has_none else lambda values: None
        # The names that were made, by department, and the lines they were made for.
        self.made: dict[tuple[Any, str], int] = {}
        self.defaults = {f.attname: f.get_default() for f in model._meta.concrete_fields}
        # The computed columns of the unique constraints.
        self.computed = [
            name
            for unique in self.matcher.uniques
            for name in unique.columns
            if checks.find_source(name) != name
        ]

    def judge(self, rows: Sequence[ImportRow]) -> None:
        """Fill in what `rows`, which hold cells and answers, would do."""
        lines = [self._read(row) for row in rows]
        for line in lines:
            self._match(line)
        stored = self._read_stored(
            [line.recognition.record for line in lines if line.recognition.record]
        )
        refused = self._read_refused(stored) if stored else {}
        past = self._read_past(lines, stored)
        for line in lines:
            if not line.row.state:
                self._compare(line, stored, refused, past)

    def _read(self, row: ImportRow) -> JudgedLine:
        stranger = self._find_state_of_stranger(row)
        line = self.reader.read(row, names_only=bool(stranger))
        row.state = stranger
        return line

    # Matching

    def _match(self, line: JudgedLine) -> None:
        values, row = line.values, line.row
        line.version = values.pop(RECORD_VERSION, None)
        line.region = values.pop(REGION, None)
        key = values.pop(RECORD_KEY, None)
        if row.state:
            return
        checks.compute(values, self.computed)
        line.department = self._find_department(line)
        chosen = row.answers.record
        if chosen != "new":
            chosen = self.matcher.follow(chosen)
        if (followed := self.matcher.follow(key)) != key:
            # The version that was downloaded is another record's.
            key, line.version = followed, None
        if chosen == "new":
            line.recognition = NO_RECORD
        elif chosen is not None and chosen in self.matcher.keys:
            line.recognition = Recognition(chosen, Match.PERSON)
        elif key is not None:
            if key in self.matcher.keys:
                line.recognition = Recognition(key, Match.KEY)
            else:
                column = self.by_column[RECORD_KEY]
                line.problems.append(
                    column.make_problem(
                        "Cette fiche n’existe plus. Videz cette cellule pour en créer une autre, "
                        "ou mettez la ligne de côté.",
                        key,
                    )
                )
        else:
            told = {} if line.department is None else {"department_id": line.department}
            line.recognition = self.matcher.find({**values, **told})
        row.record_id, row.matched_by = line.recognition.record, line.recognition.by
        if row.answers and row.record_id != line.former:
            row.answers = row.answers.without("decisions")
        for name in self.computed:
            values.pop(name, None)

    def _find_department(self, line: JudgedLine) -> int | None:
        """The department that the codes of a line tell, unless somebody wrote one."""
        if "department_id" in line.values or any(p.field == "department_id" for p in line.problems):
            return None
        department = self.find_told(line.values)
        return department.pk if department else None

    def _find_state_of_stranger(self, row: ImportRow) -> str:
        """The state of a line that is left out because nothing shows it to be the network's."""
        if row.answers.belongs is not None:
            return "" if row.answers.belongs else RowState.OUTSIDE
        return self.find_stranger(read_cells(row)) if self.find_stranger else ""

    def _read_stored(self, keys: Iterable[int]) -> dict[int, dict[str, Any]]:
        wanted = set(keys)
        if not wanted:
            return {}
        names = tuple(self.defaults)
        records = (
            self.model._base_manager.filter(pk__in=wanted).order_by().values_list("pk", *names)
        )
        return {pk: dict(zip(names, row, strict=True)) for pk, *row in records}

    def _read_refused(self, stored: Mapping[int, dict[str, Any]]) -> Refused:
        """What files gave and was refused for good: values, and that a label has no end."""
        kept = KeptValue.objects.read_refused(self.run.model_key, stored)
        refused: defaultdict[tuple[int, str], list[Any]] = defaultdict(list)
        for key, value in kept.items():
            # That a label has no end is kept as an accepted finding, of that very end.
            if key[1] != "withdrawn_on" or value is not None:
                refused[key].append(value)
        ended = {pk: day for pk, old in stored.items() if (day := old.get("withdrawn_on"))}
        if ended:
            accepted = AcceptedFinding.objects.of(self.model, ended).filter(rule=STILL_LISTED)
            standing = accepted.standing_on(timezone.localdate())
            for pk, evidence in standing.values_list("record_id", "evidence"):
                if evidence == make_end_evidence(ended[pk]):
                    refused[pk, "withdrawn_on"].append(None)
        return refused

    def _read_past(
        self, lines: Sequence[JudgedLine], stored: Mapping[int, Any]
    ) -> dict[tuple[int, int], dict[str, Any]]:
        """The records as our download gave them, where somebody saved them since."""
        wanted = {
            key: line.version
            for line in lines
            if (key := line.recognition.record or 0) in stored
            and line.version is not None
            and line.version != stored[key]["version"]
        }
        if not wanted:
            return {}
        names = tuple(self.defaults)
        entries = self.model.history.filter(
            id__in=wanted, version__in=set(wanted.values())
        ).values_list(*names)
        rows = [dict(zip(names, row, strict=True)) for row in entries]
        return {(row["id"], row["version"]): row for row in rows}

    # Comparing

    def _compare(
        self,
        line: JudgedLine,
        stored: Mapping[int, dict[str, Any]],
        refused: Refused,
        past: Mapping[tuple[int, int], dict[str, Any]],
    ) -> None:
        row, values = line.row, line.values
        pk = line.recognition.record
        old = stored.get(pk) if pk else None
        self._label(line, old)
        if old is None:
            self._name(line)
            self._attach(line)
            if line.department is not None:
                values["department_id"] = line.department
            taken = {n: v for n, v in values.items() if v is not None and v != ""}
            merged = {**self.defaults, **taken}
        else:
            row.label = str(old["name"])[:250]
            row.version = old["version"]
            base: Mapping[str, Any] | None = old
            if line.version and line.version != old["version"]:
                base = past.get((old["id"], line.version))
            taken = self.chooser.choose(line, old, base, refused)
            merged = {**old, **taken}
            row.before = {name: to_ledger(old[name]) for name in taken}
        row.after = {name: to_ledger(value) for name, value in taken.items()}
        if line.recognition.candidates:
            # Until a person has chosen, what is wrong with the cells is all that can be said.
            self._conclude(line, is_new=False)
            return
        if taken or old is None:
            checks.compute(merged, self.computed)
            known = line.problems
            known += self.inspector.find_faults(merged, taken, known, is_new=old is None)
            if not keeps(row, "department_id"):
                known += self.inspector.find_region_fault(line.region, merged)
            if taken.get("postcode"):
                figures = read_figures(row, self.by_column["postcode"])
                known += self.inspector.find_postcode_fault(figures, merged)
                if old is None and len(figures) != SHORT:
                    known += self.inspector.warn_of_postcode(taken)
        keys = self.matcher.make_keys(merged)
        if taken or old is None:
            clashes = self.inspector.find_clashes(keys, self.matcher, row.record_id, taken)
            line.problems += clashes
            if clashes:
                # The line is no twin of the one that speaks of the record which holds the key.
                keys = []
        # A model with a third unique constraint would want a third key.
        row.first_key, row.second_key = (*keys, *[""] * (2 - len(keys)))
        self._propose_format(line, merged)
        self._conclude(line, is_new=old is None)

    def _label(self, line: JudgedLine, old: Mapping[str, Any] | None) -> None:
        """Give the wave of the file to a site that it marks; where it completes it, to all."""
        if self.model is not Site or not self.run.wave_id:
            return
        is_candidate = old is None or old["wave_id"] is None
        if line.row.is_marked or (self.run.answers.completes_wave and is_candidate):
            line.values.setdefault("wave_id", self.run.wave_id)

    def _name(self, line: JudgedLine) -> None:
        """Give a new site of the State's list a name to print, which a person will look at."""
        row, values = line.row, line.values
        if self.model is not Site or values.get("name") or not values.get("state_name"):
            return
        if any(problem.field == "name" for problem in line.problems):
            return
        made = self.by_column["name"].read(self._make_name(line))
        if isinstance(made, CellProblem):
            line.problems.append(made)
            return
        values["name"] = row.label = made
        row.is_to_name = True

    def _make_name(self, line: JudgedLine) -> str:
        """The State's name put in order; its codes are said where nothing else tells two sites."""
        values, number = line.values, line.row.number
        state_name = values["state_name"]
        own = list_spellings((), values.get("commune") or "")
        spellings = ChainMap(self.spellings, own)
        name, department = make_printed_name(state_name, spellings), values.get("department_id")
        if has_code(state_name):
            key = department, text.fold(name)
            holder = self.made.get(key, self.former_names.get(key, number))
            if holder != number or key in self.sites.by_name:
                name = make_printed_name(state_name, spellings, in_full=True)
        self.made[department, text.fold(name)] = number
        return name

    @cached_property
    def spellings(self) -> dict[str, str]:
        """How the places that we know are written."""
        places = (*self.lookups.regions, *self.lookups.departments)
        return list_spellings((*self.sites.list_communes(), *(place.name for place in places)))

    @cached_property
    def sites(self) -> SiteMatcher:
        """Our sites: the lines are theirs where a name is made."""
        return self.matcher if isinstance(self.matcher, SiteMatcher) else SiteMatcher()

    @cached_property
    def former_names(self) -> dict[tuple[Any, str], int]:
        """The names of the new sites when the lines were last judged, with their lines."""
        lines = self.run.rows.in_state(RowState.NEW).filter(is_aside=False).order_by("-number")
        rows = lines.values_list("after__department_id", "label", "number")
        return {(department, text.fold(label)): number for department, label, number in rows}

    def _attach(self, line: JudgedLine) -> None:
        """Give a new site whose line names no association that of the file."""
        named = line.values.get("association_id") or any(
            problem.field == "association_id" for problem in line.problems
        )
        if self.run.association_id and not named:
            line.values["association_id"] = self.run.association_id

    def _propose_format(self, line: JudgedLine, merged: Mapping[str, Any]) -> None:
        """Offer a kind of place where the file says that the site moves, and nothing says how."""
        if line.itinerant is None or merged["format"]:
            return
        # What is asked of the format already, and a label that ended.
        answered = {*(line.row.kept or ()), *(problem.field for problem in line.problems)}
        if answered & {"format", "withdrawn_on"}:
            return
        line.problems.append(self.inspector.propose_format(*line.itinerant))
        self.reader.proposed += 1

    # Concluding

    def _conclude(self, line: JudgedLine, *, is_new: bool) -> None:
        row = line.row
        if line.problems:
            row.problems = [self._add_value(problem, row) for problem in line.problems]
        row.candidates = list(line.recognition.candidates) or None
        if any(not problem.is_proposal for problem in line.problems):
            row.state = RowState.WRONG
        elif row.candidates:
            row.state = RowState.WHICH
        elif is_new:
            row.state = RowState.NEW
        else:
            row.state = RowState.CHANGED if row.after else RowState.UNCHANGED

    def _add_value(self, problem: CellProblem, row: ImportRow) -> CellProblem:
        """The problem with the value of its cell, as the spreadsheet shows it."""
        if problem.value or problem.field not in self.by_column:
            return problem
        position = self.by_column[problem.field].position
        if position is None:
            return problem
        cells = read_cells(row)
        cell = cells[position] if position < len(cells) else None
        return replace(problem, value=show_value(cell))

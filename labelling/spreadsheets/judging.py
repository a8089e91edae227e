"""A line of a file against the records: what it would change, and what is wrong with it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models

from labelling import text
from labelling.models import (
    CellFault,
    Decision,
    ImportRow,
    ImportRun,
    KeptValue,
    Match,
    RowState,
    Site,
)
from labelling.spreadsheets import checks
from labelling.spreadsheets.inspecting import Inspector
from labelling.spreadsheets.matching import NEW, Found, SiteMatcher, matcher_of
from labelling.spreadsheets.naming import printed_name
from labelling.spreadsheets.taking import (
    KEY,
    NEW_MARK,
    REGION,
    VERSION,
    Problem,
    TakenColumn,
    edited,
    plain,
    unread,
)
from labelling.spreadsheets.widgets import Lookups, NameWidget, shown


@dataclass
class _Line:
    row: ImportRow
    values: dict[str, Any]
    problems: list[Problem]
    is_marked: bool
    # The record of the line when it was last judged: decisions are about that one.
    former: int | None
    found: Found = NEW
    version: int | None = None
    region: int | None = None


class Judge:
    """Judges lines, a batch at a time: a handful of queries for each batch."""

    def __init__(
        self,
        run: ImportRun,
        model: type[models.Model],
        columns: Sequence[TakenColumn],
        lookups: Lookups,
    ) -> None:
        self.run = run
        self.model = model
        self.columns = columns
        self.inspector = Inspector(model, columns, lookups)
        self.by_column = self.inspector.by_column
        self.fields = self.inspector.fields
        self.matcher = matcher_of(model)
        self.stored_columns = self._stored_columns()
        self.defaults = {
            name: self.fields[name].get_default()
            for name in self.stored_columns
            if name in self.fields
        }

    def _stored_columns(self) -> tuple[str, ...]:
        wanted = {"id": None, "version": None, "name": None}
        for column in self.columns:
            if column.column in self.fields:
                wanted[column.column] = None
        for check in self.inspector.checks:
            wanted |= dict.fromkeys(check.columns)
        for unique in self.matcher.uniques:
            wanted |= dict.fromkeys((*unique.columns, *unique.condition_columns))
        if self.model is Site:
            wanted |= dict.fromkeys(("state_name", "wave_id", "withdrawn_on", "commune"))
        return tuple(wanted)

    def judge(self, rows: Sequence[ImportRow]) -> None:
        """Fill in what `rows`, which hold cells and answers, would do."""
        lines = [self._read(row) for row in rows]
        for line in lines:
            self._match(line)
        stored = self._stored([line.found.record for line in lines if line.found.record])
        refused = KeptValue.objects.refused(self.run.model_key, stored) if stored else {}
        past = self._past(lines, stored)
        for line in lines:
            if line.row.state != RowState.OUTSIDE:
                self._compare(line, stored, refused, past)

    # Reading

    def _read(self, row: ImportRow) -> _Line:
        values: dict[str, Any] = {}
        problems: list[Problem] = []
        cells = row.cells
        edits = (row.answers or {}).get("cells")
        if edits:
            cells = edited(cells, edits)
        width = len(cells)
        is_marked = False
        for column in self.columns:
            cell = cells[column.position] if column.position < width else None
            if cell is None or cell == "" or (isinstance(cell, str) and cell.isspace()):
                if column.empties and column.model_field is not None:
                    values[column.column] = column.widget.blank
                continue
            outcome = column.read(cell)
            if isinstance(outcome, Problem):
                problems.append(outcome)
            elif column.column == "france_services_id" and not outcome:
                continue  # A temporary number says nothing.
            else:
                values[column.column] = outcome
            if column.column == "name" and NameWidget.is_marked_new(cell):
                is_marked = True
        is_marked = bool(values.pop(NEW_MARK, is_marked))
        row.is_marked = is_marked
        former = row.record_id
        row.state, row.problems, row.candidates, row.kept = "", None, None, None
        row.before, row.after, row.is_to_name = {}, {}, False
        row.record_id, row.version, row.matched_by = None, None, Match.NONE
        row.first_key = row.second_key = ""
        name = values.get("name") or values.get("state_name") or _first_words(cells)
        row.label = name[:250]
        about = (name, values.get("state_name"), values.get("commune"))
        number = values.get("france_services_id")
        row.search_key = text.search_key(*(str(t) for t in (*about, number) if t))[:2000]
        return _Line(row, values, problems, is_marked, former)

    # Matching

    def _match(self, line: _Line) -> None:
        values, row = line.values, line.row
        line.version = values.pop(VERSION, None)
        line.region = values.pop(REGION, None)
        key = values.pop(KEY, None)
        if self.run.is_national_list and not self._is_ours(values):
            row.state = RowState.OUTSIDE
            return
        checks.compute(values, self._computed(values))
        chosen = (row.answers or {}).get("record")
        if chosen == "new":
            line.found = NEW
        elif chosen is not None and chosen in self.matcher.keys:
            line.found = Found(chosen, Match.PERSON)
        elif key is not None:
            if key in self.matcher.keys:
                line.found = Found(key, Match.KEY)
            else:
                column = self.by_column[KEY]
                line.problems.append(
                    column.problem(
                        "Cette fiche n’existe plus. Videz cette cellule pour en créer une autre, "
                        "ou mettez la ligne de côté.",
                        key,
                    )
                )
        else:
            line.found = self.matcher.find(values)
        row.record_id, row.matched_by = line.found.record, line.found.by
        if row.answers and row.record_id != line.former:
            row.answers = {kind: said for kind, said in row.answers.items() if kind != "fields"}
        for name in self._computed(values):
            values.pop(name, None)

    def _is_ours(self, values: Mapping[str, Any]) -> bool:
        name = f"{values.get('state_name', '')} {values.get('name', '')}"
        if "pimms" in name.casefold():
            return True
        return isinstance(self.matcher, SiteMatcher) and self.matcher.knows(values)

    def _computed(self, values: Mapping[str, Any]) -> list[str]:
        """The computed columns of the unique constraints."""
        return [
            name
            for unique in self.matcher.uniques
            for name in unique.columns
            if checks.computed_from(name) != name
        ]

    def _stored(self, keys: Iterable[int]) -> dict[int, dict[str, Any]]:
        wanted = set(keys)
        if not wanted:
            return {}
        names = self.stored_columns
        found = self.model._base_manager.filter(pk__in=wanted).order_by().values_list(*names)
        return {row[0]: dict(zip(names, row, strict=True)) for row in found}

    def _past(
        self, lines: Sequence[_Line], stored: Mapping[int, Any]
    ) -> dict[tuple[int, int], dict[str, Any]]:
        """The records as our download gave them, where somebody saved them since."""
        wanted = {
            key: line.version
            for line in lines
            if (key := line.found.record or 0) in stored
            and line.version is not None
            and line.version != stored[key]["version"]
        }
        if not wanted:
            return {}
        names = self.stored_columns
        entries = self.model.history.filter(  # type: ignore[attr-defined]
            id__in=wanted, version__in=set(wanted.values())
        ).values_list(*names)
        rows = [dict(zip(names, row, strict=True)) for row in entries]
        return {(row["id"], row["version"]): row for row in rows}

    # Comparing

    def _compare(
        self,
        line: _Line,
        stored: Mapping[int, dict[str, Any]],
        refused: Mapping[tuple[int, str], Any],
        past: Mapping[tuple[int, int], dict[str, Any]],
    ) -> None:
        row, values = line.row, line.values
        pk = line.found.record
        old = stored.get(pk) if pk else None
        if line.is_marked and self.run.wave_id and "wave_id" not in values:
            values["wave_id"] = self.run.wave_id
        if old is None:
            self._name(row, values)
            taken = {n: v for n, v in values.items() if v is not None and v != ""}
            merged = {**self.defaults, **taken}
        else:
            row.label = str(old["name"])[:250]
            row.version = old["version"]
            base: Mapping[str, Any] | None = old
            if line.version and line.version != old["version"]:
                base = past.get((old["id"], line.version))
            taken = self._taken(line, old, base, refused)
            merged = {**old, **taken}
            row.before = {name: plain(old[name]) for name in taken}
        row.after = {name: plain(value) for name, value in taken.items()}
        if line.found.candidates:
            # Until a person has chosen, what is wrong with the cells is all that can be said.
            self._conclude(line, is_new=False)
            return
        if taken or old is None:
            checks.compute(merged, self._computed(merged))
            known = line.problems
            known += self.inspector.faults(merged, taken, known, is_new=old is None)
            known += self.inspector.fault_of_region(line.region, merged)
        keys = self.matcher.unique_keys(merged)
        row.first_key, row.second_key = (*keys, "", "")[:2]
        if taken or old is None:
            line.problems += self.inspector.clashes(keys, self.matcher.held, row.record_id)
        self._conclude(line, is_new=old is None)

    def _name(self, row: ImportRow, values: dict[str, Any]) -> None:
        """Give a new site of the State's list a name to print, which a person will look at."""
        if self.model is Site and not values.get("name") and values.get("state_name"):
            values["name"] = printed_name(values["state_name"])
            row.label = values["name"][:250]
            row.is_to_name = True

    def _taken(
        self,
        line: _Line,
        old: Mapping[str, Any],
        base: Mapping[str, Any] | None,
        refused: Mapping[tuple[int, str], Any],
    ) -> dict[str, Any]:
        """The values of the file that are written; those refused are noted on the line.

        `base` is the record as our download gave it, None if its history no longer says.
        """
        taken: dict[str, Any] = {}
        kept: dict[str, Any] = {}
        decisions = (line.row.answers or {}).get("fields") or {}

        def keeps(name: str, refusal: Any) -> bool:
            if name in decisions:
                return decisions[name] in (Decision.OURS, Decision.ALWAYS)
            return bool(refused.get((old["id"], name), _NEVER) == refusal)

        problems, line.problems = line.problems, []
        for problem in problems:
            name, refusal = problem.column, unread(problem)
            if self.by_column[name].model_field is not None and keeps(name, refusal):
                kept[name] = refusal
            else:
                line.problems.append(problem)
        for name, value in line.values.items():
            mine, column = old[name], self.by_column.get(name)
            if self._says_the_same(column, value, mine):
                continue
            decision, refusal = decisions.get(name), self._refusal(name, value)
            if keeps(name, refusal):
                kept[name] = refusal
            elif decision == Decision.FILE:
                taken[name] = value
            elif base is None:
                line.problems.append(self.inspector.two_values(name, value, mine))
            elif self._says_the_same(column, value, base[name]):
                continue  # Not touched since our download: somebody else's value stands.
            elif base[name] != mine:
                line.problems.append(self.inspector.three_values(name, value, mine, base[name]))
            elif self._moves_wave(name, mine):
                line.problems.append(self.inspector.moved_wave(value, mine))
            else:
                taken[name] = value
        line.row.kept = kept or None
        return taken

    def _refusal(self, name: str, value: Any) -> Any:
        """What is remembered of a value that is refused: a wave by its day, created or not."""
        if name == "wave_id" and value in self.inspector.waves:
            return plain(self.inspector.waves[value][1])
        return plain(value)

    def _says_the_same(self, column: TakenColumn | None, value: Any, stored: Any) -> bool:
        if value == stored:
            return True
        if column is None or column.model_field is None or column.model_field.is_relation:
            return False
        return isinstance(value, str) and bool(column.widget.same(value, stored))

    def _moves_wave(self, name: str, mine: Any) -> bool:
        return name == "wave_id" and mine is not None and self.run.is_national_list

    # Concluding

    def _conclude(self, line: _Line, *, is_new: bool) -> None:
        row = line.row
        if line.problems:
            row.problems = [self._told(problem, row) for problem in line.problems]
        row.candidates = list(line.found.candidates) or None
        if line.problems:
            row.state = RowState.WRONG
        elif row.candidates:
            row.state = RowState.WHICH
        elif is_new:
            row.state = RowState.NEW
        else:
            row.state = RowState.CHANGED if row.after else RowState.UNCHANGED

    def _told(self, problem: Problem, row: ImportRow) -> dict[str, Any]:
        """The problem with the value of its cell, as the spreadsheet shows it."""
        column = self.by_column.get(problem.column)
        told = problem.to_json()
        if column is not None and not told["value"]:
            cells = edited(row.cells, (row.answers or {}).get("cells") or {})
            cell = cells[column.position] if column.position < len(cells) else None
            told["value"] = shown(cell) if not isinstance(cell, CellFault) else ""
        return told


_NEVER = object()


def _first_words(cells: Iterable[Any]) -> str:
    return next((cell for cell in cells if isinstance(cell, str) and cell), "")

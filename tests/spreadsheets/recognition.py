"""Measures how tables are understood: what was taken unasked, what was proposed, whose lines.

`measure(tables)` prepares each table as the page and the command do, and counts.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import transaction

from labelling.choices import RowState
from labelling.models import ImportRun
from labelling.spreadsheets.files.reading import ReadingError
from labelling.spreadsheets.runs import preparation
from labelling.spreadsheets.runs.rights import ImportRefused
from labelling.spreadsheets.tables.headings import HeadingsError
from tests.spreadsheets.made_tables import Family, Table, Verdict

# Of the columns taken unasked, at most so many may be wrong; of the fields that can be known, so
# many must be.
WRONG, KNOWN = 0.01, 0.9
REFUSALS = (ReadingError, HeadingsError, ImportRefused)


@dataclass(frozen=True)
class SeenColumn:
    """What became of a column: the field that it gives unasked, and the one that is asked about."""

    field: str | None = None
    level: str = "unknown"
    proposed: str | None = None

    @property
    def taken(self) -> str | None:
        return self.field if self.level in ("certain", "proven") else None

    @property
    def offered(self) -> str | None:
        return self.proposed if self.level in ("proposed", "ask") else None


UNSEEN = SeenColumn()


@dataclass(frozen=True)
class Outcome:
    """What was understood of a table: its columns by position, its lines by number."""

    columns: dict[int, SeenColumn] = field(default_factory=dict)
    lines: dict[int, Verdict] = field(default_factory=dict)
    refusal: str = ""


def read_outcome(run: ImportRun) -> Outcome:
    """What a run says that it understood: the one place that knows how it says so."""
    columns = {
        column.position: SeenColumn(column.field, column.level, column.proposed)
        for column in run.columns
    }
    lines: dict[int, Verdict] = {}
    for row in run.rows.order_by("number"):
        lines[row.number] = "ours"
        if row.state == RowState.OUTSIDE:
            lines[row.number] = "outside"
        elif row.state == RowState.MAYBE:
            lines[row.number] = "maybe"
    return Outcome(columns, lines)


def understand(data: bytes, name: str) -> Outcome:
    """Prepare a file, and leave nothing of it in the base."""
    with transaction.atomic():
        try:
            outcome = read_outcome(preparation.prepare(data, name=name))
        except REFUSALS as refusal:
            return Outcome(refusal=str(refusal))
        transaction.set_rollback(True)
    return outcome


@dataclass
class Measure:
    """Columns by field, lines by family of tables, and sentences about what went wrong.

    « Right » and « wrong » are columns taken unasked; « missed » are fields that could be known
    and that no column gives, « proposed » those of which the right one is asked about; « asked »
    are questions about columns that could not be known.
    """

    right: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    proposed: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    lines: Counter[Family] = field(default_factory=Counter)
    # Lines that were judged to be whose they are not.
    misjudged: Counter[tuple[Family, Verdict]] = field(default_factory=Counter)
    # Of fields that could be known: in how many tables, and in how many they were.
    knowable: int = 0
    known: int = 0
    tables: int = 0
    refused: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def share_wrong(self) -> float:
        """Of the columns taken unasked, how many are wrong, from 0 to 1."""
        taken = self.right.total() + self.wrong.total()
        return self.wrong.total() / taken if taken else 1.0

    @property
    def share_known(self) -> float:
        """Of the fields that could be known, how many are known without a question."""
        return self.known / self.knowable if self.knowable else 0.0

    @property
    def is_good(self) -> bool:
        """Whether every target is reached."""
        return self.share_wrong <= WRONG and self.share_known >= KNOWN and not self.misjudged

    def count_misjudged(self, family: Family) -> int:
        return sum(count for (name, _), count in self.misjudged.items() if name == family)

    def add(self, table: Table, outcome: Outcome) -> None:
        self.tables += 1
        self.refused += bool(outcome.refusal)
        self._add_columns(table, outcome)
        self._add_lines(table, outcome)

    def _add_columns(self, table: Table, outcome: Outcome) -> None:
        known: set[str] = set()
        offered: set[str] = set()
        clear: set[str] = set()
        for position, column in enumerate(table.columns):
            seen = outcome.columns.get(position, UNSEEN)
            if column.field and column.is_clear:
                clear.add(column.field)
            if seen.taken and seen.taken == column.field:
                self.right[seen.taken] += 1
                known.add(seen.taken)
            elif seen.taken:
                self.wrong[seen.taken] += 1
                self._note(table, f"« {column.heading} » ({column.field}) is taken as {seen.taken}")
            elif seen.offered and seen.offered == column.field:
                offered.add(column.field)
        self.knowable += len(clear)
        self.known += len(clear & known)
        self.asked.update(offered - clear - known)
        self.proposed.update((clear & offered) - known)
        for name in sorted(clear - known - offered):
            self.missed[name] += 1
            heading = next(column.heading for column in table.columns if column.field == name)
            self._note(table, f"« {heading} » ({name}) is missed")

    def _add_lines(self, table: Table, outcome: Outcome) -> None:
        faults: defaultdict[str, list[int]] = defaultdict(list)
        for number, verdicts in table.verdict_of_line.items():
            verdict = outcome.lines.get(number)
            self.lines[table.family] += 1
            # Of a file that is refused, no line is anybody's.
            if verdict in verdicts or outcome.refusal:
                continue
            self.misjudged[table.family, verdict or "outside"] += 1
            faults[f"{verdict or 'not read'}, not {' or '.join(sorted(verdicts))}"].append(number)
        for sentence, numbers in faults.items():
            shown = ", ".join(map(str, numbers[:8])) + (", …" if len(numbers) > 8 else "")
            self._note(table, f"lines {shown} ({len(numbers)}) are {sentence}")

    def _note(self, table: Table, sentence: str) -> None:
        self.faults.append(f"table {table.number}, {table.kind}: {sentence}")

    def report(self) -> str:
        """A table of the counts by field, then the lines."""
        rows = [f"{'field':22}{'right':>7}{'wrong':>7}{'missed':>8}{'proposed':>10}{'asked':>7}"]
        counts = (self.right, self.wrong, self.missed, self.proposed, self.asked)
        widths = (7, 7, 8, 10, 7)
        names = sorted({name for count in counts for name in count})
        for name in names:
            cells = (
                f"{count[name] or '–':>{width}}"
                for count, width in zip(counts, widths, strict=True)
            )
            rows.append(f"{name:22}{''.join(cells)}")
        totals = (f"{count.total():>{width}}" for count, width in zip(counts, widths, strict=True))
        rows.append(f"{'all':22}{''.join(totals)}")
        rows.append(
            f"{self.tables} tables, {self.refused} refused; wrong {self.share_wrong:.1%} of those "
            f"taken, known {self.share_known:.1%} of {self.knowable} that could be"
        )
        for family, count in sorted(self.lines.items()):
            rows.append(
                f"lines of {family} tables: {count}; wrongly ours "
                f"{self.misjudged[family, 'ours']}, in doubt {self.misjudged[family, 'maybe']}, "
                f"outside {self.misjudged[family, 'outside']}"
            )
        return "\n".join(rows)


def measure(tables: Iterable[Table]) -> Measure:
    found = Measure()
    for table in tables:
        found.add(table, understand(table.write(), table.file_name))
    return found

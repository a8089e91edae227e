"""Which tests reach a mutant, by what one run of the suite covered."""

import ast
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from cosmic_ray.work_item import MutationSpec
from coverage import CoverageData

from tests.mutation.mutants import ROOT

# In the order in which they stand, and each time with the same random values.
PYTEST = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider")
SAME = ("--randomly-dont-reorganize", "--randomly-seed=1")
# Of the tests that reach a mutant, those that cover most of its module in so many seconds.
SECONDS = 60
# What the run does not see: processes of their own, and what is made with the base, once for all.
APART = {
    "labelling/roles.py": ["tests/test_roles.py", "tests/test_start.py", "tests/test_rights.py"],
    "labelling/spreadsheets/runs/apply.py": ["tests/spreadsheets/runs/test_concurrency.py"],
    "labelling/spreadsheets/runs/undo.py": ["tests/spreadsheets/runs/test_concurrency.py"],
}


def run_suite(tree: Path, files: Iterable[str], kept: Path) -> None:
    """Run it once in `tree`; keep which tests cover which lines of `files`, and how long each took.

    Exit with what it said at the first test that fails.
    """
    settings = tree / "mutation.coveragerc"
    included = "".join(f"\n    {file}" for file in files)
    settings.write_text(
        f"[run]\nrelative_files = true\ndata_file = {kept}.unfinished\ninclude ={included}\n",
        encoding="utf-8",
    )
    watched = ("--cov", "--cov-context=test", "--cov-report=", f"--cov-config={settings}")
    durations = kept.with_suffix(".durations")
    with durations.open("w", encoding="utf-8") as output:
        done = subprocess.run(
            [*PYTEST, *SAME, "--exitfirst", "--numprocesses=2", "--durations=0", *watched],
            cwd=tree,
            stdout=output,
            check=False,
        )
    if done.returncode:
        said = durations.read_text(encoding="utf-8")
        sys.exit(f"{said}\nThe suite must pass before faults are put into the code.")
    Path(f"{kept}.unfinished").rename(kept)


class Reach:
    """What `run_suite` kept."""

    def __init__(self, kept: Path) -> None:
        self.coverage = CoverageData(str(kept))
        self.coverage.read()
        self.seconds: Counter[str] = Counter()
        durations = kept.with_suffix(".durations").read_text(encoding="utf-8")
        for taken, test in re.findall(
            r"^([\d.]+)s (?:setup|call|teardown) +(.+)$", durations, re.M
        ):
            self.seconds[test] += float(taken)

    def tests(self, spec: MutationSpec) -> tuple[list[str], float]:
        """The tests to run, the most telling first, and how long they took without a fault.

        What runs as the module is imported belongs to no test: then those that reach the module.
        """
        file = str(spec.module_path)
        lines = self.lines(file)
        reached = set().union(*(lines[line] for line in statement(file, spec)))
        covered = Counter(test for tests in lines.values() for test in tests)
        chosen: list[str] = []
        left = float(SECONDS)
        for test in sorted(
            reached or covered, key=lambda one: (self.seconds[one] + 0.02) / covered[one]
        ):
            if self.seconds[test] <= left:
                chosen.append(test)
                left -= self.seconds[test]
        apart = APART.get(file, [])
        taken = sum(took for test, took in self.seconds.items() if test.startswith(tuple(apart)))
        return chosen + apart, SECONDS - left + taken

    def every_test(self) -> set[str]:
        return {context.rpartition("|")[0] for context in self.coverage.measured_contexts()} - {""}

    def lines(self, file: str) -> defaultdict[int, set[str]]:
        lines: defaultdict[int, set[str]] = defaultdict(set)
        for line, contexts in self.coverage.contexts_by_lineno(file).items():
            lines[line] = {context.rpartition("|")[0] for context in contexts if context}
        return lines


def statement(file: str, spec: MutationSpec) -> Iterator[int]:
    """The lines of the smallest statements that hold what is changed: only some count as run."""
    module = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    spans = [
        range(node.lineno, node.end_lineno + 1)
        for node in ast.walk(module)
        if isinstance(node, ast.stmt)
    ]
    last = spec.end_pos[0] if spec.end_pos[1] else spec.end_pos[0] - 1
    for line in range(spec.start_pos[0], last + 1):
        yield from min((span for span in spans if line in span), key=len, default=())

"""Put small faults into copies of the code, one at a time, and count those that no test notices.

Run as python -m tests.mutation [SEED [SIZE]]: “make mutation”. What was found is kept in
.local/mutation for as long as nothing in the tree changes: another call goes on from there.
"""

import hashlib
import os
import queue
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from attrs import evolve
from cosmic_ray.mutating import mutate_and_test
from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import TestOutcome, WorkerOutcome, WorkItem, WorkResult

from tests.mutation.mutants import MODULES, NOTHING, ROOT, faults, is_written, prepare, sample
from tests.mutation.reach import PYTEST, SAME, Reach, run_suite

SIZE, LEAST, MINUTES, WORKERS = 200, 85, 45, 2
TESTS = "mutation.tests"
DECIDED = [(WorkerOutcome.NORMAL, out) for out in (TestOutcome.KILLED, TestOutcome.SURVIVED)]
LEFT_OUT = (".git", ".venv", ".local", "__pycache__", ".*_cache", ".hypothesis", ".coverage")


def main(seed: int = 1, size: int = SIZE) -> int:
    until = time.monotonic() + 60 * MINUTES
    written = faults()
    mutants = [*(fault.mutant() for fault in written), *sample(seed, size)]
    with tempfile.TemporaryDirectory() as scratch:
        # What the tests leave goes too. What they compile is kept, whatever the shell says.
        os.environ["TMPDIR"] = scratch
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        tree = Path(scratch) / "tree-0"
        shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(*LEFT_OUT))
        kept = folder_of(tree)
        if not (kept / "coverage").exists():
            say("The suite runs once, to see which tests reach what…")
            run_suite(tree, {*MODULES, *(fault.file for fault in written)}, kept / "coverage")
        reach = Reach(kept / "coverage")
        session = kept / f"{seed}-{size}.sqlite"
        if not session.exists():
            if (result := tried(NOTHING, tree, reach)).is_killed:
                sys.exit(f"{result.output}\nTests fail without any fault.")
            prepare(session, mutants)
        with use_db(session, WorkDB.Mode.open) as works:
            try_all(works, tree, reach, until)
            return report(works, seed)


def folder_of(tree: Path) -> Path:
    """Where what was found about this very code is kept. What was found about another goes."""
    digest = hashlib.sha256()
    for path in sorted(path for path in tree.rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(tree)}\0".encode() + path.read_bytes())
    kept = ROOT / ".local" / "mutation" / digest.hexdigest()[:16]
    for other in kept.parent.glob("*"):
        if other != kept:
            shutil.rmtree(other)
    kept.mkdir(parents=True, exist_ok=True)
    return kept


def try_all(works: WorkDB, tree: Path, reach: Reach, until: float) -> None:
    """Try what was not tried yet, the written faults first, in as many copies as workers."""
    pending: queue.SimpleQueue[WorkItem] = queue.SimpleQueue()
    for item in sorted(works.pending_work_items, key=is_written, reverse=True):
        pending.put(item)
    if pending.empty():
        return
    # Compiles everything once: Cosmic Ray lets no test process do it.
    subprocess.run(
        [*PYTEST, "--collect-only", "-qq"], cwd=tree, stdout=subprocess.DEVNULL, check=True
    )
    trees = [tree, *(tree.with_name(f"tree-{number}") for number in range(1, WORKERS))]
    for other in trees[1:]:
        shutil.copytree(tree, other)
    stopped = threading.Event()

    def work(tree: Path) -> None:
        while time.monotonic() < until and not stopped.is_set():
            try:
                item, began = pending.get_nowait(), time.monotonic()
            except queue.Empty:
                return
            result = tried(item, tree, reach)
            works.set_result(item.job_id, result)
            outcome = "noticed" if result.is_killed else "NOT NOTICED"
            count = f"{works.num_results}/{works.num_work_items}"
            took = time.monotonic() - began
            say(f"{count} {described(item)}: {outcome}, {took:.0f} s")

    with ThreadPoolExecutor(WORKERS) as pool:
        try:
            for done in [pool.submit(work, tree) for tree in trees]:
                done.result()
        finally:
            stopped.set()


def tried(item: WorkItem, tree: Path, reach: Reach) -> WorkResult:
    """What the tests say of the mutant, made in `tree` and unmade."""
    [spec] = item.mutations
    tests, seconds = reach.tests(spec)
    (tree / TESTS).write_text("\n".join(tests), encoding="utf-8")
    pytest = [*PYTEST, *SAME, "--exitfirst", "--quiet", f"@{TESTS}"]
    result = mutate_and_test(
        [evolve(spec, module_path=tree / spec.module_path)],
        shlex.join(["sh", "-c", f'cd {shlex.quote(str(tree))} && exec "$@"', "sh", *pytest]),
        timeout=120 + 3 * seconds,
    )
    if (result.worker_outcome, result.test_outcome) not in DECIDED:
        raise RuntimeError(f"{described(item)}: {result.worker_outcome}\n{result.output}")
    return result


def report(works: WorkDB, seed: int) -> int:
    """Say what no test noticed and the figures; 0 if they are good enough."""
    tried = works.completed_work_items
    survivors = [(item, result.diff) for item, result in tried if not result.is_killed]
    for item, diff in sorted(survivors, key=lambda survivor: described(survivor[0])):
        # Without the folder of the copy.
        shown = re.sub(r"^(---|\+\+\+) ([ab])/.*/tree-\d+/", r"\1 \2/", diff, flags=re.MULTILINE)
        say(f"\nNOT NOTICED: {described(item)}\n{shown.partition(chr(10))[2]}")
    killed = len(tried) - len(survivors)
    score = 100 * killed / max(len(tried), 1)
    slow = sum(result.output == "timeout" for _, result in tried)
    say(
        f"\n{killed} killed ({slow} by their slowness), {len(survivors)} survived: "
        f"{score:.1f} % ({LEAST} are wanted, and every written fault). Seed {seed}."
    )
    if left := works.num_work_items - len(tried):
        say(f"{left} are still to be tried: call again.")
    return int(score < LEAST or left > 0 or any(is_written(item) for item, _ in survivors))


def described(item: WorkItem) -> str:
    [spec] = item.mutations
    return f"{spec.module_path}:{spec.start_pos[0]} {spec.operator_name.partition('/')[2]}"


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))

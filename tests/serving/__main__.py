"""Prove the service: python -m tests.serving STAGE TREE, and what “.ci/serve” may be asked.

STAGE is an empty folder, TREE the code with an environment in .venv; “.ci/serve” makes both. A line
for each check; it ends at the first that fails, but goes on where one is expected to.
"""

import argparse
import shutil
import signal
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.serving import crowds, doors, keeping, losses
from tests.serving.stage import Fault, Stage

Check = Callable[[Stage], None]
CHECKS: dict[str, Check] = {
    check.__name__: check
    for check in (*doors.CHECKS, *losses.CHECKS, *crowds.CHECKS, *keeping.CHECKS)
}
SABOTAGES = tomllib.loads(Path(__file__).with_name("sabotages.toml").read_text(encoding="utf-8"))


def main() -> int:
    parser = argparse.ArgumentParser(prog=".ci/serve")
    parser.add_argument("stage", type=Path)
    parser.add_argument("tree", type=Path)
    parser.add_argument("--only", choices=CHECKS, metavar="CHECK", action="append")
    parser.add_argument("--broken", choices=SABOTAGES, metavar="NAME")
    parser.add_argument("--sabotage", choices=SABOTAGES, metavar="NAME", nargs="*")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    began = time.monotonic()
    with staged(asked.stage, asked.tree) as stage:
        say(f"  ready ({time.monotonic() - began:.1f} s)")
        if asked.sabotage is not None:
            names = asked.sabotage or list(SABOTAGES)
            missed = [name for name in names if not is_noticed(stage, name)]
            say(f"\n{len(names)} things were broken; not noticed: {missed or 'none'}")
            good = not missed
        elif asked.broken:
            good = is_noticed(stage, asked.broken, *CHECKS)
        else:
            good = all(passes(stage, name) for name in asked.only or CHECKS)
    say(f"{'All passed' if good else 'FAILED'} ({time.monotonic() - began:.0f} s)")
    return int(not good)


def is_noticed(stage: Stage, name: str, *others: str) -> bool:
    """Tell whether the check that is named, and no other of these, fails on what is broken."""
    broken = SABOTAGES[name]
    say(f"\n{name}: “{broken['check']}” is to fail")
    with stage.breaking(**broken):
        failed = [one for one in others or [broken["check"]] if not passes(stage, one)]
    if failed != [broken["check"]]:
        say(f"NOT NOTICED: {name}; what failed: {failed}")
    return failed == [broken["check"]]


def passes(stage: Stage, name: str) -> bool:
    began = time.monotonic()
    try:
        CHECKS[name](stage)
    except Exception as fault:  # A sabotage may break what a check leans on, too.
        said = fault if isinstance(fault, Fault) else repr(fault)
        say(f"  FAILS  {name}: {said}")
        return False
    say(f"  holds  {name} ({time.monotonic() - began:.1f} s)")
    return True


@contextmanager
def staged(folder: Path, tree: Path) -> Iterator[Stage]:
    """The service, ready for people."""
    copy = folder / "tree"
    shutil.copytree(tree, copy, ignore=shutil.ignore_patterns(".venv"))
    (copy / ".venv").symlink_to(tree / ".venv")
    stage = Stage(folder, copy)
    try:
        stage.build()
        yield stage
    finally:
        stage.stop()


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

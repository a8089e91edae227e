"""Which small faults are tried: those that once passed the whole suite, and a seeded sample."""

import hashlib
import tomllib
from collections import defaultdict
from collections.abc import Iterable
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

import cosmic_ray.plugins
import parso
from cosmic_ray.commands import init
from cosmic_ray.operators.operator import Operator
from cosmic_ray.work_db import use_db
from cosmic_ray.work_item import MutationSpec, WorkItem

ROOT = Path(__file__).parents[2]
MODULES = (
    "labelling/models/base.py",
    "labelling/models/record_sets.py",
    "labelling/press_release/publishing.py",
    "labelling/press_release/sentences.py",
    "labelling/roles.py",
    "labelling/spreadsheets/runs/apply.py",
    "labelling/spreadsheets/resources/matching.py",
    "labelling/spreadsheets/runs/undo.py",
)
# The tests must pass when this is put in.
NOTHING = WorkItem.single("nothing", MutationSpec(MODULES[0], "core/NoOp", 0, (1, 0), (1, 1)))


class StaleFault(Exception):
    """A fault of faults.toml no longer fits the code: its text is not there, or more than once."""


class Fault(NamedTuple):
    """A fault written down in faults.toml: where `original` stands, once, put `faulty`."""

    name: str
    file: str
    original: str
    faulty: str

    def mutant(self) -> WorkItem:
        """The fault as Cosmic Ray wants it. Raise StaleFault if it does not fit the code."""
        source = (ROOT / self.file).read_text(encoding="utf-8")
        if source.count(self.original) != 1 or self.original == self.faulty:
            raise StaleFault(f"{self.name}: {self.file} has not its text exactly once")
        before = source[: source.index(self.original)]
        first = before.count("\n") + 1
        last = first + self.original.rstrip("\n").count("\n")
        spec = MutationSpec(self.file, f"fault/{self.name}", 0, (first, 0), (last + 1, 0))
        return WorkItem.single(self.name, spec)


class Replacement(Operator):
    """The operator that puts a written fault into its module."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault

    def mutation_positions(self, node):
        if node.type == "file_input":
            yield node.start_pos, node.end_pos

    def mutate(self, node, index):
        return parso.parse(node.get_code().replace(self.fault.original, self.fault.faulty))

    @classmethod
    def examples(cls):
        return ()


class Faults(dict[str, Fault]):
    """The faults written down, by name, for Cosmic Ray to make when it is asked for one."""

    def __iter__(self):
        """None that it would put wherever it can."""
        return iter(())

    def __getitem__(self, name):
        return partial(Replacement, super().__getitem__(name))


def faults() -> list[Fault]:
    """The faults written down in faults.toml."""
    content = (Path(__file__).parent / "faults.toml").read_text(encoding="utf-8")
    written = [Fault(**entry) for entry in tomllib.loads(content)["fault"]]
    cosmic_ray.plugins.OPERATOR_PROVIDERS["fault"] = Faults((one.name, one) for one in written)
    return written


class Collected(list[WorkItem]):
    """As much of a session as Cosmic Ray needs to say what it could change."""

    add_work_items = list.extend


@cache
def places(modules: tuple[str, ...]) -> dict[tuple[object, ...], list[WorkItem]]:
    """All that Cosmic Ray could change in these modules, and into what."""
    found: dict[tuple[object, ...], list[WorkItem]] = defaultdict(list)
    every = Collected()
    init([Path(module) for module in modules], every, {})
    for item in every:
        [spec] = item.mutations
        kind = spec.operator_name.partition("_")[0]
        found[str(spec.module_path), spec.start_pos, spec.end_pos, kind].append(item)
    return found


def sample(seed: int, size: int, modules: tuple[str, ...] = MODULES) -> list[WorkItem]:
    """So many mutants of these modules, at as many places.

    One for each place: Cosmic Ray has eleven replacements for one « + », most of them noticed at
    once, and only one for a condition.
    """
    found = places(modules)
    chosen = sorted(found, key=partial(lot, seed))[:size]
    return [min(found[place], key=lambda item: lot(seed, rank(item))) for place in chosen]


def rank(item: WorkItem) -> tuple[str, str, int]:
    [spec] = item.mutations
    return str(spec.module_path), spec.operator_name, spec.occurrence


def lot(seed: int, what: object) -> bytes:
    """Drawing lots: the same on every machine, and for what other changes leave alone."""
    return hashlib.sha256(repr((seed, what)).encode()).digest()


def prepare(session: Path, items: Iterable[WorkItem]) -> None:
    """Write down what is to be tried, all of it or nothing."""
    unfinished = session.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    with use_db(unfinished) as works:
        works.add_work_items(items)
    unfinished.rename(session)


def is_written(item: WorkItem) -> bool:
    """Whether it is one of faults.toml."""
    return item.mutations[0].operator_name.startswith("fault/")

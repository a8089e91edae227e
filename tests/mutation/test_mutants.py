"""“make mutation” tries what it says: each written fault, and the same sample for a seed."""

import pytest
from cosmic_ray.mutating import mutate_code
from coverage import CoverageData

from tests.mutation.mutants import (
    MODULES,
    ROOT,
    Fault,
    Replacement,
    StaleFault,
    faults,
    rank,
    sample,
)
from tests.mutation.reach import APART, Reach, statement

ROLES = "labelling/roles.py"


class TestWrittenFaults:
    @pytest.mark.parametrize("fault", faults(), ids=lambda fault: fault.name)
    def test_fit_the_code(self, fault):
        source = (ROOT / fault.file).read_text(encoding="utf-8")

        fault.mutant()
        faulty = mutate_code(source, Replacement(fault), 0)

        assert faulty == source.replace(fault.original, fault.faulty)
        compile(faulty, fault.file, "exec")

    def test_have_each_its_name(self):
        names = [fault.name for fault in faults()]

        assert len(set(names)) == len(names) >= 10

    @pytest.mark.parametrize("original", ["no such text", "permission"])
    def test_are_stale_unless_their_text_stands_once(self, original):
        with pytest.raises(StaleFault, match="no lock: labelling/roles"):
            Fault("no lock", ROLES, original, "").mutant()


class TestSample:
    # All the modules take some seconds.
    modules = (ROLES, "labelling/press_release/sentences.py")

    def test_is_the_same_for_a_seed(self):
        first, again, other = (sample(seed, 20, self.modules) for seed in (1, 1, 2))

        assert [*map(rank, first)] == [*map(rank, again)]
        assert [*map(rank, first)] != [*map(rank, other)]

    def test_has_one_mutant_of_a_place(self):
        specs = [item.mutations[0] for item in sample(1, 1000, self.modules)]

        assert {str(spec.module_path) for spec in specs} == set(self.modules)
        places = [
            (spec.module_path, spec.start_pos, spec.operator_name.partition("_")[0])
            for spec in specs
        ]
        assert len(set(places)) == len(places) > 30

    def test_is_of_modules_that_are_there(self):
        assert [module for module in MODULES if not (ROOT / module).is_file()] == []


SOURCE = """
LIMITS = {
    "rows": 1,
}

def larger(a, b):
    if a > b:
        return a
    return b
"""


class TestReach:
    @pytest.fixture
    def file(self, tmp_path):
        path = tmp_path / "module.py"
        path.write_text(SOURCE, encoding="utf-8")
        return str(path)

    @pytest.fixture
    def reach(self, file, tmp_path):
        """“all” runs every line of the function, which takes long; “some” and “few” are quick."""
        data = CoverageData(str(tmp_path / "coverage"))
        for test, lines in {"all": [7, 8, 9], "some": [7, 8], "few": [7]}.items():
            data.set_context(f"tests/t.py::{test}|run")
            data.add_lines({file: lines})
        data.set_context("")
        data.add_lines({file: [2, 3, 6]})
        data.write()
        (tmp_path / "coverage.durations").write_text(
            "59.00s call     tests/t.py::all\n"
            "0.50s setup    tests/t.py::some\n"
            "0.50s call     tests/t.py::some\n"
            "0.60s call     tests/t.py::few\n",
            encoding="utf-8",
        )
        return Reach(tmp_path / "coverage")

    @pytest.mark.parametrize(
        ("text", "tests", "seconds"),
        [
            ("a > b", ["some", "few"], 1.6),
            ("return a", ["some", "all"], 60),
            ("return b", ["all"], 59),
            ('"rows"', ["some", "few"], 1.6),  # Runs on import, for whoever uses the module.
        ],
    )
    def test_takes_the_most_telling_tests_within_a_minute(self, text, tests, seconds, reach, file):
        [spec] = Fault("", file, text, "").mutant().mutations

        chosen, taken = reach.tests(spec)

        assert chosen == [f"tests/t.py::{name}" for name in tests]
        assert taken == pytest.approx(seconds)

    def test_knows_every_test_by_its_name(self, reach):
        assert reach.every_test() == {f"tests/t.py::{name}" for name in ("all", "some", "few")}

    def test_sees_all_the_lines_of_a_statement(self, file):
        """Of a statement of several lines Python runs only some."""
        [spec] = Fault("", file, '"rows"', "").mutant().mutations

        assert set(statement(file, spec)) == {2, 3, 4}

    def test_adds_tests_that_are_there(self):
        files = {file for added in APART.values() for file in added}

        assert [file for file in files if not (ROOT / file).is_file()] == []

"""What the continuous integration leaves to its next run, it says."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def run(within: int) -> str:
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "--within", str(within), "tests/test_caches.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return ran.stdout


class TestARunOfTests:
    def test_leaves_what_it_has_no_time_for_and_counts_it(self) -> None:
        said = run(within=0)

        assert "1 TESTS WERE LEFT TO THE NEXT RUN." in said
        assert "1 skipped" in said

    def test_leaves_nothing_that_it_has_time_for(self) -> None:
        said = run(within=600)

        assert "LEFT" not in said
        assert "1 passed" in said

"""Each check of “.ci/serve” has something that breaks it, and that is where it is said to be."""

import pytest

from tests.serving.__main__ import CHECKS, SABOTAGES
from tests.test_posts import TREE


def test_every_check_is_broken_by_something():
    assert {sabotage["check"] for sabotage in SABOTAGES.values()} == set(CHECKS)


@pytest.mark.parametrize("name", SABOTAGES)
def test_what_is_broken_is_there_once(name):
    path = TREE / SABOTAGES[name]["file"]
    if SABOTAGES[name]["file"].startswith("etc/"):
        pytest.skip("the server’s own file")
    assert path.read_text(encoding="utf-8").count(SABOTAGES[name]["find"]) == 1

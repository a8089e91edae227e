"""Tables of many kinds, made by a seed: what is taken unasked, and whose the lines are."""

from random import Random

import pytest

from tests.conftest import load_network
from tests.spreadsheets.made_tables import make_table, make_tables
from tests.spreadsheets.made_world import make_world, write_world
from tests.spreadsheets.recognition import KNOWN, WRONG, Measure, measure

SEED, COUNT = 13, 120
# How many faults a failing test shows.
SHOWN = 40


@pytest.fixture(scope="class")
def found(base_of_the_class: None) -> Measure:
    load_network()
    world = make_world(Random(SEED))  # noqa: S311
    write_world(world)
    return measure(make_tables(world, SEED, COUNT))


class TestTablesOfManyKinds:
    def test_give_at_most_one_wrong_column_of_a_hundred_taken_unasked(self, found, db):
        assert found.share_wrong <= WRONG, explain(found, "is taken as")

    def test_give_nine_of_ten_columns_that_could_be_known(self, found, db):
        assert found.share_known >= KNOWN, explain(found, "is missed")

    def test_of_the_state_are_ours_in_exactly_our_lines(self, found, db):
        assert found.lines["state"] > 1000
        assert not found.count_misjudged("state"), explain(found, "State’s list")

    def test_of_others_give_no_line_of_theirs(self, found, db):
        assert found.lines["foreign"] + found.lines["mixed"] > 500
        assert not found.count_misjudged("foreign"), explain(found, "foreign list")
        assert not found.count_misjudged("mixed"), explain(found, "ours among others")

    def test_of_ours_lose_no_line(self, found, db):
        assert not found.count_misjudged("ours"), explain(found, ") are ")


def explain(found: Measure, words: str) -> str:
    """The report, and the first faults that say `words`: each names its table."""
    faults = [fault for fault in found.faults if words in fault]
    return "\n".join([found.report(), f"seed {SEED}", *faults[:SHOWN]])


class TestTheGenerator:
    def test_makes_a_table_again_by_its_number(self):
        world = make_world(Random(7))  # noqa: S311

        first, again = make_table(world, 7, 3), make_table(make_world(Random(7)), 7, 3)  # noqa: S311

        assert first == again
        assert first.rows == again.rows
        assert first != make_table(world, 8, 3)

    def test_makes_every_kind_and_every_size(self):
        tables = list(make_tables(make_world(Random(1)), 1, 300))  # noqa: S311

        assert {table.family for table in tables} == {"ours", "state", "mixed", "foreign"}
        assert len({table.kind for table in tables}) >= 13
        assert min(len(table.verdicts) for table in tables) == 1
        assert max(len(table.verdicts) for table in tables) > 1000

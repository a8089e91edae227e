"""The State's lists of four years arrive in any order: the totals are right, nothing goes back."""

from dataclasses import dataclass, replace
from datetime import date
from io import StringIO
from pathlib import Path
from random import Random

import pytest
from django.core.management import call_command
from django.db.models import Count

from labelling.models import ImportRun, Site
from labelling.spreadsheets.runs import preparation, repairs
from labelling.spreadsheets.runs.apply import apply
from tests.spreadsheets.made_cells import STATE_STYLES
from tests.spreadsheets.made_headings import STATE_LISTS
from tests.spreadsheets.made_tables import OURS, OUTSIDE, Maker, Table
from tests.spreadsheets.made_world import Place, make_world

pytestmark = pytest.mark.django_db

JANUARY, OCTOBER, DECEMBER, AUGUST = YEARS = ("2020-01", "2020-10", "2022-12", "2024-08")
# The last day whose labels each list holds.
UNTIL = {
    JANUARY: date(2020, 2, 1),
    OCTOBER: date(2020, 9, 1),
    DECEMBER: date(2022, 11, 15),
    AUGUST: date(2024, 5, 23),
}
# Columns from which a kind of place may be guessed: left out.
LEFT = {OCTOBER: ("ITINERANCE", "categorie"), DECEMBER: ("itinerance",)}
OTHERS = 120
# The seeded sites, those of the world, and three that the list of 2024 alone has.
TOTALS = {
    date(2020, 1, 1): 33,
    date(2020, 2, 1): 7,
    date(2020, 9, 1): 13,
    date(2021, 1, 15): 9,
    date(2021, 7, 1): 13,
    date(2022, 1, 1): 8,
    date(2022, 11, 15): 10,
    date(2023, 12, 8): 3,
}


@dataclass(frozen=True)
class StateList:
    """A list of one year: its file, and how many of its lines are of the network."""

    year: str
    table: Table
    ours: int

    @property
    def name(self) -> str:
        return f"liste-fs-{self.year}-15.csv"

    def prepare(self) -> ImportRun:
        return preparation.prepare(self.table.write(), name=self.name)

    def arrive(self, folder: Path) -> None:
        """Apply it as who knows that it may be older than the base."""
        path = folder / self.name
        path.write_bytes(self.table.write())
        left = [f"--column={heading}=" for heading in LEFT.get(self.year, ())]
        call_command(
            "import_spreadsheet", str(path), "--apply", "--older", *left, stdout=StringIO()
        )


def make_lists() -> dict[str, StateList]:
    """The four lists, of the same network as it grew; the addresses of 2020 are older ones."""
    random = Random(2020)  # noqa: S311
    world = make_world(random)
    maker = Maker(world, random)
    others = maker.draw_others(OTHERS)
    latest = [replace(p, wave=date(2023, 12, 8)) for p in maker.draw_new(3)]
    lists = {}
    for year in YEARS:
        ours = [p for p in (*world.sites, *latest) if p.wave <= UNTIL[year]]
        # A list holds no label that was granted after it, whoever's.
        theirs = [replace(p, wave=min(p.wave, UNTIL[year])) for p in others]
        places = maker.mix([*(_write_as_of(p, year) for p in ours), *theirs])
        maker.style = STATE_STYLES[year]
        columns = tuple(maker.write(title, holds, places) for title, holds in STATE_LISTS[year])
        verdicts = tuple(OURS if place.is_ours else OUTSIDE for place in places)
        table = Table(f"State’s list, {year}", "state", columns, verdicts)
        lists[year] = StateList(year, table, len(ours))
    return lists


def _write_as_of(place: Place, year: str) -> Place:
    """A site as the State had it that year: without a number, its name was the printed one."""
    if year == JANUARY:
        return replace(place, state_name=place.name, address=f"Ancienne {place.address}")
    if year == OCTOBER:
        return replace(place, address=f"Ancienne {place.address}")
    return place


LISTS = make_lists()
ORDERS = (
    (JANUARY, OCTOBER, DECEMBER, AUGUST),
    (AUGUST, DECEMBER, OCTOBER, JANUARY),
    (DECEMBER, JANUARY, AUGUST, OCTOBER),
    (OCTOBER, AUGUST, JANUARY, DECEMBER),
)


@pytest.mark.parametrize("order", ORDERS, ids=", ".join)
class TestListsInAnyOrder:
    def test_end_in_the_same_totals_by_wave_and_touch_no_printed_name(
        self, order, network, tmp_path
    ):
        printed = set(Site.objects.values_list("pk", "name"))

        for year in order:
            LISTS[year].arrive(tmp_path)

        groups = Site.objects.values_list("wave__effective_on").annotate(Count("pk"))
        assert dict(groups.order_by()) == TOTALS
        assert printed <= set(Site.objects.values_list("pk", "name"))

    def test_change_nothing_the_second_time(self, order, network, tmp_path):
        for year in order:
            LISTS[year].arrive(tmp_path)

            again = LISTS[year].prepare().rows.count_states()

            assert (again["new"], again["changed"], again["wrong"], again["which"]) == (0, 0, 0, 0)
            assert (again["unchanged"], again["outside"]) == (LISTS[year].ours, OTHERS)


@pytest.mark.parametrize("year", YEARS)
class TestAList:
    def test_counts_exactly_the_lines_of_the_network(self, year, network):
        counts = LISTS[year].prepare().rows.count_states()

        assert counts["outside"] == OTHERS
        assert sum(counts.values()) == OTHERS + LISTS[year].ours
        assert (counts["wrong"], counts["which"]) == (0, 0)


class TestAnOlderList:
    @pytest.mark.parametrize("year", [OCTOBER, DECEMBER])
    def test_says_so_and_takes_nothing_back(self, year, network, tmp_path):
        LISTS[AUGUST].arrive(tmp_path)

        run = LISTS[year].prepare()

        assert says_older(run)
        assert not run.rows.to_write().exists()

    def test_takes_its_addresses_if_told(self, network, tmp_path):
        LISTS[AUGUST].arrive(tmp_path)
        run = LISTS[OCTOBER].prepare()

        repairs.answer_file(run, None, takes_older=True)

        apply(run, None, good_lines_only=True)
        assert Site.objects.filter(address__startswith="Ancienne").count() == LISTS[OCTOBER].ours

    def test_without_waves_is_older_by_its_name(self, network, tmp_path):
        LISTS[OCTOBER].arrive(tmp_path)
        content = b"id_fs;lib_fs;insee_dep;lib_com\n9001;France services Mairie;30;Uzes\n"

        assert says_older(preparation.prepare(content, name="liste-2020-01-15.csv"))
        assert not says_older(preparation.prepare(content, name="liste-2020-12-15.csv"))
        assert not says_older(preparation.prepare(content, name="liste.csv"))

    def test_is_not_what_a_newer_one_is_called(self, network, tmp_path):
        LISTS[OCTOBER].arrive(tmp_path)

        assert not says_older(LISTS[DECEMBER].prepare())
        assert not says_older(LISTS[AUGUST].prepare())
        assert not says_older(LISTS[OCTOBER].prepare())


def says_older(run: ImportRun) -> bool:
    words = " ".join([*run.remarks, *run.problems])
    return "plus ancien" in words or "antérieur" in words

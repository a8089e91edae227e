"""Each number of the network is that of the list it leads to, and counts what it says."""

from collections.abc import Iterator
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from labelling import figures
from labelling.admin.filters import word_scope
from labelling.choices import WithdrawalReason
from labelling.models import LabellingWave, Site
from tests.factories import SiteFactory, WaveFactory

LIST = reverse("admin:labelling_site_changelist")
TODAY = date(2026, 11, 27)
ANNOUNCED = date(2020, 10, 14)


def count_listed(client, query, address: str = LIST) -> int:
    page = client.get(address, query)
    assert page.status_code == 200, query
    return page.context["cl"].result_count


def list_figures(network: figures.Network) -> Iterator[figures.Figure]:
    yield network.sites
    yield network.in_districts
    for part in (
        network.regions,
        network.departments,
        network.associations,
        network.formats,
        network.districts,
    ):
        for row in part:
            yield from (figure for figure in (row.sites, row.gained, row.ended) if figure)


def plain(words: str) -> str:
    return words.replace("\u00a0", " ")


def check(client, counted) -> int:
    """Follow each figure to its list; return how many were followed."""
    checked = list(counted)
    for figure in checked:
        assert count_listed(client, figure.query) == figure.count, figure
    return len(checked)


class TestTheSeededNetwork:
    def test_has_the_figures_of_the_release(self, network):
        counted = figures.count_network(TODAY)

        assert counted.sites.count == 53
        assert (counted.region_count, counted.department_count) == (9, 21)
        assert counted.association_count == 27
        assert figures.count_network(date(2020, 8, 31)).sites.count == 40
        assert figures.count_network(date(2019, 12, 31)).regions == ()

    def test_proves_each_number_by_its_list(self, network, as_manager):
        counted = figures.count_network(TODAY)

        assert check(as_manager, list_figures(counted)) > 60
        assert sum(row.sites.count for row in counted.regions) == 53

    def test_proves_its_places_by_their_lists(self, network, as_manager):
        counted = figures.count_network(ANNOUNCED)
        query = counted.sites.query

        for model, count in (("region", 9), ("department", 21), ("association", 27)):
            page = reverse(f"admin:labelling_{model}_changelist")
            assert count_listed(as_manager, query, page) == count


class TestTheGrownNetwork:
    def test_explains_its_total(self, grown_network):
        change = figures.compare(TODAY, ANNOUNCED)

        assert (change.then.sites.count, change.now.sites.count) == (53, 83)
        assert (change.gained.count, change.ended.count) == (37, 7)
        for part in ("regions", "departments", "associations", "formats", "districts"):
            rows = getattr(change.now, part)
            assert sum(row.sites.count for row in rows) == 83, part
            assert sum(row.gained.count for row in rows) == 37, part
            assert sum(row.ended.count for row in rows) == 7, part

    def test_proves_each_number_by_its_list(self, grown_network, as_manager):
        change = figures.compare(TODAY, ANNOUNCED)

        assert check(as_manager, [change.gained, change.ended, *list_figures(change.then)]) > 60
        assert check(as_manager, list_figures(change.now)) > 150

    def test_proves_each_number_of_a_wave_by_its_list(self, grown_network, as_manager):
        now, then = LabellingWave.objects.order_by("-effective_on")[:2]
        change = figures.compare(now, then)

        assert change.now.sites == figures.count_network(now).sites
        assert (change.gained.count, change.ended.count) == (1, 0)
        assert check(as_manager, [change.gained, change.ended, *list_figures(change.now)]) > 100

    @pytest.mark.parametrize("then", [date(2019, 12, 31), date(2020, 2, 1), ANNOUNCED])
    def test_has_every_label_that_came_or_went(self, grown_network, as_manager, then):
        change = figures.compare(TODAY, then)

        granted = Site.objects.filter(wave__effective_on__gt=then, wave__effective_on__lte=TODAY)
        assert change.gained.count + change.passed.count == granted.count()
        ended = Site.objects.filter(withdrawn_on__gt=then, withdrawn_on__lte=TODAY)
        assert change.ended.count + change.passed.count == ended.count()
        assert bool(change.passed.count) == (then < ANNOUNCED)
        assert check(as_manager, [change.passed]) == 1

    def test_holds_what_the_records_say_at_any_moment(self, grown_network):
        for wave in LabellingWave.objects.all():
            held = Site.objects.labelled_as_of(wave)
            assert {*Site.objects.filter(figures.make_situation(wave).has())} == {*held}
        for day in (date(2020, 1, 31), ANNOUNCED, date(2021, 4, 1), TODAY):
            held = Site.objects.labelled_on(day)
            assert {*Site.objects.filter(figures.make_situation(day).has())} == {*held}

    def test_a_region_that_lost_its_last_site_stands_without_being_counted(self, db):
        site = SiteFactory(ended=True)

        change = figures.compare(TODAY, ANNOUNCED)

        assert site.withdrawn_on == date(2021, 3, 1)
        assert [(row.sites.count, row.ended.count) for row in change.now.regions] == [(0, 1)]
        assert (change.now.region_count, change.then.region_count) == (0, 1)

    def test_asks_no_more_of_a_larger_network(self, network, django_assert_num_queries):
        with CaptureQueriesContext(connection) as before:
            figures.compare(TODAY, ANNOUNCED)
            figures.list_growth(TODAY)
        wave = WaveFactory(name="Été 2021", effective_on=date(2021, 7, 1))
        for _ in range(20):
            SiteFactory(wave=wave)
        with django_assert_num_queries(len(before)):
            figures.compare(TODAY, ANNOUNCED)
            figures.list_growth(TODAY)


class TestGrowth:
    def test_goes_from_a_wave_to_the_next(self, grown_network):
        steps = figures.list_growth(TODAY)

        totals = [step.total.count for step in steps]
        assert totals == [33, 40, 53, 59, 67, 71, 70, 75, 79, 81, 84, 82, 83]
        before = 0
        for step in steps:
            assert step.total.count == before + step.gained.count - step.ended.count
            before = step.total.count

    def test_proves_each_number_by_its_list(self, grown_network, as_manager):
        steps = figures.list_growth(TODAY)
        numbers = [figure for step in steps for figure in (step.gained, step.ended, step.total)]

        assert check(as_manager, [figure for figure in numbers if figure.query]) == 38

    def test_tells_of_the_ends_since_the_last_wave(self, network):
        for site in Site.objects.order_by("pk")[:2]:
            site.withdrawn_on, site.withdrawal_reason = TODAY, WithdrawalReason.CLOSED
            site.save()

        last = figures.list_growth(TODAY)[-1]

        assert (last.name, last.day, last.gained.count, last.ended.count) == ("", TODAY, 0, 2)
        assert last.total.count == 51
        assert [step.name for step in figures.list_growth(date(2026, 11, 26))] == [
            "Janvier 2020",
            "Février 2020",
            "Automne 2020",
        ]

    def test_says_what_the_list_of_waves_says(self, grown_network):
        waves = LabellingWave.objects.with_counts().in_order()
        listed = [(wave.new_count, wave.ended_count, wave.total_count) for wave in waves]

        steps = figures.list_growth(TODAY)

        assert [(step.gained.count, step.ended.count, step.total.count) for step in steps] == listed

    def test_explains_a_list_that_closes_before_the_one_of_an_earlier_wave(self, db, as_manager):
        late, early = (
            WaveFactory(name=name, effective_on=effective, announced_on=announced)
            for name, effective, announced in (
                ("Tardive", date(2020, 3, 1), date(2020, 12, 31)),
                ("Rapide", date(2020, 6, 1), date(2020, 7, 1)),
            )
        )
        SiteFactory(wave=late)
        SiteFactory(wave=late, withdrawn_on=date(2020, 10, 1), withdrawal_reason="closed")
        SiteFactory.create_batch(2, wave=early)

        steps = figures.list_growth(early)
        waves = LabellingWave.objects.with_counts().in_order()

        counts = [(one.gained.count, one.ended.count, one.total.count) for one in steps]
        # The label that ended in between stands again.
        assert counts == [(1, 0, 1), (3, 0, 4)]
        assert [(one.new_count, one.ended_count, one.total_count) for one in waves] == counts
        assert check(as_manager, [step.gained for step in steps]) == 2


class TestAnAddress:
    @pytest.mark.parametrize(
        "query",
        [
            {"as_of": "hier"},
            {"as_of": ""},
            {"as_of": "1000-01-01"},
            {"as_of": "2020-10-14\0"},
            {"gained": "2020-10-14"},
            {"ended": "2020-10-14..nulle-part"},
        ],
    )
    def test_that_names_no_moment_shows_the_whole_list(self, network, as_reader, query):
        page = as_reader.get(LIST, query)

        assert page.status_code == 302
        assert page["Location"].endswith("?e=1")

    def test_says_in_the_title_of_the_list_what_it_shows(self, network, as_reader):
        as_of = as_reader.get(LIST, {"as_of": "2020-10-14", "region": "76"}).context["cl"]
        gained = as_reader.get(LIST, {"gained": "fevrier-2020..automne-2020"}).context["cl"]
        ended = as_reader.get(LIST, {"ended": "2020-10-14..2026-11-27"}).context["cl"]

        assert [plain(word_scope(listed)) for listed in (as_of, gained, ended)] == [
            "labellisés au 14 octobre 2020, Occitanie",
            "nouveaux depuis la vague Février 2020, avec la vague Automne 2020",
            "fins de label depuis le 14 octobre 2020, au 27 novembre 2026",
        ]

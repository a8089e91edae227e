"""Days and hours, as people type them."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from labelling import days
from labelling.days import DayError

OUT_OF_REACH = "n’est pas entre 1998 et 2099. Écrivez la date ainsi : 14/10/2020."
PARIS = ZoneInfo("Europe/Paris")


class TestTheNameOfAFile:
    @pytest.mark.parametrize(
        ("name", "day"),
        [
            ("liste-fs-20240801.csv", date(2024, 8, 1)),
            ("FS 2020-10-12.xlsx", date(2020, 10, 12)),
            ("liste_12-10-2020.ods", date(2020, 10, 12)),
            ("liste 20201301.csv", None),
            ("liste 2020-10-12 et 2020-10-13.csv", None),
            ("liste 2020.csv", None),
            ("", None),
        ],
    )
    def test_may_bear_its_day(self, name, day):
        assert days.find_day(name) == day


class TestADay:
    @pytest.mark.parametrize(
        "typed",
        [
            "01/09/2021",
            "1/9/2021",
            "1.9.2021",
            "1-9-2021",
            "01 09 2021",
            "01092021",
            "20210901",
            "2021-09-01",
            "1er septembre 2021",
            "mercredi 1er septembre 2021",
            " Le 1 SEPT. 2021 ",
            "\uff11er\u00a0septembre\u00a0\uff12\uff10\uff12\uff11",
        ],
    )
    def test_is_read_in_each_way_that_people_write_it(self, typed):
        assert days.read_day(typed) == date(2021, 9, 1)

    @pytest.mark.parametrize(
        ("typed", "sentence"),
        [
            (
                "31/02/2021",
                (
                    "ce jour n’existe pas. Le mois finit le 28~février 2021 : écrivez par exemple "
                    "28/02/2021."
                ),
            ),
            ("14/10/1997", f"l’année 1997 {OUT_OF_REACH}"),
            ("01012100", f"l’année 2100 {OUT_OF_REACH}"),
            ("14/10/0020", f"l’année 20 {OUT_OF_REACH}"),
            ("31/12/97", f"l’année 1997 {OUT_OF_REACH}"),
            ("9" * 5000, "ce n’est pas une date. Écrivez la date ainsi : 14/10/2020."),
        ],
    )
    def test_is_refused_with_its_reason_and_the_remedy(self, typed, sentence):
        with pytest.raises(DayError) as refusal:
            days.read_day(typed)

        assert refusal.value.reason == sentence.replace("~", "\u00a0")

    @pytest.mark.parametrize("day", [date(1998, 1, 1), date(2099, 12, 31)])
    def test_is_of_the_years_of_the_union(self, day):
        assert days.read_day(f"{day:%d/%m/%Y}") == day


class TestAnHour:
    @pytest.mark.parametrize(
        ("typed", "hour"),
        [
            ("10", time(10)),
            ("10h", time(10)),
            ("10 h", time(10)),
            ("10\u00a0h\u00a030", time(10, 30)),
            ("10h30", time(10, 30)),
            ("10:30", time(10, 30)),
            ("10.30", time(10, 30)),
            ("10 H 30 min", time(10, 30)),
            ("10 heures", time(10)),
            ("à 10 heures", time(10)),
            ("Midi", time(12)),
            ("à midi", time(12)),
            ("0 h 05", time(0, 5)),
            ("23:59", time(23, 59)),
        ],
    )
    def test_is_read_as_people_type_it(self, typed, hour):
        assert days.read_hour(typed) == hour

    @pytest.mark.parametrize("typed", ["matin", "10 h 5", "1030", "10 30", "-1", "10 h 30 à 11 h"])
    def test_is_refused_where_it_says_none(self, typed):
        with pytest.raises(DayError, match="ce n’est pas une heure"):
            days.read_hour(typed)

    @pytest.mark.parametrize("typed", ["24 h", "25:00", "10 h 60"])
    def test_is_one_that_a_day_has(self, typed):
        with pytest.raises(DayError, match="un jour va de 0 h à 23 h 59"):
            days.read_hour(typed)


class TestAMoment:
    def test_is_an_hour_of_the_clocks_there(self):
        moment = days.make_moment(date(2020, 10, 14), time(10), PARIS)

        assert moment.astimezone(UTC) == datetime(2020, 10, 14, 8, tzinfo=UTC)

    def test_is_none_that_the_clocks_skip(self):
        with pytest.raises(DayError) as refusal:
            days.make_moment(date(2021, 3, 28), time(2, 30), PARIS)

        assert refusal.value.reason == (
            "on passe ce jour-là à l’heure d’été, cette heure n’existe pas. Écrivez par exemple "
            "1\u00a0h\u00a030 ou 3\u00a0h\u00a030."
        )

    def test_is_none_that_the_clocks_show_twice(self):
        with pytest.raises(DayError) as refusal:
            days.make_moment(date(2020, 10, 25), time(2), PARIS)

        assert refusal.value.reason == (
            "on passe ce jour-là à l’heure d’hiver, cette heure a lieu deux fois. Écrivez par "
            "exemple 1\u00a0h ou 3\u00a0h."
        )

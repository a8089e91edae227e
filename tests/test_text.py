"""French text: order, dates, ordinals, counts, typography."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import hypothesis.strategies
import pytest
from hypothesis import given

from labelling import text


class TestSortKey:
    def test_puts_names_in_french_order(self):
        names = ["Loiret", "Val-d'Oise", "Île-de-France", "Loire", "Normandie", "Loir-et-Cher"]

        assert sorted(names, key=text.sort_key) == [
            "Île-de-France",
            "Loir-et-Cher",
            "Loire",
            "Loiret",
            "Normandie",
            "Val-d'Oise",
        ]

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("Stéphanoise", "STEPHANOISE"),
            ("Seine-Saint-Denis", "seine  saint denis"),
            ("Pays de l’Orne", "Pays de l'Orne"),
            ("Jœuf", "Joeuf"),
        ],
    )
    def test_is_the_same_for_spellings_of_one_name(self, one, other):
        assert text.sort_key(one) == text.sort_key(other)

    @pytest.mark.parametrize("make", [text.sort_key, text.fold])
    def test_is_the_same_beside_a_character_that_is_less_common(self, make):
        for letter in map(chr, range(256)):
            assert make(f"a{letter}B") + " ou" == make(f"a{letter}B Où\u200b")

    def test_has_the_words_alone_where_it_is_folded(self):
        assert text.fold("  Pimms-Médiation, (Nîmes) n° 2_b ") == "pimms mediation nimes n 2 b"


class TestLegibleText:
    @pytest.mark.parametrize(
        "sign",
        [
            *("\u200b", "\u200c", "\u200d", "\u2060", "\ufeff"),  # Without width.
            *("\u200e", "\u200f", "\u202a", "\u202e", "\u2066", "\u2069", "\u061c"),  # Directions.
            *(
                "\xad",
                "\u034f",
                "\u115f",
                "\u3164",
                "\ufe0f",
                "\U000e0041",
                "\ufff9",
                "\x00",
                "\x80",
            ),
        ],
    )
    def test_holds_nothing_that_is_not_seen(self, sign):
        assert text.legible(f"Métro{sign}pole") == "Métropole"
        assert text.sort_key(f"Métro{sign}pole") == text.sort_key("Métropole")

    @pytest.mark.parametrize(
        ("written", "read"),
        [
            ("\uff30\uff29\uff2d\uff2d\uff33\u3000\uff14\uff12\uff10\uff10\uff10", "PIMMS 42000"),
            ("Me\u0301tropole", "Métropole"),
            ("un\u2028deux\x0btrois", "un\ndeux\ntrois"),
        ],
    )
    def test_has_the_common_letters_digits_and_lines(self, written, read):
        assert text.legible(written) == read

    @pytest.mark.parametrize(
        "written",
        [
            "«\u00a0L’œuvre\u00a0», 12\u202f000 m²\u202f; l'été…",
            "un\r\n\tdeux\n",
            "Saint\u2011Étienne – ½, ﬁn",
        ],
    )
    def test_keeps_what_french_is_printed_with(self, written):
        assert text.legible(written) == written

    @given(hypothesis.strategies.text())
    def test_is_legible_once_and_for_all(self, written):
        read = text.legible(written)

        assert text.legible(read) == read
        assert text.sort_key(read) == text.sort_key(written)


class TestDigits:
    @pytest.mark.parametrize("written", ["\uff14\uff12", "²", "٤٢", "", "-1", "1_0"])
    def test_are_those_of_french_alone(self, written):
        assert not text.is_number(written)

    def test_are_looked_for_by_that_name(self):
        """What Python calls a digit is one of any script: the code asks for 0 to 9."""
        wide = re.compile(r"\\[dD](?!\w)|isdigit|isdecimal|isnumeric")
        code = [
            path
            for folder in ("labelling", "pimms")
            for path in Path(folder).rglob("*.py")
            if "migrations" not in path.parts and path != Path("labelling/text.py")
        ]

        assert [str(path) for path in code if wide.search(path.read_text("utf-8"))] == []


class TestDates:
    @pytest.mark.parametrize(
        ("day", "written"),
        [
            (date(2020, 10, 14), "mercredi 14\u00a0octobre 2020"),
            (date(2020, 10, 1), "jeudi 1er\u00a0octobre 2020"),
            (date(2021, 8, 11), "mercredi 11\u00a0août 2021"),
        ],
    )
    def test_are_written_in_full(self, day, written):
        assert text.weekday_date(day) == written

    def test_times(self):
        assert text.clock_time(10, 0) == "10\u00a0h"
        assert text.clock_time(14, 5) == "14\u00a0h\u00a005"

    @pytest.mark.parametrize(
        ("at", "written"),
        [
            (datetime(2026, 11, 23, 23, tzinfo=UTC), "aujourd’hui à 0\u00a0h"),
            (datetime(2026, 11, 23, 22, 59, tzinfo=UTC), "hier à 23\u00a0h\u00a059"),
            (datetime(2026, 11, 22, 22, tzinfo=UTC), "le 22\u00a0novembre 2026 à 23\u00a0h"),
        ],
    )
    def test_lately_is_by_the_days_of_here(self, at, written):
        assert text.lately(at, datetime(2026, 11, 24, 8, tzinfo=UTC)) == written


class TestWeights:
    @pytest.mark.parametrize(
        ("size", "written"),
        [
            (0, "0\u00a0ko"),
            (1, "1\u00a0ko"),
            (340_000, "340\u00a0ko"),
            (11_000_001, "12\u00a0Mo"),
            (1_000_000_000, "1000\u00a0Mo"),
            (1_000_000_001, "1,1\u00a0Go"),
            (1_999_999_999, "2\u00a0Go"),
        ],
    )
    def test_are_rounded_up(self, size, written):
        assert text.weight(size) == written


class TestNumbers:
    @pytest.mark.parametrize(
        ("count", "written"),
        [
            (0, "0\u00a0site"),
            (1, "1\u00a0site"),
            (2, "2\u00a0sites"),
            (1784739, "1\u202f784\u202f739\u00a0sites"),
        ],
    )
    def test_take_the_singular_up_to_one(self, count, written):
        assert text.counted(count, "site") == written

    def test_ordinals(self):
        assert [text.ordinal(n) for n in (1, 2, 12)] == ["1er", "2e", "12e"]


class TestSentences:
    @pytest.mark.parametrize(
        ("name", "phrase"),
        [
            ("Automne 2020", "à l’automne 2020"),
            ("Printemps 2021", "au printemps 2021"),
            ("Été 2021", "à l’été 2021"),
            ("Hiver 2021", "à l’hiver 2021"),
            ("Janvier 2020", "en janvier 2020"),
            ("Août 2021", "en août 2021"),
            ("Pilote", "(vague Pilote)"),
            ("Vague 4", "(vague 4)"),
            ("Octobre", "(vague Octobre)"),
        ],
    )
    def test_carry_a_wave(self, name, phrase):
        assert text.in_wave(name) == phrase

    @pytest.mark.parametrize(
        ("name", "title", "phrase"),
        [
            ("Automne 2020", "Vague Automne 2020", "la vague Automne 2020"),
            ("Vague 12", "Vague 12", "la vague 12"),
            ("vague d’été", "vague d’été", "la vague d’été"),
            ("Vagues", "Vague Vagues", "la vague Vagues"),
        ],
    )
    def test_name_a_wave_without_saying_the_word_twice(self, name, title, phrase):
        assert (text.wave_title(name), text.the_wave(name)) == (title, phrase)

    @pytest.mark.parametrize(
        ("name", "said"),
        [
            ("Léa", "de Léa"),
            ("Omar", "d’Omar"),
            ("Hélène", "d’Hélène"),
            ("Élodie", "d’Élodie"),
            ("Yves", "d’Yves"),
            ("Yann", "de Yann"),
            ("", "de "),
        ],
    )
    def test_say_whose_it_is(self, name, said):
        assert text.of_name(name) == said

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            ("Un mot.", "«\u00a0Un mot.\u00a0»"),
            ("« Un » mot, «\u00a0deux\u00a0»", "«\u00a0“Un” mot, “deux”\u00a0»"),
            ("Un « mot", "«\u00a0Un « mot\u00a0»"),
        ],
    )
    def test_quote_what_quotes(self, words, said):
        assert text.quoted(words) == said

    def test_enumerate(self):
        assert text.enumeration([]) == ""
        assert text.enumeration(["a"]) == "a"
        assert text.enumeration(["a", "b", "c"]) == "a, b et c"

    @pytest.mark.parametrize(
        ("days", "said"),
        [
            ([], ""),
            ([date(2020, 11, 2)], "du 2\u00a0novembre 2020"),
            ([date(2020, 11, 2), date(2020, 11, 9)], "du 2 et du 9\u00a0novembre 2020"),
            (
                [date(2020, 11, 30), date(2020, 11, 2), date(2020, 12, 1), date(2020, 12, 1)],
                "du 2, du 30\u00a0novembre et du 1er\u00a0décembre 2020",
            ),
            (
                [date(2020, 12, 28), date(2021, 1, 4)],
                "du 28\u00a0décembre 2020 et du 4\u00a0janvier 2021",
            ),
        ],
    )
    def test_enumerate_days(self, days, said):
        assert text.enumerate_days(days) == said

    def test_are_typeset(self):
        written = text.typeset("L'État dit : « oui » ; vraiment ? Oui ! 10:30 …")

        assert written == (
            "L’État dit\u00a0: «\u00a0oui\u00a0»\u202f; vraiment\u202f? Oui\u202f! 10:30 …"
        )

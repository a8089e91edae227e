"""The words that change, and where they are found again."""

import pytest

from labelling.press_release.quoting import find_words, quote, replace_words
from tests.linear import is_linear

LEAD = (
    "Suite au comité de pilotage qui s’est tenu le mercredi 30 septembre 2020, 13 nouveaux PIMMS "
    "ont obtenu la labellisation. Au total, ce sont désormais 90 PIMMS qui sont labellisés France "
    "Services."
)


class TestWhatIsQuoted:
    def test_is_the_number_and_a_few_words_beside_it(self):
        after = LEAD.replace("90 PIMMS", "89 PIMMS")

        assert quote(LEAD, after) == [
            ("90 PIMMS qui sont labellisés", "89 PIMMS qui sont labellisés")
        ]

    def test_is_each_thing_apart(self):
        after = LEAD.replace("13 nouveaux", "12 nouveaux").replace("90 PIMMS", "89 PIMMS")

        assert quote(LEAD, after) == [
            ("13 nouveaux PIMMS ont obtenu", "12 nouveaux PIMMS ont obtenu"),
            ("90 PIMMS qui sont labellisés", "89 PIMMS qui sont labellisés"),
        ]

    def test_ends_with_a_word_that_can_end_it(self):
        before = (
            "Le réseau des PIMMS, lui, comporte désormais 90 structures labellisées France "
            "Services, ici."
        )

        assert quote(before, before.replace("90", "89")) == [
            (
                "90 structures labellisées France Services",
                "89 structures labellisées France Services",
            )
        ]

    def test_goes_no_further_than_the_clause(self):
        after = LEAD.replace("30 septembre 2020", "1er octobre 2020")

        assert quote(LEAD, after) == [("30 septembre 2020", "1er octobre 2020")]

    def test_of_the_last_words_begins_before_them(self):
        before = "Le réseau des PIMMS compte aussi, en Bretagne, un site labellisé à Brest."
        after = before.replace("Brest", "Quimper")

        assert quote(before, after) == [("site labellisé à Brest", "site labellisé à Quimper")]

    def test_of_words_that_are_added_has_those_beside_them(self):
        before = "Les élus du territoire étaient là, avec le préfet de la région et son équipe."
        after = before.replace("le préfet", "le nouveau préfet")

        assert quote(before, after) == [
            ("avec le préfet de la région", "avec le nouveau préfet de la région")
        ]

    def test_stands_once_in_the_text(self):
        before = "Ce sont 3 sites du Gard en tout, puis bien plus loin 3 sites du Gard en plus."
        after = before[:20] + before[20:].replace("3 sites", "2 sites")

        ((was, now),) = quote(before, after)

        assert len(find_words(before, was)) == 1
        assert (was, now) == ("loin 3 sites du Gard", "loin 2 sites du Gard")

    def test_is_the_whole_text_where_most_of_it_changes(self):
        assert quote("Un site ouvre.", "Deux autres ferment.") == [
            ("Un site ouvre.", "Deux autres ferment.")
        ]

    @pytest.mark.parametrize("space", ["\u00a0", "\u202f"])
    def test_is_found_whatever_its_spaces_and_apostrophes(self, space):
        assert find_words(f"Ce sont 1{space}200 sites d’Arras.", "1 200 sites d'Arras") == [8]


class TestWhatIsFound:
    def test_is_whole_words(self):
        assert find_words("13 sites, 3 sites et 3 sites-relais", "3 sites") == [10, 21]
        assert find_words("13 sitesX", "3 sites") == []

    def test_is_taken_out_with_its_space(self):
        printed = "Une phrase. Une autre. Une fin."

        assert replace_words(printed, 12, "Une autre.", "") == "Une phrase. Une fin."
        assert replace_words(printed, 23, "Une fin.", "") == "Une phrase. Une autre."


def test_is_quick_in_a_long_text():
    assert is_linear(lambda text: find_words(text, "3 sites"), make=lambda n: "13 sites " * n)


NAMES = "Nouveaux labellisés : PIMMS A 1 (Gironde), PIMMS A 2 (Gard), PIMMS A 3 (Nord) et PIMMS B."


class TestANameOfAList:
    @pytest.mark.parametrize(
        ("gone", "quoted"),
        [
            (
                "PIMMS A 1 (Gironde), ",
                ("PIMMS A 1 (Gironde), PIMMS A 2 (Gard)", "PIMMS A 2 (Gard)"),
            ),
            (
                "PIMMS A 2 (Gard), ",
                ("PIMMS A 2 (Gard), PIMMS A 3 (Nord)", "PIMMS A 3 (Nord)"),
            ),
        ],
    )
    def test_is_quoted_whole_with_the_one_behind_it(self, gone, quoted):
        assert quote(NAMES, NAMES.replace(gone, "")) == [quoted]

    def test_is_added_whole(self):
        before = NAMES.replace("PIMMS A 2 (Gard), ", "")

        ((was, now),) = quote(before, NAMES)

        assert "PIMMS A 2 (Gard)" in now
        assert before.replace(was, now) == NAMES

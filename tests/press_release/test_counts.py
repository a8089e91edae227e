"""The numbers that a person's own words announce, against those of the list."""

import pytest

from labelling.press_release.counts import Counts, find_contradicted, spell

COUNTS = Counts(
    new=13,
    total=53,
    places={"occitanie": frozenset({4, 1}), "val d oise": frozenset({2, 0})},
    national=frozenset({856, 154}),
    years=frozenset({2020}),
)


def found(words, **options):
    return [*find_contradicted(words, "PIMMS", COUNTS, **options)]


class TestOfTheList:
    @pytest.mark.parametrize(
        "words",
        [
            # The total, in a title too; the new ones.
            "Avec Digoin, 53 PIMMS sont labellisés",
            "13 PIMMS supplémentaires obtiennent la labellisation France Services",
            "13 nouveaux PIMMS ont obtenu la labellisation. Au total, ce sont désormais 53 PIMMS.",
            "Avec les 13 nouveaux sites, le réseau comporte désormais 53 structures labellisées.",
            # In letters.
            "Treize PIMMS de plus",
            "Cinquante-trois PIMMS sont labellisés",
            "Les treize nouvelles structures",
            # No number of sites of ours.
            "856 espaces labellisés France Services sur 674 cantons",
            "Sur ces 856 sites labellisés, 154 sites portés par des associations",
            "Des PIMMS dans 9 régions et 31 départements",
            "Le 1er PIMMS de France, le 54e PIMMS, le premier site",
            "En 2020, PIMMS et partenaires",
            "Depuis 2020 PIMMS Médiation change de nom",
            "Chez un PIMMS, une structure proche",
            "Les 2 PIMMS mobiles, les 3 PIMMS-bus, 12 structures porteuses, 3 sites internet",
            # A part, what was before, another year, a place.
            "53 PIMMS, dont 12 PIMMS en zone rurale",
            "53 PIMMS contre 40 PIMMS au printemps ; il passe de 40 PIMMS à 53 PIMMS",
            "S’ajoutent aux 40 PIMMS déjà labellisés",
            "En 2019, les 68 PIMMS ont accompagné 1 784 739 démarches.",
            "4 PIMMS sont labellisés en Occitanie",
            "Deux PIMMS dans le Val-d’Oise",
        ],
    )
    def test_no_false_alarm(self, words):
        assert found(words) == []

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            ("Avec Digoin, 54 PIMMS sont labellisés", ["54 PIMMS"]),
            ("12 PIMMS supplémentaires obtiennent la labellisation", ["12 PIMMS"]),
            ("53 PIMMS rejoignent France Services", ["53 PIMMS"]),
            ("53 nouveaux PIMMS", ["53 nouveaux PIMMS"]),
            ("Au total, ce sont désormais 13 PIMMS qui sont labellisés", ["13 PIMMS"]),
            ("Douze PIMMS de plus", ["Douze PIMMS"]),
            ("Un PIMMS supplémentaire obtient la labellisation", ["Un PIMMS"]),
            ("Vingt et un PIMMS", ["Vingt et un PIMMS"]),
            ("soixante-douze structures labellisées", ["soixante-douze structures"]),
            ("dont 60 PIMMS en zone rurale", ["60 PIMMS"]),
            ("5 PIMMS sont labellisés en Occitanie", ["5 PIMMS"]),
            ("En 2020, 14 PIMMS ont obtenu le label. 15 sites.", ["14 PIMMS", "15 sites"]),
            ("1\u202f053 PIMMS", ["1\u202f053 PIMMS"]),
        ],
    )
    def test_what_the_list_does_not_have(self, words, said):
        assert found(words) == said


class TestOfTheWholeNetwork:
    """The network is larger than its labelled part: only what is called labelled is compared."""

    @pytest.mark.parametrize(
        "words",
        ["Les 68 PIMMS accueillent chacun.", "Les 68 PIMMS, dont 53 labellisés, accueillent"],
    )
    def test_no_false_alarm(self, words):
        assert found(words, of_labelled=True) == []

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            ("54 PIMMS sont aujourd’hui labellisés", ["54 PIMMS"]),
            ("Les 68 PIMMS, dont 52 labellisés, accueillent", ["52 labellisés"]),
        ],
    )
    def test_what_the_list_does_not_have(self, words, said):
        assert found(words, of_labelled=True) == said


class TestSpelling:
    @pytest.mark.parametrize(
        ("value", "words"),
        [
            (1, "un"),
            (17, "dix-sept"),
            (21, "vingt et un"),
            (71, "soixante et onze"),
            (80, "quatre-vingts"),
            (81, "quatre-vingt-un"),
            (99, "quatre-vingt-dix-neuf"),
        ],
    )
    def test_of_numbers(self, value, words):
        assert spell(value) == words

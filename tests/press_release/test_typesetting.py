"""What a person types is set as the rest is, in view, and only where it changes no meaning."""

import hypothesis.strategies
import pytest
from hypothesis import given

from labelling.press_release.typesetting import typeset_typed, without_typography
from tests.press_release.test_composition import said

OK = [
    # Quotes.
    ('la "médiation sociale" XP', "la «_médiation sociale_» XP"),
    ('Elle dit "oui", puis "non".', "Elle dit «_oui_», puis «_non_»."),
    ("«oui» et « non »", "«_oui_» et «_non_»"),
    ("«\u202foui\u202f»", "«_oui_»"),
    ('« Elle dit "oui". »', "«_Elle dit “oui”._»"),
    ('l\'"Union"', "l’«_Union_»"),
    ('Voir "https://pimms.org/?a=1".', "Voir «_https://pimms.org/?a=1_»."),
    # Apostrophes.
    ("Pays de l'Orne, aujourd'hui", "Pays de l’Orne, aujourd’hui"),
    # Spaces before signs, of the wrong kind or missing.
    ("Vraiment ? Oui ! Bien ; soit : fin", "Vraiment~? Oui~! Bien~; soit_: fin"),
    ("Vraiment? Oui! Bien; soit: fin", "Vraiment~? Oui~! Bien~; soit_: fin"),
    ("Vraiment\u00a0? Oui\u00a0! Soit\u202f: fin", "Vraiment~? Oui~! Soit_: fin"),
    ("Quoi  ?! (Lesquels?) «Qui?»", "Quoi~?! (Lesquels~?) «_Qui~?_»"),
    ("Et puis...", "Et puis…"),
    # Thousands that were parted.
    ("2 000 sites, 1 784 739 démarches", "2~000 sites, 1~784~739 démarches"),
    ("10\u00a0000 sites", "10~000 sites"),
    # And that were not.
    ("10000 actes, 1784739 démarches", "10~000 actes, 1~784~739 démarches"),
    ("jusqu'à 15000 € par an", "jusqu’à 15~000 € par an"),
    ("14 octobre 2020 : 2 000,5", "14 octobre 2020_: 2~000,5"),
]
NOK = [
    "en 2000, en 2020",
    "10000 Troyes, 42218, XP X60-600",
    "30501, 69502 et 42218",
    "le 75012 accueille, au 75012 comme ailleurs, du 75012 parisien",
    "le code 42218 désigne",
    "CS 10000 avenue, SIRET 73282932000074 inscrit",
    "les 2000 sites, en 2019 encore",
    "réf. A-10000 jointe, 1.10000 fois, 0612345678 appelez",
    "de 10:30 à 11:45",
    "06 78 61 38 26",
    "01 23 45 67 89",
    "SIRET 732 829 320 00074",
    "https://exemple.org/l'union?a=1;b=2!c",
    "prenom.o'nom@exemple.org",
    "www.exemple.org/?q",
    'un écran de 12" et un de 14"',
    'un seul " guillemet',
    'de 12 " ou 14 " au choix',
    "48°51'24",
    "les années '90",
    "R&amp;D",
    "ratio 3:1, réf. A:B;C",
    "« déjà “mis” » et l’apostrophe…".replace("« ", "«\u00a0").replace(" »", "\u00a0»"),
]


class TestWhatIsTyped:
    @pytest.mark.parametrize(("typed", "printed"), OK)
    def test_is_set_as_the_rest(self, typed, printed):
        assert said(typeset_typed(typed)) == printed

    @pytest.mark.parametrize("typed", NOK)
    def test_stays_where_a_sign_means_something_else(self, typed):
        assert typeset_typed(typed) == typed

    @pytest.mark.parametrize("typed", [typed for typed, _ in OK])
    def test_is_the_same_text(self, typed):
        assert without_typography(typeset_typed(typed)) == without_typography(typed)

    @given(hypothesis.strategies.text(alphabet="ab1 \u00a0\u202f«»“”\"'’;:!?.,()&@/…", max_size=30))
    def test_set_twice_changes_nothing_more(self, typed):
        once = typeset_typed(typed)

        assert typeset_typed(once) == once


class TestWithoutTypography:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("l'Union : « oui »", "l’Union\u202f: «\u00a0oui\u00a0»"),
            ('la "médiation" !', "la «\u00a0médiation\u00a0»\u202f!"),
            ("«oui»", "“oui”"),
            ("2 000 sites", "2\u202f000 sites"),
        ],
    )
    def test_is_the_same(self, one, other):
        assert without_typography(one) == without_typography(other)

    @pytest.mark.parametrize(
        ("one", "other"), [("53 PIMMS", "54 PIMMS"), ("oui", "oui !"), ("les sites", "le site")]
    )
    def test_is_another_of_other_words(self, one, other):
        assert without_typography(one) != without_typography(other)

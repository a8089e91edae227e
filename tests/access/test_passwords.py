"""Passwords that anybody would try are refused, each with its reason; the others are taken."""

import time

import pytest
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import password_validators_help_texts
from django.contrib.auth.password_validation import validate_password as validate
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from labelling.access.passwords import _WORDS, explain_refusal
from labelling.management.commands.renew_password import draw_password

MORE = "\u00a0: ajoutez-y deux mots rares, sans rapport entre eux."
SHORT = "Ce mot de passe est trop court. Il lui faut au moins 12 caractères."
LONG = "Ce mot de passe est trop long. Il lui faut au plus 200 caractères."
NAME = f"Ce mot de passe est fait de votre nom ou de votre adresse{MORE}"
RUN = f"Ce mot de passe suit l’ordre du clavier, de l’alphabet ou des chiffres{MORE}"
REPEAT = f"Ce mot de passe répète les mêmes caractères{MORE}"
FIGURES = f"Ce mot de passe a trop peu de lettres{MORE}"
WORD = f"Ce mot de passe est fait de mots que l’on devine{MORE}"
ONE_WORD = f"Ce mot de passe tient en un seul mot{MORE}"


def word(quoted: str) -> str:
    return f"Ce mot de passe est fait de mots que l’on devine («\u00a0{quoted}\u00a0»){MORE}"


BAD = {
    # Those of the audit.
    "motdepasse123": word("motdepasse"),
    "motdepasse2024": word("motdepasse"),
    "azertyuiop123": RUN,
    "bonjour12345": word("bonjour"),
    "Bienvenue2024!": word("bienvenue"),
    "ReseauPimms2026": word("réseau"),
    " " * 12: FIGURES,
    "francesservices1": word("services"),
    "mot-de-passe-2026": word("motdepasse"),
    # Words, however they are written.
    "M0t-de-P@sse": word("motdepasse"),
    "P@$$w0rd2024": word("password"),
    "Pa55w0rd!2024": word("password"),
    "b.o.n.j.o.u.r.75": word("bonjour"),
    "BONJOUR_BONJOUR": word("bonjour"),
    "Bonj\u200bour2024!!": word("bonjour"),
    "\uff22\uff4f\uff4e\uff4a\uff4f\uff55\uff5212345": word("bonjour"),
    "B0nj0urB0nj0ur": word("bonjour"),
    "ruojnob12345": word("bonjour"),
    "so1eil-s0leil": word("soleil"),
    "Médiation2026": word("médiation"),
    "UnionNationale": word("nationale"),
    "FranceServices75": word("services"),
    "francesservices2026": word("services"),
    "bonjourpimms2026": word("bonjour"),
    "connexionadmin1": word("connexion"),
    "administrateur1": WORD,
    "secret-secret-12": word("secret"),
    "Doudou-Loulou-75": word("loulou"),
    "jetaimemonamour": word("jetaime"),
    "Soleil-de-Juillet": word("juillet"),
    "printemps-2026!": word("printemps"),
    "Septembre2026!": word("septembre"),
    "lundi-mardi-2026": word("mardi"),
    "Occitanie-31000": word("occitanie"),
    "Marseille13000!": word("marseille"),
    "saint-etienne-42": word("étienne"),
    "allezlesverts42": word("allez"),
    "PSG-champion-2024": word("champion"),
    "Psg-OM-OL-2024": word("psg"),
    "Olympique-Lyonnais": word("olympique"),
    "MarieDupont1985": word("dupont"),
    "jean-pierre-1960": word("pierre"),
    "Camille&Nicolas2": word("nicolas"),
    "chocolat-vanille": word("chocolat"),
    "iloveyou-iloveyou": word("iloveyou"),
    "LetMeIn!-iloveyou": word("iloveyou"),
    "welcome-admin-123": word("welcome"),
    # A word that is as long as a password is not quoted.
    "Anniversaire1985": WORD,
    # What follows.
    "azertyuiopqs": RUN,
    "qsdfghjklm12": RUN,
    "qwertyuiop12": RUN,
    "wxcvbn,wxcvbn": RUN,
    "poiuytreza21": RUN,
    "1qaz2wsx3edc": RUN,
    "1aqw2zsx3edc": RUN,
    "aqwzsxedcrfv": RUN,
    "1a2z3e4r5t6y": RUN,
    "q1w2e3r4t5y6": RUN,
    "abcdefghijkl": RUN,
    "zyxwvutsrqpo": RUN,
    "abcd-1234-efgh": RUN,
    "abcabcabcabc": RUN,
    "123456789012": FIGURES,
    "0987654321098": FIGURES,
    # What comes again.
    "aaaaaaaaaaaa": REPEAT,
    "xkqxkqxkqxkq": REPEAT,
    "vbvbvbvbvbvb": REPEAT,
    "!!!!!!!!!!!!": FIGURES,
    # Days, telephones, numbers.
    "14/10/2020 2020": FIGURES,
    "14-10-1985-14": FIGURES,
    "06 12 98 34 70 55": FIGURES,
    "+33612983470": FIGURES,
    "73918264750283": FIGURES,
    "1985-75010-0612": FIGURES,
    "né le 14/10/1985": FIGURES,
    "#!?&%$*()=+^": FIGURES,
    # One word, whichever.
    "Tournesol2024!": ONE_WORD,
    "2026Cartographie": ONE_WORD,
    "ETERNUEMENT!!": ONE_WORD,
    # Lengths.
    "k7mw-3hdp-x": SHORT,
    "": SHORT,
    "k7mw-3hdp-x9rt-v4qe-" * 11: LONG,
    "x" * 100_000: LONG,
}

GOOD = [
    "cheval agrafe batterie correcte",
    "bonjour cheval agrafe batterie",
    "bonjour girafe tournevis",
    "girafe tournevis",
    "girafe-tournevis-2026",
    "GirafeTournevis12",
    "le tournevis de la girafe",
    "dentelle hublot mangue",
    "Le hublot mange 3 mangues",
    "quenouille, phare & bretelle",
    "parapluie moqueur ascenseur",
    "l’hippopotame joue au bridge",
    "mon voisin repeint ses volets le dimanche",
    "un escargot traverse la préfecture de nuit",
    "k7mw-3hdp-x9rt-v4qe",
    "x9rt-v4qe-k7mw",
    "Xk9#mQ2$vL7p",
    "gT7!rWz0&pLq",
    "hX4vQm8ZrT2kWp",
    "kdhrtbvqpwmzjfxs",
    "xufqiz-tyjmer-gokwan",
    "Zq8Rm2Vt6Yb4Nc1",
    "vqtz hmrw kpbx",
    "9f8a3c1e7b2d4065",
    "wertherpfirsichkuchenblech",
    "пароль смелый жираф",
    "μεγάλη καμηλοπάρδαλη τρέχει",
    "trombone écureuil falaise",
    "Trombone?Écureuil!Falaise",
    "bretzel-kayak-fjord",
    "pimms brouette cerf-volant",
    "azerty brouette cerf-volant",
    "PIMMS Nîmes brouette nénuphar",
]


class TestWhatAnybodyWouldTry:
    @pytest.mark.parametrize(("password", "reason"), BAD.items())
    def test_is_refused_with_its_reason(self, password, reason):
        """S15."""
        with pytest.raises(ValidationError) as refusal:
            validate(password)

        assert refusal.value.messages == [reason]

    @pytest.mark.parametrize("password", [one for one in BAD if 12 <= len(one) <= 180])
    def test_passes_once_the_remedy_is_followed(self, password):
        validate(f"{password} girafe tournevis")

    @pytest.mark.parametrize("password", [one for one in BAD if len(one) >= 12])
    def test_is_not_repeated(self, password):
        assert password.casefold() not in explain_refusal(password).casefold()

    @given(st.text(max_size=300))
    def test_is_judged_whatever_it_is(self, password):
        refusal = explain_refusal(password)

        assert refusal == "" or refusal.endswith(".")
        assert refusal or 12 <= len(password) <= 200

    @given(st.sampled_from(sorted(_WORDS)), st.sampled_from(sorted(_WORDS)), st.integers(0, 10**8))
    def test_is_refused_of_any_two_words_and_a_number(self, one, other, number):
        assert explain_refusal(f"{one}-{other}-{number}")

    def test_takes_no_time_to_judge(self):
        """S8: the slowest of what may be long."""
        slow = ["ﷺ" * 200, "aàbé1" * 40, "pimms" * 40, "x" * 10**7]
        began = time.perf_counter()

        for password in slow:
            explain_refusal(password)

        assert time.perf_counter() - began < 2


class TestNames:
    @pytest.mark.parametrize(
        "password",
        [
            "MartinLea1985",
            "lea.martin2026",
            "L3a-M@rt!n-42",
            "Krzyzanowska12",
            "Mediatheque-Lea-7",
            "krzyzanowska.lea",
            "mediatheque-orne-61",
        ],
    )
    def test_of_the_person_and_of_the_address_count_for_nothing(self, password):
        person = User(
            first_name="Léa",
            last_name="Krzyżanowska-Martin",
            username="lea.martin@mediatheque-orne.fr",
        )
        with pytest.raises(ValidationError) as refusal:
            validate(password, person)

        assert refusal.value.messages == [NAME]

    def test_of_others_are_words_that_nobody_thinks_of(self):
        validate("Krzyzanowska-Mediatheque", User(first_name="Rémi", username="remi@example.org"))

    def test_may_stand_in_a_long_password(self):
        validate("Rémi range sa quenouille", User(first_name="Rémi", username="remi@example.org"))


class TestWhatNobodyWouldTry:
    @pytest.mark.parametrize("password", GOOD)
    def test_is_taken(self, password):
        validate(password)

    def test_is_what_is_drawn_here(self):
        for _ in range(300):
            validate(draw_password())


class TestHelp:
    def test_says_in_one_sentence_what_is_asked(self):
        sentence = (
            "Au moins 12 caractères, par exemple trois mots rares sans rapport entre "
            "eux\u202f; ni votre nom, ni un mot courant suivi de chiffres."
        )

        assert password_validators_help_texts() == [sentence]

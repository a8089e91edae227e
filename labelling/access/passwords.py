"""What a password is refused for: what anybody would try counts for nothing, and little is left.

Counting for nothing: the words that one thinks of first (`guessed_words.txt`), one's own name, what
follows on a keyboard, what is repeated, however they are written (« M0t-de-P@sse ») [S15].
"""

from collections import Counter
from collections.abc import Collection, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError

from labelling import text

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200

# How much must be left of a password: two short words that nobody thinks of.
_LEAST = 7
# A number counts for no more, however long: a day, a telephone.
_MOST_OF_A_NUMBER = 3
# So many letters are easily a word or a run by chance: they count as one, not for nothing.
_LONGEST_SHORT = 3
_SHORTEST_RUN = 3
_LONGEST_WORD = 15
_SHORTEST_NAME = 3
# A shorter word read backwards is often another one.
_SHORTEST_BACKWARDS = 5

# What people put between words, and what they write in place of letters: 1 is an i or an l.
_BETWEEN = str.maketrans(dict.fromkeys(" -_.,;:/\\'\"’"))
_SHAPES = str.maketrans("@48(39€0$57+2", "aabcegeosstiz")
_LOOKS_LIKE = [_SHAPES | str.maketrans(dict.fromkeys("1!|", letter)) for letter in "il"]

_ROWS = (
    *("abcdefghijklmnopqrstuvwxyz", "01234567890"),
    *("azertyuiop", "qsdfghjklm", "wxcvbn", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop"),
    # Down the columns, and from one row to the next.
    *("1aqw", "2zsx", "3edc", "4rfv", "5tgb", "6yhn", "7uj", "8ik", "9ol", "0pm", "1qaz", "2wsx"),
    *("1a2z3e4r5t6y7u8i9o0p", "a1z2e3r4t5y6u7i8o9p0"),
    *("1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0"),
)
_RUNS = "\n".join([*_ROWS, *(row[::-1] for row in _ROWS)])


class Flaw(StrEnum):
    """What makes a password guessed; the first one is told where two weigh the same."""

    NAME = "est fait de votre nom ou de votre adresse"
    WORD = "est fait de mots que l’on devine"
    RUN = "suit l’ordre du clavier, de l’alphabet ou des chiffres"
    REPEAT = "répète les mêmes caractères"
    FIGURES = "a trop peu de lettres"
    ONE_WORD = "tient en un seul mot"


class Piece(NamedTuple):
    """A part of a password: a character, or what counts for nothing, why, and for which word."""

    flaw: Flaw | None
    written: str
    word: str = ""


class GuessValidator:
    """Refuse a password that is short, long, or that others than its owner would think of."""

    def validate(self, password: str, user: Any = None) -> None:
        if refusal := explain_refusal(password, user):
            raise ValidationError(text.typeset(f"Ce mot de passe {refusal}"))

    def get_help_text(self) -> str:
        return text.typeset(
            f"Au moins {SHORTEST_PASSWORD} caractères, par exemple trois mots rares sans rapport "
            "entre eux ; ni votre nom, ni un mot courant suivi de chiffres."
        )


def count_unguessed(secret: str) -> int:
    """How many letters and digits of its beginning nobody thinks of."""
    return _weigh(_fold(secret[:LONGEST_PASSWORD]), ())[0]


def explain_refusal(password: str, user: Any = None) -> str:
    """What is said after « Ce mot de passe »; empty for one that may be taken."""
    if len(password) < SHORTEST_PASSWORD:
        return f"est trop court. Il lui faut au moins {SHORTEST_PASSWORD} caractères."
    if len(password) > LONGEST_PASSWORD:
        return f"est trop long. Il lui faut au plus {LONGEST_PASSWORD} caractères."
    left, pieces = _weigh(_fold(password), _list_names(user))
    if left < _LEAST:
        reason = _word_reason(pieces)
    elif _is_one_word(password):
        reason = Flaw.ONE_WORD
    else:
        return ""
    return f"{reason} : ajoutez-y deux mots rares, sans rapport entre eux."


def _fold(password: str) -> str:
    """The password as one would say it: no capitals, no accents, nothing between its words."""
    return text.sort_key(password).translate(_BETWEEN)


def _weigh(folded: str, names: Collection[str]) -> tuple[int, list[Piece]]:
    """How much is left of a text, cut so that the least is left; and what counts for nothing."""
    readings = [folded, *(folded.translate(shapes) for shapes in _LOOKS_LIKE)]
    longest = max([_LONGEST_KNOWN, *map(len, names)])
    # Up to each place: how much is left, and the piece that ends there.
    lefts, last = [0], [Piece(None, "")]
    digits = 0
    for end, character in enumerate(folded, start=1):
        digits = 0 if character.isalpha() else digits + 1
        left, piece = lefts[-1] + 1, Piece(None, character)
        if digits > _MOST_OF_A_NUMBER:
            left, piece = lefts[-1], Piece(Flaw.FIGURES, character)
        for start in range(max(0, end - longest), end):
            least = lefts[start] + (end - start <= _LONGEST_SHORT)
            if least < left and (known := _find_piece(readings, start, end, names)):
                left, piece = least, known
        lefts.append(left)
        last.append(piece)
    return lefts[-1], list(_walk_back(last))


def _walk_back(last: list[Piece]) -> Iterator[Piece]:
    """The pieces that count for nothing, the last one first."""
    end = len(last) - 1
    while end:
        if last[end].flaw:
            yield last[end]
        end -= len(last[end].written)


def _find_piece(readings: list[str], start: int, end: int, names: Collection[str]) -> Piece | None:
    written, *others = [reading[start:end] for reading in readings]
    for read in (written, *others):
        if read in names:
            return Piece(Flaw.NAME, written)
        if word := _WORDS.get(read):
            return Piece(Flaw.WORD, written, word)
    is_long = len(written) >= _SHORTEST_RUN
    if is_long and written in _RUNS:
        return Piece(Flaw.RUN, written)
    before = readings[0][:start]
    if before.endswith(written) or (is_long and written in before):
        return Piece(Flaw.REPEAT, written)
    return None


def _word_reason(pieces: list[Piece]) -> str:
    """What takes most of a password; of words one is quoted, never the whole."""
    taken: Counter[Flaw] = Counter()
    for piece in pieces:
        taken[piece.flaw or Flaw.FIGURES] += len(piece.written)
    main = max(Flaw, key=lambda flaw: taken[flaw]) if taken else Flaw.FIGURES
    words = [piece.word for piece in pieces if 0 < len(piece.word) < SHORTEST_PASSWORD]
    quoted = f" (« {max(words, key=len)} »)" if main is Flaw.WORD and words else ""
    return main + quoted


def _is_one_word(password: str) -> bool:
    """Whether its letters make one word, as it stands in a dictionary or begins a sentence."""
    letters = "".join(sign if sign.isalpha() else " " for sign in text.legible(password))
    words = letters.split()
    return (
        len(words) == 1
        and len(words[0]) <= _LONGEST_WORD
        and (words[0][1:].islower() or words[0].isupper())
    )


def _list_names(user: Any) -> set[str]:
    """What the person and the address are called, in words."""
    told = (getattr(user, name, "") for name in ("first_name", "last_name", "username", "email"))
    words = text.search_words(" ".join(told).replace("_", " "))
    return {word for word in words if len(word) >= _SHORTEST_NAME and not text.is_number(word)}


def _read_words() -> dict[str, str]:
    """The words that one thinks of as they are folded, also read backwards, and as written."""
    lines = Path(__file__).with_name("guessed_words.txt").read_text(encoding="utf-8").splitlines()
    words = [word for line in lines if not line.startswith("#") for word in line.split()]
    backwards = {_fold(word)[::-1]: word for word in words if len(word) >= _SHORTEST_BACKWARDS}
    return backwards | {_fold(word): word for word in words}


_WORDS = _read_words()
_LONGEST_KNOWN = max(map(len, [*_WORDS, *_ROWS]))

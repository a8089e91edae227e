"""What a person typed, set as the derived sentences are; and texts without what only that decides.

Only what changes no meaning is set: an address, a time and a code stay as they were typed, and so
do straight quotes that are no pairs (inches). A number without spaces is parted into thousands if
it has five digits or more and counts something: not a year, a postcode nor a commune's code.
"""

import re

from labelling import text

# What spaces part, whatever it holds.
_WORD = re.compile(r"\S+")
_SIGNS_OF_AN_ADDRESS = ("@", "://", "www.", "&")
# After a letter and before another: neither minutes of arc nor a quote.
_APOSTROPHE = re.compile("(?<=[^\\W0-9_])'(?=[\\w«“])")
_STUCK_QUOTE = re.compile(r"(?<=«)(?=\S)|(?<=\S)(?=»)")
_STUCK_SIGN = re.compile(r"(?<=[\w»)\]%€…”])(?=[;:!?]+(?:[\s»)\]”]|\Z))")
_SPACE = f"[ {text.NO_BREAK_SPACE}{text.NARROW_NO_BREAK_SPACE}]"
# Of whatever kind, where one that does not break belongs.
_SPACES_TO_SET = re.compile(f"(?<!{_SPACE}){_SPACE}+(?=[;:!?»])|(?<=«){_SPACE}+")
# A telephone's digits go by two; a number that begins with 0 or goes on is a code.
_THOUSANDS = re.compile(
    f"(?<![0-9,.])(?<![0-9]{_SPACE})[1-9][0-9]{{0,2}}(?:{_SPACE}[0-9]{{3}}){{1,5}}"
    f"(?!{_SPACE}?[0-9])"
)
# With what it counts behind it: a postcode has the name of a commune there.
_UNPARTED = re.compile(
    f"(?<![\\w,.:/@+°-])(?<![0-9]{_SPACE})[1-9][0-9]{{4,8}}(?={_SPACE}(?:[a-zà-öø-ÿœ]{{3}}|€))"
)
# As these before it say of a number: « le 75012 accueille », « le code 42218 désigne ».
_NAMES_A_CODE = {
    *("le", "du", "au", "code", "codes", "postal", "n°", "numéro", "numéros"),
    *("insee", "siret", "cs", "bp"),
}
_LONGEST_WORD = 12
_BEFORE_A_QUOTE = frozenset("([’'«—–")
_AFTER_A_QUOTE = frozenset(")].,;:!?…»—–")
_ALIKE = str.maketrans({"’": "'", "ʼ": "'", "“": '"', "”": '"', "«": '"', "»": '"', "…": "..."})


def typeset_typed(typed: str) -> str:
    """Return a paragraph with French quotes, apostrophes and spaces. Twice changes nothing more."""
    words = _WORD.sub(lambda word: _set_word(word[0]), _set_quotes(typed))
    spaced = text.typeset_spaces(_SPACES_TO_SET.sub(" ", words))
    return _THOUSANDS.sub(lambda number: _join_thousands(number[0]), _UNPARTED.sub(_part, spaced))


def typeset_text(typed: str) -> str:
    """Return a text with each of its paragraphs typeset; what parts them stays."""
    return "\n".join(map(typeset_typed, typed.split("\n")))


def without_typography(printed: str) -> str:
    """The text without what only typography decides: kinds of spaces, apostrophes and quotes."""
    bare = " ".join(printed.split()).replace("« ", "«").replace(" »", "»")
    for sign in ";:!?":
        bare = bare.replace(f" {sign}", sign)
    bare = _THOUSANDS.sub(lambda number: number[0].replace(" ", ""), bare)
    return bare.translate(_ALIKE)


def _set_quotes(typed: str) -> str:
    """Straight quotes as French ones, or as “ ” within those; left alone if they are no pairs."""
    outside, inside = typed.split('"')[::2], typed.split('"')[1::2]
    if len(outside) == len(inside):
        return typed
    closed = zip(outside[:-1], inside, outside[1:], strict=True)
    if not all(_is_quoted(*around) for around in closed):
        return typed
    made, depth = outside[0], _count_open(outside[0])
    for quoted, rest in zip(inside, outside[1:], strict=True):
        opening, closing = ("“", "”") if depth > 0 else ("« ", " »")
        made += f"{opening}{quoted}{closing}{rest}"
        depth += _count_open(quoted) + _count_open(rest)
    return made


def _is_quoted(before: str, quoted: str, after: str) -> bool:
    begins = not before or before[-1].isspace() or before[-1] in _BEFORE_A_QUOTE
    ends = not after or after[0].isspace() or after[0] in _AFTER_A_QUOTE
    return begins and ends and bool(quoted) and quoted == quoted.strip()


def _count_open(part: str) -> int:
    return part.count("«") - part.count("»")


def _set_word(word: str) -> str:
    if any(sign in word for sign in _SIGNS_OF_AN_ADDRESS):
        return word
    word = _APOSTROPHE.sub("’", word).replace("...", "…")
    return _STUCK_SIGN.sub(" ", _STUCK_QUOTE.sub(" ", word))


def _part(number: re.Match[str]) -> str:
    before = number.string[max(0, number.start() - _LONGEST_WORD) : number.start()].split()
    is_code = bool(before) and before[-1].lower() in _NAMES_A_CODE
    return number[0] if is_code else f"{int(number[0]):,}".replace(",", text.NARROW_NO_BREAK_SPACE)


def _join_thousands(grouped: str) -> str:
    return text.NARROW_NO_BREAK_SPACE.join(grouped.split())

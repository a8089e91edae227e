"""The name to print that is made from the State's, until a person gives a better one.

The State's words are put in order: what every site has goes, what kind of place it is comes last,
places are written as we know them. No word is guessed.
"""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from labelling import text

_FRANCE_SERVICES = re.compile(r"\b(?:espace\s+)?france\s+services?\b", re.IGNORECASE)
_BRAND = re.compile(r"\bpimms(?:\s+m[ée]diation)*\b", re.IGNORECASE)
_WORD = re.compile(r"[^\s\-–'’]+")
_DASH = " - "
# Adjectives of « France services », which is not printed: they take the name of the network for
# their noun, as in « PIMMS Rennes - PIMMS mobile ».
_ADJECTIVES = {
    "itinerant": "itinérant",
    "itinerante": "itinérant",
    "mobile": "mobile",
    "multi sites": "multisites",
    "multisites": "multisites",
}
_NOUNS = frozenset(("antenne", "bus", "camion", "equipe", "minibus", "permanence", "pimms"))
# The State's codes, and what they say.
_CODES = {
    "QPV": "quartiers prioritaires",
    "ZR": "zones rurales",
    "ZRR": "zones rurales",
}
# The longest name of a place that is looked for, in words.
_LONGEST_PLACE = 8
# Words of a commune's name that say too little alone to be it.
_SHORTEST_WORD = 4
NO_SPELLINGS: Mapping[str, str] = MappingProxyType({})


def list_spellings(places: Iterable[str], commune: str = "") -> dict[str, str]:
    """How the names of places are written, by their plain words.

    The words of `commune`, which a line is in, are looked for one by one too. What is all in
    capitals tells nothing of its accents.
    """
    words = [word for word in _WORD.findall(commune) if len(word) >= _SHORTEST_WORD]
    names = (*words, commune, *places)
    return {text.sort_key(name): name for name in names if name and not name.isupper()}


def make_printed_name(
    state_name: str,
    spellings: Mapping[str, str] = NO_SPELLINGS,
    brand: str = "PIMMS",
    *,
    in_full: bool = False,
) -> str:
    """Return « PIMMS Ambazac - Bus » for « Bus France services Pimms Médiation Ambazac ».

    `spellings` are those of `list_spellings`. The State's codes are left out; `in_full`: they are
    said in words, for a site that nothing else tells from another one.
    """
    bare = _FRANCE_SERVICES.sub(" ", state_name)
    match = _BRAND.search(bare)
    if not match:
        return _spell(_drop_preposition(_tidy(bare.split())), spellings) or state_name
    kinds: list[str] = []
    said: list[str] = []
    before, after = (
        _tidy(_part(part.split(), kinds, said, brand))
        for part in (bare[: match.start()], bare[match.end() :])
    )
    kinds = [*filter(None, (before,)), *dict.fromkeys(kinds)]
    place = _spell(after, spellings)
    if kinds or _DASH in place:
        # « PIMMS de Lens », but « PIMMS Lens - Bus ».
        place = _drop_preposition(place)
    name = _DASH.join((f"{brand} {place}".strip(), *kinds))
    return f"{name} ({', '.join(dict.fromkeys(said))})" if in_full and said else name


def is_put_in_order(state_name: str, name: str) -> bool:
    """Whether `name`, made from `state_name`, has other words than it, but for the usual ones."""
    bare = _BRAND.sub(" ", _FRANCE_SERVICES.sub(" ", state_name))
    theirs, ours = _list_words(bare), _list_words(_BRAND.sub(" ", name))
    return theirs != ours


def has_code(state_name: str) -> bool:
    """Whether the State's name holds one of its codes, which `in_full` says in words."""
    return any(word in _CODES for word in state_name.split())


def _list_words(name: str) -> set[str]:
    return {word for word in name.split() if word not in ("-", "–", "de")}


def _part(words: Iterable[str], kinds: list[str], said: list[str], brand: str) -> list[str]:
    """The words but for the codes and the adjectives without noun, noted in `said` and `kinds`."""
    kept: list[str] = []
    for word in words:
        key = text.sort_key(word)
        if word in _CODES:
            said.append(_CODES[word])
        elif key in _ADJECTIVES and not (kept and text.sort_key(kept[-1]) in _NOUNS):
            kinds.append(f"{brand} {_ADJECTIVES[key]}")
        else:
            kept.append(word)
    return kept


def _tidy(words: Iterable[str]) -> str:
    """The words, with no dash at either end nor two in a row."""
    kept: list[str] = []
    for word in words:
        is_dash = word in ("-", "–")
        if not is_dash or (kept and kept[-1] != "-"):
            kept.append("-" if is_dash else word)
    return " ".join(kept).strip(" -–")


def _drop_preposition(place: str) -> str:
    first, _, rest = place.partition(" ")
    is_followed = rest.lower().startswith(("la ", "l'", "l’"))
    return rest if rest and first.lower() == "de" and not is_followed else place


def _spell(words: str, spellings: Mapping[str, str]) -> str:
    """`words` with the names of places, the longest first, as they are written."""
    found = list(_WORD.finditer(words)) if spellings else []
    spelled, done, first = [], 0, 0
    while first < len(found):
        last = min(first + _LONGEST_PLACE, len(found))
        while last > first:
            start, end = found[first].start(), found[last - 1].end()
            known = spellings.get(text.sort_key(words[start:end]))
            if known and _DASH not in words[start:end]:
                spelled += [words[done:start], known]
                done = end
                break
            last -= 1
        first = max(last, first + 1)
    return "".join((*spelled, words[done:]))

"""French text: sort and search keys, dates, ordinals, counts and typography.

The rules and their sources are those of the Imprimerie nationale's usage as the press follows it:
U+202F before ``; ! ?`` and between thousands, U+00A0 before ``:`` and inside « ».
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import filterfalse
from typing import Any

from django.utils import timezone

NO_BREAK_SPACE = "\u00a0"
NARROW_NO_BREAK_SPACE = "\u202f"

MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)
WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")

# What is read otherwise than it is stored, or not at all. First Unicode's characters that are not
# drawn (“default ignorable”: soft hyphens, zero widths, marks of direction, fillers, selectors of
# variants, tags), those of annotations, and the controls. Spaces that do not break are none.
_UNREAD = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufdd0-\ufdef\ufff0-\ufffb\ufffe\uffff"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    # Then the wide letters, digits and signs, blanks that are no spaces, rare ends of lines.
    "\uff01-\uff5e\u3000\u2800\x1f\x0b\x0c\x1c-\x1e\x85\u2028\u2029]"
)
_READ_AS = {
    **{chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
    **dict.fromkeys("\u3000\u2800\x1f", " "),
    **dict.fromkeys("\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029", "\n"),
}

_SEASONS = {"printemps": "au", "été": "à l’", "automne": "à l’", "hiver": "à l’"}
_LIGATURES = {"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae"}
_SEPARATORS = str.maketrans(dict.fromkeys("-'’ʼ\u2010\u2011\u2012\u2013\u2014\u2015", " "))
_WORD = re.compile(r"\w+")
_NOT_WORDS = re.compile(r"[\W_]+")
_PHONE = re.compile(r"0[1-9][0-9]{8}")
# A season or a month, and its year.
_PERIOD = re.compile(r"\A(\S+) ([0-9]{4})\Z")
# The spaces that French does not break.
_INNER_QUOTES = re.compile(r"«\s?([^«»]*?)\s?»")
_BEFORE_NARROW = re.compile(r" (?=[;!?])")
_BEFORE_WIDE = re.compile(r" (?=:(?:\s|\Z)|»)|(?<=«) ")


def legible(text: str) -> str:
    """Return `text` as it is read, which is how every record holds it.

    What nobody sees is taken out, wide letters and digits are the common ones, accents are composed
    with their letters. Spaces, lines and typography stay. Done twice, it changes nothing more.
    """
    if _is_common(text):
        return text
    read = _UNREAD.sub(lambda match: _READ_AS.get(match[0], ""), text)
    return unicodedata.normalize("NFC", read)


def _is_common(text: str) -> bool:
    """Whether `text` has no character but those of Latin-1 which are drawn: they are composed."""
    return text.isprintable() and (
        text.isascii() or len(text.encode("latin-1", "ignore")) == len(text)
    )


def legible_value(value: Any) -> Any:
    """A value that may be a text, which is then made legible."""
    return legible(value) if isinstance(value, str) else value


def is_number(word: str) -> bool:
    """Whether `word` is made of the digits 0 to 9 alone."""
    return word.isascii() and word.isdecimal()


def sort_key(text: str) -> str:
    """Return the key whose byte order is the French alphabetical order of `text`.

    Case, accents and ligatures are dropped; hyphens and apostrophes become a space (dropping them
    would put Loiret before Loir-et-Cher).
    """
    bare = text.translate(_BARE_LATIN) if _is_common(text) else _bare(legible(text))
    return " ".join(bare.split())


def fold(text: str) -> str:
    """Return the words of `text` alone: no case, accents, hyphens, nor punctuation."""
    bare = text.translate(_FOLDED_LATIN) if _is_common(text) else _fold(_bare(legible(text)))
    return " ".join(bare.split())


def _bare(text: str) -> str:
    for ligature, letters in _LIGATURES.items():
        text = text.replace(ligature, letters)
    text = "".join(filterfalse(unicodedata.combining, unicodedata.normalize("NFKD", text)))
    return text.casefold().translate(_SEPARATORS)


def _fold(bare: str) -> str:
    return _NOT_WORDS.sub(" ", bare)


# What becomes of a character is said once: imports ask for keys by the hundred thousand.
_BARE_LATIN = {code: _bare(chr(code)) for code in range(256)}
_FOLDED_LATIN = {code: _fold(bare) for code, bare in _BARE_LATIN.items()}


def count_accents(text: str) -> int:
    """Return how many letters carry an accent, a cedilla or another mark."""
    return sum(map(bool, map(unicodedata.combining, unicodedata.normalize("NFKD", text))))


def search_key(*texts: str) -> str:
    """Return what is stored to be searched: the words of `texts`, as sort keys have them."""
    return " ".join(search_words(" ".join(filter(None, texts))))


def search_words(query: str) -> list[str]:
    """Return the words of `query` as search keys store them: punctuation parts words."""
    return [word for word in _WORD.findall(sort_key(query)) if word.strip("_")]


def number(value: int) -> str:
    """Return 1784739 as « 1 784 739 », its thousands parted by narrow no-break spaces."""
    return f"{value:,}".replace(",", NARROW_NO_BREAK_SPACE)


def plural(count: int, singular: str, plural: str | None = None) -> str:
    """Return the right form: 0 and 1 take the singular. Left out, the plural ends with « s »."""
    return singular if count < 2 else (singular + "s" if plural is None else plural)


def counted(count: int, singular: str, plural_form: str | None = None) -> str:
    """Return « 1 site », « 2 sites », the number and its noun not to be parted."""
    return f"{number(count)}{NO_BREAK_SPACE}{plural(count, singular, plural_form)}"


def ordinal(value: int) -> str:
    """Return 1er, 2e, 18e."""
    return f"{value}er" if value == 1 else f"{value}e"


def day_and_month(day: date) -> str:
    """Return « 1er octobre ». Django's own French format prints « 1 octobre »."""
    day_of_month = ordinal(1) if day.day == 1 else str(day.day)
    return f"{day_of_month}{NO_BREAK_SPACE}{MONTHS[day.month - 1]}"


def long_date(day: date) -> str:
    """Return « 1er octobre 2020 »."""
    return f"{day_and_month(day)} {day.year}"


def weekday_date(day: date) -> str:
    """Return « mercredi 14 octobre 2020 »."""
    return f"{WEEKDAYS[day.weekday()]} {long_date(day)}"


def short_date(day: date) -> str:
    """Return 14/10/2020, for columns."""
    return f"{day:%d/%m/%Y}"


def clock_time(hour: int, minute: int) -> str:
    """Return « 10 h » or « 14 h 32 »."""
    parts = [str(hour), "h"] if minute == 0 else [str(hour), "h", f"{minute:02}"]
    return NO_BREAK_SPACE.join(parts)


def moment(at: datetime) -> str:
    """Return « 14 octobre 2020 à 10 h », in local time."""
    local = timezone.localtime(at)
    return f"{long_date(local)} à {clock_time(local.hour, local.minute)}"


def short_moment(at: datetime) -> str:
    """Return « 14/10/2020 à 10 h », for columns."""
    local = timezone.localtime(at)
    return f"{short_date(local)} à {clock_time(local.hour, local.minute)}"


def lately(at: datetime, now: datetime) -> str:
    """Return « aujourd’hui à 3 h », « hier à 3 h », else « le 14 octobre 2020 à 3 h »."""
    local = timezone.localtime(at)
    days = (timezone.localtime(now).date() - local.date()).days
    day = {0: "aujourd’hui", 1: "hier"}.get(days) or f"le {long_date(local)}"
    return f"{day} à {clock_time(local.hour, local.minute)}"


def weight(size: int) -> str:
    """Return how much so many bytes are, rounded up: « 340 ko », « 12 Mo », « 1,3 Go »."""
    if size > 10**9:
        tenths = -(-size // 10**8)
        figures, unit = f"{number(tenths // 10)},{tenths % 10}".removesuffix(",0"), "Go"
    else:
        step, unit = (10**6, "Mo") if size > 10**6 else (10**3, "ko")
        figures = str(-(-size // step))
    return f"{figures}{NO_BREAK_SPACE}{unit}"


def phone_number(digits: str) -> str:
    """Return « 01 23 45 67 89 » for the ten digits of a French number; empty for anything else."""
    if not _PHONE.fullmatch(digits):
        return ""
    return " ".join(digits[i : i + 2] for i in range(0, 10, 2))


def of_name(name: str) -> str:
    """Return « de Léa », « d’Omar », « d’Isère », « d’Hélène »: the h of a name is held mute."""
    begins = fold(name)[:2]
    is_elided = begins[:1] in set("aeiouh") or (
        begins[:1] == "y" and begins[1:] not in set("aeiou")
    )
    return f"d’{name}" if is_elided else f"de {name}"


def quoted(words: str) -> str:
    """Return « words », those that they quote between “ ”."""
    inner = _INNER_QUOTES.sub(r"“\1”", words.strip())
    return f"«{NO_BREAK_SPACE}{inner}{NO_BREAK_SPACE}»"


def enumeration(items: Sequence[str]) -> str:
    """Return « a, b et c »; one item is itself, none is empty."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} et {items[-1]}"


def enumerate_days(days: Iterable[date], article: str = "du") -> str:
    """Return « du 2 et du 9 novembre 2020 »: what two days share is said with the last one."""
    said: list[str] = []
    following: date | None = None
    for day in sorted(set(days), reverse=True):
        words = long_date(day)
        if following and day.year == following.year:
            words = words.removesuffix(str(day.year)).rstrip()
            if day.month == following.month:
                words = words.removesuffix(MONTHS[day.month - 1]).rstrip()
        said.append(f"{article} {words}")
        following = day
    return enumeration(said[::-1])


def spans(numbers: Iterable[int]) -> list[str]:
    """Return « 2 », « 3 », « 5 à 90 »: three numbers that follow each other are one part."""
    runs: list[list[int]] = []
    for value in sorted(set(numbers)):
        if runs and value == runs[-1][-1] + 1:
            runs[-1].append(value)
        else:
            runs.append([value])
    parts: list[str] = []
    for several in runs:
        parts += map(str, several) if len(several) < 3 else [f"{several[0]} à {several[-1]}"]
    return parts


def lowered(label: str) -> str:
    """Return « Communiqué du 14 octobre » as a sentence carries it, without its capital."""
    return label[:1].lower() + label[1:]


def typeset(text: str) -> str:
    """Return `text` with typographic apostrophes and the no-break spaces that French asks for."""
    return typeset_spaces(text.replace("'", "’").replace("...", "…"))


def typeset_spaces(text: str) -> str:
    """Return `text` with the no-break spaces that French asks for where it has spaces."""
    return _BEFORE_WIDE.sub(NO_BREAK_SPACE, _BEFORE_NARROW.sub(NARROW_NO_BREAK_SPACE, text))


def wave_title(name: str) -> str:
    """Return « Vague Automne 2020 »; a name that begins with the word says it already."""
    return name if name.lower().startswith("vague ") else f"Vague {name}"


def the_wave(name: str) -> str:
    """Return « la vague Automne 2020 »; of « Vague 12 », « la vague 12 »."""
    return f"la {lowered(wave_title(name))}"


def in_wave(name: str) -> str:
    """Return a wave's name as a sentence carries it: « à l’automne 2020 », « en janvier 2020 ».

    A name that is neither a season nor a month with its year is quoted: « (vague Pilote) ».
    """
    if name.lower().startswith("vague "):
        return f"(vague {name[6:].strip()})"
    match = _PERIOD.fullmatch(name.strip())
    if match:
        period = match[1].lower()
        if article := _SEASONS.get(period):
            gap = "" if article.endswith("’") else " "
            return f"{article}{gap}{period} {match[2]}"
        if period in MONTHS:
            return f"en {period} {match[2]}"
    return f"(vague {name.strip()})"

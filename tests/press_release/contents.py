"""Contents to render: the release of October 2020, and lists that try a format's patience."""

import json
import random
import string
from dataclasses import replace
from pathlib import Path

from labelling.press_release.content import Content, ReleaseLine

_OCTOBER_2020 = Path(__file__).parents[2] / "fixtures" / "release_2020_10_14.json"

# What some program or other takes for code, markup, a formula, a number or an escape.
AWKWARD = (
    '#read("/etc/passwd")',
    "#sys.inputs",
    "$x^2$",
    "*gras* _italique_ `code`",
    "<script>alert(1)</script>",
    "<r><t>x</t></r>",
    "&lt;b&gt; & &amp;",
    "]]>",
    "=1+1",
    '=HYPERLINK("http://example.org")',
    "+33 6 12",
    "-1",
    "@SUM(A1)",
    "'apostrophe",
    '"guillemets" “anglais” «\u00a0français\u00a0»',
    "{{ content }} {% now %} {page} {region}",
    r"\u{41} \n \t C:\temp",
    "_x0041_ 100 % %s",
    "007",
    "1e5",
    "2020-10-14",
    "TRUE",
    "#N/A",
    "// commentaire /* fin */",
    "a;b,c\u00a0;d",
    "@label <label> ~ -- --- ... [x]",
    "deux  espaces",
    "Ça où œuvre Ÿ Æ ß – — … ’ ₂ €",
    "insécable\u00a0fine\u202fet trait\u2011d’union",
)
_ALPHABET = (
    string.ascii_letters * 6
    + string.digits * 2
    + string.punctuation
    + "àâäçéèêëîïôöùûüÿœæÀÂÇÉÈÊËÎÏÔÙÛÜŸŒÆ" * 3
    # Latin extended A, then Greek and Cyrillic: the font has them too.
    + "".join(map(chr, range(0x100, 0x17F)))
    + "".join(chr(c) for c in range(0x391, 0x3CA) if c != 0x3A2)
    + "".join(map(chr, range(0x410, 0x450)))
)


def october_2020() -> Content:
    """The release as it was sent."""
    records = json.loads(_OCTOBER_2020.read_text(encoding="utf-8"))
    frozen = next(r for r in records if r["model"] == "labelling.pressrelease")
    return Content.from_json(frozen["fields"]["content"])


def with_lines(count: int, regions: int = 18) -> Content:
    """The release with as many lines as asked for; one in four is new."""
    names = [line.name for line in october_2020().lines]
    lines = (
        ReleaseLine(
            region=f"Région {i * regions // count}",
            department=f"Département {i % 7}",
            name=f"{names[i % len(names)]} {i}",
            is_new=i % 4 == 0,
        )
        for i in range(count)
    )
    return replace(october_2020(), lines=tuple(lines))


def any_list(seed: int) -> Content:
    """A list of 0 to 600 lines whose texts can be anything that the font prints."""
    chance = random.Random(seed)  # noqa: S311 (the same list for the same seed)
    longest = chance.choice((20, 60, 200))
    lines: list[ReleaseLine] = []
    count = chance.randint(0, chance.choice((20, 100, 600)))
    while len(lines) < count:
        region = _text(chance, 30)
        lines.extend(
            ReleaseLine(
                region=region,
                department=_text(chance, 25),
                name=_text(chance, longest),
                is_new=chance.random() < 0.3,
            )
            for _ in range(chance.choice((1, 2, 3, 10, 40, 300)))
        )
    return replace(october_2020(), lines=tuple(lines[:count]))


def _text(chance: random.Random, longest: int) -> str:
    if longest > 40 and chance.random() < 0.2:
        return chance.choice(AWKWARD)
    length = chance.randint(1, longest)
    words = []
    while sum(map(len, words)) + len(words) < length:
        words.append("".join(chance.choices(_ALPHABET, k=chance.choice((1, 4, 8, 12, length)))))
    # A name that ends in an asterisk looks new where nothing but the asterisk says so.
    return " ".join(words)[:length].strip().rstrip("*").rstrip() or "PIMMS"

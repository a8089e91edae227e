"""The look: tokens stand in one file, can be read in both schemes, and nothing goes round them."""

import importlib
import re
from pathlib import Path

import pytest
from django.test import Client

import pimms.urls
from labelling import admin
from labelling.models.letterhead import compute_contrast
from tests.conftest import signed_in
from tests.factories import manager

CSS = Path(admin.__file__).parents[1] / "static" / "labelling"
# The document that the press is sent has its own, in a file that stands alone.
SHEETS = sorted(path for path in CSS.glob("*.css") if path.name != "press_release.css")
TEXT, MARK = 4.5, 3.0


def uncommented(path: Path) -> str:
    return re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.DOTALL)


def tokens() -> dict[str, tuple[str, str]]:
    """Each colour token in the light and in the dark."""
    colour = r"#[0-9a-f]{3,8}"
    found = {}
    for name, value in re.findall(r"(--[\w-]+): ([^;]+);", uncommented(CSS / "tokens.css")):
        both = re.fullmatch(rf"light-dark\(({colour}), ({colour})\)", value)
        if both:
            found.setdefault(name, (both[1], both[2]))
        elif re.fullmatch(colour, value):
            found.setdefault(name, (value, value))
    return found


def contrast(one: str, other: str) -> float:
    """Of one colour against another, by the contrast of each against white."""
    long = [c if len(c) > 4 else "#" + "".join(2 * digit for digit in c[1:]) for c in (one, other)]
    low, high = sorted(map(compute_contrast, long))
    return high / low


# What stands on what, and how much it must stand out.
PAIRS = [
    *((ink, ground, TEXT) for ink in ("ink", "quiet", "link") for ground in ("ground", "surface")),
    *((ink, ground, TEXT) for ink in ("ink", "quiet", "link") for ground in ("sunken", "chosen")),
    *((ink, ground, TEXT) for ink in ("link-over",) for ground in ("surface", "chosen")),
    *((kind, f"{kind}-bg", TEXT) for kind in ("ok", "info", "mute", "warn", "bad")),
    *(("ink", f"{kind}-bg", TEXT) for kind in ("ok", "info", "warn", "bad", "gone", "come")),
    *(("link", f"{kind}-bg", TEXT) for kind in ("info", "warn", "bad")),
    ("ink", "mute-bg", TEXT),
    ("bad", "surface", TEXT),
    ("ok", "surface", TEXT),
    ("new", "surface", TEXT),
    ("on-act", "act", TEXT),
    ("on-act", "act-over", TEXT),
    ("on-act", "bad-fill", TEXT),
    ("act", "surface", MARK),
    ("on-header", "header", TEXT),
    ("on-header", "header-chosen", TEXT),
    ("focus-header", "header", MARK),
    ("paper-ink", "paper", TEXT),
    ("paper-ink", "paper-mark", TEXT),
    *(("edge", ground, MARK) for ground in ("surface", "ground")),
    *(("focus", ground, MARK) for ground in ("surface", "ground", "sunken", "chosen")),
]


class TestTheTokens:
    @pytest.mark.parametrize(("ink", "ground", "least"), PAIRS)
    @pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
    def test_stand_out(self, ink, ground, least, scheme):
        known = tokens()

        ratio = contrast(known[f"--{ink}"][scheme], known[f"--{ground}"][scheme])

        assert ratio >= least, f"{ink} on {ground}: {ratio:.2f}"

    def test_are_each_defined_and_used(self):
        defined = set(re.findall(r"(--[\w-]+):", uncommented(CSS / "tokens.css")))
        used = {
            name for path in SHEETS for name in re.findall(r"var\((--[\w-]+)\)", uncommented(path))
        }

        assert (defined - used, used - defined) == (set(), set())

    @pytest.mark.parametrize(
        "path", [path for path in SHEETS if path.name != "tokens.css"], ids=lambda path: path.name
    )
    def test_are_the_only_colours_and_sizes(self, path):
        rules = re.sub(r"@(?:media|import)[^{;]*", "", uncommented(path))
        declared = re.findall(r"[\w-]+\s*:\s*[^;{}]+;", rules)

        strays = re.compile(
            r"#[0-9a-f]{3,8}\b|\b(?:rgba?|hsla?|oklch)\(|\d(?:px|rem|pt)\b"
            r"|: *(?:white|black|red|gr[ae]y|blue|green|orange|yellow)\b"
        )
        assert [line for line in declared if strays.search(line)] == []

    def test_are_said_once_for_both_schemes(self):
        sheets = "".join(uncommented(path) for path in SHEETS)

        assert "prefers-color-scheme" not in sheets


class TestTheComponents:
    @pytest.fixture
    def client(self, db, settings):
        settings.DEBUG = True
        importlib.reload(pimms.urls)
        yield signed_in(manager())
        settings.DEBUG = False
        importlib.reload(pimms.urls)

    @pytest.mark.urls("pimms.urls")
    def test_are_shown_on_one_page_to_who_builds_pages(self, client):
        page = client.get("/apparence/").text

        for name in ("badge", "tabs", "pills", "note", "finding", "steps", "fold", "empty", "bar"):
            assert re.search(rf'class="{name}\b', page), name
        assert "<progress" in page

    def test_are_shown_to_nobody_else(self, db):
        assert signed_in(manager()).get("/apparence/").status_code == 404
        assert Client().get("/apparence/").status_code == 302

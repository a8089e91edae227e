"""What the pages say is there: links, files, and the ids that code and tests cite."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")])
SOURCES = [
    path
    for folder in ("labelling", "pimms", "tests")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.suffix in {".py", ".html", ".js", ".css", ".typ"} and "migrations" not in path.parts
]
# Where a path of a page begins: the pages leave out what they stand in.
PLACES = (
    "",
    "labelling",
    "labelling/spreadsheets",
    "labelling/press_release",
    "labelling/press_release/renderers",
)
ID = re.compile(r"\b(?:[SRI][0-9]{1,2}|Q[0-9]{3})\b")


def known_ids() -> set[str]:
    rows = re.findall(r"^\| ([^|]+) \|", (ROOT / "docs/faults.md").read_text("utf-8"), re.M)
    rules = (ROOT / "labelling/quality/rules").glob("*.py")
    described = " ".join(path.read_text("utf-8") for path in rules)
    return {*ID.findall(" ".join(rows)), *re.findall(r'"""(Q[0-9]{3}):', described)}


def prose_of(path: Path) -> Iterator[str]:
    """What a file says to who reads it: docstrings and comments."""
    source = path.read_text("utf-8")
    if path.suffix != ".py":
        yield from re.findall(r"/\*.*?\*/|//[^\n]*|\{#.*?#\}|\{% comment %\}.*?\{%", source, re.S)
        return
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.string
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            yield ast.get_docstring(node) or ""


# A row of a table: its ids, what it says, where it is proved.
ROW = re.compile(r"^\| ((?:[SR][0-9]+(?:, )?)+) \|.*\| ([^|]+) \|$", re.M)
PROVED = re.compile(r"`(tests/[\w/]+\.py)` ((?:\w+, )*\w+)")


def proofs() -> list[tuple[str, str, str]]:
    """Where the page says that each threat or fault is met: its id, a file, a class or a check."""
    page = (ROOT / "docs/faults.md").read_text("utf-8")
    return [
        (id_, path, name)
        for ids, places in ROW.findall(page)
        for id_ in ids.split(", ")
        for path, names in PROVED.findall(places)
        for name in names.split(", ")
    ]


class TestThreatsAndFaults:
    def test_have_each_its_proof(self):
        ids = {f"S{n}" for n in range(1, 31)} | {f"R{n}" for n in range(1, 37)}

        assert sorted({id_ for id_, _, _ in proofs()}) == sorted(ids)

    @pytest.mark.parametrize(("id_", "path", "name"), proofs())
    def test_are_named_by_a_test_that_is_there(self, id_, path, name):
        tree = ast.parse((ROOT / path).read_text("utf-8"))
        kinds = (ast.ClassDef, ast.FunctionDef)
        [found] = [one for one in tree.body if isinstance(one, kinds) and one.name == name]
        tests = [one for one in found.body if isinstance(one, ast.FunctionDef)]

        if isinstance(found, ast.ClassDef):
            assert any(one.name.startswith("test_") for one in tests)
        said = " ".join(ast.get_docstring(one) or "" for one in (tree, found, *tests))
        assert id_ in ID.findall(said)


class TestReferences:
    def test_of_the_code_have_a_row(self):
        cited = {
            (id_, str(path.relative_to(ROOT)))
            for path in SOURCES
            for prose in prose_of(path)
            for id_ in ID.findall(prose)
        }

        assert len(cited) > 100
        assert sorted(one for one in cited if one[0] not in known_ids()) == []

    def test_of_the_code_name_no_page_that_is_not_here(self):
        pages = re.compile(r"\b(?:docs/)?[\w-]+\.md\b")
        named = {(n, p) for p in SOURCES for prose in prose_of(p) for n in pages.findall(prose)}

        missing = [
            (name, str(path.relative_to(ROOT)))
            for name, path in named
            if not any((place / name).exists() for place in (ROOT, path.parent))
        ]
        assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
class TestAPage:
    def test_links_to_what_is_there(self, page):
        links = re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text("utf-8"))

        local = [link for link in links if "://" not in link]
        assert [link for link in local if not (page.parent / link).exists()] == []

    def test_names_files_that_are_there(self, page):
        named = re.findall(
            r"`([\w./]+/[\w.]*|[\w/]+\.(?:py|typ|xml|toml|sha256))`", page.read_text()
        )

        missing = [
            name
            for name in named
            if not name.startswith((".", "/"))
            and not any((ROOT / p / name).exists() for p in PLACES)
        ]
        assert missing == []

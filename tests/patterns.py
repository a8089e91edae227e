"""Every pattern of ours, as the code and Django's fields and constraints have them."""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
# A migration that landed does not change: the models have what holds today.
MODULES = [
    path.relative_to(ROOT)
    for package in ("labelling", "pimms")
    for path in sorted((ROOT / package).rglob("*.py"))
    if "migrations" not in path.parts
]
COMPILING = "compile"
USING = {"search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer"}


def list_patterns() -> dict[str, re.Pattern[Any]]:
    """The patterns by their names: of a constant, of a class, else what Django is given."""
    found: dict[str, re.Pattern[Any]] = {}
    for path in MODULES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        module = path.with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__")
        for name in _list_constants(tree):
            value: Any = importlib.import_module(module)
            for part in name.split("."):
                value = getattr(value, part)
            found[f"{module}.{name}"] = value
        found |= {written: re.compile(written) for written in _list_given_to_django(tree)}
    return found


def list_strays() -> list[str]:
    """Where a pattern is used that is no constant, so that nothing would name it."""
    strays = []
    for path in MODULES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        calls = [node for node in ast.walk(tree) if _is_call_of_re(node, {COMPILING, *USING})]
        constants = {id(value) for _, value in _walk_constants(tree.body)}
        strays += [f"{path}:{call.lineno}" for call in calls if id(call) not in constants]
        strays += [f"{path}: {ast.unparse(node)}" for node in ast.walk(tree) if _hides_re(node)]
    return strays


def _list_constants(tree: ast.Module) -> Iterator[str]:
    for name, value in _walk_constants(tree.body):
        if _is_call_of_re(value, {COMPILING}):
            yield name


def _walk_constants(body: list[ast.stmt], prefix: str = "") -> Iterator[tuple[str, ast.expr]]:
    for statement in body:
        match statement:
            case ast.ClassDef():
                yield from _walk_constants(statement.body, f"{prefix}{statement.name}.")
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                yield f"{prefix}{name}", value


def _list_given_to_django(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="RegexValidator" | "RegexField"), args=[written, *_]):
                yield ast.literal_eval(written)
            case ast.keyword(arg=str(name)) if name.endswith("regex"):
                yield ast.literal_eval(node.value)


def _is_call_of_re(node: ast.AST, names: set[str]) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="re"), attr=name)):
            return name in names
    return False


def _hides_re(node: ast.AST) -> bool:
    """Whether the module of patterns goes by another name, or gives single functions."""
    match node:
        case ast.Import(names=names):
            return any(alias.name == "re" and alias.asname for alias in names)
        case ast.ImportFrom(module="re"):
            return True
    return False

"""S8: what functions remember of texts from outside has an end."""

import ast
from collections.abc import Iterator

from tests.patterns import MODULES, ROOT

# Asked with what is ours alone: the keys of our models.
OF_OURS = {"_list_known_headings"}


def list_endless() -> Iterator[str]:
    """The functions that are given a text, or what may hold one, and forget nothing of it."""
    for path in MODULES:
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            match node:
                case ast.FunctionDef(name=name, args=given, decorator_list=[*decorators]) if any(
                    map(_is_endless, decorators)
                ):
                    kinds = [ast.unparse(a.annotation) for a in given.args if a.annotation]
                    if set(kinds) - {"bool", "int"} and name not in OF_OURS:
                        yield f"{path}: {name}"
                case ast.Call(func=ast.Call() as cache) if _is_endless(cache):
                    yield f"{path}: {ast.unparse(node)}"
                case ast.Call(func=ast.Name(id="cache") | ast.Attribute(attr="cache")):
                    yield f"{path}: {ast.unparse(node)}"


def _is_endless(decorator: ast.expr) -> bool:
    match decorator:
        case ast.Name(id="cache") | ast.Attribute(attr="cache"):
            return True
        case ast.Call(func=ast.Name(id="lru_cache") | ast.Attribute(attr="lru_cache")) as call:
            size = [*call.args, *(k.value for k in call.keywords if k.arg == "maxsize")]
            return any(isinstance(s, ast.Constant) and s.value is None for s in size)
    return False


class TestCaches:
    def test_of_texts_forget(self) -> None:
        assert list(list_endless()) == []

"""What a line of the log may say of a text or of a failure: nothing personal, little in all [S21].

Of an exception it is told what it is and where in our code it rose, never a line of source. What a
database says of itself names contacts and holds bytes of files: of it remain codes and names.
"""

import re
import sysconfig
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from string import digits
from traceback import walk_tb
from typing import Any

from django.db.utils import Error as DatabaseFailure

# Of a text from outside: how much is looked at, how much of that is written.
_LOOKED_AT = 10_000
_WRITTEN = 500
# Of a failure: how many causes, and how many of the last places in our code.
_CAUSES = 5
_PLACES = 10

_QUERY = re.compile(r"\?\S+")
_ADDRESS = re.compile(
    r"(?<![^\s\"'<>()\[\]{},;:=«»])(?:[^\s\"'<>()\[\]{},;:=«»@%]|%(?!40))*(?:@|%40)"
    r"[^\s\"'<>()\[\]{},;:=«»]*"
)
# A telephone, a card, an address of the network: nine digits, whatever stands between them.
_NUMBER = re.compile(r"\+?[0-9](?:[ .\-/\u00a0\u202f]{0,2}[0-9]){8,}")
# A token, a key of a session, a digest.
_TOKEN = re.compile(r"[A-Za-z0-9_\-]{32,}")
# One that nothing closes goes to the end. An apostrophe within a word is no quotation mark.
_QUOTED = re.compile(
    r"(?<!\w)'.*?(?:'(?!\w)|\Z)|\"[^\"]*(?:\"|\Z)|«[^»]*(?:»|\Z)|“[^”]*(?:”|\Z)", re.DOTALL
)
_CLOSING = {"«": "»", "“": "”"}
# Names of the code, of files and of hosts are what the operator looks for.
_OF_THE_CODE = re.compile(r"[a-z0-9_.:/\-]{1,60}")
# These name classes, attributes and modules alone.
_SAYS_CODE_ALONE = (AttributeError, NameError, ImportError)

_TREE = Path(__file__).resolve().parents[1]
_LIBRARIES = [Path(sysconfig.get_path(name)) for name in ("purelib", "stdlib")]


def mask(text: str) -> str:
    """The text on one line of its own, cut, without what may be personal.

    Addresses lose their query; e-mail addresses, long numbers and tokens, quoted values that are no
    names of the code are masked.
    """
    return _make_legible(_QUOTED.sub(_mask_quoted, _mask_shapes(text)))


def mask_but_quotations(text: str) -> str:
    """The same of a text whose quotation marks hold nothing from outside."""
    return _make_legible(_mask_shapes(text))


def _make_legible(text: str) -> str:
    """The text, cut, with what does not print as its code: it ends no line and hides nothing."""
    text = text.replace("\u00a0", " ").replace("\u202f", " ")
    if len(text) > _WRITTEN:
        text = f"{text[:_WRITTEN]}…"
    return "".join(
        one if one.isprintable() else one.encode("unicode_escape").decode() for one in text
    )


def _mask_shapes(text: str) -> str:
    text = _QUERY.sub("?…", text[:_LOOKED_AT])
    text = _TOKEN.sub(_mask_token, _ADDRESS.sub("[address]", text))
    return _NUMBER.sub("[number]", text)


def _mask_token(found: re.Match[str]) -> str:
    return "[token]" if not set(digits).isdisjoint(found[0]) else found[0]


def _mask_quoted(found: re.Match[str]) -> str:
    mark, value = found[0][0], found[0][1:].strip("'\"»” \u00a0\u202f")
    return found[0] if _OF_THE_CODE.fullmatch(value) else f"{mark}…{_CLOSING.get(mark, mark)}"


def list_failures(error: BaseException | None) -> list[str]:
    """What each exception of a chain is, says and where it rose; the last one first."""
    return [_tell(one) for one in islice(walk_causes(error), _CAUSES)]


def walk_causes(error: BaseException | None) -> Iterator[BaseException]:
    """The failure, then what led to it."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _tell(error: BaseException) -> str:
    kind = type(error)
    name = f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")
    try:
        said = _read_message(error)
    except Exception:  # An exception whose own message fails is one all the same.
        said = ""
    places = _locate(error)
    return f"{name}{said and ': '}{said}{places and ' at '}{places}"


def _read_message(error: BaseException) -> str:
    """What may be told of what it says: its first line, for what follows one is detail."""
    if isinstance(error, DatabaseFailure):
        return ""  # Its cause, the driver's, is the next one that is told.
    if hasattr(error, "diag"):
        return _read_diagnosis(error)
    if _is_of_sqlite(error):
        # What the engine says names tables and columns; the module around it repeats values.
        code = getattr(error, "sqlite_errorname", "")
        return f"{code} {mask(str(error))}" if code else ""
    lines = str(error)[:_LOOKED_AT].strip().splitlines()
    line = lines[0] if lines else ""
    return mask_but_quotations(line) if isinstance(error, _SAYS_CODE_ALONE) else mask(line)


def _is_of_sqlite(error: BaseException) -> bool:
    return any(kind.__module__ == "sqlite3" for kind in type(error).__mro__)


def _read_diagnosis(error: Any) -> str:
    """The code of PostgreSQL and the names of what it is about."""
    names = ("table_name", "column_name", "constraint_name")
    told = [(name.removesuffix("_name"), getattr(error.diag, name, None)) for name in names]
    return _make_legible(
        " ".join([error.sqlstate or "", *(f"{name} {value}" for name, value in told if value)])
    ).strip()


def _locate(error: BaseException) -> str:
    """Where it went through our code, and where it rose, whosever code that is."""
    frames = [(frame.f_code, line) for frame, line in walk_tb(error.__traceback__)]
    ours = [one for one in frames[:-1] if _is_ours(one[0].co_filename)][-_PLACES:]
    return " > ".join(
        f"{_shorten(code.co_filename)}:{line} in {code.co_qualname}"
        for code, line in [*ours, *frames[-1:]]
    )


def _is_ours(path: str) -> bool:
    is_library = any(Path(path).is_relative_to(one) for one in _LIBRARIES)
    return Path(path).is_relative_to(_TREE) and not is_library


def _shorten(path: str) -> str:
    for root in (*_LIBRARIES, _TREE):
        if Path(path).is_relative_to(root):
            return Path(path).relative_to(root).as_posix()
    return Path(path).name

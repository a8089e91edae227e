"""A Word file, read by a child process that cannot hurt this one."""

from dataclasses import asdict

from labelling import text
from labelling.press_release.returned.document import Document
from labelling.press_release.returned.limits import (
    NOT_WORD,
    OLD_WORD,
    REFUSALS,
    WordLimits,
)
from labelling.sandbox.limits import RefusedError
from labelling.sandbox.running import name_child, read_apart

_CHILD = name_child("labelling.press_release.returned.child")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LIMITS = WordLimits()


class ReadingError(ValueError):
    """A file that cannot be read; its message is a French sentence with cause and remedy."""


def read(data: bytes) -> Document:
    """Read a Word file; raise ReadingError when it is none, or breaks a limit."""
    try:
        if data.startswith(_OLE):
            raise RefusedError(OLD_WORD)
        if not data.startswith(b"PK"):
            raise RefusedError(NOT_WORD)
        answers = [*read_apart(_CHILD, asdict(LIMITS), data, LIMITS, REFUSALS)]
    except RefusedError as refusal:
        raise ReadingError(text.typeset(str(refusal))) from refusal
    return Document.from_json(answers[0]["document"])

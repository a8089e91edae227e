"""The child process that reads a Word file: one line with all it says, or why it is refused."""

import json
import sys
from collections.abc import Iterator
from typing import Any

from labelling.sandbox.child import restrain, serve

from .limits import REFUSALS, WordLimits


def main() -> None:
    """Read the limits (one line of JSON), then a Word file; answer on stdout."""
    limits = WordLimits(**json.loads(sys.stdin.buffer.readline()))
    restrain(limits)
    serve(lambda data: answer(data, limits), None, REFUSALS.too_heavy)


def answer(data: bytes, limits: WordLimits) -> Iterator[Any]:
    """Yield the document; raise RefusedError when it is not to be read."""
    # Imported here so that the library, too, works within the limits.
    from .word import read_document

    yield {"document": read_document(data, limits).to_json()}
    yield {"end": True}

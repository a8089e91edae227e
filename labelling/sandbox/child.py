"""The child process: limits itself, reads one file from stdin, writes JSON lines to stdout.

The last line is {"end": true}. Or, at any moment, {"refused": a French sentence}. No such end means
a child that died.
"""

import gc
import json
import resource
import sys
from collections.abc import Callable, Iterator
from typing import Any

from .limits import Ceilings, RefusedError


def serve(
    answer: Callable[[bytes], Iterator[Any]],
    encode: Callable[[Any], Any] | None,
    too_heavy: str,
) -> None:
    """Write what `answer` says of the file on stdin, each in a line, or why it is refused.

    `encode` gives what JSON has no word for.
    """
    # Millions of short-lived objects, no cycles, and a process that ends in a moment.
    gc.disable()
    encoder = json.JSONEncoder(default=encode, ensure_ascii=False, separators=(",", ":"))
    try:
        for line in answer(sys.stdin.buffer.read()):
            _write(encoder.encode(line))
    except MemoryError:
        _write(json.dumps({"refused": too_heavy}))
    except RefusedError as refusal:
        _write(json.dumps({"refused": str(refusal)}))
    sys.stdout.buffer.flush()


def _write(text: str) -> None:
    sys.stdout.buffer.write(text.encode() + b"\n")


def restrain(ceilings: Ceilings) -> None:
    """Give up memory, processor time and files, for good: the kernel enforces it."""
    for kind, ceiling in (
        (resource.RLIMIT_AS, ceilings.memory),
        (resource.RLIMIT_CPU, ceilings.processor_time),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hardest = resource.getrlimit(kind)
        limit = ceiling if hardest == resource.RLIM_INFINITY else min(ceiling, hardest)
        resource.setrlimit(kind, (limit, limit))

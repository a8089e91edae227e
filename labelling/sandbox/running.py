"""Starts the child that reads a file, and ends it: what it says is all that comes of it."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, cast

from .limits import Ceilings, Refusals, RefusedError

PROJECT = Path(__file__).parents[2]
# With -I the child's path has the standard library and the installed packages, not the project.
_START = "import sys; sys.path.insert(0, sys.argv[1]);from {} import main; main()"


def name_child(module: str) -> str:
    """The code that a child runs whose `main` is that of a module."""
    return _START.format(module)


def read_apart(
    code: str, asked: Mapping[str, Any], data: bytes, ceilings: Ceilings, refusals: Refusals
) -> Iterator[Any]:
    """Yield the answers of a child that runs `code`, up to its last; raise RefusedError.

    It is told `asked`, then given the file.
    """
    # No environment: it holds the secrets of the site. -B: the child may write no file anyway.
    environment = {k: v for k, v in os.environ.items() if k in ("PATH", "LD_LIBRARY_PATH")}
    with subprocess.Popen(  # noqa: S603
        [sys.executable, "-I", "-B", "-c", code, str(PROJECT)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
    ) as child:
        stdin, stdout = cast("IO[bytes]", child.stdin), cast("IO[bytes]", child.stdout)
        alarm = threading.Timer(ceilings.time, child.kill)
        alarm.start()
        try:
            # A child that dies early has not read everything: what it said is what counts.
            with suppress(BrokenPipeError):
                stdin.write(json.dumps(asked).encode() + b"\n" + data)
            with suppress(BrokenPipeError):
                stdin.close()
            for line in stdout:
                answer = json.loads(line)
                said = answer if isinstance(answer, dict) else {}
                if "refused" in said:
                    raise RefusedError(said["refused"])
                yield answer
                if "end" in said:
                    return
            # Killed by a limit (a signal), or stopped by a fault of the reader (a traceback).
            raise RefusedError(refusals.too_heavy if child.wait() < 0 else refusals.damaged)
        finally:
            alarm.cancel()
            child.kill()

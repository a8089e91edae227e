"""What the processor's time grows as: what is given to it, or its square."""

import gc
import time
from collections.abc import Callable
from typing import Any

# Where the square counts, so many times as much costs 256 times as much: a busy machine may make
# four times of one, and hides no square.
TIMES = 16
RATIO = 64
LONG_ENOUGH = 0.001  # Seconds of the processor: shorter ones are not measured well.
LONGEST = 1_000_000


def is_linear(
    work: Callable[[Any], object],
    *,
    make: Callable[[int], Any] = int,
    least: int = 125,
    most: int = LONGEST,
    runs: int = 3,
) -> bool:
    """Whether `work` on TIMES as much, of `most` at most, takes less than RATIO times as long.

    `make` makes what it works on, and is not counted. Much is `least`, or what takes long enough to
    be measured. A machine may be busy elsewhere for once; a square is one each time.
    """
    count = min(least, most // TIMES)
    while (
        seconds := _measure(work, make(count), runs)
    ) < LONG_ENOUGH and count * TIMES * 4 <= most:
        count *= 4
    return any(
        _measure(work, make(TIMES * count), runs)
        < RATIO * max(seconds, _measure(work, make(count), runs))
        for _ in range(runs)
    )


def costs_like(
    work: Callable[[Any], object], subject: Any, plain: Any, *, times: int = 3, runs: int = 2
) -> bool:
    """Whether `work` takes less than so many times as long on `subject` as on `plain`."""
    return any(
        _measure(work, subject, runs) < times * _measure(work, plain, runs) for _ in range(runs)
    )


def _measure(work: Callable[[Any], object], subject: Any, runs: int) -> float:
    """The seconds of the processor, the best of some runs; what others left is not collected."""
    spent = []
    collects = gc.isenabled()
    gc.disable()
    try:
        for _ in range(runs):
            began = time.process_time()
            work(subject)
            spent.append(time.process_time() - began)
    finally:
        if collects:
            gc.enable()
    return min(spent)

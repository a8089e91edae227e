"""What Python does about memory while much is made at once."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

# A page makes tens of thousands of objects, of which few are in a cycle.
_MOST_MADE = 50_000


def settle() -> None:
    """Once all stands: no search for cycles visits it again, and few begin within a page.

    Among so many objects a search takes about as long as a page, which waits for it [R2].
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_MOST_MADE)


@contextmanager
def uncollected() -> Iterator[None]:
    """Look for no cycles meanwhile: among many new objects that takes a tenth of the time.

    What has one is found afterwards.
    """
    is_collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if is_collecting:
            gc.enable()

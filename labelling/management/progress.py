"""How far a command is, on one line of a terminal; nothing where nobody looks."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.core.management.base import OutputWrapper

_BACK_AND_CLEAR = "\r\033[K"


@contextmanager
def show_progress(output: OutputWrapper) -> Iterator[Callable[[str], None]]:
    """A function to tell each step to; the line is gone in the end."""
    if not output.isatty():
        yield lambda step: None
        return

    def tell(step: str) -> None:
        output.write(f"{_BACK_AND_CLEAR}{step}…", ending="")
        output.flush()

    try:
        yield tell
    finally:
        output.write(_BACK_AND_CLEAR, ending="")

"""What a file may cost, and how it is refused."""

from dataclasses import dataclass

MEGABYTE = 1024 * 1024


class RefusedError(Exception):
    """A file that is not read; the message is a French sentence with cause and remedy."""


@dataclass(frozen=True)
class Ceilings:
    """Of one file, whatever its kind. Sizes are in bytes, times in seconds."""

    upload: int = 5 * MEGABYTE
    parts: int = 500
    unpacked: int = 64 * MEGABYTE
    memory: int = 768 * MEGABYTE
    processor_time: int = 8
    time: int = 10


@dataclass(frozen=True, kw_only=True)
class Refusals:
    """The sentences that refuse a file, in the words of its kind; `{}` takes what is wrong."""

    damaged: str
    unusual: str
    protected: str
    unpacked: str  # `{}` takes the ceiling, in megabytes.
    too_heavy: str


def format_number(number: int) -> str:
    """Return 20000 as the French write it, with U+202F between thousands."""
    return f"{number:,}".replace(",", "\u202f")

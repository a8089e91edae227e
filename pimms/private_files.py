"""What the application writes is its owner's alone, whoever creates it first [S28].

By the umask, all that its processes make; what lay there before, made by `touch`, a copy or another
program, is tightened when it is used. The static files are everybody's: see `collectstatic`.
"""

import logging
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

# Of nobody but the owner.
UMASK = 0o077
# What SQLite lays beside a base, and gives its rights only when it makes it itself.
_BESIDE = ("", "-journal", "-wal", "-shm")

_log = logging.getLogger(__name__)


def tighten(path: Path) -> None:
    """Take from others what they may do with a file or folder; what is not ours is told, once."""
    try:
        if path.stat().st_mode & UMASK:
            path.chmod(path.stat().st_mode & 0o777 & ~UMASK)
    except FileNotFoundError:
        pass
    except OSError as failure:
        _tell(path, type(failure).__name__)


def tighten_database(connection: Any, **kwargs: Any) -> None:
    """Tighten the file that was opened; PostgreSQL keeps its own."""
    if connection.vendor == "sqlite":
        name = connection.settings_dict["NAME"]
        for path in (Path(f"{name}{ending}") for ending in _BESIDE):
            if path.is_file():
                tighten(path)


@lru_cache(maxsize=100)
def _tell(path: Path, failure: str) -> None:
    _log.warning("Others can read %s, and it cannot be changed: %s", path, failure)


def begin() -> None:
    """Make what this process writes private, from now on, and what it starts."""
    os.umask(UMASK)

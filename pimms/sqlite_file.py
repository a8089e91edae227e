"""The file of SQLite, made in one piece: an empty one is a base that was lost [R31]."""

import errno
import os
import sqlite3
import tempfile
from contextlib import closing, suppress
from pathlib import Path
from typing import Any


class Connection(sqlite3.Connection):
    """A connection to a base; where there is no file yet, it is made with what a base begins with.

    SQLite makes an empty one, which it fills by the first write: whoever is stopped between the two
    leaves what looks like a base that somebody emptied.
    """

    def __init__(self, database: Any, *args: Any, **kwargs: Any) -> None:
        name = str(database)
        if name != ":memory:" and not name.startswith("file:") and not Path(name).exists():
            make_file(Path(name))
        super().__init__(database, *args, **kwargs)


def make_file(path: Path) -> None:
    """Make a base without tables, its owner's alone. What prevents it SQLite says itself."""
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f"{path.name}.") as file:
            file.write(_make_content())
            file.flush()
            os.fsync(file.fileno())
            with suppress(FileExistsError):  # Somebody else made it meanwhile.
                os.link(file.name, path)
    except OSError as error:
        # With no place left it would make an empty one.
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise


def _make_content() -> bytes:
    with closing(sqlite3.connect(":memory:")) as base:
        base.execute("VACUUM")
        return base.serialize()

"""Files that come to be whole or not at all, read by their owner alone [R18, S28]."""

import errno
import fcntl
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import mkdtemp

from django.db import DatabaseError

from labelling import text

# What is unfinished lies in a folder of this name, beside where it will be.
_PREFIX = ".pimms-unfinished-"

CHUNK = 1024 * 1024

# How each file of SQLite begins.
_SQLITE = b"SQLite format 3\0"

BUSY = (
    "La base est occupée : une autre opération est en cours. Relancez la commande dans un instant."
)

# What is told while it lasts: a few words.
Report = Callable[[str], None]

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_MISSING = (errno.ENOENT, errno.ENOTDIR)
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)
# What file systems of memory sticks and shares answer to a link, or to a lock.
_UNKNOWN = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EBADF, errno.ENOLCK)

# What a base says, by the beginning of its code.
_DAMAGED = "La base est abîmée : mettez-la de côté, puis restaurez la dernière sauvegarde."
_CAUSES = {
    "SQLITE_CORRUPT": _DAMAGED,
    "SQLITE_NOTADB": _DAMAGED,
    "SQLITE_BUSY": BUSY,
    "SQLITE_LOCKED": BUSY,
    "42501": "La personne que nomme DATABASE_URL n’a pas le droit de lire ou d’écrire la base : "
    "donnez-la-lui par « ALTER DATABASE … OWNER TO … », puis relancez.",
}
_NO_ANSWER = (
    "La base ne répond pas : vérifiez qu’elle est en marche et que DATABASE_URL y conduit, puis "
    "relancez."
)
_FULL_BASE = ("SQLITE_FULL", "SQLITE_IOERR")


class Refusal(Exception):
    """Nothing was changed: its French sentence has the cause and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(text.typeset(sentence))


@contextmanager
def open_workspace(folder: Path) -> Iterator[Path]:
    """A private folder inside `folder`, hence on its disk; one at a time, gone in the end.

    What a process that was killed left there is removed first.
    """
    with explain_faults(folder), _held(folder) as is_held:
        if is_held:
            for left in folder.glob(f"{_PREFIX}*"):
                shutil.rmtree(left, ignore_errors=True)
        made = Path(mkdtemp(prefix=_PREFIX, dir=folder))
        try:
            yield made
        finally:
            shutil.rmtree(made, ignore_errors=True)


@contextmanager
def _held(folder: Path) -> Iterator[bool]:
    """Hold a folder against others who would; False where the file system knows no locks."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refusal(
                f"Une autre sauvegarde ou restauration est en cours dans le dossier {folder} : "
                "attendez qu’elle finisse, puis relancez."
            ) from None
        except OSError as error:
            if error.errno not in _UNKNOWN:
                raise
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)


def make_file(path: Path) -> Path:
    """Make an empty file that its owner alone reads, whatever the umask."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    os.fchmod(descriptor, 0o600)
    os.close(descriptor)
    return path


def put_in_place(file: Path, destination: Path) -> None:
    """Give a finished file of a workspace its name, once it is on the disk; replace nothing."""
    write_through(file)
    with explain_faults(destination.parent):
        try:
            os.link(file, destination)
        except FileExistsError:
            raise Refusal(word_taken(destination)) from None
        except OSError as error:
            if error.errno not in _UNKNOWN or destination.exists():
                raise
            file.rename(destination)
        write_through(destination.parent)


def write_through(path: Path) -> None:
    """Have a file or a folder on the disk, and what is read of it next come from there."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(descriptor)


def word_taken(file: Path) -> str:
    return (
        f"Le fichier {file} existe déjà : il n’est jamais remplacé. Donnez un autre nom, ou "
        "déplacez-le."
    )


@contextmanager
def explain_faults(folder: Path) -> Iterator[None]:
    """Turn what the system says of a folder into a sentence."""
    try:
        yield
    except OSError as error:
        raise Refusal(_word_fault(error, folder)) from error


def _word_fault(error: OSError, folder: Path) -> str:
    if error.errno in _FULL:
        return word_full(folder)
    if error.errno in _MISSING:
        return (
            f"Le dossier {folder} n’existe pas : créez-le, ou branchez le disque qui le porte, "
            "puis relancez."
        )
    if error.errno in _FORBIDDEN:
        return (
            f"Le dossier {folder} ne s’écrit pas : donnez-en le droit à la personne qui lance "
            "cette commande, ou choisissez un autre dossier."
        )
    return (
        f"Le dossier {folder} ne répond pas comme il faut ({os.strerror(error.errno or 0)}) : "
        "vérifiez le disque, ou choisissez un autre dossier."
    )


@contextmanager
def explain_base(folder: Path | None = None) -> Iterator[None]:
    """Turn what the base says, or a copy of it that is made in `folder`, into a sentence."""
    try:
        yield
    except DatabaseError as error:
        full = dict.fromkeys(_FULL_BASE, word_full(folder)) if folder else {}
        raise Refusal(find_cause(error, full | _CAUSES) or _NO_ANSWER) from error


def find_cause(error: DatabaseError, causes: Mapping[str, str]) -> str:
    """What explains a failure, by the beginning of the code that the base gives; empty if none."""
    base = error.__cause__
    code = getattr(base, "sqlstate", None) or getattr(base, "sqlite_errorname", None) or ""
    return next((cause for start, cause in causes.items() if code.startswith(start)), "")


def find_used_file(path: Path) -> Path | None:
    """The file of a SQLite base, if it holds anything, or one beside it that would spoil it."""
    for end in ("", "-journal", "-wal", "-shm"):
        beside = path.with_name(path.name + end)
        if beside.exists() and (end or not beside.is_file() or _holds_anything(beside)):
            return beside
    return None


def _holds_anything(path: Path) -> bool:
    """Whether a file is more than a base without a table, asked without writing."""
    with path.open("rb") as file:
        head = file.read(len(_SQLITE))
    if head != _SQLITE:  # SQLite takes a short one for an empty base, whatever it holds.
        return bool(head)
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as base:
            return base.execute("SELECT 1 FROM sqlite_master").fetchone() is not None
    except sqlite3.DatabaseError:
        return True


def word_full(folder: Path) -> str:
    return (
        f"Il n’y a plus assez de place dans le dossier {folder} : libérez-en, ou choisissez un "
        "autre dossier, puis relancez."
    )

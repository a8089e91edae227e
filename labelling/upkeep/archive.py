"""A backup is one ZIP: the base in its native form, and a manifest that says what it holds.

An operator can unzip it, and use `sqlite3` or `pg_restore` without us.
"""

import hashlib
import json
import os
import struct
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, get_origin, get_type_hints
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from django.utils import timezone

from labelling import text
from labelling.days import make_span
from labelling.upkeep.workspace import CHUNK, Refusal, Report, explain_faults

_HOUSE, _FORMAT = "pimms", 1
_MANIFEST = "manifest.json"
_NAME = "pimms-%Y-%m-%d-%H%M%S.zip"

# The name of the base by its engine, and what it is compressed by: pg_dump does so itself.
_BASES = {"sqlite": ("base.sqlite3", ZIP_DEFLATED), "postgresql": ("base.dump", ZIP_STORED)}
ENGINES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}

_LONGEST_MANIFEST = CHUNK
# No base of ours is compressed to less: what claims so would fill the disk.
_MOST_INFLATED = 100

_DAMAGED = (
    "La sauvegarde {} est incomplète ou abîmée : rien n’a été modifié. Prenez-en une autre, ou "
    "copiez-la de nouveau depuis l’endroit où elle est gardée."
)
_FOREIGN = (
    "Le fichier {} n’est pas une sauvegarde de cette application : rien n’a été modifié. Nommez un "
    "fichier fait par « manage.py back_up »."
)
# What zipfile and json raise of bytes that they were not made for.
_UNREAD = (
    *(BadZipFile, zlib.error, EOFError, OSError, struct.error),
    *(ValueError, LookupError, TypeError, AttributeError, RuntimeError, OverflowError),
)


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself."""

    engine: str
    made_at: str  # ISO 8601, in UTC.
    migrations: list[str]  # « labelling.0001_network »
    counts: dict[str, int]  # Rows by table.
    size: int
    digest: str  # The SHA-256 of the base.
    house: str = _HOUSE
    format: int = _FORMAT

    @property
    def moment(self) -> str:
        return text.moment(datetime.fromisoformat(self.made_at))

    @property
    def holds(self) -> str:
        """« 53 sites, 12 345 lignes en tout »."""
        sites = text.counted(self.counts.get("labelling_site", 0), "site")
        return f"{sites}, {text.counted(sum(self.counts.values()), 'ligne')} en tout"


@dataclass(frozen=True)
class Contents:
    """What the base held when it was read."""

    engine: str
    migrations: list[str]
    counts: dict[str, int]


def make_name(at: datetime) -> str:
    return timezone.localtime(at).strftime(_NAME)


def find_moment(path: Path) -> datetime | None:
    """When a backup was made, by its name; None for a file that is not named by us."""
    try:
        moment = datetime.strptime(path.name, _NAME)  # noqa: DTZ007  # The next line gives it one.
    except ValueError:
        return None
    is_ours = moment.strftime(_NAME) == path.name and path.is_file() and not path.is_symlink()
    return timezone.make_aware(moment) if is_ours else None


def list_backups(folder: Path) -> list[Path]:
    """The backups that bear the names we give, the newest first."""
    with explain_faults(folder):
        found = {path: moment for path in folder.iterdir() if (moment := find_moment(path))}
    return sorted(found, key=lambda path: (found[path], path.name), reverse=True)


def delete_old(folder: Path, now: datetime, days: int) -> int:
    """Delete our backups that are older, never the newest one; return how many there were."""
    before = now - make_span(days)
    others = list_backups(folder)[1:]
    old = [path for path in others if (at := find_moment(path)) and at < before]
    with explain_faults(folder):
        for path in old:
            path.unlink(missing_ok=True)
    return len(old)


def write_backup(file: Path, base: Iterable[bytes], contents: Contents, now: datetime) -> Manifest:
    """Write a backup into an empty file, as the base comes."""
    name, compression = _BASES[contents.engine]
    size, digest = 0, hashlib.sha256()
    entry = ZipInfo(name, timezone.localtime(now).timetuple()[:6])
    entry.compress_type, entry.external_attr = compression, 0o600 << 16
    with ZipFile(file, "w") as parts:
        with parts.open(entry, "w", force_zip64=True) as part:
            for chunk in base:
                part.write(chunk)
                digest.update(chunk)
                size += len(chunk)
        manifest = Manifest(
            engine=contents.engine,
            made_at=now.isoformat(),
            migrations=contents.migrations,
            counts=contents.counts,
            size=size,
            digest=digest.hexdigest(),
        )
        told = json.dumps(asdict(manifest), ensure_ascii=False, indent=1, sort_keys=True)
        entry = ZipInfo(_MANIFEST, entry.date_time)
        entry.external_attr = 0o600 << 16
        parts.writestr(entry, told)
    return manifest


class Backup:
    """A backup that is open: what it says, and its base."""

    def __init__(self, path: Path, parts: ZipFile) -> None:
        self.path, self._parts = path, parts
        self.manifest = self._read_manifest()

    def read_base(self, report: Report) -> Iterator[bytes]:
        """The bytes of the base; Refusal in the end if they are not those that were saved."""
        size, digest = 0, hashlib.sha256()
        name, _ = _BASES[self.manifest.engine]
        with _explain_damage(self.path), self._parts.open(name) as part:
            while chunk := part.read(CHUNK):
                size += len(chunk)
                digest.update(chunk)
                if size > self.manifest.size:
                    break
                report(f"{text.number(100 * size // self.manifest.size)}\u00a0%")
                yield chunk
        if (size, digest.hexdigest()) != (self.manifest.size, self.manifest.digest):
            raise Refusal(_DAMAGED.format(self.path))

    def _read_manifest(self) -> Manifest:
        sizes = {part.filename: part.file_size for part in self._parts.infolist()}
        length = sizes.get(_MANIFEST, _LONGEST_MANIFEST)
        if len(sizes) != 2 or length >= _LONGEST_MANIFEST:
            raise Refusal(_FOREIGN.format(self.path))
        told = json.loads(self._parts.read(_MANIFEST))
        if not isinstance(told, dict) or told.get("house") != _HOUSE:
            raise Refusal(_FOREIGN.format(self.path))
        if type(told.get("format")) is not int:
            raise Refusal(_DAMAGED.format(self.path))
        if told["format"] != _FORMAT:
            raise Refusal(word_newer(self.path, f"le format {told['format']}"))
        if not _is_understood(told) or _BASES[told["engine"]][0] not in sizes:
            raise Refusal(_DAMAGED.format(self.path))
        if told["size"] > _MOST_INFLATED * self.path.stat().st_size:
            raise Refusal(_DAMAGED.format(self.path))
        return Manifest(**told)


def _is_understood(told: dict[str, Any]) -> bool:
    """Whether a manifest has all that one has, each of its kind."""
    hints = get_type_hints(Manifest)
    kinds = {name: get_origin(hint) or hint for name, hint in hints.items()}
    if told.keys() != kinds.keys() or told["engine"] not in _BASES:
        return False
    numbers = [told["size"], *told["counts"].values()]
    return (
        all(isinstance(told[name], kind) for name, kind in kinds.items())
        # They are shown on a terminal.
        and all(isinstance(name, str) and name.isprintable() for name in told["migrations"])
        and all(type(number) is int and number >= 0 for number in numbers)
        and datetime.fromisoformat(told["made_at"]).tzinfo is not None
        # The last year and the first one have no hour of ours.
        and bool(text.moment(datetime.fromisoformat(told["made_at"])))
    )


@contextmanager
def open_backup(path: Path) -> Iterator[Backup]:
    """Open a backup; Refusal for whatever is none, or is damaged."""
    with ExitStack() as opened:
        with _explain_damage(path):
            if not path.is_file():
                raise FileNotFoundError
            backup = Backup(path, opened.enter_context(ZipFile(path)))
        yield backup


@contextmanager
def _explain_damage(path: Path) -> Iterator[None]:
    """Turn what the reading of a file may raise, whatever it holds, into a sentence."""
    try:
        yield
    except PermissionError as error:
        raise Refusal(
            f"Le fichier {path} ne se lit pas : donnez-en le droit à la personne qui lance cette "
            "commande."
        ) from error
    except FileNotFoundError as error:
        raise Refusal(f"Le fichier {path} n’existe pas : vérifiez son nom.") from error
    except _UNREAD as error:
        raise Refusal(_word_unread(path)) from error


def _word_unread(path: Path) -> str:
    """A file that begins as a ZIP does is a damaged one, any other is of another kind."""
    try:
        with path.open("rb") as file:
            begins = file.read(4)
    except OSError as error:
        cause = os.strerror(error.errno or 0)
        return f"Le fichier {path} ne se lit pas ({cause}) : vérifiez son nom et le disque."
    return (_DAMAGED if begins == b"PK\x03\x04" else _FOREIGN).format(path)


def word_newer(path: Path, unknown: str) -> str:
    return (
        f"La sauvegarde {path} vient d’une version plus récente que celle-ci, qui ne connaît pas "
        f"{unknown} : installez la version qui l’a faite, puis relancez ; rien n’a été modifié."
    )

"""The two bases of a copy: the one that is read, as of one moment, and the empty one [R30]."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection, connections, transaction
from django.db.utils import load_backend

from labelling import upgrading
from labelling.upkeep.elsewhere import leading_to
from labelling.upkeep.postgresql import list_tables
from labelling.upkeep.saving import is_up_to_date
from labelling.upkeep.workspace import (
    Refusal,
    explain_base,
    find_used_file,
    make_file,
    open_workspace,
)

# The alias of the base that is read.
SOURCE = "source"

_SQLITE, _POSTGRESQL = "django.db.backends.sqlite3", "django.db.backends.postgresql"
_NOT_EMPTY = (
    "La base d’arrivée n’est pas vide : une copie ne se fait que dans une base vide. {remedy}, "
    "puis relancez ; rien n’a été modifié."
)


def read_address(address: str) -> dict[str, Any]:
    """The settings of the base of an address, which is never repeated: it may hold a password."""
    try:
        read: dict[str, Any] = {**dj_database_url.parse(address)}
    except ValueError:
        read = {}
    if read.get("ENGINE") not in (_SQLITE, _POSTGRESQL) or read["NAME"] in ("", ":memory:"):
        raise Refusal(
            "L’adresse de la base d’arrivée ne se lit pas : écrivez par exemple "
            "postgres://personne@machine:5432/nom, ou sqlite:////dossier/nom.sqlite3."
        )
    if read["ENGINE"] == _SQLITE:
        read["NAME"] = str(Path(read["NAME"]).resolve())
    return {**read, "OPTIONS": read.get("OPTIONS", {})}


def refuse_source(target: dict[str, Any]) -> None:
    """Raise Refusal if the base of the application is not there, not up to date, or the target."""
    here = connection.settings_dict
    if connection.vendor == "sqlite" and not Path(here["NAME"]).is_file():
        # Before anything opens it, which would make an empty one.
        raise Refusal(f"La base {here['NAME']} n’existe pas : vérifiez DATABASE_URL.")
    if _locate(here) == _locate(target):
        raise Refusal(
            "La base d’arrivée est celle d’ici, que nomme DATABASE_URL : donnez l’adresse d’une "
            "base vide ; rien n’a été modifié."
        )
    with explain_base():
        if not list_tables(connection):
            raise Refusal("La base d’ici est vide : il n’y a rien à copier. Vérifiez DATABASE_URL.")
        if obstacle := upgrading.find_obstacle(connection):
            raise Refusal(obstacle)
        if not is_up_to_date():
            raise Refusal(
                "La base d’ici n’est pas à jour : lancez « manage.py migrate », puis relancez ; "
                "rien n’a été copié."
            )


def _locate(database: dict[str, Any]) -> tuple[str, ...]:
    if database["ENGINE"] == _SQLITE:
        return (str(Path(database["NAME"]).resolve()),)
    return tuple(str(database.get(key) or "") for key in ("HOST", "PORT", "NAME"))


@contextmanager
def open_folder(target: dict[str, Any]) -> Iterator[Path]:
    """A private folder for the files of a copy, on the disk of the one that stays."""
    files = [told["NAME"] for told in (target, connection.settings_dict) if _is_file(told)]
    folder = Path(files[0]).resolve().parent if files else Path(gettempdir())
    with open_workspace(folder) as workspace:
        yield workspace


def make_target(target: dict[str, Any], workspace: Path) -> dict[str, Any]:
    """The settings of the empty base to fill: of a SQLite base, a file that is not yet in place.

    Raise Refusal if the target is not empty, or cannot be reached.
    """
    if not _is_file(target):
        _refuse_used_server(target)
        return target
    refuse_used_file(Path(target["NAME"]))
    return _describe_file(make_file(workspace / "copy.sqlite3"))


def refuse_used_file(path: Path) -> None:
    """Raise Refusal if a file holds anything, or has beside it what would spoil it."""
    if used := find_used_file(path):
        raise Refusal(_NOT_EMPTY.format(remedy=f"Donnez un autre nom, ou déplacez {used}"))


def _refuse_used_server(target: dict[str, Any]) -> None:
    with leading_to(target):
        try:
            with connection.cursor() as cursor:
                cursor.execute("SHOW server_encoding")
                (encoding,) = cursor.fetchone()
            tables = list_tables(connection)
        except (DatabaseError, ImproperlyConfigured) as error:
            raise Refusal(
                "La base d’arrivée ne répond pas : vérifiez que PostgreSQL est en marche, et la "
                "machine, le nom de la base, la personne et le mot de passe que donne l’adresse "
                "(« psql » suivi de l’adresse dit ce qui manque), puis relancez."
            ) from error
    if tables:
        raise Refusal(_NOT_EMPTY.format(remedy="Créez-en une (« createdb »)"))
    if encoding != "UTF8":
        raise Refusal(
            f"La base d’arrivée garde ses textes en {encoding}, qui n’a pas toutes les lettres : "
            "créez-en une par « createdb --encoding UTF8 --template template0 », puis relancez."
        )


@contextmanager
def open_snapshot(workspace: Path) -> Iterator[None]:
    """Let the base of the application be read by the alias SOURCE, as it is at this moment.

    Others go on writing in it.
    """
    here = connection.settings_dict
    if connection.vendor == "sqlite":
        file = make_file(workspace / "source.sqlite3")
        with explain_base(workspace.parent), connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(file)])
        with _opened(here | _describe_file(file)):
            yield
        return
    with _opened(here), transaction.atomic(SOURCE):
        with connections[SOURCE].cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


@contextmanager
def _opened(database: dict[str, Any]) -> Iterator[None]:
    connections[SOURCE] = load_backend(database["ENGINE"]).DatabaseWrapper(database, SOURCE)
    try:
        yield
    finally:
        connections[SOURCE].close()
        del connections[SOURCE]


def _is_file(database: dict[str, Any]) -> bool:
    return bool(database["ENGINE"] == _SQLITE)


def _describe_file(path: Path) -> dict[str, Any]:
    # Without the application's options: what is written at once need not stay in memory.
    return {"ENGINE": _SQLITE, "NAME": str(path), "OPTIONS": {}}

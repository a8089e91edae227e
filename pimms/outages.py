"""Faults that are the base's or the disk's and not the application's: what each is, and for whom.

Nobody searches the code for them: people read what to do, the log names the cause once [R4, R18].
"""

import copy
import errno
import logging
import sqlite3
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from threading import Lock
from typing import Any

from django.db import DEFAULT_DB_ALIAS, Error, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse

from labelling import text
from pimms.masking import walk_causes

_log = logging.getLogger(__name__)

# While it lasts, a cause is told again after so many seconds; and it is over once it was not met
# for so many, where some requests pass and others do not.
_AGAIN = 600
_QUIET = 5
# How long a question may take that only asks whether the base answers.
_PATIENCE = 2
_LONGEST_DETAIL = 200


@dataclass(frozen=True)
class Outage:
    """A kind of fault: a page says `title`, `state` and `advice`, the log and commands `cause`."""

    title: str
    state: str
    advice: str
    # For who keeps the server: nothing of what was asked, nor of what the base holds.
    cause: str
    # Pages can be read meanwhile.
    is_of_writes: bool = False


BUSY = Outage(
    title="La base est occupée",
    state="Une autre opération est en cours.",
    advice="réessayez dans un instant",
    cause="La base est occupée : attendez la fin d’une autre opération.",
    is_of_writes=True,
)
UNREACHABLE = Outage(
    title="La base ne répond pas",
    state="Rien ne peut être lu ni enregistré pour l’instant.",
    advice="réessayez dans une minute, et prévenez un responsable si cela dure",
    cause="La base est injoignable : vérifiez qu’elle fonctionne, et que DATABASE_URL y mène.",
)
FULL = Outage(
    title="Le serveur n’a plus de place",
    state="Les pages se lisent, mais rien ne s’enregistre.",
    advice="prévenez un responsable, et réessayez quand il aura fait de la place",
    cause="Le disque est plein : faites de la place pour la base et les fichiers temporaires.",
    is_of_writes=True,
)
MISSING = Outage(
    title="La mise à jour n’est pas terminée",
    state="La base n’a pas encore la forme que cette version attend.",
    advice="réessayez dans quelques minutes, et prévenez un responsable si cela dure",
    cause="Il manque des migrations à la base : lancez « manage.py migrate ».",
)
DAMAGED = Outage(
    title="La base est endommagée",
    state="Elle ne se lit plus.",
    advice="prévenez tout de suite un responsable, qui la remplacera par une sauvegarde",
    cause=(
        "La base est endommagée, ou ce n’en est pas une : mettez-la de côté, et restaurez une "
        "sauvegarde."
    ),
)
READ_ONLY = Outage(
    title="La base n’accepte aucun changement",
    state="Les pages se lisent, mais rien ne s’enregistre pour l’instant.",
    advice="réessayez dans quelques minutes, et prévenez un responsable si cela dure",
    cause=(
        "La base refuse les écritures : vérifiez à qui est son fichier et le dossier de celui-ci, "
        "ou pourquoi PostgreSQL est en lecture seule."
    ),
    is_of_writes=True,
)
FORBIDDEN = replace(
    READ_ONLY,
    cause=(
        "La base refuse les écritures : donnez au compte de DATABASE_URL les droits sur ses tables "
        "et celui d’en créer, ou faites-en le propriétaire de la base."
    ),
)
OUTAGES = (BUSY, UNREACHABLE, FULL, MISSING, DAMAGED, READ_ONLY, FORBIDDEN)

# By what PostgreSQL calls it, then by its class; by what SQLite or the system does.
_BY_STATE = {
    "55P03": BUSY,
    "57014": BUSY,
    "53300": UNREACHABLE,  # Too many connections.
    "57P01": UNREACHABLE,
    "57P02": UNREACHABLE,
    "57P03": UNREACHABLE,
    "57P05": UNREACHABLE,
    "25P03": UNREACHABLE,
    "08": UNREACHABLE,
    "53100": FULL,
    "25006": READ_ONLY,
    "42501": FORBIDDEN,
    "58": DAMAGED,
    "XX001": DAMAGED,
    "XX002": DAMAGED,
}
_BY_SQLITE = {
    sqlite3.SQLITE_BUSY: BUSY,
    sqlite3.SQLITE_CANTOPEN: UNREACHABLE,
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_IOERR_WRITE: FULL,  # A quota that is used up.
    sqlite3.SQLITE_READONLY: READ_ONLY,
    sqlite3.SQLITE_CORRUPT: DAMAGED,
    sqlite3.SQLITE_IOERR: DAMAGED,
    sqlite3.SQLITE_NOTADB: DAMAGED,
}
_BY_SYSTEM = {errno.ENOSPC: FULL, errno.EDQUOT: FULL}
# What the driver raises where PostgreSQL gave no code.
_LOST = {"OperationalError", "ConnectionTimeout"}
# A table or a column that is not there, of migrations or of a mistake; SQLite has no word for it.
_UNDEFINED = {"42P01", "42703", sqlite3.SQLITE_ERROR}


def find_outage(failure: BaseException | None) -> Outage | None:
    """What kind of outage explains a failure; None for one of the application itself."""
    outages = (_find_kind(one) for one in walk_causes(failure))
    return next((outage for outage in outages if outage), None)


def explain(failure: BaseException, outage: Outage) -> str:
    """The sentence for who keeps the server; where there is no base, with what the driver says."""
    causes = [cause for cause in walk_causes(failure) if not isinstance(cause, Error)]
    if outage is not UNREACHABLE or not causes or not str(causes[0]):
        return outage.cause
    return f"{outage.cause} ({text.legible(str(causes[0]).splitlines()[0])[:_LONGEST_DETAIL]})"


def is_uncertain(failure: BaseException) -> bool:
    """Whether PostgreSQL was lost while it wrote: what was sent may be saved, or not [R5]."""
    commit: Any = BaseDatabaseWrapper._commit  # type: ignore[attr-defined]
    steps = [step.f_code for step, _ in traceback.walk_tb(failure.__traceback__)]
    return read_code(failure) is None and commit.__code__ in steps


def read_code(failure: BaseException) -> str | int | None:
    """What the driver, PostgreSQL's or SQLite's, calls the failure."""
    for one in (failure, failure.__cause__):
        if code := getattr(one, "sqlstate", None) or getattr(one, "sqlite_errorcode", None):
            return code
    return None


def list_unapplied(using: str = DEFAULT_DB_ALIAS) -> list[str]:
    """The migrations of this version that the base does not have; more of them do no harm.

    Asked by a connection of its own, with little patience: whatever state the request's is in.
    """
    probe = _copy_impatient(connections[using])
    try:
        applied = MigrationRecorder(probe).applied_migrations()
    finally:
        probe.close()
    return sorted(".".join(key) for key in _list_migrations() - applied.keys())


class _Log:
    """What was told of each outage that lasts: when it was told and when it was last met."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._lasting: dict[Outage, tuple[float, float]] = {}

    def note(self, outage: Outage, failure: BaseException) -> None:
        """Tell the cause when it begins, and seldom while it lasts."""
        now = time.monotonic()
        with self._lock:
            told, _ = self._lasting.get(outage, (now - _AGAIN, now))
            is_news = now - told >= _AGAIN
            self._lasting[outage] = (now if is_news else told, now)
        if is_news:
            _log.error(explain(failure, outage))

    def note_end(self, is_over: Callable[[Outage], bool]) -> None:
        """Tell what is over."""
        if not self._lasting:
            return
        now = time.monotonic()
        with self._lock:
            ended = [
                outage
                for outage, (_, met) in self._lasting.items()
                if is_over(outage) and now - met >= _QUIET
            ]
            for outage in ended:
                del self._lasting[outage]
        for outage in ended:
            _log.warning("C’est fini : %s", outage.title)


_told = _Log()
note_outage = _told.note


def note_ready() -> None:
    """Note that the base answered, and has all its migrations."""
    _told.note_end(lambda outage: not outage.is_of_writes)


def note_recovery(get_response: Callable[[HttpRequest], HttpResponse]) -> Any:
    """The middleware that sees what is over: somebody whom the base knows was answered.

    By a page, what hinders reading; by being led on after a post, what hinders writing.
    """

    def run(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        is_written = request.method == "POST" and response.status_code == 302
        if response.status_code < 400 and _is_known(request):
            _told.note_end(
                lambda outage: is_written if outage.is_of_writes else outage is not MISSING
            )
        return response

    return run


def _is_known(request: Any) -> bool:
    """Whether the base was asked who it is: not for static files, nor where one signs in."""
    person = getattr(request, "_cached_user", None)
    return person is not None and person.is_authenticated


def _find_kind(failure: BaseException) -> Outage | None:
    code = read_code(failure)
    if code in _UNDEFINED:
        return _judge_undefined()
    if isinstance(code, str):
        return _BY_STATE.get(code) or _BY_STATE.get(code[:2])
    if isinstance(code, int):
        # The eight lowest bits say the kind, the others what of it.
        return _BY_SQLITE.get(code) or _BY_SQLITE.get(code & 0xFF)
    if isinstance(failure, OSError):
        return _BY_SYSTEM.get(failure.errno or 0)
    return UNREACHABLE if _is_lost(failure) else None


def _judge_undefined() -> Outage | None:
    """A table that is not there: missing migrations, else a mistake of ours."""
    try:
        return MISSING if list_unapplied() else None
    except Error as failure:
        return find_outage(failure)


def _is_lost(failure: BaseException) -> bool:
    """Whether PostgreSQL gave no code since it was not there to give one: the driver says so."""
    return hasattr(failure, "sqlstate") and type(failure).__name__ in _LOST


@cache
def _list_migrations() -> set[tuple[str, str]]:
    """Those of this version: they are read once, since its code does not change while it runs."""
    return set(MigrationLoader(None).disk_migrations)


def _copy_impatient(base: BaseDatabaseWrapper) -> BaseDatabaseWrapper:
    probe = base.copy()
    options = probe.settings_dict["OPTIONS"] = copy.deepcopy(probe.settings_dict["OPTIONS"])
    if probe.vendor == "postgresql":
        waits = f"-c statement_timeout={_PATIENCE}s -c lock_timeout={_PATIENCE}s"
        options["options"] = f"{options.get('options', '')} {waits}"
        options["connect_timeout"] = _PATIENCE
    else:
        options["timeout"] = _PATIENCE
    return probe

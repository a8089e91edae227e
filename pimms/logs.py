"""What the server says of itself: each record one line, of text or of JSON [S21, S22].

A line carries the number of its request, which the page of a failure shows too. A traceback is a
part of it; what was merely refused has none.
"""

import json
import logging
import re
import secrets
import sys
import threading
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest, DisallowedHost, SuspiciousOperation

from pimms.masking import list_failures, mask, mask_but_quotations

FORMATS = ("text", "json")

# What nginx calls a request, where it is our proxy: its log and ours then agree.
_GIVEN = re.compile(r"[0-9a-f]{8,64}")
# As much of it as a person reads out.
_SHOWN = 8
# Whose sentences quote our own words.
_OURS = ("pimms.", "labelling.")
# What Django refuses of a request for what it asks.
_HOSTILE = (SuspiciousOperation, BadRequest)

_number: ContextVar[str] = ContextVar("number", default="")
_log = logging.getLogger(__name__)


def make_logging(written: str, *, level: str = "WARNING") -> dict[str, Any]:
    """The configuration of every process, gunicorn's own included: one handler, one line a record.

    `written` is one of FORMATS; `level` that of Django.
    """
    lines = JsonLine if written == "json" else TextLine
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": f"{__name__}.{lines.__name__}"}},
        # What would say the same thing twice is left out by a filter of this handler.
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            # Without Django's own handlers, which print to the console in DEBUG and mail otherwise.
            "django": {"handlers": [], "level": level},
            # gunicorn gives them handlers of its own; their level is what its options say.
            "gunicorn.error": {"handlers": ["stderr"], "propagate": False},
        },
    }


def log_the_rest() -> None:
    """Let what nobody catches, and the warnings of Python, be lines as well: for entrances."""
    logging.captureWarnings(True)
    sys.excepthook = _log_uncaught
    if threading.excepthook is threading.__excepthook__:  # Else who runs us listens already.
        threading.excepthook = lambda failure: _log_uncaught(
            failure.exc_type, failure.exc_value, failure.exc_traceback
        )


def _log_uncaught(kind: Any, error: Any, trace: Any) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        _log.critical("Nothing caught this", exc_info=(kind, error, trace))


# The number of a request


def begin_request(environ: Mapping[str, str] | None = None, **kwargs: Any) -> None:
    """Number a request, before anything looks at it: as our proxy does, else anew."""
    told = (environ or {}).get("HTTP_X_REQUEST_ID", "").lower() if settings.BEHIND_PROXY else ""
    _number.set(told if _GIVEN.fullmatch(told) else secrets.token_hex(_SHOWN // 2))


def end_request(**kwargs: Any) -> None:
    """Forget the number: its thread serves others."""
    _number.set("")


def read_number() -> str:
    """The number of this request, as people read it: the beginning of what the log has."""
    return _number.get()[:_SHOWN]


# A line


class TextLine(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = _read(record)
        told = " <- ".join([line["message"], *line["failures"]])
        return f"{line['time']} {line['level']} {line['logger']} {line['request'] or '-'} {told}"


class JsonLine(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(_read(record), ensure_ascii=False)


def _read(record: logging.LogRecord) -> dict[str, Any]:
    """What a line says of a record, whatever it is written in."""
    error = record.exc_info[1] if record.exc_info else None
    # Django takes what it refuses of a hostile request for a failure of ours.
    is_refusal = getattr(record, "status_code", 500) < 500
    masking = mask_but_quotations if record.name.startswith(_OURS) else mask
    moment = datetime.fromtimestamp(record.created, UTC).astimezone()
    return {
        "time": moment.isoformat(timespec="milliseconds"),
        "level": "WARNING" if is_refusal else record.levelname,
        "logger": record.name,
        "request": _number.get(),
        "message": masking(_word(record, error)),
        "failures": [] if is_refusal else list_failures(error),
    }


def _word(record: logging.LogRecord, error: BaseException | None) -> str:
    """What the record says; of a hostile request where it went, not what it asked for."""
    request = getattr(record, "request", None)
    if request and isinstance(error, _HOSTILE) and not isinstance(error, DisallowedHost):
        return f"{type(error).__name__}: {request.path}"
    try:
        said = record.getMessage()
    except Exception:  # Wrong arguments: the handler would write a traceback with all of them.
        said = str(record.msg)
    # A warning comes with the line of source that it is about.
    return said.partition("\n")[0] if record.name == "py.warnings" else said

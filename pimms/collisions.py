"""Several people at once: who comes second is answered anew."""

import sqlite3
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.messages.storage import default_storage
from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError, IntegrityError, OperationalError
from django.db.models import ProtectedError
from django.http import HttpRequest, HttpResponse

from labelling.models import StaleRecord
from pimms.outages import read_code

# Four people on one record are through after two; one that still fails has another reason.
_TRIES = 3

# What either database says of a request that another one came before.
_OVERTAKEN = {
    "23503",  # PostgreSQL: a record it refers to is gone; said by its commit only.
    "23505",  # A value that must be unique is taken.
    "40001",  # Two transactions that cannot both have been first.
    "40P01",  # Two that waited for each other.
    sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY,
    sqlite3.SQLITE_CONSTRAINT_UNIQUE,
}


def answer_anew(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The view, run again where somebody else wrote first [R29].

    It then reads what the other wrote, and its ordinary checks say it in their own words beside
    what was typed. So a view writes in one transaction: what it wrote before it failed is undone.
    """

    @wraps(view)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        for _ in range(_TRIES - 1):
            try:
                return view(request, *args, **kwargs)
            except (StaleRecord, ObjectDoesNotExist, IntegrityError, OperationalError) as failure:
                if request.method != "POST" or not _is_overtaken(failure):
                    raise
                _reset_request(request)
        return view(request, *args, **kwargs)

    return run


def _is_overtaken(failure: Exception) -> bool:
    """Whether another request explains the failure: one that wrote after this one had read."""
    if isinstance(failure, DatabaseError) and not isinstance(failure, ProtectedError):
        return read_code(failure) in _OVERTAKEN
    return True


def _reset_request(request: HttpRequest) -> None:
    """Take back what a first run did to the request: it said things, and read the files."""
    request._messages = default_storage(request)  # type: ignore[attr-defined]
    for _, files in request.FILES.lists():
        for file in files:
            file.seek(0)

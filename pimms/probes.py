"""What whoever watches the server asks: whether it runs, and whether it can serve people [R4].

In front of everything: whatever name it is asked by, without TLS, whoever is signed in.
"""

from collections.abc import Callable
from typing import Any

from django.db import Error
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils.cache import add_never_cache_headers

from pimms import outages

ALIVE = "/.alive"
READY = "/.ready"


def answer_probes(get_response: Callable[[HttpRequest], HttpResponse]) -> Any:
    """The middleware that answers these two addresses by a word; why it is so, the log says."""

    def run(request: HttpRequest) -> HttpResponse:
        if request.path_info not in {ALIVE, READY}:
            return get_response(request)
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        if request.path_info == ALIVE:
            return _say("alive", 200)
        return _say("ready", 200) if _is_ready() else _say("not ready", 503)

    return run


def _is_ready() -> bool:
    """Whether the base answers soon and has every migration of this version."""
    try:
        missing = outages.list_unapplied()
    except Error as failure:
        outage = outages.find_outage(failure)
        if outage is None:
            raise
        outages.note_outage(outage, failure)
        return False
    if missing:
        outages.note_outage(outages.MISSING, LookupError(missing[0]))
        return False
    outages.note_ready()
    return True


def _say(word: str, status: int) -> HttpResponse:
    answer = HttpResponse(f"{word}\n", status=status, content_type="text/plain; charset=utf-8")
    add_never_cache_headers(answer)
    answer._has_been_logged = True  # type: ignore[attr-defined]  # Django would, each time.
    return answer

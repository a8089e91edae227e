"""What was answered to somebody is theirs: no cache keeps it, nor the browser they shared [S17]."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers


def keep_private(get_response: Callable[[HttpRequest], HttpResponse]) -> object:
    """The middleware by which every page asks not to be kept: secrets of a second factor too.

    Behind what serves the static files, which say themselves for how long they hold.
    """

    def run(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        add_never_cache_headers(response)
        return response

    return run

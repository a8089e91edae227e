"""What answers when the application refuses or fails: a page, and what is kept of it."""

import sys
from typing import Any

from django.contrib.messages.storage import default_storage
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.http.multipartparser import MultiPartParserError
from django.template.loader import render_to_string
from django.utils.cache import add_never_cache_headers
from django.utils.text import capfirst
from django.views.defaults import permission_denied

from labelling import text
from labelling.access.noting import note_refusal
from pimms import outages, posts
from pimms.logs import read_number

# After how many seconds a program may ask again; people have a button.
_LATER = 30


def answer_refusal(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Note who was refused what, and say so. A page that stood open for too long is no refusal."""
    note_refusal(request)
    return permission_denied(request, exception)


def answer_failure(request: HttpRequest) -> HttpResponse:
    """Say by which number the log has the failure, which Django logs right after.

    What the base or the disk explains has a page of its own, and its cause is logged once.
    """
    failure = sys.exception()
    if hasattr(request, "_messages"):
        # What a page was about to say was not done [R5].
        request._messages = default_storage(request)
    if failure and (outage := outages.find_outage(failure)):
        outages.note_outage(outage, failure)
        return _answer_outage(request, outage, is_uncertain=outages.is_uncertain(failure))
    return HttpResponseServerError(render_to_string("500.html", {"number": read_number()}))


def answer_typed(
    request: HttpRequest, template: str, status: int, context: dict[str, Any] | None = None
) -> HttpResponse:
    """Answer with a page that holds what was typed, and sends it again as it came [R29].

    Its token too: a page of another site that sent it gains nothing. But for passwords, which no
    page repeats, and files.
    """
    typed = [
        (name, value)
        for name, values in request.POST.lists()
        if "password" not in name
        for value in values
    ]
    context = {
        "address": request.get_full_path(),
        "is_post": request.method == "POST",
        "typed": typed,
        "is_partial": bool(request.FILES or any("password" in name for name in request.POST)),
        **(context or {}),
    }
    answer = HttpResponse(render_to_string(template, context), status=status)
    add_never_cache_headers(answer)
    return answer


def is_navigation(request: HttpRequest) -> bool:
    """Whether the answer is to be a page; what browsers say of it where they say nothing else."""
    mode = request.headers.get("Sec-Fetch-Mode")
    return mode == "navigate" if mode else "text/html" in request.headers.get("Accept", "")


def _answer_outage(
    request: HttpRequest, outage: outages.Outage, *, is_uncertain: bool
) -> HttpResponse:
    """A page that says so and keeps what was typed; a sentence for what a page asks by itself.

    No base is asked, so it is not known who sent it.
    """
    advice = text.typeset(f"{outage.state} {capfirst(outage.advice)}.")
    if "Accept" in request.headers and not is_navigation(request):
        answer = HttpResponse(advice, status=503, content_type="text/plain; charset=utf-8")
    else:
        _read_typed(request)
        context = {"outage": outage, "advice": advice, "is_uncertain": is_uncertain}
        answer = answer_typed(request, "503.html", 503, context)
    answer["Retry-After"] = str(_LATER)
    answer._has_been_logged = True  # type: ignore[attr-defined]  # Django would, each time.
    return answer


def _read_typed(request: HttpRequest) -> None:
    """Read what was sent, if it was not read; of what cannot be read nothing is kept."""
    posts.read_as_nobody(request)
    try:
        request.POST  # noqa: B018  # It is read when it is asked for.
    except (OSError, MultiPartParserError, SuspiciousOperation):
        request._mark_post_parse_error()  # type: ignore[attr-defined]

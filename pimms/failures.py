"""What answers when the application refuses or fails: a page, and what is kept of it."""

import sys

from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.template.loader import render_to_string
from django.utils.cache import add_never_cache_headers
from django.views.defaults import permission_denied

from labelling.access.noting import note_refusal
from pimms.collisions import is_busy
from pimms.logs import read_number


def answer_refusal(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Note who was refused what, and say so. A page that stood open for too long is no refusal."""
    note_refusal(request)
    return permission_denied(request, exception)


def answer_failure(request: HttpRequest) -> HttpResponse:
    """Say by which number the log has the failure, which Django logs right after."""
    if is_busy(sys.exception()):
        return answer_typed(request, "503.html", status=503)
    return HttpResponseServerError(render_to_string("500.html", {"number": read_number()}))


def answer_typed(request: HttpRequest, template: str, status: int) -> HttpResponse:
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
    }
    answer = HttpResponse(render_to_string(template, context), status=status)
    add_never_cache_headers(answer)
    return answer

"""What answers when the application fails: a page whose number finds the failure in the log."""

import logging
import secrets

from django.http import HttpRequest, HttpResponseServerError
from django.template.loader import render_to_string

_log = logging.getLogger(__name__)


def server_error(request: HttpRequest) -> HttpResponseServerError:
    """Number the failure that is being handled; Django logs its traceback right after."""
    number = secrets.token_hex(2).upper()
    _log.error("Failure %s, whose traceback follows", number)
    return HttpResponseServerError(render_to_string("500.html", {"number": number}))

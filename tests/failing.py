"""The application as it is served, with addresses that fail."""

import threading
import warnings
from typing import Any

from django.db import connection
from django.http import HttpResponse
from django.urls import path

from pimms.wsgi import application  # noqa: F401  # What is served, and what reads the settings.

# isort: split
from pimms.urls import urlpatterns


def fail(request: Any = None) -> Any:
    try:
        int("Marie Dupont, 06 12 34 56 78")
    except ValueError as failure:
        raise RuntimeError("marie@example.org\nMarie Dupont") from failure


def fail_aside(request: Any) -> HttpResponse:
    warnings.warn("An old « Marie Dupont »", UserWarning, stacklevel=1)
    aside = threading.Thread(target=fail)
    aside.start()
    aside.join()
    return HttpResponse("</html>")


def open_base(request: Any) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS note (words text)")
        cursor.execute("INSERT INTO note VALUES ('Marie Dupont')")
    return HttpResponse("</html>")


urlpatterns[:0] = [
    path("fails/", fail),
    path("fails/aside/", fail_aside),
    path("opens/", open_base),
]

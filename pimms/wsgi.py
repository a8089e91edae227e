"""The door of the web server."""

import os
import sys
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.db.backends.signals import connection_created
from django.dispatch import receiver
from django.urls import get_resolver

from labelling import memory
from pimms.logs import log_the_rest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pimms.settings")
log_the_rest()

# [R2] For so many seconds a page waits for an import that its worker applies, each time that it
# comes back from the base, which it asks fifty times: ten times less than Python has it wait.
sys.setswitchinterval(0.0005)

# An import of 20,000 lines writes in batches: none of its statements takes a tenth of that.
STATEMENT_SECONDS = 60


@receiver(connection_created)
def limit_statements(connection: Any, **kwargs: Any) -> None:
    """Let no page keep PostgreSQL at work for longer; a command may, and so may a migration."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            if cursor.fetchone() == ("0",):  # Else the server's, or that of DATABASE_URL.
                cursor.execute(f"SET statement_timeout = '{STATEMENT_SECONDS}s'")


def forget_encoding(run: Any) -> Any:
    """The application, whatever encoding a request names: all that comes is read as UTF-8.

    Over some others Django fails before any page can answer.
    """

    def application(environ: dict[str, Any], start_response: Any) -> Any:
        kind, *parameters = environ.get("CONTENT_TYPE", "").split(";")
        kept = [one for one in parameters if not one.strip().lower().startswith("charset")]
        environ["CONTENT_TYPE"] = ";".join([kind, *kept])
        return run(environ, start_response)

    return application


def load_application() -> Any:
    """The application, with all that it is made of."""
    loaded = get_wsgi_application()
    get_resolver()._populate()
    memory.settle()
    return loaded


application = forget_encoding(load_application())

#!/usr/bin/env python3
"""Django's command line."""

import os
import sys


def main() -> None:
    """Run the command that the arguments name."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pimms.settings")
    try:
        from django.core.management import execute_from_command_line
    except ImportError as error:
        raise SystemExit(
            "Django n’est pas installé dans ce Python : lancez « make start », "
            "puis .venv/bin/python manage.py …"
        ) from error
    from django.core.exceptions import ImproperlyConfigured

    from pimms.logs import log_the_rest

    log_the_rest()
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as refusal:
        raise SystemExit(str(refusal)) from refusal
    except Exception as failure:
        from django.db import connection

        from pimms import outages

        outage = outages.find_outage(failure)
        if outage is None:
            raise
        raise SystemExit(
            f"{outages.explain(failure, outage)} Relancez ensuite la commande "
            f"(base : {connection.settings_dict['NAME']})."
        ) from failure


if __name__ == "__main__":
    main()

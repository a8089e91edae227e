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
    from django.db import OperationalError

    from pimms.logs import log_the_rest

    log_the_rest()
    try:
        execute_from_command_line(sys.argv)
    except OperationalError as failure:
        from pimms.collisions import is_busy

        if not is_busy(failure):
            raise
        raise SystemExit(
            "La base est occupée : une autre opération est en cours. "
            "Relancez la commande dans un instant."
        ) from failure


if __name__ == "__main__":
    main()

"""Django's command; what it collects is for everybody, whoever serves it."""

import os
from typing import Any

from django.contrib.staticfiles.management.commands.collectstatic import Command as Collecting


class Command(Collecting):
    def handle(self, **options: Any) -> str | None:
        before = os.umask(0o022)
        try:
            return super().handle(**options)
        finally:
            os.umask(before)

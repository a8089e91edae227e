"""Django's own command, whose failures are noted like those of the other tasks."""

from typing import Any

from django.contrib.sessions.management.commands import clearsessions

from labelling.choices import TimedTask
from labelling.upkeep.standing import watched


class Command(clearsessions.Command):
    help = "Efface les sessions qui sont finies."

    @watched(TimedTask.CLEAR_SESSIONS)
    def handle(self, **options: Any) -> None:
        super().handle(**options)

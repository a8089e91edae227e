"""Note that a task failed: for systemd, which sees what a task that was killed cannot say."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error

from labelling import text
from labelling.choices import TimedTask
from labelling.upkeep.saving import can_note
from labelling.upkeep.standing import note_failure

_STOPPED = "Elle s’est arrêtée sans dire pourquoi : la machine l’a peut-être noté."


class Command(BaseCommand):
    help = "Inscrit au journal qu’une tâche a échoué, si elle ne l’a pas fait elle-même."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("task", metavar="TÂCHE", help=text.enumeration(TimedTask.values))

    def handle(self, *args: Any, task: str, **options: Any) -> None:
        if task not in TimedTask.values:
            known = text.enumeration([f"« {name} »" for name in TimedTask.values])
            raise CommandError(
                text.typeset(f"Aucune tâche ne s’appelle « {task} » : les tâches sont {known}.")
            )
        # To open a base that was lost would make an empty one.
        is_noted = can_note()
        if is_noted:
            try:
                note_failure(TimedTask(task), _STOPPED)
            except Error:
                is_noted = False
        if not is_noted:
            label = TimedTask(task).label
            raise CommandError(
                text.typeset(
                    f"La base ne répond pas : l’échec de la tâche « {label} » n’est pas inscrit "
                    "au journal."
                )
            )

"""« À faire »: what waits for the person who looks, each with the button that goes on with it."""

from datetime import date

from django.http import HttpRequest

from labelling.admin.home.tasks.imports import list_import_tasks
from labelling.admin.home.tasks.readings import list_reading_tasks
from labelling.admin.home.tasks.records import list_exception_tasks, list_name_tasks
from labelling.admin.home.tasks.releases import list_release_tasks
from labelling.admin.home.tasks.task import Task
from labelling.admin.home.tasks.waves import list_wave_tasks
from labelling.spreadsheets.runs import rights

__all__ = ["Task", "list_tasks"]

# Who has one of these may have something to do.
_FOR_TASKS = (
    "labelling.change_pressrelease",
    "labelling.validate_pressrelease",
    "labelling.change_site",
    rights.IMPORT,
)


def list_tasks(request: HttpRequest, day: date) -> list[Task] | None:
    """What waits for the person on `day`; None if nothing ever does."""
    tasks = [
        *list_reading_tasks(request),
        *list_import_tasks(request),
        *list_release_tasks(request),
        *list_wave_tasks(request, day),
        *list_name_tasks(request, day),
        *list_exception_tasks(request, day),
    ]
    may_act = any(request.user.has_perm(name) for name in _FOR_TASKS)
    return tasks if tasks or may_act else None

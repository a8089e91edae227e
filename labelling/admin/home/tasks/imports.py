"""The imports in preparation."""

from typing import Any, cast

from django.contrib.auth.models import User
from django.db.models import Count, Q
from django.http import HttpRequest
from django.utils.safestring import SafeString

from labelling import text
from labelling.admin.addresses import locate_page
from labelling.admin.badges import make_status_badge, make_warning
from labelling.admin.home.tasks.task import Task
from labelling.admin.imports.model_admin import HEAVY
from labelling.admin.imports.preview import describe_run, name_file
from labelling.choices import RowState
from labelling.models import ImportRun
from labelling.spreadsheets.resources import RESOURCES
from labelling.spreadsheets.runs import rights

_TO_SETTLE = Q(rows__state__in=(RowState.WRONG, RowState.WHICH), rows__is_aside=False)


def list_import_tasks(request: HttpRequest) -> list[Task]:
    """Those that the person may go on with, their own first."""
    user = cast("User", request.user)
    kinds = [key for key in RESOURCES if rights.may_prepare(user, key)]
    runs = ImportRun.objects.in_preparation().filter(model_key__in=kinds)
    counted = runs.annotate(to_settle=Count("rows", filter=_TO_SETTLE))
    listed = sorted(
        counted.defer(*HEAVY).select_related("author").order_by("-pk"),
        key=lambda run: run.author_id != user.pk,
    )
    return [
        Task(
            name=f"{run} – {name_file(run)}",
            badge=_make_badge(run),
            sentence=f"{describe_run(run)}.",
            label="Reprendre l’import" if run.author_id == user.pk else "Voir l’import",
            address=locate_page(run, "change", run.pk),
        )
        for run in listed
    ]


def _make_badge(run: Any) -> SafeString:
    if not run.to_settle:
        return make_status_badge(run)
    one, many = "ligne attend une réponse", "lignes attendent une réponse"
    return make_warning(text.counted(run.to_settle, one, many))

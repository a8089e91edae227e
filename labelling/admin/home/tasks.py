"""« À faire »: what waits for the person who looks, each with the button that goes on with it."""

from dataclasses import dataclass
from typing import cast

from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils.safestring import SafeString

from labelling import text
from labelling.admin.addresses import locate_page
from labelling.admin.badges import BADGE_TO_CHECK, make_status_badge
from labelling.admin.home.menu import find_pages, may_see
from labelling.admin.imports.model_admin import HEAVY
from labelling.admin.imports.preview import describe_run, name_file
from labelling.admin.names import list_unread, locate_names
from labelling.choices import ImportStatus, ReleaseStatus
from labelling.models import ImportRun, PressRelease, Site
from labelling.spreadsheets.resources import RESOURCES
from labelling.spreadsheets.runs import rights

# Who has one of these may have something to do.
_FOR_TASKS = ("labelling.change_pressrelease", "labelling.validate_pressrelease", rights.IMPORT)


@dataclass(frozen=True, kw_only=True)
class Task:
    """What waits for the person, and the button that goes on with it."""

    name: str
    badge: SafeString
    sentence: str
    label: str
    address: str


def list_tasks(request: HttpRequest) -> list[Task] | None:
    """What waits for the person; None if nothing ever does."""
    tasks = [
        *_list_release_tasks(request),
        *_list_import_tasks(request),
        *_list_name_tasks(request),
    ]
    may_act = any(request.user.has_perm(name) for name in _FOR_TASKS)
    return tasks if tasks or may_act else None


def _list_release_tasks(request: HttpRequest) -> list[Task]:
    """The releases that wait for the person: drafts to go on with, final versions to send."""
    pages = find_pages(PressRelease)
    may_validate = request.user.has_perm("labelling.validate_pressrelease")
    if not may_see(request, PressRelease):
        return []
    labels = {}
    if may_validate:
        labels = {
            ReleaseStatus.DRAFT: ("Relire et valider", "document"),
            ReleaseStatus.FINAL: ("Marquer comme envoyé", "send"),
        }
    elif pages.has_change_permission(request):
        labels = {ReleaseStatus.DRAFT: ("Continuer le brouillon", "change")}
    releases = PressRelease.objects.filter(status__in=labels).select_related("wave")
    tasks = []
    for release in releases.defer("content"):
        label, page = labels[ReleaseStatus(release.status)]
        tasks.append(
            Task(
                name=str(release),
                badge=make_status_badge(release),
                sentence=release.wave.name,
                label=label,
                address=locate_page(release, page, release.pk),
            )
        )
    return tasks


def _list_import_tasks(request: HttpRequest) -> list[Task]:
    """The imports in preparation, those of the person first."""
    user = cast("User", request.user)
    kinds = [key for key in RESOURCES if rights.may_prepare(user, key)]
    runs = ImportRun.objects.filter(status=ImportStatus.PREPARING, model_key__in=kinds)
    listed = sorted(
        runs.defer(*HEAVY).select_related("author").order_by("-pk"),
        key=lambda run: run.author_id != user.pk,
    )
    return [
        Task(
            name=f"{run} – {name_file(run)}",
            badge=make_status_badge(run),
            sentence=describe_run(run),
            label="Reprendre l’import" if run.author_id == user.pk else "Voir l’import",
            address=locate_page(run, "change", run.pk),
        )
        for run in listed
    ]


def _list_name_tasks(request: HttpRequest) -> list[Task]:
    """The names that imports made and nobody has read."""
    if not find_pages(Site).has_change_permission(request):
        return []
    count = len(list_unread(Site.objects.all()))
    if not count:
        return []
    return [
        Task(
            name=text.counted(count, "nom à relire", "noms à relire"),
            badge=BADGE_TO_CHECK,
            sentence="Faits d’après ceux de l’État par un import",
            label="Relire les noms",
            address=locate_names(),
        )
    ]

"""The releases: drafts to go on with or to validate, final versions to send, errors to rectify."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Exists, Max, OuterRef
from django.http import HttpRequest
from django.utils import timezone

from labelling import text
from labelling.admin.addresses import locate_page
from labelling.admin.badges import make_error, make_status_badge
from labelling.admin.home.menu import find_pages, may_see
from labelling.admin.home.tasks.task import Task
from labelling.admin.releases import changes
from labelling.admin.releases.frame import TO_PREPARE
from labelling.choices import ReleaseKind, ReleaseStatus, Verdict
from labelling.models import MergedSite, PressRelease, Site
from labelling.models.base import name_user
from labelling.models.many_values import Gathered
from labelling.press_release import corrections
from labelling.press_release.differences import Difference, Kind, Part

# Comparing a release with the records takes long: so many are, however many were sent.
_MOST_COMPARED = 3


def list_release_tasks(request: HttpRequest) -> list[Task]:
    if not may_see(request, PressRelease):
        return []
    return [*_list_unsent(request), *_list_to_rectify(request)]


def _list_unsent(request: HttpRequest) -> list[Task]:
    """Drafts, and final versions to send."""
    labels = {}
    if request.user.has_perm("labelling.validate_pressrelease"):
        labels = {
            ReleaseStatus.DRAFT: ("Relire et valider", "document"),
            ReleaseStatus.FINAL: ("Marquer comme envoyé", "send"),
        }
    elif find_pages(PressRelease).has_change_permission(request):
        labels = {ReleaseStatus.DRAFT: ("Continuer le brouillon", "change")}
    unsent = PressRelease.objects.filter(status__in=labels).select_related("wave", "validated_by")
    releases = list(unsent.defer("content"))
    last = _find_last_changes(releases)
    tasks = []
    for release in releases:
        label, page = labels[ReleaseStatus(release.status)]
        entry = last.get(release.pk)
        since = (
            _word_done("Validé", release.validated_at, release.validated_by)
            if release.is_frozen
            else _word_done("Modifié", entry and entry.history_date, entry and entry.history_user)
        )
        tasks.append(
            Task(
                name=str(release),
                badge=make_status_badge(release),
                sentence=f"{release.wave.name}. {since}".strip(),
                label=label,
                address=locate_page(release, page, release.pk),
            )
        )
    return tasks


def _find_last_changes(releases: Iterable[PressRelease]) -> dict[int, Any]:
    """The last entry of each one's history, by its key."""
    entries: Any = PressRelease.history.filter(id__in=[release.pk for release in releases])
    last = entries.order_by().values("id").annotate(last=Max("history_id")).values("last")
    listed = entries.filter(history_id__in=last).select_related("history_user").defer("content")
    return {entry.id: entry for entry in listed}


def _word_done(done: str, at: datetime | None, by: Any) -> str:
    """« Validé le 3 février 2020 par Ana Durand. »; empty of what was never dated."""
    if at is None:
        return ""
    who = f" par {name_user(by)}" if by else ""
    return f"{done} le {text.long_date(timezone.localdate(at))}{who}."


# What was sent, and has errors that no correction in preparation ends


def _list_to_rectify(request: HttpRequest) -> list[Task]:
    """The last releases sent of which something is known to be false."""
    if not request.user.has_perms(TO_PREPARE):
        return []
    tasks = []
    for release in _find_suspects()[:_MOST_COMPARED]:
        rows = changes.list_rows(corrections.compare(release), request.user)
        wrong = [row for row in rows if row.is_to_rectify]
        if wrong:
            tasks.append(_make_correction_task(release, wrong))
    return tasks


def _make_correction_task(release: Any, wrong: Sequence[changes.Row]) -> Task:
    count = len(wrong)
    subjects = list(dict.fromkeys(row.name for row in wrong))
    more = len(subjects) - 1
    told = f"{subjects[0]}{f', et {more} de plus' if more else ''}."
    sent_on = release.sent_on
    return Task(
        name=str(release),
        badge=make_error(text.counted(count, "erreur à rectifier", "erreurs à rectifier")),
        sentence=f"{told} Envoyé le {text.long_date(sent_on)}.",
        label="Préparer un rectificatif",
        address=locate_page(release, "changes", release.pk),
    )


def _find_suspects() -> list[Any]:
    """The whole documents in force that are worth comparing, the last one first.

    Somebody called a difference an error after the last correction was prepared; or nobody has
    said anything of a department that now reads otherwise, and nothing corrects it.
    """
    replacements = PressRelease.objects.filter(
        corrects=OuterRef("pk"), kind=ReleaseKind.REPLACEMENT, status=ReleaseStatus.SENT
    )
    sent = PressRelease.objects.filter(~Exists(replacements), status=ReleaseStatus.SENT)
    documents: Any = sent.exclude(kind=ReleaseKind.ERRATUM).select_related("wave").defer("content")
    releases = list(documents.order_by("-issued_on", "-pk"))
    printed = _read_printed(releases)
    departments = _read_departments(printed.values())
    wrong = {one.pk for one in releases if Verdict.ERROR in one.verdicts.values()}
    moved = {one.pk for one in releases if _has_moved(one, printed[one.pk], departments)}
    suspects = [one for one in releases if one.pk in wrong | moved]
    if not suspects:
        return []
    judged, corrected = _find_moments(suspects)
    return [
        one
        for one in suspects
        if (one.pk in wrong and _is_later(judged.get(one.pk), corrected.get(one.pk)))
        or (one.pk in moved and one.pk not in corrected)
    ]


# What a list printed under each department: the name of each site, by its key. Of a line of another
# house, no record is known.
_Printed = dict[str, dict[int, str]]

# By the digest of a content: what is final stays, and is read once by each process.
_printed: dict[str, _Printed] = {}
_MOST_KEPT = 64


def _read_printed(releases: Sequence[Any]) -> dict[int, _Printed]:
    """What each of them printed, by its key; a record that went into another is that other."""
    known = {one.digest: _printed.get(one.digest) for one in releases}
    kept = {digest: lists for digest, lists in known.items() if lists is not None}
    unread = [one.pk for one in releases if one.digest not in kept]
    listed = PressRelease.objects.filter(pk__in=unread).values_list("digest", "content__lines")
    for digest, lines in listed if unread else ():
        kept[digest] = _printed[digest] = _arrange(lines or ())
    for digest in [*_printed][:-_MOST_KEPT]:
        _printed.pop(digest, None)
    successors = MergedSite.objects.read_successors()
    return {
        one.pk: {
            department: {successors.get(key, key): name for key, name in lines.items()}
            for department, lines in kept[one.digest].items()
        }
        if successors
        else kept[one.digest]
        for one in releases
    }


def _arrange(lines: Iterable[Any]) -> _Printed:
    printed: _Printed = {}
    for line in lines:
        if key := line.get("site"):
            printed.setdefault(line["department"], {})[key] = line["name"]
    return printed


def _read_departments(printed: Iterable[_Printed]) -> dict[str, set[int]]:
    """The keys of the sites that were printed, by the name of the department they have today."""
    keys = {key for lists in printed for lines in lists.values() for key in lines}
    if not keys:
        return {}
    first, last = min(keys), max(keys)
    sites = Site.objects.order_by().filter(pk__range=(first, last))
    # What lists print was mostly made together: the few others are sooner read than left out.
    if last - first > 2 * len(keys):
        sites = sites.filter(pk__among=keys)
    by_department = sites.values_list("department__name").annotate(keys=Gathered("pk"))
    return {name: {*listed} for name, listed in by_department}


def _find_moments(releases: Sequence[Any]) -> tuple[dict[int, datetime], dict[int, datetime]]:
    """When each was last judged, and when the last correction of it was begun, by its key."""
    keys = [release.pk for release in releases]
    history: Any = PressRelease.history
    judged = history.filter(id__in=keys, history_change_reason=changes.JUDGED)
    begun = history.filter(
        id__in=PressRelease.objects.filter(corrects__in=keys).values("pk"), version=1
    )
    return (
        dict(judged.order_by().values_list("id").annotate(Max("history_date"))),
        dict(begun.order_by().values_list("corrects").annotate(Max("history_date"))),
    )


def _is_later(judged: datetime | None, corrected: datetime | None) -> bool:
    return corrected is None or (judged is not None and judged > corrected)


def _has_moved(release: Any, printed: _Printed, departments: dict[str, set[int]]) -> bool:
    """Whether a printed department reads otherwise on its record, and nobody has said why."""
    for before, lines in printed.items():
        for key in lines.keys() - departments.get(before, set()):
            now = next((name for name, keys in departments.items() if key in keys), before)
            if text.sort_key(now) == text.sort_key(before):
                continue
            difference = Difference(
                part=Part.DEPARTMENT,
                kind=Kind.CHANGED,
                before=before,
                after=now,
                subject=lines[key],
                site=key,
            )
            if corrections.make_key(difference) not in release.verdicts:
                return True
    return False

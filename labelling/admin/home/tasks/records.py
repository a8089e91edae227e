"""What is to be looked at again of the records: names, and exceptions that ended."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from labelling import quality, text
from labelling.admin import history
from labelling.admin.badges import BADGE_TO_CHECK, make_warning
from labelling.admin.home.menu import find_pages, may_see
from labelling.admin.home.tasks.task import Task
from labelling.admin.names import locate_names
from labelling.admin.settling import locate_finding, may_settle
from labelling.models import AcceptedFinding, Site
from labelling.models.base import name_user


def list_name_tasks(request: HttpRequest, day: date) -> list[Task]:
    """The names that imports made and nobody has read."""
    if not find_pages(Site).has_change_permission(request):
        return []
    unread = quality.list_keys(Site.objects.order_by(), day, quality.NAMES_TO_READ)
    if not unread:
        return []
    return [
        Task(
            name=text.counted(len(unread), "nom à relire", "noms à relire"),
            badge=BADGE_TO_CHECK,
            sentence=_word_making(max(unread)),
            label="Relire les noms",
            address=locate_names(),
        )
    ]


def _word_making(key: int) -> str:
    """Which import made the names, and who applied it, by the last site that has one."""
    sentence = "Faits d’après ceux de l’État"
    made: Any = Site.history.filter(id=key).select_related("history_user").order_by("version")
    entry = made.first()
    if entry is None or not entry.history_change_reason:
        return f"{sentence} par un import."
    reason = text.lowered(entry.history_change_reason)
    day = text.long_date(timezone.localdate(entry.history_date))
    by = history.name_author(entry)
    return f"{sentence}, le dernier par l’{reason}, le {day}{f' par {by}' if by else ''}."


def list_exception_tasks(request: HttpRequest, day: date) -> list[Task]:
    """What was accepted until a day that is past, and is found all the same."""
    ended: Any = AcceptedFinding.objects.filter(until__lt=day).select_related("accepted_by")
    accepted: dict[str, dict[int, Any]] = {}
    for one in ended:
        accepted.setdefault(one.rule, {})[one.record_id] = one
    found = [
        (finding, accepted[rule][finding.record.pk])
        for rule in quality.sort_rules(accepted)
        if may_see(request, model := quality.RULES[rule].model) and may_settle(request.user, model)
        for finding in quality.list_findings(
            model._default_manager.filter(pk__among=accepted[rule]), day, rule
        )
    ]
    tasks = []
    for finding, one in found:
        if one.evidence != finding.digest:
            continue
        by = f" par {name_user(one.accepted_by)}" if one.accepted_by else ""
        until = text.long_date(one.until)
        tasks.append(
            Task(
                name=str(finding.record),
                badge=make_warning("Exception finie"),
                sentence=f"{finding.title} Accepté{by} jusqu’au {until}.",
                label="Revoir la fiche",
                address=locate_finding(finding),
            )
        )
    return tasks

"""The home page as a person may see it."""

from dataclasses import dataclass
from datetime import date, datetime

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest

from labelling import quality, text
from labelling.admin.addresses import locate_page
from labelling.admin.exports import locate_whole_base
from labelling.admin.facets import MOST_JUDGED
from labelling.admin.home.attention import Attention, list_attention
from labelling.admin.home.changes import Change, list_latest_changes
from labelling.admin.home.figures import Figures, count_figures, may_see_figures
from labelling.admin.home.menu import Link, find_pages, may_see
from labelling.admin.home.press_lists import PressList, list_press_lists
from labelling.admin.home.tasks import Task, list_tasks
from labelling.admin.upkeep import Upkeep, find_upkeep
from labelling.models import Site

_ADDED_FROM_HOME = ("labelling.site", "labelling.labellingwave")
_MOST_TASKS = 8
# In addresses: what is to check is counted, however many sites there are.
_CHECKED = "checked"


@dataclass(frozen=True, kw_only=True)
class Overview:
    """The home page; None is what the person may not see."""

    tasks: tuple[Task, ...] | None
    # What is folded: the tasks beyond those that are read at a glance.
    more_tasks: tuple[Task, ...]
    figures: Figures | None
    press_lists: tuple[PressList, ...]
    findings: tuple[Attention, ...] | None
    # Where they are, if there are so many sites that they come after the rest of the page.
    findings_address: str
    changes: tuple[Change, ...] | None
    actions: tuple[Link, ...]
    upkeep: Upkeep | None
    # Where the whole base is downloaded; empty if the person may download nothing.
    whole_base: str

    @property
    def waiting(self) -> str:
        count = len(self.tasks or ()) + len(self.more_tasks)
        verb = text.plural(count, "chose vous attend", "choses vous attendent")
        return f"{text.number(count)}\u00a0{verb}"

    @property
    def folded(self) -> str:
        return f"Et {text.counted(len(self.more_tasks), 'autre')}"


def make_overview(request: HttpRequest, day: date, now: datetime) -> Overview:
    """The home page as the person may see it on `day`, at that moment."""
    judged = {rule.model for rule in quality.RULES.values()}
    seen = {model for model in judged if may_see(request, model)}
    is_checked = _CHECKED in request.GET or not Site.objects.order_by()[MOST_JUDGED:].exists()
    tasks = list_tasks(request, day)
    figures = count_figures(request, day) if may_see_figures(request) else None
    return Overview(
        tasks=None if tasks is None else tuple(tasks[:_MOST_TASKS]),
        more_tasks=tuple((tasks or [])[_MOST_TASKS:]),
        figures=figures,
        press_lists=list_press_lists(request, figures) if figures else (),
        findings=list_attention(quality.group_findings(day, seen)) if seen and is_checked else None,
        findings_address=f"?{_CHECKED}=1" if seen and not is_checked else "",
        changes=list_latest_changes(request) if seen else None,
        actions=_list_actions(request),
        upkeep=find_upkeep(request.user, now),
        whole_base=locate_whole_base(request.user),
    )


def _list_actions(request: HttpRequest) -> tuple[Link, ...]:
    models = [apps.get_model(name) for name in _ADDED_FROM_HOME]
    return tuple(
        Link(label=find_pages(model).add_label, address=locate_page(model, "add"))
        for model in models
        if admin.site.is_registered(model) and find_pages(model).has_add_permission(request)
    )

"""The home page as a person may see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest

from labelling import quality, text
from labelling.admin.addresses import locate_page
from labelling.admin.exports import locate_whole_base
from labelling.admin.home.changes import Change, list_latest_changes
from labelling.admin.home.figures import Figures, count_figures
from labelling.admin.home.menu import Link, find_pages, may_see
from labelling.admin.home.press_lists import PressList, list_press_lists
from labelling.admin.home.tasks import Task, list_tasks
from labelling.admin.upkeep import Upkeep, find_upkeep
from labelling.models import LabellingWave, PressRelease, Site

_ADDED_FROM_HOME = ("labelling.site", "labelling.labellingwave")
_MOST_TASKS = 8
_MOST_FINDINGS = 10


@dataclass(frozen=True, kw_only=True)
class Attention:
    """What a rule found, and where to look at it."""

    name: str
    sentence: str
    address: str


@dataclass(frozen=True, kw_only=True)
class Overview:
    """The home page; None is what the person may not see."""

    tasks: tuple[Task, ...] | None
    # What is folded: the tasks beyond those that are read at a glance.
    more_tasks: tuple[Task, ...]
    figures: Figures | None
    press_lists: tuple[PressList, ...]
    findings: tuple[Attention, ...] | None
    more_findings: str
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
    seen = {model for model in (Site, LabellingWave, PressRelease) if may_see(request, model)}
    # In the order of the rules; names are read on a page of their own.
    told = [rule for rule in quality.RULES if rule != quality.NAMES_TO_READ]
    findings = [
        finding
        for rule in told
        if (model := quality.RULES[rule].model) in seen
        for finding in quality.list_findings(model._default_manager.all(), day, rule)
    ]
    tasks = list_tasks(request, findings, day)
    figures = count_figures(day) if {Site, LabellingWave} <= seen else None
    return Overview(
        tasks=None if tasks is None else tuple(tasks[:_MOST_TASKS]),
        more_tasks=tuple((tasks or [])[_MOST_TASKS:]),
        figures=figures,
        press_lists=list_press_lists(request, figures) if figures else (),
        findings=tuple(_make_attention(finding) for finding in findings[:_MOST_FINDINGS])
        if seen
        else None,
        more_findings=_word_more(findings, _MOST_FINDINGS),
        changes=list_latest_changes(request) if seen else None,
        actions=_list_actions(request),
        upkeep=find_upkeep(request.user, now),
        whole_base=locate_whole_base(request.user),
    )


def _make_attention(finding: quality.Finding) -> Attention:
    record = finding.record
    return Attention(
        name=str(record),
        sentence=finding.sentence,
        address=locate_page(record, "change", record.pk),
    )


def _list_actions(request: HttpRequest) -> tuple[Link, ...]:
    models = [apps.get_model(name) for name in _ADDED_FROM_HOME]
    return tuple(
        Link(label=find_pages(model).add_label, address=locate_page(model, "add"))
        for model in models
        if admin.site.is_registered(model) and find_pages(model).has_add_permission(request)
    )


def _word_more(listed: Sequence[Any], most: int) -> str:
    more = len(listed) - most
    return f"Et {text.counted(more, 'autre')}." if more > 0 else ""

"""« Dernières modifications »: what people did lately, each import told in a line."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.contrib.auth.models import User
from django.http import HttpRequest

from labelling import text
from labelling.admin import history
from labelling.admin.addresses import locate_page
from labelling.admin.imports.model_admin import HEAVY
from labelling.models import BY_IMPORT, ImportRun, LabellingWave, Site
from labelling.spreadsheets.runs import rights

_MOST = 8
_EVENTS = {"+": "Fiche créée", "~": "Modification", "-": "Suppression"}


@dataclass(frozen=True, kw_only=True)
class Change:
    """Who did what to which record, or by which import. No address if the page is not theirs."""

    name: str
    event: str
    author: str
    at: datetime
    moment: str
    address: str


def list_latest_changes(request: HttpRequest, seen: set[Any]) -> tuple[Change, ...]:
    """What people last did to sites and waves; what a program did is left out."""
    changes: list[Change] = []
    for model in (Site, LabellingWave):
        if model in seen:
            changes += [*_list_changes_by_hand(model), *_list_changes_by_import(request, model)]
    changes.sort(key=lambda change: change.at, reverse=True)
    return tuple(changes[:_MOST])


def _list_changes_by_hand(model: Any) -> list[Change]:
    by_people = model.history.exclude(history_user=None).select_related("history_user")
    entries = by_people.exclude(BY_IMPORT).order_by("-history_date", "-history_id")
    latest = list(entries[:_MOST])
    standing = model.objects.in_bulk([entry.id for entry in latest])
    return [_make_change(entry, standing.get(entry.id)) for entry in latest]


def _list_changes_by_import(request: HttpRequest, model: Any) -> list[Change]:
    """One for each import, and one for its undo: they write as many entries as records."""
    key = model._meta.model_name
    runs: Any = ImportRun.objects.filter(model_key=key).defer(*HEAVY)
    may_open = rights.may_prepare(cast("User", request.user), key)
    changes = []
    for event, verb in (("Appliqué", "applied"), ("Annulé", "undone")):
        by_people = runs.exclude(**{f"{verb}_by": None}).select_related(f"{verb}_by")
        for run in by_people.order_by(f"-{verb}_at")[:_MOST]:
            count = text.counted(run.created_count + run.changed_count, "fiche")
            at = getattr(run, f"{verb}_at")
            changes.append(
                Change(
                    name=text.typeset(f"{run} : {count}"),
                    event=event,
                    author=rights.name_user(getattr(run, f"{verb}_by")),
                    at=at,
                    moment=f"le {text.short_moment(at)}",
                    address=locate_page(run, "change", run.pk) if may_open else "",
                )
            )
    return changes


def _make_change(entry: Any, record: Any) -> Change:
    return Change(
        name=entry.name,
        event=_EVENTS[entry.history_type],
        author=history.name_author(entry),
        at=entry.history_date,
        moment=f"le {text.short_moment(entry.history_date)}",
        address=locate_page(record, "history", record.pk) if record else "",
    )

"""« Dernières modifications »: what people did lately, each import told in a line."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from itertools import groupby
from typing import Any, cast

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, Subquery
from django.http import HttpRequest

from labelling import text
from labelling.admin.addresses import locate_page
from labelling.admin.deleted import locate_deleted
from labelling.admin.home.menu import may_see
from labelling.choices import ReadingAnswer, ReadingWay, ReleaseStatus
from labelling.models import (
    BY_IMPORT,
    Association,
    Department,
    ImportRun,
    LabellingWave,
    Letterhead,
    PressContact,
    PressRelease,
    Proofreading,
    Record,
    Region,
    Site,
)
from labelling.models.base import name_user
from labelling.models.merged import tells_merge
from labelling.spreadsheets.resources import RESOURCES
from labelling.spreadsheets.runs import rights

_MOST = 8
# What is read of every entry of a history, and no more.
_READ = (
    "id",
    "version",
    "history_user_id",
    "history_type",
    "history_date",
    "history_change_reason",
)
# What names a release: its content is long.
_NAMED = ("kind", "status", "issued_on")
# The records that people keep here, and what is read of theirs; nothing is told of those that one
# may not see.
_TOLD: dict[type[Record], tuple[str, ...]] = {
    Site: ("name", "wave_id", "withdrawn_on"),
    LabellingWave: ("name",),
    PressRelease: _NAMED,
    Association: ("name",),
    PressContact: ("name",),
    Letterhead: ("name",),
    Region: ("name",),
    Department: ("name",),
}
_EVENTS = {"+": "Fiche créée", "~": "Modification", "-": "Suppression"}
_RELEASE_EVENTS = {"+": "Brouillon préparé", "~": "Modification", "-": "Brouillon supprimé"}
# What is added with a version of its own was there before.
_PUT_BACK, _RELEASE_PUT_BACK = "Fiche remise", "Brouillon remis"
# What became of a release, by the status that it had and the one that it has.
_STEPS = {
    (ReleaseStatus.DRAFT, ReleaseStatus.FINAL): "Validation",
    (ReleaseStatus.FINAL, ReleaseStatus.SENT): "Envoi",
    (ReleaseStatus.SENT, ReleaseStatus.FINAL): "Marque «\u00a0Envoyé\u00a0» retirée",
    (ReleaseStatus.FINAL, ReleaseStatus.REPLACED): "Remplacement",
}

# A site at one of its versions; its wave, and the day that its label ended on.
_Version = tuple[int, int]
_Label = tuple[int | None, date | None]


@dataclass(frozen=True, kw_only=True)
class Change:
    """Who did what to which record, or by which import. No address if the page is not theirs."""

    name: str
    event: str
    author: str
    at: datetime
    moment: str
    address: str


def list_latest_changes(request: HttpRequest) -> tuple[Change, ...]:
    """What people last did to the records that one sees; what a program did is left out."""
    seen = [model for model in _TOLD if may_see(request, model)]
    changes = _list_changes_by_hand(seen)
    changes += _list_changes_by_import(request, seen)
    if PressRelease in seen:
        changes += _list_readings()
    changes.sort(key=lambda change: change.at, reverse=True)
    return tuple(changes[:_MOST])


def _list_changes_by_hand(models: list[type[Record]]) -> list[Change]:
    entries = [entry for model in models for entry in _read_entries(model)]
    entries.sort(key=lambda entry: entry.history_date, reverse=True)
    latest = entries[:_MOST]
    users = User.objects.in_bulk({entry.history_user_id for entry in latest})
    label_before = _read_labels_before([entry for entry in latest if entry.model is Site])
    return [_make_change(entry, users, label_before) for entry in latest]


def _read_entries(model: type[Record]) -> Iterator[Any]:
    """The last ones of the history of a model that people wrote: no more of each than is told."""
    stored = model.history.model
    for entry in stored._base_manager.raw(*_prepare_entries(model)):
        entry.model = model
        yield entry


# Nothing in it changes, and Django takes longer to write it than a base to answer.
@lru_cache(maxsize=32)
def _prepare_entries(model: type[Record]) -> tuple[str, tuple[Any, ...]]:
    stored = model.history.model._base_manager
    stands = Exists(model._base_manager.filter(pk=OuterRef("id")))
    by_people = stored.filter(history_user__isnull=False)
    entries = by_people.exclude(BY_IMPORT).annotate(stands=stands)
    entries = entries.order_by("-history_date", "-history_id")
    if model is PressRelease:
        earlier = stored.filter(id=OuterRef("id"), version__lt=OuterRef("version"))
        before = earlier.order_by("-version").values("status")[:1]
        entries = entries.annotate(status_before=Subquery(before))
    return entries.only(*_READ, *_TOLD[model])[:_MOST].query.sql_with_params()


def _make_change(
    entry: Any, users: dict[int, User], label_before: dict[_Version, _Label]
) -> Change:
    page = "document" if entry.model is PressRelease else "history"
    standing = locate_page(entry.model, page, entry.id) if entry.stands else ""
    return Change(
        name=_name_record(entry),
        event=_word_label_event(entry, label_before) or _word_event(entry),
        author=name_user(users.get(entry.history_user_id)),
        at=entry.history_date,
        moment=_word_moment(entry.history_date),
        address=standing or locate_deleted(entry.model, entry.id),
    )


def _list_names(account: str) -> list[str]:
    """What people know somebody by, for `only`."""
    return [f"{account}__{name}" for name in ("username", "first_name", "last_name")]


def _read_labels_before(entries: list[Any]) -> dict[_Version, _Label]:
    """The label that each site had before these changes of it."""
    stored: Any = Site.history
    before = stored.filter(
        id__in={entry.id for entry in entries},
        version__in={entry.version - 1 for entry in entries},
    )
    rows = before.values_list("id", "version", "wave_id", "withdrawn_on")
    return {(pk, version): (wave, ended) for pk, version, wave, ended in rows}


def _word_label_event(entry: Any, label_before: dict[_Version, _Label]) -> str:
    """What a change did to the label of a site; empty if it left it as it was."""
    before = label_before.get((entry.id, entry.version - 1))
    if entry.model is not Site or before is None or entry.history_type != "~":
        return ""
    had_wave, had_ended = before
    if entry.withdrawn_on != had_ended:
        return "Fin du label" if entry.withdrawn_on else "Fin du label annulée"
    return "Label attribué" if entry.wave_id and not had_wave else ""


def _name_record(entry: Any) -> str:
    """What the record was called then. Of a release, without its content, which is long."""
    if entry.model is not PressRelease:
        return str(entry.name)
    named = PressRelease(kind=entry.kind, status=entry.status, issued_on=entry.issued_on)
    return str(named)


def _word_event(entry: Any) -> str:
    is_put_back = entry.history_type == "+" and entry.version > 1
    if entry.model is not PressRelease:
        if tells_merge(entry):
            return "Fusion"
        return _PUT_BACK if is_put_back else _EVENTS[entry.history_type]
    if is_put_back:
        return _RELEASE_PUT_BACK
    step = _STEPS.get((entry.status_before, entry.status))
    return step or _RELEASE_EVENTS[entry.history_type]


def _list_changes_by_import(request: HttpRequest, seen: list[type[Record]]) -> Iterator[Change]:
    """One for each import, and one for its undo: they write as many entries as records."""
    user = cast("User", request.user)
    kinds = {key for key, resource in RESOURCES.items() if resource._meta.model in seen}
    opened = {key for key in kinds if rights.may_prepare(user, key)}
    runs: Any = ImportRun.objects.filter(model_key__in=kinds)
    for event, verb in (("Appliqué", "applied"), ("Annulé", "undone")):
        by_people = runs.exclude(**{f"{verb}_by": None}).select_related(f"{verb}_by")
        told = ("model_key", "created_count", "changed_count", f"{verb}_at")
        by_people = by_people.only(*told, *_list_names(f"{verb}_by"))
        for run in by_people.order_by(f"-{verb}_at")[:_MOST]:
            count = text.counted(run.created_count + run.changed_count, "fiche")
            at = getattr(run, f"{verb}_at")
            yield Change(
                name=text.typeset(f"{run} : {count}"),
                event=event,
                author=rights.name_user(getattr(run, f"{verb}_by")),
                at=at,
                moment=_word_moment(at),
                address=locate_page(run, "change", run.pk) if run.model_key in opened else "",
            )


def _list_readings() -> Iterator[Change]:
    """What was asked of readers, and what they answered, or somebody noted for them."""
    own = ("reader_name", "asked_at", "noted_at", "answer", "way")
    release = [f"release__{name}" for name in _NAMED]
    rows: Any = Proofreading.objects.select_related("release", "asked_by", "noted_by").only(
        *own, *release, *_list_names("asked_by"), *_list_names("noted_by")
    )
    asked = rows.exclude(asked_by=None).order_by("-asked_at", "pk")
    together = groupby(asked[:_MOST], lambda row: (row.release, row.asked_at, row.asked_by))
    for (release, at, by), group in together:
        names = text.enumeration([row.reader_name for row in group])
        yield _make_reading_change(release, f"Relecture demandée à {names}", by, at)
    answered = rows.exclude(noted_by=None).order_by("-noted_at", "-pk")
    for row in answered[:_MOST]:
        yield _make_reading_change(row.release, _word_answer(row), row.noted_by, row.noted_at)


def _make_reading_change(release: PressRelease, event: str, by: Any, at: datetime) -> Change:
    return Change(
        name=str(release),
        event=event,
        author=name_user(by),
        at=at,
        moment=_word_moment(at),
        address=locate_page(release, "document", release.pk),
    )


def _word_answer(row: Any) -> str:
    """« Relu »; with the name of who read it elsewhere, and did not write it here."""
    answer = str(ReadingAnswer(row.answer).label)
    of = "" if row.way == ReadingWay.HERE else f", réponse {text.of_name(row.reader_name)}"
    return text.typeset(f"« {answer} »{of}")


def _word_moment(at: datetime) -> str:
    return f"le {text.short_moment(at)}"

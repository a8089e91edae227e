"""The menu and the home page: the pages there are, the figures of a day, what was done lately."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Count
from django.http import HttpRequest
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from labelling import quality, text
from labelling.admin import history
from labelling.admin.addresses import locate_page
from labelling.admin.badges import BADGE_TO_CHECK, make_status_badge
from labelling.admin.exports import locate_whole_base
from labelling.admin.imports.model_admin import HEAVY
from labelling.admin.imports.preview import describe_run, name_file
from labelling.admin.names import list_unread, locate_names
from labelling.admin.releases.files import sort_downloads
from labelling.admin.upkeep import Upkeep, find_upkeep
from labelling.choices import ImportStatus, LabelStatus, ReleaseStatus
from labelling.models import BY_IMPORT, ImportRun, LabellingWave, PressRelease, Site
from labelling.press_release.composition import word_situation
from labelling.spreadsheets.resources import RESOURCES
from labelling.spreadsheets.runs import rights

# In the order of the glossary, in words short enough for one line; the pages have their full names.
_MENU = (
    ("Sites", ("labelling.site",)),
    ("Vagues", ("labelling.labellingwave",)),
    ("Communiqués", ("labelling.pressrelease", "labelling.letterhead")),
    ("Associations", ("labelling.association",)),
    ("Contacts presse", ("labelling.presscontact",)),
    ("Imports", ("labelling.importrun",)),
    ("Régions", ("labelling.region", "labelling.department")),
    ("Accès", ("auth.user", "labelling.journalentry")),
)
_ADDED_FROM_HOME = ("labelling.site", "labelling.labellingwave")

# Who has one of these may have something to do.
_FOR_TASKS = ("labelling.change_pressrelease", "labelling.validate_pressrelease", rights.IMPORT)
_MOST_TASKS = 5
_MOST_FINDINGS = 10
_MOST_CHANGES = 8
_EVENTS = {"+": "Fiche créée", "~": "Modification", "-": "Suppression"}


@dataclass(frozen=True, kw_only=True)
class Link:
    """An entry of the menu. `current` is « page » on its list, « true » further inside."""

    label: str
    address: str
    current: str = ""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A number and the address of the list that proves it."""

    count: int
    label: str
    address: str


@dataclass(frozen=True, kw_only=True)
class WaveFigures:
    """The growth that a wave brought."""

    name: str
    slug: str
    effective_on: str
    address: str
    new: Figure
    total: int


@dataclass(frozen=True, kw_only=True)
class Figures:
    """The network as it stands on a day."""

    situation: str
    labelled: Figure
    waves: tuple[WaveFigures, ...]
    regions: tuple[Figure, ...]


@dataclass(frozen=True, kw_only=True)
class Task:
    """What waits for the person, and the button that goes on with it."""

    name: str
    badge: SafeString
    sentence: str
    label: str
    address: str


@dataclass(frozen=True, kw_only=True)
class PressList:
    """A list to send to journalists, in the formats that they are sent."""

    label: str
    formats: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Attention:
    """What a rule found, and where to look at it."""

    name: str
    sentence: str
    address: str


@dataclass(frozen=True, kw_only=True)
class Change:
    """Who did what to which record, or by which import. No address if the page is not theirs."""

    name: str
    event: str
    author: str
    at: datetime
    moment: str
    address: str


@dataclass(frozen=True, kw_only=True)
class Overview:
    """The home page; None is what the person may not see."""

    tasks: tuple[Task, ...] | None
    more_tasks: str
    figures: Figures | None
    press_lists: tuple[PressList, ...]
    findings: tuple[Attention, ...] | None
    more_findings: str
    changes: tuple[Change, ...] | None
    actions: tuple[Link, ...]
    upkeep: Upkeep | None
    # Where the whole base is downloaded; empty if the person may download nothing.
    whole_base: str


def make_menu(request: HttpRequest) -> list[Link]:
    """The entries that the person may open, the current one marked."""
    if not admin.site.has_permission(request):
        return []
    entries = []
    for label, names in _MENU:
        pages = [apps.get_model(name) for name in names]
        seen = [model for model in pages if _may(request, model, "view")]
        if seen:
            lists = [locate_page(model, "changelist") for model in seen]
            inside = any(request.path.startswith(address) for address in lists)
            current = "page" if request.path in lists else "true" if inside else ""
            entries.append(Link(label=label, address=lists[0], current=current))
    return entries


def make_overview(request: HttpRequest, day: date, now: datetime) -> Overview:
    """The home page as the person may see it on `day`, at that moment."""
    seen = {model for model in (Site, LabellingWave, PressRelease) if _may(request, model, "view")}
    # In the order of the rules; names are read on a page of their own.
    told = [rule for rule in quality.RULES if rule != quality.NAMES_TO_READ]
    findings = [
        finding
        for rule in told
        if (model := quality.RULES[rule][0]) in seen
        for finding in quality.list_findings(model._default_manager.all(), day, rule)
    ]
    tasks = [
        *_list_release_tasks(request),
        *_list_import_tasks(request),
        *_list_name_tasks(request),
    ]
    figures = count_figures(day) if {Site, LabellingWave} <= seen else None
    return Overview(
        tasks=tuple(tasks[:_MOST_TASKS]) if tasks or _may_act(request) else None,
        more_tasks=_word_more(tasks, _MOST_TASKS),
        figures=figures,
        press_lists=_list_press_lists(request, figures) if figures else (),
        findings=tuple(_make_attention(finding) for finding in findings[:_MOST_FINDINGS])
        if seen
        else None,
        more_findings=_word_more(findings, _MOST_FINDINGS),
        changes=_list_latest_changes(request, seen) if seen else None,
        actions=_list_actions(request),
        upkeep=find_upkeep(request.user, now),
        whole_base=locate_whole_base(request.user),
    )


def count_figures(day: date) -> Figures:
    """How many sites are labelled on `day`, wave by wave and region by region."""
    labelled = Site.objects.labelled_on(day)
    regions = (
        labelled.order_by("department__region__sort_key")
        .values_list("department__region__code", "department__region__name")
        .annotate(Count("pk"))
    )
    waves = LabellingWave.objects.effective_by(day).with_counts().order_by("-effective_on")
    total = labelled.count()
    return Figures(
        situation=word_situation(day),
        labelled=Figure(
            count=total,
            label=text.plural(total, "site labellisé", "sites labellisés"),
            address=_locate_sites(status=LabelStatus.LABELLED.value),
        ),
        waves=tuple(_count_wave_figures(wave) for wave in waves),
        regions=tuple(
            Figure(
                count=count,
                label=name,
                address=_locate_sites(region=code, status=LabelStatus.LABELLED.value),
            )
            for code, name, count in regions
        ),
    )


def _list_release_tasks(request: HttpRequest) -> list[Task]:
    """The releases that wait for the person: drafts to go on with, final versions to send."""
    pages = _find_pages(PressRelease)
    may_validate = request.user.has_perm("labelling.validate_pressrelease")
    if not _may(request, PressRelease, "view"):
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
    if not _find_pages(Site).has_change_permission(request):
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


def _list_press_lists(request: HttpRequest, figures: Figures) -> tuple[PressList, ...]:
    """What a journalist may be sent today: all that is labelled, and what the last wave brought."""
    may_download = rights.may_download(cast("User", request.user), RESOURCES["site"])
    if not may_download or not figures.labelled.count:
        return ()
    formats = sort_downloads(lambda extension: locate_page(Site, "press_list", extension))["main"]
    count = text.counted(figures.labelled.count, "site labellisé", "sites labellisés")
    lists = [PressList(label=f"Liste du jour\u00a0: {count}", formats=tuple(formats))]
    for wave in figures.waves[:1]:
        if wave.new.count:
            new = text.counted(wave.new.count, "nouveau", "nouveaux")
            query = urlencode({"wave": wave.slug})
            lists.append(
                PressList(
                    label=f"{wave.name}\u00a0: {new}",
                    formats=tuple((label, f"{address}?{query}") for label, address in formats),
                )
            )
    return tuple(lists)


def _list_latest_changes(request: HttpRequest, seen: set[Any]) -> tuple[Change, ...]:
    """What people last did to sites and waves; what a program did is left out."""
    changes: list[Change] = []
    for model in (Site, LabellingWave):
        if model in seen:
            changes += [*_list_changes_by_hand(model), *_list_changes_by_import(request, model)]
    changes.sort(key=lambda change: change.at, reverse=True)
    return tuple(changes[:_MOST_CHANGES])


def _list_changes_by_hand(model: Any) -> list[Change]:
    by_people = model.history.exclude(history_user=None).select_related("history_user")
    entries = by_people.exclude(BY_IMPORT).order_by("-history_date", "-history_id")
    latest = list(entries[:_MOST_CHANGES])
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
        for run in by_people.order_by(f"-{verb}_at")[:_MOST_CHANGES]:
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


def _count_wave_figures(wave: Any) -> WaveFigures:
    return WaveFigures(
        name=wave.name,
        slug=wave.slug,
        effective_on=text.short_date(wave.effective_on),
        address=locate_page(wave, "change", wave.pk),
        new=Figure(
            count=wave.new_count,
            label=f"avec la vague {wave.name}",
            address=_locate_sites(wave=wave.slug),
        ),
        total=wave.total_count,
    )


def _make_attention(finding: quality.Finding) -> Attention:
    record = finding.record
    return Attention(
        name=str(record),
        sentence=finding.sentence,
        address=locate_page(record, "change", record.pk),
    )


def _make_change(entry: Any, record: Any) -> Change:
    return Change(
        name=entry.name,
        event=_EVENTS[entry.history_type],
        author=history.name_author(entry),
        at=entry.history_date,
        moment=f"le {text.short_moment(entry.history_date)}",
        address=locate_page(record, "history", record.pk) if record else "",
    )


def _list_actions(request: HttpRequest) -> tuple[Link, ...]:
    models = [apps.get_model(name) for name in _ADDED_FROM_HOME]
    return tuple(
        Link(label=_find_pages(model).add_label, address=locate_page(model, "add"))
        for model in models
        if _may(request, model, "add")
    )


def _locate_sites(**choices: str) -> str:
    """The list of sites, filtered."""
    return f"{locate_page(Site, 'changelist')}?{urlencode(choices)}"


def _word_more(listed: Sequence[Any], most: int) -> str:
    more = len(listed) - most
    return f"Et {text.counted(more, 'autre')}." if more > 0 else ""


def _may_act(request: HttpRequest) -> bool:
    """Whether there are tasks that could be theirs."""
    return any(request.user.has_perm(name) for name in _FOR_TASKS)


def _find_pages(model: Any) -> Any:
    return admin.site.get_model_admin(model)


def _may(request: HttpRequest, model: Any, action: str) -> bool:
    if not admin.site.is_registered(model):
        return False
    pages = _find_pages(model)
    allowed = pages.has_add_permission if action == "add" else pages.has_view_permission
    return bool(allowed(request))

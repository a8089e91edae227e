"""« Chercher partout »: what one field finds in all the lists that a person may open."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from labelling import text
from labelling.admin.addresses import locate_list, locate_page
from labelling.admin.badges import make_badge, make_status_badge
from labelling.admin.doors import find_search_refusal, read_search
from labelling.admin.home.menu import may_see
from labelling.admin.imports.model_admin import HEAVY, list_seen
from labelling.admin.imports.preview import name_file
from labelling.admin.releases.titles import find_releases
from labelling.models import (
    Association,
    ImportRun,
    LabellingWave,
    PressContact,
    PressRelease,
    Site,
)
from labelling.models.base import LONGEST_SEARCH
from labelling.models.deleted import KINDS
from labelling.spreadsheets.runs import rights

# What is read at a glance as one types, and of each kind on the page of all.
_MOST_PROPOSED = 10
_MOST_OF_A_KIND = 20
_READ = ("GET", "HEAD")


@dataclass(frozen=True, kw_only=True)
class Found:
    """A record that was found: its name, what tells it apart, the badge of its status if any."""

    name: str
    kind: str
    facts: str
    badge: SafeString | str
    address: str


@dataclass(frozen=True, kw_only=True)
class Group:
    """What was found of a kind: how many, the nearest ones, and the list that has them all."""

    title: str
    count: int
    found: list[Found]
    more: str
    address: str


_Told = tuple[list[str], SafeString | str]


@dataclass(frozen=True, kw_only=True)
class _Kind:
    """A kind of records; `tell` reads what the lines of these say, the facts and the badge."""

    model: Any
    tell: Callable[[Any, date], Iterator[tuple[Any, _Told]]]
    # What one may write to find it.
    asked_by: str
    page: str = "change"
    # What its list looks for besides.
    more: str = ""

    def match(self, request: HttpRequest, query: str) -> Any:
        """What the person may open of it, as far as `query` finds it."""
        if self.model is PressRelease:
            return find_releases(PressRelease.objects, query)
        seen = list_seen(request) if self.model is ImportRun else self.model.objects
        return seen.matching(query)

    def word_more(self, count: int) -> str:
        """What leads to the list that has them all; empty where it would show nothing more."""
        if self.more or count <= _MOST_OF_A_KIND:
            return self.more
        return f"Voir les {text.counted(count, self.model.noun.singular, self.model.noun.plural)}"

    def read(self, keys: list[int], day: date) -> dict[int, Found]:
        """The records of these keys, as they are shown."""
        return {
            record.pk: Found(
                name=str(record),
                kind=capfirst(self.model.noun.singular),
                facts=" · ".join(filter(None, facts)),
                badge=badge,
                address=locate_page(record, self.page, record.pk),
            )
            for record, (facts, badge) in self.tell(self.model.objects.filter(pk__in=keys), day)
        }


def _tell_sites(sites: Any, day: date) -> Iterator[tuple[Any, _Told]]:
    for site in sites.with_place():
        facts = [site.commune, site.department.name, site.wave.name if site.wave else ""]
        yield site, (facts, make_badge(site.compute_status(day)))


def _tell_associations(associations: Any, day: date) -> Iterator[tuple[Any, _Told]]:
    for association in associations.with_labelled_count(day):
        count = association.labelled_count
        yield association, ([text.counted(count, "site labellisé", "sites labellisés")], "")


def _tell_waves(waves: Any, day: date) -> Iterator[tuple[Any, _Told]]:
    for wave in waves:
        yield wave, ([f"Label valable à partir du {text.long_date(wave.effective_on)}"], "")


def _tell_releases(releases: Any, day: date) -> Iterator[tuple[Any, _Told]]:
    for release in releases.defer("content").with_corrections().select_related("wave"):
        yield release, ([release.wave.name, release.own_title], make_status_badge(release))


def _tell_contacts(contacts: Any, day: date) -> Iterator[tuple[Any, _Told]]:
    for contact in contacts:
        yield contact, ([contact.role, contact.organisation], "")


def _tell_imports(runs: Any, day: date) -> Iterator[tuple[Any, _Told]]:
    for run in runs.defer(*HEAVY).select_related("author"):
        by = f"{rights.name_user(run.author)}, le {text.short_moment(run.prepared_at)}"
        yield run, ([name_file(run), by], make_status_badge(run))


# In the order in which they are shown; of two that are as near, the first one.
_KINDS = (
    _Kind(
        model=Site,
        tell=_tell_sites,
        asked_by="nom, adresse, commune, code postal, numéro France Services",
    ),
    _Kind(model=Association, tell=_tell_associations, asked_by="association"),
    _Kind(model=LabellingWave, tell=_tell_waves, asked_by="vague"),
    _Kind(model=PressRelease, tell=_tell_releases, asked_by="communiqué", page="document"),
    _Kind(model=PressContact, tell=_tell_contacts, asked_by="contact presse"),
    _Kind(
        model=ImportRun,
        tell=_tell_imports,
        asked_by="fichier importé",
        more="Chercher aussi dans les lignes des imports",
    ),
)


def list_kinds(request: HttpRequest) -> list[_Kind]:
    """What the person may search; nothing of what they may not open."""
    return [kind for kind in _KINDS if may_see(request, kind.model)]


def find_best(request: HttpRequest, query: str) -> list[Found]:
    """The nearest records of all kinds."""
    near = [
        (nearness, kind, key)
        for kind in list_kinds(request)
        for key, nearness in _list_nearest(kind.match(request, query), query, _MOST_PROPOSED)
    ]
    near.sort(key=lambda one: one[0])  # Those of a kind stay in their order.
    best = [(kind, key) for _, kind, key in near[:_MOST_PROPOSED]]
    day = timezone.localdate()
    read = {
        kind.model: kind.read([key for other, key in best if other is kind], day)
        for kind in {kind for kind, _ in best}
    }
    # A record that was deleted meanwhile is no longer there.
    return [read[kind.model][key] for kind, key in best if key in read[kind.model]]


def list_groups(request: HttpRequest, query: str) -> list[Group]:
    """All that is found, kind by kind."""
    day = timezone.localdate()
    groups = []
    for kind in list_kinds(request):
        records = kind.match(request, query)
        if not (count := records.count()):
            continue
        keys = [key for key, _ in _list_nearest(records, query, _MOST_OF_A_KIND)]
        read = kind.read(keys, day)
        noun = kind.model.noun
        groups.append(
            Group(
                title=capfirst(text.plural(count, noun.singular, noun.plural)),
                count=count,
                found=[read[key] for key in keys if key in read],
                more=kind.word_more(count),
                address=locate_list(kind.model, {"q": query}),
            )
        )
    return groups


def _list_nearest(records: Any, query: str, most: int) -> list[tuple[int, int]]:
    """The keys of the nearest records, each with its nearness."""
    nearest = records.nearest_first(query).values_list("pk", "nearness")
    return list(nearest[:most])


def search_view(request: HttpRequest) -> HttpResponse:
    """All that is found, as a page; to the field of the header, the best of it."""
    if request.method not in _READ:
        return HttpResponseNotAllowed(_READ)
    kinds = list_kinds(request)
    if not kinds:
        raise PermissionDenied
    query = text.legible(request.GET.get("q", "")).strip()
    refusal = find_search_refusal(query)
    if request.headers.get("Accept") == "application/json":
        return _propose(request, query, refusal)
    groups = list_groups(request, query) if query and not refusal else []
    context = {
        **admin.site.each_context(request),
        "title": "Chercher partout",
        "searched_everywhere": query[:LONGEST_SEARCH],
        "asked": read_search(request),
        "longest": LONGEST_SEARCH,
        "hint": capfirst(", ".join(kind.asked_by for kind in kinds)),
        "refusal": refusal,
        "groups": groups,
        "deleted": _locate_deleted(kinds, query),
        "count": sum(group.count for group in groups),
    }
    return TemplateResponse(request, "labelling/search.html", context)


def _locate_deleted(kinds: list[_Kind], query: str) -> str:
    """Where the same is looked for among deleted records; empty for who may see none of them."""
    if not any(kind.model in KINDS for kind in kinds):
        return ""
    return f"{reverse('admin:labelling_site_deleted')}?{urlencode({'q': query})}"


def _propose(request: HttpRequest, query: str, refusal: str) -> JsonResponse:
    found = find_best(request, query) if query and not refusal else []
    proposals = [
        {
            "name": one.name,
            "kind": one.kind,
            "facts": " · ".join(filter(None, [one.facts, strip_tags(one.badge)])),
            "address": one.address,
        }
        for one in found
    ]
    return JsonResponse({"proposals": proposals, "said": refusal or _say(request, query, found)})


def _say(request: HttpRequest, query: str, found: list[Found]) -> str:
    """How much is proposed, and what to do next."""
    if not query:
        return ""
    if not found:
        said = f"Rien ne correspond à « {read_search(request)} ». Essayez un mot plus court."
    elif len(found) < _MOST_PROPOSED:
        said = text.counted(len(found), "résultat")
    else:
        said = f"Les {_MOST_PROPOSED} premiers résultats. Entrée : tous les résultats."
    return text.typeset(said)

"""« Fiches supprimées »: who deleted what and when, and what puts a record back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth import get_permission_codename
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import CharField, Q, Value
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.text import capfirst

from labelling import text
from labelling.admin import history
from labelling.admin.addresses import locate_page
from labelling.admin.doors import read_number, read_search
from labelling.models import PressRelease, Record, Site, merging
from labelling.models.base import LONGEST_SEARCH, name_user
from labelling.models.deleted import (
    KINDS,
    Deleted,
    Obstacle,
    find_deleted,
    list_deletions,
)
from labelling.models.record_sets import make_condition
from labelling.nouns import Noun

_PER_PAGE = 50
_BY_NAME = {str(model._meta.model_name): model for model in KINDS}
# Of the releases, drafts alone are deleted.
_DRAFT = Noun("brouillon", "brouillons")


@dataclass(frozen=True, kw_only=True)
class Line:
    """A deleted record in the list."""

    name: str
    address: str
    kind: str
    author: str
    at: datetime
    moment: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the address of the list asks for; what it cannot mean narrows nothing."""

    kinds: Sequence[type[Record]]
    kind: str
    person: str
    search: str


def locate_list(model: Any) -> str:
    """Where the deleted records of `model` are; empty if such ones are never put back."""
    if model not in KINDS:
        return ""
    return f"{reverse('admin:labelling_site_deleted')}?kind={model._meta.model_name}"


def locate_deleted(model: type[Record], key: int) -> str:
    """Where a deleted record of `model` is shown, and put back; empty if such ones never are."""
    if model not in KINDS:
        return ""
    return reverse("admin:labelling_site_deleted_record", args=[model._meta.model_name, key])


def may_put_back(user: Any, model: type[Record]) -> bool:
    """Whether the person may put such records back: who could as well write them anew."""
    return bool(user.has_perm(f"labelling.{get_permission_codename('add', model._meta)}"))


def may_unmerge(user: Any) -> bool:
    """Whether the person may take a merge back: who may merge sites, and put one back."""
    rights = [f"labelling.{action}_site" for action in ("add", "change", "delete")]
    return bool(user.has_perms(rights))


def locate_unmerge(key: int) -> str:
    """Where the merge of the record of this key is taken back."""
    return f"{locate_page(Site, 'unmerge')}?{urlencode({'record': key})}"


def _find_noun(model: type[Record]) -> Noun:
    return _DRAFT if model is PressRelease else model.noun


def deleted_view(request: HttpRequest) -> HttpResponse:
    """The list of what was deleted, the last one first, as far as the person may see it."""
    seen = [model for model in KINDS if _may_see(request, model)]
    if not seen:
        raise PermissionDenied
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    people = [(str(one.pk), name_user(one)) for one in _list_people(seen)]
    asked = _read_question(request, seen, [key for key, _ in people])
    page = Paginator(_find_deletions(asked), _PER_PAGE).get_page(request.GET.get("p"))
    kinds = [(str(m._meta.model_name), capfirst(str(m._meta.verbose_name_plural))) for m in seen]
    context = {
        **admin.site.each_context(request),
        "title": "Fiches supprimées",
        "page": page,
        "lines": _list_lines(page.object_list),
        "may_put_back": any(may_put_back(request.user, model) for model in seen),
        "filters": [
            _make_filter(request, "kind", asked.kind, "Fiches", "Toutes les fiches", kinds),
            _make_filter(
                request, "person", asked.person, "Supprimées par", "Toutes les personnes", people
            ),
        ],
        "asked": asked,
        "is_narrowed": bool(asked.kind or asked.person or asked.search),
        "searched": read_search(request),
        "longest_search": LONGEST_SEARCH,
    }
    return TemplateResponse(request, "labelling/deleted.html", context)


def deleted_record_view(request: HttpRequest, kind: str, key: int) -> HttpResponse:
    """A deleted record: its last values, its history; on POST, put it back."""
    model = _BY_NAME.get(kind)
    if model is None or read_number(str(key)) is None:
        raise Http404
    if not _may_see(request, model):
        raise PermissionDenied
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    if request.method == "POST":
        if not may_put_back(request.user, model):
            raise PermissionDenied
        with transaction.atomic():
            return _put_back(request, model, key)
    deleted = find_deleted(model, key)
    return _show(request, model, deleted) if deleted else _lead_to_standing(request, model, key)


def _put_back(request: HttpRequest, model: type[Record], key: int) -> HttpResponse:
    deleted = find_deleted(model, key)
    if deleted is None:
        return _lead_to_standing(request, model, key)
    if deleted.obstacles:
        sentence = "Cette fiche n’a pas été remise : sa place n’est pas libre."
        messages.error(request, text.typeset(sentence))
        return _show(request, model, deleted)
    deleted.put_back()
    messages.success(request, _word_return(deleted))
    return HttpResponseRedirect(locate_page(model, "change", key))


def _show(request: HttpRequest, model: type[Record], deleted: Deleted) -> HttpResponse:
    record, noun = deleted.record, _find_noun(model)
    into = _find_successor(deleted)
    may_part = into is not None and may_unmerge(request.user)
    obstacles = _list_obstacles(request, deleted, into, may_part=may_part)
    context = {
        **history.make_context(admin.site.get_model_admin(model), request, record),
        "title": f"{record}",
        "noun": noun,
        "deletion": deleted.deletion,
        "event": f"{capfirst(noun.singular)} {noun.agree(_word_participle(deleted))}",
        "author": history.name_author(deleted.deletion),
        "when": f"le {text.moment(deleted.deletion.history_date)}",
        "values": history.list_values(record),
        "into": into if may_part else None,
        "unmerge_address": locate_unmerge(record.pk),
        "obstacles": obstacles,
        "way": _word_way([obstacle for obstacle, _, _ in obstacles]),
        "may_mend": may_part or may_put_back(request.user, model),
        "emptied": [capfirst(str(field.verbose_name)) for field in deleted.emptied],
        "may_put_back": may_put_back(request.user, model),
        "list_address": locate_list(model),
    }
    return TemplateResponse(request, "labelling/deleted_record.html", context)


def _word_participle(deleted: Deleted) -> str:
    return "fusionné" if deleted.is_merged else "supprimé"


def _find_successor(deleted: Deleted) -> Site | None:
    """The record that it was merged into, if that one is still there."""
    if not deleted.is_merged:
        return None
    return Site.objects.filter(merged=deleted.record.pk).first()


def _list_obstacles(
    request: HttpRequest, deleted: Deleted, into: Site | None, *, may_part: bool
) -> list[tuple[Obstacle, str, str]]:
    """Each obstacle, with what it is called and where it is: what took a place by a merge gives it
    back as the merge is taken back, or else by its history."""
    key, listed = deleted.record.pk, []
    if into and may_part and (through := merging.find_through(into, key)):
        sentence = merging.word_through(into, through)
        before = Obstacle(sentence=sentence, record=through, is_deleted=True)
        listed.append((before, *_locate_obstacle(request, before)))
    for obstacle in deleted.obstacles:
        name, address = _locate_obstacle(request, obstacle)
        holder = obstacle.record
        if into is None or holder != into or not merging.is_owed(into, key, obstacle.fields):
            listed.append((obstacle, name, address))
        elif not may_part:
            way = text.typeset(
                f"{obstacle.sentence} C’est celui avec lequel cette fiche a été fusionnée. Revenez "
                f"d’abord, dans l’historique de « {into} », à la version d’avant la fusion :"
            )
            name, address = f"historique de {into}", locate_page(into, "history", into.pk)
            listed.append((replace(obstacle, sentence=way), name, address))
    return listed


def _word_way(obstacles: Sequence[Obstacle]) -> str:
    """What to do about what stands against a record, for who may."""
    is_missing = any(obstacle.is_deleted for obstacle in obstacles)
    is_taken = any(obstacle.record and not obstacle.is_deleted for obstacle in obstacles)
    if is_missing and is_taken:
        return "Corrigez ce qui prend sa place, remettez ce qui manque, puis revenez ici."
    if is_missing:
        return "Remettez d’abord ce qui manque, puis revenez ici."
    return "Corrigez ce qui prend sa place, puis revenez ici." if is_taken else ""


def _locate_obstacle(request: HttpRequest, obstacle: Obstacle) -> tuple[str, str]:
    """What an obstacle is called, and where it is, as far as the person may see it."""
    record = obstacle.record
    if record is None or not _may_see(request, type(record)):
        return "", ""
    if obstacle.is_deleted:
        return str(record), locate_deleted(type(record), record.pk)
    page = "document" if isinstance(record, PressRelease) else "change"
    return str(record), locate_page(record, page, record.pk)


def _word_return(deleted: Deleted) -> str:
    record, noun = deleted.record, _find_noun(type(deleted.record))
    sentence = f"{record} : {noun.singular} {noun.agree('remis')}"
    if isinstance(record, PressRelease):
        sentence += ". Ses relectures et ses Word corrigés, s’il en avait, ne reviennent pas."
    else:
        sentence += f", comme avant {'la fusion' if deleted.is_merged else 'sa suppression'}."
    for field in deleted.emptied:
        sentence += f" « {capfirst(field.verbose_name)} » reste vide : la personne a été effacée."
    return text.typeset(sentence)


def _lead_to_standing(request: HttpRequest, model: type[Record], key: int) -> HttpResponse:
    """Lead to a record that is there, and say who put it back, if it had been deleted."""
    record = model._base_manager.filter(pk=key).first()
    if record is None:
        raise Http404
    entries = model.history.filter(id=key, history_type="+", version__gt=1)
    if back := entries.select_related("history_user").order_by("-version").first():
        author = history.name_author(back)
        by = f" par {author}" if author else ""
        sentence = (
            f"{record} : cette fiche a déjà été remise{by}, le {text.moment(back.history_date)}. "
            "Rien n’a été fait deux fois."
        )
        messages.info(request, text.typeset(sentence))
    return HttpResponseRedirect(locate_page(model, "change", key))


def _may_see(request: HttpRequest, model: type[Record]) -> bool:
    return bool(admin.site.get_model_admin(model).has_view_permission(request))


# The list


def _read_question(
    request: HttpRequest, seen: Sequence[type[Record]], people: Sequence[str]
) -> Asked:
    kind, person = request.GET.get("kind", ""), request.GET.get("person", "")
    chosen = [model for model in seen if model._meta.model_name == kind]
    return Asked(
        kinds=chosen or seen,
        kind=kind if chosen else "",
        person=person if person in people else "",
        search=text.legible(request.GET.get("q", "")).strip(),
    )


def _find_deletions(asked: Asked) -> Any:
    """The kind and the key of each entry, in one question: the last one first."""
    parts = []
    for model in asked.kinds:
        entries = list_deletions(model).order_by()
        if asked.person:
            entries = entries.filter(history_user=asked.person)
        if len(asked.search) > LONGEST_SEARCH:
            entries = entries.none()
        elif asked.search:
            entries = entries.filter(make_condition(asked.search, model))
        kind = Value(str(model._meta.model_name), output_field=CharField())
        parts.append(entries.annotate(of=kind).values_list("of", "history_id", "history_date"))
    first, *others = parts
    return first.union(*others, all=True).order_by("-history_date", "of", "-history_id")


def _list_lines(rows: Iterable[tuple[str, int, Any]]) -> list[Line]:
    """The lines of a page: one question for each kind that it has."""
    rows = list(rows)
    entries: dict[tuple[str, int], Any] = {}
    for kind, model in _BY_NAME.items():
        if keys := [key for one, key, _ in rows if one == kind]:
            stored = model.history.filter(history_id__in=keys).select_related("history_user")
            entries |= {(kind, entry.history_id): entry for entry in stored}
    return [_make_line(kind, entries[kind, key]) for kind, key, _ in rows]


def _make_line(kind: str, entry: Any) -> Line:
    model = _BY_NAME[kind]
    return Line(
        name=str(entry.instance),
        address=locate_deleted(model, entry.id),
        kind=capfirst(_find_noun(model).singular),
        author=history.name_author(entry),
        at=entry.history_date,
        moment=text.short_moment(entry.history_date),
        reason=entry.history_change_reason or "",
    )


def _list_people(seen: Iterable[type[Record]]) -> Any:
    """Those who deleted something that is seen."""
    condition = Q()
    for model in seen:
        deletions = list_deletions(model).order_by()
        condition |= Q(pk__in=deletions.values("history_user"))
    return User.objects.filter(condition).order_by("last_name", "first_name", "pk")


def _make_filter(
    request: HttpRequest,
    name: str,
    chosen: str,
    title: str,
    all_label: str,
    choices: Iterable[tuple[str, str]],
) -> dict[str, Any]:
    """A filter as the lists have it: its choices, each with its address."""
    return {
        "title": title,
        "choices": [
            {"display": label, "selected": key == chosen, "query_string": _ask(request, name, key)}
            for key, label in [("", all_label), *choices]
        ],
    }


def _ask(request: HttpRequest, name: str, key: str) -> str:
    query = request.GET.copy()
    query.pop("p", None)
    query.pop(name, None)
    if key:
        query[name] = key
    return f"?{query.urlencode()}"

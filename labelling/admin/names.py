"""« Noms à relire »: the names that imports made of the State's, accepted or written anew."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.http import urlencode

from labelling import quality, text
from labelling.admin import history
from labelling.admin.addresses import locate_page
from labelling.admin.doors import read_keys
from labelling.models import LabellingWave, Site

_PER_PAGE = 50


@dataclass(frozen=True, kw_only=True)
class Typed:
    """What a form holds of a site: its name, whether it is ticked, and whether that is accepted.

    `shown` and `version` are the name and the version that the page showed.
    """

    name: str
    shown: str
    version: str
    is_ticked: bool
    is_accepted: bool

    @property
    def is_retyped(self) -> bool:
        return self.name != self.shown


@dataclass(frozen=True, kw_only=True)
class NameLine:
    """A line of the page; `errors` say why nothing was saved."""

    site: Site
    name: str
    is_ticked: bool
    errors: list[str]


class _Refused(Exception):
    """Some names cannot be saved, so that none is: what is wrong, by the key of the site."""

    def __init__(self, errors: dict[int, list[str]]) -> None:
        super().__init__()
        self.errors = errors


@dataclass(frozen=True, kw_only=True)
class _Done:
    """How many names were accepted, written anew, and read by somebody else meanwhile."""

    accepted: int
    written: int
    gone: int

    def __str__(self) -> str:
        parts = []
        if self.written:
            one, many = "nom corrigé", "noms corrigés"
            parts.append(text.counted(self.written, one, many))
        if self.accepted:
            one, many = "nom accepté", "noms acceptés"
            parts.append(text.counted(self.accepted, one, many))
        sentence = f"{text.enumeration(parts) or 'Aucun nom accepté ni corrigé'}."
        if self.gone:
            one, many = "avait été relu entre-temps", "avaient été relus entre-temps"
            verb = text.plural(self.gone, one, many)
            sentence += f" {text.counted(self.gone, 'nom')} {verb}."
        return sentence


def list_unread(sites: Any) -> list[quality.Finding]:
    """The names of `sites` that an import made and nobody has read."""
    return quality.list_findings(sites, timezone.localdate(), quality.NAMES_TO_READ)


def locate_names(wave: LabellingWave | None = None) -> str:
    """Where they are read: all of them, or those of the list of a wave."""
    return locate_page(Site, "names") + (f"?{urlencode({'wave': wave.slug})}" if wave else "")


def names_page(pages: ModelAdmin, request: HttpRequest) -> HttpResponse:
    """The names to read; on POST, accept those that are ticked and save those written anew."""
    if not pages.has_change_permission(request):
        raise PermissionDenied
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    wave = LabellingWave.objects.filter(slug=_read_wave(request)).first()
    typed: dict[int, Typed] = {}
    errors: dict[int, list[str]] = {}
    if request.method == "POST":
        typed = _read_typed(request)
        try:
            done = _save(typed, request.user)
        except _Refused as refusal:
            errors = refusal.errors
        else:
            messages.success(request, str(done))
            return HttpResponseRedirect(request.get_full_path())
    sites: Any = Site.objects.labelled_as_of(wave) if wave else Site.objects.all()
    keys = quality.list_keys(sites, timezone.localdate(), quality.NAMES_TO_READ)
    # What is typed stays before one's eyes, even over a name that somebody else has read.
    listed = Site.objects.with_place().filter(pk__in=[*typed] if errors else keys)
    page = Paginator(listed.order_by("department__sort_key", "sort_key", "pk"), _PER_PAGE).get_page(
        request.GET.get("p")
    )
    context = {
        **pages.admin_site.each_context(request),
        "title": "Noms à relire",
        "opts": pages.opts,
        "wave": wave,
        "count": len(keys),
        "page": page,
        "lines": [_make_line(site, typed.get(site.pk), errors) for site in page],
        "is_refused": bool(errors),
    }
    return TemplateResponse(request, "labelling/names.html", context)


def _read_wave(request: HttpRequest) -> str:
    return request.GET.get("wave", "").replace("\0", "")


def _read_typed(request: HttpRequest) -> dict[int, Typed]:
    """What the form holds, by site. The button of a line accepts that line alone."""
    data = request.POST
    ticked = accepted = {*read_keys(data.getlist("ticked"))}
    if "corrections" in data:
        accepted = set()
    elif "one" in data:
        accepted = {*read_keys(data.getlist("one"))}
    return {
        key: Typed(
            name=text.legible(data.get(f"name-{key}", "")).strip(),
            shown=data.get(f"shown-{key}", ""),
            version=data.get(f"version-{key}", ""),
            is_ticked=key in ticked,
            is_accepted=key in accepted,
        )
        for key in read_keys(data.getlist("site"))[:_PER_PAGE]
        if f"name-{key}" in data
    }


def _save(typed: dict[int, Typed], user: Any) -> _Done:
    """Save it all, or raise _Refused and save nothing."""
    written = gone = 0
    read: list[quality.Finding] = []
    errors: dict[int, list[str]] = {}
    with transaction.atomic():
        chosen: Any = Site.objects.filter(pk__in=[*typed])
        sites = {site.pk: site for site in chosen.order_by("pk").select_for_update()}
        unread = {finding.record.pk: finding for finding in list_unread(chosen)}
        for key, line in typed.items():
            site = sites.get(key)
            if site is None or (key not in unread and not line.is_retyped):
                gone += 1
            elif str(site.version) != line.version:
                errors[key] = [_word_overtaken(site)]
            elif line.is_retyped:
                written += 1
                errors[key] = _rename(site, line.name)
            elif line.is_accepted:
                read.append(unread[key])
        if any(errors.values()):
            raise _Refused(errors)
        quality.accept(read, user, quality.NAME_READ)
    return _Done(accepted=len(read), written=written, gone=gone)


def _rename(site: Site, name: str) -> list[str]:
    """Save the site under another name; return what is wrong with it, if anything is."""
    if not name:
        return ["Écrivez le nom que la presse lira."]
    site.name = name
    site._change_reason = quality.NAME_READ
    try:
        site.full_clean()
    except ValidationError as refusal:
        return refusal.messages
    site.save()
    return []


def _word_overtaken(site: Site) -> str:
    latest = history.find_latest(site)
    who = (latest and history.name_author(latest)) or "Une autre personne"
    return text.typeset(
        f"{who} a modifié cette fiche entre-temps ; son nom est « {site.name} ». Relisez le vôtre."
    )


def _make_line(site: Site, typed: Typed | None, errors: dict[int, list[str]]) -> NameLine:
    return NameLine(
        site=site,
        name=typed.name if typed else site.name,
        is_ticked=typed.is_ticked if typed else True,
        errors=errors.get(site.pk, []),
    )

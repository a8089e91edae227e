"""Files out: a list, an empty sheet to fill in, the whole base; and who took the persons' list."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.text import slugify

from labelling import sheets, text
from labelling.admin.addresses import locate_page
from labelling.admin.filters import word_filters, word_scope
from labelling.admin.lists import (
    TickedListAdmin,
    is_whole_ticked,
    lead_to_list,
    read_changelist,
    read_ticked_keys,
)
from labelling.choices import Event
from labelling.models import JournalEntry, PressContact
from labelling.press_release import composition
from labelling.spreadsheets import exporting
from labelling.spreadsheets.resources import RESOURCES, SheetResource, find_resource
from labelling.spreadsheets.runs import rights

# What people call the three formats, in the order of their menu.
FORMATS = {"xlsx": "Excel (XLSX)", "ods": "LibreOffice (ODS)", "csv": "CSV"}
_WORKBOOK = "xlsx"


def make_attachment(
    data: bytes, name: str, media_type: str = "application/octet-stream"
) -> HttpResponse:
    """Answer with a file to keep: never shown by the browser, whatever it holds."""
    disposition = content_disposition_header(as_attachment=True, filename=name)
    return HttpResponse(
        data, content_type=media_type, headers={"Content-Disposition": str(disposition)}
    )


class SheetAdmin(TickedListAdmin):
    """The pages of the records that a resource writes out: their list is downloaded, or part of it.

    A download is asked for by POST: it may leave a trace, and what is ticked fits no address. It
    changes no record.
    """

    @property
    def ticked_label(self) -> str:
        return f"Télécharger les {self.noun.plural} {self.noun.agree('coché', many=True)}"

    @property
    def resource(self) -> type[SheetResource]:
        return find_resource(self.model)

    def may_download(self, request: HttpRequest) -> bool:
        return rights.may_download(_find_person(request), self.resource)

    def has_tick_boxes(self, request: HttpRequest) -> bool:
        return self.may_download(request)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        own = {"downloads": self._list_downloads(request), "ticked_label": self.ticked_label}
        return super().changelist_view(request, {**own, **(extra_context or {})})

    def get_urls(self) -> list[URLPattern]:
        pages: list[tuple[str, Any, str]] = [
            ("download/<str:extension>/", self.export_view, "download")
        ]
        if self.resource.is_imported:
            pages.append(("model-sheet/", self.model_sheet_view, "model_sheet"))
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        own = [
            path(route, self.admin_site.admin_view(view), name=f"{name}_{page}")
            for route, view, page in pages
        ]
        return [*own, *super().get_urls()]

    def export_view(self, request: HttpRequest, extension: str) -> HttpResponse:
        """Download what the list displays, or what is ticked in it."""
        if not self.may_download(request):
            raise PermissionDenied
        if extension not in FORMATS:
            raise Http404
        changelist = read_changelist(self, request)
        if changelist is None:
            return lead_to_list(self)
        back = HttpResponseRedirect(
            locate_page(self.model, "changelist") + changelist.get_query_string()
        )
        if request.method != "POST":
            # Asked for again after signing in, or by its address: the list has the buttons.
            return back
        records = _find_chosen(changelist, request)
        if not records.exists():
            messages.warning(request, _word_nothing_to_send(request))
            return back
        today = timezone.localdate()
        scope = _word_scope(changelist, request)
        note = text.typeset(" – ".join(filter(None, [composition.word_situation(today), scope])))
        try:
            data = exporting.download(self.resource(), extension, records, notes=[note])
        except sheets.TooLong as fault:
            messages.error(request, text.typeset(str(fault)))
            return back
        if self.model is PressContact:
            _leave_trace(
                request,
                count=records.count(),
                format=extension,
                searched=changelist.query,
                filters=word_filters(changelist),
                is_ticked=_is_part(request),
            )
        name = _name_file(self.resource.sheet_name, today, extension)
        return make_attachment(data, name, sheets.MEDIA_TYPES[extension])

    def model_sheet_view(self, request: HttpRequest) -> HttpResponse:
        """Download an empty sheet to fill in. In XLSX: other formats have no lists of choices."""
        if not rights.may_prepare(_find_person(request), self.resource.model_key):
            raise PermissionDenied
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        name = f"modele-{_make_slug(self.resource.sheet_name)}.{_WORKBOOK}"
        data = exporting.write_model_sheet(self.resource(), _WORKBOOK)
        return make_attachment(data, name, sheets.MEDIA_TYPES[_WORKBOOK])

    def _list_downloads(self, request: HttpRequest) -> list[dict[str, str]]:
        """The downloads of what is displayed or ticked; none for who may not download."""
        if not self.may_download(request):
            return []
        return [
            {"label": label, "address": locate_page(self.model, "download", extension)}
            for extension, label in FORMATS.items()
        ]


def locate_whole_base(user: Any) -> str:
    """Where the whole base is downloaded; empty if the person may download nothing."""
    if any(rights.may_download(user, resource) for resource in RESOURCES.values()):
        return reverse("admin:labelling_site_whole_base")
    return ""


def whole_base_view(request: HttpRequest) -> HttpResponse:
    """Download one workbook with all that the person may download."""
    if not locate_whole_base(request.user):
        raise PermissionDenied
    home = HttpResponseRedirect(reverse("admin:index"))
    if request.method != "POST":
        return home
    today = timezone.localdate()
    try:
        data = exporting.write_whole_base(
            _find_person(request), today, _WORKBOOK, notes=[composition.word_situation(today)]
        )
    except sheets.TooLong as fault:
        messages.error(request, text.typeset(str(fault)))
        return home
    if rights.may_download(_find_person(request), find_resource(PressContact)):
        count = PressContact.objects.count()
        if count:
            _leave_trace(request, count=count, format=_WORKBOOK, is_whole_base=True)
    return make_attachment(data, f"reseau-pimms-{today}.{_WORKBOOK}", sheets.MEDIA_TYPES[_WORKBOOK])


def _find_person(request: HttpRequest) -> Any:
    return request.user


def _leave_trace(request: HttpRequest, **details: Any) -> None:
    """Note who takes away how many persons, and which ones they had looked for [S21]."""
    JournalEntry.objects.note(
        Event.DOWNLOAD, author=_find_person(request), model_key="presscontact", **details
    )


def _asks_for_ticked(request: HttpRequest) -> bool:
    # The stock script of the tick boxes wants their button to bear this name.
    return request.POST.get("index") == "ticked"


def _is_part(request: HttpRequest) -> bool:
    return _asks_for_ticked(request) and not is_whole_ticked(request)


def _find_chosen(changelist: ChangeList, request: HttpRequest) -> QuerySet:
    """The records to send, in the order of the list."""
    # What the list prefetches, no sheet shows.
    records = changelist.queryset.prefetch_related(None)
    return records.filter(pk__in=read_ticked_keys(request)) if _is_part(request) else records


def _word_scope(changelist: ChangeList, request: HttpRequest) -> str:
    """What the list was narrowed to, as the file says it; empty if to nothing."""
    part = "lignes cochées" if _is_part(request) else ""
    return ", ".join(filter(None, [word_scope(changelist), part]))


def _word_nothing_to_send(request: HttpRequest) -> str:
    if _asks_for_ticked(request):
        return "Cochez d’abord les lignes à télécharger."
    return text.typeset("Il n’y a rien à télécharger : effacez la recherche ou les filtres.")


def _name_file(sheet_name: str, day: date, extension: str) -> str:
    return f"{_make_slug(sheet_name)}-{day.isoformat()}.{extension}"


def _make_slug(words: str) -> str:
    return slugify(text.sort_key(words))

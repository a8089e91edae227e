"""« Journal »: who did what, where no record shows it [S27]. It is read and taken away, no more."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils import timezone

from labelling import sheets, text
from labelling.admin.addresses import locate_page
from labelling.admin.doors import FilteredList, ListAdmin
from labelling.admin.events import (
    GROUPS,
    name_author,
    name_concerned,
    read_names,
    word_event,
)
from labelling.admin.exports import FORMATS, make_attachment
from labelling.admin.filters import WordsFilter
from labelling.admin.lists import lead_to_list, read_changelist
from labelling.choices import Event
from labelling.models import JournalEntry
from labelling.models.base import name_user

_LATEST = 10
# What one file holds: a workbook is made in memory, and takes ten times as much of it.
_MOST_LINES = {"xlsx": 20_000, "ods": 20_000, "csv": 100_000}
_COLUMNS = ("Quand", "Qui", "Personne concernée", "Action", "Ce qui a été fait", "Depuis l’adresse")


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A download of persons, as it is shown: who, when, what."""

    author: str
    moment: str
    what: str


class EventFilter(WordsFilter):
    """The kinds of actions."""

    title, all_label, parameter_name = "Action", "Toutes les actions", "event"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(group, label) for group, (label, _) in GROUPS.items()]

    def narrow(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.filter(event__in=GROUPS[value][1])


class PersonFilter(WordsFilter):
    """Those who did something, or to whose account it was done, if they still have one."""

    title, all_label, parameter_name = "Personne", "Toutes les personnes", "person"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        entries = JournalEntry.objects.order_by()
        concerned = entries.filter(model_key="user", record_id__isnull=False)
        named = User.objects.filter(
            Q(pk__in=entries.values("author")) | Q(pk__in=concerned.values("record_id"))
        )
        people = named.order_by("last_name", "first_name", "pk")
        return [(str(person.pk), name_user(person)) for person in people]

    def narrow(self, queryset: Any, value: str) -> Any:
        return queryset.about([value])


class PeriodFilter(WordsFilter):
    """The last days, today included."""

    title, all_label, parameter_name = "Période", "Toutes les dates", "days"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("1", "Aujourd’hui"),
            ("7", "Les 7 derniers jours"),
            ("30", "Les 30 derniers jours"),
            ("365", "Les 12 derniers mois"),
        ]

    def narrow(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        first_day = timezone.localdate() - timedelta(days=int(value) - 1)
        return queryset.filter(at__gte=timezone.make_aware(datetime.combine(first_day, time.min)))


class JournalList(FilteredList):
    """The entries of a page, each with its sentence: people are named for all of them at once."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        names = read_names()
        self.result_list: Any = list(self.result_list)
        for entry in self.result_list:
            entry.sentence = word_event(entry, names)


@admin.register(JournalEntry)
class JournalEntryAdmin(ListAdmin):
    """The list of the entries, the last one first; an entry has no page of its own."""

    list_name = "Journal"
    empty_sentence = text.typeset("Rien n’est encore inscrit ici.")

    actions = None
    list_display = ("moment", "author_label", "action")
    list_display_links = None
    list_filter = (EventFilter, PersonFilter, PeriodFilter)
    list_per_page = 50
    list_max_show_all = 0
    list_select_related = ("author",)
    search_fields = ("author_name",)
    search_help_text = "Le nom ou l’adresse de qui l’a fait, ou de la personne concernée."
    show_facets = admin.ShowFacets.NEVER
    empty_value_display = "–"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        pages: list[tuple[str, Any, str]] = [
            ("", self.changelist_view, "changelist"),
            ("download/<str:extension>/", self.download_view, "download"),
        ]
        return [
            path(route, self.admin_site.admin_view(view), name=f"labelling_journalentry_{name}")
            for route, view, name in pages
        ]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return JournalList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if search_term:
            queryset = _search(queryset, text.search_words(text.legible(search_term)))
        return queryset, False

    @admin.display(description="Quand", ordering="at")
    def moment(self, entry: JournalEntry) -> str:
        return text.short_moment(entry.at)

    @admin.display(description="Qui")
    def author_label(self, entry: JournalEntry) -> str:
        return name_author(entry)

    @admin.display(description="Ce qui a été fait")
    def action(self, entry: Any) -> str:
        return str(entry.sentence)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        context = {
            "title": self.list_name,
            "subtitle": "Ce qui a été fait et qu’aucune fiche ne montre. Rien ne s’y modifie. "
            f"Les lignes de plus de {text.counted(settings.JOURNAL_DAYS, 'jour')} sont effacées.",
            "empty_sentence": self.empty_sentence,
            "downloads": [
                {"label": label, "address": locate_page(self.model, "download", extension)}
                for extension, label in FORMATS.items()
            ],
        }
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def download_view(self, request: HttpRequest, extension: str) -> HttpResponse:
        """Take away what the list displays; that it was taken is a line of the journal itself."""
        if not self.has_view_permission(request):
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
            return back
        if changelist.result_count > _MOST_LINES[extension]:
            messages.error(request, _explain_too_many(changelist.result_count, extension))
            return back
        filters = _word_filters(changelist)
        searched = f"recherche « {changelist.query} »" if changelist.query else ""
        note = text.typeset(", ".join(filter(None, ["Journal", *filters, searched])))
        try:
            data = sheets.write(extension, [_make_table(changelist.queryset, note)])
        except sheets.TooLong as fault:
            messages.error(request, text.typeset(str(fault)))
            return back
        JournalEntry.objects.note(
            Event.DOWNLOAD,
            author=request.user,
            model_key="journalentry",
            count=changelist.result_count,
            format=extension,
            searched=changelist.query,
            filters=filters,
        )
        name = f"journal-{timezone.localdate()}.{extension}"
        return make_attachment(data, name, sheets.MEDIA_TYPES[extension])


def list_latest_downloads(model_key: str) -> list[Taken]:
    """Who last downloaded such records, the latest first."""
    entries = JournalEntry.objects.downloads_of(model_key).select_related("author")
    return [
        Taken(
            author=name_author(entry),
            moment=f"le {text.short_moment(entry.at)}",
            what=word_event(entry),
        )
        for entry in entries[:_LATEST]
    ]


def locate_journal(user: Any, group: str) -> str:
    """Where the journal holds a kind of actions (GROUPS); empty for who may not read it."""
    if not user.has_perm("labelling.view_journalentry"):
        return ""
    return f"{locate_page(JournalEntry, 'changelist')}?{EventFilter.parameter_name}={group}"


def _search(queryset: Any, words: list[str]) -> Any:
    """What people did, or was done to them, in whose names every word begins one."""

    def is_found(*names: str) -> bool:
        own = text.search_words(" ".join(names))
        return bool(words) and all(any(name.startswith(word) for name in own) for word in words)

    people = [
        person.pk
        for person in User.objects.all()
        if is_found(person.first_name, person.last_name, person.get_username())
    ]
    gone = queryset.order_by().filter(author=None).exclude(author_name="")
    names = [
        name for name in gone.values_list("author_name", flat=True).distinct() if is_found(name)
    ]
    return queryset.about(people) | queryset.filter(author=None, author_name__in=names)


def _word_filters(changelist: ChangeList) -> list[str]:
    """What the list was narrowed to: « action : Connexions »."""
    chosen = [
        (str(spec.title), dict(spec.lookup_choices).get(spec.value() or ""))
        for spec in changelist.filter_specs
        if isinstance(spec, WordsFilter)
    ]
    return [f"{text.lowered(title)} : {label}" for title, label in chosen if label]


def _explain_too_many(count: int, extension: str) -> str:
    most = text.number(_MOST_LINES[extension])
    other = "" if extension == "csv" else ", ou téléchargez un fichier CSV"
    return text.typeset(
        f"Le journal affiché a {text.number(count)} lignes, et ce fichier en tient {most} : "
        f"choisissez une période plus courte{other}."
    )


def _make_table(queryset: QuerySet[Any], note: str) -> sheets.Table:
    names = read_names()
    rows = [
        (
            entry.at,
            name_author(entry),
            name_concerned(entry, names),
            str(Event(entry.event).label),
            word_event(entry, names),
            entry.details.get("from", ""),
        )
        for entry in queryset.select_related("author").iterator(chunk_size=2000)
    ]
    return sheets.Table("Journal", [sheets.Column(heading) for heading in _COLUMNS], rows, [note])

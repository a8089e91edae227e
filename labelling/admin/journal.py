"""« Journal »: who did what, where no record shows it. It is read, nothing else."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone

from labelling import text
from labelling.admin.addresses import locate_page
from labelling.admin.doors import ListAdmin
from labelling.admin.filters import WordsFilter
from labelling.choices import Event
from labelling.models import JournalEntry
from labelling.models.base import name_user

# As one says them aloud.
_FORMATS = {"xlsx": "Excel", "ods": "LibreOffice", "csv": "CSV"}
_LATEST = 10


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A download of persons, as it is shown: who, when, what."""

    author: str
    moment: str
    what: str


class EventFilter(WordsFilter):
    title, all_label, parameter_name = "Action", "Toutes les actions", "event"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(event.value), str(event.label)) for event in Event]

    def narrow(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.filter(event=value)


class AuthorFilter(WordsFilter):
    """The persons whom the journal names, if they still have an account."""

    title, all_label, parameter_name = "Personne", "Toutes les personnes", "author"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        named = User.objects.filter(pk__in=JournalEntry.objects.order_by().values("author"))
        people = named.order_by("last_name", "first_name", "pk")
        return [(str(person.pk), name_user(person)) for person in people]

    def narrow(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.filter(author=value)


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


@admin.register(JournalEntry)
class JournalEntryAdmin(ListAdmin):
    """The list of the entries, the last one first; an entry has no page of its own."""

    list_name = "Journal"
    empty_sentence = text.typeset(
        "Rien n’est encore inscrit ici : personne n’a téléchargé de contacts presse."
    )

    actions = None
    list_display = ("moment", "author_label", "action")
    list_display_links = None
    list_filter = (EventFilter, AuthorFilter, PeriodFilter)
    list_per_page = 50
    list_max_show_all = 0
    list_select_related = ("author",)
    show_facets = admin.ShowFacets.NEVER
    empty_value_display = "–"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.changelist_view)
        return [path("", view, name="labelling_journalentry_changelist")]

    @admin.display(description="Quand", ordering="at")
    def moment(self, entry: JournalEntry) -> str:
        return text.short_moment(entry.at)

    @admin.display(description="Qui")
    def author_label(self, entry: JournalEntry) -> str:
        return name_author(entry)

    @admin.display(description="Action")
    def action(self, entry: JournalEntry) -> str:
        return word_event(entry)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        context = {
            "title": self.list_name,
            "subtitle": "Ce qui a été fait et qu’aucune fiche ne montre. Ici, rien ne se modifie "
            "ni ne s’efface.",
            "empty_sentence": self.empty_sentence,
        }
        return super().changelist_view(request, {**context, **(extra_context or {})})


def name_author(entry: JournalEntry) -> str:
    """Who did it, by the name of today; by that of then, if the account is no more."""
    return name_user(entry.author) or entry.author_name or "La ligne de commande"


def word_event(entry: JournalEntry) -> str:
    """What was done, as one says it aloud."""
    return text.typeset(_WORDINGS[Event(entry.event)](entry.details))


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


def locate_downloads(user: Any) -> str:
    """Where the journal holds every download; empty for who may not read it."""
    if not user.has_perm("labelling.view_journalentry"):
        return ""
    return (
        f"{locate_page(JournalEntry, 'changelist')}?{EventFilter.parameter_name}={Event.DOWNLOAD}"
    )


def _word_download(details: dict[str, Any]) -> str:
    """« 3 contacts téléchargés en Excel, recherche « dupont » »."""
    if "told" in details:
        return str(details["told"])
    count = text.counted(details["count"], "contact téléchargé", "contacts téléchargés")
    searched = details.get("searched")
    parts = [
        f"{count} en {_FORMATS[details['format']]}",
        *details.get("filters", ()),
        f"recherche « {searched} »" if searched else "",
        "lignes cochées seulement" if details.get("is_ticked") else "",
        "avec toutes les fiches" if details.get("is_whole_base") else "",
    ]
    return ", ".join(filter(None, parts))


_WORDINGS: dict[Event, Callable[[dict[str, Any]], str]] = {Event.DOWNLOAD: _word_download}

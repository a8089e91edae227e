"""What narrows the list of the waves."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from labelling.admin.filters import WordsFilter


class ReleaseFilter(WordsFilter):
    """The waves whose release one waits for."""

    title, all_label, parameter_name = "Communiqué", "Toutes les vagues", "release"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("none", "Manquant")]

    def narrow(self, queryset: Any, value: str) -> QuerySet[Any]:
        return queryset.awaiting_release(timezone.localdate())


# What an address asks it for.
AWAITING_RELEASE = {ReleaseFilter.parameter_name: "none"}

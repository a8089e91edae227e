"""Releases found by their title; that of a draft may follow the records, and is stored nowhere."""

from typing import Any

from django.db.models import Prefetch, Q

from labelling import text
from labelling.models import LabellingWave, PressRelease
from labelling.models.base import LONGEST_SEARCH
from labelling.models.record_sets import make_condition
from labelling.press_release.composition import word_title


def find_releases(releases: Any, query: str) -> Any:
    """Those that `query` finds, with the drafts whose title has its words as lists show it."""
    words = text.search_words(query)
    if not words or len(query) > LONGEST_SEARCH:
        return releases.matching(query)
    condition = make_condition(query, PressRelease)
    return releases.filter(condition | Q(pk__in=_list_drafts(words)))


def _list_drafts(words: list[str]) -> list[int]:
    """The keys of the drafts in whose title, name or wave each word begins one."""
    drafts = PressRelease.objects.drafts().filter(own_title="").select_related("corrects")
    waves = Prefetch("wave", LabellingWave.objects.with_counts())
    found = []
    for draft in drafts.prefetch_related(waves):
        title = text.search_key(word_title(draft))
        told = f" {draft.search_key} {draft.wave.search_key} {title}"
        if all(f" {word}" in told for word in words):
            found.append(draft.pk)
    return found
